"""Verdicts: what reviewers said of findings, and the precision of each rule by them.

The review page exports them as JSON lines, a finding a line, by fingerprint, which may be cut short where its beginning tells it
from others; the next run reads them (`verdicts` in the settings).
"""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from checker.errors import InputError

VERDICTS = {"true": None, "false": "judged false", "wontfix": "judged true, and left"}
"""Verdict to the reason for which a finding no longer counts; None if it counts."""

# Least digits of the beginning of a fingerprint.
_LEAST = 4

_SCHEMA = {"fingerprint": pl.String, "verdict": pl.String}


def read(path: Path | None) -> pl.DataFrame:
    """fingerprint and verdict of each line of a file, of several about one finding the last; raises `InputError` with the line."""
    if path is None:
        return pl.DataFrame(schema=_SCHEMA)
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8", where=str(path), remedy="the review page exports verdicts") from error
    rows = pl.DataFrame([*_rows(lines, path)], schema=_SCHEMA, orient="row")
    return rows.unique("fingerprint", keep="last", maintain_order=True)


def _rows(lines: list[str], path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            fingerprint, verdict = row["fingerprint"], row["verdict"]
        except (ValueError, KeyError, TypeError) as error:
            problem, remedy = "is no verdict", '{"fingerprint": "…", "verdict": "true"} is one'
            raise InputError(problem, where=f"{path}:{number}", remedy=remedy) from error
        if verdict not in VERDICTS or not isinstance(fingerprint, str):
            raise InputError(f"{verdict!r} is no verdict", where=f"{path}:{number}", remedy=f"one is {', '.join(VERDICTS)}")
        yield fingerprint, verdict


def judge(found: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """`tables.FINDINGS` with their `verdict`; what was judged false, or is left, no longer counts (`suppressed`)."""
    if verdicts.is_empty():
        return found
    said = _resolved(found["fingerprint"], verdicts).drop("at")
    rows = found.drop("verdict").join(said, on="fingerprint", how="left", maintain_order="left")
    reason = pl.col("verdict").replace_strict(VERDICTS, default=None, return_dtype=pl.String)
    return rows.with_columns(suppressed=pl.coalesce("suppressed", reason)).select(found.columns)


def upheld(found: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """The findings but for those that were judged false."""
    false = _resolved(found["fingerprint"], verdicts).filter(verdict="false")
    return found.join(false, on="fingerprint", how="anti", maintain_order="left")


def unmatched(found: pl.DataFrame, verdicts: pl.DataFrame) -> pl.Series:
    """The fingerprints of verdicts that name none of the findings, or begin several."""
    rows = verdicts.with_row_index("at")
    return rows.join(_resolved(found["fingerprint"], verdicts, once=False), on="at", how="anti", maintain_order="left")[
        "fingerprint"
    ]


def _resolved(fingerprints: pl.Series, verdicts: pl.DataFrame, *, once: bool = True) -> pl.DataFrame:
    """at (row of the verdict), fingerprint and verdict of the fingerprints that a verdict names, whole or by a beginning that is
    only one's; of several verdicts on one, the last, or (not `once`) each.
    """
    known = fingerprints.unique().sort().to_frame("fingerprint")
    asked = verdicts.select(said=pl.col("fingerprint").str.strip_chars().str.to_lowercase(), verdict="verdict").with_row_index("at")
    parts = [asked.clear().join(known.with_columns(said="fingerprint"), on="said")]
    for (size,), rows in asked.group_by(pl.col("said").str.len_chars()):
        begun = known.with_columns(said=pl.col("fingerprint").str.head(size)).filter(pl.len().over("said") == 1)
        parts += [rows.join(begun, on="said")] if size >= _LEAST else []
    found = pl.concat(parts).select("at", "fingerprint", "verdict").sort("at")
    return found.unique("fingerprint", keep="last", maintain_order=True) if once else found


def precision(found: pl.DataFrame) -> pl.DataFrame:
    """rule, code, judged, right and precision (right of those judged, 0 to 1) of each rule of which a finding was judged."""
    judged = found.filter(pl.col("verdict").is_not_null())
    counts = judged.group_by("rule", "code").agg(judged=pl.len(), right=(pl.col("verdict") != "false").sum())
    return counts.with_columns(precision=(pl.col("right") / pl.col("judged")).round(4)).sort("code")
