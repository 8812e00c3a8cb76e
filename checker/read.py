"""Reads files and folders into pages: finds the documents, names them, and says of each that cannot be read why not."""

import errno
import glob
import hashlib
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl

from checker.compressed import inner, unpacked
from checker.config import Config
from checker.counterparts import by_suffix, counterpart, forget
from checker.errors import InputError, NothingToCheck
from checker.registry import components
from checker.tables import PAGES, WRITTEN

STDIN = Path("-")

# Documents that are held as Python's objects, before they are rows of a table.
_TOGETHER = 1_000

_HEAD = 1_000
SETTINGS_FILES = ("checker.toml", "pyproject.toml")
# A run's own tables are no input, wherever an earlier run left them.
TABLE_FILES = frozenset(f"{table.name}{suffix}" for table in WRITTEN for suffix in (".parquet", ".csv"))


@dataclass(frozen=True)
class File:
    """A file to read. `named`: the user asked for this very file, so that it must be readable."""

    path: Path
    doc: str
    role: str | None = None
    named: bool = False
    problem: str | None = None
    """Why there is nothing to read at this path, found while listing."""
    real: str | None = None
    """The path without links, where listing has found it."""
    partner: Path | None = None
    """The file of the originals, of a file that holds one language and is read with it."""
    lang: str | None = None
    """The language that the names of the two say."""
    content: bytes | None = field(default=None, repr=False)
    """Its bytes, where they were not read from a file."""


def read(config: Config) -> pl.DataFrame:
    """The documents at `config.paths` and `config.originals`, as `tables.PAGES`; beside the texts, one file at a time is in memory.

    Raises `InputError` for a path that is not there and for a file named by the user that cannot be read; a file in a folder that
    cannot be read is a row with the reason.
    """
    rows = (row for file in list_files(config) for row in read_file(file, config))
    return PAGES.conform(pl.concat(to_pages(part) for part in iter(lambda: [*islice(rows, _TOGETHER)], [])))


