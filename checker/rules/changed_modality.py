"""What may be in the original is certain in the version, or the other way round.

Verbs that say how sure or how binding something is are compared by the verb behind them: one side has "may" or "might" and the
other "will", "must" or "shall" before the same verb, or one has "can" and the other "must". Words such as "perhaps" and
"possibly" count for the whole sentence.

Why it matters: a forecast becomes a fact, an option a duty; careful sources are careful in these words alone.

A hit: "may rise" → "will rise"; "must be signed" → "can be signed". Not a hit: "may rise" → "could rise"; "will possibly rise"
→ "might rise"; "must" → "have to"; "can't" → "cannot".

Known limits: "would", "should" and "could" stand for too many things to be compared with will and must; where another verb
follows, nothing is compared. Versions without an English reading are not judged.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from checker.facts import Spot, spotted
from checker.wording import FUNCTION_WORDS, Word, bases, change, comparable, words

CODE = "FID009"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

_OPEN = frozenset({"may", "might"})
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

_SCREEN = r"(?i)\b(?:may|might|can|will|must|shall|\w+['’]ll)\b"


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
    for one, other in ((_OPEN, _SURE), (_SURE, _OPEN), (_ABLE, _BOUND), (_BOUND, _ABLE)):
        here, there = _modals(ours, one), _modals(theirs, other)
        kept, known = _modals(theirs, one | _HEDGES), _modals(ours, other | _HEDGES)
        for verb in sorted(here.keys() & there.keys() - kept.keys() - known.keys()):
            if not (_HEDGES & {word.folded for word in (theirs if one in (_OPEN, _ABLE) else ours)}):
                yield change(ours[here[verb]], theirs[there[verb]], original, english, own=back is None)
                return


def _modals(these: Sequence[Word], asked: frozenset[str]) -> dict[str, int]:
    """The bases of the verbs behind the modal ones that are asked for, to the place of the modal."""
    found: dict[str, int] = {}
    for at, word in enumerate(these):
        if word.folded in asked:
            verb = next((w.folded for w in these[at + 1 : at + 1 + _REACH] if w.folded not in _SKIPPED), None)
            for base in bases(verb) if verb else ():
                found.setdefault(base, at)
    return found
