"""How likely a text is in each language of its script: from word lists, and from character n-grams for the words no list holds.

A word's probability in a language is its frequency in wordfreq's list, plus what an n-gram model of the list's spelling gives it:
known words decide by frequency, unknown ones by their endings and letters. A text's is the product of its words'.

The tables are built from wordfreq's and langdetect's data the first time they are needed and kept in the user's cache folder.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import langdetect
import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

from checker import ngrams
from checker.cache import kept
from checker.ngrams import LONGEST, SKIPPED, Hashes, Numbers, Words, cut, ngram_hashes, placed, rows_of, word_hashes
from checker.scripts import SCRIPTS, blocks

Logs = NDArray[np.float32]

# Words of each list that are known by frequency, and those whose spelling is counted. Of single words of 28 languages (FLORES, and
# Django's catalogues where it has none; tuning half) 25,000 of both told .865, 40,000 .873, 100,000 with 20,000 .876; more of
# either tells at most .001 more and takes longer to build.
_WORDS = 100_000
_SPELT = 20_000

# From this length on, an n-gram that a single word holds is left out: the same figures in an eighth less memory.
_KEPT_FROM = 4

# Exponent that turns a word's frequency into its weight in the spelling model: unknown words are spelt like rare ones (.8744; .8732
# at .5, .8730 at .75).
_TEMPER = 0.25

# Weight of the shorter n-gram's estimate, in words, where the longer one was seen little (2 to 15 make no difference).
_BACKOFF = 5.0

# Share of a text's words that are in no list (log): what spelling is weighed by against frequency (-2.5 to -4, no difference).
_UNKNOWN = -3.0

# A word speaks against a language by no more than this (log), so that a name does not outvote a sentence: pairs .945 at 6, .950 at
# 12, .952 at 30; sentences the same.
_MOST = 25.0

# Texts are weighed in blocks of this many characters, which bounds memory: some 200 MB.
_BLOCK = 1 << 20

# Log probabilities are stored as bytes: steps to a unit, and the byte of what is not there.
STEPS = 12.0
_ABSENT = 255

# Characters that are skipped, rather than ending a word: vowel marks, tatweel, accents that no letter was composed with.
_MARKS = {"Arab": "\\u0640\\u064b-\\u065f\\u0670", "Latn": "\\u0300-\\u036f", "Cyrl": "\\u0300-\\u036f"}

# wordfreq's name of a list, where it is not the language's own; its lists fold Serbian, Bosnian and Croatian into one.
_LISTS = {"no": "nb", "hr": "sh"}

# Letters and marks that are written in two ways; wordfreq's words are in NFC.
_LOOSE = r"[\u0300-\u036f\u0653-\u0655\u093c\u0958-\u095f]"

# wordfreq's lists fold ß into ss; no other language writes it (log odds).
_SHARP = 5.0

# Both spellings are in use and mean the same letter.
_SAME = str.maketrans("șț", "şţ")


@dataclass(frozen=True)
class Profiles:
    """The tables of one script; arrays may be mapped files. Rows hold one byte per language, minus log probability in `STEPS`."""

    letters: NDArray[np.uint16]
    ngram_slots: NDArray[np.uint32]
    ngram_rows: NDArray[np.uint8]
    word_slots: NDArray[np.uint32]
    word_rows: NDArray[np.uint8]


def log_odds(texts: pl.Series, script: str, languages: Sequence[str]) -> tuple[Logs, Numbers]:
    """Log probability of each text in each of the script's languages, shape (texts, languages); letters in words of over two."""
    profiles = load(script, tuple(languages))
    odds = np.zeros((len(texts), len(languages)), np.float32)
    letters = np.zeros(len(texts), np.int64)
    composed = texts.str.normalize("NFC") if texts.str.contains(_LOOSE).any() else texts
    if script == "Latn":
        sharp = texts.str.count_matches("ß", literal=True).to_numpy()
        composed = composed.str.replace_all("ß", "ss", literal=True)
        odds[:, list(languages).index("de")] += np.minimum(sharp, 3) * np.float32(_SHARP)
    for start, end, characters, rows in blocks(composed, _BLOCK):
        own, letters[start:end] = _weighed(profiles, cut(characters, rows, profiles.letters), end - start)
        odds[start:end] += own
    return odds, letters


