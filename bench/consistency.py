"""`checker consistency` at scale: what it finds of what was planted, pairs a second, peak memory, and how both grow with the rows.

    python bench/consistency.py [--rows 100000,1000000] [--exact]      the whole command, or without near-duplicates
    python bench/consistency.py --tune                                 what the thresholds rest on, on the other half of the texts
    python bench/consistency.py --recordings                           what it says of two engines' versions of the same sentences
    python bench/consistency.py --near 5000 --peer PYTHON           MinHash beside brute force and datasketch, in a Python with it

Originals are made of runs of three words of FLORES recordings, drawn by seed, with a number in each; their versions are the same
runs, spelt backwards and in another order, with the same number. Among 1,000 rows there are planted, with their places known: 5
originals again with another number in the version, 5 again with other words, 5 other originals with the same version, 5 nearly the
same originals whose version has another number; and to be left alone 20 pairs again, 5 in capitals, 5 of the pattern of another
with another number on both sides. A finding is right if it names two places that were planted together, and in their kind.
"""

import argparse
import hashlib
import json
import os
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from score import measured

from checker import keys, shingles
from checker.metrics import chrf
from checker.sameness import normalised

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
BLOCK, RUNS, WORDS = 100_000, 7, 3

PLANTED = {
    "number": (5, "different-version"),
    "words": (5, "different-version"),
    "reverse": (5, "same-version"),
    "near": (5, "near-duplicate"),
    "again": (20, None),
    "capitals": (5, None),
    "pattern": (5, None),
}
"""What is planted: how many of 1,000 rows, and the kind that it is to be found as."""


def recorded(half: str) -> pl.DataFrame:
    """FLORES recordings of one half, by the hash of the original."""
    rows = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").drop_nulls("back")
    odd = rows["original"].map_elements(lambda text: hashlib.sha256(text.encode()).digest()[0] % 2, return_dtype=pl.Int64)
    return rows.filter(odd == (half == "report"))


def runs() -> pl.Series:
    """Runs of three words, without figures, of all texts of the half `report`."""
    texts = pl.concat([recorded("report")[side] for side in ("original", "back")]).unique().sort()
    words = texts.str.extract_all(r"[\p{L}'’-]+")
    cut = [" ".join(row[at : at + WORDS]) for row in words for at in range(0, len(row) - WORDS + 1, WORDS)]
    return pl.Series(cut).unique().sort()


def made(rows: int, path: Path) -> pl.DataFrame:
    """Writes so many pairs; returns what was planted: kind (null: nothing to find), line and other line."""
    said = runs()
    folder = path.with_suffix(".parts")
    folder.mkdir()
    planted = [_block(said, at, min(BLOCK, rows - at), folder) for at in range(0, rows, BLOCK)]
    pl.scan_parquet(folder / "*.parquet").sink_parquet(path, maintain_order=True, row_group_size=50_000)
    return pl.concat(planted)


