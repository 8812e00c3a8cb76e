"""Makes a bitext of two files: their sentences, or their passages, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from checker import languages, patterns
from checker.align import align
from checker.config import Config
from checker.detect import detect, mark
from checker.encoding import line_starts
from checker.engines import Engine
from checker.errors import EngineError, InputError
from checker.pair import RENDERS
from checker.progress import Progress, quiet
from checker.read import read, to_pages
from checker.registry import rules
from checker.segment import lines, segment
from checker.tables import BITEXT, CELLS, PAIRINGS
from checker.texts import read_text
from checker.translate import load_engines, source_of, translate


def documents(config: Config, progress: Progress = quiet) -> pl.DataFrame:
    """The bitext of the pages `config.paths` and `config.originals`, in sentences; what is not the text takes no part.

    n counts segments from 0. Raises `InputError` for what is no page, `EngineError` where nothing of one side can be read in the
    language of the other.
    """
    progress("reading")
    pages = _two(config)
    page_lines = lines(pages)
    segments = segment(page_lines, pages["doc"].clear())
    found = detect(pages, page_lines, segments, list(rules()), patterns.load(config.packs))
    return _paired(pages, _translated(mark(segments, found), config, progress), progress)


def sentence_lists(
    config: Config,
    translations: Sequence[Path] = (),
    original_translations: Sequence[Path] = (),
    source: str | None = None,
    progress: Progress = quiet,
) -> pl.DataFrame:
    """The bitext of two files that have a sentence in each line: n counts lines from 0, blank lines set paragraphs apart.

    `source` is the version's language, told from the whole file if not given. `translations` are files of as many lines as the
    version's, its translations into the original's language by one engine or several; `original_translations` of the original,
    into the version's. What any of them says can match; an engine is asked only without them. Raises as `documents` does, and
    `InputError` for a translation of another length.
    """
    progress("reading")
    pages = _two(config)
    cells = pl.Series([_line_spans(text) for text in pages["text"]], dtype=CELLS)
    pages = pages.with_columns(cells=cells)
    backs, original_backs = (
        [_translation(path, len(page["cells"]), page["path"]) for path in files]
        for files, page in zip((translations, original_translations), pages.iter_rows(named=True), strict=True)
    )
    return _of_lists(pages, config, backs, original_backs, source, progress)


def series(
    version: pl.Series,
    original: pl.Series,
    config: Config,
    translations: Sequence[pl.Series] = (),
    source: str | None = None,
    progress: Progress = quiet,
) -> pl.DataFrame:
    """The same of two series of sentences, of which the rows count from 0; those that are empty or null set paragraphs apart."""
    pages = to_pages([_as_page("version", version), _as_page("original", original)]).sort(pl.col("role") == "original")
    for one in translations:
        if len(one) != len(version):
            problem = f"has {len(one):,} rows, and the version has {len(version):,}"
            raise InputError(problem, where="the translation", remedy="a translation has a row for each row")
    backs = [one.rename(one.name or "translation").fill_null("").str.strip_chars() for one in translations]
    return _of_lists(pages, config, backs, [], source, progress)


def _as_page(role: str, texts: pl.Series) -> dict[str, Any]:
    """A row of `tables.PAGES` whose cells are the texts."""
    if texts.dtype != pl.String:
        raise InputError(f"is a series of {texts.dtype}, expected strings", where=f"the {role}")
    texts = texts.fill_null("")
    end = (texts.str.len_chars().cast(pl.Int64) + 1).cum_sum() - 1
    cells = pl.DataFrame({"start": end - texts.str.len_chars().cast(pl.Int64), "end": end}).to_struct()
    return {"doc": role, "path": role, "format": "series", "status": "ok", "role": role, "text": "\n".join(texts), "cells": cells}


def _of_lists(
    pages: pl.DataFrame,
    config: Config,
    backs: Sequence[pl.Series],
    original_backs: Sequence[pl.Series],
    source: str | None,
    progress: Progress,
) -> pl.DataFrame:
    """The bitext of the two pages whose cells are sentences, the version first."""
    segments = segment(lines(pages), pages["doc"])
    if source is not None:
        segments = segments.with_columns(
            doc_lang=pl.when(pl.col("doc") == pages["doc"][0]).then(pl.lit(source)).otherwise("doc_lang")
        )
    paragraph = (pl.col("n") - pl.int_range(pl.len())).over("doc")
    # A list is in one language: a line alone may seem to be in another.
    segments = segments.with_columns(line=paragraph, lang=pl.col("doc_lang"))
    if backs or original_backs:
        roles = pages.select("doc", "role")
        told = _with_translations(segments.join(roles, on="doc", maintain_order="left"), backs, original_backs)
        return _paired(pages, told, progress)
    return _paired(pages, _translated(segments, config, progress), progress)


def by_passage(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of a bitext as passages, paragraphs beside paragraphs; paragraphs without a partner stay as they are.

    `alignment` is then `passage`, `similarity` the mean of the pairs', weighted by their length.
    """
    inside = pairs.filter(pl.col("passage").is_not_null())
    weight = pl.col("text").str.len_chars() * pl.col("similarity").is_not_null()
    joined = inside.group_by("passage", maintain_order=True).agg(
        pl.col("n", "original_n", "start", "original_start").min(),
        pl.col("n_last", "original_n_last", "end", "original_end").max(),
        pl.col("crossing", "lang", "original_lang").first(),
        pl.col("engine").drop_nulls().first(),
        pl.col("text", "original_text", "back").drop_nulls().str.join(" "),
        similarity=((pl.col("similarity") * weight).sum() / weight.sum()).round(4),
        alignment=pl.lit("passage"),
        reason=pl.lit(None, pl.String),
    )
    joined = joined.with_columns(back=pl.when(pl.col("back") != "").then("back"))
    alone = pairs.filter(pl.col("passage").is_null())
    return _in_order(pl.concat([joined.select(*BITEXT.columns), alone.select(*BITEXT.columns)]))


