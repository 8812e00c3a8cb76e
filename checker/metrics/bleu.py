"""BLEU: n-gram precision (n = 1 to 4 words) with a penalty for brevity, 0 to 100; a figure of a corpus, no column of sentences.

Papineni et al. 2002, with sacrebleu's tokenization 13a. A sentence without a 4-gram in common scores next to nothing: of sentences,
read chrF.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU

from checker import overlap

HIGHER_IS_BETTER = True

_ORDERS = 4

_tokenized = BLEU().tokenizer


def counts(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Of each pair and order (1 to 4 words) the n-grams of the hypothesis, of the reference, and in common: (pairs, 4, 3)."""
    parts = [_counted(*part) for part in overlap.portions(hypotheses, references)]
    return np.concatenate(parts) if parts else np.zeros((0, _ORDERS, 3), np.int64)


def _counted(hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    texts = [text for pair in zip(hypotheses, references, strict=True) for text in pair]
    words, sizes, _ = overlap.numbered([_tokenized(text.rstrip()).split() for text in texts])
    found = overlap.ngrams(words, sizes, _ORDERS)
    found[:, :, 0] = np.maximum(sizes[::2, None] - np.arange(_ORDERS), 0)  # BLEU counts them whatever the reference has
    return found


def figures(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """BLEU of each row of counts."""
    return np.array([_figure(row[:, 2].tolist(), row[:, 0].tolist(), int(row[0, 1])) for row in counts])


def _figure(common: list[int], total: list[int], reference: int) -> float:
    return float(BLEU.compute_bleu(common, total, sys_len=total[0], ref_len=reference, smooth_method="exp").score)


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """BLEU of each hypothesis against the reference at its place, as if it were a corpus, 0 to 100."""
    found: list[float] = figures(counts(hypotheses, references)).tolist()
    return found


def signature() -> str:
    """sacrebleu's signature of the figure."""
    metric = BLEU()
    metric.corpus_score(["a"], [["a"]])
    return f"BLEU|{metric.get_signature()}"
