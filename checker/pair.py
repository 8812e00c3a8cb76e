"""Pairs documents: which original, if any, a document derives from.

Candidates come from an inverted index of rare words, never from comparing all pairs; the alignment of their sentences then decides
(`relate`). "None" is a real answer.
"""

import polars as pl

from checker.align import english_of, features
from checker.tables import NOT_THE_TEXT, PAIRINGS

# A word in more documents than this does not tell them apart; it also bounds the size of the index's self-join.
RARE = 50

# Originals that are aligned with each document: editions of one story are near each other.
CANDIDATES = 5

# Cosine of rare words from which a pair is aligned at all: low, for alignment decides. True pairs of the demo have .35 and more,
# its other pairs up to .09.
MIN_SIMILARITY = 0.05

# A bead counts as a rendering from this similarity on.
RENDERS = 0.35

# Share of a version's text that must render the original, or of the original that must be rendered, to derive from it. On the demo
# every true pair has .94 or more and every other pair 0; reports of one event that share quotations have up to .4.
DERIVES = 0.55

# Derivations by which a document is a version of its original, and no root itself.
DERIVED = ("translation", "back-translation")

# Two English texts whose beads are this alike (median) are one text in two editions, not a translation there and back.
VERBATIM = 0.9

# A near-verbatim match of some length between texts that are otherwise each its own is a shared quotation; short ones agree by
# chance.
QUOTES, QUOTED_LENGTH = 0.75, 60


