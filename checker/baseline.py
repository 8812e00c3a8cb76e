"""The baseline: findings that are known and do not count, so that a gate holds a corpus to getting no worse.

It is a file to commit: `{"schema": "checker.baseline/1", "entries": {FILE: {RULE: {FINGERPRINT: COUNT}}}}`, sorted, the same bytes
on every machine, with no line numbers and no times. Files have their names alone, without folders, as fingerprints do; a count is
more than one where several files of one name have the same finding. Written again, it only loses entries: those that are gone from
files that the run read, of rules that it ran. What is new goes in only when that is asked for.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from checker.errors import InputError
from checker.overrides import counted
from checker.report import Scan, write_text
from checker.terminal import many

SCHEMA = "checker.baseline/1"

_KEYS = ["file", "rule", "fingerprint"]
_ENTRIES = {"file": pl.String(), "rule": pl.String(), "fingerprint": pl.String(), "count": pl.Int64()}


def read(path: Path) -> pl.DataFrame:
    """file, rule, fingerprint and count of each entry; raises `InputError` for what is no baseline: it is never taken as empty."""
    remedy = "`checker gate RUN --baseline FILE --write-baseline` makes one"
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), remedy=remedy) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}", where=str(path), remedy=remedy) from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InputError(f"is not a baseline of schema {SCHEMA}", where=str(path), remedy=remedy)
    try:
        rows = [*_rows(content["entries"])]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError("holds an entry that is none", where=str(path), remedy=remedy) from error
    return pl.DataFrame(rows, schema=_ENTRIES, orient="row")


def _rows(entries: Mapping[str, Any]) -> list[tuple[str, str, str, int]]:
    rows = [
        (file, rule, fingerprint, count)
        for file, rules in entries.items()
        for rule, fingerprints in rules.items()
        for fingerprint, count in fingerprints.items()
    ]
    if not all(isinstance(row[3], int) and not isinstance(row[3], bool) and row[3] > 0 for row in rows):
        raise ValueError
    return rows


def known(run: Scan, documents: pl.DataFrame, entries: pl.DataFrame | None) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """doc and fingerprint of the run's findings that the entries name, as many of each as they count; and what is to be said."""
    if entries is None:
        return pl.DataFrame(schema={"doc": pl.String, "fingerprint": pl.String}), ()
    named = _keyed(run).join(entries.lazy(), on=_KEYS, how="inner").collect(engine="streaming").sort("doc", *_KEYS)
    found = named.filter(pl.int_range(pl.len()).over(_KEYS) < pl.col("count")).select("doc", "fingerprint")
    rest = _stale(entries, _current(run), documents, run)
    stale, elsewhere = sum(rest.filter("seen")["gone"]), sum(rest.filter(~pl.col("seen"))["count"])
    notes = [f"baseline: {many(found.height, 'finding')} known"]
    if stale:
        notes.append(f"baseline: {many(stale, 'entry is', 'entries are')} stale, mended since; --write-baseline drops them")
    if elsewhere:
        notes.append(f"baseline: {many(elsewhere, 'entry is', 'entries are')} of files or rules that are not in this run")
    return found, tuple(notes)


def write(run: Scan, documents: pl.DataFrame, path: Path, entries: pl.DataFrame | None, *, accept: bool) -> pl.DataFrame:
    """Writes the baseline: all findings that count where there are no `entries` yet; else those that are still found.

    With `accept`, what is new goes in as well. Returns the entries.
    """
    current = _current(run)
    if entries is None:
        kept = current
    else:
        left = _stale(entries, current, documents, run).with_columns(count=pl.col("count") - pl.col("gone"))
        kept = left.filter(pl.col("count") > 0).select(_ENTRIES.keys())
        if accept:
            kept = pl.concat([kept, current]).group_by(_KEYS).agg(pl.col("count").max())
    tree: dict[str, dict[str, dict[str, int]]] = {}
    for file, rule, fingerprint, count in kept.select(_ENTRIES.keys()).sort(_KEYS).iter_rows():
        tree.setdefault(file, {}).setdefault(rule, {})[fingerprint] = count
    text = json.dumps({"schema": SCHEMA, "entries": tree}, ensure_ascii=True, indent=1, sort_keys=True)
    write_text(text + "\n", path)
    return kept


def _keyed(run: Scan) -> pl.LazyFrame:
    return counted(run.findings).select("doc", "rule", "fingerprint", file=_file())


def _file() -> pl.Expr:
    return pl.col("doc").str.replace(r"(?s)^.*/", "")


def _current(run: Scan) -> pl.DataFrame:
    counts = _keyed(run).group_by(_KEYS).agg(count=pl.len().cast(pl.Int64))
    return counts.collect(engine="streaming").select(_ENTRIES.keys())


def _stale(entries: pl.DataFrame, current: pl.DataFrame, documents: pl.DataFrame, run: Scan) -> pl.DataFrame:
    """The entries with `seen`, true where the run could have found them, and `gone`, how many of `count` it did not."""
    files = documents.filter(pl.col("status").fill_null("ok") == "ok").select(file=_file())["file"]
    joined = entries.join(current.rename({"count": "now"}), on=_KEYS, how="left").with_columns(pl.col("now").fill_null(0))
    seen = pl.col("file").is_in(files.implode()) & pl.col("rule").is_in(list(run.run.get("rules", ())))
    gone = pl.when(seen).then((pl.col("count") - pl.col("now")).clip(lower_bound=0)).otherwise(0)
    return joined.with_columns(seen=seen, gone=gone)
