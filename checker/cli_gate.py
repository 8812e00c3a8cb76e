"""The commands about runs that are there already: `gate`, `diff` and `explain`."""

import difflib
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from checker.config import Config, changed, load, nearest, recorded
from checker.errors import ConfigError, InputError, RunError
from checker.flags import ExitZero, FailOn, ShowSettings, show_policy
from checker.limits import Gate
from checker.registry import component, rules
from checker.terminal import err, many, out, plain, short

if TYPE_CHECKING:
    from checker.diff import Difference, Significance
    from checker.outcome import Outcome
    from checker.report import Scan

FORMATS = ("text", "sarif", "junit", "github", "gitlab", "rdjsonl", "jsonl", "markdown")

# Sentences and findings that a comparison lists in text; JSON has all.
_SHOWN = 10


def gate(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="Folder of a run; or a table that `checker score` wrote, or a folder of shards, with --findings.",
            show_default=False,
        ),
    ],
    findings: Annotated[Path | None, typer.Option(help="Findings of that table, as `checker score --findings` wrote them.")] = None,
    back: Annotated[
        str | None, typer.Option("--back", help="Its column of versions, whose words are counted, if `score` was told it.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings file with other thresholds. By default those that the audit had.")
    ] = None,
    fail_on: FailOn = None,
    output_format: Annotated[str, typer.Option("--format", help=f"What goes to stdout: {', '.join(FORMATS)}.")] = "text",
    output: Annotated[
        list[str] | None, typer.Option("--output", metavar="FORMAT=FILE", help="A format and the file it goes to. Repeatable.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="File of findings that are known and do not count; it wins over the settings.")
    ] = None,
    *,
    write_baseline: Annotated[
        bool,
        typer.Option("--write-baseline", help="Write the baseline first: all findings, or, if there is one, those still found."),
    ] = False,
    accept_new: Annotated[bool, typer.Option("--accept-new", help="With --write-baseline: new findings go in, too.")] = False,
    exit_zero: ExitZero = False,
    show: ShowSettings = False,
) -> None:
    """Hold a run's tables against the thresholds of the policy: exit 1 if one is broken, whatever the format.

    The thresholds are those that the audit had; `--config` names a settings file with others, and flags win. In text, the worst
    findings stand below with their fingerprints: `checker explain FINGERPRINT RUN` says how one came about.
    """
    from checker import report

    outputs = _outputs(output_format, output or [])
    settings = _policy(run, config, fail_on, baseline, scored=findings is not None)
    policy = settings.gate
    if write_baseline and policy.baseline is None:
        raise ConfigError("--write-baseline has no file to write", remedy="name one: --baseline .checker-baseline.json")
    if accept_new and not write_baseline:
        raise ConfigError("--accept-new goes with --write-baseline")
    if show:
        return show_policy(settings)
    for _, path in outputs:
        report.check_writable(path)
    with tempfile.TemporaryDirectory(prefix="checker-", ignore_cleanup_errors=True) as folder:
        named = changed(settings, {"version_column": back}, "command line") if back else settings
        found = _scan(run, findings, named, Path(folder))
        if write_baseline and policy.baseline:
            _renewed(found, policy.baseline, accept=accept_new)
        return concluded(found, policy, outputs, exit_zero=exit_zero)


def _scan(run: Path, findings: Path | None, settings: Config, folder: Path) -> "Scan":
    """A run's folder, or a scored table with its findings (for which `folder` is), to read as far as is asked."""
    from checker import report, scored

    if findings is None and run.is_file():
        raise ConfigError(f"{run.name} is a table: its findings are missing", remedy="name them: --findings FACTS")
    if findings is None:
        return report.scan(run)
    if (run / report.RECORD).exists():
        raise ConfigError("--findings goes with a table that `checker score` wrote", remedy="a run's folder has its own")
    if run.is_dir() != findings.is_dir():
        raise ConfigError("a table and its findings are two files, or two folders of shards", where=str(findings))
    return scored.scan(run, findings, folder, settings)


