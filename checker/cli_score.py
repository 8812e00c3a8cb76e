"""The command `score`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from checker.flags import ConfigFile, Ignore, OriginalColumn, Select, check_not_input, settings_of
from checker.terminal import err, out, plain, progress

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…",
        help="Tables of sentence pairs: .csv, .tsv, .jsonl or .parquet, of any size; several of one kind, or a pattern such as "
        "'shards/*.parquet', are one table. `-` is the standard input.",
        show_default=False,
    ),
]


def score(
    files: Files,
    original: OriginalColumn = None,
    back: Annotated[str | None, typer.Option("--back", help="Column that holds the English version or back-translation.")] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", help="Language of that column, such as de; else the words of each row say it.")
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="File to write: .csv, .tsv, .jsonl or .parquet; else CSV to stdout.")
    ] = None,
    findings: Annotated[
        Path | None, typer.Option(help="File for the facts that differ, with their places; of any of these suffixes, too.")
    ] = None,
    summary_file: Annotated[
        Path | None, typer.Option("--summary", help="File for the figures of the whole, as JSON, with 95 % intervals.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="Metric to compute: chrf, chrf-pp, ter, or, for the whole alone, bleu. Repeatable. ter takes thirty times as long "
            "as all the rest. [default: chrf, chrf-pp]"
        ),
    ] = None,
    config: ConfigFile = None,
    select: Select = None,
    ignore: Ignore = None,
    jobs: Annotated[int | None, typer.Option(help="Processes. [default: one for each core, if there is enough to do]")] = None,
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run that was killed had got to.")] = False,
) -> None:
    """Score sentence pairs: the rows of tables of any size, in their order, with the score columns added.

    Memory is bounded, whatever the size. The file to write appears when it is whole; until then, what is done lies beside it in
    .NAME.parts, and --resume goes on with that. docs/tables.md describes the findings (pair findings).

    Example: `checker score pairs.parquet --original en --back back --out scored.parquet --findings facts.parquet`.
    """
    from checker import report, stream, summary

    flags: dict[str, Any] = {
        "original_column": original,
        "version_column": back,
        "version_lang": lang,
        "metrics": metric,
        "select": select,
    }
    settings = settings_of(files, config, flags | {"ignore": ignore, "jobs": jobs}, None)
    if "metrics" not in settings.sources:
        settings = replace(settings, metrics=("chrf", "chrf-pp"))
    for file in (out_file, findings, summary_file):
        check_not_input(files, file)
        report.check_writable(file)
    try:
        with progress() as told:
            sums = stream.score_files(files, settings, stream.Outputs(out_file, findings), told, resume=resume)
    except BrokenPipeError:  # typer would end with 1, as a gate that failed
        out.on_broken_pipe()
        raise
    except BaseException:
        if out_file is not None and stream.parts_of(out_file).exists():
            err.print(f"what is done is kept; --resume goes on with it: {plain(str(stream.parts_of(out_file)))}", markup=False)
        raise
    figures = summary.figures(sums)
    if summary_file is not None:
        report.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", summary_file)
    first, *others = summary.lines(figures)
    for line in (f"{first}: {out_file}" if out_file else first, *others):
        err.print(plain(line), markup=False)
