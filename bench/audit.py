"""Time and peak memory of `checker audit` on corpora that grow, made of the demo by mutation.

    python bench/audit.py [PAGES …] [--profile]

A page is one of the demo's 30, of which an eighth to a half of the distinct words, and all names and numbers, are others: in an
original and its versions the same ones, in other languages others of that language, so that no two articles say the same. The
translation memory grows with them, and so does what is found. Asked: time in proportion to the pages, and 4 GB at 100,000.
"""

import argparse
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
from wordfreq import top_n_list

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "corpora/demo"
SIZES = (1_000, 10_000)
ASKED_MEMORY, ASKED_GROWTH = 4.0, 1.2
WORDS = 20_000
# Outside tags, a word or a number. Chinese has no spaces: its pages keep their words.
PIECE = re.compile(r"<[^>]*>|[^\W\d_]+|\d+")
LANGUAGES = ("en", "es", "fr", "ru", "zh")
TICK = 0.2
# Articles whose rows of the translation memory are held before they are written.
HELD = 100


@cache
def words(lang: str) -> list[str]:
    return [word for word in top_n_list(lang, WORDS) if len(word) > 3 and word.isalpha()]


def mutated(text: str, lang: str, article: int) -> str:
    """The text with the words of an article: which they are depends on the word, the language and the article alone."""
    share = random.Random(article).uniform(0.125, 0.5)

    @cache
    def other(piece: str) -> str:
        chance = random.Random(f"{article} {lang} {piece.casefold()}")
        if piece.isdigit():
            return str(chance.randrange(10 ** (len(piece) - 1), 10 ** len(piece)))
        if len(piece) < 4 or piece.startswith("<") or (piece.islower() and chance.random() > share):
            return piece
        word = chance.choice(words(lang))
        return word.capitalize() if piece[0].isupper() else word

    return text if lang == "zh" else PIECE.sub(lambda found: other(found[0]), text)


def write(folder: Path, pages: int) -> None:
    """The corpus of so many pages, article by article, with its settings and translation memory; held are some articles' rows.

    Articles that say the same in a language (Chinese) have one row of the memory, the first.
    """
    texts = {path: path.read_text("utf-8") for name in ("originals", "versions") for path in sorted((DEMO / name).rglob("*.*"))}
    memory = pl.read_parquet(DEMO / "memory.parquet")
    parts = folder / "memory"
    parts.mkdir(parents=True)
    rows, known = list[pl.DataFrame](), set[bytes]()
    articles = -(-pages // len(texts))
    for article in range(articles):
        for path, text in [*texts.items()][: pages - article * len(texts)]:
            lang = path.parent.name if path.parent.name in LANGUAGES else "en"
            place = folder / path.parent.relative_to(DEMO) / f"{article // 100:04}" / f"{path.stem}-{article:05}{path.suffix}"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(mutated(text, lang, article), "utf-8")
        rows.append(_new(_of_article(memory, article), known))
        if len(rows) == HELD or article == articles - 1:
            pl.concat(rows).write_parquet(parts / f"{article:06}.parquet")
            rows = []
    pl.scan_parquet(parts / "*.parquet").sink_parquet(folder / "memory.parquet")
    shutil.rmtree(parts)
    (folder / "checker.toml").write_text('originals = "originals"\nmemory = "memory.parquet"\n', "utf-8")


def _of_article(memory: pl.DataFrame, article: int) -> pl.DataFrame:
    return memory.with_columns(
        text=pl.Series([mutated(text, lang, article) for lang, text in memory.select("source", "text").iter_rows()]),
        translation=pl.Series([mutated(text, "en", article) for text in memory["translation"]]),
    )


def _new(rows: pl.DataFrame, known: set[bytes]) -> pl.DataFrame:
    """The rows that are not `known` yet, which then are: 16 bytes a row are kept, not its text."""
    fresh = []
    for row in rows.select("source", "target", "text").iter_rows():
        digest = hashlib.blake2b("\0".join(row).encode(), digest_size=16).digest()
        fresh.append(digest not in known)
        known.add(digest)
    return rows.filter(pl.Series(fresh, dtype=pl.Boolean))


def processes(parent: int) -> Iterator[int]:
    """A process and those below it."""
    yield parent
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            children = task.read_text("utf-8").split()
        except OSError:
            continue
        for child in children:
            yield from processes(int(child))


def resident(parent: int) -> int:
    total = 0
    for process in processes(parent):
        try:
            total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text("utf-8"), re.MULTILINE)[1])  # type: ignore[index]
        except (OSError, TypeError):
            continue
    return total * 1024


