"""The command `score`."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from checker.config import Config
from checker.errors import ConfigError
from checker.flags import ConfigFile, Ignore, OriginalColumn, Scorer, Select, SemanticModel, StdinName, check_not_input, settings_of
from checker.terminal import err, out, plain, progress

if TYPE_CHECKING:
    from checker.shards import Mapped
    from checker.summary import Sums

# Tables of another run whose names are told.
_NAMED = 3

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…",
        help="Tables of sentence pairs: .csv, .tsv, .jsonl or .parquet, of any size; several of one kind, or a pattern such as "
        "'shards/*.parquet', are one table; of shards, of any kinds. `-` is the standard input.",
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
        str | None,
        typer.Option(
            "--out",
            help="File to write: .csv, .tsv, .jsonl or .parquet; else CSV to stdout. Or a folder (FOLDER/, s3://BUCKET/FOLDER/): "
            "each file that is read is a shard, and its rows go there under its name.",
        ),
    ] = None,
    findings: Annotated[
        str | None,
        typer.Option(help="File for the facts that differ, with their places; of any of these suffixes, too. Of shards, a folder."),
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
    scorer: Scorer = None,
    semantic_model: SemanticModel = None,
    config: ConfigFile = None,
    select: Select = None,
    ignore: Ignore = None,
    stdin_name: StdinName = None,
    jobs: Annotated[int | None, typer.Option(help="Processes. [default: one for each core, if there is enough to do]")] = None,
    engine: Annotated[
        str | None, typer.Option("--on", metavar="ray", help="Score shards by Ray: on the cores here, or on those of a cluster.")
    ] = None,
    ray_address: Annotated[
        str | None, typer.Option(help="Ray's cluster: HOST:PORT, or auto. [default: RAY_ADDRESS, else Ray is begun here]")
    ] = None,
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run that was killed had got to.")] = False,
) -> None:
    """Score sentence pairs: the rows of tables of any size, in their order, with the score columns added.

    Memory is bounded, whatever the size. The file to write appears when it is whole; until then, what is done lies beside it in
    .NAME.parts, and --resume goes on with that. docs/tables.md describes the findings (pair findings).

    Example: `checker score pairs.parquet --original en --back back --out scored.parquet --findings facts.parquet`.
    """
    from checker import places, report, summary

    flags: dict[str, Any] = {
        "original_column": original,
        "version_column": back,
        "version_lang": lang,
        "metrics": metric,
        "scorer": scorer,
        "semantic_model": semantic_model,
        "select": select,
    }
    near = Path.cwd() if places.remote(files[0]) else Path(files[0])
    settings = settings_of([near], config, flags | {"ignore": ignore, "jobs": jobs, "stdin_name": stdin_name}, None)
    if "metrics" not in settings.sources:
        settings = replace(settings, metrics=("chrf", "chrf-pp"))
    report.check_writable(summary_file)
    if out_file is not None and (out_file.endswith("/") or places.remote(out_file) or Path(out_file).is_dir()):
        sums = _shards(files, settings, (out_file, findings), _mapped(engine, ray_address, jobs), resume=resume)
    elif engine or ray_address:
        raise ConfigError("--on ray scores shards", remedy="write them to a folder: --out FOLDER/")
    else:
        check_not_input([Path(file) for file in files], summary_file)
        sums = _files(files, settings, (out_file, findings), resume=resume)
    figures = summary.figures(sums)
    if summary_file is not None:
        report.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", summary_file)
    first, *others = summary.lines(figures)
    for line in (f"{first}: {out_file}" if out_file else first, *others):
        err.print(plain(line), markup=False)


def _files(files: list[str], settings: Config, written: tuple[str | None, str | None], *, resume: bool) -> "Sums":
    """The sums of one table, which goes into one file."""
    from checker import places, report, stream

    if there := [file for file in (*files, *written) if file and places.remote(file)]:
        raise ConfigError("what is not here is scored in shards", where=there[0], remedy="write to a folder: --out FOLDER/")
    paths, outputs = [Path(file) for file in files], stream.Outputs(*(Path(file) if file else None for file in written))
    for path in (outputs.rows, outputs.findings):
        check_not_input(paths, path)
        report.check_writable(path)
    try:
        with progress() as told:
            return stream.score_files(paths, settings, outputs, told, resume=resume)
    except BrokenPipeError:  # typer would end with 1, as a gate that failed
        out.on_broken_pipe()
        raise
    except BaseException:
        if outputs.rows is not None and stream.parts_of(outputs.rows).exists():
            kept = plain(str(stream.parts_of(outputs.rows)))
            err.print(f"what is done is kept; --resume goes on with it: {kept}", markup=False)
        raise


def _shards(
    files: list[str], settings: Config, written: tuple[str, str | None], mapped: "Mapped | None", *, resume: bool
) -> "Sums":
    """The sums of all shards."""
    from checker import shards

    try:
        with progress() as told:
            sums = shards.score_shards(files, settings, *written, told, resume=resume, mapped=mapped)
    except KeyboardInterrupt:
        err.print("shards that are done are kept; --resume goes on with the others", markup=False)
        raise
    if others := shards.others(files, written[0]):
        some = ", ".join(others[:_NAMED]) + (f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else "")
        err.print(plain(f"{written[0]} also holds what is not of this run: {some}"), markup=False)
    return sums


def _mapped(engine: str | None, address: str | None, jobs: int | None) -> "Mapped | None":
    """What maps the work over shards: Ray, or, if it is not asked for, nothing in particular."""
    if engine not in (None, "ray"):
        raise ConfigError(f"--on {engine} is unknown", remedy="--on ray")
    if engine is None and address is None:
        return None
    from checker import cluster

    return partial(cluster.by_ray, address=address, workers=jobs)
