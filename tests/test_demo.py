"""The demo corpus: everything that its expectations name is found, and two audits of it are the same bytes."""

import json
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import api, pipeline
from checker.config import load
from checker.report import Report
from checker.tables import WRITTEN
from tests.conftest import ROOT, Run
from tests.test_offsets import check_spans

DEMO = ROOT / "corpora" / "demo"
EXPECTED: list[dict[str, Any]] = json.loads((DEMO / "expectations.json").read_text())["documents"]
FINDINGS = [
    pytest.param(entry["doc"], finding, id=f"{Path(entry['doc']).name}-{finding['rule']}-{n}")
    for entry in EXPECTED
    for n, finding in enumerate(entry["findings"])
]


@pytest.mark.parametrize("entry", EXPECTED, ids=[entry["doc"] for entry in EXPECTED])
def test_each_document_derives_from_what_it_was_made_of(demo: Report, entry: dict[str, Any]) -> None:
    row = demo.documents.filter(pl.col("doc") == entry["doc"]).row(0, named=True)
    if entry["derivation"] == "original":
        assert (row["role"], row["derivation"]) == ("original", "none")
    else:
        said = {name: row[name] for name in ("lang", "derivation", "original", "pivot")}
        assert said == {name: entry[name] for name in said}


@pytest.mark.parametrize(("doc", "expected"), FINDINGS)
def test_each_planted_finding_is_found(demo: Report, doc: str, expected: dict[str, str]) -> None:
    rows = demo.findings.filter(pl.col("doc") == doc, pl.col("rule") == expected["rule"])
    if "original_text" in expected:
        assert any(expected["original_text"] in (text or "") for text in rows["original_evidence"]), rows[
            "original_evidence"
        ].to_list()
        return
    text = demo.documents.filter(pl.col("doc") == doc)["text"].item()
    start = text.index(expected["text"])
    places = [at for at in range(start, len(text)) if text.startswith(expected["text"], at)]
    spans = rows.select("start", "end").rows()
    wanted = len(expected["text"])
    assert any(min(end, at + wanted) - max(begin, at) >= 0.8 * wanted for at in places for begin, end in spans), rows[
        "evidence"
    ].to_list()
    if "alone" in expected:
        found = rows.filter(pl.col("evidence") == expected["text"]).row(0, named=True)
        assert found["versions"] > 2
        assert found["kept_by"] == found["versions"] - 1


def test_originals_are_clean_of_artifacts(demo: Report) -> None:
    found = demo.findings.filter(pl.col("doc").str.starts_with("originals/"), pl.col("severity") != "info")
    assert found.select("doc", "rule", "evidence").rows() == []


def test_every_article_sentence_has_a_back_translation(demo: Report) -> None:
    missing = demo.segments.filter(pl.col("kind") == "prose", pl.col("back_reason").is_not_null())
    assert missing.select("doc", "text", "back_reason").rows() == []


def test_every_span_is_exact(demo: Report) -> None:
    check_spans(demo)


def test_two_audits_are_the_same_bytes_whatever_the_hash_seed_cores_and_order_of_files(tmp_path: Path, checker: Run) -> None:
    copy = tmp_path / "demo"
    copy.mkdir()
    for path in sorted(DEMO.rglob("*"), reverse=True):  # another order on disk
        if path.is_file():
            (copy / path.relative_to(DEMO)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy / path.relative_to(DEMO))
    first, second = tmp_path / "first", tmp_path / "second"
    one = checker("audit", "demo", "--out", first, "--exit-zero", cwd=tmp_path, PYTHONHASHSEED="1", POLARS_MAX_THREADS="1")
    two = checker("audit", "demo", "--out", second, "--exit-zero", cwd=tmp_path, PYTHONHASHSEED="77", POLARS_MAX_THREADS="4")
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    for table in WRITTEN:
        for suffix in (".parquet", ".csv"):
            name = f"{table.name}{suffix}"
            assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert (first / "run.json").read_bytes() == (second / "run.json").read_bytes()


PARTS = {"read._TOGETHER": 4, "detect._CUT": 3, "align._PAIRINGS": 2, "align._BEADS": 7, "mentions._TOGETHER": 5, "score._PART": 9}
"""What bounds memory, and how much of it is held at a time."""


def test_a_report_is_the_same_bytes_however_the_work_is_cut(demo: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo.write(tmp_path / "one")
    for name, size in PARTS.items():
        module, bound = name.split(".")
        monkeypatch.setattr(import_module(f"checker.{module}"), bound, size)
    pipeline.audit(load(DEMO, {"paths": (DEMO,)}), batch=3).write(tmp_path / "many")
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "many" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_example_of_a_report_is_what_an_audit_gives_today(tmp_path: Path, checker: Run) -> None:
    flags = ("--originals", "originals/electric-boats.txt", "--out", tmp_path, "--exit-zero")
    checker("audit", "versions/en/electric-boats-reworded.txt", *flags, cwd=DEMO)
    for table in WRITTEN:
        name = f"{table.name}.csv"
        assert (tmp_path / name).read_text() == (ROOT / "reports" / "example" / name).read_text(), f"{name}: `make docs` renews it"


@pytest.mark.parametrize("start", ["Les agriculteurs", "Deux voisins", "Aux termes"])
def test_a_sentence_that_the_memory_lacks_is_unscored_alone(tmp_path: Path, start: str) -> None:
    """Its neighbours keep their scores, and the sentence that it renders is not told to be omitted."""
    folder, page = ROOT / "corpora" / "demo", "versions/fr/river-agreement.txt"
    whole = pl.read_parquet(folder / "memory.parquet")
    text = (folder / page).read_text("utf-8")
    gone = next(t for t in whole.filter(source="fr")["text"].to_list() if t in text and t.startswith(start))
    whole.filter(pl.col("text") != gone).write_parquet(tmp_path / "memory.parquet")
    runs = [
        api.audit(
            paths=[folder / page],
            originals=folder / "originals",
            memory=memory,
            engine="recorded",
            cache=False,
        )
        for memory in (folder / "memory.parquet", tmp_path / "memory.parquet")
    ]
    before, after = (run.sentences.filter(pl.col("original").is_not_null()) for run in runs)
    lost = after.filter(status="unscored").join(
        before.filter(status="unscored"), on=["n", "original_n"], how="anti", nulls_equal=True
    )
    assert lost.select("text", "alignment", "reason").rows() == [(gone, "1-1", "recorded: not in the memory")]
    kept = ["n", "original_n", "fidelity", "status"]
    assert_frame_equal(
        after.filter(status="scored").select(kept), before.filter(status="scored").filter(pl.col("text") != gone).select(kept)
    )
    assert set(runs[1].findings["rule"]) <= set(runs[0].findings["rule"])
