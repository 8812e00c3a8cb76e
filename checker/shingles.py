"""Sentences that are nearly the same, sought by locality-sensitive hashing: near ones share a band, and only these are compared.

A sentence is the set of its pairs of neighbouring words (characters, where no spaces part the words), with every number masked, so
that sentences of one pattern are the same. MinHash (Broder 1997) keeps of each set the least of `_HASHES` hashes, and bands of
`_ROWS` of them are equal with probability J^_ROWS, where J is the share of pairs in common (Indyk and Motwani 1998). Two more
bands, the first and the second half, find what differs in one word however short it is. Words are hashed by CRC-32 and seeds are
fixed: the bands are the same on any machine.
"""

import zlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

# Bands, and hashes of each. Sentences of fifteen words that differ in one share 12 pairs of 16 and, by the formula above, one of
# eight bands of four with probability 0.95; sentences that share 1 pair of 40, as unlike ones do, with 3 in a million.
_BANDS, _ROWS = 8, 4
_HASHES = _BANDS * _ROWS

# Words that a sentence has at least: what is shorter is a label, of which many are alike and mean different things.
LEAST = 6

NAMES = tuple(f"band_{number}" for number in range(_BANDS + 2))
"""The columns of `bands`."""

# Scripts without spaces between words: each character is a word.
_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[{_DENSE}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{_DENSE}]]+"
_NUMBER = r"\p{N}+(?:[.,:/]\p{N}+)*"

_Hashes = NDArray[np.uint64]

_DRAWN = np.random.default_rng(20_261_130).integers(1, 1 << 63, size=(2, _HASHES), dtype=np.uint64)
_FACTORS, _SHIFTS = _DRAWN[0] | np.uint64(1), _DRAWN[1]
_PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio, as in Fibonacci hashing


def words(texts: pl.Series) -> pl.Series:
    """The words of texts that `normalised` made, numbers masked: a list of strings for each."""
    return texts.to_frame("text").select(_words(pl.col("text"))).to_series()


def bands(texts: pl.Series, langs: pl.Series) -> pl.DataFrame:
    """`NAMES` of each text (normalised, no null): 64-bit hashes, null where it has fewer than `LEAST` words.

    Texts with other `langs` (no null) share no band, whatever they say.
    """
    frame = pl.DataFrame({"text": texts, "lang": langs}).select("lang", word=_words(pl.col("text"))).with_row_index("at")
    long = frame.filter(pl.col("word").list.len() >= LEAST)
    sizes = long["word"].list.len().to_numpy().astype(np.int64)
    found = pl.DataFrame(dict.fromkeys(NAMES, pl.Series([], dtype=pl.UInt64)))
    if len(sizes):
        hashes = _hashed(long.select(pl.col("word").explode())["word"])
        keys = [*_minhashed(hashes, sizes), *_halves(hashes, sizes)]
        salt = _hashed(long["lang"])
        salted = (_mixed(key * _PRIME + salt + np.uint64(number)) for number, key in enumerate(keys))
        found = pl.DataFrame(dict(zip(NAMES, salted, strict=True)))
    placed = long.select("at").hstack(found)
    return frame.select("at").join(placed, on="at", how="left", maintain_order="left").select(NAMES)


def _words(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_NUMBER, "0").str.extract_all(_WORD)


def _hashed(tokens: pl.Series) -> _Hashes:
    """64 bits of each word; a loop over the distinct ones: polars' own hashes depend on the machine."""
    distinct = tokens.unique(maintain_order=True)
    known = pl.DataFrame({"word": distinct, "hash": pl.Series([zlib.crc32(word.encode()) for word in distinct], dtype=pl.UInt64)})
    joined = tokens.to_frame("word").join(known, on="word", how="left", maintain_order="left")
    return _mixed(joined["hash"].to_numpy() + _PRIME)


def _mixed(values: _Hashes) -> _Hashes:
    """The bits stirred: the finaliser of SplitMix64 (Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _minhashed(hashes: _Hashes, sizes: NDArray[np.int64]) -> list[_Hashes]:
    """A key for each band, of the texts that the words stand in one behind the other."""
    within = np.ones(len(hashes), np.bool_)
    within[np.cumsum(sizes) - 1] = False  # no pair reaches from a text into the next one
    pairs = _mixed(hashes[:-1] * _PRIME + hashes[1:])[within[:-1]]
    begins = np.cumsum(sizes - 1) - (sizes - 1)
    keys = []
    for band in range(_BANDS):
        key = np.zeros(len(sizes), np.uint64)
        for row in range(band * _ROWS, (band + 1) * _ROWS):
            drawn = (pairs * _FACTORS[row] + _SHIFTS[row]) >> np.uint64(32)
            key = _mixed(key + np.minimum.reduceat(drawn, begins))
        keys.append(key)
    return keys


def _halves(hashes: _Hashes, sizes: NDArray[np.int64]) -> list[_Hashes]:
    """A key of the first half of the words of each text, and one of as many at its end."""
    begins = np.cumsum(sizes) - sizes
    place = np.arange(len(hashes)) - np.repeat(begins, sizes)
    behind = np.repeat(sizes, sizes) - 1 - place
    half = np.repeat(sizes // 2, sizes)
    return [
        np.add.reduceat(np.where(at < half, _mixed(hashes + _mixed(at.astype(np.uint64))), np.uint64(0)), begins)
        for at in (place, behind)
    ]
