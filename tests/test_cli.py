"""The command line: what it prints, where, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.main import get_group

from checker import cli
from tests.conftest import ROOT, Run

PAGE = "Ferry strike ends\n\nThe strike of ferry crews in Kirkwall ended on Monday after nine days.\n\nГолос Америки\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text(PAGE)
    return folder


def test_detect_prints_path_line_column_and_code(corpus: Path, checker: Run) -> None:
    found = checker("detect", corpus)
    assert found.returncode == 1
    assert re.search(rf"^{re.escape(str(corpus))}/a\.txt:5:1: ART001 .*Голос Америки$", found.stdout, re.MULTILINE), found.stdout


def test_detect_of_a_clean_page_says_so_and_exits_0(corpus: Path, checker: Run) -> None:
    (corpus / "a.txt").write_text(PAGE.replace("Голос Америки\n", ""))
    found = checker("detect", corpus)
    assert (found.returncode, found.stdout, "no findings" in found.stderr) == (0, "", True)


@pytest.mark.parametrize(("fail_on", "exit_code"), [(None, 1), ("minor", 1), ("major", 0), ("never", 0), ("worst", 2)])
def test_detect_fails_from_the_severity_that_is_named_and_prints_all(
    tmp_path: Path, checker: Run, fail_on: str | None, exit_code: int
) -> None:
    """A page of HTML whose menu alone is found, as the pre-commit hook sees one."""
    story = "<p>The ferry leaves the harbour at seven every morning, and the crew is always on board by six.</p>"
    page = (
        f"<html><body><nav><a href='/'>Home</a><a href='/log'>Log in</a></nav><main><h1>The ferry</h1>{story}</main></body></html>"
    )
    (tmp_path / "a.html").write_text(page)
    found = checker("detect", tmp_path / "a.html", *(["--fail-on", fail_on] if fail_on else []))
    assert found.returncode == exit_code, found.stdout + found.stderr
    assert ("[ui-chrome]" in found.stdout) == (exit_code != 2)


def test_detect_writes_json_lines_that_cut_their_evidence(corpus: Path, checker: Run) -> None:
    found = checker("detect", corpus, "--output-format", "jsonl", "--exit-zero")
    (row,) = (json.loads(line) for line in found.stdout.splitlines())
    assert (found.returncode, row["rule"], PAGE[row["start"] : row["end"]]) == (0, "foreign-tag", "Голос Америки")


def test_a_page_cannot_command_the_terminal(corpus: Path, checker: Run) -> None:
    (corpus / "a.txt").write_text(f"{PAGE.strip()} \x1b]0;owned\x07\u202e\n")
    for command in ("detect", "audit"):
        found = checker(command, corpus, *(["--out", corpus.parent / "run"] if command == "audit" else []))
        assert not re.search("[\x1b\x07\u202e]", found.stdout + found.stderr)


def test_audit_prints_what_a_person_wants_to_know_and_writes_tables(corpus: Path, checker: Run) -> None:
    (corpus / "b.txt").write_text("La huelga terminó el lunes y los barcos salieron otra vez del puerto de Kirkwall.\n")
    found = checker("audit", corpus, "--engine", "recorded", "--memory", memory(corpus), "--out", corpus.parent / "run")
    assert found.returncode == 0, found.stderr
    for said in (
        "2 documents",
        "b.txt [es] version: no engine es→en",
        "foreign-tag",
        "fidelity of 0 sentence pairs: nothing could be compared",
        "gate: passed  findings at or above critical",
        "gate: nothing could be compared: ",
        "tables: ",
    ):
        assert said in found.stdout
    assert found.stderr == ""
    assert len(list((corpus.parent / "run").iterdir())) == 11


def memory(corpus: Path) -> Path:
    path = corpus.parent / "memory.tmx"
    path.write_text('<tmx version="1.4"><header srclang="es"/><body></body></tmx>')
    return path


def test_a_language_without_engine_is_unscored_with_its_reason(corpus: Path, checker: Run) -> None:
    (corpus / "b.txt").write_text("Паром отправляется из порта в семь часов утра каждый день и возвращается вечером.\n")
    found = checker("audit", corpus, "--out", corpus.parent / "run", ARGOS_PACKAGES_DIR=str(corpus.parent / "none"))
    assert "unscored 1: no engine ru→en" in found.stdout


def test_an_audit_against_originals_that_compared_nothing_fails_its_gate(corpus: Path, checker: Run) -> None:
    (corpus / "b.txt").write_text("La huelga terminó el lunes y los barcos salieron otra vez del puerto de Kirkwall.\n")
    (corpus.parent / "english").mkdir()
    (corpus.parent / "english" / "b.txt").write_text("The strike ended on Monday, and the boats left Kirkwall harbour again.\n")
    flags = ("--originals", corpus.parent / "english", "--engine", "recorded", "--memory", memory(corpus))
    found = checker("audit", corpus / "b.txt", *flags, "--out", corpus.parent / "run")
    assert "gate: FAILED  sentences compared: 0 of 1, allowed ≥ 1 (first to look at: b.txt)" in found.stdout
    assert "mostly: no engine es→en; " in found.stdout
    assert found.returncode == 1
    (corpus.parent / "checker.toml").write_text("[gate]\nmin_scored_share = 0\n")
    config = ("--config", corpus.parent / "checker.toml")
    assert checker("gate", corpus.parent / "run", *config).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["detect", "nowhere"], "nowhere"),
        (["audit", "{corpus}", "--engine", "deepl"], "expected one of auto"),
        (["audit", "{corpus}", "--originals", "nowhere"], "nowhere"),
        (["audit", "{corpus}", "--config", "nowhere.toml"], "no such settings file"),
        (["audit", "{corpus}", "--select", "foreign-tags"], "did you mean 'foreign-tag'"),
        (["audit", "{corpus}", "--memory", "nowhere.tmx", "--engine", "recorded"], "nowhere.tmx"),
        (["explain", "nothing"], "no rule is called 'nothing'"),
        (["explain", "forein-tag"], "did you mean 'foreign-tag'"),
        (["detect", "{corpus}", "--select", "FID"], "use `checker audit`"),
        (["audit", "{corpus}", "--originals", "{corpus}/none"], "none"),
        (["audit", "{corpus}", "--out", "/dev/null"], "is a file, not a folder"),
        (["gate", "{corpus}"], "has no run.json"),
        (["score", "{corpus}"], "Is a directory"),
        (["audit"], "Missing argument"),
        (["audits"], "No such command"),
    ],
)
def test_what_the_user_can_mend_is_one_message_and_exit_2(corpus: Path, checker: Run, arguments: list[str], says: str) -> None:
    found = checker(*(argument.replace("{corpus}", str(corpus)) for argument in arguments), cwd=corpus.parent, COLUMNS="300")
    assert found.returncode == 2
    assert says in found.stderr
    assert "Traceback" not in found.stderr


def test_nothing_to_check_is_exit_5(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "empty").mkdir()
    for command in ("audit", "detect"):
        assert checker(command, tmp_path / "empty").returncode == 5
    (tmp_path / "empty" / "a.txt").touch()
    assert checker("audit", tmp_path / "empty", "--out", tmp_path / "run").returncode == 5


def test_gate_judges_a_run_by_the_policy(corpus: Path, checker: Run) -> None:
    run = corpus.parent / "run"
    checker("audit", corpus, "--out", run)
    assert checker("gate", run).returncode == 0
    failed = checker("gate", run, "--fail-on", "minor")
    assert (failed.returncode, "FAILED" in failed.stdout) == (1, True)
    assert checker("gate", run, "--fail-on", "minor", "--exit-zero").returncode == 0


def test_settings_are_shown_with_where_they_come_from(corpus: Path, checker: Run) -> None:
    (corpus / "checker.toml").write_text("max_line = 5000\n")
    shown = checker("audit", corpus, "--show-settings", "--engine", "apertium").stdout
    assert re.search(r"^max_line = 5000  # .*checker\.toml$", shown, re.MULTILINE)
    assert "engine = 'apertium'  # command line" in shown
    assert "gate.fail_on = 'critical'  # default" in shown


def test_rules_are_listed_and_explained(checker: Run) -> None:
    listed = checker("rules", COLUMNS="200").stdout
    assert "ART001" in listed
    assert "lost-number" in listed
    assert checker("explain", "ART001").stdout == checker("explain", "foreign-tag").stdout
    assert checker("explain", "ART001").stdout.startswith("foreign-tag (ART001)")


def test_a_reader_who_stops_is_no_failed_gate(corpus: Path) -> None:
    command = f"{sys.executable} -m checker detect {corpus} --exit-zero | true; exit ${{PIPESTATUS[0]}}"
    found = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert found.returncode in (0, 141), found.stderr


def test_what_is_selected_changes_what_is_reported_and_not_what_is_the_text(corpus: Path, checker: Run) -> None:
    kinds = []
    for flags in ((), ("--select", "FID"), ("--ignore", "foreign-tag,ui-chrome")):
        assert checker("audit", corpus, "--out", corpus.parent / "run", *flags).returncode == 0
        kinds.append(pl.read_parquet(corpus.parent / "run" / "segments.parquet")["kind"].to_list())
    assert kinds[0] == kinds[1] == kinds[2]
    assert "tag" in kinds[0]


def leaves(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """The commands that do something, by the words that call them."""
    for name, command in group.commands.items():
        below = getattr(command, "commands", {})
        if not below or command.invoke_without_command:
            yield f"{above}{name}", command
        yield from leaves(command, f"{above}{name} ") if below else ()


def test_every_command_teaches_by_an_example_that_begins_with_it() -> None:
    """docs/commands.md has the same examples, and tests/test_readme.py runs them."""
    for words, command in leaves(get_group(cli.app)):
        examples = re.findall(r"`(checker .*?)`", command.epilog or "")
        assert examples, words
        assert all(example.startswith(f"checker {words}") for example in examples), words


def test_help_groups_commands_by_what_they_are_for(checker: Run) -> None:
    said = checker("--help", COLUMNS="120").stdout
    assert re.findall(r"^╭─ (.+?) ─+╮$", said, re.MULTILINE) == ["Options", *cli.JOBS]
    assert re.findall(r"^│ (\w+) ", said, re.MULTILINE) == [name for names in cli.JOBS.values() for name in names]
    assert "Example" in checker("models", "install", "--help").stdout


def test_completion_is_there_for_each_shell() -> None:
    for shell, script in (
        ("bash", "complete -o default -F _checker_completion"),
        ("zsh", "#compdef checker"),
        ("fish", "complete --command checker"),
    ):
        code = f"import os, sys; sys.argv = ['checker', '--show-completion', '{shell}']; from checker.cli import main; main()"
        environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
        found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert script in found.stdout, found.stderr


def test_a_failed_gate_shows_its_worst_findings_with_their_fingerprints(checker: Run) -> None:
    failed = checker("gate", ROOT / "reports" / "example").stdout.splitlines()
    assert len(failed) == 3, "as many as there are, at most five"
    assert failed[1].endswith("FID001 1.9 million → 1.6 million [lost-number] 45c3e421caa3eae2")


def test_the_version_is_told(checker: Run) -> None:
    assert checker("--version").stdout.startswith("checker ")


def test_ctrl_c_ends_with_130_and_leaves_the_run_before_it(tmp_path: Path, checker: Run) -> None:
    corpus, run, begun = tmp_path / "corpus", tmp_path / "run", tmp_path / "begun"
    corpus.mkdir()
    (corpus / "a.txt").write_text(PAGE)
    checker("audit", corpus, "--out", run)
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    (corpus / "b.txt").write_text("La huelga terminó el lunes y los barcos salieron otra vez del puerto de Kirkwall.\n")
    # An engine that never answers: the audit is in its midst for as long as it takes to interrupt it.
    program = tmp_path / "apertium"
    program.write_text(f'#!/bin/bash\ncase "$1" in -l) echo spa-eng; exit;; -V) exit;; esac\ntouch {begun}\nexec sleep 600\n')
    program.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "checker", "audit", str(corpus), "--out", str(run), "--engine", "apertium"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not begun.exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
