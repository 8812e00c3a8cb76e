"""Documents in batches: read and searched for artifacts by all cores, in bounded memory, whatever the size of the input.

A batch is some megabytes of files, next to each other in the order of their names. What is found in it is left in a temporary
folder, so that no process ever holds more than its batch; the rules that judge all documents together are asked at the end.
The findings are the same, to the byte, however the files are cut into batches and whoever searches them.
"""

import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from checker import patterns, verdicts
from checker.config import Config
from checker.detect import alone, findings, gather, together
from checker.errors import RunError
from checker.overrides import Override, override
from checker.packs import Pack
from checker.processes import cores, pool
from checker.progress import Progress
from checker.read import File, check_any, list_files, read_file, skipped, to_pages
from checker.segment import lines, segment
from checker.tables import FINDINGS
from checker.verdicts import judge

# Bytes and files of a batch. A rule costs some milliseconds a call, whatever the text: batches of 2 MB took a quarter longer than
# those of 8 MB. With 5 MB two processes took 1.8 GB together and 21.0 s for 50 MB of pages, with 8 MB 2.0 GB and 22.2 s.
BATCH_BYTES, BATCH_FILES = 5_000_000, 2_000

# Batches that each process gets at least, if they are not too small for it, so that all end at about the same time.
_ROUNDS = 2

# Bytes of batches that are under way at one time; a larger file is alone.
_UNDER_WAY = 24_000_000

# Bytes of input from which a second process repays its start: some 3 s until it has loaded what the rules need.
_WORTH_A_POOL = 12_000_000

# Processes that may die before what they were given is no longer halved, to find the file that kills them, but skipped.
_PATIENCE = 30

KILLED = "the process that searched it was killed, twice: was there too little memory?"

