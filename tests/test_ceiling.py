"""Out and home: what originals lose on the way of their versions, and what the tables say of it."""

from pathlib import Path

import polars as pl
import pytest

from checker.ceiling import ceilings
from checker.config import Config
from checker.engines import Engine, argos
from checker.progress import quiet
from checker.tables import SENTENCES
from tests.conftest import Run, unpack
from tests.packages.grammar import held_out

PIVOTS = pl.DataFrame({"doc": ["home.txt"], "pivot": ["fr"]})


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return argos.load(Config(packages=unpack(tmp_path / "packages", "fr_en", "en_fr")))


def sentences(*rows: tuple[str, str, str, str | None, str]) -> pl.DataFrame:
    """Rows of doc, lang, original, engine and status."""
    frame = pl.DataFrame(rows, schema=["doc", "lang", "original_text", "engine", "status"], orient="row").with_row_index("n")
    return SENTENCES.conform(frame)


def test_a_ceiling_is_the_fidelity_of_the_originals_round_trip(engine: Engine) -> None:
    english = [source for source, _ in held_out("en_fr")[:12]]
    rows = sentences(*(("a.txt", "fr", text, "argos fr→en (…)", "scored") for text in english))
    found = ceilings(rows, PIVOTS, [engine], Config(), quiet)
    assert found.columns == rows.columns
    home = found.filter(pl.col("round_trip") == pl.col("original_text"))
    assert home.height >= 9
    assert home["ceiling"].to_list() == [100.0] * home.height
    other = found.filter(pl.col("round_trip") != pl.col("original_text"))
    assert (other["ceiling"] < 100).all()
    assert (found["ceiling"].is_null() == found["ceiling_reason"].is_not_null()).all()


def test_a_version_in_english_goes_through_the_pivot_that_its_text_names(engine: Engine) -> None:
    english = held_out("en_fr")[3][0]
    rows = sentences(("home.txt", "en", english, None, "scored"), ("other.txt", "en", english, None, "scored"))
    found = ceilings(rows, PIVOTS, [engine], Config(), quiet)
    assert found.select("doc", "ceiling").rows() == [("home.txt", 100.0), ("other.txt", None)]


def test_what_cannot_go_out_says_why_and_what_is_unscored_is_not_asked(engine: Engine) -> None:
    rows = sentences(("a.txt", "ru", "The cat sleeps.", "recorded", "scored"), ("a.txt", "ru", "The dog.", None, "unscored"))
    found = ceilings(rows, PIVOTS, [engine], Config(), quiet)
    assert found["ceiling_reason"].to_list() == ["no engine en→ru", None]
    assert found["ceiling"].to_list() == [None, None]


def test_an_audit_with_ceiling_writes_it_for_sentences_and_documents(tmp_path: Path, checker: Run) -> None:
    unpack(tmp_path / "packages", "fr_en", "en_fr")
    pairs = held_out("fr_en")[:15]
    for folder, side in (("versions", 0), ("originals", 1)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("\n\n".join(pair[side] for pair in pairs))
    (tmp_path / "checker.toml").write_text('packages = "packages"\noriginals = "originals"\nengine = "argos"\n')
    found = checker("audit", "versions", "--ceiling", "--out", "run", "--exit-zero", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "ceiling" in found.stdout
    scored = pl.read_parquet(tmp_path / "run" / "sentences.parquet").filter(pl.col("status") == "scored")
    assert scored.height >= 10
    assert (scored["ceiling"].is_not_null() | scored["ceiling_reason"].is_not_null()).all()
    document = pl.read_parquet(tmp_path / "run" / "documents.parquet").filter(pl.col("role") == "version")
    assert document["ceiling"].item() == pytest.approx(scored["ceiling"].mean(), abs=0.01)
    assert "fr-en 1.0" in (tmp_path / "run" / "run.json").read_text()
