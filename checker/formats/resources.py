"""Texts of programs as translate-toolkit reads them: `pip install 'checker[l10n]'` (GPL, imported for these files alone).

One file a language: Android `strings.xml`, iOS `.strings` and `.stringsdict`, Java `.properties`, .NET `.resx`, JSON, ARB, YAML.
Such a file is read with its counterpart in the language of the originals, found by the names of files and folders: `de.json` beside
`en.json`, `messages_de.properties` beside `messages.properties`, `values-de/` beside `values/`, `de.lproj/` beside `en.lproj/` or
`Base.lproj/`, `locales/de/` beside `locales/en/`. What both hold under one key is a pair.

Both languages in one file: Qt Linguist `.ts` and phrase books `.qph`, compiled gettext catalogues `.mo`, TBX, catkeys of Haiku.

The file FILE becomes two documents, as a table does: FILE and FILE#original. A unit is named by its key; the forms of a plural are
units with a number. Keys that one file alone holds, and units that are unfinished, obsolete or not to be translated, are unscored,
with that reason. Where the format does not tell the line of a key, it is the one in which the key is next found.
"""

import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from checker import elements
from checker.config import Config
from checker.encoding import decode
from checker.errors import InputError
from checker.formats import table
from checker.units import Unit, rows

SUFFIXES = (".ts", ".qph", ".mo", ".gmo", ".tbx", ".catkeys")

PAIRED = (".xml", ".strings", ".stringsdict", ".properties", ".resx", ".json", ".arb", ".yaml", ".yml")
"""Suffixes of files of one language, which are read only where they have a counterpart."""

_CLASSES: Mapping[str, tuple[str, str]] = {
    ".ts": ("ts2", "tsfile"),
    ".qph": ("qph", "QphFile"),
    ".mo": ("mo", "mofile"),
    ".gmo": ("mo", "mofile"),
    ".tbx": ("tbx", "tbxfile"),
    ".catkeys": ("catkeys", "CatkeysFile"),
    ".xml": ("aresource", "AndroidResourceFile"),
    ".strings": ("properties", "stringsutf8file"),
    ".stringsdict": ("stringsdict", "StringsDictFile"),
    ".properties": ("properties", "javautf8file"),
    ".resx": ("resx", "RESXFile"),
    ".json": ("jsonl10n", "JsonFile"),
    ".arb": ("jsonl10n", "ARBJsonFile"),
    ".yaml": ("yaml", "YAMLFile"),
    ".yml": ("yaml", "YAMLFile"),
}
_XML = (".ts", ".qph", ".tbx", ".xml", ".stringsdict", ".resx")
_BINARY = (".mo", ".gmo")
_KEYED = (".strings", ".properties")
"""Where the toolkit has the key as a unit's name and its text as the source."""

# What a file of Qt Linguist begins with; other files of that suffix are programs or films.
_HEAD, _QT = 1_000, b"<TS"


class Entry(NamedTuple):
    """What a file says under a key: its texts (the forms of a plural), and those that they translate if they stand there too."""

    key: str
    sources: list[str]
    texts: list[str]
    line: int
    reason: str | None


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:
    """Two rows, the translations' and the originals' texts of a file that holds both."""
    if suffix not in SUFFIXES:
        raise InputError(f"has no counterpart in {config.original_lang}", remedy="docs/files.md says by which names one is found")
    store, text = _store(content, suffix)
    languages = [getattr(store, f"get{side}language")() for side in ("source", "target")]
    units = (unit for entry in _entries(store, suffix, text) for unit in _both(entry, *languages))
    return table.pages(rows(units, config.original_lang), None)


