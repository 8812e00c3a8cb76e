"""Pairing at scale: F1, time, memory and growth on documents made from the FLORES recordings.

    python bench/pair.py [--sizes 1000,3000,10000] [--half report] [--seed 1] [--plain] [--only-pair]

An original is 5 to 15 sentences. Four in a row (a family) tell of one subject: in each family every word beyond the COMMON most
frequent is replaced by another of like frequency, and every number, the same on all sides, so that 997 sentences give as many
originals as are asked and families share little but common words. A version is what one of the 71 recordings gave for the sentences
of an original, some dropped and some merged with the next. A third of the versions has no original in the set: theirs was left out,
its family stayed. A third of the originals quotes a sentence of its family. `--plain` replaces no word.

Thresholds were tuned on the sentences of even number (tune); odd ones report. A version counts as paired with its best pairing of
those by which a document derives from another; each size runs in a process of its own.
"""

import argparse
import math
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
from wordfreq import top_n_list

from checker.align import align
from checker.pair import pair, relate
from checker.tables import PAGES, SEGMENTS

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
ASKED = "asked: F1 .99, 3 min on 2 cores, 3 GB, growth below n^1.2"
COMMON, FAMILY, QUOTING = 1000, 4, 1 / 3
VERSION_ALONE, ORIGINAL_ALONE = 1, 2  # places in a family
DROPPED, MERGED = 0.1, 0.1
DERIVES = ("translation", "back-translation", "edition")
ALIGNED_AT_ONCE = 100

Document = list[tuple[str, str]]  # foreign and English text of each segment


@cache
def prefixes() -> tuple[dict[str, int], list[str]]:
    """Rank of each beginning of a word, five letters at most, and all of them in the order of frequency."""
    ordered = list(dict.fromkeys(word[:5] for word in top_n_list("en", 300_000) if word.isalpha()))
    return {prefix: rank for rank, prefix in enumerate(ordered)}, ordered


