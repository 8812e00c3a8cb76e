"""Alignment: beads, omissions, additions, moved sentences."""

import random
import re
import time

import numpy as np
import polars as pl
import pytest

from checker.align import align
from checker.beads import solve
from checker.matching import Bead, rendered_sides, runs, sides
from checker.tables import UNITS
from tests.conftest import ROOT

FERRY = [
    "The ferry Aurora left Kirkwall harbour at seven on Monday morning.",
    "Captain Ingrid Solberg said the engines had been repaired overnight.",
    "Forty passengers waited on the quay with their bicycles and luggage.",
    "A second vessel will be chartered if the fault returns before August.",
    "The council has promised to refund every cancelled ticket within a week.",
]


def beads(version: list[str], original: list[str]) -> list[Bead]:
    one, two = sides([version, original])
    return solve([(one, two)])[0]


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


def test_changed_facts_of_a_paragraph_leave_the_alignment_of_another_as_it_is() -> None:
    texts = [
        (ROOT / "corpora" / "demo" / name).read_text("utf-8")
        for name in ("versions/en/electric-boats-reworded.txt", "originals/electric-boats.txt")
    ]
    changed = texts[0].replace("180", "108").replace("22 kilometres", "22 miles").replace("1 April", "1 May")
    reworded, original, edited = (re.split(r"\n+|(?<=[a-z]\.) |(?<=\.\") ", text.strip()) for text in (*texts, changed))
    assert spans(beads(edited, original)) == spans(beads(reworded, original))
    assert ((5, 6), (0, 0)) in spans(beads(edited, original))


def test_a_moved_sentence_is_found_and_marked_as_crossing() -> None:
    found = beads([FERRY[4], *FERRY[:4]], FERRY)
    assert next(bead for bead in found if bead.version == (0, 1)) == Bead((0, 1), (4, 5), 1.0, crossing=True)


def test_swapping_the_sides_mirrors_the_beads() -> None:
    version = [f"{FERRY[0]} {FERRY[1]}", FERRY[2], FERRY[4]]
    mirrored = {(b, a) for a, b in spans(beads(FERRY, version))}
    assert mirrored == set(spans(beads(version, FERRY)))


