"""The ledger of renderings: what is a name or a term, what renders it in each script, and where one drifts; versions compared."""

import json
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import ledger, versions
from checker.endings import related
from checker.mentions import mentions
from checker.rules import term_drift
from checker.sounds import likeness
from checker.tables import FINDINGS, SEGMENTS, SENTENCES, TERMS
from tests.conftest import ROOT

CASES: list[dict[str, Any]] = json.loads((ROOT / "tests" / "rules" / "term-drift.json").read_text("utf-8"))
STRANGE = [
    "",
    " ",
    "\u202e",
    "A " * 5_000,
    "Aa" * 20_000,
    "ΑΒΓ'",
    "U.S." * 500,
    "汉" * 5_000,
    "・" * 300,
    "’s ’S '",
    "İI ſ",
    "\x00",
]

# Where a pair's sentences stand, so that no offset is right by chance.
STEP, AHEAD = 10_000, 7


def sentences(pairs: list[list[str]], lang: str, doc: str = "version") -> pl.DataFrame:
    """`tables.SENTENCES` of pairs of an original's and a version's sentence."""
    rows = [
        {
            "doc": doc,
            "original": "original",
            "n": n,
            "start": n * STEP + AHEAD,
            "end": n * STEP + AHEAD + len(version),
            "text": version,
            "lang": lang,
            "original_n": n,
            "original_start": n * STEP,
            "original_end": n * STEP + len(original),
            "original_text": original,
            "status": "scored",
        }
        for n, (original, version) in enumerate(pairs)
    ]
    return SENTENCES.conform(pl.DataFrame(rows, infer_schema_length=None))


def named(*texts: str) -> list[tuple[str, str]]:
    """Kind and term of each mention in some sentences."""
    frame = pl.DataFrame({"sentence": range(len(texts)), "text": texts}, schema={"sentence": pl.UInt32, "text": pl.String})
    return mentions(frame).select("kind", "term").rows()


