"""Consistency across rows and documents."""

import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from checker.cli import app
from checker.config import Config
from checker.consistency import inconsistencies
from checker.sameness import normalised, said
from checker.shingles import bands
from checker.tables import INCONSISTENCIES

PORT = "The ship left the port of Kiel with {} sailors on Monday morning."
HAFEN = "Das Schiff verließ am Montagmorgen den Hafen von Kiel mit {} Matrosen."


def found(folder: Path, rows: list[tuple[str, str]], **options: str) -> pl.DataFrame:
    """The inconsistencies of pairs in a CSV file."""
    folder.mkdir(exist_ok=True)
    pl.DataFrame(rows, schema=["original", "version"], orient="row").write_csv(folder / "pairs.csv")
    (folder / "work").mkdir(exist_ok=True)
    told, *_ = inconsistencies([folder / "pairs.csv"], Config(version_lang=options.get("lang", "de")), folder / "work")
    return told.collect()


def test_the_commonest_version_is_what_others_are_told_against(tmp_path: Path) -> None:
    told = found(tmp_path, [("Cancel", "Abbrechen"), ("cancel ", "Abbrechen"), ("Cancel", "Löschen"), ("Save", "Sichern")])
    assert told.select("kind", "severity", "line", "version", "other_version", "count", "other_count", "of").rows() == [
        ("different-version", "minor", 4, "Löschen", "Abbrechen", 1, 2, 3)
    ]


def test_of_versions_that_are_as_common_a_slip_is_what_is_told(tmp_path: Path) -> None:
    """By the alphabet it would be what the others are told against."""
    said = ["Benito Moses", "Benito Mussolini", "Mussolini", "Mussolini, Benito,"]
    told = found(tmp_path, [("Бенито Муссолини правил Италией.", f"{name} ruled Italy.") for name in said], lang="en")
    assert told["other_version"].unique().to_list() == ["Benito Mussolini ruled Italy."]


def test_another_number_is_graver_than_another_word_and_that_than_a_capital(tmp_path: Path) -> None:
    rows = [("5 days", "5 Tage"), ("5 days", "5 Tage"), ("5 days", "6 Tage"), ("5 days", "5 Nächte"), ("5 days", "5 tage!")]
    assert found(tmp_path, rows).select("severity", "message", "line").rows() == [
        ("major", "number: 5 → 6", 4),
        ("minor", "other words", 5),
        ("info", "other case, punctuation or spaces", 6),
    ]


def test_a_lost_negation_is_a_contradiction_in_english(tmp_path: Path) -> None:
    rows = [("Er hat nicht unterschrieben.", text) for text in ("He did not sign.", "He did not sign.", "He did sign.")]
    told = found(tmp_path, rows, lang="en")
    assert told.select("severity", "line").rows() == [("major", 4)]
    assert "negation" in told["message"][0]


def test_one_version_for_two_numbers_is_told_and_for_two_words_of_thanks_is_not(tmp_path: Path) -> None:
    told = found(
        tmp_path, [("Save 3 files", "3 sichern"), ("Save 4 files", "3 sichern"), ("Thanks", "Danke"), ("Thank you", "Danke")]
    )
    grave = told.filter(pl.col("severity") != "info")
    assert grave.select("kind", "message", "line").rows() == [("same-version", "number: 3 → 4", 3)]


def test_a_number_that_one_of_two_near_sentences_changes_is_told_once(tmp_path: Path) -> None:
    rows = [(PORT.format(n), HAFEN.format(29 if n == 28 else n)) for n in (26, 27, 28)]
    assert found(tmp_path, rows).select("kind", "severity", "message", "line").rows() == [
        ("near-duplicate", "major", "number: 28 → 29", 4)
    ]


def test_a_pattern_whose_numbers_change_on_both_sides_is_consistent(tmp_path: Path) -> None:
    assert found(tmp_path, [(PORT.format(n), HAFEN.format(n)) for n in range(20, 60)]).is_empty()


def test_versions_in_two_languages_are_not_compared(tmp_path: Path) -> None:
    pl.DataFrame({"original": ["Cancel"] * 2, "version": ["Abbrechen", "Annuler"], "lang": ["de", "fr"]}).write_csv(
        tmp_path / "a.csv"
    )
    told, count, _ = inconsistencies([tmp_path / "a.csv"], Config(), tmp_path)
    assert (told.collect().height, count) == (0, 2)


