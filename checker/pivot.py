"""Names the language that a document went through, from all that was found in it."""

import polars as pl

# What one witness weighs; a rule that is not here counts 1. An agency's tag is a name; a page's phrases are a sum already, and
# outweigh words: on the way to French and back through Catalan, the words that are left are Catalan.
# What a page says of itself settles it.
WEIGHTS = {"machine-translated-page": 12, "translation-notice": 12, "translated-edition": 12, "translationese": 6, "foreign-tag": 2}

# The witnesses of a rule together weigh at most so much, or as much as the heaviest of them.
MOST = 4

# Weight that names a pivot: one witness of a word, a mark or a phrase is chance, two are not.
ENOUGH = 2

# Languages of which any may have left a finding that names none: their order of words is the same.
CANDIDATES = {"permuted-name": ("fr", "es", "it", "pt", "ca", "ro")}


def pivots(found: pl.DataFrame) -> pl.DataFrame:
    """doc, pivot: the language that the findings together say a document went through; documents without one are left out.

    A witness is a finding's message, or its words where the rule shows foreign ones. What several languages may have left counts
    for each of them. The heaviest sum decides if it is enough, and no other language has the same.
    """
    witnesses = _witnesses(found)
    weight = pl.col("rule").replace_strict(WEIGHTS, default=1, return_dtype=pl.Int64)
    together = pl.max_horizontal(pl.col("weight").max(), pl.col("weight").sum().clip(upper_bound=MOST))
    by_rule = witnesses.with_columns(weight=weight).group_by("doc", "pivot", "rule").agg(weight=together)
    votes = by_rule.group_by("doc", "pivot").agg(pl.col("weight").sum())
    best = votes.filter((pl.col("weight") >= ENOUGH) & (pl.col("weight") == pl.col("weight").max().over("doc")))
    return best.filter(pl.len().over("doc") == 1).select("doc", "pivot").sort("doc")


def _witnesses(found: pl.DataFrame) -> pl.DataFrame:
    """doc, rule, pivot, witness: each kind of evidence of a document once."""
    words = pl.when(pl.col("lang").is_not_null()).then(pl.col("evidence").str.to_lowercase())
    # All phrases of the table are one witness.
    witness = pl.when(pl.col("rule") != "translationese").then(pl.coalesce(words, "message"))
    named = found.select("doc", "rule", "pivot", witness=witness)
    candidates = pl.DataFrame(
        [(rule, pivot) for rule, pivots in CANDIDATES.items() for pivot in pivots], schema=["rule", "candidate"], orient="row"
    )
    open_to = named.filter(pl.col("pivot").is_null()).join(candidates, on="rule").with_columns(pivot="candidate").drop("candidate")
    return pl.concat([named.drop_nulls("pivot"), open_to]).unique()