def measured(folder: Path, out: Path) -> tuple[float, float, float, list[tuple[str, float, float]]]:
    """Seconds, CPU seconds, peak memory in GB, and the stages with their seconds and the memory that they reached."""
    run = subprocess.Popen(  # noqa: S603
        [sys.executable, __file__, "--audit", str(folder), str(out)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    begin, peak, stages = time.monotonic(), 0, list[tuple[str, float, float]]()
    os.set_blocking(run.stdout.fileno(), False)  # type: ignore[union-attr]
    stage, since, most = "start", begin, 0
    while run.poll() is None:
        most = max(most, resident(run.pid))
        peak = max(peak, most)
        for line in iter(run.stdout.readline, ""):  # type: ignore[union-attr]
            stages.append((stage, time.monotonic() - since, most / 1e9))
            stage, since, most = line.strip(), time.monotonic(), 0
        time.sleep(TICK)
    stages.append((stage, time.monotonic() - since, most / 1e9))
    if run.returncode:
        sys.exit("the audit failed")
    times = os.times()
    return time.monotonic() - begin, times.children_user + times.children_system, peak / 1e9, stages


def audit(folder: str, out: str) -> None:
    """The audit, which prints each stage as it begins."""
    from checker.config import load  # noqa: PLC0415
    from checker.pipeline import audit as run  # noqa: PLC0415
    from checker.report import write as store  # noqa: PLC0415

    said: set[str] = set()

    def progress(stage: str) -> None:
        name = re.split(r"[,\d]", stage)[0].strip()
        if name not in said:
            said.add(name)
            print(name, flush=True)

    report = run(load(Path(folder), {"paths": (Path(folder),)}), progress)
    progress("writing")
    store(report, Path(out))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", type=int, nargs="*", default=SIZES)
    parser.add_argument("--profile", action="store_true", help="print the stages")
    parser.add_argument("--audit", nargs=2)
    given = parser.parse_args()
    if given.audit:
        audit(*given.audit)
        return
    before: tuple[int, float] | None = None
    spent = 0.0
    for pages in given.pages:
        with tempfile.TemporaryDirectory() as place:
            begin, made = time.monotonic(), time.process_time()
            write(Path(place) / "corpus", pages)
            made, took = time.process_time() - made, time.monotonic() - begin
            print(f"{pages:,} pages made in {took:.0f} s, CPU {made:.0f} s", flush=True)
            seconds, cpu, peak, stages = measured(Path(place) / "corpus", Path(place) / "out")
            tables = {name: pl.scan_parquet(Path(place) / "out" / f"{name}.parquet") for name in ("sentences", "findings")}
            found = ", ".join(f"{table.select(pl.len()).collect().item():,} {name}" for name, table in tables.items())
        minutes, asked = seconds / 60, f"asked {ASKED_MEMORY:.0f} at most"
        print(f"{pages:,} pages: {minutes:.1f} min, CPU {cpu - spent:.0f} s, peak {peak:.2f} GB ({asked}); {found}", flush=True)
        if before:
            growth = ((cpu - spent) / before[1]) / (pages / before[0])
            print(f"  CPU time a page {growth:.2f} times that of {before[0]:,} pages (asked {ASKED_GROWTH} at most)")
        if given.profile:
            for stage, took, memory in stages:
                print(f"    {stage:36}{took:8.1f} s{memory:8.2f} GB")
        before, spent = (pages, cpu - spent), cpu


if __name__ == "__main__":
    main()
