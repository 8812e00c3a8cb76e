"""n-grams that two texts have in common, counted for many pairs at once: what chrF, chrF++ and BLEU are made of.

A symbol is a character or a word, as a number. An n-gram is packed into one number, with its pair before it and its side (0 for the
hypothesis, 1 for the reference) as the last bit. Once these are sorted, an n-gram that both sides have is a number followed by the
next one. Nothing is hashed: no collision can change a count.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

CHARACTERS, WORDS = 6, 2
"""Longest n-grams of chrF's characters and of chrF++'s words."""

Counts = NDArray[np.int64]
_Keys = NDArray[np.uint64]

# Pairs, and symbols with what pads them, that are counted together: the arrays stay in a core's cache, and with 10 bits for the
# pair a 6-gram fits into 64 bits as long as a character takes 8. 1,024 pairs at a time were 5 % slower, 256 pairs 10 %.
_PAIRS, _SYMBOLS = 512, 200_000

# Pairs and characters that are read together, which bounds the memory.
_READ_PAIRS, _READ_LENGTH = 4_096, 2_000_000

# sacrebleu's own list; they part from a word's end or, if it has none there, from its beginning.
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# Symbols of what ends a hypothesis, and of what ends or follows a reference: they are never on both sides, and nor are n-grams that
# reach beyond a text.
_HYPOTHESIS, _REFERENCE = 0, 1


def statistics(hypotheses: Sequence[str], references: Sequence[str]) -> Counts:
    """Of each pair and order (1 to 6 characters, 1 and 2 words) the n-grams of the hypothesis, of the reference, and in common.

    The shape is (pairs, 8, 3), the counts are sacrebleu's: no n-gram of a hypothesis counts where the reference has none of the
    order. They can be summed for a corpus. Raises `ValueError` for lists of unequal length.
    """
    parts = [_statistics(*part) for part in portions(hypotheses, references)]
    return np.concatenate(parts) if parts else np.zeros((0, CHARACTERS + WORDS, 3), np.int64)


def characters(hypotheses: Sequence[str], references: Sequence[str]) -> Counts:
    """The same for characters alone, in the shape (pairs, 6, 3)."""
    parts = [_characters(*part) for part in portions(hypotheses, references)]
    return np.concatenate(parts) if parts else np.zeros((0, CHARACTERS, 3), np.int64)


def f_scores(counts: Counts, orders: int) -> NDArray[np.float64]:
    """F2 of the first `orders` orders of each row of counts, 0 to 100: means of precision and recall over orders that both have."""
    hypothesis, reference, common = np.moveaxis(counts[:, :orders].astype(np.float64), 2, 0)
    counted = (hypothesis > 0) & (reference > 0)
    precision, recall = (_means(common, totals, counted) for totals in (hypothesis, reference))
    below = 4 * precision + recall
    return 100 * np.divide(5 * precision * recall, below, out=np.zeros(len(counts)), where=below > 0)


def portions(hypotheses: Sequence[str], references: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The pairs, in their order, in parts of bounded size."""
    begin = length = 0
    for at, (hypothesis, reference) in enumerate(zip(hypotheses, references, strict=True)):
        length += len(hypothesis) + len(reference)
        if at > begin and (at - begin == _READ_PAIRS or length > _READ_LENGTH):
            yield hypotheses[begin:at], references[begin:at]
            begin, length = at, len(hypothesis) + len(reference)
    if begin < len(hypotheses):
        yield hypotheses[begin:], references[begin:]


