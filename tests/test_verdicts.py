"""Verdicts: what was judged false costs its sentence nothing, a beginning names the one finding that it is of, the rest is told."""

import json
from pathlib import Path

import polars as pl
import pytest

import checker as package
from checker import verdicts
from tests.conftest import Run

PAIRS = "en,back\nThe 27 towns signed it in May.,The 72 towns signed it in May.\nIt rained all night.,It rained all night.\n"


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    (tmp_path / "pairs.csv").write_text(PAIRS)
    return tmp_path / "pairs.csv"


def judged(path: Path, fingerprint: str, verdict: str) -> Path:
    path.write_text(json.dumps({"fingerprint": fingerprint, "verdict": verdict}) + "\n")
    return path


def test_what_was_judged_false_costs_its_sentence_nothing_and_what_is_left_does(pairs: Path, tmp_path: Path) -> None:
    before = package.audit(pairs)
    (fingerprint,) = before.findings.filter(severity="critical")["fingerprint"]
    first = before.sentences.row(0, named=True)
    assert first["severity"] == "critical"
    left = package.audit(pairs, verdicts=judged(tmp_path / "v.jsonl", fingerprint, "wontfix"))
    assert left.sentences.row(0, named=True) == first
    false = package.audit(pairs, verdicts=judged(tmp_path / "v.jsonl", fingerprint, "false"))
    after = false.sentences.row(0, named=True)
    assert (after["severity"], after["fidelity"]) == (None, pytest.approx(first["likeness"], abs=0.01))
    assert [report.passed for report in (before, left, false)] == [False, True, True]


def test_a_beginning_that_is_one_findings_names_it(pairs: Path, tmp_path: Path) -> None:
    (fingerprint,) = package.audit(pairs).findings.filter(severity="critical")["fingerprint"]
    found = package.audit(pairs, verdicts=judged(tmp_path / "v.jsonl", fingerprint[:8].upper(), "false"))
    assert found.findings.filter(fingerprint=fingerprint)["suppressed"].to_list() == ["judged false"]
    assert found.sentences["severity"].to_list() == [None, None]


def test_a_beginning_of_several_names_none_and_the_last_verdict_counts() -> None:
    found = pl.DataFrame({"fingerprint": ["abcd1111", "abcd2222"], "verdict": None, "suppressed": None})
    said = pl.DataFrame({"fingerprint": ["abcd", "abcd1", "abcd1111", "ffff"], "verdict": ["false", "false", "true", "false"]})
    assert verdicts.judge(found, said)["verdict"].to_list() == ["true", None]
    assert verdicts.unmatched(found, said).to_list() == ["abcd", "ffff"]


def test_verdicts_that_name_no_finding_are_told(pairs: Path, tmp_path: Path, checker: Run) -> None:
    said = judged(tmp_path / "v.jsonl", "0123456789abcdef", "false")
    for command in (["audit", pairs, "--out", tmp_path / "run"], ["review", tmp_path / "run"]):
        told = checker(*command, "--verdicts", said).stderr
        assert "1 of 1 verdict without a finding in this run, such as '0123456789abcdef'" in told
