"""One battery over all page rules: what every rule must hold, and its fixtures on the way that real pages go."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import detect, packs, read, registry, segment, tables
from checker.config import Config

FIXTURES = Path(__file__).parent / "rules"
ORIGINALS = Path(__file__).parent.parent / "corpora" / "demo" / "originals"
RULES = {name: rule for name, rule in registry.rules().items() if rule.reads != "pairs"}
KINDS = {"chrome", "tag", "caption", "byline", "duplicate"}
FRAMES = {"lines": tables.LINES, "segments": tables.SEGMENTS}


def fixtures(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return found


def cases() -> list[Any]:
    """Every fixture, a known failure as a strict one: it must be struck off when it begins to pass."""
    found = []
    for name in RULES:
        for n, case in enumerate(fixtures(name)):
            marks = [pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
            found.append(pytest.param(name, n, id=f"{name}-{n}", marks=marks))
    return found


@cache
def frames(folder: Path | None = None) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Pages, lines and segments of the files in a folder; without one, of all fixtures."""
    if folder is not None:
        return _frames(read.read(Config(paths=(folder,))))
    with TemporaryDirectory() as place:
        stated = {}
        for name in RULES:
            (Path(place) / name).mkdir()
            for n, case in enumerate(fixtures(name)):
                (Path(place) / name / f"{n:03}.txt").write_bytes(case["text"].encode())
                stated[f"{name}/{n:03}.txt"] = case["lang"]
        pages = read.read(Config(paths=(Path(place),)))
    lang = pl.col("doc").replace_strict(stated, return_dtype=pl.String)
    return _frames(pages.with_columns(lang=lang))


def _frames(pages: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    lines = segment.lines(pages)
    return pages, lines, segment.segment(lines, pl.Series([], dtype=pl.String))


@cache
def findings(name: str) -> pl.DataFrame:
    return detect.detect(*frames(), [name])


@pytest.mark.parametrize(("name", "n"), cases())
def test_a_rule_finds_in_a_fixture_what_it_says_and_nothing_else(name: str, n: int) -> None:
    found = findings(name).filter(pl.col("doc") == f"{name}/{n:03}.txt")
    assert found["evidence"].to_list() == fixtures(name)[n]["found"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_as_many_negatives_as_positives(name: str) -> None:
    negatives = sum(not case["found"] for case in fixtures(name))
    assert negatives * 2 >= len(fixtures(name)) >= 8


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_is(name: str) -> None:
    rule = RULES[name]
    assert rule.severity in registry.SEVERITIES
    assert "/" in rule.category
    assert rule.marks is None or rule.marks in KINDS
    assert rule.reads in FRAMES
    assert rule.summary.endswith(".")
    assert all(part in rule.page for part in ("Hit:", "No hit:", "Limits:"))


def test_codes_are_unique() -> None:
    codes = [rule.code for rule in registry.rules().values()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_points_at_its_evidence(name: str) -> None:
    found = findings(name).join(frames()[0].select("doc", page="text"), on="doc")
    cut = found.select(pl.col("page").str.slice(pl.col("start"), pl.col("end") - pl.col("start")))["page"].to_list()
    assert found["evidence"].to_list() == cut
    assert (found["end"] > found["start"]).all()
    assert found["message"].null_count() == 0


@pytest.mark.parametrize("name", RULES)
def test_a_rule_leaves_its_frame_as_it_was(name: str) -> None:
    frame = dict(zip(FRAMES, frames()[1:], strict=True))[RULES[name].reads]
    before = frame.clone()
    RULES[name].module.find(frame)
    assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_nothing_in_an_empty_frame(name: str) -> None:
    assert RULES[name].module.find(FRAMES[RULES[name].reads].empty()).is_empty()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_does_not_depend_on_the_other_documents_order(name: str) -> None:
    frame = dict(zip(FRAMES, frames()[1:], strict=True))[RULES[name].reads]
    turned = frame.sort("doc", "start", descending=[True, False])
    key = ["doc", "start", "end"]
    found, again = (RULES[name].module.find(each).select(key).unique().sort(key) for each in (frame, turned))
    assert_frame_equal(found, again)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_nothing_in_clean_originals(name: str) -> None:
    found = detect.detect(*frames(ORIGINALS), [name])
    assert found.select("doc", "evidence").rows() == []


@pytest.mark.parametrize("name", ["foreign_tags", "ui_chrome", "bylines", "captions", "sentence_ends", "places", "calques"])
def test_a_pack_has_no_entry_twice(name: str) -> None:
    def lists(table: Any) -> list[list[str]]:
        if isinstance(table, dict):
            return [found for value in table.values() for found in lists(value)]
        return [table] if isinstance(table, list) and all(isinstance(entry, str) for entry in table) else []

    for entries in lists(packs.load(name)):
        assert sorted(entries) == sorted(set(entries))
