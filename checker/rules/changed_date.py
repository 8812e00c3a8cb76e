"""A date or a time of the original is another one in the version.

Compared are months (in words, short or full, and in dates of digits), days with their month, days of the week, days told from
today (yesterday, tomorrow), what is last and what is next (week, month, year, a day of the week), and the half of the day of a
time (9 a.m., nine in the evening). A month, a weekday and the like that only the original has is a finding if the version has
another one instead, and so is 11:20 on a clock of 24 hours that has become 11:20 p.m.; numbers of days, years and hours are those
of the rule `lost-number`.

Why it matters: a date is what a reader writes into a calendar; both sides read equally well.

A hit: "July 7" → "June 7"; "on Tuesday" → "on Thursday"; "last week" → "next week"; "10:08 p.m." → "10:08 a.m.". Not a hit:
"Dec. 24" → "24th of December"; "3/5/2020" → "5 March 2020" or "May 3"; "10:08 p.m." → "10:08 in the evening"; "yesterday" → "on
Monday".

Known limits: of 3/5/2020 both readings count, so that a swapped day and month is not found; a date that is lost, and not
replaced, is no finding; clocks of 24 hours agree with both halves of the day only where the hour allows it. Versions without an
English reading are not judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from checker.facts import Spot, fold, in_english, spotted

CODE = "FID004"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

_YEAR = "january february march april may june july august september october november december"
_MONTHS = _YEAR.split()
_WEEK = "monday tuesday wednesday thursday friday saturday sunday"
_WEEKDAYS = _WEEK.split()
_RELATIVE = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}

_MONTH = rf"(?:(?:{'|'.join(_MONTHS)})\b|(?:jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)(?:\.|\b))"
_SCREEN = (
    rf"(?i)\b(?:{_MONTH}|(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|tomorrow|today|tonight|last|next|previous|coming)"
    + (r"|\d ?[ap]\.? ?m\b|\d[/.:]\d|(?:morning|afternoon|evening|night|noon|o['’]clock)")
)

# "may", "march" and the short "mar" are words as well: they count with a capital, and with a day or a year beside them or a word
# before them that stands before months.
_BEFORE_MONTH = re.compile(
    r"(?i)\b(?:in|of|since|until|till|by|early|late|mid|during|from|between|next|last|this|every|around|before|after|the)[ -]$"
)
_NAMED = re.compile(
    rf"(?=[\djfmasondJFMASOND])(?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?)?\b(?i:(?P<month>{_MONTH}))"
    r"(?:[ -](?P<behind>\d{1,2})(?:st|nd|rd|th)?(?![\d:]|,\d{3}| ?(?:[ap]\.?m|percent|%|million|people)))?(?P<year>,? \d{4})?"
)
_DIGITS = re.compile(r"(?<![\d/.])(\d{1,4})([/.])(\d{1,2})\2(\d{1,4})(?![\d/]|\.\d)|(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-])")
_WEEKDAY = re.compile(rf"(?i)\b({'|'.join(_WEEKDAYS)})s?\b")
_FROM_TODAY = re.compile(r"(?i)\b(yesterday|today|tonight|tomorrow)\b")
_NEXT = re.compile(
    rf"(?i)\b(last|past|previous|next|coming|following|this) "
    rf"(week|weekend|month|year|spring|summer|autumn|winter|{'|'.join(_WEEKDAYS)})\b"
)
_SIDES = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1, "following": 1, "this": 0}
_CLOCK = re.compile(
    r"(?i)\b(?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?:[:.h](?P<minute>\d\d))?"
    r"(?: ?(?P<half>[ap])\.? ?m\b"
    r"|(?: o['’]clock)?(?: \w+)? (?:in the|this|that|at|yesterday|on \w+) "
    r"(?P<part>morning|afternoon|evening|night)\b)"
)
_CLOCK_FACE = "one two three four five six seven eight nine ten eleven twelve"
_HOURS = {word: hour for hour, word in enumerate(_CLOCK_FACE.split(), 1)}


@dataclass(frozen=True, slots=True)
class _Dated:
    """A part of a date: its place, what kind it is of, what it may be read as, and what stands beside it, such as the day."""

    start: int
    end: int
    kind: str
    readings: frozenset[str]
    besides: frozenset[str] = frozenset()


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another date, a row per part of it; both sides narrowed to it."""
    dated = pl.col("original_text").str.contains(_SCREEN) & pl.col("english").str.contains(_SCREEN)
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & dated)
    # A date's readings are sets, compared with those of the other side: a fifth of all sentences come here.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = (*_dates(original), *_bare(original))[:_MOST], _dates(english)[:_MOST]
    lost = [date for date in ours if not any(_agree(date, other) for other in theirs)]
    gained = [date for date in theirs if not any(_agree(date, other) for other in ours)]
    for was in lost:
        now = min((date for date in gained if _replaces(was, date)), key=lambda date: date.besides != was.besides, default=None)
        if now is not None:
            gained.remove(now)
            message = f"{original[was.start : was.end]} → {english[now.start : now.end]}"
            yield Spot(message, (now.start, now.end) if back is None else None, (was.start, was.end))


