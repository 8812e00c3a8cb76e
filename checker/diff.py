"""Compares two runs over the same pages: findings new and gone, sentences better and worse with a test, documents added and gone.

The runs are comparable if what they are judged by is the same: rules, metrics, settings, schema. Their engines may differ: to
compare them is what a comparison is for.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checker.metrics import chrf_pp
from checker.registry import SEVERITIES
from checker.report import Scan, own

# Recorded settings that do not change what a run is judged by: what they change is what is compared. Others make another measure.
_TOLD = ("engine", "memory", "beam", "engine_timeout", "libretranslate_url", "ceiling", "gate", "overrides", "verdicts")
_MEASURES = ("schema", "checker", "metrics", "scorer")
_SEED = 12345

# Trials and resamples, as sacrebleu's paired tests take by default (10,000 and 1,000).
_TRIALS, _RESAMPLES = 10_000, 1_000
# Sentences that differ, from which the normal distribution stands for the trials: their sum is one of so many independent terms.
_MANY = 5_000
# Pairs that differ, beyond which corpus chrF is told without a test: trials of 5,000 of them take a second, of 20,000 five.
_CHRF_PAIRS = 20_000
# Trials drawn at a time: all at once would take half a gigabyte.
_BLOCK = 500

# Digests (SHA-256) are told by their beginnings.
_DIGEST, _DIGITS = re.compile("[0-9a-f]{64}"), 8

_PAIR = ["doc", "original", "original_text", "nth"]


@dataclass(frozen=True)
class Significance:
    """A paired comparison: means of both runs, the mean change with its 95 % interval, and the two-sided p-value."""

    pairs: int
    old: float | None
    new: float | None
    change: float | None
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True)
class Difference:
    """What changed from an old run to a new one."""

    documents: pl.DataFrame
    """doc and `change`: `added` or `gone`."""
    findings: pl.DataFrame
    """Findings with `change`: `new`, `fixed`, `suppressed` (there, no longer counted) or `unchanged`; the most severe first."""
    sentences: pl.DataFrame
    """Pairs that both runs have, with `fidelity_old`, `fidelity_new`, `change` (new less old), both texts; worst first."""
    alone: tuple[int, int]
    """Sentences that only the old run paired with an original, and only the new one."""
    fidelity: Significance
    chrf: Significance | None
    told: tuple[str, ...]
    """What else differs between the runs."""

    @property
    def nothing(self) -> bool:
        """True if not a finding, a sentence nor a document differs."""
        changed = self.sentences.filter(pl.col("change").fill_null(1) != 0)
        return (
            not any(self.alone)
            and self.documents.is_empty()
            and changed.is_empty()
            and (self.findings["change"] == "unchanged").all()
        )


def signature(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Why two records are not comparable, and what else differs between them."""
    told: list[str] = []
    against = [_differs(name, old.get(name), new.get(name)) for name in _MEASURES if old.get(name) != new.get(name)]
    gone, added = [sorted({*one.get("rules", ())} - {*other.get("rules", ())}) for one, other in ((old, new), (new, old))]
    if gone or added:
        said = [f"{word} {', '.join(names)}" for word, names in (("without", gone), ("with", added)) if names]
        against.append(f"rules: the new run is {' and '.join(said)}")
    before, after = old.get("settings", {}), new.get("settings", {})
    for name in sorted({*before, *after} - {"select", "ignore"}):  # `rules` holds what they come to
        if before.get(name) != after.get(name):
            (told if name in _TOLD else against).append(_differs(name, before.get(name), after.get(name)))
    others = ("engines", "models", "python", "packages", "input")
    told += [_differs(name, old.get(name), new.get(name)) for name in others if old.get(name) != new.get(name)]
    return against, told


def _differs(name: str, old: object, new: object) -> str:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        return "; ".join(_differs(f"{name}.{key}", old.get(key), new.get(key)) for key in changed)
    return f"{name}: {_said(old)} → {_said(new)}"


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value)) or "none"
    return value[:_DIGITS] if isinstance(value, str) and _DIGEST.fullmatch(value) else str(value)


