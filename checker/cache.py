"""Tables that are made of packages' data the first time they are needed, and kept in the user's cache folder.

The folder is `$CHECKER_CACHE`, else `$XDG_CACHE_HOME/checker`, else `~/.cache/checker`. Without a writable one tables are built in
each run.
"""

import functools
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Tables = TypeVar("Tables")

_log = logging.getLogger(__name__)


def kept(
    build: Callable[[], Tables], kind: type[Tables], made_of: Sequence[object], packages: Sequence[str], *files: str
) -> Tables:
    """What `build` returns, a dataclass of arrays: from the cache folder if it is there, else built, and put there if possible.

    It is found there as long as all that it is made of is the same: what `made_of` holds, the versions of the packages with the
    data, and the modules in `files`. Arrays may be mapped files.
    """
    place = folder() / f"{kind.__name__.strip('_').lower()}-{_digest(made_of, packages, files)}"
    with suppress(OSError, ValueError, EOFError):
        return _read(kind, place)
    built = build()
    try:
        _save(built, place)
        return _read(kind, place)  # mapped, these take less memory than as they were built
    except (OSError, ValueError, EOFError) as error:
        _tell_once(folder(), str(getattr(error, "strerror", None) or error))
        return built


@functools.cache
def _tell_once(place: Path, problem: str) -> None:
    _log.warning("%s: %s; tables of languages are built in each run, which takes seconds", place, problem)


def _read(kind: type[Tables], folder: Path) -> Tables:
    """The tables of a folder; raises `OSError`, `ValueError` or `EOFError` if one is missing or was cut short."""
    return kind(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _names(kind)))


def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


def folder() -> Path:
    """The cache folder; a path that cannot be one where the user has no home."""
    own, shared = os.environ.get("CHECKER_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        return Path(own)
    try:
        return Path(shared or Path.home() / ".cache") / "checker"
    except RuntimeError:
        return Path(os.devnull)


def _digest(made_of: Sequence[object], packages: Sequence[str], files: Sequence[str]) -> str:
    made = json.dumps([made_of, [version(name) for name in packages]])
    modules = b"".join(Path(file).read_bytes() for file in (*files, __file__))
    return hashlib.sha256(made.encode() + modules).hexdigest()[:16]


def _save(tables: Any, folder: Path) -> None:
    """Writes the tables beside their place and moves them there as one: another run sees all of them or none."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)  # what could not be read
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        for name in _names(type(tables)):
            np.save(draft / f"{name}.npy", getattr(tables, name))
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
