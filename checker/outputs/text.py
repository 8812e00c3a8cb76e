"""A line for each threshold, for people: what was checked, the figure, the bound, and where to look first.

Below a broken threshold of findings stand the worst five of those that break it, with their fingerprints, for `checker explain`,
verdicts and overrides.
"""

from collections.abc import Iterator
from typing import TextIO

import polars as pl

from checker.outcome import Outcome, breaking, place_of
from checker.terminal import plain, short

# Findings that a terminal shows of a threshold, and characters of each one's message: there are other formats for all of them.
_SHOWN, _WIDTH = 5, 90


def write(outcome: Outcome, file: TextIO) -> None:
    """What the gate says in a terminal."""
    if outcome.verdicts.is_empty():
        file.write("gate: passed, no threshold is set\n")
    found = breaking(outcome, _SHOWN + 1)  # where nothing is broken, the tables of a large run are not gone through
    for n, (check, threshold, value, holds, first) in enumerate(outcome.verdicts.iter_rows()):
        blame = f" (first to look at: {plain(first)})" if first and not holds else ""
        file.write(f"gate: {'passed' if holds else 'FAILED'}  {plain(check)}: {value}, allowed {threshold}{blame}\n")
        file.writelines(f"  {line}\n" for line in (_worst(found[n]) if n in found else ()))
    file.writelines(f"gate: {plain(note)}\n" for note in outcome.notes)


def _worst(rows: pl.DataFrame) -> Iterator[str]:
    """A line for each of the worst findings of a threshold."""
    for row in rows.head(_SHOWN).iter_rows(named=True):
        yield f"{place_of(row)}: {row['code']} {short(row['message'], _WIDTH)} [{row['rule']}] {row['fingerprint']}"
    if rows.height > _SHOWN:
        yield "… and more: --format markdown lists a hundred, --format jsonl all"
