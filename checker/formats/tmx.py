"""Translation memories in TMX 1.4: read as a stream, whatever their size, and safely: no entity is expanded, no file fetched.

As a document a memory is a table of pairs: of each unit, the first variant in the language of the originals with each one in
another language. Where these are of several languages, each of them is a document, see `checker.formats.table`.

Of inline markup, `hi` keeps its words; the codes of another format (`bpt`, `ept`, `it`, `ph`, `ut`) and what hangs on them (`sub`)
are left out, or, in a document, stand there as tags. A unit is named by its `tuid`; one that lacks a language is unscored.
"""

import re
from collections.abc import Iterator
from importlib.metadata import version
from io import BytesIO
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import polars as pl

from checker import languages
from checker.config import Config
from checker.elements import Lines, complaints, events
from checker.errors import InputError
from checker.formats import table
from checker.units import Unit, rows

SUFFIXES = (".tmx",)

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_REMEDY = "TMX 1.4 is read"
CODES = {"bpt", "ept", "it", "ph", "ut", "sub"}

# What no XML 1.0 document may hold, however it is written.
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - every format is asked alike
    """Two rows, the versions' and the originals' texts; a unit that lacks one of them has an empty cell there."""
    return table.pages(rows(units(Lines(BytesIO(content)), None, config.original_lang), config.original_lang), None)


def units(lines: Lines, path: str | None, original_lang: str) -> Iterator[Unit]:
    """The units of a stream, the variant in the language of the originals as the source, each in another as a target."""
    with complaints(lines, path, _REMEDY):
        for unit, tool, line in _units(lines):
            variants = [_variant(variant, unit, tool, codes=True) for variant in unit.iter("tuv")]
            original = next((variant.text for variant in variants if variant.lang == original_lang), "")
            versions = [variant for variant in variants if variant.lang != original_lang] or [Variant("", "", None)]
            yield from (_translated(version, unit, line, original, original_lang) for version in versions)


def _translated(version: Variant, unit: Element, line: int, original: str, original_lang: str) -> Unit:
    return Unit(
        id=unit.get("tuid") or "",
        source=original,
        target=version.text,
        line=line,
        source_line=line,
        reason=None if original and version.text else _lacking(original, original_lang),
        source_lang=original_lang,
        target_lang=version.lang or None,
    )


def _lacking(original: str, original_lang: str) -> str:
    return "has no other language" if original else f"has no {languages.name(original_lang)}"


def translations(path: Path) -> Iterator[Pair]:
    """Each ordered pair of variants of each unit, languages as ISO 639-1; raises `InputError` with path and line."""
    try:
        with path.open("rb") as stream:
            for variants in _variants(Lines(stream), str(path)):
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


def _variants(lines: Lines, path: str) -> Iterator[list[Variant]]:
    """The variants of each unit; errors name path and line."""
    with complaints(lines, path, _REMEDY):
        for unit, tool, _ in _units(lines):
            yield [_variant(variant, unit, tool) for variant in unit.iter("tuv")]


def _units(lines: Lines) -> Iterator[tuple[Element, str | None, int]]:
    """Each `tu` with the tool that the header names, and its line; what has been read is dropped."""
    tool, body, line = None, None, 1
    for event, element in events(lines, "tmx", "TMX"):
        if event == "start" and element.tag == "body":
            body = element
        elif event == "start" and element.tag == "tu":
            line = lines.line
        elif event == "end" and element.tag == "header":
            tool = _tool(element)
        elif event == "end" and element.tag == "tu" and body is not None:
            yield element, tool, line
            body.clear()


def _variant(variant: Element, unit: Element, tool: str | None, *, codes: bool = False) -> Variant:
    code = variant.get(LANG) or variant.get("lang")
    if not code:
        raise ValueError("a <tuv> has no xml:lang")
    segment = variant.find("seg")
    text = "" if segment is None else _text(segment, codes=codes).strip()
    return Variant(languages.normalise(code), text, _tool(variant) or _tool(unit) or tool)


def _tool(element: Element) -> str | None:
    return " ".join(filter(None, (element.get("creationtool"), element.get("creationtoolversion")))) or None


def _text(element: Element, *, codes: bool) -> str:
    parts = [element.text or ""]
    for child in element:
        said = (_code(child) if codes else "") if child.tag in CODES else _text(child, codes=codes)
        parts += [said, child.tail or ""]
    return "".join(parts)


def _code(element: Element) -> str:
    """A code of another format as a tag with its number."""
    number = element.get("x") or element.get("i")
    return f'<{element.tag} id="{number}"/>' if number else f"<{element.tag}/>"
