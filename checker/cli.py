"""The command line: reads settings, calls the pipeline, prints for people, and ends with an exit code."""

import os
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import typer
from rich.markup import escape
from rich.table import Table
from typer.models import CommandInfo

from checker import examples
from checker.cli_align import align
from checker.cli_consistency import consistency
from checker.cli_export import export
from checker.cli_gate import concluded, diff, explain, gate
from checker.cli_models import models_app
from checker.cli_pairs import pairs
from checker.cli_review import review, tell_unmatched
from checker.cli_score import score
from checker.cli_translate import cache_app, translate
from checker.errors import CheckerError, ConfigError
from checker.flags import (
    Beam,
    Cache,
    ConfigFile,
    EngineName,
    Exclude,
    ExitZero,
    FailOn,
    Ignore,
    Memory,
    Metric,
    Models,
    OriginalLang,
    Originals,
    Packs,
    Paths,
    Scorer,
    Select,
    SemanticModel,
    Server,
    ShowSettings,
    StdinName,
    Verdicts,
    settings_of,
    show_settings,
)
from checker.overrides import counted
from checker.processes import collect_rarely
from checker.registry import AFTER_TRANSLATION, SEVERITIES, rules
from checker.terminal import Console, err, many, out, plain, progress, short

if TYPE_CHECKING:
    from checker.report import Report

