"""What weighs for and against a bead of some sentences of either side, and for leaving a sentence out, of many pieces at once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from checker.anchors import Piece
from checker.lexicon import Lexicon, rendered
from checker.matching import FEW, LEAST, Weighed, joined, within

# Sentences on either side of a two-sided bead.
KINDS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (4, 1), (2, 2), (2, 3), (3, 2), (3, 3))
WIDEST = 4

# Characters added to a length before its logarithm is taken, and the logarithm of a usual length.
SHORT, USUAL = 5, 4

# Lengths differ by so many square roots of their sum at most (Gale and Church 1993 weigh them by that root): beyond it nothing is
# learnt from more.
FAR = 8

# How much more alike than second best matches sentences are that are each other's best match and no accident.
PLAIN = 1.5


class Batch(NamedTuple):
    """Pieces side by side, filled up: `shared` is (pieces, rows + 4, columns + 4); masses, lengths, runs are (pieces, rows + 4)."""

    shared: np.ndarray
    masses: tuple[np.ndarray, np.ndarray]
    lengths: tuple[np.ndarray, np.ndarray]
    runs: tuple[np.ndarray, np.ndarray]
    sizes: np.ndarray


def batches(pieces: list[Piece], cells: int) -> Iterator[list[Piece]]:
    """Pieces of like size together, of at most so many cells when all are filled up to the largest."""
    order = sorted(pieces, key=lambda piece: (piece.bottom - piece.top, piece.right - piece.left, piece))
    batch: list[Piece] = []
    tall = wide = 0
    for piece in order:
        tall, wide = max(tall, piece.bottom - piece.top), max(wide, piece.right - piece.left)
        if batch and tall * wide * (len(batch) + 1) > cells:
            yield batch
            batch, tall, wide = [], piece.bottom - piece.top, piece.right - piece.left
        batch.append(piece)
    if batch:
        yield batch


def stacked(batch: list[Piece], weighed: list[tuple[Weighed, Weighed]]) -> Batch:
    """The pieces side by side."""
    sizes = np.array([(piece.bottom - piece.top, piece.right - piece.left) for piece in batch])
    tall, wide = (sizes.max(axis=0) + WIDEST).tolist()
    one = _lines([(weighed[piece.problem][0], piece.top, piece.bottom) for piece in batch], tall)
    two = _lines([(weighed[piece.problem][1], piece.left, piece.right) for piece in batch], wide)
    shared = np.zeros((len(batch), tall, wide), dtype=np.float32)
    for at, piece in enumerate(batch):
        pair = weighed[piece.problem]
        shared[at] = _shared(within(pair[0], piece.top, piece.bottom), within(pair[1], piece.left, piece.right), tall, wide)
    return Batch(shared, (one[0], two[0]), (one[1], two[1]), (one[2], two[2]), sizes)


def translated(
    batch: list[Piece], together: Batch, weighed: list[tuple[Weighed, Weighed]], lexicons: Sequence[Lexicon | None]
) -> Batch:
    """The pieces, where words also match by the lexicon of their problem."""
    shared = together.shared.copy()
    for at, piece in enumerate(batch):
        pair, lexicon = weighed[piece.problem], lexicons[piece.problem]
        if lexicon:
            words, others = within(pair[0], piece.top, piece.bottom), within(pair[1], piece.left, piece.right)
            shared[at] += _shared(rendered(words, others, lexicon), others, *shared.shape[1:])
    return together._replace(shared=shared)


def _lines(parts: list[tuple[Weighed, int, int]], size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Masses, lengths and runs of parts of sides, each filled up to `size` with zeros; a run does not begin before its part."""
    masses, lengths, so_far = (
        np.zeros((len(parts), size)),
        np.zeros((len(parts), size)),
        np.zeros((len(parts), size), dtype=np.int64),
    )
    for at, (weighed, low, high) in enumerate(parts):
        masses[at, : high - low] = weighed.masses[low:high]
        lengths[at, : high - low] = weighed.side.lengths[low:high]
        so_far[at, : high - low] = np.minimum(weighed.side.runs[low:high], np.arange(1, high - low + 1))
    return masses, lengths, so_far