# So many are compared: a long line of dates would take hours.
_MOST = 200


def _agree(one: _Dated, other: _Dated) -> bool:
    alike = one.kind == other.kind and not one.readings.isdisjoint(other.readings)
    return alike and (not one.besides or not other.besides or not one.besides.isdisjoint(other.besides))


def _replaces(was: _Dated, now: _Dated) -> bool:
    """True for another month, weekday, … in the place of one; the day of a month and the hour may have changed as well, or not."""
    told = was.kind == now.kind and was.readings.isdisjoint(now.readings)
    return told and (was.kind not in _BOUND or was.besides == now.besides)


# Kinds of which one replaces another only with the same thing beside it: last and next *week*, *10:08* a.m. and p.m.
_BOUND = ("last or next", "half of the day")


@lru_cache(maxsize=4096)
def _dates(text: str) -> tuple[_Dated, ...]:
    """The parts of dates in a sentence, kind by kind in order."""
    return (*_months(text), *_weekdays(text), *_times(text))


def _months(text: str) -> Iterator[_Dated]:
    """Months with the days beside them."""
    for found in _NAMED.finditer(text):
        name, day = found["month"], found["day"] or found["behind"]
        alone = fold(name) in ("may", "mar", "march") and not (day or found["year"])
        if name[0].isupper() and not (alone and not _BEFORE_MONTH.search(text, 0, found.start())):
            start = found.start("day") if found["day"] else found.start("month")
            end = found.end("behind") if found["behind"] and not found["day"] else found.end("month")
            days = frozenset({str(int(day))} if day else ())
            yield _Dated(start, end, "month", frozenset({fold(name)[:3]}), days)
    for digits in _DIGITS.finditer(text):
        yield from _in_digits(digits)


def _in_digits(found: re.Match[str]) -> Iterator[_Dated]:
    """A date of digits, of which both orders are readings."""
    parts = [int(part) for part in found.groups() if part and part.isdigit()]
    if found[2] == "." and len(found[4]) != 4:  # 1.10.2 is a version of something
        return
    orders = [(parts[1], parts[2])] if parts[0] > 31 else [(parts[0], parts[1]), (parts[1], parts[0])]
    known = [(month, day) for month, day in orders if 1 <= month <= 12 and 1 <= day <= 31]
    if known:
        months, days = (frozenset(part) for part in zip(*((_MONTHS[month - 1][:3], str(day)) for month, day in known), strict=True))
        yield _Dated(*found.span(), "month", months, days)


def _weekdays(text: str) -> Iterator[_Dated]:
    for found in _WEEKDAY.finditer(text):
        yield _Dated(*found.span(1), "weekday", frozenset({fold(found[1])}))
    for found in _FROM_TODAY.finditer(text):
        yield _Dated(*found.span(), "from today", frozenset({str(_RELATIVE[fold(found[1])])}))
    for found in _NEXT.finditer(text):
        yield _Dated(*found.span(), "last or next", frozenset({str(_SIDES[fold(found[1])])}), frozenset({fold(found[2])}))


# A clock of 24 hours shows the morning with two digits; in a text that tells the halves of the day, one may have been left out.
_BARE = re.compile(r"(?<![\d:.,])(0\d|1[01]):([0-5]\d)(?![\d:])")
_HALVED = re.compile(r"(?i)\d ?[ap]\.? ?m\b|morning|afternoon|evening|night")


def _bare(text: str) -> Iterator[_Dated]:
    """Times before noon on a clock of 24 hours, which none of 12 hours shows with p.m.: 11:20."""
    for found in () if _HALVED.search(text) else _BARE.finditer(text):
        yield _Dated(*found.span(), "half of the day", frozenset({"a"}), frozenset({f"{int(found[1])}:{int(found[2])}"}))


def _times(text: str) -> Iterator[_Dated]:
    """Times of day whose half is told."""
    for found in _CLOCK.finditer(text):
        hour = int(_HOURS.get(fold(found["hour"]), 0) or found["hour"])
        if 1 <= hour <= 12:
            halves = {"a": "a", "p": "p", "morning": "a", "afternoon": "p", "evening": "p"}
            told = halves.get(fold(found["half"] or found["part"]))
            half = told or ("a" if hour < 6 or hour == 12 else "p")
            time = frozenset({f"{hour}:{int(found['minute'] or 0)}"})
            yield _Dated(*found.span(), "half of the day", frozenset({half}), time)
