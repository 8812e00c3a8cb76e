"""The command line: reads settings, calls the pipeline, prints for people, and ends with an exit code."""

import difflib
import os
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checker import mine, packs, patterns, pipeline, report
from checker.config import Config, load
from checker.errors import CheckerError, ConfigError, InputError
from checker.gate import gate as hold
from checker.gate import passed
from checker.mine import GROUPINGS
from checker.overrides import counted
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
Packs = Annotated[
    list[Path] | None, typer.Option("--pack", help="Pack of patterns of your own, a TOML file (see docs/packs.md). Repeatable.")
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 whatever was found.")]
ShowSettings = Annotated[bool, typer.Option("--show-settings", help="Print every setting and where it comes from, and stop.")]
Metric = Annotated[
    list[str] | None, typer.Option(help="Metric to compute: chrf, chrf-pp, ter. Repeatable; by default all, of which ter is slow.")
]
FailOn = Annotated[str | None, typer.Option(help="Mildest severity that fails the gate: info, minor, major, critical or never.")]
# Characters of evidence that `detect` prints, in one line.
_WIDTH = 80

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
    pack: Packs = None,
    metric: Metric = None,
    fail_on: FailOn = None,
    *,
    exit_zero: ExitZero = False,
    show_settings: ShowSettings = False,
) -> None:
    """Audit a corpus: artifacts, back-translation, originals, alignment, fidelity; tables, a summary, and the gate."""
    flags = {"paths": corpus, "originals": originals, "out": out_folder, "engine": engine, "memory": memory}
    settings = _settings(
        corpus, config, {**flags, "select": select, "ignore": ignore, "exclude": exclude, "packs": pack, "metrics": metric}, fail_on
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
    pack: Packs = None,
    output_format: Annotated[str, typer.Option(help="`concise` (path:line:column CODE message) or `jsonl`.")] = "concise",
    jobs: Annotated[int | None, typer.Option(help="Processes. [default: one for each core, if there is enough to do]")] = None,
    *,
    exit_zero: ExitZero = False,
    show_settings: ShowSettings = False,
) -> None:
    """Find language artifacts, as a linter does; nothing is translated."""
    if output_format not in ("concise", "jsonl"):
        raise ConfigError(f"--output-format is {output_format!r}, expected concise or jsonl")
    flags = {"paths": paths, "select": select, "ignore": ignore, "exclude": exclude, "packs": pack, "jobs": jobs}
    settings = _settings(paths, config, flags, None)
    if show_settings:
        return _show_settings(settings)
    if all(rules()[name].reads == "pairs" for name in settings.rules()):
        raise ConfigError("only rules about pairs are selected, and `detect` reads no originals", remedy="use `checker audit`")
    with ExitStack() as stack:
        with _progress() as progress:  # which ends before anything is printed
            found = stack.enter_context(pipeline.findings(settings, progress))
        counts = [_printed(rows, output_format) for rows in found.findings()]
    _counted(pl.concat(counts), found.documents)
    if any(rows["counts"].any() for rows in counts) and not exit_zero:
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


@app.command("mine")
def mine_corpus(
    corpus: Paths,
    config: ConfigFile = None,
    by: Annotated[
        str,
        typer.Option(
            help="What makes a site or edition: the first `folder` below the corpus, the documents' `lang`, or the `prefix` of "
            "their files' names (`gazette` of gazette-0012.txt)."
        ),
    ] = "folder",
    min_pages: Annotated[int, typer.Option(min=2, help="Least number of its pages that a line must be on.")] = 3,
    min_share: Annotated[float, typer.Option(min=0, max=1, help="Least share of its pages.")] = 0.2,
    out_file: Annotated[Path | None, typer.Option("--out", help="Pack to write; else it goes to stdout.")] = None,
    exclude: Exclude = None,
) -> None:
    """Propose a pack: lines that recur across the pages of one site and not of others, to review.

    What it finds are menus, buttons and labels that no built-in pack has yet. Numbers in lines that differ in nothing else become
    a pattern. Read the pack, delete what is the text's, and use it: `checker detect CORPUS --pack my.toml`.
    """
    if by not in GROUPINGS:
        raise ConfigError(f"--by is {by!r}, expected one of {', '.join(GROUPINGS)}")
    if out_file is not None and out_file.exists():
        raise ConfigError(
            "is there already", where=str(out_file), remedy="a pack that was reviewed is not overwritten: name another"
        )
    settings = _settings(corpus, config, {"paths": corpus, "exclude": exclude}, None)
    with _progress() as progress:
        mined = mine.mine(settings, by, min_pages, min_share, progress)
    if mined.lines.height:
        report.write_text(mine.pack(mined, ", ".join(path.name or str(path) for path in corpus), by), out_file)
    for line in mine.told(mined, by):
        err.print(_plain(line), markup=False)


