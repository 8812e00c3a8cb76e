"""Argos Translate's neural models, run offline by CTranslate2; neither torch nor argostranslate is needed.

Packages are read from the setting `packages`, else `ARGOS_PACKAGES_DIR`, else `$XDG_DATA_HOME/argos-translate/packages`, where
`argospm install translate-fr_en` puts them. Two packages are chained if no single one serves the pair; `engine` names both.

Texts are sentences: one that is longer than the models were trained on, or whose translation does not come to an end, gets a reason
and not half a translation. Packages with `bpe.model` are not read yet.
"""

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from checker import languages
from checker.config import Config
from checker.engines import Translation
from checker.errors import EngineError, InputError

BEAM = 2  # Against upstream's 4: 496 of 500 sentences the same, at 1.9 times the speed.
LENGTH_PENALTY = 0.2  # Upstream's.

# Tokens of a text. Argos trains on sequences of up to 150; longer texts are silently cut short: 408 tokens in, 15 out.
LONGEST = 150

# Tokens of a translation, CTranslate2's own limit; one that reaches it, or three times its source, has run into a loop.
_LONGEST_OUT = 256

# Tokens a batch: on models of Argos' size 512 is the fastest (7.4 sentences per CPU-second at beam 4; 32: 2.8, 2048: 6.2).
_BATCH_TOKENS = 512

_AGAIN = "install it again"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Package:
    """An installed package, as its metadata.json describes it."""

    folder: Path
    source: str
    target: str
    version: str
    prefix: str


@dataclass(frozen=True)
class Argos:
    """Installed packages, one for each pair; models are loaded when they are first needed, and kept."""

    packages: dict[tuple[str, str], Package]
    name: str = "argos"
    models: dict[Path, tuple[Any, Any]] = field(default_factory=dict, compare=False, repr=False)

    def describe(self, source: str, target: str) -> str | None:
        route = self._route(source, target)
        if not route:
            return None
        used = ", ".join(f"{package.source}-{package.target} {package.version}" for package in route)
        codes = "→".join([source, *(package.target for package in route)])
        return f"{self.name} {codes} ({used}; ctranslate2 {version('ctranslate2')})"

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        engine, route = self.describe(source, target), self._route(source, target)
        if not route:
            return [Translation(reason=f"does not serve {source}→{target}") for _ in texts]
        answers = [Translation(text.replace("\0", " ").strip(), engine) for text in texts]
        for package in route:
            answers = self._through(package, answers)
        return answers

    def _through(self, package: Package, answers: list[Translation]) -> list[Translation]:
        """The answers with their texts put through one package; blank texts and reasons stay as they are."""
        translator, pieces = self._model(package)
        tokens = [pieces.encode(answer.text, out_type=str) if answer.text else [] for answer in answers]
        places = [place for place, row in enumerate(tokens) if 0 < len(row) <= LONGEST]
        after = [_too_long(answer, row) for answer, row in zip(answers, tokens, strict=True)]
        made = _decoded(translator, [tokens[place] for place in places], package)
        for place, hypothesis in zip(places, made, strict=True):
            after[place] = _answer(hypothesis, len(tokens[place]), pieces, answers[place].engine)
        return after

    def _model(self, package: Package) -> tuple[Any, Any]:
        if package.folder not in self.models:
            self.models[package.folder] = _load_model(package.folder)
        return self.models[package.folder]

    def _route(self, source: str, target: str) -> list[Package]:
        """The package for the pair, else the first two by name that make a chain, else none."""
        if (source, target) in self.packages:
            return [self.packages[source, target]]
        pivots = sorted(there for here, there in self.packages if here == source and (there, target) in self.packages)
        return [self.packages[source, pivots[0]], self.packages[pivots[0], target]] if pivots else []


