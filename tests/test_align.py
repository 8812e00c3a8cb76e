"""Alignment: beads, omissions, additions, moved sentences."""

import numpy as np
import polars as pl
import pytest

from checker import align
from checker.align import Bead

FERRY = [
    "The ferry Aurora left Kirkwall harbour at seven on Monday morning.",
    "Captain Ingrid Solberg said the engines had been repaired overnight.",
    "Forty passengers waited on the quay with their bicycles and luggage.",
    "A second vessel will be chartered if the fault returns before August.",
    "The council has promised to refund every cancelled ticket within a week.",
]


def beads(version: list[str], original: list[str]) -> list[Bead]:
    columns = {"doc": pl.String, "n": pl.Int64, "english": pl.String}
    sides = [
        pl.DataFrame(list(zip(name * len(texts), range(len(texts)), texts, strict=True)), schema=columns, orient="row")
        for name, texts in (("v", version), ("o", original))
    ]
    numbers = [np.arange(len(side)) for side in sides]
    shared, masses = align.matches(*(align.features(side) for side in sides), *numbers)
    return align.solve(shared, *masses, *(align.runs(side) for side in numbers))


def spans(found: list[Bead]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(bead.version, bead.original) for bead in found]


def test_equal_texts_align_one_to_one() -> None:
    assert spans(beads(FERRY, FERRY)) == [((i, i + 1), (i, i + 1)) for i in range(len(FERRY))]


def test_alignment_merges_what_the_translator_merged() -> None:
    merged = [f"{FERRY[0]} {FERRY[1]}", *FERRY[2:]]
    assert spans(beads(merged, FERRY))[0] == ((0, 1), (0, 2))
    assert spans(beads(FERRY, merged))[0] == ((0, 2), (0, 1))


def test_a_dropped_sentence_is_an_omission_and_a_new_one_an_addition() -> None:
    new = "Nobody in the village remembers such a dry and windless autumn."
    found = beads([FERRY[0], new, *FERRY[2:]], FERRY)
    assert ((1, 2), (0, 0)) in spans(found)
    assert ((0, 0), (1, 2)) in spans(found)


def test_a_moved_sentence_is_found_and_marked_as_crossing() -> None:
    found = beads([FERRY[4], *FERRY[:4]], FERRY)
    assert next(bead for bead in found if bead.version == (0, 1)) == Bead((0, 1), (4, 5), 1.0, crossing=True)


def test_swapping_the_sides_mirrors_the_beads() -> None:
    version = [f"{FERRY[0]} {FERRY[1]}", FERRY[2], FERRY[4]]
    mirrored = {(b, a) for a, b in spans(beads(FERRY, version))}
    assert mirrored == set(spans(beads(version, FERRY)))


def test_no_bead_reaches_over_what_was_left_out() -> None:
    assert align.runs(np.array([0, 1, 3, 4, 5])).tolist() == [1, 2, 1, 2, 3]


@pytest.mark.parametrize(("version", "original"), [([], FERRY), (FERRY, []), ([], [])])
def test_an_empty_side_leaves_the_other_unaligned(version: list[str], original: list[str]) -> None:
    found = beads(version, original)
    assert len(found) == len(version) + len(original)
    assert not any(bead.version[1] and bead.original[1] for bead in found)


def test_unlike_texts_share_no_bead() -> None:
    other = ["Boil the barley with two onions until it is soft.", "Season to taste.", "Serve hot."]
    assert not any(bead.similarity for bead in beads(other, FERRY))
