"""The rows of tables of any size, slice by slice: each is found once, checked, and then read by whoever has a use for it.

`opened` goes through the files from end to end, holding some rows at a time: what cannot be read is told before any work is done.
A text file that is not UTF-8, or that is piped in, is first copied as UTF-8. A slice is some thousand rows, fewer if they are long,
and is read by itself.
"""

import codecs
import csv
import hashlib
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import polars as pl

from checker import units
from checker.config import Config
from checker.encoding import BOMS, decode
from checker.errors import InputError, NothingToCheck
from checker.formats.table import JSON_LINES, SUFFIXES, columns_of, even, parsed, records, separator, tab_separated
from checker.json_types import joined, series, settled, type_of

STDIN = Path("-")

# Rows and bytes of a slice. 100,000 pairs took two cores 33 s in slices of 5,000 or 10,000, and 40 s in slices of 20,000, of which
# the last is waited for. The bytes bound the memory where texts are long.
ROWS, BYTES = 5_000, 16_000_000

# Characters of the longest line or cell that is read: what is longer is no row of a table, but a file of another kind.
LONGEST = 16_000_000

# Rows of a Parquet file whose bytes are summed together, for slices to be cut between them.
_STEP = 20

# Bytes by which an encoding is told, where it is not UTF-8.
_SAMPLE = 1_000_000

_BLOCK = 1 << 22


@dataclass(frozen=True)
class File:
    """A file of a table: what is read, by what name the user knows it, where a copy of it goes, and how its cells are parted."""

    path: Path
    shown: str
    copy: Path
    dialect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A table in files of one kind: its columns, which of them are the original and the version, and the digest of its content."""

    kind: str
    files: tuple[File, ...]
    schema: pl.Schema
    original: str
    version: str
    digest: str


class Span(NamedTuple):
    """Where some rows lie in their file (bytes; rows of Parquet), and how many they are."""

    begin: int
    end: int
    rows: int


class Slice(NamedTuple):
    """Rows next to each other: which of the slices they are, in which file, where in it, and behind how many rows of the table."""

    number: int
    file: int
    span: Span
    row: int


Types = Mapping[str, pl.DataType | None]
Found = tuple[File, Types, list[Span]]
"""A file as it is to be read, its columns (for JSON, see `json_types`), and its rows."""


def opened(paths: Sequence[Path], config: Config, folder: Path, most: int = ROWS) -> tuple[Source, list[Slice]]:
    """The table in the files and its slices of at most so many rows; `folder` takes the copies of what must be copied.

    A path may be a pattern, such as `shards/*.parquet`, or `-`, the standard input. Raises `InputError` with the path, and the row
    where it is one that is wrong; `NothingToCheck` if there are no rows.
    """
    source, slices = found(paths, config, folder, most)
    if not slices:
        raise NothingToCheck("has no rows", where=source.files[0].shown)
    return source, slices


def found(paths: Sequence[Path], config: Config, folder: Path, most: int = ROWS) -> tuple[Source, list[Slice]]:
    """What `opened` gives, of a table that may have no rows."""
    files = [_at_hand(path, folder / f"copy-{number}") for number, path in enumerate(_listed(paths))]
    kind = _kind(files, config.stdin_name)
    indexed = [_indexed(file, kind, most) for file in files]
    schema = _common(kind, indexed)
    with _told(files[0].shown, kind):
        columns = _of_text(schema, columns_of(schema.names(), config))
    digest = hashlib.sha256("\n".join(map(_digest, files)).encode()).hexdigest()
    source = Source(kind, tuple(file for file, *_ in indexed), schema, columns["original"], columns["version"], digest)
    return source, list(_numbered(indexed))


def read(source: Source, piece: Slice) -> pl.DataFrame:
    """The rows of a slice with all columns: of CSV and TSV, strings as they stand; of JSON, in a type that holds every value."""
    file = source.files[piece.file]
    with _told(file.shown, source.kind):
        frame = _READ[source.kind](source.schema, file, piece.span)
        if frame.height != piece.span.rows:
            raise InputError("changed while it was read", remedy="run again when nobody writes it")
    return frame


def pairs(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """`original` and `back` of rows of the table, as text; and `aside` if it has that, why a row is not to be judged."""
    texts = {"original": pl.col(source.original).cast(pl.String), "back": pl.col(source.version).cast(pl.String)}
    return frame.select(**texts, **units.stated(frame.schema))


# Files


def _listed(paths: Sequence[Path]) -> Iterator[Path]:
    """The paths, patterns resolved; raises `InputError` for one that nothing fits."""
    if STDIN in paths and len(paths) > 1:
        raise InputError("the standard input is a table by itself", where=str(STDIN), remedy="name no file beside it")
    for path in paths:
        if path == STDIN or path.exists() or not any(sign in str(path) for sign in "*?["):
            yield path
        elif matched := sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
            yield from matched
        else:
            raise InputError("no file is named so", where=str(path), remedy="see with ls what the pattern fits")


def _at_hand(path: Path, copy: Path) -> File:
    """A file that can be read from any place: of what is piped in, a copy."""
    if path != STDIN and not path.is_fifo():
        return File(path, str(path), copy)
    with _told(str(path), ""), sys.stdin.buffer if path == STDIN else path.open("rb") as stream, copy.open("wb") as file:
        while block := stream.read(_BLOCK):
            file.write(block)
    return File(copy, str(path), copy.with_suffix(".utf8"))


def _kind(files: Sequence[File], stdin_name: str | None) -> str:
    """The suffix that says how to read the files; raises `InputError` for one that is unknown, or another than the first one's."""
    kinds = []
    for file in files:
        name = stdin_name if file.shown == str(STDIN) else file.shown
        suffix = _guessed(file) if name is None else Path(name).suffix.lower()
        if suffix not in SUFFIXES and not file.path.is_dir():
            raise InputError("is of no known suffix", where=name, remedy=f"these are read: {' '.join(SUFFIXES)}")
        kinds.append(JSON_LINES[0] if suffix in JSON_LINES or suffix not in SUFFIXES else suffix)
        if kinds[-1] != kinds[0]:
            raise InputError(f"is {kinds[-1]}, and the first file {kinds[0]}", where=file.shown, remedy="name files of one kind")
    return kinds[0]


