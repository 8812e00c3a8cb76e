"""The main job, from pages to a report."""

import hashlib
import platform
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from typing import Any

import polars as pl

from checker import ledger, patterns, report, tables, units, verdicts
from checker.align import align, orphans
from checker.batches import Found, search
from checker.ceiling import ceilings
from checker.config import Config
from checker.detect import alone, detect, gather, mark, of_terms, of_translations, together
from checker.detect import findings as placed
from checker.engines import Engine
from checker.errors import InputError
from checker.formats.table import columns_of
from checker.formats.text import anchors
from checker.overrides import override
from checker.packs import Pack
from checker.pair import ALONE, pair, relate
from checker.pivot import pivots
from checker.progress import Progress, quiet
from checker.read import check_any, read, to_pages
from checker.registry import components, rules
from checker.report import Report, file_digest
from checker.score import added, score, score_pairs, signature
from checker.segment import lines, segment
from checker.tables import Frame
from checker.translate import load_engines, source_of, translate
from checker.verdicts import judge
from checker.versions import compared

FACTS = pl.List(pl.Struct({"rule": pl.String, "severity": pl.String, "message": pl.String}))
"""Type of the column `findings` of a scored frame: the facts that differ in each row."""

# What columns of text may be: without a value in it, one is of nulls.
_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)


# Documents whose lines are held at a time. A rule costs some milliseconds a call, whatever the text.
_BATCH = 1_000


def audit(config: Config, progress: Progress = quiet, *, batch: int = _BATCH) -> Report:
    """Reads, segments, detects, translates back, pairs, aligns and scores; `progress` is told each stage as it begins.

    `batch` documents are segmented and searched at a time, which bounds what is held of their lines; the report is the same
    whatever it is.

    Raises `CheckerError` for what the user named and cannot be used; what is bad inside a folder becomes a row with its reason.
    """
    packs, judged = patterns.load(config.packs), verdicts.read(config.verdicts)
    signature(config)  # what the scorer lacks is told before the work
    progress("reading")
    pages = read(config)
    _check_originals(pages, config)
    spoken, segments, found = _detected(pages, packs, progress, batch)
    progress("translating back")
    engines = load_engines(config)
    segments = translate(mark(segments, found), engines, config.original_lang, progress)
    made_by = _signatures(segments, engines, config.original_lang)
    engines = engines if config.ceiling else []  # a memory may be large
    progress("pairing and aligning")
    through = pivots(found.join(_native(spoken, config.original_lang), on="doc", how="semi"))
    pairings = pair(pages, segments, through, config.original_lang)
    aligned = align(pages, segments, pairings)
    relations = relate(aligned, pairings, pages, segments, through)
    progress("scoring")
    upheld = pl.concat([_upheld(aligned, relations), _orphans(pages, spoken, segments, relations, through, config)], how="diagonal")
    del aligned  # as large as all that is still to come
    sentences, facts = score(pages, segments, upheld, relations, config, progress, judged)
    del upheld
    if config.ceiling:
        sentences = ceilings(sentences, through, engines, config, progress)
    told = of_translations(pages, segments, list(rules()))
    progress("names and terms")
    used = ledger.uses(_own(sentences, relations), config.original_lang)
    drift = of_terms(pages, segments, used, list(rules()))
    facts = compared(facts, sentences, segments)
    found = _selected(tables.FINDINGS.conform(pl.concat([found, told, facts, drift], how="diagonal")), config)
    found = override(found, pages, segments, config.overrides)
    found = judge(found, judged)
    documents = report.documents(pages, spoken, relations, through, segments, sentences, found)
    record = _record(config, packs, documents, segments, made_by)
    return Report(documents, segments, sentences, found, record, ledger.terms(used))


def foreign_texts(config: Config, progress: Progress = quiet) -> pl.DataFrame:
    """place, source and text of every segment that `audit` would translate back, in the order of the documents."""
    pages = read(config)
    _, segments, found = _detected(pages, patterns.load(config.packs), progress)
    texts = mark(segments, found).select("doc", "n", "text", source=source_of(config.original_lang))
    return texts.drop_nulls("source").select(pl.format("{} #{}", "doc", "n").alias("place"), "source", "text")


def findings(config: Config, progress: Progress = quiet) -> AbstractContextManager[Found]:
    """The findings of the page rules alone, of input of any size: nothing is translated, paired or scored."""
    return search(config, config.rules(), progress)


