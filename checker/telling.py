"""Whether texts are in the language that they are said to be in: by a language's own frequent words, and by the model in doubt.

To weigh every word and letter of a sentence against each language of its script takes twenty times as long as to search it for the
words that one language has. What they confirm needs no model; what they do not is in doubt, and the model decides.
"""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

from checker import frequencies, profiles
from checker.cache import kept
from checker.languages import CANDIDATES, SCRIPT_OF, UNDETERMINED, identified, scripts
from checker.lengths import widths
from checker.ngrams import cut, rows_of, word_hashes
from checker.scripts import blocks

# Most frequent words of a language that may be telling ones.
_ASKED = 400

# How much more frequent (log) a telling word is than in any other language of the script.
_AHEAD = 2.5

# Letters for each telling word that a text must have, and how many at least.
_APART, _LEAST = 35, 2


# Languages that are not told from each other: of FLORES' Danish sentences (tuning half) 1 in 170 is said to be surely Norwegian.
_ALIKE = {"da": ("no",), "no": ("da",)}

# Posterior from which a text is in another language, and letters that it must have: of FLORES' sentences in 15 languages (tuning
# half, 7,950) none is told so.
_SURE = 0.98
_ENOUGH = 24

# Japanese in ideographs alone is a name or a headline up to some ten of them; what is longer is Chinese.
_WITHOUT_KANA = 36

# A word that begins with a small letter, or a letter of a script that has no capitals: what has none is a title or a list of names.
_SMALL = r"(?:^|[^\p{L}\p{M}\p{N}'’])[\p{L}&&[^\p{Lu}\p{Lt}]]"

# Words that begin with a capital, and particles between two of them, "van der": most names are of these.
_PARTICLES = (
    "van|von|vom|zu|zum|zur|der|den|dem|des|de|da|do|dos|das|du|di|del|della|dello|delle|dei|la|le|el|al|bin|ibn|ten|ter|af|av"
)
_NAME = rf"[\p{{Lu}}\p{{Lt}}][\p{{L}}\p{{M}}\p{{N}}'’-]*(?:(?: (?:{_PARTICLES}))+ [\p{{Lu}}\p{{Lt}}][\p{{L}}\p{{M}}\p{{N}}'’-]*)*"

# Posterior from which the rest of a text, without its names, is in another language: .8 to .95 tell the same texts (FLORES,
# tuning half).
_SURE_OF_THE_REST = 0.9
_WITH_CAPITALS = frozenset({"Latn", "Cyrl", "Grek", "Armn"})


def foreign(texts: pl.Series, lang: str) -> pl.DataFrame:
    """row, script and lang of the texts that are surely in another language than `lang`: one of those that are told apart."""
    rows = texts.to_frame("text").with_row_index("row")
    return weighed(rows.filter(~confirmed(pl.col("text"), lang)), lang)


def weighed(rows: pl.DataFrame, lang: str) -> pl.DataFrame:
    """As `foreign`, of rows with `row` and `text`, by the model alone, whatever their telling words confirm."""
    worded = rows.filter(pl.col("text").str.contains(_SMALL))
    asked = worded.with_columns(script=scripts(worded["text"]))
    told = asked.hstack(identified(asked["text"], asked["script"]))
    other = told.filter(~pl.col("lang").is_in([lang, UNDETERMINED, *_ALIKE.get(lang, ())]) & (pl.col("score") >= _SURE))
    enough = _WITHOUT_KANA if lang == "ja" else _ENOUGH
    long = other.filter(widths(other["text"]) >= enough)
    return (
        pl.concat([long.clear(), *map(partial(_borne_out, lang), long.partition_by("lang"))])
        .select("row", "script", "lang")
        .sort("row")
    )


def _borne_out(lang: str, texts: pl.DataFrame) -> pl.DataFrame:
    """The texts, said to be in one language, of which what is no name is in it too: names may be of any.

    They hold no telling word of `lang`, or more of that one's; and without their capitalised words they are still in it.
    """
    other = texts["lang"][0]
    own_words, other_words = (
        pl.col("text").str.to_lowercase().str.count_matches(_pattern(telling(code))) if telling(code) else pl.lit(0)
        for code in (lang, other)
    )
    told = texts.filter((own_words == 0) | (other_words > own_words))
    if SCRIPT_OF[other] not in _WITH_CAPITALS or SCRIPT_OF[other] != SCRIPT_OF.get(lang):
        return told
    bare = identified(told["text"].str.replace_all(_NAME, " "), told["script"], (lang, other))
    return told.filter((bare["lang"] == other) & (bare["score"] >= _SURE_OF_THE_REST))


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
    if len(CANDIDATES.get(SCRIPT_OF.get(lang, ""), ())) < 2 or SCRIPT_OF[lang] == "Hani" or not frequencies.listed(lang):
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
