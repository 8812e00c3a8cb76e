"""Overrides: which findings they fit, which of several counts, and that what is suppressed is reported and counts nowhere."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checker.detect import mark
from checker.gate import gate
from checker.limits import Gate
from checker.overrides import Override, counted, override
from checker.report import Report, scanned
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES
from tests.conftest import Run

FOUND = FINDINGS.conform(
    pl.DataFrame(
        {
            "doc": ["mirror/a.txt", "mirror/a.txt", "site/b.txt"],
            "rule": ["ui-chrome", "foreign-tag", "ui-chrome"],
            "code": ["ART003", "ART001", "ART003"],
            "severity": ["minor", "major", "minor"],
            "start": [0, 10, 0],
            "end": [5, 15, 5],
            "fingerprint": ["aa", "bb", "cc"],
        }
    )
)
PAGES = pl.DataFrame({"doc": ["mirror/a.txt", "site/b.txt"], "path": ["pages/mirror/a.txt", "pages/site/b.txt"]})
LANGS = pl.DataFrame({"doc": ["mirror/a.txt", "site/b.txt", "site/b.txt"], "doc_lang": ["zh", "en", "en"]})
EXPECTED = {"suppress": True, "reason": "known"}


def fits(**conditions: Any) -> list[str]:
    """Fingerprints of the findings that an override suppresses."""
    found = override(FOUND, PAGES, LANGS, [Override(**conditions, **EXPECTED)])
    return found.filter(pl.col("suppressed") == "known")["fingerprint"].to_list()


@pytest.mark.parametrize(
    ("conditions", "fitting"),
    [
        ({"rule": ("ui-chrome",)}, ["aa", "cc"]),
        ({"rule": ("ART003",)}, ["aa", "cc"]),
        ({"rule": ("ART",)}, ["aa", "bb", "cc"]),
        ({"rule": ("*-tag", "nothing")}, ["bb"]),
        ({"path": "mirror/*"}, ["aa", "bb"]),
        ({"path": "pages/mirror/*"}, ["aa", "bb"]),
        ({"path": "irror/*"}, []),
        ({"path": "*.txt", "lang": "en"}, ["cc"]),
        ({"lang": "zh", "rule": ("ui-chrome",)}, ["aa"]),
        ({"fingerprint": ("bb", "cc")}, ["bb", "cc"]),
        ({"fingerprint": ("bb",), "lang": "en"}, []),
        ({"lang": "fr"}, []),
    ],
)
def test_an_override_fits_the_findings_that_meet_all_its_conditions(conditions: dict[str, Any], fitting: list[str]) -> None:
    assert fits(**conditions) == fitting


def test_of_several_that_fit_the_last_counts() -> None:
    rules = [
        Override(rule=("ART",), **EXPECTED),
        Override(path="site/*", severity="critical"),
        Override(rule=("foreign-tag",), suppress=False),
    ]
    found = override(FOUND, PAGES, LANGS, rules)
    assert found.select("fingerprint", "severity", "rule_severity", "suppressed").rows() == [
        ("aa", "minor", None, "known"),
        ("bb", "major", None, None),
        ("cc", "critical", "minor", None),
    ]


def test_a_severity_that_is_the_rules_own_changes_nothing() -> None:
    found = override(FOUND, PAGES, LANGS, [Override(rule=("ART",), severity="major")])
    assert found["rule_severity"].to_list() == ["minor", None, "minor"]


def test_what_is_suppressed_does_not_count_for_the_gate_and_still_marks() -> None:
    found = override(
        FOUND, PAGES, LANGS, [Override(rule=("ART",), **EXPECTED), Override(rule=("foreign-tag",), severity="critical")]
    )
    report = Report(DOCUMENTS.empty(), SEGMENTS.empty(), SENTENCES.empty(), found)
    verdicts = gate(scanned(report), Gate(fail_on="minor", max_findings=1))
    assert verdicts.select("check", "value", "passed").rows() == [
        ("findings at or above minor", "1", False),
        ("findings", "1", True),
    ]
    segments = pl.DataFrame({"doc": ["site/b.txt"], "n": [0], "start": [0], "end": [5], "kind": ["prose"]})
    assert mark(segments, found)["kind"].to_list() == ["chrome"]
    assert counted(found)["fingerprint"].to_list() == ["bb"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two pages with the same chrome, one of them on a mirror, and settings that expect it there."""
    text = "Skip to main content\n\nThe ferry leaves the harbour at seven in the morning, and comes back in the evening.\n"
    for folder in ("mirror", "site"):
        (tmp_path / "corpus" / folder).mkdir(parents=True)
        (tmp_path / "corpus" / folder / "page.txt").write_text(text)
    (tmp_path / "checker.toml").write_text(
        '[[override]]\nrule = "ui-chrome"\npath = "mirror/*"\nsuppress = true\nreason = "buttons are expected there"\n'
    )
    return tmp_path


def test_detect_neither_prints_nor_counts_what_is_suppressed(place: Path, checker: Run) -> None:
    found = checker("detect", "corpus", cwd=place)
    assert [line.split(":")[0] for line in found.stdout.splitlines()] == ["corpus/site/page.txt"]
    assert (found.returncode, "1 finding in 2 documents: 1 ui-chrome; 1 suppressed" in found.stderr) == (1, True), found.stderr
    passed = checker("detect", "corpus/mirror", "--config", "checker.toml", cwd=place)
    assert passed.returncode == 0, passed.stdout  # the path counts from any folder above the document
    lines = checker("detect", "corpus", "--output-format", "jsonl", cwd=place).stdout
    assert lines.count('"suppressed":"buttons are expected there"') == 1


def test_an_audits_report_keeps_what_is_suppressed_with_its_reason(place: Path, checker: Run) -> None:
    (place / "corpus" / "site" / "page.txt").unlink()
    (place / "corpus" / "site" / "clean.txt").write_text("The ferry has left the harbour, and nobody knows when it comes back.\n")
    audited = checker("audit", "corpus", "--fail-on", "info", cwd=place)
    assert (audited.returncode, "0 findings, 1 suppressed" in audited.stdout) == (0, True), audited.stdout + audited.stderr
    found = pl.read_parquet(place / "reports" / "run" / "findings.parquet")
    assert found.select("evidence", "suppressed").rows() == [("Skip to main content", "buttons are expected there")]
    documents = pl.read_parquet(place / "reports" / "run" / "documents.parquet")
    assert documents["n_findings"].sum() == 0
    segments = pl.read_parquet(place / "reports" / "run" / "segments.parquet")
    assert segments.filter(pl.col("text") == "Skip to main content")["kind"].to_list() == ["chrome"]
