"""Mining: what recurs on one site and not on others is proposed, as a pack that loads and finds it."""

import tomllib
from pathlib import Path

import pytest

from checker import mine, patterns
from checker.config import Config
from checker.errors import NothingToCheck
from tests.conftest import Run

SITES = {
    "gazette": (["The Gull Gazette", "Harbour Tides", "Tide table {n}"], ["Readers' letters ({n})", "Share"]),
    "fjordpost": (["Fjordpost Today", "Boats for sale »"], ["Printed at Pier {n}, Shed 7", "Share"]),
    "kystblad": (["Kystblad"], ["Ring the desk on 12 34", "Share"]),
}
NOUNS = ["harbour", "ferry", "gull", "rope", "winter", "storm", "captain", "morning", "lamp", "bread", "letter", "bridge", "stone"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six pages each of three sites, every page with text of its own between what its site repeats."""
    for site, (head, foot) in SITES.items():
        folder = tmp_path / "corpus" / site
        folder.mkdir(parents=True)
        for n in range(6):
            a, b, c = (NOUNS[(n * step + len(site)) % len(NOUNS)] for step in (1, 3, 5))
            title = f"{a} and {b} at {n} o'clock".capitalize()
            text = [f"The {a} was seen beside the {b} on the day when the {c} came back to the {site} {n}." for _ in range(3)]
            lines = [
                *head,
                "",
                title,
                "",
                " ".join(text),
                "An old saying of this coast says that the sea gives and takes.",
                "",
                *foot,
            ]
            (folder / f"{site}-{n:03}.txt").write_text("\n".join(lines).format(n=n + 10), encoding="utf-8")
    return tmp_path / "corpus"


def proposed(corpus: Path, by: str = "folder") -> list[tuple[str, str, bool, int]]:
    found = mine.mine(Config(paths=(corpus,)), by, 3, 0.2)
    return found.lines.select("group", "text", "varies", "pages").rows()


EXPECTED = [
    ("fjordpost", "Boats for sale", False, 6),
    ("fjordpost", "Fjordpost Today", False, 6),
    ("fjordpost", "Printed at Pier 10, Shed 7", True, 6),
    ("gazette", "Harbour Tides", False, 6),
    ("gazette", "Readers' letters (10", True, 6),
    ("gazette", "The Gull Gazette", False, 6),
    ("gazette", "Tide table 10", True, 6),
    ("kystblad", "Kystblad", False, 6),
    ("kystblad", "Ring the desk on 12 34", False, 6),
]


def test_lines_of_one_site_are_proposed_and_neither_prose_nor_what_all_sites_have(corpus: Path) -> None:
    assert proposed(corpus) == EXPECTED


def test_files_in_one_folder_are_told_apart_by_the_beginning_of_their_names(corpus: Path) -> None:
    flat = corpus.parent / "flat"
    flat.mkdir()
    for path in corpus.rglob("*.txt"):
        path.rename(flat / path.name)
    assert proposed(flat, by="prefix") == EXPECTED
    found = mine.mine(Config(paths=(flat,)), "folder", 3, 0.2)
    assert any("try --by lang or --by prefix" in line for line in mine.told(found, "folder"))


def test_a_line_on_too_few_pages_is_not_proposed(corpus: Path) -> None:
    for path in sorted(corpus.glob("gazette/*.txt"))[2:]:
        path.write_text(path.read_text("utf-8").replace("Harbour Tides\n", ""), encoding="utf-8")
    assert ("gazette", "Harbour Tides") not in [row[:2] for row in proposed(corpus)]


def test_what_the_built_in_packs_have_is_left_out(corpus: Path) -> None:
    for path in corpus.glob("gazette/*.txt"):
        path.write_text("Skip to main content\n" + path.read_text("utf-8"), encoding="utf-8")
    found = mine.mine(Config(paths=(corpus,)), "folder", 3, 0.2)
    assert "Skip to main content" not in found.lines["text"]
    assert found.known >= 1


def test_what_is_mined_is_a_pack_that_finds_it(corpus: Path, checker: Run) -> None:
    made = checker("mine", corpus, "--out", "mined.toml", cwd=corpus.parent)
    assert (made.returncode, made.stdout) == (0, "")
    assert "9 recurring lines in 3 groups by folder, of 18 pages" in made.stderr
    path = corpus.parent / "mined.toml"
    assert "# 6 of 6 pages" in path.read_text("utf-8")
    entries = patterns.load([path])[0].entries
    assert {entry.lang for entry in entries} == {"en"}
    found = checker("detect", corpus / "gazette", "--pack", path, "--select", "ui-chrome")
    assert found.stdout.count("(pack mined.toml) [ui-chrome]: Tide table") == 6
    assert found.stdout.count("(pack mined.toml) [ui-chrome]: Readers' letters") == 6


def test_mining_twice_gives_the_same_bytes(corpus: Path, checker: Run) -> None:
    once, again = (checker("mine", corpus, PYTHONHASHSEED=seed, POLARS_MAX_THREADS=threads) for seed, threads in ("12", "91"))
    assert once.stdout == again.stdout
    assert tomllib.loads(once.stdout)["title"] == "Recurring lines of corpus"


def test_a_reviewed_pack_is_not_overwritten(corpus: Path, checker: Run) -> None:
    (corpus.parent / "mined.toml").write_text("title = 'mine'\n")
    refused = checker("mine", corpus, "--out", "mined.toml", cwd=corpus.parent)
    assert (refused.returncode, "is there already" in refused.stderr) == (2, True)


def test_a_page_may_hold_any_characters(tmp_path: Path) -> None:
    for n in range(4):
        (tmp_path / f"{n}.txt").write_text(f'Say "\\ouch\\" \u202e now\'s\n\nThe ferry {n} left.\n', encoding="utf-8")
    found = mine.mine(Config(paths=(tmp_path,)), "folder", 3, 0.2)
    entry = tomllib.loads(mine.pack(found, 'a"b\\', "folder"))["entry"][0]
    assert entry["literal"] == ['Say "\\ouch\\" \u202e now\'s']


def test_a_folder_without_a_page_is_nothing_to_check(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(NothingToCheck):
        mine.mine(Config(paths=(tmp_path,)), "folder", 3, 0.2)
