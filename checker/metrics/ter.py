"""TER: edits (insertions, deletions, substitutions, shifts of blocks) per 100 words of the original, 0 and up; lower is nearer.

Snover et al. 2006. A sentence worded afresh costs as much as a wrong one: read it beside the others.
"""

from collections.abc import Sequence

from sacrebleu.metrics.ter import TER

HIGHER_IS_BETTER = False

_metric = TER()


def score(hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    """Sentence TER of each hypothesis against the reference at its place, 0 and up."""
    return [
        _metric.sentence_score(hypothesis, [reference]).score for hypothesis, reference in zip(hypotheses, references, strict=True)
    ]


def signature() -> str:
    """sacrebleu's signature of the figure."""
    _metric.corpus_score(["a"], [["a"]])
    return f"TER|{_metric.get_signature()}"
