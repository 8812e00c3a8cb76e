"""Translations that were recorded: a translation memory in Parquet, TSV or TMX, looked up offline.

The memory is the setting `memory`. A Parquet or TSV file has the columns `source` and `target` (languages), `text`, `translation`
and, optionally, `engine`, which says who made the translation. In TSV they are named in the first line and set apart by tabs, and
nothing is quoted: a quotation mark is one. A TMX file serves each pair of languages in either direction, and its `creationtool`
stands for the engine.

A text is found if it is the same after Unicode normalisation (NFC) and without white space at its ends, tabs and line breaks
counting as spaces: there is no fuzzy match. A row without a translation is none.
If the memory holds several translations of a text, the first in the order of their characters is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from checker import languages
from checker.config import Config
from checker.encoding import decode
from checker.engines import Translation
from checker.errors import EngineError, InputError
from checker.formats import tmx

COLUMNS = ("source", "target", "text", "translation")

_NEEDED = f"a memory has {', '.join(COLUMNS)}"
_BATCH = 50_000
_LINE_END = re.compile(r"\r\n|[\r\n]")


@dataclass(frozen=True)
class Recorded:
    """A translation memory; `memory` has the columns source, target, text (its key), translation, engine, one row a key."""

    memory: pl.DataFrame
    name: str = "recorded"
    batch: int = 100_000

    def describe(self, source: str, target: str) -> str | None:
        return None if self._pair(source, target).is_empty() else self.name

    def signature(self, source: str, target: str) -> None:
        """What is kept already needs not be kept again."""

    def safer(self) -> None:
        """A memory has no parameters."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        asked = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).with_columns(_key())
        found = asked.join(self._pair(source, target), on="text", how="left", maintain_order="left")
        return [self._translation(text, engine) for text, engine in found.select("translation", "engine").iter_rows()]

    def _translation(self, text: str | None, engine: str | None) -> Translation:
        return Translation(reason="not in the memory") if text is None else Translation(text, engine or self.name)

    def _pair(self, source: str, target: str) -> pl.DataFrame:
        return self.memory.filter(pl.col("source") == source, pl.col("target") == target)


def load(config: Config) -> Recorded:
    """The memory that `config.memory` names; raises `InputError` if it is not one."""
    if config.memory is None:
        raise EngineError("no translation memory is set", remedy="--memory FILE names one: Parquet, TSV or TMX")
    readers = {".parquet": _parquet, ".tsv": _tsv, ".tmx": _tmx}
    reader = readers.get(config.memory.suffix.lower())
    if reader is None:
        raise InputError("is none of .parquet, .tsv, .tmx", where=str(config.memory), remedy="a translation memory is one of these")
    return Recorded(_keyed(reader(config.memory)))


def _parquet(path: Path) -> pl.DataFrame:
    try:
        memory = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot be read as Parquet: {error}", where=str(path)) from error
    lacking = [name for name in COLUMNS if memory.schema.get(name) != pl.String]
    if lacking:
        raise InputError(f"lacks the text columns {', '.join(lacking)}", where=str(path), remedy=_NEEDED)
    return _with_engine(memory)


def _with_engine(memory: pl.DataFrame) -> pl.DataFrame:
    engine = pl.col("engine").cast(pl.String) if "engine" in memory.columns else pl.lit(None, pl.String).alias("engine")
    return memory.select(*COLUMNS, engine)


def _tsv(path: Path) -> pl.DataFrame:
    lines = pl.Series("cells", _LINE_END.split(_decoded(path)), pl.String).str.split("\t")
    header = lines[0].to_list()
    _check_header(header, path)
    rows = lines.to_frame().with_row_index("line", offset=1).slice(1).filter(pl.col("cells").list.join("").str.strip_chars() != "")
    uneven = rows.filter(pl.col("cells").list.len() != len(header)).with_columns(pl.col("cells").list.len())
    for line, width in uneven.head(1).iter_rows():
        remedy = "set cells apart by one tab, and leave none within them"
        raise InputError(f"has {width} cells, the header {len(header)}", where=f"{path}:{line}", remedy=remedy)
    return _with_engine(rows.select(pl.col("cells").list.get(place).alias(name) for place, name in enumerate(header)))


def _decoded(path: Path) -> str:
    """The text of a file; raises `InputError` with the path, and the line of the byte that cannot be decoded."""
    try:
        return decode(path.read_bytes())[0]
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except InputError as error:
        bad = error.__cause__
        before = bad.object[: bad.start].decode(bad.encoding, "ignore") if isinstance(bad, UnicodeDecodeError) else ""
        line = len(_LINE_END.split(before))
        raise InputError(error.problem, where=f"{path}:{line}", remedy=error.remedy) from error


def _check_header(header: list[str], path: Path) -> None:
    lacking = [name for name in COLUMNS if name not in header]
    twice = next((name for name in header if header.count(name) > 1), None)
    if lacking:
        raise InputError(f"lacks the columns {', '.join(lacking)}", where=f"{path}:1", remedy=f"{_NEEDED}, in its first line")
    if twice is not None:
        raise InputError(f"has the column {twice!r} {header.count(twice)} times", where=f"{path}:1", remedy="keep one of them")


def _tmx(path: Path) -> pl.DataFrame:
    """The memory, some pairs at a time: as Python's own strings those of a large file would take many times the room."""
    schema, pairs = dict.fromkeys((*COLUMNS, "engine"), pl.String), tmx.translations(path)
    parts = [pl.DataFrame(schema=schema)]
    while batch := list(islice(pairs, _BATCH)):
        parts.append(pl.DataFrame(batch, schema=schema, orient="row"))
    return pl.concat(parts)


def _keyed(memory: pl.DataFrame) -> pl.DataFrame:
    """The memory without blanks, its languages normalised, one row for each source, target and key: the first in sorted order."""
    whole = memory.drop_nulls(COLUMNS).with_columns(_language("source", memory), _language("target", memory), _key())
    order = ["source", "target", "text", "translation", "engine"]
    kept = whole.filter(pl.col("translation").str.strip_chars() != "").sort(order, nulls_last=True)
    return kept.unique(["source", "target", "text"], keep="first", maintain_order=True).select(order)


def _language(column: str, memory: pl.DataFrame) -> pl.Expr:
    codes = memory[column].drop_nulls().unique().sort().to_list()
    return pl.col(column).replace_strict(codes, [languages.normalise(code) for code in codes], return_dtype=pl.String)


def _key() -> pl.Expr:
    return pl.col("text").str.normalize("NFC").str.replace_all(r"[\t\r\n]", " ").str.strip_chars()  # which a TSV cannot hold
