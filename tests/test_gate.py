"""The gate: each threshold breaks on its own, and what cannot be judged does not pass."""

import polars as pl
import pytest

from checker.gate import gate, passed
from checker.limits import Gate
from checker.report import Report, scanned
from checker.tables import DOCUMENTS, FINDINGS, SEGMENTS, SENTENCES


def report(fidelities: list[float | None], *, severity: str = "minor", coverage: float = 0.9) -> Report:
    rows = pl.DataFrame({"fidelity": pl.Series(fidelities, dtype=pl.Float64)}).with_columns(
        doc=pl.lit("fr/a.txt"),
        alignment=pl.lit("1-1"),
        status=pl.when(pl.col("fidelity").is_null()).then(pl.lit("unscored")).otherwise(pl.lit("scored")),
    )
    documents = pl.DataFrame({"doc": ["fr/a.txt"], "derivation": ["translation"], "coverage": [coverage]})
    findings = pl.DataFrame({"doc": ["fr/a.txt"], "severity": [severity]})
    return Report(DOCUMENTS.conform(documents), SEGMENTS.empty(), SENTENCES.conform(rows), FINDINGS.conform(findings))


NEVER = {"fail_on": "never"}


@pytest.mark.parametrize(
    ("policy", "holds"),
    [
        (Gate(), True),
        (Gate(fail_on="minor"), False),
        (Gate(fail_on="major"), True),
        (Gate(**NEVER, max_findings=1), True),
        (Gate(**NEVER, max_findings=0), False),
        (Gate(**NEVER, min_mean_fidelity=70), True),
        (Gate(**NEVER, min_mean_fidelity=80), False),
        (Gate(**NEVER, min_p10_fidelity=50), True),
        (Gate(**NEVER, min_p10_fidelity=60), False),
        (Gate(**NEVER, min_coverage=0.9), True),
        (Gate(**NEVER, min_coverage=0.95), False),
        (Gate(**NEVER, min_scored_share=0.6), True),
        (Gate(**NEVER, min_scored_share=0.7), False),
    ],
)
def test_each_threshold_holds_or_breaks_on_its_own(policy: Gate, *, holds: bool) -> None:
    assert passed(gate(scanned(report([50.0, 95.0, None])), policy)) is holds


def test_a_run_in_which_nothing_could_be_scored_breaks_a_fidelity_threshold() -> None:
    verdicts = gate(scanned(report([None, None])), Gate(min_mean_fidelity=1, min_scored_share=0.1))
    assert verdicts.filter(~pl.col("passed"))["check"].to_list() == ["mean fidelity", "share of sentences scored"]


def test_a_broken_threshold_names_the_document_that_did_worst() -> None:
    assert gate(scanned(report([50.0], severity="critical")), Gate()).row(0) == (
        "findings at or above critical",
        "0",
        "1",
        False,
        "fr/a.txt",
    )
