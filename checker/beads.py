"""Finds which sentences of one text render which of another, from their words alone: beads of up to four sentences on either side.

What two sentences share is the weight (inverse sentence frequency within the two texts) of the word prefixes that both hold. These
weights add up over the sentences of a bead, so that one matrix gives every merged bead (comparing through a translation: Bleualign,
Sennrich and Volk 2010; merged beads and their neighbours: Vecalign, Thompson and Koehn 2019; Bertalign, Liu and Zhu 2022).
Long texts are first cut where rare words leave no doubt, so that time and memory grow with their length, not with its square.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

# Sentences on either side of a two-sided bead.
KINDS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (4, 1), (2, 2), (2, 3), (3, 2), (3, 3))
WIDEST = 4

# Letters of a word that are compared: inflections and derivations of one word then agree (a choice
# of the first trials, where 5 beat whole words by 2 points of strict F1).
PREFIX = 5

# A word, or a character of a script without spaces.
WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}]+|\p{N}+(?:[.,]\p{N}+)*"

# Found by bench/train_align.py on the seen halves of its data, from weights of a structured perceptron. A bead gains the weighted
# sum of: its cosine, Dice and coverage (of the heavier side), cosine times length (log, from USUAL), the lengths' log ratio and its
# square, the cosines of its outer neighbours, the least said sentence inside it, cosine times sentences beyond one on a side, their
# number, the lesser side's, 1. A sentence left out gains: 1, its best cosine, how alike its text's pairs are, the share of
# sentences without such a pair, its length, the two priors of its text (`_prior`); a run that is left out gains the last. Of two
# later sets of weights one had .02 more on the Bible's unseen half and false beads in reports of one event, so it was not taken.
WEIGHTS = {
    "cosine": 2.426,
    "dice": 1.531,
    "coverage": 1.385,
    "length": 1.065,
    "ratio": -0.627,
    "ratio2": -0.177,
    "outer": -0.421,
    "inner": 0.732,
    "wide": 0.438,
    "merged": -0.648,
    "both": -0.038,
    "bias": -0.104,
    "null": -0.315,
    "null_best": -0.606,
    "null_level": 0.826,
    "null_share": 0.366,
    "null_length": 0.074,
    "null_unmatched": 0.971,
    "null_alike": -1.952,
    "null_open": -0.161,
}

NULLS = list(WEIGHTS).index("null")

# Units of a weight and of a score: whole numbers, so that sums do not depend on their order and ties are ties.
UNIT = 1024

# A piece is cut into pieces of PIECE sentences and more if it has more than CUT cells (a piece of 100 × 100 sentences is solved in
# some 10 ms, and no bead of Text+Berg dev or FLORES and 2 of 3,500 of the Bible's halves cross a cut); one without anchors that has
# more than MOST cells is cut along its diagonal.
PIECE, CUT, MOST = 40, 10_000, 1_000_000

# A word is rare that no more sentences than this have on either side; the greater numbers are tried where the lesser give no cut.
RARE = (3, 9, 27)

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

# Ends that nobody says (`_shorter`): SAYS found in the first trials on FLORES; SAID and CLOSE on the demo, where a dropped and an
# added sentence are found with them. No loss on seen FLORES pages; Text+Berg falls from .807 to .771 by the engine that was trained
# on its texts, and not by others, whose usual cosine is less than CLOSE.
SAYS, SAID, CLOSE = 0.5, 0.6, 0.72

# Out of order there is no context to confirm a match, so it must be plain: this alike, and sharing this many words that stand
# nowhere else, for short sentences resemble each other by chance (both as before the weights; not set anew). A bead in order that
# is less than half as alike gives way: a rule made for a quotation of the seeds, its half not tuned.
CROSSING_FLOOR, CROSSING_WORDS = 0.45, 4

# Left-over sentences are compared if they share a word that no more of them than this have.
CROSSING_RARE = 12

# Characters added to a length before its logarithm is taken, and the logarithm of a usual length.
SHORT, USUAL = 5, 4

# How much more alike than second best matches sentences are that are each other's best match and no accident.
PLAIN = 1.5

_LEAST, _FEW = 1, 0.1
_NEVER = -(1 << 15)
_NOWHERE = -(1 << 29)
_NONE, _DOWN = 31, 30
_ALONG, _ALONG_OPENS, _DOWN_OPENS = 32, 64, 128


@dataclass(frozen=True)
class Bead:
    """Segments `version[0]:version[1]` render `original[0]:original[1]` (positions among those that take part)."""

    version: tuple[int, int]
    original: tuple[int, int]
    similarity: float
    crossing: bool


class Side(NamedTuple):
    """A text as sentences: `rows` and `words` hold, in the order of the rows, which sentence has which word (each once)."""

    rows: np.ndarray
    words: np.ndarray
    lengths: np.ndarray
    runs: np.ndarray


class Weighed(NamedTuple):
    """A side whose words have weights: `starts[i]:starts[i + 1]` are the words of sentence i, `masses` their sums."""

    side: Side
    weights: np.ndarray
    starts: np.ndarray
    masses: np.ndarray


class Piece(NamedTuple):
    """Sentences `top:bottom` of a problem's one side and `left:right` of its other."""

    problem: int
    top: int
    bottom: int
    left: int
    right: int