def pair(pages: pl.DataFrame, segments: pl.DataFrame, pivots: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    """`tables.PAIRINGS`: each document with the originals it may derive from, nearest first.

    `pivots` has doc and pivot of the documents that show traces of another language. Between two texts in the original's language
    the one that has a pivot, then the shorter one, is the version.
    """
    given = pages.filter(pl.col("original").is_not_null(), pl.col("status") == "ok")
    rows = given.select("doc", "original", similarity=pl.lit(None, pl.Float64), given=pl.lit(value=True))
    documents = _documents(pages, segments, pivots, original_lang)
    near = _near(documents, features(_text(segments)))
    return PAIRINGS.conform(pl.concat([rows, near.with_columns(given=pl.lit(value=False))]))


def _text(segments: pl.DataFrame) -> pl.DataFrame:
    return english_of(segments).filter(~pl.col("kind").is_in(NOT_THE_TEXT), pl.col("english").is_not_null())


def _documents(pages: pl.DataFrame, segments: pl.DataFrame, pivots: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    """doc, rank (who is the version of two: the higher), may_be_original, may_be_version of the documents that are not tables."""
    sizes = (
        _text(segments)
        .group_by("doc")
        .agg(size=pl.col("english").str.len_chars().sum(), foreign=(pl.col("doc_lang") != original_lang).first())
    )
    named = pages.filter(pl.col("cells").is_null()).join(sizes, on="doc").join(pivots.select("doc", "pivot"), on="doc", how="left")
    told = pl.col("role").is_not_null().any()
    original = pl.when(told).then(pl.col("role") == "original").otherwise(~pl.col("foreign") & pl.col("pivot").is_null())
    version = pl.when(told).then(pl.col("role") == "version").otherwise(statement=True)
    order = pl.struct(pl.col("foreign"), pl.col("pivot").is_not_null(), -pl.col("size").cast(pl.Int64), "doc")
    return named.select("doc", rank=order.rank("ordinal"), may_be_original=original, may_be_version=version)


def _near(documents: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """doc, original, similarity of the nearest originals of each version, by the rare words that both hold."""
    distinct = words.select("doc", "word").unique(maintain_order=True).join(documents, on="doc")
    total = distinct["doc"].n_unique()
    frequency = distinct.group_by("word").len("df").filter(pl.col("df") <= RARE)
    weighted = distinct.join(frequency, on="word").with_columns(weight=((total + 1) / pl.col("df")).log())
    norms = weighted.group_by("doc").agg(norm=(pl.col("weight") ** 2).sum().sqrt())
    versions = weighted.filter("may_be_version").select("doc", "rank", "word", "weight")
    originals = weighted.filter("may_be_original").select("word", original="doc", original_rank="rank")
    shared = versions.join(originals, on="word").filter(
        (pl.col("rank") > pl.col("original_rank")) | ~pl.col("original").is_in(documents.filter("may_be_version")["doc"].implode())
    )
    shared = shared.filter(pl.col("doc") != pl.col("original"))
    scored = shared.group_by("doc", "original").agg(dot=(pl.col("weight") ** 2).sum())
    scored = scored.join(norms, on="doc").join(norms.rename({"doc": "original", "norm": "original_norm"}), on="original")
    scored = scored.with_columns(similarity=(pl.col("dot") / pl.col("norm") / pl.col("original_norm")).round(4))
    scored = scored.filter(pl.col("similarity") >= MIN_SIMILARITY).sort(
        "doc", "similarity", "original", descending=[False, True, False]
    )
    return scored.group_by("doc", maintain_order=True).head(CANDIDATES).select("doc", "original", "similarity")


def relate(
    sentences: pl.DataFrame, pairings: pl.DataFrame, pages: pl.DataFrame, segments: pl.DataFrame, pivots: pl.DataFrame
) -> pl.DataFrame:
    """doc, original, derivation, explained, coverage, best of each pairing that the alignment upheld.

    `best` marks a document's nearest original; `explained` and `coverage` are shares of text, 0 to 1.
    """
    renders = pl.col("n").is_not_null() & pl.col("original_n").is_not_null() & (pl.col("similarity").fill_null(1.0) >= RENDERS)
    length = (pl.col("end") - pl.col("start")).filter(renders).sum()
    original_length = (pl.col("original_end") - pl.col("original_start")).filter(renders).sum()
    beads = sentences.group_by("doc", "original", maintain_order=True).agg(
        length=length,
        original_length=original_length,
        median=pl.col("similarity").filter(renders).median(),
        plainest=pl.col("similarity").filter(renders, pl.col("end") - pl.col("start") >= QUOTED_LENGTH).max(),
        weight=((pl.col("end") - pl.col("start")) * pl.col("similarity")).filter(renders).sum(),
    )
    sizes = (
        segments.filter(~pl.col("kind").is_in(NOT_THE_TEXT))
        .group_by("doc")
        .agg(size=(pl.col("end") - pl.col("start")).sum(), lang=pl.col("doc_lang").first())
    )
    rows = beads.join(pairings, on=["doc", "original"]).join(sizes, on="doc").join(pages.select("doc", "role"), on="doc")
    rows = rows.join(sizes.select(original="doc", original_size="size", original_lang="lang"), on="original")
    rows = rows.join(pivots.select("doc", "pivot"), on="doc", how="left").with_columns(
        explained=(pl.col("length") / pl.col("size")).clip(0, 1).round(4),
        coverage=(pl.col("original_length") / pl.col("original_size")).clip(0, 1).round(4),
    )
    rows = rows.with_columns(derivation=_derivation()).drop_nulls("derivation")
    return _best(rows).select("doc", "original", "derivation", "explained", "coverage", "best")


def _derivation() -> pl.Expr:
    derives = pl.max_horizontal("explained", "coverage") >= DERIVES
    verbatim = (pl.col("median") >= VERBATIM) & pl.col("pivot").is_null()
    return (
        pl.when("given")
        .then(pl.lit("bitext"))
        .when(derives & (pl.col("lang") != pl.col("original_lang")))
        .then(pl.lit("translation"))
        .when(derives & verbatim)
        .then(pl.lit("edition"))
        .when(derives)
        .then(pl.lit("back-translation"))
        .when(pl.col("plainest") >= QUOTES)
        .then(pl.lit("quotations"))
    )


def _best(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `best`: each document's pairing that explains most of it.

    Deriving comes before quoting, and a root before what itself derives from another document.
    """
    derived = _ranked(rows.with_columns(secondary=pl.lit(value=False))).filter("best", pl.col("derivation").is_in(DERIVED))["doc"]
    return _ranked(rows.with_columns(secondary=pl.col("original").is_in(derived.implode()))).drop("quotes", "secondary")


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    order = rows.with_columns(quotes=pl.col("derivation") == "quotations").sort(
        "doc", "quotes", "secondary", "weight", "original", descending=[False, False, False, True, False], nulls_last=True
    )
    return order.with_columns(best=pl.int_range(pl.len()).over("doc") == 0)
