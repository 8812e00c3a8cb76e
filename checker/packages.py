"""Argos Translate packages as they lie on the disk: where their folder is, what each holds, and which make a route.

A package is a folder with `metadata.json`, a CTranslate2 model in `model/`, and `sentencepiece.model` or `bpe.model`. The folder of
packages is the setting `packages`, else Argos' own: `ARGOS_PACKAGES_DIR`, in the environment or in
`$XDG_CONFIG_HOME/argos-translate/settings.json`, else `$XDG_DATA_HOME/argos-translate/packages`.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checker import languages
from checker.errors import EngineError

REINSTALL = "install it again"
SENTENCEPIECE, BPE = "sentencepiece.model", "bpe.model"


_BLOCK = 1 << 20


@dataclass(frozen=True)
class Package:
    """An installed package, as its metadata.json describes it; languages are ISO 639-1 codes."""

    folder: Path
    source: str
    target: str
    version: str
    prefix: str
    from_code: str
    to_code: str
    """The codes as the package writes them (`zt`, `pb`), which its tokeniser goes by."""

    @property
    def pieces(self) -> Path:
        """The subword model: SentencePiece, else BPE."""
        own = self.folder / SENTENCEPIECE
        return own if own.is_file() else self.folder / BPE

    @property
    def model(self) -> Path:
        return self.folder / "model"


def own_setting(name: str) -> str | None:
    """A setting of Argos Translate itself: of the environment, else of its settings.json, as Argos reads them."""
    if name in os.environ:
        return os.environ[name]
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    try:
        settings = json.loads((Path(home) / "argos-translate" / "settings.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    value = settings.get(name) if isinstance(settings, dict) else None
    return None if value is None else str(value)


def folder(configured: Path | None) -> Path:
    """The folder of packages, whether it exists or not."""
    if configured is not None:
        return configured
    own = own_setting("ARGOS_PACKAGES_DIR")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(own) if own else Path(home) / "argos-translate" / "packages"


def installed(place: Path) -> tuple[list[Package], list[str]]:
    """The packages of a folder that look whole, the newest of a pair last, and what is wrong with the others."""
    found, problems = [], []
    for path in sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith(".")):
        try:
            package = read(path)
        except EngineError as error:
            problems.append(str(error))
        else:
            found += [package] if package else []
    return sorted(found, key=lambda package: (release(package.version), package.folder)), problems


def read(path: Path) -> Package | None:
    """The package in a folder; None if it is of another type than translation; raises `EngineError` where it is not whole."""
    try:
        metadata = json.loads((path / "metadata.json").read_text("utf-8"))
        if metadata.get("type", "translate") != "translate":
            return None
        codes = str(metadata["from_code"]), str(metadata["to_code"])
    except (OSError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise EngineError("has no metadata.json with from_code and to_code", where=str(path), remedy=REINSTALL) from error
    if not (path / "model" / "model.bin").is_file():
        raise EngineError("has no model/model.bin", where=str(path), remedy=REINSTALL)
    if not any((path / name).is_file() for name in (SENTENCEPIECE, BPE)):
        raise EngineError(f"has neither {SENTENCEPIECE} nor {BPE}", where=str(path), remedy=REINSTALL)
    source, target = map(languages.normalise, codes)
    prefix = str(metadata.get("target_prefix") or "")
    return Package(path, source, target, str(metadata.get("package_version", "?")), prefix, *codes)


def release(version: str) -> list[int]:
    """A version as numbers to compare: `1.10` is newer than `1.9`."""
    return [int(part) if part.isdigit() else 0 for part in version.split(".")]


def route(packages: Iterable[Package], source: str, target: str) -> Sequence[Package]:
    """The package for the pair, else the first two by the language between that make a chain, through English if that is one."""
    pairs = {(package.source, package.target): package for package in packages}
    if (source, target) in pairs:
        return [pairs[source, target]]
    pivots = [there for here, there in pairs if here == source and (there, target) in pairs and there != target]
    best = min(pivots, key=lambda pivot: (pivot != "en", pivot), default=None)
    return [pairs[source, best], pairs[best, target]] if best else []


@cache
def digest(package: Package) -> str:
    """16 hexadecimal digits of all files that a translation by the package depends on."""
    sums = hashlib.sha256()
    parts = sorted(path for path in package.model.rglob("*") if path.is_file())
    for path in (package.folder / "metadata.json", package.pieces, *parts):
        sums.update(f"{path.relative_to(package.folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                sums.update(block)
    return sums.hexdigest()[:16]