class Batch(NamedTuple):
    """Pieces side by side, filled up: `shared` is (pieces, rows + 4, columns + 4); masses, lengths, runs are (pieces, rows + 4)."""

    shared: np.ndarray
    masses: tuple[np.ndarray, np.ndarray]
    lengths: tuple[np.ndarray, np.ndarray]
    runs: tuple[np.ndarray, np.ndarray]
    sizes: np.ndarray


class Gains(NamedTuple):
    """What a path gains, in whole UNITs: by a bead of each kind, by a sentence left out of either side, and by beginning to."""

    beads: list[np.ndarray]
    nulls: list[np.ndarray]
    opening: int


def tokens(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Which text holds which word prefix (numbered from 0), each once; Han, kana and Thai give characters and pairs of them."""
    joined = texts.str.to_lowercase().str.replace_all(r"(\p{Han})\s+", "${1}")
    words = joined.str.extract_all(WORD)
    frame = pl.DataFrame({"row": pl.Series(range(len(texts)), dtype=pl.Int32), "word": words})
    frame = frame.explode("word").drop_nulls("word").with_columns(pl.col("word").str.slice(0, PREFIX))
    wide = pl.col("word").str.contains(r"^[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]$")
    pairs = frame.with_columns(wide=wide)
    if pairs["wide"].any():
        follows = pl.col("wide") & pl.col("wide").shift(-1) & (pl.col("row") == pl.col("row").shift(-1))
        pairs = (
            pairs.with_columns(after=pl.col("word").shift(-1)).filter(follows).select("row", word=pl.col("word") + pl.col("after"))
        )
        frame = pl.concat([frame, pairs])
    frame = frame.select("row", pl.col("word").cast(pl.Categorical).to_physical()).unique().sort("row", "word")
    return frame["row"].to_numpy().astype(np.int64), frame["word"].to_numpy().astype(np.int64)


def runs(numbers: np.ndarray) -> np.ndarray:
    """For each segment, how many segments end with it that follow each other in the document, with nothing left out between."""
    at = np.arange(len(numbers))
    breaks = np.append(True, np.diff(numbers) != 1)[: len(numbers)]
    return at - np.maximum.accumulate(np.where(breaks, at, 0)) + 1


def sides(texts: Sequence[Sequence[str | None]]) -> list[Side]:
    """Texts, each a list of sentences, as sides that can be compared with each other."""
    whole = pl.Series([sentence for text in texts for sentence in text], dtype=pl.String)
    rows, words = tokens(whole)
    lengths = whole.str.len_chars().fill_null(0).to_numpy().astype(np.float64)
    bounds = np.cumsum([0, *(len(text) for text in texts)])
    marks = np.searchsorted(rows, bounds)
    return [
        Side(rows[a:b] - low, words[a:b], lengths[low:high], np.arange(1, high - low + 1))
        for low, high, a, b in zip(bounds, bounds[1:], marks, marks[1:], strict=False)
    ]


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
    solved = [(batch, together, _gains(together)) for batch in batches(pieces, BATCH) for together in (stacked(batch, weighed),)]
    sizes = [len(one.masses) + len(two.masses) for one, two in weighed]
    found = beads_of(solved, sizes, (WEIGHTS["null_unmatched"], WEIGHTS["null_alike"]))
    return [
        _completed(_mirrored(path, turn), *(pair[::-1] if turn else pair))
        for path, pair, turn in zip(found, weighed, turned, strict=True)
    ]


def beads_of(
    solved: Sequence[tuple[list[Piece], Batch, Gains]], sizes: Sequence[int], weights: tuple[float, float]
) -> list[list[Bead]]:
    """The beads of each problem's best path, whose prior of leaving a sentence out comes from a first path: see `_prior`.

    `sizes` are the problems' numbers of sentences of both sides.
    """
    first = _paths_of(solved, np.full(len(sizes), _prior(0, 0, 0.0, weights)))
    taken = [(sum(b.version[1] - b.version[0] + b.original[1] - b.original[0] for b in path), path) for path in first]
    priors = [
        _prior(size, count, sum(bead.similarity for bead in path) / max(len(path), 1), weights)
        for size, (count, path) in zip(sizes, taken, strict=True)
    ]
    return [_convincing(path) for path in _paths_of(solved, np.array(priors))]


def _convincing(path: list[Bead]) -> list[Bead]:
    """The beads of the path without those that are far less alike than its others: they only filled a place.

    Far is LOWEST of the usual cosine, and SPREAD standard deviations below it, weighted as in `_usual`. None of them counts where
    the usual bead is as little alike as those of STRANGE texts.
    """
    usual = _usual(path)
    if usual < STRANGE:
        return []
    mass = max(sum(bead.similarity for bead in path), _FEW)
    spread = math.sqrt(sum(bead.similarity * (bead.similarity - usual) ** 2 for bead in path) / mass)
    floor = min(LOWEST * usual, usual - SPREAD * spread)
    return [bead for bead in path if bead.similarity >= floor]


def _usual(path: list[Bead]) -> float:
    """Mean cosine of the beads, weighted by the cosines themselves: those that only fill a place count little."""
    return sum(bead.similarity**2 for bead in path) / max(sum(bead.similarity for bead in path), _FEW)


def _prior(size: int, taken: int, alike: float, weights: tuple[float, float]) -> float:
    """What leaving a sentence out gains in a text of `size` sentences of which a path took so many in beads so alike (mean cosine).

    So one set of weights does for a clean translation, a poor one, a page that quotes a line, and two texts of one subject.
    """
    unmatched = (size - taken + SURE * UNMATCHED) / (size + SURE)
    return weights[0] * unmatched + weights[1] * (taken * alike + SURE * ALIKE) / (taken + SURE)


def _paths_of(solved: Sequence[tuple[list[Piece], Batch, Gains]], priors: np.ndarray) -> list[list[Bead]]:
    found: list[list[Bead]] = [[] for _ in priors]
    whole = np.rint(priors * UNIT).astype(np.int32)
    for batch, together, gain in solved:
        for piece, path in zip(batch, paths(batch, together, gain, whole[[piece.problem for piece in batch]]), strict=True):
            found[piece.problem] += path
    return found


def prepared(problems: Sequence[tuple[Side, Side]]) -> tuple[list[bool], list[tuple[Weighed, Weighed]]]:
    """The problems with weights, the side that comes first in `_order` as the rows; and which had to be turned for that."""
    turned = [_order(one) > _order(two) for one, two in problems]
    return turned, [_weighed(two, one) if turn else _weighed(one, two) for (one, two), turn in zip(problems, turned, strict=True)]


def _order(side: Side) -> tuple[int, bytes, bytes]:
    """The side that comes first is solved as the rows: swapping the sides then swaps the answer, ties included."""
    return len(side.lengths), side.lengths.tobytes(), side.rows.tobytes()


def _mirrored(beads: list[Bead], turn: bool) -> list[Bead]:
    return [Bead(bead.original, bead.version, bead.similarity, bead.crossing) for bead in beads] if turn else beads


def _weighed(one: Side, two: Side) -> tuple[Weighed, Weighed]:
    """Both sides with the weights of their words, log(1 + sentences / sentences with the word), in whole UNITs."""
    total = len(one.lengths) + len(two.lengths)
    _, ids, counts = np.unique(np.concatenate([one.words, two.words]), return_inverse=True, return_counts=True)
    weights = np.rint(np.log1p(total / counts[ids]) * UNIT)
    split = len(one.words)
    return _massed(one, ids[:split], weights[:split]), _massed(two, ids[split:], weights[split:])


def _massed(side: Side, ids: np.ndarray, weights: np.ndarray) -> Weighed:
    size = len(side.lengths)
    starts = np.searchsorted(side.rows, np.arange(size + 1))
    masses = np.bincount(side.rows, weights, size) if size else np.zeros(0)
    return Weighed(side._replace(words=ids), weights, starts, masses)


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


def _within(weighed: Weighed, low: int, high: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (from 0), words and weights of some sentences."""
    span = slice(weighed.starts[low], weighed.starts[high])
    return weighed.side.rows[span] - low, weighed.side.words[span], weighed.weights[span]


def _joined(words: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of every pair of equal words."""
    order = np.argsort(others, kind="stable")
    ranked = others[order]
    first, last = np.searchsorted(ranked, words, "left"), np.searchsorted(ranked, words, "right")
    counts = last - first
    left = np.repeat(np.arange(len(words)), counts)
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, order[np.repeat(first, counts) + within]


def _anchors(piece: Piece, pair: tuple[Weighed, Weighed], most: int) -> tuple[np.ndarray, np.ndarray]:
    """Sentences, from 0, that are each other's best match by rare words, as the longest chain that rises on both sides.

    Rare is a word that at most `most` sentences of either side have.
    """
    (rows, words, _), (cols, others, _) = _within(pair[0], piece.top, piece.bottom), _within(pair[1], piece.left, piece.right)
    size = max(words.max(initial=0), others.max(initial=0)) + 1
    counts, other_counts = np.bincount(words, minlength=size), np.bincount(others, minlength=size)
    rare = (counts > 0) & (counts <= most) & (other_counts > 0) & (other_counts <= most)
    kept, other_kept = rare[words], rare[others]
    rows, words, cols, others = rows[kept], words[kept], cols[other_kept], others[other_kept]
    left, right = _joined(words, others)
    worth = np.rint(UNIT * UNIT / (counts[words[left]] * other_counts[words[left]]))
    width = piece.right - piece.left
    cells, at = np.unique(rows[left] * width + cols[right], return_inverse=True)
    i, j = _mutual(cells // width, cells % width, np.bincount(at, worth, len(cells)))
    return _rising(i, j)


def _mutual(i: np.ndarray, j: np.ndarray, worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs that are worth more than any other pair of their row and of their column."""
    best = np.ones(len(i), dtype=bool)
    for line in (i, j):
        order = np.lexsort((worth, line))
        last = np.append(line[order][1:] != line[order][:-1], True)[: len(order)]
        tied = np.append(False, (line[order][1:] == line[order][:-1]) & (worth[order][1:] == worth[order][:-1]))[: len(order)]
        best[order[~(last & ~tied)]] = False
    order = np.argsort(i[best], kind="stable")
    return i[best][order], j[best][order]


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
        shared[at] = _shared(_within(pair[0], piece.top, piece.bottom), _within(pair[1], piece.left, piece.right), tall, wide)
    return Batch(shared, (one[0], two[0]), (one[1], two[1]), (one[2], two[2]), sizes)


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
    left, right = _joined(one[1], two[1])
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
    """Sums over 1 to WIDEST sentences that begin at each, by their number: masses and logs of lengths of either side, shared
    weight along rows and columns, and the cosine of one sentence with so many of the other side."""

    one: dict[int, np.ndarray]
    two: dict[int, np.ndarray]
    log_one: dict[int, np.ndarray]
    log_two: dict[int, np.ndarray]
    across: dict[int, np.ndarray]
    along: dict[int, np.ndarray]
    row_said: dict[int, np.ndarray]
    col_said: dict[int, np.ndarray]


def _blocks(batch: Batch) -> Blocks:
    counts = range(1, WIDEST + 1)
    one = {a: _sums(batch.masses[0], a, 1).astype(np.float32)[:, :, None] + _LEAST for a in counts}
    two = {b: _sums(batch.masses[1], b, 1).astype(np.float32)[:, None, :] + _LEAST for b in counts}
    log_one = {a: np.log(_sums(batch.lengths[0], a, 1) + SHORT).astype(np.float32)[:, :, None] for a in counts}
    log_two = {b: np.log(_sums(batch.lengths[1], b, 1) + SHORT).astype(np.float32)[:, None, :] for b in counts}
    across = {b: _sums(batch.shared, b, 2) for b in counts}
    along = {a: _sums(batch.shared, a, 1) for a in counts}
    row_said = {b: _cosine(across[b], one[1], two[b]) for b in counts}
    return Blocks(one, two, log_one, log_two, across, along, row_said, {a: _cosine(along[a], one[a], two[1]) for a in counts})


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
    one, two = batch.masses[0][:, :tall, None] + _LEAST, batch.masses[1][:, None, :wide] + _LEAST
    cosine = (batch.shared[:, :tall, :wide] / np.sqrt(one * two)).astype(np.float32)
    best = cosine.max(axis=2), cosine.max(axis=1)
    noise = (_second(cosine, 2) + _second(cosine, 1)) / batch.sizes.sum(axis=1)
    mutual = (cosine >= best[0][:, :, None]) & (cosine >= best[1][:, None, :]) & (cosine > PLAIN * noise[:, None, None])
    found = np.where(mutual, cosine, 0).astype(np.float64)
    level = np.square(found).sum(axis=(1, 2)) / np.maximum(found.sum(axis=(1, 2)), _FEW)
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


def _impossible(batch: Batch, a: int, b: int) -> np.ndarray:
    """Where a bead would reach beyond its piece or over a segment that was left out."""
    tall, wide = batch.shared.shape[1] - WIDEST, batch.shared.shape[2] - WIDEST
    rows, columns = batch.runs[0][:, a - 1 : a - 1 + tall] < a, batch.runs[1][:, b - 1 : b - 1 + wide] < b
    return np.logical_or(rows[:, :, None], columns[:, None, :])


def _gains(batch: Batch) -> Gains:
    weights = list(WEIGHTS.values())
    beads = [_total(weights, values) for values in measures(batch)]
    return gains(batch, beads, [_total(weights[NULLS:], values) for values in null_measures(batch)], weights[-1])


def _total(weights: Sequence[float], values: Sequence[np.ndarray | float]) -> np.ndarray:
    """The weighted sum of as many measures as there are."""
    return np.asarray(sum(weight * value for weight, value in zip(weights, values, strict=False)))


def gains(batch: Batch, beads: Sequence[np.ndarray], nulls: Sequence[np.ndarray], opening: float) -> Gains:
    """Weighed measures as whole numbers; a bead that reaches out of its piece or over what was left out is none."""
    whole = [np.rint(np.clip(values, -30, 30) * UNIT).astype(np.int16) for values in beads]
    for values, kind in zip(whole, KINDS, strict=True):
        values[_impossible(batch, *kind)] = _NEVER
    return Gains(whole, [np.rint(values * UNIT).astype(np.int32) for values in nulls], round(opening * UNIT))


def forward(gain: Gains) -> np.ndarray:
    """Codes of the best way to each cell, (pieces, rows + 1, columns + 1): a kind or _DOWN, and the flags of runs left out.

    A run of sentences left out pays for its beginning besides (affine gaps; Gotoh 1982).
    """
    pieces, tall, wide = gain.beads[0].shape
    codes = np.full((pieces, tall + 1, wide + 1), _NONE, dtype=np.uint8)
    sums = np.pad(np.cumsum(gain.nulls[1], axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    down = np.full((pieces, wide + 1), _NOWHERE, dtype=np.int32)
    closed = down.copy()
    closed[:, 0] = 0
    best = [_alongside(closed, sums, gain.opening, codes[:, 0])]
    for i in range(1, tall + 1):
        opened = best[-1] + gain.opening
        codes[:, i] |= (opened >= down) * np.uint8(_DOWN_OPENS)
        down = np.maximum(opened, down) + gain.nulls[0][:, i - 1, None]
        closed = _closed(i, best, down, gain.beads, codes[:, i])
        best = [*best[1 - WIDEST :], _alongside(closed, sums, gain.opening, codes[:, i])]
    return codes


def _closed(i: int, best: list[np.ndarray], down: np.ndarray, beads: list[np.ndarray], code: np.ndarray) -> np.ndarray:
    """The best way to each cell of row i that ends with a bead or with a row left out; `code` gets its kind."""
    closed = down.copy()
    kinds = np.full(down.shape, _DOWN, dtype=np.uint8)
    for kind, (a, b) in enumerate(KINDS):
        if a <= i and b < closed.shape[1]:
            value = best[-a][:, :-b] + beads[kind][:, i - a, : closed.shape[1] - b]
            better = value > closed[:, b:]
            np.copyto(closed[:, b:], value, where=better)
            np.copyto(kinds[:, b:], kind, where=better)
    code &= kinds | ~np.uint8(_NONE)
    return closed


def _alongside(closed: np.ndarray, sums: np.ndarray, opening: int, code: np.ndarray) -> np.ndarray:
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


def paths(batch: list[Piece], together: Batch, gain: Gains, prior: np.ndarray) -> list[list[Bead]]:
    """The two-sided beads of each piece's best path; `prior` is what its leaving out a sentence gains besides."""
    codes = forward(gain._replace(nulls=[values + prior[:, None] for values in gain.nulls]))
    return [list(_path(piece, at, together, codes[at]))[::-1] for at, piece in enumerate(batch)]


def _path(piece: Piece, at: int, together: Batch, codes: np.ndarray) -> Iterator[Bead]:
    for kind, i, j in _walk(codes, *together.sizes[at].tolist()):
        a, b = KINDS[kind]
        similarity = _similarity(together, at, i, j, a, b)
        if similarity:
            yield Bead((piece.top + i, piece.top + i + a), (piece.left + j, piece.left + j + b), similarity, crossing=False)


def _similarity(batch: Batch, at: int, i: int, j: int, a: int, b: int) -> float:
    if a == b == 1:
        common, one, two = batch.shared[at, i, j].item(), batch.masses[0][at, i].item(), batch.masses[1][at, j].item()
    else:
        common = batch.shared[at, i : i + a, j : j + b].sum().item()
        one, two = batch.masses[0][at, i : i + a].sum().item(), batch.masses[1][at, j : j + b].sum().item()
    return round(min(common, one, two) / math.sqrt(one * two), 4) if common else 0.0


def _completed(path: list[Bead], version: Weighed, original: Weighed) -> list[Bead]:
    """The path's beads with those of the left-over sentences in any order, and with what either side has alone.

    A weak bead of the path gives way to a plain one out of order.
    """
    path = _trimmed(path, version, original)
    firm = [bead for bead in path if bead.similarity >= CROSSING_FLOOR / 2]
    crossing = _crossing(version, original, *_free(firm, version, original))
    taken = {bead.version[0] for bead in crossing}, {bead.original[0] for bead in crossing}
    kept = [bead for bead in path if taken[0].isdisjoint(range(*bead.version)) and taken[1].isdisjoint(range(*bead.original))]
    kept = sorted(kept + crossing, key=lambda bead: bead.version)
    free, other_free = _free(kept, version, original)
    added = [Bead((i, i + 1), (0, 0), 0.0, crossing=False) for i in free.tolist()]
    omitted = [Bead((0, 0), (j, j + 1), 0.0, crossing=False) for j in other_free.tolist()]
    return sorted(kept + added, key=lambda bead: bead.version) + omitted


def _trimmed(path: list[Bead], version: Weighed, original: Weighed) -> list[Bead]:
    """The beads without a sentence at an end of a merged side of which the other side says next to nothing: it was left out.

    In a text that is not CLOSE to its original nothing is trimmed: there a rendering may say as little.
    """
    if _usual(path) < CLOSE:
        return path
    merged = [bead for bead in path if bead.version[1] - bead.version[0] + bead.original[1] - bead.original[0] > 2]
    cells = [(i, j) for bead in merged for i in range(*bead.version) for j in range(*bead.original)]
    common = _common(version, original, *np.array(cells, dtype=np.int64).reshape(-1, 2).T)
    sizes = [(bead.version[1] - bead.version[0]) * (bead.original[1] - bead.original[0]) for bead in merged]
    shorter = {
        bead: _shorter(bead, part.reshape(bead.version[1] - bead.version[0], -1), version, original)
        for bead, part in zip(merged, np.split(common, np.cumsum(sizes)[:-1]), strict=False)
    }
    return [shorter.get(bead, bead) for bead in path]


def _shorter(bead: Bead, block: np.ndarray, version: Weighed, original: Weighed) -> Bead:
    """The bead without end sentences of which less than SAYS of another's share is said, while that makes it more alike."""
    (i, i_end), (j, j_end) = bead.version, bead.original
    masses = version.masses[i:i_end] + _LEAST, original.masses[j:j_end] + _LEAST
    for axis in (0, 1):
        said = np.minimum(block.sum(axis=1 - axis) / masses[axis], 1)
        if len(said) > 1 and said.max() > SAID and min(said[0], said[-1]) < SAYS * said.max():
            kept = slice(1, None) if said[0] < said[-1] else slice(None, -1)
            smaller = block[:, kept] if axis else block[kept]
            one, two = (side[kept].sum() if at == axis else side.sum() for at, side in enumerate(masses))
            similarity = round(float(min(smaller.sum(), one, two) / math.sqrt(one * two)), 4)
            if similarity > bead.similarity:
                ends = [(i, i_end), (j, j_end)]
                low, high = ends[axis]
                ends[axis] = (low + 1, high) if said[0] < said[-1] else (low, high - 1)
                return _shorter(Bead(ends[0], ends[1], similarity, crossing=False), smaller, version, original)
    return bead


def _free(path: list[Bead], version: Weighed, original: Weighed) -> tuple[np.ndarray, np.ndarray]:
    free, other_free = np.ones(len(version.masses), dtype=bool), np.ones(len(original.masses), dtype=bool)
    for bead in path:
        free[slice(*bead.version)] = False
        other_free[slice(*bead.original)] = False
    return np.flatnonzero(free), np.flatnonzero(other_free)


def _crossing(version: Weighed, original: Weighed, free: np.ndarray, other_free: np.ndarray) -> list[Bead]:
    """One-to-one beads, in any order, of left-over sentences that are each other's best match and share enough."""
    i, j = _candidates(version, original, free, other_free)
    common = _common(version, original, i, j)
    cosine = common / np.sqrt(version.masses[i] * original.masses[j])
    heavy = common >= CROSSING_WORDS * math.log(max(len(version.masses) + len(original.masses), 1)) * UNIT
    plain = heavy & (cosine >= CROSSING_FLOOR)
    i, j, cosine = i[plain], j[plain], np.minimum(cosine[plain], 1)
    best = {}
    for axis, line in enumerate((i, j)):
        order = np.lexsort((j if axis == 0 else i, -cosine, line))
        first = np.append(True, line[order][1:] != line[order][:-1])[: len(order)]
        best[axis] = set(order[first].tolist())
    return [
        Bead((int(i[at]), int(i[at]) + 1), (int(j[at]), int(j[at]) + 1), round(float(cosine[at]), 4), crossing=True)
        for at in sorted(best[0] & best[1])
    ]


def _candidates(version: Weighed, original: Weighed, free: np.ndarray, other_free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of left-over sentences that share a word which few of them have."""
    parts = []
    for weighed, at in ((version, free), (original, other_free)):
        kept = np.isin(weighed.side.rows, at)
        rows, words = weighed.side.rows[kept], weighed.side.words[kept]
        counts = np.bincount(words, minlength=int(words.max(initial=0)) + 1)
        rare = counts[words] <= CROSSING_RARE
        parts.append((rows[rare], words[rare]))
    left, right = _joined(parts[0][1], parts[1][1])
    cells = np.unique(parts[0][0][left] * max(len(original.masses), 1) + parts[1][0][right])
    return cells // max(len(original.masses), 1), cells % max(len(original.masses), 1)


def _common(version: Weighed, original: Weighed, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Weight that the sentences i[k] and j[k] share, for every k."""
    counts = version.starts[i + 1] - version.starts[i]
    pair = np.repeat(np.arange(len(i)), counts)
    at = np.repeat(version.starts[i], counts) + np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = max(int(version.side.words.max(initial=0)), int(original.side.words.max(initial=0))) + 1
    has = np.isin(j[pair] * size + version.side.words[at], original.side.rows * size + original.side.words)
    return np.bincount(pair[has], version.weights[at][has], len(i)) if len(i) else np.zeros(0)
