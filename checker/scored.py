"""A table that `checker score` wrote, as a run that a gate can be held against: its rows are the sentences of one document."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

import polars as pl

from checker.config import Config
from checker.errors import InputError, not_written
from checker.formats.table import columns_of
from checker.registry import SEVERITIES, rules
from checker.report import Scan
from checker.score import SCORES
from checker.tables import DOCUMENTS, FINDINGS, PAIR_FINDINGS, SEGMENTS, SENTENCES, VERSION, Table

_READ: Mapping[str, Callable[[Path], pl.LazyFrame]] = {
    ".parquet": pl.scan_parquet,
    ".jsonl": pl.scan_ndjson,
    ".csv": partial(pl.scan_csv, infer_schema=False),
    ".tsv": partial(pl.scan_csv, infer_schema=False, separator="\t"),
}

# What a fingerprint is made of: an edit of other rows leaves it as it is.
_CONTENT = ("rule", "evidence", "original_evidence", "message")

_RANKED = pl.Enum(SEVERITIES)

# Findings that are given a fingerprint at a time.
_ROWS = 100_000


def scan(rows: Path, findings: Path, folder: Path, config: Config | None = None) -> Scan:
    """The table `rows` with its pair findings, of any size: texts are read only as far as is asked of them.

    Both may be folders of shards: each is a document of its own. `folder` takes the findings with their fingerprints, for as long
    as the run is of use. The column of the versions is that of `config` or one of the usual names; without it, words cannot be
    counted. Raises `InputError` for files that `checker score` did not write, or not together.
    """
    pairs = _shards(rows, findings) if rows.is_dir() else [(rows, findings)]
    tables = [_table(*pair, folder / str(number), config or Config()) for number, pair in enumerate(pairs)]
    documents, sentences, told = zip(*tables, strict=True)
    run = {"schema": VERSION, "checker": version("checker"), "rules": [*rules()]}
    of_documents = DOCUMENTS.conform(pl.DataFrame(documents)).lazy()
    return Scan(of_documents, SEGMENTS.empty().lazy(), pl.concat(sentences), pl.concat(told), run)


def _shards(rows: Path, findings: Path) -> list[tuple[Path, Path]]:
    """The tables of a folder, each with the findings of its name."""
    tables = sorted(path for path in rows.iterdir() if path.suffix.lower() in _READ and not path.name.startswith("."))
    if not tables:
        raise InputError(
            "holds no table", where=str(rows), remedy="`checker score SHARDS --out ROWS/ --findings FACTS/` writes some"
        )
    if alone := [path.name for path in tables if not (findings / path.name).is_file()]:
        raise InputError(f"has no findings of {alone[0]}", where=str(findings), remedy="name the folder that the same run wrote")
    return [(path, findings / path.name) for path in tables]


def _table(rows: Path, findings: Path, folder: Path, config: Config) -> tuple[dict[str, str], pl.LazyFrame, pl.LazyFrame]:
    """The document that a table is, its sentences and findings."""
    scored, found = _opened(rows, ("fidelity", "severity", "status", "reason")), _opened(findings, tuple(PAIR_FINDINGS.schema))
    document = {"doc": rows.name, "path": str(rows), "format": "table", "status": "ok", "role": "bitext", "original": rows.name}
    name = pl.lit(rows.name)
    figures = [pl.col(column).cast(SCORES[column]) for column in ("fidelity", "severity", "status", "reason")]
    sentences = scored.select(*figures, text=_versions(rows, scored, config)).with_row_index("n")
    header = 1 if rows.suffix.lower() in (".csv", ".tsv") else 0
    try:
        folder.mkdir()
        told = _fingerprinted(found, scored.select("severity"), rows.name, folder)
    except OSError as error:
        raise not_written(error, folder) from error
    except pl.exceptions.PolarsError as error:
        raise InputError(f"cannot be read: {str(error).splitlines()[0]}", where=str(findings)) from error
    except InputError as error:
        raise InputError(error.problem, where=str(findings), remedy=error.remedy) from error
    told = told.with_columns(doc=name, original=name, n="row", line=pl.col("row") + 1 + header)
    return document, _filled(SENTENCES, sentences.with_columns(doc=name, original=name)), _filled(FINDINGS, told)


def _versions(path: Path, scored: pl.LazyFrame, config: Config) -> pl.Expr:
    """The texts of the versions; null where no column is known to hold them."""
    names = scored.collect_schema().names()
    if config.version_column is not None and config.version_column not in names:
        remedy = f"its columns are {', '.join(names)}"
        raise InputError(f"has no column {config.version_column!r}", where=str(path), remedy=remedy)
    try:
        return pl.col(columns_of(names, config)["version"]).cast(pl.String)
    except InputError:
        return pl.lit(None, pl.String)


def _opened(path: Path, columns: tuple[str, ...]) -> pl.LazyFrame:
    """The table; raises `InputError` where it cannot be read or lacks one of the columns."""
    if (read := _READ.get(path.suffix.lower())) is None:
        raise InputError("is of no known suffix", where=str(path), remedy=f"these are read: {' '.join(_READ)}")
    try:
        frame = read(path)
        there = frame.collect_schema()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot be read: {str(error).splitlines()[0]}", where=str(path)) from error
    if absent := [name for name in columns if name not in there]:
        remedy = "`checker score PAIRS --out ROWS --findings FACTS` writes both tables"
        raise InputError(f"has no column {absent[0]!r}", where=str(path), remedy=remedy)
    return frame


def _filled(table: Table, frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with the table's columns, null where it has none."""
    there = frame.collect_schema()
    return frame.select(
        (pl.col(name) if name in there else pl.lit(None)).cast(dtype).alias(name) for name, dtype in table.schema.items()
    )