def test_numbers_are_kept_where_case_width_and_quotes_are_not() -> None:
    texts = pl.DataFrame({"text": ["Ａ “b”\u00a0 1,5", 'a "B" 1,5', 'a "b" 15']})
    assert texts.select(normalised(pl.lit("Straße")) == normalised(pl.lit("STRASSE"))).item()
    plain = texts.select(normalised(pl.col("text")))["text"].to_list()
    assert plain[0] == plain[1] != plain[2]
    told = texts.select(said(pl.col("text")))["text"].to_list()
    assert told[0] == told[1] != told[2]


def test_bands_are_the_same_on_every_machine() -> None:
    """Nothing of them may rest on polars' hashes, which depend on the processor."""
    told = bands(pl.Series(["the ship left the port of kiel", "short"]), pl.Series(["de", "de"]))
    assert told.row(0)[0] == 4764737569099526594
    assert told.row(1) == (None,) * 10


def test_the_order_of_files_and_the_hash_seed_change_no_byte(tmp_path: Path) -> None:
    draw = random.Random(0)  # noqa: S311 -- no secret
    rows = [(PORT.format(n := draw.randrange(30)), HAFEN.format(n + (draw.random() < 0.1))) for _ in range(300)]
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for number, file in enumerate(files):
        pl.DataFrame(rows[number::3], schema=["original", "version"], orient="row").write_csv(file)
    written = []
    for seed, named in (("1", files), ("2", files[::-1])):
        out = tmp_path / f"{seed}.jsonl"
        command = [sys.executable, "-m", "checker", "consistency", *map(str, named), "--out", str(out), "--exit-zero"]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        written.append(out.read_bytes())
    assert written[0] == written[1]
    assert len(written[0].splitlines()) > 10


def test_a_run_tells_original_sentences_of_two_documents_that_contradict(tmp_path: Path) -> None:
    for name, count in (("one", 27), ("two", 72)):
        pl.DataFrame(
            {"original": [PORT.format(count)], "version": [f"The ship left Kiel's port on Monday with {count} sailors."]}
        ).write_csv(tmp_path / f"{name}.csv")
    run = tmp_path / "run"
    audited = CliRunner().invoke(
        app, ["audit", *(str(tmp_path / f"{name}.csv") for name in ("one", "two")), "--out", str(run), "--exit-zero"]
    )
    assert audited.exit_code == 0, audited.output
    told = CliRunner().invoke(app, ["consistency", str(run)])
    assert told.exit_code == 1
    assert "contradiction (minor) number: 27 → 72" in told.stdout


def test_a_version_is_compared_as_that_of_its_own_original_alone(tmp_path: Path) -> None:
    """An audit aligns it with others, too, that are nearly the same."""
    text = "The strike at the mine ended on Monday after {} days of talks. {} people in the region had joined it, the union said."
    for folder in ("originals", "versions"):
        (tmp_path / folder).mkdir()
        for name, numbers in (("one", ("nine", "3,000")), ("two", ("eleven", "5,000"))):
            said = text.format(*numbers).replace("had joined", "had joined" if folder == "originals" else "took part in")
            (tmp_path / folder / f"{name}.txt").write_text(f"{said}\n")
    run = tmp_path / "run"
    flags = ("--originals", str(tmp_path / "originals"), "--out", str(run), "--exit-zero")
    assert CliRunner().invoke(app, ["audit", str(tmp_path / "versions"), *flags]).exit_code == 0
    assert pl.read_parquet(run / "sentences.parquet").group_by("doc").agg(pl.col("original").n_unique())["original"].max() == 2
    told = CliRunner().invoke(app, ["consistency", str(run)])
    assert "-version" not in told.stdout, told.stdout
    assert told.stdout.count("contradiction") == 2


