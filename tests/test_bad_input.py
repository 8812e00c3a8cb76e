"""Bad input: one bad file in a folder is a row with its reason and the rest goes on; a bad file that was named ends with exit 2."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import ROOT, Run

GOOD = "The ferry leaves the harbour at seven in the morning.\n"


def write(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def huge_line(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"a" * 1_000_000)


BAD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "undecodable bytes": ("bad.txt", write(b"caf\xe9 \xff\xfe\x80 au lait\n" * 3), "0xE9"),
    "a NUL": ("bad.txt", write(b"one\0two"), "NUL"),
    "a 200 MB line": ("bad.txt", huge_line, "50,000,000"),
    "a line that is too long": ("bad.txt", write(b"ok\n" + b"a " * 600_000), "line 2"),
    "an empty file": ("bad.txt", write(b""), "empty"),
    "white space": ("bad.txt", write(b" \n\t\n"), "white space"),
    "a missing column": ("bad.csv", write(b"en,fr\na,b\n"), "has no column for the version"),
    "a ragged table": ("bad.csv", write(b"original,version\na,b\nc\n"), "row 3"),
    "a truncated Parquet file": ("bad.parquet", write(b"PAR1 and no more"), "Parquet"),
    "broken JSON lines": ("bad.jsonl", write(b'{"original": "a", "version": "b"}\n{"orig'), "line 2"),
    "an XML bomb": (
        "bad.tmx",
        write(b'<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><tmx version="1.4"><body><tu>&b;</tu></body></tmx>'),
        "entities",
    ),
    "a link to itself": ("bad.txt", lambda path: path.symlink_to(path), "link"),
    "a link to nothing": ("bad.txt", lambda path: path.symlink_to("gone"), "link"),
    "a named pipe": ("bad.txt", os.mkfifo, "pipe"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_in_a_folder_is_skipped_with_its_reason(tmp_path: Path, checker: Run, case: str) -> None:
    name, make, says = BAD[case]
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "good.txt").write_text(GOOD)
    make(corpus / name)
    found = checker("audit", corpus, "--out", tmp_path / "run")
    assert found.returncode == 1, found.stderr
    assert f"skipped {name}" in found.stdout
    assert "gate: FAILED  documents skipped: 1, allowed ≤ 0" in found.stdout
    rows = pl.read_parquet(tmp_path / "run" / "documents.parquet")
    assert rows.select("doc", "status").sort("doc").rows() == [(name, "skipped"), ("good.txt", "ok")]
    assert says in rows.filter(pl.col("doc") == name)["reason"].item()


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_that_was_named_is_an_error_with_its_path(tmp_path: Path, checker: Run, case: str) -> None:
    name, make, _ = BAD[case]
    make(tmp_path / name)
    found = checker("audit", tmp_path / name, "--out", tmp_path / "run")
    assert found.returncode == 2, found.stdout + found.stderr
    assert str(tmp_path / name) in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "run").exists()


def test_a_loop_of_linked_folders_ends(tmp_path: Path, checker: Run) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "deep").mkdir(parents=True)
    (corpus / "deep" / "good.txt").write_text(GOOD)
    (corpus / "deep" / "loop").symlink_to(corpus, target_is_directory=True)
    assert checker("audit", corpus, "--out", tmp_path / "run").returncode == 0
    rows = pl.read_parquet(tmp_path / "run" / "documents.parquet")
    assert rows.filter(pl.col("status") == "ok")["doc"].to_list() == ["deep/good.txt"]


def test_a_folder_given_as_a_file_of_settings_or_memory_is_refused(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "good.txt").write_text(GOOD)
    (tmp_path / "memory.parquet").mkdir()
    for flags in (("--config", tmp_path), ("--memory", tmp_path / "memory.parquet")):
        found = checker("audit", tmp_path / "good.txt", "--out", tmp_path / "run", *flags)
        assert (found.returncode, "Traceback" in found.stderr) == (2, False), found.stderr


AS_NOBODY = """
import os, sys
from checker import report
from checker.errors import RunError
from checker.registry import components
from tests.test_report import small
components("writers")
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    report.write(small(), __import__("pathlib").Path(sys.argv[1]))
except RunError as error:
    sys.exit(f"{error} [{error.exit_code}]")
"""


def test_a_folder_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    run = tmp_path / "run"
    run.mkdir(mode=0o555)
    found = subprocess.run([sys.executable, "-c", AS_NOBODY, str(run)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"{run}: cannot be written: Permission denied" in found.stderr
    assert "[2]" in found.stderr
    assert list(run.iterdir()) == []


def test_a_killed_run_leaves_the_run_before_it_or_the_new_one(tmp_path: Path, checker: Run) -> None:
    corpus, run = tmp_path / "corpus", tmp_path / "run"
    corpus.mkdir()
    (corpus / "a.txt").write_text(GOOD)
    assert checker("audit", corpus, "--out", run).returncode == 0
    old = {path.name: path.read_bytes() for path in run.iterdir()}
    (corpus / "b.txt").write_text(GOOD.replace("ferry", "boat"))
    assert checker("audit", corpus, "--out", tmp_path / "new").returncode == 0
    new = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    for wait in (0.5, 1.0, 1.5, 2.0, 2.2, 2.4, 2.6, 3.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "checker", "audit", str(corpus), "--out", str(run)], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
        assert left.keys() == old.keys()
        assert all(content in (old[name], new[name]) for name, content in left.items())
    assert checker("gate", run).returncode in (0, 2)  # a mixture of the two is told from its digests
