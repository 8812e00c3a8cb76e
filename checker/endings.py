"""Endings: which words are two forms of one word, told from how many words of a language change in the same way.

Савра and Савры are forms of one name, for hundreds of Russian words have an а where they elsewhere have ы; Brightmoor and
Brightmore are not, for no English words change so. After Schone and Jurafsky (2000), Knowledge-free induction of morphology using
latent semantic analysis, of which the first step is enough here.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checker import frequencies
from checker.cache import kept

# Languages whose names of people and places stay as they are, but for a genitive's s.
UNCHANGED = frozenset("en fr es it pt ca nl de da sv no zh ja ko vi id th".split())  # noqa: SIM905 - one line

# Languages that write articles, prepositions and "and" together with the word behind them.
_PROCLITIC = frozenset(("ar", "he", "fa", "ur"))

# Words that the endings are learned of: the list's commoner part (Zipf 3: one in a million), where names and errors are few.
_LISTED = 3.0
# Letters of the stem, of an ending at the most; and how many words must change from the one ending to the other.
_STEM, _ENDING, _WORDS = 3, 4, 8
# A stem with more endings than this is the beginning of many words.
_MANY = 30


@dataclass(frozen=True)
class _Changes:
    """What words of a language change into each other: `behind\x1fbehind` and, written from their end, `before\x1fbefore`."""

    behind: NDArray[np.str_]
    before: NDArray[np.str_]


def related(word: str, other: str, lang: str, *, name: bool = False) -> bool:
    """Whether two words are forms of one, whatever their case; a name, where names stay as they are, only by its s."""
    word, other = word.casefold(), other.casefold()  # as wordfreq has them: a Greek s is the same at a word's end
    if word == other:
        return True
    if name and lang in UNCHANGED:
        return _genitive(word) == _genitive(other)
    if _changed(word, other, _behind(lang)):
        return True
    if lang not in _PROCLITIC:
        return False
    before = _before(lang)
    return _changed(word[::-1], other[::-1], before) or _both(word, other, lang)


def _genitive(word: str) -> str:
    return word.replace("’", "'").removesuffix("'s").removesuffix("'").removesuffix("s")


def _changed(word: str, other: str, changes: frozenset[str]) -> bool:
    at = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    if at < _STEM or max(len(word), len(other)) - at > 2 * _ENDING:
        return False
    first, second = sorted((word[at:], other[at:]))
    # Of languages that put one ending behind the other, both are endings of the bare stem.
    return f"{first}\x1f{second}" in changes or (f"\x1f{first}" in changes and f"\x1f{second}" in changes)


def _both(word: str, other: str, lang: str) -> bool:
    """Whether the words are forms of one without what the language writes together with them."""
    both = ((first, second) for first in parted(word, lang) for second in parted(other, lang))
    return any((first == second and len(first) > _STEM) or _changed(first, second, _behind(lang)) for first, second in both)


def bare(word: str, lang: str) -> str:
    """A word in small letters without what its language writes together with it: a Hebrew noun without its article."""
    return parted(word, lang)[-1]


def parted(word: str, lang: str) -> list[str]:
    """A word, and what is left of it without a particle that may be written together with it, the shortest at last."""
    before = _before(lang) if lang in _PROCLITIC else ()
    cuts = [cut for cut in range(1, _ENDING + 1) if len(word) - cut >= _STEM and f"\x1f{word[:cut][::-1]}" in before]
    return [word, *(word[cut:] for cut in cuts)]


@cache
def _behind(lang: str) -> frozenset[str]:
    return frozenset(map(str, _changes(lang).behind))


@cache
def _before(lang: str) -> frozenset[str]:
    return frozenset(map(str, _changes(lang).before))


def _changes(lang: str) -> _Changes:
    key = pl.Series(["checker"]).hash().item()
    return kept(lambda: _build(lang), _Changes, ("endings", lang, key), ("wordfreq", "polars"), __file__)


def _build(lang: str) -> _Changes:
    try:
        listed = frequencies.words(lang)
    except LookupError:  # a language without a list
        return _Changes(np.array([], np.str_), np.array([], np.str_))
    words = listed.filter(pl.col("zipf") >= _LISTED, pl.col("word").str.contains(r"^\p{L}[\p{L}\p{M}]*$"))["word"]
    return _Changes(_learned(words), _learned(words.str.reverse()))


def _learned(words: pl.Series) -> NDArray[np.str_]:
    """The changes of endings that enough words show, each as two endings in order."""
    lengths = pl.Series("cut", range(_ENDING + 1), dtype=pl.Int64).to_frame()
    cut = words.alias("word").to_frame().join(lengths, how="cross").filter(pl.col("word").str.len_chars() - pl.col("cut") >= _STEM)
    cut = cut.select(
        stem=pl.col("word").str.head(pl.col("word").str.len_chars() - pl.col("cut")), ending=pl.col("word").str.tail("cut")
    )
    few = cut.filter(pl.len().over("stem").is_between(2, _MANY))
    pairs = few.join(few, on="stem", suffix="_b").filter(
        pl.col("ending") < pl.col("ending_b"),
        (pl.col("ending") == "") | (pl.col("ending").str.head(1) != pl.col("ending_b").str.head(1)),
    )
    counted = pairs.group_by("ending", "ending_b").len().filter(pl.col("len") >= _WORDS)
    found = counted.select(pl.concat_str("ending", "ending_b", separator="\x1f")).to_series().sort()
    return np.array(found.to_list(), np.str_)
