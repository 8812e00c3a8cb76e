"""Consistency across the rows of tables of any size, or the documents of a run: what is rendered in more than one way.

What may conflict is told from hashes (`keys`), of which a bucket at a time is in memory; the texts of those rows alone are read
again and compared (`conflicts`), a part at a time. Memory holds, besides, 16 bytes for each row in conflict, and what is found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path

import polars as pl

from checker import conflicts, corpus, keys
from checker.config import Config
from checker.corpus import Corpus
from checker.errors import NothingToCheck, not_written
from checker.progress import Progress, Rate, quiet
from checker.tables import INCONSISTENCIES

EXACT, NEAR = ("different-version", "same-version"), ("near-duplicate", "contradiction")
KINDS = (*EXACT, *NEAR)
SEVERITIES = ("info", "minor", "major")

# Texts, and pairs of them, that are compared together: some 200 MB.
_TEXTS, _PAIRS = 200_000, 50_000

# How findings are ordered, beside their severity: what is told of many rows first, and what is least alike.
_ORDER = {
    "worst": True,
    "of": True,
    "least": False,
    "group": False,
    "severity": True,
    "likeness": False,
    "file": False,
    "line": False,
}


def inconsistencies(
    paths: Sequence[Path],
    config: Config,
    folder: Path,
    progress: Progress = quiet,
    *,
    kinds: Sequence[str] = KINDS,
    skipped: Callable[[str], None] = quiet,
) -> tuple[pl.LazyFrame, int, int]:
    """`tables.INCONSISTENCIES`, the gravest groups first, how many pairs were looked at, and how many rows were left out.

    Left out is what lacks a text, or is not to be judged. `folder` takes what is in between. Paths are tables that `checker score`
    reads, folders of runs, or what `checker pairs` reads; their order does not matter. Raises `InputError` for what cannot be read,
    `RunError` where the folder is full, `NothingToCheck` if no row has two texts.
    """
    given = corpus.opened(paths, config, folder, skipped)
    near = "near-duplicate" in kinds or ("contradiction" in kinds and given.documents)
    try:
        count = keys.made(given, folder, config.jobs, near=near, progress=progress)
        if not count:
            raise NothingToCheck("has no pair with both texts", where=given.table.files[0].shown)
        progress("comparing")
        marked = {kind: keys.conflicts(folder, count, kind) for kind in EXACT if kind in kinds}
        met = keys.neighbours(folder, count) if near else 0
        if met:
            marked[NEAR[0]] = keys.met(folder)
        _fetched(given, marked, folder, progress)
        sizes = {kind: rows.height for kind, rows in marked.items() if rows.height}
        left = sum(piece.span.rows for piece in given.slices) - count
        return _ranked(_judged(folder, config, sizes, met, given), kinds, folder), count, left
    except OSError as error:
        raise not_written(error, folder) from error


def _fetched(given: Corpus, marked: Mapping[str, pl.DataFrame], folder: Path, progress: Progress) -> None:
    """Leaves `corpus.TEXTS` of the marked rows in the folder, with their kind and group."""
    rate = Rate(progress, "reading again", sum(piece.span.rows for piece in given.slices), "pairs")
    for piece in given.slices:
        within = {kind: _within(rows, piece.row, piece.row + piece.span.rows) for kind, rows in marked.items()}
        asked = [rows.with_columns(kind=pl.lit(kind)) for kind, rows in within.items() if rows.height]
        if asked:
            texts = pl.concat(asked).join(corpus.read(given, piece), on="row", maintain_order="left")
            texts.write_parquet(folder / f"text-{piece.number:08}.parquet", compression="lz4")
        rate.add(piece.span.rows)


def _within(rows: pl.DataFrame, begin: int, end: int) -> pl.DataFrame:
    """Of rows in order, those from `begin` to before `end`."""
    first, last = (int(rows["row"].search_sorted(bound)) for bound in (begin, end))
    return rows.slice(first, last - first)


def _judged(folder: Path, config: Config, sizes: Mapping[str, int], met: int, given: Corpus) -> Iterator[pl.DataFrame]:
    """`tables.INCONSISTENCIES` of each part of the texts."""
    texts = pl.scan_parquet(folder / "text-*.parquet") if sizes else pl.LazyFrame()
    for kind in (kind for kind in EXACT if kind in sizes):
        for bucket in range(buckets := ceil(sizes[kind] / _TEXTS)):
            part = texts.filter(pl.col("kind") == kind, pl.col("group") % buckets == bucket)
            yield conflicts.exact(kind, part.select([*corpus.TEXTS]).collect(engine="streaming"), config)
    for bucket in range(buckets := ceil(met / _PAIRS)):
        pairs = keys.pairs_of(folder).filter(pl.col("a") % buckets == bucket).collect(engine="streaming")
        asked = pl.concat([pairs["a"], pairs["b"]]).unique().to_frame("row").lazy()
        held = texts.filter(pl.col("kind") == NEAR[0]).select([*corpus.TEXTS]).join(asked, on="row", how="semi")
        sides = held.collect(engine="streaming")
        for one in ("a", "b"):
            renamed = sides.rename({name: f"{one}_{name}" for name in corpus.TEXTS})
            pairs = pairs.join(renamed, left_on=one, right_on=f"{one}_row", how="inner", coalesce=False)
        yield conflicts.near(pairs, config, documents=given.documents)


def _ranked(parts: Iterator[pl.DataFrame], kinds: Sequence[str], folder: Path) -> pl.LazyFrame:
    """The findings of all parts in their order, to be read part by part."""
    found = []
    for number, part in enumerate(parts):
        kept = part.filter(pl.col("kind").is_in(kinds))
        grave = pl.col("severity").cast(pl.Enum(SEVERITIES))
        ends = {"worst": grave.max().over("group"), "least": pl.col("likeness").min().over("group"), "severity": grave}
        if kept.height:
            found.append(folder / f"found-{number:06}.parquet")
            kept.with_columns(**ends).write_parquet(found[-1], compression="lz4")
    if not found:
        return INCONSISTENCIES.empty().lazy()
    ranked = pl.scan_parquet(found).sort([*_ORDER], descending=[*_ORDER.values()])
    # A sentence with several that are nearly the same is told once of each difference.
    once = pl.int_range(pl.len()).over("group", "file", "line", "message") == 0
    ranked = ranked.filter(pl.col("kind").is_in(EXACT) | once)
    return ranked.select(pl.col(name).cast(dtype) for name, dtype in INCONSISTENCIES.schema.items())
