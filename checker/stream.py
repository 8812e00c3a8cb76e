"""Scores tables of any size: slices are scored by all cores, each leaves its rows in a folder; at the end they are put together.

Peak memory is set by the slices under way, not by the table. The folder stands beside the file to write, `.NAME.parts`, until that
is whole: a run that was killed goes on where it was. Whatever the cores, the slices and the kills, the bytes are the same.
"""

import fcntl
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import polars as pl

from checker import rows, summary
from checker.config import Config
from checker.errors import ConfigError, InputError, RunError, not_written
from checker.processes import cores, in_order, one_of_many
from checker.progress import Progress, Rate, quiet
from checker.report import replace, to_stdout
from checker.score import added, score_pairs
from checker.score import signature as scored_by
from checker.summary import Sums
from checker.tables import PAIR_FINDINGS, VERSION

# Rows from which processes repay their start, some 3 s until one has loaded what the rules need.
_WORTH_A_POOL = 4_000

# Rows of a group of the Parquet file that is written: whatever the slices, the same, and bounded memory for whoever reads it.
_GROUP = 50_000

# What parts depend on, by the names in the manifest, as messages have them.
_PLURALS = {"version": "versions", "settings": "settings", "input": "input"}

MANIFEST, LOCK = "manifest.json", "lock"


@dataclass(frozen=True)
class Outputs:
    """The files to write: rows (None is stdout, as CSV) and, if asked for, findings."""

    rows: Path | None = None
    findings: Path | None = None


@dataclass(frozen=True)
class Part:
    """A slice that was scored, if `known` by an earlier run: its number, and its sums."""

    number: int
    sums: Sums
    known: bool = False