def damaged(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Sentences of made-up words, and the same with some joined, dropped, repeated and moved."""
    rng = random.Random(seed)  # noqa: S311
    words = ["".join(rng.choice("aeiou") + rng.choice("bdfgklmnprstv") for _ in range(rng.randint(1, 4))) for _ in range(600)]
    original = [" ".join(rng.choice(words) for _ in range(rng.randint(2, 18))) for _ in range(count)]
    version = [" ".join(word for word in sentence.split() if rng.random() > 0.15) for sentence in original]
    for _ in range(count // 8):
        at = rng.randrange(len(version) - 1)
        version[at : at + 2] = rng.choice(
            ([" ".join(version[at : at + 2])], [version[at]], version[at : at + 2][::-1], [version[at]] * 2)
        )
    return version, original


@pytest.mark.parametrize("count", [8, 40, 400])
@pytest.mark.parametrize("seed", range(3))
def test_swapping_the_sides_of_damaged_texts_mirrors_the_beads(count: int, seed: int) -> None:
    version, original = damaged(count, seed)
    one, other = beads(version, original), beads(original, version)
    flipped = [Bead(bead.original, bead.version, bead.similarity, bead.crossing) for bead in other]
    assert sorted(flipped, key=str) == sorted(one, key=str)


def test_every_sentence_is_in_one_bead_and_a_second_run_gives_the_same() -> None:
    version, original = damaged(300, 7)
    found = beads(version, original)
    assert sorted(i for bead in found for i in range(*bead.version)) == list(range(len(version)))
    assert sorted(j for bead in found for j in range(*bead.original)) == list(range(len(original)))
    assert beads(version, original) == found


def test_problems_solved_together_have_the_answers_they_have_alone() -> None:
    pairs = [damaged(count, count) for count in (5, 60, 9, 200)]
    flat = sides([text for pair in pairs for text in pair])
    together = solve(list(zip(flat[::2], flat[1::2], strict=True)))
    assert together == [beads(version, original) for version, original in pairs]


def test_a_moved_block_of_a_long_text_is_found_as_crossing() -> None:
    _, original = damaged(400, 3)
    original = [f"{sentence} walked with {at} sheep and {at + 500} goats uphill" for at, sentence in enumerate(original)]
    found = beads([*original[:100], *original[300:305], *original[100:300], *original[305:]], original)
    moved = [(bead.version, bead.original) for bead in found if bead.crossing]
    assert moved == [((100 + k, 101 + k), (300 + k, 301 + k)) for k in range(5)]


@pytest.mark.parametrize(
    ("version", "original", "expected"),
    [
        ([FERRY[0]] * 3000, [FERRY[0]] * 3000, 3000),
        ([FERRY[0]], [*(f"Sheep number {at} walked slowly uphill." for at in range(9999)), FERRY[0]], 1),
        ([" ".join(FERRY * 160)], [" ".join(FERRY * 160)], 1),
        (["", "", FERRY[0]], [FERRY[0], ""], 1),
    ],
    ids=["identical sentences", "one against ten thousand", "50,000 characters", "empty sentences"],
)
def test_awkward_shapes_have_a_right_answer_in_bounded_time(version: list[str], original: list[str], expected: int) -> None:
    started = time.process_time()
    found = beads(version, original)
    assert time.process_time() - started < 5
    assert [bead.similarity for bead in found if bead.similarity] == [1.0] * expected


def test_the_time_of_a_long_text_grows_with_its_length() -> None:
    taken = []
    for count in (1000, 8000):
        version, original = damaged(count, 5)
        started = time.process_time()
        beads(
            [f"{sentence} {at}" for at, sentence in enumerate(version)],
            [f"{sentence} {at}" for at, sentence in enumerate(original)],
        )
        taken.append(time.process_time() - started)
    assert taken[1] < 8 * 3 * taken[0]


def test_no_bead_reaches_over_what_was_left_out() -> None:
    assert runs(np.array([0, 1, 3, 4, 5])).tolist() == [1, 2, 1, 2, 3]


@pytest.mark.parametrize(("version", "original"), [([], FERRY), (FERRY, []), ([], [])])
def test_an_empty_side_leaves_the_other_unaligned(version: list[str], original: list[str]) -> None:
    found = beads(version, original)
    assert len(found) == len(version) + len(original)
    assert not any(bead.version[1] and bead.original[1] for bead in found)


def test_unlike_texts_share_no_bead() -> None:
    other = ["Boil the barley with two onions until it is soft.", "Season to taste.", "Serve hot."]
    assert not any(bead.similarity for bead in beads(other, FERRY))


def test_accents_and_forms_of_quotation_marks_do_not_matter() -> None:
    version = ["“Où est passé le théâtre ?”", "«Il a brûlé en été.»"]
    assert [bead.similarity for bead in beads(version, ['"Ou est passe le theatre ?"', '"Il a brule en ete."'])] == [1.0, 1.0]


def test_a_word_that_always_stands_for_another_comes_to_match_in_a_long_text() -> None:
    _, original = damaged(150, 4)
    original = [f"{sentence} {'harbour' if at % 2 else 'mountain'}" for at, sentence in enumerate(original)]
    version = [sentence.replace("harbour", "quayside").replace("mountain", "alpine") for sentence in original]
    assert min(bead.similarity for bead in beads(version, original)) > 0.99
    assert max(bead.similarity for bead in beads(version[:20], original[:20])) < 0.99


def test_of_two_translations_each_helps_where_the_other_fails() -> None:
    first = [*FERRY[:2], *("Nothing whatsoever was understood here." for _ in FERRY[2:])]
    second = [*("Something else entirely became of this." for _ in FERRY[:2]), *FERRY[2:]]
    one, two = rendered_sides([list(zip(first, second, strict=True)), [(sentence,) for sentence in FERRY]])
    assert spans(solve([(one, two)])[0]) == [((i, i + 1), (i, i + 1)) for i in range(len(FERRY))]
    assert spans(beads(first, FERRY)) != [((i, i + 1), (i, i + 1)) for i in range(len(FERRY))]


def test_a_sentence_that_shares_no_word_joins_its_neighbour_in_a_whole_text_and_is_an_addition_in_an_abridged_one() -> None:
    _, original = damaged(60, 9)
    new = "Quite unheard of."
    whole = beads([*original[:30], new, *original[30:]], original)
    assert sum(not bead.original[1] for bead in whole) <= 1
    abridged = beads([*original[:15], new, *original[45:]], original)
    assert ((15, 16), (0, 0)) in spans(abridged)


def corpus(count: int, *, given: bool) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Pages, segments and pairings of so many documents of five sentences and their originals."""
    names = [(f"{name} {at}", at) for at in range(count) for name in ("version", "original")]
    segments = pl.DataFrame(
        [(name, n, 80 * n, 80 * n + 79, n + 1, f"{text} {at} {at + n}") for name, at in names for n, text in enumerate(FERRY)],
        schema=["doc", "n", "start", "end", "line", "text"],
        orient="row",
    )
    nothing = [pl.lit(None, pl.String).alias(name) for name in ("back", "engine", "back_reason")]
    segments = segments.with_columns(*nothing, lang=pl.lit("en"), kind=pl.lit("prose"))
    pages = pl.DataFrame({"doc": [name for name, _ in names]}).with_columns(text=pl.lit("x" * 400), units=pl.lit(None, UNITS))
    pairs = [(f"version {at}", f"original {at}", given) for at in range(count)]
    return pages, segments, pl.DataFrame(pairs, schema=["doc", "original", "given"], orient="row")


@pytest.mark.parametrize("given", [True, False])
def test_the_time_of_many_documents_grows_with_their_number(given: bool) -> None:
    taken = []
    for count in (200, 1600):
        frames = corpus(count, given=given)
        started = time.process_time()
        found = align(*frames)
        taken.append(time.process_time() - started)
        assert len(found) == count * len(FERRY)
    assert taken[1] < 8 * 3 * taken[0]
