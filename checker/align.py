"""Aligns sentences: which of a version's render which of the original's, and what was omitted, added or moved.

`checker.beads` finds the beads; here they become rows with their spans on both pages, and passages of paragraphs.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

import numpy as np
import polars as pl

from checker import units
from checker.beads import solve
from checker.matching import PREFIX, WORD, Bead, rendered_sides, runs
from checker.tables import BOILERPLATE, NOT_THE_TEXT, SENTENCES

INSIDE = {
    "english": "text of the version's side that is compared",
    "n_last": "last segment of the version's side",
    "original_n_last": "last segment of the original's side",
    "length": "characters of the version's side that are no boilerplate",
    "original_length": "the same of the original's side",
}
"""Columns that `align` adds to `tables.SENTENCES` for the stages behind it."""

# Pairings whose documents' words are held at a time, and beads whose texts are put together: they bound memory, nothing else.
_PAIRINGS, _BEADS = 2_000, 200_000


def align(pages: pl.DataFrame, segments: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """`tables.SENTENCES` of every pairing, without scores, and the columns of `INSIDE`.

    Segments may have `others`, a list of further renderings of their sentence: what any of them says can match.

    Omissions have no version side, additions no original side. A version's sentence without English is unscored with its reason,
    and so is boilerplate that only one side has: nothing was omitted or added.
    """
    english = english_of(segments)
    given = units.told(_row_by_row(english, pairings.filter("given").select("doc", "original")), pages)
    free = _free(english, pairings.filter(~pl.col("given")).select("doc", "original"))
    beads = pl.concat([given, free.join(passages(free, english), on=[*_ENDS], how="left", nulls_equal=True)], how="diagonal")
    parts = beads.iter_slices(_BEADS) if beads.height else [beads]
    return pl.concat(_texts(part, pages, english) for part in parts)


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


_ENDS = ("doc", "original", "n", "n_last", "original_n", "original_n_last")

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


def _row_by_row(english: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """Beads of tables' rows: row n renders row n; a row that is empty on one side is an omission or an addition."""
    pairs = pairings.with_row_index("pair")
    version = pairs.join(english.select("doc", "n"), on="doc").with_columns(original_n="n")
    other = pairs.join(english.select(original="doc", original_n="n"), on="original").with_columns(there=pl.lit(value=True))
    rows = version.join(other, on=["pair", "doc", "original", "original_n"], how="full", coalesce=True).sort("pair", "original_n")
    rows = rows.with_columns(original_n=pl.when("there").then("original_n"))
    return rows.select(
        "doc",
        "original",
        "n",
        n_last="n",
        original_n="original_n",
        original_n_last="original_n",
        similarity=pl.lit(None, pl.Float64),
        crossing=pl.lit(value=False),
        reason=pl.lit(None, pl.String),
    )


