"""What is said of a table of scored pairs as a whole: sums that can be added up, batch by batch, and the figures made of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from importlib.metadata import version
from typing import Any, TypeVar

import numpy as np
import polars as pl

from checker import intervals
from checker.registry import components
from checker.score import UNCOMPARED


@dataclass(frozen=True)
class Sums:
    """Rows, reasons of unscored ones, scored ones of which some facts were not told, worst severities, findings by rule, hundredths
    of fidelity to how many rows have it, and what the metrics count, in the shape that each has it.
    """

    rows: int = 0
    unscored: Mapping[str, int] = field(default_factory=dict)
    uncompared: int = 0
    severities: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    fidelity: Mapping[int, int] = field(default_factory=dict)
    counts: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def summed(pairs: pl.DataFrame, scores: pl.DataFrame, found: pl.DataFrame, metrics: Iterable[str]) -> Sums:
    """The sums of some pairs (`original`, `back`), their scores and findings; the metrics count scored pairs alone."""
    scored = scores["status"] == "scored"
    histogram = intervals.histogram(scores["fidelity"])
    return Sums(
        scores.height,
        dict(Counter(scores.filter(~scored)["reason"])),
        int((scores["reason"] == UNCOMPARED).sum()),
        dict(Counter(scores["severity"].drop_nulls())),
        dict(Counter(found["rule"])),
        {int(at): int(histogram[at]) for at in np.flatnonzero(histogram)},
        _counted(pairs.filter(scored), metrics),
    )


def _counted(pairs: pl.DataFrame, metrics: Iterable[str]) -> dict[str, Sequence[Any]]:
    """Metric to what it counts in all pairs together; what several count is counted once."""
    texts = pairs["back"].to_list(), pairs["original"].to_list()
    counts = {name: components("metrics")[name].counts for name in metrics}
    sums = {count: count(*texts).sum(axis=0).tolist() for count in dict.fromkeys(counts.values())}
    return {name: sums[count] for name, count in counts.items()}


def added(some: Iterable[Sums]) -> Sums:
    """The sums of all together."""
    return reduce(_both, some, Sums())


def _both(one: Sums, other: Sums) -> Sums:
    counts = {name: (np.array(one.counts.get(name, 0)) + np.array(more)).tolist() for name, more in other.counts.items()}
    return Sums(
        one.rows + other.rows,
        _counters(one.unscored, other.unscored),
        one.uncompared + other.uncompared,
        _counters(one.severities, other.severities),
        _counters(one.findings, other.findings),
        _counters(one.fidelity, other.fidelity),
        {**one.counts, **counts},
    )


Key = TypeVar("Key")


def _counters(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    return dict(Counter(one) + Counter(other))


def stored(sums: Sums) -> dict[str, Any]:
    """The sums as JSON has them."""
    return asdict(sums)


def restored(record: Mapping[str, Any]) -> Sums:
    """The sums that were stored."""
    return Sums(**{**record, "fidelity": {int(at): count for at, count in record["fidelity"].items()}})


def figures(sums: Sums) -> dict[str, Any]:
    """The figures as JSON has them: value, lower and upper end of what has an interval; figure and signature of a metric."""
    histogram = np.zeros(intervals.BINS, np.int64)
    histogram[list(sums.fidelity)] = list(sums.fidelity.values())
    mean, tenth = intervals.estimates(histogram)
    scored = int(histogram.sum())
    return {
        "checker": version("checker"),
        "rows": sums.rows,
        "scored": scored,
        "unscored": dict(sorted(sums.unscored.items())),
        "uncompared": sums.uncompared,
        "severities": dict(sorted(sums.severities.items())),
        "findings": dict(sorted(sums.findings.items())),
        "fidelity_mean": mean,
        "fidelity_p10": tenth,
        "critical_share": intervals.share(sums.severities.get("critical", 0), scored),
        "intervals": {"confidence": intervals.CONFIDENCE, "resamples": intervals.RESAMPLES, "seed": intervals.SEED},
        "metrics": {name: _figure(name, counts) for name, counts in sums.counts.items()} if scored else {},
    }


def _figure(name: str, counts: Sequence[Any]) -> dict[str, Any]:
    metric = components("metrics")[name]
    return {"corpus": round(float(metric.figures(np.array([counts], np.int64))[0]), 4), "signature": metric.signature()}


def lines(found: Mapping[str, Any]) -> list[str]:
    """The figures in words, a line each."""
    unscored = sum(found["unscored"].values())
    critical = found["severities"].get("critical", 0)
    said = [f"{found['rows']:,} rows, {unscored:,} unscored, {critical:,} with a critical difference"]
    if found["scored"]:
        parts = (intervals.Estimate(*found[name]) for name in ("fidelity_mean", "fidelity_p10", "critical_share"))
        said.append(f"  fidelity: {intervals.sentence(*parts)}")
    said += [f"  {metric['corpus']:.2f}  {metric['signature']}" for metric in found["metrics"].values()]
    said += [f"  unscored {count:,}: {reason}" for reason, count in found["unscored"].items()]
    if found["uncompared"]:
        said.append(f"  {found['uncompared']:,} {UNCOMPARED}")
    return said
