"""Comparisons of runs: nothing changed in itself, what an engine makes better or worse, and runs that are not comparable."""

import json
from dataclasses import replace
from math import erfc, sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sacrebleu.metrics.chrf import CHRF

from checker import report
from checker.config import load
from checker.diff import compared, diff, signature
from checker.pipeline import audit
from checker.report import Report, scanned
from tests.conftest import ROOT, Run


def degraded(run: Report) -> Report:
    """The run as a worse engine would leave it: every third French sentence loses 20 points and reads otherwise."""
    hit = (pl.col("lang") == "fr") & (pl.int_range(pl.len()) % 3 == 0) & pl.col("fidelity").is_not_null()
    sentences = run.sentences.with_columns(
        fidelity=pl.when(hit).then((pl.col("fidelity") - 20).clip(0)).otherwise("fidelity"),
        back=pl.when(hit).then(pl.col("back") + " and all the rest of it too").otherwise("back"),
    )
    return replace(run, sentences=sentences, run={**run.run, "engines": ["another engine"]})


def test_a_run_differs_in_nothing_from_itself(demo: Report) -> None:
    found = diff(scanned(demo), scanned(demo))
    assert found.nothing
    assert found.alone == (0, 0)
    assert found.told == ()
    assert set(found.findings["change"]) == {"unchanged"}
    assert (found.fidelity.change, found.fidelity.p) == (0.0, 1.0)


def test_sentences_of_a_worse_engine_are_named_with_a_p_value(demo: Report) -> None:
    found = diff(scanned(demo), scanned(degraded(demo)))
    worse = found.sentences.filter(pl.col("change") < 0)
    assert worse.height > 10
    assert found.fidelity.change is not None
    assert found.fidelity.p is not None
    assert found.fidelity.change < 0
    assert found.fidelity.p < 0.001
    assert found.chrf is not None
    assert found.chrf.p is not None
    assert found.chrf.change is not None
    assert found.chrf.change < 0
    assert found.told == ("engines: " + ", ".join(demo.run["engines"]) + " → another engine",)


def test_two_engines_over_the_demo_are_told_apart(demo: Report, tmp_path: Path) -> None:
    corpus = ROOT / "corpora" / "demo"
    memory = pl.read_parquet(corpus / "memory.parquet")
    # An engine that leaves out every sixth word of what it translates from French.
    lossy = [" ".join(word for n, word in enumerate(text.split(), 1) if n % 6) for text in memory["translation"]]
    kept = pl.when(pl.col("source") == "fr").then(pl.Series(lossy)).otherwise("translation")
    memory.with_columns(translation=kept).write_parquet(tmp_path / "lossy.parquet")
    worse = audit(load(corpus, {"paths": (corpus,), "memory": tmp_path / "lossy.parquet"}))
    found = diff(scanned(demo), scanned(worse))
    assert signature(demo.run, worse.run)[0] == []
    changed = found.sentences.filter(pl.col("change") < 0)
    assert changed.height > 20
    assert changed["doc"].str.starts_with("versions/fr/").all()
    assert found.fidelity.p is not None
    assert found.fidelity.p < 0.001


@pytest.mark.parametrize(("count", "least", "most"), [(1, 1.0, 1.0), (2, 0.49, 0.51), (3, 0.24, 0.26), (8, 0.005, 0.011)])
def test_a_few_changed_sentences_are_no_significant_change_of_either_figure(
    demo: Report, count: int, least: float, most: float
) -> None:
    scored = demo.sentences.filter(pl.col("back").is_not_null(), pl.col("fidelity") > 50)
    hit = demo.sentences.select(pl.struct("doc", "n").is_in(scored.head(count).select(pl.struct("doc", "n")).to_series().implode()))
    changed = demo.sentences.with_columns(
        fidelity=pl.when(hit.to_series()).then(pl.col("fidelity") - 20).otherwise("fidelity"),
        back=pl.when(hit.to_series()).then(pl.lit("Quite another text.")).otherwise("back"),
    )
    found = diff(scanned(demo), scanned(replace(demo, sentences=changed)))
    assert found.chrf is not None
    # Of n pairs that all fell, 2 trials in 2 to the n are as far from 0.
    for one in (found.fidelity, found.chrf):
        assert one.p is not None
        assert least <= one.p <= most


def test_corpus_chrf_is_sacrebleus(demo: Report) -> None:
    found = diff(scanned(demo), scanned(degraded(demo))).chrf
    pairs = diff(scanned(demo), scanned(degraded(demo))).sentences.drop_nulls(["fidelity_old", "fidelity_new"])
    originals = [pairs["original_text"].to_list()]
    expected = [CHRF(word_order=2).corpus_score(pairs[side].to_list(), originals).score for side in ("english_old", "english_new")]
    assert found is not None
    assert [found.old, found.new] == pytest.approx(expected, abs=1e-4)


