"""Pairing: which original a document derives from, and that "none" is an answer."""

import random
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker.config import Config
from checker.pair import CANDIDATES, pair
from checker.pipeline import audit
from checker.report import Report
from checker.tables import PAGES, PAIRINGS, SEGMENTS

# A bound, not a benchmark: what compares all pairs of 10,000 documents takes hours.
SECONDS = 120

ORIGINAL = """Kirkwall Ferries Buys Two New Ships

Kirkwall Ferries said on Tuesday that it will buy two new ships for the northern islands.

The ships will carry 240 passengers each and replace the Aurora, which was built in 1988.

"We have waited eleven years for this day," said managing director Ingrid Solberg.

The first ship is to enter service in May 2027, and the second one a year later.

The council of Orkney will pay a third of the price, which is 62 million pounds.
"""

REWORDED = """New Ships for Kirkwall Ferries

The company Kirkwall Ferries announced on Tuesday the purchase of two new ships for the northern islands.

Each ship takes 240 passengers; they replace the Aurora, built in 1988.

"We waited eleven years for this day," the managing director, Ingrid Solberg, said.

The first ship enters service in May 2027, the second a year after it.

A third of the price of 62 million pounds will be paid by the council of Orkney.
"""

OTHER = """Museum Shows Forgotten Clocks

The city museum opened an exhibition of forgotten clocks on Friday evening.

Visitors can see ninety pieces from private collections until the end of October.

"We have waited eleven years for this day," said managing director Ingrid Solberg.

Admission is free on Sundays for children and for members of the society.

A catalogue with essays by four historians costs thirty pounds in the shop.
"""

UNRELATED = "Soak the beans overnight.\n\nBoil them with an onion and two carrots until soft.\n\nSeason with salt before serving.\n"


def derivations(tmp_path: Path, texts: dict[str, str], **settings: Path) -> dict[str, tuple[str, str | None, str]]:
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    rows = run(tmp_path, **settings).documents.select("doc", "derivation", "original", "role")
    return {doc: (derivation, original, role) for doc, derivation, original, role in rows.iter_rows()}


def run(folder: Path, **settings: Path) -> Report:
    return audit(Config(paths=(folder,), **settings))  # type: ignore[arg-type]


def test_a_rewording_derives_from_its_original_and_an_unrelated_text_from_nothing(tmp_path: Path) -> None:
    texts = {"en/ships.txt": ORIGINAL, "again/ships.txt": REWORDED, "again/beans.txt": UNRELATED}
    found = derivations(tmp_path, texts, originals=tmp_path / "en")
    assert found == {
        "en/ships.txt": ("none", None, "original"),
        "again/ships.txt": ("back-translation", "en/ships.txt", "version"),
        "again/beans.txt": ("none", None, "version"),
    }


def test_two_editions_are_each_other_s(tmp_path: Path) -> None:
    shorter = "\n\n".join(ORIGINAL.split("\n\n")[:-1])
    assert derivations(tmp_path, {"a.txt": ORIGINAL, "b.txt": shorter}) == {
        "a.txt": ("edition", "b.txt", "original"),
        "b.txt": ("edition", "a.txt", "original"),
    }


def test_a_shared_quotation_makes_no_translation(tmp_path: Path) -> None:
    found = derivations(tmp_path, {"a.txt": ORIGINAL, "b.txt": OTHER})
    assert {derivation for derivation, _, _ in found.values()} <= {"quotations", "none"}
    assert {role for _, _, role in found.values()} == {"original"}


def test_a_version_derives_from_the_root_and_not_from_another_version(tmp_path: Path) -> None:
    traces = REWORDED.replace("northern islands", "islands of the Kingdom United")
    nearer = REWORDED.replace("announced", "told us about").replace("Each ship", "Every ship")
    found = derivations(tmp_path, {"a.txt": ORIGINAL, "b.txt": traces, "c.txt": nearer})
    assert {doc: original for doc, (_, original, _) in found.items()} == {"a.txt": None, "b.txt": "a.txt", "c.txt": "a.txt"}


@pytest.mark.parametrize("text", ["One.", "12 34", "Ferry"])
def test_tiny_documents_pair_with_nothing_unlike_them(tmp_path: Path, text: str) -> None:
    assert derivations(tmp_path, {"a.txt": ORIGINAL, "b.txt": text})["b.txt"][0] == "none"


def test_an_omitted_sentence_is_a_finding_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "a.txt").write_text(ORIGINAL)
    paragraphs = REWORDED.split("\n\n")
    (tmp_path / "b.txt").write_text("\n\n".join(paragraphs[:3] + paragraphs[4:]))
    found = run(tmp_path, originals=tmp_path / "en")
    row = found.findings.filter(rule="omission").row(0, named=True)
    text = found.documents.filter(doc="b.txt")["text"].item()
    assert row["original_evidence"].startswith('"We have waited')
    assert (row["doc"], row["evidence"], text[: row["start"]].endswith("built in 1988.")) == ("b.txt", "", True)


