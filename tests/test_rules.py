"""One battery over all page rules: what every rule must hold, and its fixtures on the way that real pages go."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import packs, read, registry, segment, tables
from checker.config import Config
from checker.detect import detect

FIXTURES = Path(__file__).parent / "rules"
ORIGINALS = Path(__file__).parent.parent / "corpora" / "demo" / "originals"
RULES = {name: rule for name, rule in registry.rules().items() if rule.reads not in registry.AFTER_TRANSLATION}
KINDS = {"chrome", "tag", "caption", "byline", "duplicate"}
FRAMES = {"pages": tables.PAGES, "lines": tables.LINES, "segments": tables.SEGMENTS}


def fixtures(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return found


def file_of(name: str, n: int) -> str:
    """The document that a fixture becomes; `suffix` says of what format it is."""
    return f"{name}/{n:03}{fixtures(name)[n].get('suffix', '.txt')}"


def asked(name: str, lines: pl.DataFrame, pages: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """The frame that a rule's `find` reads."""
    frames = {"pages": pages, "lines": lines, "segments": segments}
    return RULES[name].module.gather(lines) if RULES[name].reads == "gathered" else frames[RULES[name].reads]


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
                (Path(place) / file_of(name, n)).write_bytes(case["text"].encode())
                stated[file_of(name, n)] = case["lang"]
        pages = read.read(Config(paths=(Path(place),)))
    lang = pl.col("doc").replace_strict(stated, return_dtype=pl.String)
    return _frames(pages.with_columns(lang=lang))


def _frames(pages: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    lines = segment.lines(pages)
    return pages, lines, segment.segment(lines, pl.Series([], dtype=pl.String))


@cache
def findings(name: str) -> pl.DataFrame:
    return detect(*frames(), [name])


@pytest.mark.parametrize(("name", "n"), cases())
def test_a_rule_finds_in_a_fixture_what_it_says_and_nothing_else(name: str, n: int) -> None:
    found = findings(name).filter(pl.col("doc") == file_of(name, n))
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
    assert rule.reads in {*FRAMES, "gathered"}
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
    # What a page's markup says stands nowhere in its text.
    assert (found["end"] > found["start"]).all() or RULES[name].reads == "pages"
    assert found["message"].null_count() == 0


@pytest.mark.parametrize("name", RULES)
def test_a_rule_leaves_its_frame_as_it_was(name: str) -> None:
    pages, lines, segments = frames()
    before = lines.clone()
    frame = asked(name, lines, pages, segments)
    assert_frame_equal(lines, before)
    before = frame.clone()
    RULES[name].module.find(frame)
    assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_nothing_in_an_empty_frame(name: str) -> None:
    empty = asked(name, tables.LINES.empty(), tables.PAGES.empty(), tables.SEGMENTS.empty())
    assert RULES[name].module.find(empty).is_empty()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_does_not_depend_on_the_other_documents_order(name: str) -> None:
    pages, lines, segments = frames()
    turned = [frame.sort("doc", descending=True, maintain_order=True) for frame in (lines, pages, segments)]
    key = ["doc", "start", "end"]
    found, again = (
        RULES[name].module.find(asked(name, *each)).select(key).unique().sort(key) for each in ((lines, pages, segments), turned)
    )
    assert_frame_equal(found, again)


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.reads != "gathered"])
def test_a_rule_that_does_not_gather_judges_each_document_by_itself(name: str) -> None:
    pages, lines, segments = frames()
    key = ["doc", "start", "end"]
    found = RULES[name].module.find(asked(name, lines, pages, segments)).select(key).unique().sort(key)
    halves = []
    for keep in (0, 1):
        some = pages.gather_every(2, keep).select("doc")
        part = [frame.join(some, on="doc", how="semi", maintain_order="left") for frame in (lines, pages, segments)]
        halves.append(RULES[name].module.find(asked(name, *part)).select(key).unique())
    assert_frame_equal(pl.concat(halves).sort(key), found)


@pytest.mark.parametrize("name", [name for name in RULES if name != "dateline"])  # which is where a report begins, in any language
def test_a_rule_finds_nothing_in_clean_originals(name: str) -> None:
    found = detect(*frames(ORIGINALS), [name])
    assert found.select("doc", "evidence").rows() == []


@pytest.mark.parametrize("name", packs.builtins())
def test_a_pack_has_no_entry_twice(name: str) -> None:
    for entry in packs.builtin(name).entries:
        written = (*entry.literal, *entry.regex, *entry.lexicon)
        assert sorted(written) == sorted(set(written)), entry.name


@pytest.mark.parametrize("name", ["bylines", "captions"])
def test_a_screen_lets_every_example_through(name: str) -> None:
    for entry in packs.builtin(name).entries:
        if entry.screen:
            assert pl.Series(entry.must_match).str.contains(entry.screen).all(), entry.name
