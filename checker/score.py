"""Scores fidelity: string metrics for every aligned pair, the facts that differ, and one figure from 0 to 100 made of both."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import polars as pl

from checker.config import Config
from checker.detect import evidence, findings
from checker.languages import UNDETERMINED, name
from checker.progress import Progress
from checker.registry import SEVERITIES, components, rules
from checker.tables import FINDINGS, SENTENCES
from checker.telling import foreign
from checker.wording import worded

COLUMNS = {"chrf": "chrf", "chrf-pp": "chrf_pp", "ter": "ter"}
"""Metric to its column."""

SCORES = {name: pl.Float64() for name in ("chrf", "chrf_pp", "ter", "fidelity")} | {
    name: pl.String() for name in ("severity", "status", "reason")
}
"""The columns that `checker score` adds to a file."""

# Points that fidelity loses for the worst fact that differs, set by hand until it is calibrated. A changed figure or a lost "not"
# makes another statement of a sentence whose words all agree, so a critical one takes it below the middle of the scale.
PENALTY = {"critical": 55.0, "major": 30.0, "minor": 10.0, "info": 0.0}

# Likeness of wording to fidelity before facts: 100 (1 - (1 - chrF2++ / 100) ** BEND). Good machine translations have a median
# chrF2++ of 64 against the original, other sentences of the same news 15 (1,500 FLORES recordings by Google and Microsoft): they
# stand at 84 and 25, the same words at 100.
BEND = 1.75

# Pairs that a process takes at a time, and batches from which a second process repays its start.
_BATCH, _WORTH_A_POOL = 500, 4


def score(
    pages: pl.DataFrame,
    segments: pl.DataFrame,
    sentences: pl.DataFrame,
    relations: pl.DataFrame,
    config: Config,
    progress: Progress,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`tables.SENTENCES` with their scores, and `tables.FINDINGS` of the pair rules that the settings choose.

    Facts are looked for where a document derives from its nearest original; what only shares quotations has not lost the rest, and
    another edition has omitted nothing: it was never meant to hold it.
    """
    judged = _status(sentences)
    best = relations.filter("best", pl.col("derivation") != "quotations").select("doc", "original", "derivation")
    pairs = judged.join(best, on=["doc", "original"], how="inner", maintain_order="left")
    pairs = pairs.filter((pl.col("derivation") != "edition") | (pl.col("n").is_not_null() & pl.col("original_n").is_not_null()))
    pairs = pairs.with_columns(original_lang=pl.lit(config.original_lang))
    found = findings(pages, segments, _facts(pairs, config.rules()))
    return SENTENCES.conform(_scored(judged, found, config, progress)), found


def score_pairs(pairs: pl.DataFrame, config: Config, progress: Progress) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`SCORES` of rows with `original` and `back` alone, in their order; and row, rule, severity, message of each fact.

    A version in another language than its original, by the settings or by their own words, cannot be compared: it is unscored.
    """
    spoken = _spoken(pairs, config)
    rows = pairs.with_row_index("row").hstack(spoken)
    rows = rows.with_columns(uncompared=_uncompared(spoken, config.original_lang))
    rows = rows.select(
        doc=pl.col("row").cast(pl.String),
        n=pl.lit(0, pl.Int64),
        original=pl.lit(""),
        start=pl.lit(0, pl.Int64),
        end=pl.col("back").str.len_chars().cast(pl.Int64),
        text="back",
        lang="lang",
        english=pl.when(pl.col("uncompared").is_null()).then("back"),
        original_lang="original_lang",
        original_n=pl.lit(0, pl.Int64),
        original_start=pl.lit(0, pl.Int64),
        original_end=pl.col("original").str.len_chars().cast(pl.Int64),
        original_text="original",
        alignment=pl.lit("1-1"),
        crossing=pl.lit(value=False),
        similarity=pl.lit(None, pl.Float64),
        reason=pl.when(pl.all_horizontal(pl.col("original", "back").str.strip_chars() != "")).then("uncompared"),
    )
    absent = [name for name in SENTENCES.columns if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, SENTENCES.columns[name].dtype).alias(name) for name in absent)
    judged = _status(rows)
    facts = _facts(judged, config.rules())
    found = pl.concat(facts) if facts else FINDINGS.empty()
    return _scored(judged, found, config, progress).select(SCORES.keys()), found.select(
        pl.col("doc").cast(pl.Int64).alias("row"), "rule", "severity", "message"
    )


def _spoken(pairs: pl.DataFrame, config: Config) -> pl.DataFrame:
    """lang and original_lang of rows, by the settings; where these say nothing of versions, by what texts surely are in."""
    stated = pl.DataFrame({"lang": config.version_lang or config.original_lang, "original_lang": config.original_lang})
    rows = stated[[0] * pairs.height]
    if config.version_lang is not None:
        return rows
    other = {
        side: foreign(pairs[column], config.original_lang) for side, column in (("lang", "back"), ("original_lang", "original"))
    }
    return rows.with_columns(rows[side].scatter(told["row"], told["lang"]) for side, told in other.items())


def _uncompared(spoken: pl.DataFrame, original_lang: str) -> pl.Series:
    """Why two texts cannot be compared, by their languages; null where they can."""
    named = {code: name(code) for column in spoken for code in column.unique()}
    version, original = (pl.col(side).replace_strict(named, return_dtype=pl.String) for side in ("lang", "original_lang"))
    unlike = (pl.col("lang") != pl.col("original_lang")) & (pl.col("lang") != UNDETERMINED)
    moved = pl.format("the original is in {}, not {}", original, pl.lit(name(original_lang)))
    reason = (
        pl.when(pl.col("original_lang") != original_lang).then(moved).otherwise(pl.format("no back-translation from {}", version))
    )
    return spoken.select(pl.when(unlike).then(reason)).to_series()


def _status(sentences: pl.DataFrame) -> pl.DataFrame:
    """The sentences with `status`, and the `reason` of those that cannot be scored."""
    blank = pl.col("english").fill_null("").str.strip_chars() == ""
    original_blank = pl.col("original_text").fill_null("").str.strip_chars() == ""
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(pl.col("alignment").is_in(["omission", "addition"]))
        .then(pl.col("alignment"))
        .when(original_blank)
        .then(pl.lit("the original is empty"))
        .when(blank)
        .then(pl.lit("the version is empty"))
    )
    return sentences.with_columns(reason=reason).with_columns(
        status=pl.when(pl.col("reason").is_null()).then(pl.lit("scored")).otherwise(pl.lit("unscored"))
    )


def _facts(pairs: pl.DataFrame, names: Sequence[str]) -> list[pl.DataFrame]:
    """The evidence of each pair rule."""
    chosen = [rules()[name] for name in names if rules()[name].reads == "pairs"]
    pairs = worded(pairs)  # once for all rules
    return [evidence(rule, _anchored(pairs, rule.module.find(pairs))) for rule in chosen]


def _anchored(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """An omission has no span in the version: it stands, empty, behind the sentence that renders the original's one before it."""
    ends = pairs.filter(pl.col("end").is_not_null(), pl.col("original_end").is_not_null(), ~pl.col("crossing"))
    ends = ends.select("doc", "original", place="end", original_at="original_end").sort("original_at", "place")
    asked = rows.with_row_index("row").sort("original_start", nulls_last=True)
    known = asked.filter(pl.col("original_start").is_not_null())
    placed = known.join_asof(
        ends, left_on="original_start", right_on="original_at", by=["doc", "original"], check_sortedness=False
    ).select("row", "place")
    joined = asked.sort("row").join(placed, on="row", how="left", maintain_order="left")
    place = pl.col("place").fill_null(0)
    return joined.with_columns(start=pl.coalesce("start", place), end=pl.coalesce("end", place)).drop("row", "place")


