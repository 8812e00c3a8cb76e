"""Scores tables that lie in shards: each is read, scored and written by itself, by a process here or a worker of a cluster.

A shard's rows have its name in the folder for them. Its record, in a hidden folder beside that, comes last and says that it is
done, from which content, with which settings: a run that was killed goes on with the others, and a shard that is scored twice is
written over with the same bytes.
"""

import errno
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from checker import places, rows, stream, summary
from checker.config import Config
from checker.errors import CheckerError, ConfigError, InputError, RunError
from checker.formats.table import SUFFIXES
from checker.processes import cores, in_order
from checker.progress import Progress, Rate, quiet
from checker.summary import Sums

_FOLDER, _WORK = ".shards", "work-"

# So many shards that could not be scored are named.
_NAMED = 10


@dataclass(frozen=True)
class Job:
    """What all shards of a run share: settings, and folders for their rows, for findings, if asked for, and for their records."""

    config: Config
    out: str
    findings: str | None
    records: str
    signature: str


@dataclass(frozen=True)
class Shard:
    """A shard that is done, if `known` by an earlier run: its sums and the bytes of what was written; or the problem that it has.

    A problem `ends` the run, if others would have it too.
    """

    source: str
    sums: Sums = field(default_factory=Sums)
    sizes: tuple[tuple[str, int], ...] = ()
    known: bool = False
    problem: str | None = None
    ends: bool = False


Work = partial[Shard]
"""`score_shard` with its job."""

Mapped = Callable[[Work, Sequence[str]], Iterator[Shard]]
"""What maps the work over the shards, in any order."""


def score_shards(
    addresses: Sequence[str],
    config: Config,
    out: str,
    findings: str | None = None,
    progress: Progress = quiet,
    *,
    resume: bool = False,
    mapped: Mapped | None = None,
) -> Sums:
    """Scores each file that the addresses name, and writes its rows, with `SCORES` added, to `out` under its name; gives the sums.

    An address is a file, a folder or a pattern, here or where pyarrow reads. With `resume`, shards that an earlier run had done are
    not scored again, if neither they nor the settings changed. A shard that cannot be read is told at the end, and keeps none of
    the others from being scored: raises `InputError`, and `RunError` for what cannot be written.
    """
    sources = _sources(addresses)
    out, findings = _folder(out), _folder(findings) if findings else None
    _check(sources, out, findings)
    records = places.beside(out, _FOLDER)
    signature = json.dumps(stream.signature(config, "rows, findings" if findings else "rows"))
    job = Job(replace(config, jobs=1), out, findings, records, signature)
    with _begun(job, resume=resume):
        progress(f"scoring, 0 of {len(sources):,} shards")
        done = (mapped or partial(_by_processes, config.jobs or cores()))(partial(score_shard, job=job), sources)
        every = list(_told(_whole(done), len(sources), progress))
    if bad := [shard.problem for shard in sorted(every, key=lambda shard: shard.source) if shard.problem]:
        told = "; ".join([*bad[:_NAMED], *([f"… and {len(bad) - _NAMED:,} more"] if len(bad) > _NAMED else [])])
        raise InputError(told, remedy="the other shards are done: mend these, and go on with --resume")
    return summary.added(shard.sums for shard in sorted(every, key=lambda shard: shard.source))


def score_shard(source: str, job: Job) -> Shard:
    """The work on a shard, whoever does it and however often: reads it, scores it, writes it."""
    with _place(job) as place:
        try:
            file = places.fetched(source, place)
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            return _left(source, job, digest) or _scored(source, file, digest, job, place)
        except CheckerError as error:  # one bad shard of thousands does not end the run; where nothing can be written, that does
            where = (error.where or source).replace(str(place / places.name_of(source)), source)
            return Shard(source, problem=f"{where}: {error.problem}", ends=isinstance(error, RunError))
        except OSError as error:
            return Shard(source, problem=f"{source}: {error.strerror or error}", ends=error.errno in (errno.ENOSPC, errno.EDQUOT))


def _scored(source: str, file: Path, digest: str, job: Job, place: Path) -> Shard:
    name = places.name_of(source)
    written = {places.below(job.out, name): place / f"rows{Path(name).suffix}"}
    if job.findings:
        written[places.below(job.findings, name)] = place / f"findings{Path(name).suffix}"
    table, slices = rows.found([file], job.config, place)
    sums = stream.score_slices(table, slices, job.config, stream.Outputs(*written.values()), place)
    sizes = tuple((address, path.stat().st_size) for address, path in written.items())
    for address, path in written.items():
        places.put(path, address)
    record = {"signature": job.signature, "input": digest, "sizes": sizes, "sums": summary.stored(sums)}
    (place / "record").write_text(json.dumps(record), "utf-8")
    places.put(place / "record", _record(source, job))
    return Shard(source, sums, sizes)


