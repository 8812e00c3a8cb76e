"""chrF2++: chrF2 with word unigrams and bigrams, 0 to 100.

Popović 2017. The words make it see order and function words a little better than chrF2 does.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.chrf import CHRF

from checker import overlap

HIGHER_IS_BETTER = True

counts = overlap.statistics


def figures(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """chrF2++ of each row of counts: of a pair, or of a corpus if pairs' counts were summed."""
    return overlap.f_scores(counts, overlap.CHARACTERS + overlap.WORDS)


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """Sentence chrF2++ of each hypothesis against the reference at its place, 0 to 100."""
    found: list[float] = figures(counts(hypotheses, references)).tolist()
    return found


def signature() -> str:
    """sacrebleu's signature of the figure."""
    metric = CHRF(word_order=2)
    metric.corpus_score(["a"], [["a"]])
    return f"chrF2++|{metric.get_signature()}"
