"""The commands `translate` and `cache`."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from checker import languages
from checker.config import Config
from checker.errors import ConfigError, EngineError
from checker.flags import ConfigFile, EngineName, Exclude, Memory, Server, settings_of
from checker.progress import Progress
from checker.terminal import err, many, out, plain, progress

FORMATS = ("text", "tsv", "jsonl")


def translate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Text files, a line a text, or folders of pages; without any, stdin.", show_default=False),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Language of the lines, such as fr. By default it is told from them.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", help="Language to translate into. [default: that of the originals, en]")
    ] = None,
    engine: EngineName = None,
    memory: Memory = None,
    server: Server = None,
    beam: Annotated[int | None, typer.Option(help="Hypotheses that a neural model follows; more are slower. [default: 2]")] = None,
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
    config: ConfigFile = None,
    exclude: Exclude = None,
    *,
    cache: Annotated[
        bool | None, typer.Option("--cache/--no-cache", help="Keep translations in the user's cache folder, and look there first.")
    ] = None,
) -> None:
    """Translate lines of text, or the segments of pages that are in another language.

    As many lines come out as go in. What cannot be translated, or what no guard trusts (a loop, a copy, a half), is an empty line;
    `--output-format tsv` and `jsonl` say why. Nothing touches the network but the engine `libretranslate`.

    Examples: `checker translate --from fr < page.fr.txt`, `checker translate corpora/demo/versions --record memory.parquet`.
    """
    if output_format not in FORMATS:
        raise ConfigError(f"--output-format is {output_format!r}, expected {', '.join(FORMATS)}")
    given = [path for path in paths or [] if str(path) != "-"]
    flags = {
        "engine": engine,
        "memory": memory,
        "libretranslate_url": server,
        "beam": beam,
        "cache": cache,
        "original_lang": languages.normalise(target) if target else None,
        "exclude": exclude,
    }
    settings = settings_of(given or [Path()], config, {"paths": tuple(given), **flags}, None)
    from checker.translate import load_engines, translated

    with progress() as told:
        rows = _texts(given, settings, source, told)
        engines = load_engines(settings)
        if not engines:
            raise EngineError("no engine can be had", remedy="`checker models install fr-en` installs one; or name a --memory")
        made = translated(rows.drop_nulls("source"), engines, settings.original_lang, told)
        answers = rows.join(made, on=["source", "text"], how="left", maintain_order="left")
        if record is not None:
            from checker import memory as memories

            memories.add(record, made, settings.original_lang)
    _write(answers, output_format, out_file)
    _told(answers, record)


def _texts(paths: list[Path], settings: Config, source: str | None, told: Progress) -> pl.DataFrame:
    """source and text of each line or segment, in order; source is null where nothing is to be translated."""
    from checker import texts

    if any(path.is_dir() for path in paths):
        from checker import pipeline

        if source is not None:
            raise ConfigError("--from is for lines of text; the languages of pages are told from them", remedy="leave it out")
        return pipeline.foreign_texts(settings, told)
    return texts.lines(paths, languages.normalise(source) if source else None, settings.original_lang)


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


def _told(answers: pl.DataFrame, record: Path | None) -> None:
    """What is said on stderr at the end."""
    asked = answers.filter(pl.col("source").is_not_null())
    missing = asked.filter(pl.col("back").is_null())
    distinct = asked.unique(["source", "text"]).height
    said = f"{many(asked.height, 'text')}, {distinct:,} distinct, {missing.height:,} without translation"
    err.print(said + (f"; recorded in {plain(str(record))}" if record else ""), markup=False)
    for reason, count in Counter(missing["back_reason"]).most_common(5):
        err.print(f"  {count:,}: {plain(reason)}", markup=False)


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
    for name, signature, count, size in rows.iter_rows():
        out.print(f"  {count:>9,}  {size / 1e6:8.1f} MB  {plain(name)}: {plain(signature)}")
    out.print(f"  {many(int(rows['translations'].sum()), 'translation')}")


@cache_app.command()
def clear(
    engine: Annotated[str | None, typer.Option(help="Only what this engine made, such as libretranslate.")] = None,
) -> None:
    """Forget translations: those of one engine, or all."""
    from checker import store

    out.print(f"{many(store.default().clear(engine), 'translation')} forgotten")
