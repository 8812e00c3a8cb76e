"""Words of two texts that stand for one another: each word of a version is coupled with at most one of its original.

In the manner of METEOR (Banerjee and Lavie 2005): the same words first, then forms of one word, words that WordNet lets stand for
each other or derives from each other, and words of much the same letters. Of a word that stands several times, those are coupled
that have the same neighbours. Many pairs are coupled at once, by sorting.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checker.words import Numbers, Shares, Texts

ALONE, SAME, FORM, SENSE, SPELT = range(5)
"""What couples a word: nothing, or the same word, its base, a sense, much the same letters."""

# Share of pairs of letters in common (Dice) from which words are taken for one that is spelt in two ways: Tskhinvali, Tshinvali.
_ALIKE = 0.5
# Of texts of more words, not each word is compared with each other: they are coupled by their forms alone.
_MOST = 200

_Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Couples:
    """The words of pairs of texts, in order: place among the tokens; pair; whether of the hypothesis; place among the text's words;
    the word that each is coupled with (its index here, or -1) and by what."""

    token: Numbers
    pair: Numbers
    ours: _Flags
    place: Numbers
    partner: Numbers
    by: NDArray[np.int8]


def couple(texts: Texts) -> Couples:
    """The words of the texts, coupled."""
    token = np.flatnonzero(texts.word)
    text = texts.text[token]
    counts = np.bincount(text, minlength=len(texts.sizes))
    place = np.arange(len(token)) - (np.cumsum(counts) - counts)[text]
    couples = Couples(token, text // 2, text % 2 == 0, place, np.full(len(token), -1), np.zeros(len(token), np.int8))
    _by_word(couples, texts)
    where = place / np.maximum(counts[text], 1)
    short = (counts <= _MOST)[text]
    _by_sense(couples, texts, where, short)
    _by_letters(couples, texts, where, short)
    return couples


def _by_word(couples: Couples, texts: Texts) -> None:
    lower, base = texts.lower[couples.token], texts.base[couples.token]
    size = len(texts.known) + 1
    before = np.where(couples.place > 0, np.roll(lower, 1), size - 1)
    last = np.append(couples.place[1:] == 0, True)[: len(lower)]
    behind = np.where(last, size - 1, np.roll(lower, -1))
    word = couples.pair * size + lower
    left, right = _joined(word, before, size), _joined(word, behind, size)
    for key in (_joined(left, behind, size), left, right, word):
        _meet(couples, key, SAME)
    _meet(couples, couples.pair * size + base, FORM)


def _joined(one: Numbers, other: Numbers, size: int) -> Numbers:
    """A number for each pair of numbers; those of `other` are below `size`."""
    found: Numbers = np.unique(one * size + other, return_inverse=True)[1]
    return found


def _meet(couples: Couples, key: Numbers, by: int) -> None:
    """Couples the words that are free and have one key: the first of the one side with the first of the other, and so on."""
    free = np.flatnonzero(couples.partner < 0)
    if not len(free):
        return
    order = free[np.argsort(key[free], kind="stable")]  # of each key the hypothesis's words stand first
    begins = np.flatnonzero(np.diff(key[order], prepend=key[order[0]] - 1))
    group = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(order)))
    ours = np.add.reduceat(couples.ours[order], begins, dtype=np.int64)
    theirs = np.diff(begins, append=len(order)) - ours
    rank = np.arange(len(order)) - begins[group]
    met = rank < np.minimum(ours, theirs)[group]
    _put(couples, order[met], order[(begins[group] + ours[group] + rank)[met]], by)


def _put(couples: Couples, ours: Numbers, theirs: Numbers, by: int) -> None:
    couples.partner[ours], couples.partner[theirs] = theirs, ours
    couples.by[ours] = couples.by[theirs] = by


def _by_sense(couples: Couples, texts: Texts, where: Shares, short: _Flags) -> None:
    free = np.flatnonzero((couples.partner < 0) & short)
    senses = [texts.told[n].senses for n in texts.ids[couples.token[free]]]
    counts = np.fromiter(map(len, senses), np.int64, len(senses))
    flat = np.fromiter((sense for own in senses for sense in own), np.int64, int(counts.sum()))
    words = np.repeat(free, counts)
    # As many senses as the table numbers are below 2 ** 20.
    ours, theirs = _candidates(couples, words, couples.pair[words] * 2**20 + flat)
    _choose(couples, ours, theirs, np.abs(where[ours] - where[theirs]), SENSE)


def _by_letters(couples: Couples, texts: Texts, where: Shares, short: _Flags) -> None:
    free = np.flatnonzero((couples.partner < 0) & short)
    ours, theirs = _candidates(couples, free, couples.pair[free])
    sketches = np.array([told.sketch for told in texts.told], np.uint64)[texts.ids[couples.token]]
    one, other = sketches[ours], sketches[theirs]
    alike = 2 * np.bitwise_count(one & other) / (np.bitwise_count(one) + np.bitwise_count(other))
    kept = alike > _ALIKE
    ours, theirs = ours[kept], theirs[kept]
    # Letters decide, and the place where they do not.
    _choose(couples, ours, theirs, 0.2 * np.abs(where[ours] - where[theirs]) - alike[kept], SPELT)


def _candidates(couples: Couples, words: Numbers, key: Numbers) -> tuple[Numbers, Numbers]:
    """Each word of the hypothesis with each of the reference that has its key."""
    ours = couples.ours[words]
    order = np.argsort(key[~ours], kind="stable")
    keys, theirs = key[~ours][order], words[~ours][order]
    begin, end = (np.searchsorted(keys, key[ours], side) for side in ("left", "right"))
    counts = end - begin
    places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begin, counts)
    return np.repeat(words[ours], counts), theirs[places]


def _choose(couples: Couples, ours: Numbers, theirs: Numbers, cost: Shares, by: int) -> None:
    """Couples candidates of which each is the other's cheapest, until none is left."""
    order = np.lexsort((theirs, ours, cost))
    ours, theirs = ours[order], theirs[order]
    while len(ours):
        firsts, of_theirs = (np.unique(words, return_index=True)[1] for words in (ours, theirs))
        best = np.intersect1d(firsts, of_theirs)
        _put(couples, ours[best], theirs[best], by)
        free = (couples.partner[ours] < 0) & (couples.partner[theirs] < 0)
        ours, theirs = ours[free], theirs[free]
