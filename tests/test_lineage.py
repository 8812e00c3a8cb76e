"""Lineage: every finding of the demo is told from its page to its scores, and a prefix that fits several is refused."""

import polars as pl
import pytest

from checker.errors import InputError
from checker.lineage import found, lineage
from checker.report import Report, scanned
from tests.conftest import ROOT, Run
from tests.test_outputs import hostile

STEPS = ["page", "characters", "sentence", "translation", "original", "scores", "finding"]


def test_every_finding_of_the_demo_has_its_steps_with_the_evidence_marked(demo: Report) -> None:
    run = scanned(demo)
    for row in demo.findings.iter_rows(named=True):
        lines = [*lineage(run, row)]
        assert [line.split()[0] for line in lines if not line.startswith(" ")] == STEPS
        shown = " ".join(row["evidence"].split())
        assert row["end"] - row["start"] > 400 or f"[[{shown}]]" in " ".join(lines), row
        if row["original_evidence"]:
            assert f"[[{' '.join(row['original_evidence'].split())}]]" in lines[lines.index(_step(lines, "original")) + 1]
        if row["rule"] in {"lost-number", "flipped-negation"}:
            assert _step(lines, "scores").split()[1] == "fidelity"


def _step(lines: list[str], name: str) -> str:
    return next(line for line in lines if line.startswith(name))


def test_a_translated_sentence_names_its_engine_and_its_english(demo: Report) -> None:
    pairs = demo.sentences.filter(pl.col("back").is_not_null(), pl.col("alignment") == "1-1", pl.col("lang") == "fr")
    pair = pairs.row(0, named=True)
    finding = demo.findings.row(0, named=True) | {name: pair[name] for name in ("doc", "n", "start", "end", "original")}
    told = "\n".join(lineage(scanned(demo), finding))
    assert f"translation   by {pair['engine']}" in told
    assert f"fidelity {pair['fidelity']:.1f}" in told
    assert " ".join(pair["back"].split())[:60] in told


def test_a_fingerprint_may_be_cut_short_where_it_fits_one(demo: Report) -> None:
    prints = demo.findings["fingerprint"]
    assert found(scanned(demo), prints[0][:12])["fingerprint"].to_list() == [prints[0]]
    with pytest.raises(InputError, match="give more of it"):
        found(scanned(demo), prints.str.slice(0, 1).mode()[0])
    for none in ("ffffffffffffffff", "", "no such"):
        with pytest.raises(InputError, match="no finding"):
            found(scanned(demo), none)


def test_files_of_one_name_may_share_a_fingerprint(demo: Report) -> None:
    row = demo.findings.head(1)
    twice = pl.concat([demo.findings, row.with_columns(doc=pl.lit("elsewhere/page.txt"))])
    run = Report(demo.documents, demo.segments, demo.sentences, twice, demo.run)
    assert found(scanned(run), row["fingerprint"][0]).height == 2


def test_a_hostile_page_commands_no_terminal() -> None:
    run = hostile()
    told = "\n".join(lineage(scanned(run), run.findings.row(0, named=True)))
    assert not any(c in told for c in "\x00\x07\x1b\x85\u2028\u202e\r")


def test_the_command_explains_a_finding_of_a_run(checker: Run) -> None:
    example = ROOT / "reports" / "example"
    fingerprint = pl.read_parquet(example / "findings.parquet").filter(pl.col("rule") == "lost-number")["fingerprint"][0]
    told = checker("explain", fingerprint[:10], example)
    assert told.returncode == 0, told.stderr
    assert "[[1.6 million]]" in told.stdout
    assert "[[1.9 million]]" in told.stdout
    assert checker("explain", "zzz", example).returncode == 2
