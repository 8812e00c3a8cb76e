"""A sentence of the version has nothing to render in the original.

The alignment of the two documents left a sentence of the version without a partner. It is a finding unless its words stand in
another sentence of the original, which the translator split.

Why it matters: a reader takes for the author's what the translator, an editor or a machine put in.

A hit: "All six will be painted dark green and cream." with nothing in the original that says so. Not a hit: the second half of a
sentence that was split in two; a line without words.

Known limits: a sentence that has no English reading (no back-translation) is not judged; a clause added within a sentence is not
found.
"""

import polars as pl

from checker.facts import carried, in_english

CODE = "FID011"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The additions among the pairs: the whole sentence on the version's side, null on the original's."""
    unpaired = pl.col("alignment") == "addition"
    paired = (in_english() & pl.col("original_text").is_not_null()).any().over("doc", "original")
    extra = pairs.filter(unpaired & paired & in_english() & pl.col("english").str.contains(r"\p{L}{2}"))
    originals = pairs.filter(pl.col("original_text").is_not_null()).select("doc", "original", words_of="original_text")
    return carried(extra, originals, "english").with_columns(
        message=pl.format("not in the original: {}", pl.col("english").str.slice(0, 80))
    )
