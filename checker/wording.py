"""Words that the two sides of a pair do not share, what their forms have in common, and what stands around them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from checker import packs
from checker.facts import Spot, fold, in_english

# A word in polars' dialect and in Python's: letters and digits with apostrophes within; a hyphen parts words.
_WORD = r"[\p{L}\d]+(?:['’][\p{L}]+)*"
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")

# Words that say nothing of what stands beside them.
_FUNCTION = """a an the of to in on at by for with from as and or but that which who whom whose this these those it its he she his
    her him they them their we our us you your i my me is are was were be been being am has have had do does did will would can
    could shall should may might must so than then there here not no very much many more most s t"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())

_NEGATING = """not no never neither nor none nobody nothing nowhere cannot without hardly barely scarcely lack lacks lacked
    fail fails failed failing refuse refused deny denied avoid avoided prevent prevented stop stopped unable unless non
    less least little few fewer rare rarely seldom free without except only anything"""
_NEGATIONS = frozenset(_NEGATING.split())
# How far before a word its negation may stand, in words.
_REACH = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text and where it stands; `folded` is in lower case, without diacritics, a straight apostrophe within."""

    start: int
    end: int
    folded: str


def worded(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with `lost` and `gained`: the words in lower case that one side alone has; a frame that has them stays as it is."""
    if {"lost", "gained"} <= set(pairs.columns):
        return pairs
    ours, theirs = (pl.col(c).str.to_lowercase().str.extract_all(_WORD) for c in ("original_text", "english"))
    return pairs.with_columns(lost=ours.list.set_difference(theirs), gained=theirs.list.set_difference(ours))


LONGEST = 10_000
"""Bytes of a text, more than any sentence has: what is compared word by word would take seconds beyond it."""


def brief() -> pl.Expr:
    """True for the pairs of texts that are compared word by word; null where one is missing."""
    return pl.all_horizontal(pl.col(c).str.len_bytes() <= LONGEST for c in ("original_text", "english"))


def comparable(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of sentences of which both sides can be read in English, with `lost` and `gained`."""
    return worded(pairs).filter(in_english() & pl.col("original_text").is_not_null() & brief())


@lru_cache(maxsize=1 << 14)  # rules read the texts of a part (8,000 pairs) after one another
def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order."""
    if text.isascii():  # small letters stand where the capitals stood
        return tuple(Word(*m.span(), m[0].removesuffix("'s")) for m in _TOKEN.finditer(text.lower()))
    return tuple(Word(*m.span(), fold(m[0]).replace("’", "'").removesuffix("'s")) for m in _TOKEN.finditer(text))


def only(these: Sequence[Word], those: Sequence[Word]) -> list[int]:
    """The places of the words of which no form stands on the other side."""
    there = {base for word in those for base in bases(word.folded)}
    return [at for at, word in enumerate(these) if there.isdisjoint(bases(word.folded))]


@lru_cache(maxsize=1 << 15)
def bases(word: str) -> frozenset[str]:
    """What a word may be a form of, itself among it: studied gives study, larger gives large."""
    return frozenset(_bases(word))


def _bases(word: str) -> Iterator[str]:
    yield word
    if word in irregular():
        yield irregular()[word]
    for ending in ("s", "es", "ed", "d", "ing", "er", "r", "est", "st", "ly"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3:
            yield rest
            if ending in ("ing", "ly"):
                yield rest + "e"
            if ending in ("es", "ed", "er", "est", "ly") and rest.endswith("i"):
                yield rest[:-1] + "y"
            if ending in ("ed", "ing", "er", "est") and rest[-1] == rest[-2]:
                yield rest[:-1]


@cache
def irregular() -> dict[str, str]:
    """Irregular form of a verb to its base."""
    rows = [row.split() for row in packs.load("irregular_verbs")["en"]["irregular-verb"]]
    return {form: base for base, *forms in rows for form in forms}


def around(these: Sequence[Word], at: int, reach: int = 3) -> set[str]:
    """The bases of the words of content within so many words of a place."""
    near = (*these[max(0, at - reach) : at], *these[at + 1 : at + 1 + reach])
    return {base for word in near if word.folded not in FUNCTION_WORDS for base in bases(word.folded)}


def denied(these: Sequence[Word], at: int) -> bool:
    """True if a negation stands shortly before the word."""
    return any(word.folded in _NEGATIONS or word.folded.endswith("n't") for word in these[max(0, at - _REACH) : at])


def denials(these: Sequence[Word]) -> int:
    """How many negations a text has."""
    return sum(word.folded in _NEGATIONS or word.folded.endswith("n't") for word in these)


def change(ours: Word, theirs: Word, original: str, english: str, *, own: bool) -> Spot:
    """A word of the original that became another; `own` is true where the English is the version's own text, not its way back."""
    message = f"{original[ours.start : ours.end]} → {english[theirs.start : theirs.end]}"
    return Spot(message, (theirs.start, theirs.end) if own else None, (ours.start, ours.end))


Pole = tuple[int, str]
"""An axis, and the pole of it: + and -, or a point of the compass."""

COMPASS = -1
"""The axis of the points of the compass; the others are rows of `directions.toml`."""

_POINT = re.compile(r"(?:north|south)?(?:east|west)?(?:ern|erly|ward|wards|bound|ernmost|erner|erners)?")
_TURNED = {"+": "-", "-": "+", "n": "sew", "s": "new", "e": "wns", "w": "ens"}


def turned(pole: str) -> str:
    """The poles that are another direction on the same axis."""
    return _TURNED[pole]


@lru_cache(maxsize=1 << 15)
def poles(word: str) -> frozenset[Pole]:
    """The poles that a word stands for, each with its axis."""
    if _POINT.fullmatch(word) and word.startswith(("north", "south", "east", "west")):
        return frozenset((COMPASS, point[0]) for point in ("north", "south", "east", "west") if point in word)
    known = _directions()
    if word in known:
        return known[word]
    return frozenset(pole for base in bases(word) for pole in known.get(base, ()))


@cache
def _directions() -> dict[str, frozenset[Pole]]:
    found: dict[str, set[Pole]] = {}
    for axis, row in enumerate(packs.load("directions")["en"]["direction"]):
        for pole, listed in zip("+-", row.split(" | "), strict=True):
            for word in listed.split():
                found.setdefault(word, set()).add((axis, pole))
    return {word: frozenset(poles) for word, poles in found.items()}