def test_units_of_localisation_files_are_compared_with_their_lines(tmp_path: Path) -> None:
    entry = '\n#: {0}\nmsgctxt "{0}"\nmsgid "Cancel"\nmsgstr "{1}"\n'
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nLanguage: de\\n"\n'
    (tmp_path / "de.po").write_text(head + entry.format("a", "Abbrechen") + entry.format("b", "Löschen"), "utf-8")
    (tmp_path / "de.po").write_text((tmp_path / "de.po").read_text("utf-8") + entry.format("c", ""), "utf-8")
    told = CliRunner().invoke(app, ["consistency", str(tmp_path / "de.po")])
    assert told.exit_code == 1
    assert "different-version (minor) other words, in b" in told.stdout
    assert "1 row left out" in told.stderr


def test_a_unit_is_told_where_a_file_has_one_line(tmp_path: Path) -> None:
    units = "".join(
        f'<tu tuid="{name}"><tuv xml:lang="en"><seg>Cancel</seg></tuv><tuv xml:lang="de"><seg>{said}</seg></tuv></tu>'
        for name, said in (("dialog.cancel", "Abbrechen"), ("menu.cancel", "Löschen"), ("toolbar.cancel", "Abbrechen"))
    )
    memory = tmp_path / "memory.tmx"
    memory.write_text(f'<tmx version="1.4"><header srclang="en"/><body>{units}</body></tmx>', "utf-8")
    told, *_ = inconsistencies([memory], Config(), tmp_path)
    assert told.select("line", "unit", "other_line", "other_unit").collect().rows() == [(1, "menu.cancel", 1, "dialog.cancel")]


def test_what_is_consistent_ends_with_0_and_writes_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("original,version\nCancel,Abbrechen\n,\n", "utf-8")
    ended = CliRunner().invoke(app, ["consistency", str(tmp_path / "a.csv"), "--out", str(tmp_path / "out.parquet")])
    assert ended.exit_code == 0
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), INCONSISTENCIES.empty())


@pytest.mark.parametrize(
    ("content", "code"), [("original,version\n", 5), ("original,version\n ,x\n", 5), ("a,b\n1,2\n", 2), ("", 2)]
)
def test_a_table_without_pairs_says_so(tmp_path: Path, content: str, code: int) -> None:
    (tmp_path / "a.csv").write_text(content, "utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "checker", "consistency", str(tmp_path / "a.csv")], check=False, capture_output=True, text=True
    )
    assert process.returncode == code
    assert "error:" in process.stderr
    assert "Traceback" not in process.stderr


def test_hostile_texts_are_compared_as_they_are(tmp_path: Path) -> None:
    odd = ["\u202eabc", "=cmd()", "👩‍👩‍👧 " * 3000, "\x1b[31mred", "ا" * 50]
    told = found(tmp_path, [(text, f"{text}{n}") for text in odd for n in ("x", "y")])
    assert told.height == len(odd)
    printed = CliRunner().invoke(app, ["consistency", str(tmp_path / "pairs.csv")]).stdout
    assert "\x1b[31m" not in printed
    assert "\u202e" not in printed


def test_a_name_that_took_anothers_place_contradicts_and_one_that_is_left_out_does_not(tmp_path: Path) -> None:
    original = "Sie fuhren gestern nach Kiel."
    usual = "They don&#39;t go from Washington to Kiel."
    rows = [
        usual,
        usual,
        "They don't go from Wisconsin to Kiel.",
        "They don't go to Kiel.",
        "They don't go from Washington to Kiel.",
    ]
    told = found(tmp_path, [(original, text) for text in rows], lang="en")
    assert dict(told.select("line", "severity").rows()) == {4: "major", 5: "minor", 6: "minor"}


def test_a_cell_that_a_spreadsheet_would_run_is_a_text_in_csv(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("original,version\n=A1 is red here,=rouge\n=A1 is red here,=vert\n", "utf-8")
    CliRunner().invoke(app, ["consistency", str(tmp_path / "pairs.csv"), "--out", str(tmp_path / "found.csv")])
    assert pl.read_csv(tmp_path / "found.csv").select("original", "version").row(0) == ("'=A1 is red here", "'=vert")


def test_a_line_of_two_originals_prints_the_version_that_they_share(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("original,version\nPay 5 euros here,Hier zahlen\nPay 7 euros here,Hier zahlen\n", "utf-8")
    printed = CliRunner().invoke(app, ["consistency", str(tmp_path / "pairs.csv"), "--lang", "de"]).stdout
    assert "“Pay 7 euros here”; “Pay 5 euros here” → “Hier zahlen”" in printed.replace("\n", " ")