def shares(pairs: pl.DataFrame) -> tuple[float, float]:
    """How much of the version's text and of the original's is in pairs that render each other (`pair.RENDERS`), 0 to 1."""
    renders = (pl.col("similarity") >= RENDERS).fill_null(value=False)
    length, original_length = pl.col("text").str.len_chars(), pl.col("original_text").str.len_chars()
    parts = pairs.select(
        a=length.filter(renders).sum() / length.sum(), b=original_length.filter(renders).sum() / original_length.sum()
    )
    return parts["a"].fill_nan(0.0)[0], parts["b"].fill_nan(0.0)[0]


def _two(config: Config) -> pl.DataFrame:
    """The two pages, the version first."""
    pages = read(config)
    if pages.height < 2:
        raise InputError("the two files are one", where=str(config.originals), remedy="name a version and its original")
    if pages.height > 2 or pages["cells"].is_not_null().any():
        tables = pages.filter(pl.col("cells").is_not_null())["path"].to_list()
        raise InputError(
            "is no single page",
            where=tables[0] if tables else str(config.paths[0]),
            remedy="`checker audit` takes folders, and tables of pairs",
        )
    return pages.sort(pl.col("role") == "original")


def _line_spans(text: str) -> list[dict[str, int]]:
    starts = [*line_starts(text).tolist(), len(text)]
    spans = [{"start": start, "end": end} for start, end in pairwise(starts)]
    return spans if text and starts[-2] < len(text) else spans[:-1]  # no line begins behind the last line end


def _translation(path: Path, count: int, version: str) -> pl.Series:
    text = read_text(path)
    found = [text[span["start"] : span["end"]].strip() for span in _line_spans(text)]
    if len(found) != count:
        problem = f"has {len(found):,} lines, and {version} has {count:,}"
        raise InputError(problem, where=str(path), remedy="a translation has a line for each line")
    return pl.Series(path.name, found)


def _translated(segments: pl.DataFrame, config: Config, progress: Progress) -> pl.DataFrame:
    """The segments with what the engines make of them; two documents in one language need none."""
    spoken = segments.select("doc", "doc_lang").unique().sort("doc")["doc_lang"]
    target = spoken[0] if len(spoken) == 2 and spoken[0] == spoken[1] else config.original_lang
    engines = load_engines(replace(config, original_lang=target))
    _check_served(segments, engines, target)
    progress("translating")
    segments = translate(segments, engines, target, progress)
    _check_read(segments, target)
    return segments


