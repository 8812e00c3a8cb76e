"""Archives of Argos packages, which are not trusted: read to their end in a hidden folder before anything else is touched."""

import fcntl
import hashlib
import io
import os
import re
import shutil
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from checker import packages
from checker.errors import EngineError, InputError, RunError, not_written
from checker.index import TAG, Offer

_BLOCK = 1 << 18


@dataclass(frozen=True)
class Installed:
    """A package that was put in place."""

    package: packages.Package
    sha256: str
    """Of the archive."""
    replaced: str | None
    """What was in its folder before: a version, or that it was broken; None if there was nothing, or the same."""
    same: bool
    """Whether the very same package was there already, which then was left alone."""


_LARGEST_UNPACKED = 8 << 30

_LARGEST_METADATA = 1 << 20

# A package holds 6 or 7 files, with a sentence splitter some more. Its weights deflate to 0.9 of their size, its vocabulary to 0.2,
# zeros to 0.001.
_MEMBERS = 10_000

_LONGEST_NAME = 500

_RATIO = 100

_ALWAYS_ALLOWED = 16 << 20

# Bytes of an archive's table of contents: ten times what `_MEMBERS` files with usual names take. It is read as a whole.
_LARGEST_CONTENTS = 16 << 20

_MB = 1_000_000

_WORK = ".checker-"


class Archive(io.FileIO):
    """A file that is not read in one piece beyond what a table of contents may take: zipfile would take gigabytes for one."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_CONTENTS:
            raise zipfile.BadZipFile(f"its table of contents has {size:,} bytes")
        return super().read(size) or b""


def opened(path: Path, name: str) -> Archive:
    try:
        return Archive(path)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=name) from error


def sha256_of(file: Archive) -> str:
    sums = hashlib.sha256()
    while block := file.read(_BLOCK):
        sums.update(block)
    return sums.hexdigest()


def placed(file: Archive, name: str, place: Path, sha256: str, offer: Offer | None) -> Installed:
    """Unpacks an archive into a hidden folder, looks whether it is a package, and moves it into place."""
    try:
        with zipfile.ZipFile(file) as archive, workplace(place) as work:
            members, size = archive.infolist(), os.fstat(file.fileno()).st_size
            top = _checked(members, size)
            _unpack(archive, members, work, size)
            package = _validated(work / top, offer)
            replaced, same = _put(package, place, work)
    except InputError as error:
        raise InputError(error.problem, where=name, remedy=error.remedy) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError) as error:
        remedy = "it was cut short or damaged, or is not an .argosmodel: get it again"
        raise InputError(f"is not a whole zip archive: {error}", where=name, remedy=remedy) from error
    packages.digest.cache_clear()  # it goes by the folder's name, which may hold another model now
    return Installed(replace(package, folder=place / top), sha256, replaced, same)


@contextmanager
def workplace(place: Path) -> Iterator[Path]:
    """A hidden folder within the folder of packages, which one process at a time works in; what a killed one left is cleared."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = os.open(place, os.O_RDONLY)
    except OSError as error:
        raise not_written(error, place) from error
    try:
        with suppress(OSError):  # some network filesystems have no locks: then nobody knows whose leftovers are in use
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in place.glob(f"{_WORK}*"):
                _clear(left)
        work = Path(tempfile.mkdtemp(prefix=_WORK, dir=place))
        try:
            yield work
        finally:
            _clear(work)
    except OSError as error:
        raise not_written(error, place) from error
    finally:
        os.close(lock)


def _clear(work: Path) -> None:
    """Takes a hidden folder away, and puts back what was moved into it and then not replaced."""
    for old in (work / "old").glob("*"):
        if not os.path.lexists(work.parent / old.name):
            old.rename(work.parent / old.name)
    shutil.rmtree(work, ignore_errors=True)


def _checked(members: Sequence[zipfile.ZipInfo], size: int) -> str:
    """The one top folder of an archive; raises `InputError` for what no package has and an attack may."""
    if len(members) > _MEMBERS:
        raise InputError(f"holds {len(members):,} files, expected at most {_MEMBERS:,}")
    for member in members:
        if problem := _wrong(member):
            raise InputError(f"holds {member.orig_filename[:200]!r}, which {problem}", remedy="not installed: no package has that")
    _distinct([member.filename for member in members])
    tops = sorted({member.filename.split("/")[0] for member in members})
    loose = [member.filename for member in members if "/" not in member.filename]
    if len(tops) != 1 or loose or tops[0].startswith("."):
        raise InputError(f"holds {', '.join(map(repr, tops[:5])) or 'nothing'} at its top, expected one folder that is not hidden")
    _bounded(sum(member.file_size for member in members), size)
    return tops[0]