def _block(said: pl.Series, begin: int, size: int, folder: Path) -> pl.DataFrame:
    draw = np.random.default_rng(begin)
    counts = {name: size * share // 1000 for name, (share, _) in PLANTED.items()}
    base = size - sum(counts.values())
    drawn, figures = draw.integers(0, len(said), (base, RUNS)), draw.integers(100, 10_000, base)
    frames, told, at = [_pairs(said, drawn, drawn, figures, figures)], [], 0
    for name, count in counts.items():  # each base row is the like of one planted row at most
        part = slice(at, at + count)
        frames.append(_planted(name, said, drawn[part], figures[part], draw))
        told.append(
            pl.DataFrame({"name": [name] * count, "like": range(at, at + count)}, schema={"name": pl.String, "like": pl.Int64})
        )
        at += count
    order = draw.permutation(size)
    place = pl.Series(np.argsort(order) + begin + 1)
    pl.concat(frames)[order].write_parquet(folder / f"{begin:010}.parquet")
    planted = pl.concat(told).with_columns(line=place[base:], other=place.gather(pl.concat(told)["like"]))
    kinds = {name: kind for name, (_, kind) in PLANTED.items()}
    return planted.select("name", "line", "other", kind=pl.col("name").replace_strict(kinds, return_dtype=pl.String))


def _planted(
    name: str, said: pl.Series, drawn: NDArray[np.int64], figures: NDArray[np.int64], draw: np.random.Generator
) -> pl.DataFrame:
    other = figures + 1 + draw.integers(0, 50, len(figures))
    changed = drawn.copy()
    changed[:, draw.integers(0, RUNS)] = draw.integers(0, len(said), len(drawn))
    if name == "number":
        return _pairs(said, drawn, drawn, figures, other)
    if name == "words":
        return _pairs(said, drawn, changed, figures, figures)
    if name == "reverse":
        return _pairs(said, drawn, drawn, other, figures)
    if name == "pattern":
        return _pairs(said, drawn, drawn, other, other)
    pairs = _pairs(said, drawn, drawn, figures, other if name == "near" else figures)
    if name == "near":
        return pairs.with_columns(pl.col("original").str.replace(r"^\S+", "Quite"))
    return pairs.with_columns(pl.all().str.to_uppercase()) if name == "capitals" else pairs


def _pairs(said: pl.Series, ours: NDArray[np.int64], theirs: NDArray[np.int64], *figures: NDArray[np.int64]) -> pl.DataFrame:
    backwards = said.str.reverse()
    originals = [said.gather(ours[:, run]).alias(f"{run}") for run in range(RUNS)]
    versions = [backwards.gather(theirs[:, run]).alias(f"{run}") for run in reversed(range(RUNS))]
    texts = [
        pl.DataFrame([*side, pl.Series("figure", figure)]) for side, figure in zip((originals, versions), figures, strict=True)
    ]
    spoken = [pl.concat_str(pl.all(), separator=" ") + "." for _ in texts]
    first, second = (text.select(spoken[at]).to_series() for at, text in enumerate(texts))
    return pl.DataFrame({"original": first, "version": second})


# Running it


def print_run(rows: int, folder: Path, *, exact: bool) -> None:
    source, out = folder / f"pairs-{rows}.parquet", folder / "found.parquet"
    planted = made(rows, source)
    command = ["consistency", str(source), "--lang", "de", "--out", str(out), "--exit-zero"]
    kinds = ["different-version", "same-version"] + ([] if exact else ["near-duplicate"])
    told = measured([*command, *(word for kind in kinds for word in ("--kind", kind))])
    print(
        f"{rows:10,} {told['seconds']:8.1f} {rows / told['seconds']:8,.0f} {told['spent']:8.1f} {rows / told['spent']:11,.0f} "
        f"{told['peak']:8,.0f}  {os.getloadavg()[0]:4.1f}  {hashlib.sha256(out.read_bytes()).hexdigest()[:8]}",
        flush=True,
    )
    found = pl.read_parquet(out).select(
        "kind", a=pl.min_horizontal("line", "other_line"), b=pl.max_horizontal("line", "other_line")
    )
    asked = planted.filter(pl.col("kind").is_in(kinds)).with_columns(
        a=pl.min_horizontal("line", "other"), b=pl.max_horizontal("line", "other")
    )
    for kind in kinds:
        wanted, got = asked.filter(kind=kind).select("a", "b").unique(), found.filter(kind=kind).select("a", "b").unique()
        right = got.join(wanted, on=["a", "b"], how="semi").height
        print(f"{'':10} {kind}: found {right:,} of {wanted.height:,} planted, false {got.height - right:,}")


# What it rests on


def print_thresholds() -> None:
    rows = recorded("tune")
    google = rows.filter(engine="google").select("lang", "original", "back")
    others = rows.filter(pl.col("engine") != "google").select("lang", "original", other="back")
    both = google.join(others, on=["lang", "original"])
    versions = np.array(chrf.score(both["back"].to_list(), both["other"].to_list()))
    print(f"{len(versions):,} versions of one sentence by two engines, chrF below 35: {(versions < 35).mean():.4f}")
    texts = rows["original"].unique().sort()
    plain, changed = _one_word_changed(texts.to_list())
    alike = np.array(chrf.score(changed, plain))
    told = pl.DataFrame({"a": plain, "b": changed}).with_columns(normalised(pl.all()))
    told = pl.DataFrame({side: shingles.words(told[side]).list.unique() for side in "ab"})
    both_of, either = pl.col("a").list.set_intersection("b").list.len(), pl.col("a").list.set_union("b").list.len()
    share = told.select(both_of / either).to_series()
    above = (alike >= 75).mean()
    print(f"{len(alike):,} sentences with one word changed, chrF of 75 and more: {above:.4f}; least share {share.min():.2f}")


def print_recordings() -> None:
    """Share of two good engines' versions of a sentence that are told, by severity: `major` is a slip of an engine, or false."""
    rows = recorded("report").filter(pl.col("engine").is_in(["google", "microsoft"])).select("original", "back")
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name) / "pairs.parquet", Path(name) / "found.parquet"
        rows.write_parquet(source)
        command = ["consistency", str(source), "--lang", "en", "--least", "info", "--exit-zero"]
        measured([*command, "--out", str(out)])
        counts = pl.read_parquet(out).group_by("severity").len().sort("severity")
    told = ", ".join(f"{severity} {count / rows.height:.4f}" for severity, count in counts.iter_rows())
    print(f"of {rows.height:,} versions of {rows['original'].n_unique():,} sentences: {told}")


def _one_word_changed(texts: list[str]) -> tuple[list[str], list[str]]:
    draw = np.random.default_rng(0)
    words = [word for text in texts for word in text.split() if word.isalpha()]
    plain, changed = [], []
    for text in texts:
        said = text.split()
        said[draw.integers(len(said))] = words[draw.integers(len(words))]
        if " ".join(said) != text:
            plain.append(text)
            changed.append(" ".join(said))
    return plain, changed


