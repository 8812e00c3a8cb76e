"""GitHub's workflow commands: an annotation for each of the worst ten findings, and one that says how many more there are.

A finding that breaks a threshold is an error and says which; another one is a warning, of severity `info` a notice. GitHub shows
ten of a kind in a step and drops the rest unseen, so no more are sent. Where `$GITHUB_STEP_SUMMARY` names a file, the command
`checker gate` adds the output `markdown` to it.
"""

from typing import Any, TextIO

from checker.outcome import Outcome, broken, counts, worst
from checker.terminal import many, plain, short

_SHOWN = 10
# Characters of a message; the evidence of a line without a break may be a page.
_WIDTH = 500


def write(outcome: Outcome, file: TextIO) -> None:
    """The commands, each in one line: no text of a page can begin another."""
    file.writelines(_command(row) for row in worst(outcome, _SHOWN, counting=True).iter_rows(named=True))
    more = sum(counts(outcome)["len"]) - _SHOWN
    if more > 0:
        file.write(f"::notice title=checker::{many(more, 'more finding')} not shown here\n")
    for check, threshold, value, holds, _ in outcome.verdicts.iter_rows():
        if not holds:
            file.write(f"::error title=checker gate::{_message(f'{check}: {value}, allowed {threshold}')}\n")
    file.writelines(f"::warning title=checker gate::{_message(note)}\n" for note in outcome.notes)


def _command(row: dict[str, Any]) -> str:
    place = {"file": row["place"], "line": row["line"], "col": row["column"], "title": f"checker {row['code']} {row['rule']}"}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in place.items() if value is not None)
    said = f"{row['message']}: {row['evidence']}" if row["evidence"] else row["message"]
    kind = "error" if row["breaks"] else "notice" if row["severity"] == "info" else "warning"
    return f"::{kind} {given}::{_message(short(said, _WIDTH) + broken(row))}\n"


def _message(text: str) -> str:
    """As GitHub's toolkit escapes the data of a command."""
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
