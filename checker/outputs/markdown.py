"""Markdown: the verdicts, what was found by rule, and the worst findings; for a step summary, a merge request or a page.

It stays below GitHub's 1 MiB for a step's summary, whatever the run: at most 100 findings, each of at most some 700
characters. Those that break a threshold come first, and say which.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from checker.outcome import Outcome, counts, worst
from checker.terminal import short

_SHOWN, _RULES, _WIDTH = 100, 500, 240


def write(outcome: Outcome, file: TextIO) -> None:
    """The page."""
    file.write(f"## checker: gate {'passed' if outcome.passed else 'failed'}\n\n")
    marks = (
        (check, value, threshold, "yes" if ok else "**no**", worst or "") for check, threshold, value, ok, worst in _all(outcome)
    )
    file.write(_table(("check", "figure", "allowed", "holds", "first to look at"), marks) or "No threshold is set.\n")
    file.writelines(f"\n{_cell(note)}\n" for note in outcome.notes)
    found = counts(outcome)
    by_rule = (
        (row["code"], row["rule"], row["severity"], row["doc_lang"] or "", str(row["len"])) for row in found.to_dicts()[:_RULES]
    )
    file.write(f"\n### Findings: {sum(found['len']):,}\n\n")
    file.write(_table(("code", "rule", "severity", "language", "findings"), by_rule))
    _worst(outcome, file)


def _all(outcome: Outcome) -> list[tuple[str, str, str, bool, str | None]]:
    return outcome.verdicts.rows()


def _worst(outcome: Outcome, file: TextIO) -> None:
    shown = worst(outcome, _SHOWN, counting=True)
    if not shown.height:
        return
    file.write(f"\n<details><summary>The worst {shown.height}</summary>\n\n")
    head = ("place", "severity", "rule", "evidence", "what is wrong", "breaks")
    body = (
        (
            f"{row['place']}:{row['line'] or '?'}",
            row["severity"],
            row["rule"],
            row["evidence"] or "",
            row["message"],
            row["breaks"] or "",
        )
        for row in shown.iter_rows(named=True)
    )
    file.write(_table(head, body) + "\n</details>\n")


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    rows = ["| " + " | ".join(map(_cell, row)) + " |\n" for row in body]
    return "".join(["| " + " | ".join(head) + " |\n", "|" + " --- |" * len(head) + "\n", *rows]) if rows else ""


def _cell(text: str) -> str:
    """A text as what it is: no mark, link, mention, tag or entity of it is one in Markdown."""
    if text == "**no**":
        return text
    escaped = short(text, _WIDTH).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"(https?|ftp|www)(?=[:.])", r"\1&#8203;", re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", escaped))