def diff(old: Scan, new: Scan) -> Difference:
    """The runs compared; whether they are comparable is for `signature` to say."""
    against, told = signature(old.run, new.run)
    before, after = (_paired(run) for run in (old, new))
    sentences = _sentences(before, after)
    both = sentences.drop_nulls(["fidelity_old", "fidelity_new"])
    return Difference(
        _documents(old, new),
        _findings(old, new),
        sentences,
        (before.height - sentences.height, after.height - sentences.height),
        compared(both["fidelity_old"].to_numpy(), both["fidelity_new"].to_numpy()),
        _chrf(both),
        (*against, *told),
    )


def _documents(old: Scan, new: Scan) -> pl.DataFrame:
    before, after = (run.documents.select("doc").collect() for run in (old, new))
    added, gone = after.join(before, on="doc", how="anti"), before.join(after, on="doc", how="anti")
    rows = [added.with_columns(change=pl.lit("added")), gone.with_columns(change=pl.lit("gone"))]
    return pl.concat(rows).sort("doc")


_SHOWN = ("doc", "rule", "code", "severity", "line", "column", "evidence", "message", "fingerprint")


def _findings(old: Scan, new: Scan) -> pl.DataFrame:
    """By document and fingerprint, which say which finding it is; those of either run that are suppressed do not count."""
    before, after = (run.findings.select(*_SHOWN, "suppressed").collect() for run in (old, new))
    key = ["doc", "fingerprint"]
    counting = [rows.filter(pl.col("suppressed").is_null()).drop("suppressed") for rows in (before, after)]
    silenced = after.filter(pl.col("suppressed").is_not_null()).select(key).unique()
    lost = counting[0].join(counting[1], on=key, how="anti")
    parts = {
        "new": counting[1].join(counting[0], on=key, how="anti"),
        "fixed": lost.join(silenced, on=key, how="anti"),
        "suppressed": lost.join(silenced, on=key, how="semi"),
        "unchanged": counting[1].join(counting[0], on=key, how="semi"),
    }
    rows = pl.concat([part.with_columns(change=pl.lit(name)) for name, part in parts.items()])
    rank = -pl.col("severity").replace_strict({name: n for n, name in enumerate(SEVERITIES)}, default=0, return_dtype=pl.Int64)
    return rows.sort(rank, "doc", "line", "column", "code", "fingerprint", "change", nulls_last=True)


