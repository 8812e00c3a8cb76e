"""Packs: their layout, what is said of wrong ones, what entries of a user's packs find, and that no pattern hangs."""

import json
import re
import time
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from checker import packs, patterns, read, registry, segment
from checker.config import Config
from checker.detect import detect, mark
from checker.errors import ConfigError
from tests.conftest import ROOT, Run

ENTRIES = [pytest.param(entry, id=entry.name) for name in packs.builtins() for entry in packs.builtin(name).entries]
PAGE = """Ferry Times
Open our ferry app!

The ferry leaves the harbour at seven in the morning, said the kapitan of the boat. It was a grey day, and the sea was calm.
The company called Fährlinie Nord said that it would sail again, and Fährlinie Nord is never late in the winter months.
The passengers waited in the rain for the boat to come back from the island where it had been repaired. Картинка дня
"""
Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def written(folder: Path, *entries: str, head: str = 'title = "Ferries"') -> Path:
    """A pack of these entries; those that do not say it are of English chrome."""
    parts = [head]
    for entry in entries:
        given = "".join(f'{key} = "{value}"\n' for key, value in (("lang", "en"), ("kind", "chrome")) if f"{key} =" not in entry)
        parts.append(f"[[entry]]\n{given}{entry}\n")
    path = folder / "my.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def frames(text: str, folder: Path) -> Frames:
    """Pages, lines and segments of one document, which says that it is English."""
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    (corpus / "page.txt").write_text(text, encoding="utf-8")
    pages = read.read(Config(paths=(corpus,))).with_columns(lang=pl.lit("en"))
    lines = segment.lines(pages)
    return pages, lines, segment.segment(lines, pl.Series([], dtype=pl.String))


def matches(folder: Path, *entries: str, text: str = PAGE) -> list[str]:
    """Evidence of what a pack of these entries finds by itself."""
    pack = patterns.load([written(folder, *entries)])[0]
    _, lines, _ = frames(text, folder)
    rows = pl.concat(patterns.find(lines, pack, entry) for entry in pack.entries)
    return [text[start:end] for start, end in rows.sort("start", "end").select("start", "end").iter_rows()]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_pattern_of_a_built_in_pack_has_examples_and_they_hold(entry: packs.Entry) -> None:
    # A list of plain words is its own example.
    assert entry.lexicon or (entry.must_match and entry.must_not_match)
    pack = packs.Pack(entry.file, "", "", (entry,), "")
    assert [example for _, _, example in packs.failures(pack)] == []


@pytest.mark.parametrize(
    ("entry", "evidence"),
    [
        ('literal = ["Open our ferry app"]', ["Open our ferry app!"]),
        ('literal = ["our ferry"]', []),
        ('literal = ["our ferry"]\nwhere = "within"', ["Open our ferry app!"]),
        ('literal = ["open our"]\nwhere = "start"', []),
        ('literal = ["open our"]\nwhere = "start"\nignore_case = true', ["Open our ferry app!"]),
        ('literal = ["app"]\nwhere = "end"', ["Open our ferry app!"]),
        ("kind = \"calque\"\nregex = ['\\bgr[ae]y\\b']", ["grey"]),
        ("kind = \"calque\"\nregex = ['(?<=the )rain(?= for)']", ["rain"]),
        ("kind = \"calque\"\nregex = ['waited in (?P<evidence>the rain)']", ["the rain"]),
        ("kind = \"calque\"\nregex = ['\\w+ of the {vessels}']", ["kapitan of the boat"]),
        ('kind = "calque"\nlexicon = ["sea", "rai"]', ["sea"]),
        ('kind = "calque"\nlang = "fr"\nlexicon = ["sea"]', []),
        ('kind = "calque"\nlang = "zxx"\nlexicon = ["sea"]', ["sea"]),
        ('kind = "untranslated"\nlang = "de"\nlexicon = ["Fährlinie Nord", "kapitan"]', ["kapitan", *["Fährlinie Nord"] * 2]),
        ('kind = "untranslated"\nlang = "en"\nlexicon = ["sea"]', []),
        ('kind = "tag"\nlang = "ru"\nliteral = ["Картинка дня"]\nwhere = "end"', ["Картинка дня"]),
        ('kind = "broken-sentence"\nliteral = ["Ferry Times"]', ["Ferry Times"]),
    ],
)
def test_an_entry_finds_what_its_kind_and_place_say(tmp_path: Path, entry: str, evidence: list[str]) -> None:
    head = 'title = "Ferries"\n[sets]\nvessels = ["boat", "ferry"]'
    written(tmp_path)
    pack = patterns.load([written(tmp_path, entry, head=head)])[0]
    _, lines, _ = frames(PAGE, tmp_path)
    rows = patterns.find(lines, pack, pack.entries[0])
    assert [PAGE[start:end] for start, end in rows.select("start", "end").iter_rows()] == evidence


