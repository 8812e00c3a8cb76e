"""Lineage: every finding of the demo is told from its page to its scores, and a prefix that fits several is refused."""

import polars as pl
import pytest

from checker.errors import InputError
from checker.lineage import found, lineage, named, told
from checker.report import Report, scanned
from checker.traces import places
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


def test_a_sentence_is_told_with_what_its_fidelity_is_made_of(demo: Report) -> None:
    run = scanned(demo)
    judged = demo.sentences.filter(pl.col("fidelity").is_not_null(), pl.col("alignment") == "1-1")
    cut, whole = (judged.filter(condition).row(0, named=True) for condition in (LESS >= 1, LESS.abs() < 0.01))
    for pair, facts in (
        (cut, f"less {cut['likeness'] - cut['fidelity']:.1f} for facts that differ"),
        (whole, "facts took nothing"),
    ):
        segment = named(run, f"{pair['doc']}#{pair['n']}")
        assert segment is not None
        lines = [*told(run, segment)]
        assert [line.split()[0] for line in lines if not line.startswith(" ")] == SENTENCE
        at = lines.index(_step(lines, "scores"))
        assert f"fidelity {pair['fidelity']:.1f}: likeness {pair['likeness']:.1f}" in lines[at]
        assert facts in lines[at]
        assert f"words {pair['words']:.2f}, order {pair['order']:.2f}, fluency {pair['fluency']:.1f}" in lines[at + 1]
    assert "findings      none" not in [*told(run, named(run, f"{cut['doc']}#{cut['n']}") or {})]


LESS = pl.col("likeness") - pl.col("fidelity")
SENTENCE = ["page", "sentence", "translation", "original", "scores", "findings"]


def test_the_end_of_a_name_will_do_where_it_fits_one_sentence(demo: Report) -> None:
    run = scanned(demo)
    assert (
        named(run, "fr/barley-soup.txt#8")
        == named(run, "versions/fr/barley-soup.txt#8")
        != named(run, "originals/barley-soup.txt#8")
    )
    assert named(run, "45c3e421") is None
    for several in ("river-agreement.txt#5", "#5"):
        with pytest.raises(InputError, match="name the document"):
            named(run, several)
    for none in ("fr/barley-soup.txt#999", "soup.txt#8", "#99999"):
        with pytest.raises(InputError, match="no sentence"):
            named(run, none)


@pytest.mark.parametrize(
    ("message", "back", "there"),
    [
        ("Her → His", "His counterpart said this of his wife.", ["His"]),
        ("said by: Our passengers → Passengers", "Passengers told us.", ["Passengers"]),
        ("27 → 72", "In 1972, 72 of 72.5 went.", ["72"]),
        ("number added: six", "All six or sixteen, six.", ["six", "six"]),
        ("head → boss: a false friend (Spanish)", "The boss came.", ["boss"]),
        ("name lost: Veil", "Sail and Veil", []),
        ("a → b", "nothing of it", []),
        ("a → ", "nothing of it", []),
    ],
)
def test_what_a_finding_says_is_there_is_found_as_whole_words(message: str, back: str, there: list[str]) -> None:
    assert [back[start:end] for start, end in places(message, back)] == there


def test_a_finding_in_a_translated_sentence_is_marked_in_its_back_translation(demo: Report) -> None:
    finding = demo.findings.filter(pl.col("rule") == "changed-gender", pl.col("lang").is_null()).row(0, named=True)
    lines = [*lineage(scanned(demo), finding)]
    assert "[[His]]" in lines[lines.index(_step(lines, "translation")) + 1]


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
    sentence = checker("explain", "electric-boats-reworded.txt#8", example)
    assert "made of: words" in sentence.stdout, sentence.stderr
    assert checker("explain", "electric-boats-reworded.txt#999", example).returncode == 2
