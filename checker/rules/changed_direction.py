"""What the original says rose, fell in the version; or went north, went south; or was more, is less.

Points of the compass, and words that point one of two ways (rise and fall, before and after, above and below, more and less),
are compared by the pole they stand for, whatever word is used: the version has less of one pole than the original and more of
the other, and around both stand words in common. Bounds are compared number by number: "more than 100" against "under 100"; where
the verb of one alone is denied, "cannot take more than 40", the bound is the other one.

Why it matters: a number keeps its digits and the sentence its words, and it reports the contrary.

A hit: "prices rose" → "prices fell"; "northern Oslo" → "southern Oslo"; "over 1,000 pounds" → "less than 1,000 pounds". Not a
hit: "rose" → "climbed"; "before he left" → "prior to his departure"; "no less than 50" → "at least 50"; "must not exceed 50"
→ "must be no more than 50"; "lower prices" → "reduced prices".

Known limits: poles of other words are those of `checker/packs/directions.toml`; two changes in one sentence that undo each
other look like none; a sentence turned around ("after A, B", "before B, A") is judged by the words beside the two. Versions
without an English reading are not judged.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from checker.facts import Number, Spot, fold, numbers, spotted
from checker.wording import COMPASS, FUNCTION_WORDS, Pole, Word, around, bases, change, comparable, denials, poles, turned, words

CODE = "FID007"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

# Words before a number that bound it from below and from above, and behind it.
_BOUND = re.compile(
    r"(?i)\b(?:(?P<least>(?:more|greater|higher|larger|longer|older|better) than|over|above|exceed(?:s|ed|ing)?"
    r"|upwards? of|in excess of|at(?: the very)? least|(?:no|not) (?:less|fewer|lower) than|a minimum of)"
    r"|(?P<most>(?<!no )(?<!not )(?:less|fewer|lower|smaller|shorter|younger) than|under|below|at(?: the very)? most"
    r"|(?:no|not) more than|a maximum of|up to))"
    r" (?:an? |the |about )?[$€£¥]?$"
)
# A negation in the clause before a bound, with the words between them: "cannot take more than 40" is no more than 40. Other words
# that deny as well are told from it, as what they deny is not sure.
_NOT = r"(?:not|never|cannot|n['’]t)"
_DENIED = re.compile(
    rf"(?i)(?:\b|(?=n['’]t)){_NOT}\b(?=(?P<between>(?:\W+\w+)*)\W*$)"
    r"|\b(?:no|no one|nobody|none|neither|nor|nothing|without|unable|forb\w+|prohibit\w*|bann?\w*|illegal|impossible|refus\w+"
    r"|avoid\w*|prevent\w*|stop\w*|fail\w*|rarely|seldom|hardly|barely)\b"
)
_CLAUSE = re.compile(r"[.,;:!?()\n–—](?!\d)|\b(?:but|although|though|while)\b")
_NUMBER = (
    r"(?:\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thir|fif|twen|forty|hundred|thousand|million|billion|half)"
)
_BOUND_SCREEN = rf"(?i)\b(?:than|over|above|exceed\w*|of|at least|at most|under|below|up to) (?:an? |the |about )?[$€£¥]?{_NUMBER}"
_EXCEPT_SCREEN = "(?:ll|ne|dy) (?:but|except) "
_BEFORE = 40
_CLAUSE_BEFORE = 100
_MOST_NUMBERS = 200


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another direction, a row per word; both sides narrowed to it."""
    compared = comparable(pairs)
    bounded = pl.col("original_text").str.contains(_BOUND_SCREEN) & pl.col("english").str.contains(_BOUND_SCREEN)
    excepted = pl.any_horizontal(pl.col(c).str.contains(_EXCEPT_SCREEN) for c in ("original_text", "english"))
    kept = compared.filter(pl.Series(_screened(compared), dtype=pl.Boolean) | bounded | excepted)
    # Poles are counted word by word, in the sentences of which the screen says that they have both.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _screened(pairs: pl.DataFrame) -> Iterator[bool]:
    """Whether a word that is lost and one that is gained point different ways."""
    for lost, gained in pairs.select("lost", "gained").iter_rows():
        ours = {pole for word in lost for pole in poles(word)}
        yield bool(ours) and any((axis, other) in ours for word in gained for axis, pole in poles(word) for other in turned(pole))


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    bounds = [*_bounds(original, english, back), *_excepted(original, english, back)]
    yield from bounds
    ours, theirs = words(original), words(english)
    mine, others = (Counter(pole for word in side for pole in poles(word.folded)) for side in (ours, theirs))
    less, more = mine - others, others - mine
    for axis, pole in sorted(less):
        gained = next(((axis, other) for other in turned(pole) if (axis, other) in more), None)
        if gained and (axis == COMPASS or _denials(ours) == _denials(theirs)):
            at, place = _places((axis, pole), gained, ours, theirs)
            told = at is not None and any(spot.original[0] <= ours[at].start < spot.original[1] for spot in bounds if spot.original)
            if at is not None and place is not None and not told:
                yield change(ours[at], theirs[place], original, english, own=back is None)


