"""The gate: holds a run against the thresholds of a policy; one row per threshold, and an exit code."""

import polars as pl

from checker.config import Gate
from checker.overrides import counted
from checker.registry import SEVERITIES
from checker.report import Report, own_sentences

VERDICTS = {"check": pl.String(), "threshold": pl.String(), "value": pl.String(), "passed": pl.Boolean(), "worst": pl.String()}
"""Columns of the verdicts: what was checked, the bound, the figure, whether it holds, and the document that did worst."""


def gate(report: Report, policy: Gate) -> pl.DataFrame:
    """A row per threshold that the policy sets. A figure that cannot be had (nothing scored) breaks its threshold."""
    rows = [*_severity(report, policy), *_fidelity(report, policy), *_shares(report, policy)]
    return pl.DataFrame(rows, schema=VERDICTS, orient="row")


def passed(verdicts: pl.DataFrame) -> bool:
    """True if every threshold holds."""
    return bool(verdicts["passed"].all())


_Verdict = tuple[str, str, str, bool, str | None]


def _severity(report: Report, policy: Gate) -> list[_Verdict]:
    verdicts: list[_Verdict] = []
    found = counted(report.findings)
    if policy.fail_on != "never":
        failing = SEVERITIES[SEVERITIES.index(policy.fail_on) :]
        bad = found.filter(pl.col("severity").is_in(failing))
        verdicts.append((f"findings at or above {policy.fail_on}", "0", str(bad.height), bad.height == 0, _most(bad)))
    skipped = report.documents.filter(pl.col("status") == "skipped")
    bounds = (("findings", policy.max_findings, found), ("documents skipped", policy.max_skipped, skipped))
    for name, bound, rows in bounds:
        if bound is not None:
            verdicts.append((name, f"≤ {bound}", str(rows.height), rows.height <= bound, _most(rows)))
    return verdicts


def _most(findings: pl.DataFrame) -> str | None:
    counts = findings.group_by("doc").len().sort("len", "doc", descending=[True, False])
    return counts["doc"][0] if counts.height else None


def _fidelity(report: Report, policy: Gate) -> list[_Verdict]:
    scored = own_sentences(report).filter(pl.col("fidelity").is_not_null())
    worst = scored.sort("fidelity", "doc")["doc"][0] if scored.height else None
    figures = (
        ("mean fidelity", policy.min_mean_fidelity, scored["fidelity"].mean()),
        ("10th percentile of fidelity", policy.min_p10_fidelity, scored["fidelity"].quantile(0.1, "linear")),
    )
    return [_least(name, bound, value, worst) for name, bound, value in figures if bound is not None]


def _shares(report: Report, policy: Gate) -> list[_Verdict]:
    versions = report.documents.filter(pl.col("derivation").is_in(["translation", "back-translation"])).sort("coverage", "doc")
    worst = versions["doc"][0] if versions.height else None
    alone = pl.col("alignment").is_in(["omission", "addition", "boilerplate"]).fill_null(value=False)
    judged = own_sentences(report).filter(~alone)
    share = (judged["status"] == "scored").mean() if judged.height else None
    figures = (
        ("least coverage of an original", policy.min_coverage, versions["coverage"].min(), worst),
        ("share of sentences scored", policy.min_scored_share, share, None),
    )
    return [_least(name, bound, value, doc) for name, bound, value, doc in figures if bound is not None]


def _least(name: str, bound: float, value: object, worst: str | None) -> _Verdict:
    if not isinstance(value, int | float):
        return name, f"≥ {bound:g}", "none", False, worst
    return name, f"≥ {bound:g}", f"{value:.4g}", value >= bound, worst
