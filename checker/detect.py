"""Detects artifacts: runs the page rules of the drawer and turns what they return into rows of `tables.FINDINGS`."""

import hashlib
import unicodedata
from collections.abc import Sequence

import polars as pl

from checker.registry import Rule, rules
from checker.tables import FINDINGS, NOT_THE_TEXT

# Weight of evidence that names a pivot: one finding of words, or two kinds of typography.
ENOUGH = 2

_SAYS = {"lang": pl.String, "pivot": pl.String, "message": pl.String}
_PAIR_SIDE = {"original": pl.String, "original_start": pl.Int64, "original_end": pl.Int64}


def detect(pages: pl.DataFrame, lines: pl.DataFrame, segments: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`tables.FINDINGS` of the page rules among `names`.

    A rule that MARKS what its evidence covers speaks of a page's layout: it is not asked about the rows of a two-column table.
    """
    frames = {"lines": lines, "segments": segments}
    bitext = pages.filter(pl.col("cells").is_not_null())["doc"]
    found = []
    for rule in (rules()[name] for name in names):
        if rule.reads in frames:
            frame = frames[rule.reads]
            asked = frame.filter(~pl.col("doc").is_in(bitext.implode())) if rule.marks else frame
            found.append(evidence(rule, rule.module.find(asked)))
    return findings(pages, segments, found)


def evidence(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """What a rule returned, in the columns that all rules have in common, each row once."""
    optional = {**_SAYS, **_PAIR_SIDE}
    columns = {c: (pl.col(c) if c in rows.columns else pl.lit(None)).cast(dtype) for c, dtype in optional.items()}
    # The frames have a `lang` of their own: it is the evidence's only where a line differs from its document.
    columns["lang"] = (
        pl.lit(None, pl.String) if rule.reads == "pairs" else pl.when(pl.col("lang") != pl.col("doc_lang")).then("lang")
    )
    said = rows.select("doc", "start", "end", **columns).unique(maintain_order=True)
    return said.with_columns(
        rule=pl.lit(rule.name),
        code=pl.lit(rule.code),
        severity=pl.lit(rule.severity),
        category=pl.lit(rule.category),
        message=pl.coalesce("message", pl.lit(rule.summary)),
    )


def findings(pages: pl.DataFrame, segments: pl.DataFrame, found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """`tables.FINDINGS` of evidence: cut from the documents' text, placed by line, column and segment, with its fingerprint."""
    if not found or not sum(frame.height for frame in found):
        return FINDINGS.empty()
    rows = pl.concat(found).join(pages.select("doc", "text"), on="doc", how="left", maintain_order="left")
    originals = pages.select(original="doc", original_page="text")
    rows = rows.join(originals, on="original", how="left", maintain_order="left").with_columns(
        evidence=_cut("text", "start", "end"), original_evidence=_cut("original_page", "original_start", "original_end")
    )
    rows = rows.drop("text", "original_page").sort("doc", "start", "end", "code", "original_start", "message", nulls_last=True)
    return FINDINGS.conform(_fingerprinted(_numbered(_placed(rows, pages), segments)))


def mark(segments: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The segments with the `kind` that findings give them whose evidence covers at least half of their characters.

    Of two kinds, the one that takes the segment out of the text: a caption that stands twice is a duplicate.
    """
    marks = {name: rule.marks for name, rule in rules().items() if rule.marks}
    marked = found.filter(pl.col("rule").is_in(list(marks)))
    # One axis for all documents: a join by two inequalities (and no equality) is done without comparing every pair.
    axis = segments.select(pl.col("doc").unique().sort()).with_row_index("base").with_columns(pl.col("base").cast(pl.Int64) * 2**36)
    spans = segments.select("doc", "n", "start", "end").join(axis, on="doc").with_columns(pl.col("start", "end") + pl.col("base"))
    marked = marked.join(axis, on="doc").select(
        "rule", mark_start=pl.col("start") + pl.col("base"), mark_end=pl.col("end") + pl.col("base")
    )
    covers = spans.join_where(marked, pl.col("start") < pl.col("mark_end"), pl.col("end") > pl.col("mark_start"))
    shared = pl.min_horizontal("end", "mark_end") - pl.max_horizontal("start", "mark_start")
    kind = pl.col("rule").replace_strict(marks, return_dtype=pl.String)
    covers = covers.filter(shared * 2 >= pl.col("end") - pl.col("start")).with_columns(mark=kind, kept=~kind.is_in(NOT_THE_TEXT))
    kinds = (
        covers.sort("doc", "n", "kept", "mark").unique(["doc", "n"], keep="first", maintain_order=True).select("doc", "n", "mark")
    )
    joined = segments.join(kinds, on=["doc", "n"], how="left", maintain_order="left")
    return joined.with_columns(kind=pl.coalesce("mark", "kind")).drop("mark")


def pivots(found: pl.DataFrame) -> pl.DataFrame:
    """doc, pivot: the language that the findings together say a document went through; documents without evidence are left out.

    A fingerprint of typography alone is half a witness; two kinds of it, or one of words, make a pivot.
    """
    weight = pl.when(pl.col("code").str.starts_with("TYP")).then(1).otherwise(2)
    witnesses = (
        found.drop_nulls("pivot").with_columns(weight=weight).unique(["doc", "pivot", "rule", "message"], maintain_order=True)
    )
    votes = witnesses.group_by("doc", "pivot").agg(pl.col("weight").sum()).filter(pl.col("weight") >= ENOUGH)
    ranked = votes.sort("doc", "weight", "pivot", descending=[False, True, False])
    return ranked.unique("doc", keep="first", maintain_order=True).select("doc", "pivot")


def _cut(text: str, start: str, end: str) -> pl.Expr:
    return pl.col(text).str.slice(pl.col(start), pl.col(end) - pl.col(start))


def _placed(rows: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    anchors = (
        pages.join(rows.select("doc").unique(), on="doc", how="semi").select("doc", "anchors").explode("anchors").unnest("anchors")
    )
    anchors = anchors.drop_nulls("offset").rename({"line": "anchor_line", "column": "anchor_column"}).sort("offset")
    ordered = rows.with_row_index("row").sort("start")
    joined = ordered.join_asof(anchors, left_on="start", right_on="offset", by="doc", check_sortedness=False).sort("row")
    return joined.with_columns(
        line=pl.col("anchor_line"), column=pl.col("anchor_column") + pl.col("start") - pl.col("offset")
    ).drop("row", "offset", "anchor_line", "anchor_column")


def _numbered(rows: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """The rows with `n` and `sentence` of the segment that they begin in."""
    starts = segments.select("doc", "n", sentence="text", segment_start="start", segment_end="end").sort("segment_start")
    ordered = rows.with_row_index("row").sort("start")
    joined = ordered.join_asof(starts, left_on="start", right_on="segment_start", by="doc", check_sortedness=False).sort("row")
    inside = pl.col("start") < pl.col("segment_end")
    return joined.with_columns(n=pl.when(inside).then("n"), sentence=pl.when(inside).then("sentence")).drop(
        "row", "segment_start", "segment_end"
    )


def _fingerprinted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a digest of rule, document, evidence and sentence, and of the how-manieth of its like it is."""
    words = pl.concat_str(
        "rule", "doc", "evidence", pl.col("sentence").fill_null(""), pl.col("original_evidence").fill_null(""), separator="\x1f"
    )
    counted = rows.with_columns(words=words).with_columns(nth=pl.int_range(pl.len()).over("words"))
    digests = [_digest(words, nth) for words, nth in counted.select("words", "nth").iter_rows()]
    return counted.with_columns(pl.Series("fingerprint", digests, dtype=pl.String)).drop("words", "nth", "sentence")


def _digest(words: str, nth: int) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", words).split())
    return hashlib.sha256(f"{plain}\x1f{nth}".encode()).hexdigest()[:16]
