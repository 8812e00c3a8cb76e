"""What the original says rose, fell in the version; or went north, went south; or was more, is less.

Points of the compass, and words that point one of two ways (rise and fall, before and after, above and below, more and less),
are compared by the pole they stand for, whatever word is used: the version has less of one pole than the original and more of
the other, and around both stand words in common. Bounds are compared number by number: "more than 100" against "under 100".

Why it matters: a number keeps its digits and the sentence its words, and it reports the contrary.

A hit: "prices rose" → "prices fell"; "northern Oslo" → "southern Oslo"; "over 1,000 pounds" → "less than 1,000 pounds". Not a
hit: "rose" → "climbed"; "before he left" → "prior to his departure"; "no less than 50" → "at least 50"; "lower prices" →
"reduced prices".

Known limits: poles of other words are those of `checker/packs/directions.toml`; two changes in one sentence that undo each
other look like none; a sentence turned around ("after A, B", "before B, A") is judged by the words beside the two. Versions
without an English reading are not judged.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from checker.facts import Number, Spot, numbers, spotted
from checker.wording import COMPASS, FUNCTION_WORDS, Pole, Word, around, bases, change, comparable, denials, poles, turned, words

CODE = "FID007"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

# Words before a number that bound it from below and from above.
_BOUND = re.compile(
    r"(?i)\b(?:(?P<least>(?:more|greater|higher|larger|longer|older|better) than|over|above|exceed(?:s|ed|ing)?"
    r"|upwards? of|in excess of|at least|(?:no|not) (?:less|fewer|lower) than|a minimum of)"
    r"|(?P<most>(?<!no )(?<!not )(?:less|fewer|lower|smaller|shorter|younger) than|under|below|at most"
    r"|(?:no|not) more than|a maximum of))"
    r" (?:an? |the |about )?[$€£¥]?$"
)
_NUMBER = (
    r"(?:\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thir|fif|twen|forty|hundred|thousand|million|billion|half)"
)
_BOUND_SCREEN = rf"(?i)\b(?:than|over|above|exceed\w*|of|at least|at most|under|below) (?:an? |the |about )?[$€£¥]?{_NUMBER}"
_BEFORE = 40
_MOST_NUMBERS = 200


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another direction, a row per word; both sides narrowed to it."""
    compared = comparable(pairs)
    bounded = pl.col("original_text").str.contains(_BOUND_SCREEN) & pl.col("english").str.contains(_BOUND_SCREEN)
    kept = compared.filter(pl.Series(_screened(compared), dtype=pl.Boolean) | bounded)
    # Poles are counted word by word, in the sentences of which the screen says that they have both.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _screened(pairs: pl.DataFrame) -> Iterator[bool]:
    """Whether a word that is lost and one that is gained point different ways."""
    for lost, gained in pairs.select("lost", "gained").iter_rows():
        ours = {pole for word in lost for pole in poles(word)}
        yield bool(ours) and any((axis, other) in ours for word in gained for axis, pole in poles(word) for other in turned(pole))


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    yield from _bounds(original, english, back)
    ours, theirs = words(original), words(english)
    mine, others = (Counter(pole for word in side for pole in poles(word.folded)) for side in (ours, theirs))
    less, more = mine - others, others - mine
    for axis, pole in sorted(less):
        gained = next(((axis, other) for other in turned(pole) if (axis, other) in more), None)
        if gained and (axis == COMPASS or _denials(ours) == _denials(theirs)):
            at, place = _places((axis, pole), gained, ours, theirs)
            if at is not None and place is not None:
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


def _bounds(original: str, english: str, back: str | None) -> Iterator[Spot]:
    """Numbers that the two sides bound from different sides."""
    ours, theirs = _bounded(original), _bounded(english)
    for number, cue, least in ours:
        turned = [there for there in theirs if there[0].keys & number.keys]
        if turned and all(there[2] != least for there in turned):
            other, said, _ = turned[0]
            message = f"{original[cue : number.end]} → {english[said : other.end]}"
            yield Spot(message, (said, other.end) if back is None else None, (cue, number.end))


def _bounded(text: str) -> list[tuple[Number, int, bool]]:
    """The numbers with a bound: number, where the bound begins, whether it is the least."""
    found = []
    for number in numbers(text)[:_MOST_NUMBERS]:
        begin = max(0, number.start - _BEFORE)
        cue = _BOUND.search(text[begin : number.start])
        if cue:
            found.append((number, begin + cue.start(), bool(cue["least"])))
    return found
