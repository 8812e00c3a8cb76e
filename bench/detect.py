"""Speed and memory of `checker detect` on folders of page text that grow: megabytes a second, peak of all its processes together.

    python bench/detect.py [MEGABYTES …]

Pages are made of those of the line benchmark (26 languages) and of recorded FLORES versions (some 40): labels are exchanged between
pages of a language and an eighth of the words replaced by others of that language, so that no two pages, and few lines, are the
same. The folder is written outside the clock; everything else, the start of the processes too, is inside.
"""

import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import regex

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
SIZES = (10, 50, 100)
ASKED_SPEED, ASKED_MEMORY = 5.0, 2.0

# Of a hundred documents so many are FLORES; the lines of one such document.
FLORES, FLORES_LINES = 20, 60
# A word of a text with spaces, a clause of one without.
PIECE = regex.compile(r"[^\s，。、！？；：]+")
SECONDS_BETWEEN_SAMPLES = 0.1


def sources() -> tuple[list[tuple[str, list[str]]], dict[str, list[str]]]:
    """Language and lines of each page, and the FLORES sentences by language."""
    with gzip.open(SHARED / "data/chrome_lines_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        pages = [(row["lang"], row["lines"]) for row in map(json.loads, file)]
    flores = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet", columns=["lang", "version"]).drop_nulls()
    sentences = flores.unique().sort("lang", "version").group_by("lang", maintain_order=True).agg("version")
    return pages, dict(sentences.iter_rows())


def texts() -> Iterator[str]:
    """Pages without end, each another."""
    chance = random.Random(5)
    pages, flores = sources()
    pieces, labels = defaultdict(list), defaultdict(list)
    for lang, lines in [*pages, *flores.items()]:
        for line in lines:
            found = PIECE.findall(line)
            (pieces if len(found) > 3 else labels)[lang].extend(found if len(found) > 3 else [line])
    while True:
        if chance.randrange(100) < FLORES:
            lang = chance.choice([*flores])
            lines = chance.choices(flores[lang], k=FLORES_LINES)
        else:
            lang, lines = chance.choice(pages)
        yield "\n".join(changed(line, pieces[lang], labels[lang], chance) for line in lines) + "\n"


def changed(line: str, pieces: Sequence[str], labels: Sequence[str], chance: random.Random) -> str:
    """The line with an eighth of its pieces exchanged for others; a label, three times in ten, for another."""
    spans = [match.span() for match in PIECE.finditer(line)]
    if len(spans) <= 3:
        return chance.choice(labels) if spans and labels and chance.random() < 0.3 else line
    parts, behind = [], 0
    for start, end in sorted(chance.sample(spans, 1 + len(spans) // 8)):
        parts += [line[behind:start], chance.choice(pieces)]
        behind = end
    return "".join([*parts, line[behind:]])


def write(folder: Path, megabytes: float) -> int:
    """Writes pages of so many megabytes together; returns their bytes."""
    total = 0
    for number, text in enumerate(texts()):
        content = text.encode()
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.txt").write_bytes(content)
        total += len(content)
        if total >= megabytes * 1e6:
            break
    return total


def measured(folder: Path, cores: int) -> tuple[float, float, float, int]:
    """Seconds, seconds of all cores together, and peak gigabytes of `checker detect` on so many cores; and findings."""
    command = ["taskset", "-c", f"0-{cores - 1}", sys.executable, "-m", "checker", "detect", str(folder), "--exit-zero"]
    begin, used, peak = time.perf_counter(), cpu(), 0
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)  # noqa: S603
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(SECONDS_BETWEEN_SAMPLES)
        seconds = time.perf_counter() - begin
        if process.returncode:
            sys.exit(f"checker detect ended with {process.returncode}")
        out.seek(0)
        return seconds, cpu() - used, peak / 1e9, sum(1 for _ in out)


def cpu() -> float:
    """Seconds that processes started here, and below them, have computed for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def resident(root: int) -> int:
    """Bytes in memory of a process and all below it; pages that they share count for each."""
    parents, sizes = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            parents[int(entry.name)], sizes[int(entry.name)] = int(fields[1]), int(fields[21])
    below = {root}
    while fresh := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= fresh
    return sum(sizes.get(pid, 0) for pid in below) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    sizes = [float(argument) for argument in sys.argv[1:]] or SIZES
    print(f"asked: at least {ASKED_SPEED:g} MB/s on two cores, at most {ASKED_MEMORY:g} GB, flat in the size")
    print("    MB  cores  seconds  computing   MB/s  peak GB  findings")
    for megabytes in sizes:
        with tempfile.TemporaryDirectory() as place:
            size = write(Path(place), megabytes) / 1e6
            for cores in (2, 1) if megabytes == min(sizes) else (2,):
                seconds, computing, memory, found = measured(Path(place), cores)
                figures = f"{seconds:7.1f}  {computing:9.1f}  {size / seconds:5.2f}  {memory:7.2f}  {found:8}"
                print(f"{size:6.1f}  {cores:5}  {figures}", flush=True)


if __name__ == "__main__":
    main()
