"""Finds which sentences of one text render which of another, from their words alone: beads of up to four sentences on either side.

What two sentences share is the weight (inverse sentence frequency within the two texts) of the word prefixes that both hold. These
weights add up over the sentences of a bead, so that one matrix gives every merged bead (comparing through a translation: Bleualign,
Sennrich and Volk 2010; merged beads and their neighbours: Vecalign, Thompson and Koehn 2019; Bertalign, Liu and Zhu 2022).
Long texts are first cut where rare words leave no doubt, so that time and memory grow with their length, not with its square.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from checker.anchors import MOST, Piece, pieces_of
from checker.leftovers import completed, usual
from checker.lexicon import Lexicon, learnt
from checker.matching import FEW, UNIT, Bead, Side, Weighed, prepared
from checker.measures import Batch, batches, measures, null_measures, stacked
from checker.paths import Gains, Priors, gains, paths

# Found by bench/train_align.py on the seen halves of its data. A bead gains the weighted sum of: its cosine, Dice and coverage (of
# the heavier side), cosine times length (log, from USUAL), the lengths' log ratio and its square, the cosines of its outer
# neighbours, the least said sentence inside it, cosine times sentences beyond one on a side, their number, the lesser side's, 1,
# the lengths' difference (in square roots of their sum), the coverage of the lighter side. A sentence left out gains: 1, its best
# cosine, how alike its text's pairs are, the share of sentences without such a pair, its length. The rest are of the text
# (`_priors`). A later set had .004 more on the unseen half of Text+Berg and .007 to .035 less on pages that quote: not taken.
WEIGHTS = {
    "cosine": 2.149,
    "dice": 1.412,
    "coverage": 1.179,
    "length": 0.514,
    "ratio": -0.521,
    "ratio2": -0.032,
    "outer": -0.341,
    "inner": 0.267,
    "wide": 0.363,
    "merged": -0.542,
    "both": -0.173,
    "bias": -0.052,
    "far": -0.231,
    "lesser": 0.225,
    "null": -0.542,
    "null_best": -0.913,
    "null_level": 0.958,
    "null_share": 0.313,
    "null_length": -0.044,
    "bead_unmatched": 0.247,
    "null_unmatched": 0.771,
    "null_alike": -0.755,
    "null_open": -0.434,
    "open_unmatched": 0.364,
}

NULLS = list(WEIGHTS).index("null")

# Cells that are filled together (11 kinds at 2 bytes each, and 4 for sums: some 50 MB at work), and problems, at most, of which no
# more than of MOST cells.
BATCH, TOGETHER = 1 << 18, 500

# Share of sentences without a partner, and mean cosine of beads, before anything is known; how many sentences know as much.
UNMATCHED, ALIKE, SURE = 0.2, 0.4, 5

# Beads that only fill a place (`_convincing`): with .2 and 2.5, strict F1 rises on the seen FLORES pages with deleted runs from
# .923 to .986 and with replaced sentences from .935 to .985; it falls by .002 on clean ones and by .008 on Text+Berg by SACunidir;
# if 2.5 is 2, by .03 on Text+Berg by europarlfull and .02 on the Bible.
LOWEST, SPREAD = 0.2, 2.5

# Usual cosine of two texts that have nothing to do with each other: of 22 seen pairs of one subject 19 have less than this, and no
# seen text has less than .32 with its own original.
STRANGE = 0.2


# Pieces that are filled up together, side by side, and what their beads gain.
Stacks = list[tuple[list[Piece], Batch, Gains]]


def solve(problems: Sequence[tuple[Side, Side]]) -> list[list[Bead]]:
    """The beads of each pair of a version's and an original's side, in the version's order; then what the original has alone."""
    found: list[list[Bead]] = []
    while len(found) < len(problems):
        cells = np.cumsum([len(one.lengths) * len(two.lengths) for one, two in problems[len(found) : len(found) + TOGETHER]])
        found += _solve(problems[len(found) : len(found) + max(int(np.searchsorted(cells, MOST)), 1)])
    return found