def test_a_finding_of_a_pack_has_the_entrys_severity_language_pivot_and_message(tmp_path: Path) -> None:
    entry = 'kind = "untranslated"\nlang = "de"\nlexicon = ["kapitan"]\nseverity = "critical"\nmessage = "left in German"'
    pages, lines, segments = frames(PAGE, tmp_path)
    found = detect(pages, lines, segments, ["untranslated-word"], patterns.load([written(tmp_path, entry)]))
    rows = found.filter(pl.col("evidence") == "kapitan").select("rule", "code", "severity", "lang", "pivot", "message").rows()
    assert rows == [("untranslated-word", "MTS003", "critical", "de", "de", "left in German (pack my.toml)")]


def test_what_a_pack_finds_is_marked_as_its_kind(tmp_path: Path) -> None:
    pages, lines, segments = frames(PAGE, tmp_path)
    loaded = patterns.load([written(tmp_path, 'literal = ["Ferry Times"]', 'kind = "caption"\nliteral = ["Open our"]')])
    found = detect(pages, lines, segments, ["ui-chrome", "caption"], loaded)
    assert mark(segments, found)["kind"].head(3).to_list() == ["chrome", "caption", "prose"]


def test_where_pack_and_rule_find_the_same_the_packs_words_stand(tmp_path: Path) -> None:
    text = PAGE.replace("Ferry Times", "Skip to main content")
    pages, lines, segments = frames(text, tmp_path)
    loaded = patterns.load([written(tmp_path, 'literal = ["Skip to main content"]\nseverity = "info"')])
    found = detect(pages, lines, segments, ["ui-chrome"], loaded).filter(pl.col("start") == 0)
    assert found.select("severity", "message").rows() == [("info", "Ferries (pack my.toml)")]


def test_a_pack_of_a_rule_that_is_not_asked_finds_nothing(tmp_path: Path) -> None:
    pages, lines, segments = frames(PAGE, tmp_path)
    loaded = patterns.load([written(tmp_path, 'kind = "calque"\nlexicon = ["sea"]')])
    assert detect(pages, lines, segments, ["caption"], loaded).is_empty()


def test_the_marks_that_stand_around_a_match_do_not_disturb_where_the_text_holds_them(tmp_path: Path) -> None:
    text = PAGE.replace("grey day", "\ufdd0grey\ufdd1 d\ufdd0y")
    assert matches(tmp_path, 'kind = "calque"\nlexicon = ["grey", "calm"]', text=text) == ["grey", "calm"]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('litteral = ["a"]', "entry 1: unknown key 'litteral' (did you mean 'literal'?)"),
        ('literal = "a"', "key 'literal' is 'a', expected a list of strings"),
        ("literal = []", "has no pattern, or an empty list of them"),
        ('literal = [" "]', "expected a list of strings that are not blank"),
        ('literal = ["a"]\nregex = ["b"]', "has literal and regex"),
        ('literal = ["a"]\nignore_case = "yes"', "key 'ignore_case' is 'yes', expected true or false"),
        ('literal = ["a"]\nwhere = "middle"', "where is 'middle', expected one of line, start, end, within"),
        ('literal = ["a"]\nkind = "crome"', "did you mean 'chrome'?"),
        ('literal = ["a"]\nseverity = "fatal"', "severity is 'fatal', expected one of info, minor, major, critical"),
        ('literal = ["a"]\nlang = "eng"', "lang is 'eng', expected an ISO 639-1 code"),
        ('literal = ["a"]\nlang = ""', "key 'lang' is '', expected a string"),
        ('literal = ["a"]\npivot = "zxx"', "pivot is 'zxx', expected an ISO 639-1 code"),
        ("regex = ['(a']", "regex '(a' is no regex: unclosed group"),
        ("regex = ['a', 'b*']", "regex 'b*' matches the empty text"),
        ("regex = ['(\\w{1000}){1000}']", "is too big when compiled"),
        ("regex = ['{boats} ahoy']", "names the set 'boats', which the pack does not have"),
        ("literal = ['a']\nscreen = 'a'", "has a screen and no regex"),
        ("regex = ['a']\nscreen = '(?=a)'", "looks around, which a screen cannot"),
        ('literal = ["boat"]\nmust_match = ["ship"]', "must_match 'ship' does not match"),
        ('literal = ["boat"]\nmust_not_match = ["Boat", "boat 12"]', "must_not_match 'boat 12' matches"),
        ("kind = 'calque'\nregex = ['(?=a)(a+)+$']", "a regex takes more than 3 s for one text: (?=a)(a+)+$"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file_and_what_was_expected(tmp_path: Path, entry: str, says: str) -> None:
    with pytest.raises(ConfigError) as told:
        patterns.load([written(tmp_path, entry)])
    assert says in str(told.value)
    assert "my.toml, entry 1" in str(told.value)
    assert told.value.remedy


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("title = ", "is not TOML"),
        (b"title = '\xff'", "is not TOML"),
        ("title = 3", "'title' is 3, expected a string"),
        ('title = "a"', "holds no entry"),
        ('title = "a"\nentry = 3', "holds no entry"),
        ('title = "a"\nentries = 3', "unknown key 'entries' (did you mean 'entry'?)"),
        ('title = "a"\n[[entry]]\nkind = "chrome"\nliteral = ["a"]', "has no 'lang'"),
        ('title = "a"\n[sets]\nX = ["a"]', "set 'X' has no proper name"),
        ('title = "a"\n[sets]\nboats = "a"', "set 'boats' is 'a', expected a list of strings"),
    ],
)
def test_a_file_that_is_no_pack_is_named_with_what_was_expected(tmp_path: Path, content: str | bytes, says: str) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as told:
        patterns.load([path])
    assert says in str(told.value)
    assert "my.toml" in str(told.value)