def _fingerprinted(found: pl.LazyFrame, severities: pl.LazyFrame, name: str, folder: Path) -> pl.LazyFrame:
    """The findings, in Parquet files, with 16 hexadecimal digits of the file's name, the rule, the words, and how many of the like
    stand before it. A gate goes through them several times, some rows at a time.
    """
    copy, columns = folder / "findings.parquet", (pl.col(part).cast(dtype) for part, dtype in PAIR_FINDINGS.schema.items())
    found.select(columns).sink_parquet(copy, compression="lz4")
    rows = pl.scan_parquet(copy)
    content = pl.concat_str(*(pl.col(part).fill_null("") for part in _CONTENT), separator="\x1f")
    like = rows.select(key=content.hash()).collect(engine="streaming").select(like=pl.int_range(pl.len()).over("key"))["like"]
    grave = severities.select(pl.col("severity").cast(_RANKED)).collect(engine="streaming")["severity"]
    parts = list[Path]()
    for at in range(0, max(len(like), 1), _ROWS):
        part = rows.slice(at, _ROWS).collect()
        _check(part, grave)
        texts = part.select(pl.concat_str(content, like[at : at + _ROWS].cast(pl.String), separator="\x1f")).to_series()
        parts.append(folder / f"{at:012}.parquet")
        part.with_columns(fingerprint=_digests(name, texts)).write_parquet(parts[-1], compression="lz4")
    return pl.scan_parquet(parts)


def _check(found: pl.DataFrame, grave: pl.Series) -> None:
    """Raises `InputError` where a finding has no row, or is graver than the worst that its row was scored with."""
    beyond = found.filter((pl.col("row") >= len(grave)) | (pl.col("row") < 0))
    there = found.filter(pl.col("start") < pl.col("end")) if beyond.is_empty() else found.clear()
    unlike = there.filter((pl.col("severity").cast(_RANKED) <= grave[there["row"]]).fill_null(value=False).not_())
    for row, code in pl.concat([beyond, unlike]).select("row", "code").head(1).iter_rows():
        problem = f"is of another table, or of an earlier run: it has {code} in row {row:,}, "
        problem += f"of which there are {len(grave):,}" if beyond.height else "which was scored without it"
        raise InputError(problem, remedy="name what the same `checker score` wrote")


def _digests(name: str, texts: pl.Series) -> pl.Series:
    """A loop over rows: polars' hashes differ from version to version."""
    whole = (hashlib.sha256(f"{name}\x1f{text}".encode()).hexdigest()[:16] for text in texts)
    return pl.Series(whole, dtype=pl.String)
