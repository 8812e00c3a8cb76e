"""chrF2: character n-gram F-score (n = 1 to 6, recall weighs twice), 0 to 100.

Popović 2015. Of two wordings of one sentence it sees how many characters they share; a changed digit hardly moves it.
"""

from collections.abc import Sequence

from sacrebleu.metrics.chrf import CHRF

HIGHER_IS_BETTER = True

_metric = CHRF()


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """Sentence chrF2 of each hypothesis against the reference at its place, 0 to 100."""
    return [
        _metric.sentence_score(hypothesis, [reference]).score for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]


def signature() -> str:
    """sacrebleu's signature of the figure."""
    _metric.corpus_score(["a"], [["a"]])
    return f"chrF2|{_metric.get_signature()}"
