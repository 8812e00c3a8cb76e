"""Telling words: a language's own frequent words, by which most of its sentences are known without a model.

To weigh every word and letter of a sentence against each language of its script takes twenty times as long as to search it for the
words that one language has. What they confirm needs no model; what they do not is in doubt, and the model decides.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

from checker import frequencies, profiles
from checker.cache import kept
from checker.languages import CANDIDATES, SCRIPT_OF
from checker.ngrams import cut, rows_of, word_hashes
from checker.scripts import blocks

# Most frequent words of a language that may be telling ones.
_ASKED = 400

# How much more frequent (log) a telling word is than in any other language of the script.
_AHEAD = 2.5

# Letters for each telling word that a text must have, and how many at least.
_APART, _LEAST = 35, 2


@dataclass(frozen=True)
class Telling:
    """The telling words of a language."""

    words: NDArray[np.str_]


def confirmed(text: pl.Expr, lang: str) -> pl.Expr:
    """True where telling words confirm that a text is in the language; false where they do not, which says nothing."""
    words = telling(lang)
    if not words:
        return pl.lit(value=False)
    found = text.str.count_matches(_pattern(words))
    return (found >= _LEAST) & (found * _APART >= text.str.len_chars())


def _pattern(words: list[str]) -> str:
    """Words between spaces and marks: look-arounds and word boundaries of Unicode would make the search ten times slower."""
    return rf"(?:^|[\s\"'(«„“‘¿¡-])(?:{'|'.join(map(regex.escape, words))})(?:[\s\"'),.:;!?»”’،।-]|$)"


@cache
def telling(lang: str) -> list[str]:
    """The telling words of a language, the most frequent first; none where it is alone in its script or has no list."""
    if len(CANDIDATES.get(SCRIPT_OF.get(lang, ""), ())) < 2 or SCRIPT_OF[lang] == "Hani":
        return []
    found = kept(lambda: _build(lang), Telling, (lang, _ASKED, _AHEAD), ("wordfreq", "langdetect"), __file__, profiles.__file__)
    return [str(word) for word in found.words]


def _build(lang: str) -> Telling:
    script = SCRIPT_OF[lang]
    languages = CANDIDATES[script]
    tables = profiles.load(script, tuple(languages))
    listed = frequencies.words(lang).sort("zipf", "word", descending=[True, False]).head(_ASKED)
    words = listed["word"].filter(listed["word"].str.contains(r"^[\p{L}\p{M}]{2,}$"))
    ((_, _, characters, rows),) = blocks(words, 1 << 62)
    read = cut(characters, rows, tables.letters)
    whole = np.bincount(read.texts, minlength=len(words)) == 1
    found = rows_of(tables.word_slots, word_hashes(read, read.places()[1]))
    asked = (found >= 0) & whole[read.texts]
    said = tables.word_rows[found[asked]].astype(np.int64)
    own = said[:, languages.index(lang)]
    others = np.delete(said, languages.index(lang), axis=1).min(axis=1)
    kept_words = words.gather(read.texts[asked][others - own >= _AHEAD * profiles.STEPS])
    return Telling(np.array(kept_words.to_list(), np.str_))
