"""Languages and scripts: codes, names, which script a text is written in and which language it is.

A script decides where it can (kana are Japanese, Hangul is Korean); within a script, the candidates are told apart by the n-gram
profiles of langdetect, read as an exact naive Bayes classifier over all n-grams of the text. langdetect itself draws n-grams at
random and weighs all its 55 languages: the same short text is then another language from run to run.
"""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
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

_LETTERS_OF_ONE = {
    "Cyrl": {"uk": "іїєґІЇЄҐ", "ru": "ыэёъЫЭЁ", "mk": "ѓќѕѐѝЃЌЅ"},
    "Arab": {"fa": "پچژگ", "ur": "ٹڈڑےں"},
}
"""Letters that only one of a script's candidates writes (`ъ` and Bulgarian aside): they vote where the text is short."""

# Below this many letters n-grams say little: of the two-letter labels of a page (`XS`, `OK`) langdetect makes Somali and German.
MIN_LETTERS = 4

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
    grams = [rows[gram] for gram in _ngrams(text) if gram in rows]
    scores = table[grams].sum(axis=0)
    words = regex.findall(r"\p{L}[\p{L}\p{M}]*", text)
    for position, language in enumerate(candidates):
        own = _LETTERS_OF_ONE.get(script, {}).get(language, "")
        scores[position] += 5.0 * sum(letter in own for letter in letters)
        if script in _BY_WORDS and len(words) <= SHORT:
            scores[position] += np.log(10) * sum(max(zipf_frequency(word, language, "small"), _UNSEEN) for word in words)
    odds = np.exp(scores - scores.max())
    best = int(scores.argmax())
    return candidates[best], float(odds[best] / odds.sum())


def _ngrams(text: str) -> list[str]:
    """Character n-grams of length 1 to 3, as langdetect counts them: normalised letters, one space at each word's ends."""
    clean = regex.sub(r"https?://\S+|\S+@\S+|[\d_]+", " ", unicodedata.normalize("NFC", text))
    grams = []
    for word in regex.findall(r"\p{L}[\p{L}\p{M}'’]*", clean):
        padded = f" {''.join(map(NGram.normalize, word))} "
        grams += [padded[i : i + n] for n in (1, 2, 3) for i in range(len(padded) - n + 1) if padded[i : i + n] != " "]
    return grams


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