PEER = """
import sys, time, json, re
from datasketch import MinHash, MinHashLSH
texts = json.load(open(sys.argv[1]))
begin = time.process_time()
lsh, sketches = MinHashLSH(params=(8, 4), num_perm=32), []
for at, text in enumerate(texts):
    words = [w.encode() for w in re.findall(r"\\w+", re.sub(r"\\d+", "0", text.lower()))]
    sketch = MinHash(num_perm=32, seed=1)
    sketch.update_batch([a + b" " + b for a, b in zip(words, words[1:])])
    sketches.append(sketch)
    lsh.insert(at, sketch)
met = {tuple(sorted((at, other))) for at, sketch in enumerate(sketches) for other in lsh.query(sketch) if other != at}
json.dump({"seconds": time.process_time() - begin, "met": sorted(met)}, open(sys.argv[2], "w"))
"""


def print_near(size: int, peer: str | None) -> None:
    """Pairs of sentences with at least half of their word pairs in common: by brute force, by our bands, and by datasketch's."""
    texts = recorded("report")["original"].unique().sort().to_list()
    every = [*texts, *_one_word_changed(texts)[1], *_one_word_changed(_one_word_changed(texts)[1])[1]]
    every = [*every, *recorded("report")["back"].unique().sort().to_list()[: max(0, size - len(every))]][:size]
    wanted = {least: _near_by_force(every, least) for least in (0.5, 0.7)}
    with tempfile.TemporaryDirectory() as name:
        begin = time.process_time()
        table = pl.DataFrame({"original": every, "version": every}).with_row_index("row")
        plain = table.select(pl.col("row").cast(pl.Int64), source=normalised(pl.col("original")))
        banded = shingles.bands(plain["source"], pl.Series(["en"] * len(every)))
        rows = plain.with_columns(source=pl.col("source").hash(0)).hstack(banded)
        rows.write_parquet(Path(name) / "keys-0.parquet")
        keys.neighbours(Path(name), rows.height)
        seconds = time.process_time() - begin
        met = set(keys.pairs_of(Path(name)).select("a", "b").collect().rows())
        counts = ", ".join(f"{len(near):,} pairs with a Jaccard coefficient of {least}" for least, near in wanted.items())
        print(f"{len(every):,} sentences, by brute force {counts}")
        print(f"  checker: {_recalls(met, wanted)}, {len(met):,} compared, {len(every) / seconds:,.0f} sentences/CPU s")
        if peer:
            said = [Path(name) / "texts.json", Path(name) / "met.json"]
            said[0].write_text(json.dumps(every))
            subprocess.run([peer, "-c", PEER, *map(str, said)], check=True)  # noqa: S603 -- the Python that was named
            told = json.loads(said[1].read_text())
            theirs = {(one, other) for one, other in told["met"]}
            print(
                f"  datasketch: {_recalls(theirs, wanted)}, {len(theirs):,} compared, "
                f"{len(every) / told['seconds']:,.0f} sentences/CPU s"
            )


def _recalls(met: set[tuple[int, int]], wanted: dict[float, set[tuple[int, int]]]) -> str:
    return "recall " + ", ".join(f"{len(met & near) / len(near):.3f} from {least}" for least, near in wanted.items())


def _near_by_force(texts: list[str], least: float) -> set[tuple[int, int]]:
    """Pairs of rows whose sets of neighbouring words have such a Jaccard coefficient, or more, and that are not the same."""
    words = shingles.words(pl.Series(texts).to_frame("t").select(normalised(pl.col("t"))).to_series())
    sets = [frozenset(pairwise(row)) if len(row) >= shingles.LEAST else frozenset() for row in words.to_list()]
    plain = [" ".join(row) for row in words.to_list()]
    holding: dict[tuple[str, str], list[int]] = {}
    found: set[tuple[int, int]] = set()
    for at, pairs in enumerate(sets):
        common: dict[int, int] = {}
        for pair in pairs:
            for other in holding.setdefault(pair, []):
                common[other] = common.get(other, 0) + 1
            holding[pair].append(at)
        near = (other for other, count in common.items() if count >= least * (len(pairs) + len(sets[other]) - count))
        found |= {(other, at) for other in near if plain[other] != plain[at]}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--exact", action="store_true", help="without near-duplicates")
    parser.add_argument("--tune", action="store_true", help="print what the thresholds rest on")
    parser.add_argument("--recordings", action="store_true", help="print what is said of two engines' versions")
    parser.add_argument("--near", type=int, metavar="N", help="MinHash on so many sentences, beside brute force")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python in whose environment datasketch is")
    asked = parser.parse_args()
    if asked.tune:
        return print_thresholds()
    if asked.recordings:
        return print_recordings()
    if asked.near:
        return print_near(asked.near, asked.peer)
    print(f"{'rows':>10} {'seconds':>8} {'pairs/s':>8} {'CPU s':>8} {'pairs/CPU s':>11} {'peak MB':>8}  load  digest")
    for rows in map(int, asked.rows.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            print_run(rows, Path(folder), exact=asked.exact)
    return None


if __name__ == "__main__":
    main()
