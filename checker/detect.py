"""Detects artifacts: runs the page rules of the drawer and turns what they return into rows of `tables.FINDINGS`."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence

import polars as pl

from checker import patterns, units
from checker.packs import Entry, Pack
from checker.placeholders import masked
from checker.registry import Rule, rules
from checker.tables import FINDINGS, NOT_THE_TEXT

# What stands for an object in a text (U+FFFC): neither a letter nor a space, which before a mark would be a finding.
_MASK = "\ufffc"

# Characters of a unit's name that a message shows: of a catalogue it is the message itself.
_UNIT = 60

# Findings whose documents' texts are held as Python's strings at a time.
_CUT = 50_000

_SPAN = ["doc", "rule", "start", "end"]
_SAYS = {"lang": pl.String, "pivot": pl.String, "message": pl.String}
_PAIR_SIDE = {"original": pl.String, "original_start": pl.Int64, "original_end": pl.Int64}


def detect(
    pages: pl.DataFrame, lines: pl.DataFrame, segments: pl.DataFrame, names: Sequence[str], packs: Sequence[Pack] = ()
) -> pl.DataFrame:
    """`tables.FINDINGS` of the page rules among `names`, and of a user's packs, from all documents of a run at once."""
    return findings(pages, segments, [*alone(pages, lines, segments, names, packs), *together(gather(pages, lines, names))])


def alone(
    pages: pl.DataFrame, lines: pl.DataFrame, segments: pl.DataFrame, names: Sequence[str], packs: Sequence[Pack] = ()
) -> list[pl.DataFrame]:
    """Evidence of the page rules that judge each document by itself, and of a user's packs.

    A rule that MARKS what its evidence covers speaks of a page's layout: it is not asked about the rows of a two-column table.
    """
    frames = {"pages": pages.filter(pl.col("status") == "ok"), "lines": _bare(lines, pages), "segments": _bare(segments, pages)}
    asked = [rules()[name] for name in names if rules()[name].reads in frames]
    found = [evidence(rule, rule.module.find(_asked(rule, frames[rule.reads], pages))) for rule in asked]
    listed = [_listed(pages, lines, pack, entry) for pack in packs for entry in pack.entries if patterns.rule_of(entry) in names]
    if not listed:
        return found
    # Where a pack and a rule find the same, the pack's severity and words stand; of two packs, the later one's.
    kept = pl.concat(reversed(listed)).unique(_SPAN, keep="first", maintain_order=True)
    return [*(rows.join(kept, on=_SPAN, how="anti", maintain_order="left") for rows in found), kept]


def _listed(pages: pl.DataFrame, lines: pl.DataFrame, pack: Pack, entry: Entry) -> pl.DataFrame:
    """Evidence of an entry of a user's pack, as evidence of the rule that its kind belongs to."""
    rule = rules()[patterns.rule_of(entry)]
    found = evidence(rule, patterns.find(_asked(rule, lines, pages), pack, entry))
    return found.with_columns(severity=pl.lit(entry.severity or rule.severity))