def _policy(run: Path, file: Path | None, fail_on: str | None, baseline: Path | None, *, scored: bool) -> Config:
    """Settings whose gate is that of the run's audit, or of `file`, with the flags that are given."""
    from checker import report

    flags = {"gate": {name: value for name, value in (("fail_on", fail_on), ("baseline", baseline)) if value is not None}}
    if file is not None and not file.is_file():
        raise InputError("no such settings file", where=str(file))
    policy = report.record(run).get("policy") if not (scored or run.is_file()) else None  # a scored table has no record
    if file is not None or not isinstance(policy, dict):  # audits did not always record theirs
        return load(run, flags, file=file)
    source = str(run / report.RECORD)
    own = _absolute(recorded(policy, source, run))
    if (near := nearest(run)) and _absolute(load(run, {}).gate) != own:
        said = plain(os.path.relpath(near))
        err.print(f"{said} has other thresholds than the audit had; --config {said} holds the run against them", markup=False)
    names = ("limits" if name == "limit" else name for name in policy)
    return changed(Config(gate=own, sources={f"gate.{name}": source for name in names}), flags, "command line")


def _absolute(policy: Gate) -> Gate:
    return replace(policy, baseline=Path(os.path.abspath(policy.baseline))) if policy.baseline else policy  # noqa: PTH100 - without `..`


def concluded(run: "Scan", policy: Gate, outputs: "list[tuple[str, Path | None]] | None" = None, *, exit_zero: bool) -> None:
    """Holds the run against the policy, writes what was found, and ends with 1 where a threshold is broken."""
    from checker import baseline, report
    from checker.gate import hold

    outcome = hold(run, policy, baseline.read(policy.baseline) if policy.baseline else None)
    for name, path in outputs or [("text", None)]:
        report.write_parts(_writing(name, outcome), path)
    if any(name == "github" for name, _ in outputs or []):
        _step_summary(outcome)
    if not outcome.passed and not exit_zero:
        raise typer.Exit(1)


def _outputs(output_format: str, named: list[str]) -> list[tuple[str, Path | None]]:
    """Format and file of each output; None is stdout."""
    pairs: list[tuple[str, Path | None]] = [(output_format, None)]
    for one in named:
        name, equals, path = one.partition("=")
        if not equals or not path:
            raise ConfigError(f"--output is {one!r}, expected FORMAT=FILE", remedy="such as sarif=checker.sarif")
        pairs.append((name, Path(path)))
    for name, _ in pairs:
        if name not in FORMATS:
            near = difflib.get_close_matches(name, FORMATS, n=1)
            raise ConfigError(
                f"no format is called {name!r}, expected {', '.join(FORMATS)}",
                remedy=f"did you mean {near[0]!r}?" if near else None,
            )
    return pairs


def _writing(name: str, outcome: "Outcome") -> Callable[[TextIO], None]:
    module = component("outputs", name)

    def write(file: TextIO) -> None:
        module.write(outcome, file)

    return write


