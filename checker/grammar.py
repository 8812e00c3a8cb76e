"""How plausible a row of words is as English: a trigram model of kinds of words, so small that it is shipped.

A kind is a function word itself, a mark, or what a word may be: `N|V` is a noun or a verb. The model is learnt by bench/wordnet.py
from WordNet's definitions and examples (`checker/packs/grammar.tsv`), with absolute discounting (Ney, Essen and Kneser 1994). It
knows no topic, only that "have also more intrusive" lacks something, and that "of aware" is out of order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checker import packs, words

TABLE = Path(packs.__file__).parent / "grammar.tsv"

_FUNCTION = """a an the of to in on at by for with from as into about over under after before between through during without within
    against among toward towards upon across along around behind beyond near off out up down since until till than per via despite
    except like unlike and or but nor so yet if because although though while when where whether that which who whom whose what how
    why i you he she it we they me him her us them my your his its our their mine yours hers ours theirs myself yourself himself
    herself itself ourselves themselves this these those is are was were be been being am has have had having do does did doing done
    will would can could shall should may might must ought cannot not n't no never nothing none nobody nowhere neither either both
    each every all any some many much more most few fewer less least several such other another same own only also even just still
    already then there here now very too quite rather almost always often however one two three first second next last new old make
    made get go going come take say said says see seen know known use used don't doesn't didn't isn't aren't wasn't weren't won't
    can't couldn't wouldn't it's i'm he's she's that's"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())

_MARKS = frozenset(".,;:!?\"'()-/%$")
# What is written in two ways is one mark.
_PLAIN = {"–": "-", "—": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "£": "$", "€": "$"}

NAME, UNKNOWN, FIGURE, OTHER, OWNER, NAMED_OWNER, BEGIN, END = "NAME", "UNKNOWN", "#", "~", "N's", "NAME's", "<", ">"

DISCOUNT = 0.75
"""Taken off each count for what was never met."""

_Numbers = NDArray[np.int64]
_Logs = NDArray[np.float64]


@lru_cache(maxsize=32_768)
def kind(token: str, *, begins: bool) -> str:
    """The kind of a token; a capital tells nothing of the word that a sentence begins with."""
    if not token[0].isalpha():
        return FIGURE if token[0].isdigit() else mark if (mark := _PLAIN.get(token, token)) in _MARKS else OTHER
    word = token.lower().replace("’", "'")
    if word in FUNCTION_WORDS:
        return word
    if word.endswith("'s"):
        return NAMED_OWNER if token[0].isupper() else OWNER
    if token[0].isupper() and not begins:
        return NAME
    return words.form(word).kind() or (NAME if token[0].isupper() else UNKNOWN)


@dataclass(frozen=True)
class Model:
    """Numbers of the kinds; log-probabilities of one, and of one after another; of three where they were met; and what it costs to
    go back to two where they were not."""

    kinds: dict[str, int]
    one: _Logs
    two: _Logs
    keys: _Numbers
    three: _Logs
    back: _Logs


