"""Ensembles of oblivious decision trees (each level of a tree asks one question), evaluated over columns.

A model is a JSON file: `features` are names of columns, `questions` pairs of a column's number and a border (is the value above
it?), `trees` the questions' numbers, `leaves` the values behind the answers, the first question's answer being the lowest bit, in
units of `unit`. The sum of a row's leaves and `bias` is a log-odds. What trained it, and on what, stands in its head (`about`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Rows evaluated together: their answers, a byte each, stay in a processor's cache.
_ROWS = 16_384


@dataclass(frozen=True)
class Model:
    """A model as read, and what else its file holds under `extra`."""

    features: tuple[str, ...]
    questions: tuple[tuple[int, float], ...]
    trees: NDArray[np.int64]
    leaves: NDArray[np.float32]
    bias: float
    extra: Mapping[str, Any]

    def probability(self, columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """The probability of each row, from the columns that `features` names."""
        height = len(columns[self.features[0]])
        parts = [self._sums(columns, begin, min(begin + _ROWS, height)) for begin in range(0, height, _ROWS)]
        odds = np.concatenate([np.zeros(0, np.float32), *parts]) + np.float32(self.bias)
        return (1 / (1 + np.exp(-odds.astype(np.float64)))).round(4).astype(np.float32)

    def _sums(self, columns: Mapping[str, NDArray[np.float32]], begin: int, end: int) -> NDArray[np.float32]:
        answers = np.empty((len(self.questions), end - begin), np.uint8)
        for number, (feature, border) in enumerate(self.questions):
            np.greater(columns[self.features[feature]][begin:end], np.float32(border), out=answers[number].view(np.bool_))
        total = np.zeros(end - begin, np.float32)
        for questions, leaves in zip(self.trees, self.leaves, strict=True):
            leaf = answers[questions[-1]].copy()
            for question in questions[-2::-1]:
                leaf += leaf
                leaf |= answers[question]
            total += leaves.take(leaf)
        return total


def load(path: Path) -> Model:
    """The model in a file."""
    table = json.loads(path.read_text("utf-8"))
    return Model(
        features=tuple(table["features"]),
        questions=tuple((feature, border) for feature, border in table["questions"]),
        trees=np.array(table["trees"]),
        leaves=np.array(table["leaves"], np.float32) * np.float32(table["unit"]),
        bias=table["bias"],
        extra={
            key: value for key, value in table.items() if key not in ("features", "questions", "trees", "leaves", "unit", "bias")
        },
    )
