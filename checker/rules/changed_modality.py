"""What may be in the original is certain in the version, or the other way round.

Verbs that say how sure or how binding something is are compared by the verb behind them: one side has "may", "might" or "could" and
the other "will", "must" or "shall" before the same verb, or behind the same subject where no other such verb could be meant; or one
has "can" and the other "must". Words such as "perhaps" and "possibly" count for what stands near.

Why it matters: a forecast becomes a fact, an option a duty; careful sources are careful in these words alone.

A hit: "may rise" → "will rise"; "must be signed" → "can be signed". Not a hit: "may rise" → "could rise"; "will possibly rise"
→ "might rise"; "must" → "have to"; "can't" → "cannot".

Known limits: "would" and "should" stand for too many things to be compared with will and must, and what can happen will: "can
rise" and "will rise" are one. Versions without an English reading are not judged.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from checker.facts import Spot, spotted
from checker.wording import FUNCTION_WORDS, Word, bases, change, comparable, words

CODE = "FID009"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

_OPEN = frozenset({"may", "might", "could"})
_SURE = frozenset(
    {"will", "must", "shall", "it'll", "he'll", "she'll", "they'll", "we'll", "you'll", "i'll", "that'll", "there'll"}
)
# What can happen will: you will see, you can see. What must happen need not be what can.
_ABLE, _BOUND = frozenset({"can"}), frozenset({"must"})
_HEDGING = "could perhaps possibly maybe probably potentially likely possible able would should likelihood capable"
_HEDGES = frozenset(_HEDGING.split())
# What may stand between such a verb and its own.
_SKIPPED = FUNCTION_WORDS | {"also", "soon", "never", "still", "always", "now", "only", "even", "well", "just", "then"}
_REACH = 5
# How near a word such as "perhaps" stands to the verb that it is said of, in words.
_HEDGED = 6

_SCREEN = r"(?i)\b(?:may|might|could|can|will|must|shall|\w+['’]ll)\b"


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another modality, a row per verb; both sides narrowed to it."""
    modal = pl.col("original_text").str.contains(_SCREEN) & pl.col("english").str.contains(_SCREEN)
    compared = comparable(pairs.filter(modal))
    modals = sorted(_OPEN | _SURE | _ABLE)
    lost, gained = (pl.col(c).list.set_intersection(modals).list.len() > 0 for c in ("lost", "gained"))
    kept = compared.filter(lost & gained)
    # The verb behind a modal one is found by walking on, in the few sentences where one is lost and another gained.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = words(original), words(english)
    for one, other, found in (
        (_OPEN, _SURE, _hardened(ours, theirs)),
        (_SURE, _OPEN, _hardened(theirs, ours)),
        (_ABLE, _BOUND, _pairs(ours, theirs, _ABLE, _BOUND)),
        (_BOUND, _ABLE, _pairs(theirs, ours, _ABLE, _BOUND)),
    ):
        for open_at, sure_at in found:
            at, place = (open_at, sure_at) if one in (_OPEN, _ABLE) else (sure_at, open_at)
            if ours[at].folded in one and theirs[place].folded in other:
                yield change(ours[at], theirs[place], original, english, own=back is None)
                return


def _hardened(these: Sequence[Word], those: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where `these` say may and `those` will: before one verb, or behind one subject if no other modal verb could be meant."""
    yield from _pairs(these, those, _OPEN, _SURE)
    sure = [at for at, word in enumerate(those) if word.folded in _SURE]
    if len(sure) == 1 and not any(word.folded in _OPEN | _ABLE | _HEDGES for word in those):
        for at, word in enumerate(these):
            # "You" may be anybody in each of a sentence's clauses.
            subject = these[at - 1].folded if at else "you"
            if word.folded in _OPEN and subject != "you" and sure[0] and subject == those[sure[0] - 1].folded:
                yield at, sure[0]


def _pairs(these: Sequence[Word], those: Sequence[Word], soft: frozenset[str], hard: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where a verb stands behind a soft modal on one side and behind a hard one alone, unhedged, on the other."""
    here, there = _modals(these, soft), _modals(those, hard)
    kept, known = _modals(those, soft | _HEDGES), _modals(these, hard | _HEDGES - soft)
    for verb in sorted(here.keys() & there.keys() - kept.keys() - known.keys()):
        around = those[max(0, there[verb] - _HEDGED) : there[verb] + 1 + _HEDGED]
        if not any(word.folded in _HEDGES for word in around):
            yield here[verb], there[verb]


def _modals(these: Sequence[Word], asked: frozenset[str]) -> dict[str, int]:
    """The bases of the verbs behind the modal ones that are asked for, to the place of the modal."""
    found: dict[str, int] = {}
    for at, word in enumerate(these):
        if word.folded in asked:
            verb = next((w.folded for w in these[at + 1 : at + 1 + _REACH] if w.folded not in _SKIPPED), None)
            for base in bases(verb) if verb else ():
                found.setdefault(base, at)
    return found