def to_pages(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """`tables.PAGES` of the rows of some files."""
    columns = [_column(name, dtype, [row.get(name) for row in rows]) for name, dtype in PAGES.schema.items()]
    return PAGES.conform(pl.DataFrame(columns))


def _column(name: str, dtype: pl.DataType, values: list[Any]) -> pl.Series:
    """The values as a column; struct series become lists as they are: polars would make a dictionary of each of their rows."""
    series = {row: value for row, value in enumerate(values) if isinstance(value, pl.Series)}
    if not series or not isinstance(dtype, pl.List):
        return pl.Series(name, values, dtype=dtype)
    flat = pl.concat([value.cast(dtype.inner).rename(name) for value in series.values()])
    rows = np.repeat([*series], [len(value) for value in series.values()])
    lists = flat.to_frame().with_columns(row=pl.Series(rows)).group_by("row").agg(name)
    known = pl.DataFrame({"row": [*series]}).join(lists, on="row", how="left").with_columns(pl.col(name).fill_null([]))
    return pl.DataFrame({"row": range(len(values))}).join(known, on="row", how="left", maintain_order="left")[name]


def check_any(pages: pl.DataFrame) -> None:
    """Raises `NothingToCheck` where no document could be read, with the first reasons."""
    if not (pages["status"] == "ok").any():
        reasons = "; ".join(f"{doc}: {reason}" for doc, reason in pages.select("doc", "reason").head(3).iter_rows())
        raise NothingToCheck(f"no document could be read ({reasons})")


def list_files(config: Config) -> list[File]:
    """Every file to read, once, sorted by the name of its document; raises `NothingToCheck` if there is none."""
    given = sorted(_expanded(config.paths), key=lambda path: (path.is_symlink(), _absolute(path)))
    root = _root(given)
    tops = [(path, _below(root, path)) for path in given]
    if config.originals is not None:
        tops.append((config.originals, _originals_name(root, config.originals)))
    walk = _Walk(config)
    found = [file for path, name in tops for file in walk.top(path, name)]
    if STDIN in config.paths:
        found.append(_of_stdin(config))
    wanted = [file for file in found if not any(fnmatchcase(file.doc, pattern) for pattern in config.exclude)]
    once = _partnered(_once(wanted), config.original_lang)
    if not once:
        where = ", ".join(_plain(path) for path in config.paths) or None
        suffixes = " ".join(sorted(_by_suffix()))
        raise NothingToCheck("no document in the input", where=where, remedy=f"read are {suffixes}, and any file that is named")
    return sorted((_with_role(file, config) for file in once), key=lambda file: file.doc)


def _expanded(paths: Iterable[Path]) -> list[Path]:
    """The paths but for stdin, patterns such as `pages/**/*.html` replaced by what they fit; a file of that name comes first."""
    found = []
    for path in paths:
        if path != STDIN:
            is_pattern = re.search(r"[*?\[]", str(path)) is not None and not os.path.lexists(path)
            names = glob.glob(str(path), recursive=True) if is_pattern else [path]  # noqa: PTH207 - pathlib refuses absolute ones
            fitting = sorted(map(Path, names))
            if not fitting:
                raise InputError("fits no file", where=_plain(path), remedy="`**` stands for any folders")
            found += fitting
    return found


def _of_stdin(config: Config) -> File:
    """What stdin holds, under the name that the settings give it: its suffix tells the format."""
    content = sys.stdin.buffer.read(config.max_bytes + 1)
    is_page = re.match(rb"\s*<(?:!doctype\s+html|html)\b", content[:_HEAD], re.IGNORECASE) is not None
    name = config.stdin_name or ("stdin.html" if is_page else "stdin.txt")
    return File(Path(name), _doc(Path(name).name), named=True, content=content)


def read_file(file: File, config: Config) -> list[dict[str, Any]]:
    """The rows of one file; if it cannot be read, one row that says why, or `InputError` if the user named it."""
    common = _common(file)
    try:
        content = _content(file, config.max_bytes)
        common["sha256"] = hashlib.sha256(content).hexdigest()
        rows = [{**common, **row} for row in _rows(file, content, config)]
        rows = _checked(rows, config.max_line)
    except InputError as error:
        if file.named:
            where = f"{common['path']}:{error.where}" if error.where else common["path"]
            raise InputError(error.problem, where=where, remedy=error.remedy) from error
        return [skipped(file, _reason(error), sha256=common["sha256"])]
    return [{**row, "doc": _part(file.doc, row.get("part", "")), "original": _part(file.doc, row["original"])} for row in rows]


def _rows(file: File, content: bytes, config: Config) -> list[dict[str, Any]]:
    """What the format makes of a file, and of its partner if it has one."""
    _, module = _format(file.path)
    text, suffix = unpacked(content, file.path, config.max_bytes), inner(file.path)
    if file.partner is None:
        rows: list[dict[str, Any]] = module.read(text, suffix, config)
        return rows
    try:
        packed = _content(replace(file, path=file.partner, content=None), config.max_bytes)
        original = unpacked(packed, file.partner, config.max_bytes)
    except InputError as error:
        raise InputError(f"its original, {file.partner.name}, {error.problem}", remedy=error.remedy) from error
    rows = module.read_pair(text, original, suffix, config)
    own = {"path": _plain(file.partner), "sha256": hashlib.sha256(packed).hexdigest(), "lang": config.original_lang}
    return [{**row, **(own if row["role"] == "original" else {"lang": file.lang})} for row in rows]


def skipped(file: File, reason: str, sha256: str | None = None) -> dict[str, Any]:
    """The row of a file that could not be read."""
    return {**_common(file), "doc": file.doc, "sha256": sha256, "status": "skipped", "reason": reason}


def _common(file: File) -> dict[str, Any]:
    """What the rows of a file have in common before it is opened."""
    name, _ = _format(file.path)
    return {"path": _plain(file.path), "format": name, "sha256": None, "role": file.role, "status": "ok", "original": None}


def _part(doc: str, part: str | None) -> str | None:
    return None if part is None else f"{doc}#{part}" if part else doc


def _reason(error: InputError) -> str:
    remedy = f" ({error.remedy})" if error.remedy else ""
    return (f"line {error.where}: " if error.where else "") + error.problem + remedy


# Formats


@cache
def _by_suffix() -> dict[str, str]:
    """Suffix to the name of the format that reads it."""
    modules = components("formats").items()
    return {suffix: name for name, module in modules if hasattr(module, "read") for suffix in getattr(module, "SUFFIXES", ())}


@cache
def _of_one_language() -> dict[str, str]:
    """Suffix of files that are read with a counterpart to the name of the format that reads them."""
    return {suffix: name for name, module in components("formats").items() for suffix in getattr(module, "PAIRED", ())}


def _is_read(path: Path) -> bool:
    """True for a file in a folder that a format reads, or may if it has a counterpart."""
    suffix = inner(path)
    name = _by_suffix().get(suffix) or _of_one_language().get(suffix)
    looks = getattr(components("formats")[name], "looks", None) if name else None
    return by_suffix(path) if name is None else looks is None or looks(path)


def _partnered(files: list[File], original_lang: str) -> list[File]:
    """The files, those of one language with their counterparts; what has none is left out, if it was not named."""
    found = []
    forget()
    for file in files:
        lone = inner(file.path) in _of_one_language()
        if not lone and (inner(file.path) in _by_suffix() or not by_suffix(file.path)):
            found.append(file)
            continue
        other = counterpart(Path(_absolute(file.path)), original_lang)
        if other is not None:
            found.append(replace(file, partner=_shortened(other[0], file), lang=other[1]))
        elif file.named:
            found.append(file)
    partners = {os.path.realpath(file.partner) for file in found if file.partner}
    return [file for file in found if file.partner or not file.named or _real_of(file) not in partners]


def _shortened(partner: Path, file: File) -> Path:
    """The path of a partner as the user would open it."""
    return Path(os.path.relpath(partner)) if not file.path.is_absolute() else partner


def _format(path: Path) -> tuple[str, ModuleType]:
    name = _of_one_language().get(inner(path)) or _by_suffix().get(inner(path), "text")
    return name, components("formats")[name]


# One file


def _content(file: File, max_bytes: int) -> bytes:
    """The bytes of a file that is neither empty nor too large; nothing but a file is opened, for opening a pipe waits for ever."""
    if file.problem:
        raise InputError(file.problem)
    content = _bytes(file, max_bytes) if file.content is None else file.content
    if len(content) > max_bytes:
        raise _too_large(max_bytes, "it grows while it is read" if file.content is None else "stdin goes on")
    if not content:
        raise InputError("is empty")
    return content


def _bytes(file: File, max_bytes: int) -> bytes:
    try:
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"is {_kind(status.st_mode)}, not a file")
        if status.st_size > max_bytes:
            raise _too_large(max_bytes, f"it has {status.st_size:,} bytes")
        with file.path.open("rb") as stream:
            return stream.read(max_bytes + 1)
    except OSError as error:
        raise InputError(_plainly(error, file.path)) from error