def _guessed(file: File) -> str:
    """The kind of text on the standard input: objects, or a header with or without tabs."""
    with file.path.open("rb") as content:
        begin = content.read(_SAMPLE).lstrip(b"\xef\xbb\xbf \r\n")
    return ".jsonl" if begin.startswith(b"{") else ".tsv" if b"\t" in begin.split(b"\n", 1)[0] else ".csv"


def _digest(file: File) -> str:
    with _told(file.shown, ""), file.path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _told(shown: str, kind: str) -> Iterator[None]:
    """Errors of a file with its name, and with the line that they are of."""
    try:
        yield
    except InputError as error:
        where = f"{shown}:{error.where}" if error.where else shown
        line = f"line {error.where} " if error.where and kind in JSON_LINES and not error.problem.startswith("line ") else ""
        raise InputError(line + error.problem, where=where, remedy=error.remedy) from error
    except UnicodeDecodeError as error:
        raise InputError("changed while it was read", where=shown, remedy="run again when nobody writes it") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=shown, remedy="name a table of pairs") from error
    except pl.exceptions.PolarsError as error:
        raise InputError(f"cannot be read: {str(error).splitlines()[0]}", where=shown) from error


def _indexed(file: File, kind: str, most: int) -> Found:
    """What is found in a file; of a text that is not UTF-8, in a copy that is."""
    index = partial(_INDEX[kind], most=most)
    with _told(file.shown, kind):
        if kind == ".parquet":
            return index(file)
        with file.path.open("rb") as content:
            head = content.read(4)
        marks = [codec for mark, codec in BOMS.items() if head.startswith(mark)]
        if marks and marks[0] != "utf-8-sig":
            return index(_transcoded(file, marks[0]))
        try:
            return index(file)
        except UnicodeDecodeError:
            return index(_transcoded(file, _encoding(file)))


def _common(kind: str, found: Sequence[Found]) -> pl.Schema:
    """The columns of all files; raises `InputError` for a file of text or Parquet that has others than the first."""
    if kind in JSON_LINES:
        every = chain.from_iterable(types.items() for _, types, _ in found)
        return pl.Schema({name: settled(dtype) for name, dtype in reduce(_with, every, dict[str, pl.DataType | None]()).items()})
    first = dict(found[0][1])
    for file, types, _ in found:
        if list(types.items()) != list(first.items()):
            problem = f"has other columns than {found[0][0].shown}: {_told_types(types)}, not {_told_types(first)}"
            raise InputError(problem, where=file.shown, remedy="score them one by one")
    return pl.Schema({name: settled(dtype) for name, dtype in first.items()})


