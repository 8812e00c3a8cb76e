"""Argos Translate's neural models, run offline by CTranslate2; neither torch nor argostranslate is needed.

Packages are read from the setting `packages`, else from Argos' own folder, where `checker models install fr-en` puts them (see
`checker.packages`). Two packages are chained, through English if that is a way, where no single one serves a pair; `engine` names
them. A text is cut into sentences by the segmenter of the project, and each is translated alone, as Argos does; a sentence that is
longer than models are trained on is cut behind a comma. Unlike Argos, `_` stays `_`.

Translations are those of Argos itself for the same `beam` (4 there, 2 here, which is nearly twice as fast: of 500 sentences 487 to
496 were the same). Models are run as they were saved, whatever the processor would rather have. `ARGOS_DEVICE_TYPE`,
`ARGOS_COMPUTE_TYPE`, `ARGOS_INTER_THREADS`, `ARGOS_INTRA_THREADS` and Argos' settings.json hold here too; without them all cores
are used, or a GPU.

The models work in a process of their own: a text that brings it down, or to a standstill for longer than `engine_timeout`, gets
that as its reason, and all others their translations.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import polars as pl

from checker import neural, packages
from checker.config import Config
from checker.engines import Translation
from checker.errors import EngineError
from checker.packages import Package
from checker.splitter import may_hold_two, split
from checker.worker import Answer, Worker

# Tokens a batch. Sentences per CPU-second at beam 2 on a model of real size: 512 tokens 15.2, 1,024 16.5, 2,048 15.9 and twice the
# memory (`bench/translate.py`); at beam 4: 9.8, 10.0.
BATCH_TOKENS = 1024

# Search for texts whose translation is doubtful: upstream's beam, and no three tokens twice. It cures loops, and changed 3 of 200
# good translations, so that it is not used on all.
SAFE_BEAM, SAFE_NO_REPEAT = 4, 3

# Languages that write no space between sentences.
_UNSPACED = ("zh", "ja", "th")

# What changes nothing in a translation.
_THREADS = ("inter_threads", "intra_threads")

_BREAK_OR_CONTROL = r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+"

_REMEDY = "checker models install fr-en"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Argos:
    """Installed packages, the newest for each pair, and the process that runs them; `maker` names the library that does."""

    packages: tuple[Package, ...]
    worker: Worker
    maker: str
    beam: int
    no_repeat: int = 0
    name: str = "argos"
    batch: int = 500
    tunable: bool = True
    """The maker takes the parameters of the search from here."""

    def describe(self, source: str, target: str) -> str | None:
        route = packages.route(self.packages, source, target)
        if not route:
            return None
        used = ", ".join(f"{package.source}-{package.target} {package.version}" for package in route)
        codes = "→".join([source, *(package.target for package in route)])
        return f"{self.name} {codes} ({used}; {self.maker})"

    def signature(self, source: str, target: str) -> str | None:
        route = packages.route(self.packages, source, target)
        if not route:
            return None
        models = " ".join(map(packages.digest, route))
        search = {name: value for name, value in self._search().items() if name not in _THREADS}
        return f"{self.describe(source, target)}; {models}; {search}; sentencex {version('sentencex')}"

    def safer(self) -> "Argos | None":
        return replace(self, beam=max(self.beam, SAFE_BEAM), no_repeat=SAFE_NO_REPEAT) if self.tunable else None

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        engine, route = self.describe(source, target), packages.route(self.packages, source, target)
        if not route:
            return [Translation(reason=f"does not serve {source}→{target}") for _ in texts]
        plain = pl.Series(texts, dtype=pl.String).str.replace_all(_BREAK_OR_CONTROL, " ").str.strip_chars()
        answers = [Translation(text, engine) for text in plain]
        for package in route:
            answers = self._through(package, answers)
        return answers

    def _through(self, package: Package, answers: Sequence[Translation]) -> list[Translation]:
        """The answers with their texts put through one package; blank texts and reasons stay as they are."""
        sentences = _sentences([answer.text for answer in answers], package.source)
        distinct = list(dict.fromkeys(sentence for each in sentences for sentence in each))
        glue = "" if package.target in _UNSPACED else " "
        request = {**self._search(), **_files(package), "glue": glue}
        told = dict(zip(distinct, self.worker.ask(request, distinct), strict=True))
        return [_joined(answer, [told[one] for one in each], glue) for answer, each in zip(answers, sentences, strict=True)]

    def _search(self) -> dict[str, Any]:
        return {
            "beam": self.beam,
            "no_repeat": self.no_repeat,
            "batch_tokens": BATCH_TOKENS,
            **{name: packages.own_setting(f"ARGOS_{name.upper()}") for name in ("device_type", "compute_type", *_THREADS)},
        }


def load(config: Config) -> Argos:
    """The packages of the folder; raises `EngineError` if it has none that can be used."""
    worker = Worker(neural.__name__, config.engine_timeout)
    return Argos(found(config), worker, f"ctranslate2 {version('ctranslate2')}", config.beam)


def found(config: Config) -> tuple[Package, ...]:
    """The packages of the folder that look whole; those that do not are told of once."""
    folder = packages.folder(config.packages)
    if not folder.is_dir():
        problem = "no Argos package is installed" if config.packages is None else f"there is no folder {folder} of Argos packages"
        raise EngineError(problem, remedy=f"{_REMEDY} puts one in {folder}")
    whole, problems = packages.installed(folder)
    if not whole:
        detail = f": {problems[0]}" if problems else ""
        raise EngineError(f"no usable Argos package in {folder}{detail}", remedy=_REMEDY)
    for problem in problems:
        _log.warning("Argos package left out: %s", problem)
    return tuple(whole)


def _files(package: Package) -> dict[str, str]:
    return {
        "folder": str(package.folder),
        "model": str(package.model),
        "pieces": str(package.pieces),
        "prefix": package.prefix,
        "from_code": package.from_code,
        "to_code": package.to_code,
    }


def _sentences(texts: Sequence[str | None], lang: str) -> list[list[str]]:
    """The sentences of each text; none of a blank one."""
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String), "lang": pl.Series([lang] * len(texts), dtype=pl.String)})
    several = frame.select(may_hold_two().fill_null(value=False)).to_series()
    return [list(_cut(text or "", lang)) if many else [text] if text else [] for text, many in zip(texts, several, strict=True)]


def _cut(text: str, lang: str) -> Iterator[str]:
    return (piece.strip() for piece in split(text, lang) if piece.strip())


def _joined(answer: Translation, told: Sequence[Answer], glue: str) -> Translation:
    """The answer with what its sentences became; the reason of the first that has none."""
    if not told:
        return answer
    reason = next((each["reason"] for each in told if "reason" in each), None)
    if reason is not None:
        return Translation(reason=reason)
    scores = [each["score"] for each in told if each["score"] is not None]
    if answer.score is not None:  # a chain is as sure as its weakest leg
        scores.append(answer.score)
    return Translation(glue.join(each["text"] for each in told), answer.engine, score=min(scores, default=None))