def _solve(problems: Sequence[tuple[Side, Side]]) -> list[list[Bead]]:
    turned, weighed = prepared(problems)
    pieces = [piece for at, pair in enumerate(weighed) for piece in pieces_of(at, pair)]
    sizes = [len(one.masses) + len(two.masses) for one, two in weighed]
    solved = _stacks(pieces, weighed)
    first = first_paths(solved, len(sizes), WEIGHTS)
    lexicons = [learnt(pair, path) for pair, path in zip(weighed, first, strict=True)]
    if any(lexicons):
        solved = _stacks(pieces, weighed, lexicons)
    found = second_paths(solved, first, sizes, WEIGHTS)
    return [
        completed(_mirrored(path, turn), *(pair[::-1] if turn else pair))
        for path, pair, turn in zip(found, weighed, turned, strict=True)
    ]


def _stacks(pieces: list[Piece], weighed: list[tuple[Weighed, Weighed]], lexicons: Sequence[Lexicon | None] = ()) -> Stacks:
    stacks = ((batch, stacked(batch, weighed, lexicons)) for batch in batches(pieces, BATCH))
    return [(batch, together, _gains(together)) for batch, together in stacks]


def first_paths(solved: Stacks, problems: int, weights: Mapping[str, float]) -> list[list[Bead]]:
    """The beads of each problem's best path, when nothing is known of the texts."""
    return _paths_of(solved, _priors([[]] * problems, [0] * problems, weights))


def second_paths(
    solved: Stacks, first: Sequence[Sequence[Bead]], sizes: Sequence[int], weights: Mapping[str, float]
) -> list[list[Bead]]:
    """The convincing beads of each problem's best path, when what is likely in its text is told from a first path: see `_priors`.

    `sizes` are the problems' numbers of sentences of both sides.
    """
    return [_convincing(path) for path in _paths_of(solved, _priors(first, sizes, weights))]


def _convincing(path: list[Bead]) -> list[Bead]:
    """The beads of the path without those that are far less alike than its others: they only filled a place.

    Far is LOWEST of the usual cosine, and SPREAD standard deviations below it, weighted as in `usual`. None of them counts where
    the usual bead is as little alike as those of STRANGE texts.
    """
    likely = usual(path)
    if likely < STRANGE:
        return []
    mass = max(sum(bead.similarity for bead in path), FEW)
    spread = math.sqrt(sum(bead.similarity * (bead.similarity - likely) ** 2 for bead in path) / mass)
    floor = min(LOWEST * likely, likely - SPREAD * spread)
    return [bead for bead in path if bead.similarity >= floor]


def _priors(found: Sequence[Sequence[Bead]], sizes: Sequence[int], weights: Mapping[str, float]) -> Priors:
    """What is likely in texts of so many sentences of both sides, of which a path found these beads.

    It is told from the share of sentences that are in none and from the mean cosine: so one set of weights does for a clean
    translation, a poor one, a page that quotes a line, and two texts of one subject.
    """
    taken = np.array([sum(map(_size, path)) for path in found])
    alike = np.array([sum(bead.similarity for bead in path) / max(len(path), 1) for path in found])
    known = np.array(sizes)
    unmatched = (known - taken + SURE * UNMATCHED) / (known + SURE) - UNMATCHED
    level = (taken * alike + SURE * ALIKE) / (taken + SURE)
    told = (
        weights["bead_unmatched"] * unmatched,
        weights["null_unmatched"] * (unmatched + UNMATCHED) + weights["null_alike"] * level,
        weights["null_open"] + weights["open_unmatched"] * unmatched,
    )
    return Priors(*(np.rint(values * UNIT).astype(np.int32) for values in told))


def _size(bead: Bead) -> int:
    return bead.version[1] - bead.version[0] + bead.original[1] - bead.original[0]


def _paths_of(solved: Stacks, priors: Priors) -> list[list[Bead]]:
    found: list[list[Bead]] = [[] for _ in priors.null]
    for batch, together, gain in solved:
        for piece, path in zip(batch, paths(batch, together, gain, priors), strict=True):
            found[piece.problem] += path
    return found


def _mirrored(beads: list[Bead], turn: bool) -> list[Bead]:
    return [Bead(bead.original, bead.version, bead.similarity, bead.crossing) for bead in beads] if turn else beads


def _gains(batch: Batch) -> Gains:
    weights = list(WEIGHTS.values())
    beads = [_total(weights, values) for values in measures(batch)]
    return gains(batch, beads, [_total(weights[NULLS:], values) for values in null_measures(batch)])


def _total(weights: Sequence[float], values: Sequence[np.ndarray | float]) -> np.ndarray:
    """The weighted sum of as many measures as there are."""
    return np.asarray(sum(weight * value for weight, value in zip(weights, values, strict=False)))
