"""The command line: reads settings, calls the pipeline, prints for people, and ends with an exit code."""

import difflib
import os
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checker import pipeline, report
from checker.config import Config, load
from checker.errors import CheckerError, ConfigError, InputError
from checker.gate import gate as hold
from checker.gate import passed
from checker.registry import rules
from checker.report import Report

app = typer.Typer(
    help="Audits translated pages against their English originals: what is not the text, what it derives from, how faithful it is.",
    epilog="Exit codes: 0 passed, 1 gate failed or `detect` found something, 2 bad input, 5 nothing to check, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


class _Console(Console):
    """rich's console, which ends with 1 when nobody reads any more: here that would say that a gate failed."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(128 + signal.SIGPIPE)


out = _Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Paths = Annotated[list[Path], typer.Argument(help="Files and folders to check.", show_default=False)]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; by default the nearest checker.toml or pyproject.toml above the input."),
]
Originals = Annotated[
    Path | None, typer.Option(help="Folder of the English originals; without it any English document may be one.")
]
Select = Annotated[list[str] | None, typer.Option(help="Rules to run: names, codes, or the beginning of a code. Repeatable.")]
Ignore = Annotated[list[str] | None, typer.Option(help="Rules not to run. Repeatable.")]
Exclude = Annotated[
    list[str] | None, typer.Option(help="Files to leave out, as patterns below the corpus, such as 'drafts/*'. Repeatable.")
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever was found.")]
ShowSettings = Annotated[bool, typer.Option("--show-settings", help="Print every setting and where it comes from, and stop.")]
Metric = Annotated[
    list[str] | None, typer.Option(help="Metric to compute: chrf, chrf-pp, ter. Repeatable; by default all, of which ter is slow.")
]
FailOn = Annotated[str | None, typer.Option(help="Mildest severity that fails the gate: info, minor, major, critical or never.")]
OriginalColumn = Annotated[str | None, typer.Option("--original", help="Column that holds the original.")]


@app.command()
def audit(
    corpus: Paths,
    config: ConfigFile = None,
    originals: Originals = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder for the tables. [default: reports/run]")] = None,
    engine: Annotated[
        str | None, typer.Option(help="Translation engine: auto, recorded, argos or apertium. [default: auto]")
    ] = None,
    memory: Annotated[Path | None, typer.Option(help="Translation memory for the engine `recorded`: Parquet or TMX.")] = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    metric: Metric = None,
    fail_on: FailOn = None,
    *,
    exit_zero: ExitZero = False,
    show_settings: ShowSettings = False,
) -> None:
    """Audit a corpus: artifacts, back-translation, originals, alignment, fidelity; tables, a summary, and the gate."""
    flags = {"paths": corpus, "originals": originals, "out": out_folder, "engine": engine, "memory": memory}
    settings = _settings(
        corpus, config, {**flags, "select": select, "ignore": ignore, "exclude": exclude, "metrics": metric}, fail_on
    )
    if show_settings:
        return _show_settings(settings)
    with _progress() as progress:
        found = pipeline.audit(settings, progress)
        report.write(found, settings.out)
    _summary(found, settings.out)
    _verdicts(hold(found, settings.gate), exit_zero=exit_zero)
    return None


@app.command()
def detect(
    paths: Paths,
    config: ConfigFile = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    output_format: Annotated[str, typer.Option(help="`concise` (path:line:column CODE message) or `jsonl`.")] = "concise",
    *,
    exit_zero: ExitZero = False,
    show_settings: ShowSettings = False,
) -> None:
    """Find language artifacts, as a linter does; nothing is translated."""
    if output_format not in ("concise", "jsonl"):
        raise ConfigError(f"--output-format is {output_format!r}, expected concise or jsonl")
    settings = _settings(paths, config, {"paths": paths, "select": select, "ignore": ignore, "exclude": exclude}, None)
    if show_settings:
        return _show_settings(settings)
    if all(rules()[name].reads == "pairs" for name in settings.rules()):
        raise ConfigError("only rules about pairs are selected, and `detect` reads no originals", remedy="use `checker audit`")
    with _progress() as progress:
        pages, found = pipeline.findings(settings, progress)
    rows = found.join(pages.select("doc", "path"), on="doc", how="left", maintain_order="left")
    if output_format == "jsonl":
        out.out(rows.write_ndjson(), end="")
    else:
        _concise(rows)
    _counted(rows, pages)
    if found.height and not exit_zero:
        raise typer.Exit(1)
    return None


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="Table of sentence pairs: .csv, .tsv, .jsonl or .parquet.", show_default=False)],
    original: OriginalColumn = None,
    back: Annotated[str | None, typer.Option("--back", help="Column that holds the English version or back-translation.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="File to write, of any of these suffixes; else CSV to stdout.")
    ] = None,
    metric: Metric = None,
    config: ConfigFile = None,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Score sentence pairs: the rows of a table, in their order, with the score columns added."""
    flags = {"original_column": original, "version_column": back, "metrics": metric, "select": select, "ignore": ignore}
    settings = _settings([file], config, flags, None)
    with _progress() as progress:
        scored = pipeline.score_file(file, settings, progress)
        report.write_table(scored, out_file)
    unscored = (scored["status"] == "unscored").sum()
    critical = (scored["severity"] == "critical").sum()
    said = f"{_many(scored.height, 'row')}, {unscored:,} unscored, {critical:,} with a critical difference"
    err.print(f"{said}: {out_file}" if out_file else said, markup=False)


@app.command()
def gate(
    run: Annotated[Path, typer.Argument(metavar="REPORT", help="Folder of a run.", show_default=False)],
    config: ConfigFile = None,
    fail_on: FailOn = None,
    *,
    exit_zero: ExitZero = False,
    show_settings: ShowSettings = False,
) -> None:
    """Hold a run's tables against the thresholds of the policy: exit 1 if one is broken."""
    settings = _settings([run], config, {}, fail_on)
    if show_settings:
        return _show_settings(settings)
    return _verdicts(hold(report.read(run), settings.gate), exit_zero=exit_zero)


@app.command()
def explain(name: Annotated[str, typer.Argument(metavar="RULE", help="Name or code of a rule.", show_default=False)]) -> None:
    """Print a rule's page: what it finds, why, examples, limits."""
    rule = next((rule for rule in rules().values() if name.lower() in (rule.name, rule.code.lower())), None)
    if rule is None:
        near = difflib.get_close_matches(name.lower(), [*rules()], n=1)
        raise ConfigError(f"no rule is called {name!r}", remedy=f"did you mean {near[0]!r}?" if near else "see `checker rules`")
    out.print(f"{rule.name} ({rule.code})  {rule.severity}  {rule.category}\n\n{rule.page}")


@app.command("rules")
def list_rules() -> None:
    """List the rules: name, code, severity, and what each finds."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("code", "name", "severity", "reads", "finds"):
        table.add_column(head, no_wrap=head != "finds")
    for rule in rules().values():
        table.add_row(rule.code, rule.name, rule.severity, rule.reads, escape(rule.summary))
    _Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _tell_version(asked: bool) -> None:
    if asked:
        out.print(f"checker {version('checker')}")
        raise typer.Exit


@app.callback()
def common(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options of all commands."""


def main() -> None:
    """Entry point: what a user can mend ends in one message and its exit code; a bug shows its traceback."""
    try:
        app()
    except CheckerError as error:
        where = f"{_plain(error.where)}: " if error.where else ""
        err.print(f"[bold red]error[/]: {escape(where + _plain(error.problem))}")
        if error.remedy:
            err.print(f"  {escape(_plain(error.remedy))}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _settings(paths: list[Path], file: Path | None, flags: dict[str, Any], fail_on: str | None) -> Config:
    if file is not None and not file.is_file():
        raise InputError("no such settings file", where=str(file))
    gate_flags = {"gate": {"fail_on": fail_on}} if fail_on else {}
    given = {name: _listed(name, value) if isinstance(value, list) else value for name, value in flags.items()}
    return load(paths[0], {**given, **gate_flags}, file=file)


def _listed(name: str, values: list[Any]) -> tuple[Any, ...]:
    """The values of a repeatable flag; names of rules and metrics may stand together, with commas."""
    if name not in ("select", "ignore", "metrics"):
        return tuple(values)
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _show_settings(settings: Config) -> None:
    for name, value, source in _values(settings, settings, ""):
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


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Tells the stage on stderr while it works; silent where stderr is no terminal."""
    if not err.is_terminal:
        yield lambda _: None
        return
    with err.status("starting") as status:
        yield lambda stage: status.update(f"{stage} …")


def _plain(text: str | None) -> str:
    """The text with control, format and line-breaking characters written out: a page must not command the terminal."""
    kept = (" ", "\u00a0", "\u3000")
    return "".join(
        c if c in kept or (c.isprintable() and unicodedata.category(c)[0] != "C") else f"\\u{ord(c):04x}" for c in text or ""
    )


def _short(text: str | None, width: int) -> str:
    plain = _plain(" ".join((text or "").split()))
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _concise(rows: pl.DataFrame) -> None:
    for row in rows.iter_rows(named=True):
        place = f"{_plain(row['path'])}:{row['line']}:{row['column']}"
        out.print(f"{place}: {row['code']} {_plain(row['message'])} [{row['rule']}]: {_short(row['evidence'], 80)}")


def _counted(rows: pl.DataFrame, pages: pl.DataFrame) -> None:
    """What `detect` says on stderr at its end."""
    skipped = pages.filter(pl.col("status") == "skipped")
    for path, reason in skipped.select("path", "reason").iter_rows():
        err.print(f"skipped {_plain(path)}: {_plain(reason)}", markup=False)
    counts = rows.group_by("rule").len().sort("len", "rule", descending=[True, False])
    said = ", ".join(f"{count} {rule}" for rule, count in counts.iter_rows())
    read = f" in {_many(pages.height - skipped.height, 'document')}" + (f", {skipped.height} skipped" if skipped.height else "")
    err.print(f"{_many(rows.height, 'finding')}{read}: {said}" if rows.height else f"no findings{read}", markup=False)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _summary(found: Report, folder: Path) -> None:
    """What a person reads in ten seconds."""
    documents = found.documents
    skipped = documents.filter(pl.col("status") == "skipped")
    counts = ((documents, "document"), (found.segments, "segment"), (found.findings, "finding"))
    out.print(", ".join(_many(rows.height, noun) for rows, noun in counts))
    for doc, reason in skipped.select("doc", "reason").iter_rows():
        out.print(f"  skipped {_plain(doc)}: {_plain(reason)}")
    _derivations(documents.filter(pl.col("status") == "ok"))
    _kinds(found.findings)
    _fidelity(report.own_sentences(found))
    out.print(f"\ntables: {_plain(str(folder))}/")


def _derivations(documents: pl.DataFrame) -> None:
    out.print("\nderivations")
    phrases = {"translation": "translates", "back-translation": "translated there and back from", "edition": "another edition of"}
    phrases |= {"quotations": "shares quotations with", "bitext": "pairs with"}
    for row in documents.iter_rows(named=True):
        pivot = f" through {row['pivot']}" if row["pivot"] else ""
        if row["derivation"] != "none":
            what = f"{phrases[row['derivation']]} {_plain(row['original'])}{pivot}"
        else:
            what = f"{row['role']}{pivot}" + (f": {row['reason']}" if row["reason"] else "")
        fidelity = f", fidelity {row['fidelity']:.0f}" if row["fidelity"] is not None else ""
        out.print(f"  {_plain(row['doc'])} [{row['lang']}] {what}{fidelity}")


def _kinds(found: pl.DataFrame) -> None:
    out.print("\nfindings by rule")
    counts = found.group_by("code", "rule", "severity").len().sort("len", "code", descending=[True, False])
    for code, rule, severity, count in counts.iter_rows():
        out.print(f"  {count:5}  {code}  {rule} ({severity})")


def _fidelity(sentences: pl.DataFrame) -> None:
    scored = sentences.filter(pl.col("status") == "scored")
    unscored = (
        sentences.filter(pl.col("status") == "unscored").group_by("reason").len().sort("len", "reason", descending=[True, False])
    )
    out.print(f"\nfidelity of {_many(scored.height, 'sentence pair')}" + ("" if scored.height else ": nothing could be compared"))
    if scored.height:
        mean, worst = scored.select(mean=pl.col("fidelity").mean(), worst=pl.col("fidelity").min()).row(0)
        out.print(f"  mean {mean:.1f}, worst {worst:.1f}")
    for reason, count in unscored.iter_rows():
        out.print(f"  unscored {count}: {_plain(reason)}")
    for row in scored.sort("fidelity", "doc", "n").head(5).iter_rows(named=True):
        out.print(f"  {row['fidelity']:5.1f}  {_plain(row['doc'])} #{row['n']}  {_short(row['back'] or row['text'], 90)}")
        out.print(f"         original: {_short(row['original_text'], 90)}")


def _verdicts(verdicts: pl.DataFrame, *, exit_zero: bool) -> None:
    if verdicts.is_empty():
        out.print("gate: passed, no threshold is set")
    for check, threshold, value, ok, worst in verdicts.iter_rows():
        blame = f" (first to look at: {_plain(worst)})" if worst and not ok else ""
        out.print(f"gate: {'passed' if ok else 'FAILED'}  {check}: {value}, allowed {threshold}{blame}")
    if not passed(verdicts) and not exit_zero:
        raise typer.Exit(1)
