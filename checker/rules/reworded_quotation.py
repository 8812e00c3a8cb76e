"""A quotation of the original stands in other words in the version.

What stands within quotation marks on both sides is compared word by word, whatever marks are used: a quotation of which the
version has most of the words, or the words around them, but not all, is reworded.

Why it matters: within quotation marks a reader takes every word for the speaker's. It is a mild finding: a translation renders
what was said, and on its way back it finds other words for it. A quotation that says something else is the finding of other
rules as well.

A hit: "total unanimity" → "complete unanimity". Not a hit: “We won,” → 'we won'; "a trap" → "trap"; a quotation that the
version reports without marks.

Known limits: quotations that have no word of content in common are not taken for one another, unless each is the only one of
its side; a quotation that goes on in the next sentence is compared as far as it goes. Versions without an English reading are
not judged.
"""

import re
from collections.abc import Iterator

import polars as pl

from checker.facts import Spot, in_english, spotted
from checker.wording import FUNCTION_WORDS, words

CODE = "FID015"
SEVERITY = "info"
CATEGORY = "accuracy/mistranslation"

_MARKS = '"“”„«»'
_QUOTED = re.compile(r"[“„«]([^“”„«»\"]{2,400})(?:[”“»]|$)|\"([^\"“”]{2,400})\"|(?<!\w)['‘]([^'‘’\"“”]{2,200})['’](?!\w)")
_ARTICLES = frozenset({"a", "an", "the"})
# Stands in for the rest of &quot;, so that places stay what they are.
_PAD = "\u2060"
# French marks stand off from what they quote.
_ENDS = f"{_PAD} \t\n\r\u00a0\u202f"
# An entity, or a mark that a table doubled.
_ENTITY = re.compile(r"&(?:quot|#34);|\"{2,3}")


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a reworded quotation, a row each; both sides narrowed to what is quoted."""
    quoted = pl.all_horizontal(pl.col(c).str.contains(rf"[{_MARKS}]|['‘]|&quot;") for c in ("original_text", "english"))
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & quoted)
    # Quotations are paired by the words that they share, in the few sentences that quote on both sides.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = _quotations(original)[:_MOST], _quotations(english)[:_MOST]
    said = [_said(english, span) for span in theirs]
    taken: set[tuple[int, int]] = set()
    for span in ours:
        mine = _said(original, span)
        if mine in said or len(mine) < 2:
            continue
        free = [other for other in zip(theirs, said, strict=True) if other[0] not in taken]
        best = max(free, key=lambda other: _shared(mine, other[1]), default=None)
        if best and (_shared(mine, best[1]) > 0 or (len(ours) == len(theirs) == 1)):
            taken.add(best[0])
            message = f"reworded: {original[slice(*span)]} → {english[slice(*best[0])]}"
            yield Spot(message, best[0] if back is None else None, span)


# So many are compared: a long line of quotations would take hours.
_MOST = 50


def _quotations(text: str) -> list[tuple[int, int]]:
    plain = _ENTITY.sub(lambda entity: _PAD * (len(entity[0]) - 1) + '"', text)
    spans = [(found.start(found.lastindex or 0), found[found.lastindex or 0]) for found in _QUOTED.finditer(plain)]
    # What begins with a comma stands between two quotations.
    quoted = [(start, said) for start, said in spans if said.strip(_ENDS) and not said.lstrip(_ENDS).startswith((",", ";"))]
    return [(start + len(said) - len(said.lstrip(_ENDS)), start + len(said.rstrip(_ENDS))) for start, said in quoted]


def _said(text: str, span: tuple[int, int]) -> tuple[str, ...]:
    told = tuple(word.folded for word in words(text[slice(*span)]))
    return tuple(word for word in told if word not in _ARTICLES) or told


def _shared(mine: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Share of the words of content that two quotations have in common."""
    ours, theirs = (set(said) - FUNCTION_WORDS for said in (mine, other))
    return len(ours & theirs) / max(1, len(ours | theirs))
