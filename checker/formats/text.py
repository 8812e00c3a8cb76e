"""Plain text: every line stands as it is; a line ends with `\\n`, `\\r\\n` or `\\r`."""

from typing import Any

import numpy as np
import polars as pl

from checker.config import Config
from checker.encoding import decode, line_starts

SUFFIXES = (".txt", ".text")


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - every format is asked alike
    """One row, whose text is the decoded bytes."""
    text, encoding = decode(content)
    return [{"encoding": encoding, "text": text, "anchors": anchors(text)}]


def anchors(text: str) -> pl.Series:
    """One breakpoint at the start of each line."""
    starts = line_starts(text)
    return pl.DataFrame({"offset": starts, "line": np.arange(1, len(starts) + 1), "column": np.ones_like(starts)}).to_struct()
