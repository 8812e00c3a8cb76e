"""What a gate made of a run: the verdicts, and the findings as the outputs write them, worst first or batch by batch."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import polars as pl

from checker.limits import Gate
from checker.registry import SEVERITIES
from checker.terminal import plain

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
    """What the baseline has to say, what was not compared, what was not read."""
    broken: Mapping[int, tuple[str, pl.Expr]] = field(default_factory=dict)
    """Row of each verdict that is about findings and does not hold, to its check and what is true of the findings it is about."""

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
    """`tables.FINDINGS`, some rows at a time, with `place`, `path`, `format` and `doc_lang` of the document, `known` and `breaks`:
    the thresholds that the finding helps to break, in words, null if none.

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
    rows = rows.with_columns(pl.col("known").fill_null(value=False))
    counts = pl.col("suppressed").is_null() & ~pl.col("known")
    checks = [pl.when(counts & about).then(pl.lit(check)) for check, about in outcome.broken.values()]
    said = pl.concat_str(*checks, separator="; ", ignore_nulls=True) if checks else pl.lit(None, pl.String)
    return rows.with_columns(breaks=pl.when(said != "").then(said))


def worst(outcome: Outcome, count: int, *, counting: bool) -> pl.DataFrame:
    """At most `count` of the findings: those that break a threshold, the most severe of either first, in the order of documents."""
    order = ["broken", "rank", "doc", "start", "fingerprint"]
    keys = {"broken": pl.col("breaks").is_not_null(), "rank": _rank()}
    kept: list[pl.DataFrame] = []
    for rows in batches(outcome, counting=counting):
        together = pl.concat([*kept, rows.with_columns(**keys)])
        kept = [together.sort(order, descending=[True, True, False, False, False], nulls_last=True).head(count)]
    return kept[0].drop("broken", "rank") if kept else _dressed(outcome, outcome.findings.collect())


def breaking(outcome: Outcome, count: int) -> dict[int, pl.DataFrame]:
    """Row of each verdict in `broken` to at most `count` of its findings: the most severe, in the order of documents."""
    order = ["rank", "doc", "start", "fingerprint"]
    kept: dict[int, pl.DataFrame] = {}
    for rows in batches(outcome, counting=True) if outcome.broken else ():
        ranked = rows.with_columns(rank=_rank())
        for n, (_, about) in outcome.broken.items():
            together = pl.concat([*([kept[n]] if n in kept else []), ranked.filter(about)])
            kept[n] = together.sort(order, descending=[True, False, False, False], nulls_last=True).head(count)
    return kept


def _rank() -> pl.Expr:
    return pl.col("severity").replace_strict(_RANKS, default=0, return_dtype=pl.Int8)


def place_of(row: Mapping[str, Any]) -> str:
    """`path:line:column` of a finding, as far as they are known: a table's row has no column."""
    parts = (row["place"], row["line"], row["column"] if row["line"] is not None else None)
    return plain(":".join(str(part) for part in parts if part is not None))


def unread(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Place and reason of each document that could not be read, for outputs that know places alone."""
    skipped = outcome.documents.filter(pl.col("status") == "skipped")
    for place, reason in skipped.select("place", "reason").iter_rows():
        yield plain(place), plain(f"skipped, nothing was looked for in it: {reason}")


def broken(row: Mapping[str, Any]) -> str:
    """What an output that tells findings alone adds to the message of one that breaks a threshold."""
    return f" (breaks: {row['breaks']})" if row["breaks"] else ""


def counts(outcome: Outcome) -> pl.DataFrame:
    """rule, code, severity, doc_lang, whether they break a threshold, and how many findings that count are of each, most first."""
    by = ["rule", "code", "severity", "doc_lang", "breaks"]
    parts = [
        rows.with_columns(pl.col("breaks").is_not_null()).group_by(by).agg(len=pl.len().cast(pl.Int64))
        for rows in batches(outcome, counting=True)
    ]
    if not parts:
        return pl.DataFrame(schema={**dict.fromkeys(by, pl.String), "breaks": pl.Boolean, "len": pl.Int64})
    found = pl.concat(parts).group_by(by).agg(pl.col("len").sum())
    return found.sort("len", "code", "doc_lang", "severity", "breaks", descending=[True, *[False] * 4], nulls_last=True)


def failing(policy: Gate) -> tuple[str, ...]:
    """The severities at or above `fail_on`."""
    return () if policy.fail_on == "never" else SEVERITIES[SEVERITIES.index(policy.fail_on) :]
