"""Two names of a sentence have changed places, so that another did what is told.

Names that both sides have, in another order, are compared by the words right before and behind them: each of two names stands
in the version among the words that the other stood among in the original, and not among its own.

Why it matters: every name and every word is there, and the one who attacked is now the one who was attacked.

A hit: "Arvenia accused Lodia of piracy" → "Lodia accused Arvenia of piracy". "the dog bit the man" → "the man bit the
dog", where no other word differs. Not a hit: "Arvenia beat Lodia" → "Lodia was beaten by
Arvenia"; "Arvenia met Lodia" → "Lodia met Arvenia"; "Oslo, Bergen and Narvik" → "Bergen, Narvik and Oslo".

Known limits: a name that stands twice on one side is not compared; where the sentence was reworded around both, nothing is left to
compare by; nouns are compared only where all other words are the same. Versions without an English reading are not judged.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import polars as pl

from checker.facts import Spot, spotted
from checker.wording import FUNCTION_WORDS, Word, bases, comparable, words
from checker.words import form

CODE = "FID021"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

_NAME = r"\p{Lu}[\p{L}]{2,}"

# Verbs that say the same of both names, or join two names of one thing.
_EITHER = "met meet meets married marry borders border called known named fought played"
_EITHER_WAY = frozenset(_EITHER.split())
_PASSIVE = frozenset({"by"})

# A list of names in another order is none of a sentence's.
_MANY = 8


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with two swapped names, a row each; both sides narrowed from the one to the other."""
    named = [pl.col(c).str.extract_all(_NAME) for c in ("original_text", "english")]
    compared = comparable(pairs)
    both = compared.select(*(side.alias(name) for side, name in zip(named, ("ours", "theirs"), strict=True)))
    # Two orders are compared as lists, for which there is no expression.
    turned = [_turned(ours, theirs) for ours, theirs in both.iter_rows()]
    same = (pl.col("lost").list.len() + pl.col("gained").list.len() == 0) & (pl.col("original_text") != pl.col("english"))
    kept = compared.filter(pl.Series(turned, dtype=pl.Boolean) | same)
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _turned(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """True if the names that both sides have once stand in another order."""
    shared = {name for name in ours if name in theirs and ours.count(name) == theirs.count(name) == 1}
    if not 2 <= len(shared) <= _MANY:
        return False
    return [name for name in ours if name in shared] != [name for name in theirs if name in shared]


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = words(original), words(english)
    here, there = (_names(text, side) for text, side in ((original, ours), (english, theirs)))
    shared = sorted((here[name], there[name]) for name in here.keys() & there.keys())
    for (one, now), (other, then) in combinations(shared, 2):
        if then < now and _crossed(ours, one, other, theirs, now, then):
            message = f"{original[ours[one].start : ours[other].end]} → {english[theirs[then].start : theirs[now].end]}"
            place = (theirs[then].start, theirs[now].end) if back is None else None
            yield Spot(message, place, (ours[one].start, ours[other].end))
            return
    if exchanged := _exchanged(ours, theirs):
        one, other = exchanged
        span, place = (ours[one].start, ours[other].end), (theirs[one].start, theirs[other].end)
        yield Spot(f"{original[slice(*span)]} → {english[slice(*place)]}", place if back is None else None, span)


_JOINED = frozenset({"and", "or", "nor", "but", "is", "are", "was", "were", "be", "by", "between", "with", "than", "as"})


def _exchanged(ours: Sequence[Word], theirs: Sequence[Word]) -> tuple[int, int] | None:
    """The places of two nouns around a verb that are exchanged, all other words being the same: the dog bit the man."""
    if len(ours) != len(theirs):
        return None
    changed = [at for at, (word, other) in enumerate(zip(ours, theirs, strict=True)) if word.folded != other.folded]
    if len(changed) != 2 or [ours[at].folded for at in changed] != [theirs[at].folded for at in reversed(changed)]:
        return None
    between = [word.folded for word in ours[changed[0] + 1 : changed[1]]]
    nouns = all(_may_be(ours[at].folded, "N") for at in changed)
    verb = any(_may_be(word, "V") for word in between if word not in FUNCTION_WORDS)
    joined = not (_JOINED | _EITHER_WAY).isdisjoint(between)
    return (changed[0], changed[1]) if nouns and verb and not joined else None


def _may_be(word: str, part: str) -> bool:
    return word not in FUNCTION_WORDS and any(kind.startswith(part) for kind in form(word).kind().split("|"))


def _names(text: str, these: Sequence[Word]) -> dict[str, int]:
    """The words with a capital that stand once, to their place."""
    places: dict[str, list[int]] = {}
    for at, word in enumerate(these):
        if re.match(r"[^\W\d_a-z]", text[word.start]) and word.end - word.start > 2 and word.folded not in FUNCTION_WORDS:
            places.setdefault(word.folded, []).append(at)
    return {name: at[0] for name, at in places.items() if len(at) == 1}


def _crossed(ours: Sequence[Word], one: int, other: int, theirs: Sequence[Word], now: int, then: int) -> bool:
    """True if each name stands among the words of the other, and the sentence was not merely put the other way round."""
    between = [{word.folded for word in side} for side in (ours[one + 1 : other], theirs[then + 1 : now])]
    if not all(side - FUNCTION_WORDS for side in between) or not _EITHER_WAY.isdisjoint(between[0] | between[1]):
        return False
    if _by(ours, one, other) != _by(theirs, then, now):
        return False
    names = {ours[one].folded, ours[other].folded}
    straight = _alike(ours, one, theirs, now, names), _alike(ours, other, theirs, then, names)
    crossed = _alike(ours, one, theirs, then, names), _alike(ours, other, theirs, now, names)
    return min(crossed) >= _LEAST and sum(straight) <= sum(crossed) - _MORE


# A word of content next to both names counts 1, a small word ½: each name must have one in common with the other's place, and both
# together so much more than with their own. With these, 58 % of the names that bench/perturb.py swaps are found, and 4 in 13,780
# pairs of FLORES by Google and Microsoft; a reach of 4 finds 66 % and 15.
_REACH = 2
_LEAST = 1.0
_MORE = 2.0


def _by(these: Sequence[Word], one: int, other: int) -> bool:
    """True where one of the names is the one by whom something is done."""
    return any(not _PASSIVE.isdisjoint(word.folded for word in these[max(0, at - 3) : at]) for at in (one, other))


def _alike(ours: Sequence[Word], at: int, theirs: Sequence[Word], place: int, names: set[str]) -> float:
    """What two places have in common in the two words before and the two behind."""
    sides = (
        (ours[max(0, at - _REACH) : at], theirs[max(0, place - _REACH) : place]),
        (ours[at + 1 : at + 1 + _REACH], theirs[place + 1 : place + 1 + _REACH]),
    )
    shared = 0.0
    for mine, other in sides:
        held = {base for word in other for base in bases(word.folded)}
        for word in mine:
            if word.folded not in names and not held.isdisjoint(bases(word.folded)):
                shared += 0.5 if word.folded in FUNCTION_WORDS else 1.0
    return shared
