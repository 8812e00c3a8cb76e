"""Units of localisation files: a text, its translation, and why one that nobody should judge yet is left aside."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from checker.languages import name, normalise

SCHEMA = pl.Schema(
    {
        "row": pl.Int64,
        "original_row": pl.Int64,
        "original": pl.String,
        "version": pl.String,
        "unit": pl.String,
        "reason": pl.String,
        "lang": pl.String,
        "original_lang": pl.String,
    }
)


# The reason of units that nobody can compare here, though their texts may be judged by themselves.
_NEITHER = "neither side is in "


class Unit(NamedTuple):
    """What a file says at one place; lines count from 1, languages are tags as they stand there.

    `reason`: why the translation is not judged (untranslated, fuzzy, obsolete …); null if it is.
    """

    id: str
    source: str
    target: str
    line: int
    source_line: int
    reason: str | None = None
    source_lang: str | None = None
    target_lang: str | None = None


def rows(units: Iterable[Unit], original_lang: str) -> pl.DataFrame:
    """The units as pairs, in the columns of `SCHEMA`: the side that is said to be in the originals' language is the original.

    Where both are said to be in others, they cannot be compared: a unit is left aside with that reason.
    """
    return pl.DataFrame((_row(unit, original_lang) for unit in units), schema=SCHEMA, orient="row")


def _row(unit: Unit, original_lang: str) -> tuple[int, int, str, str, str, str | None, str | None, str | None]:
    source, target = (normalise(tag) if tag else None for tag in (unit.source_lang, unit.target_lang))
    if target == original_lang and source not in (None, original_lang):  # translated into the originals' language
        return (unit.source_line, unit.line, unit.target, unit.source, unit.id, unit.reason, source, target)
    reason = unit.reason
    if source not in (None, original_lang):
        reason = reason or f"{_NEITHER}{name(original_lang)}"
    return (unit.line, unit.source_line, unit.source, unit.target, unit.id, reason, target, source)


def told(beads: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """Row-by-row beads with the `unit` that each is of, and its `reason` where it is left aside."""
    said = of_pages(pages)
    asked = beads.with_columns(at=pl.coalesce("n", "original_n"))
    joined = asked.join(said, left_on=["doc", "at"], right_on=["doc", "n"], how="left", maintain_order="left", suffix="_said")
    return joined.with_columns(reason=pl.coalesce("reason_said", "reason")).drop("reason_said", "at")


def stated(schema: Mapping[str, pl.DataType]) -> dict[str, pl.Expr]:
    """The column `aside` of a table, in which `checker pairs --all` says why a row is not to be judged; nothing if it has none."""
    return {"aside": pl.col("aside").cast(pl.String)} if schema.get("aside") in (pl.String, pl.Null) else {}


def aside(pages: pl.DataFrame) -> pl.DataFrame:
    """doc, n of the units of the pages that nobody should judge: no rule finds anything in them."""
    return of_pages(pages).filter(pl.col("reason").is_not_null(), ~pl.col("reason").str.starts_with(_NEITHER)).select("doc", "n")


def of_pages(pages: pl.DataFrame) -> pl.DataFrame:
    """doc, n, unit, reason of every unit of the pages; n is its segment."""
    rows = pages.filter(pl.col("units").is_not_null()).select("doc", "units").explode("units").unnest("units")
    return rows.select("doc", pl.int_range(pl.len()).over("doc").cast(pl.Int64).alias("n"), "unit", "reason")