@cache
def model() -> Model:
    """The model of the table."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    counts: Counter[tuple[str, ...]] = Counter()
    for context, followers in rows[1:]:
        for follower in followers.split():
            name, count = follower.rsplit(":", 1)
            counts[(*context.split(), name)] += int(count)
    return learnt(counts)


def learnt(counts: Counter[tuple[str, ...]]) -> Model:
    """The model of how often kinds were met: alone, two and three at a time."""
    kinds = {name: n for n, name in enumerate(sorted({told[0] for told in counts if len(told) == 1} | {UNKNOWN, OTHER}))}
    size = len(kinds)
    one = np.full(size, 0.5)
    two = np.zeros((size, size))
    for told, count in counts.items():
        if len(told) == 1:
            one[kinds[told[0]]] += count
        elif len(told) == 2:
            two[kinds[told[0]], kinds[told[1]]] = count
    one /= one.sum()
    two = _discounted(two, one)
    triples = sorted((tuple(kinds[name] for name in told), count) for told, count in counts.items() if len(told) == 3)
    a, b, c = np.array([told for told, _ in triples], np.int64).reshape(-1, 3).T
    met = np.array([count for _, count in triples], np.float64)
    context = a * size + b
    totals, types = np.bincount(context, met, size * size), np.bincount(context, minlength=size * size)
    back = np.divide(DISCOUNT * types, totals, out=np.ones(size * size), where=totals > 0)
    three = (met - DISCOUNT) / totals[context] + back[context] * two[b, c]
    return Model(kinds, np.log(one), np.log(two), context * size + c, np.log(three), np.log(back))


def _discounted(two: _Logs, one: _Logs) -> _Logs:
    totals, types = two.sum(axis=1, keepdims=True), (two > 0).sum(axis=1, keepdims=True)
    share = np.divide(DISCOUNT * types, totals, out=np.ones_like(totals), where=totals > 0)
    kept = np.divide(np.maximum(two - DISCOUNT, 0), totals, out=np.zeros_like(two), where=totals > 0)
    discounted: _Logs = kept + share * one
    return discounted


def numbers(kinds: Iterable[str]) -> _Numbers:
    """The numbers of kinds in the model."""
    known = model().kinds
    other = known[OTHER]
    return np.array([known.get(name, other) for name in kinds], np.int64)


def plausible(kinds: _Numbers, sizes: _Numbers) -> tuple[_Logs, _Logs]:
    """Of each text, given the numbers of its tokens' kinds one text behind the other: the log-probability of its kinds in their
    order, and how much likelier that is than the same kinds in any order; natural logarithms, summed over its tokens and its
    end."""
    known = model()
    size = len(known.kinds)
    rows, at = _framed(kinds, sizes, known.kinds[BEGIN], known.kinds[END])
    first, second, third = rows[at - 2], rows[at - 1], rows[at]
    key = (first * size + second) * size + third
    place = np.searchsorted(known.keys, key).clip(max=len(known.keys) - 1)
    logs = np.where(known.keys[place] == key, known.three[place], known.back[first * size + second] + known.two[second, third])
    text = np.repeat(np.arange(len(sizes)), sizes + 1)
    whole = words.summed(logs, text, len(sizes))
    return whole, whole - words.summed(known.one[third], text, len(sizes))


def _framed(kinds: _Numbers, sizes: _Numbers, begin: int, end: int) -> tuple[_Numbers, _Numbers]:
    """The texts with two beginnings before and an end behind each, and the places of all but the beginnings."""
    wide = sizes + 3
    starts = np.cumsum(wide) - wide
    rows = np.full(int(wide.sum()), begin, np.int64)
    rows[starts + wide - 1] = end
    inside = np.arange(len(kinds)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(starts + 2, sizes)
    rows[inside] = kinds
    taken = np.ones(len(rows), np.bool_)
    taken[starts] = taken[starts + 1] = False
    return rows, np.flatnonzero(taken)


def counted(texts: Iterable[Sequence[str]]) -> Counter[tuple[str, ...]]:
    """How often the kinds of texts, given as tokens, stand alone, two and three at a time."""
    counts: Counter[tuple[str, ...]] = Counter()
    for tokens in texts:
        told = [BEGIN, BEGIN, *kinds_of(tokens), END]
        counts.update((name,) for name in told[1:])
        counts.update(pairwise(told[1:]))
        counts.update(zip(told, told[1:], told[2:], strict=False))
    return counts


def kinds_of(tokens: Sequence[str]) -> list[str]:
    """The kinds of a sentence's tokens, without the mark that it ends with."""
    first = next((n for n, token in enumerate(tokens) if token[0].isalnum()), 0)
    found = [kind(token, begins=n <= first) for n, token in enumerate(tokens)]
    while found and found[-1] in ".!?":
        found.pop()
    return found
