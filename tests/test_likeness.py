"""Likeness: what differs in words, order and form, and how much it counts."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import coupling, grammar, likeness, words

ORIGINAL = "The ferry carried the old fishermen and 420 passengers across the bay on Monday, and the harbour announced a delay."


def scores(*versions: str, original: str = ORIGINAL) -> list[float]:
    return likeness.components(versions, [original] * len(versions))["likeness"]


def coupled(version: str, original: str) -> dict[str, str]:
    """Word of the version to the word of the original that it is coupled with."""
    texts = words.tokens([version], [original])
    couples = coupling.couple(texts)
    said = [texts.known[n] for n in texts.ids[couples.token]]
    return {said[at]: said[couples.partner[at]] for at in np.flatnonzero(couples.ours & (couples.partner >= 0))}


def test_the_same_text_is_like_itself_whatever_it_is() -> None:
    odd = ["", " ", "渡轮七点离开。", "the the the", "!?", "a" * 5_000, "עברית מימין לשמאל\u200f", "👩‍👩‍👧‍👦", ORIGINAL]
    assert likeness.components(odd, odd)["likeness"] == [100.0] * len(odd)


@pytest.mark.parametrize(
    "worse",
    [
        ORIGINAL.replace("carried ", ""),
        ORIGINAL.replace("old ", "old old "),
        ORIGINAL.replace("old ", "old brave "),
        ORIGINAL.replace("passengers across", "across passengers"),
        ORIGINAL.replace("harbour", "harbuor"),
        ORIGINAL.replace("announced", "announcement"),
        ORIGINAL.replace("across", "by"),
        ORIGINAL.replace(",", " ,"),
        ORIGINAL.lower(),
        ORIGINAL[:-1],
        ORIGINAL[0].lower() + ORIGINAL[1:],
    ],
)
def test_each_fault_costs_something_and_another_statement_costs_more(worse: str) -> None:
    found, other = scores(worse, "Boil the barley until it is soft, then stir in some butter.")
    assert other < 30 < found < 100


def test_a_synonym_and_another_form_cost_less_than_another_word() -> None:
    synonym, form, other = scores(*(ORIGINAL.replace("announced", word) for word in ("declared", "announces", "mended")))
    assert other < form
    assert other < synonym


def test_words_are_coupled_by_form_sense_and_letters_and_by_their_neighbours() -> None:
    found = coupled("Big boats purchased near Tshinvali", "He bought a large boat near Tskhinvali")
    assert found == {"boats": "boat", "purchased": "bought", "Big": "large", "near": "near", "Tshinvali": "Tskhinvali"}
    texts = words.tokens(["now the cat saw the dog"], ["well, the dog and the cat"])
    couples = coupling.couple(texts)
    ours = np.flatnonzero(couples.ours & (couples.partner >= 0))
    assert couples.place[couples.partner[ours]].tolist()[:2] == [4, 5]  # "the cat" stays together


def test_forms_are_known_by_rule_and_by_heart() -> None:
    assert [words.form(word).base for word in ("went", "studied", "boxes", "men", "running", "larger")] == [
        "go", "study", "box", "man", "run", "large",
    ]  # fmt: skip
    assert words.form("qwertz") == words.UNKNOWN


def test_what_follows_in_english_is_more_plausible_than_what_does_not() -> None:
    good, bad = (words.TOKEN.findall(text) for text in ("he is aware of the problem", "he is of aware the problem"))
    kinds = [grammar.numbers(grammar.kinds_of(tokens)) for tokens in (good, bad)]
    whole, order = grammar.plausible(np.concatenate(kinds), np.array([len(own) for own in kinds]))
    assert whole[0] > whole[1]
    assert order[0] > order[1]


def test_likeness_does_not_depend_on_what_is_scored_with_it() -> None:
    draw = random.Random(2)  # noqa: S311 -- no secret
    texts = [" ".join(draw.sample(ORIGINAL.split(), 12)) for _ in range(60)]
    together = likeness.components(texts, texts[::-1])
    alone = [likeness.components([one], [other]) for one, other in zip(texts, texts[::-1], strict=True)]
    assert together == {name: [row[name][0] for row in alone] for name in together}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), min_size=1, max_size=10))
def test_any_text_has_its_components_in_range(pairs: Sequence[tuple[str, str]]) -> None:
    found = likeness.components(*map(list, zip(*pairs, strict=True)))
    assert all(0 <= value <= 100 for value in found["likeness"])
    assert all(0 <= value <= 1 for name in ("words", "order") for value in found[name])


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        likeness.components(["a"], [])
    assert likeness.components([], [])["likeness"] == []
