"""The command `pairs`: the pairs of localisation files as a table, to be scored or looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TextIO

import polars as pl
import typer

from checker.errors import ConfigError, InputError, NothingToCheck
from checker.flags import ConfigFile, Exclude, OriginalLang, Paths, StdinName, check_not_input, settings_of
from checker.terminal import err, many

_WRITTEN = (".jsonl", ".ndjson", ".csv", ".tsv")


def pairs(
    paths: Paths,
    config: ConfigFile = None,
    original_lang: OriginalLang = None,
    exclude: Exclude = None,
    stdin_name: StdinName = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="File to write: .jsonl, .csv or .tsv; else JSONL to stdout.")
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Units too that are not to be judged (untranslated, fuzzy …); `aside` says why.")
    ] = False,
) -> None:
    """Write the pairs of TMX, XLIFF, PO and other files as a table: `checker score` reads it.

    A TMX or XLIFF may be of any size: some units at a time are in memory. The columns are original, version, lang, unit, aside,
    line and file. A file in a folder that is broken is skipped with its reason; if nothing else is there, the exit code is 2.
    """
    from checker import languages, report
    from checker.pairs import SCHEMA, batches

    suffix = out_file.suffix.lower() if out_file else ".jsonl"
    if suffix not in _WRITTEN:
        raise ConfigError(f"--out is of no known suffix: {out_file}", remedy=f"these are written: {' '.join(_WRITTEN)}")
    lang = languages.parse(original_lang) if original_lang else None
    flags = {"paths": paths, "exclude": exclude, "original_lang": lang, "stdin_name": stdin_name}
    settings = settings_of(paths, config, flags, None)
    check_not_input(paths, out_file)
    report.check_writable(out_file)
    counts = {"written": 0, "aside": 0}
    skipped: list[str] = []

    def write(file: TextIO) -> None:
        file.write(_head(suffix, SCHEMA.names()))
        for batch in batches(settings, skipped.append):
            kept = batch if everything else batch.filter(pl.col("aside").is_null())
            counts["written"] += kept.height
            counts["aside"] += batch.height - kept.height
            file.write(_BODY[suffix](kept))
        if skipped and not (counts["written"] or counts["aside"]):
            raise InputError(f"no file could be read ({'; '.join(skipped[:3])})")
        if not counts["written"]:
            raise NothingToCheck("no pair in the input", remedy="--all writes those too that are not to be judged")

    report.write_parts(write, out_file)
    for told in skipped:
        err.print(f"skipped: {told}", markup=False)
    left = f"; {many(counts['aside'], 'unit')} left aside (--all writes them)" if counts["aside"] else ""
    err.print(f"{many(counts['written'], 'pair')}{left}", markup=False)


def _head(suffix: str, names: list[str]) -> str:
    return "" if suffix in (".jsonl", ".ndjson") else ("," if suffix == ".csv" else "\t").join(names) + "\n"


_BODY: dict[str, Callable[[pl.DataFrame], str]] = {
    ".jsonl": lambda frame: frame.write_ndjson(),
    ".ndjson": lambda frame: frame.write_ndjson(),
    ".csv": lambda frame: frame.write_csv(include_header=False),
    ".tsv": lambda frame: frame.write_csv(include_header=False, separator="\t"),
}
