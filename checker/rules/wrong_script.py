"""A side is written in another script than its language is.

More letters of the sentence are of foreign scripts than of its own language's: a sentence that was left in the language of the
other side, a row that slipped, sides that were swapped. Latin letters within Chinese, Japanese or Korean count half, since those
write a syllable or a word with one.

Why it matters: the sentence is no translation, or not of this pair.

A hit: "The harbour was closed." → "The harbour was closed." in a version in Russian. Not a hit: → "Порт закрыт, сообщила Harbour
Ferries.", "港口 (Harbour) 关闭了"; a name or an abbreviation that stands alone, "BBC".

Any language whose script is known to `checker`; what the pair says of its languages is taken for true.

Known limits: languages that are written in two scripts, such as Serbian, are asked for the usual one; one script for another
language is `wrong-language`'s to tell.
"""

import polars as pl

from checker.languages import SCRIPT_OF, SCRIPTS, name
from checker.sides import SIDES, told_by_side

CODE = "FID041"
SEVERITY = "minor"
CATEGORY = "accuracy/untranslated"

# Scripts whose letters a language's texts are made of, where there are several; Japanese for Chinese is `wrong-language`'s to tell.
_OF_ONE_TEXT = {"Hani": ("Hani", "Jpan"), "Jpan": ("Hani", "Jpan"), "Kore": ("Hani", "Kore")}

# What an ideograph or a syllable counts for in letters.
_WIDE = 2

# Foreign letters from which a sentence is told: names and abbreviations are shorter.
LEAST = 8


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of which a side is in a wrong script, the whole of both sides; a row for each such side."""
    return told_by_side(pairs, _foreign)


def _foreign(texts: pl.DataFrame, side: str, lang: str) -> pl.DataFrame:
    """row and message of the texts on a side said to be in `lang` that hold more foreign letters than own ones."""
    column, stated = SIDES[side]
    scripts = _OF_ONE_TEXT.get(SCRIPT_OF[lang], (SCRIPT_OF[lang],))
    own = "".join(SCRIPTS[script].strip("[]") for script in scripts)
    foreign = rf"[\p{{L}}&&[^{own}]]"
    weight = _WIDE if "Hani" in scripts else 1
    asked = texts.filter(pl.col(stated) == lang)
    if own == SCRIPTS["Latn"]:  # no letter of ASCII is foreign, and half of the texts hold nothing else
        asked = asked.filter(pl.col(column).str.len_bytes() != pl.col(column).str.len_chars())
    asked = asked.filter(pl.col(column).str.contains(foreign))
    asked = asked.with_columns(foreign=pl.col(column).str.count_matches(foreign)).filter(pl.col("foreign") >= LEAST)
    counted = asked.with_columns(own=pl.col(column).str.count_matches(f"[{own}]")).filter(
        pl.col("foreign") > pl.col("own") * weight
    )
    total = pl.col("foreign") + pl.col("own")
    message = pl.format("{} of {} letters of the {} are not {}", "foreign", total, pl.lit(side), pl.lit(name(lang)))
    return counted.select("row", message=message)
