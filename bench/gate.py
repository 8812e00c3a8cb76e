"""The gate at scale: time and peak memory over runs made of the demo's tables, many times over.

    python bench/gate.py [--rows 100000,1000000]

A run of N rows has N findings and N aligned sentences, in as many copies of the demo's documents as that takes, each copy under
names of its own. Each command is a process of its own; memory is what the kernel says it held at most, the interpreter and its
libraries (the line `--version`) included.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from checker import report
from checker.config import load
from checker.pipeline import audit
from checker.report import Report
from checker.tables import WRITTEN

DEMO = Path(__file__).parents[1] / "corpora" / "demo"
POLICY = """[gate]
fail_on = "major"
max_findings = 0
max_per_1000_words = 1
min_mean_fidelity = 70
min_p10_fidelity = 50
min_coverage = 0.5
min_scored_share = 0.9
[[gate.limit]]
lang = "fr"
min_mean_fidelity = 60
[[gate.limit]]
rule = "ui-chrome"
path = "versions/fr/*"
max_findings = 10
"""
FORMATS = ("text", "sarif", "junit", "github", "gitlab", "rdjsonl", "jsonl", "markdown")


def tiled(demo: Report, rows: int, folder: Path) -> None:
    """A run's folder with `rows` findings and sentences."""
    copies = -(-rows // demo.findings.height)
    heights = {"documents": copies * demo.documents.height, "segments": 0}
    digests = {}
    for table in WRITTEN:
        path = folder / f"{table.name}.parquet"
        copied(getattr(demo, table.name), copies).head(heights.get(table.name, rows)).sink_parquet(path, maintain_order=True)
        digests[path.name] = report.file_digest(path)
    (folder / "run.json").write_text(json.dumps({**demo.run, "tables": digests}))
    (folder / "checker.toml").write_text(POLICY)


def copied(frame: pl.DataFrame, copies: int) -> pl.LazyFrame:
    """The rows once for each copy, whose number stands before every name and in every fingerprint."""
    numbers = pl.LazyFrame({"copy": range(copies)}).with_columns(pl.col("copy").cast(pl.String).str.zfill(8))
    names = [pl.concat_str("copy", pl.lit("/"), name).alias(name) for name in ("doc", "original", "path") if name in frame.columns]
    if "fingerprint" in frame.columns:
        names.append(pl.concat_str("copy", pl.col("fingerprint").str.slice(0, 8)).alias("fingerprint"))
    return (
        numbers.join(frame.lazy(), how="cross", maintain_order="left_right")
        .select(*frame.columns, "copy")
        .with_columns(names)
        .drop("copy")
    )


# The process tells its peak itself, of its own memory: what the kernel tells its parent begins with the parent's.
CHILD = """
import atexit, pathlib, re, sys
from checker.cli import main
told = pathlib.Path(sys.argv.pop(1))
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: told.write_text(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
main()
"""


def measured(*command: str) -> tuple[float, float, int]:
    """Seconds, peak megabytes and exit code of a command of checker."""
    with tempfile.NamedTemporaryFile() as told:
        begin = time.monotonic()
        done = subprocess.run([sys.executable, "-c", CHILD, told.name, *command], capture_output=True, check=False)  # noqa: S603
        return time.monotonic() - begin, int(Path(told.name).read_text()) / 1024, done.returncode


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", default="100000,1000000")
    demo = audit(load(DEMO, {"paths": (DEMO,)}))
    print(f"{'rows':>9}  {'command':34} {'seconds':>8} {'peak MB':>8} {'rows/s':>9}  exit")
    seconds, peak, code = measured("--version")
    print(f"{0:9,}  {'--version':34} {seconds:8.1f} {peak:8.0f} {'':9}  {code}")
    for rows in map(int, asked.parse_args().rows.split(",")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            tiled(demo, rows, folder)
            base = str(folder / "baseline.json")
            commands = [("gate", name, "--output", f"{one}={folder / one}") for one in FORMATS]
            commands += [("gate", name, "--baseline", base, "--write-baseline"), ("gate", name, "--baseline", base)]
            for command in commands:
                seconds, peak, code = measured(*command)
                said = " ".join(part.replace(f"{name}/", "") for part in command if part != name)
                print(f"{rows:9,}  {said:34} {seconds:8.1f} {peak:8.0f} {rows / seconds:9,.0f}  {code}")


if __name__ == "__main__":
    main()
