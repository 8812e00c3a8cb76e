"""The commands `translate` and `cache`."""

import difflib
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from checker import languages
from checker.config import Config
from checker.errors import ConfigError, EngineError
from checker.flags import (
    Beam,
    Cache,
    ConfigFile,
    EngineName,
    Exclude,
    ExitZero,
    Memory,
    Models,
    Server,
    ShowSettings,
    check_not_input,
    settings_of,
    show_settings,
)
from checker.progress import Progress
from checker.terminal import err, many, out, plain, progress, short

FORMATS = ("text", "tsv", "jsonl")

# Kinds of reasons, and places of each, that are told at the end.
_KINDS, _PLACES = 5, 3


def translate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Text files, a line a text, or folders of pages; without any, or for `-`, stdin.", show_default=False),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Language of the lines, such as fr. By default each line's is told from it.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", help="Language to translate into. [default: that of the originals, en]")
    ] = None,
    engine: EngineName = None,
    memory: Memory = None,
    server: Server = None,
    packages: Models = None,
    beam: Beam = None,
    output_format: Annotated[
        str,
        typer.Option(
            help="`text` (a line for each line, empty where there is no translation), `tsv` or `jsonl`, with the reasons."
        ),
    ] = "text",
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write; else stdout.")] = None,
    record: Annotated[
        Path | None,
        typer.Option(help="Translation memory (.parquet or .tsv) to add the translations to, for the engine `recorded`."),
    ] = None,
    missing: Annotated[
        Path | None,
        typer.Option(
            help="Translation memory (.tsv or .parquet) to write the texts to that have no translation, to be filled in by others; "
            "nothing goes to stdout. Without any engine, all."
        ),
    ] = None,
    config: ConfigFile = None,
    exclude: Exclude = None,
    *,
    cache: Cache = None,
    exit_zero: ExitZero = False,
    show: ShowSettings = False,
) -> None:
    """Translate lines of text, or the segments of pages that are in another language.

    As many lines come out as go in. What cannot be translated, or what no guard trusts (a loop, a copy, a half), is an empty line,
    and the exit code is 1; `--output-format tsv` and `jsonl` say why. Only the engine `libretranslate` touches the network.

    With `--missing FILE` what has no translation goes to a file instead, whose column `translation` is to be filled in; it is then
    the `--memory` of an audit.
    """
    if output_format not in FORMATS:
        raise ConfigError(f"--output-format is {output_format!r}, expected {', '.join(FORMATS)}")
    given = [path for path in paths or [] if str(path) != "-"]
    flags: dict[str, Any] = {
        "paths": tuple(given),
        "exclude": exclude,
        "engine": engine,
        "memory": memory,
        "libretranslate_url": server,
    }
    flags |= {"packages": packages, "beam": beam, "cache": cache, "original_lang": languages.parse(target) if target else None}
    settings = settings_of(given or [Path()], config, flags, None)
    if show:
        return show_settings(settings)
    for path in (out_file, record, missing):
        _check_file(given, path, memory=path is not out_file)
    try:
        answers = _translated(
            given, settings, languages.parse(source) if source else None, record, none_is_fine=missing is not None
        )
    except KeyboardInterrupt:
        kept = "what was translated is kept: run it again to go on" if settings.cache else "nothing was kept (--no-cache)"
        err.print(f"interrupted; {kept}", markup=False)
        raise typer.Exit(130) from None
    if missing is None or out_file is not None:
        _write(answers, output_format, out_file)
    if missing is not None:
        _asked_of_others(answers, missing, settings.original_lang)
    if _told(answers, record) and missing is None and not exit_zero:
        raise typer.Exit(1)
    return None


def _asked_of_others(answers: pl.DataFrame, path: Path, target: str) -> None:
    """Writes what has no translation, and says what to do with it."""
    from checker import memory

    count = memory.add_missing(path, answers, target)
    said = plain(str(path))
    err.print(f"{said}: {many(count, 'text')} to fill in the column `translation` of; then --memory {said}", markup=False)


def _check_file(given: list[Path], path: Path | None, *, memory: bool) -> None:
    """Raises what would else be found out when all is translated."""
    if path is None:
        return
    check_not_input(given, path)
    from checker import memory as memories
    from checker import report

    report.check_writable(path)
    if memory:
        memories.read(path)


