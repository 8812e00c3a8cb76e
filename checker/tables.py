"""The tables: every column's type and meaning, in one place; the schema is the contract between stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from checker.errors import RunError

VERSION = 1
"""Version of the schema as a whole. Columns are only ever added; a change of meaning raises it."""


NOT_THE_TEXT = ("chrome", "tag", "duplicate")
"""Kinds of segments that are not the document's text: they are neither translated nor aligned, and no pair reaches over them."""

BOILERPLATE = (*NOT_THE_TEXT, "byline", "caption")
"""Kinds that a version may leave out, or an edition put in, without losing or adding anything: they count in no share, and make no
omission or addition."""


Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True)
class Column:
    """A column's polars type and what it says: unit, range, direction, and when it is null."""

    dtype: pl.DataType
    meaning: str


@dataclass(frozen=True)
class Table:
    """A named set of columns; `key` orders its rows."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({name: column.dtype for name, column in self.columns.items()})

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)

    def check(self, frame: Frame) -> Frame:
        """The frame with exactly this table's columns, in order; raises `RunError` where one is missing or of another type."""
        found = frame.collect_schema()
        for name, dtype in self.schema.items():
            if name not in found:
                raise RunError(f"table {self.name!r} lacks the column {name!r}", remedy="was it written by another version?")
            if found[name] != dtype:
                raise RunError(f"column {name!r} of table {self.name!r} is {found[name]}, expected {dtype}")
        return frame.select(self.schema.names())

    def completed(self, frame: Frame) -> Frame:
        """The frame with a null column for each that it lacks behind its last: columns are only ever added, at the end."""
        found = frame.collect_schema()
        width = max((place for place, name in enumerate(self.schema, 1) if name in found), default=0)
        added = [pl.lit(None, dtype).alias(name) for name, dtype in [*self.schema.items()][width:]]
        return frame.with_columns(added)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame in this table's columns, cast and ordered by its key; columns that are absent become null."""
        columns = [
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in self.schema.items()
        ]
        return frame.select(columns).sort(self.key, nulls_last=True, maintain_order=True)


_text, _int, _float, _flag = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()
ANCHORS = pl.List(pl.Struct({"offset": pl.Int64, "line": pl.Int64, "column": pl.Int64}))
CELLS = pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64}))
MARKS = pl.List(
    pl.Struct(
        {
            "offset": pl.Int64,
            "line": pl.Int64,
            "column": pl.Int64,
            "kind": pl.String,
            "name": pl.String,
            "value": pl.String,
            "lang": pl.String,
        }
    )
)

UNITS = pl.List(pl.Struct({"unit": pl.String, "reason": pl.String}))

PAGES = Table(
    "pages",
    "document as read (inside the pipeline only)",
    ("doc",),
    {
        "doc": Column(
            _text,
            "name of the document: its path below the corpus, with `/`; `FILE#original` for the originals of a two-column table",
        ),
        "path": Column(_text, "path as the user would open it"),
        "format": Column(_text, "drawer that read it: `text`, `html`, `table`, …"),
        "sha256": Column(_text, "digest of the file's bytes; null if it could not be read"),
        "encoding": Column(_text, "encoding that its bytes were decoded with"),
        "status": Column(_text, "`ok` or `skipped`"),
        "reason": Column(_text, "why it was skipped; null if it was not"),
        "role": Column(_text, "`original`, `version`, `bitext` where the input says so, else null"),
        "original": Column(_text, "the original that the input itself names (bitext), else null"),
        "lang": Column(_text, "language that the input itself states, else null"),
        "text": Column(_text, "the decoded text that all offsets refer to; null if skipped"),
        "anchors": Column(ANCHORS, "breakpoints from offset to line and column of the file; the last at or before an offset holds"),
        "cells": Column(CELLS, "spans of the rows of a table, which are its segments; null elsewhere"),
        "main": Column(CELLS, "spans of whole lines that the markup makes the main text; null where no markup tells"),
        "marks": Column(
            MARKS,
            "what the markup says of a translation: offset of the text behind it, its place in the file, `kind` and `name` as in "
            "the pack `translation_marks`, the markup itself, the language of the original that it names; null where there is none",
        ),
        "units": Column(UNITS, "of each row of a localisation file, its unit and why it is not judged; null elsewhere"),
    },
)

