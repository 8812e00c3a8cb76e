"""The rule `unknown-word`: words that an engine left as they are, as findings in the version."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from checker.registry import rules
from checker.tables import SEGMENTS
from tests.conftest import Run

CASES = [
    ("El tranvía llega a Kvamsund.", "tranvía Kvamsund", ["tranvía", "Kvamsund"]),
    ("Le Zorblax dort, dit Zorblax.", "Zorblax", ["Zorblax", "Zorblax"]),
    ("La casa es azul.", "cavallot", ["La casa es azul."]),
    ("El sol (C++) sale.", "C++", ["C++"]),
    ("Kvamsundet es grande.", "Kvamsund", ["Kvamsundet es grande."]),
    ("La casa es azul.", None, []),
]


@pytest.mark.parametrize(("text", "unknown", "found"), CASES)
def test_each_word_is_found_where_it_stands_alone_else_the_sentence_is(text: str, unknown: str | None, found: list[str]) -> None:
    row = {"doc": ["d"], "n": [0], "start": [7], "end": [7 + len(text)], "text": [text], "back": ["…"], "unknown": [unknown]}
    rows = rules()["unknown-word"].module.find(SEGMENTS.conform(pl.DataFrame(row)))
    page = "x" * 7 + text
    assert [page[start:end] for start, end in rows.select("start", "end").iter_rows()] == found


def test_nothing_is_found_in_an_empty_frame() -> None:
    assert rules()["unknown-word"].module.find(SEGMENTS.empty()).is_empty()


@pytest.mark.skipif(shutil.which("apertium") is None, reason="apertium is not installed")
def test_what_apertium_does_not_know_is_a_finding_of_the_audit(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "pages").mkdir()
    text = "El Gobierno anunció el lunes la apertura del puente de Kvamsund, dijo la ministra Zorblaxia a los periodistas."
    (tmp_path / "pages" / "a.txt").write_text(f"{text}\n")
    found = checker("audit", "pages", "--engine", "apertium", "--out", "run", "--exit-zero", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    rows = pl.read_parquet(tmp_path / "run" / "findings.parquet").filter(pl.col("rule") == "unknown-word")
    assert {"Kvamsund", "Zorblaxia"} <= set(rows["evidence"])
    assert all(text[start:end] == said for start, end, said in rows.select("start", "end", "evidence").iter_rows())
    segments = pl.read_parquet(tmp_path / "run" / "segments.parquet")
    assert "Kvamsund" in segments["unknown"].item()
