"""Two-column tables: a column of originals and a column of versions, row by row; CSV, TSV, JSONL, Parquet.

The table FILE becomes two documents: FILE, the versions' cells joined by line breaks, and FILE#original, the originals' likewise.
The columns are `original_column` and `version_column`, or those with a usual name. CSV is read as RFC 4180 has it, with commas,
semicolons or tabs. TSV has no quoting, for in it a quotation mark is mostly a quotation mark, unless the file itself shows that it
is quoted: `"He said ""no""."`, or rows that are even only if a quoted cell may hold line breaks and tabs. The line of a finding is
the number of its row; in CSV and TSV the header is row 1.
"""

import csv
import difflib
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

import polars as pl

from checker.config import Config
from checker.encoding import decode
from checker.errors import InputError
from checker.languages import UNDETERMINED, normalise

JSON_LINES = (".jsonl", ".ndjson")
SUFFIXES = (".csv", ".tsv", *JSON_LINES, ".parquet")

ORIGINAL = ("original", "source", "src", "en", "english", "reference")
VERSION = ("version", "back", "back_translation", "backtranslation", "target", "tgt", "translation", "hypothesis", "mt")
LANG = "lang"

NAMED = {
    "original": "name it: --original in `score` and `consistency`, original_column in checker.toml elsewhere",
    "version": "name it: --back in `score`, --version in `consistency`, version_column in checker.toml elsewhere",
}
"""How the user of the command line names the columns."""

# Rows of JSONL that are asked for their keys: a key that is rarer than this is no column of a table of pairs.
KEYS_FROM = 1000
QUOTED = re.compile(r'(?:^|(?<=\t))"[^\t\r\n]*', re.MULTILINE)
WELL_QUOTED = re.compile(r'"(?:[^"]|"")*"')

_QUOTED, _PLAIN = csv.QUOTE_MINIMAL, csv.QUOTE_NONE

Read = TypeVar("Read")
Cells = tuple[list[str], list[int], list[list[str]]]
"""Header, numbers and cells of the rows."""


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:
    """Two rows, whose `cells` are as many and in the same order; a cell that is null or empty is an empty span."""
    reader = {".csv": _csv, ".tsv": _tsv, ".parquet": _parquet}.get(suffix, _jsonl)
    return pages(*reader(content, config))


def pages(rows: pl.DataFrame, encoding: str | None) -> list[dict[str, Any]]:
    """The two documents of pairs: `row` (its number for a reader), `original`, `version` and perhaps `lang` (of the version).

    Units of localisation files have besides: `original_row`, as the original has another line, `original_lang`, `unit`, `reason`.
    Where their versions are in several languages, there are two documents for each: FILE#de and FILE#de#original, in their order.
    """
    parts = _by_language(rows) if "unit" in rows.columns else [rows]
    if len(parts) == 1:
        return _two(rows, encoding)
    return [_under(page, part["lang"][0] or UNDETERMINED) for part in parts for page in _two(part, encoding)]