def _sentences(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The original's sentences that both runs have paired with a document of one name, with the fidelity that each gave them.

    A sentence that stands several times in the original is told by how many stand before it.
    """
    joined = after.join(before, on=_PAIR, how="inner", suffix="_old", maintain_order="left")
    joined = joined.rename({name: f"{name}_new" for name in ("fidelity", "english", "status")})
    joined = joined.with_columns(change=(pl.col("fidelity_new") - pl.col("fidelity_old")).round(2))
    same = pl.col("fidelity_old").is_null() & pl.col("fidelity_new").is_null()
    joined = joined.with_columns(change=pl.when(same).then(0.0).otherwise("change"))
    return joined.sort("change", "doc", "original_text", "nth", nulls_last=True)


def _paired(run: Scan) -> pl.DataFrame:
    rows = own(run.sentences, run.documents).filter(pl.col("original_text").is_not_null(), pl.col("text").is_not_null())
    english = pl.coalesce("back", "text")
    kept = rows.select("doc", "original", "original_text", "n", "fidelity", "status", english=english).collect()
    nth = pl.int_range(pl.len()).over("doc", "original", "original_text")
    return kept.sort("doc", "n", "original", nulls_last=True).with_columns(nth=nth).drop("n")


def compared(old: NDArray[np.float64], new: NDArray[np.float64]) -> Significance:
    """The change in the mean of paired figures, tested by approximate randomisation (Riezler and Maxwell 2005), with the interval
    of a paired bootstrap (Koehn 2004).

    If the runs do not differ, each pair's change might as well have the other sign: p is the share of trials with signs drawn by
    lot whose sum is at least as far from 0. The pairs count as independent, which sentences of one document are not quite.
    """
    if not old.size:
        return Significance(0, None, None, None, None, None, None)
    change = new - old
    told = change[change != 0]
    low, high = _interval(change) if told.size else (0.0, 0.0)
    before, after, mean, low, high = (round(float(one), 4) for one in (old.mean(), new.mean(), change.mean(), low, high))
    return Significance(old.size, before, after, mean, low, high, _randomised(told))


def _randomised(change: NDArray[np.float64]) -> float:
    if not change.size:
        return 1.0
    seen = abs(change.sum())
    if change.size > _MANY:
        z = seen / np.sqrt(np.square(change).sum())
        return float(f"{_two_sided(z):.3g}")
    return _share_as_far(lambda swapped: (1.0 - 2.0 * swapped) @ change, seen, change.size)


def _share_as_far(difference: Callable[[NDArray[np.float64]], NDArray[np.float64]], seen: float, pairs: int) -> float:
    """p: the share of trials whose difference is at least as far from 0 as the one that was seen.

    `difference` is told in which pairs the runs change places, a row of 0 and 1 per trial.
    """
    generator = np.random.default_rng(_SEED)
    drawn = (generator.integers(0, 2, (_BLOCK, pairs)).astype(np.float64) for _ in range(_TRIALS // _BLOCK))
    # One more in both, as the trial that was seen (so that p is never 0); rounding must not tell equal ones apart.
    far = sum(int((np.abs(difference(block)) >= seen - 1e-9).sum()) for block in drawn)
    return (far + 1) / (_TRIALS + 1)


def _two_sided(z: float) -> float:
    return erfc(z / sqrt(2))


def _interval(change: NDArray[np.float64]) -> tuple[float, float]:
    """The 2.5th and 97.5th percentiles of the mean of resampled pairs; of many, by its standard error."""
    if change.size > _MANY:
        half = 1.96 * change.std() / np.sqrt(change.size)
        return float(change.mean() - half), float(change.mean() + half)
    generator = np.random.default_rng(_SEED)
    means = [change[generator.integers(0, change.size, change.size)].mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _chrf(both: pl.DataFrame) -> Significance | None:
    """Corpus chrF2++ of both runs with the same test: in a trial, pairs that differ change places, and both are counted anew.

    sacrebleu's own does not count trials that give the very difference that was seen: where few pairs differ, most do, and it calls
    a single changed sentence significant.
    """
    rows = both.filter(pl.col("english_old") != "", pl.col("english_new") != "")
    apart = rows.filter(pl.col("english_old") != pl.col("english_new"))
    if apart.is_empty():
        return None
    totals = [_counts(rows, side).sum(axis=0) for side in ("english_old", "english_new")]
    old, new = chrf_pp.figures(np.array(totals)).tolist()
    p = _swapped(totals, _counts(apart, "english_new") - _counts(apart, "english_old"), abs(new - old))
    return Significance(rows.height, round(old, 4), round(new, 4), round(new - old, 4), None, None, p)


def _counts(rows: pl.DataFrame, side: str) -> NDArray[np.int64]:
    """What chrF2++ counts in each pair, shape (pairs, 8, 3)."""
    return chrf_pp.counts(rows[side].to_list(), rows["original_text"].to_list())


def _swapped(totals: list[NDArray[np.int64]], change: NDArray[np.int64], seen: float) -> float | None:
    """p of a difference of corpus chrF2++, by the counts of both, and by the change in those of pairs that differ; None of many."""
    if len(change) > _CHRF_PAIRS:
        return None
    old, new = totals

    def difference(swapped: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.tensordot(swapped, change.astype(np.float64), 1).round().astype(np.int64)
        return chrf_pp.figures(new - moved) - chrf_pp.figures(old + moved)

    return _share_as_far(difference, seen, len(change))