class Subject:
    """Replaces the words and numbers of one family, each always by the same other one."""

    def __init__(self, rng: random.Random, *, plain: bool) -> None:
        self.rng, self.plain, self.told = rng, plain, dict[str, str]()

    def __call__(self, text: str) -> str:
        return text if self.plain else re.sub(r"[^\W\d_]+|\d+", lambda match: self.other(match[0]), text)

    def other(self, word: str) -> str:
        start = word[:5].lower()
        if start not in self.told:
            self.told[start] = self.number(start) if start.isdigit() else self.word(start)
        told = self.told[start]
        return (told.capitalize() if word[0].isupper() else told) + word[5:]

    def number(self, digits: str) -> str:
        return "".join(self.rng.choice("123456789") for _ in digits)

    def word(self, start: str) -> str:
        ranks, ordered = prefixes()
        rank = ranks.get(start, len(ordered) // 2)
        if rank < COMMON:
            return start
        return ordered[min(int(rank * math.exp(self.rng.uniform(-1, 1))), len(ordered) - 1)]


def corpus(size: int, half: str, seed: int, *, plain: bool) -> Iterator[tuple[str, Document]]:
    """Name and segments of so many originals and so many versions; `o7` is the original of `v7`."""
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(pl.col("n") % 2 == (half == "report"))
    recordings = [
        {n: (version, back or "") for n, version, back in part.select("n", "version", "back").iter_rows()}
        for _, part in recorded.group_by("lang", "engine", maintain_order=True)
    ]
    originals = dict(recorded.select("n", "original").unique(maintain_order=True).iter_rows())
    rng = random.Random(f"{seed} {size}")
    for family in range(math.ceil(size / 3)):
        subject, drawn = Subject(rng, plain=plain), rng.sample(sorted(originals), 15 * FAMILY)
        for member in range(FAMILY):
            name, own = f"{FAMILY * family + member:06}", drawn[15 * member : 15 * member + rng.randint(5, 15)]
            if rng.random() < QUOTING:
                own.insert(rng.randrange(len(own)), drawn[15 * member - 15])
            if member != VERSION_ALONE:
                yield f"o{name}", [("", subject(originals[n])) for n in own]
            if member != ORIGINAL_ALONE:
                recording = rng.choice(recordings)
                yield f"v{name}", _version([recording[n] for n in own], subject, rng)


def _version(sentences: Document, subject: Subject, rng: random.Random) -> Document:
    """The recorded sentences, some dropped, some in one segment with the one before."""
    merged: Document = []
    for version, back in [sentence for sentence in sentences if rng.random() >= DROPPED] or sentences[:1]:
        if merged and rng.random() < MERGED:
            merged[-1] = (f"{merged[-1][0]} {version}", f"{merged[-1][1]} {subject(back)}")
        else:
            merged.append((version, subject(back)))
    return merged


def tables(size: int, half: str, seed: int, *, plain: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pages and segments, as the pipeline hands them to `pair`."""
    documents = list(corpus(size, half, seed, plain=plain))
    rows = [
        (name, n, version or english, english if version else None)
        for name, segments in documents
        for n, (version, english) in enumerate(segments)
    ]
    segments = pl.DataFrame(rows, schema=["doc", "n", "text", "back"], orient="row")
    lang, length = (
        pl.when(pl.col("doc").str.starts_with("v")).then(pl.lit("xx")).otherwise(pl.lit("en")),
        pl.col("text").str.len_chars(),
    )
    end = (length.cum_sum().over("doc") + pl.col("n")).cast(pl.Int64)
    segments = segments.with_columns(lang=lang, doc_lang=lang, kind=pl.lit("prose"), line="n", start=end - length, end=end)
    pages = pl.DataFrame({"doc": [name for name, _ in documents]}).with_columns(
        role=pl.when(pl.col("doc").str.starts_with("v")).then(pl.lit("version")).otherwise(pl.lit("original")), status=pl.lit("ok")
    )
    pages = pages.join(segments.group_by("doc").agg(text=pl.col("text").str.join(" ")), on="doc", maintain_order="left")
    return PAGES.conform(pages), SEGMENTS.conform(segments)


def aligned(pages: pl.DataFrame, segments: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """`align`, of some pairings and their documents at a time."""
    parts = []
    for some in pairings.iter_slices(ALIGNED_AT_ONCE):
        docs = pl.DataFrame({"doc": pl.concat([some["doc"], some["original"]]).unique(maintain_order=True)})
        parts.append(align(pages.join(docs, on="doc", how="semi"), segments.join(docs, on="doc", how="semi"), some))
    return pl.concat(parts)


def f1(said: pl.DataFrame, versions: pl.Series, originals: pl.Series) -> tuple[float, float, float]:
    """Precision, recall, F1 of doc and original against the names."""
    true = said.filter(pl.col("original").str.tail(6) == pl.col("doc").str.tail(6)).height
    there = versions.str.tail(6).is_in(originals.str.tail(6).implode()).sum()
    precision, recall = true / max(said.height, 1), true / there
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def measure(size: int, asked: argparse.Namespace) -> None:
    """Prints the CPU seconds of `pair`, and then what was measured, a line each."""
    pages, segments = tables(size, asked.half, asked.seed, plain=asked.plain)
    pivots = pl.DataFrame(schema={"doc": pl.String, "pivot": pl.String})
    names = pages.filter(role="version")["doc"], pages.filter(role="original")["doc"]
    before, start, spent = peak(), time.perf_counter(), time.process_time()
    pairings = pair(pages, segments, pivots, "en")
    seconds, spent = time.perf_counter() - start, time.process_time() - spent
    nearest = pairings.sort("similarity", descending=True).unique("doc", keep="first", maintain_order=True)
    memory = f"peak {peak():.2f} GB ({before:.2f} before)"
    told = f"{memory}, {pairings.height:,} pairings, the nearest is the original of {f1(nearest, *names)[1]:.4f}"
    print(f"{spent:.2f}\n{size:7,} {asked.half}: pair {seconds:.1f} s ({spent:.1f} CPU s), {told}")
    if asked.only_pair:
        return
    start = time.perf_counter()
    sentences = aligned(pages, segments, pairings)
    middle = time.perf_counter()
    relations = relate(sentences, pairings, pages, segments, pivots)
    times = f"align {middle - start:.1f} s, relate {time.perf_counter() - middle:.1f} s, peak {peak():.2f} GB"
    precision, recall, score = f1(relations.filter("best", pl.col("derivation").is_in(DERIVES)), *names)
    print(f"{size:7,} {asked.half}: {times}; precision {precision:.4f} recall {recall:.4f} F1 {score:.4f}")


def peak() -> float:
    """Gigabytes of this process at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000,3000,10000")
    parser.add_argument("--half", default="report", choices=("tune", "report"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--only-pair", action="store_true")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    if len(sizes) == 1:
        measure(sizes[0], asked)
        return
    seconds = [alone(size) for size in sizes]
    growth = math.log(seconds[-1] / seconds[0]) / math.log(sizes[-1] / sizes[0])
    print(f"growth of pair, CPU seconds: n^{growth:.2f}; {ASKED}")


def alone(size: int) -> float:
    """Measures one size in a process of its own, with the same flags; returns the CPU seconds of `pair`."""
    call = [sys.executable, __file__, *sys.argv[1:], "--sizes", str(size)]
    seconds, *lines = subprocess.run(call, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()  # noqa: S603
    print("\n".join(lines), flush=True)
    return float(seconds)


if __name__ == "__main__":
    main()