def _weighed(profiles: Profiles, words: Words, texts: int) -> tuple[Logs, Numbers]:
    odds = np.zeros((texts, profiles.word_rows.shape[1]), np.float32)
    letters = np.zeros(texts, np.int64)
    if not len(words.starts):
        return odds, letters
    _, places = words.places()
    hashes = word_hashes(words, places)
    # Most words of a block are repetitions of others, and a word's probabilities are the same wherever it stands.
    rows, _ = placed(hashes)
    example = np.zeros(rows.max() + 1, np.int64)
    example[rows] = np.arange(len(rows))
    logs = _logs(profiles, words.some(example), hashes[example])
    firsts = np.flatnonzero(np.diff(words.texts, prepend=-1))
    odds[words.texts[firsts]] = np.add.reduceat(logs[rows], firsts, axis=0)
    lengths = np.diff(np.append(words.starts, len(words.codes))) - 1
    return odds, np.bincount(words.texts, np.where(lengths > 2, lengths, 0), texts).astype(np.int64)


def _logs(profiles: Profiles, words: Words, hashes: Hashes) -> Logs:
    """Log probability of each word in each language."""
    _, places = words.places()
    spelt = np.add.reduceat(_spelling(profiles, words, places), words.starts - 1, axis=0, dtype=np.int32)
    logs = spelt * np.float32(-1 / STEPS) + np.float32(_UNKNOWN)
    rows = rows_of(profiles.word_slots, hashes)
    known = np.flatnonzero(rows >= 0)
    said = profiles.word_rows[rows[known]]
    listed = np.where(said == _ABSENT, np.float32(-np.inf), said * np.float32(-1 / STEPS))
    logs[known] = np.logaddexp(logs[known], listed)
    most: Logs = np.maximum(logs, logs.max(axis=1, keepdims=True) - np.float32(_MOST))
    return most


def _spelling(profiles: Profiles, words: Words, places: Numbers) -> NDArray[np.uint8]:
    """Row of each letter (and word's end): that of the longest n-gram that ends there and was counted."""
    found = np.full(len(places), -1, np.int64)
    open_ = np.arange(len(places))
    hashes = list(ngram_hashes(words.codes))
    for length in range(LONGEST, 0, -1):
        asked = open_[places[open_] + 1 >= length]
        found[asked] = rows_of(profiles.ngram_slots, hashes[length - 1][asked])
        open_ = open_[found[open_] < 0]
    return profiles.ngram_rows[found]  # the last row is that of a letter that was never counted


@cache
def load(script: str, languages: tuple[str, ...]) -> Profiles:
    """The tables of the script's languages: from the cache folder if they are there, else built, and put there if possible."""
    made_of = (script, languages, unicodedata.unidata_version)
    packages = ("wordfreq", "langdetect", "numpy", "regex")
    return kept(lambda: _build(script, languages), Profiles, made_of, packages, __file__, ngrams.__file__)


def _build(script: str, languages: tuple[str, ...]) -> Profiles:
    letters = _letters(script)
    lists = [_listed(code, letters) for code in languages]
    language = np.repeat(np.arange(len(languages)), [len(listed.hashes) for listed in lists])
    frequency = np.concatenate([listed.frequency for listed in lists])
    rows, word_slots = placed(np.concatenate([listed.hashes for listed in lists]))
    word_rows = np.full((rows.max() + 1, len(languages)), _ABSENT, np.uint8)
    word_rows[rows[::-1], language[::-1]] = _bytes(frequency[::-1])  # of a word that a list holds twice, the first
    spelt = np.concatenate([listed.spelt for listed in lists])
    # What other languages write more often is rather a word of theirs, and tells little of how this one is spelt.
    weights = (frequency ** (1 + _TEMPER) / np.bincount(rows, frequency)[rows])[spelt]
    language = language[spelt]
    weights *= (_SPELT / np.maximum(np.bincount(language, weights, len(languages)), 1e-9))[language]
    stream = np.concatenate([np.zeros(1, np.uint16), *(listed.codes for listed in lists)])
    words = Words(stream, np.flatnonzero(stream[:-1] == 0) + 1, np.arange(len(weights)))
    return Profiles(letters, *_ngrams(words, weights, language, languages, letters), word_slots, word_rows)


@dataclass(frozen=True)
class _List:
    """The words of a language's list: hash, frequency, whether its spelling is counted; and the letters of those that are."""

    hashes: Hashes
    frequency: NDArray[np.float64]
    spelt: NDArray[np.bool_]
    codes: NDArray[np.uint16]


def _listed(code: str, letters: NDArray[np.uint16]) -> _List:
    """The most frequent words of a language; none where wordfreq has no list."""
    import wordfreq  # noqa: PLC0415 -- 0.1 s to import, and the tables are kept

    path = wordfreq.available_languages("best").get(_LISTS.get(code, code))
    bins = wordfreq.read_cBpack(path) if path is not None else []
    held = np.cumsum([len(same) for same in bins], dtype=np.int64)
    entries = [word for same in bins[: int(np.searchsorted(held, _WORDS)) + 1] for word in same][:_WORDS]
    centibels = np.repeat(np.arange(len(bins)), [len(same) for same in bins])[:_WORDS]
    if not entries:
        return _List(np.zeros(0, np.uint64), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.uint16))
    ((_, _, characters, rows),) = blocks(pl.Series(entries, dtype=pl.String), 1 << 62)
    words = cut(characters, rows, letters)
    numbers, places = words.places()
    spelt = words.texts < _SPELT
    return _List(word_hashes(words, places), 10 ** (centibels[words.texts] / -100), spelt, words.codes[1:][spelt[numbers]])


