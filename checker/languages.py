"""Languages and scripts: codes, names, which script a text is written in and which language it is.

A script decides where it can (kana are Japanese, Hangul is Korean); within a script, the candidates are told apart by the n-gram
profiles of langdetect, read as an exact naive Bayes classifier over all n-grams of the text. langdetect itself draws n-grams at
random and weighs all its 55 languages: the same short text is then another language from run to run.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import langdetect
import numpy as np
import polars as pl
import regex
from babel import Locale, UnknownLocaleError
from langdetect.utils.ngram import NGram
from wordfreq import zipf_frequency

UNDETERMINED = "und"
COMMON_SCRIPT = "Zyyy"

SCRIPTS = {
    "Latn": r"\p{Latin}",
    "Cyrl": r"\p{Cyrillic}",
    "Hani": r"\p{Han}",
    "Jpan": r"[\p{Hiragana}\p{Katakana}]",
    "Kore": r"\p{Hangul}",
    "Arab": r"\p{Arabic}",
    "Grek": r"\p{Greek}",
    "Hebr": r"\p{Hebrew}",
    "Deva": r"\p{Devanagari}",
    "Beng": r"\p{Bengali}",
    "Thai": r"\p{Thai}",
    "Taml": r"\p{Tamil}",
    "Telu": r"\p{Telugu}",
    "Gujr": r"\p{Gujarati}",
    "Guru": r"\p{Gurmukhi}",
    "Knda": r"\p{Kannada}",
    "Mlym": r"\p{Malayalam}",
    "Armn": r"\p{Armenian}",
    "Geor": r"\p{Georgian}",
}
"""ISO 15924 code to a character class that polars' and Python's `regex` both read."""

CANDIDATES = {
    "Latn": "en fr es de it pt nl pl cs ro sv da no fi hu tr id ca hr sl sk lt lv et vi".split(),  # noqa: SIM905 - one line
    "Cyrl": ["ru", "uk", "bg", "mk"],
    "Arab": ["ar", "fa", "ur"],
    "Deva": ["hi", "mr", "ne"],
    "Hani": ["zh"],
    "Jpan": ["ja"],
    "Kore": ["ko"],
    "Grek": ["el"],
    "Hebr": ["he"],
    "Beng": ["bn"],
    "Thai": ["th"],
    "Taml": ["ta"],
    "Telu": ["te"],
    "Gujr": ["gu"],
    "Guru": ["pa"],
    "Knda": ["kn"],
    "Mlym": ["ml"],
    "Armn": ["hy"],
    "Geor": ["ka"],
}
"""Script to the languages that are told apart within it."""

SCRIPT_OF = {code: script for script, codes in CANDIDATES.items() for code in codes}
"""Language to the script that it is written in."""

_LETTERS_OF_ONE = {
    "Cyrl": {"uk": "іїєґІЇЄҐ", "ru": "ыэёъЫЭЁ", "mk": "ѓќѕѐѝЃЌЅ"},
    "Arab": {"fa": "پچژگ", "ur": "ٹڈڑےں"},
}
"""Letters that only one of a script's candidates writes (`ъ` and Bulgarian aside): they vote where the text is short."""

# Below this many letters n-grams say little: of the two-letter labels of a page (`XS`, `OK`) langdetect makes Somali and German.
MIN_LETTERS = 4

# Characters of a text that are read, some ten sentences: it bounds the time that a long line takes.
_SAMPLE = 1_000

# Up to this many words, the frequencies of whole words say more than n-grams: langdetect's call "Голос Америки" Bulgarian.
SHORT = 5

# Scripts with so few candidates that loading all their word lists costs less than a second.
_BY_WORDS = ("Cyrl", "Arab")

# Zipf frequency given to a word that a list lacks: one in a hundred million, below the lists' rarest words.
_UNSEEN = 1.0

# Probability of an n-gram that a profile lacks, langdetect's own smoothing constants (ALPHA 0.5 over BASE_FREQ 10000).
_FLOOR = 0.5 / 10_000

_ALIASES = {"zt": "zh", "pb": "pt", "nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl"}


def normalise(code: str) -> str:
    """The primary ISO 639-1 language of a tag: `zh-Hans`, `zh_CN`, `zt` are `zh`; `pt-BR`, `pb` are `pt`."""
    primary = regex.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    return _ALIASES.get(primary, primary)


