"""Counterparts: the file of the originals that belongs to a file of one language alone, found by their names.

A language stands in the name of a file (`de.json`, `app_de.properties`, `Texts.de.resx`, `news.de`) or of a folder above it
(`locales/de/app.json`, `values-de/strings.xml`, `de.lproj/Main.strings`). Where a file is there that has the originals' language in
that place, or none, it is the counterpart.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel import Locale

from checker.languages import normalise

# A tag as files have it: `de`, `pt_BR`, `zh-Hans`, `b+sr+Latn` and `de-rAT` of Android. Most names of three letters are no
# language: `app_new`, `sales_may`.
_TAG = r"(?:[a-z]{2}|fil)(?:[-_](?:[A-Z][a-z]{3}|r?[A-Z]{2}|[0-9]{3}|[a-z]{2}))*|b\+[a-z]{2,3}(?:\+\w+)*"
_NAME = re.compile(rf"(?P<before>|.+?[._-])(?P<tag>{_TAG})(?P<behind>(?:\.\w+)?)")
_LAST = re.compile(r"(?P<before>.+[_-])(?P<tag>[a-z]{2})(?P<behind>(?:\.\w+)?)")
_FOLDER = re.compile(rf"(?P<before>|values-)(?P<tag>{_TAG})(?P<behind>|\.lproj)")
_LONE = {"values-": "values", ".lproj": "Base.lproj"}


def forget() -> None:
    """Lets folders be listed anew: they may have changed since another run of this process."""
    _originals.cache_clear()


def by_suffix(path: Path) -> bool:
    """True for `news.de`: a suffix that is a language, as files of parallel text have it."""
    return path.suffix[1:] in _codes()


def counterpart(path: Path, original_lang: str) -> tuple[Path, str] | None:
    """The file of the originals that belongs to a file, and the language of that; null if there is none, or it is one itself."""
    for place, found, tag in _places(path):
        if tag != original_lang and (name := _other(path, place, found, original_lang)):
            return Path(*path.parts[:place], name, *path.parts[place + 1 :]), tag
    return None


def _places(path: Path) -> Iterator[tuple[int, "re.Match[str]", str]]:
    """The parts of a path that name a language, the last first."""
    for place in range(len(path.parts) - 1, -1, -1):
        for found, tag in _told(path.parts[place], is_file=place == len(path.parts) - 1):
            yield place, found, tag


def _told(name: str, *, is_file: bool) -> Iterator[tuple["re.Match[str]", str]]:
    """The tags that a name may hold with their languages: in `my_app_de` the longest first, then `de`."""
    for pattern in (_NAME, _LAST) if is_file else (_FOLDER,):
        found = pattern.fullmatch(name)
        tag = normalise(found["tag"].removeprefix("b+").replace("+", "-")) if found else None
        if found and tag in _codes():
            yield found, str(tag)


def _other(path: Path, place: int, found: "re.Match[str]", original_lang: str) -> str | None:
    """The name that stands in the same place and says the originals' language, or none."""
    before, behind = found["before"], found["behind"]
    folder, rest = Path(*path.parts[:place]), path.parts[place + 1 :]
    lone = _LONE.get(before or behind) or (before[:-1] + behind if before else "")
    said = _originals(folder, original_lang, is_file=not rest).get((before, behind), [])
    return next((name for name in (*said, lone) if name and Path(folder, name, *rest).is_file()), None)


@cache
def _originals(folder: Path, original_lang: str, *, is_file: bool) -> dict[tuple[str, str], list[str]]:
    """What is before and behind the tag of the originals' language, to the names in a folder that have it, the shortest first."""
    names: dict[tuple[str, str], list[str]] = {}
    try:
        listing = sorted((entry.name for entry in folder.iterdir()), key=lambda name: (len(name), name))
    except OSError:
        return names
    for name in listing:
        for found, tag in _told(name, is_file=is_file):
            if tag == original_lang:
                names.setdefault((found["before"], found["behind"]), []).append(name)
    return names


@cache
def _codes() -> frozenset[str]:
    return frozenset(str(code) for code in Locale("en").languages if len(str(code)) == 2)