def score_batch(pairs: pl.DataFrame, settings: Config) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The scores of rows with `original` and `back`, in their order, and `tables.PAIR_FINDINGS`, whose `row` counts from 0.

    Each row is judged by itself, so that any engine may map this over batches of any size.
    """
    return score_pairs(pairs, settings, quiet)


def score_files(
    paths: Sequence[Path],
    config: Config,
    outputs: Outputs,
    progress: Progress = quiet,
    *,
    resume: bool = False,
    most: int = rows.ROWS,
) -> Sums:
    """Scores the rows of a table in files of one kind, and writes them in their order with the scores added; returns the sums.

    With `resume`, slices that an earlier run with the same settings and input had done are not scored again. Raises `InputError`
    for what cannot be read, before anything is scored, and `RunError` for what cannot be written.
    """
    _kinds(outputs)
    with _workplace(outputs.rows, resume=resume) as folder:
        progress("reading")
        return score_slices(*rows.opened(paths, config, folder, most), config, outputs, folder, progress)


def score_slices(
    source: rows.Source, slices: Sequence[rows.Slice], config: Config, outputs: Outputs, folder: Path, progress: Progress = quiet
) -> Sums:
    """Scores the slices of a table, which may be none, and writes its rows; what is done lies in the folder until all is."""
    kinds = _kinds(outputs)
    _check(source, kinds["rows"], config)
    _signed(folder, _signature(source, slices, config, kinds))
    work = partial(_scored, source=source, config=config, folder=folder, kinds=kinds)
    parts = _told(_done(slices, work, config.jobs or cores(), folder), slices, progress)
    empty = pl.DataFrame(schema={**source.schema, **added(config)})
    sums = summary.added(part.sums for part in (_printed(parts, folder, empty) if outputs.rows is None else parts))
    progress("writing")
    for path, name, head in ((outputs.rows, "rows", empty), (outputs.findings, "findings", PAIR_FINDINGS.empty())):
        if path is not None:
            shards = [_shard(folder, piece.number, name) for piece in slices]
            replace(path, partial(_join, shards, kinds[name], head))
    for left in folder.glob("*.json"):  # nothing is left to go on with
        left.unlink()
    return sums


def _kinds(outputs: Outputs) -> dict[str, str]:
    return {"rows": _kind(outputs.rows)} | ({"findings": _kind(outputs.findings)} if outputs.findings else {})


def _kind(path: Path | None) -> str:
    kind = path.suffix.lower() if path is not None else ".csv"
    if kind not in _BYTES:
        raise RunError("is of no known suffix", where=str(path), remedy=f"these are written: {' '.join(_BYTES)}")
    return kind


def _check(source: rows.Source, kind: str, config: Config) -> None:
    where = ", ".join(file.shown for file in source.files)
    if taken := [name for name in added(config) if name in source.schema]:
        raise InputError(f"has columns of these names already: {', '.join(taken)}", where=where, remedy="rename or drop them")
    nested = [name for name, dtype in source.schema.items() if dtype.is_nested()]
    if nested and kind in (".csv", ".tsv"):
        problem = f"column {nested[0]!r} holds {source.schema[nested[0]]}, which {kind} cannot"
        raise InputError(problem, where=where, remedy="write .parquet or .jsonl")


# The folder of what is done


@contextmanager
def _workplace(target: Path | None, *, resume: bool) -> Iterator[Path]:
    """The folder for what is done: beside the file to write, and left there if something is; else one that does not last."""
    if target is None or (target.exists() and not target.is_file()):
        if resume:
            raise ConfigError("--resume goes on with a file", remedy="name it with --out")
        with tempfile.TemporaryDirectory(prefix="checker-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    folder = parts_of(target)
    with locked(folder, target):
        if not resume:
            _emptied(folder)
        try:
            yield folder
        finally:
            if not any(folder.glob(_RECORD.format("*"))):
                shutil.rmtree(folder, ignore_errors=True)


def parts_of(target: Path) -> Path:
    """Where what is done is kept until a file is whole."""
    return target.with_name(f".{target.name}.parts")


@contextmanager
def locked(folder: Path, target: Path) -> Iterator[None]:
    """The folder is made, and no other run uses it: the lock ends with the process, whatever ends that."""
    try:
        folder.mkdir(exist_ok=True)
        lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR)
    except OSError as error:
        raise not_written(error, target) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RunError("is being written by another run", where=str(target), remedy="wait for it, or name another file") from None
    finally:
        os.close(lock)


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != LOCK:
            path.unlink()


def signature(config: Config, written: str) -> dict[str, str]:
    """What scores depend on, besides the input: the versions, and a digest of the settings and of how it is `written`."""
    left_out = ("paths", "out", "sources", "jobs", "gate", "overrides", "cache", "verdicts", "semantic_model")
    settings = {name: str(value) for name, value in asdict(config).items() if name not in left_out}
    settings |= {"scorer": scored_by(config), "rules": str(config.rules()), "written": written, "schema": str(VERSION)}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return {"version": f"{version('checker')}, polars {version('polars')}", "settings": digest}


def _signature(source: rows.Source, slices: Sequence[rows.Slice], config: Config, kinds: Mapping[str, str]) -> dict[str, str]:
    """What the parts of a run depend on: those of another are of no use to it."""
    read = hashlib.sha256(f"{source.digest} {slices}".encode()).hexdigest()
    return signature(config, f"{source.original}, {source.version}, {sorted(kinds.items())}") | {"input": read}


def _signed(folder: Path, signature: dict[str, str]) -> None:
    """Writes what the run depends on into its folder; raises `RunError` where parts of another are in it."""
    path = folder / MANIFEST
    if path.exists():
        found = json.loads(path.read_text("utf-8"))
        if other := [name for name, value in signature.items() if found.get(name) != value]:
            problem = f"holds what was done with other {' and other '.join(map(_PLURALS.__getitem__, other))}"
            raise RunError(problem, where=str(folder), remedy="begin again without --resume")
    else:
        _written(path, json.dumps(signature).encode())


# A part

_RECORD = "{}.sums.json"


def _scored(piece: rows.Slice, *, source: rows.Source, config: Config, folder: Path, kinds: Mapping[str, str]) -> Part:
    """Reads and scores a slice, and leaves its rows and findings in the folder; its sums come last, and say that it is done."""
    frame = rows.read(source, piece)
    pairs = rows.pairs(source, frame)
    scores, found = score_batch(pairs, config)
    frames = {"rows": frame.hstack(scores), "findings": found.with_columns(pl.col("row") + piece.row)}
    sums = summary.summed(pairs, scores, found, metrics_of(config))
    sizes = {name: _written(_shard(folder, piece.number, name), _BYTES[kind](frames[name])) for name, kind in kinds.items()}
    record = json.dumps({"sums": summary.stored(sums), "sizes": sizes}).encode()
    _written(folder / _RECORD.format(_named(piece.number)), record)
    return Part(piece.number, sums)


def metrics_of(config: Config) -> list[str]:
    """The metrics that are told of the corpus, in the order of their names."""
    return sorted({"chrf-pp", *config.metrics})


def _written(path: Path, content: bytes) -> int:
    """Writes a file as a whole or not at all; returns its size."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        raise not_written(error, path.parent) from error
    return len(content)


