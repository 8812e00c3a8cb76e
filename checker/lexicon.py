"""A document's own lexicon: words that keep standing where another word was, learnt from what is left unmatched inside beads.

"Sea" for "ocean" throughout a text, a name spelt in two ways: two words that few beads have and that stand unmatched in the same
beads render each other (association by cosine of occurrences; as in the realignment of hunalign, Varga et al. 2005).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from checker.matching import Bead, Weighed, joined, mutual

# Sentences of both sides from which on there is a lexicon: below, it changed strict F1 of chunks of Text+Berg by -.0002, of the
# Bible by -.0006; above, by +.0025 and +.0009 (lax F1: nowhere less).
LONG = 200

# Beads in which two words must stand, what is taken from their number for chance, and the cosine that they need: .2 and .35 measure
# the same on all seen data, .5 has half of the gain, three beads rather than two a third.
BEADS, CHANCE, ALIKE = 2, 0.5, 0.35

# Unmatched words of a side of a bead, at most, that are compared: sentences have some twenty; a whole text in one line is no help.
WORDS = 200


class Lexicon(NamedTuple):
    """By number of a word of the one side: its partner in the other (-1: none), and how sure that is (0 to 1)."""

    partner: np.ndarray
    sure: np.ndarray


def learnt(pair: tuple[Weighed, Weighed], path: Sequence[Bead]) -> Lexicon | None:
    """The lexicon of a pair of sides and a path through it (its beads' `version` in the first side), if it is LONG and has one."""
    if len(pair[0].masses) + len(pair[1].masses) < LONG:
        return None
    size = int(max(side.words.max(initial=0) for side, *_ in pair)) + 1
    said = [_said(weighed, ends, size) for weighed, ends in zip(pair, _ends(path), strict=True)]
    alone = [_often(np.setdiff1d(said[side], said[1 - side], assume_unique=True), size) for side in (0, 1)]
    left, right = joined(alone[0] // size, alone[1] // size)
    pairs, together = np.unique((alone[0][left] % size) * size + alone[1][right] % size, return_counts=True)
    pairs, together = pairs[together >= BEADS], together[together >= BEADS]
    one, two = pairs // size, pairs % size
    counts = [np.bincount(words % size, minlength=size) for words in alone]
    sure = (together - CHANCE) / np.sqrt(counts[0][one] * counts[1][two])
    likely = sure >= ALIKE
    one, two, sure = one[likely], two[likely], sure[likely]
    best, other = mutual(one, two, sure)
    lexicon = Lexicon(np.full(size, -1), np.zeros(size))
    lexicon.partner[best] = other
    np.maximum.at(lexicon.sure, one, sure)
    return lexicon if len(best) else None


def _ends(path: Sequence[Bead]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    return [bead.version for bead in path], [bead.original for bead in path]


def _said(weighed: Weighed, ends: list[tuple[int, int]], size: int) -> np.ndarray:
    """The words of the beads of one side, each once a bead, as bead × size + word, rising."""
    bead_of = np.full(len(weighed.masses), -1)
    for bead, (low, high) in enumerate(ends):
        bead_of[low:high] = bead
    beads = bead_of[weighed.side.rows]
    return np.unique(beads[beads >= 0] * size + weighed.side.words[beads >= 0])


def _often(words: np.ndarray, size: int) -> np.ndarray:
    """Those of the words, as bead × size + word, that stand in BEADS beads and more, without the beads that have too many."""
    _, number, counts = np.unique(words // size, return_inverse=True, return_counts=True)
    words = words[counts[number] <= WORDS]
    often = np.bincount(words % size, minlength=size) >= BEADS
    return np.asarray(words[often[words % size]])


def rendered(words: tuple[np.ndarray, ...], others: tuple[np.ndarray, ...], lexicon: Lexicon) -> tuple[np.ndarray, ...]:
    """Rows, partners and weights of the words (rows, words, weights) that have a partner among the others."""
    weights = np.zeros(len(lexicon.partner))
    weights[others[1]] = others[2]
    known = lexicon.partner[words[1]] >= 0
    rows, own, weight = (values[known] for values in words)
    partner = lexicon.partner[own]
    return rows, partner, np.rint(lexicon.sure[own] * np.minimum(weight, weights[partner]))
