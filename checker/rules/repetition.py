"""One side says the same three times in a row or more, and the other does not.

A word, a phrase or a part of a word that follows on itself, with nothing but spaces and marks between.

Why it matters: machines that lose the thread repeat their last words until they are stopped.

A hit: "He thanked the crew." → "Er dankte der Besatzung der Besatzung der Besatzung." Not a hit: "No, no, no!" → "Nein, nein,
nein!"; a phrase that stands in three places; rows of dots or digits.

Any language, also those that are written without spaces.

Known limits: a phrase that is repeated once is not told, nor one of more than 120 bytes (some 120
letters of English, 40 of Chinese).
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

from checker.facts import Spot, spotted
from checker.sides import SIDES

CODE = "FID044"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"

# Bytes from one repetition to the next.
_SHORTEST, _LONGEST = 4, 128

# Bytes that are compared in one go: at 1 << 19, starting numpy's loops took as long as their work.
_BLOCK = 1 << 21

# A unit of three characters or more with a letter in it, three times in a row, with marks between.
_LOOP = regex.compile(r"(?=\S{0,99}?\p{L})(\S.{2,99}?)(?:[\s,;.!?、，。！？-]*\1){2,}", regex.DOTALL)

# Places of a text that are looked at closely, those of the shortest periods first.
_TRIED = 8


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of which one side repeats itself, that side narrowed to the loop."""
    loops = {side: _loops(pairs[column].fill_null("")) for side, (column, _) in SIDES.items()}
    rows = sorted(loops["version"].keys() ^ loops["original"].keys())
    asked = pairs[rows]
    sides = asked.select(pl.col("text").is_not_null() & pl.col("original_text").is_not_null()).to_series()
    spots = [
        [_spot(loops["version"].get(row), loops["original"].get(row))] if both else []
        for row, both in zip(rows, sides, strict=True)
    ]
    return spotted(asked, spots)


Loop = tuple[int, int, str]
"""Where in a text a loop begins and ends, and what it repeats."""


def _spot(version: Loop | None, original: Loop | None) -> Spot:
    side, (start, end, unit) = ("version", version) if version else ("original", original or (0, 0, ""))
    message = f'the {side} repeats "{unit.strip()[:40]}"'
    return Spot(message, (start, end), None) if version else Spot(message, None, (start, end))


def _loops(texts: pl.Series) -> dict[int, Loop]:
    """Number of a text to the first loop in it, of the texts that hold one."""
    found: dict[int, Loop] = {}
    tried: Counter[int] = Counter()
    for row, place, period in _suspects(texts):  # one text in a hundred
        tried[row] += 1
        if row not in found and tried[row] <= _TRIED and (loop := _loop(texts[row], place, period)):
            found[row] = loop
    return found


def _loop(text: str, place: int, period: int) -> Loop | None:
    """The loop around a byte of a text at which it is what it is a period on."""
    raw = text.encode()
    if place + period >= len(raw):
        return None  # the next text begins like this one ends
    start, end, reach = place, place, 3 * period
    while start > max(0, place - reach) and raw[start - 1] == raw[start - 1 + period]:
        start -= 1
    while end < min(len(raw) - period, place + reach) and raw[end] == raw[end + period]:
        end += 1
    if end - start < _run(period):
        return None
    begin = len(raw[:start].decode(errors="ignore"))
    match = _LOOP.search(raw[start : end + period].decode(errors="ignore"))
    return (begin + match.start(), begin + match.end(), match[1]) if match else None


def _suspects(texts: pl.Series) -> Iterator[tuple[int, int, int]]:
    """Text, byte in it and period of places that may be in a loop, by text and period."""
    sizes = texts.str.len_bytes().to_numpy().astype(np.int64) + 1
    ends = np.cumsum(sizes)
    cuts = [0, *(np.flatnonzero(np.diff(ends // _BLOCK)) + 1).tolist(), len(texts)]
    for begin, end in pairwise(cuts):
        if begin < end:
            text = texts[begin:end].str.join("\n").cast(pl.Binary).item()
            places, periods = _repeated(text)
            places += ends[begin] - sizes[begin]
            rows = np.searchsorted(ends, places, "right")
            order = np.lexsort((places, periods, rows))
            yield from zip(*(each[order].tolist() for each in (rows, places - ends[rows] + sizes[rows], periods)), strict=True)


def _run(period: int) -> int:
    """Places of a loop that are what is a period on: two units, less marks that stand behind all but the last."""
    return 2 * period - 2


def _repeated(text: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places, and periods, at which four bytes are those a period on, and again half a run to the left or to the right.

    Of a loop's run of places one is met by steps of four bytes less than a run.
    """
    text += bytes(_LONGEST + 4)  # what is compared never ends before the longest period
    fours = np.ndarray((len(text) - 3,), "<u4", text, strides=(1,)).copy()
    found = []
    for period in range(_SHORTEST, _LONGEST + 1):
        step = _run(period) - 3
        found.append(np.flatnonzero(fours[:-period:step] == fours[period::step]) * step)
    periods = np.repeat(np.arange(_SHORTEST, _LONGEST + 1), [len(places) for places in found])
    places = np.concatenate(found)
    half, last = periods - 3, len(fours) - 1 - periods
    right, left = np.minimum(places + half, last), np.maximum(places - half, 0)
    kept = (fours[right] == fours[right + periods]) | (fours[left] == fours[left + periods])
    kept &= fours[places] > 0  # not what was put behind
    return places[kept], periods[kept]
