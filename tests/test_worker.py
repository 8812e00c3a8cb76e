"""The process beside ours: what it answers, and what is lost when it dies, hangs or refuses."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.errors import EngineError
from checker.worker import Worker
from tests.conftest import ROOT


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("tests.answering", timeout=20)
    yield made
    made.close()


def said(worker: Worker, *texts: str) -> list[str]:
    return [answer["text"] if "text" in answer else f"({answer['reason']})" for answer in worker.ask({}, texts)]


def test_each_text_has_its_answer_and_one_process_gives_them_all(worker: Worker) -> None:
    assert said(worker, "a", "ü\n☃", "", "a") == ["A", "Ü\n☃", "", "A"]
    assert len({answer["pid"] for answer in worker.ask({}, ["a", "b"])}) == 1
    assert worker.ask({}, []) == []


def test_a_text_that_kills_the_process_costs_no_other_its_answer(worker: Worker) -> None:
    texts = [*(f"text {number}" for number in range(50)), "die", *(f"more {number}" for number in range(50))]
    answers = said(worker, *texts)
    assert answers[50] == "(its process ended with status -9: last words)"
    assert [answer for place, answer in enumerate(answers) if place != 50] == [text.upper() for text in texts if text != "die"]


def test_a_text_that_hangs_costs_its_time_and_no_other_its_answer() -> None:
    worker = Worker("tests.answering", timeout=2)
    began = time.monotonic()
    assert said(worker, "a", "hang", "b") == ["A", "(no answer within 0.5 s)", "B"]
    assert time.monotonic() - began < 20
    worker.close()


def test_a_process_that_dies_of_everything_is_not_begun_for_ever(worker: Worker) -> None:
    answers = said(worker, *["die"] * 200)
    assert len(answers) == 200
    assert set(answers) <= {"(its process ended with status -9: last words)", "(given up after 20 failures)"}
    assert said(worker, "a") == ["(given up after 20 failures)"]


def test_a_process_that_cannot_work_is_an_error_with_its_remedy(worker: Worker) -> None:
    with pytest.raises(EngineError, match=r"no model \(buy one\)"):
        worker.ask({}, ["refuse", "a"])
    assert said(worker, "a") == ["A"]


def test_a_module_that_is_not_there_is_a_reason_and_not_a_traceback() -> None:
    assert "No module named" in said(Worker("tests.nowhere", timeout=20), "a")[0]


def test_a_process_ends_with_the_one_that_began_it() -> None:
    code = (
        "import json, os, time; from checker.worker import Worker; worker = Worker('tests.answering', 20)\n"
        "print(json.dumps(worker.ask({}, ['a'])[0]['pid']), flush=True); worker.ask({}, ['hang'])"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout is not None
    child = json.loads(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and alive(child):
        time.sleep(0.05)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_module_in_the_working_directory_is_not_taken_for_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    worker = Worker("tests.answering", timeout=20)
    assert said(worker, "a") == ["A"]
    worker.close()
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109 -- the directory itself is what is meant
