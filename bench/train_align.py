"""Sets the weights of the alignment (`checker.beads.WEIGHTS`) on halves of the data of bench/align.py, never on the others.

    python bench/train_align.py [clean] [seconds]

Starts from the weights in force and climbs by CMA-ES (Hansen, The CMA evolution strategy: a tutorial, 2016) on strict F1 plus 0.4
of lax F1, weighted over the sets (SHARES). Seen: the first halves of Text+Berg dev with its engines in both directions, of the
Bible, and of news cut like novels, all whole and abridged; pairs of strangers from them; FLORES pages made of sentences of even
number. The weights of damaged texts are set on all of it; with `clean`, those of whole texts on texts without deletions. Prints
the figures by the weights in force, chosen for each document, by those alone, and by those found, on the seen halves and on the
others: with `clean 0`, what the choice costs on whole texts.
"""

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from align import FLORES, Beads, Document, bible, part, score, strangers, textberg, windows
from novels import sets as novel_sets
from numpy.typing import NDArray

from checker import beads, measures
from checker.anchors import Piece, pieces_of
from checker.lexicon import learnt
from checker.matching import Bead, sides
from checker.matching import prepared as weighed_of

# Text+Berg by the engines; what is clean, and is climbed on alone with `clean`; damaged pages; texts that share little or nothing.
SHARES = {"google": 0.1, "europarlfull": 0.06, "SACunidir": 0.03, "europarllight": 0.03}
SHARES |= {"textberg google, back": 0.06, "textberg europarlfull, back": 0.03, "textberg europarllight, back": 0.03}
SHARES |= {"bible": 0.2, "novels": 0.1, "novels, blurred": 0.1, "clean": 0.05, "joined": 0.05}
CLEAN = tuple(SHARES)
SHARES |= {"novels, noisy": 0.1, "novels, blurred, noisy": 0.1, "textberg, noisy": 0.1, "bible, noisy": 0.06}
SHARES |= {"deleted": 0.05, "noisy": 0.05, "sparse": 0.05, "replaced": 0.05}
SHARES |= {"textberg, apart": 0.045, "bible, apart": 0.045, "flores, apart": 0.045}
SHARES |= {"textberg, quoting": 0.06, "bible, quoting": 0.06, "flores, quoting": 0.06}
Weights = NDArray[np.float64]
Measured = tuple[list[Piece], measures.Batch, list[np.ndarray], list[np.ndarray]]


def measured(batch: list[Piece], stacked: measures.Batch) -> Measured:
    totals, nulls = (
        [np.stack(np.broadcast_arrays(*values)).astype(np.float32) for values in measure(stacked)]
        for measure in (measures.measures, measures.null_measures)
    )
    return batch, stacked, totals, nulls


def weighed_beads(parts: Sequence[Measured], weights: beads.Weights, kinds: int) -> beads.Stacks:
    return [
        (batch, stacked, beads.gained(batch, stacked, weights, kinds, (totals, nulls))) for batch, stacked, totals, nulls in parts
    ]


class Prepared:
    """A set with the measures of all its beads, before and after its lexicons, so that other weights only need other paths.

    The lexicons are those of the weights in force.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        flat = sides([text for document in documents for text in (document.version, document.original)])
        self.turned, weighed = weighed_of(list(zip(flat[::2], flat[1::2], strict=True)))
        pieces = [piece for at, pair in enumerate(weighed) for piece in pieces_of(at, pair)]
        self.first = self.second = [
            measured(batch, measures.stacked(batch, weighed)) for batch in measures.batches(pieces, 1 << 14)
        ]
        self.sizes = [len(document.version) + len(document.original) for document in documents]
        found = self._first(beads.weights_of(np.ones(len(documents))))
        lexicons = [learnt(pair, path) for pair, path in zip(weighed, found, strict=True)]
        self.damage = beads.damage(found, self.sizes)
        if any(lexicons):
            self.second = [
                measured(batch, measures.translated(batch, stacked, weighed, lexicons)) for batch, stacked, *_ in self.first
            ]

    def _first(self, weights: beads.Weights) -> list[list[Bead]]:
        return beads.first_paths(weighed_beads(self.first, weights, beads.FIRST), len(self.sizes), weights)

    def found(self, vector: Weights | None) -> list[Beads]:
        """The beads that these weights give, or those in force, each document by its own; without those out of order."""
        weights = beads.weights_of(np.ones(len(self.sizes))) if vector is None else self._alike(vector)
        first = self._first(weights)
        weights = beads.weights_of(self.damage) if vector is None else weights
        found = beads.second_paths(weighed_beads(self.second, weights, len(measures.KINDS)), first, self.sizes, weights)
        return [self._completed(*each) for each in zip(self.documents, found, self.turned, strict=True)]

    def _alike(self, vector: Weights) -> beads.Weights:
        return {name: np.full(len(self.sizes), weight) for name, weight in named(vector).items()}

    @staticmethod
    def _completed(document: Document, found: list[Bead], turned: bool) -> Beads:
        path = [(tuple(range(*bead.version)), tuple(range(*bead.original))) for bead in found]
        path = sorted(ends[::-1] if turned else ends for ends in path)
        taken = [{at for bead in path for at in bead[side]} for side in (0, 1)]
        alone: Beads = [((i,), ()) for i in range(len(document.version)) if i not in taken[0]]
        return path + alone + [((), (j,)) for j in range(len(document.original)) if j not in taken[1]]


def prepared(half: int, names: Sequence[str]) -> dict[str, Prepared]:
    made = {engine: [part(document, half)] for engine, document in textberg().items()} | {"bible": [part(bible(), half)]}
    made |= novel_sets(half) | strangers(half)
    made |= {name: windows(damage, half, limit=14) for name, damage in FLORES.items()}
    return {name: Prepared(made[name]) for name in names}


def named(vector: Weights) -> dict[str, float]:
    return dict(zip(beads.WEIGHTS, vector.tolist(), strict=True))


def objective(sets: dict[str, Prepared], vector: Weights) -> float:
    scores = {name: score(each.documents, each.found(vector)) for name, each in sets.items()}
    total = sum(SHARES[name] * (strict + 0.4 * lax) for name, (strict, lax) in scores.items())
    return total / sum(SHARES[name] for name in sets) - 0.0005 * float(np.square(vector).sum())


def show(sets: dict[str, Prepared], vectors: Sequence[Weights | None]) -> None:
    """Strict and lax F1 by each of the weights; the mean of all sets last."""
    rows = {name: [score(each.documents, each.found(vector)) for vector in vectors] for name, each in sets.items()}
    for name, scores in rows.items():
        print(f"{name:32}", "   ".join(f"{strict:.3f} {lax:.3f}" for strict, lax in scores))
    means = np.array(list(rows.values())).mean(axis=0)
    print(f"{'mean':32}", "   ".join(f"{strict:.4f} {lax:.4f}" for strict, lax in means))


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
    names = CLEAN if "clean" in sys.argv[1:] else tuple(SHARES)
    sets = prepared(0, names)
    start = np.array([pair[0 if names == CLEAN else 1] for pair in beads.WEIGHTS.values()])
    seconds = next((float(word) for word in sys.argv[1:] if word.isdigit()), 600.0)
    found = climb(lambda vector: objective(sets, vector), start, 0.1, seconds) if seconds else start
    print("strict and lax F1 by the weights in force, chosen by document; by those for all; by those found for all; seen")
    show(sets, (None, start, found))
    print("unseen")
    show(prepared(1, names), (None, start, found))
    print({name: round(weight, 3) for name, weight in named(found).items()})
