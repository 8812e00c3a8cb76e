"""Detection: what becomes of the evidence that rules return."""

import polars as pl

from checker.detect import detect, mark
from checker.registry import rules
from checker.segment import lines, segment
from checker.tables import PAGES

TEXT = "Ferry strike ends\n\nThe strike of ferry crews in Kirkwall ended on Monday.\n\nThe crews sail again.\n\nГолос Америки"


def detected(text: str, doc: str = "a") -> tuple[pl.DataFrame, pl.DataFrame]:
    anchors = [[{"offset": 0, "line": 1, "column": 1}]]
    page = pl.DataFrame({"doc": [doc], "status": ["ok"], "text": [text], "anchors": anchors})
    pages = PAGES.conform(page)
    found = lines(pages)
    segments = segment(found, pl.Series([], dtype=pl.String))
    return segments, detect(pages, found, segments, list(rules()))


def test_a_segment_that_evidence_covers_becomes_what_the_rule_marks() -> None:
    segments, found = detected(TEXT)
    assert mark(segments, found)["kind"].to_list() == ["headline", "prose", "prose", "tag"]


def test_a_fingerprint_survives_what_is_put_before_it() -> None:
    _, before = detected(TEXT)
    _, after = detected(f"Another headline of the day\n\n{TEXT}")
    assert before["fingerprint"].to_list() == after["fingerprint"].to_list()
    assert before["start"].to_list() != after["start"].to_list()


def test_equal_evidence_has_fingerprints_of_its_own() -> None:
    _, found = detected(f"States United won.\n{TEXT}\nStates United won.")
    assert found["fingerprint"].is_unique().all()


def test_a_fingerprint_survives_other_lines_and_other_folders() -> None:
    text = "The ferry is late today, said the mayor of Kirkwall, and that the States United won the game on Monday night."
    _, before = detected(text, "pages/en/a.txt")
    _, after = detected(text.replace("mayor of", "mayor\nof"), "a.txt")
    assert before.filter(pl.col("rule") == "permuted-name")["fingerprint"].to_list() != []
    assert set(before["fingerprint"]) <= set(after["fingerprint"])
    assert set(before["fingerprint"]).isdisjoint(detected(text, "b.txt")[1]["fingerprint"])