def _translated(
    paths: list[Path], settings: Config, source: str | None, record: Path | None, *, none_is_fine: bool
) -> pl.DataFrame:
    """The texts with what the engines made of them; where no engine is fine, an engine `recorded` without a memory is none."""
    from checker.translate import load_engines, translated

    with progress() as told:
        rows = _texts(paths, settings, source, told)
        nobody = none_is_fine and settings.engine == "recorded" and settings.memory is None
        engines = [] if nobody else load_engines(settings)
        if not engines and not none_is_fine:
            raise EngineError("no engine can be had", remedy="`checker models install fr-en` installs one; or name a --memory")
        made = translated(rows.drop_nulls("source"), engines, settings.original_lang, told)
        if record is not None:
            from checker import memory

            memory.add(record, made, settings.original_lang)
    return rows.join(made, on=["source", "text"], how="left", maintain_order="left")


def _texts(paths: list[Path], settings: Config, source: str | None, told: Progress) -> pl.DataFrame:
    """place, source and text of each line or segment, in order; source is null where nothing is to be translated."""
    if any(path.is_dir() for path in paths):
        from checker import pipeline

        if source is not None:
            raise ConfigError("--from is for lines of text; the languages of pages are told from them", remedy="leave it out")
        return pipeline.foreign_texts(settings, told)
    from checker import texts

    return texts.lines(paths, source, settings.original_lang)


def _write(answers: pl.DataFrame, output_format: str, out_file: Path | None) -> None:
    from checker.memory import tab_separated
    from checker.report import write_text

    rows = answers.select("source", "text", "back", "engine", "back_reason", "back_score", "unknown")
    if output_format == "jsonl":
        return write_text(rows.write_ndjson(), out_file)
    if output_format == "tsv":
        return write_text(tab_separated(rows), out_file)
    lines = rows.select(pl.coalesce("back", pl.when(pl.col("source").is_null()).then("text"), pl.lit(""))).to_series()
    return write_text("".join(f"{line}\n" for line in lines), out_file)


def _told(answers: pl.DataFrame, record: Path | None) -> int:
    """Says on stderr what was translated by whom, and what was not, and why; returns how many were not."""
    asked = answers.filter(pl.col("source").is_not_null())
    missing = asked.filter(pl.col("back").is_null())
    counts = asked.group_by("source").len().sort("len", "source", descending=[True, False]).iter_rows()
    languages_told = ", ".join(f"{count:,} in {languages.name(code)}" for code, count in counts)
    aside = answers.height - asked.height
    rest = f"; {aside:,} left as they are: nothing to translate" if aside else ""
    err.print(f"{many(asked.height, 'text')}: {languages_told}{rest}", markup=False)
    for engine, count in Counter(asked["engine"].drop_nulls()).most_common():
        err.print(f"  {count:,} by {plain(engine)}", markup=False)
    if missing.height:
        err.print(f"  {missing.height:,} without translation:", markup=False)
    places = defaultdict(list)
    for place, reason in missing.select("place", "back_reason").iter_rows():
        places[_kind(reason)].append((place, reason))
    ordered = sorted(places.items(), key=lambda kind: (-len(kind[1]), kind[0]))
    for _, found in ordered[:_KINDS]:
        where = ", ".join(plain(place) for place, _ in found[:_PLACES]) + (", …" if len(found) > _PLACES else "")
        err.print(f"    {len(found):,} such as {short(found[0][1], 160)!r} ({where})", markup=False)
    if len(ordered) > _KINDS:
        err.print(f"    and {many(len(ordered) - _KINDS, 'other kind')} of reasons: --output-format tsv tells all", markup=False)
    if record is not None:
        err.print(f"  recorded in {plain(str(record))}", markup=False)
    return missing.height


def _kind(reason: str) -> str:
    """A reason without what it says of one text alone."""
    return re.sub(r'"[^"]*"|\S*\d\S*|(?<=lost )\S+', "…", reason)


cache_app = typer.Typer(
    help="The translations that are kept in the user's cache folder ($CHECKER_CACHE, else $XDG_CACHE_HOME/checker).",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@cache_app.command()
def stats() -> None:
    """How many translations of which engine are kept, and where."""
    from checker import store

    kept = store.default()
    rows = kept.stats()
    out.print(plain(str(kept.path)))
    for _, signature, count, size in rows.iter_rows():
        out.print(f"  {count:>9,}  {size / 1e6:8.1f} MB  {short(signature, 100)}")
    out.print(f"  {many(int(rows['translations'].sum()), 'translation')}")


@cache_app.command()
def clear(
    engine: Annotated[str | None, typer.Option(help="Only what this engine made, such as libretranslate.")] = None,
) -> None:
    """Forget translations: those of one engine, or all."""
    from checker import store

    kept = store.default()
    names = kept.stats()["name"].unique().sort().to_list()
    if engine is not None and engine not in names:
        near = difflib.get_close_matches(engine, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"kept are those of {', '.join(names) or 'none'}"
        raise ConfigError(f"nothing is kept of an engine {engine!r}", remedy=remedy)
    out.print(f"{many(kept.clear(engine), 'translation')} forgotten")
