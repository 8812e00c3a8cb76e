"""Finds what a user's packs describe: evidence of the rule that an entry's kind belongs to, without code.

An entry's kind says what a match is, and so which rule's findings it joins: it is chosen, ignored, suppressed and counted with that
rule, and what it covers is marked as that rule marks it. Where rule and pack find the same span, the pack's words stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from time import monotonic

import polars as pl
import regex

from checker import packs, spans
from checker.packs import Entry, Pack
from checker.registry import AFTER_TRANSLATION, rules

KINDS = {
    "chrome": "ui-chrome",
    "tag": "foreign-tag",
    "byline": "byline",
    "caption": "caption",
    "calque": "calque",
    "untranslated": "untranslated-word",
    "typo": "typographic-fingerprint",
}
"""Kind to the rule whose findings its matches are; the name of any page rule is a kind, too."""

# Rules whose evidence is a whole line, as a site or a photo has it, and those whose evidence is of another language than the page.
_WHOLE, _FOREIGN = ("chrome", "byline", "caption"), ("foreign-tag", "untranslated-word")

_PLACE = {"ui-chrome": "line", "foreign-tag": "line", "byline": "line"}
"""Rule to where its entries stand that do not say it; others stand anywhere."""

# A notice is a sentence of at most so many words: longer lines that hold its words are the text's (as for the built-in packs).
_NOTICE = 60

# Searching a line for all matches takes the square of its length where each match looks far ahead; lines up to here, 0.1 s.
_LONG = 10_000

# Patterns that look around must read so many characters a second over a batch, and may take _GRACE seconds besides.
_PACE, _GRACE = 100_000, 10.0

# Of no script and never assigned: they stand around a match, and a text that holds them has them replaced first.
_OPEN, _CLOSE, _OTHER = "\ufdd0", "\ufdd1", "\ufdd2"


def kinds() -> list[str]:
    """The kinds that an entry of a user's pack may have."""
    return [*KINDS, *(name for name, rule in rules().items() if rule.reads not in AFTER_TRANSLATION and name not in KINDS)]


def load(paths: Iterable[Path]) -> list[Pack]:
    """The packs in files; raises `ConfigError` for the first mistake, examples that do not hold included."""
    found = [read(path) for path in paths]
    for entry, key, example in chain.from_iterable(map(packs.failures, found)):
        raise packs.broken(entry, key, example)
    return found


def read(path: Path) -> Pack:
    """A user's pack, its examples not tried, each entry with the place that its kind has by default."""
    pack = packs.read(path, kinds())
    entries = tuple(replace(entry, where=entry.where or _PLACE.get(rule_of(entry), "within")) for entry in pack.entries)
    for entry in entries:
        _endured(entry)
    return replace(pack, entries=entries)


def rule_of(entry: Entry) -> str:
    """Name of the rule whose findings the entry's matches are."""
    return KINDS.get(entry.kind, entry.kind)


def find(lines: pl.DataFrame, pack: Pack, entry: Entry) -> pl.DataFrame:
    """The lines that an entry matches, narrowed to the match or not, as its kind wants, with `lang`, `pivot` and `message`."""
    rule = rules()[rule_of(entry)]
    foreign, whole = rule.name in _FOREIGN, rule.marks in _WHOLE
    spoken = (pl.col("doc_lang") == entry.lang) | (pl.col("lang") == entry.lang)
    rows = lines
    if entry.lang != packs.ANY:
        rows = lines.filter(pl.col("doc_lang") != entry.lang) if foreign else lines.filter(spoken)
    if whole and entry.where != "line":
        rows = rows.filter(pl.col("text").str.count_matches(r"\S+") <= _NOTICE)
    found = pl.concat(_found(rows, part, whole=whole) for part in packs.parts(entry))
    found = found.unique(["doc", "start", "end"], keep="first", maintain_order=True)
    lang = pl.lit(entry.lang) if foreign and entry.lang != packs.ANY else pl.col("lang")
    said = f"{entry.message or pack.title} (pack {Path(pack.file).name})"
    pivot = entry.pivot or (entry.lang if foreign and entry.lang != packs.ANY else None)
    return found.with_columns(lang=lang, pivot=pl.lit(pivot, pl.String), message=pl.lit(said))


def _found(rows: pl.DataFrame, part: Entry, *, whole: bool) -> pl.DataFrame:
    """What a part of an entry matches, whole lines or not. Of many lines the words alone are sought first, all in one pass."""
    if words := (*part.literal, *part.lexicon):
        text, sought = (pl.col("text").str.to_lowercase(), map(str.lower, words)) if part.ignore_case else (pl.col("text"), words)
        rows = rows.filter(text.str.contains_any(list(sought)))
    return _holding(rows, part) if whole else _matching(rows, part)


