"""Cuts two long texts into pieces where rare words leave no doubt, so that time and memory grow with the length, not its square."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from checker.matching import UNIT, Weighed, joined, mutual, within

# A piece is cut into pieces of PIECE sentences and more if it has more than CUT cells (a piece of 100 × 100 sentences is solved in
# some 10 ms, and no bead of Text+Berg dev or FLORES and 2 of 3,500 of the Bible's halves cross a cut); one without anchors that has
# more than MOST cells is cut along its diagonal.
PIECE, CUT, MOST = 40, 10_000, 1_000_000

# A word is rare that no more sentences than this have on either side; the greater numbers are tried where the lesser give no cut.
RARE = (3, 9, 27)


class Piece(NamedTuple):
    """Sentences `top:bottom` of a problem's one side and `left:right` of its other."""

    problem: int
    top: int
    bottom: int
    left: int
    right: int


def pieces_of(problem: int, pair: tuple[Weighed, Weighed]) -> list[Piece]:
    """The problem cut into pieces small enough to solve whole, in order; none where a side is empty."""
    todo = [Piece(problem, 0, len(pair[0].masses), 0, len(pair[1].masses))]
    done = []
    while todo:
        piece = todo.pop()
        parts = _cut(piece, pair) if _cells(piece) > CUT else [piece]
        if len(parts) == 1:
            done += _diagonal(piece)
        else:
            todo += parts[::-1]
    return [piece for piece in done if _cells(piece)]


def _cells(piece: Piece) -> int:
    return (piece.bottom - piece.top) * (piece.right - piece.left)


def _diagonal(piece: Piece) -> list[Piece]:
    """A piece without anchors, whole if it may be; else cut into equal parts, for want of anything better."""
    count = -(-_cells(piece) // MOST)
    ends = ((piece.top, piece.bottom), (piece.left, piece.right))
    tops, lefts = ([low + (high - low) * at // count for at in range(count + 1)] for low, high in ends) if count else ([], [])
    return [Piece(piece.problem, *part) for part in zip(tops, tops[1:], lefts, lefts[1:], strict=False)]


def _anchors(piece: Piece, pair: tuple[Weighed, Weighed], most: int) -> tuple[np.ndarray, np.ndarray]:
    """Sentences, from 0, that are each other's best match by rare words, as the longest chain that rises on both sides.

    Rare is a word that at most `most` sentences of either side have.
    """
    (rows, words, _), (cols, others, _) = within(pair[0], piece.top, piece.bottom), within(pair[1], piece.left, piece.right)
    size = max(words.max(initial=0), others.max(initial=0)) + 1
    counts, other_counts = np.bincount(words, minlength=size), np.bincount(others, minlength=size)
    rare = (counts > 0) & (counts <= most) & (other_counts > 0) & (other_counts <= most)
    kept, other_kept = rare[words], rare[others]
    rows, words, cols, others = rows[kept], words[kept], cols[other_kept], others[other_kept]
    left, right = joined(words, others)
    worth = np.rint(UNIT * UNIT / (counts[words[left]] * other_counts[words[left]]))
    width = piece.right - piece.left
    cells, at = np.unique(rows[left] * width + cols[right], return_inverse=True)
    i, j = mutual(cells // width, cells % width, np.bincount(at, worth, len(cells)))
    return _rising(i, j)


def _rising(i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The longest chain of pairs, already in the order of i, in which j rises too."""
    tails: list[int] = []
    ends: list[int] = []
    before = []
    for at, value in enumerate(j.tolist()):
        place = bisect_left(tails, value)
        before.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [value]
        ends[place : place + 1] = [at]
    chain = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return i[chain[::-1]], j[chain[::-1]]


def _cut(piece: Piece, pair: tuple[Weighed, Weighed]) -> list[Piece]:
    """The piece cut between anchored neighbours, into parts of PIECE sentences and more; whole where there are none."""
    for most in RARE:
        i, j = _anchors(piece, pair, most)
        follows = (np.diff(i) == 1) & (np.diff(j) == 1)
        places = zip((i[1:][follows] + piece.top).tolist(), (j[1:][follows] + piece.left).tolist(), strict=True)
        parts = _parts(piece, places)
        if len(parts) > 1:
            return parts
    return [piece]


def _parts(piece: Piece, places: Iterable[tuple[int, int]]) -> list[Piece]:
    tops, lefts = [piece.top], [piece.left]
    for top, left in places:
        if max(top - tops[-1], left - lefts[-1]) >= PIECE and max(piece.bottom - top, piece.right - left) >= PIECE:
            tops.append(top)
            lefts.append(left)
    ends = zip(tops, [*tops[1:], piece.bottom], lefts, [*lefts[1:], piece.right], strict=True)
    return [Piece(piece.problem, *part) for part in ends]