rules_app = typer.Typer(
    help="List the rules: name, code, severity, and what each finds. `checker rules test` tries the examples of packs.",
    rich_markup_mode="markdown",
)
app.add_typer(rules_app, name="rules")


@rules_app.command("test")
def try_examples(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PACK", help="Packs of your own, beside the built-in ones.", show_default=False),
    ] = None,
) -> None:
    """Try the examples of the built-in packs and of others: what must match, and what must not. Exit 1 if one does not hold."""
    read = [*map(packs.builtin, packs.builtins()), *map(patterns.read, files or [])]
    failed = [packs.broken(*failure) for pack in read for failure in packs.failures(pack)]
    for failure in failed:
        out.print(_plain(f"{failure.where}: {failure.problem}"))
    entries = [entry for pack in read for entry in pack.entries]
    tried = sum(len(entry.must_match) + len(entry.must_not_match) for entry in entries)
    said = f"{_many(tried, 'example')} of {_many(len(entries), 'entry', 'entries')} in {_many(len(read), 'pack')}"
    err.print(f"{said}: {f'{len(failed):,} failed' if failed else 'all hold'}", markup=False)
    if failed:
        raise typer.Exit(1)


@rules_app.callback(invoke_without_command=True)
def list_rules(context: typer.Context) -> None:
    """List the rules: name, code, severity, and what each finds. `checker rules test` tries the examples of packs."""
    if context.invoked_subcommand is not None:
        return
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that temporary files are removed
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


def _printed(rows: pl.DataFrame, output_format: str) -> pl.DataFrame:
    """Prints findings, as lines only those that count; returns how many there are of each rule, and whether they count."""
    said = rows if output_format == "jsonl" else counted(rows)
    if said.height:
        _write(said.write_ndjson() if output_format == "jsonl" else _concise(said))
    return rows.group_by("rule", counts=pl.col("suppressed").is_null()).len()


def _write(text: str) -> None:
    """Text as it is to stdout, which rich would look at character by character."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        out.on_broken_pipe()


def _concise(rows: pl.DataFrame) -> str:
    """A line for each finding: path:line:column: CODE message [rule]: evidence."""
    said = rows.with_columns(
        _written(rows["path"], _plain), _written(rows["message"], _plain), _written(rows["evidence"], partial(_short, width=_WIDTH))
    )
    lines = said.select(pl.format("{}:{}:{}: {} {} [{}]: {}", "path", "line", "column", "code", "message", "rule", "evidence"))
    return "\n".join([*lines.to_series(), ""])


def _written(texts: pl.Series, write: Callable[[str], str]) -> pl.Series:
    """The texts as `write` writes them, which is asked only for those that are long or hold more than letters, marks and spaces."""
    odd = texts.str.contains(r"\p{C}|[^\S ]|  |^ | $") | (texts.str.len_chars() > _WIDTH)
    return texts.clone().scatter(odd.arg_true(), [write(text) for text in texts.filter(odd)])


def _counted(rows: pl.DataFrame, documents: pl.DataFrame) -> None:
    """What `detect` says on stderr at its end."""
    skipped = documents.filter(pl.col("status") == "skipped")
    for path, reason in skipped.select("path", "reason").iter_rows():
        err.print(f"skipped {_plain(path)}: {_plain(reason)}", markup=False)
    suppressed = sum(rows.filter(~pl.col("counts"))["len"])
    rows = rows.filter("counts")
    counts = rows.group_by("rule").agg(pl.col("len").sum()).sort("len", "rule", descending=[True, False])
    said = ", ".join(f"{count} {rule}" for rule, count in counts.iter_rows())
    read = f" in {_many(documents.height - skipped.height, 'document')}" + (f", {skipped.height} skipped" if skipped.height else "")
    aside = f"; {suppressed:,} suppressed" if suppressed else ""
    told = f"{_many(sum(counts['len']), 'finding')}{read}: {said}" if rows.height else f"no findings{read}"
    err.print(told + aside, markup=False)


def _many(count: int, noun: str, nouns: str | None = None) -> str:
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def _summary(found: Report, folder: Path) -> None:
    """What a person reads in ten seconds."""
    documents = found.documents
    skipped = documents.filter(pl.col("status") == "skipped")
    valid = counted(found.findings)
    counts = ((documents, "document"), (found.segments, "segment"), (valid, "finding"))
    suppressed = found.findings.height - valid.height
    aside = f", {suppressed:,} suppressed" if suppressed else ""
    out.print(", ".join(_many(rows.height, noun) for rows, noun in counts) + aside)
    for doc, reason in skipped.select("doc", "reason").iter_rows():
        out.print(f"  skipped {_plain(doc)}: {_plain(reason)}")
    _derivations(documents.filter(pl.col("status") == "ok"))
    _kinds(valid)
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
