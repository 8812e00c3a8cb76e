"""Sentence chrF2 and chrF2++ in bulk, beside sacrebleu in the same run: pairs a second on one core, and the largest difference.

    python bench/chrf.py [--pairs N]

FLORES recordings against their originals; each is measured three times, in turn, and the best counts.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from sacrebleu.metrics import CHRF

from checker import overlap
from checker.metrics import chrf, chrf_pp

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))

Scored = Callable[[Sequence[str], Sequence[str]], list[list[float]]]


def by_sacrebleu(*orders: int) -> Scored:
    metrics = [CHRF(word_order=order) for order in orders]
    return lambda hypotheses, references: [
        [metric.sentence_score(one, [other]).score for one, other in zip(hypotheses, references, strict=True)] for metric in metrics
    ]


def both(hypotheses: Sequence[str], references: Sequence[str]) -> list[list[float]]:
    counts = overlap.statistics(hypotheses, references)
    return [chrf.figures(counts).tolist(), chrf_pp.figures(counts).tolist()]


KINDS: dict[str, tuple[Scored, Scored]] = {
    "chrF2": (by_sacrebleu(0), lambda one, other: [chrf.score(one, other)]),
    "chrF2++": (by_sacrebleu(2), lambda one, other: [chrf_pp.score(one, other)]),
    "both": (by_sacrebleu(0, 2), both),
}


def timed(score: Scored, hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, list[list[float]]]:
    begin = time.perf_counter()
    found = score(hypotheses, references)
    return len(hypotheses) / (time.perf_counter() - begin), found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=8_000)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").drop_nulls("back").sample(asked.pairs, seed=1)
    texts = recorded["back"].to_list(), recorded["original"].to_list()
    for name, scores in KINDS.items():
        rounds = [[timed(score, *texts) for score in scores] for _ in range(3)]
        theirs, ours = (max(rate for rate, _ in column) for column in zip(*rounds, strict=True))
        difference = np.abs(np.array(rounds[0][0][1]) - np.array(rounds[0][1][1])).max()
        print(
            f"{name:8} sacrebleu {theirs:7,.0f}/s  here {ours:7,.0f}/s  x{ours / theirs:4.1f}  largest difference {difference:.0e}"
        )


if __name__ == "__main__":
    main()
