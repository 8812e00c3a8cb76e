"""He has become she in the version, or a man a woman.

Pronouns, and words for people that have a counterpart of the other gender (king and queen, spokesman and spokeswoman), are
counted: the version has fewer of one gender than the original and more of the other, class by class.

Why it matters: languages without gendered pronouns leave the machine to guess, and it guesses the usual; the reader meets
another person.

A hit: "for him to return" → "for her to return"; "the queen" → "the king". Not a hit: "her team" → "the team"; "chairman" →
"chair"; "she" → "Mrs Lind"; "men and women" → "women and men".

Known limits: a gender that is gained or lost, not changed, is none; two that are exchanged look like none. Versions without an
English reading are not judged.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import polars as pl

from checker.facts import Spot, spotted
from checker.wording import Word, around, change, comparable, words

CODE = "FID012"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

# Classes of words, male before the bar and female behind it.
_CLASSES = """
he him his himself he's he'd he'll | she her hers herself she's she'd she'll
man men boy boys lad lads gentleman gentlemen guy male males mr | woman women girl girls lass lady ladies female females mrs ms miss
king kings | queen queens
prince princes | princess princesses
duke | duchess
emperor | empress
lord lords | lady ladies
father fathers dad daddy | mother mothers mom mum mommy mummy
son sons | daughter daughters
brother brothers | sister sisters
husband husbands | wife wives
uncle uncles | aunt aunts
nephew nephews | niece nieces
grandfather grandfathers grandpa | grandmother grandmothers grandma
grandson grandsons | granddaughter granddaughters
stepfather | stepmother
widower | widow
groom bridegroom | bride
boyfriend boyfriends | girlfriend girlfriends
actor actors | actress actresses
waiter waiters | waitress waitresses
host | hostess
hero | heroine
monk monks | nun nuns
wizard | witch
god | goddess
"""
_PRONOUN = "he"
_COMPOUND = re.compile(r"(.{3,}?)(wom[ae]n|m[ae]n)")


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another gender, a row per word; both sides narrowed to it."""
    said = pl.col("english").str.contains(r"(?i)\b(?:" + "|".join(sorted(_listed())) + r"|\w+m[ae]n)\b")
    kept = comparable(pairs.filter(said))
    differs = [any(map(_gender, lost)) or any(map(_gender, gained)) for lost, gained in kept.select("lost", "gained").iter_rows()]
    kept = kept.filter(pl.Series(differs, dtype=pl.Boolean))
    # Genders are counted class by class, in the sentences that have another word of a gender.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [_spots(*row) for row in rows])


def _spots(original: str, english: str, back: str | None) -> list[Spot]:
    ours, theirs = words(original), words(english)
    mine, other = (Counter(_gender(word.folded) for word in side) for side in (ours, theirs))
    less, more = mine - other, other - mine
    spots = []
    for told in sorted(gender for gender in less if gender):
        turned = (told[0], not told[1])
        if turned in more:
            at, place = _nearest(ours, told, theirs, turned)
            spots.append(change(ours[at], theirs[place], original, english, own=back is None))
    if not spots:
        spots = [change(ours[at], theirs[place], original, english, own=back is None) for at, place in _strangers(ours, theirs)]
    return spots


def _strangers(ours: Sequence[Word], theirs: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """A pronoun of a gender that the other side's persons all have not: he … his, and she … his."""
    known, new = ({gender for word in side if (gender := _gender(word.folded))} for side in (ours, theirs))
    for told in (gender for gender in sorted(known) if gender[0] == _PRONOUN):
        turned = (told[0], not told[1])
        if turned in new and {female for _, female in known} == {told[1]}:
            yield _nearest(ours, told, theirs, turned)


_Gender = tuple[str, bool]

# So many words of a gender are looked at: a long line of one word would take hours.
_MOST = 20


def _nearest(ours: Sequence[Word], told: _Gender, theirs: Sequence[Word], turned: _Gender) -> tuple[int, int]:
    """The two words that stand among the most words in common; rather those that the other side lacks."""
    mine, other = ({word.folded for word in side} for side in (ours, theirs))
    here = [at for at, word in enumerate(ours) if _gender(word.folded) == told][:_MOST]
    there = [at for at, word in enumerate(theirs) if _gender(word.folded) == turned][:_MOST]
    return max(
        ((a, b) for a in here for b in there),
        key=lambda ab: (
            len(around(ours, ab[0]) & around(theirs, ab[1])),
            (ours[ab[0]].folded not in other) + (theirs[ab[1]].folded not in mine),
        ),
    )


@lru_cache(maxsize=1 << 15)
def _gender(word: str) -> _Gender | None:
    """Class of a word and whether it is female, or null."""
    if word in _listed():
        return _listed()[word]
    found = _COMPOUND.fullmatch(word)
    return (found[1], found[2].startswith("w")) if found and found[1] != "hu" else None


@cache
def _listed() -> dict[str, _Gender]:
    found: dict[str, _Gender] = {}
    for line in _CLASSES.strip().splitlines():
        for female, side in enumerate(line.split(" | ")):
            for word in side.split():
                found.setdefault(word, (line.split()[0], bool(female)))
    return found