def _paired(pages: pl.DataFrame, segments: pl.DataFrame, progress: Progress) -> pl.DataFrame:
    """`tables.BITEXT` of the two pages."""
    progress("aligning")
    version, original = pages["doc"]
    lang = segments.filter(pl.col("doc") == original)["doc_lang"].first()
    pairings = PAIRINGS.conform(pl.DataFrame({"doc": [version], "original": [original], "given": [False]}))
    pairs = align(pages, segments, pairings)
    return _in_order(pairs.with_columns(original_lang=pl.lit(lang, pl.String)).select(*BITEXT.columns))


def _with_translations(segments: pl.DataFrame, backs: Sequence[pl.Series], original_backs: Sequence[pl.Series]) -> pl.DataFrame:
    """The segments with what the files say of their lines: the first of the version's as `back`, the rest as `others`.

    Where the original is translated, too, the version's own words can match, and `back` may be missing.
    """
    version = pl.col("role") == "version"
    said = [frame for side, files in (("version", backs), ("original", original_backs)) for frame in _said(files, side)]
    rows = segments.drop("back", "engine", "back_reason").with_columns(others=pl.lit([], pl.List(pl.String)))
    for frame in said:
        rows = rows.join(frame, on=["role", "n"], how="left", maintain_order="left")
        rows = rows.with_columns(others=pl.col("others").list.concat(pl.concat_list("said").list.drop_nulls())).drop("said")
    if original_backs:
        own = pl.when(version & (len(backs) > 0)).then(pl.concat_list("text")).otherwise(pl.lit([], pl.List(pl.String)))
        rows = rows.with_columns(others=pl.col("others").list.concat(own))
    if not backs:
        return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in ("back", "engine", "back_reason"))
    told = version & (pl.col("others").list.len() > 0)
    return rows.with_columns(
        back=pl.when(told).then(pl.col("others").list.first()),
        others=pl.when(version).then(pl.col("others").list.slice(1)).otherwise("others"),
        engine=pl.when(told).then(pl.lit(", ".join(file.name for file in backs))),
        back_reason=pl.when(version & ~told).then(pl.lit("nothing stands here in the translation")),
    )


def _said(files: Sequence[pl.Series], side: str) -> list[pl.DataFrame]:
    """role, n and said of each line of each file; said is null where a line is blank."""
    lines = [pl.DataFrame({"role": side, "n": pl.int_range(len(file), eager=True), "said": file}) for file in files]
    return [frame.with_columns(pl.when(pl.col("said") != "").then("said")) for frame in lines]


def _check_served(segments: pl.DataFrame, engines: Sequence[Engine], target: str) -> None:
    """Raises `EngineError` where no engine serves the language of most of a document, before any work."""
    asked = segments.with_columns(source=source_of(target))
    mass = asked.group_by("doc", "source", maintain_order=True).agg(pl.col("text").str.len_chars().sum())
    for doc, source, _ in mass.filter(pl.col("text") * 2 > pl.col("text").sum().over("doc")).drop_nulls("source").iter_rows():
        if not any(engine.describe(source, target) for engine in engines):
            problem = f"most of it is in {languages.name(source)}, and there is no engine {source}→{target}"
            raise EngineError(problem, where=doc, remedy=_HELP)


_HELP = "--engine names an engine, --memory a translation memory; with --lines, --translation a translation"


def _check_read(segments: pl.DataFrame, target: str) -> None:
    """Raises `EngineError` where no segment of a document could be translated."""
    for doc, rows in segments.group_by("doc", maintain_order=True):
        reasons = rows["back_reason"].drop_nulls()
        if rows.height and len(reasons) == rows.height:
            raise EngineError(
                f"nothing of it could be translated into {target}: {reasons[0]}",
                where=str(doc[0]),
                remedy=_HELP,
            )


def _in_order(pairs: pl.DataFrame) -> pl.DataFrame:
    """As a reader of both goes: in the version's order, each omission behind what renders the sentences before it."""
    chain = pairs.filter(pl.col("n").is_not_null(), pl.col("original_n").is_not_null(), ~pl.col("crossing"))
    chain = chain.select(at="original_n", behind="n").sort("at")
    rows = pairs.with_row_index("row").sort("original_n", nulls_last=True)
    placed = rows.filter(pl.col("original_n").is_not_null()).join_asof(chain, left_on="original_n", right_on="at")
    rows = rows.join(placed.select("row", "behind"), on="row", how="left")
    place = pl.coalesce("n", "behind").fill_null(-1)
    return rows.sort(place, pl.col("n").is_null(), "original_n", nulls_last=True).select(pairs.columns)
