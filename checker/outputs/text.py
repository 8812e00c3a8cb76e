"""A line for each threshold, for people: what was checked, the figure, the bound, and where to look first."""

from typing import TextIO

from checker.outcome import Outcome
from checker.terminal import plain


def write(outcome: Outcome, file: TextIO) -> None:
    """What the gate says in a terminal."""
    if outcome.verdicts.is_empty():
        file.write("gate: passed, no threshold is set\n")
    for check, threshold, value, holds, worst in outcome.verdicts.iter_rows():
        blame = f" (first to look at: {plain(worst)})" if worst and not holds else ""
        file.write(f"gate: {'passed' if holds else 'FAILED'}  {plain(check)}: {value}, allowed {threshold}{blame}\n")
    file.writelines(f"gate: {plain(note)}\n" for note in outcome.notes)
