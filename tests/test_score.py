"""Scores: metrics are sacrebleu's, facts lower fidelity, and what cannot be judged says why."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sacrebleu.metrics import CHRF, TER

from checker.config import Config
from checker.progress import quiet
from checker.score import SCORES, metrics, score_pairs
from tests.conftest import Run

PAIRS = [
    ("The ferry carried 420 passengers on Monday.", "The ferry carried 420 passengers on Monday."),
    ("The ferry carried 420 passengers on Monday.", "On Monday the ferry took 420 passengers."),
    ("The ferry carried 420 passengers on Monday.", "The ferry carried 240 passengers on Monday."),
    ("The ferry carried 420 passengers on Monday.", "Boil the barley until it is soft."),
    ("The ferry carried 420 passengers on Monday.", None),
    (None, "The ferry carried 420 passengers on Monday."),
    ("The ferry carried 420 passengers on Monday.", "  "),
]


def scored(pairs: list[tuple[str | None, str | None]]) -> pl.DataFrame:
    found, _ = score_pairs(
        pl.DataFrame(pairs, schema={"original": pl.String, "back": pl.String}, orient="row"), Config(), lambda _: None
    )
    return found


def test_metrics_are_sacrebleu_s() -> None:
    original, back = PAIRS[0][0], PAIRS[1][1]
    row = metrics(pl.DataFrame({"english": [back], "original_text": [original]}), ["chrf", "ter"], lambda _: None).row(
        0, named=True
    )
    assert row["chrf"] == pytest.approx(CHRF().sentence_score(back, [original]).score, abs=1e-4)
    assert row["chrf_pp"] == pytest.approx(CHRF(word_order=2).sentence_score(back, [original]).score, abs=1e-4)
    assert row["ter"] == pytest.approx(TER().sentence_score(back, [original]).score, abs=1e-4)


def test_many_pairs_are_scored_by_all_cores_alike_and_told_as_they_are_done() -> None:
    pairs = pl.DataFrame(
        [(f"There are {n} boats.", f"There were {n + n % 2} boats.") for n in range(2_100)],
        schema=["english", "original_text"],
        orient="row",
    )
    said: list[str] = []
    together = metrics(pairs, [], said.append)
    alone = pl.concat([metrics(pairs.slice(at, 700), [], lambda _: None) for at in range(0, 2_100, 700)])
    assert_frame_equal(together, alone.sort("english", "original_text"))
    assert said[-1] == "scoring, 2,100 of 2,100 pairs"


def test_the_same_words_score_100_and_a_changed_figure_less_than_another_wording() -> None:
    same, reworded, changed, other = scored(PAIRS)["fidelity"][:4]
    assert same == 100
    assert other < changed < reworded < same


def test_a_changed_figure_is_critical() -> None:
    assert scored(PAIRS)["severity"].to_list()[:3] == [None, None, "critical"]


def test_a_row_without_one_side_is_unscored_with_its_reason() -> None:
    rows = scored(PAIRS).select("status", "reason", "fidelity", "chrf").rows()[4:]
    assert rows == [
        ("unscored", "the version is empty", None, None),
        ("unscored", "the original is empty", None, None),
        ("unscored", "the version is empty", None, None),
    ]


def table(path: Path) -> pl.DataFrame:
    return {".parquet": pl.read_parquet, ".jsonl": pl.read_ndjson}.get(path.suffix, pl.read_csv)(path)  # type: ignore[operator, no-any-return]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_score_adds_its_columns_to_the_rows_of_a_file_in_their_order(tmp_path: Path, checker: Run, suffix: str) -> None:
    frame = pl.DataFrame(PAIRS, schema={"en": pl.String, "again": pl.String}, orient="row").with_columns(
        id=pl.format("0{}", pl.int_range(pl.len()))
    )
    source, target = tmp_path / f"pairs{suffix}", tmp_path / f"scored{suffix}"
    {".csv": frame.write_csv, ".jsonl": frame.write_ndjson, ".parquet": frame.write_parquet}[suffix](source)
    found = checker("score", source, "--original", "en", "--back", "again", "--out", target)
    assert found.returncode == 0, found.stderr
    result = table(target)
    assert result.columns == ["en", "again", "id", *SCORES]
    assert result["fidelity"].round(1).to_list() == scored(PAIRS)["fidelity"].round(1).to_list()
    if suffix != ".csv":
        assert result.select("en", "again", "id").equals(frame)


def test_score_writes_csv_to_stdout_and_refuses_columns_that_are_there(tmp_path: Path, checker: Run) -> None:
    source = tmp_path / "pairs.csv"
    source.write_text("original,back\nIt rained.,It rained.\n")
    found = checker("score", source)
    assert (
        found.stdout.splitlines()[0]
        == "original,back,chrf,chrf_pp,ter,fidelity,severity,status,reason,words,order,fluency,likeness"
    )
    source.write_text("original,back,chrf\nIt rained.,It rained.,3\n")
    refused = checker("score", source)
    assert refused.returncode == 2
    assert "chrf" in refused.stderr


@pytest.mark.parametrize(
    ("content", "says", "code"),
    [("original,other\na,b\n", "has no column for the version", 2), ("original,back\n", "has no rows", 5), ("", "empty", 2)],
)
def test_score_says_what_is_wrong_with_a_file(tmp_path: Path, checker: Run, content: str, says: str, code: int) -> None:
    (tmp_path / "pairs.csv").write_text(content)
    found = checker("score", tmp_path / "pairs.csv")
    assert (found.returncode, says in found.stderr) == (code, True), found.stderr


def test_an_empty_version_has_a_reason_and_no_facts() -> None:
    pairs = pl.DataFrame({"original": ["Not yet 5", "It has 5.", None], "back": ["", "  ", "It has 6."]})
    scores, found = score_pairs(pairs, Config(), quiet)
    assert scores["reason"].to_list() == ["the version is empty", "the version is empty", "the original is empty"]
    assert found.is_empty()