def _wrong(member: zipfile.ZipInfo) -> str | None:
    """What is wrong with a member of an archive, None if nothing."""
    name, kind = member.orig_filename, stat.S_IFMT(member.external_attr >> 16)
    parts = name.removesuffix("/").split("/")
    checks = {
        "has control characters in its name": any(unicodedata.category(char)[0] == "C" for char in name),
        "has a backslash or a drive in its name": "\\" in name or re.match(r"[A-Za-z]:", name) is not None,
        "leads out of its folder": any(part in ("", ".", "..") for part in parts),
        f"has more than {_LONGEST_NAME} characters": len(name) > _LONGEST_NAME,
        "is a link or a device": kind not in (0, stat.S_IFREG, stat.S_IFDIR),
        "begins before the archive does": member.header_offset < 0,
        "is encrypted": bool(member.flag_bits & 1),
        "is neither stored nor deflated": member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        "has more than 1 MB": parts[-1] == "metadata.json" and member.file_size > _LARGEST_METADATA,
    }
    return next((problem for problem, is_so in checks.items() if is_so), None)


def _distinct(names: Sequence[str]) -> None:
    """Raises `InputError` if two files would be one on some filesystem, or a file is a folder too."""
    same = Counter(unicodedata.normalize("NFC", name).casefold() for name in names)
    twice = [name for name, count in same.items() if count > 1]
    files = {name for name in same if not name.endswith("/")}
    both = [folder for name in same for folder in _parents(name) if folder in files]
    if twice or both:
        raise InputError(f"holds {(twice or both)[0]!r} twice", remedy="not installed: no package has that")


def _parents(name: str) -> list[str]:
    parts = name.removesuffix("/").split("/")
    own = ["/".join(parts)] if name.endswith("/") else []
    return own + ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _bounded(unpacked: int, size: int) -> None:
    if unpacked > _LARGEST_UNPACKED:
        raise InputError(f"unpacks to more than {_LARGEST_UNPACKED:,} bytes", remedy="not installed: no package is as large")
    if unpacked > max(_RATIO * size, _ALWAYS_ALLOWED):
        raise InputError(f"unpacks to {_RATIO} times its size and more", remedy="not installed: no package compresses so well")


def _unpack(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], work: Path, size: int) -> None:
    """Writes the files, counting what really comes out of them: headers may lie."""
    declared, free = sum(member.file_size for member in members), shutil.disk_usage(work).free
    if declared > free:
        problem = f"needs {declared / _MB:,.0f} MB, and {free / _MB:,.0f} MB are free"
        raise RunError(problem, where=str(work.parent), remedy="make room there, and run the same command again")
    written = 0
    for member in members:
        path = work / member.filename
        (path if member.is_dir() else path.parent).mkdir(parents=True, exist_ok=True)
        if member.is_dir():
            continue
        with archive.open(member) as packed, path.open("xb") as file:
            while block := packed.read(_BLOCK):
                written += len(block)
                _bounded(written, size)
                file.write(block)


def _validated(folder: Path, offer: Offer | None) -> packages.Package:
    """The package that was unpacked; raises `InputError` if it is not whole, or not the one that the index had promised."""
    try:
        package = packages.read(folder)
    except EngineError as error:
        raise InputError(error.problem, remedy="not installed: it is no whole package") from error
    except RecursionError as error:
        raise InputError("has a metadata.json nested beyond reason", remedy="not installed: it is no whole package") from error
    if package is None:
        raise InputError("is not a translation package", remedy="only those are used")
    codes = package.from_code, package.to_code
    if not all(map(TAG.fullmatch, codes)):
        raise InputError(f"says that it translates {codes[0][:20]!r} to {codes[1][:20]!r}, expected codes of languages")
    if offer and codes != (offer.from_code, offer.to_code):
        promised = f"{offer.from_code}→{offer.to_code}"
        raise InputError(f"translates {codes[0]}→{codes[1]}, and the index had said {promised}", remedy="not installed")
    return package


def _put(package: packages.Package, place: Path, work: Path) -> tuple[str | None, bool]:
    """Moves a package into place; what was there before, and whether that was the same."""
    there = place / package.folder.name
    before = _before(there)
    if isinstance(before, packages.Package) and packages.digest(before) == packages.digest(package):
        return None, True
    if before is None:
        package.folder.rename(there)
        return None, False
    (work / "old").mkdir()
    there.rename(work / "old" / there.name)
    package.folder.rename(there)  # if not, `_clear` puts the old one back
    return (before.version if isinstance(before, packages.Package) else before), False


def _before(there: Path) -> packages.Package | str | None:
    """The package in a folder, or that there is something else; None if there is nothing."""
    try:
        return packages.read(there) or "another kind of package"
    except EngineError:
        return "a broken package" if os.path.lexists(there) else None