def _too_large(max_bytes: int, finding: str) -> InputError:
    return InputError(f"is larger than {max_bytes:,} bytes: {finding}", remedy="raise max_bytes to read it all the same")


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _plainly(error: OSError, path: Path) -> str:
    """What the operating system says, in words for a reader of the table."""
    if error.errno == errno.ENOENT and path.is_symlink():
        return "is a symbolic link to something that does not exist"
    words = {
        errno.ENOENT: "vanished before it could be read",
        errno.ENOTDIR: "vanished before it could be read",
        errno.EACCES: "cannot be read: permission denied",
        errno.EPERM: "cannot be read: permission denied",
        errno.ELOOP: "is a symbolic link that leads in a circle",
    }
    return words.get(error.errno or 0, f"cannot be read: {(error.strerror or str(error)).lower()}")


def _checked(rows: list[dict[str, Any]], max_line: int) -> list[dict[str, Any]]:
    """The rows of a file; of an archive of pages each is judged by itself, and one that is bad is skipped."""
    if not all("part" in row and "cells" not in row for row in rows):
        _check(rows, max_line)
        return rows
    return [{**_checked_page(row, max_line), "path": f"{row['path']}#{row['part']}"} for row in rows]


def _checked_page(row: dict[str, Any], max_line: int) -> dict[str, Any]:
    if row["status"] == "skipped":
        return row
    try:
        _check([row], max_line)
    except InputError as error:
        return {**row, "text": None, "anchors": None, "main": None, "marks": None, "status": "skipped", "reason": _reason(error)}
    return row


