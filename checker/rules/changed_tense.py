"""A verb of the original stands in another tense in the version.

A verb that the original has in the past and the version in the present or the future, or the other way round: the same verb
among the same words, while no auxiliary that could make up for it was gained or lost.

Why it matters: what is over and what is to come differ; mildly, as engines waver between the tenses of reports.

A hit: "the ferry sank" → "the ferry sinks"; "he will pay" → "he paid". Not a hit: "he paid" → "he has paid"; "he said" →
"saying".

Known limits: a verb that is replaced by another has no tense to compare; says and said are not told apart, as news writes
either. Versions without an English reading are not judged.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import polars as pl

from checker.facts import Spot, spotted
from checker.wording import Word, around, bases, change, comparable, irregular, words

CODE = "FID014"
SEVERITY = "minor"
CATEGORY = "accuracy/mistranslation"

_HELPING = """will would shall should can could may might must do does did don't doesn't didn't have has had having been being be
    won't wouldn't haven't hasn't hadn't to going used"""
_AUXILIARIES = frozenset(_HELPING.split())
_FUTURE = frozenset({"will", "shall", "won't"})
_DECISIVE = _AUXILIARIES - _FUTURE
_BE = {"is": "now", "are": "now", "am": "now", "was": "past", "were": "past"}

# Verbs of reports, which stand in either tense.
_REPORTING = "say tell add state write note report announce argue claim insist believe think know"
_REPORTS = frozenset(_REPORTING.split())
# Behind these the tenses of what is told move: he said it was, according to him it is.
_TOLD = frozenset({"according", *_REPORTS})


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a verb in another tense, a row per verb; both sides narrowed to it."""
    compared = comparable(pairs)
    kept = compared.filter(pl.Series(list(_screened(compared)), dtype=pl.Boolean))
    # A verb's form is read from its base; the screen leaves the sentences of which both sides have a form that the other lacks.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _screened(pairs: pl.DataFrame) -> Iterator[bool]:
    """Whether a form of a verb is lost that another form of it is gained for, and no auxiliary changed but will."""
    for lost, gained in pairs.select("lost", "gained").iter_rows():
        if not (_DECISIVE.isdisjoint(lost) and _DECISIVE.isdisjoint(gained)):
            yield False
            continue
        mine = {base for word in lost for base in _verb(word)}
        yield bool(mine) and any(not mine.isdisjoint(_verb(word)) for word in gained)


@lru_cache(maxsize=1 << 15)
def _verb(word: str) -> frozenset[str]:
    if word in _BE:
        return frozenset({"be"})
    return bases(word) if word.endswith(("ed", "s")) or word in irregular() else frozenset({word})


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = words(original), words(english)
    mine, other = ({word.folded for word in side if word.folded in _AUXILIARIES} for side in (ours, theirs))
    if (mine ^ other) - _FUTURE:  # of which "don’t" has another apostrophe
        return
    have = [{word.folded for word in side} for side in (theirs, ours)]
    lost = [at for at, word in enumerate(ours) if word.folded not in have[0]]
    gained = [at for at, word in enumerate(theirs) if word.folded not in have[1]]
    for at in lost:
        tense = _tense(ours, at)
        for place in gained if tense else ():
            if _tense(theirs, place) in _OTHERS[tense] and _one_verb(ours, at, theirs, place):
                yield change(ours[at], theirs[place], original, english, own=back is None)
                return


_OTHERS = {"past": ("now", "future"), "now": ("past",), "future": ("past",), "": ()}


def _one_verb(ours: Sequence[Word], at: int, theirs: Sequence[Word], place: int) -> bool:
    one, other = ours[at].folded, theirs[place].folded
    if any(not _TOLD.isdisjoint(bases(word.folded)) for word in (*ours[:at], *theirs[:place])):
        return False
    same = (one in _BE and other in _BE) or bool((_verb(one) & _verb(other)) - _REPORTS)
    return same and len(around(ours, at) & around(theirs, place)) >= _SHARED


# Words of content around a verb, three before and three behind, that both sides have.
_SHARED = 2


def _tense(these: Sequence[Word], at: int) -> str:
    """past, now or future of a finite verb by its form and the word before it; empty for what is none."""
    word, before = these[at].folded, these[at - 1].folded if at else ""
    if before in _FUTURE:
        return "future"
    if before in _AUXILIARIES or before in _BE or before in _NOMINAL:
        return ""
    if word in _BE:
        return _BE[word]
    if word in irregular() and not word.endswith(("s", "ing", "en", "wn")):
        return "past"
    if word.endswith("ed") and len(word) > 4:
        return "past"
    return "now" if word.endswith("s") and not word.endswith("ss") else ""


# Behind these stands a noun or a participle.
_BEFORE_NOUNS = "a an the his her its their our my your this that these those of by for no some any more most as being get got"
_NOMINAL = frozenset(_BEFORE_NOUNS.split())