def read_pair(content: bytes, original: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:
    """Two rows of two files, which are paired by their keys."""
    theirs = _keyed(content, suffix)
    try:
        ours = _keyed(original, suffix)
    except InputError as error:
        line = f" in line {error.where}" if error.where else ""
        raise InputError(f"its original{line} {error.problem}", remedy=error.remedy) from error
    keys = [*ours, *(key for key in theirs if key not in ours)]
    units = (unit for key in keys for unit in _matched(key, ours.get(key), theirs.get(key)))
    return table.pages(rows(units, config.original_lang), None)


def looks(path: Path) -> bool:
    """False for a file of another kind that has one of these suffixes."""
    if path.suffix.lower() != ".ts":
        return True
    try:
        with path.open("rb") as file:
            return _QT in file.read(_HEAD)
    except OSError:
        return False


def _both(entry: Entry, source_lang: str | None, target_lang: str | None) -> Iterator[Unit]:
    for number, text in enumerate(entry.texts):
        source = entry.sources[min(number, len(entry.sources) - 1)]
        name = f"{entry.key}[{number}]" if len(entry.texts) > 1 else entry.key
        reason = entry.reason or (None if text else "untranslated")
        yield Unit(name, source, text, entry.line, entry.line, reason, source_lang, target_lang)


def _matched(key: str, ours: Entry | None, theirs: Entry | None) -> Iterator[Unit]:
    """The units of a key: of plurals the first forms, and the others with the original's last."""
    originals, texts = (entry.texts if entry else [""] for entry in (ours, theirs))
    line, original_line = (theirs or ours or _NOTHING).line, (ours or theirs or _NOTHING).line
    aside = (theirs.reason if theirs else None) or (ours.reason if ours else "has no original")
    for number, text in enumerate(texts or [""]):
        original = originals[_form(number, len(texts), len(originals))] if originals else ""
        if original or text:
            name = f"{key}[{number}]" if len(texts) > 1 else key
            yield Unit(name, original, text, line, original_line, aside or (None if text else "untranslated"))


def _form(number: int, forms: int, originals: int) -> int:
    """Which of the original's forms one of several is held against."""
    return number if number < originals and (forms == originals or number == 0 < forms - 1) else originals - 1


_NOTHING = Entry("", [], [], 1, None)


def _keyed(content: bytes, suffix: str) -> dict[str, Entry]:
    store, text = _store(content, suffix)
    return {entry.key: entry for entry in _entries(store, suffix, text)}


def _store(content: bytes, suffix: str) -> tuple[Any, str]:
    """What the toolkit makes of a file, and its text; raises `InputError` where it makes nothing of it."""
    module, name = _CLASSES[suffix]
    try:
        kind = getattr(importlib.import_module(f"translate.storage.{module}"), name)
    except ImportError as error:
        missing = "translate-toolkit" if (error.name or "").startswith("translate") else error.name
        raise InputError(f"is read by {missing}, which is not installed", remedy="pip install 'checker[l10n]'") from error
    text = "" if suffix in _BINARY else decode(content)[0]
    _check(content, text, suffix)
    store = kind()
    try:
        store.parse(content if suffix in _BINARY or suffix in _XML else text.encode())
        return store, text
    except Exception as error:  # it raises whatever it meets, in each format something else
        said = (str(error).strip() or repr(error)).splitlines()[0]
        raise InputError(f"cannot be read as {suffix}: {said[:200]}") from error


def _check(content: bytes, text: str, suffix: str) -> None:
    """Raises `InputError` with the line for what is broken, and before a parser that is less careful meets it."""
    if suffix in _XML:
        elements.check(content)
    elif suffix == ".strings":
        last = text.rstrip().rpartition("\n")[2].strip()
        if last and not last.endswith((";", "*/")) and not last.startswith("//"):
            raise InputError("is cut off: its last line does not end with `;`", where=str(text.rstrip().count("\n") + 1))
    elif suffix in (".json", ".arb"):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(f"is not JSON: {error.msg} at column {error.colno}", where=str(error.lineno)) from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"is JSON that cannot be read: {error}") from error


def _entries(store: Any, suffix: str, text: str) -> Iterator[Entry]:
    place = 0
    for unit in store.units:
        if unit.isheader() or (unit.isblank() and not unit.source):
            continue
        key = _key(unit, suffix)
        line, place = _line(unit, key, text, place)
        texts = _strings(unit.source if suffix in _KEYED else unit.target)
        sources = _strings(unit.source)
        if suffix == ".stringsdict":
            texts = [said for said in texts if said]
        yield Entry(key, sources, texts, line, _reason(unit))


def _key(unit: Any, suffix: str) -> str:
    if suffix in (".ts", ".mo", ".gmo"):  # the toolkit puts context and text together without anything between
        context = (unit.getcontext() or "").strip()
        return f"{context}|{unit.source}" if context else str(unit.source)
    return str(unit.getid()).removeprefix(".")


def _strings(said: Any) -> list[str]:
    return [str(one).strip() for one in getattr(said, "strings", None) or [said or ""]]


def _reason(unit: Any) -> str | None:
    if unit.isobsolete():
        return "obsolete"
    if not unit.istranslatable():
        return "not to be translated"
    return "fuzzy" if unit.isfuzzy() else None


def _line(unit: Any, key: str, text: str, place: int) -> tuple[int, int]:
    """The line of a unit, and the place in the text from which the next one is sought."""
    line = getattr(getattr(unit, "xmlelement", None), "sourceline", None)
    if line:
        return int(line), place
    last = key.replace("->", ".").rpartition(".")[2].partition("[")[0]
    found = max(text.find(last, place), 0) if last else place
    return text.count("\n", 0, found) + 1, found or place
