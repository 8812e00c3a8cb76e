"""Translations that were recorded: a translation memory in Parquet or TMX, looked up offline.

The memory is the setting `memory`. A Parquet file has the columns `source` and `target` (languages), `text`, `translation` and,
optionally, `engine`, which says who made the translation; a TMX file serves each pair of languages in either direction, and its
`creationtool` stands for the engine.

A text is found if it is the same after Unicode normalisation (NFC) and without white space at its ends: there is no fuzzy match.
If the memory holds several translations of a text, the first in the order of their characters is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from checker import languages
from checker.config import Config
from checker.engines import Translation
from checker.errors import EngineError, InputError
from checker.formats import tmx

COLUMNS = ("source", "target", "text", "translation")


@dataclass(frozen=True)
class Recorded:
    """A translation memory; `memory` has the columns source, target, text (its key), translation, engine, one row a key."""

    memory: pl.DataFrame
    name: str = "recorded"

    def describe(self, source: str, target: str) -> str | None:
        return None if self._pair(source, target).is_empty() else self.name

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
        raise EngineError("no translation memory is set", remedy="set memory to a Parquet or TMX file")
    readers = {".parquet": _parquet, ".tmx": _tmx}
    reader = readers.get(config.memory.suffix.lower())
    if reader is None:
        raise InputError("is neither .parquet nor .tmx", where=str(config.memory), remedy="a translation memory is one of these")
    return Recorded(_keyed(reader(config.memory)))


def _parquet(path: Path) -> pl.DataFrame:
    try:
        memory = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot be read as Parquet: {error}", where=str(path)) from error
    lacking = [name for name in COLUMNS if memory.schema.get(name) != pl.String]
    if lacking:
        needed = f"a memory has {', '.join(COLUMNS)}"
        raise InputError(f"lacks the text columns {', '.join(lacking)}", where=str(path), remedy=needed)
    engine = pl.col("engine").cast(pl.String) if "engine" in memory.columns else pl.lit(None, pl.String).alias("engine")
    return memory.select(*COLUMNS, engine)


def _tmx(path: Path) -> pl.DataFrame:
    schema = dict.fromkeys((*COLUMNS, "engine"), pl.String)
    return pl.DataFrame(tmx.translations(path), schema=schema, orient="row")


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
    return pl.col("text").str.normalize("NFC").str.strip_chars()
