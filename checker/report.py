"""Reports: a run's tables and its record, written to a folder, read back, and summed up in words."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from checker import workbook
from checker.errors import RunError
from checker.intervals import by_document
from checker.overrides import counted
from checker.registry import components
from checker.tables import DOCUMENTS, TERMS, VERSION, WRITTEN, Frame
from checker.writers import csv

VERDICTS = {"check": pl.String(), "threshold": pl.String(), "value": pl.String(), "passed": pl.Boolean(), "worst": pl.String()}
"""Columns of the gate's verdicts: what was checked, the bound, the figure, whether it holds, and the document that did worst."""

RECORD = "run.json"

_FRESH = ".new-"


@dataclass(frozen=True)
class Report:
    """What a run found: its tables and the record of how it was made."""

    documents: pl.DataFrame
    segments: pl.DataFrame
    sentences: pl.DataFrame
    findings: pl.DataFrame
    run: Mapping[str, Any] = field(default_factory=dict)
    """What the tables depend on: versions, settings, rules, engines, digests."""
    terms: pl.DataFrame = field(default_factory=TERMS.empty)
    verdicts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VERDICTS))
    """The gate's: `check`, `threshold`, `value`, `passed` and `worst` of each threshold; none where no gate was held."""
    held: bool = False
    """Whether a gate was held: `audit` does, `read` does not."""

    @property
    def passed(self) -> bool | None:
        """True if no threshold of the gate is broken; None where no gate was held, as of a report that was read."""
        return bool(self.verdicts["passed"].all()) if self.held else None

    def write(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Writes the run's folder, as `checker audit --out` does, for `checker review`, `gate` and `diff`; returns its files.

        Raises `RunError` where it cannot be written.
        """
        return write(self, Path(folder))

    @staticmethod
    def read(folder: str | os.PathLike[str]) -> "Report":
        """The report in a run's folder, without the gate's verdicts (`passed` is None).

        Raises `RunError` where there is none, or a damaged one.
        """
        return read(Path(folder))


@dataclass(frozen=True)
class Scan:
    """A run whose tables are read only as far as is asked of them."""

    documents: pl.LazyFrame
    segments: pl.LazyFrame
    sentences: pl.LazyFrame
    findings: pl.LazyFrame
    run: Mapping[str, Any] = field(default_factory=dict)
    terms: pl.LazyFrame = field(default_factory=lambda: TERMS.empty().lazy())


def documents(
    pages: pl.DataFrame,
    spoken: pl.DataFrame,
    relations: pl.DataFrame,
    pivots: pl.DataFrame,
    segments: pl.DataFrame,
    sentences: pl.DataFrame,
    findings: pl.DataFrame,
) -> pl.DataFrame:
    """`tables.DOCUMENTS`: what is known of each document, with its counts and its mean fidelity.

    `spoken` has doc, doc_lang and doc_lang_score, a row a document.
    """
    best = relations.filter("best").drop("best")
    languages = spoken.select("doc", lang="doc_lang", lang_score="doc_lang_score")
    rows = pages.drop("lang", "original", "cells", "anchors").join(languages, on="doc", how="left")
    rows = rows.join(best, on="doc", how="left").join(pivots, on="doc", how="left")
    for counts in (
        _fidelity(sentences, best),
        by_document(_judged(sentences, best)),
        _count(segments, "n_segments"),
        _count(counted(findings), "n_findings"),
    ):
        rows = rows.join(counts, on="doc", how="left")
    rows = _editions(rows).with_columns(pl.col("^n_.*$").fill_null(0), derivation=pl.col("derivation").fill_null("none"))
    derives = pl.col("derivation").is_in(["translation", "back-translation"])
    orphan = rows["doc"].is_in(sentences.filter(pl.col("original").is_null())["doc"].implode())
    role = pl.when(derives | orphan).then(pl.lit("version")).otherwise(pl.lit("original"))
    rows = rows.with_columns(role=pl.when(pl.col("status") == "ok").then(pl.coalesce("role", role)).otherwise("role"))
    reasons = sentences.filter(pl.col("original").is_null()).group_by("doc").agg(unpaired=pl.col("reason").mode().sort().first())
    rows = rows.join(reasons, on="doc", how="left").with_columns(reason=pl.coalesce("reason", "unpaired"))
    return DOCUMENTS.conform(rows)


def _fidelity(sentences: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    return (
        _judged(sentences, best)
        .group_by("doc", maintain_order=True)
        .agg(
            fidelity=pl.col("fidelity").mean().round(2),
            fidelity_p10=pl.col("fidelity").quantile(0.1, "linear").round(2),
            ceiling=pl.col("ceiling").mean().round(2),
            n_scored=(pl.col("status") == "scored").sum().cast(pl.Int64),
            n_unscored=(pl.col("status") == "unscored").sum().cast(pl.Int64),
        )
    )


def _judged(sentences: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """The sentences against each document's own original, and those of documents that have none."""
    own = sentences.join(best.select("doc", "original"), on=["doc", "original"], how="semi", maintain_order="left")
    return pl.concat([own, sentences.filter(pl.col("original").is_null())])


def _count(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.group_by("doc", maintain_order=True).agg(pl.len().cast(pl.Int64).alias(name))


def _editions(rows: pl.DataFrame) -> pl.DataFrame:
    """Two editions are each other's: the one that was taken for the original says so too, unless it derives from a third, or
    the input itself says that it is the original.
    """
    back = rows.filter(pl.col("derivation") == "edition").select(doc="original", other="doc", there=pl.lit("edition"))
    back = back.sort("doc", "other").unique("doc", keep="first", maintain_order=True)
    joined = rows.join(back, on="doc", how="left")
    free = pl.col("role").is_null() & (pl.col("derivation").is_null() | (pl.col("derivation") == "quotations"))
    return joined.with_columns(
        original=pl.when(free & pl.col("there").is_not_null()).then("other").otherwise("original"),
        derivation=pl.when(free & pl.col("there").is_not_null()).then("there").otherwise("derivation"),
    ).drop("other", "there")


def own_sentences(report: Report) -> pl.DataFrame:
    """The sentences against each document's own original, `documents.original`, and those of documents that have none."""
    return own(report.sentences, report.documents)


def own(sentences: Frame, documents: Frame) -> Frame:
    """The same of a frame of sentences and one of documents."""
    named = documents.select("doc", "original")
    return sentences.join(named, on=["doc", "original"], how="semi", nulls_equal=True, maintain_order="left")


def write(report: Report, out: Path) -> list[Path]:
    """The tables and the record in the folder `out`, made if need be; returns the files.

    All is first written to a folder beside them and then renamed file by file, the record with the tables' digests last: a killed
    run leaves the old files or the new ones, and `read` tells a mixture. Raises `RunError` where it cannot be written.
    """
    try:
        if out.exists() and not out.is_dir():
            raise RunError("is a file, not a folder", where=str(out), remedy="--out names the folder of the run")
        out.mkdir(parents=True, exist_ok=True)
        for left in out.glob(f"{_FRESH}*"):  # of a run that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=out))
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", where=str(out), remedy="name another folder with --out") from error
    try:
        names = _write_all(report, fresh, _placed(report.run, out))
        for name in names:
            (fresh / name).replace(out / name)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunError(
            f"cannot be written: {error}", where=str(out), remedy="nothing that was there before is lost; is the disk full?"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [out / name for name in names]


def _placed(run: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """The record with the gate's baseline named as seen from the run's folder: no path of this machine leaves it."""
    policy = dict(run.get("policy", {}))
    if "baseline" in policy:
        policy["baseline"] = Path(os.path.relpath(policy["baseline"], out)).as_posix()
    return {**run, "policy": policy}


def _write_all(report: Report, folder: Path, run: Mapping[str, Any]) -> list[str]:
    names = []
    for table in WRITTEN:
        frame = table.check(getattr(report, table.name))
        for writer in components("writers").values():
            path = folder / f"{table.name}{writer.SUFFIX}"
            writer.write(frame, path)
            names.append(path.name)
    digests = {name: file_digest(folder / name) for name in names}
    record = {**run, "tables": digests}
    with (folder / RECORD).open("w", encoding="utf-8") as file:
        json.dump(record, file, ensure_ascii=False, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return [*names, RECORD]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(folder: Path) -> Report:
    """The report in a run's folder; raises `RunError` where a file is missing, damaged or of another run.

    Columns that there were not yet when an earlier version wrote it are null, the table `terms` is empty.
    """
    found = scan(folder)
    try:
        frames = {table.name: getattr(found, table.name).collect() for table in WRITTEN}
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunError(f"cannot be read: {error}", where=str(folder), remedy="audit again") from error
    return Report(**frames, run=found.run)


def scan(folder: Path) -> Scan:
    """The same without its rows, which are read when they are asked for."""
    run = record(folder)
    frames = {}
    for table in WRITTEN:
        path = folder / f"{table.name}.parquet"
        if table is TERMS and path.name not in run["tables"]:  # runs before there was a ledger
            continue
        try:
            if file_digest(path) != run["tables"].get(path.name):
                raise RunError("is not the table that this run wrote", where=str(path), remedy="audit again")
            frames[table.name] = table.check(table.completed(pl.scan_parquet(path)))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise RunError(f"cannot be read: {error}", where=str(path), remedy="audit again") from error
    return Scan(**frames, run=run)


def scanned(report: Report) -> Scan:
    """A report in memory as one to scan."""
    return Scan(
        report.documents.lazy(),
        report.segments.lazy(),
        report.sentences.lazy(),
        report.findings.lazy(),
        report.run,
        report.terms.lazy(),
    )


def record(folder: Path) -> dict[str, Any]:
    """How the run in a folder was made; raises `RunError` where there is none, or one of another schema."""
    path = folder / RECORD
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        if not folder.exists():
            raise RunError("no such file or folder", where=str(folder)) from error
        raise RunError(
            "is not a run's folder: it has no run.json", where=str(folder), remedy="`checker audit CORPUS --out FOLDER` makes one"
        ) from error
    except ValueError as error:
        raise RunError(f"is not JSON: {error}", where=str(path), remedy="audit again") from error
    if not isinstance(found, dict) or found.get("schema") != VERSION or not isinstance(found.get("tables"), dict):
        raise RunError(f"is not of schema {VERSION}", where=str(path), remedy="audit again with this version")
    return found


def write_text(text: str, path: Path | None) -> None:
    """A text as UTF-8 with `\\n`: to a file, or to stdout."""
    if path is None:
        _print(text)
        return
    replace(path, lambda fresh: _written(text, fresh))


def write_parts(write: Callable[[TextIO], None], path: Path | None) -> None:
    """What `write` writes, part by part, as `write_text` does."""
    if path is None:
        to_stdout(write)
        return
    replace(path, lambda fresh: _written_parts(write, fresh))


def _written_parts(write: Callable[[TextIO], None], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        write(file)


def _print(text: str) -> None:
    to_stdout(lambda file: file.write(text))


def to_stdout(write: Callable[[TextIO], object]) -> None:
    """What `write` writes, on stdout; raises `RunError` where the disk that it leads to is full."""
    try:
        write(sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would be tried again at the exit
        raise RunError(f"stdout cannot be written to: {error.strerror}", remedy="is the disk full?") from error


def _written(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


_TABLE_WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": lambda frame, path: frame.write_parquet(path, compression="zstd"),
    ".csv": lambda frame, path: frame.write_csv(path),
    ".tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
    ".ndjson": lambda frame, path: frame.write_ndjson(path),
    ".xlsx": lambda frame, path: workbook.write({"pairs": frame.lazy()}, path),
}


def write_table(frame: pl.DataFrame, path: Path | None) -> None:
    """A user's own table with columns added, its cells as they came (no guard before formulas): to a file, or as CSV to stdout."""
    if path is None:
        _print(frame.write_csv())
        return
    if path.suffix.lower() not in _TABLE_WRITERS:
        raise RunError("is of no known suffix", where=str(path), remedy=f"these are written: {' '.join(_TABLE_WRITERS)}")
    replace(path, lambda fresh: _TABLE_WRITERS[path.suffix.lower()](frame, fresh))


def write_workbook(frames: Mapping[str, pl.LazyFrame], path: Path) -> None:
    """A run's tables, by name, as a workbook; raises `RunError` where it cannot be written."""
    replace(path, lambda fresh: workbook.write(frames, fresh))


def write_spreadsheet(frame: pl.DataFrame, path: Path, *, bom: bool) -> None:
    """A run's table as CSV, guarded before formulas, behind a byte order mark if it is wanted."""
    replace(path, lambda fresh: csv.guarded(frame).write_csv(fresh, include_bom=bom))


def check_writable(path: Path | None) -> None:
    """Raises `RunError` where a file could not be written, before the work that would be lost; None is stdout."""
    if path is not None and (path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK)):
        problem = "is a folder" if path.is_dir() else "cannot be written: its folder is missing, or not writable"
        raise RunError(problem, where=str(path), remedy="name another file")


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file beside its place and moves it there: whatever happens, the old one stands or the new one is whole."""
    if path.exists() and not path.is_file():  # a pipe, /dev/null
        write(path)
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        write(fresh)
        fresh.replace(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        problem = getattr(error, "strerror", None) or str(error).replace(str(fresh), str(path))
        raise RunError(
            f"cannot be written: {problem}", where=str(path), remedy="is the disk full, or the folder missing?"
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