LINES = Table(
    "lines",
    "line of a document that is not blank (inside the pipeline only)",
    ("doc", "start"),
    {
        "doc": Column(_text, "name of the document"),
        "line": Column(_int, "place among the document's lines that are not blank, from 0"),
        "start": Column(_int, "offset of its first character that is not white space"),
        "end": Column(_int, "offset behind its last character that is not white space"),
        "text": Column(_text, "the line, stripped"),
        "gap": Column(_int, "blank lines before it"),
        "lang": Column(_text, "language of the line, ISO 639-1 code or `und`"),
        "script": Column(_text, "script that most of its letters belong to, ISO 15924 code such as `Latn`, or `Zyyy`"),
        "doc_lang": Column(_text, "language of the document"),
        "doc_lang_score": Column(_float, "how sure that is, 0 to 1, higher is surer"),
        "doc_lines": Column(_int, "lines of the document that are not blank"),
        "main": Column(_flag, "true in the main text by the page's markup, false outside it; null where no markup tells"),
    },
)

SEGMENTS = Table(
    "segments",
    "sentence of a document, or line that is no sentence",
    ("doc", "n"),
    {
        "doc": Column(_text, "name of the document"),
        "n": Column(_int, "place in the document, from 0"),
        "line": Column(_int, "place of its line among the document's lines that are not blank, from 0"),
        "start": Column(_int, "offset of its first character, in code points of the document's text"),
        "end": Column(_int, "offset behind its last character"),
        "text": Column(_text, "the segment: `documents.text[start:end]`"),
        "lang": Column(_text, "its language, ISO 639-1 code or `und`"),
        "script": Column(_text, "script that most of its letters belong to, ISO 15924 code"),
        "doc_lang": Column(_text, "language of the document"),
        "kind": Column(
            _text, "`prose`, `headline`, or what a rule found it to be: `chrome`, `tag`, `caption`, `byline`, `duplicate`"
        ),
        "back": Column(_text, "its back-translation; null if it needs none or has none"),
        "engine": Column(_text, "engine, version and route that gave `back`"),
        "back_reason": Column(_text, "why it needs a back-translation and has none: what an engine lacked, or a guard objected to"),
        "back_score": Column(
            _float,
            "mean natural log-probability of a token of `back`, 0 and below, higher is surer; null if the engine tells none",
        ),
        "unknown": Column(_text, "words that the engine does not know and left in `back` as they are, with spaces between"),
    },
)

PAIRINGS = Table(
    "pairings",
    "pair of documents that may render each other (inside the pipeline only)",
    ("doc", "original"),
    {
        "doc": Column(_text, "name of the version"),
        "original": Column(_text, "name of the original"),
        "similarity": Column(_float, "cosine of rare shared features, 0 to 1, higher is nearer"),
        "given": Column(_flag, "true if the input itself pairs the two, row by row"),
    },
)

