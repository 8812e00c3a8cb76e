"""reviewdog's rdjsonl: a diagnostic a line, of every finding that counts, for `reviewdog -f=rdjsonl`.

A message ends with the thresholds that the finding helps to break. A document that could not be read is a diagnostic, too.
"""

import json
from typing import Any, TextIO

from checker.outcome import Outcome, batches, broken, unread
from checker.terminal import plain, short

_SEVERITIES = {"critical": "ERROR", "major": "ERROR", "minor": "WARNING", "info": "INFO"}
_WIDTH = 1_000


def write(outcome: Outcome, file: TextIO) -> None:
    """Diagnostics as reviewdog's `proto/rdf` defines them, by line: its columns are bytes, and the tables' are code points."""
    for rows in batches(outcome, counting=True):
        file.writelines(json.dumps(_diagnostic(row), ensure_ascii=False) + "\n" for row in rows.iter_rows(named=True))
    for place, said in unread(outcome):
        told = {"message": short(said, _WIDTH), "location": {"path": place}, "severity": "ERROR", "source": {"name": "checker"}}
        file.write(json.dumps({**told, "code": {"value": "unread"}}, ensure_ascii=False) + "\n")


def _diagnostic(row: dict[str, Any]) -> dict[str, Any]:
    location: dict[str, Any] = {"path": plain(row["place"])}
    if row["line"]:
        location["range"] = {"start": {"line": row["line"]}}
    return {
        "message": short(f"{row['message']}: {row['evidence']}" if row["evidence"] else row["message"], _WIDTH) + broken(row),
        "location": location,
        "severity": _SEVERITIES[row["severity"]],
        "source": {"name": "checker"},
        "code": {"value": row["code"]},
    }