def _step_summary(outcome: "Outcome") -> None:
    """Adds the page to the summary of GitHub's step, if there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            component("outputs", "markdown").write(outcome, file)
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", where=path, remedy="GITHUB_STEP_SUMMARY names it") from error


def _renewed(run: "Scan", path: Path, *, accept: bool) -> None:
    from checker import baseline, report

    report.check_writable(path)
    documents = run.documents.select("doc", "status").collect()
    before = baseline.read(path) if path.exists() else None
    kept = baseline.write(run, documents, path, before, accept=accept)
    dropped = "" if before is None else f", {sum(before['count']):,} before"
    err.print(f"{plain(str(path))}: {many(sum(kept['count']), 'finding')}{dropped}", markup=False)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of the run before.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of the run after.", show_default=False)],
    output_format: Annotated[str, typer.Option("--format", help="`text` or `json`, which lists everything.")] = "text",
    alpha: Annotated[float, typer.Option(min=0, max=1, help="Level of p below which a change is significant.")] = 0.05,
    *,
    force: Annotated[bool, typer.Option("--force", help="Compare runs that are not comparable; what differs is told.")] = False,
    fail_on_worse: Annotated[
        bool, typer.Option("--fail-on-worse", help="Exit 1 if mean fidelity fell significantly, or a finding is new.")
    ] = False,
) -> None:
    """Compare two runs over the same pages: findings new and fixed, sentences better and worse, documents added and gone.

    Runs by other rules, metrics or settings are not comparable, and refused with the reason; other engines are what is compared.
    """
    from checker import report
    from checker.diff import diff as compare
    from checker.diff import signature

    if output_format not in ("text", "json"):
        raise ConfigError(f"--format is {output_format!r}, expected text or json")
    before, after = report.scan(old), report.scan(new)
    against, _ = signature(before.run, after.run)
    if against and not force:
        raise RunError(
            "the runs are not comparable: " + "; ".join(against),
            remedy="audit both in the same way, or compare all the same with --force",
        )
    found = compare(before, after)
    report.write_text(_as_json(found) if output_format == "json" else "\n".join([*_as_text(found, alpha), ""]), None)
    if fail_on_worse and _worse(found, alpha):
        raise typer.Exit(1)


def _worse(found: "Difference", alpha: float) -> bool:
    change, p = found.fidelity.change, found.fidelity.p
    fell = change is not None and p is not None and change < 0 and p < alpha
    return fell or bool((found.findings["change"] == "new").any())


def _as_json(found: "Difference") -> str:
    import json
    from dataclasses import asdict

    content = {
        "told": found.told,
        "documents": found.documents.to_dicts(),
        "fidelity": asdict(found.fidelity),
        "chrf": asdict(found.chrf) if found.chrf else None,
        "sentences": [row for row in found.sentences.to_dicts() if row["change"] != 0],
        "findings": [row for row in found.findings.to_dicts() if row["change"] != "unchanged"],
        "alone": dict(zip(("old", "new"), found.alone, strict=True)),
        "unchanged": {"sentences": _count(found, "same"), "findings": _changed(found, "unchanged")},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _changed(found: "Difference", change: str) -> int:
    return int((found.findings["change"] == change).sum())


def _count(found: "Difference", which: str) -> int:
    change = found.sentences["change"]
    return int({"worse": change < 0, "better": change > 0, "same": change == 0}[which].sum())


def _as_text(found: "Difference", alpha: float) -> list[str]:
    lines = [f"differs: {plain(one)}" for one in found.told]
    if found.nothing:
        pairs, findings = many(found.sentences.height, "sentence"), many(found.findings.height, "finding")
        return [*lines, f"nothing changed: {pairs} and {findings} are the same"]
    lines += [f"{change}: {plain(doc)}" for doc, change in found.documents.select("doc", "change").iter_rows()]
    lines += _findings_as_text(found)
    lines += [
        f"sentences: {_count(found, 'worse'):,} worse, {_count(found, 'better'):,} better, {_count(found, 'same'):,} the same"
    ]
    old, new = found.alone
    lines += [f"  {old:,} that only the old run paired with an original, {new:,} that only the new one did"] if old or new else []
    judged = found.sentences["change"].is_null().sum()
    lines += [f"  {judged:,} that only one run could score"] if judged else []
    lines += [f"  mean fidelity {_tested(found.fidelity, alpha)}"]
    lines += [f"  corpus chrF2++ {_tested(found.chrf, alpha)}"] if found.chrf else []
    return [*lines, *_extremes(found)]


def _tested(one: "Significance", alpha: float) -> str:
    if one.change is None:
        return "not tested: no sentence was scored in both runs"
    if one.p is None:
        return f"{one.old:.2f} → {one.new:.2f}, {one.change:+.2f}, not tested: too many sentences differ"
    interval = f" (95 % of resamples {one.low:+.2f} to {one.high:+.2f})" if one.low is not None and one.high is not None else ""
    said = "significant" if one.p < alpha else "not significant"
    return f"{one.old:.2f} → {one.new:.2f}, {one.change:+.2f}{interval}, p = {one.p:.4g}: {said}"


def _findings_as_text(found: "Difference") -> list[str]:
    kinds = ("new", "fixed", "suppressed", "unchanged")
    lines = [
        "findings: "
        + ", ".join(f"{_changed(found, kind):,} {kind}" for kind in kinds if kind != "suppressed" or _changed(found, kind))
    ]
    for kind, mark in (("new", "+"), ("fixed", "-")):
        rows = found.findings.filter(found.findings["change"] == kind)
        lines += [f"  {mark} {_told(row)}" for row in rows.head(_SHOWN).iter_rows(named=True)]
        lines += [f"  {mark} … and {rows.height - _SHOWN:,} more"] if rows.height > _SHOWN else []
    return lines


def _told(row: dict[str, Any]) -> str:
    """A finding: place, severity, rule, message, and the evidence where the message does not hold it."""
    message, evidence = row["message"] or "", row["evidence"] or ""
    said = message if evidence in message else f"{message}: {evidence}"
    return f"{plain(row['doc'])}:{row['line']}:{row['column']} {row['severity']} {row['code']} {row['rule']}: {short(said, 120)}"


def _extremes(found: "Difference") -> list[str]:
    worse, better = found.sentences.filter(found.sentences["change"] < 0), found.sentences.filter(found.sentences["change"] > 0)
    parts = (
        ("worse", worse.head(_SHOWN)),
        ("better", better.sort("change", "doc", "original_text", descending=[True, False, False]).head(_SHOWN // 2)),
    )
    lines = []
    for name, rows in parts:
        lines += [f"most {name}"] if rows.height else []
        for row in rows.iter_rows(named=True):
            lines += [
                f"  {row['change']:+6.1f}  {plain(row['doc'])}: {short(row['original_text'], 90)}",
                f"          before {row['fidelity_old']:5.1f}: {short(row['english_old'], 90)}",
                f"          now    {row['fidelity_new']:5.1f}: {short(row['english_new'], 90)}",
            ]
    return lines


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RULE|FINGERPRINT|DOC#N", help="Name or code of a rule, a finding, or a sentence.", show_default=False
        ),
    ],
    run: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="Folder of the run that finding or sentence is of.", show_default=False)
    ] = None,
) -> None:
    """Print a rule's page, or with a run how a finding or the scores of a sentence came about: page, back-translation, original.

    A fingerprint may be cut short where its beginning tells it from others. A sentence is called as in the summary, `DOC#N`: name
    of its document, or the end of it, and number.
    """
    if run is not None:
        return _explained(name, run)
    rule = next((rule for rule in rules().values() if name.lower() in (rule.name, rule.code.lower())), None)
    if rule is None:
        near = difflib.get_close_matches(name.lower(), [*rules()], n=1)
        remedy = f"did you mean {near[0]!r}?" if near else "see `checker rules`; a finding is explained with its run's folder"
        raise ConfigError(f"no rule is called {name!r}", remedy=remedy)
    out.print(f"{rule.name} ({rule.code})  {rule.severity}  {rule.category}\n\n{rule.page}")
    return None


def _explained(name: str, run: Path) -> None:
    from checker import lineage, report

    scan = report.scan(run)
    sentence = lineage.named(scan, name)
    if sentence is not None:
        return report.write_text("\n".join([*lineage.told(scan, sentence), ""]), None)
    for n, finding in enumerate(lineage.found(scan, name).iter_rows(named=True)):
        report.write_text("\n".join([*([""] if n else []), *lineage.lineage(scan, finding), ""]), None)
    return None
