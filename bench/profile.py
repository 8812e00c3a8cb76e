"""Where the time of `checker score` goes: seconds of processor time by stage and by rule, in one process with one thread.

    python bench/profile.py [--pairs 20000]

The pairs are those of bench/score.py. Each stage and rule is timed as it is called, without a profiler, which would make Python
look slower than it is beside compiled code; a text's words and numbers are read by the rule that asks first and kept for the
others, so that its seconds are those of all. Behind it as many other pairs with nothing timed, and more with Python's collector of
cycles at its default.
"""

import argparse
import gc
import importlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is loaded

import polars as pl
from score import made

from checker import likeness, overlap, registry, rows, stream, summary
from checker.config import load
from checker.processes import collect_rarely

scoring = importlib.import_module("checker.score")  # the name itself is the API's function

STAGES: dict[str, tuple[ModuleType, tuple[str, ...]]] = {
    "read the rows": (rows, ("read", "pairs")),
    "likeness: chrF, chrF++": (overlap, ("statistics",)),
    "likeness: one form": (likeness, ("_one_form",)),
    "likeness: tokens and words": (likeness, ("tokens",)),
    "likeness: coupled words": (likeness, ("couple", "_masses", "_order")),
    "likeness: fluency": (likeness.fluency, ("implausible", "faults")),
    "languages of the texts": (scoring, ("_spoken",)),
    "sums, evidence, severities": (scoring, ("_of_pairs", "_weighed", "_anchored", "worded", "bare")),
    "sums of the corpus": (summary, ("summed",)),
    "write the rows": (stream, ("_written", "_join")),
}


def timed(spent: Counter[str], name: str, function: Callable[..., Any], running: list[str]) -> Callable[..., Any]:
    """The function, whose time is added to the name, and taken off that of whatever called it."""

    def run(*given: Any, **named: Any) -> Any:
        begin = time.process_time()
        running.append(name)
        try:
            return function(*given, **named)
        finally:
            running.pop()
            took = time.process_time() - begin
            spent[name] += took
            if running:
                spent[running[-1]] -= took

    return run


def watched(spent: Counter[str]) -> None:
    """Every stage and every rule of pairs is timed from here on."""
    running: list[str] = []
    for name, (module, functions) in STAGES.items():
        for function in functions:
            setattr(module, function, timed(spent, name, getattr(module, function), running))
    for name, rule in registry.rules().items():
        if rule.reads == "pairs":
            rule.module.find = timed(spent, f"rule: {name}", rule.module.find, running)


def parts(folder: Path, pairs: int) -> Iterator[Path]:
    """Four files of so many pairs, no two of them with a text in common."""
    made(4 * pairs, folder / "all.parquet")
    for number in range(4):
        path = folder / f"{number}.parquet"
        pl.scan_parquet(folder / "all.parquet").slice(number * pairs, pairs).sink_parquet(path)
        yield path


def scored(source: Path) -> float:
    """Seconds of processor time to score a file."""
    out = source.with_stem(f"{source.stem}-scored")
    gc.collect()
    begin = time.process_time()
    settings = replace(load(source.parent, {}), metrics=("chrf", "chrf-pp"), jobs=1)
    stream.score_files([source], settings, stream.Outputs(out, out.with_stem("facts")))
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20_000)
    asked = parser.parse_args()
    spent: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        runs = list(parts(Path(folder), asked.pairs))
        scored(runs[0])  # tables are loaded
        often = scored(runs[1])
        collect_rarely()
        seldom = scored(runs[2])
        watched(spent)
        seconds = scored(runs[3])
    spent["all else"] = seconds - sum(spent.values())
    for name, took in sorted(spent.items(), key=lambda one: -one[1]):
        print(f"{took:8.2f} s {took / seconds:6.1%}  {name}")
    print(f"{seconds:8.2f} s in all, {asked.pairs / seconds:,.0f} pairs a second")
    print(f"{asked.pairs / seldom:,.0f} where nothing is timed, {asked.pairs / often:,.0f} with the collector at its default")


if __name__ == "__main__":
    sys.exit(main())
