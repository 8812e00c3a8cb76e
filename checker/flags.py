"""Flags that several commands share, and the settings that flags and files make together."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from checker.config import ENGINES, SCORERS, Config, load
from checker.errors import ConfigError, InputError
from checker.terminal import out

Paths = Annotated[list[Path], typer.Argument(help="Files, folders and patterns to check; `-` is stdin.", show_default=False)]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; by default the nearest checker.toml or pyproject.toml above the input."),
]
Originals = Annotated[
    Path | None, typer.Option(help="Folder of the English originals; without it any English document may be one.")
]
OriginalLang = Annotated[
    str | None, typer.Option(metavar="LANG", help="Language of the originals: a tag or a name, such as de or German. [default: en]")
]
StdinName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Name of what `-` reads, whose suffix tells the format. [default: stdin.txt]")
]
Select = Annotated[list[str] | None, typer.Option(help="Rules to run: names, codes, or the beginning of a code. Repeatable.")]
Ignore = Annotated[list[str] | None, typer.Option(help="Rules not to run. Repeatable.")]
Exclude = Annotated[
    list[str] | None, typer.Option(help="Files to leave out, as patterns below the corpus, such as 'drafts/*'. Repeatable.")
]
Packs = Annotated[
    list[Path] | None, typer.Option("--pack", help="Pack of patterns of your own, a TOML file (see docs/packs.md). Repeatable.")
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever was found.")]
ShowSettings = Annotated[bool, typer.Option("--show-settings", help="Print every setting and where it comes from, and stop.")]
Metric = Annotated[
    list[str] | None, typer.Option(help="Metric to compute: chrf, chrf-pp, ter. Repeatable; by default all, of which ter is slow.")
]
Scorer = Annotated[
    str | None, typer.Option(help=f"What fidelity is made of before facts: {', '.join(SCORERS)}. [default: lexical]")
]
SemanticModel = Annotated[
    str | None,
    typer.Option("--semantic-model", metavar="NAME|DIR", help="Sentence encoder of the scorer `semantic`: a folder, or a package."),
]
EngineName = Annotated[
    str | None,
    typer.Option("--engine", help=f"Translation engine: {', '.join(ENGINES[:-1])} or {ENGINES[-1]}. [default: auto]"),
]
Memory = Annotated[Path | None, typer.Option(help="Translation memory for the engine `recorded`: Parquet, TMX or TSV.")]
Server = Annotated[
    str | None, typer.Option("--server", help="Address of a LibreTranslate server; texts are sent there.", metavar="URL")
]
Beam = Annotated[int | None, typer.Option(help="Hypotheses that a neural model follows; more are slower. [default: 2]")]
Cache = Annotated[
    bool | None, typer.Option("--cache/--no-cache", help="Keep translations in the user's cache folder, and look there first.")
]
Models = Annotated[
    Path | None, typer.Option("--packages", metavar="DIR", help="Folder of Argos Translate packages. [default: Argos' own]")
]
Verdicts = Annotated[
    Path | None, typer.Option(help="Verdicts that the review page exported: what was judged false no longer counts.")
]
FailOn = Annotated[str | None, typer.Option(help="Mildest severity that fails the gate: info, minor, major, critical or never.")]
OriginalColumn = Annotated[str | None, typer.Option("--original", help="Column that holds the original.")]


def settings_of(paths: list[Path], file: Path | None, flags: dict[str, Any], fail_on: str | None) -> Config:
    if file is not None and not file.is_file():
        raise InputError("no such settings file", where=str(file))
    gate_flags = {"gate": {"fail_on": fail_on}} if fail_on else {}
    given = {name: _listed(name, value) if isinstance(value, list) else value for name, value in flags.items()}
    return load(paths[0], {**given, **gate_flags}, file=file)


def check_not_input(given: Sequence[Path], out_file: Path | None) -> None:
    """Raises `ConfigError` where the file to write is one that is read."""
    if out_file is not None and any(path.exists() and out_file.exists() and path.samefile(out_file) for path in given):
        raise ConfigError("--out is the file that is read", where=str(out_file), remedy="name another")


def _listed(name: str, values: list[Any]) -> tuple[Any, ...]:
    """The values of a repeatable flag; names of rules and metrics may stand together, with commas."""
    if name not in ("select", "ignore", "metrics"):
        return tuple(values)
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def show_settings(settings: Config) -> None:
    _show(_values(settings, settings, ""))


def show_policy(settings: Config) -> None:
    """The gate's settings alone."""
    _show(_values(settings, settings.gate, "gate."))


def _show(values: Iterator[tuple[str, str, str]]) -> None:
    for name, value, source in values:
        out.print(f"{name} = {value}  # {source}")


def _values(settings: Config, part: Any, prefix: str) -> Iterator[tuple[str, str, str]]:
    for field in fields(part):
        value = getattr(part, field.name)
        if is_dataclass(value):
            yield from _values(settings, value, f"{field.name}.")
        elif field.name != "sources":
            shown = [str(entry) for entry in value] if isinstance(value, tuple) else value
            yield (
                prefix + field.name,
                repr(str(shown) if isinstance(shown, Path) else shown),
                settings.sources.get(prefix + field.name, "default"),
            )
