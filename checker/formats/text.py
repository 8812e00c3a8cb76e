"""Plain text: every line stands as it is; a line ends with `\\n`, `\\r\\n` or `\\r`.

Two files of parallel text, as WMT and Moses have them (`news.de` beside `news.en`), are pairs, line by line.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from checker.config import Config
from checker.encoding import decode, line_starts
from checker.errors import InputError
from checker.formats import table

SUFFIXES = (".txt", ".text")


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - every format is asked alike
    """One row, whose text is the decoded bytes."""
    text, encoding = decode(content)
    return [{"encoding": encoding, "text": text, "anchors": anchors(text)}]


def read_pair(content: bytes, original: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - as above
    """Two rows of two files that have a line for each line."""
    ours, theirs = (_lines(decode(side)[0]) for side in (original, content))
    if len(ours) != len(theirs):
        problem = f"has {len(theirs):,} lines, and its original {len(ours):,}"
        raise InputError(problem, remedy="files of parallel text have a line for each line")
    pairs = pl.DataFrame({"row": np.arange(1, len(ours) + 1), "original": ours, "version": theirs})
    return table.pages(pairs, decode(content)[1])


def _lines(text: str) -> list[str]:
    starts = [*line_starts(text).tolist(), len(text)]
    lines = [text[start:end].rstrip("\r\n") for start, end in pairwise(starts)]
    return lines if lines[-1] else lines[:-1]  # no line begins behind the last line end


def anchors(text: str) -> pl.Series:
    """One breakpoint at the start of each line."""
    starts = line_starts(text)
    return pl.DataFrame({"offset": starts, "line": np.arange(1, len(starts) + 1), "column": np.ones_like(starts)}).to_struct()
