"""Argos packages put into the folder of packages and taken out of it: from Argos' index, an address, or a file.

What a server sends and what an archive holds is not trusted. A download that was cut short goes on where it ended; an archive is
read to its end, in a hidden folder, before anything that is installed is touched. Nothing here asks the network unless `index` is
called, or `install` with a pair of languages or an address.
"""

import difflib
import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from checker import packages
from checker.archive import Installed, opened, placed, sha256_of, workplace
from checker.download import TIMEOUT, Received, downloaded, shown
from checker.errors import ConfigError, InputError
from checker.index import Offer, index, index_address, matching, newest, readings

__all__ = ["Installed", "install", "remove"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

_FORM = "write a pair of languages such as FR-EN, the path of an .argosmodel file, or its address"

_SHA256 = re.compile(r"[0-9a-f]{64}")


def install(
    what: str, place: Path, *, sha256: str | None = None, progress: Received = lambda *_: None, timeout: float = TIMEOUT
) -> Installed:
    """Puts a package into the folder `place`, which is made if need be: `FR-EN` from the index, a file, or an address.

    Raises `InputError` for an archive that is not a whole package, or whose SHA-256 is another than `sha256`; `RunError` where the
    disk is full or the folder cannot be written. Then what was installed before is as it was.
    """
    expected = _digest_asked(sha256)
    with ExitStack() as stack:
        offer, path, name = None, Path(what), what
        if not path.is_file():
            links, offer = ((what,), None) if _URL.match(what) else _links(what, timeout)
            path, name = stack.enter_context(downloaded(links, progress, timeout))
        with opened(path, name) as file:
            found = sha256_of(file)
            if expected and found != expected:
                raise InputError(f"its SHA-256 is {found}, not {expected}", where=name, remedy="not installed: get it elsewhere")
            return placed(file, name, place, found, offer)


def remove(what: str, place: Path) -> list[Path]:
    """Deletes a folder of packages by its name, or all versions of a pair; returns the folders that are gone.

    Raises `ConfigError` if `what` is neither, and `RunError` where a folder cannot be deleted.
    """
    folders = sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith(".")) if place.is_dir() else []
    found = packages.installed(place)[0] if folders else []
    chosen = [path for path in folders if path.name == what] or [package.folder for package in matching(what, found)]
    if not chosen:
        names = [name for package in found for name in (f"{package.from_code}-{package.to_code}", package.folder.name)]
        near = difflib.get_close_matches(what.lower(), [*names, *(path.name for path in folders)], n=3)
        remedy = f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "see `checker models list`"
        raise ConfigError(f"no package is called {what!r}", where=str(place), remedy=remedy)
    with workplace(place) as work:
        for path in chosen:
            path.rename(work / path.name)
    return chosen


def _digest_asked(sha256: str | None) -> str | None:
    asked = None if sha256 is None else sha256.strip().lower().removeprefix("sha256:")
    if asked is not None and not _SHA256.fullmatch(asked):
        raise ConfigError(f"the SHA-256 is {sha256!r}, expected 64 hexadecimal digits")
    return asked


def _links(what: str, timeout: float) -> tuple[tuple[str, ...], Offer]:
    """Links to the newest package that the index has for a pair; raises `ConfigError` if it has none."""
    if not readings(what):
        raise InputError("is no file and no pair of languages", where=what, remedy=_FORM)
    offers = newest(index(timeout))
    found = sorted(matching(what, offers), key=lambda offer: packages.release(offer.version))
    if not found:
        raise ConfigError(f"the index has no package {what}", where=shown(index_address()), remedy=_otherwise(what, offers))
    if not found[-1].links:
        raise InputError(f"the index has no http link for {what}", where=shown(index_address()), remedy=_FORM)
    return found[-1].links, found[-1]


def _otherwise(what: str, offers: Sequence[Offer]) -> str:
    """Two packages that make a route, or what there is from and to the languages."""
    for source, target in readings(what):
        if matching(f"{source}→en", offers) and matching(f"en→{target}", offers):
            return f"{source}-en and en-{target} make a route: install both"
    return "`checker models list --available` shows what it has"
