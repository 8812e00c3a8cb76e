"""The two sides of aligned pairs as rules read them that need no English: each text, and the language that it is said to be in."""

import polars as pl

from checker.languages import UNDETERMINED

SIDES = {"version": ("text", "lang"), "original": ("original_text", "original_lang")}
"""Side to its columns of text and of language."""


def sides(pairs: pl.DataFrame) -> pl.DataFrame:
    """original_text, text, original_lang and lang of the pairs, row by row: what is not stated is English, `und` stays so.

    `original_lang` need not be among the columns of `pairs`.
    """
    stated = "original_lang" in pairs.columns
    original = pl.col("original_lang").fill_null("en") if stated else pl.lit("en").alias("original_lang")
    return pairs.select("original_text", "text", original, pl.col("lang").fill_null("en"))


def languages_of(rows: pl.DataFrame, side: str) -> list[str]:
    """The languages that a side of `sides` is said to be in, sorted; `und` says none."""
    return sorted(set(rows[SIDES[side][1]].unique()) - {UNDETERMINED})


def told(pairs: pl.DataFrame, rows: pl.Series, messages: pl.Series) -> pl.DataFrame:
    """The pairs of those numbers, each with its `message`: whole sentences on both sides."""
    return pairs[rows].with_columns(messages.alias("message"))
