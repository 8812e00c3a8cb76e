"""Settings: `checker.toml`, or `[tool.checker]` in pyproject.toml, the nearest above the input; flags win."""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from math import inf
from pathlib import Path
from typing import Any

from checker import packs
from checker.errors import ConfigError
from checker.limits import Gate, Limit, Thresholds
from checker.overrides import Override
from checker.registry import SEVERITIES, named, rules

_RANGES = {"min_mean_fidelity": 100, "min_p10_fidelity": 100, "min_coverage": 1, "min_scored_share": 1}
# A beam of 32 is sixteen times as slow as the default; nothing is gained beyond ten.
_BOUNDS = {"jobs": (0, inf), "beam": (1, 32), "engine_timeout": (0.1, inf)}
METRICS = ("chrf", "chrf-pp", "ter", "bleu")
SCORERS = ("lexical", "semantic")
ENGINES = ("auto", "recorded", "argos", "argostranslate", "apertium", "libretranslate")


@dataclass(frozen=True)
class Config:
    """The settings of a run. Paths in a file are relative to it; paths in flags, to the working directory."""

    paths: tuple[Path, ...] = ()
    """Files and folders to check."""
    originals: Path | None = None
    """Folder or file of the originals; without it every document in the original language may be one."""
    original_lang: str = "en"
    """Language of the originals, ISO 639-1."""
    out: Path = Path("reports/run")
    """Folder for the tables."""
    engine: str = "auto"
    """Translation engine; `auto` asks `recorded`, `argos`, `apertium` and, if it has an address, `libretranslate` in turn."""
    memory: Path | None = None
    """Translation memory of the engine `recorded`: Parquet, TMX or TSV."""
    packages: Path | None = None
    """Folder of Argos Translate packages; by default Argos' own."""
    beam: int = 2
    """Hypotheses that a neural model follows at a time; more are slower. Argos Translate itself follows 4."""
    libretranslate_url: str | None = None
    """Address of a LibreTranslate server, which texts are sent to; its key is `LIBRETRANSLATE_API_KEY` of the environment."""
    engine_timeout: float = 120.0
    """Seconds without an answer after which an attempt is given up; what was not answered is tried again in parts, in less time."""
    cache: bool = True
    """Translations are kept in the user's cache folder, and not asked for again."""
    ceiling: bool = False
    """Originals are translated out and home, too, to tell how much of a low fidelity is the engine's."""
    select: tuple[str, ...] = ()
    """Rules to run, by name, code or beginning of a code; all if empty."""
    ignore: tuple[str, ...] = ()
    """Rules not to run."""
    packs: tuple[Path, ...] = ()
    """Packs of patterns of your own, TOML files (see packs.md); given with `--pack`, they replace those of a file."""
    metrics: tuple[str, ...] = ("chrf", "chrf-pp", "ter")
    """Metrics to compute. `chrf-pp` always is, since fidelity rests on it. `ter` takes thirty times as long as the rest: `score`
    computes it only if it is named. `bleu` is a figure of a whole file, which `score` tells in its summary."""
    scorer: str = "lexical"
    """What fidelity is made of before facts: `lexical`, words, order and form, which needs nothing; `semantic`, a model, too."""
    semantic_model: Path | str | None = None
    """Sentence encoder of the scorer `semantic`: a folder, an installed package that holds one, or a name (see the README)."""
    verdicts: Path | None = None
    """What reviewers said of findings, as the review page exports it: what they judged false no longer counts, neither for the
    gate nor in its sentence's score and severity; what they left (`wontfix`) is true, and lowers the score as before."""
    exclude: tuple[str, ...] = ()
    """Files to leave out: patterns for the path below the corpus, such as `drafts/*`."""
    original_column: str | None = None
    """Column of a table that holds the original; found by its usual names if not given."""
    version_column: str | None = None
    """Column of a table that holds the version or its back-translation."""
    version_lang: str | None = None
    """Language of the versions of a table that is scored, ISO 639-1; if not given, each row's own words say it."""
    stdin_name: str | None = None
    """Name of what is read from stdin (`-`): its suffix tells the format."""
    max_bytes: int = 50_000_000
    """Largest file that is read as one document."""
    max_line: int = 1_000_000
    """Longest line of a document, in characters."""
    jobs: int = 0
    """Processes that search documents or score files; 0: one for each core, if there is enough for them to do."""
    gate: Gate = field(default_factory=Gate)
    overrides: tuple[Override, ...] = ()
    """Tables `[[override]]`: severities, and findings that are expected."""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Setting to the file or flag it came from."""

    def rules(self) -> list[str]:
        """Names of the rules to run, in the order of their codes."""
        chosen, left_out = named(self.select) if self.select else list(rules()), named(self.ignore)
        return [name for name in chosen if name not in left_out]


_PARTS: Mapping[type, tuple[str, ...]] = {Config: ("gate", "override"), Gate: ("limit",)}
"""Settings that are tables."""


def load(start: Path, flags: Mapping[str, Any], *, file: Path | None = None, source: str = "command line") -> Config:
    """The settings for an input at `start`: defaults, then the nearest file above it (or `file`), then flags that are given.

    `source` is what messages call the flags. Raises `ConfigError` for what is unknown, of another type or out of range.
    """
    path = file or nearest(start)
    config = _merge(Config(), _settings(path), str(path), path.parent) if path else Config()
    return changed(config, flags, source)


def changed(config: Config, flags: Mapping[str, Any], source: str) -> Config:
    """The settings with the flags that are given, checked; raises as `load` does."""
    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    config = _merge(config, given, source, None)
    _check(config)
    return config


def recorded(policy: Mapping[str, Any], source: str, base: Path) -> Gate:
    """The gate that `Gate.record` wrote; raises `ConfigError` for what is none."""
    return replace(Gate(), **_gate(policy, source, base))


def nearest(start: Path) -> Path | None:
    """The settings file at `start` or in the nearest folder above it."""
    start = start.absolute()
    for folder in (start, *start.parents):
        own, project = folder / "checker.toml", folder / "pyproject.toml"
        if own.is_file():
            return own
        if project.is_file() and "checker" in _toml(project).get("tool", {}):
            return project
    return None


def _settings(path: Path) -> dict[str, Any]:
    content = _toml(path)
    settings: dict[str, Any] = content.get("tool", {}).get("checker", {}) if path.name == "pyproject.toml" else content
    return settings


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot be read as TOML: {error}", where=str(path)) from error


def _merge(config: Config, settings: Mapping[str, Any], source: str, base: Path | None) -> Config:
    sources: dict[str, str] = dict(config.sources)
    values: dict[str, Any] = {}
    for name, value in settings.items():
        if name == "gate" and not isinstance(value, Mapping):
            raise ConfigError(f"setting {name!r} is {value!r}, expected a table", where=source)
        if name == "override":
            rows = _tables("override", value, source)
            values["overrides"] = tuple(_override(row, f"{source}, override {n}") for n, row in enumerate(rows, 1))
            sources["overrides"] = source
        elif name == "gate":
            values["gate"] = replace(config.gate, **_gate(value, source, base))
            sources |= {f"gate.{'limits' if key == 'limit' else key}": source for key in value}
        else:
            values[name] = _cast(Config, name, value, source, base)
            sources[name] = source
    return replace(config, **values, sources=sources)


def _cast(kind: type, name: str, value: Any, source: str, base: Path | None) -> Any:
    """The value in the type that the field declares; raises `ConfigError` for an unknown name or a wrong type."""
    types = {item.name: item.type for item in fields(kind) if item.name not in ("sources", "gate", "overrides", "limits")}
    if name not in types:
        near = difflib.get_close_matches(name, [*types, *_PARTS.get(kind, ())], n=1)
        raise ConfigError(f"unknown setting {name!r}", where=source, remedy=f"did you mean {near[0]!r}?" if near else None)
    expected, cast = _CASTS[types[name]]
    try:
        return cast(value, base)
    except TypeError as error:
        raise ConfigError(f"setting {name!r} is {value!r}, expected {expected}", where=source) from error


def _tables(name: str, value: Any, source: str) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ConfigError(f"{name!r} is {value!r}, expected tables", where=source, remedy=f"each begins with [[{name}]]")
    return value


def _gate(settings: Mapping[str, Any], source: str, base: Path | None) -> dict[str, Any]:
    rows = _tables("gate.limit", settings.get("limit", []), source)
    limits = tuple(_limit(row, f"{source}, limit {n}") for n, row in enumerate(rows, 1))
    values = {key: _cast(Gate, key, item, source, base) for key, item in settings.items() if key != "limit"}
    return values | ({"limits": limits} if "limit" in settings else {})


def _limit(row: Mapping[str, Any], where: str) -> Limit:
    """A limit of the settings; raises `ConfigError` for what is unknown, missing or has no meaning together."""
    one = Limit(**_conditions(Limit, row, where))
    if not one.given():
        raise ConfigError("says no threshold", where=where, remedy="such as max_findings = 0")
    of_findings = {"max_findings", "max_per_1000_words"}
    if (one.rule or one.severity) and (other := [name for name in one.given() if name not in of_findings]):
        raise ConfigError(f"{other[0]} is not of findings, which alone have a rule and a severity", where=where)
    for severity in one.severity:
        _one_of("severity", severity, SEVERITIES, where)
    _in_range(one, lambda name: f"{where}, {name}")
    return one


def _override(row: Mapping[str, Any], where: str) -> Override:
    """An override of the settings; raises `ConfigError` for what is unknown, missing or said twice."""
    one = Override(**_conditions(Override, row, where))
    if one.severity is None and one.suppress is None:
        raise ConfigError("says neither severity nor suppress", where=where, remedy='write severity = "info", or suppress = true')
    if one.severity is not None and one.suppress is not None:
        raise ConfigError(
            "says severity and suppress", where=where, remedy="write two overrides: of those that fit, the last counts"
        )
    if one.suppress and not (one.reason or "").strip():
        raise ConfigError("suppresses without a reason", where=where, remedy='write reason = "…": the report keeps it')
    if not (one.rule or one.path or one.lang or one.fingerprint):
        raise ConfigError("fits everything", where=where, remedy="name a rule, path, lang or fingerprint")
    if one.severity is not None:
        _one_of("severity", one.severity, SEVERITIES, where)
    return one


def _conditions(kind: type, row: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The values of a table that says what it fits: a string stands for a list of one, its language and rules exist."""
    listed = {field.name for field in fields(kind) if field.type == tuple[str, ...]}
    given = {key: [value] if key in listed and isinstance(value, str) else value for key, value in row.items()}
    values = {key: _cast(kind, key, value, where, None) for key, value in given.items()}
    lang = values.get("lang")
    if lang is not None and lang not in (*packs.codes(), "und"):
        raise ConfigError(f"lang is {lang!r}, expected an ISO 639-1 code", where=where, remedy="such as en or zh")
    _rules_exist(values.get("rule", ()), where)
    return values


