"""How sure the figures of a corpus or document are: percentile bootstrap intervals (Efron 1979) over its sentences.

Fidelity is rounded to hundredths, so that a histogram of 10,001 bins holds all of it: sentences are drawn again by drawing how many
come from each bin (a multinomial draw), which takes the same memory whatever the number of sentences. What is drawn is seeded: the
same histogram has the same intervals. Sentences of one document resemble each other, which this leaves out: between documents,
figures differ more than the interval of a corpus says.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Counts = NDArray[np.int64]

BINS = 10_001
"""Hundredths of fidelity from 0 to 100."""

# 1,000 draws give the ends of a 95 % interval to about a twentieth of its width.
RESAMPLES, SEED, CONFIDENCE = 1_000, 20_220_114, 0.95

TENTH = 0.1
"""The quantile that stands beside the mean: of the worst tenth of the sentences, the best."""

# Draws that are held together: 40 MB of them where every bin is taken.
_TOGETHER = 500


class Estimate(NamedTuple):
    """A figure, and the lower and upper end of its interval; one sentence has no interval, and of nothing, all are null."""

    value: float | None
    low: float | None
    high: float | None


def histogram(fidelity: pl.Series) -> Counts:
    """How many values there are of each hundredth, shape (10001,); nulls are left out."""
    bins = (fidelity.drop_nulls() * 100).round().cast(pl.Int64).to_numpy()
    return np.bincount(bins, minlength=BINS)


def estimates(counts: Counts) -> tuple[Estimate, Estimate]:
    """Mean and 10th percentile (linear between neighbours) of a histogram, with their intervals, in points of fidelity."""
    if not counts.any():
        return Estimate(None, None, None), Estimate(None, None, None)
    bins = np.flatnonzero(counts)
    values, total = bins / 100, int(counts.sum())
    if total == 1:
        return (Estimate(float(values[0]), None, None),) * 2
    draw = np.random.default_rng(SEED)
    parts = [draw.multinomial(total, counts[bins] / total, _TOGETHER) for _ in range(RESAMPLES // _TOGETHER)]
    means = np.concatenate([part @ values / total for part in parts])
    tenths = np.concatenate([_quantiles(part, values) for part in parts])
    own = counts[bins][None]
    return _estimate((own @ values / total)[0], means, 2), _estimate(_quantiles(own, values)[0], tenths, 2)


def share(some: int, total: int) -> Estimate:
    """The share that some of all sentences make, 0 to 1, with its interval."""
    if not total:
        return Estimate(None, None, None)
    if total == 1:
        return Estimate(float(some), None, None)
    drawn = np.random.default_rng(SEED).binomial(total, some / total, RESAMPLES)
    return _estimate(some / total, drawn / total, 6)


def by_document(sentences: pl.DataFrame) -> pl.DataFrame:
    """doc, and the ends of the interval of its mean fidelity, `fidelity_low` and `fidelity_high`, of documents that have any.

    A loop over documents: each has draws of its own.
    """
    groups = sentences.drop_nulls("fidelity").group_by("doc", maintain_order=True).agg("fidelity")
    ends = [estimates(histogram(values))[0][1:] for values in groups["fidelity"]]
    columns = [pl.Series(name, [end[at] for end in ends], pl.Float64) for at, name in enumerate(("fidelity_low", "fidelity_high"))]
    return groups.select("doc").with_columns(columns)


def sentence(mean: Estimate, tenth: Estimate, critical: Estimate) -> str:
    """What is said of the fidelity of sentences, of which there are some, with the intervals in brackets."""
    shares = Estimate(*(None if part is None else 100 * part for part in critical))
    given = "" if mean.low is None else f", with {CONFIDENCE:.0%} intervals"
    return f"mean {_told(mean)}, 10th percentile {_told(tenth)}, critical {_told(shares)} %{given}"


def _told(one: Estimate) -> str:
    if one.value is None:
        return "none"
    return f"{one.value:.1f}" if one.low is None or one.high is None else f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]"


def _quantiles(counts: Counts, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 10th percentile of each row of counts of the values, which ascend."""
    below = np.cumsum(counts, axis=1)
    place = TENTH * (below[:, -1] - 1)
    first = np.floor(place)
    ends = [values[(below <= at[:, None]).sum(axis=1)] for at in (first, np.ceil(place))]
    quantiles: NDArray[np.float64] = ends[0] + (ends[1] - ends[0]) * (place - first)
    return quantiles


def _estimate(value: float, drawn: NDArray[np.float64], digits: int) -> Estimate:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(round(float(value), digits), round(float(low), digits), round(float(high), digits))