def _denials(these: Sequence[Word]) -> int:
    """Negations other than those that are poles themselves, such as "less" and "fail"."""
    return denials([word for word in these if not poles(word.folded)])


def _places(pole: Pole, gained: Pole, ours: Sequence[Word], theirs: Sequence[Word]) -> tuple[int | None, int | None]:
    """A word of each pole that stand among the same words; for the compass, among any."""
    here = [at for at, word in enumerate(ours) if pole in poles(word.folded)][:_MOST]
    there = [at for at, word in enumerate(theirs) if gained in poles(word.folded)][:_MOST]
    shared = [(-len(around(ours, a) & around(theirs, b)), a, b) for a in here for b in there if _same_degree(ours, a, theirs, b)]
    best = min(shared, default=(0, 0, 0))
    return best[1:] if shared and (best[0] < 0 or pole[0] == COMPASS) else (None, None)


# So many words of a pole are looked at: a long line of one word would take hours.
_MOST = 20
_DEGREES = frozenset({"more", "less", "most", "least"})


def _same_degree(ours: Sequence[Word], at: int, theirs: Sequence[Word], place: int) -> bool:
    """False for "more obscure" against "less clear": of two other words the one may deny what the other says."""
    if ours[at].folded not in _DEGREES or at + 1 == len(ours) or place + 1 == len(theirs):
        return True
    behind, other = ours[at + 1].folded, theirs[place + 1].folded
    return bool(bases(behind) & bases(other)) or behind in FUNCTION_WORDS | {"than"} or other in FUNCTION_WORDS | {"than"}


_EXCEPT = re.compile(r"(?i)\b(?:all|everyone|everybody|every one) (?:but|except)(?: for)?(?: the| about)? $")
_EXCEPTING = re.compile(r"(?i)\b(?:but|except\w*|apart|aside|other than|exclu\w+|save|bar|without)\b")


def _excepted(original: str, english: str, back: str | None) -> Iterator[Spot]:
    """A number that one side excepts, "all but five", and of which the other says nothing of the kind."""
    for one, other in ((original, english), (english, original)):
        for number in numbers(one)[:_MOST_NUMBERS] if re.search(r"(?i) (?:but|except)\b", one) else ():
            cue = _EXCEPT.search(one[: number.start])
            same = next((n for n in numbers(other) if n.keys & number.keys), None)
            if cue and same and not _EXCEPTING.search(other):
                spans = (cue.start(), number.end), (same.start, same.end)
                ours, theirs = spans if one is original else spans[::-1]
                message = f"{original[slice(*ours)]} → {english[slice(*theirs)]}"
                yield Spot(message, theirs if back is None else None, ours)
                return


@dataclass(frozen=True, slots=True)
class _Bound:
    """A number with a bound: where the bound begins, its words, whether it is the least, and what denies it.

    `denied` is `not` for a negation with at most one word before the bound, `perhaps` for another one before it, else empty.
    """

    number: Number
    begin: int
    cue: str
    least: bool
    denied: str


def _bounds(original: str, english: str, back: str | None) -> Iterator[Spot]:
    """Numbers that the two sides bound from different sides."""
    ours, theirs = _bounded(original), _bounded(english)
    for bound in ours:
        others = [there for there in theirs if there.number.keys & bound.number.keys]
        if others and all(_contrary(bound, there) for there in others):
            other = others[0]
            message = f"{original[bound.begin : bound.number.end]} → {english[other.begin : other.number.end]}"
            span = (other.begin, other.number.end) if back is None else None
            yield Spot(message, span, (bound.begin, bound.number.end))


def _contrary(one: _Bound, other: _Bound) -> bool:
    """Whether two bounds of a number are contrary: where one alone is denied, "not exceed" is the contrary of "at least"."""
    if bool(one.denied) == bool(other.denied):
        return one.least != other.least
    # The same words, denied on one side, are the finding of flipped-negation.
    return one.least == other.least and "perhaps" not in (one.denied, other.denied) and one.cue != other.cue


def _bounded(text: str) -> list[_Bound]:
    """The numbers with a bound."""
    found = []
    for number in numbers(text)[:_MOST_NUMBERS]:
        before = max(0, number.start - _BEFORE)
        cue = _BOUND.search(text[before : number.start])
        if cue:
            begin = before + cue.start()
            found.append(
                _Bound(number, begin, fold(cue[0]), bool(cue["least"]), _denial(text[max(0, begin - _CLAUSE_BEFORE) : begin]))
            )
    return found


def _denial(before: str) -> str:
    """What denies a bound, given the text before it; see `_Bound`."""
    clause = _CLAUSE.split(before)[-1]
    found = list(_DENIED.finditer(clause))
    if not found:
        return ""
    between = found[-1]["between"]
    return "not" if len(found) == 1 and between is not None and len(between.split()) <= 1 else "perhaps"