def _of_text(schema: pl.Schema, columns: dict[str, str]) -> dict[str, str]:
    """The columns; raises `InputError` where the original or the version is no text."""
    for name in (columns["original"], columns["version"]):
        if schema[name].is_nested() or schema[name] == pl.Binary:
            raise InputError(f"column {name!r} does not hold text: {schema[name]}")
    return columns


def _with(types: dict[str, pl.DataType | None], one: tuple[str, pl.DataType | None]) -> dict[str, pl.DataType | None]:
    name, dtype = one
    types[name] = joined(types[name], dtype) if name in types else dtype
    return types


def _told_types(types: Types) -> str:
    return ", ".join(f"{name} ({dtype})" for name, dtype in types.items())


def _numbered(found: Sequence[Found]) -> Iterator[Slice]:
    row = 0
    for number, (file, span) in enumerate((at, span) for at, (*_, spans) in enumerate(found) for span in spans):
        yield Slice(number, file, span, row)
        row += span.rows


# Encodings


def _encoding(file: File) -> str:
    """The encoding of a text that is not UTF-8, told from where it shows; raises `InputError` where lines before it are UTF-8."""
    at, plain = 0, True
    with file.path.open("rb") as content:
        for number, line in enumerate(iter(partial(content.readline, LONGEST), b""), start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                byte = f"byte 0x{line[error.start]:02X} at offset {at + error.start:,}"
                return _guess(line + b"".join(content.readlines(_SAMPLE)), plain and line[: error.start].isascii(), number, byte)
            at, plain = at + len(line), plain and line.isascii()
    raise InputError("changed while it was read", remedy="run again when nobody writes it")


def _guess(sample: bytes, plain: bool, number: int, byte: str) -> str:
    if not plain:
        raise InputError(f"line {number} is not UTF-8, as those before it: {byte}", where=str(number), remedy=_SAVE)
    try:
        return decode(sample)[1]
    except InputError as error:
        problem = f"line {number} cannot be decoded: {byte} is not UTF-8, and no other encoding is certain"
        raise InputError(problem, where=str(number), remedy=_SAVE) from error


_SAVE = "save the file as UTF-8"


def _transcoded(file: File, codec: str) -> File:
    """The file with its text copied as UTF-8."""
    lines = 0
    with file.path.open(encoding=codec, newline="") as text, file.copy.open("w", encoding="utf-8", newline="") as copy:
        try:
            while part := text.read(_BLOCK):
                lines += part.count("\n")
                copy.write(part)
        except UnicodeError as error:
            raise InputError(f"cannot be decoded as {codec.upper()} behind line {lines:,}: {error}", remedy=_SAVE) from error
    return replace(file, path=file.copy)


# Text: CSV, TSV, JSON lines


@contextmanager
def _text(file: File, newline: str) -> Iterator[tuple[Iterator[str], list[int]]]:
    """The lines of a file in UTF-8, with their ends, and in a list how many bytes of it were read."""
    with file.path.open("rb") as content:
        at = [len(codecs.BOM_UTF8) if content.read(3) == codecs.BOM_UTF8 else 0]
        content.seek(at[0])
        with io.TextIOWrapper(content, "utf-8", newline=newline) as text:
            yield _lines(text, at), at


def _lines(text: TextIO, at: list[int]) -> Iterator[str]:
    """The lines; raises `InputError` at one that is too long to be one."""
    number = 0
    while line := text.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise InputError(f"line {number} is longer than {LONGEST:,} characters", where=str(number), remedy="is it a table?")
        at[0] += len(line) if line.isascii() else len(line.encode())
        yield line


def _spans(units: Iterable[object], at: list[int], most: int) -> Iterator[Span]:
    """Spans of at most so many of the units, which are read from `at`."""
    begin, rows = at[0], 0
    for _ in units:
        rows += 1
        if rows == most or at[0] - begin >= BYTES:
            yield Span(begin, at[0], rows)
            begin, rows = at[0], 0
    if rows:
        yield Span(begin, at[0], rows)


def _part(file: File, span: Span) -> str:
    with file.path.open("rb") as content:
        content.seek(span.begin)
        return content.read(span.end - span.begin).decode()


def _index_csv(file: File, most: int) -> Found:
    with _text(file, "") as (lines, _):
        header = next((line for line in lines if line.strip("\r\n")), "")
    return _index_delimited(file, most, delimiter=separator(header))


def _index_tsv(file: File, most: int) -> Found:
    with _text(file, "") as (lines, _):
        return tab_separated(lines, partial(_index_delimited, file, most))


def _index_delimited(file: File, most: int, **dialect: Any) -> Found:
    with _text(file, "") as (lines, at):
        numbered = _records(lines, dialect)
        _, header = next(numbered, (0, list[str]()))
        if not header:
            raise InputError("is empty")
        if twice := [name for name in header if header.count(name) > 1]:
            raise InputError(f"has the column {twice[0]!r} {header.count(twice[0])} times")
        spans = list(_spans(even(numbered, len(header)), at, most))
    return replace(file, dialect=dialect), dict.fromkeys(header, pl.String()), spans


def _records(lines: Iterable[str], dialect: Mapping[str, Any]) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST))
    return records(lines, **dialect)