def _check(rows: list[dict[str, Any]], max_line: int) -> None:
    """Raises `InputError` for rows without a word, with a NUL, or with a line that no later stage should meet."""
    if not any(row["text"].strip() for row in rows):
        raise InputError("holds no text, only white space")
    for row in rows:
        nul = row["text"].find("\0")
        if nul >= 0:
            problem, remedy = f"has a NUL character at offset {nul}", "is it a binary file, or UTF-16?"
            raise InputError(problem, where=_line(row, nul), remedy=remedy)
        long = _long_line(row["text"], max_line)
        if long is not None:
            problem, remedy = f"has a line of more than {max_line:,} characters", "raise max_line to read it all the same"
            raise InputError(problem, where=_line(row, long), remedy=remedy)


def _long_line(text: str, limit: int) -> int | None:
    if len(text) <= limit:
        return None
    lines = re.finditer(r"[^\r\n]+", text)
    return next((line.start() for line in lines if line.end() - line.start() > limit), None)


def _line(row: dict[str, Any], offset: int) -> str:
    """The line of the file that an offset is in."""
    anchors: pl.DataFrame = row["anchors"].struct.unnest()
    return str(anchors.filter(pl.col("offset") <= offset)["line"].last())


# Names


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - `Path.absolute` keeps `..`


def _root(paths: Iterable[Path]) -> Path:
    """The folder that names are below: the folder given, or the common parent of what is given."""
    folders = [_absolute(path) if path.is_dir() else _absolute(path).parent for path in paths]
    return Path(os.path.commonpath(folders)) if folders else _absolute(Path())


def _below(root: Path, path: Path) -> str:
    below = _absolute(path).relative_to(root)
    return "" if below == Path() else below.as_posix()


def _originals_name(root: Path, originals: Path) -> str:
    absolute = _absolute(originals)
    if absolute.is_relative_to(root):
        return _below(root, originals)
    return absolute.name if originals.is_dir() else f"{absolute.parent.name}/{absolute.name}"


def _plain(name: str | os.PathLike[str]) -> str:
    """A name as text; bytes in it that are not UTF-8 become `\\xNN`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _doc(name: str) -> str:
    """The name of a document: composed (NFC), for file systems differ in what they keep."""
    return unicodedata.normalize("NFC", _plain(name))


def _with_role(file: File, config: Config) -> File:
    """`original` for what lies in the folder of the originals, unless a folder of versions lies in it, too, and nearer."""
    if config.originals is None:
        return file
    originals, path = _real(config.originals), Path(_real_of(file))
    folders = [folder for folder in map(_real, config.paths) if folder.is_dir() and folder != originals]
    nearer = any(folder.is_relative_to(originals) and path.is_relative_to(folder) for folder in folders)
    return replace(file, role="original" if path.is_relative_to(originals) and not nearer else "version")


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _real_of(file: File) -> str:
    return file.real or os.path.realpath(file.path)


def _once(files: list[File]) -> list[File]:
    """One entry for each file, under its own name rather than a link's; raises `InputError` if two files share a name."""
    chosen: dict[str, File] = {}
    for file in sorted(files, key=lambda file: (_real_of(file) != os.path.abspath(file.path), file.doc)):  # noqa: PTH100
        first = chosen.setdefault(_real_of(file), file)
        if file.named and not first.named:
            chosen[_real_of(file)] = replace(first, named=True)
    owners: dict[str, File] = {}
    for file in chosen.values():
        first = owners.setdefault(file.doc, file)
        if first is not file:
            problem = f"two files would be the document {file.doc!r}: {_plain(first.path)} and {_plain(file.path)}"
            raise InputError(problem, remedy="rename one, or give a folder that holds both")
    return list(chosen.values())