def rendered(pairs: list[list[str]], lang: str) -> list[tuple[str, str]]:
    return ledger.uses(sentences(pairs, lang), "en").select("term", "form").rows()


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_term_drift_finds_what_its_fixture_says(case: dict[str, Any]) -> None:
    rows = sentences(case["pairs"], case["lang"])
    found = term_drift.find(ledger.uses(rows, "en"))
    texts = {n * STEP: version for n, (_, version) in enumerate(case["pairs"])}
    cut = [
        texts[start // STEP * STEP][start % STEP - AHEAD : end % STEP - AHEAD]
        for start, end in found.select("start", "end").iter_rows()
    ]
    assert cut == case["found"] == found["form"].to_list()


def test_fixtures_have_as_many_negatives_as_positives() -> None:
    assert sum(bool(case["found"]) for case in CASES) <= sum(not case["found"] for case in CASES)


def test_a_drift_says_what_is_usual_and_how_often() -> None:
    found = term_drift.find(ledger.uses(sentences(CASES[0]["pairs"], "en"), "en"))
    assert found["message"].to_list() == ["Brightmoor: usually “Brightmoor” (3 of 4), here “Brightmore”"]


def test_names_are_runs_of_capitals_without_ranks_dates_and_the_word_that_begins_the_sentence() -> None:
    said = named("On Monday the mayor met Foreign Minister Lena Korvat in the World Bank.")
    assert said == [("name", "Lena Korvat"), ("name", "World Bank")]
    assert named("Then she sailed.", "American wheat is dear.") == []
    assert named("Savra is low.", "They crossed the Savra.") == [("name", "Savra"), ("name", "Savra")]


def test_a_term_recurs_and_is_keener_than_english_at_large() -> None:
    said = named(
        "The heater is old.",
        "A heater broke.",
        "Each heater is safe.",
        "The time has come.",
        "It was a time.",
        "The time is short.",
    )
    assert said == [("term", "heater")] * 3


@pytest.mark.parametrize(
    ("name", "lang", "version", "form"),
    [
        ("Hessel", "ru", "Вчера Хессель вернулся домой.", "Хессель"),
        ("Stanford", "ar", "قال باحثون في ستانفورد إن هذا ممكن.", "ستانفورد"),
        ("Stanford", "he", "חוקרים מסטנפורד אמרו זאת.", "מסטנפורד"),
        ("Stanford", "hi", "स्टैनफोर्ड के वैज्ञानिकों ने कहा।", "स्टैनफोर्ड"),
        ("Stanford", "el", "Επιστήμονες από το Στάνφορντ το είπαν.", "Στάνφορντ"),
        ("Stanford", "ja", "研究者はスタンフォードで語った。", "スタンフォード"),
        ("Stanford", "ko", "스탠퍼드 연구진이 말했다.", "스탠퍼드"),
        ("Germany", "zh", "他昨天回到德国。", "德国"),
        ("United States", "es", "Vive en los Estados Unidos desde ayer.", "Estados Unidos"),
    ],
)
def test_a_name_is_told_by_its_sound_or_its_place(name: str, lang: str, version: str, form: str) -> None:
    assert rendered([[f"They met {name} there.", version]], lang) == [(name, form)]


def test_a_word_that_only_sounds_like_a_name_is_none() -> None:
    assert rendered([["They saw Turkey there.", "قال ذلك أمس."]], "ar") == []


def test_a_term_in_a_language_without_spaces_is_told_by_the_sentences_that_share_it() -> None:
    pairs = [
        ["The heater is old.", "取暖器很旧。"],
        ["A heater broke.", "一台取暖器坏了。"],
        ["Each heater is safe.", "每台取暖器都安全。"],
    ]
    pairs += [[f"Nothing is new on day {n}.", f"第{n}天没有新闻。"] for n in range(60)]
    assert rendered(pairs, "zh") == [("heater", "取暖器")] * 3


def test_the_ledger_counts_renderings_documents_and_shares() -> None:
    both = pl.concat([sentences(CASES[0]["pairs"], "en"), sentences(CASES[0]["pairs"][:2], "en", "another")])
    table = ledger.terms(ledger.uses(both, "en")).filter(term="Brightmoor")
    said = table.select("rendering", "count", "documents", "share", "doc", "start").rows()
    assert said == [
        ("Brightmoor", 5, 2, 0.8333, "another", AHEAD + 13),
        ("Brightmore", 1, 1, 0.1667, "version", 3 * STEP + AHEAD + 12),
    ]


def test_the_ledger_is_the_same_in_any_order() -> None:
    rows = pl.concat([sentences(case["pairs"], case["lang"], f"{n}") for n, case in enumerate(CASES)])
    turned = rows.reverse()
    assert_frame_equal(ledger.uses(rows, "en"), ledger.uses(turned, "en"))


def test_the_ledger_reads_the_pairs_of_a_language_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.concat([sentences(case["pairs"], "en", f"{n}") for n, case in enumerate(CASES) if case["lang"] == "en"])
    whole = ledger.uses(rows, "en")
    monkeypatch.setattr(ledger, "_BLOCK", 1)
    assert_frame_equal(ledger.uses(rows, "en"), whole)


def test_nothing_gives_an_empty_ledger() -> None:
    used = ledger.uses(SENTENCES.empty(), "en")
    assert used.schema == pl.Schema(ledger.USES)
    assert_frame_equal(ledger.terms(used), TERMS.empty())
    assert term_drift.find(used).is_empty()


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize("lang", ["en", "ru", "zh", "ar", "xx"])
def test_the_ledger_survives_any_text(text: str, lang: str) -> None:
    used = ledger.uses(sentences([[text, text], ["They met Hessel there.", text], [text, "Хессель"]] * 2, lang), "en")
    assert used.filter(pl.col("end") <= pl.col("start")).is_empty()


@pytest.mark.parametrize(
    ("word", "other", "lang", "same"),
    [
        ("Савра", "Савры", "ru", True),
        ("Γερμανία", "Γερμανίας", "el", True),
        ("ממשלה", "הממשלה", "he", True),
        ("Брайтмур", "Брэйтмора", "ru", False),
        ("ferry", "ferries", "en", True),
        ("ferry", "boat", "en", False),
        ("heater", "heater", "xx", True),
        ("है", "हैती", "hi", False),
    ],
)
def test_forms_of_one_word_are_told_by_what_other_words_do(word: str, other: str, lang: str, *, same: bool) -> None:
    assert related(word, other, lang) is related(other, word, lang) is same


def test_a_name_sounds_alike_in_other_letters() -> None:
    assert likeness("Stanford", "Στάνφορντ") == likeness("Stanford", "स्टैनफोर्ड") == likeness("Hessel", "Хессель") == 1
    assert likeness("Stanford", "스탠퍼드") > 0.9
    assert likeness("Geneva", "Женева") == 1
    assert likeness("Stanford", "Гаага") == likeness("Stanford", "汉字") == 0


def compared(*lost: str) -> list[tuple[int | None, int | None]]:
    """`versions` and `kept_by` of the findings about one number that some of four versions lost."""
    pairs = [["It cost 12 euros.", "Es kostete 12 Euro."], ["It rained.", "Es regnete."]]
    docs = pl.concat([sentences(pairs, "de", doc) for doc in ("a", "b", "c", "d")])
    docs = docs.filter(~((pl.col("doc") == "d") & (pl.col("n") == 0)))  # it omits the sentence
    place = {"rule": "lost-number", "original": "original", "original_start": 8, "original_end": 10}
    found = FINDINGS.conform(pl.DataFrame([{"doc": doc, **place} for doc in lost]))
    segments = SEGMENTS.conform(pl.DataFrame({"doc": ["original"] * 2, "n": [0, 1], "start": [0, STEP], "end": [17, STEP + 10]}))
    return versions.compared(found, docs, segments).select("versions", "kept_by").rows()


def test_a_fact_that_one_version_alone_lost_is_kept_by_all_others() -> None:
    assert compared("a") == [(3, 2)]
    assert compared("a", "b") == [(3, 1), (3, 1)]


def test_what_no_rule_of_facts_found_is_not_compared() -> None:
    found = FINDINGS.conform(
        pl.DataFrame({"doc": ["a", "b"], "rule": ["byline", "omission"], "original": [None, "o"], "original_start": [None, 3]})
    )
    compared_ = versions.compared(found, SENTENCES.empty(), SEGMENTS.empty())
    assert_frame_equal(compared_, found, check_column_order=False)