SENTENCES = Table(
    "sentences",
    "aligned pair of sentences, or a sentence that has no partner",
    ("doc", "original", "n", "original_n"),
    {
        "doc": Column(_text, "name of the version"),
        "original": Column(
            _text,
            "document it is aligned with: `documents.original`, or another it renders; facts are sought against the first",
        ),
        "n": Column(_int, "first segment of the version's side; null for an omission"),
        "start": Column(_int, "offset of the version's side in its document; null for an omission"),
        "end": Column(_int, "offset behind it"),
        "text": Column(_text, "the version's side: its document's `text[start:end]`"),
        "lang": Column(_text, "language of the version's side"),
        "back": Column(_text, "English that was compared, if it is not `text` itself"),
        "engine": Column(_text, "engine, version and route that gave `back`"),
        "original_n": Column(_int, "first segment of the original's side; null for an addition"),
        "original_start": Column(_int, "offset of the original's side in its document; null for an addition"),
        "original_end": Column(_int, "offset behind it"),
        "original_text": Column(_text, "the original's side: its document's `text[original_start:original_end]`"),
        "alignment": Column(
            _text, "segments on either side, version first: `1-1`, `2-1`, …; `omission`, `addition`; `boilerplate` on one side only"
        ),
        "crossing": Column(_flag, "true if the pair stands in another order than its neighbours (a moved quotation)"),
        "similarity": Column(_float, "weighted share of words in common, 0 to 1, higher is nearer; null if one side is missing"),
        "chrf": Column(_float, "sentence chrF2 of the version against the original, 0 to 100, higher is nearer"),
        "chrf_pp": Column(_float, "sentence chrF2++ (word bigrams too), 0 to 100, higher is nearer"),
        "ter": Column(_float, "sentence TER, edits per 100 words of the original, 0 and up, lower is nearer"),
        "cosine": Column(_float, "with the scorer `semantic`, cosine of the sentences' vectors, about 0 to 1, higher is nearer"),
        "token_precision": Column(_float, "the same: mean cosine of the version's tokens with the nearest ones of the original"),
        "token_recall": Column(_float, "the same of the original's tokens"),
        "weakest_precision": Column(
            _float, "the same: how near the three tokens of the version come that agree least, by their weight"
        ),
        "weakest_recall": Column(_float, "the same of the original's tokens"),
        "fidelity": Column(_float, "fidelity, 0 to 100, higher is better; null if unscored"),
        "severity": Column(_text, "worst severity of its fidelity findings; null if it has none"),
        "status": Column(_text, "`scored` or `unscored`"),
        "reason": Column(_text, "why it is unscored"),
        "round_trip": Column(
            _text,
            "with `--ceiling`, the original's side out and home through the version's language or `documents.pivot`",
        ),
        "ceiling": Column(
            _float, "fidelity of `round_trip`, 0 to 100: an estimate of what the engine leaves to a faithful version"
        ),
        "ceiling_reason": Column(_text, "why there is no round trip"),
        "passage": Column(
            _int,
            "place of its passage among the pair's, from 0: the fewest paragraphs of the version that render paragraphs of the "
            "original, or crossing pairs that stand together on both sides; null where a paragraph has no partner, and for rows of "
            "a table",
        ),
        "unit": Column(_text, "unit of a localisation file: its id, key, or message; null elsewhere"),
        "words": Column(_float, "share of words that agree, weighed by how rare they are, 0 to 1, higher is nearer"),
        "order": Column(_float, "share of words in common that stand behind one another on both sides, 0 to 1, higher is nearer"),
        "fluency": Column(_float, "per cent that reading worse than the original costs, 0 and below (above, if it reads better)"),
        "likeness": Column(_float, "fidelity before the facts that differ, 0 to 100, higher is nearer"),
    },
)

BITEXT = Table(
    "bitext",
    "aligned pair, or what has no partner, as `checker align` writes it; with `--lines`, segments are lines",
    (),
    {
        "n": SENTENCES.columns["n"],
        "n_last": Column(_int, "last segment of the version's side"),
        "original_n": SENTENCES.columns["original_n"],
        "original_n_last": Column(_int, "last segment of the original's side"),
        "alignment": Column(_text, "as in `sentences`; `passage` with `--passages`; null where it was not read"),
        "similarity": SENTENCES.columns["similarity"],
        "crossing": SENTENCES.columns["crossing"],
        "text": SENTENCES.columns["text"],
        "original_text": SENTENCES.columns["original_text"],
        "back": SENTENCES.columns["back"],
        "passage": SENTENCES.columns["passage"],
        "lang": SENTENCES.columns["lang"],
        "original_lang": Column(_text, "language of the original's document"),
        "start": SENTENCES.columns["start"],
        "end": SENTENCES.columns["end"],
        "original_start": SENTENCES.columns["original_start"],
        "original_end": SENTENCES.columns["original_end"],
        "engine": SENTENCES.columns["engine"],
        "reason": Column(_text, "why it has no partner, where it could have one: no translation, boilerplate"),
    },
)

