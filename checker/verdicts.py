"""Verdicts: what reviewers said of findings, and the precision of each rule by them.

The review page exports them as JSON lines, a finding a line, by fingerprint; the next run reads them (`verdicts` in the settings).
"""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from checker.errors import InputError

VERDICTS = {"true": None, "false": "judged false", "wontfix": "judged true, and left"}
"""Verdict to the reason for which a finding no longer counts; None if it counts."""

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
    rows = found.drop("verdict").join(verdicts, on="fingerprint", how="left", maintain_order="left")
    reason = pl.col("verdict").replace_strict(VERDICTS, default=None, return_dtype=pl.String)
    return rows.with_columns(suppressed=pl.coalesce("suppressed", reason)).select(found.columns)


def precision(found: pl.DataFrame) -> pl.DataFrame:
    """rule, code, judged, right and precision (right of those judged, 0 to 1) of each rule of which a finding was judged."""
    judged = found.filter(pl.col("verdict").is_not_null())
    counts = judged.group_by("rule", "code").agg(judged=pl.len(), right=(pl.col("verdict") != "false").sum())
    return counts.with_columns(precision=(pl.col("right") / pl.col("judged")).round(4)).sort("code")
