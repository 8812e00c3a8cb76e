"""The command `consistency`: what rows of a table, or sentences of a run, render in more than one way."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import typer

from checker.errors import ConfigError
from checker.flags import (
    ConfigFile,
    Exclude,
    ExitZero,
    OriginalColumn,
    OriginalLang,
    StdinName,
    check_not_input,
    settings_of,
)
from checker.terminal import err, many, out, plain, progress, short
from checker.writers.csv import guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Characters of each text that is printed.
_WIDTH = 60

# Characters of a unit's name that are printed: of a catalogue it is the message itself.
_NAME = 30

# Findings that are printed at a time.
_LINES = 10_000

Given = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH…",
        help="Tables of pairs of any size (.csv, .tsv, .jsonl, .parquet, patterns of them), files or folders that `checker pairs` "
        "reads, or folders of runs. `-` is the standard input.",
        show_default=False,
    ),
]


def consistency(
    paths: Given,
    original: OriginalColumn = None,
    version: Annotated[str | None, typer.Option("--version", help="Column that holds the version.")] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", help="Language of the versions, such as de; else the column `lang`, or their own words.")
    ] = None,
    original_lang: OriginalLang = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="What to look for: different-version, same-version, near-duplicate, contradiction. Repeatable. [default: all]"
        ),
    ] = None,
    least: Annotated[str, typer.Option(help="Mildest severity that is told and counts: info, minor or major.")] = "minor",
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="File for the findings: .parquet, .csv, .tsv or .jsonl; else a line each to stdout."),
    ] = None,
    config: ConfigFile = None,
    exclude: Exclude = None,
    stdin_name: StdinName = None,
    jobs: Annotated[int | None, typer.Option(help="Processes. [default: one for each core, if there is enough to do]")] = None,
    *,
    exit_zero: ExitZero = False,
) -> None:
    """Find what is rendered inconsistently across rows or documents: one original in several ways, several in one way.

    The commonest version of an original is what the others are compared with. Nearly the same originals are found by MinHash, and
    told if their versions are unlike or a fact differs in one alone; in a run, so are sentences of two originals that contradict
    each other. Memory is bounded, whatever the size: what is in between lies in a temporary folder (TMPDIR). docs/tables.md
    describes the columns (inconsistencies).
    """
    from checker import languages, report
    from checker.consistency import SEVERITIES, inconsistencies

    kinds = _chosen(kind, least)
    if out_file is not None and out_file.suffix.lower() not in _SINKS:
        raise ConfigError(f"--out is of no known suffix: {out_file}", remedy=f"these are written: {' '.join(_SINKS)}")
    flags: dict[str, Any] = {"original_column": original, "version_column": version, "exclude": exclude, "jobs": jobs}
    flags |= {"version_lang": lang, "stdin_name": stdin_name}
    flags |= {"original_lang": languages.parse(original_lang) if original_lang else None}
    settings = settings_of(paths, config, flags, None)
    check_not_input(paths, out_file)
    report.check_writable(out_file)
    skipped: list[str] = []
    with tempfile.TemporaryDirectory(prefix="checker-", ignore_cleanup_errors=True) as name:
        with progress() as told:  # which ends before anything is printed
            found, count, left = inconsistencies(paths, settings, Path(name), told, kinds=kinds, skipped=skipped.append)
        kept = found.filter(pl.col("severity").is_in(SEVERITIES[SEVERITIES.index(least) :]))
        whole = Path(name, "whole.parquet")
        kept.sink_parquet(whole, row_group_size=_LINES)
        rows = pl.scan_parquet(whole)
        if out_file is not None:
            report.replace(out_file, lambda path: _write(rows, path, out_file.suffix.lower()))
        else:
            _print(rows)
        counts = rows.group_by("kind", "severity").agg(pl.len(), groups=pl.col("group").n_unique()).collect()
    for said in skipped:
        err.print(f"skipped: {plain(said)}", markup=False)
    _tell(counts, count)
    if left:
        err.print(f"{many(left, 'row')} left out: without both texts, or not to be judged", markup=False)
    if counts.height and not exit_zero:
        raise typer.Exit(1)


def _chosen(kind: "Sequence[str] | None", least: str) -> list[str]:
    """The kinds that were asked for; raises `ConfigError` for one that there is not, and for such a severity."""
    from checker.consistency import KINDS, SEVERITIES

    kinds = [part.strip() for value in kind or KINDS for part in value.split(",") if part.strip()]
    if wrong := [name for name in kinds if name not in KINDS]:
        raise ConfigError(f"--kind {wrong[0]} is unknown", remedy=f"these are known: {', '.join(KINDS)}")
    if least not in SEVERITIES:
        raise ConfigError(f"--least is {least!r}, expected one of {', '.join(SEVERITIES)}")
    return kinds


def _write(rows: pl.LazyFrame, path: Path, suffix: str) -> None:
    _SINKS[suffix](rows, path)


_SINKS: dict[str, Any] = {
    ".parquet": lambda rows, path: rows.sink_parquet(path, compression="zstd"),
    ".csv": lambda rows, path: rows.with_columns(guard()).sink_csv(path),
    ".tsv": lambda rows, path: rows.with_columns(guard()).sink_csv(path, separator="\t"),
    ".jsonl": lambda rows, path: rows.sink_ndjson(path),
    ".ndjson": lambda rows, path: rows.sink_ndjson(path),
}


def _print(rows: pl.LazyFrame) -> None:
    for part in _parts(rows):
        for row in part.iter_rows(named=True):
            out.print(_line(row))


def _parts(rows: pl.LazyFrame) -> "Iterator[pl.DataFrame]":
    at = 0
    while (part := rows.slice(at, _LINES).collect()).height:
        yield part
        at += part.height


def _line(row: dict[str, Any]) -> str:
    """place: kind (severity) message: this text; that one, the version that they share, how often and where."""
    side = "original" if row["kind"] in ("same-version", "contradiction") else "version"
    here, other = (short(row[name], _WIDTH) for name in (side, f"other_{side}"))
    place = _place(row, "other_") + _unit(row["other_unit"], " ")
    usual = f"{row['other_count']:,} of {row['of']:,}, first at {place}" if row["of"] > 2 else place
    said = f"{row['kind']} ({row['severity']}) {plain(row['message'])}{_unit(row['unit'], ', in ')}"
    shared = f" → “{short(row['version'], _WIDTH)}”" if row["kind"] == "same-version" else ""
    return f"{_place(row, '')}: {said}: “{here}”; “{other}”{shared} ({usual})"


def _place(row: dict[str, Any], which: str) -> str:
    """file:line, or document #segment of a run; `which` is `other_` or nothing."""
    sign = ":" if row["original_file"] is None else " #"
    return f"{plain(row[f'{which}file'])}{sign}{row[f'{which}line']}"


def _unit(unit: str | None, before: str) -> str:
    """The unit of a localisation file, if it has a name: lines alone tell nothing in a file of one line."""
    return f"{before}{short(unit, _NAME)}" if unit else ""


def _tell(counts: pl.DataFrame, pairs: int) -> None:
    if counts.is_empty():
        err.print(f"no inconsistencies in {many(pairs, 'pair')}", markup=False)
        return
    kinds = counts.group_by("kind").agg(pl.col("len").sum()).sort("len", "kind", descending=[True, False])
    said = ", ".join(f"{count:,} {name}" for name, count in kinds.iter_rows())
    err.print(f"{many(sum(counts['len']), 'inconsistency', 'inconsistencies')} in {many(pairs, 'pair')}: {said}", markup=False)
