"""A word of the original has become its opposite.

A word that only the original has stands against one that only the version has, and the two are opposites in WordNet: directly
(rise and fall, begin and end, with their synonyms), or by way of a similar adjective (speedy is fast, the opposite of slow),
which counts only if three words around both are the same. The forms of a word are one.

Why it matters: the sentence is as fluent as before and says the contrary; to a measure of likeness one word in twenty differs.

A hit: "ended his cooperation" → "started his cooperation"; "a speedy recovery" → "a slow recovery"; "all
children" → "some children". Not a hit: "not easy" →
"difficult", where a negation makes up for it; "the old bridge" → "the former bridge".

Known limits: of the few hits on good translations, most are opposite words in a sentence that says the same ("legal" and "criminal
investigation", "uptown" and "downtown"), so read it as a question; a word that is left out, or described by a phrase, has no
opposite to be found; opposites that WordNet does not list (`checker/packs/opposites.tsv` is made from it) are not known; a version
without English is not judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import polars as pl

from checker import packs
from checker.facts import Spot, spotted
from checker.wording import Word, around, bases, change, comparable, denials, denied, only, poles, words

CODE = "FID008"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

TABLE = Path(packs.__file__).parent / "opposites.tsv"

# Words that WordNet opposes and that engines and translators put for one another: quantifiers, particles, light verbs; and those of
# changed-gender. Found by reading the findings on FLORES recordings.
_PLAIN = """all any some few many much other same whole part more most less least fewer fewest up down on off in out behind ahead
    over under come go get have has take give be make keep let put set do go well ill yes no not present past future middle first
    last second next both single one ever never always about here there this that just even still then now far near nearby
    further another different mere male female man woman he she back forth away like easily force common individual
    brother sister father mother son daughter king queen husband wife boy girl uncle aunt nephew niece prince princess"""
_PLAIN_WORDS = frozenset(_PLAIN.split())

# Of those, the ones that are opposites after all where the next word is the same: the first show, the last show.
_ORDERED_WORDS = "first last past future present many few same different all none"
_ORDERED = frozenset(_ORDERED_WORDS.split())

# Quantities that WordNet does not oppose: with another one before the same word, the sentence tells of others. Set by hand, without
# "many", "most" and "every", which translators put for both; on FLORES' good pairs (tuning half) they add no finding.
_ALL, _PART = frozenset({"all", "both"}), frozenset({"some", "few", "none", "several", "neither"})


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a word that became its opposite, a row per word; both sides narrowed to it."""
    compared = comparable(pairs)
    kept = compared.filter(pl.Series(_screened(compared), dtype=pl.Boolean))
    # Which of the words that differ are opposites, and stand in one place, is told word by word.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _screened(pairs: pl.DataFrame) -> Iterator[bool]:
    """Whether some word that is lost has an opposite among those that are gained, whatever stands around them."""
    known = _counterparts(pairs["lost"].explode().drop_nulls().unique(), pairs["gained"].explode().drop_nulls().unique())
    for lost, gained in pairs.select("lost", "gained").iter_rows():
        yield any(not known[word].isdisjoint(gained) for word in lost if word in known)


def _counterparts(lost: pl.Series, gained: pl.Series) -> dict[str, set[str]]:
    """Each word that is lost somewhere to the words, gained anywhere, that are its opposites."""
    forms: dict[str, set[str]] = {}
    for word in gained:
        for base in bases(word):
            forms.setdefault(base, set()).add(word)
    found = {word: {form for other in _opposites(word) for form in forms.get(other, ())} for word in lost}
    return {word: others for word, others in found.items() if others}


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = words(original), words(english)
    if denials(ours) != denials(theirs):
        return
    lost, gained = only(ours, theirs), only(theirs, ours)
    for at in lost:
        opposites = _opposites(ours[at].folded)
        place = next((n for n in gained if opposites and _against(opposites, ours, at, theirs, n)), None)
        if place is not None:
            gained.remove(place)
            yield change(ours[at], theirs[place], original, english, own=back is None)


def _against(opposites: Mapping[str, bool], ours: Sequence[Word], at: int, theirs: Sequence[Word], n: int) -> bool:
    if any(axis == other for axis, _ in poles(ours[at].folded) for other, _ in poles(theirs[n].folded)):
        return False  # the finding of changed-direction
    known = [opposites[base] for base in bases(theirs[n].folded) if base in opposites]
    if not known or denied(ours, at) != denied(theirs, n):
        return False
    if not (_ORDERED | _ALL | _PART).isdisjoint((ours[at].folded, theirs[n].folded)):
        return any(known) and _next(ours, at) == _next(theirs, n)
    return len(around(ours, at) & around(theirs, n)) >= (1 if any(known) else 3)


def _next(these: Sequence[Word], at: int) -> str:
    return these[at + 1].folded if at + 1 < len(these) else ""


@lru_cache(maxsize=16384)
def _opposites(word: str) -> dict[str, bool]:
    """The opposites of what a word may be a form of, each with whether it is a direct one."""
    quantities = _PART if word in _ALL else _ALL if word in _PART else frozenset[str]()
    found: dict[str, bool] = dict.fromkeys(quantities, True)
    for base in bases(word):
        direct, near = _table().get(base, ((), ()))
        found = dict.fromkeys(near, False) | found | dict.fromkeys(direct, True)
    return found


@cache
def _table() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {word: (_known(direct), _known(near)) for word, direct, near in rows[1:] if word not in _PLAIN_WORDS - _ORDERED}


def _known(listed: str) -> tuple[str, ...]:
    return tuple(word for word in listed.split() if word not in _PLAIN_WORDS - _ORDERED)
