"""Overrides: other severities, and findings that are expected, by rule, path, language or fingerprint, as the settings say.

A finding that is suppressed stays in the report with the reason: it only no longer counts, neither for the gate nor for an exit
code, and what it covers is still not the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from checker.registry import named
from checker.tables import Frame


@dataclass(frozen=True)
class Override:
    """What the findings get that fit all of its conditions; of several that fit a finding, the last one alone counts."""

    rule: tuple[str, ...] = ()
    """Rules by name, code or beginning of a code; `*` stands for any characters. A string or a list; all rules if not given."""
    path: str | None = None
    """Pattern for the document's path below the corpus or below a folder above it, such as `mirror/*`."""
    lang: str | None = None
    """Language of the document, ISO 639-1."""
    fingerprint: tuple[str, ...] = ()
    """Fingerprints of findings, as the table `findings` has them. A string or a list."""
    severity: str | None = None
    """Severity that they get: `info`, `minor`, `major` or `critical`."""
    suppress: bool | None = None
    """`true`: they stay in the report, and no longer count. `false`: they are left as they are, whatever stands above."""
    reason: str | None = None
    """Why; it is kept in the report, and must be given to suppress."""

    def __str__(self) -> str:
        """As `--show-settings` prints it."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return ", ".join(
            f"{name} = {list(value) if isinstance(value, tuple) else value!r}" for name, value in given.items() if value
        )


def override(found: pl.DataFrame, documents: pl.DataFrame, segments: pl.DataFrame, overrides: Sequence[Override]) -> pl.DataFrame:
    """`tables.FINDINGS` with what the overrides say; `documents` has `doc` and `path`, `segments` has `doc` and `doc_lang`."""
    if not overrides:
        return found
    langs = segments.select("doc", "doc_lang").unique("doc", keep="first", maintain_order=True)
    known = documents.select("doc", "path").join(langs, on="doc", maintain_order="left")
    rows = found.join(known.drop("path"), on="doc", how="left", maintain_order="left")
    paths = known.join(found, on="doc", how="semi", maintain_order="left").select("doc", "path").rows()
    fits = [pl.when(_fits(one, paths)).then(pl.lit(n)) for n, one in enumerate(overrides)]
    rows = rows.with_columns(last=pl.max_horizontal(fits))
    severities = {n: one.severity for n, one in enumerate(overrides) if one.severity}
    reasons = {n: one.reason for n, one in enumerate(overrides) if one.suppress}
    given, reason = (
        pl.col("last").replace_strict(values, default=None, return_dtype=pl.String) for values in (severities, reasons)
    )
    changed = given.is_not_null() & (given != pl.col("severity"))
    return rows.with_columns(
        severity=pl.coalesce(given, "severity"),
        rule_severity=pl.when(changed).then("severity").otherwise("rule_severity"),
        suppressed=pl.coalesce(reason, "suppressed"),
    ).select(found.columns)


def counted(found: Frame) -> Frame:
    """The findings that count: those that no override suppresses."""
    return found.filter(pl.col("suppressed").is_null())


def _fits(one: Override, paths: Sequence[tuple[str, str]]) -> pl.Expr:
    """True for a finding that meets every condition of the override."""
    conditions = [pl.lit(value=True)]
    if one.rule:
        conditions.append(pl.col("rule").is_in(named(one.rule)))
    if one.path:
        conditions.append(pl.col("doc").is_in([doc for doc, path in paths if lies(doc, path, one.path)]))
    if one.lang:
        conditions.append(pl.col("doc_lang") == one.lang)
    if one.fingerprint:
        conditions.append(pl.col("fingerprint").is_in(list(one.fingerprint)))
    return pl.all_horizontal(conditions)


def lies(doc: str, path: str, pattern: str) -> bool:
    """Whether a document lies where the pattern says, whichever of the folders above it was named as the corpus."""
    return fnmatch(doc, pattern) or fnmatch(Path(path).absolute().as_posix(), f"*/{pattern}")
