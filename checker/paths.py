"""The best path through the beads and the left-out sentences of a piece, of many pieces at once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from checker.anchors import Piece
from checker.matching import UNIT, Bead
from checker.measures import KINDS, WIDEST, Batch, impossible

_NEVER = -(1 << 15)
_NOWHERE = -(1 << 29)
_NONE, _DOWN = 31, 30
_ALONG, _ALONG_OPENS, _DOWN_OPENS = 32, 64, 128


class Gains(NamedTuple):
    """What a path gains, in whole UNITs: by a bead of each kind, and by a sentence left out of either side."""

    beads: list[np.ndarray]
    nulls: list[np.ndarray]


class Priors(NamedTuple):
    """What a path gains besides, in whole UNITs, by text or piece: by a bead, a sentence left out, and by beginning to."""

    bead: np.ndarray
    null: np.ndarray
    opening: np.ndarray


def gains(batch: Batch, beads: Sequence[np.ndarray], nulls: Sequence[np.ndarray]) -> Gains:
    """Weighed measures as whole numbers; a bead that reaches out of its piece or over what was left out is none."""
    whole = [np.rint(np.clip(values, -30, 30) * UNIT).astype(np.int16) for values in beads]
    for values, kind in zip(whole, KINDS, strict=False):
        values[impossible(batch, *kind)] = _NEVER
    return Gains(whole, [np.rint(values * UNIT).astype(np.int32) for values in nulls])


def paths(batch: list[Piece], together: Batch, gain: Gains, priors: Priors) -> list[list[Bead]]:
    """The two-sided beads of each piece's best path, without those that share nothing."""
    codes = forward(gain, Priors(*(values[[piece.problem for piece in batch], None] for values in priors)))
    steps = [(at, *step) for at, size in enumerate(together.sizes.tolist()) for step in reversed(list(_walk(codes[at], *size)))]
    found: list[list[Bead]] = [[] for _ in batch]
    cells = np.array(steps, dtype=np.int64).reshape(-1, 4)
    for (at, kind, i, j), similarity in zip(steps, _similarities(together, cells).tolist(), strict=True):
        if similarity:
            top, left = batch[at].top + i, batch[at].left + j
            a, b = KINDS[kind]
            found[at].append(Bead((top, top + a), (left, left + b), round(similarity, 4), crossing=False))
    return found


def _similarities(batch: Batch, cells: np.ndarray) -> np.ndarray:
    """Cosines of beads, given as rows of piece, kind, first row and first column."""
    cosines = np.zeros(len(cells))
    for kind, (a, b) in enumerate(KINDS):
        mine = np.flatnonzero(cells[:, 1] == kind)
        if not len(mine):
            continue
        at, i, j = cells[mine][:, [0, 2, 3]].T
        rows, columns = range(a), range(b)
        common = sum(batch.shared[at, i + row, j + column].astype(np.float64) for row in rows for column in columns)
        one, two = sum(batch.masses[0][at, i + row] for row in rows), sum(batch.masses[1][at, j + column] for column in columns)
        least = np.minimum(np.minimum(common, one), two)
        cosines[mine] = np.divide(least, np.sqrt(one * two), out=np.zeros(len(mine)), where=least > 0)
    return cosines


def forward(gain: Gains, priors: Priors) -> np.ndarray:
    """Codes of the best way to each cell, (pieces, rows + 1, columns + 1): a kind or _DOWN, and the flags of runs left out.

    A run of sentences left out pays for its beginning besides (affine gaps; Gotoh 1982).
    """
    pieces, tall, wide = gain.beads[0].shape
    codes = np.full((pieces, tall + 1, wide + 1), _NONE, dtype=np.uint8)
    nulls = [values + priors.null for values in gain.nulls]
    sums = np.pad(np.cumsum(nulls[1], axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    down = np.full((pieces, wide + 1), _NOWHERE, dtype=np.int32)
    closed = down.copy()
    closed[:, 0] = 0
    best = [_alongside(closed, sums, priors.opening, codes[:, 0])]
    for i in range(1, tall + 1):
        opened = best[-1] + priors.opening
        codes[:, i] |= (opened >= down) * np.uint8(_DOWN_OPENS)
        down = np.maximum(opened, down) + nulls[0][:, i - 1, None]
        closed = _closed(i, [row + priors.bead for row in best], down, gain.beads, codes[:, i])
        best = [*best[1 - WIDEST :], _alongside(closed, sums, priors.opening, codes[:, i])]
    return codes


def _closed(i: int, best: list[np.ndarray], down: np.ndarray, beads: list[np.ndarray], code: np.ndarray) -> np.ndarray:
    """The best way to each cell of row i that ends with a bead or with a row left out; `code` gets its kind."""
    closed = down.copy()
    kinds = np.full(down.shape, _DOWN, dtype=np.uint8)
    for kind, ((a, b), gain) in enumerate(zip(KINDS, beads, strict=False)):
        if a <= i and b < closed.shape[1]:
            value = best[-a][:, :-b] + gain[:, i - a, : closed.shape[1] - b]
            better = value > closed[:, b:]
            np.copyto(closed[:, b:], value, where=better)
            np.copyto(kinds[:, b:], kind, where=better)
    code &= kinds | ~np.uint8(_NONE)
    return closed


def _alongside(closed: np.ndarray, sums: np.ndarray, opening: np.ndarray, code: np.ndarray) -> np.ndarray:
    """The best way to each cell of a row, where columns may be left out too; `code` gets its flags."""
    along = np.full_like(closed, _NOWHERE)
    along[:, 1:] = np.maximum.accumulate(closed - sums, axis=1)[:, :-1] + sums[:, 1:] + opening
    code |= (along > closed) * np.uint8(_ALONG)
    code[:, 1:] |= (closed[:, :-1] + opening >= along[:, :-1]) * np.uint8(_ALONG_OPENS)
    return np.asarray(np.maximum(along, closed))


def _walk(codes: np.ndarray, i: int, j: int) -> Iterator[tuple[int, int, int]]:
    """The two-sided beads of the best path to (i, j), last first: kind, first row, first column."""
    along = down = False
    closed = False
    while i or j:
        code = int(codes[i, j])
        along = along or not (closed or down or not code & _ALONG)
        if along:
            closed = bool(code & _ALONG_OPENS)
            along, j = not closed, j - 1
        elif down or code & _NONE == _DOWN:
            down, closed, i = not code & _DOWN_OPENS, False, i - 1
        else:
            a, b = KINDS[code & _NONE]
            closed, i, j = False, i - a, j - b
            yield code & _NONE, i, j
