"""What `checker translate` translates: the lines of files or of stdin, or the segments of pages in another language."""

import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from checker import languages
from checker.encoding import decode
from checker.errors import ConfigError, InputError, NothingToCheck
from checker.translate import needs_translation

# Lines, the longest, that the language of a file is told from.
_SAMPLE = 50


def lines(paths: Sequence[Path], source: str | None, target: str) -> pl.DataFrame:
    """source and text of every line of the files, or of stdin if there are none; source is null for a line without words.

    Raises `ConfigError` where the language is not given and cannot be told, or is the one to translate into.
    """
    text = "".join(map(_text, paths)) if paths else _decoded(sys.stdin.buffer.read(), "stdin")
    rows = pl.DataFrame({"text": text.replace("\r\n", "\n").removesuffix("\n").split("\n")})
    if not text.strip():
        raise NothingToCheck("has no text", where=", ".join(map(str, paths)) or "stdin")
    lang = source or _language(rows["text"])
    if lang == target:
        raise ConfigError(f"the lines are in {languages.name(lang)} already", remedy="--from and --to name the languages")
    return rows.select(source=pl.when(needs_translation(pl.col("text"))).then(pl.lit(lang)), text="text")


def _text(path: Path) -> str:
    try:
        text = _decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return text if text.endswith("\n") else text + "\n"


def _decoded(content: bytes, where: str) -> str:
    try:
        return decode(content)[0]
    except InputError as error:
        raise InputError(error.problem, where=where, remedy=error.remedy) from error


def _language(texts: pl.Series) -> str:
    """The language that most of the longest lines are in."""
    length = pl.col("text").str.len_chars()
    longest = texts.to_frame("text").unique().sort(length, "text", descending=[True, False]).head(_SAMPLE)["text"]
    told = languages.identified(longest, languages.scripts(longest)).filter(pl.col("lang") != languages.UNDETERMINED)
    counts = told.group_by("lang").len().sort("len", "lang", descending=[True, False])
    if counts.is_empty():
        raise ConfigError("the language of the lines cannot be told", remedy="name it: --from fr")
    found: str = counts["lang"][0]
    return found
