"""Pairs of any two languages: what is told without an English reading, and of which language a text surely is."""

import json
from pathlib import Path

import polars as pl
import pytest

from checker import languages, telling
from checker.registry import rules
from tests.conftest import Run
from tests.test_pair_rules import SCHEMA, row

ENGLISH = "The harbour was closed on Monday morning because of the storm."
GERMAN = "Der Hafen war am Montagmorgen wegen des Sturms geschlossen."


def found(name: str, pairs: pl.DataFrame) -> list[str]:
    return rules()[name].module.find(pairs)["message"].to_list()  # type: ignore[no-any-return]


def test_swapped_sides_are_told_on_both() -> None:
    pairs = pl.DataFrame([row(0, GERMAN, ENGLISH, "de")], schema=SCHEMA)
    assert found("wrong-language", pairs) == ["the version is in English, not German", "the original is in German, not English"]


def test_the_language_of_the_originals_is_that_of_the_settings() -> None:
    pairs = pl.DataFrame([row(0, GERMAN, ENGLISH, "en")], schema=SCHEMA)
    assert found("wrong-language", pairs.with_columns(original_lang=pl.lit("de"))) == []
    assert found("wrong-language", pairs) == ["the original is in German, not English"]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "They said that it was not from you."),
        ("de", "Das ist nicht von ihm, und er kommt auch nicht."),
        ("hi", "वह घर में है और आज भी काम कर रहा है।"),
    ],
)
def test_telling_words_confirm_a_sentence_in_its_language_and_in_no_other(lang: str, text: str) -> None:
    frame = pl.DataFrame({"text": [text]})
    script = languages.SCRIPT_OF[lang]
    said = [code for code in languages.CANDIDATES[script] if frame.select(telling.confirmed(pl.col("text"), code)).item()]
    assert said == [lang]


def test_half_a_sentence_in_another_language_is_not_confirmed() -> None:
    mixed = pl.DataFrame({"text": [ENGLISH + " " + GERMAN + " " + GERMAN]})
    assert not mixed.select(telling.confirmed(pl.col("text"), "en")).item()


def test_a_list_of_names_is_of_no_foreign_language() -> None:
    texts = pl.Series(["On Monday Piotr Zalewski left Warsaw.", "Kim Jong Un, Moon Jae In, Shinzo Abe", "", None, "東京都知事選挙"])
    assert telling.foreign(texts, "en").filter(pl.col("script") == "Latn").is_empty()


@pytest.mark.parametrize(
    "text",
    [
        "Angela Merkel met Olaf Scholz in Berlin.",
        "Emmanuel Macron met Giorgia Meloni in Paris.",
        "Jan van der Berg is in Den Haag.",
    ],
)
def test_foreign_names_make_an_english_sentence_of_no_other_language(text: str) -> None:
    assert telling.foreign(pl.Series([text]), "en").is_empty()


@pytest.mark.parametrize(
    ("lang", "text"), [("de", "Klaus Schmidt wohnt in München."), ("nl", "Jan van der Berg woont in Den Haag.")]
)
def test_words_in_small_letters_tell_the_language_that_names_say_too(lang: str, text: str) -> None:
    assert telling.foreign(pl.Series([text]), "en")["lang"].to_list() == [lang]


def test_loops_are_told_wherever_they_stand_and_however_long_the_table_is() -> None:
    loop, plain = "Er ging und kam er und kam er und kam er und rief.", "Und dann kam er aus dem Haus und ging zum Hafen hinunter."
    rows = [row(n, ENGLISH, loop if n % 1_000 == 999 else plain, "de") for n in range(3_000)]
    pairs = pl.DataFrame(rows, schema=SCHEMA)
    missing = pl.DataFrame([row(0, None, loop, "de"), row(1, loop, None)], schema=SCHEMA)
    told = rules()["repetition"].module.find(pl.concat([pairs, missing] * 20))
    assert told.height == 60
    assert set(told["message"]) == {'the version repeats "und kam er"'}
    assert set(told["text"]) == {loop}


def test_a_bitext_without_back_translation_is_unscored_with_a_reason_and_has_findings(tmp_path: Path, checker: Run) -> None:
    file, out = tmp_path / "pairs.jsonl", tmp_path / "scored.jsonl"
    pairs = [(ENGLISH, GERMAN), (ENGLISH, ENGLISH), (ENGLISH, "Der Hafen")]
    file.write_text("".join(json.dumps({"en": original, "de": version}) + "\n" for original, version in pairs))
    run = checker("score", file, "--original", "en", "--back", "de", "--lang", "de", "--out", out)
    assert run.returncode == 0, run.stderr
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {row["reason"] for row in rows} == {"no back-translation from German"}
    assert [row["severity"] for row in rows] == [None, "minor", "minor"]
    assert {row["fidelity"] for row in rows} == {None}


def test_a_row_that_is_surely_in_another_language_is_not_compared_as_english(tmp_path: Path, checker: Run) -> None:
    file, out = tmp_path / "pairs.jsonl", tmp_path / "scored.jsonl"
    file.write_text("".join(json.dumps({"original": ENGLISH, "back": back}) + "\n" for back in (ENGLISH, GERMAN)))
    checker("score", file, "--out", out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["status"] for row in rows] == ["scored", "unscored"]
    assert rows[1]["reason"] == "no back-translation from German"


def test_an_original_in_another_language_is_not_compared_either(tmp_path: Path, checker: Run) -> None:
    file, out = tmp_path / "pairs.jsonl", tmp_path / "scored.jsonl"
    pairs = [(GERMAN, ENGLISH), (GERMAN, GERMAN), ("", GERMAN)]
    file.write_text("".join(json.dumps({"original": original, "back": back}) + "\n" for original, back in pairs))
    checker("score", file, "--out", out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["reason"] for row in rows] == ["the original is in German, not English", None, "the original is empty"]
    assert rows[1]["fidelity"] == 100