def _letters(script: str) -> NDArray[np.uint16]:
    """Code of each character of the Basic Multilingual Plane: its small letter where the script has it; 0 ends a word."""
    codes = np.zeros(0x10000, np.uint16)
    characters = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x10000))))
    for letter in regex.findall(rf"(?V1)[{SCRIPTS[script]}&&[\p{{L}}\p{{M}}]]", characters):
        codes[ord(letter)] = ord(unicodedata.normalize("NFKC", letter.lower()).translate(_SAME)[0])
    for mark in regex.findall(f"[{_MARKS[script]}]", characters) if script in _MARKS else ():
        codes[ord(mark)] = SKIPPED
    return codes


def _ngrams(
    words: Words, weights: NDArray[np.float64], language: Numbers, languages: Sequence[str], letters: NDArray[np.uint16]
) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Table of n-grams: log probabilities of their last letter behind those before it, in each language.

    An estimate is the n-gram's share of what follows its context, mixed with the estimate of the n-gram without its first letter.
    """
    numbers, places = words.places()
    weight, language = weights[numbers], language[numbers]
    estimates = np.full((1, len(languages)), 1 / len(np.unique(words.codes)), np.float32)
    counts = np.zeros((1, len(languages)), np.float32)
    unlisted = np.setdiff1d(np.arange(len(languages)), language)
    rows, hashes, logs = np.zeros(len(places), np.int64), [], []
    for length, hashed in enumerate(ngram_hashes(words.codes), 1):
        held = np.flatnonzero(places + 1 >= length)
        own, slots = placed(hashed[held])
        example = np.zeros(own.max() + 1, np.int64)
        example[own] = held
        seen = _summed(own, language[held], weight[held], len(languages))
        for column in unlisted:
            grams, frequency = _profile(languages[column], length, letters)
            found = rows_of(slots, list(ngram_hashes(np.append(np.uint16(0), grams)))[length - 1][length - 1 :: length])
            np.add.at(seen[:, column], found[found >= 0], frequency[found >= 0])
        context = counts[rows[example - 1]] if length > 1 else seen.sum(axis=0)
        estimates = (seen + _BACKOFF * estimates[rows[example]]) / (context + _BACKOFF)
        kept = np.flatnonzero((np.bincount(own) > 1) | (length < _KEPT_FROM))
        hashes.append(hashed[example[kept]])
        logs.append(estimates[kept])
        rows, counts = np.full(len(places), -1, np.int64), seen
        rows[held] = own
    everything = np.concatenate(hashes)
    final, slots = placed(everything)
    table = np.empty((len(everything) + 1, len(languages)), np.uint8)
    table[final] = _bytes(np.concatenate(logs))
    table[-1] = _bytes(np.array(1e-6))
    return slots, table


def _profile(code: str, length: int, letters: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """langdetect's n-grams of a length, as letter codes one behind the other, and how often each stands in `_SPELT` words."""
    path = Path(langdetect.__file__).parent / "profiles" / code
    counted = json.loads(path.read_text("utf-8"))["freq"]
    begun = sum(count for gram, count in counted.items() if len(gram) == 2 and gram[0] == " ")
    grams = {gram: count for gram, count in counted.items() if len(gram) == length and " " not in gram[1:-1]} | (
        {" ": begun} if length == 1 else {}
    )
    codes = letters[np.array([ord(character) for gram in grams for character in gram], np.uint32).clip(max=len(letters) - 1)]
    own = codes.reshape(-1, length)
    spaces = np.array([character == " " for gram in grams for character in gram], np.bool_).reshape(-1, length)
    kept = (((own > 0) | spaces) & (own != SKIPPED)).all(axis=1)
    frequency = np.array(list(grams.values()), np.float64)[kept] * (_SPELT / begun)
    return own[kept].ravel(), frequency


def _summed(rows: Numbers, columns: Numbers, values: NDArray[np.float64], width: int) -> Logs:
    height = int(rows.max()) + 1
    return np.bincount(rows * width + columns, values, height * width).astype(np.float32).reshape(height, width)


def _bytes(probabilities: NDArray[np.floating]) -> NDArray[np.uint8]:
    with np.errstate(divide="ignore"):
        steps: NDArray[np.uint8] = np.minimum(np.rint(-np.log(probabilities) * STEPS), _ABSENT - 1).astype(np.uint8)
    return steps
