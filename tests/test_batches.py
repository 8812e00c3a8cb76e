"""Batches: the same findings whoever searches them, and an orderly end whatever happens to a process."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import batches, tables
from checker.batches import Batch, Left, by_processes, cut, search
from checker.config import Config
from checker.detect import detect
from checker.errors import InputError, RunError
from checker.read import list_files, read
from checker.segment import lines, segment
from tests.conftest import ROOT

DEMO = ROOT / "corpora" / "demo"
PAGE = "Ferry strike ends\n\nThe strike of ferry crews in Kirkwall ended on Monday after nine days.\n\nГолос Америки\n"


def searched(config: Config, batch_bytes: int, jobs: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    with search(replace(config, jobs=jobs), config.rules(), lambda _: None, batch_bytes=batch_bytes) as found:
        return found.documents, pl.concat(found.findings())


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Pages of several languages, some of which share their words, a table, and what cannot be read."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for path in sorted(DEMO.rglob("*.txt"))[::4]:
        (folder / f"{path.parent.name}-{path.name}").write_bytes(path.read_bytes())
    for number in range(6):
        shared = "The States United of the north agreed on a date for the talks about the harbour dues of the islands.\n"
        (folder / f"p{number}.txt").write_text(f"{PAGE}\n{shared}\nThe United States and page {number} agree.\n{PAGE}")
    (folder / "p1.csv").write_text("original,version\nThe ferry leaves at seven.,The ferry is leaving at 7 o’clock.\n")
    (folder / "p1.csv!.txt").write_text(PAGE)
    (folder / "bad.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "empty.txt").touch()
    return folder


def test_findings_do_not_depend_on_batches_processes_nor_the_order_of_paths(corpus: Path) -> None:
    config = Config(paths=(corpus,))
    documents, found = searched(config, batches.BATCH_BYTES, 1)
    assert found.height > 10
    most = documents.height // 3 * 400
    again, same = searched(config, most, 2)
    assert_frame_equal(again, documents)
    assert same.write_ndjson() == found.write_ndjson()
    paths = tuple(path for path in corpus.iterdir() if path.name not in ("bad.txt", "empty.txt"))
    assert searched(Config(paths=paths[::-1]), most, 1)[1].write_ndjson() == found.write_ndjson()


def test_findings_of_batches_are_those_of_all_documents_at_once(corpus: Path) -> None:
    config = Config(paths=(corpus,))
    pages = read(config)
    read_lines = lines(pages)
    segments = segment(read_lines, pages.filter(pl.col("cells").is_not_null())["doc"])
    whole = detect(pages, read_lines, segments, config.rules())
    _, found = searched(config, 4_000, 1)
    assert_frame_equal(tables.FINDINGS.conform(found), whole)


def test_a_named_file_that_cannot_be_read_ends_the_run(corpus: Path) -> None:
    config = Config(paths=(corpus / "a.txt", corpus / "bad.txt", corpus / "empty.txt"))
    (corpus / "a.txt").write_text(PAGE)
    for jobs in (1, 2):
        with pytest.raises(InputError, match=r"bad\.txt"):
            searched(config, 1, jobs)


def test_a_batch_is_full_at_so_many_bytes_and_holds_one_file_at_least(corpus: Path) -> None:
    files = list_files(Config(paths=(corpus,)))
    found = cut(files, 1_000)
    assert [file for batch in found for file in batch.files] == files
    assert all(batch.size <= 1_000 or len(batch.files) == 1 for batch in found)


def dying(batch: Batch, *, folder: Path, kills: str) -> Left:
    """Stands for a search whose process is killed by one of its files."""
    if any(file.path.name == kills for file in batch.files):
        os.kill(os.getpid(), signal.SIGKILL)
    documents = [{"doc": file.doc, "path": str(file.path), "status": "ok", "reason": None} for file in batch.files]
    return Left(batch, pl.DataFrame(documents, schema_overrides={"reason": pl.String}), folder / str(batch.number[0]))


def test_a_file_that_kills_its_process_is_skipped_and_the_rest_goes_on(corpus: Path, tmp_path: Path) -> None:
    files = list_files(Config(paths=(corpus,)))
    task = partial(dying, folder=tmp_path, kills="p3.txt")
    left = sorted(by_processes(cut(files, 4_000), task, 2), key=lambda one: one.batch.number)
    documents = pl.concat(one.documents for one in left)
    assert documents["doc"].to_list() == [file.doc for file in files]
    assert documents.filter(pl.col("status") != "ok").select("doc", "reason").rows() == [("p3.txt", batches.KILLED)]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Input for two processes and some seconds."""
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:03}.txt").write_text("".join(f"{PAGE.replace('nine', str(n))}\n" for n in range(600)))
    return folder


def started(folder: Path, temporary: Path) -> "subprocess.Popen[str]":
    """`checker detect`, once its processes are at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "checker", "detect", str(folder), "--jobs", "2"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None and len(workers_of(process.pid)) < 2:
        time.sleep(0.05)
    return process


def workers_of(parent: int) -> list[int]:
    """The processes of a pool, by what they were started with."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            below = entry.name.isdigit() and re.search(r"(?m)^PPid:\t(\d+)$", (entry / "status").read_text())
            if below and int(below[1]) == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_all_processes_and_leaves_no_file(large: Path, tmp_path: Path, sent: signal.Signals, code: int) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = started(large, temporary)
    workers = workers_of(process.pid)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, ""), err
    assert "Traceback" not in err
    assert gone(workers)
    assert list(temporary.iterdir()) == []


def test_processes_end_with_the_one_that_started_them(large: Path, tmp_path: Path) -> None:
    process = started(large, tmp_path)
    workers = workers_of(process.pid)
    process.kill()
    process.communicate(timeout=60)
    assert workers
    assert gone(workers)


def test_a_killed_process_costs_nothing_but_time(large: Path, tmp_path: Path) -> None:
    process = started(large, tmp_path)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 1, err
    assert "in 40 documents" in err
    assert "skipped" not in err


def test_a_full_disk_is_said_to_be_full(corpus: Path, tmp_path: Path) -> None:
    command = f"ulimit -f 1; exec {sys.executable} -m checker detect {corpus}"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    found = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S607
    assert found.returncode == RunError.exit_code, found.stderr
    assert "is the disk full?" in found.stderr
    assert not list(tmp_path.glob("checker-*"))
