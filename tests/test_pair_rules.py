"""The rules over aligned pairs: each finds what its fixtures say and no more, with spans that are evidence."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import facts
from checker.registry import rules
from checker.tables import SENTENCES

FIXTURES = Path(__file__).parent / "rules"
PAIR_RULES = {name: rule for name, rule in rules().items() if rule.reads == "pairs"}
SCHEMA = pl.Schema({**SENTENCES.schema, "english": pl.String()})

# Where a fixture's sentences stand in their documents: offsets that no test could get right by chance.
VERSION_AT, ORIGINAL_AT = 1_000, 5_000


STRANGE = ["", " ", "0", "½", "٣٫١٤ مليون", "\u202e8,5", "A" * 10_000, "1 " * 5_000, "not " * 5_000]
STRANGE += ["2³ 4:0 1/0 ⅔ ² ௧௨", "ſix 5\u212a 7 mİllıon", "hundred hundred a half", "nOT İI ßs", "1.2.3.4,5,6", "٣٫٬", "'s 'S ’"]


def loaded() -> list[Any]:
    """A parameter per fixture: name of the rule, fixture; those with a known failure marked so, strictly."""
    parameters = []
    for name in PAIR_RULES:
        for case in json.loads((FIXTURES / f"{name}.json").read_text("utf-8")):
            marks = [pytest.mark.xfail(reason=case["xfail"])] if "xfail" in case else []
            parameters.append(pytest.param(name, case, id=f"{name}: {case['why']}", marks=marks))
    return parameters


def row(n: int, original: str | None, version: str | None, lang: str = "en", back: str | None = None) -> dict[str, Any]:
    """One aligned pair as the stage `align` would hand it on."""
    alignment = "omission" if version is None else "addition" if original is None else "1-1"
    english = back if back is not None else version if lang == "en" else None
    return {
        "doc": "version.txt",
        "original": "original.txt",
        "n": None if version is None else n,
        "start": None if version is None else VERSION_AT * (n + 1),
        "end": None if version is None else VERSION_AT * (n + 1) + len(version),
        "text": version,
        "lang": None if version is None else lang,
        "back": back,
        "original_n": None if original is None else n,
        "original_start": None if original is None else ORIGINAL_AT * (n + 1),
        "original_end": None if original is None else ORIGINAL_AT * (n + 1) + len(original),
        "original_text": original,
        "alignment": alignment,
        "crossing": False,
        "similarity": overlap(original, english),
        "status": "unscored" if english is None or original is None else "scored",
        "english": english,
    }


def overlap(original: str | None, english: str | None) -> float | None:
    """A plain stand-in for the aligner's similarity: Dice of the words."""
    if original is None or english is None:
        return None
    ours, theirs = set(original.lower().split()), set(english.lower().split())
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def frame(case: dict[str, Any]) -> pl.DataFrame:
    """The pairs of a fixture: the one it is about first, then those of its context, the version's side of which may be unread."""
    pairs = [row(0, case["original"], case["version"], case["lang"], case["back"])]
    for n, (original, version) in enumerate(case.get("context", []), 1):
        pairs.append(row(n, original, version or "…", "en" if version else "ru"))
    return pl.DataFrame(pairs, schema=SCHEMA)


def cut(found: pl.DataFrame, side: str) -> list[str]:
    """The evidence of each finding on one side, by its offsets into the document."""
    text, start, end, origin = ("text", "start", "end", VERSION_AT) if side == "version" else (
        "original_text", "original_start", "original_end", ORIGINAL_AT,
    )  # fmt: skip
    rows = found.filter(pl.col(start).is_not_null()).iter_rows(named=True)
    return [line[text][line[start] - origin : line[end] - origin] for line in rows]


@pytest.mark.parametrize(("name", "case"), loaded())
def test_rule_finds_what_its_fixture_says(name: str, case: dict[str, Any]) -> None:
    found = PAIR_RULES[name].module.find(frame(case))
    assert cut(found, "version") == case["found"]
    if "found_original" in case:
        assert cut(found, "original") == case["found_original"]
    if not case["found"] and not case.get("found_original"):
        assert found.height == 0