def findings_in(frame: pl.DataFrame, text: str, config: Config, progress: Progress = quiet) -> pl.DataFrame:
    """`tables.FINDINGS` of the page rules in the texts of a column, each a document, with its `row` from 0 in place of `doc`."""
    if frame.schema.get(text) != pl.String:
        raise InputError(f"has no column {text!r} of strings", where="the frame", remedy="text= names the column of the texts")
    packs, judged = patterns.load(config.packs), verdicts.read(config.verdicts)
    pages = _rows_as_pages(frame[text])
    page_lines = lines(pages)
    segments = segment(page_lines, pages["doc"].clear())
    progress("detecting artifacts")
    found = detect(pages, page_lines, segments, config.rules(), packs)
    found = judge(override(found, pages, segments, config.overrides), judged)
    return found.select(pl.col("doc").cast(pl.UInt32).alias("row"), pl.exclude("doc"))


def _rows_as_pages(texts: pl.Series) -> pl.DataFrame:
    """`tables.PAGES` of the texts that are not null, each named by the number of its row, so that names sort as rows do."""
    width = len(str(len(texts)))
    numbered = ((f"{row:0{width}}", text) for row, text in enumerate(texts) if text is not None)
    common = {"format": "text", "status": "ok"}
    return to_pages([{**common, "doc": name, "path": name, "text": text, "anchors": anchors(text)} for name, text in numbered])


def score_frame(frame: Frame, config: Config, progress: Progress = quiet) -> Frame:
    """The rows of a frame of pairs, in their order, with what is `added` and `findings`; raises `InputError` for its columns.

    A lazy frame is scored batch by batch when it is collected: each row stands for itself.
    """
    if not isinstance(frame, pl.DataFrame | pl.LazyFrame):
        raise InputError(
            f"is a {type(frame).__name__}, expected a polars frame", remedy="pl.DataFrame(…) makes one of rows or columns"
        )
    schema = frame.collect_schema()
    columns = _columns_of_pairs(schema, config)
    columns_added = {**added(config), "findings": FACTS}
    _check_free(schema.names(), columns_added, "the frame")
    scored = partial(_with_scores, columns=columns, config=config, progress=progress)
    if isinstance(frame, pl.LazyFrame):
        # What is filtered or chosen by the new columns cannot be done before them.
        kept = {"predicate_pushdown": False, "projection_pushdown": False}
        return frame.map_batches(scored, **kept, streamable=True, schema=pl.Schema({**schema, **columns_added}))
    return scored(frame)


def _columns_of_pairs(schema: pl.Schema, config: Config) -> tuple[str, str]:
    """The columns of originals and versions; raises `InputError` for one that is missing, or holds no text."""
    named = {"original": "name it: original=…", "version": "name it: back=…"}
    try:
        chosen = columns_of(schema.names(), config, named)
    except InputError as error:
        raise InputError(error.problem, where="the frame", remedy=error.remedy) from error
    for name in (chosen["original"], chosen["version"]):
        if schema[name] not in _TEXT:
            raise InputError(
                f"column {name!r} holds {schema[name]}, expected strings",
                where="the frame",
                remedy=f"name another, or cast it: pl.col({name!r}).cast(pl.String)",
            )
    return chosen["original"], chosen["version"]


def _with_scores(frame: pl.DataFrame, columns: tuple[str, str], config: Config, progress: Progress) -> pl.DataFrame:
    original, back = (pl.col(name).cast(pl.String) for name in columns)
    scores, found = score_pairs(frame.select(original=original, back=back, **units.stated(frame.schema)), config, progress)
    said = pl.struct("rule", "severity", "message").alias("findings")
    rows = pl.DataFrame({"row": pl.int_range(frame.height, eager=True)})
    rows = rows.join(found.group_by("row", maintain_order=True).agg(said), on="row", how="left", maintain_order="left")
    return frame.hstack(scores).with_columns(rows["findings"].fill_null([]).cast(FACTS))


def _check_free(names: Sequence[str], added: Collection[str], where: str) -> None:
    if taken := [name for name in added if name in names]:
        raise InputError(f"has columns of these names already: {', '.join(taken)}", where=where, remedy="rename or drop them")


def _check_originals(pages: pl.DataFrame, config: Config) -> None:
    if config.originals and pages.filter(pl.col("role") == "original", pl.col("status") == "ok").is_empty():
        raise InputError(
            "holds no original that could be read", where=str(config.originals), remedy="name the folder of the originals"
        )


def _selected(found: pl.DataFrame, config: Config) -> pl.DataFrame:
    """The findings of the rules that are chosen. All page rules run: what is not the text does not depend on the choice."""
    return found.filter(pl.col("rule").is_in(config.rules()))


