"""A quantity of the original has another unit in the version, and is not converted.

The numbers of both sides are read with the unit behind them. One that stands with another unit on the other side is a finding,
unless the two are equal within the rounding of the digits that are given, or each has an equal of its own elsewhere in the
other sentence. Times without a number are compared as well, where each side has one: "several days", "a few weeks".

Why it matters: 30 °C is a warm day and 30 °F a frost; the number is right, so that a reader who checks the numbers misses it.

A hit: "5 km" → "5 miles"; "30 °C" → "30 °F"; "6,387 km (3,980 miles)" → "6,387 miles (3,980 km)"; "420,000 cubic metres" →
"420,000 metres". Not a hit: "5 miles" → "8 km"; "20 °C" → "68 °F"; "200 pounds" → "90 kg"; "3,000 mu" → "200 hectares"; "two
hours" → "120 minutes".

Known limits: a number that changed as well is the finding of `lost-number`; units are those of `checker/packs/units.toml`; a
unit that is lost is that of `lost-unit`; a ton is taken for whichever ton agrees. Versions without an English reading are not
judged.
"""

import re
from collections.abc import Iterator

import polars as pl

from checker.facts import Spot, in_english, spotted
from checker.quantities import Quantity, quantities, same, screen

CODE = "FID005"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"


# Some of a unit of time. A decade is ten years, so those above a year are left out.
_SOME = "several|few|couple of|many|some|hundreds of|dozens of|thousands of"
_TIMES = "second|minute|hour|day|week|month|year"
_VAGUE = re.compile(rf"\b(?:{_SOME}) (?:extra |more |long |short )?({_TIMES})s\b")
_VAGUE_SCREEN = rf"(?i)\b(?:{_SOME}) [a-z ]{{0,6}}(?:{_TIMES})s\b"


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another unit, a row per quantity; both sides narrowed to it."""
    sides = [pl.col(c) for c in ("original_text", "english")]
    measured = pl.all_horizontal(side.str.contains(screen()) for side in sides)
    vague = pl.all_horizontal(side.str.contains(_VAGUE_SCREEN) for side in sides)
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & (measured | vague))
    # Values are read from words and converted, which no expression does; a tenth of all sentences name a unit on both sides.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    yield from _counted(original, english, back)
    ours, theirs = _VAGUE.findall(original.lower()), _VAGUE.findall(english.lower())
    if len(ours) == len(theirs) == 1 and ours != theirs and ours[0] not in english.lower() and theirs[0] not in original.lower():
        was, now = (next(_VAGUE.finditer(text.lower())).span() for text in (original, english))
        yield Spot(f"{original[slice(*was)]} → {english[slice(*now)]}", now if back is None else None, was)


def _counted(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = quantities(original)[:_MOST], quantities(english)[:_MOST]
    # 480 km/h (133 m/s) is lost in 480 m/h (133 m/s), though it has an equal there: only one with its own number accounts for it.
    lost = [q for q in ours if not any(same(q, other) and q.number.keys & other.number.keys for other in theirs)]
    gained = [q for q in theirs if not any(same(q, other) for other in ours)]
    for quantity in lost:
        other = next((q for q in gained if _renamed(quantity, q)), None)
        if other is not None and quantity.end > quantity.number.end:  # the first of a range has no unit of its own
            gained.remove(other)
            message = f"{original[quantity.start : quantity.end]} → {english[other.start : other.end]}"
            place = (other.start, other.end) if back is None else None
            yield Spot(message, place, (quantity.start, quantity.end))


# So many are compared: a long line of quantities would take hours.
_MOST = 200


def _renamed(one: Quantity, other: Quantity) -> bool:
    return (one.dimension, one.unit) != (other.dimension, other.unit) and bool(one.number.keys & other.number.keys)
