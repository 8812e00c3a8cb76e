"""Word frequencies by language, from wordfreq's lists: which words of a text another language has and its own hardly knows.

Frequencies are on the Zipf scale, log10 of occurrences in a billion words. wordfreq's own look-up takes one word a call; here lists
are sorted hashes, in which all distinct words of a batch are searched at once. To read and hash all lists takes more than a second,
so what is made of them is kept in the user's cache folder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checker.cache import Tables, kept

Keys = NDArray[np.uint64]
Zipf = NDArray[np.float32]

LANGUAGES = ("en", "fr", "es", "de", "it", "pt", "nl", "pl", "cs", "sv", "da", "no", "fi", "hu", "ro", "tr", "ca")
"""Languages in Latin letters that a word may be of, in the order of how much is translated from them."""

UNSEEN = 0.6
"""Frequency of a word that no list holds: a large list ends at 1.0, so it is rarer than that."""

# A list's rarest words are names, errors and words of other languages: what says of which language a word is begins here.
_RAREST = 2.0

# What stands between the parts of a German compound.
_LINKS = ("", "s", "n", "en", "es")
# What a German noun may end in for its number or case.
_ENDINGS = ("", "en", "n", "e", "es", "s")
# How common a word is that compounds are made with.
_COMMON, _PART = 3.3, 2.7

# Letters of each part of a compound.
_SHORTEST = 4
# So many of a language's most frequent words are kept by themselves.
_FREQUENT = 100

_WORDFREQ = {"no": "nb", "hr": "sh"}


def strangers(words: pl.DataFrame, gap: float, rarer: float) -> pl.DataFrame:
    """word, own_lang, own, said, zipf: which `word` another language has more often than `own_lang`, by `gap` or more.

    `own` is how common the word is in its own language, below `rarer`; `zipf` in the language `said`, a row for each. The words are
    looked up without their case.
    """
    ordered = words.select("word", "own_lang", key=_keys(words["word"])).sort("key", maintain_order=True)  # as the lists are
    rated = ordered.with_columns(own=_each(ordered["key"], ordered["own_lang"]))
    asked = rated.filter(pl.col("own") < rarer)
    table = _elsewhere()
    begin, end = (np.searchsorted(table.keys, asked["key"].to_numpy(), side) for side in ("left", "right"))
    counts = end - begin
    places = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts) + np.repeat(begin, counts)
    rows = asked.drop("key")[np.repeat(np.arange(len(counts)), counts)]
    zipf = pl.Series("zipf", table.zipf[places], dtype=pl.Float32)
    near = (zipf - rows["own"] >= gap).to_numpy()
    said = pl.Series("said", LANGUAGES, dtype=pl.String)[table.languages[places[near]]]
    return rows.filter(near).with_columns(said, zipf.filter(near)).filter(pl.col("said") != pl.col("own_lang"))


def known(words: pl.Series, lang: str) -> pl.Series:
    """How common each word is in a language, `UNSEEN` where its list lacks it."""
    return pl.Series("zipf", _zipf(_keys(words).to_numpy(), lang))


def each_known(words: pl.Series, langs: pl.Series) -> pl.Series:
    """As `known`, each word in a language of its own."""
    return _each(_keys(words), langs)


def _each(keys: pl.Series, langs: pl.Series) -> pl.Series:
    asked, found = keys.to_numpy(), np.full(len(keys), UNSEEN, np.float32)
    for lang in langs.unique():
        own = (langs == lang).to_numpy()
        found[own] = _zipf(asked[own], lang)
    return pl.Series("zipf", found)


def _zipf(keys: Keys, lang: str) -> Zipf:
    if not len(keys):  # asks for no list
        return np.zeros(0, np.float32)
    table = _list(lang)
    places = np.searchsorted(table.keys, keys).clip(max=len(table.keys) - 1)
    return np.where(table.keys[places] == keys, table.zipf[places], np.float32(UNSEEN))


def frequent(lang: str) -> list[str]:
    """The most frequent words of a language, a hundred, the most frequent first."""
    return [str(word) for word in _list(lang).frequent]


def compounds(nouns: pl.Series, lang: str) -> pl.Series:
    """How many words of a language begin with each noun, or with it without a plural's ending, and go on with another word.

    Common nouns form them by the dozen ("Wasserkraft"), names of people and towns hardly.
    """
    if nouns.is_empty():
        return pl.Series(dtype=pl.UInt32)
    table, plain = _compounds(lang), _plain(nouns)
    most = np.zeros(len(nouns), np.uint32)
    for ending in _ENDINGS:
        stems = plain.str.strip_suffix(ending)
        keys = stems.hash().to_numpy()
        places = np.searchsorted(table.keys, keys).clip(max=len(table.keys) - 1)
        found = (table.keys[places] == keys) & (stems.str.len_chars() >= _SHORTEST).to_numpy()
        most = np.maximum(most, np.where(found, table.counts[places], 0))
    return pl.Series(most, dtype=pl.UInt32)


def composed(nouns: pl.Series, lang: str, own: str) -> pl.Series:
    """Whether each noun is two words of a language of four letters or more, with or without a linking letter between.

    The second must be more common in that language than in `own`.
    """
    asked = nouns.to_frame("noun").with_row_index("row")
    plain = asked.select("row", noun=_plain(nouns))
    cuts = plain.with_columns(cut=pl.int_ranges(4, pl.max_horizontal(pl.col("noun").str.len_chars().cast(pl.Int64) - 3, 4)))
    cuts = cuts.explode("cut", empty_as_null=False)
    cuts = cuts.with_columns(first=pl.col("noun").str.head("cut"), rest=pl.col("noun").str.slice(pl.col("cut")))
    cuts = cuts.filter(known(cuts["first"], lang) >= _PART)
    rests = pl.concat(cuts.select("row", rest=pl.col("rest").str.strip_prefix(link)) for link in _LINKS)
    rests = rests.filter(pl.col("rest").str.len_chars() >= _SHORTEST)
    common = known(rests["rest"], lang)
    found = rests.filter((common >= _PART) & (common > known(rests["rest"], own)))["row"]
    return asked["row"].is_in(found.implode())


def listed(lang: str) -> bool:
    """Whether wordfreq has a list of the language's words."""
    from wordfreq import available_languages  # noqa: PLC0415 -- 0.1 s to import, and the tables are kept

    return _WORDFREQ.get(lang, lang) in available_languages("best")


