"""Translation memories as files: what engines made is added to one, for the engine `recorded` to find."""

from pathlib import Path

import polars as pl

from checker.config import Config
from checker.engines import recorded
from checker.errors import InputError
from checker.report import write_table, write_text

SUFFIXES = (".parquet", ".tsv")


def add(path: Path, made: pl.DataFrame, target: str) -> int:
    """Adds translations (source, text, back, engine; null `back` is none) into `target` to a memory; returns how many are new.

    What the memory already has stands: somebody may have corrected it. The file is sorted, and replaced as a whole or not at all.
    """
    known = read(path)
    fresh = rows_of(made, target).join(known, on=["source", "target", "text"], how="anti")
    memory = pl.concat([known, fresh]).sort([*recorded.COLUMNS, "engine"], nulls_last=True)
    _write(memory, path)
    return fresh.height


def add_missing(path: Path, asked: pl.DataFrame, target: str) -> int:
    """Adds rows without a translation, to be filled in, for the texts (source, text, back) that have none; returns how many.

    What is filled in already stands; rows that were not, and are no longer asked for, go. New rows stand last, in the texts' order.
    """
    known = read(path)
    lacking = (
        asked.filter(pl.col("back").is_null()).drop_nulls("source").unique(["source", "text"], keep="first", maintain_order=True)
    )
    rows = lacking.select("source", target=pl.lit(target), text="text", translation=pl.lit(""), engine=pl.lit(None, pl.String))
    _write(pl.concat([known, rows]), path)
    return rows.height


def _write(memory: pl.DataFrame, path: Path) -> None:
    if path.suffix.lower() == ".tsv":
        write_text(tab_separated(memory), path)
    else:
        write_table(memory, path)


def read(path: Path) -> pl.DataFrame:
    """The rows of a memory that translations are to be added to, none if it is not there; raises `InputError` if it is none."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError("is neither .parquet nor .tsv", where=str(path), remedy="translations are recorded in one of these")
    if path.exists():
        return recorded.load(Config(memory=path)).memory
    return pl.DataFrame(schema=dict.fromkeys((*recorded.COLUMNS, "engine"), pl.String))


def tab_separated(rows: pl.DataFrame) -> str:
    """TSV without quoting, in which a quotation mark is one; what would set cells apart within one becomes a space."""
    flat = rows.with_columns(pl.col(pl.String).str.replace_all(r"[\t\r\n]", " "))
    return flat.write_csv(separator="\t", quote_style="never")


def rows_of(made: pl.DataFrame, target: str) -> pl.DataFrame:
    """Rows of a memory, each text once, in their order."""
    given = made.drop_nulls(["source", "back"]).unique(["source", "text"], keep="first", maintain_order=True)
    return given.select("source", target=pl.lit(target), text="text", translation="back", engine="engine")
