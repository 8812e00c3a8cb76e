"""A number of the original is missing from the version, or another stands in its place.

The numbers of both sides are read as values, however they are written: digits with any locale's separators, words, ordinals,
fractions, percentages, times of day, years, `1.2 million` and `120万`. Those that the other side does not state are findings;
where one is missing and another has appeared, they are shown as a change.

Why it matters: a changed number is the error that readers cannot notice and cannot mend, and string metrics hardly move.

A hit: "8,500 troops" → "85,000 troops". Not a hit: "8,500" → "eight thousand five hundred", "5 percent" → "5%", "two-hour" → "2
hours", "23:35" → "11:35 p.m.".

If the version is not in English, its own digits count as well as those of the back-translation, so that a machine which garbles
a number on the way back makes no finding. Where there is no back-translation, only a large number whose place another has taken
is reported, and only from digits.

Quantities in another unit are equal within rounding: "5 miles" → "8 km"; "a day" → "24 hours".

Known limits: two numbers that swapped their places are findings of `swapped-number`, another unit with the same number of
`changed-quantity`; an amount in another currency looks like a changed number; "one" and "a" are never missed, "two" and "three"
only where another number took their place; times of day are compared without a.m. and p.m., which `changed-date` tells apart.
"""

import polars as pl

from checker.facts import Number, Spot, anywhere, coupled, differing, in_english, numbers, spotted
from checker.quantities import converted

CODE = "FID001"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

# What every text with a number that can be missed contains: a digit, or the letters of a number word from two up.
_SCREEN = (
    r"(?i)\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twel|thir|fif|twen|forty|hundred|thousand|million|billion|"
    r"trillion|dozen|lakh|crore)|(?-i:\p{Lu}\w+ [IVX]{2,}\b)"
)

# Whatever may be of a number. Where both sides have the same of it, however often and in whatever order, no number differs: so it
# is in two thirds of the pairs with numbers.
_WRITTEN = (
    r"\d+(?:[.,٫٬]\d+)*(?: ?(?:bn|mn|mln|tn|[kmb]|hundred|thousand|million|billion|trillion)\b)?|[½¼¾⅓⅔]"
    r"|\b(?:(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|half|quarter|hundred|thousand|million|billion"
    r"|trillion|dozen|lakh|crore|(?:one|first|second|past|[ivx]{2,})\b)"
)

# A translator who writes "the parties" for "the two sides" loses nothing: up to this, a number word is missed only where another
# number took its place.
_SMALL = 3

# Up to twelve a language may write words, which are not read without a back-translation.
_WORDS_UP_TO = 12


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose numbers differ, a row per number; both sides narrowed to it."""
    both = pairs.filter(pl.col("text").is_not_null() & pl.col("original_text").is_not_null())
    compared = pl.when(in_english()).then("english").otherwise("text")
    kept = both.filter(pl.col("original_text").str.contains(_SCREEN) | compared.fill_null("").str.contains(_SCREEN))
    written = [
        text.str.to_lowercase().str.extract_all(_WRITTEN).list.sort() for text in (pl.col("original_text"), compared.fill_null(""))
    ]
    kept = kept.filter(written[0] != written[1])
    # Values cannot be read from number words by an expression; most sentences have no number and do not come here.
    rows = kept.with_columns(comparable=in_english()).select("original_text", "text", "english", "lang", "back", "comparable")
    return spotted(kept, [_spots(*row[:5]) if row[5] else _unread(row[0], row[1], row[3]) for row in rows.iter_rows()])


def _spots(original: str, text: str, english: str, lang: str | None, back: str | None) -> list[Spot]:
    changes = differing(numbers(original), numbers(english))
    if changes:
        lost = converted([number for number, _ in changes if number], original, english)
        gained = converted([number for _, number in changes if number], english, original)
        changes = [change for change in coupled(lost, gained) if not _small(*change)]
    if back is None:
        return [_spot(lost, gained, original, english, (gained,)) for lost, gained in changes]
    own = numbers(text, lang or "") if changes else ()
    return [
        _spot(lost, gained, original, english, own)
        for lost, gained in changes
        if not (lost and anywhere(lost, own)) and not (lost is None and gained and not any(gained.keys & n.keys for n in own))
    ]


def _unread(original: str, text: str, lang: str | None) -> list[Spot]:
    """From digits alone, where nothing else of the version can be read."""
    changes = differing(numbers(original), numbers(text, lang or ""))
    return [_spot(lost, gained, original, text, (gained,)) for lost, gained in changes if _sure(lost, gained)]


def _small(lost: Number | None, gained: Number | None) -> bool:
    lone = (lost or gained) if lost is None or gained is None else None
    return lone is not None and lone.kind == "word" and all(isinstance(key, float) and 1 <= key <= _SMALL for key in lone.keys)


def _sure(lost: Number | None, gained: Number | None) -> bool:
    if lost is None or gained is None or lost.kind != "digits":
        return False
    return all(max((key for key in number.keys if isinstance(key, float)), default=0.0) > _WORDS_UP_TO for number in (lost, gained))


def _spot(lost: Number | None, gained: Number | None, original: str, english: str, own: tuple[Number | None, ...]) -> Spot:
    was = original[lost.start : lost.end] if lost else ""
    now = english[gained.start : gained.end] if gained else ""
    message = f"{was} → {now}" if lost and gained else f"number lost: {was}" if lost else f"number added: {now}"
    here = next((n for n in own if n and gained and n.keys & gained.keys), None)
    return Spot(message, (here.start, here.end) if here else None, (lost.start, lost.end) if lost else None)