def numbered(split: "_Split") -> tuple[Counts, Counts, list[str]]:
    """The number of each word of the texts, how many words each text has, and the words by their numbers."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    sizes = np.fromiter(map(len, split), np.int64, len(split))
    found = np.fromiter(map(numbers.__getitem__, chain.from_iterable(split)), np.int64, int(sizes.sum()))
    return found, sizes, list(numbers)


def ngrams(symbols: Counts, lengths: Counts, orders: int) -> Counts:
    """As `statistics`, of symbols (0 and up) of texts one behind the other: a hypothesis, its reference, the next hypothesis …"""
    sides = lengths.reshape(-1, 2)
    totals = np.maximum(sides[:, :, None] - np.arange(orders), 0)
    totals[:, 0] *= totals[:, 1] > 0
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sides.sum(axis=1))])
    common = np.zeros((len(sides), orders), np.int64)
    for begin, end in _chunks(sides.sum(axis=1)):
        common[begin:end] = _in_common(symbols[ends[begin] : ends[end]], sides[begin:end], orders)
    return np.stack([totals[:, 0], totals[:, 1], common], axis=2)


def _means(common: NDArray[np.float64], totals: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    shares = np.divide(common, totals, out=np.zeros_like(common), where=counted)
    means: NDArray[np.float64] = shares.sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    return means


_Split = Sequence[Sequence[str]]


def _statistics(hypotheses: Sequence[str], references: Sequence[str]) -> Counts:
    split = _split(hypotheses, references)
    texts, order = _by_length(split)
    again = list(chain.from_iterable(split[2 * at : 2 * at + 2] for at in order))
    both = [_of_characters(texts), ngrams(*_parted(*numbered(again)), WORDS)]
    return _restored(np.concatenate(both, axis=1), order)


def _characters(hypotheses: Sequence[str], references: Sequence[str]) -> Counts:
    texts, order = _by_length(_split(hypotheses, references))
    return _restored(_of_characters(texts), order)


def _split(hypotheses: Sequence[str], references: Sequence[str]) -> _Split:
    """The words of a hypothesis, of its reference, of the next hypothesis …"""
    return [text.split() for pair in zip(hypotheses, references, strict=True) for text in pair]


def _by_length(split: _Split) -> tuple[list[str], Counts]:
    """The texts without white space, pairs of one length together, since each is padded; and the order of the pairs."""
    glued = ["".join(words) for words in split]
    lengths = np.fromiter(map(len, glued), np.int64, len(glued)).reshape(-1, 2).sum(axis=1)
    order = np.argsort(lengths, kind="stable")
    return list(chain.from_iterable(glued[2 * at : 2 * at + 2] for at in order)), order


def _of_characters(texts: Sequence[str]) -> Counts:
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return ngrams(codes.astype(np.int64), np.fromiter(map(len, texts), np.int64, len(texts)), CHARACTERS)


def _restored(counts: Counts, order: Counts) -> Counts:
    placed = np.empty_like(counts)
    placed[order] = counts
    return placed


def _parted(words: Counts, sizes: Counts, known: Sequence[str]) -> tuple[Counts, Counts]:
    """The words with punctuation parted from them, in sacrebleu's way, as numbers, and how many each text then has."""
    parts, wide, _ = numbered([_without_punctuation(word) for word in known])
    first = np.cumsum(wide) - wide
    copies = wide[words]
    behind = np.arange(int(copies.sum())) - np.repeat(np.cumsum(copies) - copies, copies)
    added = np.concatenate([np.zeros(1, np.int64), np.cumsum(copies - 1)])
    ends = np.cumsum(sizes)
    return parts[np.repeat(first[words], copies) + behind], sizes + added[ends] - added[ends - sizes]


def _without_punctuation(word: str) -> tuple[str, ...]:
    if len(word) == 1:
        return (word,)
    if word[-1] in _PUNCTUATION:
        return (word[:-1], word[-1])
    return (word[0], word[1:]) if word[0] in _PUNCTUATION else (word,)


def _chunks(lengths: Counts) -> Iterator[tuple[int, int]]:
    """Begin and end of what is counted together: so many pairs, or symbols with what pads them, but one pair at least."""
    begin = widest = 0
    for at, length in enumerate(lengths.tolist()):
        widest = max(widest, length)
        if at > begin and (at - begin == _PAIRS or (at - begin + 1) * widest > _SYMBOLS):
            yield begin, at
            begin, widest = at, length
    if len(lengths):
        yield begin, len(lengths)