def name(code: str) -> str:
    """English name of a language, from CLDR; the code itself where CLDR has none."""
    try:
        return Locale.parse(code).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def script(text: pl.Expr) -> pl.Expr:
    """ISO 15924 code of the script most letters belong to, kana counting for Japanese as soon as there are some; `Zyyy` if none."""
    counts = {code: text.str.count_matches(cls) for code, cls in SCRIPTS.items()}
    counts["Jpan"] = pl.when(counts["Jpan"] > 0).then(counts["Jpan"] + counts["Hani"]).otherwise(0)
    most = pl.max_horizontal(*counts.values())
    order = ("Jpan", *(code for code in SCRIPTS if code != "Jpan"))
    found = pl.coalesce(pl.when(counts[code] == most).then(pl.lit(code)) for code in order)
    return pl.when(most == 0).then(pl.lit(COMMON_SCRIPT)).otherwise(found)


def scripts(texts: pl.Series) -> pl.Series:
    """`script` of many texts; those in Latin letters alone, nearly all, are told by two patterns instead of twenty."""
    frame = texts.to_frame("text").with_row_index("row")
    other = frame.filter(pl.col("text").str.contains(r"[\p{L}&&[^\p{Latin}]]"))
    told = other.select("row", script=script(pl.col("text")))
    latin = pl.when(pl.col("text").str.contains(r"\p{Latin}")).then(pl.lit("Latn")).otherwise(pl.lit(COMMON_SCRIPT))
    return frame.join(told, on="row", how="left", maintain_order="left").select(pl.coalesce("script", latin))["script"]


def identify(texts: Iterable[str], scripts: Iterable[str]) -> list[tuple[str, float]]:
    """Language and posterior probability (0 to 1) of each text, given the script of each.

    `und` with 0.0 where a text has fewer than `MIN_LETTERS` letters of an alphabet with several candidates.
    """
    return [_identify(text, script) for text, script in zip(texts, scripts, strict=True)]


def _identify(text: str, script: str) -> tuple[str, float]:
    candidates = CANDIDATES.get(script)
    if candidates is None:
        return UNDETERMINED, 0.0
    if len(candidates) == 1:
        return candidates[0], 1.0
    letters = regex.findall(SCRIPTS[script], text)
    if len(letters) < MIN_LETTERS:
        return UNDETERMINED, 0.0
    rows, table = _profiles(script)
    sample = text[:_SAMPLE]
    known = [row for row in map(rows.get, _ngrams(sample)) if row is not None]
    scores = table[known].sum(axis=0)
    for language, own in _LETTERS_OF_ONE.get(script, {}).items():
        scores[candidates.index(language)] += 5.0 * sum(letter in own for letter in letters)
    words = regex.findall(r"\p{L}[\p{L}\p{M}]*", sample)
    if script in _BY_WORDS and len(words) <= SHORT:
        zipfs = [sum(max(zipf_frequency(word, language, "small"), _UNSEEN) for word in words) for language in candidates]
        scores += np.log(10) * np.array(zipfs)
    odds = np.exp(scores - scores.max())
    best = int(scores.argmax())
    return candidates[best], float(odds[best] / odds.sum())


def _ngrams(text: str) -> Iterator[str]:
    """Character n-grams of length 1 to 3, as langdetect counts them: normalised letters, one space between words.

    Those with a space in their middle are in no profile.
    """
    clean = _ADDRESS.sub(" ", unicodedata.normalize("NFC", text)).translate(_NORMALISED)
    letters = f" {' '.join(_WORD.findall(clean))} "
    return chain(letters, map("".join, pairwise(letters)), map("".join, zip(letters, letters[1:], letters[2:], strict=False)))


class _Normalised(dict[int, str]):
    """langdetect's normalisation of characters (one for all Han of a frequency class, say), each computed once."""

    def __missing__(self, code: int) -> str:
        self[code] = NGram.normalize(chr(code))
        return self[code]


_NORMALISED = _Normalised()
_ADDRESS = regex.compile(r"https?://\S+|\S+@\S+|[\d_]+")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}'’]*")


@cache
def _profiles(script: str) -> tuple[dict[str, int], np.ndarray]:
    """N-gram to row, and log probabilities of shape (n-grams, candidates), from langdetect's profiles of a script's languages."""
    folder = Path(langdetect.__file__).parent / "profiles"
    files = {"zh": "zh-cn"}
    profiles = [json.loads((folder / files.get(code, code)).read_text("utf-8")) for code in CANDIDATES[script]]
    grams = sorted({gram for profile in profiles for gram in profile["freq"]})
    rows = {gram: row for row, gram in enumerate(grams)}
    table = np.full((len(grams), len(profiles)), _FLOOR)
    for position, profile in enumerate(profiles):
        for gram, count in profile["freq"].items():
            table[rows[gram], position] += count / profile["n_words"][len(gram) - 1]
    return rows, np.log(table)
