"""Two numbers of the original have swapped their places in the version.

Both sides state the same numbers, but one stands before the words that the other one counts.

Why it matters: whoever checks that every number is there finds nothing.

A hit: "six fires and four injured people" → "4 fires and 6 injured people". Not a hit: "46 ships and 40 aircraft" → "40
aircraft and 46 ships"; "6,387 km (3,980 miles)" → "3,980 miles (6,387 km)".

Known limits: the words behind the numbers must be the same on both sides, for one of the two at least; quantities whose units
were swapped are findings of `changed-quantity`. Versions without an English reading are not judged.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import polars as pl

from checker.facts import Number, Spot, in_english, numbers, spotted
from checker.wording import FUNCTION_WORDS, bases, words

CODE = "FID017"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

# Two numbers at least, of digits or words.
_COUNTED_BY = r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?|hundred|thousand"
_NUMBER = rf"(?i)(?:\d[\d.,/:]*|\b(?:{_COUNTED_BY})\b)"

# A table's row of figures is none of a sentence's, whose words besides may look like numbers: city, sixteen, party.
_LISTED = 30

# Words behind a number that say what it counts: "14 opera highlights" has two.
_COUNTED = 2
_STOP = re.compile(r"[,;:()\[\]\"“”.!?]|\s[-–—]\s|\band\b|\bor\b")


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with swapped numbers, a row per pair of them; both sides narrowed from the one to the other."""
    counted = pl.all_horizontal(pl.col(c).str.count_matches(_NUMBER).is_between(2, _LISTED) for c in ("original_text", "english"))
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & counted)
    # What a number counts is read from the words behind it; one sentence in eight has two numbers on both sides.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = ([n for n in numbers(text) if n.kind != "soft"] for text in (original, english))
    if not 2 <= len(ours) <= _MANY or not 2 <= len(theirs) <= _MANY:
        return
    for one, other in combinations(ours, 2):
        here, there = (next((n for n in theirs if n.keys & number.keys), None) for number in (one, other))
        if here is None or there is None or one.keys & other.keys or here is there:
            continue
        counted = [_heads(text, n) for text, n in ((original, one), (original, other), (english, here), (english, there))]
        if _crossed(*counted):
            first, last = sorted((here, there), key=lambda n: n.start)
            message = f"{original[one.start : other.end]} → {english[first.start : last.end]}"
            yield Spot(message, (first.start, last.end) if back is None else None, (one.start, other.end))
            return


# A table's row of figures is none of a sentence's, and pairs of them are many.
_MANY = 8


def _crossed(one: Sequence[str], other: Sequence[str], here: Sequence[str], there: Sequence[str]) -> bool:
    """True if the first number counts what the second did, or the other way round, and neither what it counted itself."""
    if not one or not other or not here or not there or _shared(one, other):
        return False
    return (_shared(one, there) or _shared(other, here)) and not _shared(one, here) and not _shared(other, there)


def _shared(these: Sequence[str], those: Sequence[str]) -> bool:
    return any(bases(a) & bases(b) or (min(len(a), len(b)) >= 4 and (a.endswith(b) or b.endswith(a))) for a in these for b in those)


def _heads(text: str, number: Number) -> list[str]:
    """The words that say what a number counts, up to a comma, a conjunction or the next number."""
    stop = _STOP.search(text, number.end + 1, number.end + 60)
    behind = words(text[number.end : min(stop.start() if stop else len(text), number.end + 60)])
    found: list[str] = []
    for word in behind:
        if word.folded[0].isdigit() or len(found) == _COUNTED:
            break
        if word.folded not in FUNCTION_WORDS:
            found.append(word.folded)
    return found
