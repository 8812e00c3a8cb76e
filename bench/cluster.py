"""Shards scored by processes and by Ray, that are killed and go on: rows missing, doubled, different; overhead and cores.

    python bench/cluster.py kills|ray|speed [MINUTES] [--turns 3] [--two] [--ray PYTHON]

`kills`: a plain run killed with -9 ten times and resumed. `ray`: a worker killed by its pid five times, the driver once, and
resumed. `speed`: runs of about so many minutes of work by Ray, two processes and one (not with `--two`), in turn, beyond what a
single pair takes; beside wall time, which other work on the machine disturbs, the CPU time of all processes that belong to a run.
Pairs are made of FLORES recordings, each another by its number. PYTHON has `checker[ray]`; by default `.peers/ray`, which `make
peers` sets up.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import polars as pl

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
MARK = "CHECKER_BENCH"
KILLS, WORKER_KILLS, DRIVER_KILLS = 10, 5, 1
SHARDS, ROWS = 24, 2_500
# Pairs that a core scores in a second, from which the size of a run of some minutes follows.
RATE, SPEED_SHARDS = 1_500, 20
PAIRS, DAY = 1_000_000_000, 86_400
ASKED_OVERHEAD, ASKED_CORES = 15, 1.8
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """A run under way, with all its processes: they have the mark in their environment."""

    program: "subprocess.Popen[bytes]"
    mark: str
    cpu: dict[int, float] = field(default_factory=dict)
    memory: int = 0

    def processes(self) -> Iterator[tuple[int, bytes]]:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    yield int(folder.name), (folder / "cmdline").read_bytes()
            except OSError:  # ended meanwhile
                continue

    def sample(self) -> None:
        """Notes the CPU time of the processes, and their memory together."""
        resident = 0
        for process, _ in self.processes():
            try:
                stat = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            self.cpu[process] = (int(stat[11]) + int(stat[12])) / TICKS
            resident += int(stat[21]) * os.sysconf("SC_PAGE_SIZE")
        self.memory = max(self.memory, resident)

    def workers(self) -> list[int]:
        return [process for process, name in self.processes() if name.startswith(b"ray::MapWorker")]

    def end(self) -> None:
        """Kills all its processes, at once."""
        for process, _ in list(self.processes()):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.program.wait()


def begun(python: str, source: Path, out: Path, *flags: str) -> Run:
    mark = f"{MARK}={random.getrandbits(64)}"
    command = [python, "-m", "checker", "score", f"{source}/*.parquet", "--out", f"{out}/", "--findings", f"{out}-facts/", *flags]
    environment = dict([*os.environ.items(), mark.split("=")])
    return Run(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, start_new_session=True), mark)  # noqa: S603


def ended(run: Run) -> None:
    while run.program.poll() is None:
        run.sample()
        time.sleep(0.2)
    if run.program.returncode:
        sys.exit((run.program.stderr.read() if run.program.stderr else b"").decode())


def shards(folder: Path, number: int, rows: int) -> Path:
    """Shards of pairs, no two of which are the same."""
    folder.mkdir()
    flores = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet", columns=["original", "back"]).drop_nulls()
    chance = random.Random(5)
    for shard in range(number):
        numbers = pl.int_range(shard * rows, (shard + 1) * rows, eager=True)
        pairs = flores[[chance.randrange(flores.height) for _ in range(rows)]].with_columns(number=numbers)
        ending = pl.format(" It was {} that day.", "number")
        pairs.with_columns(pl.col("original", "back") + ending).write_parquet(folder / f"part-{shard:05}.parquet")
    return folder


def told(kind: str, found: Path, right: Path) -> None:
    """Says what differs between two folders of shards, and those of their findings."""
    one, other = (pl.read_parquet(f"{folder}/*.parquet").sort("number") for folder in (found, right))
    missing = other.join(one, on="number", how="anti").height
    doubled = one.height - one["number"].n_unique()
    different = 0 if missing or doubled else int((one.hash_rows() != other.hash_rows()).sum())
    facts = (pl.read_parquet(f"{folder}-facts/*.parquet", include_file_paths="file") for folder in (found, right))
    first, second = (frame.with_columns(pl.col("file").str.split("/").list.last()) for frame in facts)
    same = "the same" if first.equals(second) else "DIFFERENT"
    files = [path.name for path in right.iterdir() if path.read_bytes() != (found / path.name).read_bytes()]
    print(f"{kind}: {other.height:,} rows, missing {missing}, doubled {doubled}, different {different}; asked 0 each")
    print(f"  findings {same}; of {len(list(right.iterdir()))} files {len(files)} differ in their bytes", flush=True)


def records(out: Path) -> int:
    return len(list(out.with_name(f".{out.name}.shards").glob("*.json")))


def until(run: Run, met: Callable[[], bool]) -> None:
    while run.program.poll() is None and not met():
        time.sleep(0.1)


def kills(place: Path, _: str) -> None:
    """The plain run, killed again and again."""
    source, chance = shards(place / "in", SHARDS, ROWS), random.Random()
    ended(begun(sys.executable, source, place / "right", "--jobs", "2"))
    for number in range(KILLS):
        before = records(place / "out")
        run = begun(sys.executable, source, place / "out", "--jobs", "2", "--resume")
        until(run, lambda: records(place / "out") > before)  # noqa: B023 -- called before the loop goes on
        time.sleep(chance.uniform(0, 2))
        run.end()
        print(f"kill {number + 1}: {records(place / 'out')} of {SHARDS} shards done", flush=True)
    ended(begun(sys.executable, source, place / "out", "--jobs", "2", "--resume"))
    told(f"plain run killed {KILLS} times", place / "out", place / "right")


def ray(place: Path, python: str) -> None:
    """Ray, whose workers are killed, and then its driver; what goes on is Ray again."""
    source, chance = shards(place / "in", SHARDS, ROWS), random.Random()
    ended(begun(sys.executable, source, place / "right", "--jobs", "2"))
    flags = ["--on", "ray", "--jobs", "2"]
    run, driver = begun(python, source, place / "out", *flags), 0
    for number in range(WORKER_KILLS + DRIVER_KILLS):
        before = records(place / "out")
        until(run, lambda: records(place / "out") >= before + 2 and bool(run.workers()))  # noqa: B023 -- called before the loop goes on
        time.sleep(chance.uniform(0, 2))
        if number == WORKER_KILLS // 2:
            os.kill(run.program.pid, signal.SIGKILL)
            run.program.wait()
            driver += 1
            print(f"driver killed: {records(place / 'out')} of {SHARDS} shards done", flush=True)
            time.sleep(2)
            run.end()  # what Ray left of itself
            run = begun(python, source, place / "out", *flags, "--resume")
            continue
        victim = chance.choice(run.workers())
        os.kill(victim, signal.SIGKILL)
        print(f"worker {victim} killed: {records(place / 'out')} of {SHARDS} shards done", flush=True)
    ended(run)
    told(f"Ray, {WORKER_KILLS} workers and {driver} driver killed", place / "out", place / "right")


def speed(place: Path, python: str, minutes: float, turns: int, *, two: bool) -> None:
    """Ray, two processes and perhaps one, in turn."""
    source = shards(place / "in", SPEED_SHARDS, round(minutes * 60 * RATE * 2 / SPEED_SHARDS))
    tiny = shards(place / "tiny", 2, 1)
    ways = {
        "ray, 2": (python, "--on", "ray", "--jobs", "2"),
        "plain, 2": (sys.executable, "--jobs", "2"),
        **({} if two else {"plain, 1": (sys.executable, "--jobs", "1")}),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(turns):
        for way, (program, *flags) in ways.items():
            spent = []
            for data in (tiny, source):
                begin = time.monotonic()
                run = begun(program, data, place / f"out-{way[:3]}-{data.name}", *flags)
                ended(run)
                spent.append((time.monotonic() - begin, sum(run.cpu.values())))
            (start, start_cpu), (whole, whole_cpu) = spent
            seconds[way].append(whole - start)
            cpu[way].append(whole_cpu - start_cpu)
            print(
                f"turn {turn + 1}, {way}: {whole:.0f} s, of which start-up {start:.0f}; CPU {whole_cpu:.0f} s, of which start-up "
                f"{start_cpu:.0f}; peak memory of all processes {run.memory / 1e9:.1f} GB; load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    pairs = pl.scan_parquet(f"{source}/*.parquet").select(pl.len()).collect().item()
    rate = pairs / median(cpu["ray, 2"])
    print(f"{rate:,.0f} pairs a second of CPU time by Ray: {PAIRS / DAY / rate:.1f} cores for {PAIRS:,} pairs in a day")
    told("Ray beside the plain run", place / "out-ray-in", place / "out-pla-in")
    for name, spent_by in (("wall", seconds), ("CPU", cpu)):
        middle = {way: median(values) for way, values in spent_by.items()}
        over = 100 * (middle["ray, 2"] / middle["plain, 2"] - 1)
        print(f"{name} time: Ray over plain {over:+.0f} % beyond start-up (asked {ASKED_OVERHEAD} at most)")
        if name == "wall" and not two:
            print(f"two cores over one {middle['plain, 1'] / middle['plain, 2']:.2f} times (asked {ASKED_CORES})")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["kills", "ray", "speed", "all"], nargs="?", default="all")
    parser.add_argument("minutes", type=float, nargs="?", default=5)
    parser.add_argument("--ray", default=str(ROOT / ".peers/ray/bin/python"))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--two", action="store_true", help="without the run of one process, which takes as long as both others")
    given = parser.parse_args()
    parts: dict[str, Callable[[Path, str], None]] = {
        "kills": kills,
        "ray": ray,
        "speed": lambda place, python: speed(place, python, given.minutes, given.turns, two=given.two),
    }
    for part in parts if given.what == "all" else [given.what]:
        with tempfile.TemporaryDirectory() as folder:
            parts[part](Path(folder), given.ray)


if __name__ == "__main__":
    main()
