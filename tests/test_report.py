"""Reports: written whole or not at all, read back, and told from damaged ones."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import report
from checker.errors import RunError
from checker.report import Report
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES, VERSION, WRITTEN
from checker.writers import csv
from tests.conftest import Run


def small() -> Report:
    documents = DOCUMENTS.conform(pl.DataFrame({"doc": ["a", "b"], "text": ["=1+1", "é"]}))
    findings = FINDINGS.conform(pl.DataFrame({"doc": ["a"], "evidence": ['=cmd|"/c calc"!A1'], "start": [0]}))
    return Report(documents, SEGMENTS.empty(), SENTENCES.empty(), findings, {"schema": VERSION})


def test_a_run_reads_back_as_it_was_written(tmp_path: Path) -> None:
    files = report.write(small(), tmp_path / "run")
    assert {path.name for path in files} == {f"{table.name}{suffix}" for table in WRITTEN for suffix in (".csv", ".parquet")} | {
        "run.json"
    }
    for table in WRITTEN:
        assert_frame_equal(getattr(report.read(tmp_path / "run"), table.name), getattr(small(), table.name))
    assert not list((tmp_path / "run").glob(".*"))


def test_csv_cells_that_begin_as_formulas_are_guarded_and_parquet_is_not_touched(tmp_path: Path) -> None:
    report.write(small(), tmp_path)
    assert pl.read_csv(tmp_path / "findings.csv")["evidence"].item() == '\'=cmd|"/c calc"!A1'
    assert pl.read_parquet(tmp_path / "findings.parquet")["evidence"].item() == '=cmd|"/c calc"!A1'


def test_a_run_that_mixes_old_and_new_tables_is_refused(tmp_path: Path) -> None:
    report.write(small(), tmp_path)
    pl.read_parquet(tmp_path / "documents.parquet").head(1).write_parquet(tmp_path / "documents.parquet")
    with pytest.raises(RunError, match="not the table that this run wrote"):
        report.read(tmp_path)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (None, "has no run.json"),
        ("{", "is not JSON"),
        ("[]", "is not of schema"),
        (json.dumps({"schema": 999, "tables": {}}), "is not of schema"),
    ],
)
def test_a_folder_that_holds_no_run_is_refused(tmp_path: Path, record: str | None, says: str) -> None:
    if record is not None:
        (tmp_path / "run.json").write_text(record)
    with pytest.raises(RunError, match=says):
        report.read(tmp_path)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(RunError, match="cannot be written"):
        report.write(small(), tmp_path / "file" / "run")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_full_disk_leaves_the_run_before_it(tmp_path: Path, checker: Run) -> None:
    corpus, run = tmp_path / "corpus", tmp_path / "run"
    corpus.mkdir()
    (corpus / "a.txt").write_text("The ferry leaves at seven.\n")
    assert checker("audit", corpus, "--out", run, "--exit-zero").returncode == 0
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    (corpus / "b.txt").write_text(
        "".join(f"Boat {n} of the harbour sails with {n * 7919 % 1000} people on board today.\n" for n in range(3_000))
    )
    limited = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))  # noqa: E731
    found = subprocess.run(
        [sys.executable, "-m", "checker", "audit", corpus, "--out", run, "--exit-zero"],
        preexec_fn=limited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2, found.stderr
    assert "cannot be written" in found.stderr
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_run_of_an_earlier_version_lacks_only_what_was_added_since(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "a.txt").write_text("The ferry leaves the harbour at seven in the morning.\n")
    assert checker("audit", tmp_path / "a.txt", "--out", tmp_path / "run").returncode == 0
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    path = tmp_path / "run" / "documents.parquet"
    for dropped, code in ((("ceiling", "fidelity_low", "fidelity_high"), 0), (("lang",), 2)):
        pl.read_parquet(path).drop(*dropped).write_parquet(path)
        record["tables"][path.name] = report.file_digest(path)
        (tmp_path / "run" / "run.json").write_text(json.dumps(record))
        assert checker("gate", tmp_path / "run").returncode == code


def test_a_csv_table_is_the_same_bytes_however_its_rows_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"text": ["=1+1", 'a "b",\nc', None, "", "é"], "figure": [1.0, None, 0.1, 1e-9, 2.5]})
    monkeypatch.setattr(csv, "_ROWS", 2)
    csv.write(frame, tmp_path / "cut.csv")
    assert (tmp_path / "cut.csv").read_text("utf-8") == csv.guarded(frame).write_csv()