def load(config: Config) -> Argos:
    """The packages of the folder; raises `EngineError` if it has none that can be used."""
    folder = config.packages or _folder()
    if not folder.is_dir():
        if config.packages is not None:
            raise InputError("is not a folder of Argos packages", where=str(folder))
        raise EngineError("no Argos package is installed", remedy=f"argospm install translate-fr_en puts one in {folder}")
    found, problems = _installed(folder)
    if not found:
        detail = f": {problems[0]}" if problems else ""
        raise EngineError(f"no usable Argos package in {folder}{detail}", remedy="argospm install translate-fr_en")
    for problem in problems:
        _log.warning("Argos package left out: %s", problem)
    return Argos({(package.source, package.target): package for package in found})


def _folder() -> Path:
    own = os.environ.get("ARGOS_PACKAGES_DIR")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(own) if own else Path(home) / "argos-translate" / "packages"


def _installed(folder: Path) -> tuple[list[Package], list[str]]:
    """The packages that look whole, the newest of a pair last, and what is wrong with the others."""
    found, problems = [], []
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            package = _package(path)
        except EngineError as error:
            problems.append(str(error))
        else:
            found += [package] if package else []
    return sorted(found, key=lambda package: (_release(package.version), package.folder)), problems


def _package(folder: Path) -> Package | None:
    """The package in a folder; None if it is of another type than translation."""
    try:
        metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
        if metadata.get("type", "translate") != "translate":
            return None
        source, target = languages.normalise(metadata["from_code"]), languages.normalise(metadata["to_code"])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise EngineError("has no metadata.json with from_code and to_code", where=str(folder), remedy=_AGAIN) from error
    for part in ("sentencepiece.model", "model/model.bin"):
        if not (folder / part).is_file():
            raise EngineError(f"has no {part}", where=str(folder), remedy=_AGAIN)
    return Package(folder, source, target, str(metadata.get("package_version", "?")), str(metadata.get("target_prefix") or ""))


def _release(version: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in version.split(".")]


def _load_model(folder: Path) -> tuple[Any, Any]:
    """Translator and subword model. Imported here: the two take 0.1 s and 30 MB that a run without Argos does not need."""
    import ctranslate2  # noqa: PLC0415
    import sentencepiece  # noqa: PLC0415

    try:
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        # "auto" re-quantises some packages into garbage (argos-translate PR #511): the type that the package was saved in.
        translator = ctranslate2.Translator(str(folder / "model"), device="cpu", compute_type="default", intra_threads=1)
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineError(f"the Argos package in {folder} cannot be loaded: {error}", remedy=_AGAIN) from error
    return translator, pieces


def _decoded(translator: Any, tokens: list[list[str]], package: Package) -> list[list[str]]:
    """The best hypothesis for each row of tokens, without the package's prefix."""
    try:
        made = translator.translate_batch(
            tokens,
            target_prefix=[[package.prefix]] * len(tokens) if package.prefix else None,
            beam_size=BEAM,
            length_penalty=LENGTH_PENALTY,
            replace_unknowns=True,
            max_batch_size=_BATCH_TOKENS,
            batch_type="tokens",
            max_decoding_length=_LONGEST_OUT,
        )
    except (RuntimeError, ValueError) as error:
        raise EngineError(f"the Argos package in {package.folder} cannot translate: {error}") from error
    return [one.hypotheses[0][1 if package.prefix else 0 :] for one in made]


def _answer(hypothesis: list[str], length: int, pieces: Any, engine: str | None) -> Translation:
    if len(hypothesis) >= min(_LONGEST_OUT - 1, 3 * length + 10):
        return Translation(reason=f"gave {len(hypothesis)} tokens for {length}, a loop or a piece of a longer text")
    return Translation(pieces.decode(hypothesis).replace("▁", " ").strip(), engine)


def _too_long(answer: Translation, tokens: list[str]) -> Translation:
    if len(tokens) <= LONGEST:
        return answer
    return Translation(reason=f"longer than the model was trained on: {len(tokens)} tokens of {LONGEST}")