def _free(english: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """Beads of documents that were paired by what they say."""
    taking = english.filter(~pl.col("kind").is_in(NOT_THE_TEXT))
    others = [pl.col("others").fill_null([])] if "others" in english.columns else []
    # What has no English keeps its place by its length, numbers and names: without a word it was drawn to a neighbour, which was
    # unscored with it (all of 12 texts that were taken out of the demo's memory one by one, and none now).
    said = pl.concat_list(pl.coalesce("english", "text"), *others).alias("said")
    texts = taking.group_by("doc", maintain_order=True).agg("n", said, mute=pl.col("n").filter(pl.col("english").is_null()))
    places = {name: row for row, name in enumerate(texts["doc"])}
    parts = (_beads(part.rows(), texts, places) for part in pairings.iter_slices(_PAIRINGS))
    return pl.concat([pl.DataFrame(schema=_BEAD_SCHEMA), *parts])


def _beads(names: Sequence[tuple[str, str]], texts: pl.DataFrame, places: Mapping[str, int]) -> pl.DataFrame:
    """The beads of some pairings; `texts` has n, said and mute (n of what has no English) of the documents in their `places`."""
    named = sorted({name for pair in names for name in pair})
    held = texts[pl.Series([places[name] for name in named if name in places], dtype=pl.UInt32)]
    numbers = dict.fromkeys(named, np.zeros(0, np.int64)) | dict(zip(held["doc"], (n.to_numpy() for n in held["n"]), strict=True))
    silent = {doc: set(np.searchsorted(numbers[doc], mute).tolist()) for doc, mute in held.select("doc", "mute").iter_rows()}
    said = dict(held.select("doc", "said").iter_rows())
    sides = rendered_sides([said.get(name, []) for name in named])
    known = {name: side._replace(runs=runs(numbers[name])) for name, side in zip(named, sides, strict=True)}
    found = solve([(known[doc], known[original]) for doc, original in names])
    rows = [
        row
        for (doc, original), beads in zip(names, found, strict=True)
        for row in _rows((doc, original), numbers[doc], numbers[original], _settled(beads, silent.get(doc, set())))
    ]
    return pl.DataFrame(rows, schema=_BEAD_SCHEMA, orient="row")


def _settled(beads: Sequence[Bead], silent: set[int]) -> list[Bead]:
    """The beads, in which a sentence of the version without English (`silent`) is no addition beside an omission.

    Both stand in one gap between pairs, so it may well render what seems to be omitted, and nobody can tell: they are paired in
    order.
    """
    chain = sorted((b.version[0], b.original[0]) for b in beads if not b.crossing and _width(b.version) and _width(b.original))
    added, omitted = defaultdict(list), defaultdict(list)
    for bead in beads if silent else ():
        if not _width(bead.original) and bead.version[0] in silent:
            added[bisect(chain, bead.version[0], key=itemgetter(0))].append(bead)
        elif not _width(bead.version):
            omitted[bisect(chain, bead.original[0], key=itemgetter(1))].append(bead)
    pairs = [pair for gap, lone in added.items() for pair in zip(lone, omitted[gap], strict=False)]
    gone = {bead for pair in pairs for bead in pair}
    joined = [Bead(one.version, other.original, 0.0, crossing=False) for one, other in pairs]
    return [*(bead for bead in beads if bead not in gone), *joined]


def _width(side: tuple[int, int]) -> int:
    return side[1] - side[0]


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


def passages(beads: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """`_ENDS` of the beads in passages, with `passage`: the place, from 0, of the fewest paragraphs (lines) that no bead leaves.

    Beads in order make the passages; what is omitted or added inside their paragraphs belongs to them. Crossing beads that follow
    each other on both sides make one, too, behind all others.
    """
    lines = segments.filter(~pl.col("kind").is_in(NOT_THE_TEXT)).select("doc", "n", "line", at=pl.int_range(pl.len()).over("doc"))
    rows = beads.select(*_ENDS, "crossing")
    for end in _ENDS[2:]:
        name = "original" if end.startswith("original") else "doc"
        known = lines.rename({"doc": name, "n": end, "line": f"{end}_line", "at": f"{end}_at"})
        rows = rows.join(known, on=[name, end], how="left", maintain_order="left")
    whole = pl.col("n").is_not_null() & pl.col("original_n").is_not_null()
    chain = rows.filter(whole & ~pl.col("crossing")).sort("doc", "original", "n")
    fresh = pl.lit(value=True)
    for side in ("n", "original_n"):
        reached = pl.col(f"{side}_last_line").cum_max().shift(1).over("doc", "original")
        fresh &= (pl.col(f"{side}_line") > reached).fill_null(value=True)
    chain = chain.with_columns(passage=(fresh.cast(pl.Int64).cum_sum() - 1).over("doc", "original"))
    added = _inside(rows.filter(pl.col("original_n").is_null()), chain, "n")
    omitted = _inside(rows.filter(pl.col("n").is_null()), chain, "original_n")
    moved = _moved(rows.filter(whole & pl.col("crossing")), chain)
    return pl.concat(frame.select(*_ENDS, "passage") for frame in (chain, added, omitted, moved))


def _moved(crossing: pl.DataFrame, chain: pl.DataFrame) -> pl.DataFrame:
    """The crossing beads with `passage`, one for each run of them that stands together on both sides."""
    rows = crossing.sort("doc", "original", "n")
    goes_on = pl.lit(value=True)
    for side in ("n", "original_n"):
        goes_on &= pl.col(f"{side}_at") == (pl.col(f"{side}_last_at") + 1).shift(1).over("doc", "original")
    rows = rows.with_columns(run=(~goes_on.fill_null(value=False)).cast(pl.Int64).cum_sum().over("doc", "original"))
    last = chain.group_by("doc", "original").agg(last=pl.col("passage").max())
    joined = rows.join(last, on=["doc", "original"], how="left", maintain_order="left")
    return joined.with_columns(passage=pl.col("last").fill_null(-1) + pl.col("run"))


def _inside(alone: pl.DataFrame, chain: pl.DataFrame, side: str) -> pl.DataFrame:
    """What one side has alone, with the `passage` whose paragraphs hold it, null if none does."""
    line = f"{side}_line"
    spans = chain.group_by("doc", "original", "passage").agg(pl.col(line).min(), until=pl.col(f"{side}_last_line").max()).sort(line)
    joined = alone.sort(line).join_asof(spans, on=line, by=["doc", "original"], check_sortedness=False)
    return joined.with_columns(passage=pl.when(pl.col(line) <= pl.col("until")).then("passage"))


def _texts(rows: pl.DataFrame, pages: pl.DataFrame, english: pl.DataFrame) -> pl.DataFrame:
    """The beads with the spans and texts of both sides, and the English of the version's."""
    rows = rows.with_row_index("row")
    version = _side(rows.select("row", "doc", "n", "n_last"), english)
    other = _side(rows.select("row", doc="original", n="original_n", n_last="original_n_last"), english)
    other = other.select("row", pl.exclude("row").name.prefix("original_"))
    found = rows.join(version, on="row", how="left").join(other, on="row", how="left").sort("row")
    texts = pages.select("doc", page="text")
    found = found.join(texts, on="doc", how="left", maintain_order="left").join(
        texts.select(original="doc", original_page="page"), on="original", how="left", maintain_order="left"
    )
    return _described(found)


def _side(rows: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """What the segments n to n_last of each row say together."""
    members = rows.drop_nulls("n").with_columns(n=pl.int_ranges("n", pl.col("n_last") + 1)).explode("n")
    columns = ("doc", "n", "start", "end", "kind", "lang", "english", "engine", "back", "back_reason")
    members = members.select("row", "doc", "n").join(segments.select(columns), on=["doc", "n"], how="left", maintain_order="left")
    boilerplate = pl.col("kind").is_in(BOILERPLATE)
    return members.group_by("row", maintain_order=True).agg(
        pl.col("start").min(),
        pl.col("end").max(),
        pl.col("lang").first(),
        pl.col("engine").drop_nulls().first(),
        english=pl.when(pl.col("english").null_count() == 0).then(pl.col("english").str.join(" ")),
        translated=pl.col("back").is_not_null().any(),
        back_reason=pl.col("back_reason").drop_nulls().first(),
        length=(pl.col("end") - pl.col("start")).filter(~boilerplate).sum(),
        boilerplate=pl.when(boilerplate.all()).then(pl.col("kind").first()),
    )


def _described(found: pl.DataFrame) -> pl.DataFrame:
    count, original_count = pl.col("n_last") - pl.col("n") + 1, pl.col("original_n_last") - pl.col("original_n") + 1
    untranslated = pl.col("back_reason").is_not_null() & pl.col("original_n").is_null()
    both = pl.col("n").is_not_null() & pl.col("original_n").is_not_null()
    aside = pl.when(~both).then(pl.coalesce("boilerplate", "original_boilerplate"))
    alignment = (
        pl.when(pl.col("reason").is_not_null() | untranslated)
        .then(pl.lit(None, pl.String))
        .when(aside.is_not_null())
        .then(pl.lit("boilerplate"))
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
        similarity=pl.when(both).then("similarity"),
        reason=pl.coalesce("reason", "back_reason", pl.format("a {} on one side only", aside)),
    )
    kept = [name for name in SENTENCES.columns if name in frame.columns]
    return frame.select(*kept, *INSIDE)