def _holding(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    """The lines that hold a match, as they are."""
    pattern = packs.pattern(entry)
    if packs.linear(pattern):
        return rows.filter(pl.col("text").str.contains(pattern))
    found = _searched(rows, pattern, entry).select("doc", "start_of_line").unique()
    return rows.join(found, left_on=["doc", "start"], right_on=["doc", "start_of_line"], how="semi", maintain_order="left")


def _matching(rows: pl.DataFrame, entry: Entry) -> pl.DataFrame:
    """A row per match, narrowed to it; without punctuation at the line's edges, where the entry is held to one."""
    pattern = packs.parted(entry)
    if not packs.linear(pattern) or "(?P<evidence>" in "".join(entry.regex):
        return _searched(rows, packs.pattern(entry), entry).drop("start_of_line")
    kept = rows.filter(pl.col("text").str.contains(pattern))
    long = pl.col("text").str.len_chars() > _LONG
    found = [_marked(kept.filter(~long), pattern, entry), _searched(kept.filter(long), pattern, entry).drop("start_of_line")]
    return pl.concat(found).sort("doc", "start", maintain_order=True)


def _marked(kept: pl.DataFrame, pattern: str, entry: Entry) -> pl.DataFrame:
    """A row per match, found by polars alone: it puts a mark around each, and the marks' places tell the spans."""
    clean = pl.col("text").str.replace_many([_OPEN, _CLOSE], [_OTHER, _OTHER])
    if entry.where == "within":
        marked = clean.str.replace_all(pattern, f"{_OPEN}${{evidence}}{_CLOSE}")
    else:
        marked = clean.str.replace(pattern, f"${{before}}{_OPEN}${{evidence}}{_CLOSE}${{behind}}")
    found = [(row, *span) for row, text in enumerate(kept.select(marked)["text"]) for span in _between(text)]
    return _narrowed(kept, found)


def _between(text: str) -> list[tuple[int, int]]:
    """Spans of what stands between marks, counted without them."""
    before, *pieces = text.split(_OPEN)
    found, place = [], len(before)
    for piece in pieces:
        evidence, _, rest = piece.partition(_CLOSE)
        found.append((place, place + len(evidence)))
        place += len(evidence) + len(rest)
    return found


def _searched(rows: pl.DataFrame, pattern: str, entry: Entry) -> pl.DataFrame:
    """A row per match with `start_of_line`, found by `regex`, which looks around, in limited time: too slow is an error."""
    kept = rows.filter(pl.col("text").str.contains(entry.screen)) if entry.screen else rows
    if kept.is_empty():
        return kept.with_columns(start_of_line="start")
    compiled = regex.compile(pattern)
    group = "evidence" if "evidence" in compiled.groupindex else 0
    until = monotonic() + _GRACE + sum(map(len, kept["text"])) / _PACE
    found = []
    for row, text in enumerate(kept["text"]):
        try:
            patience = min(packs.PATIENCE, until - monotonic())
            found += [(row, *match.span(group)) for match in compiled.finditer(text, timeout=max(patience, 0.001))]
        except TimeoutError as error:
            raise packs.too_slow(entry) from error
    return _narrowed(kept.with_columns(start_of_line="start"), found)


def _narrowed(kept: pl.DataFrame, found: Sequence[tuple[int, int, int]]) -> pl.DataFrame:
    places = pl.DataFrame(found, schema={"row": pl.UInt32, "from": pl.Int64, "to": pl.Int64}, orient="row")
    places = places.filter(pl.col("to") > pl.col("from"))
    placed = places.join(kept.with_row_index("row"), on="row", how="left", maintain_order="left")
    return spans.narrow(placed.with_columns(span=pl.struct("from", "to"))).select(kept.columns)


def _endured(entry: Entry) -> None:
    """Raises `ConfigError` for a pattern that looks around and hangs on text that is nothing but repetition."""
    if not entry.regex or packs.linear(packs.pattern(entry)):
        return
    compiled = regex.compile(packs.pattern(entry))
    for text in ("a", "0", " ", *entry.must_match):
        try:
            compiled.search((text * _LONG)[:_LONG] + _OPEN, timeout=packs.PATIENCE)
        except TimeoutError as error:
            raise packs.too_slow(entry) from error