FINDINGS = Table(
    "findings",
    "piece of evidence",
    ("doc", "start", "end", "code", "original_start", "fingerprint"),
    {
        "doc": Column(_text, "name of the document"),
        "rule": Column(_text, "name of the rule"),
        "code": Column(_text, "stable code of the rule"),
        "severity": Column(_text, "`critical`, `major`, `minor` or `info`"),
        "category": Column(_text, "MQM category, `dimension/type`"),
        "start": Column(_int, "offset of the evidence; of the place between two sentences for an omission"),
        "end": Column(_int, "offset behind it; equal to `start` for an omission"),
        "line": Column(_int, "line of the file, from 1"),
        "column": Column(_int, "column in that line, in code points, from 1"),
        "evidence": Column(_text, "the document's `text[start:end]`"),
        "lang": Column(_text, "language of the evidence where it is not the document's; null if it does not matter"),
        "pivot": Column(_text, "language that the evidence says the text came from or through; null if it says none"),
        "message": Column(_text, "what is wrong, for a reader who does not know the rule"),
        "n": Column(_int, "segment that the evidence begins in; null between segments"),
        "original": Column(_text, "name of the original, for a finding about a pair"),
        "original_start": Column(_int, "offset of the evidence on the original's side"),
        "original_end": Column(_int, "offset behind it"),
        "original_evidence": Column(_text, "the original's `text[original_start:original_end]`"),
        "fingerprint": Column(
            _text,
            "16 hexadecimal digits made of rule, name of the file, words, and how many of the like stand before it in the "
            "document: edits around the evidence, other lines and other folders leave it as it is. Unique within a document",
        ),
        "suppressed": Column(_text, "reason of the override that suppresses it: it does not count; null if it counts"),
        "rule_severity": Column(_text, "severity that it would have but for an override; null if no override changed it"),
        "verdict": Column(_text, "a reviewer's: `true`, `false`, `wontfix`; null if nobody judged it"),
        "versions": Column(
            _int,
            "versions of the original's sentence that were scored, this one included; null where the evidence is no fact of the "
            "original's",
        ),
        "kept_by": Column(
            _int, "of these, how many have no finding of the rule at this place: one less than `versions` if this one alone does"
        ),
        "unit": Column(_text, SENTENCES.columns["unit"].meaning),
    },
)

PAIR_FINDINGS = Table(
    "pair findings",
    "fact that differs in a row of a file, as `checker score --findings` writes it",
    ("row", "start", "end", "code", "original_start", "original_end", "message"),
    {
        "row": Column(
            _int,
            "row of the file, from 0 behind the header; of several files that are one table, rows are counted on; each shard "
            "begins with 0, and its findings are in the file of its name",
        ),
        **{name: FINDINGS.columns[name] for name in ("rule", "code", "severity", "category")},
        "message": FINDINGS.columns["message"],
        "start": Column(
            _int, "offset of the evidence in the version's cell, in code points; of a loss, the place where it would be"
        ),
        "end": Column(_int, "offset behind it; equal to `start` where the version has no words for it"),
        "evidence": Column(_text, "the version's `text[start:end]`"),
        "original_start": Column(_int, "offset of the evidence in the original's cell; null where there is none"),
        "original_end": Column(_int, "offset behind it"),
        "original_evidence": Column(_text, "the original's `text[original_start:original_end]`"),
    },
)

INCONSISTENCIES = Table(
    "inconsistencies",
    "place that is rendered otherwise than the like of it, as `checker consistency --out` writes it, the gravest groups first",
    (),
    {
        "group": Column(_text, "16 hexadecimal digits of what the rows of a group have in common: the same in every run"),
        "kind": Column(
            _text,
            "`different-version` (one original, several versions), `same-version` (one version, several originals), "
            "`near-duplicate` (originals nearly the same), `contradiction` (original sentences of two documents)",
        ),
        "severity": Column(
            _text,
            "`major`: the facts differ; `minor`: the words do; `info`: only case, punctuation or spaces, or originals of one "
            "version that are short or alike",
        ),
        "message": Column(_text, "what differs: from the other text to this one"),
        "file": Column(_text, "file of the row, or document of the sentence"),
        "line": Column(
            _int, "row of a table from 1 (in CSV and TSV the header is row 1), line of a localisation file, segment of a document"
        ),
        "original_file": Column(_text, "in a run, document of the original; else null"),
        "original_line": Column(_int, "in a run, segment of the original; else null"),
        "lang": Column(_text, "language of the version, if it is known"),
        "original": Column(_text, "the original"),
        "version": Column(_text, "the version"),
        "other_file": Column(_text, "where the first of those stands that this one is compared with: the commonest of the group"),
        "other_line": Column(_int, "its row, line or segment"),
        "other_original": Column(_text, "its original"),
        "other_version": Column(_text, "its version"),
        "count": Column(_int, "rows of the group that are rendered as this one"),
        "other_count": Column(_int, "rows of the group that are rendered as the other one"),
        "of": Column(_int, "rows of the group"),
        "likeness": Column(
            _float,
            "chrF2 of the two texts that should be the same (of `same-version`, should not), 0 to 100; case counts only where the "
            "originals are the same",
        ),
        "unit": Column(_text, "its unit of a localisation file: an id, a key, or the message itself; else null"),
        "other_unit": Column(_text, "unit of the other one"),
    },
)

