"""`checker align`: two files side by side, in sentences or passages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checker.formats import tmx
from tests.conftest import Run

ORIGINAL = """The ferry Aurora left Kirkwall harbour at seven on Monday morning. Forty passengers waited on the quay with bicycles.

Captain Ingrid Solberg said the engines had been repaired overnight. A second vessel will be chartered before August.

The council has promised to refund every cancelled ticket within a week.
"""
VERSION = """On Monday morning at seven the ferry Aurora left Kirkwall harbour, and forty passengers waited on the quay.

The captain, Ingrid Solberg, said the engines were repaired overnight.

Within a week the council promised to refund each cancelled ticket.
"""
FRENCH = """Le ferry a quitté le port lundi matin à sept heures, et quarante passagers attendaient sur le quai.

Le conseil a promis de rembourser chaque billet annulé.
"""

Files = Callable[..., tuple[Path, Path]]
Rows = list[dict[str, Any]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    def written(version: str, original: str) -> tuple[Path, Path]:
        paths = (tmp_path / "version.txt", tmp_path / "original.txt")
        for path, text in zip(paths, (version, original), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return written


@pytest.fixture
def rows(checker: Run) -> Callable[..., Rows]:
    def aligned(*arguments: object) -> Rows:
        found = checker("align", *arguments, "--format", "jsonl")
        assert found.returncode == 0, found.stderr
        return [json.loads(line) for line in found.stdout.splitlines()]

    return aligned


def indices(found: Rows) -> list[tuple[int | None, ...]]:
    return [tuple(row[name] for name in ("n", "n_last", "original_n", "original_n_last")) for row in found]


def test_pages_align_by_sentences_with_what_was_left_out_in_its_place(files: Files, rows: Callable[..., Rows]) -> None:
    found = rows(*files(VERSION, ORIGINAL))
    assert indices(found) == [(0, 0, 0, 1), (1, 1, 2, 2), (None, None, 3, 3), (2, 2, 4, 4)]
    assert [row["alignment"] for row in found] == ["1-2", "1-1", "omission", "1-1"]


def test_texts_are_what_their_offsets_cut_from_the_files(files: Files, rows: Callable[..., Rows]) -> None:
    for row in rows(*files(VERSION, ORIGINAL)):
        if row["text"] is not None:
            assert VERSION[row["start"] : row["end"]] == row["text"]
        assert ORIGINAL[row["original_start"] : row["original_end"]] == row["original_text"]


def test_swapped_files_give_the_mirrored_pairs(files: Files, rows: Callable[..., Rows]) -> None:
    version, original = files(VERSION, ORIGINAL)
    mirrored = sorted(((c, d, a, b) for a, b, c, d in indices(rows(original, version))), key=str)
    assert sorted(indices(rows(version, original)), key=str) == mirrored


def test_passages_set_paragraphs_beside_paragraphs(files: Files, rows: Callable[..., Rows]) -> None:
    split = ORIGINAL.replace("morning. ", "morning.\n\n")
    found = rows(*files(VERSION, split), "--passages")
    assert indices(found) == [(0, 0, 0, 1), (1, 1, 2, 3), (2, 2, 4, 4)]
    assert found[1]["original_text"].endswith("before August.")
    assert {row["alignment"] for row in found} == {"passage"}


def test_lists_of_sentences_are_numbered_by_their_lines(files: Files, rows: Callable[..., Rows]) -> None:
    original = ORIGINAL.replace(". ", ".\n")
    found = rows(*files(VERSION, original), "--lines")
    assert indices(found) == [(0, 0, 0, 1), (2, 2, 3, 3), (None, None, 4, 4), (4, 4, 6, 6)]
    assert [row["passage"] for row in found] == [0, 1, 1, 2]


def test_two_texts_in_one_language_need_no_engine(files: Files, rows: Callable[..., Rows]) -> None:
    found = rows(*files(FRENCH, FRENCH), "--engine", "recorded", "--memory", "corpora/demo/memory.parquet")
    assert [(row["alignment"], row["similarity"], row["engine"]) for row in found] == [("1-1", 1.0, None)] * 2


def test_a_translation_line_by_line_takes_the_place_of_an_engine(
    files: Files, rows: Callable[..., Rows], checker: Run, tmp_path: Path
) -> None:
    english = tmp_path / "english.txt"
    english.write_text(
        "The ferry Aurora left Kirkwall harbour on Monday at seven, and forty passengers waited with bicycles on the quay.\n\n"
        "The council promised to refund each cancelled ticket.\n"
    )
    pair = files(FRENCH, ORIGINAL.replace(". ", ".\n"))
    found = rows(*pair, "--lines", "--translation", english)
    assert [spans for spans in indices(found) if None not in spans] == [(0, 0, 0, 1), (2, 2, 6, 6)]
    assert found[0]["engine"] == "english.txt"
    english.write_text("One line.\n")
    failed = checker("align", *pair, "--lines", "--translation", english)
    assert failed.returncode == 2
    assert "english.txt: has 1 lines, and" in failed.stderr


def test_documents_in_two_languages_meet_in_english(rows: Callable[..., Rows]) -> None:
    demo = Path("corpora/demo")
    name = "river-agreement.txt"
    found = rows(demo / "versions/fr" / name, demo / "originals" / name, "--memory", demo / "memory.parquet")
    assert [(row["n"], row["original_n"]) for row in found] == [(n, n) for n in range(14)]


def test_a_text_that_no_engine_reads_ends_in_an_error(files: Files, checker: Run, tmp_path: Path) -> None:
    memory = tmp_path / "memory.tsv"
    memory.write_text("source\ttarget\ttext\ttranslation\nfr\ten\tBonjour.\tHello.\n")
    failed = checker("align", *files(FRENCH, ORIGINAL), "--engine", "recorded", "--memory", memory)
    assert failed.returncode == 2
    assert "nothing of it could be translated into en" in failed.stderr


def test_tmx_is_read_back_and_leaves_out_what_has_no_partner(files: Files, checker: Run, tmp_path: Path) -> None:
    memory = tmp_path / "pairs.tmx"
    found = checker("align", *files(VERSION.replace("Ingrid", "Ingrid <&\x01\x1b>"), ORIGINAL), "--out", memory)
    assert (found.returncode, found.stdout) == (0, "")
    assert "3 pairs (2 1-1, 1 1-2), 1 omission, 0 additions" in found.stderr
    text = memory.read_text("utf-8")
    assert (text.count("<tu>"), "&lt;&amp;\ufffd\ufffd&gt;" in text, 'srclang="en"' in text) == (3, True, True)
    memory.write_text(text.replace('<tuv xml:lang="en"', '<tuv xml:lang="fr"', 1))  # else both sides are in one language
    pair = next(tmx.translations(memory))
    assert (pair.source, pair.target, pair.text[:4], pair.translation[:4]) == ("fr", "en", "The ", "On M")


def test_parquet_and_tsv_hold_the_same_rows(files: Files, checker: Run, tmp_path: Path) -> None:
    pair, table = files(VERSION, ORIGINAL), tmp_path / "pairs.parquet"
    assert checker("align", *pair, "--out", table).returncode == 0
    printed = checker("align", *pair).stdout.splitlines()
    rows = pl.read_parquet(table)
    assert printed[0].split("\t") == rows.columns
    assert [line.split("\t")[7] for line in printed[1:]] == [text or "" for text in rows["text"]]


def test_a_paragraph_that_moved_is_a_passage_of_crossing_pairs(files: Files, rows: Callable[..., Rows]) -> None:
    parts = ORIGINAL.split("\n\n")
    found = rows(*files("\n\n".join([parts[2].strip(), parts[0], parts[1]]), ORIGINAL))
    assert [(row["n"], row["original_n"], row["passage"]) for row in found if row["crossing"]] == [(0, 4, 2)]


def test_texts_of_which_neither_derives_from_the_other_are_told(files: Files, checker: Run) -> None:
    other = "Boil the barley with two onions until it is soft.\n\nSeason to taste, and serve it hot.\n"
    found = checker("align", *files(other, ORIGINAL))
    assert (found.returncode, "neither derives from the other" in found.stderr) == (1, True), found.stderr
    assert "0 pairs" in found.stderr


def test_doubtful_pairs_are_left_out_where_that_is_asked(files: Files, rows: Callable[..., Rows]) -> None:
    pair = files(VERSION, ORIGINAL)
    likeness = sorted(row["similarity"] for row in rows(*pair) if row["similarity"])
    kept = [row["similarity"] for row in rows(*pair, "--min-similarity", likeness[1]) if row["similarity"]]
    assert sorted(kept) == likeness[1:]


def test_the_file_that_is_read_is_not_written_over(files: Files, checker: Run) -> None:
    version, original = files(VERSION, ORIGINAL)
    failed = checker("align", version, original, "--format", "tsv", "--out", original)
    assert (failed.returncode, original.read_text("utf-8")) == (2, ORIGINAL)


def test_a_list_without_paragraphs_is_one_passage_and_told_so(files: Files, checker: Run) -> None:
    lists = (text.replace(". ", ".\n").replace("\n\n", "\n") for text in (VERSION, ORIGINAL))
    found = checker("align", *files(*lists), "--lines", "--passages")
    assert (found.returncode, "blank lines set paragraphs apart" in found.stderr) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("original.txt", "original.txt"), "the two files are one"),
        (("pairs.csv", "original.txt"), "pairs.csv: is no single page"),
        (("version.txt", "gone.txt"), "gone.txt: no such file"),
        (("version.txt", "original.txt", "--format", "xml"), "expected tsv, csv, jsonl, parquet, tmx"),
        (("version.txt", "original.txt", "--format", "parquet"), "parquet is written to a file"),
        (("version.txt", "original.txt", "--translation", "version.txt"), "translations and --from go with --lines"),
        (("version.txt", "original.txt", "--out", "nowhere/pairs.tsv"), "cannot be written"),
        (("empty.txt", "original.txt"), "empty.txt: is empty"),
    ],
)
def test_what_cannot_be_aligned_is_said_in_one_message(
    arguments: tuple[str, ...], says: str, files: Files, checker: Run, tmp_path: Path
) -> None:
    files(VERSION, ORIGINAL)
    (tmp_path / "pairs.csv").write_text("original,version\na,b\n")
    (tmp_path / "empty.txt").touch()
    failed = checker("align", *arguments, cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert says in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_byline_on_one_side_is_no_omission_and_takes_nothing_from_coverage(checker: Run, tmp_path: Path) -> None:
    for folder, text in (("en", ORIGINAL + "\nBy Maria Lindgren\n"), ("versions", ORIGINAL.replace("overnight", "at night"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ferry.txt").write_text(text)
    run = tmp_path / "run"
    found = checker("audit", tmp_path / "versions", "--originals", tmp_path / "en", "--out", run, "--exit-zero")
    assert found.returncode == 0, found.stderr
    sentences = pl.read_parquet(run / "sentences.parquet")
    assert sentences.filter(pl.col("n").is_null()).select("alignment", "reason").rows() == [
        ("boilerplate", "a byline on one side only")
    ]
    assert pl.read_parquet(run / "documents.parquet")["coverage"].drop_nulls().to_list() == [1.0]
    assert "omission" not in pl.read_parquet(run / "findings.parquet")["rule"].to_list()


def test_an_omission_takes_nothing_from_the_sentence_before_it(checker: Run, tmp_path: Path) -> None:
    whole = VERSION.replace("overnight.", "overnight. Before August a second vessel will be chartered.")
    for folder, text in (("en", ORIGINAL), ("whole", whole), ("short", VERSION)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ferry.txt").write_text(text)
    scores = {}
    for folder in ("whole", "short"):
        run = tmp_path / f"run-{folder}"
        checker("audit", tmp_path / folder, "--originals", tmp_path / "en", "--out", run, "--exit-zero")
        rows = pl.read_parquet(run / "sentences.parquet").drop_nulls("n").filter(pl.col("text").str.contains("Solberg"))
        scores[folder] = rows.select("fidelity", "severity").row(0)
    assert "omission" in pl.read_parquet(tmp_path / "run-short" / "findings.parquet")["rule"].to_list()
    assert scores["short"] == scores["whole"]
