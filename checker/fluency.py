"""What makes a version read worse than its original, whatever it says: how its words follow one another, and faults of form.

Each figure is of a pair, and 0 where the two are the same.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from checker import grammar
from checker.coupling import SAME, Couples
from checker.words import Numbers, Shares, Texts, summed

# White space before a mark, before what is short for a word, or behind an opening bracket: the text of a tokenizer.
_SPACED = re.compile(r"\s(?:[,.;:!?)\]%](?=\s|$)|['’](?:s|re|ve|ll|d|t|m)\b|n['’]t\b)|[(\[]\s")
_OPENING = "\"'“‘«([ "
_ENDS = frozenset(".!?")
_ODD = frozenset("!?_*#~^|;:…")
# A word that no table knows and that is rarer than one in two hundred million is misspelt, or of another language.
_RARE = 1.6
# So many faults of a kind count: a text of another language has nothing but.
_MOST = 3


def faults(hypotheses: Sequence[str], references: Sequence[str], texts: Texts, couples: Couples) -> dict[str, Shares]:
    """How many faults of each kind the hypothesis has that its reference has not."""
    pairs = len(hypotheses)
    return {
        "spaced": np.clip(_differences(_SPACED, hypotheses, references), 0, _MOST),
        "unended": _flags(_ended(original) and not _ended(text) for text, original in zip(hypotheses, references, strict=True)),
        "small": _flags(_small(text) and not _small(original) for text, original in zip(hypotheses, references, strict=True)),
        "recased": _recased(texts, couples, pairs),
        "doubled": _doubled(texts, couples, pairs),
        "unknown": _unknown(texts, couples, pairs),
        "marks": _marks(texts, pairs),
    }


def implausible(texts: Texts) -> tuple[Shares, Shares]:
    """How much less plausible the hypothesis's kinds of words are than the reference's, and how much less likely their order makes
    them.

    Natural logarithms, a token; negative where the hypothesis is the more plausible one.
    """
    kinds, sizes = _kinds(texts)
    whole, order = (figure / np.maximum(sizes, 1) for figure in grammar.plausible(kinds, sizes))
    return whole[1::2] - whole[::2], order[1::2] - order[::2]


def _kinds(texts: Texts) -> tuple[Numbers, Numbers]:
    """The kinds of all tokens but the mark that a text ends with, and how many each text has."""
    inside, first = (grammar.numbers(grammar.kind(token, begins=begins) for token in texts.known) for begins in (False, True))
    seen = np.cumsum(texts.word)
    before = np.concatenate([np.zeros(1, np.int64), seen])[np.cumsum(texts.sizes) - texts.sizes][texts.text]
    begins = seen - before <= texts.word  # no word before it
    ends = np.array([token in _ENDS for token in texts.known], np.bool_)[texts.ids]
    kept = ~(ends & (texts.place == texts.sizes[texts.text] - 1))
    kinds = np.where(begins, first[texts.ids], inside[texts.ids])
    return kinds[kept], np.bincount(texts.text[kept], minlength=len(texts.sizes))


def _differences(pattern: re.Pattern[str], hypotheses: Sequence[str], references: Sequence[str]) -> Shares:
    pairs = zip(hypotheses, references, strict=True)
    return np.array([len(pattern.findall(text)) - len(pattern.findall(original)) for text, original in pairs], np.float64)


def _flags(found: Iterable[bool]) -> Shares:
    return np.array(list(found), np.float64)


def _ended(text: str) -> bool:
    return not text.rstrip()[-1:].isalnum()


def _small(text: str) -> bool:
    return text.lstrip(_OPENING)[:1].islower()


def _recased(texts: Texts, couples: Couples, pairs: int) -> Shares:
    """Words that have a capital on one side only; the first word of a sentence has one whatever it is."""
    capital = np.array([token[0].isupper() for token in texts.known], np.bool_)[texts.ids[couples.token]]
    partner = couples.partner
    inside = couples.ours & (couples.by == SAME) & (couples.place > 0) & (couples.place[partner] > 0)
    return np.minimum(_counted(couples, inside & (capital != capital[partner]), pairs), _MOST)


def _doubled(texts: Texts, couples: Couples, pairs: int) -> Shares:
    """Words that are said twice in a row."""
    lower = texts.lower[couples.token]
    twice = (couples.place > 0) & (lower == np.roll(lower, 1))
    return np.clip(_counted(couples, twice & couples.ours, pairs) - _counted(couples, twice & ~couples.ours, pairs), 0, _MOST)


def _unknown(texts: Texts, couples: Couples, pairs: int) -> Shares:
    """Words in small letters that English does not know, and the reference does not have."""
    rare = texts.zipf <= _RARE
    strange = [
        not told.known and token[0].isalpha() and not token[0].isupper()
        for token, told in zip(texts.known, texts.told, strict=True)
    ]
    unknown = (rare & np.array(strange, np.bool_))[texts.ids[couples.token]]
    return np.minimum(_counted(couples, unknown & couples.ours & (couples.by != SAME), pairs), _MOST)


def _marks(texts: Texts, pairs: int) -> Shares:
    """Marks that one side has more of: those that end or break a sentence, and those that have no place in one, count once more."""
    odd = np.array([token in _ODD for token in texts.known], np.bool_)[texts.ids]
    signed = np.where(texts.text % 2 == 0, 1.0, -1.0)
    found = np.zeros(pairs)
    for chosen, most in ((~texts.word, 2 * _MOST), (odd, _MOST)):
        found += np.minimum(np.abs(summed(signed[chosen], texts.text[chosen] // 2, pairs)), most)
    return found


def _counted(couples: Couples, chosen: NDArray[np.bool_], pairs: int) -> Shares:
    return summed(chosen, couples.pair, pairs)