TERMS = Table(
    "terms",
    "rendering of a name or recurring term in a language",
    ("term", "kind", "lang", "rendering"),
    {
        "term": Column(_text, "name as the originals write it, or recurring term of theirs in the singular"),
        "kind": Column(_text, "`name` or `term`"),
        "lang": Column(_text, "language of the versions, `und` where it is not known"),
        "rendering": Column(_text, "the commonest of its forms: those that differ by an ending, or by a word more, count as one"),
        "count": Column(_int, "uses that are rendered so; those whose rendering could not be told are in no row"),
        "documents": Column(_int, "versions in which they stand"),
        "share": Column(_float, "share of the uses of the term in the language whose rendering was told, 0 to 1"),
        "doc": Column(_text, "the first version that holds it"),
        "start": Column(_int, "offset of the first use in `doc`"),
        "end": Column(_int, "offset behind it"),
        "original": Column(_text, "original that this use stands in"),
        "original_start": Column(_int, "offset of the term in it"),
        "original_end": Column(_int, "offset behind it"),
    },
)

DOCUMENTS = Table(
    "documents",
    "document",
    ("doc",),
    {
        "doc": Column(_text, PAGES.columns["doc"].meaning),
        "path": Column(_text, PAGES.columns["path"].meaning),
        "format": Column(_text, PAGES.columns["format"].meaning),
        "sha256": Column(_text, PAGES.columns["sha256"].meaning),
        "encoding": Column(_text, PAGES.columns["encoding"].meaning),
        "status": Column(_text, "`ok` or `skipped`"),
        "reason": Column(_text, "why it was skipped, or why a version has no original"),
        "lang": Column(_text, "language of most of its text, ISO 639-1 code or `und`"),
        "lang_score": Column(_float, "how sure that is, 0 to 1, higher is surer"),
        "role": Column(_text, "`original`, `version` or `bitext`"),
        "original": Column(_text, "the document it derives from, or is another edition of, or shares quotations with"),
        "derivation": Column(_text, "`translation`, `back-translation`, `edition`, `quotations`, `bitext`, or `none`"),
        "pivot": Column(_text, "language that its text went through, by the evidence in it; null if nothing says so"),
        "explained": Column(_float, "share of its text, without boilerplate, that renders the original, 0 to 1"),
        "coverage": Column(_float, "share of the original's text, without boilerplate, that it renders, 0 to 1"),
        "fidelity": Column(_float, "mean fidelity of its scored sentences, 0 to 100, higher is better"),
        "fidelity_p10": Column(_float, "10th percentile of the same"),
        "n_segments": Column(_int, "segments"),
        "n_scored": Column(_int, "sentences scored against `original`"),
        "n_unscored": Column(_int, "sentences that could not be scored"),
        "n_findings": Column(_int, "findings that are not suppressed"),
        "text": Column(_text, "the decoded text that all offsets refer to; for HTML, the text a reader sees"),
        "ceiling": Column(_float, "mean ceiling of its sentences that have one, 0 to 100; null without `--ceiling`"),
        "fidelity_low": Column(
            _float, "lower end of the 95 % interval of `fidelity`, by a bootstrap over its sentences; null for one alone"
        ),
        "fidelity_high": Column(_float, "upper end of it"),
    },
)

WRITTEN = (DOCUMENTS, SEGMENTS, SENTENCES, FINDINGS, TERMS)
"""The tables of a run's folder."""
