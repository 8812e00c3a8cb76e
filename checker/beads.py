"""Finds which sentences of one text render which of another, from their words alone: beads of up to four sentences on either side.

What two sentences share is the weight (inverse sentence frequency within the two texts) of the word prefixes that both hold. These
weights add up over the sentences of a bead, so that one matrix gives every merged bead (comparing through a translation: Bleualign,
Sennrich and Volk 2010; merged beads and their neighbours: Vecalign, Thompson and Koehn 2019; Bertalign, Liu and Zhu 2022).
Long texts are first cut where rare words leave no doubt, so that time and memory grow with their length, not with its square.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np

from checker.anchors import MOST, Piece, pieces_of
from checker.leftovers import completed, usual
from checker.lexicon import learnt
from checker.matching import FEW, UNIT, Bead, Side, prepared
from checker.measures import KINDS, Batch, batches, measures, null_measures, stacked, translated
from checker.paths import Gains, Priors, gains, paths

# Found by bench/train_align.py on the seen halves of its data: on texts without deletions, and on all. A bead gains the weighted
# sum of: its cosine, Dice and coverage (of the heavier side), cosine times length (log, from USUAL), the lengths' log ratio and its
# square, the cosines of its outer neighbours, the least said sentence inside it, cosine times sentences beyond one on a side, their
# number, the lesser side's, 1, the lengths' difference (in square roots of their sum), the coverage of the lighter side. A sentence
# left out gains: 1, its best cosine, how alike its text's pairs are, the share of sentences without such a pair, its length. The
# rest are of the text (`_priors`).
WEIGHTS = {
    "cosine": (1.797, 2.149),
    "dice": (1.283, 1.412),
    "coverage": (0.815, 1.179),
    "length": (0.534, 0.514),
    "ratio": (-0.403, -0.521),
    "ratio2": (-0.129, -0.032),
    "outer": (0.104, -0.341),
    "inner": (0.088, 0.267),
    "wide": (0.34, 0.363),
    "merged": (-0.368, -0.542),
    "both": (0.061, -0.173),
    "bias": (-0.091, -0.052),
    "far": (-0.354, -0.231),
    "lesser": (-0.023, 0.225),
    "null": (-0.483, -0.542),
    "null_best": (-0.859, -0.913),
    "null_level": (0.468, 0.958),
    "null_share": (0.227, 0.313),
    "null_length": (-0.221, -0.044),
    "bead_unmatched": (-0.059, 0.247),
    "null_unmatched": (0.832, 0.771),
    "null_alike": (-0.407, -0.755),
    "null_open": (-0.766, -0.434),
    "open_unmatched": (0.314, 0.364),
}

NULLS = list(WEIGHTS).index("null")

# Cells that are filled together (11 kinds at 2 bytes each, and 4 for sums: some 50 MB at work), and problems, at most, of which no
# more than of MOST cells.
BATCH, TOGETHER = 1 << 18, 500

# Shares of sentences that a first path leaves out up to which a text counts as whole, and from which on as damaged: the seen halves
# of Text+Berg (.08 to .11), the Bible, novels and joined sentences have less than the one, those with deleted runs and quotations
# more than the other. With .3 as the other the mean of the seen sets is the same, with .05 and .15 or with .2 and .4 .002 lower.
# KINDRED: a text that is less alike is not whole either, though all of it found a place: seen whole texts have a usual cosine of
# .41 and more, texts of one subject with as little left out .10 and less.
WHOLE, DAMAGED, KINDRED = 0.1, 0.2, 0.3

# KINDS of beads in a first path: what it is for is told as well by the commonest.
FIRST = 5

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
Weights = Mapping[str, np.ndarray]
Measures = Sequence[np.ndarray | float]


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
    known = weights_of(np.ones(len(sizes)))
    stacks = [(batch, stacked(batch, weighed)) for batch in batches(pieces, BATCH)]
    first = first_paths([(*stack, gained(*stack, known, FIRST)) for stack in stacks], len(sizes), known)
    lexicons = [learnt(pair, path) for pair, path in zip(weighed, first, strict=True)]
    known = weights_of(damage(first, sizes))
    stacks = [(batch, translated(batch, together, weighed, lexicons)) for batch, together in stacks]
    found = second_paths([(*stack, gained(*stack, known)) for stack in stacks], first, sizes, known)
    return [
        completed(_mirrored(path, turn), *(pair[::-1] if turn else pair))
        for path, pair, turn in zip(found, weighed, turned, strict=True)
    ]


def weights_of(damage: np.ndarray) -> Weights:
    """The weights of texts that are so damaged (0: whole, 1: as far as counts), by problem."""
    return {name: whole + damage * (damaged - whole) for name, (whole, damaged) in WEIGHTS.items()}


def damage(found: Sequence[Sequence[Bead]], sizes: Sequence[int]) -> np.ndarray:
    """How damaged texts of so many sentences are (0 to 1), of which a path found these beads."""
    gone = (_unmatched(found, sizes) - WHOLE) / (DAMAGED - WHOLE)
    strange = (KINDRED - np.array([usual(path) for path in found])) / (KINDRED - STRANGE)
    return np.asarray(np.clip(np.maximum(gone, strange), 0, 1))


def first_paths(solved: Stacks, problems: int, weights: Weights) -> list[list[Bead]]:
    """The beads of each problem's best path, when nothing is known of the texts."""
    return _paths_of(solved, _priors([[]] * problems, [0] * problems, weights))