# The walk


class _Walk:
    """Lists folders, each once, whatever links lead to it; real folders before linked ones, so that links name little."""

    def __init__(self, config: Config) -> None:
        self.visited: set[tuple[int, int]] = set()
        self.left_out = {os.path.realpath(path) for path in (config.memory, config.verdicts, config.out) if path is not None}
        if len(config.paths) == 1:  # the one thing to check cannot be what is left out
            self.left_out.discard(os.path.realpath(config.paths[0]))

    def top(self, path: Path, name: str) -> Iterator[File]:
        """What the user gave: a folder, or a file, which is read whatever its suffix."""
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            problem = "no such file or folder" if error.errno in (errno.ENOENT, errno.ENOTDIR) else _plainly(error, path)
            raise InputError(problem, where=_plain(path)) from error
        if os.path.realpath(path) in self.left_out or path.name in SETTINGS_FILES:
            return
        if is_folder:
            yield from self._below(File(path, name, named=True))
        else:
            yield File(path, _doc(name), named=True)

    def _below(self, top: File) -> Iterator[File]:
        """The files in a folder and the folders in it."""
        real, linked = [top], list[File]()
        while real or linked:
            folder = real.pop() if real else linked.pop(0)
            try:
                entries = self._entries(folder.path)
            except OSError as error:
                if folder.named:
                    raise InputError(_plainly(error, folder.path), where=_plain(folder.path)) from error
                yield replace(folder, doc=_doc(folder.doc), problem=_plainly(error, folder.path))
                continue
            for entry, place in entries:
                found = File(Path(entry.path), f"{folder.doc}/{entry.name}" if folder.doc else entry.name, real=place)
                kind = _entry_kind(entry)
                if kind == "folder":
                    (linked if entry.is_symlink() else real).append(found)
                elif kind == "circle":
                    yield replace(found, doc=_doc(found.doc), problem="is a symbolic link that leads in a circle")
                elif _is_read(found.path):
                    yield replace(found, doc=_doc(found.doc))

    def _entries(self, folder: Path) -> list[tuple["os.DirEntry[str]", str]]:
        """What is in a folder, sorted, with its path without links; less what is hidden, what is no input, and everything if the
        folder was seen before.
        """
        status = folder.stat()
        if (status.st_dev, status.st_ino) in self.visited:
            return []
        self.visited.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        tables = TABLE_FILES if any(entry.name == "run.json" for entry in entries) else frozenset[str]()
        shown = [entry for entry in entries if not entry.name.startswith(".") and entry.name not in SETTINGS_FILES]
        inside = os.path.realpath(folder)
        placed = [
            (entry, os.path.realpath(entry.path) if entry.is_symlink() else os.path.join(inside, entry.name))  # noqa: PTH118
            for entry in shown
            if entry.name not in tables
        ]
        return [(entry, place) for entry, place in placed if place not in self.left_out]


def _entry_kind(entry: "os.DirEntry[str]") -> str:
    try:
        return "folder" if entry.is_dir() else "file"
    except OSError:  # the one error that `is_dir` does not turn into False: too many links
        return "circle"
