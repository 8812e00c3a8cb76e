"""README and docs: every command and every Python example in them runs, and what they show is printed; or they say why not."""

import doctest
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from checker import cli
from checker.config import Config, load
from checker.report import Report
from checker.stream import Outputs, score_files
from tests.conftest import PACKAGES, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a block may say of a line that is not run here; a reader sees it, too.
REASON = re.compile(r" # needs (the network|a checkout)\b")
# The model that the pages name; a line that asks for it is run where `make peers` has unpacked it.
MODEL = Path(os.environ.get("CHECKER_PEERS", ROOT / ".peers")) / "minilm"
# What a machine translates with; a line that asks for a translation is run where one is.
ENGINE = re.compile(r"^checker translate (?!.*(?:--memory|--engine recorded))")
SETTINGS = ("README.md", "analyst.md", "ci.md", "tutorial.md")
"""Pages whose TOML is `checker.toml`."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each fenced block."""
    return BLOCK.findall(page.read_text("utf-8"))


CATALOGUE = """msgid ""
msgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\n"

#, c-format
msgid "Hello, %s! You have %d new messages."
msgstr "Hallo, %s! Sie haben neue Nachrichten."

#, fuzzy
msgid "The server is there."
msgstr "Der Server ist weg."
"""

RUNNABLE = [page for page in PAGES if {"sh", "python"} & {kind for kind, _ in blocks(page)}]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a folder in which the files that the pages speak of exist."""
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    for run in ("demo", "before", "run"):
        shutil.copytree(ROOT / "reports" / "example", tmp_path / "reports" / run)
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
    (tmp_path / "po").mkdir()
    (tmp_path / "po" / "de.po").write_text(CATALOGUE, "utf-8")
    row = "The ferry leaves at seven.,The ferry sails at seven.,Die Fähre legt um sieben ab."
    (tmp_path / "pairs.csv").write_text(f"en,back,de\n{row}\n", "utf-8")
    score_files([tmp_path / "pairs.csv"], Config(), Outputs(tmp_path / "scored.parquet", tmp_path / "facts.parquet"))
    (tmp_path / "shards").mkdir()
    pl.read_csv(tmp_path / "pairs.csv").write_parquet(tmp_path / "shards" / "0.parquet")
    shutil.copy(PACKAGES / "translate-fr_en-1_0.argosmodel", tmp_path)
    (tmp_path / "all-MiniLM-L6-v2").symlink_to(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("CHECKER_CACHE", os.environ["CHECKER_CACHE"])
    monkeypatch.setenv("BROWSER", "true")
    return tmp_path


def lines(block: str) -> list[str]:
    """The commands of a block of the shell."""
    return [line for line in block.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]


def run(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and output of a line: of a command in this process, which spares the time to start one, else of a shell."""
    if not line.startswith("checker ") or re.search(r"[|<>$]", line.split(" #", maxsplit=1)[0]):
        found = subprocess.run(["bash", "-euc", line], capture_output=True, text=True, check=False)  # noqa: S607
        return found.returncode, found.stdout + found.stderr
    before = signal.getsignal(signal.SIGTERM)
    arguments, sys.argv = sys.argv, shlex.split(line, comments=True)
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = arguments
        signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr()
    return code, said.out + said.err


def shows(block: str, said: str) -> bool:
    """Whether each line of a block stands in what was printed; `…` leaves something out."""
    return all(part.strip() in said for line in block.splitlines() for part in line.split("…"))


def try_out(code: str, page: Path, names: dict[str, object]) -> None:
    """Runs a block of Python, as examples with their output or as a program."""
    if not code.startswith(">>>"):
        exec(compile(code, str(page), "exec"), names)  # noqa: S102 - it is the documentation's own
        return
    test = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), 0)
    assert doctest.DocTestRunner(verbose=False).run(test, clear_globs=False).failed == 0
    names.update(test.globs)


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
def test_what_a_page_tells_to_do_can_be_done(page: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    said = ""
    for kind, block in blocks(page):
        if kind == "sh":
            said = ""
            for line in lines(block):
                lacks_model = "--semantic-model" in line and not MODEL.is_dir()
                lacks_engine = ENGINE.search(line) is not None and shutil.which("apertium") is None
                if REASON.search(line) or line.startswith("make ") or lacks_model or lacks_engine:
                    continue
                code, told = run(line, capsys)
                assert code in (0, 1), f"{line}\n{told}"
                assert "Traceback" not in told
                said += told
        elif kind == "python":
            try_out(block, page, names)
        elif kind == "text" and said:
            assert shows(block, said), f"{page.name} shows what is not printed:\n{block}\n{said}"
            said = ""
    assert place.is_dir()


def test_few_lines_are_not_run_and_make_has_the_targets_that_are_named() -> None:
    told = [line for page in PAGES for kind, block in blocks(page) if kind == "sh" for line in lines(block)]
    assert sum(bool(REASON.search(line)) for line in told) <= 15
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {line.split()[1] for line in told if line.startswith("make ")} <= targets


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_of_a_page_are_settings(name: str, tmp_path: Path) -> None:
    (page,) = (page for page in PAGES if page.name == name)
    settings = [block for kind, block in blocks(page) if kind == "toml"]
    assert settings
    for block in settings:
        (tmp_path / "checker.toml").write_text(block)
        read = load(tmp_path, {})
        assert read.originals is not None
        assert set(read.sources.values()) == {str(tmp_path / "checker.toml")}


def test_the_findings_that_pages_speak_of_are_the_demos(demo: Report) -> None:
    named = {
        print_
        for page in PAGES
        for print_ in re.findall(r"explain ([0-9a-f]{8,16}) |fingerprint\": \"([0-9a-f]{16})", page.read_text("utf-8"))
    }
    there = demo.findings["fingerprint"].to_list()
    assert len(named) > 2
    for short, whole in named:
        assert any(one.startswith(short or whole) for one in there), f"the demo has no finding {short or whole}"
