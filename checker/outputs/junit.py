"""JUnit XML: a test case for each threshold, and in each language one for each rule, those that passed, too.

A rule fails where it has findings that break a threshold; others stand in the case's output. A threshold's case lists the
findings that break it, the first 20; the suite's output has what else the gate has to say. Cases have no times: two runs
over the same pages give the same file. Valid by the schema of Jenkins' xUnit plugin.
"""

from collections.abc import Mapping
from typing import Any, TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import polars as pl

from checker.outcome import Outcome, batches, breaking, counts, place_of
from checker.registry import rules
from checker.terminal import many, plain, short

# Findings that a case's text lists; the rest are counted.
_SHOWN, _WIDTH = 20, 200
_TOLD = ["doc_lang", "rule", "place", "line", "column", "message", "evidence"]


def write(outcome: Outcome, file: TextIO) -> None:
    """The file, whole: it has as many cases as there are languages times rules."""
    suites = [_gate(outcome), *_languages(outcome)]
    root = Element("testsuites", {"name": "checker", **_sums(suites)})
    root.extend(suites)
    indent(root)
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n")


def _sums(suites: list[Element]) -> dict[str, str]:
    return {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", "failures", "errors")}


def _suite(name: str, cases: list[Element]) -> Element:
    failures = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    suite = Element("testsuite", name=name, tests=str(len(cases)), failures=str(failures), errors="0", skipped=str(skipped))
    suite.extend(cases)
    return suite


def _gate(outcome: Outcome) -> Element:
    cases, found = [], breaking(outcome, _SHOWN + 1)
    for n, (check, threshold, value, holds, worst) in enumerate(outcome.verdicts.iter_rows()):
        case = Element("testcase", classname="checker.gate", name=plain(check))
        if not holds:
            said = f"{value}, allowed {threshold}"
            lines = [f"first to look at: {plain(worst)}" if worst else said, *(_listed(found[n]) if n in found else [])]
            SubElement(case, "failure", type="threshold", message=said).text = "\n".join(lines)
        cases.append(case)
    suite = _suite("checker.gate", cases)
    if outcome.notes:
        SubElement(suite, "system-out").text = "\n".join(map(plain, outcome.notes))
    return suite


def _listed(rows: pl.DataFrame) -> list[str]:
    lines = [f"{_line(row)} [{row['rule']}]" for row in rows.head(_SHOWN).iter_rows(named=True)]
    return [*lines, "… and more"] if rows.height > _SHOWN else lines


def _languages(outcome: Outcome) -> list[Element]:
    found, shown = counts(outcome), _shown(outcome)
    langs = sorted({lang or "und" for lang in outcome.documents.filter(pl.col("status").fill_null("ok") == "ok")["lang"]})
    suites = []
    for lang in langs:
        own = found.filter(pl.col("doc_lang").fill_null("und") == lang)
        by_rule = {rule: own.filter(pl.col("rule") == rule) for rule in own["rule"].unique()}
        cases = [_rule(lang, rule, by_rule.get(rule), shown) for rule in _names(outcome, own)]
        suites.append(_suite(f"checker.{lang}", [*cases, _fidelity(outcome, lang)]))
    return suites


def _names(outcome: Outcome, found: pl.DataFrame) -> list[str]:
    """The rules that were run, and any others that a run of another version found something by."""
    return list(dict.fromkeys([*(outcome.rules or rules()), *sorted(found["rule"].unique())]))


def _rule(lang: str, rule: str, found: pl.DataFrame | None, shown: Mapping[tuple[str, str], list[str]]) -> Element:
    case = Element("testcase", classname=f"checker.{lang}", name=plain(rule))
    if found is None:
        return case
    bad = sum(found.filter("breaks")["len"])
    total = sum(found["len"])
    listed = shown.get((lang, rule), [])
    text = "\n".join([*listed, *([f"… and {total - len(listed):,} more"] if total > len(listed) else [])])
    if bad:
        SubElement(case, "failure", type=plain(found["code"][0]), message=many(bad, "finding")).text = text
    else:
        SubElement(case, "system-out").text = text
    return case


def _shown(outcome: Outcome) -> dict[tuple[str, str], list[str]]:
    """Language and rule to the lines of its first findings."""
    lines: dict[tuple[str, str], list[str]] = {}
    for row in _firsts(outcome).iter_rows(named=True):
        lines.setdefault((row["doc_lang"] or "und", row["rule"]), []).append(_line(row))
    return lines


def _line(row: dict[str, Any]) -> str:
    return f"{place_of(row)}: " + ": ".join(short(row[name], _WIDTH) for name in ("message", "evidence") if row[name])


def _firsts(outcome: Outcome) -> pl.DataFrame:
    first = pl.int_range(pl.len()).over("doc_lang", "rule") < _SHOWN
    kept = [pl.DataFrame(schema=dict.fromkeys(_TOLD, pl.String))]
    for rows in batches(outcome, counting=True):
        kept = [pl.concat([*kept, rows.select(pl.col(_TOLD).cast(pl.String))]).filter(first)]
    return kept[0]


def _fidelity(outcome: Outcome, lang: str) -> Element:
    """A case that was skipped where sentences were there to be judged, and none could be."""
    own = outcome.documents.filter(pl.col("lang").fill_null("und") == lang)
    scored, unscored = sum(own["n_scored"].drop_nulls()), sum(own["n_unscored"].drop_nulls())
    case = Element("testcase", classname=f"checker.{lang}", name="fidelity")
    if not scored and unscored:
        SubElement(case, "skipped", message=f"{many(unscored, 'sentence')} and no score")
    elif scored:
        mean = sum((own["fidelity"] * own["n_scored"]).drop_nulls()) / scored
        SubElement(case, "system-out").text = f"mean fidelity {mean:.1f} of {many(scored, 'sentence')}, {unscored:,} unscored"
    return case
