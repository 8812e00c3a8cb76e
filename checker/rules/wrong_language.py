"""A side is in another language than the pair is said to be in.

Frequent words that a language has alone confirm most sentences; the others are identified by all their words and letters.

Why it matters: the sentence was left untranslated, or the two do not belong together, or sides were swapped.

A hit: "The harbour was closed on Monday." → "The harbour was closed on Monday." in a version in German. Not a hit: → "Der Hafen war
am Montag geschlossen."; a title or a list of names, "Kim Jong Un, Moon Jae In, Shinzo Abe".

The languages that `checker` tells apart; what the pair says of its languages is taken for true, and a text in another script is
`wrong-script`'s to tell.

Known limits: short texts, texts whose words other than names are in the right language ("Angela Merkel met Olaf Scholz"), and texts
without a small letter at the beginning of a word are not told; Danish and Norwegian are not told from each other.
"""

import polars as pl

from checker.languages import SCRIPT_OF, name
from checker.sides import SIDES, told_by_side
from checker.telling import foreign

CODE = "FID045"
SEVERITY = "minor"
CATEGORY = "accuracy/untranslated"

# Scripts of texts that this rule tells apart, beside a language's own.
_BESIDE = {"Hani": ("Hani", "Jpan"), "Jpan": ("Hani", "Jpan")}


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of which a side is in a wrong language, the whole of both sides; a row for each such side."""
    return told_by_side(pairs, _foreign)


def _foreign(texts: pl.DataFrame, side: str, lang: str) -> pl.DataFrame:
    """row and message of the texts on a side said to be in `lang` that are in another language of its script."""
    column, stated = SIDES[side]
    rows = texts.filter(pl.col(stated) == lang)
    found = foreign(rows[column], lang)
    found = found.filter(pl.col("script").is_in(_BESIDE.get(SCRIPT_OF[lang], (SCRIPT_OF[lang],))))
    named = found["lang"].replace_strict({code: name(code) for code in found["lang"].unique()}, return_dtype=pl.String)
    message = found.select(pl.format("the {} is in {}, not {}", pl.lit(side), named, pl.lit(name(lang)))).to_series()
    return pl.DataFrame({"row": rows["row"].gather(found["row"]), "message": message})
