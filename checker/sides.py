"""The two sides of aligned pairs as rules read them that need no English: each text, and the language that it is said to be in."""

from collections.abc import Callable

import polars as pl

from checker.languages import SCRIPT_OF

SIDES = {"version": ("text", "lang"), "original": ("original_text", "original_lang")}
"""Side to its columns of text and of language."""


def sides(pairs: pl.DataFrame) -> pl.DataFrame:
    """original_text, text, original_lang and lang of the pairs, row by row: what is not stated is English, `und` stays so.

    `original_lang` need not be among the columns of `pairs`.
    """
    stated = "original_lang" in pairs.columns
    original = pl.col("original_lang").fill_null("en") if stated else pl.lit("en").alias("original_lang")
    return pairs.select("original_text", "text", original, pl.col("lang").fill_null("en"))


def told(pairs: pl.DataFrame, rows: pl.Series, messages: pl.Series) -> pl.DataFrame:
    """The pairs of those numbers, each with its `message`: whole sentences on both sides."""
    return pairs[rows].with_columns(messages.alias("message"))


def told_by_side(pairs: pl.DataFrame, judge: Callable[[pl.DataFrame, str, str], pl.DataFrame]) -> pl.DataFrame:
    """As `told`, a row for each side that is told; `judge` is asked for row and message of the texts on a side in a language.

    It is given the texts with their `row`, the side, and each language in turn that the side is said to be in and that is known.
    """
    texts = sides(pairs).with_row_index("row")
    spoken = [(side, lang) for side, (_, column) in SIDES.items() for lang in texts[column].unique().sort() if lang in SCRIPT_OF]
    nothing = pl.DataFrame(schema={"row": pl.get_index_type(), "message": pl.String})
    rows = pl.concat([nothing, *(judge(texts, side, lang) for side, lang in spoken)]).sort("row", maintain_order=True)
    return told(pairs, rows["row"], rows["message"])