def _in_range(thresholds: Thresholds, where: Callable[[str], str | None]) -> None:
    for name, bound in thresholds.given().items():
        most = _RANGES.get(name, inf)
        if not 0 <= bound <= most:
            expected = "0 or more" if most == inf else f"0 to {most:g}"
            raise ConfigError(f"setting 'gate.{name}' is {bound:g}, expected {expected}", where=where(name))


def _path(value: Any, base: Path | None) -> Path:
    return (base or Path()) / Path(value)


def _path_or_name(value: Any, base: Path | None) -> Path | str:
    """A folder that is there, else a name."""
    path = _path(_string(value, None) if not isinstance(value, Path) else value, base)
    return path if path.is_dir() else str(value)


def _paths(value: Any, base: Path | None) -> tuple[Path, ...]:
    if isinstance(value, str):
        raise TypeError
    return tuple(_path(entry, base) for entry in value)


def _strings(value: Any, _: Path | None) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError
    return tuple(_string(entry, None) for entry in value)


def _flag(value: Any, _: Path | None) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _string(value: Any, _: Path | None) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any, _: Path | None) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return float(value)


def _whole(value: Any, _: Path | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


_CASTS: Mapping[Any, tuple[str, Callable[[Any, Path | None], Any]]] = {
    Path: ("a path", _path),
    Path | None: ("a path", _path),
    Path | str | None: ("a folder or a name", _path_or_name),
    tuple[Path, ...]: ("a list of paths", _paths),
    tuple[str, ...]: ("a list of strings", _strings),
    str: ("a string", _string),
    str | None: ("a string", _string),
    float: ("a number", _number),
    float | None: ("a number", _number),
    int: ("a whole number", _whole),
    int | None: ("a whole number", _whole),
    bool: ("true or false", _flag),
    bool | None: ("true or false", _flag),
}
"""Type of a field to what a user would call it, and the function that casts to it or raises `TypeError`."""


def _check(config: Config) -> None:
    _one_of("engine", config.engine, ENGINES)
    _one_of("scorer", config.scorer, SCORERS)
    if config.scorer == "semantic" and config.semantic_model is None:
        raise ConfigError(
            "the scorer `semantic` needs a model", remedy="semantic_model, or --semantic-model, names one: see the README"
        )
    for metric in config.metrics:
        _one_of("metrics", metric, METRICS)
    for name, (least, most) in _BOUNDS.items():
        value = getattr(config, name)
        if not least <= value <= most:
            expected = f"{least} or more" if most == inf else f"{least} to {most}"
            raise ConfigError(f"setting {name!r} is {value:g}, expected {expected}", where=config.sources.get(name))
    if config.libretranslate_url and "@" in config.libretranslate_url:
        raise ConfigError(
            "setting 'libretranslate_url' holds a name or password, which would be written into reports",
            where=config.sources.get("libretranslate_url"),
            remedy="the key is LIBRETRANSLATE_API_KEY of the environment",
        )
    _one_of("gate.fail_on", config.gate.fail_on, (*SEVERITIES, "never"))
    _in_range(config.gate, lambda name: config.sources.get(f"gate.{name}"))
    _rules_exist((*config.select, *config.ignore), None)


def _rules_exist(patterns: tuple[str, ...], where: str | None) -> None:
    for pattern in patterns:
        if not named([pattern]):
            near = difflib.get_close_matches(pattern, list(rules()), n=1)
            remedy = f"did you mean {near[0]!r}?" if near else "see `checker rules`"
            raise ConfigError(f"no rule is called {pattern!r}", where=where, remedy=remedy)


def _one_of(name: str, value: str, allowed: tuple[str, ...], where: str | None = None) -> None:
    if value not in allowed:
        raise ConfigError(f"setting {name!r} is {value!r}, expected one of {', '.join(allowed)}", where=where)
