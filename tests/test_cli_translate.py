"""`checker translate` and `checker cache`: lines in, lines out, whatever happens on the way."""

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import ROOT, Run, unpack
from tests.packages.grammar import held_out, training

Translate = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    unpack(tmp_path / "packages", "fr_en", "de_en", "en_fr")
    (tmp_path / "checker.toml").write_text('packages = "packages"\n')
    return tmp_path


@pytest.fixture
def translate(folder: Path, checker: Run) -> Translate:
    """Runs `checker translate` in the folder, with a cache folder of its own beside the tables that all tests share."""

    def run(*args: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        return checker("translate", *args, cwd=folder, CHECKER_CACHE=str(cache_of(folder)), **environment)

    return run


def cache_of(folder: Path) -> Path:
    """A cache folder that has the tables of languages, and no translations."""
    own = folder / "cache"
    if not own.is_dir():
        own.mkdir()
        for table in Path(os.environ["CHECKER_CACHE"]).iterdir():
            if table.is_dir():
                (own / table.name).symlink_to(table)
    return own


def lines(folder: Path, *texts: str) -> Path:
    path = folder / "lines.txt"
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def test_as_many_lines_come_out_as_go_in_in_their_order(folder: Path, translate: Translate) -> None:
    pairs = held_out("fr_en")[:20]
    sources = [source for source, _ in pairs]
    found = translate(lines(folder, sources[0], "", "12 345", *sources, sources[0]), "--from", "fr", "--engine", "argos")
    out = found.stdout.split("\n")
    assert (found.returncode, len(out), out[1:3], out[-1]) == (0, 25, ["", "12 345"], ""), found.stderr
    assert out[0] == out[3] == out[23]
    assert sum(line == target for line, (_, target) in zip(out[3:23], pairs, strict=True)) >= 18
    assert found.stderr.startswith("22 texts: 22 in French; 2 left as they are: nothing to translate\n  22 by argos fr→en")


def test_stdin_is_read_and_its_language_told(folder: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "checker", "translate", "--engine", "argos"],
        input="Clara Moreau est née à Londres le 5 décembre 1992.\n",
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert said.stdout == "Clara Moreau was born in London on 5 December 1992.\n"


def test_what_no_guard_trusts_is_an_empty_line_with_its_reason(folder: Path, translate: Translate) -> None:
    strange = "zut alors 45 678 blorf smurf le le le la"
    path = lines(folder, held_out("fr_en")[3][0], strange)
    found = translate(path, "--from", "fr", "--engine", "argos", "--output-format", "jsonl")
    good, bad = (json.loads(line) for line in found.stdout.splitlines())
    assert good["back"] == held_out("fr_en")[3][1]
    assert good["engine"].startswith("argos fr→en (fr-en 1.0; ctranslate2 ")
    assert good["back_score"] < 0
    assert bad["back"] is None
    assert bad["back_reason"].startswith("argos: ")
    again = translate(path, "--from", "fr", "--engine", "argos")
    assert (again.returncode, again.stdout) == (1, f"{good['back']}\n\n")
    assert "1 without translation:" in again.stderr
    assert "(line 2)" in again.stderr
    assert translate(path, "--from", "fr", "--engine", "argos", "--exit-zero").returncode == 0


def test_each_line_has_its_own_language(folder: Path, translate: Translate) -> None:
    french, german = held_out("fr_en")[3], held_out("de_en")[6]
    (folder / "other.txt").write_text(f"{german[0]}\n{german[1]} This line is in English already and stays.\n")
    found = translate(lines(folder, french[0], german[0]), "other.txt", "--engine", "argos", "--output-format", "jsonl")
    assert [json.loads(line)["source"] for line in found.stdout.splitlines()] == ["fr", "de", "de", None]
    assert "in French" in found.stderr


@pytest.mark.parametrize(
    ("sink", "code", "says"),
    [(">/dev/full", 2, "stdout cannot be written to"), ("2>&1 | head -1 >/dev/null; exit ${PIPESTATUS[0]}", 141, "")],
    ids=["full", "pipe"],
)
def test_a_full_disk_and_a_reader_who_leaves_end_without_a_traceback(folder: Path, sink: str, code: int, says: str) -> None:
    path = lines(folder, *(source for source, _ in held_out("fr_en")[:500]))
    command = f"{sys.executable} -m checker translate {path} --from fr --engine argos --output-format jsonl {sink}"
    bash = shutil.which("bash") or pytest.skip("needs bash")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run([bash, "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (said.returncode, "Traceback" in said.stderr, says in said.stderr) == (code, False, True)


def test_languages_may_be_written_as_any_tag(folder: Path, translate: Translate) -> None:
    path = lines(folder, held_out("fr_en")[3][0])
    assert translate(path, "--from", "fr-FR", "--to", "en_US", "--engine", "argos").stdout == held_out("fr_en")[3][1] + "\n"


def test_a_chain_is_recorded(folder: Path, translate: Translate) -> None:
    german = next(source for source, target in held_out("de_en") if target == held_out("fr_en")[3][1])
    found = translate(lines(folder, german), "--from", "de", "--to", "fr", "--engine", "argos", "--output-format", "tsv")
    header, row = (line.split("\t") for line in found.stdout.splitlines())
    made = dict(zip(header, row, strict=True))
    assert made["back"] == held_out("fr_en")[3][0]
    assert made["engine"].startswith("argos de→en→fr (de-en 1.0, en-fr 1.0;")


@pytest.mark.parametrize(
    ("args", "content", "says"),
    [
        (["--engine", "argos"], "12\n", "language of the lines cannot be told"),
        (["--engine", "argos", "--from", "en"], "Yes.\n", "in English already"),
        (["--engine", "argos", "--from", "frnch"], "Oui.\n", "did you mean fr (French)?"),
        (["--engine", "argos", "--from", "fr", "--to", "xx"], "Oui.\n", "'xx' is no language"),
        (["--engine", "argos", "--from", "fr", "--out", "lines.txt"], "Oui.\n", "--out is the file that is read"),
        (["--engine", "argos", "--from", "fr", "--out", "nowhere/x.txt"], "Oui.\n", "its folder is missing"),
        (["--engine", "argos", "--from", "fr", "--packages", "nowhere"], "Oui.\n", "checker models install"),
        (["--engine", "deepl", "--from", "fr"], "Oui.\n", "expected one of auto"),
        (["--engine", "argostranslate", "--from", "fr"], "Oui.\n", "pip install 'checker[argos]'"),
        (["--engine", "libretranslate", "--from", "fr"], "Oui.\n", "libretranslate_url"),
        (["--engine", "recorded", "--from", "fr"], "Oui.\n", "no translation memory is set"),
        (["--engine", "argos", "--from", "fr", "--beam", "0"], "Oui.\n", "expected 1 to 32"),
        (["--engine", "argos", "--from", "fr", "--output-format", "xml"], "Oui.\n", "expected text, tsv, jsonl"),
        (["--engine", "argos", "--from", "fr", "--record", "m.docx"], "Oui.\n", "neither .parquet nor .tsv"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(
    folder: Path, translate: Translate, args: list[str], content: str, says: str
) -> None:
    (folder / "lines.txt").write_text(content)
    found = translate(folder / "lines.txt", *args)
    assert found.returncode == 2
    assert says in " ".join(found.stderr.split())
    assert "Traceback" not in found.stderr


def test_bytes_of_no_encoding_name_the_file(folder: Path, translate: Translate) -> None:
    (folder / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8\x81\x8d\x8f\x90" * 40)
    found = translate(folder / "bad.txt", "--from", "fr")
    assert (found.returncode, "bad.txt" in found.stderr) == (2, True)


def test_translations_are_recorded_for_the_engine_that_looks_them_up(folder: Path, translate: Translate) -> None:
    pairs = held_out("fr_en")[:10]
    for memory in ("memory.tsv", "memory.parquet"):
        path = lines(folder, *(source for source, _ in pairs))
        assert translate(path, "--from", "fr", "--engine", "argos", "--record", memory).returncode in (0, 1)
        (folder / "packages").rename(folder / "gone")
        again = translate(path, "--from", "fr", "--engine", "recorded", "--memory", memory, "--output-format", "jsonl")
        rows = [json.loads(line) for line in again.stdout.splitlines()]
        assert sum(row["back"] == target for row, (_, target) in zip(rows, pairs, strict=True)) >= 8
        assert all(row["engine"].startswith("argos fr→en") for row in rows)
        (folder / "gone").rename(folder / "packages")


def test_quotation_marks_and_controls_survive_a_recorded_memory(folder: Path, translate: Translate) -> None:
    source = next(source for source, _ in held_out("fr_en") if '"' in source or "«" in source)
    path = lines(folder, f'{source} "a"', source)
    for memory in ("memory.tsv", "memory.parquet"):
        translate(path, "--from", "fr", "--engine", "argos", "--record", memory)
        again = translate(path, "--from", "fr", "--engine", "recorded", "--memory", memory)
        assert again.stdout == translate(path, "--from", "fr", "--engine", "argos").stdout
        assert '"' in again.stdout


def test_a_recorded_translation_that_somebody_corrected_stands(folder: Path, translate: Translate) -> None:
    source = held_out("fr_en")[3][0]
    row = {"source": ["fr"], "target": ["en"], "text": [source], "translation": ["Corrected."], "engine": ["by hand"]}
    pl.DataFrame(row).write_parquet(folder / "memory.parquet")
    translate(lines(folder, source, held_out("fr_en")[4][0]), "--from", "fr", "--engine", "argos", "--record", "memory.parquet")
    memory = pl.read_parquet(folder / "memory.parquet")
    assert memory.height == 2
    assert memory.filter(pl.col("text") == source)["translation"].to_list() == ["Corrected."]


def test_the_segments_of_pages_are_recorded(folder: Path, translate: Translate) -> None:
    (folder / "pages").mkdir()
    (folder / "pages" / "a.txt").write_text("\n\n".join(source for source, _ in held_out("fr_en")[:12]))
    (folder / "pages" / "b.txt").write_text("\n\n".join(target for _, target in held_out("fr_en")[:12]))
    found = translate("pages", "--engine", "argos", "--record", "memory.parquet", "--out", "rows.txt")
    assert found.returncode in (0, 1), found.stderr
    memory = pl.read_parquet(folder / "memory.parquet")
    assert memory["source"].unique().to_list() == ["fr"]
    assert memory.height >= 10


def test_a_second_run_asks_no_engine(folder: Path, translate: Translate, checker: Run) -> None:
    path = lines(folder, *(source for source, _ in held_out("fr_en")[:50]))
    first = translate(path, "--from", "fr", "--engine", "argos")
    (folder / "program").mkdir()
    (folder / "program" / "ctranslate2.py").write_text("raise ImportError('asked')")
    taken = {"PYTHONPATH": f"{folder / 'program'}{os.pathsep}{ROOT}"}
    second = translate(path, "--from", "fr", "--engine", "argos", **taken)
    assert second.stdout == first.stdout
    assert "50 without translation" in translate(path, "--from", "fr", "--engine", "argos", "--no-cache", **taken).stderr
    stats = checker("cache", "stats", CHECKER_CACHE=str(folder / "cache"))
    (told,) = re.findall(r"(\d+) translations", stats.stdout)
    assert int(told) >= 50  # and those of doubtful ones that were made again
    assert "argos fr→en" in stats.stdout
    cleared = checker("cache", "clear", "--engine", "argos", CHECKER_CACHE=str(folder / "cache"))
    assert cleared.stdout == f"{told} translations forgotten\n"


def test_a_run_that_is_killed_goes_on_where_it_was_and_ends_with_the_same_bytes(folder: Path, translate: Translate) -> None:
    sources = [source for source, _ in training("fr_en")[:4_000]]
    path = lines(folder, *sources)
    args = [path, "--from", "fr", "--engine", "argos", "--output-format", "jsonl"]
    whole = translate(*args, "--no-cache")
    chance = random.Random(4)  # noqa: S311 -- when to kill
    kept = []
    for _ in range(3):
        command = [sys.executable, "-m", "checker", "translate", *map(str, args), "--out", "out.jsonl"]
        environment = {**os.environ, "CHECKER_CACHE": str(cache_of(folder)), "PYTHONPATH": str(ROOT)}
        run = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for_more(folder, kept[-1] if kept else 0, run)
        time.sleep(chance.random())
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        kept.append(count(folder))
    assert 0 < kept[0] <= kept[1] <= kept[2]
    again = translate(*args)
    assert again.stdout == whole.stdout
    assert count(folder) >= len(set(sources)) * 0.95


def wait_for_more(folder: Path, before: int, run: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 120
    while count(folder) <= before and run.poll() is None and time.monotonic() < end:
        time.sleep(0.02)


def count(folder: Path) -> int:
    path = folder / "cache" / "translations.sqlite"
    if not path.is_file():
        return 0
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        found: int = db.execute("SELECT COUNT(*) FROM translations").fetchone()[0]
        db.close()
    except sqlite3.Error:  # not made yet
        return 0
    return found


def test_two_runs_share_a_cache(folder: Path) -> None:
    path = lines(folder, *(source for source, _ in training("fr_en")[:1_500]))
    environment = {**os.environ, "CHECKER_CACHE": str(cache_of(folder)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "checker", "translate", str(path), "--from", "fr", "--engine", "argos"]
    runs = [
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [run.communicate() for run in runs]
    assert {run.returncode for run in runs} <= {0, 1}, said
    assert said[0] == said[1]


HOOK = """
import os, sys

def heard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        with open(os.environ["HEARD"], "a") as file:
            file.write(f"{event} {arguments}\\n")

sys.addaudithook(heard)
"""


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="needs unshare, and to be root")
def test_nothing_touches_the_network(folder: Path) -> None:
    """In a network namespace without interfaces, and with every connection and look-up of a name written down by a hook."""
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(HOOK)
    path = lines(folder, *(source for source, _ in held_out("fr_en")[:20]))
    own = {
        "CHECKER_CACHE": str(cache_of(folder)),
        "PYTHONPATH": f"{folder / 'hook'}{os.pathsep}{ROOT}",
        "HEARD": str(folder / "heard"),
    }
    for command in (["translate", str(path), "--from", "fr"], ["models", "list"], ["models", "doctor"], ["cache", "stats"]):
        run = ["unshare", "-n", sys.executable, "-m", "checker", *command]
        said = subprocess.run(run, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False)
        assert (said.returncode in (0, 1), bool(said.stdout), "Traceback" in said.stderr) == (True, True, False)
    assert not (folder / "heard").exists()
    listening = "import socket; socket.create_connection(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", listening], env={**os.environ, **own}, capture_output=True, check=False)
    assert "socket.connect" in (folder / "heard").read_text()


def test_texts_without_translation_are_written_as_a_memory_to_fill_in(tmp_path: Path, checker: Run) -> None:
    """Without any engine all are; what is filled in stands when the file is written again, and an audit finds it."""
    pages, memory = tmp_path / "pages", tmp_path / "memory.tsv"
    pages.mkdir()
    (pages / "a.txt").write_text('La commission tiendra sa première réunion le 2 juin.\n\nElle compte "douze" membres.\n')
    asked = ("translate", pages, "--engine", "recorded", "--missing", memory)
    first = checker(*asked)
    assert (first.returncode, first.stdout) == (0, ""), first.stderr
    assert f"{memory}: 2 texts to fill in" in first.stderr
    head, one, two = memory.read_text().splitlines()
    assert (head.split("\t"), one.split("\t")[:2], two.split("\t")[3]) == (
        ["source", "target", "text", "translation", "engine"], ["fr", "en"], "",
    )  # fmt: skip
    filled = one.split("\t")
    filled[3] = "The commission will hold its first meeting on 2 June."
    memory.write_text("\n".join([head, "\t".join(filled), two]) + "\n")
    (pages / "b.txt").write_text("La commission tiendra sa première réunion le 2 juin.\n\nLe port ferme à neuf heures.\n")
    again = checker(*asked, "--memory", memory)
    assert (again.returncode, "2 texts to fill in" in again.stderr) == (0, True)
    rows = pl.read_csv(memory, separator="\t", quote_char=None).select("text", "translation").rows()
    assert [text for text, translation in rows if translation is None] == [
        'Elle compte "douze" membres.', "Le port ferme à neuf heures.",
    ]  # fmt: skip
    assert rows[0][1] == filled[3]
    found = checker("audit", pages, "--memory", memory, "--engine", "recorded", "--out", tmp_path / "run", "--exit-zero")
    assert found.returncode == 0, found.stderr
    backs = pl.read_parquet(tmp_path / "run" / "segments.parquet")["back"].drop_nulls().to_list()
    assert backs == [filled[3]] * 2
