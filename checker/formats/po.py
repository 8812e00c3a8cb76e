"""Gettext catalogues, PO and POT: a message is a pair; each form of a plural is one.

The file FILE becomes two documents, as a table does: FILE, the translations, and FILE#original, the messages of the program. A
template (POT) has no translations, and is a document of originals alone. A unit is named by its context, if it has one, and its
message. Messages are English, unless the header has `X-Source-Language`. The first form of a plural is held against the singular
if the language has several forms, the others against the plural.

Messages without a translation, those that are fuzzy (a guess that nobody has confirmed) and obsolete ones (`#~`) are unscored, with
that reason. A message that stands there twice is an error, as it is to `msgfmt`, and so is a string without its closing quotation
mark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from checker.config import Config
from checker.encoding import decode
from checker.errors import InputError
from checker.formats import table
from checker.units import Unit, rows

SUFFIXES = (".po", ".pot")

# Messages are English unless the header says another language (`X-Source-Language`).
ENGLISH = "en"
CHARSET = re.compile(rb"charset=([\w.:-]+)")
_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr|msgstr\[\d+\])?\s*"((?:[^"\\]|\\.)*+)"')
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))")
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_HEADER = re.compile(r"^([\w-]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


@dataclass
class _Entry:
    """A message as it stands there: keyword to its string and the line of that."""

    obsolete: bool = False
    flags: set[str] = field(default_factory=set)
    parts: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return "msgid" in self.parts and any(name.startswith("msgstr") for name in self.parts)

    @property
    def line(self) -> int:
        return min(self.lines.values(), default=0)


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:
    """Two rows, the translations' and the messages' texts; of a template one, the messages'."""
    declared = CHARSET.search(content)
    text, encoding = decode(content, declared[1].decode("ascii") if declared and declared[1] != b"CHARSET" else None)
    found = table.pages(rows(units(text), config.original_lang), encoding)
    if suffix != ".pot":
        return found
    return [{key: value for key, value in found[1].items() if key != "part"}]


def units(text: str) -> Iterator[Unit]:
    """The units of a catalogue; raises `InputError` with the line."""
    language: tuple[str, str | None] = (ENGLISH, None)
    seen = dict[tuple[str | None, str], int]()
    for entry in _entries(text):
        context, message = entry.parts.get("msgctxt"), entry.parts["msgid"]
        if not entry.obsolete:
            first = seen.setdefault((context, message), entry.line)
            if first != entry.line:
                problem = f"has the message {message[:60]!r} twice: it stands in line {first} too"
                raise InputError(problem, where=str(entry.line), remedy="`msguniq` merges such messages")
        if not message and context is None:
            head = dict(_HEADER.findall(entry.parts.get("msgstr", "")))
            language = head.get("X-Source-Language") or ENGLISH, head.get("Language") or language[1]
        else:
            yield from _of_message(entry, language)


def _of_message(entry: _Entry, languages: tuple[str, str | None]) -> Iterator[Unit]:
    forms = [name for name in entry.parts if name.startswith("msgstr")]
    singular, plural = entry.parts["msgid"], entry.parts.get("msgid_plural")
    context = entry.parts.get("msgctxt")
    for number, form in enumerate(forms):
        several = plural is not None and len(forms) > 1
        one = plural is None or (number == 0 and several)
        name = f"{context}|{singular}" if context else singular
        target = entry.parts[form].strip()
        yield Unit(
            id=f"{name}[{number}]" if plural is not None else name,
            source=(singular if one else plural or "").strip(),
            target=target,
            line=entry.lines[form],
            source_line=entry.lines["msgid" if one else "msgid_plural"],
            reason=_reason(entry, target),
            source_lang=languages[0],
            target_lang=languages[1],
        )


def _reason(entry: _Entry, target: str) -> str | None:
    if entry.obsolete:
        return "obsolete"
    if not target:
        return "untranslated"
    return "fuzzy" if "fuzzy" in entry.flags else None


def _entries(text: str) -> Iterator[_Entry]:
    entry, keyword = _Entry(), ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        obsolete = line.startswith("#~")
        if obsolete:
            line = line[2:].lstrip()
        if not line or line.startswith(("|", "#")):
            if line.startswith("#"):
                if entry.whole:
                    yield entry
                    entry, keyword = _Entry(), ""
                entry.flags |= {flag.strip() for flag in line[2:].split(",")} if line.startswith("#,") else set()
            continue
        name, string = _string(line, number)
        if name in ("msgctxt", "msgid") and entry.parts and (entry.whole or name in entry.parts):
            yield _complete(entry)
            entry = _Entry()
        keyword = name or keyword
        _add(entry, keyword, string, number, fresh=bool(name))
        entry.obsolete = obsolete
    if entry.parts:
        yield _complete(entry)


def _string(line: str, number: int) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        problem = f"has a line that is none of a PO file: {line[:60]}"
        raise InputError(problem, where=str(number), remedy='is a `"` not closed, or is the file cut off?')
    return found[1] or "", _ESCAPE.sub(_sign, found[2]) if "\\" in found[2] else found[2]


def _sign(escape: "re.Match[str]") -> str:
    octal, hexadecimal, letter = escape.groups()
    if letter is not None:
        return _SIGNS.get(letter, letter)
    return chr(int(octal, 8) if octal else int(hexadecimal, 16))


def _add(entry: _Entry, keyword: str, string: str, number: int, *, fresh: bool) -> None:
    if not keyword or (fresh and keyword in entry.parts):
        problem = "has a string that belongs to no message" if not keyword else f"has {keyword} twice in one message"
        raise InputError(problem, where=str(number), remedy="a message is msgid and msgstr")
    entry.parts[keyword] = entry.parts.get(keyword, "") + string
    entry.lines.setdefault(keyword, number)


def _complete(entry: _Entry) -> _Entry:
    if not entry.whole:
        lacking = "msgid" if "msgid" not in entry.parts else "msgstr"
        raise InputError(f"has a message without {lacking}", where=str(entry.line), remedy="is the file cut off?")
    return entry
