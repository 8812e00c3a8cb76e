"""A number of the original stands in the version without its unit.

A number with a unit of length, mass, temperature and so on, or with a percent sign, stands on the other side with nothing behind
it, where no other number has a unit of the kind.

Why it matters: 27 degrees are warm or freezing, and 60 of something is not 60 percent of it.

A hit: "27 degrees Celsius" → "27 degrees"; "60 percent" → "60". Not a hit: "40 years old" → "aged 40"; "5 miles" → "8 km"; "5 km
and 6 km" → "5 and 6 km".

Known limits: units of time are left out too often to be missed; a unit that is lost with its number is the finding of
`lost-number`. Versions without an English reading are not judged.
"""

import re
from collections.abc import Iterator

import polars as pl

from checker.facts import Spot, in_english, numbers, spotted
from checker.quantities import quantities, screen

CODE = "FID022"
SEVERITY = "minor"
CATEGORY = "accuracy/omission"

_PERCENT = re.compile(r"\s?(?:%|％|percent\b|per ?cent\b|pct\b|percentage)", re.IGNORECASE)
_PERCENT_SCREEN = r"(?i)[%％]|\bper ?cent|percentage"
# Ways to say a share without its sign.
_SHARE = re.compile(r"(?i)[%％]|per ?cent|\bpct\b|percentage|out of|in (?:ten|10|100|a hundred)\b|/100")
# So many are compared: a long line of quantities would take hours.
_MOST = 200


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a number that lost its unit, a row each; both sides narrowed to it."""
    measured = pl.col("original_text").str.contains(screen()) | pl.col("original_text").str.contains(_PERCENT_SCREEN)
    kept = pairs.filter(in_english() & measured & pl.col("english").str.contains(r"\d"))
    # A number's unit is read from the words behind it; a fifth of all sentences measure something.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    there = quantities(english)[:_MOST]
    kinds, measured = {q.dimension for q in there}, {q.number.start for q in there}
    bare = [n for n in numbers(english)[:_MOST] if n.kind != "soft" and n.start not in measured]
    shares = _SHARE.search(english)
    lost = [(q.number, q.end) for q in quantities(original)[:_MOST] if q.dimension not in {*kinds, "time"} and q.end > q.number.end]
    if not shares and "%" not in english:
        percents = ((n, _PERCENT.match(original, n.end)) for n in numbers(original)[:_MOST] if n.kind != "soft")
        lost += [(n, sign.end()) for n, sign in percents if sign]
    for number, end in sorted(lost, key=lambda one: one[0].start):
        other = next((n for n in bare if n.keys & number.keys), None)
        if other is not None and english[other.start : other.end].isdigit():
            message = f"{original[number.start : end]} → {english[other.start : other.end]}"
            yield Spot(message, (other.start, other.end) if back is None else None, (number.start, end))