def _shared(one: tuple[np.ndarray, ...], two: tuple[np.ndarray, ...], tall: int, wide: int) -> np.ndarray:
    """Weight that each sentence of the one shares with each of the other, of shape (tall, wide)."""
    left, right = joined(one[1], two[1])
    cells = np.bincount(one[0][left] * wide + two[0][right], one[2][left], tall * wide)
    return cells.reshape(tall, wide).astype(np.float32)


def _sums(values: np.ndarray, count: int, axis: int) -> np.ndarray:
    """Sum of each value and the `count` - 1 after it along an axis, zeros beyond the end."""
    total = values.copy()
    for step in range(1, count):
        ahead = [slice(None)] * values.ndim
        here = [slice(None)] * values.ndim
        ahead[axis], here[axis] = slice(step, None), slice(None, -step)
        total[tuple(here)] += values[tuple(ahead)]
    return total


class Blocks(NamedTuple):
    """Sums over 1 to WIDEST sentences that begin at each, by their number: masses, lengths and their logs of either side, shared
    weight along rows and columns, and the cosine of one sentence with so many of the other side."""

    one: dict[int, np.ndarray]
    two: dict[int, np.ndarray]
    log_one: dict[int, np.ndarray]
    log_two: dict[int, np.ndarray]
    long_one: dict[int, np.ndarray]
    long_two: dict[int, np.ndarray]
    across: dict[int, np.ndarray]
    along: dict[int, np.ndarray]
    row_said: dict[int, np.ndarray]
    col_said: dict[int, np.ndarray]


def _blocks(batch: Batch) -> Blocks:
    counts = range(1, WIDEST + 1)
    one = {a: _sums(batch.masses[0], a, 1).astype(np.float32)[:, :, None] + LEAST for a in counts}
    two = {b: _sums(batch.masses[1], b, 1).astype(np.float32)[:, None, :] + LEAST for b in counts}
    long_one = {a: _sums(batch.lengths[0], a, 1).astype(np.float32)[:, :, None] for a in counts}
    long_two = {b: _sums(batch.lengths[1], b, 1).astype(np.float32)[:, None, :] for b in counts}
    log_one = {a: np.log(lengths + SHORT) for a, lengths in long_one.items()}
    log_two = {b: np.log(lengths + SHORT) for b, lengths in long_two.items()}
    across = {b: _sums(batch.shared, b, 2) for b in counts}
    along = {a: _sums(batch.shared, a, 1) for a in counts}
    row_said = {b: _cosine(across[b], one[1], two[b]) for b in counts}
    col_said = {a: _cosine(along[a], one[a], two[1]) for a in counts}
    return Blocks(one, two, log_one, log_two, long_one, long_two, across, along, row_said, col_said)


