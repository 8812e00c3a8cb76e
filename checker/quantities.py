"""Quantities of a sentence: a number with its unit, in the dimension's own unit, so that 5 miles and 8 km can be compared."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

from checker import packs
from checker.facts import Number, numbers

# Two quantities in different units are equal within half of the last digit that one of them gives; where that is a zero (600 miles)
# the digit before it counts, up to this share of the whole.
_ROUNDED = 0.05


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit: `values` in the unit of its dimension, several if the unit is ambiguous or the number a range.

    `error` is half the last digit written, and `rounded` half the last that is no zero, both in the first reading's unit.
    """

    start: int
    end: int
    number: Number
    dimension: str
    unit: str
    values: tuple[float, ...]
    error: float
    rounded: float


def same(one: Quantity, other: Quantity) -> bool:
    """True for two quantities that are equal within rounding."""
    if one.dimension != other.dimension:
        return False
    if one.unit == other.unit:
        return any(math.isclose(a, b, rel_tol=1e-9) for a in one.values[:1] for b in other.values[:1])
    return any(
        abs(a - b) <= max(one.error, other.error, min(max(one.rounded, other.rounded), _ROUNDED * max(abs(a), abs(b))))
        for a in one.values
        for b in other.values
    )


@lru_cache(maxsize=1 << 14)  # rules read the texts of a part (8,000 pairs) after one another
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of an English sentence in order: numbers with a unit behind them, the first of a range too, and "a day"."""
    found = list(_counted(text))
    found += [_sum(a, b) for a, b in pairwise(found) if _added(text, a, b)]
    for article in _ARTICLE.finditer(text):
        value = _SHARES.get(article[1][:4].lower(), 1.0)
        number = Number(article.start(), article.end(1), frozenset({value}), "soft")
        unit = _unit(text, article.end(1))
        if unit and unit[0] == "time":
            found.append(_quantity(number, "1", unit))
    return tuple(found)


_SHARES = {"half": 0.5, "quar": 0.25, "thre": 0.75}
_ARTICLE = re.compile(
    r"(?i)\b((?:half|(?:three[ -])?quarters? of) an?|an?|one|each|every|per)"
    r"(?= (?:second|minute|hour|day|week|month|year|decade|century)\b)"
)
_RANGE = re.compile(r"\s?(?:-|–|—|to|and|or)\s?")
_BETWEEN = re.compile(r"[,\s]{1,2}(?:and )?")
_MONEY = re.compile(r"[$€£¥₹]\s?$")


def _counted(text: str) -> Iterator[Quantity]:
    last: Quantity | None = None
    listed = numbers(text)
    for at, number in enumerate(listed):
        if number.kind == "soft" and not text[number.start].isdigit() and text[number.start : number.end].lower() not in _COUNTS:
            continue
        unit = None if _MONEY.search(text[max(0, number.start - 2) : number.start]) else _unit(text, _digits_end(text, number))
        behind = listed[at + 1] if at + 1 < len(listed) else None
        if unit is None and behind and _RANGE.fullmatch(text, number.end, behind.start):
            unit = _unit(text, _digits_end(text, behind))
            unit = unit and (*unit[:3], number.end)
        if unit is None:
            continue
        below = unit[0] == "temperature" and _MINUS.search(text[max(0, number.start - 7) : number.start])
        made = _quantity(number, text[number.start : number.end], unit, -1 if below else 1)
        if last and last.unit == made.unit and _RANGE.fullmatch(text, last.number.end, number.start):
            middle = tuple((a + b) / 2 for a, b in zip(last.values, made.values, strict=False))
            made = replace(made, start=last.start, values=made.values + middle)
        last = made
        yield made


_COUNTS = frozenset({"one", "half", "quarter", "single"})
_TRAILING = re.compile(r"\d+(?:[.,]\d+)*")


# 8 bn tonnes.
_SCALE_LETTERS = re.compile(r" ?(?:bn|mn|mln|tn)(?= )")


def _digits_end(text: str, number: Number) -> int:
    """Where the number ends if a letter behind its digits is a unit, which `5m` may be read as."""
    digits = _TRAILING.match(text, number.start)
    end = (
        digits.end()
        if digits and text[digits.end() : number.end].strip().isalpha() and number.end - digits.end() <= 1
        else number.end
    )
    scale = _SCALE_LETTERS.match(text, end)
    return scale.end() if scale else end


# A sign before a temperature; between two numbers it is a range.
_MINUS = re.compile(r"(?i)(?:(?:^|[\s(])[-–−]|\bminus )$")


def _quantity(number: Number, written: str, unit: tuple[str, str, tuple[float, ...], int], sign: int = 1) -> Quantity:
    dimension, name, factors, end = unit
    counted = [key for key in number.keys if isinstance(key, float)]
    values = tuple(_base(name, sign * key, factor) for key in sorted(counted) for factor in factors)
    decimals = re.search(r"[.](\d+)$", written)
    step = 10.0 ** -len(decimals[1]) if decimals and len(decimals[1]) != 3 else 1.0
    zeros = len(written) - len(written.rstrip("0")) if written.isdigit() else 3 * written.count(",000")
    scale = factors[0] if dimension != "temperature" else 1.0
    return Quantity(number.start, end, number, dimension, name, values, step / 2 * scale, step / 2 * scale * 10**zeros)


def _base(unit: str, value: float, factor: float) -> float:
    """In the unit of the dimension: degrees Celsius, litres, metres …"""
    return (value - 32) / 1.8 if unit == "fahrenheit" else value - 273.15 if unit == "kelvin" else value * factor


def _added(text: str, one: Quantity, other: Quantity) -> bool:
    """True for the two parts of one quantity: 5 feet 11 inches, 2 hours and 10 minutes."""
    smaller = one.dimension == other.dimension and one.values and other.values and one.error > other.error
    return bool(smaller and one.end <= other.start and _BETWEEN.fullmatch(text, one.end, other.start))


def _sum(one: Quantity, other: Quantity) -> Quantity:
    total = tuple(a + b for a in one.values for b in other.values)
    return Quantity(one.start, other.end, one.number, one.dimension, other.unit, total, other.error, other.rounded)


_Unit = tuple[str, tuple[float, ...]]

_PER = re.compile(r"\s?(?:/|per |an? )\s?(seconds?|sec|s|minutes?|min|m|hours?|hr|h|days?)(?![\w²³?])")
_PER_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_POWER = re.compile(r"(?i)(square|sq\.?|cubic|cu\.?)[ -]?")
_RAISED = re.compile(r"(?:\^?([23])|([²³]))(?![\d\w])")
_DEGREES = re.compile(
    r"(?:\s?(?:°|º|degrees?)\s?|\s?)(Celsius|Centigrade|Fahrenheit|Kelvin)\b|\s?(?:°|º|degrees? )\s?([CF])\b|\s?([℃℉])",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"(?:(?<=\d)| )([CF])\b(?!['’.])")


def _unit(text: str, at: int) -> tuple[str, str, tuple[float, ...], int] | None:
    """Dimension, unit, its values in the dimension's own unit, and where it ends, if a unit stands at the place."""
    if degrees := _DEGREES.match(text, at) or _SINGLE.match(text, at):
        name = next(group for group in degrees.groups() if group)[0].lower()
        name = {"c": "celsius", "℃": "celsius", "k": "kelvin"}.get(name, "fahrenheit")
        return "temperature", name, (1.0,), degrees.end()
    begin = at + 1 if text[at : at + 1] in _GAPS else at
    power = _POWER.match(text, begin)
    named = _names().match(text, power.end() if power else begin)
    if named is None or text[named.end() : named.end() + 1] == "?" or (begin == at and named[0] in ("s", "h", "min") and power):
        return None
    dimension, factors = _units()[named[0] if named[0] in _units() else named[0].lower()]
    exponent, end = _exponent(text, power[1] if power else "", named.end())
    if exponent > 1:
        if dimension != "length":
            return None
        dimension, factors = (
            ("area", tuple(f * f for f in factors)) if exponent == 2 else ("volume", tuple(1000 * f**3 for f in factors))
        )
    if dimension == "length" and exponent == 1 and (per := _PER.match(text, end)):
        seconds = _PER_SECONDS[per[1][0]]
        readings = (*factors, 1609.344) if named[0] == "m" else factors  # mph as "m/h"
        return "speed", f"{factors[0]:g}/{seconds:g}", tuple(f / seconds for f in readings), per.end()
    return dimension, f"{factors[0]:g}", factors, end


