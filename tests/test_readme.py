"""The README: every command in it runs."""

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import ROOT, Run

BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
COMMANDS = [line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.startswith("checker ")]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder in which the files that the README speaks of exist."""
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    (tmp_path / "reports").mkdir()
    for run in ("demo", "before"):
        (tmp_path / "reports" / run).symlink_to(ROOT / "reports" / "example")
    for folder in ("pages", "english"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ferry.txt").write_text("The ferry leaves the harbour at seven in the morning.\n")
    text, translation = "Le musée est ouvert tous les jours de la semaine.", "The museum is open every day of the week."
    for name in ("page", "novel"):
        (tmp_path / f"{name}.fr.txt").write_text(f"{text}\n")
        (tmp_path / f"{name}.en.txt").write_text("The museum opens every day of the week.\n")
    (tmp_path / "novel.fr-en.txt").write_text(f"{translation}\n")
    row = {"source": ["fr"], "target": ["en"], "text": [text], "translation": [translation]}
    pl.DataFrame(row).write_parquet(tmp_path / "memory.parquet")
    (tmp_path / "verdicts.jsonl").write_text('{"fingerprint": "00f3", "verdict": "false"}\n')
    (tmp_path / "my.toml").write_text('title = "Mine"\n[[entry]]\nlang = "en"\nkind = "chrome"\nliteral = ["Boats for sale"]\n')
    (tmp_path / "pairs.csv").write_text("en,back\nThe ferry leaves at seven.,The ferry sails at seven.\n")
    (tmp_path / "shards").mkdir()
    pl.read_csv(tmp_path / "pairs.csv").write_parquet(tmp_path / "shards" / "0.parquet")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(place: Path, checker: Run, command: str) -> None:
    found = checker(*shlex.split(command)[1:], cwd=place)
    assert found.returncode in (0, 1), found.stderr
    assert found.stderr.count("Traceback") == 0


def test_the_settings_of_the_readme_are_settings(tmp_path: Path, checker: Run) -> None:
    (settings,) = re.findall(r"^```toml\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "checker.toml").write_text(settings)
    shown = checker("audit", tmp_path, "--show-settings")
    assert (shown.returncode, "gate.min_coverage = 0.9" in shown.stdout) == (0, True), shown.stderr
