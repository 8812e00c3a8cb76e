"""Scores fidelity: string metrics for every aligned pair, the facts that differ, and one figure from 0 to 100 made of both."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import polars as pl

from checker import likeness, semantic
from checker.config import Config
from checker.detect import evidence, findings
from checker.languages import UNDETERMINED, name
from checker.placeholders import bare, masked
from checker.processes import cores, in_order, one_of_many
from checker.progress import Progress
from checker.registry import SEVERITIES, components, rules
from checker.tables import FINDINGS, PAIR_FINDINGS, SENTENCES
from checker.telling import foreign
from checker.verdicts import upheld
from checker.wording import LONGEST, brief, worded

COLUMNS = {"chrf": "chrf", "chrf-pp": "chrf_pp", "ter": "ter"}
"""Metric to its column."""

COMPONENTS = (*likeness.COMPONENTS, *semantic.COMPONENTS)
"""What a scorer tells of a pair beside its fidelity; null where the scorer that was chosen has no such figure."""

SCORES = (
    {name: pl.Float64() for name in ("chrf", "chrf_pp", "ter", "fidelity")}
    | {name: pl.String() for name in ("severity", "status", "reason")}
    | {name: pl.Float64() for name in likeness.COMPONENTS}
)
"""The columns that `checker score` adds to a file; see `added`."""

Scorer = Callable[[Sequence[str], Sequence[str]], Mapping[str, list[float]]]
"""From versions and originals to `COMPONENTS` and perhaps metrics, a figure for each pair; other processes can have it."""

UNCOMPARED = f"scored without facts that are told word by word: a text is longer than {LONGEST:,} bytes"
"""The reason of rows that are scored, and of which some rules say nothing."""

LONGEST_SCORED = 200_000
"""Characters of a text beyond which a row is unscored: some rules take the square of it. Of 100,000, all of them dates, they took
7 s, of a million more than five minutes; of a million of news, 8 s."""

UNREAD = f"a text is longer than {LONGEST_SCORED:,} characters"

# The least that all findings of a pair leave of its likeness: past it, a worse statement could not score lower, whatever its words.
LEAST = 0.1

# Pairs, about, of whole documents that the rules judge together: they cost some milliseconds a call, and some kilobytes a pair.
_PART = 8_000

# Pairs that a process takes at a time (what is told of a word is told once for all of them: with 500 a tenth of the pairs a second
# fewer), and batches from which a second process repays its start.
_BATCH, _WORTH_A_POOL = 2_000, 2


def score(
    pages: pl.DataFrame,
    segments: pl.DataFrame,
    sentences: pl.DataFrame,
    relations: pl.DataFrame,
    config: Config,
    progress: Progress,
    verdicts: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`tables.SENTENCES` with their scores, and `tables.FINDINGS` of the pair rules that the settings choose.

    Facts are looked for where a document derives from its nearest original; what only shares quotations has not lost the rest, and
    another edition has omitted nothing: it was never meant to hold it. What the `verdicts` call false costs a sentence nothing.
    """
    judged = _status(_in_one_language(sentences, pages, segments, config.original_lang))
    best = relations.filter("best", pl.col("derivation") != "quotations").select("doc", "original", "derivation")
    pairs = judged.join(best, on=["doc", "original"], how="inner", maintain_order="left")
    pairs = pairs.filter((pl.col("derivation") != "edition") | (pl.col("n").is_not_null() & pl.col("original_n").is_not_null()))
    pairs = pairs.with_columns(original_lang=pl.lit(config.original_lang))
    found = findings(pages, segments, [rows for part in _parts(_to_judge(pairs)) for rows in _facts(part, config.rules())])
    del pairs  # a copy of all texts' columns, of no use to the figures
    return SENTENCES.conform(_scored(judged, upheld(found, verdicts), config, progress)), found


