"""Aligns sentences: which of a version's render which of the original's, and what was omitted, added or moved.

`checker.beads` finds the beads; here they become rows with their spans on both pages.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from checker.beads import PREFIX, WORD, Bead, runs, sides, solve
from checker.tables import NOT_THE_TEXT, SENTENCES


def align(pages: pl.DataFrame, segments: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """`tables.SENTENCES` of every pairing, without scores; `english` is the text of the version's side that is compared.

    Omissions have no version side, additions no original side. A version's sentence without English is unscored with its reason.
    """
    english = english_of(segments)
    given = [_row_by_row(english, *names) for names in pairings.filter("given").select("doc", "original").iter_rows()]
    free = pairings.filter(~pl.col("given")).select("doc", "original")
    return _texts(pl.concat([*given, _free(english, free)]), pages, english)


def orphans(segments: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """The sentences of documents that should have an original and have none, each unscored with its reason."""
    rows = english_of(segments).join(documents.select("doc"), on="doc", how="semi").filter(~pl.col("kind").is_in(NOT_THE_TEXT))
    return rows.select(
        "doc",
        "n",
        "start",
        "end",
        "text",
        "lang",
        "back",
        "engine",
        "english",
        reason=pl.col("back_reason").fill_null("no original found"),
    )


def english_of(segments: pl.DataFrame) -> pl.DataFrame:
    """The segments with `english`: the back-translation, or the text itself where it needed none; null where it is missing."""
    return segments.with_columns(english=pl.when(pl.col("back_reason").is_null()).then(pl.coalesce("back", "text")))


_BEAD_SCHEMA = {
    "doc": pl.String,
    "original": pl.String,
    "n": pl.Int64,
    "n_last": pl.Int64,
    "original_n": pl.Int64,
    "original_n_last": pl.Int64,
    "similarity": pl.Float64,
    "crossing": pl.Boolean,
    "reason": pl.String,
}


def _row_by_row(english: pl.DataFrame, doc: str, original: str) -> pl.DataFrame:
    """Beads of a table's rows: row n renders row n; a row that is empty on one side is an omission or an addition."""
    sides = [english.filter(pl.col("doc") == name).select("n", "english") for name in (doc, original)]
    rows = sides[0].with_columns(original_n="n").join(sides[1].select(original_n="n"), on="original_n", how="full", coalesce=True)
    rows = rows.with_columns(n=pl.when(pl.col("n").is_not_null()).then("n"))
    both = sides[1].select(original_n="n", there=pl.lit(value=True))
    rows = rows.join(both, on="original_n", how="left").with_columns(original_n=pl.when("there").then("original_n"))
    return rows.select(
        doc=pl.lit(doc),
        original=pl.lit(original),
        n="n",
        n_last="n",
        original_n="original_n",
        original_n_last="original_n",
        similarity=pl.lit(None, pl.Float64),
        crossing=pl.lit(value=False),
        reason=pl.lit(None, pl.String),
    )


