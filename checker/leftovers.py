"""What a path leaves: ends of beads that nobody says, sentences that were moved, and what either side has alone."""

import math
from collections.abc import Sequence

import numpy as np

from checker.matching import FEW, LEAST, UNIT, Bead, Weighed, common, joined

# Ends that nobody says (`_shorter`): SAYS found in the first trials on FLORES; SAID and CLOSE on the demo, where a dropped and an
# added sentence are found with them (with .76 as CLOSE the dropped one is not). With .74 rather than .72, strict F1 rises on seen
# news cut like novels from .958 to .967; with .8 it would be .975 (all with the mean of `usual`). How close a text is, its median
# bead says: a mean gave way where three facts of one paragraph had changed, and a dropped sentence of another was missed. With the
# median, strict F1 on the seen sets stays within .001 of the mean's (`bench/align.py quality seen`); to let SAYS fall gradually
# from CLOSE to .7 instead costs .03 on Text+Berg by SACunidir.
SAYS, SAID, CLOSE = 0.5, 0.6, 0.74

# Out of order there is no context to confirm a match, so it must be plain: this alike, and sharing this many words that stand
# nowhere else, for short sentences resemble each other by chance (both as before the weights; not set anew). A bead in order that
# is less than half as alike gives way: a rule made for a quotation of the seeds, its half not tuned.
CROSSING_FLOOR, CROSSING_WORDS = 0.45, 4

# Left-over sentences are compared if they share a word that no more of them than this have.
CROSSING_RARE = 12


def completed(path: list[Bead], version: Weighed, original: Weighed) -> list[Bead]:
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


def usual(path: Sequence[Bead]) -> float:
    """Mean cosine of the beads, weighted by the cosines themselves: those that only fill a place count little."""
    return sum(bead.similarity**2 for bead in path) / max(sum(bead.similarity for bead in path), FEW)


def _trimmed(path: list[Bead], version: Weighed, original: Weighed) -> list[Bead]:
    """The beads without a sentence at an end of a merged side of which the other side says next to nothing: it was left out.

    In a text that is not CLOSE to its original nothing is trimmed: there a rendering may say as little.
    """
    if not path or float(np.median([bead.similarity for bead in path])) < CLOSE:
        return path
    merged = [bead for bead in path if bead.version[1] - bead.version[0] + bead.original[1] - bead.original[0] > 2]
    cells = [(i, j) for bead in merged for i in range(*bead.version) for j in range(*bead.original)]
    mass = common(version, original, *np.array(cells, dtype=np.int64).reshape(-1, 2).T)
    sizes = [(bead.version[1] - bead.version[0]) * (bead.original[1] - bead.original[0]) for bead in merged]
    shorter = {
        bead: _shorter(bead, part.reshape(bead.version[1] - bead.version[0], -1), version, original)
        for bead, part in zip(merged, np.split(mass, np.cumsum(sizes)[:-1]), strict=False)
    }
    return [shorter.get(bead, bead) for bead in path]


def _shorter(bead: Bead, block: np.ndarray, version: Weighed, original: Weighed) -> Bead:
    """The bead without end sentences of which less than SAYS of another's share is said, while that makes it more alike."""
    (i, i_end), (j, j_end) = bead.version, bead.original
    masses = version.masses[i:i_end] + LEAST, original.masses[j:j_end] + LEAST
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
    mass = common(version, original, i, j)
    cosine = mass / np.sqrt(version.masses[i] * original.masses[j])
    heavy = mass >= CROSSING_WORDS * math.log(max(len(version.masses) + len(original.masses), 1)) * UNIT
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
    left, right = joined(parts[0][1], parts[1][1])
    cells = np.unique(parts[0][0][left] * max(len(original.masses), 1) + parts[1][0][right])
    return cells // max(len(original.masses), 1), cells % max(len(original.masses), 1)