def _cosine(common: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    cosine: np.ndarray = np.minimum(common, np.minimum(one, two)) / np.sqrt(one * two)
    return cosine


def measures(batch: Batch) -> Iterator[list[np.ndarray | float]]:
    """For each of KINDS, what weighs for the beads that begin at each cell, as in WEIGHTS; (pieces, rows, columns), or for all."""
    tall, wide = batch.shared.shape[1] - WIDEST, batch.shared.shape[2] - WIDEST
    blocks = _blocks(batch)
    for a, b in KINDS:
        ours, theirs = blocks.one[a][:, :tall], blocks.two[b][:, :, :wide]
        common = np.minimum(_sums(blocks.across[b], a, 1)[:, :tall, :wide], np.minimum(ours, theirs))
        cosine = common / np.sqrt(ours * theirs)
        log_ours, log_theirs = blocks.log_one[a][:, :tall], blocks.log_two[b][:, :, :wide]
        ratio = np.abs(log_ours - log_theirs)
        far = np.abs(blocks.long_one[a][:, :tall] - blocks.long_two[b][:, :, :wide]) / np.sqrt(
            blocks.long_one[a][:, :tall] + blocks.long_two[b][:, :, :wide] + 2 * SHORT
        )
        yield [
            cosine,
            2 * common / (ours + theirs),
            common / np.maximum(ours, theirs),
            cosine * ((log_ours + log_theirs) / 2 - USUAL),
            ratio,
            ratio * ratio,
            _outer(blocks, a, b, tall, wide),
            _inner(blocks, a, b, tall, wide),
            cosine * (a + b - 2),
            float(a + b - 2),
            float(min(a, b) - 1),
            1.0,
            np.minimum(far, FAR) / USUAL,
            common / np.minimum(ours, theirs),
        ]


def _outer(blocks: Blocks, a: int, b: int, tall: int, wide: int) -> np.ndarray:
    """Cosines of the sentences before and after the bead on either side with its other side: what it should have taken in."""
    outer: np.ndarray = blocks.row_said[b][:, a : a + tall, :wide] + blocks.col_said[a][:, :tall, b : b + wide]
    outer[:, 1:] += blocks.row_said[b][:, : tall - 1, :wide]
    outer[:, :, 1:] += blocks.col_said[a][:, :tall, : wide - 1]
    return outer


def _inner(blocks: Blocks, a: int, b: int, tall: int, wide: int) -> np.ndarray | float:
    """Least share of a sentence of a merged side that the bead's other side says: what it should have left out."""
    rows = [blocks.across[b][:, k : k + tall, :wide] / blocks.one[1][:, k : k + tall] for k in range(a) if a > 1]
    columns = [blocks.along[a][:, :tall, k : k + wide] / blocks.two[1][:, :, k : k + wide] for k in range(b) if b > 1]
    return np.minimum(np.minimum.reduce(rows + columns), 1) if rows or columns else 0.0


def null_measures(batch: Batch) -> Iterator[list[np.ndarray | float]]:
    """For the rows and for the columns, what weighs for leaving a sentence out, as in WEIGHTS; each (pieces, sentences) or for all.

    How alike what belongs together is in a text, and how much of it has no partner, are told from its sentences that are each
    other's best match: so one set of weights does for a clean translation, a poor one, and a page that quotes a line.
    """
    tall, wide = batch.shared.shape[1] - WIDEST, batch.shared.shape[2] - WIDEST
    one, two = batch.masses[0][:, :tall, None] + LEAST, batch.masses[1][:, None, :wide] + LEAST
    cosine = (batch.shared[:, :tall, :wide] / np.sqrt(one * two)).astype(np.float32)
    best = cosine.max(axis=2), cosine.max(axis=1)
    noise = (_second(cosine, 2) + _second(cosine, 1)) / batch.sizes.sum(axis=1)
    mutual = (cosine >= best[0][:, :, None]) & (cosine >= best[1][:, None, :]) & (cosine > PLAIN * noise[:, None, None])
    found = np.where(mutual, cosine, 0).astype(np.float64)
    level = np.square(found).sum(axis=(1, 2)) / np.maximum(found.sum(axis=(1, 2)), FEW)
    share = 1 - mutual.any(axis=2).sum(axis=1) / batch.sizes.max(axis=1)
    for said, lengths in zip(best, batch.lengths, strict=True):
        yield [1.0, said, level[:, None], share[:, None], np.log(lengths[:, : said.shape[1]] + SHORT) - USUAL]


def _second(cosine: np.ndarray, axis: int) -> np.ndarray:
    """Sum over the lines of each piece of a line's second greatest value."""
    size = cosine.shape[axis]
    if size < 2:
        return np.zeros(len(cosine))
    second: np.ndarray = np.take(np.partition(cosine, size - 2, axis=axis), size - 2, axis=axis)
    return np.asarray(second.sum(axis=1, dtype=np.float64))


def impossible(batch: Batch, a: int, b: int) -> np.ndarray:
    """Where a bead would reach beyond its piece or over a segment that was left out."""
    tall, wide = batch.shared.shape[1] - WIDEST, batch.shared.shape[2] - WIDEST
    rows, columns = batch.runs[0][:, a - 1 : a - 1 + tall] < a, batch.runs[1][:, b - 1 : b - 1 + wide] < b
    return np.logical_or(rows[:, :, None], columns[:, None, :])
