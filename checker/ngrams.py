"""Words and character n-grams as numbers: texts cut into words, hashes of their n-grams, and tables that find a hash's row."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Longest n-gram: of single words those of four letters told .870, with five .873 (see `profiles`).
LONGEST = 5

# Code of characters that are skipped, rather than ending a word.
SKIPPED = 0xFFFF

_ROW_BITS = 22
_ROW = np.uint32((1 << _ROW_BITS) - 1)
_EMPTY = np.uint32(0xFFFFFFFF)

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_POWERS = np.cumprod(np.full(64, 0x9E3779B97F4A7C15, np.uint64))


@dataclass(frozen=True)
class Words:
    """The words of texts: a stream of letter codes in which a 0 stands before, between and behind words; each word's text."""

    codes: NDArray[np.uint16]
    starts: Numbers
    texts: Numbers

    def places(self) -> tuple[Numbers, Numbers]:
        """Of each code behind the first: the number of its word, and its distance from the 0 before the word."""
        lengths = np.diff(np.append(self.starts, len(self.codes)))
        words = np.repeat(np.arange(len(self.starts)), lengths)
        return words, np.arange(1, len(self.codes)) - self.starts[words] + 1

    def some(self, numbers: Numbers) -> "Words":
        """The words of those numbers, in their order."""
        lengths = np.diff(np.append(self.starts, len(self.codes)))[numbers]  # each with the 0 behind it
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[numbers] - ends + lengths, lengths)
        return Words(np.append(np.uint16(0), self.codes[places]), ends - lengths + 1, self.texts[numbers])


def cut(characters: NDArray[np.uint32], text: Numbers, letters: NDArray[np.uint16]) -> Words:
    """The words of texts: their code points, and the text that each belongs to."""
    codes = letters[np.minimum(characters, len(letters) - 1)]
    kept = codes != SKIPPED
    if not kept.all():
        codes, text = codes[kept], text[kept]
    behind = np.concatenate([[False], codes[:-1] > 0])
    held = np.flatnonzero((codes > 0) | behind)
    stream = np.concatenate([np.zeros(1, np.uint16), codes[held]])
    starts = np.flatnonzero(stream[:-1] == 0) + 1
    return Words(stream, starts, text[held][starts - 1])


def _mixed(codes: NDArray[np.uint16]) -> Hashes:
    """A number of 64 even bits for each code."""
    mixed = (codes.astype(np.uint64) + np.uint64(7)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def ngram_hashes(codes: NDArray[np.uint16]) -> Iterator[Hashes]:
    """For each length, a hash of the n-gram that ends in each code behind the first."""
    mixed = _mixed(codes)
    total = mixed.copy()
    yield total[1:] + _POWERS[0]
    for length in range(2, LONGEST + 1):
        total[length - 1 :] += mixed[: max(0, len(mixed) - length + 1)] * _POWERS[2 * length]
        yield total[1:] ^ _POWERS[length]


def word_hashes(words: Words, places: Numbers) -> Hashes:
    return np.add.reduceat(_mixed(words.codes)[1:] * _POWERS[np.minimum(places, 63)], words.starts - 1)


def rows_of(slots: NDArray[np.uint32], hashes: Hashes) -> Numbers:
    """Row of each hash in a table of slots (see `placed`); -1 if it holds none."""
    marks = hashes.astype(np.uint32) & ~_ROW
    places = _slot(hashes, len(slots))
    rows = np.full(len(hashes), -1, np.int64)
    asked = np.arange(len(hashes))
    probe = 0
    while len(asked):
        entries = slots[(places[asked] + probe) & (len(slots) - 1)]
        same = (entries & ~_ROW) == marks[asked]
        rows[asked[same]] = entries[same] & _ROW
        asked = asked[~same & (entries != _EMPTY)]
        probe += 1
    rows[rows == int(_ROW)] = -1  # a hash whose mark is that of an empty slot
    return rows


def placed(hashes: Hashes) -> tuple[Numbers, NDArray[np.uint32]]:
    """Row of each hash, the same for the same hash, and the table: rows and marks (some bits of the hash), each at the slot that
    the hash's first bits number, or at the first empty slot behind."""
    size = 1 << min((2 * len(hashes)).bit_length(), 23)
    owner = np.full(size, -1, np.int32)
    places = _slot(hashes, size)
    asked = np.arange(len(hashes))
    while len(asked):
        at = places[asked]
        empty = owner[at] < 0
        owner[at[empty]] = asked[empty]
        other = hashes[owner[at]] != hashes[asked]
        asked = asked[other]
        places[asked] = (places[asked] + 1) & (size - 1)
    taken = np.flatnonzero(owner >= 0)
    slots = np.full(size, _EMPTY)
    slots[taken] = np.arange(len(taken), dtype=np.uint32) | (hashes[owner[taken]].astype(np.uint32) & ~_ROW)
    return (slots[places] & _ROW).astype(np.int64), slots


def _slot(hashes: Hashes, size: int) -> Numbers:
    return (hashes >> np.uint64(65 - size.bit_length())).astype(np.int64)