def _by_language(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows of each language; what has no version goes with the first."""
    first = rows["lang"].drop_nulls().head(1).to_list()
    empty = pl.col("lang").is_null() & (pl.col("version") == "")
    told = rows.with_columns(lang=pl.when(empty).then(pl.lit(first[0])).otherwise("lang")) if first else rows
    return told.partition_by("lang", maintain_order=True) or [rows]


def _under(page: dict[str, Any], name: str) -> dict[str, Any]:
    """A document of several pairs of them, whose names begin with that of the language."""
    return (
        page
        | {key: f"{name}#{page[key]}" for key in ("part", "original") if key in page}
        | ({} if "part" in page else {"part": name})
    )


def _two(rows: pl.DataFrame, encoding: str | None) -> list[dict[str, Any]]:
    units = {"units": rows.select("unit", "reason").to_struct()} if "unit" in rows.columns else {}
    original_rows = rows["original_row" if "original_row" in rows.columns else "row"]
    return [
        {
            **_page(rows["version"], rows["row"]),
            **units,
            "encoding": encoding,
            "role": "bitext",
            "original": "original",
            "lang": _language(rows, "lang"),
        },
        {
            **_page(rows["original"], original_rows),
            **units,
            "encoding": encoding,
            "role": "original",
            "part": "original",
            "lang": _language(rows, "original_lang"),
        },
    ]


def _language(rows: pl.DataFrame, column: str) -> str | None:
    """The one language that the rows state."""
    langs = rows[column].drop_nulls().unique().to_list() if column in rows.columns else list[str]()
    return normalise(langs[0]) if len(langs) == 1 else None


def _page(cells: pl.Series, numbers: pl.Series) -> dict[str, Any]:
    """The cells joined by line breaks, the span of each, and for each the number of its row as its line."""
    cells = cells.fill_null("")
    length = cells.str.len_chars().cast(pl.Int64)
    end = (length + 1).cum_sum() - 1
    spans = pl.DataFrame({"start": end - length, "end": end})
    anchors = spans.select(offset="start", line=numbers.cast(pl.Int64), column=pl.lit(1, pl.Int64))
    return {"text": "\n".join(cells), "cells": spans.to_struct(), "anchors": anchors.to_struct()}


# The kinds of file: each gives the columns `row`, `original`, `version` and, if the file has it, `lang`


def _csv(content: bytes, config: Config) -> tuple[pl.DataFrame, str]:
    text, encoding = decode(content)
    header = text.lstrip("\r\n").split("\n", 1)[0]
    return _chosen(*_delimited(text, delimiter=separator(header)), config), encoding


def _tsv(content: bytes, config: Config) -> tuple[pl.DataFrame, str]:
    text, encoding = decode(content)
    cells = tab_separated(io.StringIO(text, newline=""), partial(_delimited, text))
    return _chosen(*cells, config), encoding


def separator(header: str) -> str:
    """What parts the columns of CSV, by its first line that is not blank."""
    return max(",;\t", key=header.count)


def tab_separated(lines: Iterable[str], read: Callable[..., Read]) -> Read:
    """What `read` makes of TSV in the dialect, given as keywords, in which rows are even; the likelier by its lines is tried first.

    Raises the `InputError` that names the row which is wrong unquoted, if they are even in neither.
    """
    order = (_QUOTED, _PLAIN) if _doubles_quotes(lines) else (_PLAIN, _QUOTED)
    failures: dict[int, InputError] = {}
    for quoting in order:
        try:
            return read(delimiter="\t", quoting=quoting)
        except InputError as error:
            failures[quoting] = error
    raise failures[_PLAIN]


def _doubles_quotes(lines: Iterable[str]) -> bool:
    doubled = False
    for cell in (cell for line in lines if '"' in line for cell in QUOTED.findall(line)):
        if not WELL_QUOTED.fullmatch(cell):
            return False
        doubled = doubled or '""' in cell[1:-1]
    return doubled


def _delimited(text: str, **dialect: Any) -> Cells:
    """Header, numbers and cells of the rows, by the standard library: it knows the row that is wrong; polars fills short ones."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a limit on cells of our own is `max_line`
    numbered = records(io.StringIO(text, newline=""), **dialect)
    _, header = next(numbered, (0, list[str]()))
    rows = list(even(numbered, len(header)))
    return header, [number for number, _ in rows], [cells for _, cells in rows]


def _chosen(header: list[str], numbers: list[int], rows: list[list[str]], config: Config) -> pl.DataFrame:
    places = {name: header.index(column) for name, column in columns_of(header, config).items()}
    columns = {name: pl.Series([cells[place] for cells in rows], dtype=pl.String) for name, place in places.items()}
    return pl.DataFrame({"row": pl.Series(numbers, dtype=pl.Int64), **columns})


def records(lines: Iterable[str], **dialect: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, numbered as an editor of tables numbers them; a line ends as it stands, with its line break."""
    reader = csv.reader(lines, strict=True, **dialect)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            if record:
                yield number, record
    except csv.Error as error:
        problem, remedy = f"row {number + 1} is malformed: {error}", 'is a `"` not closed, or not doubled?'
        raise InputError(problem, where=str(number + 1), remedy=remedy) from error


def even(numbered: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows as they are; raises `InputError` at one that has more or fewer cells than `width`."""
    for number, record in numbered:
        if len(record) != width:
            problem, remedy = f"row {number} has {len(record)} cells, the header {width}", "quote cells that hold the separator"
            raise InputError(problem, where=str(number), remedy=remedy)
        yield number, record


def _jsonl(content: bytes, config: Config) -> tuple[pl.DataFrame, str]:
    text, encoding = decode(content)
    lines = _lines(text)
    keys = dict.fromkeys(key for number, line in itertools.islice(lines, KEYS_FROM) for key in parsed(number, line))
    columns = columns_of(list(keys), config)
    try:
        found = pl.read_ndjson(io.BytesIO(text.encode()), schema=dict.fromkeys(columns.values(), pl.String))
    except pl.exceptions.PolarsError as error:
        for number, line in lines:
            parsed(number, line)
        raise InputError(f"cannot be read as JSON lines: {error}") from error
    numbers = pl.Series("row", [number for number, _ in lines], dtype=pl.Int64)
    return found.select(numbers, **{name: pl.col(column) for name, column in columns.items()}), encoding


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def parsed(number: int, line: str) -> dict[str, Any]:
    """The object of a line of JSON; raises `InputError` with its number where there is none."""
    try:
        value = json.loads(line)
        if "\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()  # refuses half a character: "\\ud83d" without its other half
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg} at column {error.colno}", where=str(number)) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"is JSON that cannot be read: {error}", where=str(number)) from error
    if not isinstance(value, dict):
        raise InputError("is JSON, but no object", where=str(number), remedy='expected {"original": …, "version": …}')
    return value


def _parquet(content: bytes, config: Config) -> tuple[pl.DataFrame, None]:
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"cannot be read as Parquet: {str(error).splitlines()[0]}") from error
    columns = columns_of(table.columns, config)
    try:
        chosen = table.select(**{name: pl.col(column).cast(pl.String) for name, column in columns.items()})
    except pl.exceptions.PolarsError as error:
        raise InputError(f"columns {', '.join(columns.values())} do not hold text: {str(error).splitlines()[0]}") from error
    return chosen.with_row_index("row", offset=1), None


