"""What sentences of two texts share: prefixes of words, weighed by their inverse sentence frequency within the two texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

# Letters of a word that are compared: inflections and derivations of one word then agree (a choice
# of the first trials, where 5 beat whole words by 2 points of strict F1).
PREFIX = 5

# A word, or a character of a script without spaces.
WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}]+|\p{N}+(?:[.,]\p{N}+)*"

# Marks that a translator keeps: with them strict F1 rises on Text+Berg by .008 (mean of its seven directions and engines), lax by
# .012; on the Bible and FLORES it does not change.
MARKS = r"[?!:;()\"]"
QUOTES = "[“”„«»「」『』]"

# Units of a weight and of a score: whole numbers, so that sums do not depend on their order and ties are ties.
UNIT = 1024

# What keeps a division from being one by nothing: of a mass, and of a sum of cosines.
LEAST, FEW = 1, 0.1


@dataclass(frozen=True)
class Bead:
    """Segments `version[0]:version[1]` render `original[0]:original[1]` (positions among those that take part)."""

    version: tuple[int, int]
    original: tuple[int, int]
    similarity: float
    crossing: bool


class Side(NamedTuple):
    """A text as sentences: `rows` and `words` hold, in the order of the rows, which sentence has which word (each once);
    `shares` in what share of its translations (1 where there is one).

    `lengths` are characters without spaces: of two texts of one language one may be written with spaces between its words or marks.
    """

    rows: np.ndarray
    words: np.ndarray
    shares: np.ndarray
    lengths: np.ndarray
    runs: np.ndarray


class Weighed(NamedTuple):
    """A side whose words have weights: `starts[i]:starts[i + 1]` are the words of sentence i, `masses` their sums."""

    side: Side
    weights: np.ndarray
    starts: np.ndarray
    masses: np.ndarray


def plain(texts: pl.Series) -> pl.Series:
    """Lower-cased, without accents (a text read from paper or typed in haste lacks them), with one form of each quotation mark."""
    lower = texts.str.to_lowercase()
    if texts.str.len_bytes().sum() > texts.str.len_chars().sum():  # otherwise there is nothing but ASCII to make plain
        lower = lower.str.normalize("NFKD").str.replace_all(r"[\x{300}-\x{36f}]", "").str.normalize("NFC").str.to_lowercase()
        lower = lower.str.replace_all(QUOTES, '"').str.replace_all(r"(\p{Han})\s+", "${1}")
    return lower


def tokens(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Which text holds which word prefix or mark (numbered from 0), each once; Han, kana and Thai give characters and pairs."""
    words = plain(texts).str.extract_all(f"{WORD}|{MARKS}")
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
    return rendered_sides([[(sentence,) for sentence in text] for text in texts])


def rendered_sides(texts: Sequence[Sequence[Sequence[str | None]]]) -> list[Side]:
    """The same of sentences that are given in one or several translations each: what any of them says can match.

    A word that only some of them have weighs so much less where it does not match.
    """
    counts = np.array([len(sentence) for text in texts for sentence in text], dtype=np.int64)
    sentences = np.repeat(np.arange(len(counts)), counts)
    whole = pl.Series([version for text in texts for sentence in text for version in sentence], dtype=pl.String)
    rows, words = tokens(whole)
    size = int(words.max(initial=0)) + 1
    cells, times = np.unique(sentences[rows] * size + words, return_counts=True)
    rows, words = cells // size, cells % size
    letters = whole.str.replace_all(r"\s", "").str.len_chars().fill_null(0).to_numpy().astype(np.float64)
    lengths = np.bincount(sentences, letters, len(counts)) / np.maximum(counts, 1)
    bounds = np.cumsum([0, *(len(text) for text in texts)])
    marks = np.searchsorted(rows, bounds)
    return [
        Side(rows[a:b] - low, words[a:b], times[a:b] / counts[rows[a:b]], lengths[low:high], np.arange(1, high - low + 1))
        for low, high, a, b in zip(bounds, bounds[1:], marks, marks[1:], strict=False)
    ]


def prepared(problems: Sequence[tuple[Side, Side]]) -> tuple[list[bool], list[tuple[Weighed, Weighed]]]:
    """The problems with weights, the side that comes first in `_order` as the rows; and which had to be turned for that."""
    turned = [_order(one) > _order(two) for one, two in problems]
    return turned, [_weighed(two, one) if turn else _weighed(one, two) for (one, two), turn in zip(problems, turned, strict=True)]


def _order(side: Side) -> tuple[int, bytes, bytes]:
    """The side that comes first is solved as the rows: swapping the sides then swaps the answer, ties included."""
    return len(side.lengths), side.lengths.tobytes(), side.rows.tobytes()


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
    masses = np.bincount(side.rows, np.rint(weights * np.sqrt(side.shares)), size) if size else np.zeros(0)
    return Weighed(side._replace(words=ids), weights, starts, masses)


def within(weighed: Weighed, low: int, high: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (from 0), words and weights of some sentences."""
    span = slice(weighed.starts[low], weighed.starts[high])
    return weighed.side.rows[span] - low, weighed.side.words[span], weighed.weights[span]


def joined(words: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of every pair of equal words."""
    order = np.argsort(others, kind="stable")
    ranked = others[order]
    first, last = np.searchsorted(ranked, words, "left"), np.searchsorted(ranked, words, "right")
    counts = last - first
    left = np.repeat(np.arange(len(words)), counts)
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, order[np.repeat(first, counts) + within]


def mutual(i: np.ndarray, j: np.ndarray, worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs that are worth more than any other pair of their row and of their column."""
    best = np.ones(len(i), dtype=bool)
    for line in (i, j):
        order = np.lexsort((worth, line))
        last = np.append(line[order][1:] != line[order][:-1], True)[: len(order)]
        tied = np.append(False, (line[order][1:] == line[order][:-1]) & (worth[order][1:] == worth[order][:-1]))[: len(order)]
        best[order[~(last & ~tied)]] = False
    order = np.argsort(i[best], kind="stable")
    return i[best][order], j[best][order]


def common(version: Weighed, original: Weighed, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Weight that the sentences i[k] and j[k] share, for every k."""
    counts = version.starts[i + 1] - version.starts[i]
    pair = np.repeat(np.arange(len(i)), counts)
    at = np.repeat(version.starts[i], counts) + np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = max(int(version.side.words.max(initial=0)), int(original.side.words.max(initial=0))) + 1
    has = np.isin(j[pair] * size + version.side.words[at], original.side.rows * size + original.side.words)
    return np.bincount(pair[has], version.weights[at][has], len(i)) if len(i) else np.zeros(0)