def _free(english: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """Beads of documents that were paired by what they say."""
    names = pairings.rows()
    named = pl.Series(sorted({name for pair in names for name in pair}), dtype=pl.String)
    taking = english.filter(~pl.col("kind").is_in(NOT_THE_TEXT), pl.col("doc").is_in(named.implode()))
    taking = named.to_frame("doc").join(taking.select("doc", "n", "english"), on="doc", how="left", maintain_order="left_right")
    texts = taking.group_by("doc", maintain_order=True).agg(
        pl.col("n").drop_nulls(), pl.col("english").filter(pl.col("n").is_not_null())
    )
    numbers = [part.to_numpy() for part in texts["n"]]
    known = {
        name: (at, side._replace(runs=runs(at)))
        for name, at, side in zip(texts["doc"], numbers, sides(texts["english"].to_list()), strict=True)
    }
    found = solve([(known[doc][1], known[original][1]) for doc, original in names])
    rows = [
        row
        for (doc, original), beads in zip(names, found, strict=True)
        for row in _rows((doc, original), known[doc][0], known[original][0], beads)
    ]
    return pl.DataFrame(rows, schema=_BEAD_SCHEMA, orient="row")


def features(segments: pl.DataFrame) -> pl.DataFrame:
    """doc, n, word: the distinct word prefixes of each segment's English; a language without spaces gives its characters."""
    tokens = pl.col("english").str.to_lowercase().str.extract_all(WORD)
    words = segments.select("doc", "n", word=tokens).explode("word").drop_nulls("word")
    return words.with_columns(pl.col("word").str.slice(0, PREFIX)).unique(maintain_order=True)


def _rows(
    names: tuple[str, str], numbers: np.ndarray, original_numbers: np.ndarray, found: Sequence[Bead]
) -> Iterator[tuple[str | int | float | bool | None, ...]]:
    """The beads of one pairing, in the columns of `_BEAD_SCHEMA`."""
    for bead in found:
        ends = (*_numbers(numbers, bead.version), *_numbers(original_numbers, bead.original))
        yield (*names, *ends, bead.similarity, bead.crossing, None)


def _numbers(numbers: np.ndarray, side: tuple[int, int]) -> tuple[int | None, int | None]:
    return (int(numbers[side[0]]), int(numbers[side[1] - 1])) if side[1] > side[0] else (None, None)


def _texts(rows: pl.DataFrame, pages: pl.DataFrame, english: pl.DataFrame) -> pl.DataFrame:
    """The beads with the spans and texts of both sides, and the English of the version's."""
    segments = english.select("doc", "n", "start", "end", "lang", "english", "engine", "back", "back_reason")
    rows = rows.with_row_index("row")
    members = rows.drop_nulls("n").with_columns(n=pl.int_ranges("n", pl.col("n_last") + 1)).explode("n")
    members = members.select("row", "doc", "n").join(segments, on=["doc", "n"], how="left", maintain_order="left")
    joined = members.group_by("row", maintain_order=True).agg(
        pl.col("start").min(),
        pl.col("end").max(),
        pl.col("lang").first(),
        pl.col("engine").drop_nulls().first(),
        english=pl.when(pl.col("english").null_count() == 0).then(pl.col("english").str.join(" ")),
        translated=pl.col("back").is_not_null().any(),
        back_reason=pl.col("back_reason").drop_nulls().first(),
    )
    other = rows.drop_nulls("original_n").select("row", "original", "original_n", "original_n_last")
    spans = english.select(original="doc", original_n="n", original_start="start", original_end="end")
    other = other.join(spans.drop("original_end"), on=["original", "original_n"]).join(
        spans.rename({"original_n": "original_n_last"}).drop("original_start"), on=["original", "original_n_last"]
    )
    found = (
        rows.join(joined, on="row", how="left")
        .join(other.select("row", "original_start", "original_end"), on="row", how="left")
        .sort("row")
    )
    texts = pages.select("doc", page="text")
    found = found.join(texts, on="doc", how="left", maintain_order="left").join(
        texts.select(original="doc", original_page="page"), on="original", how="left", maintain_order="left"
    )
    return _described(found)


def _described(found: pl.DataFrame) -> pl.DataFrame:
    count, original_count = pl.col("n_last") - pl.col("n") + 1, pl.col("original_n_last") - pl.col("original_n") + 1
    untranslated = pl.col("back_reason").is_not_null() & pl.col("original_n").is_null()
    alignment = (
        pl.when(pl.col("reason").is_not_null() | untranslated)
        .then(pl.lit(None, pl.String))
        .when(pl.col("n").is_null())
        .then(pl.lit("omission"))
        .when(pl.col("original_n").is_null())
        .then(pl.lit("addition"))
        .otherwise(pl.format("{}-{}", count, original_count))
    )
    frame = found.with_columns(
        text=pl.col("page").str.slice(pl.col("start"), pl.col("end") - pl.col("start")),
        original_text=pl.col("original_page").str.slice(
            pl.col("original_start"), pl.col("original_end") - pl.col("original_start")
        ),
        back=pl.when("translated").then("english"),
        alignment=alignment,
        similarity=pl.when(pl.col("n").is_not_null() & pl.col("original_n").is_not_null()).then("similarity"),
        reason=pl.coalesce("reason", "back_reason"),
    )
    kept = [name for name in SENTENCES.columns if name in frame.columns]
    return frame.select(*kept, "english")