app = typer.Typer(
    help="Audits translated pages against their English originals: what is not the text, what it derives from, how faithful it is.",
    epilog="Exit codes: 0 passed, 1 gate failed, `detect` or `consistency` found something or `translate` left something "
    "out, 2 bad input, 5 nothing to check, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(translate)
app.command()(align)
app.command()(score)
app.command()(consistency)
app.command()(review)
app.command()(gate)
app.command()(diff)
app.command()(explain)
app.command()(export)
app.command()(pairs)
app.add_typer(models_app, name="models")
app.add_typer(cache_app, name="cache")

# Characters of evidence that `detect` prints, in one line.
_WIDTH = 80


@app.command()
def audit(
    corpus: Paths,
    config: ConfigFile = None,
    originals: Originals = None,
    original_lang: OriginalLang = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder for the tables. [default: reports/run]")] = None,
    engine: EngineName = None,
    memory: Memory = None,
    server: Server = None,
    packages: Models = None,
    beam: Beam = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    pack: Packs = None,
    metric: Metric = None,
    scorer: Scorer = None,
    semantic_model: SemanticModel = None,
    fail_on: FailOn = None,
    verdicts: Verdicts = None,
    stdin_name: StdinName = None,
    *,
    ceiling: Annotated[
        bool,
        typer.Option("--ceiling", help="Translate the originals out and home, too: how much of a low fidelity is the engine's."),
    ] = False,
    cache: Cache = None,
    exit_zero: ExitZero = False,
    show: ShowSettings = False,
) -> None:
    """Audit a corpus: artifacts, back-translation, originals, alignment, fidelity; tables, a summary, and the gate."""
    from checker import languages, pipeline, report

    flags: dict[str, Any] = {"original_lang": languages.parse(original_lang) if original_lang else None}
    flags |= {"paths": corpus, "originals": originals, "out": out_folder, "engine": engine, "memory": memory}
    flags |= {"libretranslate_url": server, "packages": packages, "beam": beam, "cache": cache}
    flags |= {"select": select, "ignore": ignore, "exclude": exclude, "packs": pack, "metrics": metric, "ceiling": ceiling or None}
    flags |= {"scorer": scorer, "semantic_model": semantic_model, "verdicts": verdicts, "stdin_name": stdin_name}
    settings = settings_of(corpus, config, flags, fail_on)
    if show:
        return show_settings(settings)
    with progress() as told:
        found = pipeline.audit(settings, told)
        report.write(found, settings.out)
    _summary(found, settings.out)
    tell_unmatched(found.findings, settings.verdicts)
    return concluded(report.scanned(found), settings.gate, exit_zero=exit_zero)


@app.command()
def detect(
    paths: Paths,
    config: ConfigFile = None,
    select: Select = None,
    ignore: Ignore = None,
    exclude: Exclude = None,
    pack: Packs = None,
    output_format: Annotated[str, typer.Option(help="`concise` (path:line:column CODE message) or `jsonl`.")] = "concise",
    stdin_name: StdinName = None,
    jobs: Annotated[int | None, typer.Option(help="Processes. [default: one for each core, if there is enough to do]")] = None,
    fail_on: Annotated[
        str,
        typer.Option(help="Mildest severity that ends with exit code 1: info, minor, major, critical or never; all are printed."),
    ] = "info",
    *,
    exit_zero: ExitZero = False,
    show: ShowSettings = False,
) -> None:
    """Find language artifacts, as a linter does; nothing is translated."""
    from checker import pipeline

    if output_format not in ("concise", "jsonl"):
        raise ConfigError(f"--output-format is {output_format!r}, expected concise or jsonl")
    flags: dict[str, Any] = {"paths": paths, "select": select, "ignore": ignore, "exclude": exclude, "packs": pack, "jobs": jobs}
    flags |= {"stdin_name": stdin_name}
    settings = settings_of(paths, config, flags, None)
    fails = _failing(fail_on)
    if show:
        return show_settings(settings)
    if all(rules()[name].reads in AFTER_TRANSLATION for name in settings.rules()):
        raise ConfigError("only rules about pairs are selected, and `detect` reads no originals", remedy="use `checker audit`")
    with ExitStack() as stack:
        with progress() as told:  # which ends before anything is printed
            found = stack.enter_context(pipeline.findings(settings, told))
        counts = [_printed(rows, output_format) for rows in found.findings()]
    _counted(pl.concat(counts), found.documents)
    if any(rows.filter("counts")["severity"].is_in(fails).any() for rows in counts) and not exit_zero:
        raise typer.Exit(1)
    return None


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
    from checker import mine, report

    if by not in mine.GROUPINGS:
        raise ConfigError(f"--by is {by!r}, expected one of {', '.join(mine.GROUPINGS)}")
    if out_file is not None and out_file.exists():
        raise ConfigError(
            "is there already", where=str(out_file), remedy="a pack that was reviewed is not overwritten: name another"
        )
    settings = settings_of(corpus, config, {"paths": corpus, "exclude": exclude}, None)
    with progress() as told:
        mined = mine.mine(settings, by, min_pages, min_share, told)
    if mined.lines.height:
        report.write_text(mine.pack(mined, ", ".join(path.name or str(path) for path in corpus), by), out_file)
    for line in mine.told(mined, by):
        err.print(plain(line), markup=False)


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
    from checker import packs, patterns

    read = [*map(packs.builtin, packs.builtins()), *map(patterns.read, files or [])]
    failed = [packs.broken(*failure) for pack in read for failure in packs.failures(pack)]
    for failure in failed:
        out.print(plain(f"{failure.where}: {failure.problem}"))
    entries = [entry for pack in read for entry in pack.entries]
    tried = sum(len(entry.must_match) + len(entry.must_not_match) for entry in entries)
    said = f"{many(tried, 'example')} of {many(len(entries), 'entry', 'entries')} in {many(len(read), 'pack')}"
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
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


JOBS = {
    "Check texts": ("audit", "detect", "consistency"),
    "Look at a run": ("review", "explain", "diff", "export"),
    "Hold a gate": ("gate",),
    "One stage alone": ("pairs", "translate", "align", "score"),
    "Rules, patterns, models": ("mine", "rules", "models", "cache"),
}
"""The commands by what they are for, in the order of `--help`."""


def _teach(place: typer.Typer, above: str = "") -> None:
    """Gives the commands of a group the examples that their `--help` ends with."""
    for command in place.registered_commands:
        command.epilog = examples.shown(f"{above}{_name(command)}")
    for group in place.registered_groups:
        if str(group.name) in examples.EXAMPLES:  # it does something by itself
            group.epilog = examples.shown(str(group.name))
        if group.typer_instance is not None:
            _teach(group.typer_instance, f"{group.name} ")


def _name(command: CommandInfo) -> str:
    return command.name or str(getattr(command.callback, "__name__", ""))


def _sort() -> None:
    """Puts the commands in the order of `JOBS`, each under its job."""
    job_of = {name: job for job, names in JOBS.items() for name in names}
    places = [*job_of]
    for command in app.registered_commands:
        command.rich_help_panel = job_of[_name(command)]
    for group in app.registered_groups:
        group.rich_help_panel = job_of[str(group.name)]
    app.registered_commands.sort(key=lambda command: places.index(_name(command)))
    app.registered_groups.sort(key=lambda group: places.index(str(group.name)))


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


_teach(app)
_sort()


def main() -> None:
    """Entry point: what a user can mend ends in one message and its exit code; a bug shows its traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that temporary files are removed
    collect_rarely()
    try:
        app()
    except CheckerError as error:
        where = f"{plain(error.where)}: " if error.where else ""
        err.print(f"[bold red]error[/]: {escape(where + plain(error.problem))}")
        if error.remedy:
            err.print(f"  {escape(plain(error.remedy))}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _printed(rows: pl.DataFrame, output_format: str) -> pl.DataFrame:
    """Prints findings, as lines only those that count; returns how many of each rule and severity there are."""
    said = rows if output_format == "jsonl" else counted(rows)
    if said.height:
        _write(said.write_ndjson() if output_format == "jsonl" else _concise(said))
    return rows.group_by("rule", "severity", counts=pl.col("suppressed").is_null()).len()


def _failing(fail_on: str) -> tuple[str, ...]:
    """The severities with which `detect` fails."""
    from checker.limits import Gate
    from checker.outcome import failing

    if fail_on not in (*SEVERITIES, "never"):
        raise ConfigError(f"--fail-on is {fail_on!r}, expected one of {', '.join(SEVERITIES)}, never")
    return failing(Gate(fail_on=fail_on))


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
        _written(rows["path"], plain), _written(rows["message"], plain), _written(rows["evidence"], partial(short, width=_WIDTH))
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
        err.print(f"skipped {plain(path)}: {plain(reason)}", markup=False)
    suppressed = sum(rows.filter(~pl.col("counts"))["len"])
    rows = rows.filter("counts")
    counts = rows.group_by("rule").agg(pl.col("len").sum()).sort("len", "rule", descending=[True, False])
    said = ", ".join(f"{count} {rule}" for rule, count in counts.iter_rows())
    read = f" in {many(documents.height - skipped.height, 'document')}" + (f", {skipped.height} skipped" if skipped.height else "")
    aside = f"; {suppressed:,} suppressed" if suppressed else ""
    told = f"{many(sum(counts['len']), 'finding')}{read}: {said}" if rows.height else f"no findings{read}"
    err.print(told + aside, markup=False)


def _summary(found: "Report", folder: Path) -> None:
    """What a person reads in ten seconds."""
    from checker.report import own_sentences

    documents = found.documents
    skipped = documents.filter(pl.col("status") == "skipped")
    valid = counted(found.findings)
    counts = ((documents, "document"), (found.segments, "segment"), (valid, "finding"))
    suppressed = found.findings.height - valid.height
    aside = f", {suppressed:,} suppressed" if suppressed else ""
    out.print(", ".join(many(rows.height, noun) for rows, noun in counts) + aside)
    for doc, reason in skipped.select("doc", "reason").iter_rows():
        out.print(f"  skipped {plain(doc)}: {plain(reason)}")
    _derivations(documents.filter(pl.col("status") == "ok"))
    _kinds(valid)
    _alone(valid)
    _fidelity(own_sentences(found), folder)
    out.print(f"\ntables: {plain(str(folder))}/")
    out.print(f"page: `checker review {plain(shlex.quote(str(folder)))} --open`")


def _derivations(documents: pl.DataFrame) -> None:
    out.print("\nderivations")
    phrases = {"translation": "translates", "back-translation": "translated there and back from", "edition": "another edition of"}
    phrases |= {"quotations": "shares quotations with", "bitext": "pairs with"}
    for row in documents.iter_rows(named=True):
        pivot = f" through {row['pivot']}" if row["pivot"] else ""
        if row["derivation"] != "none":
            what = f"{phrases[row['derivation']]} {plain(row['original'])}{pivot}"
        else:
            what = f"{row['role']}{pivot}" + (f": {row['reason']}" if row["reason"] else "")
        fidelity = f", fidelity {row['fidelity']:.0f}" if row["fidelity"] is not None else ""
        out.print(f"  {plain(row['doc'])} [{row['lang']}] {what}{fidelity}")


def _kinds(found: pl.DataFrame) -> None:
    out.print("\nfindings by rule" if found.height else "\nno findings")
    counts = found.group_by("code", "rule", "severity").len().sort("len", "code", descending=[True, False])
    for code, rule, severity, count in counts.iter_rows():
        out.print(f"  {count:5}  {code}  {rule} ({severity})")


def _alone(found: pl.DataFrame) -> None:
    lone = found.filter(pl.col("versions") > 2, pl.col("kept_by") == pl.col("versions") - 1)
    if lone.height:
        out.print(f"  {lone.height:5}  of these in one version alone, while all others of the same sentence keep the fact")


def _fidelity(sentences: pl.DataFrame, folder: Path) -> None:
    scored = sentences.filter(pl.col("status") == "scored")
    unscored = (
        sentences.filter(pl.col("status") == "unscored").group_by("reason").len().sort("len", "reason", descending=[True, False])
    )
    out.print(f"\nfidelity of {many(scored.height, 'sentence pair')}" + ("" if scored.height else ": nothing could be compared"))
    if scored.height:
        from checker import intervals

        mean, tenth = intervals.estimates(intervals.histogram(scored["fidelity"]))
        critical = intervals.share(scored.filter(pl.col("severity") == "critical").height, scored.height)
        out.print(f"  {intervals.sentence(mean, tenth, critical)}")
    _ceilings(scored)
    for reason, count in scored["ceiling_reason"].drop_nulls().value_counts(sort=True).iter_rows():
        out.print(f"  no round trip {count}: {plain(reason)}")
    for reason, count in unscored.iter_rows():
        out.print(f"  unscored {count}: {plain(reason)}")
    _least(scored.sort("fidelity", "doc", "n").head(5), folder)


def _ceilings(scored: pl.DataFrame) -> None:
    """The mean ceiling, and in each language how far the sentences stand from theirs: what one's own distance is read against."""
    rows = scored.drop_nulls("ceiling")
    if rows.is_empty():
        return
    trips, mean = many(rows.height, "round trip"), rows.select(pl.col("ceiling").mean()).item()
    out.print(f"  ceiling {mean:.1f}: what is left of the originals after {trips} through the same pivots")
    apart = rows.group_by("lang").agg(pl.len(), apart=(pl.col("fidelity") - pl.col("ceiling")).median()).sort("lang")
    said = ", ".join(f"{lang} {apart:+.1f} ({count})" for lang, count, apart in apart.iter_rows())
    out.print(f"  median distance of sentences from their ceilings, by language: {said}")


def _least(rows: pl.DataFrame, folder: Path) -> None:
    """The least faithful sentences, and how to ask for more of the first."""
    from checker.lineage import handle

    for row in rows.iter_rows(named=True):
        out.print(f"  {row['fidelity']:5.1f}  {plain(handle(row))}  {short(row['back'] or row['text'], 90)}")
        out.print(f"         original: {short(row['original_text'], 90)}")
    if rows.height:
        asked = shlex.join(["checker", "explain", handle(rows.row(0, named=True)), str(folder)])
        out.print(f"  how the first came about: `{plain(asked)}`")