# Columns


def columns_of(header: list[str], config: Config, named: Mapping[str, str] = NAMED) -> dict[str, str]:
    """`original`, `version` and perhaps `lang` to the names that the table has for them; `named` says how a user names them."""
    if not header:
        raise InputError("has no columns")
    if config.original_column is not None and config.original_column == config.version_column:
        raise InputError(f"column {config.original_column!r} cannot be both the original and the version")
    columns = {
        "original": _column(header, "original", config.original_column, ORIGINAL, config.version_column, named),
        "version": _column(header, "version", config.version_column, VERSION, config.original_column, named),
    }
    if columns["original"] == columns["version"]:
        raise InputError(f"column {columns['original']!r} cannot be both the original and the version")
    lang = [column for column in header if column.strip().lower() == LANG]
    return columns | ({"lang": lang[0]} if len(lang) == 1 and lang[0] not in columns.values() else {})


def _column(
    header: list[str], name: str, given: str | None, usual: tuple[str, ...], taken: str | None, named: Mapping[str, str]
) -> str:
    wanted = (given,) if given is not None else usual
    plain = {column.strip().lower(): column for column in reversed(header) if column != taken}
    found = [want if want in plain.values() else plain.get(want.lower()) for want in wanted]
    column = next((column for column in found if column is not None), None)
    if column is None:
        free = [column for column in header if column != taken]
        raise _missing(header, name, wanted, free, None if given is None else f"has no column {given!r}", named[name])
    if header.count(column) > 1:
        raise InputError(f"has the column {column!r} {header.count(column)} times")
    return column


def _missing(header: list[str], name: str, wanted: tuple[str, ...], free: list[str], problem: str | None, named: str) -> InputError:
    near = [match for want in wanted for match in difflib.get_close_matches(want, free, n=1)]
    usual = f"has no column for the {name}, such as {', '.join(wanted)}"
    columns = ", ".join(repr(column) for column in header)
    guess = f"did you mean {near[0]!r}?" if near else named
    return InputError(f"{problem or usual}; its columns are {columns}", remedy=guess)
