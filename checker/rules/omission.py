"""A sentence of the original is missing from the version.

The alignment of the two documents left a sentence of the original without a partner. It is a finding unless its words stand in
another sentence of the version, into which the translator merged it.

Why it matters: what was left out cannot be noticed by a reader who has the version alone.

A hit: "The order will create 75 jobs at the workshop." with nothing in the version that says so. Not a hit: the same sentence,
joined by the translator to the one before it; a line without words, such as a row of asterisks.

The place of an omission is in the version, between two sentences; the evidence is the sentence of the original.

Known limits: beside a sentence of the version that could not be read in English no omission is reported, as that one may hold it; a
clause that is missing within a sentence is not found.
"""

import polars as pl

from checker.facts import carried, in_english

CODE = "FID010"
SEVERITY = "major"
CATEGORY = "accuracy/omission"


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The omissions among the pairs; `start` and `end` stay null, the original's side is the whole sentence."""
    missing = _between_read(pairs).filter(pl.col("original_text").str.contains(r"\p{L}{2}"))
    versions = pairs.filter(in_english()).select("doc", "original", words_of="english")
    return carried(missing, versions, "original_text").with_columns(
        message=pl.format("not in the version: {}", pl.col("original_text").str.slice(0, 80))
    )


def _between_read(pairs: pl.DataFrame) -> pl.DataFrame:
    """The omissions whose neighbours in the original have partners that were read: an unread one may hold the sentence as well."""
    rows = pairs.with_row_index("row").filter(pl.col("original_text").is_not_null()).sort("doc", "original", "original_start")
    read = pl.when(~pl.col("alignment").is_in(["omission", "boilerplate"])).then(in_english())
    before, behind = read.forward_fill().over("doc", "original"), read.backward_fill().over("doc", "original")
    known = pl.coalesce(before, behind).fill_null(value=False) & pl.coalesce(behind, before).fill_null(value=False)
    return rows.filter((pl.col("alignment") == "omission") & known).sort("row").drop("row")
