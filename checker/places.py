"""Files here and elsewhere: paths, and addresses of what pyarrow opens (s3://, gs://, abfs://, hdfs://) or fsspec does.

What is written appears as a whole: renamed into its place where names can change, and in a store of objects as objects are.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from checker.errors import InputError, RunError

# Stores in which an object appears when it is whole, and renaming is copying.
_OBJECTS = ("s3", "gcs", "abfs")

_BLOCK = 1 << 22


def remote(address: str) -> bool:
    """Whether it is an address and not a path here."""
    return "://" in address


def below(folder: str, name: str) -> str:
    """The address of what is named so in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def name_of(address: str) -> str:
    """The last part of an address."""
    return PurePosixPath(address).name


def beside(folder: str, ending: str) -> str:
    """A hidden folder beside another, named for it."""
    above, _, name = folder.rstrip("/").rpartition("/")
    if not name or above.endswith("/"):
        raise RunError("is no folder, but all there is", where=folder, remedy="name a folder in it")
    return f"{above}/.{name}{ending}"


def listed(address: str, suffixes: Sequence[str]) -> list[str]:
    """The files that an address names: itself, those of its folder that end so, or those that fit its pattern; sorted.

    Raises `InputError` where there is none.
    """
    found = _elsewhere(address, suffixes) if remote(address) else _here(address, suffixes)
    if not found:
        raise InputError("no file is named so", where=address, remedy=f"name files, folders or patterns of {' '.join(suffixes)}")
    return sorted(found)


def _here(address: str, suffixes: Sequence[str]) -> list[str]:
    path = Path(address).absolute()
    if path.is_file():
        return [str(path)]
    matched = path.iterdir() if path.is_dir() else Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    return [str(file) for file in matched if file.is_file() and (not path.is_dir() or _shown(file.name, suffixes))]


def _elsewhere(address: str, suffixes: Sequence[str]) -> list[str]:
    with _told(address) as (files, path):
        from pyarrow import fs  # noqa: PLC0415 -- an extra, which `_opened` asked for

        if files.get_file_info(path).type == fs.FileType.File:
            return [address]
        folder, pattern = (path, "*") if not any(sign in path for sign in "*?[") else path.rsplit("/", 1)
        infos = files.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        names = [info.base_name for info in infos if info.type == fs.FileType.File and fnmatchcase(info.base_name, pattern)]
        above = address if folder == path else address.rsplit("/", 1)[0]
    return [below(above, name) for name in names if pattern != "*" or _shown(name, suffixes)]


def _shown(name: str, suffixes: Sequence[str]) -> bool:
    return not name.startswith((".", "_")) and name.lower().endswith(tuple(suffixes))


def fetched(address: str, folder: Path) -> Path:
    """The file here: itself, or its copy in the folder. Raises `InputError`."""
    if not remote(address):
        return Path(address)
    copy = folder / name_of(address)
    with _told(address) as (files, place), files.open_input_stream(place) as content, copy.open("wb") as file:
        shutil.copyfileobj(content, file, _BLOCK)
    return copy


def put(file: Path, address: str) -> None:
    """Moves a file to its address, over what is there. Raises `RunError`."""
    if not remote(address):
        file.replace(address)
        return
    with _told(address, writes=True) as (files, place):
        whole = place if files.type_name in _OBJECTS else str(PurePosixPath(place).with_name(f".{name_of(place)}.new"))
        with file.open("rb") as content, files.open_output_stream(whole) as stream:
            shutil.copyfileobj(content, stream, _BLOCK)
        if whole != place:
            files.move(whole, place)


def size(address: str) -> int | None:
    """Bytes of a file; None where there is none."""
    if not remote(address):
        path = Path(address)
        return path.stat().st_size if path.is_file() else None
    with _told(address) as (files, place):
        found: int | None = files.get_file_info(place).size
        return found


def content(address: str) -> bytes | None:
    """What is in a small file; None where there is none."""
    if size(address) is None:
        return None
    if not remote(address):
        return Path(address).read_bytes()
    with _told(address) as (files, path), files.open_input_stream(path) as stream:
        return bytes(stream.read())


def made(folder: str) -> None:
    """Makes a folder, if it is none yet. Raises `RunError`."""
    if remote(folder):
        with _told(folder, writes=True) as (files, path):
            if files.type_name not in _OBJECTS:  # where the folder of an object is but its name
                files.create_dir(path, recursive=True)
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot be made: {error.strerror or error}", where=folder) from error


def emptied(folder: str) -> None:
    """Removes what is in a folder, if there is one."""
    if remote(folder):
        with _told(folder, writes=True) as (files, path):
            files.delete_dir_contents(path, missing_dir_ok=True)
        return
    for left in Path(folder).glob("*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


@contextmanager
def _told(address: str, *, writes: bool = False) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the path in it; what goes wrong there is told with the address."""
    kind, verb = (RunError, "written") if writes else (InputError, "read")
    try:
        yield _opened(address)
    except (OSError, ValueError, ImportError) as error:  # what pyarrow raises is one of these, too
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise kind(f"cannot be {verb}: {said}", where=address) from error


def _opened(address: str) -> tuple[Any, str]:
    try:
        from pyarrow import fs  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError as error:
        raise RunError("needs pyarrow", where=address, remedy="pip install 'checker[remote]'") from error
    try:
        files, path = fs.FileSystem.from_uri(address)
    except ValueError:  # none of its own; fsspec knows more, if it is installed
        from fsspec.core import url_to_fs  # noqa: PLC0415 -- comes with some extras

        files, path = url_to_fs(address)
        files = fs.PyFileSystem(fs.FSSpecHandler(files))
    return files, path
