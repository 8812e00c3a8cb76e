"""The Python API: what the commands do, from polars frames to polars frames.

Settings are keyword arguments, named as in `checker.toml`. Those that are not given come, as for the commands, from the nearest
settings file above the files that are checked; `config` names another one, or is a `Config`. For frames and series no settings file
is looked for. What a user can mend is a `CheckerError`. Nothing is printed: `progress` is called with what is being done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, TypedDict, Unpack

import polars as pl

from checker import baseline, bitext, languages, pipeline
from checker.config import Config, changed, load
from checker.errors import CheckerError
from checker.gate import hold
from checker.progress import Progress, quiet
from checker.report import Report, scanned
from checker.tables import Frame

__all__ = ["CheckerError", "Config", "Report", "align", "audit", "detect", "score"]

AnyPath = str | PathLike[str]
Configured = Config | AnyPath | None
"""Settings as a `Config`, or the file that holds them."""


class Settings(TypedDict, total=False):
    """The settings as keyword arguments: the fields of `Config`, which describes them; paths as strings, too."""

    originals: AnyPath
    original_lang: str
    engine: str
    memory: AnyPath
    packages: AnyPath
    beam: int
    libretranslate_url: str
    engine_timeout: float
    cache: bool
    ceiling: bool
    select: Sequence[str]
    ignore: Sequence[str]
    packs: Sequence[AnyPath]
    metrics: Sequence[str]
    scorer: str
    semantic_model: AnyPath
    verdicts: AnyPath
    exclude: Sequence[str]
    original_column: str
    version_column: str
    version_lang: str
    max_bytes: int
    max_line: int
    jobs: int
    out: AnyPath
    gate: Mapping[str, Any]
    override: Sequence[Mapping[str, Any]]


def audit(
    paths: AnyPath | Sequence[AnyPath] = (), *, config: Configured = None, progress: Progress = quiet, **settings: Unpack[Settings]
) -> Report:
    """Audits files and folders, as `checker audit` does, and holds the gate; nothing is written.

        >>> report = checker.audit("corpora/demo", gate={"min_mean_fidelity": 40})
        >>> report.documents.filter(derivation="translation")["lang"].unique().sort().to_list()
        ['es', 'fr', 'ru', 'zh']
        >>> report.passed
        False
        >>> report.verdicts.select("check", "passed").rows()
        [('findings at or above critical', False), ('mean fidelity', True)]
        >>> worst = report.sentences.sort("fidelity", nulls_last=True).row(0, named=True)
        >>> files = report.write("reports/demo")

    Raises `InputError` for what is named and cannot be read, `ConfigError` for settings, `NothingToCheck` where there is no text.
    """
    chosen = _config(_paths(paths), config, settings)
    known = baseline.read(chosen.gate.baseline) if chosen.gate.baseline else None
    found = pipeline.audit(chosen, progress)
    return replace(found, verdicts=hold(scanned(found), chosen.gate, known).verdicts, held=True)


def detect(
    source: AnyPath | Sequence[AnyPath] | pl.DataFrame,
    *,
    text: str = "text",
    config: Configured = None,
    progress: Progress = quiet,
    **settings: Unpack[Settings],
) -> pl.DataFrame:
    """The artifacts in files and folders, or in the column `text` of a frame whose rows are documents; nothing is translated.

        >>> found = checker.detect("corpora/demo/versions/en", select=["foreign-tag"])
        >>> found.select("doc", "line", "evidence").rows()
        [('river-agreement-via-russian.txt', 5, 'Голос Меридиана')]
        >>> pages = pl.DataFrame({"url": ["/a", "/b"], "text": ["The ferry left at seven.\\n\\nГолос Америки", "It rained."]})
        >>> found = checker.detect(pages)
        >>> found.select("row", "rule", "start", "end").rows()
        [(0, 'foreign-tag', 26, 39)]
        >>> pages.with_row_index("row").join(found, on="row").select("url", "evidence").rows()
        [('/a', 'Голос Америки')]

    Gives the table `findings`: for files with `path`; for a frame with the number of the `row`, from 0, instead of `doc`. A null
    text has no findings. Raises as `audit` does.
    """
    if isinstance(source, pl.DataFrame):
        return pipeline.findings_in(source, text, _config((), config, settings), progress)
    with pipeline.findings(_config(_paths(source), config, settings), progress) as found:
        return pl.concat(found.findings())


def align(
    version: AnyPath | pl.Series,
    original: AnyPath | pl.Series,
    *,
    translation: pl.Series | None = None,
    lang: str | None = None,
    config: Configured = None,
    progress: Progress = quiet,
    **settings: Unpack[Settings],
) -> pl.DataFrame:
    """Which sentences of two pages, or of two lists of sentences, render each other.

        >>> pairs = checker.align("corpora/demo/versions/en/gas-heater-via-spanish.txt", "corpora/demo/originals/gas-heater.txt")
        >>> pairs["alignment"].value_counts(sort=True).head(1).rows()
        [('1-1', 15)]
        >>> french = pl.Series(["Le musée ouvre à neuf heures.", "Il ferme le lundi."])
        >>> english = pl.Series(["The museum opens at nine.", "It is closed on Mondays."])
        >>> translated = pl.Series(["The museum opens at nine o'clock.", "It closes on Monday."])
        >>> pairs = checker.align(french, english, translation=translated)
        >>> pairs.select("n", "original_n", "alignment").rows()
        [(0, 0, '1-1'), (1, 1, '1-1')]

    Pages are named by their paths; of two series, each row is a sentence, and `n` counts rows from 0. `translation` is one of the
    version into the original's language, row by row, instead of an engine's; `lang` the version's language, which is else told from
    it. Gives the table `bitext`, in the version's order. Raises `EngineError` where nothing of one side can be read in the other's
    language, `InputError` for what is no single page, or a translation of another length.
    """
    if isinstance(version, pl.Series) and isinstance(original, pl.Series):
        source = languages.parse(lang) if lang else None
        given = [] if translation is None else [translation]
        return bitext.series(version, original, _config((), config, settings), given, source, progress)
    if isinstance(version, pl.Series) or isinstance(original, pl.Series):
        raise CheckerError("one of version and original is a series, the other a path", remedy="give two of a kind")
    if translation is not None or lang is not None:
        raise CheckerError("a translation and a language go with series", remedy="the languages of pages are told from them")
    return bitext.documents(_config((version,), config, {**settings, "originals": original}), progress)


def score(
    frame: Frame,
    *,
    original: str | None = None,
    back: str | None = None,
    config: Configured = None,
    progress: Progress = quiet,
    **settings: Unpack[Settings],
) -> Frame:
    """The frame with the scores of two of its columns: `original`, and `back`, its English version or back-translation.

        >>> pairs = pl.DataFrame({"en": ["27 towns signed it.", "It rained."], "back": ["72 towns signed it.", None]})
        >>> scored = checker.score(pairs, original="en", back="back")
        >>> scored.select("severity", "status", "reason").rows()
        [('critical', 'scored', None), (None, 'unscored', 'the version is empty')]
        >>> scored.select("en", "findings").explode("findings").unnest("findings").drop_nulls("rule").rows()
        [('27 towns signed it.', 'lost-number', 'critical', '27 → 72')]

    Columns with usual names (`original`, `source`, `en` …; `version`, `back`, `target` …) need not be named. The rows keep their
    order, and get what `checker score` adds (`chrf`, `chrf_pp`, `ter`, `fidelity`, `severity`, `status`, `reason`), and `findings`:
    a list of `rule`, `severity` and `message`. Each row stands for itself: a lazy frame stays lazy, and its `sink_parquet` has some
    rows in memory at a time.

        >>> lazy = checker.score(pairs.lazy(), metrics=["chrf-pp"])
        >>> lazy.filter(severity="critical").collect().height
        1

    Raises `InputError` where a column is missing or already has the name of one that is added.
    """
    chosen = _config((), config, {**settings, **_columns(original, back)})
    return pipeline.score_frame(frame, chosen, progress)


def _columns(original: str | None, back: str | None) -> Settings:
    named: Settings = {}
    if original is not None:
        named["original_column"] = original
    if back is not None:
        named["version_column"] = back
    return named


def _paths(given: AnyPath | Sequence[AnyPath]) -> tuple[Path, ...]:
    return (Path(given),) if isinstance(given, str | PathLike) else tuple(map(Path, given))


def _config(paths: Sequence[AnyPath], config: Configured, settings: Settings) -> Config:
    """The settings of a call; raises `ConfigError`. Those of a `Config` are cast and checked, for it may hold anything."""
    given = {**settings, **({"paths": tuple(map(Path, paths))} if paths else {})}
    if config is None and not paths:
        return changed(Config(), given, "arguments")
    if isinstance(config, Config):
        held = {name: getattr(config, name) for name in Settings.__annotations__ if name not in ("gate", "override")}
        return changed(config, {"paths": config.paths, **held, **given}, "arguments")
    start = Path(paths[0]) if paths else Path()
    return load(start, given, file=Path(config) if config is not None else None, source="arguments")