def _detected(
    pages: pl.DataFrame, packs: Sequence[Pack], progress: Progress, batch: int = _BATCH
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Languages (doc, doc_lang, doc_lang_score), segments and findings of the pages that could be read.

    Lines, which hold all text once more, are made and let go a batch of documents at a time.
    """
    check_any(pages)
    names, spoken, segments, found = list(rules()), [], [], list[pl.DataFrame]()
    gathered: dict[str, list[pl.DataFrame]] = {}
    progress("segmenting and detecting artifacts")
    for part in pages.iter_slices(batch):
        page_lines = lines(part)
        pieces = segment(page_lines, part.filter(pl.col("cells").is_not_null())["doc"])
        spoken.append(page_lines.select("doc", "doc_lang", "doc_lang_score").unique("doc", keep="first", maintain_order=True))
        segments.append(pieces)
        found += alone(part, page_lines, pieces, names, packs)
        for name, rows in gather(part, page_lines, names).items():
            gathered.setdefault(name, []).append(rows)
    found += together({name: pl.concat(rows).sort("doc", "start", "end", maintain_order=True) for name, rows in gathered.items()})
    whole = pl.concat(segments)
    return pl.concat(spoken), whole, placed(pages, whole, found)


def _native(spoken: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    return spoken.filter(pl.col("doc_lang") == original_lang).select("doc")


def _upheld(aligned: pl.DataFrame, relations: pl.DataFrame) -> pl.DataFrame:
    """The beads of the pairings that were upheld.

    Omissions and additions are told against a document's nearest original; of what only shares quotations, the plain matches alone.
    """
    joined = aligned.join(
        relations.select("doc", "original", "derivation", "best"), on=["doc", "original"], how="inner", maintain_order="left"
    )
    whole = pl.col("n").is_not_null() & pl.col("original_n").is_not_null()
    quotes = pl.col("derivation") == "quotations"
    plain = pl.when(quotes).then(pl.col("similarity") >= ALONE).otherwise(statement=True)
    return joined.filter((pl.col("best") & ~quotes) | (whole & plain)).drop("derivation", "best")


def _orphans(
    pages: pl.DataFrame,
    spoken: pl.DataFrame,
    segments: pl.DataFrame,
    relations: pl.DataFrame,
    through: pl.DataFrame,
    config: Config,
) -> pl.DataFrame:
    """The sentences of versions that derive from nothing here: foreign, said to be versions, or with traces of a pivot."""
    foreign = spoken.filter(pl.col("doc_lang") != config.original_lang)["doc"]
    named = pages.filter(pl.col("role") == "version")["doc"]
    paired = relations.filter("best", pl.col("derivation") != "quotations")["doc"]
    originals = pages.filter(pl.col("role") == "original")["doc"]
    versions = pl.concat([foreign, named, through["doc"]]).unique()
    kept = pl.DataFrame({"doc": versions}).filter(~pl.col("doc").is_in(paired.implode()), ~pl.col("doc").is_in(originals.implode()))
    return orphans(segments, kept)


def _signatures(segments: pl.DataFrame, engines: Sequence[Engine], target: str) -> list[str]:
    """What the back-translations depend on: versions, digests of models, parameters of the engines that made them."""
    used = set(segments["engine"])
    codes = sorted({*segments["doc_lang"], *segments["lang"]})
    asked = [(engine, code) for engine in engines for code in codes if engine.describe(code, target) in used]
    return [signature for engine, code in asked if (signature := engine.signature(code, target))]


def _own(sentences: pl.DataFrame, relations: pl.DataFrame) -> pl.DataFrame:
    """The sentences of versions against the original that they derive from."""
    best = relations.filter("best", pl.col("derivation") != "quotations").select("doc", "original")
    return sentences.join(best, on=["doc", "original"], how="semi", maintain_order="left")


def _record(
    config: Config, packs: Sequence[Pack], documents: pl.DataFrame, segments: pl.DataFrame, models: Sequence[str]
) -> dict[str, Any]:
    """What the run depends on: the same record, the same tables. Files are named by their content, not by where they lie."""
    settings = {
        key: value
        for key, value in asdict(config).items()
        if key not in ("paths", "out", "sources", "originals", "packages", "jobs", "cache", "gate")
    }
    del settings["semantic_model"]  # its digest is in the scorer's signature
    settings["packs"] = [pack.digest for pack in packs]
    for name in ("memory", "verdicts"):
        path = getattr(config, name)
        settings[name] = file_digest(path) if path and path.is_file() else None
    digest = hashlib.sha256("\n".join(f"{doc} {sha}" for doc, sha in documents.select("doc", "sha256").iter_rows()).encode())
    packages = ("polars", "regex", "sacrebleu", "sentencex", "wordfreq", "langdetect", "babel", "trafilatura")
    return {
        "checker": version("checker"),
        "schema": tables.VERSION,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "settings": settings,
        "policy": config.gate.record(),  # what is held against a run is not what it is made of
        "rules": config.rules(),
        "metrics": {name: metric.signature() for name, metric in components("metrics").items()},
        "scorer": signature(config),
        "engines": sorted(segments["engine"].drop_nulls().unique()),
        "models": [*models],
        "input": digest.hexdigest(),
    }
