"""What a gate made of a run: the verdicts, and the findings as the outputs write them, worst first or batch by batch."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

import polars as pl

from checker.limits import Gate
from checker.registry import SEVERITIES

# Findings that are in memory at a time where all are written: some 20 MB of text.
_BATCH = 20_000
_RANKS = {name: rank for rank, name in enumerate(SEVERITIES)}


@dataclass(frozen=True)
class Outcome:
    """The documents (`tables.DOCUMENTS` without texts, with `place`), the findings, those that are known, and the verdicts."""

    documents: pl.DataFrame
    findings: pl.LazyFrame
    known: pl.DataFrame
    """doc and fingerprint of the findings that stand in the baseline, and do not count."""
    verdicts: pl.DataFrame
    policy: Gate
    rules: tuple[str, ...]
    """The rules that were run."""
    version: str
    """Version of checker that made the run."""
    notes: tuple[str, ...] = ()
    """What the baseline has to say."""

    @property
    def passed(self) -> bool:
        return bool(self.verdicts["passed"].all())


def places(documents: pl.DataFrame, root: Path) -> pl.Series:
    """`place` of each document: its path below `root`, with `/`; its name below the corpus if it lies elsewhere.

    What reads the outputs knows files by their paths in the repository, and no path of this machine leaves it.
    """
    base = root.absolute()
    found = [_place(doc, path, base) for doc, path in documents.select("doc", "path").iter_rows()]
    return pl.Series("place", found, dtype=pl.String)


def _place(doc: str, path: str | None, root: Path) -> str:
    whole = PurePath(os.path.normpath(root / (path or doc)))
    return whole.relative_to(root).as_posix() if path and whole.is_relative_to(root) else doc


def batches(outcome: Outcome, *, counting: bool) -> Iterator[pl.DataFrame]:
    """`tables.FINDINGS`, some rows at a time, with `place`, `path`, `format` and `doc_lang` of the document, and `known`.

    Those that count alone, which are neither suppressed nor known, or all. A slice of a Parquet file is read without the rest: a
    run of any size goes through in the memory of one batch.
    """
    for at in range(0, outcome.findings.select(pl.len()).collect().item(), _BATCH):
        rows = _dressed(outcome, outcome.findings.slice(at, _BATCH).collect())
        yield rows.filter(pl.col("suppressed").is_null(), ~pl.col("known")) if counting else rows


def _dressed(outcome: Outcome, rows: pl.DataFrame) -> pl.DataFrame:
    told = outcome.documents.select("doc", "place", "path", "format", doc_lang="lang")
    here = rows["doc"].unique().implode()
    known = outcome.known.filter(pl.col("doc").is_in(here)).with_columns(known=pl.lit(value=True))
    rows = rows.join(told.filter(pl.col("doc").is_in(here)), on="doc", how="left", maintain_order="left")
    rows = rows.join(known, on=["doc", "fingerprint"], how="left", maintain_order="left")
    return rows.with_columns(pl.col("known").fill_null(value=False))


def worst(outcome: Outcome, count: int, *, counting: bool) -> pl.DataFrame:
    """At most `count` of the findings: the most severe, in the order of documents."""
    order = ["rank", "doc", "start", "fingerprint"]
    rank = pl.col("severity").replace_strict(_RANKS, default=0, return_dtype=pl.Int8)
    kept: list[pl.DataFrame] = []
    for rows in batches(outcome, counting=counting):
        together = pl.concat([*kept, rows.with_columns(rank=rank)])
        kept = [together.sort(order, descending=[True, False, False, False], nulls_last=True).head(count)]
    return kept[0].drop("rank") if kept else _dressed(outcome, outcome.findings.collect())


def counts(outcome: Outcome) -> pl.DataFrame:
    """rule, code, severity, doc_lang and how many findings that count there are of each, most first."""
    by = ["rule", "code", "severity", "doc_lang"]
    parts = [rows.group_by(by).agg(len=pl.len().cast(pl.Int64)) for rows in batches(outcome, counting=True)]
    if not parts:
        return pl.DataFrame(schema={**dict.fromkeys(by, pl.String), "len": pl.Int64})
    found = pl.concat(parts).group_by(by).agg(pl.col("len").sum())
    return found.sort("len", "code", "doc_lang", "severity", descending=[True, False, False, False], nulls_last=True)


def failing(policy: Gate) -> tuple[str, ...]:
    """The severities at or above `fail_on`."""
    return () if policy.fail_on == "never" else SEVERITIES[SEVERITIES.index(policy.fail_on) :]