def words(lang: str) -> pl.DataFrame:
    """word, zipf: a language's whole list. It is read anew at each call: wordfreq's readers of whole lists keep them for good."""
    from wordfreq import available_languages, read_cBpack  # noqa: PLC0415 -- 0.1 s to import, and the tables are kept

    buckets = read_cBpack(available_languages("best")[_WORDFREQ.get(lang, lang)])
    # Bucket n holds the words whose frequency is 9 - n / 100.
    frame = pl.DataFrame({"word": buckets}, schema={"word": pl.List(pl.String)}).with_row_index("n").explode("word")
    return frame.drop_nulls().select("word", zipf=(9 - pl.col("n") / 100).cast(pl.Float32))


def _keys(words: pl.Series) -> pl.Series:
    """What words are looked up by."""
    return _plain(words.fill_null("")).hash()


def _plain(words: pl.Series) -> pl.Series:
    """The words as wordfreq has them: composed, in small letters, ß as ss, a final sigma as any other."""
    low = words.str.normalize("NFC").str.to_lowercase()
    return low.str.replace_all("ß", "ss", literal=True).str.replace_all("ς", "σ", literal=True)


@dataclass(frozen=True)
class _Frequencies:
    """A language's words: sorted keys, how common each is; and the most frequent ones."""

    keys: Keys
    zipf: Zipf
    frequent: NDArray[np.str_]


@dataclass(frozen=True)
class _Elsewhere:
    """The words of all languages without the rarest: sorted keys, the place of each one's language, and how common it is."""

    keys: Keys
    languages: NDArray[np.uint8]
    zipf: Zipf


@dataclass(frozen=True)
class _Compounds:
    """Sorted keys of what compounds of a language begin with, and how many do."""

    keys: Keys
    counts: NDArray[np.uint32]


@cache
def _list(lang: str) -> _Frequencies:
    return _kept(_Frequencies, lang, lambda: _build_list(lang))


@cache
def _elsewhere() -> _Elsewhere:
    return _kept(_Elsewhere, "", _build_elsewhere)


@cache
def _compounds(lang: str) -> _Compounds:
    return _kept(_Compounds, lang, lambda: _build_compounds(lang))


def _kept(kind: type[Tables], lang: str, build: Callable[[], Tables]) -> Tables:
    # Keys are those of polars, which promises the same neither of another version nor of another kind of machine.
    key = pl.Series(["checker"]).hash().item()
    return kept(build, kind, ("frequencies", lang, key), ("wordfreq", "polars"), __file__)


def _build_list(lang: str) -> _Frequencies:
    listed = words(lang)
    rows = _hashed(listed).sort("key")
    return _Frequencies(
        rows["key"].to_numpy(), rows["zipf"].to_numpy(), np.array(listed["word"].head(_FREQUENT).to_list(), np.str_)
    )


def _build_elsewhere() -> _Elsewhere:
    lists = [_hashed(words(lang).filter(pl.col("zipf") >= _RAREST)) for lang in LANGUAGES]
    rows = pl.concat(rows.with_columns(said=pl.lit(n, pl.UInt8)) for n, rows in enumerate(lists)).sort("key", "said")
    return _Elsewhere(rows["key"].to_numpy(), rows["said"].to_numpy(), rows["zipf"].to_numpy())


def _build_compounds(lang: str) -> _Compounds:
    begun = pl.concat(_beginnings(words(lang))).hash().to_numpy()
    keys, counts = np.unique(begun, return_counts=True)
    return _Compounds(keys, counts.astype(np.uint32))


def _beginnings(listed: pl.DataFrame) -> Iterator[pl.Series]:
    """What each word that goes on with a common word begins with, for one length of it after the other."""
    common = listed["word"].filter(listed["zipf"] >= _COMMON).implode()
    longest = max(listed["word"].str.len_chars())
    for length in range(_SHORTEST, longest - _SHORTEST + 1):
        cut = listed["word"].filter(listed["word"].str.len_chars() >= length + _SHORTEST)
        rest = cut.str.slice(length)
        parts = (rest.str.strip_prefix(link) for link in _LINKS)
        found = reduce(or_, (part.is_in(common) & (part.str.len_chars() >= _SHORTEST) for part in parts))
        yield cut.filter(found).str.head(length)


def _hashed(listed: pl.DataFrame) -> pl.DataFrame:
    return listed.select(key=pl.col("word").hash(), zipf="zipf")
