"""From patterns to spans: every match of a pattern in a frame of texts, as code-point offsets into the document."""

import polars as pl
import regex


def matches(frame: pl.DataFrame, pattern: str, *, screen: str | None = None) -> pl.DataFrame:
    """A row per match of `pattern` in `text`, with `start` and `end` narrowed to it (to its group `evidence` if it has one).

    `screen` is a pattern of polars' regex dialect (no look-around) that holds for every text with a match; by default `pattern`
    itself. Polars counts bytes and finds one match a text, so the texts that pass the screen are searched by `regex`, a row at a
    time: they are few.
    """
    return words(frame, pattern, screen=screen).drop("word")


def words(frame: pl.DataFrame, pattern: str, *, screen: str | None = None) -> pl.DataFrame:
    """As `matches`, with what is matched as `word`: cut from `text` later, each match would cost a walk through a long line."""
    kept = frame.filter(pl.col("text").str.contains(screen if screen is not None else pattern))
    compiled = regex.compile(pattern)
    group = "evidence" if "evidence" in compiled.groupindex else 0
    found = [(row, *m.span(group), m[group]) for row, text in enumerate(kept["text"]) for m in compiled.finditer(text)]
    schema = {"row": pl.UInt32, "from": pl.Int64, "to": pl.Int64, "word": pl.String}
    spans = pl.DataFrame(found, schema=schema, orient="row")
    placed = spans.join(kept.with_row_index("row"), on="row", how="left", maintain_order="left")
    moved = placed.with_columns(start=pl.col("start") + pl.col("from"), end=pl.col("start") + pl.col("to"))
    return moved.select(*kept.columns, "word")


def narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """`start` and `end` narrowed to the column `span`, a struct of offsets `from` and `to` within `text`; the column is dropped."""
    span = pl.col("span").struct
    return frame.with_columns(start=pl.col("start") + span.field("from"), end=pl.col("start") + span.field("to")).drop("span")