def _cells(schema: pl.Schema, file: File, span: Span) -> pl.DataFrame:
    numbered = _records(io.StringIO(_part(file, span), newline=""), file.dialect)
    columns = zip(*(cells for _, cells in even(numbered, len(schema))), strict=True)
    return pl.DataFrame([pl.Series(name, cells, pl.String) for name, cells in zip(schema, columns, strict=True)])


def _index_json(file: File, most: int) -> Found:
    types: dict[str, pl.DataType | None] = {}
    with _text(file, "\n") as (lines, at):
        spans = list(_spans(_typed(lines, types), at, most))
    if not spans:
        raise InputError("is empty")
    return file, types, spans


def _typed(lines: Iterable[str], types: dict[str, pl.DataType | None]) -> Iterator[None]:
    """Says when an object was read; adds its keys to the types."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            for name, value in parsed(number, line).items():
                dtype = type_of(value)
                if name not in types or dtype is not types[name]:  # which is quicker to see than whether they are equal
                    _with(types, (name, dtype))
            yield


def _objects(schema: pl.Schema, file: File, span: Span) -> pl.DataFrame:
    rows = [parsed(number, line) for number, line in enumerate(_part(file, span).split("\n")) if line.strip()]
    return pl.DataFrame([series(name, [row.get(name) for row in rows], dtype) for name, dtype in schema.items()])


# Parquet


def _index_parquet(file: File, most: int) -> Found:
    scan = pl.scan_parquet(file.path, glob=False, hive_partitioning=False)
    schema = scan.collect_schema()
    texts = [name for name, dtype in schema.items() if dtype == pl.String]
    sizes = scan.select(size=pl.sum_horizontal(pl.lit(0), *(pl.col(name).str.len_bytes().cast(pl.Int64) for name in texts)))
    step = min(_STEP, most)
    summed = sizes.with_row_index().group_by(pl.col("index") // step).agg(pl.len(), pl.col("size").sum())
    steps = summed.sort("index").select("len", "size").collect(engine="streaming").iter_rows()
    return file, dict(schema), list(_row_spans(steps, most))


def _row_spans(steps: Iterable[tuple[int, int]], most: int) -> Iterator[Span]:
    begin = rows = size = 0
    for more, bytes_more in steps:
        if rows and (rows + more > most or size + bytes_more > BYTES):
            yield Span(begin, begin + rows, rows)
            begin, rows, size = begin + rows, 0, 0
        rows, size = rows + more, size + bytes_more
    if rows:
        yield Span(begin, begin + rows, rows)


def _stored(_: pl.Schema, file: File, span: Span) -> pl.DataFrame:
    return pl.scan_parquet(file.path, glob=False, hive_partitioning=False).slice(span.begin, span.rows).collect()


_INDEX: Mapping[str, Callable[..., Found]] = {
    ".csv": _index_csv,
    ".tsv": _index_tsv,
    ".jsonl": _index_json,
    ".parquet": _index_parquet,
}
_READ: Mapping[str, Callable[[pl.Schema, File, Span], pl.DataFrame]] = {
    ".csv": _cells,
    ".tsv": _cells,
    ".jsonl": _objects,
    ".parquet": _stored,
}
