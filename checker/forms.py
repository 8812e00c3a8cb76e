"""One form for what two texts say in two: doesn't and does not, nobody and no one, not safe and unsafe, 2.5 million and 2,500,000.

What only differs so is no difference of meaning: the likeness of two texts is that of their one form.
"""

import re
from collections.abc import Iterator, Sequence

import polars as pl

from checker.facts import Number, numbers
from checker.words import form

# Contractions and signs, and the words that they stand for: those that stand for one thing only, so not 's and 'd.
_SPELT_OUT = (
    (re.compile(r"(?i)\b(can)(?:no|['’])t\b"), r"\1 not"),
    (re.compile(r"(?i)\b(w)on['’]t\b"), r"\1ill not"),
    (re.compile(r"(?i)\b(sha)n['’]t\b"), r"\1ll not"),
    (re.compile(r"(?i)(?<=\w)n['’]t\b"), " not"),
    (re.compile(r"(?i)(?<=\w)['’]ll\b"), " will"),
    (re.compile(r"(?i)(?<=\w)['’]re\b"), " are"),
    (re.compile(r"(?i)(?<=\w)['’]ve\b"), " have"),
    (re.compile(r"(?i)\b(i)['’]m\b"), r"\1 am"),
    (re.compile(r"(?i)\b(no|any|some|every) ?one\b(?! of)"), r"\1body"),
    (re.compile(r"(?i)(?<=\d) ?(?:%|per cent\b)"), " percent"),
)
_SHORTENED = r"(?i)['’](?:t|ll|re|ve|m)\b|\bcannot\b|\b(?:no|any|some|every) ?one\b|\d ?(?:%|per cent)"
_SPELT = re.compile(_SHORTENED)

_NOT = re.compile(r"(?i)\bnot\b")
_DENIED = re.compile(r"(?i)\bnot ([^\W\d_]{3,})")
_SCREEN = rf"{_SHORTENED}|\bnot \w"
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non")
_WORD = re.compile(r"[^\W\d_]+")

_DECADE = re.compile(r"(?i)\w+ties")
# What numbers are written with: where two texts have the same of it, no number is written in two forms.
_WRITTEN = (
    r"\d+(?:[.,:]\d+)*|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twel|thir|fif|twen|forty|hundred|thousand|[mb]illion)"
    r"|ties\b"
)
_NUMERIC = re.compile(_WRITTEN)


def perhaps_unlike(texts: Sequence[str], others: Sequence[str]) -> list[int]:
    """The places of the pairs that `alike` may change, told in one pass over all; it leaves the others as they are."""
    pairs = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String), "other": pl.Series(others, dtype=pl.String)})
    spelt = pl.any_horizontal(pl.col("text", "other").str.contains(_SCREEN))
    ours, theirs = (pl.col(side).str.to_lowercase().str.extract_all(_WRITTEN) for side in pairs.columns)
    numbered = (ours.list.len() > 0) & (theirs.list.len() > 0) & (ours != theirs)
    unlike = pairs.select((spelt | numbered) & (pl.col("text") != pl.col("other"))).to_series()
    return unlike.arg_true().to_list()


def alike(text: str, other: str) -> tuple[str, str]:
    """The two texts, in one form where they say the same in two; as they are where they do not."""
    if text == other:
        return text, other
    if _SPELT.search(text) or _SPELT.search(other) or _DENIED.search(text) or _DENIED.search(other):
        spelt = _spelt_out(text), _spelt_out(other)
        spelt = _undenied(*spelt), _undenied(*reversed(spelt))
        # Where one text alone denies something, its "isn't" is a word more than "is", and another one.
        text, other = spelt if len({len(_NOT.findall(side)) for side in spelt}) == 1 else (text, other)
    written = set(_NUMERIC.findall(text.lower())), set(_NUMERIC.findall(other.lower()))
    if all(written) and written[0] != written[1]:
        text = _numbered(text, other)
    return text, other


def _spelt_out(text: str) -> str:
    for written, words in _SPELT_OUT:
        text = written.sub(words, text)
    return text


def _undenied(text: str, other: str) -> str:
    """With "unsafe" for "not safe", if the other text says so."""
    found = list(_DENIED.finditer(text))
    there = set(_WORD.findall(other.lower())) if found else set()
    for denied in reversed(found):
        stem = denied[1].lower()
        said = next(
            (word for prefix in _PREFIXES if (word := prefix + stem) in there and _describes(word) and _describes(stem)), None
        )
        if said is not None:
            text = text[: denied.start()] + said + text[denied.end() :]
    return text


def _describes(word: str) -> bool:
    """Whether it is an adjective or an adverb: unsafe, not income."""
    return not {"J", "R"}.isdisjoint(form(word).kind().split("|"))


def _numbered(text: str, other: str) -> str:
    """With each number as the other text writes it, if that has one equal to it that this text does not write so."""
    ours, theirs = numbers(text), numbers(other)
    new = [number for number in theirs if _counts(number, other) and _written(number, other) not in text]
    for start, end, written in reversed(list(_rewritten(text, ours, other, new))):
        text = text[:start] + written + text[end:]
    return text


def _rewritten(text: str, ours: Sequence[Number], other: str, new: list[Number]) -> Iterator[tuple[int, int, str]]:
    """Where a number stands, and what is written for it, in order; none overlaps another."""
    behind = 0
    for number in ours:
        if number.start < behind or not _counts(number, text) or _written(number, text) in other:
            continue
        partner = next((there for there in new if _equal(number, there, text, other)), None)
        if partner is not None:
            new.remove(partner)
            behind = number.end
            yield number.start, number.end, _written(partner, other)


def _equal(one: Number, two: Number, text: str, other: str) -> bool:
    """Whether two numbers are the same and one is written with letters: what differs in digits and marks may be a slip, 2.500."""
    same = one.keys == two.keys or ("soft" in (one.kind, two.kind) and not one.keys.isdisjoint(two.keys))
    return same and any(char.isalpha() for char in _written(one, text) + _written(two, other))


def _counts(number: Number, text: str) -> bool:
    """Not words such as "both" and "October", but "the nineties"."""
    return number.kind != "soft" or _DECADE.fullmatch(text, number.start, number.end) is not None


def _written(number: Number, text: str) -> str:
    decade = number.kind == "digits" and re.match(r"['’]?s\b", text[number.end : number.end + 3])
    return text[number.start : number.end + (decade.end() if decade else 0)]
