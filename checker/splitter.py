"""Cuts a line into sentences, by sentencex and what it lacks."""

from collections.abc import Iterator

import polars as pl
import regex
import sentencex

from checker import languages

_INITIAL = regex.compile(r"(?<!\p{L})\p{Lu}\.$")
_BEFORE_DIGIT = regex.compile(r"(?<=[。！？][”’」』）]?)(?=\p{N})")
_WIDE_STOPS = "。！？"
_LETTER_STOP = regex.compile(r"\p{Lu}\.")

# sentencex takes the square of the length of a text without spaces: a minute for 400,000 characters of short Chinese sentences,
# 5 ms for this many. Nearly every paragraph is shorter.
_LONG = 5_000
_WITHIN = regex.compile(r"(?<=\p{Ll}),? (?=\p{Ll})|(?<=\p{Lo})(?=\p{Lo})")
_STOP = regex.compile(r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’»)\]』」]*+\s*+(?![.!?…。！？]|$)")

# Marks that end a sentence for sentencex are those of Unicode's property Sentence_Terminal (all characters and languages tried),
# and these besides.
_OWN_ENDS = {"el": ";", "hy": ":;՜", "my": "၏"}


def may_hold_two() -> pl.Expr:
    """False for a line that `split` would leave whole: without a mark that ends sentences before its last character."""
    marks = r"(?s)[\p{Sentence_Terminal}\n]."
    text, lang = pl.col("text"), pl.col("lang")
    own = [(lang == code) & text.str.contains(f"[{more}]") for code, more in _OWN_ENDS.items()]
    return pl.any_horizontal(text.str.contains(marks), *own)


def split(text: str, lang: str) -> list[str]:
    """The text cut into sentences: pieces that, joined, are the text."""
    pieces = [""]
    for part, ended in _parts(text):
        found = _cut(part, lang)
        if ended:
            pieces += found
        else:
            pieces[-1] += found[0]
            pieces += found[1:]
    return _rejoined(_recut(pieces))


def _cut(text: str, lang: str) -> list[str]:
    found: list[str] = sentencex.segment(lang if lang != languages.UNDETERMINED else "en", text)
    # sentencex normalises some controls: its pieces are only trusted where they are the text
    return found if found and "".join(found) == text else [text]


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """A long text in parts, each with whether a sentence ends before it; they are cut inside sentences, where there are some."""
    at, ended = 0, False
    while len(text) - at > _LONG:
        within = _WITHIN.search(text, at + _LONG // 2, at + _LONG)
        stop = None if within else _STOP.search(text, at + _LONG // 2, at + _LONG)
        end = within.end() if within else stop.end() if stop else at + _LONG
        yield text[at:end], ended
        at, ended = end, stop is not None
    yield text[at:], ended


def _recut(pieces: list[str]) -> list[str]:
    """The pieces, cut behind an ideographic stop before a digit, where sentencex sees a decimal point."""
    if not any(stop in piece for piece in pieces for stop in _WIDE_STOPS):
        return pieces
    return [part for piece in pieces for part in _BEFORE_DIGIT.split(piece)]


def _rejoined(found: list[str]) -> list[str]:
    """The pieces, not cut inside `U.S.` nor before a lower-case letter: there no sentence ended, whatever the stop says."""
    pieces: list[str] = []
    for piece in found:
        if pieces and (piece[:1].islower() or (_INITIAL.search(pieces[-1]) and _LETTER_STOP.match(piece))):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces
