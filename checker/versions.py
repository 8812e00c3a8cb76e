"""Versions side by side: of each fact that differs, how many versions of the same original there are, and how many keep it.

What all others keep, the original says plainly: one edition lost or changed it.
"""

import polars as pl

from checker.registry import rules

_PLACE = ["original", "original_start", "original_end"]


def compared(found: pl.DataFrame, sentences: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """`tables.FINDINGS` with `versions` and `kept_by` of those of pair rules that have a place in the original.

    A version counts if a scored pair of it holds the original's sentence. It keeps a fact if no finding of the same rule in it
    overlaps the place. An omission is no fact: a version that lacks the sentence is not among those that could keep it.
    """
    facts = [name for name, rule in rules().items() if rule.reads == "pairs" and name not in ("omission", "addition")]
    rows = found.drop("versions", "kept_by", strict=False).with_row_index("row")
    placed = rows.filter(pl.col("rule").is_in(facts), pl.col("original_start").is_not_null(), pl.col("original").is_not_null())
    starts = segments.select(original="doc", segment="n", at="start").sort("at")
    facts_at = _at(placed.select("row", "doc", "rule", *_PLACE), starts, "original_start")
    scored = sentences.filter(status="scored").select("doc", "original", first="original_start", last=pl.col("original_end") - 1)
    scored = scored.drop_nulls()
    held = _at(scored, starts, "first").rename({"segment": "begins"})
    held = _at(held, starts, "last").select("doc", "original", segment=pl.int_ranges("begins", pl.col("segment") + 1))
    held = held.explode("segment", empty_as_null=False).unique()
    versions = held.group_by("original", "segment").agg(versions=pl.len().cast(pl.Int64))
    lost = _lost(facts_at.join(held, on=["doc", "original", "segment"], how="semi"))
    counted = facts_at.join(versions, on=["original", "segment"]).join(lost, on=["rule", "segment", *_PLACE], how="left")
    kept = (pl.col("versions") - pl.col("lost")).clip(lower_bound=0)
    counted = counted.select("row", "versions", kept_by=kept)
    return (
        rows.join(counted, on="row", how="left", maintain_order="left")
        .drop("row")
        .select(*(name for name in found.columns if name not in ("versions", "kept_by")), "versions", "kept_by")
    )


def _at(rows: pl.DataFrame, starts: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows with the `segment` of the original that an offset lies in."""
    ordered = rows.sort(column)
    return (
        ordered.join_asof(starts, left_on=column, right_on="at", by="original", check_sortedness=False)
        .drop("at")
        .drop_nulls("segment")
    )


def _lost(facts_at: pl.DataFrame) -> pl.DataFrame:
    """rule, segment and place to `lost`: in how many versions a finding of the rule overlaps it."""
    each = facts_at.select("doc", "rule", "segment", *_PLACE).unique()
    places = each.drop("doc").unique()  # few a sentence
    both = places.join(each, on=["rule", "original", "segment"], suffix="_there")
    over = (pl.col("original_start") < pl.col("original_end_there")) & (pl.col("original_start_there") < pl.col("original_end"))
    return both.filter(over).group_by("rule", "segment", *_PLACE).agg(lost=pl.col("doc").n_unique().cast(pl.Int64))