_GAPS = (" ", "\u00a0", "\u202f", "-")


def _exponent(text: str, word: str, end: int) -> tuple[int, int]:
    if word:
        return (2 if word.lower().startswith("sq") else 3), end
    raised = _RAISED.match(text, end)
    if raised is None:
        return 1, end
    return (2 if (raised[1] or raised[2]) in ("2", "²") else 3), raised.end()


@cache
def _units() -> dict[str, _Unit]:
    """Name to dimension and factors; names in small letters of more than one letter also stand for those with capitals."""
    found: dict[str, _Unit] = {}
    for row in packs.load("units")["en"]["unit"]:
        said, names = row.split(" : ")
        dimension, *factors = said.split()
        found |= dict.fromkeys((name.replace("_", " ") for name in names.split()), (dimension, tuple(map(float, factors))))
    return found


@cache
def _names() -> re.Pattern[str]:
    ordered = sorted(_units(), key=lambda name: (-len(name), name))
    words = "|".join(re.escape(name) for name in ordered if len(name) > 3 and name.islower())
    short = "|".join(re.escape(name) for name in ordered if len(name) <= 3 or not name.islower())
    return re.compile(rf"(?:(?i:{words})|{short})(?![^\W\d_²³])(?!['’])")


@cache
def screen() -> str:
    """A pattern of polars' dialect that every text with a quantity matches."""
    names = sorted(_units(), key=lambda name: (-len(name), name))
    long, short = ([n for n in names if (len(n) > 3) is wide] for wide in (True, False))
    return rf"(?i)\b\d*(?:{'|'.join(long)})\b|\d[ \x{{a0}}\x{{202f}}-]?(?:{'|'.join(short)}|[CF])(?:\b|[23²³])|[°º℃℉]" + (
        r"|\bdegrees|\b(?:jin|mu|li|ton|day)s?\b|square|cubic"
    )


def converted(lost: Sequence[Number], text: str, others: str) -> list[Number]:
    """The numbers of `lost`, which are of `text`, that `others` states no quantity equal to in another unit."""
    ours = {(q.number.start, q.number.end): q for q in quantities(text)}
    measured = [n for n in lost if (n.start, n.end) in ours]
    theirs = quantities(others) if measured else ()
    equal = {(n.start, n.end) for n in measured if any(q.end and same(ours[n.start, n.end], q) for q in theirs)}
    sums = [q for q in quantities(text) if any(same(q, other) for other in theirs)] if measured else []
    return [n for n in lost if (n.start, n.end) not in equal and not any(q.start <= n.start and n.end <= q.end for q in sums)]