def _in_common(symbols: Counts, sides: Counts, orders: int) -> Counts:
    """Matches of each pair and order, an n-gram as often as the side has it that has it less often."""
    width = int(sides.sum(axis=1).max()) + 2
    column, ends = np.arange(width), sides[:, :1]
    side = column > ends
    inside = (column != ends) & (column <= sides.sum(axis=1, keepdims=True))
    known = np.bincount(symbols, minlength=1) > 0
    ranks = np.cumsum(known) + _REFERENCE
    stream = side.astype(np.uint64)  # ends and padding: `_HYPOTHESIS` or `_REFERENCE`
    stream[inside] = ranks[symbols]
    bits = int(ranks[-1]).bit_length()
    if bits * orders + len(sides).bit_length() + 1 > 64:
        return _counted_wide(stream, side, orders)
    return _counted(stream, side, bits, orders)


def _counted(stream: _Keys, side: NDArray[np.bool_], bits: int, orders: int) -> Counts:
    """Matches by pair (row) and order. What stands behind a text's end does not matter, wherever it is from."""
    pairs, width = stream.shape
    ahead = np.concatenate([stream.ravel(), np.zeros(orders - 1, np.uint64)])
    heads = np.repeat(np.arange(pairs, dtype=np.uint64), width)
    last = side.ravel().astype(np.uint64)
    counts = np.zeros((pairs, orders), np.int64)
    for order in range(orders):
        heads <<= np.uint64(bits)
        heads |= ahead[order : order + len(heads)]
        keys = (heads << np.uint64(1)) | last
        keys.reshape(pairs, width).sort(axis=1)
        counts[:, order] = _matches(keys, pairs, np.uint64(bits * (order + 1) + 1))
    return counts


def _matches(keys: _Keys, pairs: int, shift: np.uint64) -> Counts:
    """Matches of each pair among sorted keys, which hold the pair above `shift` bits and the side in the last."""
    met = np.zeros(len(keys), np.bool_)
    np.equal(keys[1:] ^ keys[:-1], np.uint64(1), out=met[:-1])  # the same n-gram, on the one side and on the other
    once = np.count_nonzero(met.reshape(pairs, -1), axis=1)
    places = np.flatnonzero(met)
    own, next_ = keys[places - 1] == keys[places], keys[np.minimum(places + 2, len(keys) - 1)] == keys[places + 1]
    several = places[own & next_]  # on both sides more than once, but for the last key of all, which is counted right as well
    hypotheses = several + 1 - np.searchsorted(keys, keys[several])
    references = np.searchsorted(keys, keys[several + 1], side="right") - several - 1
    more = np.bincount((keys[several] >> shift).astype(np.int64), np.minimum(hypotheses, references) - 1, pairs)
    return np.asarray(once + more.astype(np.int64), np.int64)


def _counted_wide(stream: _Keys, side: NDArray[np.bool_], orders: int) -> Counts:
    """The same where an n-gram does not fit into one number: each is numbered afresh from the one that is shorter by a symbol."""
    pairs, width = stream.shape
    ahead = np.concatenate([stream.ravel().astype(np.int64), np.zeros(orders - 1, np.int64)])
    places, group = np.arange(pairs * width), np.repeat(np.arange(pairs), width)
    size, sides = int(stream.max()) + 1, side.ravel()
    counts = np.zeros((pairs, orders), np.int64)
    for order in range(orders):
        _, first, group = np.unique(group * size + ahead[places + order], return_index=True, return_inverse=True)
        references = np.bincount(group, sides[places])
        common = np.minimum(references, np.bincount(group) - references)
        counts[:, order] = np.bincount(places[first] // width, common, pairs)
        alive = common[group] > 0  # what matches in no n-gram matches in no longer one
        places, group = places[alive], group[alive]
        if not len(places):
            break
    return counts