def test_a_comparison_tells_severity_and_message(demo: Report, checker: Run, tmp_path: Path) -> None:
    demo.write(tmp_path / "new")
    lost = demo.findings["rule"].is_in(["omission", "lost-number"])
    replace(demo, findings=demo.findings.filter(~lost)).write(tmp_path / "old")
    said = checker("diff", str(tmp_path / "old"), str(tmp_path / "new")).stdout.splitlines()
    lines = [line for line in said if line.startswith("  + ")]
    assert any(" critical FID001 lost-number: " in line and "→" in line for line in lines)
    assert not [line for line in lines if line.endswith(": ")]


def test_findings_are_new_fixed_suppressed_or_unchanged(demo: Report) -> None:
    old = replace(demo, findings=demo.findings.slice(1))
    silenced = demo.findings.with_columns(suppressed=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("expected")))
    new = replace(demo, findings=silenced.filter(pl.int_range(pl.len()) != 2))
    counts = dict(diff(scanned(old), scanned(new)).findings["change"].value_counts().iter_rows())
    assert counts == {"new": 1, "fixed": 1, "suppressed": 1, "unchanged": demo.findings.height - 3}


def test_documents_are_added_or_gone(demo: Report) -> None:
    names = demo.documents["doc"]
    old, new = (replace(demo, documents=demo.documents.filter(pl.col("doc") != names[n])) for n in (0, 1))
    assert diff(scanned(old), scanned(new)).documents.rows() == [(names[0], "added"), (names[1], "gone")]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"schema": 2}, "schema: 1 → 2"),
        ({"checker": "9.0"}, "checker: "),
        ({"rules": ["lost-number"]}, "rules: the new run is without "),
        ({"metrics": {"chrf": "chrF2|version:3"}}, "metrics.chrf: "),
        ({"settings": {"original_lang": "fr"}}, "original_lang: en → fr"),
        ({"settings": {"a_setting_to_come": 1}}, "a_setting_to_come: none → 1"),
    ],
)
def test_runs_by_other_measures_are_not_comparable(demo: Report, record: dict[str, object], says: str) -> None:
    settings = {**demo.run["settings"], **record.pop("settings", {})} if "settings" in record else demo.run["settings"]
    against, _ = signature(demo.run, {**demo.run, "settings": settings, **record})
    assert any(says in one for one in against)


def test_other_engines_memories_and_inputs_are_comparable_and_told(demo: Report) -> None:
    settings = {**demo.run["settings"], "engine": "apertium", "memory": "another"}
    against, told = signature(demo.run, {**demo.run, "settings": settings, "engines": ["apertium"], "input": "another"})
    assert against == []
    assert [one.split(":")[0] for one in told] == ["engine", "memory", "engines", "input"]


def t_test(change: NDArray[np.float64]) -> float:
    """The two-sided p-value of a paired t-test, of so many pairs that t is normal."""
    return erfc(abs(change.mean()) / (change.std(ddof=1) / sqrt(change.size)) / sqrt(2))


def test_randomisation_agrees_with_a_t_test_and_needs_no_luck() -> None:
    generator = np.random.default_rng(7)
    old = generator.normal(70, 15, 400)
    for shift in (0.0, 0.4, 1.0):
        new = old + generator.normal(shift, 8, 400)
        found, again = compared(old, new), compared(old, new)
        assert found == again
        assert found.p is not None
        assert abs(found.p - t_test(new - old)) < 0.02
        assert found.low is not None
        assert found.high is not None
        assert found.change is not None
        assert found.low < found.change < found.high


def test_many_sentences_are_tested_by_the_normal_distribution() -> None:
    generator = np.random.default_rng(7)
    change = generator.normal(0.15, 8, 20_000)
    found = compared(np.zeros(20_000), change)
    assert found.p == pytest.approx(t_test(change), abs=1e-3)


def test_no_pair_gives_no_figure() -> None:
    assert compared(np.array([]), np.array([])).p is None


def test_the_command_refuses_tells_and_fails_as_asked(tmp_path: Path, checker: Run, demo: Report) -> None:
    runs = {"old": demo, "worse": degraded(demo), "other": replace(demo, run={**demo.run, "rules": ["lost-number"]})}
    for name, run in runs.items():
        report.write(run, tmp_path / name)
    same = checker("diff", tmp_path / "old", tmp_path / "old", "--fail-on-worse")
    assert (same.returncode, same.stdout) == (0, same.stdout)
    assert same.stdout.startswith("nothing changed: ")
    worse = checker("diff", tmp_path / "old", tmp_path / "worse")
    assert worse.returncode == 0
    assert "most worse" in worse.stdout
    assert ": significant" in worse.stdout
    assert checker("diff", tmp_path / "old", tmp_path / "worse", "--fail-on-worse").returncode == 1
    refused = checker("diff", tmp_path / "old", tmp_path / "other")
    assert (refused.returncode, "not comparable: rules: the new run is without" in refused.stderr) == (2, True)
    forced = checker("diff", tmp_path / "old", tmp_path / "other", "--force")
    assert (forced.returncode, forced.stdout.startswith("differs: rules: ")) == (0, True)
    told = json.loads(checker("diff", tmp_path / "old", tmp_path / "worse", "--format", "json").stdout)
    assert len(told["sentences"]) + told["unchanged"]["sentences"] == diff(scanned(demo), scanned(demo)).sentences.height
