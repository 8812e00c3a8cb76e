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


def all_findings(outcome: Outcome) -> pl.LazyFrame:
    """`tables.FINDINGS` with `place`, `path`, `format` and `doc_lang` of the document, and `known`."""
    told = outcome.documents.select("doc", "place", "path", "format", doc_lang="lang").lazy()
    known = outcome.known.lazy().with_columns(known=pl.lit(value=True))
    rows = outcome.findings.join(told, on="doc", how="left", maintain_order="left")
    rows = rows.join(known, on=["doc", "fingerprint"], how="left", maintain_order="left")
    return rows.with_columns(pl.col("known").fill_null(value=False))


def that_count(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The findings that are neither suppressed nor known."""
    return rows.filter(pl.col("suppressed").is_null(), ~pl.col("known"))


def batches(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows in their order, some at a time, so that a run of any size is written."""
    yield from rows.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming")


def worst(rows: pl.LazyFrame, count: int) -> pl.DataFrame:
    """At most `count` of the findings: the most severe, in the order of documents."""
    rank = pl.col("severity").replace_strict({name: n for n, name in enumerate(SEVERITIES)}, default=-1, return_dtype=pl.Int8)
    ordered = rows.with_columns(rank=rank).sort("rank", "doc", "start", "fingerprint", descending=[True, False, False, False])
    return ordered.head(count).drop("rank").collect(engine="streaming")


def counts(rows: pl.LazyFrame) -> pl.DataFrame:
    """rule, code, severity, doc_lang and how many findings there are of each, most first."""
    found = rows.group_by("rule", "code", "severity", "doc_lang").len().collect(engine="streaming")
    return found.sort("len", "code", "doc_lang", "severity", descending=[True, False, False, False], nulls_last=True)


def failing(policy: Gate) -> tuple[str, ...]:
    """The severities at or above `fail_on`."""
    return () if policy.fail_on == "never" else SEVERITIES[SEVERITIES.index(policy.fail_on) :]
