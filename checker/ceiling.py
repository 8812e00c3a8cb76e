"""The engine's own error: originals go out and home, and how much of them comes home is what the engine leaves to a version.

It is an estimate: a person's translation may be easier to translate back than the engine's own, so that a version may score above
its ceiling.
"""

from collections.abc import Sequence

import polars as pl

from checker.config import Config
from checker.engines import Engine
from checker.progress import Progress
from checker.score import score_pairs
from checker.translate import translated

_ASKED = ["pivot", "by", "original_text"]
_FOUND = ["round_trip", "ceiling", "ceiling_reason"]


def ceilings(
    sentences: pl.DataFrame, pivots: pl.DataFrame, engines: Sequence[Engine], config: Config, progress: Progress
) -> pl.DataFrame:
    """`tables.SENTENCES` with `round_trip` and `ceiling`, or `ceiling_reason`, of every scored pair that went through a pivot.

    The pivot is the version's language, or what `pivots` (doc, pivot) names for a version in the originals' own; the engine is the
    one that made the back-translation, if it is among `engines`, else the first that can.
    """
    rows = sentences.drop(_FOUND).join(pivots.select("doc", through="pivot"), on="doc", how="left", maintain_order="left")
    foreign = pl.when(pl.col("lang") != config.original_lang).then("lang")
    pivot = pl.when(pl.col("status") == "scored").then(pl.coalesce(foreign, "through"))
    rows = rows.with_columns(pivot=pivot, by=pl.col("engine").str.extract(r"^(\S+)"))
    asked = rows.drop_nulls("pivot").select(_ASKED).unique().sort(_ASKED, nulls_last=True)
    parts = [_round_trips(part, engines, config, progress) for part in asked.partition_by("pivot", "by", maintain_order=True)]
    found = pl.concat([_NOTHING, *parts])
    return rows.join(found, on=_ASKED, how="left", nulls_equal=True, maintain_order="left").select(sentences.columns)


_NOTHING = pl.DataFrame(
    schema=dict.fromkeys([*_ASKED, "round_trip"], pl.String) | {"ceiling": pl.Float64, "ceiling_reason": pl.String}
)


def _round_trips(asked: pl.DataFrame, engines: Sequence[Engine], config: Config, progress: Progress) -> pl.DataFrame:
    """`_FOUND` of originals through one pivot."""
    pivot, by = asked.row(0)[:2]
    own = [engine for engine in engines if engine.name == by] or engines
    here = config.original_lang
    out = translated(asked.select(source=pl.lit(here), text="original_text"), own, pivot, progress)
    home = translated(out.drop_nulls("back").select(source=pl.lit(pivot), text="back"), own, here, progress)
    out = out.select(original_text="text", there="back", out_reason="back_reason")
    home = home.select(there="text", round_trip="back", home_reason="back_reason")
    trips = asked.join(out, on="original_text", how="left", maintain_order="left")
    trips = trips.join(home, on="there", how="left", maintain_order="left")
    done = trips.filter(pl.col("round_trip").is_not_null())
    scores, _ = score_pairs(done.select(original="original_text", back="round_trip"), config, progress)
    scored = done.select("original_text").hstack(scores.select(ceiling="fidelity"))
    found = trips.join(scored, on="original_text", how="left", maintain_order="left")
    return found.select(*_ASKED, "round_trip", "ceiling", ceiling_reason=pl.coalesce("out_reason", "home_reason"))
