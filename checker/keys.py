"""Which rows of a corpus may be inconsistent, told from hashes alone, bucket by bucket: memory does not grow with the rows.

Each row leaves hashes of 64 bits of its original, its version, and its version as it stands, and the bands of `shingles`. Hashes
only choose what is read again: whether texts are the same is asked of the texts.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil
from pathlib import Path

import polars as pl

from checker import corpus, rows, shingles
from checker.corpus import Corpus
from checker.errors import not_written
from checker.languages import UNDETERMINED
from checker.processes import cores, in_order, one_of_many
from checker.progress import Progress, Rate
from checker.sameness import normalised

# Rows of a bucket of hashes that are in memory together: some 100 MB.
_BUCKET = 2_000_000

# Rows from which processes repay their start.
_WORTH_A_POOL = 200_000

# Sentences of a band that each is compared with, in the order of the rows; where more share a band than `_PATTERN`, the next alone.
_NEXT, _PATTERN = 4, 50

_KEYS = "keys-*.parquet"

CONFLICTS = {"different-version": ("source", "text"), "same-version": ("target", "source")}
"""Kind to the hash that rows share and the one that differs."""


def made(given: Corpus, folder: Path, jobs: int, *, near: bool, progress: Progress) -> int:
    """Leaves the keys of all rows in the folder, with bands if `near`; returns how many rows there are."""
    total = sum(piece.span.rows for piece in given.slices)
    rate, found = Rate(progress, "reading", total, "pairs"), 0
    work = partial(_made, given=given, folder=folder, near=near)
    workers = jobs or cores()
    alone = total < _WORTH_A_POOL or workers == 1 or one_of_many()
    for piece, count in zip(given.slices, map(work, given.slices) if alone else in_order(work, given.slices, workers), strict=True):
        rate.add(piece.span.rows)
        found += count
    return found


def _made(piece: rows.Slice, given: Corpus, folder: Path, *, near: bool) -> int:
    texts = corpus.read(given, piece)
    lang = pl.col("lang").fill_null(UNDETERMINED)
    plain = texts.select("row", "version", lang=lang, source=normalised(pl.col("original")), target=normalised(pl.col("version")))
    # The same words in two languages are two texts: an original is compared with what one language has for it.
    salted = (pl.concat_str("lang", name, separator="\x1f").hash(0).alias(name) for name in ("source", "target"))
    keys = plain.select("row", *salted, text=pl.col("version").str.strip_chars().hash(1))
    if near:
        keys = keys.hstack(shingles.bands(plain["source"], plain["lang"]))
    try:
        keys.write_parquet(folder / f"keys-{piece.number:08}.parquet", compression="uncompressed")
    except OSError as error:
        raise not_written(error, folder) from error
    return keys.height


def conflicts(folder: Path, count: int, kind: str) -> pl.DataFrame:
    """row, group of the rows that share one hash of a kind and differ in another, by row; a group is the hash that is shared."""
    shared, other = CONFLICTS[kind]
    found = []
    for part in _buckets(folder, count, [shared, other], shared):
        ends = part.group_by(shared).agg(first=pl.col(other).min(), last=pl.col(other).max())
        groups = ends.filter(pl.col("first") != pl.col("last")).select(shared)
        found.append(part.join(groups, on=shared, how="semi").select("row", group=shared))
    return pl.concat(found).sort("row")


def neighbours(folder: Path, count: int) -> int:
    """Leaves a, b (rows, a before b) and members (sentences of the smallest band they share) in the folder; returns how many."""
    number = 0
    for band in shingles.NAMES:
        for part in _buckets(folder, count, ["source", band], band):
            _paired(part, band).write_parquet(folder / f"near-{number:06}.parquet", compression="lz4")
            number += 1
    met = pl.scan_parquet(folder / "near-*.parquet")
    met_rows = met.select(pl.len()).collect().item()
    total = 0
    for bucket in range(buckets := max(1, ceil(met_rows / _BUCKET))):
        part = met.filter(pl.col("a") % buckets == bucket).collect(engine="streaming")
        once = part.group_by("a", "b").agg(pl.col("members").min()).sort("a", "b")
        once.write_parquet(folder / f"pair-{bucket:06}.parquet", compression="lz4")
        total += once.height
    return total


def met(folder: Path) -> pl.DataFrame:
    """row of every sentence that `neighbours` paired, in order, and a group that says nothing."""
    both = pl.concat([pairs_of(folder).select(row=end) for end in "ab"])
    return both.unique().sort("row").collect(engine="streaming").with_columns(group=pl.lit(0, pl.UInt64))


def pairs_of(folder: Path) -> pl.LazyFrame:
    """What `neighbours` left."""
    return pl.scan_parquet(folder / "pair-*.parquet")


def _paired(part: pl.DataFrame, band: str) -> pl.DataFrame:
    """a, b, members of the sentences that share a band, each original once."""
    once = part.drop_nulls(band).sort("row").unique([band, "source"], keep="first", maintain_order=True)
    members = once.select("row", band, members=pl.len().over(band).cast(pl.Int64)).filter(pl.col("members") > 1).sort(band, "row")
    found = []
    for step in range(1, _NEXT + 1):
        near = members.with_columns(b=pl.col("row").shift(-step), same=pl.col(band) == pl.col(band).shift(-step))
        few = (pl.col("members") <= _PATTERN) | (step == 1)
        found.append(near.filter(pl.col("same").fill_null(value=False), few).select("b", "members", a="row"))
    return pl.concat(found).select("a", "b", "members")


def _buckets(folder: Path, count: int, columns: Sequence[str], by: str) -> Iterator[pl.DataFrame]:
    """row and the columns of all keys, in parts that no value of `by` is in two of."""
    keys = pl.scan_parquet(folder / _KEYS).select("row", *columns)
    for bucket in range(buckets := max(1, ceil(count / _BUCKET))):
        yield keys.filter(pl.col(by) % buckets == bucket).collect(engine="streaming")
