"""`checker score` and `checker gate` at scale: pairs a second on one core and on two, peak memory, and how both grow with the rows.

    python bench/score.py [--rows 100000,1000000] [--cores 1,2] [--suffix .parquet]

The facts are written as a table of findings, which the gate of a Parquet file is given with a limit on each kind of thing.

FLORES recordings drawn by seed, again and again, each time with other figures in them, in one pair of ten on one side alone; a word
of their own behind both texts makes sure that no text comes twice. Each run is a process of its own that is kept to so many cores;
memory is what it and its processes held together at most, shared pages counted once (PSS), looked at every half second. Seconds of
processor time stand beside those of the clock: on a machine that does other things meanwhile, the clock tells nothing.
"""

import argparse
import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
FIGURE = re.compile(r"\d")


def made(rows: int, path: Path) -> None:
    """A file of so many pairs, by parts of 100,000 that hold all texts once or twice."""
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").drop_nulls("back").select("lang", "original", "back")
    texts = recorded.unique(maintain_order=True)
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for number, at in enumerate(range(0, rows, 100_000)):
            part = texts.sample(min(100_000, rows - at), with_replacement=True, seed=number)
            parts.append(Path(folder) / f"{number:04}.parquet")
            _mutated(part, np.random.default_rng(number), at).with_row_index("id", offset=at).write_parquet(parts[-1])
        scan = pl.scan_parquet(parts)
        sinks = {".parquet": scan.sink_parquet, ".csv": scan.sink_csv, ".jsonl": scan.sink_ndjson}
        sinks[path.suffix](path, maintain_order=True)


def _mutated(part: pl.DataFrame, draw: np.random.Generator, begin: int) -> pl.DataFrame:
    """The pairs with other digits on both sides, of one pair in ten on one side alone, and with a word of their own behind."""
    shifts, alone = draw.integers(0, 10, part.height), draw.random(part.height) < 0.1
    originals, backs = [], []
    for at, (original, back) in enumerate(part.select("original", "back").iter_rows()):
        moved = partial(FIGURE.sub, lambda digit, by=int(shifts[at]): str((int(digit[0]) + by) % 10))
        originals.append(f"{moved(original)} {_word(begin + at)}")
        backs.append(f"{back if alone[at] else moved(back)} {_word(begin + at)}")
    return part.with_columns(pl.Series("original", originals), pl.Series("back", backs))


def _word(number: int) -> str:
    """A word that no language has, another one for each number."""
    return "zq" + "".join("bcdfghjklm"[int(digit)] for digit in str(number))


def scored(source: Path, out: Path, cores: int) -> dict[str, float]:
    """What it takes to score a file, on so many cores."""
    return measured(["score", str(source), "--out", str(out), "--findings", str(facts_of(out))], cores)


def facts_of(out: Path) -> Path:
    return out.with_stem("facts")


def gated(out: Path, cores: int) -> dict[str, float]:
    """What it takes to hold a policy against what was scored."""
    policy = out.with_name("policy.toml")
    policy.write_text(POLICY, "utf-8")
    return measured(["gate", str(out), "--findings", str(facts_of(out)), "--config", str(policy)], cores, (0, 1))


POLICY = """[gate]
fail_on = "major"
max_findings = 1000
max_per_1000_words = 1
min_mean_fidelity = 70
min_p10_fidelity = 50
min_scored_share = 0.9
"""


def measured(command: list[str], cores: int | None = None, passed: tuple[int, ...] = (0,)) -> dict[str, float]:
    """Seconds, processor seconds and peak megabytes (PSS) of a command that ends with one of these codes."""
    allowed = set(sorted(os.sched_getaffinity(0))[:cores])
    command = [sys.executable, "-m", "checker", *command]
    before, begin, all_cores = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), os.sched_getaffinity(0)
    os.sched_setaffinity(0, allowed)  # which the process inherits
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 -- this interpreter and our own program
        os.sched_setaffinity(0, all_cores)
        peak = max(_held(process))
    seconds, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode in passed, process.returncode
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "spent": spent, "peak": peak / 1024}


def _held(process: "subprocess.Popen[bytes]") -> Iterator[int]:
    """Kilobytes that the process and those it started hold, until it ends."""
    yield 0
    while process.poll() is None:
        yield sum(_pss(pid) for pid in _family(process.pid))
        time.sleep(0.5)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [Path(f"/proc/{pid}/task/{task}/children").read_text() for task in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208
    except OSError:  # it ended meanwhile
        return
    for child in " ".join(children).split():
        yield from _family(int(child))


def _pss(pid: int) -> int:
    try:
        return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1])  # type: ignore[index]
    except (OSError, TypeError):
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--cores", default="1,2")
    parser.add_argument("--suffix", default=".parquet", choices=[".parquet", ".csv", ".jsonl"])
    asked = parser.parse_args()
    print(f"{'rows':>10} cores {'seconds':>8} {'pairs/s':>8} {'CPU s':>8} {'pairs/CPU s':>11} {'peak MB':>8}  load  digest")
    for rows in map(int, asked.rows.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"pairs{asked.suffix}"
            made(rows, source)
            rates = []
            for cores in map(int, asked.cores.split(",")):
                out = Path(folder) / f"scored{asked.suffix}"
                found = scored(source, out, cores)
                with out.open("rb") as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()[:8]
                rates.append(rows / found["seconds"])
                print(
                    f"{rows:10,} {cores:5} {found['seconds']:8.1f} {rates[-1]:8,.0f} {found['spent']:8.1f} "
                    f"{rows / found['spent']:11,.0f} {found['peak']:8,.0f}  {os.getloadavg()[0]:4.1f}  {digest}",
                    flush=True,
                )
            if len(rates) > 1:
                print(f"{'':10} the last over the first × {rates[-1] / rates[0]:.2f}")
            if asked.suffix == ".parquet":
                held = gated(out, cores)
                print(f"{'':10} gate: {held['seconds']:.1f} s, {held['peak']:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
