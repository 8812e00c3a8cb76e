"""Aligns sentences: which of a version's render which of the original's, and what was omitted, added or moved.

Monotone dynamic programming over beads of up to four sentences on either side. What two sentences share is the weight (inverse
sentence frequency within the two documents) of the word prefixes that both hold; these weights add up over the sentences of a
bead, so that one matrix gives every merged bead (the idea is Bleualign's, comparing through a translation; Sennrich and Volk 2010,
and Vecalign's scoring of merged beads; Thompson and Koehn 2019). What is left over is then matched in any order: moved quotations.
"""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from checker.tables import NOT_THE_TEXT, SENTENCES

BEADS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (1, 4), (4, 1))
NULL, _NO_STEP = len(BEADS), -1

# Letters of a word that are compared: inflections and derivations of one word then agree (a choice
# of the first trials, where 5 beat whole words by 2 points of strict F1).
PREFIX = 5

# A bead gains, for each of its sentences, its cosine plus BONUS less LENGTH times the log ratio of the sides' weights; each
# sentence beyond one on a side costs MERGE. Found by a coarse search on Text+Berg dev and on damaged FLORES windows: without
# the length term strict F1 falls from .75 to .70 on the first and from .97 to .92 on the second, with half of MERGE to .70 and .74.
BONUS, LENGTH, MERGE = 0.2, 0.4, 0.25

# Where a merged sentence is said almost whole (PLAIN of its weight), a neighbour in the bead of which the other side says less than
# SAYS times that share was left out, not merged. It costs .01 of strict F1 on Text+Berg dev, whose old machine translation says
# little of anything, and finds the short sentence that was dropped behind a long one.
SAYS, PLAIN = 0.5, 0.7

# A bead of the best path below this similarity is no rendering: it only filled a place.
FLOOR = 0.15

# Out of order there is no context to confirm a match, so it must be plain.
CROSSING_FLOOR = 0.45

# Words that two sentences in another order than their neighbours must share: short sentences resemble each other by chance.
CROSSING_WORDS = 4

# Cells of the largest matrix that is solved (8,000 x 8,000 sentences: 4 bytes a cell, and 1 for the path, 320 MB); a longer pair is
# refused with a reason.
MAX_CELLS = 64_000_000

_TINY = 1e-9


@dataclass(frozen=True)
class Bead:
    """Segments `version[0]:version[1]` render `original[0]:original[1]` (positions among those that take part)."""

    version: tuple[int, int]
    original: tuple[int, int]
    similarity: float
    crossing: bool


def align(pages: pl.DataFrame, segments: pl.DataFrame, pairings: pl.DataFrame) -> pl.DataFrame:
    """`tables.SENTENCES` of every pairing, without scores; `english` is the text of the version's side that is compared.

    Omissions have no version side, additions no original side. A version's sentence without English is unscored with its reason.
    """
    english = english_of(segments)
    given = [_row_by_row(english, *names) for names in pairings.filter("given").select("doc", "original").iter_rows()]
    free = pairings.filter(~pl.col("given")).select("doc", "original")
    frames = given + _free(english, free)
    rows = pl.concat(frames) if frames else pl.DataFrame(schema=_BEAD_SCHEMA)
    return _texts(rows, pages, english)


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


def _free(english: pl.DataFrame, pairings: pl.DataFrame) -> list[pl.DataFrame]:
    """Beads of documents that were paired by what they say."""
    taking = english.filter(~pl.col("kind").is_in(NOT_THE_TEXT))
    words = features(taking)
    sides = {name: (frame["n"].to_numpy(), words.filter(pl.col("doc") == name)) for (name,), frame in taking.group_by("doc")}
    empty = (np.array([], dtype=np.int64), words.clear())
    return [_beads(doc, original, sides.get(doc, empty), sides.get(original, empty)) for doc, original in pairings.iter_rows()]


def features(segments: pl.DataFrame) -> pl.DataFrame:
    """doc, n, word: the distinct word prefixes of each segment's English; a language without spaces gives its characters."""
    tokens = (
        pl.col("english")
        .str.to_lowercase()
        .str.extract_all(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}]+|\p{N}+(?:[.,]\p{N}+)*")
    )
    words = segments.select("doc", "n", word=tokens).explode("word").drop_nulls("word")
    return words.with_columns(pl.col("word").str.slice(0, PREFIX)).unique(maintain_order=True)


