"""A phrase that another language leaves in English, or that breaks English grammar as texts put through one do.

Finds, in English text, phrases of general kinds that a pack describes: an article before a name that takes none ("the NATO's"), an
office's title half of which has a capital ("press Secretary"), a word in another's place ("a reading of the talks"), dates, ages
and spans of time as other languages give them ("the 5 of March", "since three years"), nouns counted that English does not count
("these information"), verbs without the object that they need, subjects and verbs that do not agree.

Such a slip reads as English word by word, and shows which language the words were taken from (`pivot`, where it is one).

Hit: "the Gazprom's offer", "prime Minister Ana Lopes", "if Russian invades", "to defuse and return to talks". No hit: "the NATO
alliance", "the prime minister", "Deputy Prime Minister", "an information desk", "if Russia invades".

Limits: calques that are only wrong in their context ("resume" for "summary") need the parallel text: see false-friend.
"""

from functools import cache

import polars as pl

from checker import languages, packs, spans

CODE = "MTS004"
SEVERITY = "minor"
CATEGORY = "style/unidiomatic"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    english = lines.filter((pl.col("doc_lang") == "en") & (pl.col("lang") == "en"))
    found = [
        spans.matches(english, pattern, screen=screen).with_columns(pivot=pl.lit(pivot, pl.String), message=pl.lit(message))
        for pattern, screen, pivot, message in _kinds()
    ]
    return pl.concat(found).unique(["doc", "start", "end"], keep="first", maintain_order=True)


@cache
def _kinds() -> list[tuple[str, str, str | None, str]]:
    """Pattern, screen, pivot and message of every kind of the pack."""
    return [(packs.pattern(entry), entry.screen or ".", entry.pivot, _said(entry)) for entry in packs.builtin("calques").entries]


def _said(entry: packs.Entry) -> str:
    return f"{entry.message} ({languages.name(entry.pivot)}, for one)" if entry.pivot else str(entry.message)
