"""The seed documents, audited as they are: floors that only rise. The texts stay outside the project."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checker import report
from checker.config import Config
from checker.pipeline import audit
from tests.conftest import ROOT
from tests.test_offsets import check_spans

EXPECTED: dict[str, Any] = json.loads((ROOT / "seeds" / "expectations.json").read_text())
MANIFEST: dict[str, Any] = json.loads((ROOT / "seeds" / "manifest.json").read_text())

Scores = dict[str, int]


@pytest.fixture(scope="module")
def run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    for entry in MANIFEST["documents"]:
        path = shared / MANIFEST["folder"] / entry["file"]
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            pytest.skip(f"needs the seed document {path}, unchanged")
    folder = tmp_path_factory.mktemp("seeds")
    report.write(audit(Config(paths=(shared / "seeds",))), folder)
    return folder


@pytest.fixture(scope="module")
def scores(run: Path, shared: Path) -> Scores:
    for name, digest in EXPECTED["gold"].items():
        if hashlib.sha256((shared / "gold" / name).read_bytes()).hexdigest() != digest:
            pytest.skip(f"the gold file {name} is another one than the floors were set on")
    artifacts = scored(shared, "artifacts", run / "findings.parquet")[-1].replace(",", "").split()
    alignment = scored(shared, "alignment", run / "sentences.parquet")
    lax = alignment[-1].split("E lax ")[1].split("/")[0]
    control = pl.read_parquet(run / "sentences.parquet").filter(
        pl.col("n").is_not_null(), pl.col("original_n").is_not_null(), between("003", "004")
    )
    return {
        "artifacts_found": int(artifacts[2].split("/")[0]),
        "artifacts_false": int(artifacts[-1]),
        "alignment_lax": int(lax),
        "alignment_control_pairs": control.height,
    }


def between(one: str, two: str) -> pl.Expr:
    doc, original = pl.col("doc").str.head(3), pl.col("original").str.head(3)
    return ((doc == one) & (original == two)) | ((doc == two) & (original == one))


def scored(shared: Path, what: str, table: Path) -> list[str]:
    call = [sys.executable, str(shared / "gold" / "score.py"), what, str(table)]
    return subprocess.run(call, capture_output=True, text=True, check=True).stdout.strip().splitlines()


@pytest.mark.parametrize("floor", EXPECTED["floors"])
def test_no_score_falls_below_its_floor(scores: Scores, floor: str) -> None:
    bound, value = EXPECTED["floors"][floor], EXPECTED["floors"][floor]["history"][-1]
    assert scores[floor] >= value if bound["bound"] == "at least" else scores[floor] <= value


@pytest.mark.parametrize("doc", EXPECTED["derivations"])
def test_each_seed_is_said_to_derive_from_what_it_derives_from(run: Path, doc: str) -> None:
    row = pl.read_parquet(run / "documents.parquet").filter(pl.col("doc").str.head(3) == doc).row(0, named=True)
    said = {**row, "original": row["original"] and row["original"][:3]}
    for column, allowed in EXPECTED["derivations"][doc].items():
        assert said[column] in allowed, column


@pytest.mark.parametrize(("one", "two"), EXPECTED["editions"])
def test_editions_of_one_original_are_each_other_s(run: Path, one: str, two: str) -> None:
    rows = pl.read_parquet(run / "documents.parquet").with_columns(pl.col("doc", "original").str.head(3))
    for doc, other in ((one, two), (two, one)):
        assert rows.filter(pl.col("doc") == doc).select("derivation", "original").row(0) == ("edition", other)


def test_every_span_of_the_seeds_is_exact(run: Path) -> None:
    check_spans(report.read(run))