def test_a_pack_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        patterns.load([tmp_path / "nowhere.toml"])


@pytest.mark.parametrize("regex", ["(a+)+$", "(.*a){25}", "([^z]*z|a)+b", "[^z]*z|a"])
@pytest.mark.parametrize("kind", ["chrome", "calque"])
def test_a_catastrophic_pattern_takes_bounded_time_on_a_line_of_900_000_characters(tmp_path: Path, regex: str, kind: str) -> None:
    entry = f'kind = "{kind}"\nlang = "zxx"\nwhere = "within"\nregex = [\'{regex}\']'
    begin = time.monotonic()
    try:
        matches(tmp_path, entry, text="The end\n" + "a" * 900_000 + "!\nThe end is near.\n")
    except ConfigError as error:
        assert "takes more than 3 s" in str(error)  # noqa: PT017 - either is right: an answer, or the pattern is named
    assert time.monotonic() - begin < 30


def test_a_lexicon_may_be_large(tmp_path: Path) -> None:
    words = ", ".join(f'"boat number {n}"' for n in range(20_000))
    assert matches(
        tmp_path, f'kind = "calque"\nlexicon = [{words}]', text="The boat number 17 and the boat number 19999 sail.\n"
    ) == [
        "boat number 17",
        "boat number 19999",
    ]


def test_every_rule_of_pages_is_a_kind() -> None:
    named = {patterns.KINDS.get(kind, kind) for kind in patterns.kinds()}
    assert named == {name for name, rule in registry.rules().items() if rule.reads not in registry.AFTER_TRANSLATION}


def test_a_pack_of_the_settings_and_one_of_a_flag_find_the_same(tmp_path: Path, checker: Run) -> None:
    frames(PAGE, tmp_path)
    written(tmp_path, 'literal = ["Ferry Times"]\nmessage = "a masthead"')
    asked = checker("detect", "corpus", "--pack", "my.toml", cwd=tmp_path)
    (tmp_path / "checker.toml").write_text('packs = ["my.toml"]\n')
    settled = checker("detect", "corpus", cwd=tmp_path)
    assert "corpus/page.txt:1:1: ART003 a masthead (pack my.toml) [ui-chrome]: Ferry Times\n" in asked.stdout
    assert settled.stdout == asked.stdout
    assert (asked.returncode, settled.returncode) == (1, 1)


def test_a_runs_record_names_packs_by_their_content(tmp_path: Path, checker: Run) -> None:
    frames(PAGE, tmp_path)
    path = written(tmp_path, 'literal = ["Ferry Times"]')
    checker("audit", "corpus", "--pack", path, "--exit-zero", cwd=tmp_path)
    record = json.loads((tmp_path / "reports" / "run" / "run.json").read_text("utf-8"))
    assert record["settings"]["packs"] == [packs.read(path).digest]


def test_rules_test_tries_all_examples_and_fails_where_one_does_not_hold(tmp_path: Path, checker: Run) -> None:
    held = checker("rules", "test")
    assert (held.returncode, held.stdout) == (0, ""), held.stdout
    path = written(tmp_path, 'literal = ["boat"]\nmust_match = ["ship", "boat"]\nmust_not_match = ["boat!"]')
    failed = checker("rules", "test", path)
    assert failed.returncode == 1
    assert [line.split(": ", 1)[1] for line in failed.stdout.splitlines()] == [
        "must_match 'ship' does not match",
        "must_not_match 'boat!' matches",
    ]
    assert "2 failed" in failed.stderr


def test_rules_alone_lists_the_rules(checker: Run) -> None:
    listed = checker("rules")
    assert (listed.returncode, "ui-chrome" in listed.stdout) == (0, True)


def test_the_pack_of_the_manual_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"(?ms)^```toml\n(.*?)^```", (ROOT / "docs" / "packs.md").read_text("utf-8"))
    (tmp_path / "my.toml").write_text(example, encoding="utf-8")
    assert len(patterns.load([tmp_path / "my.toml"])[0].entries) == 3


def test_the_manual_names_every_kind_and_key() -> None:
    page = (ROOT / "docs" / "packs.md").read_text("utf-8")
    assert all(f"| `{kind}` | {rule} |" in page for kind, rule in patterns.KINDS.items())
    assert all(f"`{field.name}`" in page for field in fields(packs.Entry) if field.name not in ("file", "number"))