@pytest.mark.parametrize("name", PAIR_RULES)
def test_fixtures_have_as_many_negatives_as_positives(name: str) -> None:
    cases = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    positives = sum(1 for case in cases if case["found"] or case.get("found_original"))
    assert positives <= len(cases) - positives


@pytest.mark.parametrize("name", PAIR_RULES)
def test_empty_frame_in_gives_empty_frame_out(name: str) -> None:
    found = PAIR_RULES[name].module.find(pl.DataFrame(schema=SCHEMA))
    assert found.height == 0
    assert dict(found.schema).items() >= {**SCHEMA, "message": pl.String()}.items()


@pytest.mark.parametrize("name", PAIR_RULES)
def test_find_leaves_its_input_as_it_was(name: str) -> None:
    pairs = everything()
    before = pairs.clone()
    PAIR_RULES[name].module.find(pairs)
    assert_frame_equal(pairs, before)


@pytest.mark.parametrize("name", PAIR_RULES)
def test_findings_stay_within_their_pair_and_say_something(name: str) -> None:
    pairs = everything()
    found = PAIR_RULES[name].module.find(pairs)
    bounds = {"first": "start", "last": "end", "original_first": "original_start", "original_last": "original_end"}
    whole = pairs.select("doc", "n", "original_n", **bounds)
    placed = found.join(whole, on=["doc", "n", "original_n"], nulls_equal=True)
    assert placed.height == found.height > 0
    for side in ("", "original_"):
        before, behind = pl.col(f"{side}start") < pl.col(f"{side}first"), pl.col(f"{side}end") > pl.col(f"{side}last")
        assert placed.filter(before | behind).height == 0
    assert found.filter(pl.col("message").is_null() | (pl.col("message") == "")).height == 0


@pytest.mark.parametrize("name", PAIR_RULES)
@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_find_survives_any_text(name: str, text: str) -> None:
    pairs = pl.DataFrame([row(0, text, "Two men saw 3 ships."), row(1, "No one in Oslo saw 3 ships.", text, "ar")], schema=SCHEMA)
    PAIR_RULES[name].module.find(pairs)


@pytest.mark.parametrize("name", PAIR_RULES)
def test_a_pair_that_is_the_same_on_both_sides_has_no_finding(name: str) -> None:
    cases = [case for rule in PAIR_RULES for case in json.loads((FIXTURES / f"{rule}.json").read_text("utf-8")) if case["original"]]
    same = pl.DataFrame([row(n, case["original"], case["original"]) for n, case in enumerate(cases)], schema=SCHEMA)
    assert PAIR_RULES[name].module.find(same).height == 0


@pytest.mark.parametrize(
    ("text", "lang", "values"),
    [
        ("two hundred and fifty thousand", "en", {250_000.0}),
        ("nineteen men and twenty-five women", "en", {19.0, 25.0}),
        ("a 127,000-troop force", "en", {127_000.0}),
        ("3.5 bn euros", "en", {3.5e9, 3.5}),
        ("2 691 Menschen", "de", {2691.0}),
        ("1,9 Millionen", "de", {1.9, 1.9e6}),
        ("12,5 млн", "ru", {12.5, 12.5e6}),
        ("190万人", "zh", {190.0, 1.9e6}),
        ("२५ लाख", "hi", {25.0, 2.5e6}),
        ("1,00,000", "en", {100_000.0}),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, lang: str, values: set[float]) -> None:
    read = facts.numbers(text, lang)
    stated = {key for number in read if number.kind != "soft" for key in number.keys}
    assert stated == values


def everything() -> pl.DataFrame:
    """Every fixture's pair in one frame, each a document of its own together with its context."""
    frames = []
    for rule in PAIR_RULES:
        for at, case in enumerate(json.loads((FIXTURES / f"{rule}.json").read_text("utf-8"))):
            frames.append(frame(case).with_columns(doc=pl.lit(f"{rule}-{at}.txt")))
    return pl.concat(frames)
