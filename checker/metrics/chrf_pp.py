"""chrF2++: chrF2 with word unigrams and bigrams, 0 to 100.

Popović 2017. The words make it see order and function words a little better than chrF2 does.
"""

from collections.abc import Sequence

from sacrebleu.metrics.chrf import CHRF

HIGHER_IS_BETTER = True

_metric = CHRF(word_order=2)


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """Sentence chrF2++ of each hypothesis against the reference at its place, 0 to 100."""
    return [
        _metric.sentence_score(hypothesis, [reference]).score for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]


def signature() -> str:
    """sacrebleu's signature of the figure."""
    _metric.corpus_score(["a"], [["a"]])
    return f"chrF2++|{_metric.get_signature()}"