def test_a_version_whose_original_is_missing_derives_from_nothing(tmp_path: Path) -> None:
    report = ORIGINAL.replace("Kirkwall Ferries", "Lerwick Lines").replace("two new ships", "an old tanker").split("\n\n")
    other = "\n\n".join(
        [report[0], report[1], "The tanker leaks, and no harbour would take it for a year.", "Its crew was sent home."]
    )
    found = derivations(tmp_path, {"en/other.txt": other, "again/ships.txt": REWORDED}, originals=tmp_path / "en")
    assert found["again/ships.txt"] == ("none", None, "version")


def test_what_only_quotes_shares_quotations(tmp_path: Path) -> None:
    quoted = (
        '"We have waited eleven years for this day, and our fathers waited for thirty," said the managing director, Ingrid Solberg.'
    )
    mine, theirs = (text.replace(text.split("\n\n")[index], quoted) for text, index in ((ORIGINAL, 3), (OTHER, 3)))
    found = derivations(tmp_path, {"a.txt": mine, "b.txt": theirs})
    assert {derivation for derivation, _, _ in found.values()} == {"none", "quotations"}


NO_PIVOTS = pl.DataFrame(schema={"doc": pl.String, "pivot": pl.String})


def tables(originals: Mapping[str, str], versions: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pages and segments of English texts, a segment a line."""
    texts = [("original", *item) for item in originals.items()] + [("version", *item) for item in versions.items()]
    pages = pl.DataFrame(texts, schema=["role", "doc", "text"], orient="row").with_columns(status=pl.lit("ok"))
    lines = [(doc, n, line) for _, doc, text in texts for n, line in enumerate(text.split("\n"))]
    segments = pl.DataFrame(lines, schema={"doc": pl.String, "n": pl.Int64, "text": pl.String}, orient="row")
    segments = segments.with_columns(
        kind=pl.lit("prose"), doc_lang=pl.lit("en"), start=pl.lit(0), end=pl.col("text").str.len_chars()
    )
    return PAGES.conform(pages), SEGMENTS.conform(segments)


def paired(originals: Mapping[str, str], versions: Mapping[str, str]) -> pl.DataFrame:
    return pair(*tables(originals, versions), NO_PIVOTS, "en")


def sentences(count: int, words: int, seed: int) -> list[str]:
    """Texts of so many invented words, drawn from a vocabulary of their own."""
    rng = random.Random(seed)  # noqa: S311
    vocabulary = ["".join(rng.choices("abcdefghij", k=5)) for _ in range(2000)]
    return [" ".join(rng.choices(vocabulary, k=words)) for _ in range(count)]


def test_pairs_do_not_depend_on_the_order_of_files() -> None:
    texts = sentences(60, 40, seed=3)
    originals = {f"o{n}": text for n, text in enumerate(texts)}
    versions = {f"v{n}": " ".join(text.split()[:30]) + " " + texts[n - 1] for n, text in enumerate(texts)}
    pages, segments = tables(originals, versions)
    found = pair(pages, segments, NO_PIVOTS, "en")
    shuffled = pair(
        pages.sample(fraction=1, shuffle=True, seed=5), segments.sample(fraction=1, shuffle=True, seed=6), NO_PIVOTS, "en"
    )
    assert found.height > len(versions)
    assert_frame_equal(found, shuffled)


@pytest.mark.parametrize("differing", [False, True])
def test_a_flood_of_copies_takes_bounded_time(*, differing: bool) -> None:
    copies = {f"o{n:05}": f"{ORIGINAL} No {n * differing}" for n in range(10_000)}
    start = time.perf_counter()
    found = paired(copies, {f"v{name}": text for name, text in copies.items()} | {"w": UNRELATED})
    assert time.perf_counter() - start < SECONDS
    assert found.group_by("doc").len()["len"].max() == CANDIDATES
    assert found["doc"].n_unique() == len(copies)


def test_copies_that_may_be_each_other_s_original_have_one_root() -> None:
    pages, segments = tables({f"{n:03}": ORIGINAL for n in range(300)}, {})
    found = pair(pages.with_columns(role=pl.lit(None, pl.String)), segments, NO_PIVOTS, "en")
    assert set(found["doc"]) == {f"{n:03}" for n in range(1, 300)}
    assert set(found["original"]) == {f"{n:03}" for n in range(CANDIDATES)}


def test_documents_without_a_rare_word_take_bounded_time() -> None:
    rng = random.Random(1)  # noqa: S311
    originals = {f"o{n:05}": " ".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=15)) for n in range(5000)}
    start = time.perf_counter()
    paired(originals, {f"v{name}": text for name, text in originals.items()})
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize(
    ("originals", "versions"),
    [
        ({}, {}),
        ({}, {"v": REWORDED}),
        ({"o": ORIGINAL}, {}),
        ({"o": ""}, {"v": ""}),
        ({"o": "…"}, {"v": "…"}),
        ({"o": ORIGINAL}, {"v": ""}),
    ],
)
def test_an_empty_side_pairs_with_nothing(originals: Mapping[str, str], versions: Mapping[str, str]) -> None:
    assert_frame_equal(paired(originals, versions), PAIRINGS.empty())
