"""XML as a stream of elements: read a line at a time, whatever its size, and safely: no entity is expanded, no file fetched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from checker.errors import InputError

# Longest piece of a line that is handed to the parser at once, so that a file of one line is streamed too.
_PIECE = 65_536

# Elements within elements: localisation files have some ten. Beyond the bound a parser in C would run out of its stack.
_DEEPEST = 500


_CUT = "is the file cut off?"
_HINTS = {
    3: _CUT,
    4: "is a `&` not written `&amp;`, or is it in another encoding than its first line declares, or UTF-8?",
    5: _CUT,
    6: _CUT,
    20: _CUT,
}
"""Remedies by the codes of expat's errors (`xml.parsers.expat.errors`): no element found, not well-formed (invalid token),
unclosed token, partial character, unclosed CDATA section."""


@dataclass
class Lines:
    """A stream that is read a line at a time and counts: every complaint can then name its line."""

    stream: BinaryIO
    line: int = 1
    ended: bool = False

    def read(self, _size: int = -1) -> bytes:
        self.line += self.ended
        piece = self.stream.readline(_PIECE)
        self.ended = piece.endswith(b"\n")
        return piece


def events(lines: Lines, root: str, name: str) -> Iterator[tuple[str, Element]]:
    """`start` and `end` of every element, whose name is local, without its namespace; raises `ValueError` if `root` is another."""
    for position, (event, element) in enumerate(_bounded(lines)):
        if event == "start":
            element.tag = element.tag.rpartition("}")[2]
        if position == 0 and element.tag != root:
            raise ValueError(f"is not {name}: its root element is <{element.tag}>")
        yield event, element


def _bounded(lines: Lines) -> Iterator[tuple[str, Element]]:
    depth = 0
    for event, element in _parsed(lines):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            raise ValueError(f"has elements nested more than {_DEEPEST} deep")
        yield event, element


def _parsed(lines: Lines) -> Iterator[tuple[str, Element]]:
    """The events of a stream. Entities are declared before the root: up to it a parser reads that refuses them, but is in Python
    and takes four times as long; from there the one in C, which then has none to expand.
    """
    prologue = _Kept(lines)
    next(iterparse(prologue, events=("start",)), None)
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    for piece in chain(prologue.pieces, iter(lines.read, b"")):
        parser.feed(piece)
        yield from _elements(parser)
    parser.close()
    yield from _elements(parser)


def _elements(parser: "XMLPullParser[Element]") -> Iterator[tuple[str, Element]]:
    """The events that it was asked for, which are of elements alone."""
    yield from cast("Iterator[tuple[str, Element]]", parser.read_events())


@dataclass
class _Kept:
    """Lines that are kept as they are read."""

    lines: Lines
    pieces: list[bytes] = field(default_factory=list)

    def read(self, _size: int = -1) -> bytes:
        piece = self.lines.read()
        self.pieces.append(piece)
        return piece


@contextmanager
def complaints(lines: Lines, path: str | None, remedy: str) -> Iterator[None]:
    """What is wrong with the XML, as an `InputError` that names the line, behind the path if there is one."""
    try:
        yield
    except ParseError as error:
        hint = _HINTS.get(error.code)
        raise InputError(f"is not well-formed XML: {error.msg}", where=_place(path, lines), remedy=hint) from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        raise InputError(_refusal(error), where=_place(path, lines), remedy=remedy) from error


def _place(path: str | None, lines: Lines) -> str:
    return f"{path}:{lines.line}" if path else str(lines.line)


def _refusal(error: Exception) -> str:
    return "declares entities, which are not read" if isinstance(error, DefusedXmlException) else str(error)


def check(content: bytes) -> None:
    """Raises `InputError` with the line for what is no XML, or what a less careful parser should not meet."""
    lines = Lines(BytesIO(content))
    with complaints(lines, None, "remove them"):
        for _, element in _bounded(lines):
            element.clear()
