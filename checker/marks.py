"""Marks of translation in a page's markup: translators of browsers and services, language tags, and the editions that it names."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import polars as pl

from checker import packs
from checker.languages import UNDETERMINED, normalise

MARKS = pl.Schema({"place": pl.Int64, "kind": pl.String, "name": pl.String, "value": pl.String, "lang": pl.String})
"""`place` in the source, `kind` and `name` as in the pack `translation_marks`, the markup as `value`, the language it names."""

# Characters of the markup that are kept for a reader.
_SHOWN = 80


def translation_marks(source: str, markup: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """`MARKS` of the spans of a source that hold tags, comments and scripts: the first of each name and language, in order.

    Polars' regex takes linear time, whatever a page holds.
    """
    pieces = pl.DataFrame(
        {"place": [begin for begin, _ in markup], "piece": [source[begin:end] for begin, end in markup]},
        schema={"place": pl.Int64, "piece": pl.String},
    )
    telling = pieces.filter(pieces["piece"].str.contains(_screen()))
    found = [_found(telling, *mark) for mark in _patterns()] if telling.height else []
    every = pl.concat([MARKS.to_frame(), *found]).sort("place", maintain_order=True)
    return every.unique(["kind", "name", "lang"], keep="first", maintain_order=True)


def default_edition(editions: Sequence[tuple[int, str, str]], lang: str | None) -> pl.DataFrame:
    """`MARKS` of a page in `lang` that names another edition, in one other language, as the one for readers of no known language.

    `editions` are place, language and address of each `<link hreflang>`; `value` is the languages of all editions.
    """
    langs: defaultdict[str, set[str]] = defaultdict(set)
    for _, code, address in editions:
        langs[address].add(code.strip().lower())
    default = next(((place, address) for place, code, address in editions if code.strip().lower() == "x-default"), None)
    if default is None or lang is None:
        return MARKS.to_frame()
    own = {normalise(code) for code in langs[default[1]] - {"x-default", ""}}
    named = sorted({normalise(code) for codes in langs.values() for code in codes - {"x-default", ""}})
    if len(own) != 1 or lang in own or lang not in named:
        return MARKS.to_frame()
    return pl.DataFrame([(default[0], "edition", "hreflang", ", ".join(named), own.pop())], schema=MARKS, orient="row")


def _entries() -> list[packs.Entry]:
    return [entry for entry in packs.builtin("translation_marks").entries if entry.lang == packs.ANY]


@cache
def _screen() -> str:
    """Words without which no pattern holds. All patterns in one would be 100 times slower than these are."""
    return f"(?i){packs.either(entry.screen or '' for entry in _entries())}"


@cache
def _patterns() -> list[tuple[str, str, str]]:
    """Kind, name and pattern of each mark that is sought in markup."""
    return [
        (entry.kind, entry.message or "", f"(?i){pattern}" if entry.ignore_case else pattern)
        for entry in _entries()
        for pattern in entry.regex
    ]


def _found(pieces: pl.DataFrame, kind: str, name: str, pattern: str) -> pl.DataFrame:
    """`MARKS` of the pieces that match a pattern, whose group, if it has one, is the code of a language."""
    hits = pieces.filter(pieces["piece"].str.contains(pattern))
    if hits.is_empty():
        return MARKS.to_frame()
    codes = hits["piece"].str.extract(pattern, 1) if "([a-z]" in pattern else pl.Series([None] * hits.height, dtype=pl.String)
    langs = [normalise(code) if code and code != UNDETERMINED else None for code in codes]
    value = hits["piece"].str.extract(f"({pattern})", 1).str.slice(0, _SHOWN)
    said = pl.Series("lang", langs, dtype=pl.String)
    return hits.select("place", pl.lit(kind).alias("kind"), pl.lit(name).alias("name"), value.alias("value"), said)


def told(pages: pl.DataFrame) -> pl.DataFrame:
    """A row per mark of the pages: doc, start, end, line, column, kind, name, value, lang (of the original), page_lang.

    A translating service that names the site's own language has translated the pages in another, and waits for visitors on those
    in it: it becomes `machine` or `widget`.
    """
    rows = pages.filter(pl.col("marks").is_not_null()).select("doc", "marks", page_lang="lang").explode("marks").unnest("marks")
    other = (pl.col("lang") != pl.col("page_lang")).fill_null(value=False)
    service = pl.when(other).then(pl.lit("machine")).otherwise(pl.lit("widget"))
    kind = pl.when(pl.col("kind") == "service").then(service).otherwise("kind")
    placed = rows.with_columns(kind=kind, start="offset", end="offset").drop("offset")
    return placed.filter((pl.col("kind") != "machine") | pl.col("lang").is_null() | other | pl.col("page_lang").is_null())
