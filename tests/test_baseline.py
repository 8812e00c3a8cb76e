"""The baseline: known findings do not count, it only shrinks, and it is the same bytes wherever the pages lie."""

import json
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from checker import baseline, report
from checker.errors import InputError
from checker.gate import hold
from checker.limits import Gate
from checker.report import Report, scanned
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES
from tests.conftest import ROOT, Run

PAGE = (
    "The council of the harbour town met on Tuesday to speak of the ferry, which has been late since March of this year.\n\n"
    "Officials said that the States United won the tender for the new boats, and that the Sea Black route stays open.\n\n"
    "Голос Америки\n"
)


def run(found: dict[str, list[str]], rules: tuple[str, ...] = ("ui-chrome", "lost-name")) -> Report:
    """A run with documents of these names and findings of these fingerprints; a name's first letter says its rule."""
    rows = [
        {"doc": doc, "rule": {"u": "ui-chrome", "l": "lost-name"}[one[0]], "severity": "critical", "fingerprint": one, "start": n}
        for doc, fingerprints in found.items()
        for n, one in enumerate(fingerprints)
    ]
    findings = FINDINGS.conform(pl.DataFrame(rows)) if rows else FINDINGS.empty()
    documents = DOCUMENTS.conform(pl.DataFrame({"doc": [*found], "status": ["ok"] * len(found)}))
    return Report(documents, SEGMENTS.empty(), SENTENCES.empty(), findings, {"rules": [*rules]})


def renewed(path: Path, found: Report, *, accept: bool = False) -> dict[str, dict[str, dict[str, int]]]:
    before = baseline.read(path) if path.exists() else None
    baseline.write(scanned(found), found.documents, path, before, accept=accept)
    entries: dict[str, dict[str, dict[str, int]]] = json.loads(path.read_text())["entries"]
    return entries


def test_a_baseline_only_loses_what_is_gone_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    assert renewed(path, run({"x/a.txt": ["u1", "u2", "l1"]})) == {
        "a.txt": {"lost-name": {"l1": 1}, "ui-chrome": {"u1": 1, "u2": 1}}
    }
    assert renewed(path, run({"a.txt": ["u1", "u9"]})) == {"a.txt": {"ui-chrome": {"u1": 1}}}
    assert renewed(path, run({"a.txt": ["u1", "u9"]}), accept=True) == {"a.txt": {"ui-chrome": {"u1": 1, "u9": 1}}}
    assert renewed(path, run({"a.txt": []})) == {}


def test_what_a_run_could_not_find_stays_in_the_baseline(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    before = renewed(path, run({"a.txt": ["u1", "l1"], "b.txt": ["u2"]}))
    assert renewed(path, run({"a.txt": ["u1"]}, rules=("ui-chrome",))) == before
    outcome = hold(scanned(run({"a.txt": []}, rules=("ui-chrome",))), Gate(), baseline.read(path))
    assert outcome.notes == (
        "baseline: 0 findings known",
        "baseline: 1 entry is stale, mended since; --write-baseline drops them",
        "baseline: 2 entries are of files or rules that are not in this run",
    )


def test_files_of_one_name_count_together(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    assert renewed(path, run({"de/a.txt": ["u1"], "fr/a.txt": ["u1"]})) == {"a.txt": {"ui-chrome": {"u1": 2}}}
    three = run({"de/a.txt": ["u1"], "es/a.txt": ["u1"], "fr/a.txt": ["u1"]})
    outcome = hold(scanned(three), Gate(), baseline.read(path))
    assert (outcome.known.height, outcome.verdicts["value"].to_list()) == (2, ["1"])


def test_a_suppressed_finding_is_in_no_baseline(tmp_path: Path) -> None:
    found = run({"a.txt": ["u1", "u2"]})
    silenced = found.findings.with_columns(suppressed=pl.when(pl.col("fingerprint") == "u1").then(pl.lit("expected")))
    quiet = Report(found.documents, found.segments, found.sentences, silenced, found.run)
    assert renewed(tmp_path / "b.json", quiet) == {"a.txt": {"ui-chrome": {"u2": 1}}}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"schema": "checker.baseline/2", "entries": {}}',
        '{"schema": "checker.baseline/1"}',
        '{"schema": "checker.baseline/1", "entries": {"a": {"b": {"c": 0}}}}',
        '{"schema": "checker.baseline/1", "entries": {"a": {"b": {"c": "1"}}}}',
        '{"schema": "checker.baseline/1", "entries": {"a": 1}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_baseline_is_never_taken_as_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(InputError):
        baseline.read(tmp_path / "b.json")


def wrapped(text: str) -> str:
    return "\n\n".join(textwrap.fill(part, 60) for part in text.split("\n\n"))


EDITS: dict[str, Callable[[str], str]] = {
    "lines above": lambda text: f"A new line.\nAnother one stands here.\n\n{text}",
    "wrapped": wrapped,
    "unwrapped": lambda text: " ".join(text.split()) + "\n",
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "a sentence around it edited": lambda text: text.replace("new boats", "old boats"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_baseline_survives_edits_around_what_it_knows(tmp_path: Path, checker: Run, edit: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "page.txt").write_text(PAGE, newline="")
    flags = ("--select", "MTS002", "--select", "foreign-tag", "--fail-on", "never")
    checker("audit", tmp_path / "one", "--out", tmp_path / "run", *flags)
    base = tmp_path / "b.json"
    assert checker("gate", tmp_path / "run", "--baseline", base, "--write-baseline").returncode == 0
    known = baseline.read(base)
    assert known["count"].sum() == 3
    (tmp_path / "one" / "page.txt").write_text(EDITS[edit](PAGE), newline="")
    checker("audit", tmp_path / "one" / "page.txt", "--out", tmp_path / "again", *flags)  # the file by itself: another corpus
    found = report.read(tmp_path / "again").findings
    outcome = hold(report.scan(tmp_path / "again"), Gate(fail_on="info"), known)
    assert (found.height, outcome.known.height, outcome.passed) == (3, 3, True), found["evidence"].to_list()


def test_a_baseline_is_the_same_bytes_whatever_folder_is_named(tmp_path: Path, checker: Run) -> None:
    pages = ROOT / "corpora" / "demo" / "versions"
    shutil.copytree(pages, tmp_path / "elsewhere" / "site")
    (tmp_path / "checker.toml").write_text("")
    for at, corpus in (("one", pages), ("two", tmp_path / "elsewhere")):
        audited = checker("audit", corpus, "--out", tmp_path / at, "--config", tmp_path / "checker.toml", "--exit-zero")
        assert audited.returncode == 0, audited.stderr
        checker("gate", tmp_path / at, "--baseline", tmp_path / f"{at}.json", "--write-baseline")
    assert baseline.read(tmp_path / "one.json").height > 50
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