def _named(number: int) -> str:
    return f"{number:08}"


def _shard(folder: Path, number: int, name: str) -> Path:
    return folder / f"{_named(number)}.{name}"


def _left(folder: Path, number: int) -> Part | None:
    """A part that an earlier run left, if it is whole."""
    try:
        record = json.loads((folder / _RECORD.format(_named(number))).read_text("utf-8"))
        whole = all(_shard(folder, number, name).stat().st_size == size for name, size in record["sizes"].items())
        return Part(number, summary.restored(record["sums"]), known=True) if whole else None
    except (OSError, ValueError, KeyError):
        return None


# All parts


def _done(slices: Sequence[rows.Slice], work: Callable[[rows.Slice], Part], workers: int, folder: Path) -> Iterator[Part]:
    """The parts in their order: those that are there already, and the others as they are done."""
    known = {piece.number: part for piece in slices if (part := _left(folder, piece.number)) is not None}
    missing = [piece for piece in slices if piece.number not in known]
    few = sum(piece.span.rows for piece in missing) < _WORTH_A_POOL or (workers == 1 and one_of_many())
    fresh = map(work, missing) if few else in_order(work, missing, workers)
    for piece in slices:
        yield known[piece.number] if piece.number in known else next(fresh)


def _told(parts: Iterable[Part], slices: Sequence[rows.Slice], progress: Progress) -> Iterator[Part]:
    """The parts, while `progress` is told how far it is; those of an earlier run tell nothing of the rate."""
    rate = Rate(progress, "scoring", sum(piece.span.rows for piece in slices), "rows")
    for part in parts:
        rate.add(part.sums.rows, known=part.known)
        yield part


def _printed(parts: Iterable[Part], folder: Path, empty: pl.DataFrame) -> Iterator[Part]:
    """The parts, while their rows go to stdout as CSV; who reads slowly holds up the scoring."""
    _print(empty.write_csv())
    for part in parts:
        shard = _shard(folder, part.number, "rows")
        _print(shard.read_text("utf-8"))
        shard.unlink()
        yield part


def _print(text: str) -> None:
    to_stdout(lambda file: file.write(text))


def _join(shards: Sequence[Path], kind: str, head: pl.DataFrame, path: Path) -> None:
    """Puts shards of a kind together, behind the header that it may have."""
    if kind == ".parquet":
        frame = pl.scan_parquet(list(shards), glob=False, hive_partitioning=False) if shards else head.lazy()
        frame.sink_parquet(path, compression="zstd", maintain_order=True, row_group_size=_GROUP)
        return
    with path.open("wb") as file:
        file.write(_HEADS[kind](head).encode() if kind in _HEADS else b"")
        for shard in shards:
            with shard.open("rb") as content:
                shutil.copyfileobj(content, file, 1 << 20)


def _parquet(frame: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.write_parquet(content, compression="lz4")
    return content.getvalue()


_HEADS: Mapping[str, Callable[[pl.DataFrame], str]] = {
    ".csv": lambda frame: frame.write_csv(),
    ".tsv": lambda frame: frame.write_csv(separator="\t"),
}
_BYTES: Mapping[str, Callable[[pl.DataFrame], bytes]] = {
    ".csv": lambda frame: frame.write_csv(include_header=False).encode(),
    ".tsv": lambda frame: frame.write_csv(include_header=False, separator="\t").encode(),
    ".jsonl": lambda frame: frame.write_ndjson().encode(),
    ".ndjson": lambda frame: frame.write_ndjson().encode(),
    ".parquet": _parquet,
}
"""Suffix to the rows of a frame in that kind, without a header."""
