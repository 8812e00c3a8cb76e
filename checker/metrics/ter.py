"""TER: edits (insertions, deletions, substitutions, shifts of blocks) per 100 words of the original, 0 and up; lower is nearer.

Snover et al. 2006. A sentence worded afresh costs as much as a wrong one: read it beside the others. Some 90 pairs a second.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.ter import TER

HIGHER_IS_BETTER = False

_metric = TER()


def counts(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Edits, and words of the reference, of each pair."""
    pairs = [_counted(hypothesis, reference) for hypothesis, reference in zip(hypotheses, references, strict=True)]
    return np.array(pairs, np.int64).reshape(-1, 2)


@lru_cache(maxsize=1 << 15)  # a batch's pairs (20,000) are asked for twice: each for itself, then all for the corpus
def _counted(hypothesis: str, reference: str) -> tuple[int, int]:
    found = _metric.sentence_score(hypothesis, [reference])
    return found.num_edits, int(found.ref_length)


def figures(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """TER of each row of counts; of an empty reference 100, unless the hypothesis is empty, too."""
    edits, words = counts[:, 0], counts[:, 1]
    return 100 * np.where(words > 0, edits / np.maximum(words, 1), np.minimum(edits, 1))


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """Sentence TER of each hypothesis against the reference at its place, 0 and up."""
    found: list[float] = figures(counts(hypotheses, references)).tolist()
    return found


def signature() -> str:
    """sacrebleu's signature of the figure."""
    _metric.corpus_score(["a"], [["a"]])
    return f"TER|{_metric.get_signature()}"
