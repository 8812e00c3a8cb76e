"""Sets the weights of the alignment (`checker.beads.WEIGHTS`) on halves of the data of bench/align.py, never on the others.

    python bench/train_align.py [seconds]

Starts from the weights in force and climbs by CMA-ES (Hansen, The CMA evolution strategy: a tutorial, 2016) on strict F1 plus 0.4
of lax F1, weighted over the sets (SHARES). Seen: the first halves of Text+Berg dev with its four engines and of the Bible, pairs of
strangers from them, FLORES pages made of sentences of even number. Prints the weights, and the figures on what was seen.
"""

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from align import FLORES, Beads, Document, bible, part, score, strangers, textberg, windows
from numpy.typing import NDArray

from checker import beads, measures
from checker.anchors import pieces_of
from checker.matching import Bead, sides
from checker.matching import prepared as weighed_of
from checker.paths import gains

SHARES = {"google": 0.2, "europarlfull": 0.1, "SACunidir": 0.06, "europarllight": 0.06, "bible": 0.25}
SHARES |= {"clean": 0.04, "joined": 0.1, "deleted": 0.12, "noisy": 0.1, "sparse": 0.08, "replaced": 0.1}
SHARES |= {"textberg, apart": 0.05, "textberg, quoting": 0.08, "bible, apart": 0.05, "bible, quoting": 0.08}
SHARES |= {"flores, apart": 0.1, "flores, quoting": 0.1}
Weights = NDArray[np.float64]


class Prepared:
    """A set with the measures of all its beads, so that other weights only need another path."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        flat = sides([text for document in documents for text in (document.version, document.original)])
        problems = list(zip(flat[::2], flat[1::2], strict=True))
        self.turned, weighed = weighed_of(problems)
        pieces = [piece for at, pair in enumerate(weighed) for piece in pieces_of(at, pair)]
        self.batches = []
        for batch in measures.batches(pieces, 1 << 14):
            stacked = measures.stacked(batch, weighed)
            measured = [np.stack(np.broadcast_arrays(*values)).astype(np.float32) for values in measures.measures(stacked)]
            nulls = [np.stack(np.broadcast_arrays(*values)).astype(np.float32) for values in measures.null_measures(stacked)]
            self.batches.append((batch, stacked, measured, nulls))

    def found(self, weights: Weights) -> list[Beads]:
        """The beads that these weights give, without those out of order."""
        solved = []
        for batch, stacked, measured, nulls in self.batches:
            totals = [np.tensordot(weights[: len(values)], values, 1) for values in measured]
            null_totals = [np.tensordot(weights[-8:-3], values, 1) for values in nulls]
            solved.append((batch, stacked, gains(stacked, totals, null_totals, float(weights[-1]))))
        sizes = [len(document.version) + len(document.original) for document in self.documents]
        found = beads.beads_of(solved, sizes, (float(weights[-3]), float(weights[-2])))
        return [self._completed(*each) for each in zip(self.documents, found, self.turned, strict=True)]

    @staticmethod
    def _completed(document: Document, found: list[Bead], turned: bool) -> Beads:
        path = [(tuple(range(*bead.version)), tuple(range(*bead.original))) for bead in found]
        path = sorted(ends[::-1] if turned else ends for ends in path)
        taken = [{at for bead in path for at in bead[side]} for side in (0, 1)]
        alone: Beads = [((i,), ()) for i in range(len(document.version)) if i not in taken[0]]
        return path + alone + [((), (j,)) for j in range(len(document.original)) if j not in taken[1]]


def prepared() -> dict[str, Prepared]:
    sets = {engine: Prepared([part(document, 0)]) for engine, document in textberg().items()}
    sets["bible"] = Prepared([part(bible(), 0)])
    sets |= {name: Prepared(documents) for name, documents in strangers(0).items()}
    return sets | {name: Prepared(windows(damage, 0, limit=14)) for name, damage in FLORES.items()}


def objective(sets: dict[str, Prepared], weights: Weights, show: bool = False) -> float:
    total = 0.0
    for name, each in sets.items():
        strict, lax = score(each.documents, each.found(weights))
        total += SHARES[name] * (strict + 0.4 * lax)
        if show:
            print(f"{name:16} strict {strict:.3f} lax {lax:.3f}")
    return total


def climb(value: Callable[[Weights], float], start: Weights, step: float, seconds: float) -> Weights:
    """The best weights seen by CMA-ES, or its last mean if that is better."""
    rng, size = np.random.default_rng(1), len(start)
    many = 4 + int(3 * np.log(size))
    kept = many // 2
    share = np.log(kept + 0.5) - np.log(np.arange(1, kept + 1))
    share /= share.sum()
    mass = 1 / np.square(share).sum()
    slow, path_slow = 4 / (size + 4), (mass + 2) / (size + mass + 5)
    rank_one = 2 / ((size + 1.3) ** 2 + mass)
    rank_many = min(1 - rank_one, 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass))
    usual = np.sqrt(size) * (1 - 1 / (4 * size))
    mean, spread, path, step_path = start.copy(), np.eye(size), np.zeros(size), np.zeros(size)
    best = (value(mean), mean)
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        lengths, axes = np.linalg.eigh(spread)
        lengths = np.sqrt(np.maximum(lengths, 1e-12))
        moves = (rng.standard_normal((many, size)) * lengths) @ axes.T
        values = np.array([value(mean + step * move) for move in moves])
        order = np.argsort(-values)
        best = max(best, (values[order[0]], mean + step * moves[order[0]]), key=lambda pair: pair[0])
        move = share @ moves[order[:kept]]
        mean = mean + step * move
        step_path = (1 - path_slow) * step_path + np.sqrt(path_slow * (2 - path_slow) * mass) * (axes @ ((axes.T @ move) / lengths))
        path = (1 - slow) * path + np.sqrt(slow * (2 - slow) * mass) * move
        spread = (1 - rank_one - rank_many) * spread + rank_one * np.outer(path, path)
        spread += rank_many * (moves[order[:kept]].T * share) @ moves[order[:kept]]
        step *= float(np.exp(path_slow / (1 + path_slow) * (np.linalg.norm(step_path) / usual - 1)))
        print(
            f"{time.monotonic() - started:.0f} s, best {best[0]:.4f}, step {step:.3f}", best[1].round(3).tolist(), file=sys.stderr
        )
    return max(best, (value(mean) + 0.001, mean), key=lambda pair: pair[0])[1]


if __name__ == "__main__":
    sets = prepared()
    found = climb(
        lambda weights: objective(sets, weights) - 0.0005 * float(np.square(weights).sum()),
        np.array(list(beads.WEIGHTS.values())),
        0.1,
        float(sys.argv[1]) if len(sys.argv) > 1 else 600,
    )
    print(objective(sets, found, show=True))
    print({name: round(float(weight), 3) for name, weight in zip(beads.WEIGHTS, found, strict=True)})
