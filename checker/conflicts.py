"""What rows of a corpus that may conflict say, compared as they are: `tables.INCONSISTENCIES` of a part that memory holds."""

import hashlib
from collections.abc import Sequence

import polars as pl

from checker.config import Config
from checker.contradictions import changed_numbers, contradictions
from checker.languages import UNDETERMINED
from checker.matching import WORD
from checker.metrics import chrf
from checker.sameness import normalised, said
from checker.shingles import LEAST, words
from checker.tables import INCONSISTENCIES

# Share of words (numbers masked) in common, and chrF of the originals, from which they are nearly the same; chrF of the versions
# below which these are unlike. Of FLORES sentences in which one word was changed, all share 0.7 and more, and 996 of 1,000 have a
# chrF of 75 and more; two engines' versions of one sentence have less than 35 in 6 of 1,000 (`bench/consistency.py --tune`).
_SHARED, _NEAR, _UNLIKE = 0.6, 75.0, 35.0

# Sentences from which a pattern is one, as of a table or the weather: their numbers differ by right.
_SERIES = 3

_WORDS, _CASE = "other words", "other case, punctuation or spaces"
_FOUND = INCONSISTENCIES.schema


def exact(kind: str, texts: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Of `corpus.TEXTS`, what one original has several versions for, or one version several originals."""
    side, other = ("version", "original") if kind == "different-version" else ("original", "version")
    shown = pl.col(side).str.strip_chars()
    rows = texts.sort("file", "line", "row").with_columns(
        shared=normalised(pl.col(other)),
        variant=shown if side == "version" else normalised(shown),
        spoken=pl.col("lang").fill_null(UNDETERMINED),
    )
    found = _compared(_variants(rows), side, config)
    judged = found.with_columns(_severity(kind, side))
    placed = rows.join(judged, on=["shared", "spoken", "variant"], how="inner", maintain_order="left")
    return _as_found(placed.with_columns(kind=pl.lit(kind), key=pl.concat_str("spoken", "shared", separator="\x1f")))


def _variants(rows: pl.DataFrame) -> pl.DataFrame:
    """The variants of each group but the commonest one, with that one's texts, place and count.

    Of several that are as common, it is the one whose words most of the others have: a slip stands alone.
    """
    group, texts = ["shared", "spoken"], ["original", "version", "file", "line", "unit"]
    variants = rows.group_by(*group, "variant", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("count"), pl.col(texts).first()
    )
    variants = variants.with_columns(of=pl.col("count").sum().over(group), kinds=pl.len().over(group)).filter(pl.col("kinds") > 1)
    ranked = variants.with_columns(_agreement(variants, group))
    ranked = ranked.sort(*group, "count", "agreement", "variant", descending=[False, False, True, True, False])
    usual = [pl.col(name).first().over(group).alias(f"other_{name}") for name in (*texts, "count")]
    chosen = ranked.with_columns(*usual, first=pl.int_range(pl.len()).over(group) == 0).filter(~pl.col("first"))
    named = {"original": "here_original", "version": "here_version"}
    return chosen.rename(named).drop("file", "line", "unit", "kinds", "agreement", "first")


def _agreement(variants: pl.DataFrame, group: list[str]) -> pl.Series:
    """Over the words of each variant, how many more of its group's variants have the word than lack it."""
    words = variants.select(*group, "kinds", word=pl.col("variant").str.to_lowercase().str.extract_all(WORD).list.unique())
    rows = words.with_row_index("row").explode("word").drop_nulls("word")
    told = rows.with_columns(votes=2 * pl.len().over(*group, "word").cast(pl.Int64) - pl.col("kinds").cast(pl.Int64))
    sums = told.group_by("row").agg(pl.col("votes").sum())
    every = pl.DataFrame({"row": pl.int_range(variants.height, dtype=pl.UInt32, eager=True)})
    return every.join(sums, on="row", how="left", maintain_order="left").select(agreement=pl.col("votes").fill_null(0)).to_series()


def _compared(variants: pl.DataFrame, side: str, config: Config) -> pl.DataFrame:
    """The same with `likeness` of the two texts of a side, and what the one contradicts in the other as `message`."""
    here, usual = (variants[name].str.strip_chars().to_list() for name in (f"here_{side}", f"other_{side}"))
    langs = variants["spoken"].to_list() if side == "version" else [config.original_lang] * variants.height
    return variants.with_columns(
        likeness=_chrf(here, usual),
        message=pl.Series(contradictions(usual, here, langs, config), dtype=pl.String),
        alike=said(pl.col(f"here_{side}")) == said(pl.col(f"other_{side}")),
    )


def _severity(kind: str, side: str) -> list[pl.Expr]:
    """severity and message. Short originals have one version by right: Thanks, Thank you."""
    grave = pl.col("message").is_not_null()
    unlike = ~pl.col("alike")
    if kind == "same-version":
        long = pl.min_horizontal(_length(f"here_{side}"), _length(f"other_{side}")) >= LEAST
        unlike &= long & (pl.col("likeness") < _UNLIKE)
    severity = pl.when(grave).then(pl.lit("major")).when(unlike).then(pl.lit("minor")).otherwise(pl.lit("info"))
    said_of = pl.when("alike").then(pl.lit(_CASE)).otherwise(pl.lit(_WORDS))
    return [severity.alias("severity"), pl.coalesce("message", said_of).alias("message")]


def _length(column: str) -> pl.Expr:
    return normalised(pl.col(column)).map_batches(lambda texts: words(texts).list.len(), return_dtype=pl.UInt32)


# Sentences that are nearly the same


def near(pairs: pl.DataFrame, config: Config, *, documents: bool) -> pl.DataFrame:
    """Of pairs of sentences (`corpus.TEXTS` as a_… and b_…, members), what versions of nearly the same originals say otherwise.

    With `documents`, also what originals of different documents say otherwise.
    """
    close = _close(pairs)
    texts = close.select("a_original", "a_version", "b_original", "b_version", lang=pl.col("a_lang").fill_null(UNDETERMINED))
    sources, targets = _sides(texts, config)
    rows = close.with_columns(sources=pl.Series(sources, dtype=pl.String), targets=pl.Series(targets, dtype=pl.String))
    # Against its own original each version is read: what only one of the two changes is no matter of how numbers are written.
    changed = [_one_alone(row, config.original_lang) for row in texts.iter_rows(named=True)]
    rows = rows.with_columns(
        pl.Series("changed", [message for message, _ in changed], pl.String),
        pl.Series("swap", [first for _, first in changed], pl.Boolean),
        likeness=_chrf(*(texts.select(normalised(pl.col(side)))[side].to_list() for side in ("b_version", "a_version"))),
    )
    same = pl.col("sources").is_null()
    unlike = same & (pl.col("likeness") < _UNLIKE)
    differs = pl.coalesce("changed", pl.when(same).then("targets"))
    versions = rows.with_columns(
        severity=pl.when(differs.is_not_null()).then(pl.lit("major")).when(unlike).then(pl.lit("minor")),
        message=pl.coalesce(differs, pl.lit(_WORDS)),
        kind=pl.lit("near-duplicate"),
    ).filter(
        pl.col("severity").is_not_null(),
        normalised(pl.col("a_version")) != normalised(pl.col("b_version")),  # which is `same-version`
    )
    found = [_sided(versions.filter("swap"), "b", "a"), _sided(versions.filter(~pl.col("swap")), "a", "b")]
    if documents:
        found.append(_across(rows))
    return pl.concat(found) if found else INCONSISTENCIES.empty()


def _close(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose originals are nearly the same, but not the same."""
    plain = pairs.with_columns(a_plain=normalised(pl.col("a_original")), b_plain=normalised(pl.col("b_original"))).filter(
        pl.col("a_plain") != pl.col("b_plain"), pl.col("a_lang").eq_missing(pl.col("b_lang"))
    )
    told = plain.with_columns(ours=words(plain["a_plain"]).list.unique(), theirs=words(plain["b_plain"]).list.unique())
    common, every = (pl.col("ours").list.set_intersection("theirs").list.len(), pl.col("ours").list.set_union("theirs").list.len())
    kept = told.filter(common / every >= _SHARED).drop("ours", "theirs")
    alike = _chrf(kept["a_plain"].to_list(), kept["b_plain"].to_list())
    return kept.filter(alike >= _NEAR).drop("a_plain", "b_plain").sort("a_file", "a_line", "b_file", "b_line", "a_row", "b_row")


def _sides(texts: pl.DataFrame, config: Config) -> tuple[list[str | None], list[str | None]]:
    """What the second originals contradict in the first, and the second versions."""
    originals, versions = ((texts[f"a_{side}"].to_list(), texts[f"b_{side}"].to_list()) for side in ("original", "version"))
    sources = contradictions(*originals, [config.original_lang] * texts.height, config)
    return sources, contradictions(*versions, texts["lang"].to_list(), config)


def _one_alone(row: dict[str, str], original_lang: str) -> tuple[str | None, bool]:
    """The number that the version of one of two originals alone changed, and whether that is the first."""
    lang = row["lang"]
    changes = [changed_numbers(row[f"{one}_original"], row[f"{one}_version"], (original_lang, lang)) for one in "ab"]
    if bool(changes[0]) == bool(changes[1]):
        return None, False
    (original, version), _ = (changes[0] or changes[1])[0]
    return f"number: {original} → {version}", bool(changes[0])


def _across(rows: pl.DataFrame) -> pl.DataFrame:
    """What original sentences of two documents say otherwise, if they are no pattern of many sentences."""
    apart = rows.filter(
        pl.col("a_original_file").ne_missing(pl.col("b_original_file")),
        pl.col("sources").is_not_null(),
        pl.col("members") <= _SERIES,
    )
    told = apart.with_columns(severity=pl.lit("minor"), message="sources", kind=pl.lit("contradiction"))
    told = told.with_columns(likeness=_chrf(told["b_original"].to_list(), told["a_original"].to_list()))
    places = [pl.col(f"{one}_original_{name}").alias(f"{one}_{name}") for one in "ab" for name in ("file", "line")]
    return _sided(told.with_columns(places).unique(["a_file", "a_line", "b_file", "b_line"], maintain_order=True), "a", "b")


def _sided(rows: pl.DataFrame, other: str, here: str) -> pl.DataFrame:
    """Findings about one of two sentences; the other is what it is compared with."""
    texts, place = ("original", "version"), ("file", "line", "unit")
    named = {f"{other}_{name}": f"other_{name}" for name in (*texts, *place)}
    named |= {f"{here}_{name}": name for name in (*texts, *place, "lang", "original_file", "original_line")}
    both = rows.rename(named).with_columns(count=pl.lit(1, pl.Int64), other_count=pl.lit(1, pl.Int64), of=pl.lit(2, pl.Int64))
    key = pl.concat_str(pl.col("lang").fill_null(UNDETERMINED), normalised(pl.col("original")), separator="\x1f")
    return _as_found(both.with_columns(key=key))


def _as_found(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the table's columns, with `group` made of kind and key; a loop: polars' hashes differ from version to version."""
    keys = rows.select(whole=pl.concat_str("kind", "key", separator="\x1f"))["whole"]
    groups = pl.Series([hashlib.sha256(key.encode()).hexdigest()[:16] for key in keys], dtype=pl.String)
    return rows.with_columns(group=groups).select(pl.col(name).cast(dtype) for name, dtype in _FOUND.items())


def _chrf(ours: Sequence[str], theirs: Sequence[str]) -> pl.Series:
    return pl.Series(chrf.score(ours, theirs), dtype=pl.Float64).round(1)