def of_translations(pages: pl.DataFrame, segments: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`tables.FINDINGS` of the rules among `names` about back-translations."""
    asked = [rules()[name] for name in names if rules()[name].reads == "translated"]
    translated = _without_marks(segments.filter(pl.col("back").is_not_null()), pages)
    return findings(pages, segments, [evidence(rule, rule.module.find(translated)) for rule in asked])


def of_terms(pages: pl.DataFrame, segments: pl.DataFrame, uses: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`tables.FINDINGS` of the rules among `names` about the renderings of names and terms."""
    asked = [rules()[name] for name in names if rules()[name].reads == "uses"]
    return findings(pages, segments, [evidence(rule, rule.module.find(uses)) for rule in asked])


def gather(pages: pl.DataFrame, lines: pl.DataFrame, names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Rule to what it gathers from a batch of documents, for the page rules that judge all documents of a run together."""
    asked = [rules()[name] for name in names if rules()[name].reads == "gathered"]
    return {rule.name: rule.module.gather(_asked(rule, lines, pages)) for rule in asked}


def together(gathered: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Evidence of the rules that judge all documents together, from what they gathered in all batches."""
    return [evidence(rules()[name], rules()[name].module.find(rows)) for name, rows in gathered.items()]


def _asked(rule: Rule, frame: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    bitext = pages.filter(pl.col("cells").is_not_null())["doc"]
    of_pages = rule.marks or getattr(rule.module, "LAYOUT", False)
    return frame.filter(~pl.col("doc").is_in(bitext.implode())) if of_pages else frame


def _bare(frame: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The rows, those of localisation files with `_MASK` in place of placeholders and tags."""
    of_units = pl.col("doc").is_in(pages.filter(pl.col("units").is_not_null())["doc"].implode())
    if not frame.select(of_units.any()).item():
        return frame
    return frame.with_columns(text=pl.when(of_units).then(masked(frame["text"], _MASK)).otherwise("text"))


def _without_marks(translated: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The same of translated segments, whose unknown words are none where they stand in a placeholder or tag alone."""
    bare = _bare(translated, pages)
    asked = pl.DataFrame({"word": translated["unknown"].str.split(" "), "text": translated["text"], "bare": bare["text"]})
    words = asked.with_row_index("row").filter(pl.col("text") != pl.col("bare")).explode("word").drop_nulls("word")
    marked = words.with_columns(
        lost=pl.col("text").str.contains(pl.col("word"), literal=True) & ~pl.col("bare").str.contains(pl.col("word"), literal=True)
    )
    kept = marked.group_by("row", maintain_order=True).agg(pl.col("word").filter(~pl.col("lost")).str.join(" "))
    kept = kept.with_columns(pl.when(pl.col("word") != "").then("word"))
    return bare.with_columns(unknown=bare["unknown"].clone().scatter(kept["row"], kept["word"]))


def evidence(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    """What a rule returned, in the columns that all rules have in common, each row once."""
    optional = {**_SAYS, **_PAIR_SIDE}
    columns = {c: (pl.col(c) if c in rows.columns else pl.lit(None)).cast(dtype) for c, dtype in optional.items()}
    if rule.reads in ("pairs", "uses"):
        columns["lang"] = pl.lit(None, pl.String)
    elif "doc_lang" in rows.columns:  # a frame's own `lang` is the evidence's only where a line differs from its document
        columns["lang"] = pl.when(pl.col("lang") != pl.col("doc_lang")).then("lang")
    # Where the markup says something that no reader sees, the rule knows the place; the `line` of other frames is another thing.
    stated = rule.reads == "pages" and {"line", "column"} <= set(rows.columns)
    columns |= {f"stated_{c}": (pl.col(c) if stated else pl.lit(None)).cast(pl.Int64) for c in ("line", "column")}
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
    rows = pl.concat(found).sort("doc", "start", "end", "code", "original_start", "message", nulls_last=True)
    rows = _numbered(_placed(rows, pages), segments)
    rows = _of_units(rows.join(units.aside(pages), on=["doc", "n"], how="anti", maintain_order="left"), pages)
    rows = rows.with_columns(
        _cut(rows, pages, "evidence", ("doc", "start", "end")),
        _cut(rows, pages, "original_evidence", ("original", "original_start", "original_end")),
    )
    return FINDINGS.conform(_fingerprinted(rows))


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


def _cut(rows: pl.DataFrame, pages: pl.DataFrame, name: str, span: tuple[str, str, str]) -> pl.Series:
    """The text of each row's span (document, start, end); null where it has none.

    A loop, for Python finds the nth character of a string at once, where polars counts from its beginning: in a document of many
    findings that takes the square of its length.
    """
    doc, start, end = span
    cut = list[str | None]()
    for part in rows.select(doc, start, end).iter_slices(_CUT):
        texts = dict(pages.join(part.select(doc=doc).unique(), on="doc", how="semi").select("doc", "text").iter_rows())
        cut += [None if at is None or name is None else texts[name][at:to] for name, at, to in part.iter_rows()]
    return pl.Series(name, cut, dtype=pl.String)


def _placed(rows: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    anchors = (
        pages.join(rows.select("doc").unique(), on="doc", how="semi").select("doc", "anchors").explode("anchors").unnest("anchors")
    )
    anchors = anchors.drop_nulls("offset").rename({"line": "anchor_line", "column": "anchor_column"}).sort("offset")
    ordered = rows.with_row_index("row").sort("start")
    joined = ordered.join_asof(anchors, left_on="start", right_on="offset", by="doc", check_sortedness=False).sort("row")
    return joined.with_columns(
        line=pl.coalesce("stated_line", "anchor_line"),
        column=pl.coalesce("stated_column", pl.col("anchor_column") + pl.col("start") - pl.col("offset")),
    ).drop("row", "offset", "anchor_line", "anchor_column", "stated_line", "stated_column")


def _numbered(rows: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """The rows with `n` of the segment that they begin in."""
    starts = segments.select("doc", "n", segment_start="start", segment_end="end").sort("segment_start")
    ordered = rows.with_row_index("row").sort("start")
    joined = ordered.join_asof(starts, left_on="start", right_on="segment_start", by="doc", check_sortedness=False).sort("row")
    inside = pl.col("start") < pl.col("segment_end")
    return joined.with_columns(n=pl.when(inside).then("n")).drop("row", "segment_start", "segment_end")


def _of_units(rows: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The rows with the `unit` of a localisation file that they are in, which the message names."""
    told = units.of_pages(pages).select("doc", "n", "unit")
    rows = rows.join(told, on=["doc", "n"], how="left", maintain_order="left")
    name = pl.col("unit").str.replace_all(r"\s+", " ").str.slice(0, _UNIT)
    said = pl.format("{}, in {}", "message", name)
    return rows.with_columns(message=pl.when(pl.col("unit").fill_null("") != "").then(said).otherwise("message"))


def _fingerprinted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a digest of rule, name of the file and words, and of the how-manieth of its like in the document it is.

    The folder is left out, for another one may be named the next time; the sentence, for in a page of lines of one length it is the
    line, which is another after any edit. So a fingerprint is unique within a document, and files of one name may share some.
    """
    file = pl.col("doc").str.replace(r"(?s)^.*/", "")
    parts = rows.select("rule", "evidence", pl.col("original_evidence").fill_null(""))
    counted = parts.with_columns(*map(_plain, parts), doc=rows["doc"]).with_columns(
        nth=pl.int_range(pl.len()).over("doc", *parts.columns), doc=file
    )
    said = counted.select(pl.concat_str("rule", "doc", "evidence", "original_evidence", "nth", separator="\x1f")).to_series()
    digests = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in said]
    return rows.with_columns(pl.Series("fingerprint", digests, dtype=pl.String))


def _plain(texts: pl.Series) -> pl.Series:
    """The texts in normal form, with single spaces; those that are so already, nearly all in English, are left."""
    odd = texts.str.contains(r"[^ -~]|  |^ | $")
    plain = [" ".join(unicodedata.normalize("NFKC", text).split()) for text in texts.filter(odd)]
    return texts.clone().scatter(odd.arg_true(), plain)
