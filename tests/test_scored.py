"""A scored table as a run: its rows pass a gate, a baseline knows its findings, and other files are told apart."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import scored as module
from checker.config import Config
from checker.errors import InputError
from checker.gate import hold
from checker.limits import Gate
from checker.scored import scan
from checker.stream import Outputs, score_files
from tests.conftest import Run

PAIRS = [
    ("27 towns signed it on 5 May.", "72 towns signed it on 5 May."),
    ("It rained in Paris.", "It rained in Paris."),
    ("He did not go home.", "He went home."),
    ("27 towns signed it on 5 May.", "72 towns signed it on 5 May."),
    ("Nothing came back of this.", ""),
]


def scored(pairs: list[tuple[str, str]], folder: Path, suffix: str = ".parquet") -> tuple[Path, Path]:
    """Rows and findings of pairs, as `checker score` writes them."""
    pl.DataFrame(pairs, schema=["en", "back"], orient="row").write_csv(folder / "pairs.csv")
    rows, findings = (folder / f"{name}{suffix}" for name in ("rows", "facts"))
    score_files([folder / "pairs.csv"], Config(metrics=("chrf-pp",)), Outputs(rows, findings))
    return rows, findings


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_scored_table_is_held_against_thresholds_of_findings_fidelity_and_share_scored(suffix: str, tmp_path: Path) -> None:
    run = scan(*scored(PAIRS, tmp_path, suffix), tmp_path)
    held = hold(run, Gate(min_mean_fidelity=99, min_scored_share=0.75, max_findings=9)).verdicts
    assert dict(held.select("check", "passed").iter_rows()) == {
        "findings at or above critical": False,
        "findings": True,
        "mean fidelity": False,
        "share of sentences scored": True,
    }
    assert held["value"][0] == str(run.findings.filter(severity="critical").collect().height)


def test_findings_have_fingerprints_of_their_own_however_many_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, found = scored(PAIRS, tmp_path), []
    for size in (100, 2):
        monkeypatch.setattr(module, "_ROWS", size)
        folder = tmp_path / str(size)
        folder.mkdir()
        found.append(scan(*tables, folder).findings.collect())
    assert_frame_equal(*found)
    assert found[0]["fingerprint"].is_unique().all()
    assert found[0].height > found[0].unique("evidence").height


def test_findings_of_another_table_are_refused(tmp_path: Path, checker: Run) -> None:
    rows, findings = scored(PAIRS, tmp_path)
    pl.read_parquet(rows).head(2).write_parquet(tmp_path / "shorter.parquet")
    pl.read_parquet(rows).reverse().write_parquet(tmp_path / "other.parquet")
    for name, said in (("shorter", "of which there are 2"), ("other", "which was scored without it")):
        told = checker("gate", tmp_path / f"{name}.parquet", "--findings", findings)
        assert (told.returncode, said in " ".join(told.stderr.split())) == (2, True), told.stderr


def test_shards_are_held_together_each_a_document(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "shards").mkdir()
    for name, pairs in (("a", PAIRS[:2]), ("b", PAIRS[2:])):
        pl.DataFrame(pairs, schema=["en", "back"], orient="row").write_parquet(tmp_path / "shards" / f"{name}.parquet")
    out, facts = tmp_path / "scored", tmp_path / "facts"
    done = checker("score", tmp_path / "shards", "--out", f"{out}/", "--findings", f"{facts}/")
    assert (done.returncode, "also holds" in done.stderr) == (0, False), done.stderr
    held = checker("gate", out, "--findings", facts)
    assert held.returncode == 1
    assert "b.parquet:1: FID003" in held.stdout
    (tmp_path / "shards" / "b.parquet").unlink()
    assert "also holds what is not of this run: b.parquet" in checker("score", tmp_path / "shards", "--out", f"{out}/").stderr
    (facts / "b.parquet").unlink()
    assert "has no findings of b.parquet" in checker("gate", out, "--findings", facts).stderr


def test_a_baseline_of_a_scored_table_survives_rows_put_before(checker: Run, tmp_path: Path) -> None:
    rows, findings = scored(PAIRS, tmp_path)
    asked = ("gate", rows, "--findings", findings, "--baseline", tmp_path / "known.json")
    assert checker(*asked, "--write-baseline").returncode == 0
    scored([("New.", "New."), *PAIRS], tmp_path)
    assert checker(*asked).returncode == 0
    scored([("In 1990.", "In 1980."), *PAIRS], tmp_path)
    again = checker(*asked)
    assert (again.returncode, "1990 → 1980" in again.stdout) == (1, True)


def test_what_score_did_not_write_is_told(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "pairs.csv").write_text("en,back\na,b\n")
    with pytest.raises(InputError, match="has no column 'fidelity'"):
        scan(tmp_path / "pairs.csv", tmp_path / "pairs.csv", tmp_path)
    with pytest.raises(InputError, match="is of no known suffix"):
        scan(tmp_path / "pairs.xlsx", tmp_path / "pairs.csv", tmp_path)
    told = checker("gate", tmp_path / "pairs.csv")
    assert (told.returncode, "name them: --findings FACTS" in told.stderr) == (2, True)


def test_words_of_a_scored_table_are_those_of_its_versions(checker: Run, tmp_path: Path) -> None:
    """21 words in five versions, of which one is empty."""
    rows, findings = scored(PAIRS, tmp_path)
    run = scan(rows, findings, tmp_path)
    count = run.findings.collect().height
    held = hold(run, Gate(fail_on="never", max_per_1000_words=1000)).verdicts
    assert held["value"].to_list() == [f"{1000 * count / 21:.4g}"]
    pl.read_parquet(rows).rename({"back": "rück"}).write_parquet(rows)
    (tmp_path / "gate.toml").write_text("[gate]\nmax_per_1000_words = 1000\nfail_on = 'never'\n")
    asked = ("gate", rows, "--findings", findings, "--config", tmp_path / "gate.toml")
    unknown, named = checker(*asked), checker(*asked, "--back", "rück")
    assert (unknown.returncode, "--back names it" in unknown.stdout) == (1, True), "what cannot be counted does not pass"
    assert (named.returncode, named.stdout.count("passed")) == (0, 1)
    assert "has no column 'back'" in checker(*asked, "--back", "back").stderr


def test_a_row_of_a_table_has_a_place_without_a_column(checker: Run, tmp_path: Path) -> None:
    rows, findings = scored(PAIRS, tmp_path)
    said = checker("gate", rows, "--findings", findings).stdout
    assert "rows.parquet:1: FID001 27 → 72" in said
    assert "None" not in said
