"""Languages: codes, names, and which language a text is in.

A script decides where it can (kana are Japanese, Hangul is Korean); within a script, the candidates are told apart by how frequent
the text's words are in each, and by their spelling where they are in no list (`profiles`). Ideographs alone are Chinese unless
Japan alone writes them so.
"""

import difflib
from collections.abc import Collection, Iterable
from functools import cache, lru_cache

import numpy as np
import polars as pl
import regex
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from checker import profiles
from checker.errors import ConfigError
from checker.scripts import COMMON_SCRIPT, SCRIPTS, script, scripts

__all__ = [
    "CANDIDATES",
    "COMMON_SCRIPT",
    "SCRIPTS",
    "SCRIPT_OF",
    "UNDETERMINED",
    "identified",
    "identify",
    "name",
    "normalise",
    "parse",
    "script",
    "scripts",
]

UNDETERMINED = "und"

CANDIDATES = {
    "Latn": "en fr es de it pt nl pl cs ro sv da no fi hu tr id ca hr sl sk lt lv et vi".split(),  # noqa: SIM905 - one line
    "Cyrl": ["ru", "uk", "bg", "mk"],
    "Arab": ["ar", "fa", "ur"],
    "Deva": ["hi", "mr", "ne"],
    "Hani": ["zh", "ja"],
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
"""Script to the languages that are told apart within it; Japanese without kana is in `Hani` too."""

SCRIPT_OF = {code: script for script, codes in CANDIDATES.items() for code in codes}
"""Language to the script that it is written in."""

# Letters that a text must have, other than in labels of a page, which are in no language (`XS SM MD LG`, `OK`).
MIN_LETTERS = 4
_LABEL = r"\b\p{Lu}{1,2}\b"

# Characters of a text that are read, some five sentences: it bounds the time that a long line takes.
_SAMPLE = 500

# Log of how much more is translated from a language, or written in it, than from the others: it decides where the words do not. A
# page that is in Danish says so in every line; a lone word that Danish and Swedish share is rather Swedish.
_PRIOR = {"en": 0.2, "es": 0.2, "fr": 0.1, "de": 0.1, "ru": 0.5, "bg": -0.5, "da": -1.0, "no": -1.0}
_PRIOR |= dict.fromkeys(("ca", "hr", "sl", "sk", "lt", "lv", "et", "mk", "mr", "ne"), -2.0)

# Words of a text bear each other out: with evidence taken at this power, posteriors of .55, .75, .98 were right in .54, .76, .96 of
# 73,000 texts of one to thirty words.
_POWER = 0.7

_ALIASES = {"zt": "zh", "pb": "pt", "nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl"}


@lru_cache(maxsize=1024)  # each text of a memory has a tag
def normalise(code: str) -> str:
    """The primary ISO 639-1 language of a tag: `zh-Hans`, `zh_CN`, `zho`, `zt` are `zh`; `pt-BR`, `pb` are `pt`."""
    primary = regex.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    if len(primary) == len("ita") and primary not in _ALIASES:
        known = str(get_global("language_aliases").get(primary, primary)).partition("_")[0]
        primary = known if len(known) < len(primary) else primary
    return _ALIASES.get(primary, primary)


def parse(written: str) -> str:
    """The ISO 639-1 code of what a user wrote: a tag (`fr-FR`, `fra`, `zt`) or an English name; else raises `ConfigError`."""
    codes = Locale("en").languages
    named = {spoken.lower(): code for code, spoken in codes.items() if len(code) == 2}
    word = written.strip().lower()
    primary = regex.split(r"[-_]", word, maxsplit=1)[0]
    code = named.get(word) or normalise(str(get_global("language_aliases").get(primary, primary)))
    if code in named.values():
        return code
    near = difflib.get_close_matches(word, named, n=1)
    remedy = f"did you mean {named[near[0]]} ({near[0].title()})?" if near else "such as fr, pt-BR or zh-Hans"
    raise ConfigError(f"{written!r} is no language", remedy=remedy)


def name(code: str) -> str:
    """English name of a language, from CLDR; the code itself where CLDR has none."""
    try:
        return Locale.parse(code).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def identify(texts: Iterable[str], scripts: Iterable[str]) -> list[tuple[str, float]]:
    """Language and posterior probability (0 to 1) of each text, given the script of each; see `identified`."""
    found = identified(pl.Series(list(texts), dtype=pl.String), pl.Series(list(scripts), dtype=pl.String))
    return list(zip(found["lang"], found["score"], strict=True))


def identified(texts: pl.Series, scripts: pl.Series, among: Collection[str] | None = None) -> pl.DataFrame:
    """lang and score of each text: its language, `among` those alone if given, and the posterior probability of that (0 to 1).

    `und` and 0.0 where a text has fewer than `MIN_LETTERS` letters of an alphabet with several candidates, or a script with none.
    """
    frame = pl.DataFrame({"text": texts.str.slice(0, _SAMPLE), "script": scripts}).with_row_index("row")
    parts = [_told(part, among) for part in frame.partition_by("script", maintain_order=True)]
    return pl.concat([_NOTHING, *parts]).sort("row").drop("row")


_NOTHING = pl.DataFrame(schema={"row": pl.get_index_type(), "lang": pl.String, "score": pl.Float64})


def _told(rows: pl.DataFrame, among: Collection[str] | None) -> pl.DataFrame:
    """row, lang and score of texts in one script."""
    candidates = CANDIDATES.get(rows["script"][0], [])
    asked = [code for code in candidates if among is None or code in among]
    if not asked:
        return rows.select("row", lang=pl.lit(UNDETERMINED), score=0.0)
    if len(asked) == 1:
        return rows.select("row", lang=pl.lit(asked[0]), score=1.0)
    return _ideographs(rows) if asked == CANDIDATES["Hani"] else _weighed(rows, candidates, asked)


def _weighed(rows: pl.DataFrame, candidates: list[str], asked: list[str]) -> pl.DataFrame:
    """row, lang and score: the most probable of the languages asked for."""
    odds, letters = profiles.log_odds(rows["text"], rows["script"][0], candidates)
    odds = odds[:, [candidates.index(code) for code in asked]] * _POWER + np.array([_PRIOR.get(code, 0.0) for code in asked])
    best = odds.argmax(axis=1)
    score = 1 / np.exp(odds - odds.max(axis=1, keepdims=True)).sum(axis=1)
    enough = letters >= MIN_LETTERS
    few = np.flatnonzero(~enough)
    lettered = rows["text"].gather(few).str.replace_all(_LABEL, "").str.count_matches(r"\p{L}")
    enough[few] = lettered.to_numpy() >= MIN_LETTERS
    found = rows.select("row", lang=pl.Series(asked).gather(best), score=pl.Series(score, dtype=pl.Float64).round(6))
    told = pl.lit(pl.Series(enough))
    lang = pl.when(told).then("lang").otherwise(pl.lit(UNDETERMINED))
    return found.with_columns(lang=lang, score=pl.when(told).then("score").otherwise(0.0))


def _ideographs(rows: pl.DataFrame) -> pl.DataFrame:
    """row, lang and score of texts in ideographs without kana: Japanese if Japan alone writes some so."""
    japanese, chinese = _ideographs_of_one()
    text = pl.col("text")
    found = text.str.contains(f"[{japanese}]") & ~text.str.contains(f"[{chinese}]")
    return rows.select("row", lang=pl.when(found).then(pl.lit("ja")).otherwise(pl.lit("zh")), score=1.0)


@cache
def _ideographs_of_one() -> tuple[str, str]:
    """Ideographs in Japan's character set and in neither of China's and Taiwan's; and those that are not in Japan's."""
    unified = [chr(code) for code in range(0x4E00, 0xA000)]
    japan, china, taiwan = ({char for char in unified if char.encode(name, "ignore")} for name in ("shift_jis", "gb2312", "big5"))
    only_japan = japan - china - taiwan
    return "".join(char for char in unified if char in only_japan), "".join(char for char in unified if char not in japan)
