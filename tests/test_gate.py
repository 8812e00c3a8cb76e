"""The gate: each threshold breaks on its own, and what cannot be judged does not pass."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from checker.config import load
from checker.errors import ConfigError, NothingToCheck
from checker.gate import gate, hold
from checker.limits import Gate, Limit
from checker.report import Report, scanned
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES
from tests.conftest import Run


def report(fidelities: list[float | None], *, severity: str = "minor", coverage: float = 0.9) -> Report:
    rows = pl.DataFrame({"fidelity": pl.Series(fidelities, dtype=pl.Float64)}).with_columns(
        doc=pl.lit("fr/a.txt"),
        alignment=pl.lit("1-1"),
        status=pl.when(pl.col("fidelity").is_null()).then(pl.lit("unscored")).otherwise(pl.lit("scored")),
    )
    documents = pl.DataFrame({"doc": ["fr/a.txt"], "derivation": ["translation"], "coverage": [coverage]})
    findings = pl.DataFrame({"doc": ["fr/a.txt"], "severity": [severity]})
    return Report(DOCUMENTS.conform(documents), SEGMENTS.empty(), SENTENCES.conform(rows), FINDINGS.conform(findings))


NEVER = {"fail_on": "never"}


@pytest.mark.parametrize(
    ("policy", "holds"),
    [
        (Gate(), True),
        (Gate(fail_on="minor"), False),
        (Gate(fail_on="major"), True),
        (Gate(**NEVER, max_findings=1), True),
        (Gate(**NEVER, max_findings=0), False),
        (Gate(**NEVER, min_mean_fidelity=70), True),
        (Gate(**NEVER, min_mean_fidelity=80), False),
        (Gate(**NEVER, min_p10_fidelity=50), True),
        (Gate(**NEVER, min_p10_fidelity=60), False),
        (Gate(**NEVER, min_coverage=0.9), True),
        (Gate(**NEVER, min_coverage=0.95), False),
        (Gate(**NEVER, min_scored_share=0.6), True),
        (Gate(**NEVER, min_scored_share=0.7), False),
    ],
)
def test_each_threshold_holds_or_breaks_on_its_own(policy: Gate, *, holds: bool) -> None:
    assert gate(scanned(report([50.0, 95.0, None])), policy)["passed"].all() is holds


def test_a_run_in_which_nothing_could_be_scored_breaks_a_fidelity_threshold() -> None:
    verdicts = gate(scanned(report([None, None])), Gate(min_mean_fidelity=1, min_scored_share=0.1))
    assert verdicts.filter(~pl.col("passed"))["check"].to_list() == ["mean fidelity", "share of sentences scored"]


def uncompared(policy: Gate, role: str | None = "original") -> list[str]:
    """The thresholds that a run breaks of whose versions no sentence was scored, beside documents in a role."""
    run = report([None, None])
    other = DOCUMENTS.conform(pl.DataFrame({"doc": ["en/a.txt"], "role": [role], "status": ["ok"]}))
    run = replace(run, documents=pl.concat([run.documents, other]), findings=FINDINGS.empty())
    outcome = hold(scanned(run), policy)
    assert any(note.startswith("nothing could be compared: 2 sentences") for note in outcome.notes) == (
        policy.min_scored_share != 0
    )
    return outcome.verdicts.filter(~pl.col("passed"))["check"].to_list()


def test_a_run_in_which_nothing_could_be_compared_does_not_pass_unless_that_is_expected() -> None:
    assert uncompared(Gate()) == ["sentences compared"]
    assert uncompared(Gate(min_scored_share=0.5)) == ["share of sentences scored"]
    assert uncompared(Gate(min_scored_share=0)) == []
    assert uncompared(Gate(), role="version") == [], "without an original there is nothing to compare with, which is told"
    assert uncompared(Gate(fail_on="never")) == [], "without a threshold there is no gate"


def test_documents_that_could_not_be_read_do_not_pass_unless_they_are_allowed() -> None:
    def broken(policy: Gate) -> list[str]:
        outcome = hold(scanned(corpus()), policy)
        assert any(note.startswith("1 document skipped, in which nothing was looked for: fr/c.txt") for note in outcome.notes)
        return outcome.verdicts.filter(~pl.col("passed"))["check"].to_list()

    assert broken(Gate(**NEVER, max_findings=9)) == ["documents skipped"]
    assert broken(Gate(**NEVER, max_findings=9, max_skipped=1)) == []
    allowed = Limit(path="fr/*", max_skipped=1)
    assert broken(Gate(**NEVER, max_findings=9, limits=(allowed,))) == [], "a limit speaks for the documents that it fits"
    elsewhere = Limit(path="zh/*", max_skipped=1)
    assert broken(Gate(**NEVER, max_findings=9, limits=(elsewhere,))) == ["documents skipped"]
    assert broken(Gate(**NEVER)) == [], "without a threshold there is no gate"


def test_a_broken_threshold_names_the_document_that_did_worst() -> None:
    assert gate(scanned(report([50.0], severity="critical")), Gate()).row(0) == (
        "findings at or above critical",
        "0",
        "1",
        False,
        "fr/a.txt",
    )


def corpus() -> Report:
    """Two pages of a hundred words, one in French, one in Chinese, with findings of two rules."""
    documents = pl.DataFrame(
        {
            "doc": ["fr/a.txt", "zh/b.txt", "fr/c.txt"],
            "path": ["site/fr/a.txt", "site/zh/b.txt", "site/fr/c.txt"],
            "lang": ["fr", "zh", None],
            "status": ["ok", "ok", "skipped"],
            "derivation": ["translation", "translation", None],
            "coverage": [0.9, 0.4, None],
            "text": ["mot d'ordre " * 50, "水" * 280, None],
        }
    )
    sentences = pl.DataFrame(
        {"doc": ["fr/a.txt"] * 2 + ["zh/b.txt"] * 2, "alignment": ["1-1"] * 4, "fidelity": [90.0, 80.0, 30.0, None]}
    ).with_columns(status=pl.when(pl.col("fidelity").is_null()).then(pl.lit("unscored")).otherwise(pl.lit("scored")))
    findings = pl.DataFrame(
        {
            "doc": ["fr/a.txt", "fr/a.txt", "zh/b.txt"],
            "rule": ["ui-chrome", "lost-number", "ui-chrome"],
            "severity": ["minor", "critical", "minor"],
            "fingerprint": ["a1", "a2", "b1"],
        }
    )
    return Report(DOCUMENTS.conform(documents), SEGMENTS.empty(), SENTENCES.conform(sentences), FINDINGS.conform(findings))


@pytest.mark.parametrize(
    ("limit", "check", "value", "holds"),
    [
        ({"rule": ("ui-chrome",), "max_findings": 1}, "findings (rule ui-chrome)", "2", False),
        ({"rule": ("ART",), "lang": "fr", "max_findings": 1}, "findings (rule ART, lang fr)", "1", True),
        ({"severity": ("major", "critical"), "max_findings": 0}, "findings (severity major|critical)", "1", False),
        ({"lang": "fr", "max_per_1000_words": 19}, "findings in 1,000 words (lang fr)", "20", False),
        ({"lang": "zh", "max_per_1000_words": 10}, "findings in 1,000 words (lang zh)", "10", True),
        ({"path": "fr/*", "max_skipped": 0}, "documents skipped (path fr/*)", "1", False),
        ({"path": "site/zh/*", "min_mean_fidelity": 40}, "mean fidelity (path site/zh/*)", "30", False),
        ({"lang": "fr", "min_mean_fidelity": 85}, "mean fidelity (lang fr)", "85", True),
        ({"lang": "fr", "min_p10_fidelity": 82}, "10th percentile of fidelity (lang fr)", "81", False),
        ({"lang": "zh", "min_coverage": 0.5}, "least coverage of an original (lang zh)", "0.4", False),
        ({"lang": "fr", "min_coverage": 0.5}, "least coverage of an original (lang fr)", "0.9", True),
        ({"lang": "zh", "min_scored_share": 0.6}, "share of sentences scored (lang zh)", "0.5", False),
        ({"lang": "ru", "min_mean_fidelity": 99}, "min mean fidelity (lang ru)", "no such document", True),
    ],
)
def test_a_limit_holds_a_part_of_the_run(limit: dict[str, object], check: str, value: str, *, holds: bool) -> None:
    row, *_ = gate(scanned(corpus()), Gate(**NEVER, limits=(Limit(**limit),))).rows(named=True)
    assert (row["check"], row["value"], row["passed"]) == (check, value, holds)


def test_the_whole_run_has_as_many_words_as_its_documents() -> None:
    row, _ = gate(scanned(corpus()), Gate(**NEVER, max_per_1000_words=15)).rows(named=True)
    assert (row["value"], row["passed"], row["worst"]) == ("15", True, "fr/a.txt")


@pytest.mark.parametrize("documents", [DOCUMENTS.empty(), corpus().documents.filter(pl.col("status") == "skipped")])
def test_a_run_that_read_nothing_is_nothing_to_check(documents: pl.DataFrame) -> None:
    empty = Report(documents, SEGMENTS.empty(), SENTENCES.empty(), FINDINGS.empty())
    with pytest.raises(NothingToCheck) as raised:
        hold(scanned(empty), Gate())
    assert raised.value.exit_code == 5


def test_findings_that_are_known_do_not_count() -> None:
    known = pl.DataFrame({"doc": ["fr/a.txt"], "fingerprint": ["a2"]})
    verdicts = gate(scanned(corpus()), Gate(max_findings=1), known).head(2)
    assert verdicts.select("value", "passed").rows() == [("0", True), ("2", False)]


def test_a_policy_of_settings_reads_its_limits_and_its_baseline(tmp_path: Path) -> None:
    (tmp_path / "checker.toml").write_text(
        '[gate]\nbaseline = "known.json"\nmax_per_1000_words = 2.5\n'
        "[[gate.limit]]\nrule = 'TYP'\nmax_findings = 3\n[[gate.limit]]\nlang = 'zh'\nmin_mean_fidelity = 60\n"
    )
    policy = load(tmp_path, {}).gate
    assert (policy.baseline, policy.max_per_1000_words) == (tmp_path / "known.json", 2.5)
    assert policy.limits == (Limit(rule=("TYP",), max_findings=3), Limit(lang="zh", min_mean_fidelity=60))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("limit = 3", "each begins with [[gate.limit]]"),
        ("[[gate.limit]]\nlang = 'zh'", "says no threshold"),
        ("[[gate.limit]]\nrule = 'nothing'\nmax_findings = 1", "no rule is called 'nothing'"),
        ("[[gate.limit]]\nlang = 'klingon'\nmax_findings = 1", "expected an ISO 639-1 code"),
        ("[[gate.limit]]\nseverity = 'fatal'\nmax_findings = 1", "expected one of info"),
        ("[[gate.limit]]\nrule = 'TYP'\nmin_coverage = 1", "min_coverage is not of findings"),
        ("[[gate.limit]]\nmin_mean_fidelity = 101", "expected 0 to 100"),
        ("[[gate.limit]]\nmax_finding = 1", "did you mean 'max_findings'"),
        ("max_per_1000_words = -1", "expected 0 or more"),
        ("limits = 1", "did you mean 'limit'"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "checker.toml").write_text(f"[gate]\n{content}\n")
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, {})
    assert says in str(raised.value)


def test_a_gate_holds_a_run_against_the_thresholds_of_its_audit(tmp_path: Path, checker: Run) -> None:
    """They were those of a file above the corpus, which does not lie above the run's folder, and a flag."""
    (tmp_path / "site" / "pages").mkdir(parents=True)
    (tmp_path / "site" / "pages" / "a.txt").write_text("The ferry leaves at seven.\n\nГолос Америки\n")
    settings = (
        '[gate]\nbaseline = "known.json"\nmin_scored_share = 0.5\n[[gate.limit]]\nrule = "ART"\nlang = "en"\nmax_findings = 0\n'
    )
    (tmp_path / "site" / "checker.toml").write_text(settings)
    (tmp_path / "site" / "known.json").write_text('{"schema": "checker.baseline/1", "entries": {}}')
    audited = checker("audit", "site/pages", "--fail-on", "never", "--out", "runs/one", cwd=tmp_path)
    held = checker("gate", "runs/one", cwd=tmp_path)
    assert audited.returncode == held.returncode == 1
    assert held.stdout in audited.stdout
    assert "findings (rule ART, lang en): 1" in held.stdout
    shown = checker("gate", "runs/one", "--show-settings", cwd=tmp_path).stdout
    assert "gate.min_scored_share = 0.5  # runs/one/run.json" in shown
    assert "tmp" not in (tmp_path / "runs" / "one" / "run.json").read_text(), "no path of this machine leaves it"
    (tmp_path / "site" / "known.json").unlink()
    assert "site/known.json: cannot be read" in checker("gate", "runs/one", cwd=tmp_path).stderr


def test_other_thresholds_hold_when_they_are_named_and_are_told_when_they_are_not(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "a.txt").write_text("The ferry leaves at seven.\n\nГолос Америки\n")
    assert checker("audit", "a.txt", cwd=tmp_path).returncode == 0
    (tmp_path / "checker.toml").write_text('[gate]\nfail_on = "minor"\n')
    held = checker("gate", "reports/run", cwd=tmp_path)
    assert (held.returncode, "--config checker.toml holds the run against them" in held.stderr) == (0, True)
    named = checker("gate", "reports/run", "--config", "checker.toml", cwd=tmp_path)
    assert (named.returncode, named.stderr) == (1, "")