def _beads(
    doc: str, original: str, version: tuple[np.ndarray, pl.DataFrame], other: tuple[np.ndarray, pl.DataFrame]
) -> pl.DataFrame:
    """The beads of one pairing, in the columns of `_BEAD_SCHEMA`."""
    (numbers, words), (original_numbers, original_words) = version, other
    n, m = len(numbers), len(original_numbers)
    if n * m > MAX_CELLS:
        reason = f"too long to align: {n} × {m} sentences"
        beads = [Bead((i, i + 1), (0, 0), 0.0, crossing=False) for i in range(n)]
    else:
        reason = None
        shared, masses = matches(words, original_words, numbers, original_numbers)
        beads = solve(shared, *masses, runs(numbers), runs(original_numbers))
    rows = [
        (
            doc,
            original,
            *_numbers(numbers, bead.version),
            *_numbers(original_numbers, bead.original),
            bead.similarity,
            bead.crossing,
            reason,
        )
        for bead in beads
    ]
    return pl.DataFrame(rows, schema=_BEAD_SCHEMA, orient="row")


def _numbers(numbers: np.ndarray, side: tuple[int, int]) -> tuple[int | None, int | None]:
    return (int(numbers[side[0]]), int(numbers[side[1] - 1])) if side[1] > side[0] else (None, None)


def runs(numbers: np.ndarray) -> np.ndarray:
    """For each segment, how many segments end with it that follow each other in the document, with nothing left out between."""
    lengths = np.ones(len(numbers), dtype=np.int64)
    for i in range(1, len(numbers)):
        lengths[i] = lengths[i - 1] + 1 if numbers[i] == numbers[i - 1] + 1 else 1
    return lengths


