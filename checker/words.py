"""Words of English: what a text's tokens are, what a form belongs to, what can stand for what, and how much a word says.

The table `checker/packs/words.tsv` is made from WordNet by bench/wordnet.py.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from itertools import pairwise
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checker import frequencies, overlap, packs

TABLE = Path(packs.__file__).parent / "words.tsv"

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*|[^\w\s]|_")
"""Words with apostrophes within, figures, and each other sign by itself; a hyphen parts words."""

# Endings of regular forms, what the base has in their place, and what the form is.
_ENDINGS = {
    "n": (("ies", "y", "S"), ("es", "", "S"), ("s", "", "S"), ("men", "man", "S")),
    "v": (
        ("ies", "y", "Z"), ("es", "", "Z"), ("s", "", "Z"), ("ied", "y", "D"), ("ed", "e", "D"), ("ed", "", "D"),
        ("ing", "e", "G"), ("ing", "", "G"),
    ),
    "j": (("ier", "y", "M"), ("iest", "y", "M"), ("er", "", "M"), ("est", "", "M"), ("er", "e", "M"), ("est", "e", "M")),
    "r": (),
}  # fmt: skip
_BASE = {"n": "N", "v": "V", "j": "J", "r": "R"}
_FORM = {"n": "N", "v": "V", "j": "J"}

# A form is taken for what it is in a twelfth of its uses: "that" is hardly a noun, "well" is.
_RARE = 1 / 12


@dataclass(frozen=True, slots=True)
class Form:
    """What a word may be: parts of speech (such as N, NS, VD) with how often, its likeliest base, and numbers of its senses."""

    parts: tuple[tuple[str, float], ...]
    base: str
    senses: frozenset[int]

    def kind(self) -> str:
        """The parts of speech that are not rare for it, such as `N|V`; empty for a word that is not known."""
        total = sum(count for _, count in self.parts)
        return "|".join(sorted(part for part, count in self.parts if count >= _RARE * total))


UNKNOWN = Form((), "", frozenset())


@lru_cache(maxsize=32_768)
def form(word: str) -> Form:
    """What a word in lower case may be a form of."""
    found = [(part, count, base) for part, count, base in _readings(word)]
    if not found:
        return UNKNOWN
    parts: dict[str, float] = {}
    for part, count, _ in found:
        parts[part] = max(parts.get(part, 0.0), count)
    base = max(found, key=lambda reading: (reading[1], reading[2]))[2]
    senses = frozenset().union(*(_table()[base].senses for base in {base for _, _, base in found}))
    return Form(tuple(sorted(parts.items())), base, senses)


def _readings(word: str) -> Iterator[tuple[str, float, str]]:
    """Part of speech, how often, and base of all that a word may be."""
    known = _table()
    for part, count in known[word].parts.items() if word in known else ():
        yield _BASE[part], count, word
    for part, base in _irregular().get(word, ()):
        if part in known[base].parts:
            yield _inflected(part, word), known[base].parts[part], base
    for part, endings in _ENDINGS.items():
        for ending, instead, what in endings:
            if word.endswith(ending):
                stem = word[: len(word) - len(ending)] + instead
                bases = (stem, stem[:-1]) if len(stem) > 3 and stem[-1] == stem[-2] else (stem,)
                for base in bases:
                    if base in known and part in known[base].parts:
                        yield _FORM[part] + what, known[base].parts[part], base


def _inflected(part: str, word: str) -> str:
    if part == "v":
        return "VG" if word.endswith("ing") else "VZ" if word.endswith("s") else "VD"
    return {"n": "NS", "j": "JM"}.get(part, "R")


@dataclass(frozen=True, slots=True)
class _Entry:
    parts: dict[str, float]
    senses: frozenset[int]


@cache
def _rows() -> list[list[str]]:
    return [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")][1:]


@cache
def _table() -> dict[str, _Entry]:
    return {
        word: _Entry({told[0]: 2.0 ** int(told[1:]) for told in parts.split(",")}, frozenset(int(n, 36) for n in senses.split()))
        for word, parts, _, senses in _rows()
    }


@cache
def _irregular() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, _, forms, _ in _rows():
        for told in forms.split():
            if told[1:] != word:
                found.setdefault(told[1:], []).append((told[0], word))
    return found


Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a token by itself: in lower case and without 's, its base, senses, and which pairs of letters it holds."""

    lower: str
    base: str
    senses: frozenset[int]
    known: bool
    sketch: int


@lru_cache(maxsize=32_768)
def told(token: str) -> Told:
    """What is known of a token by itself."""
    lower = token.lower().replace("’", "'")
    own = lower.removesuffix("'s")
    found = form(own)
    return Told(lower, found.base or own, found.senses, bool(found.parts), _sketch(own))


def _sketch(word: str) -> int:
    """A bit for each pair of neighbouring letters, of 64 that some pairs share."""
    return reduce(or_, (1 << ((ord(a) * 37 + ord(b) * 11) % 64) for a, b in pairwise(f"<{word}>")))


@dataclass(frozen=True)
class Texts:
    """Tokens of pairs of texts, one text behind the other: a hypothesis, its reference, the next hypothesis …

    `known` are the distinct tokens, `told` what is known of each, `zipf` how common it is. Of all tokens, `ids` are their places
    in `known`, `lower` and `base` numbers of the same in lower case and by their base, `text` the text that each stands in,
    `place` its place there, `word` whether it is a word or a figure.
    """

    known: list[str]
    told: list[Told]
    zipf: NDArray[np.float32]
    ids: Numbers
    lower: Numbers
    base: Numbers
    sizes: Numbers
    text: Numbers
    place: Numbers
    word: NDArray[np.bool_]


def tokens(hypotheses: Sequence[str], references: Sequence[str]) -> Texts:
    """The tokens of pairs of texts."""
    split = [TOKEN.findall(text) for pair in zip(hypotheses, references, strict=True) for text in pair]
    ids, sizes, known = overlap.numbered(split)
    details = [told(token) for token in known]
    zipf = frequencies.known(pl.Series([detail.lower for detail in details], dtype=pl.String), "en").to_numpy()
    lower, base = (_numbered(names)[ids] for names in ([one.lower for one in details], [one.base for one in details]))
    text = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(ids)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    word = np.array([token[0].isalnum() for token in known], np.bool_)
    return Texts(known, details, zipf, ids, lower, base, sizes, text, place, word[ids])


def summed(values: NDArray[Any], groups: Numbers, count: int) -> Shares:
    """The sum of the values of each group, of which there are `count`."""
    sums: Shares = np.bincount(groups, values, count).astype(np.float64)
    return sums


def _numbered(names: Sequence[str]) -> Numbers:
    index: dict[str, int] = {}
    return np.array([index.setdefault(name, len(index)) for name in names], np.int64)
