"""chrF2: character n-gram F-score (n = 1 to 6, recall weighs twice), 0 to 100.

Popović 2015. Of two wordings of one sentence it sees how many characters they share; a changed digit hardly moves it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.chrf import CHRF

from checker import overlap

HIGHER_IS_BETTER = True

counts = overlap.statistics


def figures(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """chrF2 of each row of counts: of a pair, or of a corpus if pairs' counts were summed."""
    return overlap.f_scores(counts, overlap.CHARACTERS)


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """Sentence chrF2 of each hypothesis against the reference at its place, 0 to 100."""
    found: list[float] = figures(overlap.characters(hypotheses, references)).tolist()
    return found


def signature() -> str:
    """sacrebleu's signature of the figure."""
    metric = CHRF()
    metric.corpus_score(["a"], [["a"]])
    return f"chrF2|{metric.get_signature()}"