def matches(
    words: pl.DataFrame, original_words: pl.DataFrame, numbers: np.ndarray, original_numbers: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The matrix of shared weight, of shape (version segments, original segments), and each side's weights of whole segments."""
    n, m = len(numbers), len(original_numbers)
    both = pl.concat([words.select("word"), original_words.select("word")])
    weights = both.group_by("word").len("df").with_columns(weight=((n + m + 1) / pl.col("df")).log())
    left, right = (
        frame.select("word", position=pl.col("n").replace_strict(_positions(at), return_dtype=pl.Int64)).join(weights, on="word")
        for frame, at in ((words, numbers), (original_words, original_numbers))
    )
    pairs = left.join(right.select("word", other="position"), on="word").group_by("position", "other").agg(pl.col("weight").sum())
    shared = np.zeros((n, m), dtype=np.float32)
    shared[pairs["position"].to_numpy(), pairs["other"].to_numpy()] = pairs["weight"].to_numpy().round(4)
    masses = []
    for side, size in ((left, n), (right, m)):
        total = side.group_by("position").agg(pl.col("weight").sum())
        mass = np.zeros(size)
        mass[total["position"].to_numpy()] = total["weight"].to_numpy().round(4)
        masses.append(mass)
    return shared, (masses[0], masses[1])


def _positions(numbers: np.ndarray) -> dict[int, int]:
    return {int(number): position for position, number in enumerate(numbers)}


def solve(shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray, run: np.ndarray, original_run: np.ndarray) -> list[Bead]:
    """The beads of the best monotone path, then those of the left-over sentences in any order, in the version's order.

    `run` and `original_run` say how many consecutive segments end at each (see `runs`).
    """
    path = [_trimmed(bead, shared, mass, original_mass) for bead in _monotone(shared, mass, original_mass, run, original_run)]
    kept = [bead for bead in path if bead.similarity >= FLOOR]
    crossing = _crossing(shared, mass, original_mass, kept)
    kept += crossing
    taken = {i for bead in kept for i in range(*bead.version)}
    original_taken = {j for bead in kept for j in range(*bead.original)}
    added = [Bead((i, i + 1), (0, 0), 0.0, crossing=False) for i in range(len(mass)) if i not in taken]
    omitted = [Bead((0, 0), (j, j + 1), 0.0, crossing=False) for j in range(len(original_mass)) if j not in original_taken]
    return sorted(kept + added, key=lambda bead: bead.version) + omitted


def _cosines(
    shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray, i: int, a: int, b: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cosine, and absolute log ratio of weights, of the version's `a` segments before `i` with every `b` of the original."""
    block = np.concatenate(([0.0], np.cumsum(shared[i - a : i].sum(axis=0, dtype=np.float64))))
    whole = np.concatenate(([0.0], np.cumsum(original_mass)))
    ours, theirs = float(mass[i - a : i].sum()) + _TINY, whole[b:] - whole[:-b] + _TINY
    common = np.minimum(block[b:] - block[:-b], np.minimum(ours, theirs))
    return common / np.sqrt(ours * theirs), np.abs(np.log(ours / theirs))


def _monotone(
    shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray, run: np.ndarray, original_run: np.ndarray
) -> list[Bead]:
    """The path of greatest gain (see BONUS); leaving a sentence out costs nothing."""
    n, m = shared.shape
    best = np.zeros((5, m + 1))
    steps = np.full((n + 1, m + 1), NULL, dtype=np.int8)
    steps[0, :] = _NO_STEP
    for i in range(1, n + 1):
        row = best[(i - 1) % 5].copy()
        step = np.full(m + 1, NULL, dtype=np.int8)
        for kind, (a, b) in enumerate(BEADS):
            if a > run[i - 1] or b > m:
                continue
            cosine, ratio = _cosines(shared, mass, original_mass, i, a, b)
            gain = (cosine + BONUS - LENGTH * ratio) * (a + b) / 2 - MERGE * (a + b - 2)
            gain[original_run[b - 1 :] < b] = -math.inf
            gain += best[(i - a) % 5][: m + 1 - b]
            better = gain > row[b:] + 1e-9
            row[b:][better], step[b:][better] = gain[better], kind
        reach = np.maximum.accumulate(row)
        step[reach > row] = _NO_STEP
        best[i % 5], steps[i] = reach, step
    return _walk(steps, shared, mass, original_mass)


def _walk(steps: np.ndarray, shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray) -> list[Bead]:
    i, j = steps.shape[0] - 1, steps.shape[1] - 1
    beads = []
    while i > 0 and j >= 0:
        step = int(steps[i, j])
        if step == NULL:
            i -= 1
        elif step == _NO_STEP:
            j -= 1
        else:
            a, b = BEADS[step]
            version, original = (i - a, i), (j - b, j)
            beads.append(Bead(version, original, _block_cosine(shared, mass, original_mass, version, original), crossing=False))
            i, j = i - a, j - b
    return beads[::-1]


def _trimmed(bead: Bead, shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray) -> Bead:
    """The bead without a sentence at an end of a merged side of which the other side says next to nothing: it was left out."""
    (i, i_end), (j, j_end) = bead.version, bead.original
    block, weights, original_weights = shared[i:i_end, j:j_end], mass[i:i_end], original_mass[j:j_end]
    for axis, whole in ((1, weights), (0, original_weights)):
        said = np.minimum(block.sum(axis=axis), whole) / (whole + _TINY)
        if len(whole) > 1 and said.max() > PLAIN and min(said[0], said[-1]) < SAYS * said.max():
            first = int(said[0] < said[-1])
            ends = (i + first, i_end - 1 + first) if axis else (i, i_end), (j, j_end) if axis else (j + first, j_end - 1 + first)
            cosine = _block_cosine(shared, mass, original_mass, *ends)
            if cosine > bead.similarity:
                return _trimmed(Bead(*ends, cosine, crossing=False), shared, mass, original_mass)
    return bead


def _block_cosine(
    shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray, version: tuple[int, int], original: tuple[int, int]
) -> float:
    cosine, _ = _cosines(shared, mass, original_mass, version[1], version[1] - version[0], original[1] - original[0])
    return round(float(cosine[original[0]]), 4)


def _crossing(shared: np.ndarray, mass: np.ndarray, original_mass: np.ndarray, kept: list[Bead]) -> list[Bead]:
    """One-to-one beads, in any order, of left-over sentences that are each other's best match and share enough."""
    free = np.setdiff1d(np.arange(len(mass)), [i for bead in kept for i in range(*bead.version)])
    original_free = np.setdiff1d(np.arange(len(original_mass)), [j for bead in kept for j in range(*bead.original)])
    if not len(free) or not len(original_free):
        return []
    rows = np.stack([_cosines(shared, mass, original_mass, i + 1, 1, 1)[0][original_free] for i in free])
    heavy = shared[np.ix_(free, original_free)] >= CROSSING_WORDS * math.log(len(mass) + len(original_mass))
    rows = np.where(heavy, rows, 0.0)
    best, original_best = rows.argmax(axis=1), rows.argmax(axis=0)
    return [
        Bead(
            (int(free[x]), int(free[x]) + 1),
            (int(original_free[y]), int(original_free[y]) + 1),
            round(float(rows[x, y]), 4),
            crossing=True,
        )
        for x, y in enumerate(best)
        if rows[x, y] >= CROSSING_FLOOR and original_best[y] == x
    ]


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
