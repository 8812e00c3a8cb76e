"""Translation memories in TMX 1.4: read as a stream, whatever their size, and safely: no entity is expanded, no file fetched.

As a document a memory is a table of pairs: of each unit, the variant in the language of the originals and the first in another.

Of inline markup, `hi` keeps its words; the codes of another format (`bpt`, `ept`, `it`, `ph`, `ut`) and what hangs on them (`sub`)
are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from itertools import permutations
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from checker import languages
from checker.config import Config
from checker.errors import InputError
from checker.formats import table

SUFFIXES = (".tmx",)

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CODES = {"bpt", "ept", "it", "ph", "ut", "sub"}

# What no XML 1.0 document may hold, however it is written.
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Longest piece of a line that is handed to the parser at once, so that a file of one line is streamed too.
_PIECE = 65_536


class Variant(NamedTuple):
    """A text of a unit; `tool` is who made it (`creationtool` and its version), if the file says so."""

    lang: str
    text: str
    tool: str | None


class Pair(NamedTuple):
    """A text and its translation, with the maker of the translation."""

    source: str
    target: str
    text: str
    translation: str
    tool: str | None


@dataclass
class _Lines:
    """A stream that is read a line at a time and counts: every complaint can then name its line."""

    stream: BinaryIO
    line: int = 1
    ended: bool = False

    def read(self, _size: int = -1) -> bytes:
        self.line += self.ended
        piece = self.stream.readline(_PIECE)
        self.ended = piece.endswith(b"\n")
        return piece


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - every format is asked alike
    """Two rows, the versions' and the originals' texts; a unit that lacks one of them has an empty cell there."""
    rows = []
    for number, variants in enumerate(_variants(_Lines(BytesIO(content)), None), start=1):
        original = next((variant.text for variant in variants if variant.lang == config.original_lang), "")
        version = next((variant for variant in variants if variant.lang != config.original_lang), Variant("", "", None))
        rows.append((number, original, version.text, version.lang or None))
    schema = {"row": pl.Int64, "original": pl.String, "version": pl.String, "lang": pl.String}
    return table.pages(pl.DataFrame(rows, schema=schema, orient="row"), None)


def translations(path: Path) -> Iterator[Pair]:
    """Each ordered pair of variants of each unit, languages as ISO 639-1; raises `InputError` with path and line."""
    try:
        with path.open("rb") as stream:
            for variants in _variants(_Lines(stream), path):
                for one, other in permutations(variants, 2):
                    if one.lang != other.lang and one.text and other.text:
                        yield Pair(one.lang, other.lang, one.text, other.text, other.tool)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def written(pairs: pl.DataFrame, segtype: str = "sentence") -> str:
    """A memory of pairs: lang, text (the version), original_lang, original_text, similarity; the originals are its source.

    `segtype` is TMX' word for the size of the texts, `sentence` or `paragraph`.

    Characters that XML does not allow become U+FFFD.
    """
    langs = pairs["original_lang"].drop_nulls()
    head = (
        f'<header creationtool="checker" creationtoolversion="{version("checker")}" segtype="{segtype}" o-tmf="checker" '
        f'adminlang="en" srclang="{langs[0] if len(langs) else "*all*"}" datatype="plaintext"/>'
    )
    columns = ("original_lang", "original_text", "lang", "text", "similarity", "crossing")
    units = "".join(_unit(*row) for row in pairs.select(columns).iter_rows())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n{head}\n<body>\n{units}</body>\n</tmx>\n'


def _unit(source: str | None, text: str, target: str | None, translation: str, similarity: float | None, crossing: bool) -> str:
    prop = "" if similarity is None else f'<prop type="x-similarity">{similarity}</prop>'
    prop += '<prop type="x-crossing">true</prop>' if crossing else ""
    variants = ((source, text), (target, translation))
    told = "".join(f'<tuv xml:lang="{code or languages.UNDETERMINED}"><seg>{_escaped(said)}</seg></tuv>' for code, said in variants)
    return f"<tu>{prop}{told}</tu>\n"


def _escaped(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _variants(lines: _Lines, path: Path | None) -> Iterator[list[Variant]]:
    """The variants of each unit; errors name the line, behind the path if there is one."""
    try:
        for unit, tool in _units(lines):
            yield [_variant(variant, unit, tool) for variant in unit.iter("tuv")]
    except ParseError as error:
        raise InputError(f"is not well-formed XML: {error.msg}", where=_place(path, lines)) from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        raise InputError(_refusal(error), where=_place(path, lines), remedy="TMX 1.4 is read") from error


def _place(path: Path | None, lines: _Lines) -> str:
    return f"{path}:{lines.line}" if path else str(lines.line)


def _refusal(error: Exception) -> str:
    return "declares entities, which are not read" if isinstance(error, DefusedXmlException) else str(error)


def _units(lines: _Lines) -> Iterator[tuple[Element, str | None]]:
    """Each `tu` with the tool that the header names; what has been read is dropped."""
    tool, body = None, None
    for event, element in _events(lines):
        if event == "start" and element.tag == "body":
            body = element
        elif event == "end" and element.tag == "header":
            tool = _tool(element)
        elif event == "end" and element.tag == "tu" and body is not None:
            yield element, tool
            body.clear()


def _events(lines: _Lines) -> Iterator[tuple[str, Element]]:
    events = iterparse(lines, events=("start", "end"))
    for position, (event, element) in enumerate(events):
        if position == 0 and element.tag != "tmx":
            raise ValueError(f"is not TMX: its root element is <{element.tag}>")
        yield event, element


def _variant(variant: Element, unit: Element, tool: str | None) -> Variant:
    code = variant.get(LANG) or variant.get("lang")
    if not code:
        raise ValueError("a <tuv> has no xml:lang")
    segment = variant.find("seg")
    text = "" if segment is None else _text(segment).strip()
    return Variant(languages.normalise(code), text, _tool(variant) or _tool(unit) or tool)


def _tool(element: Element) -> str | None:
    return " ".join(filter(None, (element.get("creationtool"), element.get("creationtoolversion")))) or None


def _text(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += ["" if child.tag in CODES else _text(child), child.tail or ""]
    return "".join(parts)
