"""The command `align`."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from checker.errors import ConfigError
from checker.flags import (
    Beam,
    Cache,
    ConfigFile,
    EngineName,
    Memory,
    Models,
    Packs,
    Server,
    ShowSettings,
    settings_of,
    show_settings,
)
from checker.terminal import err, many, plain, progress

FORMATS = ("tsv", "jsonl", "parquet", "tmx")


def align(
    version: Annotated[Path, typer.Argument(help="The version: a page, or with --lines a list of sentences.", show_default=False)],
    original: Annotated[Path, typer.Argument(help="Its original.", show_default=False)],
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write; else stdout.")] = None,
    output_format: Annotated[
        str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}. [default: by the suffix of --out, else tsv]")
    ] = None,
    translation: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --lines: the version's translation, line by line, instead of an engine's. Repeatable: more may only help."
        ),
    ] = None,
    engine: EngineName = None,
    memory: Memory = None,
    server: Server = None,
    packages: Models = None,
    beam: Beam = None,
    pack: Packs = None,
    config: ConfigFile = None,
    *,
    by_lines: Annotated[bool, typer.Option("--lines", help="Each line is a sentence; nothing is split, nothing left out.")] = False,
    passages: Annotated[bool, typer.Option("--passages", help="Paragraphs beside paragraphs, instead of sentences.")] = False,
    cache: Cache = None,
    show: ShowSettings = False,
) -> None:
    """Align two documents: which sentences render each other, in how many to how many; what was omitted, added or moved.

    Documents in two languages meet in English: what is not, is translated first. `similarity` is the weighted share of words in
    common, 0 to 1. Only `tmx` leaves out what has no partner.

    Examples: `checker align page.fr.txt page.en.txt --format jsonl`, `checker align a.txt b.txt --lines --out pairs.tmx`.
    """
    from checker import bitext, report

    chosen = _format(output_format, out_file)
    if translation and not by_lines:
        raise ConfigError("--translation goes with --lines: each line of it translates a line")
    flags: dict[str, Any] = {"paths": (version,), "originals": original, "engine": engine, "memory": memory, "packs": pack}
    flags |= {"libretranslate_url": server, "packages": packages, "beam": beam, "cache": cache}
    settings = settings_of([version], config, flags, None)
    if show:
        return show_settings(settings)
    report.check_writable(out_file)
    with progress() as told:
        pairs = bitext.sentence_lists(settings, translation or (), told) if by_lines else bitext.documents(settings, told)
    _write(bitext.by_passage(pairs) if passages else pairs, chosen, out_file)
    return _told(pairs)


def _format(asked: str | None, out_file: Path | None) -> str:
    chosen = asked or (out_file.suffix.lower().removeprefix(".") if out_file else "tsv")
    if chosen not in FORMATS:
        raise ConfigError(f"--format is {chosen!r}, expected {', '.join(FORMATS)}")
    if chosen == "parquet" and (out_file is None or out_file.suffix.lower() != ".parquet"):
        raise ConfigError("parquet is written to a file", remedy="name one with --out, FILE.parquet")
    return chosen


def _write(pairs: pl.DataFrame, chosen: str, out_file: Path | None) -> None:
    from checker import report
    from checker.formats import tmx
    from checker.memory import tab_separated

    if chosen == "parquet":
        return report.write_table(pairs, out_file)
    segtype = "paragraph" if (pairs["alignment"] == "passage").any() else "sentence"
    if chosen == "jsonl":
        return report.write_text(pairs.write_ndjson(), out_file)
    return report.write_text(tab_separated(pairs) if chosen == "tsv" else tmx.written(_whole(pairs), segtype), out_file)


def _whole(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter(pl.col("n").is_not_null(), pl.col("original_n").is_not_null())


def _told(pairs: pl.DataFrame) -> None:
    """Says on stderr how many pairs of which kind there are, and why what has no partner has none."""
    whole = _whole(pairs)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(whole["alignment"]).most_common())
    crossing = int(whole["crossing"].sum())
    parts = [many(whole.height, "pair") + (f" ({kinds})" if kinds else "")]
    parts += [f"{crossing:,} of them crossing"] if crossing else []
    parts += [many(pairs.filter(pl.col("alignment") == kind).height, kind) for kind in ("omission", "addition")]
    err.print(", ".join(parts), markup=False)
    for reason, count in sorted(Counter(pairs["reason"].drop_nulls()).items()):
        err.print(f"  {count:,} without partner: {plain(reason)}", markup=False)
