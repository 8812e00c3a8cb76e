"""Whether two sentences of one language state different facts: numbers in any language; names, negation and the like in English."""

from collections.abc import Sequence
from dataclasses import replace
from html import unescape

import polars as pl

from checker.config import Config
from checker.facts import Key, differing, numbers
from checker.languages import UNDETERMINED
from checker.progress import quiet
from checker.score import score_pairs

# Rules of pairs that tell a fact which took another's place. Those that a paraphrase sets off as well (tense, modality, direction)
# are left out: renderings of one source are paraphrases of each other.
_RULES = ("lost-name", "swapped-name", "swapped-number", "changed-date", "flipped-negation", "opposite-word")
# These say what one side denies, and have no words for it on the other.
_ALONE = ("flipped-negation",)

Change = tuple[str, str]
"""What one sentence states, and what the other has in its place."""

_ENGLISH = "en"


def changed_numbers(one: str, other: str, langs: tuple[str, str]) -> list[tuple[Change, tuple[frozenset[Key], frozenset[Key]]]]:
    """The numbers of one sentence that others took the place of, as they are written, and their values; each text has its language.

    A number that one side has and the other lacks altogether is none: it may be written in words there.
    """
    ours, theirs = numbers(one, langs[0]), numbers(other, langs[1])
    if not ours or not theirs:
        return []
    return [
        ((one[lost.start : lost.end], other[gained.start : gained.end]), (lost.keys, gained.keys))
        for lost, gained in differing(ours, theirs)
        if lost is not None and gained is not None
    ]


def contradictions(ones: Sequence[str], others: Sequence[str], langs: Sequence[str | None], config: Config) -> list[str | None]:
    """What each sentence of the second list states otherwise than the one at its place in the first; null where nothing is seen.

    Where the language is null or `und`, its own words say whether it is English. Entities of HTML (`&#39;`) are read as what they
    stand for, as engines leave them in some versions.
    """
    ones, others = ([unescape(text) if "&" in text else text for text in texts] for texts in (ones, others))
    told: list[str | None] = [
        _said("number", *found[0][0]) if (found := changed_numbers(one, other, (_tag(lang), _tag(lang)))) else None
        for one, other, lang in zip(ones, others, langs, strict=True)
    ]
    left = [at for at, message in enumerate(told) if message is None]
    for lang, stated in ((_ENGLISH, (_ENGLISH,)), (None, (None, UNDETERMINED))):
        asked = [at for at in left if langs[at] in stated]
        pairs = pl.DataFrame({"original": [ones[at] for at in asked], "back": [others[at] for at in asked]})
        for row, message in _by_rules(pairs, replace(config, version_lang=lang)):
            told[asked[row]] = message
    return told


def _tag(lang: str | None) -> str:
    return _ENGLISH if lang in (None, UNDETERMINED) else str(lang)


def _by_rules(pairs: pl.DataFrame, config: Config) -> list[tuple[int, str]]:
    """Row and message of what the rules find, the gravest of each row."""
    if pairs.is_empty():
        return []
    settings = replace(config, original_lang=_ENGLISH, scorer="lexical", metrics=("chrf-pp",), select=_RULES, ignore=())
    _, found = score_pairs(pairs, settings, quiet)
    replaced = pl.col("message").str.contains(" → ", literal=True)
    kept = found.filter(replaced | pl.col("rule").is_in(_ALONE))
    return kept.unique("row", keep="first", maintain_order=True).select("row", "message").rows()


def _said(what: str, one: str, other: str) -> str:
    return f"{what}: {one} → {other}"
