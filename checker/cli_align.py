"""The command `align`."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from checker import languages
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
    check_not_input,
    settings_of,
    show_settings,
)
from checker.terminal import err, many, plain, progress

FORMATS = ("tsv", "csv", "jsonl", "parquet", "tmx")


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
            help="With --lines: a translation of the version into the original's language, line by line, instead of an engine's. "
            "Repeatable."
        ),
    ] = None,
    original_translation: Annotated[
        list[Path] | None,
        typer.Option(help="With --lines: the same of the original, into the version's language; either or both. Repeatable."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="With --lines: language of the version. By default it is told from the file.")
    ] = None,
    min_similarity: Annotated[
        float, typer.Option(min=0, max=1, help="Leave out pairs that are less alike; below .3 they are rarely right.")
    ] = 0,
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
    common, 0 to 1. Only `tmx` leaves out what has no partner. docs/tables.md describes the columns (bitext). The exit code is 1 if
    nothing renders anything, or a sentence has no translation.
    """
    from checker import bitext, report

    chosen = _format(output_format, out_file)
    given = [*(translation or ()), *(original_translation or ())]
    if (given or source) and not by_lines:
        raise ConfigError("translations and --from go with --lines", remedy="the languages of pages are told from them")
    check_not_input([version, original, *given], out_file)
    flags: dict[str, Any] = {"paths": (version,), "originals": original, "engine": engine, "memory": memory, "packs": pack}
    flags |= {"libretranslate_url": server, "packages": packages, "beam": beam, "cache": cache}
    settings = settings_of([version], config, flags, None)
    if show:
        return show_settings(settings)
    report.check_writable(out_file)
    with progress() as told:
        known = languages.parse(source) if source else None
        lists = partial(
            bitext.sentence_lists,
            translations=translation or (),
            original_translations=original_translation or (),
            source=known,
        )
        pairs = (lists if by_lines else bitext.documents)(settings, progress=told)
    kept = pairs.filter(pl.col("similarity").fill_null(1) >= min_similarity)
    rows = bitext.by_passage(kept) if passages else kept
    _write(rows, chosen, out_file)
    _told(rows, pairs)
    if _whole(kept).is_empty() or pairs.filter(pl.col("alignment").is_null()).height:
        raise typer.Exit(1)
    return None


def _format(asked: str | None, out_file: Path | None) -> str:
    chosen = asked or (out_file.suffix.lower().removeprefix(".") if out_file else "tsv")
    if chosen not in FORMATS:
        given = f"--format is {chosen!r}" if asked else f"--out {out_file} does not tell the format"
        raise ConfigError(f"{given}, expected {', '.join(FORMATS)}")
    if chosen == "parquet" and (out_file is None or out_file.suffix.lower() != ".parquet"):
        raise ConfigError("parquet is written to a file", remedy="name one with --out, FILE.parquet")
    return chosen


def _write(pairs: pl.DataFrame, chosen: str, out_file: Path | None) -> None:
    from checker import report
    from checker.formats import tmx
    from checker.memory import tab_separated
    from checker.writers.csv import guarded

    if chosen == "parquet":
        return report.write_table(pairs, out_file)
    segtype = "paragraph" if (pairs["alignment"] == "passage").any() else "sentence"
    if chosen == "csv":
        return report.write_text(guarded(pairs).write_csv(), out_file)
    if chosen == "jsonl":
        return report.write_text(pairs.write_ndjson(), out_file)
    return report.write_text(tab_separated(pairs) if chosen == "tsv" else tmx.written(_whole(pairs), segtype), out_file)


def _whole(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter(pl.col("n").is_not_null(), pl.col("original_n").is_not_null())


def _told(rows: pl.DataFrame, pairs: pl.DataFrame) -> None:
    """Says on stderr how many rows of which kind there are, how much they render, and why what has no partner has none."""
    from checker.bitext import shares
    from checker.pair import DERIVES

    whole = _whole(rows)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(whole["alignment"]).most_common())
    crossing = int(whole["crossing"].sum())
    parts = [many(whole.height, "pair") + (f" ({kinds})" if kinds else "")]
    parts += [f"{crossing:,} of them crossing"] if crossing else []
    parts += [many(rows.filter(pl.col("alignment") == kind).height, kind) for kind in ("omission", "addition")]
    err.print(", ".join(parts), markup=False)
    share, original_share = shares(pairs)
    err.print(f"  they render {100 * share:.0f} % of the version and {100 * original_share:.0f} % of the original", markup=False)
    for reason, count in sorted(Counter(pairs["reason"].drop_nulls()).items()):
        err.print(f"  {count:,} without partner: {plain(reason)}", markup=False)
    if unread := pairs.filter(pl.col("alignment").is_null()).height:
        err.print(f"  warning: {many(unread, 'sentence')} could not be read; what seems left out may stand there", markup=False)
    if rows.height == 1 < pairs.height:
        err.print("  warning: all is one passage; in lists, blank lines set paragraphs apart", markup=False)
    if max(share, original_share) + min(share, original_share) / 2 < DERIVES:
        err.print("  warning: so little says that neither derives from the other; see --min-similarity", markup=False)
