"""A kind of phrase that another language leaves in English.

Finds, in English text, phrases of a few general kinds that a pack describes per language: an article before a name that takes
none ("the NATO's"), an office's title half of which has a capital ("press Secretary").

Such a slip reads as English word by word, and shows which language the words were taken from (`pivot`).

Hit: "the Gazprom's offer", "prime Minister Ana Lopes". No hit: "the NATO alliance", "the United States' offer", "the prime
minister", "Deputy Prime Minister".

Limits: calques that are only wrong in their context ("resume" for "summary") need the parallel text.
"""

from functools import cache

import polars as pl
from babel import Locale

from checker import languages, packs, spans

CODE = "MTS004"
SEVERITY = "minor"
CATEGORY = "style/unidiomatic"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    english = lines.filter((pl.col("doc_lang") == "en") & (pl.col("lang") == "en"))
    found = [
        spans.matches(english, pattern, screen=screen).with_columns(
            pivot=pl.lit(pivot, pl.String), message=pl.lit(f"{message} ({languages.name(pivot)}, for one)")
        )
        for pattern, screen, pivot, message in _kinds()
    ]
    return pl.concat(found)


@cache
def _kinds() -> list[tuple[str, str, str, str]]:
    """Pattern, screen, pivot and message of every kind of the pack."""
    pack = packs.load("calques")
    sets = {name: packs.any_of(words) for name, words in pack["sets"].items()} | {"territories": packs.any_of(_bare_territories())}
    kinds = []
    for kind in pack["kind"]:
        pattern = kind["pattern"]
        for name, words in sets.items():
            pattern = pattern.replace(f"{{{name}}}", words)
        kinds.append((pattern, kind["screen"], kind["pivot"], kind["message"]))
    return kinds


def _bare_territories() -> list[str]:
    """One-word English names of countries, of CLDR, without those in the plural or with an article (the Gambia, the Maldives)."""
    names = [name for code, name in Locale("en").territories.items() if len(code) == 2 and name.isalpha()]
    with_article = ("Gambia", "Sudan", "Congo", "Ukraine", "Lebanon", "Yemen", "Vatican")
    return sorted(name for name in names if not name.endswith("s") and name not in with_article)
