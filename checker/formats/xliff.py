"""XLIFF 1.2 and 2.x, and the files of Trados, Memsource and memoQ that are made of it: a unit is a pair.

The file FILE becomes two documents, as a table does: FILE, the targets, and FILE#original, the sources; if the targets are in the
language of the originals and the sources are not, the other way round. Inline elements (`<x>`, `<g>`, `<ph>`, `<pc>` …) stand in
the text as tags with their id, without the native code that they hold; `<mrk>` keeps its words alone. Suggestions (`alt-trans`) and
notes are no part of the text.

Units without a target, units that are not to be translated, and those whose state says that they are new or need work or review are
unscored, with that reason.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element

from checker.config import Config
from checker.elements import Lines, complaints, events
from checker.formats import table
from checker.units import Unit, rows

SUFFIXES = (".xlf", ".xliff", ".sdlxliff", ".mxliff", ".mqxliff")

_HELD = {"x", "bx", "ex", "ph", "bpt", "ept", "it", "sc", "ec", "ut"}
"""Inline elements that stand for a code; what is in them is the code."""
_SPANS = {"g", "pc"}
_UNITS = {"trans-unit", "segment"}
_VERSIONS = ("1", "2")
_UNREADY = ("new", "initial", "needs-")


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - every format is asked alike
    """Two rows, the versions' and the originals' texts; a unit that lacks one of them has an empty cell there."""
    return table.pages(rows(units(Lines(BytesIO(content)), None), config.original_lang), None)


def units(lines: Lines, path: str | None) -> Iterator[Unit]:
    """The units of a stream; errors are `InputError`s that name the line, behind the path if there is one."""
    with complaints(lines, path, "XLIFF 1.2 and 2 are read"):
        yield from _units(lines)


class _Place:
    """What is around the unit that is being read."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.lines: list[int] = []
        self.segments = 0
        self.ids: dict[str, int] = {}  # of the units of a file, with their lines

    def named(self, name: str) -> Element | None:
        return next((element for element in reversed(self.open) if element.tag == name), None)

    def get(self, key: str) -> str | None:
        """An attribute of the nearest element around that has it."""
        return next((value for element in reversed(self.open) if (value := element.get(key)) is not None), None)


def _units(lines: Lines) -> Iterator[Unit]:
    place = _Place()
    side: dict[str, int] = {}
    for event, element in events(lines, "xliff", "XLIFF"):
        if event == "start":
            place.open.append(element)
            _check(element, place, lines.line)
            if element.tag in _UNITS:
                side = {"unit": lines.line}
                place.segments += 1
            elif element.tag == "unit":
                place.segments = 0
            elif element.tag in ("source", "target"):
                side.setdefault(element.tag, lines.line)
            continue
        place.open.pop()
        if element.tag in _UNITS:
            yield _unit(element, place, side)
        if element.tag in (*_UNITS, "ignorable", "unit", "group", "file", "internal-file", "header", "notes"):
            _dropped(element, place)


def _check(element: Element, place: _Place, line: int) -> None:
    """Raises `ValueError` for a version that is not read, and for an id that a unit of the same file has."""
    version, name = element.get("version", "1.2"), element.get("id")
    if element.tag == "xliff" and version.partition(".")[0] not in _VERSIONS:
        raise ValueError(f"is XLIFF {version[:20]}, which is not read")
    if element.tag == "file":
        place.ids.clear()
    elif element.tag in ("trans-unit", "unit") and name is not None:
        if name in place.ids:
            raise ValueError(f"has the id {name[:60]!r} twice in one <file>: it stands in line {place.ids[name]} too")
        place.ids[name] = line


def _dropped(element: Element, place: _Place) -> None:
    """Forgets what was read; the element that holds it keeps only its attributes."""
    element.clear()
    if place.open and place.open[-1].tag in ("body", "group", "unit", "file", "xliff"):
        place.open[-1].remove(element)


def _unit(element: Element, place: _Place, side: dict[str, int]) -> Unit:
    source, target = element.find("source"), element.find("target")
    said = "" if target is None else _text(target).strip()
    languages = place.get("source-language") or place.get("srcLang"), place.get("target-language") or place.get("trgLang")
    line = side.get("target", side.get("source", side["unit"]))
    return Unit(
        id=_id(element, place),
        source="" if source is None else _text(source).strip(),
        target=said,
        line=line,
        source_line=side.get("source", line),
        reason=_reason(element, target, said, place),
        source_lang=languages[0],
        target_lang=languages[1],
    )


def _id(element: Element, place: _Place) -> str:
    """`resname` or id of a unit; of a segment that of its unit, and its own or its place where there are several."""
    unit = place.named("unit")
    if element.tag == "trans-unit" or unit is None:
        return element.get("resname") or element.get("id") or ""
    own = element.get("id") or (str(place.segments) if place.segments > 1 else "")
    name = unit.get("name") or unit.get("id") or ""
    return f"{name}/{own}" if own else name


def _reason(element: Element, target: Element | None, said: str, place: _Place) -> str | None:
    if (element.get("translate") or place.get("translate")) == "no":
        return "not to be translated"
    if not said:
        return "untranslated"
    state = element.get("state") or (target.get("state") if target is not None else None)
    return f"state {state}" if state and state.startswith(_UNREADY) else None


def _text(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += [_inline(child), child.tail or ""]
    return "".join(parts)


def _inline(child: Element) -> str:
    if child.tag == "cp":
        return _character(child.get("hex", ""))
    name = child.get("id") or child.get("startRef") or child.get("rid") or ""
    if child.tag in _HELD:
        return f'<{child.tag} id="{name}"/>'
    return f'<{child.tag} id="{name}">{_text(child)}</{child.tag}>' if child.tag in _SPANS else _text(child)


def _character(code: str) -> str:
    """What `<cp>` stands for, a character that XML may not hold; a control character is none of the text."""
    try:
        character = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return character if character.isprintable() else ""
