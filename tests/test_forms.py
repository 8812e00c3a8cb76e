"""One form for what two texts say in two."""

import pytest

from checker import likeness
from checker.forms import alike, perhaps_unlike


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("He doesn't know it.", "He does not know it."),
        ("They can’t, and won't.", "They cannot, and will not."),
        ("No one came.", "Nobody came."),
        ("It isn't safe.", "It is unsafe."),
        ("The city has 2,500,000 inhabitants.", "The city has 2.5 million inhabitants."),
        ("The nineties were good.", "The 1990s were good."),
        ("Eight thousand men, 5 % of all, came.", "8,000 men, 5 per cent of all, came."),
    ],
)
def test_what_is_said_in_two_forms_is_alike(text: str, other: str) -> None:
    one, two = alike(text, other)
    assert one.lower() == two.lower()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("He doesn't know it.", "He does know it."),
        ("The firm lost 2.500 dollars.", "The firm lost 2,500 dollars."),
        ("It was not side by side.", "It was inside."),
        ("The eighties were good.", "The 1990s were good."),
        ("Both came in October.", "The two came in 10 days."),
    ],
)
def test_what_is_not_the_same_stays_as_it_is(text: str, other: str) -> None:
    assert alike(text, other) == (text, other)


def test_forms_leave_the_metric_alone() -> None:
    figures = likeness.components(["He doesn't know it."], ["He does not know it."])
    assert figures["likeness"] == [100.0]
    assert figures["chrf_pp"][0] < 80


def test_short_texts_without_a_common_word_have_little_likeness() -> None:
    originals, versions = ["London", "Save", "Bridge will reopen"], ["Paris", "Delete", "Tomatoes should be stored"]
    assert max(likeness.components(versions, originals)["likeness"]) < 25


def test_every_pair_that_changes_is_told_before_it_is_looked_at() -> None:
    texts = ["He doesn't know it.", "No one came.", "It is not safe.", "Two men.", "Two men.", "A man.", "12 % of it."]
    others = ["He does not know it.", "Nobody came.", "It is unsafe.", "2 men.", "Two men.", "The man.", "12 % of it."]
    told = perhaps_unlike(texts, others)
    changed = [row for row, pair in enumerate(zip(texts, others, strict=True)) if alike(*pair) != pair]
    assert told == [0, 1, 2, 3]
    assert set(changed) <= set(told)
