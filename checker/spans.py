"""From patterns to spans: every match of a pattern in a frame of texts, as code-point offsets into the document."""

import polars as pl
import regex

_SPANS = pl.List(pl.Struct({"from": pl.Int64, "to": pl.Int64}))


def matches(frame: pl.DataFrame, pattern: str, *, screen: str | None = None) -> pl.DataFrame:
    """A row per match of `pattern` in `text`, with `start` and `end` narrowed to it (to its group `evidence` if it has one).

    `screen` is a pattern of polars' regex dialect (no look-around) that holds for every text with a match; by default `pattern`
    itself. Polars counts bytes and finds one match a text, so the texts that pass the screen are searched by `regex`, a row at a
    time: they are few.
    """
    kept = frame.filter(pl.col("text").str.contains(screen if screen is not None else pattern))
    compiled = regex.compile(pattern)
    group = "evidence" if "evidence" in compiled.groupindex else 0
    found = [[{"from": m.start(group), "to": m.end(group)} for m in compiled.finditer(text)] for text in kept["text"]]
    return narrow(kept.with_columns(pl.Series("span", found, dtype=_SPANS)).explode("span").drop_nulls("span"))


def narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """`start` and `end` narrowed to the column `span`, a struct of offsets `from` and `to` within `text`; the column is dropped."""
    span = pl.col("span").struct
    return frame.with_columns(start=pl.col("start") + span.field("from"), end=pl.col("start") + span.field("to")).drop("span")
