"""Pairing: which original a document derives from, and that "none" is an answer."""

from pathlib import Path

import pytest

from checker.config import Config
from checker.pipeline import audit
from checker.report import Report

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