def second_paths(solved: Stacks, first: Sequence[Sequence[Bead]], sizes: Sequence[int], weights: Weights) -> list[list[Bead]]:
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


def _priors(found: Sequence[Sequence[Bead]], sizes: Sequence[int], weights: Weights) -> Priors:
    """What is likely in texts of so many sentences of both sides, of which a path found these beads.

    It is told from the share of sentences that are in none and from the mean cosine: so a clean translation, a poor one, a page
    that quotes a line, and two texts of one subject have each their own.
    """
    taken = np.array([sum(map(_size, path)) for path in found])
    unmatched = _unmatched(found, sizes) - UNMATCHED
    alike = np.array([sum(bead.similarity for bead in path) / max(len(path), 1) for path in found])
    level = (taken * alike + SURE * ALIKE) / (taken + SURE)
    told = (
        weights["bead_unmatched"] * unmatched,
        weights["null_unmatched"] * (unmatched + UNMATCHED) + weights["null_alike"] * level,
        weights["null_open"] + weights["open_unmatched"] * unmatched,
    )
    return Priors(*(np.rint(values * UNIT).astype(np.int32) for values in told))


def _unmatched(found: Sequence[Sequence[Bead]], sizes: Sequence[int]) -> np.ndarray:
    """Share of a text's sentences that are in no bead; UNMATCHED if there are none."""
    alone = np.array(sizes) - np.array([sum(map(_size, path)) for path in found])
    return np.asarray((alone + SURE * UNMATCHED) / (np.array(sizes) + SURE))


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


def gained(
    batch: Sequence[Piece],
    together: Batch,
    weights: Weights,
    kinds: int = len(KINDS),
    measured: tuple[Iterable[Measures], Iterable[Measures]] | None = None,
) -> Gains:
    """What the beads of the batch and its left-out sentences gain, each piece by the weights of its problem; only so many KINDS.

    `measured` are their measures, if they are at hand.
    """
    mine = np.array(list(weights.values()), dtype=np.float32)[:, [piece.problem for piece in batch]]
    beads, nulls = measured or (measures(together), null_measures(together))
    totals = [_total(mine[:, :, None, None], values) for values in islice(beads, kinds)]
    return gains(together, totals, [_total(mine[NULLS:, :, None], values) for values in nulls])


def _total(weights: np.ndarray, values: Measures) -> np.ndarray:
    """The weighted sum of as many measures as there are."""
    return np.asarray(sum(weight * value for weight, value in zip(weights, values, strict=False)))
