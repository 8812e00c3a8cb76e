"""A line for each threshold, for people: what was checked, the figure, the bound, and where to look first.

Below stand the worst five of the findings that make it fail, with their fingerprints, for `checker explain`, verdicts, overrides.
"""

from collections.abc import Iterator
from typing import TextIO

import polars as pl

from checker.outcome import Outcome, failing, worst
from checker.terminal import plain, short

# Findings that a terminal shows, and characters of each one's message: there are other formats for all of them.
_SHOWN, _WIDTH = 5, 90


def write(outcome: Outcome, file: TextIO) -> None:
    """What the gate says in a terminal."""
    if outcome.verdicts.is_empty():
        file.write("gate: passed, no threshold is set\n")
    for check, threshold, value, holds, first in outcome.verdicts.iter_rows():
        blame = f" (first to look at: {plain(first)})" if first and not holds else ""
        file.write(f"gate: {'passed' if holds else 'FAILED'}  {plain(check)}: {value}, allowed {threshold}{blame}\n")
    file.writelines(f"  {line}\n" for line in _worst(outcome))
    file.writelines(f"gate: {plain(note)}\n" for note in outcome.notes)


def _worst(outcome: Outcome) -> Iterator[str]:
    """A line for each of the worst findings at or above `fail_on`."""
    if outcome.passed:  # and then the tables of a large run are not gone through
        return
    rows = worst(outcome, _SHOWN + 1, counting=True).filter(pl.col("severity").is_in(failing(outcome.policy)))
    for row in rows.head(_SHOWN).iter_rows(named=True):
        said = f"{row['code']} {short(row['message'], _WIDTH)} [{row['rule']}] {row['fingerprint']}"
        yield f"{plain(row['place'])}:{row['line']}:{row['column']}: {said}"
    if rows.height > _SHOWN:
        yield "… and more: --format markdown lists a hundred, --format jsonl all"
