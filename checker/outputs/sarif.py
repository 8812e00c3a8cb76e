"""SARIF 2.1.0, for GitHub code scanning and editors: rules with their pages, findings by fingerprint, what is suppressed and why.

URIs are relative, columns count code points. A run of more findings than GitHub takes (25,000) has the worst of them, and says so
in a notification; the gate's broken thresholds are notifications, too, and a finding's property `breaks` names those it breaks.
"""

import json
from collections.abc import Mapping
from typing import Any, TextIO
from urllib.parse import quote

import polars as pl

from checker.outcome import Outcome, worst
from checker.registry import Rule, rules
from checker.terminal import many, plain, short

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MOST = 25_000
_LEVELS = {"critical": "error", "major": "error", "minor": "warning", "info": "note"}
# GitHub sorts by this figure, 0 to 10, where security tools have theirs; a viewer's `rank` runs to 100.
_RANKS = {"critical": 100.0, "major": 60.0, "minor": 30.0, "info": 10.0}
_WIDTH = 1_000

_Files = Mapping[str, tuple[str, str | None]]
"""Document to the place and the format of its file."""


def write(outcome: Outcome, file: TextIO) -> None:
    """The log with one run, its results one at a time."""
    shown = worst(outcome, _MOST, counting=False)
    left_out = outcome.findings.select(pl.len()).collect().item() - shown.height
    index = {name: n for n, name in enumerate(_rules(outcome))}
    files = {doc: (place, kind) for doc, place, kind in outcome.documents.select("doc", "place", "format").iter_rows()}
    head = {"$schema": _SCHEMA, "version": "2.1.0"}
    file.write(json.dumps(head, indent=1)[:-2] + ',\n "runs": [\n')
    file.write(json.dumps(_run(outcome, left_out), ensure_ascii=False, indent=1)[:-2] + ',\n "results": [')
    between = "\n"
    for row in shown.iter_rows(named=True):
        file.write(between + json.dumps(_result(outcome, row, index, files), ensure_ascii=False))
        between = ",\n"
    file.write("\n ]\n}\n ]\n}\n")


def _rules(outcome: Outcome) -> list[str]:
    return [name for name in outcome.rules if name in rules()] or list(rules())


def _run(outcome: Outcome, left_out: int) -> dict[str, Any]:
    driver = {"name": "checker", "rules": [_rule(rules()[name]) for name in _rules(outcome)]}
    if outcome.version:
        driver["semanticVersion"] = outcome.version
    invocation: dict[str, Any] = {"executionSuccessful": True}
    broken = [
        f"{check}: {value}, allowed {threshold}" for check, threshold, value, holds, _ in outcome.verdicts.iter_rows() if not holds
    ]
    notes = [*outcome.notes, *([f"{many(left_out, 'milder finding')} left out: a run holds at most {_MOST:,}"] if left_out else [])]
    told = [*(("error", f"gate: {said}") for said in broken), *(("warning", note) for note in notes)]
    if told:
        invocation["toolExecutionNotifications"] = [{"level": level, "message": {"text": plain(text)}} for level, text in told]
    return {
        "tool": {"driver": driver},
        "language": "en-GB",
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the folder that `checker gate` was run in"}}},
        "invocations": [invocation],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": plain(rule.summary)},
        "fullDescription": {"text": plain(rule.summary)},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "rank": _RANKS[rule.severity]},
        "properties": {"tags": ["translation", rule.category], "category": rule.category},
    }


def _result(outcome: Outcome, row: dict[str, Any], index: dict[str, int], files: _Files) -> dict[str, Any]:
    said = f"{row['message']}: {row['evidence']}" if row["evidence"] else row["message"]
    result: dict[str, Any] = {
        "ruleId": row["code"],
        "level": _LEVELS[row["severity"]],
        "rank": _RANKS[row["severity"]],
        "message": {"text": short(said, _WIDTH)},
        "locations": [_location(row)],
        "partialFingerprints": {"checkerFinding/v1": row["fingerprint"]},
        "properties": {
            name: plain(str(row[name]))
            for name in ("severity", "category", "lang", "pivot", "n", "breaks")
            if row[name] is not None
        },
    }
    if row["rule"] in index:
        result["ruleIndex"] = index[row["rule"]]
    if row["original"] is not None:
        result["relatedLocations"] = [_original(row, files)]
    # With a baseline all results have a state and a list of suppressions: SARIF wants it in all or in none.
    reason = row["suppressed"] or ("known: it stands in the baseline" if row["known"] else None)
    result["suppressions"] = [{"kind": "external", "justification": plain(reason)}] if reason else []
    if outcome.policy.baseline:
        result["baselineState"] = "unchanged" if row["known"] else "new"
    return result


def _location(row: dict[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(row["place"])}
    if row["line"]:
        place["region"] = _region(row)
    name = row["doc"] if row["n"] is None else f"{row['doc']}#{row['n']}"
    return {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": plain(name)}]}


def _region(row: dict[str, Any]) -> dict[str, Any]:
    """Line and column of the file; an end only in plain text, for elsewhere markup may stand between the evidence's characters."""
    region = {"startLine": row["line"], "startColumn": row["column"] or 1}
    if row["format"] == "text" and len((row["evidence"] or "").splitlines()) == 1:
        region["endColumn"] = region["startColumn"] + row["end"] - row["start"]
    if row["evidence"]:
        region["snippet"] = {"text": plain(row["evidence"][:_WIDTH])}
    return region


def _original(row: dict[str, Any], files: _Files) -> dict[str, Any]:
    place, kind = files.get(row["original"], (row["original"], None))
    location: dict[str, Any] = {"artifactLocation": _artifact(place)}
    if kind == "text" and row["original_start"] is not None:
        location["region"] = {"charOffset": row["original_start"], "charLength": row["original_end"] - row["original_start"]}
    said = f"original: {row['original_evidence']}" if row["original_evidence"] else "original"
    return {"id": 0, "physicalLocation": location, "message": {"text": short(said, _WIDTH)}}


def _artifact(place: str) -> dict[str, str]:
    return {"uri": quote(place, safe="/"), "uriBaseId": "%SRCROOT%"}
