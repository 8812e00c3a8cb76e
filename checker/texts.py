"""What `checker translate` translates: the lines of files or of stdin."""

import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from checker import languages
from checker.encoding import decode
from checker.errors import ConfigError, InputError, NothingToCheck
from checker.translate import needs_translation

# Posterior from which a line's own language is believed, and the letters that it must have: words of few letters are told wrongly
# one time in ten, sentences one time in five hundred (`bench/languages.py`).
_SURE, _LETTERS = 0.98, 20


def lines(paths: Sequence[Path], source: str | None, target: str) -> pl.DataFrame:
    """place (`line 3`, of several files `file:3`), source and text of every line of the files, or of stdin if there are none.

    `source` is the language given, else that of the line or, where a line alone does not tell it, of its file; it is null for a
    line that needs no translation: without words, or in the language to translate into. Raises `ConfigError` if all are such.
    """
    texts = {str(path): read_text(path) for path in paths} or {"stdin": _decoded(sys.stdin.buffer.read(), "stdin")}
    if not any(text.strip() for text in texts.values()):
        raise NothingToCheck("has no text", where=", ".join(texts))
    rows = pl.concat(_rows(name, text) for name, text in texts.items())
    told = _told(rows) if not source else rows.select("doc", "line", lang=pl.lit(source))
    rows = rows.join(told, on=["doc", "line"], how="left", maintain_order="left")
    foreign = pl.col("lang").is_not_null() & ~pl.col("lang").is_in([target, languages.UNDETERMINED])
    rows = rows.with_columns(source=pl.when(foreign & needs_translation(pl.col("text"))).then("lang"))
    if rows["source"].null_count() == rows.height:
        known = [languages.name(code) for code in rows["lang"].drop_nulls().unique().sort() if code != languages.UNDETERMINED]
        problem = f"the lines are in {known[0]} already" if known else "the language of the lines cannot be told"
        raise ConfigError(problem, remedy="--from and --to name the languages")
    place = pl.format("{}:{}" if len(texts) > 1 else "line {}", *(["doc"] if len(texts) > 1 else []), pl.col("line") + 1)
    return rows.select(place.alias("place"), "source", "text")


def _rows(name: str, text: str) -> pl.DataFrame:
    """doc, line (from 0) and text of each line; a line ends with LF or CRLF."""
    texts = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return pl.DataFrame({"doc": name, "line": pl.int_range(len(texts), eager=True), "text": texts})


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """doc, line and lang of each line: its own where it is told for sure, else that of most letters of its file that are."""
    scripts = languages.scripts(rows["text"])
    said = languages.identified(rows["text"], scripts)
    told = rows.select("doc", "line", letters=pl.col("text").str.count_matches(r"\p{L}")).with_columns(said, script=scripts)
    sure = (pl.col("score") >= _SURE) & ((pl.col("letters") >= _LETTERS) | (pl.col("score") == 1))
    told = told.with_columns(sure=sure & (pl.col("lang") != languages.UNDETERMINED))
    mass = told.filter(pl.col("lang") != languages.UNDETERMINED).group_by("doc", "sure", "lang").agg(pl.col("letters").sum())
    most = mass.sort("doc", "sure", "letters", "lang", descending=[False, True, True, False])
    own = most.unique("doc", keep="first", maintain_order=True).select("doc", doc_lang="lang")
    joined = told.join(own, on="doc", how="left", maintain_order="left")
    return joined.select("doc", "line", lang=pl.when("sure").then("lang").otherwise("doc_lang"))


def read_text(path: Path) -> str:
    """A file's text; raises `InputError` where it cannot be read or decoded."""
    try:
        return _decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _decoded(content: bytes, where: str) -> str:
    try:
        return decode(content)[0]
    except InputError as error:
        raise InputError(error.problem, where=where, remedy=error.remedy) from error