_SUMMARY = {"doc": pl.String, "path": pl.String, "status": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Batch:
    """Files that one process takes together; `number` orders the batches."""

    number: tuple[int, ...]
    files: tuple[File, ...]
    size: int


@dataclass(frozen=True)
class Left:
    """What is left of a batch: its documents (doc, path, status, reason), and the files with the rest."""

    batch: Batch
    documents: pl.DataFrame
    stem: Path


@dataclass(frozen=True)
class Found:
    """What a run found: its documents (doc, path, status, reason), and what was left of each batch."""

    documents: pl.DataFrame
    left: Sequence[Left]
    evidence: Sequence[pl.DataFrame]
    """Of the rules that judge all documents together."""
    overrides: Sequence[Override]
    judged: pl.DataFrame
    """fingerprint and verdict of the findings that a reviewer judged."""

    def findings(self) -> Iterator[pl.DataFrame]:
        """`tables.FINDINGS`, with `path`, in the order of the documents, a batch at a time."""
        for left in self.left:
            docs = left.documents.select("doc", "path").with_row_index("place")
            late = [rows.join(docs, on="doc", how="semi", maintain_order="left") for rows in self.evidence]
            parts = [pl.read_parquet(_file(left, "findings"))]
            if any(rows.height for rows in late):
                segments = pl.read_parquet(_file(left, "segments"))
                rows = findings(pl.read_parquet(_file(left, "pages")), segments, late)
                parts.append(override(rows, left.documents, segments, self.overrides))
            rows = judge(pl.concat(parts), self.judged).join(docs, on="doc", maintain_order="left")
            # A table's two columns are two documents whose names may stand on either side of the next file's.
            yield rows.sort("place", *FINDINGS.key, nulls_last=True, maintain_order=True).drop("place")


@contextmanager
def search(config: Config, names: Sequence[str], progress: Progress, *, batch_bytes: int = BATCH_BYTES) -> Iterator[Found]:
    """What the page rules `names` find in the input; the temporary files are there as long as the context is.

    A process that dies (out of memory, killed) loses nothing but the file that killed it, which is skipped, with the reason.
    """
    packs, judged = patterns.load(config.packs), verdicts.read(config.verdicts)
    files = list_files(config)
    size = sum(map(_size, files))
    workers = config.jobs or (cores() if size >= _WORTH_A_POOL else 1)
    batches = cut(files, min(batch_bytes, size // (_ROUNDS * workers) + 1) if workers > 1 else batch_bytes)
    try:
        place = tempfile.TemporaryDirectory(prefix="checker-", ignore_cleanup_errors=True)
    except OSError as error:
        raise RunError(f"no folder for temporary files: {error}", remedy="TMPDIR names one") from error
    with place as folder:
        task = partial(_searched, config=config, names=tuple(names), packs=packs, folder=Path(folder))
        done = by_processes(batches, task, workers) if workers > 1 else map(task, batches)
        left = sorted(_told(done, batches, progress), key=lambda one: one.batch.number)
        documents = pl.concat(one.documents for one in left)
        check_any(documents)
        progress("comparing documents")
        yield Found(documents, left, together(_gathered(left, names)), config.overrides, judged)


def cut(files: Sequence[File], most: int = BATCH_BYTES) -> list[Batch]:
    """The files, in their order, in batches of at most so many bytes or of one file."""
    batches: list[list[File]] = [[]]
    sizes = [0]
    for file in files:
        size = _size(file)
        if batches[-1] and (sizes[-1] + size > most or len(batches[-1]) >= BATCH_FILES):
            batches.append([])
            sizes.append(0)
        batches[-1].append(file)
        sizes[-1] += size
    return [Batch((number,), tuple(some), size) for number, (some, size) in enumerate(zip(batches, sizes, strict=True)) if some]


def _size(file: File) -> int:
    try:
        return file.path.stat().st_size
    except OSError:  # it vanished, or may not be looked at: `read` will say so
        return 0


# One batch


def _searched(batch: Batch, *, config: Config, names: Sequence[str], packs: Sequence[Pack], folder: Path) -> Left:
    """Reads, segments and searches a batch, and leaves what it found in the folder."""
    rows = [row for file in batch.files for row in read_file(file, config)]
    documents = pl.DataFrame([{name: row.get(name) for name in _SUMMARY} for row in rows], schema=_SUMMARY)
    pages = to_pages(rows)
    read = lines(pages)
    segments = segment(read, pages.filter(pl.col("cells").is_not_null())["doc"])
    gathered = {f"gathered-{name}": rows for name, rows in gather(pages, read, names).items() if rows.height}
    left = Left(batch, documents, _stem(folder, batch))
    found = findings(pages, segments, alone(pages, read, segments, names, packs))
    parts = {"findings": override(found, documents, segments, config.overrides), **gathered}
    if gathered:
        parts |= {
            "pages": pages.select("doc", "text", "anchors", "units"),
            "segments": segments.select("doc", "n", "start", "end", "doc_lang"),
        }
    try:
        for part, frame in parts.items():
            frame.write_parquet(_file(left, part), compression="lz4")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RunError(f"cannot be written: {error}", where=str(folder), remedy="is the disk full? TMPDIR names another") from error
    return left


def _stem(folder: Path, batch: Batch) -> Path:
    return folder / "-".join(map(str, batch.number))


def _file(left: Left, part: str) -> Path:
    return left.stem.with_name(f"{left.stem.name}.{part}.parquet")


def _gathered(left: Sequence[Left], names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Rule to what it gathered from all batches."""
    files = {name: [path for one in left if (path := _file(one, f"gathered-{name}")).exists()] for name in names}
    frames = {name: pl.concat(map(pl.read_parquet, paths)) for name, paths in files.items() if paths}
    return {name: rows.sort("doc", "start", "end", maintain_order=True) for name, rows in frames.items()}


# Many batches

_Task = partial[Left]


def by_processes(batches: Sequence[Batch], task: _Task, workers: int) -> Iterator[Left]:
    """What is left of the batches, as they are done. A batch whose process dies is tried again, alone, then in halves."""
    waiting, deaths = deque(batches), 0
    while waiting:
        lost: list[Batch] = []
        with pool(min(workers, len(waiting))) as executor:
            yield from _searched_by(executor, waiting, task, lost, workers)
        suspects = deque(lost)
        while suspects:
            batch, again = suspects.popleft(), list[Batch]()
            with pool(1) as executor:
                yield from _searched_by(executor, deque([batch]), task, again, 1)
            deaths += len(again)
            if again and len(batch.files) > 1 and deaths < _PATIENCE:
                suspects.extendleft(reversed(_halves(batch)))
            elif again:
                yield _given_up(batch, task)


def _searched_by(
    executor: ProcessPoolExecutor, waiting: deque[Batch], task: _Task, lost: list[Batch], workers: int
) -> Iterator[Left]:
    """What is left of the batches that wait, until none does or a process dies: then those under way are `lost`.

    Of several batches that fail, the first one's error is raised: those before it were begun before it.
    """
    under_way: dict[Future[Left], Batch] = {}
    failures: dict[tuple[int, ...], BaseException] = {}
    while under_way or (waiting and not failures and not lost):
        while waiting and not failures and not lost and _room(under_way, waiting[0], workers):
            batch = waiting.popleft()
            try:
                under_way[executor.submit(task, batch)] = batch
            except BrokenProcessPool:
                lost.append(batch)
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            batch = under_way.pop(future)
            error = future.exception()
            if isinstance(error, BrokenProcessPool | MemoryError):
                lost.append(batch)
            elif error is not None:
                failures[batch.number] = error
            else:
                yield future.result()
    if failures:
        raise failures[min(failures)]
    lost.sort(key=lambda batch: batch.number)


def _room(under_way: Mapping["Future[Left]", Batch], batch: Batch, workers: int) -> bool:
    """True if the batch may be begun: one waits for each process, so that none idles, and memory is bounded."""
    size = sum(other.size for other in under_way.values())
    return not under_way or (len(under_way) < 2 * workers and size + batch.size <= _UNDER_WAY)


def _halves(batch: Batch) -> list[Batch]:
    middle = len(batch.files) // 2
    halves = batch.files[:middle], batch.files[middle:]
    return [Batch((*batch.number, n), half, sum(map(_size, half))) for n, half in enumerate(halves)]


def _given_up(batch: Batch, task: _Task) -> Left:
    """The documents of a batch that no process survived, as skipped ones."""
    rows = [skipped(file, KILLED) for file in batch.files]
    documents = pl.DataFrame([{name: row[name] for name in _SUMMARY} for row in rows], schema=_SUMMARY)
    left = Left(batch, documents, _stem(task.keywords["folder"], batch))
    FINDINGS.empty().write_parquet(_file(left, "findings"))
    return left


def _told(done: Iterable[Left], batches: Sequence[Batch], progress: Progress) -> Iterator[Left]:
    """What is done, while `progress` is told how much that is, how fast it goes and how long it may still take."""
    files, size = sum(len(batch.files) for batch in batches), sum(batch.size for batch in batches)
    begin, files_done, size_done = time.monotonic(), 0, 0
    progress(f"detecting artifacts in {files:,} files, {size / 1e6:,.1f} MB")
    for one in done:
        files_done, size_done = files_done + len(one.batch.files), size_done + one.batch.size
        rate = size_done / (time.monotonic() - begin)
        ahead = f", {rate / 1e6:.1f} MB/s, {(size - size_done) / rate:,.0f} s left" if rate else ""
        progress(f"detecting artifacts, {files_done:,} of {files:,} files, {size_done / 1e6:,.1f} of {size / 1e6:,.1f} MB{ahead}")
        yield one