def _scored(judged: pl.DataFrame, found: pl.DataFrame, config: Config, progress: Progress) -> pl.DataFrame:
    """The pairs with metrics, worst severity and fidelity."""
    judged = judged.drop(*COLUMNS.values(), "severity", strict=False)
    scored = metrics(judged.filter(pl.col("status") == "scored"), config.metrics, progress)
    measured = judged.join(scored, on=["english", "original_text"], how="left", maintain_order="left")
    measured = measured.with_columns(
        pl.when(pl.col("status") == "scored").then(pl.col(name)).alias(name) for name in COLUMNS.values()
    )
    joined = _worst(measured, found)
    likeness = 100 * (1 - (1 - pl.col("chrf_pp") / 100) ** BEND)
    penalty = pl.col("severity").replace_strict(PENALTY, default=0.0, return_dtype=pl.Float64)
    fidelity = pl.when(pl.col("status") == "scored").then((likeness - penalty).clip(0, 100).round(2))
    return joined.with_columns(fidelity=fidelity)


def _worst(sentences: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The sentences with the worst `severity` of the findings that begin in them.

    An omission has no words in the version: the sentence behind which it is placed is not less faithful for it.
    """
    starts = sentences.filter(pl.col("start").is_not_null()).select("doc", "original", "n", at="start").sort("at")
    inside = found.filter(pl.col("start") < pl.col("end"))
    placed = inside.select("doc", "original", "start", pl.col("severity").cast(pl.Enum(SEVERITIES))).sort("start")
    placed = placed.join_asof(starts, left_on="start", right_on="at", by=["doc", "original"], check_sortedness=False)
    worst = placed.drop_nulls("n").group_by("doc", "original", "n").agg(pl.col("severity").max().cast(pl.String))
    return sentences.join(worst, on=["doc", "original", "n"], how="left", maintain_order="left")


def metrics(pairs: pl.DataFrame, names: Sequence[str], progress: Progress) -> pl.DataFrame:
    """english, original_text and a column per metric of the distinct pairs, to 4 places; null for a metric not in `names`."""
    distinct = pairs.select("english", "original_text").unique().sort("english", "original_text")
    asked = sorted({"chrf-pp", *names})
    batches = [(asked, distinct.slice(at, _BATCH).to_dict(as_series=False)) for at in range(0, distinct.height, _BATCH)]
    scores = []
    with _mapped(batches) as measured:
        for batch in measured:
            scores.append(batch)
            progress(f"scoring, {min(len(scores) * _BATCH, distinct.height):,} of {distinct.height:,} pairs")
    columns = {COLUMNS[name]: [value for batch in scores for value in batch[name]] for name in asked}
    absent = [column for column in COLUMNS.values() if column not in columns]
    return distinct.with_columns(
        *(pl.Series(name, values, dtype=pl.Float64).round(4) for name, values in columns.items()),
        *(pl.lit(None, pl.Float64).alias(column) for column in absent),
    )


_Batch = tuple[list[str], dict[str, list[str]]]


@contextmanager
def _mapped(batches: Sequence[_Batch]) -> Iterator[Iterator[dict[str, list[float]]]]:
    """The batches' scores in order, made by all cores if there are enough of them."""
    if len(batches) < _WORTH_A_POOL:
        yield map(_measured, batches)
        return
    # Spawned, not forked: polars' threads do not survive a fork.
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("spawn")) as pool:
        try:
            yield pool.map(_measured, batches)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C, batches that wait are not begun


def _measured(batch: _Batch) -> dict[str, list[float]]:
    asked, texts = batch
    return {name: components("metrics")[name].score(texts["english"], texts["original_text"]) for name in asked}