def _record(source: str, job: Job) -> str:
    return places.below(job.records, f"{places.name_of(source)}.json")


def _left(source: str, job: Job, digest: str) -> Shard | None:
    """What an earlier run made of the shard, if that is whole and nothing changed."""
    found = json.loads(places.content(_record(source, job)) or "{}")
    if (found.get("signature"), found.get("input")) != (job.signature, digest):
        return None
    sizes = tuple((str(address), int(size)) for address, size in found["sizes"])
    whole = all(places.size(address) == size for address, size in sizes)
    return Shard(source, summary.restored(found["sums"]), sizes, known=True) if whole else None


# Before and after


def _sources(addresses: Sequence[str]) -> list[str]:
    """The files, each once; raises `InputError` where two have one name."""
    if "-" in addresses:
        raise InputError("the standard input is no shard", where="-", remedy="write to a file, with --out")
    names: dict[str, str] = {}
    for source in dict.fromkeys(file for address in addresses for file in places.listed(address, SUFFIXES)):
        name = places.name_of(source)
        if name in names:
            raise InputError(f"has the name of {names[name]}", where=source, remedy="score them into two folders")
        if not name.lower().endswith(tuple(SUFFIXES)):
            raise InputError("is of no known suffix", where=source, remedy=f"these are read: {' '.join(SUFFIXES)}")
        names[name] = source
    return list(names.values())


def others(addresses: Sequence[str], out: str) -> list[str]:
    """The names of tables in the folder `out` that are none of the addresses' shards: who reads the folder reads them, too."""
    shards = {places.name_of(source) for source in _sources(addresses)}
    return sorted({places.name_of(file) for file in places.listed(_folder(out), SUFFIXES)} - shards)


def _folder(address: str) -> str:
    return address if places.remote(address) else str(Path(address).absolute())


def _check(sources: Sequence[str], out: str, findings: str | None) -> None:
    """Raises `ConfigError` where a shard would be written over a shard that is read, or over another one."""
    if findings is not None and findings.rstrip("/") == out.rstrip("/"):
        raise ConfigError("--out and --findings are one folder", where=out, remedy="name another")
    for source in sources:
        if source in [places.below(folder, places.name_of(source)) for folder in (out, findings) if folder]:
            raise ConfigError("would be written over with its scores", where=source, remedy="name another folder with --out")


@contextmanager
def _begun(job: Job, *, resume: bool) -> Iterator[None]:
    """The folders are there, without what nobody has a use for; here, no other run uses them."""
    with ExitStack() as stack:
        for folder in (job.out, job.findings, job.records):
            if folder:
                places.made(folder)
        if not places.remote(job.records):
            stack.enter_context(stream.locked(Path(job.records), Path(job.out)))
            stack.callback(_swept, Path(job.records))
            _swept(Path(job.records), records=not resume)
        elif not resume:
            places.emptied(job.records)
        yield


def _swept(folder: Path, *, records: bool = False) -> None:
    """Removes what killed work left, and, if asked to, the records."""
    for path in folder.glob(f"{_WORK}*"):
        places.emptied(str(path))
        path.rmdir()
    for path in folder.glob("*.json") if records else ():
        path.unlink()


@contextmanager
def _place(job: Job) -> Iterator[Path]:
    """A folder for one piece of work, on the file system of what is written, so that renaming is one step."""
    above = None if places.remote(job.records) else job.records
    with tempfile.TemporaryDirectory(prefix=_WORK, dir=above, ignore_cleanup_errors=True) as name:
        yield Path(name)


# All shards


def _by_processes(workers: int, work: Work, sources: Sequence[str]) -> Iterator[Shard]:
    """The shards in order, one a process; where there are fewer than processes, all work on one after the other."""
    if len(sources) >= workers:
        return in_order(work, sources, workers)
    job: Job = work.keywords["job"]
    return map(partial(score_shard, job=replace(job, config=replace(job.config, jobs=workers))), sources)


def _whole(done: Iterable[Shard]) -> Iterator[Shard]:
    """The shards; raises `RunError` for a problem that others would have too, and where what a worker wrote is not here."""
    for shard in done:
        if shard.ends and shard.problem:
            raise RunError(shard.problem, remedy="what is done is kept; mend it, and go on with --resume")
        for address, size in shard.sizes:
            if not places.remote(address) and places.size(address) != size:
                raise RunError(
                    "is not here as it was written", where=address, remedy="write where all workers write: a shared folder, s3://"
                )
        yield shard


def _told(done: Iterable[Shard], total: int, progress: Progress) -> Iterator[Shard]:
    """The shards, while `progress` is told how far it is."""
    rate = Rate(progress, "scoring", total, "shards")
    for shard in done:
        rate.add(1, known=shard.known)
        yield shard
