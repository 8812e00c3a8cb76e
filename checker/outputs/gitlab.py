"""GitLab's code quality report: a JSON array with every finding that counts (`artifacts: reports: codequality`).

A description ends with the thresholds that the finding helps to break. A document that could not be read is an issue, too.
"""

import hashlib
import json
from typing import Any, TextIO

from checker.outcome import Outcome, batches, broken, unread
from checker.terminal import plain


def write(outcome: Outcome, file: TextIO) -> None:
    """The array, a finding a line; fingerprints are unique, since GitLab shows those that are equal once."""
    before = "[\n"
    for rows in batches(outcome, counting=True):
        for row in rows.iter_rows(named=True):
            file.write(before + json.dumps(_issue(row), ensure_ascii=False))
            before = ",\n"
    for place, said in unread(outcome):
        file.write(before + json.dumps(_unread(place, said), ensure_ascii=False))
        before = ",\n"
    file.write("\n]\n" if before != "[\n" else "[]\n")


def _issue(row: dict[str, Any]) -> dict[str, Any]:
    unique = hashlib.sha256(f"{row['place']}\x1f{row['doc']}\x1f{row['fingerprint']}".encode()).hexdigest()[:32]
    return {
        "description": plain(row["message"] + broken(row)),
        "check_name": row["rule"],
        "fingerprint": unique,
        "severity": row["severity"],  # its words are ours: info, minor, major, critical (and blocker)
        "location": {"path": plain(row["place"]), "lines": {"begin": row["line"] or 1}},
    }


def _unread(place: str, said: str) -> dict[str, Any]:
    unique = hashlib.sha256(f"unread\x1f{place}".encode()).hexdigest()[:32]
    location = {"path": place, "lines": {"begin": 1}}
    return {"description": said, "check_name": "unread", "fingerprint": unique, "severity": "major", "location": location}