def _in_one_language(sentences: pl.DataFrame, pages: pl.DataFrame, segments: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    """The sentences, with the `reason` of those rows of tables whose original is in another language, as `score_pairs` has it."""
    tables = pages.filter(pl.col("role") == "original", pl.col("cells").is_not_null(), pl.col("units").is_null())
    asked = segments.join(tables.select("doc"), on="doc", how="semi", maintain_order="left")
    asked = asked.select("text", original="doc", original_n="n")
    told = foreign(asked["text"], original_lang)
    moved = pl.Series("moved", [_moved(code, original_lang) for code in told["lang"]], pl.String)
    reasons = asked[told["row"]].select("original", "original_n", moved)
    rows = sentences.join(reasons, on=["original", "original_n"], how="left", maintain_order="left")
    return rows.with_columns(reason=pl.coalesce("reason", "moved")).drop("moved")


def _moved(lang: str, original_lang: str) -> str:
    return f"the original is in {name(lang)}, not {name(original_lang)}"


def _parts(pairs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The pairs in parts of whole documents, in their order: what rules take beside the texts does not grow with the corpus.

    Each part is gathered when it is asked for, so that no second copy of all pairs is held.
    """
    places = pairs.select(part=pl.int_range(pl.len()).min().over("doc") // _PART, row=pl.int_range(pl.len()))
    rows = places.group_by("part", maintain_order=True).agg("row")["row"]
    yield from (pairs[part] for part in rows) if len(rows) else [pairs]


def _to_judge(pairs: pl.DataFrame) -> pl.DataFrame:
    """Without the units that are left aside: fuzzy, untranslated."""
    aside = pl.col("unit").is_not_null() & pl.col("alignment").is_null() & pl.col("original_n").is_not_null()
    return pairs.filter(~aside)


def score_pairs(pairs: pl.DataFrame, config: Config, progress: Progress) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is `added` to rows of `original` and `back` alone, in their order; and `tables.PAIR_FINDINGS` of what differs.

    Each row is judged by itself: any part of the rows has the scores that it has among all. A version in
    another language than its original, by the settings or by their own words, cannot be compared: it is unscored. So is a row that
    `aside`, if there is such a column, gives a reason for; nothing is found in it.
    """
    judged = _status(_as_sentences(pairs, config))
    both = pl.all_horizontal(pl.col("text", "original_text").str.contains(r"\S"))  # an empty side has lost all: its reason says so
    facts = _facts(judged.filter(both), config.rules())
    found = pl.concat(facts) if facts else FINDINGS.empty()
    scored = _scored(judged, found, config, progress).with_columns(
        reason=pl.when(pl.col("reason").is_null() & ~brief()).then(pl.lit(UNCOMPARED)).otherwise("reason")
    )
    return scored.select(added(config).keys()), _of_pairs(found, judged)


def _as_sentences(pairs: pl.DataFrame, config: Config) -> pl.DataFrame:
    """`tables.SENTENCES` of pairs, each a document of one sentence named by its row, with the reason why one is not scored."""
    given = pl.col("aside").replace("", None) if "aside" in pairs.columns else pl.lit(None, pl.String)
    long = (pl.max_horizontal(pl.col("original", "back").str.len_chars()) > LONGEST_SCORED).fill_null(value=False)
    pairs = pairs.select(pl.when(~long, given.is_null()).then(pl.col("original", "back")), long=long, aside=given)
    spoken = _spoken(pairs, config)
    rows = pairs.with_row_index("row").hstack(spoken)
    rows = rows.with_columns(uncompared=_uncompared(spoken, config.original_lang))
    rows = rows.select(**_SENTENCE, reason=_reason())
    absent = [name for name in SENTENCES.columns if name not in rows.columns]
    return rows.with_columns(pl.lit(None, SENTENCES.columns[name].dtype).alias(name) for name in absent)


_SENTENCE: dict[str, pl.Expr] = {
    "doc": pl.col("row").cast(pl.String),
    "n": pl.lit(0, pl.Int64),
    "original": pl.lit(""),
    "start": pl.lit(0, pl.Int64),
    "end": pl.col("back").str.len_chars().cast(pl.Int64),
    "text": pl.col("back"),
    "lang": pl.col("lang"),
    "english": pl.when(pl.col("uncompared").is_null()).then("back"),
    "original_lang": pl.col("original_lang"),
    "original_n": pl.lit(0, pl.Int64),
    "original_start": pl.lit(0, pl.Int64),
    "original_end": pl.col("original").str.len_chars().cast(pl.Int64),
    "original_text": pl.col("original"),
    "alignment": pl.lit("1-1"),
    "crossing": pl.lit(value=False),
    "similarity": pl.lit(None, pl.Float64),
}


def _reason() -> pl.Expr:
    """Why a pair is not scored, as far as its row tells: the reason that it came with, its length, its languages."""
    full = pl.all_horizontal(pl.col("original", "back").str.strip_chars() != "")
    aside = pl.when(pl.col("aside").is_not_null()).then("aside")
    return aside.when("long").then(pl.lit(UNREAD)).when(full).then("uncompared")


def _of_pairs(found: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """`tables.PAIR_FINDINGS` of the evidence found in pairs; a loop cuts it, as in `checker.detect`."""
    rows = found.with_columns(row=pl.col("doc").cast(pl.Int64), original_evidence=pl.lit(None), evidence=pl.lit(None))
    rows = PAIR_FINDINGS.conform(rows)
    for column, side, start, end in (
        ("evidence", "text", "start", "end"),
        ("original_evidence", "original_text", "original_start", "original_end"),
    ):
        texts = pairs[side]
        cut = [None if at is None else texts[row][at:to] for row, at, to in rows.select("row", start, end).iter_rows()]
        rows = rows.with_columns(pl.Series(column, cut, pl.String))
    return rows


def _spoken(pairs: pl.DataFrame, config: Config) -> pl.DataFrame:
    """lang and original_lang of rows, by the settings; where these say nothing of versions, by what texts surely are in."""
    stated = pl.DataFrame({"lang": config.version_lang or config.original_lang, "original_lang": config.original_lang})
    rows = stated[[0] * pairs.height]
    if config.version_lang is not None:
        return rows
    other = {
        side: foreign(pairs[column], config.original_lang) for side, column in (("lang", "back"), ("original_lang", "original"))
    }
    return rows.with_columns(rows[side].scatter(told["row"], told["lang"]) for side, told in other.items())


def _uncompared(spoken: pl.DataFrame, original_lang: str) -> pl.Series:
    """Why two texts cannot be compared, by their languages; null where they can."""
    named = {code: name(code) for column in spoken for code in column.unique()}
    version, original = (pl.col(side).replace_strict(named, return_dtype=pl.String) for side in ("lang", "original_lang"))
    unlike = (pl.col("lang") != pl.col("original_lang")) & (pl.col("lang") != UNDETERMINED)
    moved = pl.format("the original is in {}, not {}", original, pl.lit(name(original_lang)))
    reason = (
        pl.when(pl.col("original_lang") != original_lang).then(moved).otherwise(pl.format("no back-translation from {}", version))
    )
    return spoken.select(pl.when(unlike).then(reason)).to_series()


def scorer(config: Config) -> Scorer:
    """The scorer that the settings choose."""
    if config.scorer == "semantic":
        return partial(semantic.components, model=config.semantic_model or "")
    return likeness.components


def signature(config: Config) -> str:
    """What the figures of the scorer depend on beside the texts."""
    return semantic.signature(config.semantic_model or "") if config.scorer == "semantic" else likeness.signature()


def added(config: Config) -> dict[str, pl.DataType]:
    """The columns that `checker score` adds to a file by these settings."""
    return {**SCORES, **(dict.fromkeys(semantic.COMPONENTS, pl.Float64()) if config.scorer == "semantic" else {})}


def _status(sentences: pl.DataFrame) -> pl.DataFrame:
    """The sentences with `status`, and the `reason` of those that cannot be scored."""
    words = masked(sentences["original_text"])
    marks_alone = (words != sentences["original_text"]) & ~words.str.contains(r"[\p{L}\p{N}]")
    blank = pl.col("english").fill_null("").str.strip_chars() == ""
    original_blank = pl.col("original_text").fill_null("").str.strip_chars() == ""
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(pl.col("alignment").is_in(["omission", "addition"]))
        .then(pl.col("alignment"))
        .when(original_blank)
        .then(pl.lit("the original is empty"))
        .when(blank)
        .then(pl.lit("the version is empty"))
        .when(marks_alone)
        .then(pl.lit("nothing but placeholders"))
    )
    return sentences.with_columns(reason=reason).with_columns(
        status=pl.when(pl.col("reason").is_null()).then(pl.lit("scored")).otherwise(pl.lit("unscored"))
    )


def _facts(pairs: pl.DataFrame, names: Sequence[str]) -> list[pl.DataFrame]:
    """The evidence of each pair rule."""
    chosen = [rules()[name] for name in names if rules()[name].reads == "pairs"]
    words = worded(bare(pairs))  # once for all rules
    asked = [(rule, pairs if getattr(rule.module, "MARKUP", False) else words) for rule in chosen]
    return [evidence(rule, _anchored(pairs, rule.module.find(frame))) for rule, frame in asked]


def _anchored(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """An omission has no span in the version: it stands, empty, behind the sentence that renders the original's one before it."""
    ends = pairs.filter(pl.col("end").is_not_null(), pl.col("original_end").is_not_null(), ~pl.col("crossing"))
    ends = ends.select("doc", "original", place="end", original_at="original_end").sort("original_at", "place")
    asked = rows.with_row_index("row").sort("original_start", nulls_last=True)
    known = asked.filter(pl.col("original_start").is_not_null())
    placed = known.join_asof(
        ends, left_on="original_start", right_on="original_at", by=["doc", "original"], check_sortedness=False
    ).select("row", "place")
    joined = asked.sort("row").join(placed, on="row", how="left", maintain_order="left")
    place = pl.col("place").fill_null(0)
    return joined.with_columns(start=pl.coalesce("start", place), end=pl.coalesce("end", place)).drop("row", "place")


def _scored(judged: pl.DataFrame, found: pl.DataFrame, config: Config, progress: Progress) -> pl.DataFrame:
    """The pairs with metrics, components, worst severity, and fidelity: the likeness of the two texts, less what the facts cost."""
    figures = (*COLUMNS.values(), *COMPONENTS)
    judged = judged.drop(*figures, "severity", strict=False)
    texts = ["english", "original_text"]
    told = metrics(judged.filter(pl.col("status") == "scored").select(texts), config.metrics, progress, scorer(config))
    rows = judged.join(told, on=texts, how="left", maintain_order="left")  # one name: no copy is held that is of no more use
    del told
    rows = rows.with_columns(pl.when(pl.col("status") == "scored").then(pl.col(name)).alias(name) for name in figures)
    parameters = semantic.PARAMETERS if config.scorer == "semantic" else likeness.PARAMETERS
    rows = _weighed(rows, found, likeness.kept(parameters))
    # What differs in texts that are hardly alike has lowered their likeness already.
    taken = (1 - pl.col("kept").fill_null(1.0)) * (pl.col("likeness") / 100) ** likeness.parameters(parameters).get("spared", 0)
    fidelity = pl.when(pl.col("status") == "scored").then((pl.col("likeness") * (1 - taken)).clip(0, 100).round(2))
    return rows.with_columns(fidelity=fidelity).drop("kept")


def _weighed(sentences: pl.DataFrame, found: pl.DataFrame, shares: Mapping[str, float]) -> pl.DataFrame:
    """The sentences with the worst `severity` of the findings that begin in them, and what all of these leave of likeness.

    That is `kept`, the product of the `shares`, which are by severity.

    An omission has no words in the version: the sentence behind which it is placed is not less faithful for it.
    """
    starts = sentences.filter(pl.col("start").is_not_null()).select("doc", "original", "n", at="start").sort("at")
    inside = found.filter(pl.col("start") < pl.col("end"))
    placed = inside.select("doc", "original", "start", pl.col("severity").cast(pl.Enum(SEVERITIES))).sort("start")
    placed = placed.join_asof(starts, left_on="start", right_on="at", by=["doc", "original"], check_sortedness=False)
    share = pl.col("severity").cast(pl.String).replace_strict(shares, return_dtype=pl.Float64)
    weighed = (
        placed.drop_nulls("n")
        .group_by("doc", "original", "n")
        .agg(pl.col("severity").max().cast(pl.String), kept=share.product().clip(LEAST))
    )
    return sentences.join(weighed, on=["doc", "original", "n"], how="left", maintain_order="left")


def metrics(pairs: pl.DataFrame, names: Sequence[str], progress: Progress, scorer: Scorer = likeness.components) -> pl.DataFrame:
    """english, original_text, a column per metric and one per component of the distinct pairs, to 4 places.

    Null for a metric not in `names`, and for a component that the scorer has not.
    """
    distinct = pairs.select("english", "original_text").unique().sort("english", "original_text")
    asked = sorted({"chrf-pp", *names} & COLUMNS.keys())
    batches = [(scorer, asked, distinct.slice(at, _BATCH)) for at in range(0, distinct.height, _BATCH)]
    scores = [pl.DataFrame()]
    for batch in _mapped(batches):
        scores.append(pl.DataFrame(batch, schema=dict.fromkeys(batch, pl.Float64)))
        progress(f"scoring, {min((len(scores) - 1) * _BATCH, distinct.height):,} of {distinct.height:,} pairs")
    told = pl.concat(scores[1:] or scores)
    return distinct.with_columns(
        told[name].round(4) if name in told.columns else pl.lit(None, pl.Float64).alias(name)
        for name in (*COLUMNS.values(), *COMPONENTS)
    )


_Batch = tuple[Scorer, list[str], pl.DataFrame]


def _mapped(batches: Sequence[_Batch]) -> Iterator[dict[str, list[float]]]:
    """The batches' scores in order, made by all cores if there are enough of them."""
    if len(batches) < _WORTH_A_POOL or one_of_many():
        return map(_measured, batches)
    return in_order(_measured, batches, cores())


def _measured(batch: _Batch) -> dict[str, list[float]]:
    """Column to figures: the scorer's components, and the metrics that these do not hold; what several count is counted once."""
    scorer, asked, texts = batch
    hypotheses, references = (masked(texts[side]).to_list() for side in ("english", "original_text"))
    wanted = {COLUMNS[name]: name for name in asked}
    unasked = set(COLUMNS.values()) - wanted.keys()
    told = {name: figures for name, figures in scorer(hypotheses, references).items() if name not in unasked}
    left = {column: components("metrics")[name] for column, name in wanted.items() if column not in told}
    counts = {count: count(hypotheses, references) for count in {metric.counts for metric in left.values()}}
    return told | {column: metric.figures(counts[metric.counts]).tolist() for column, metric in left.items()}
