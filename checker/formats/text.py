"""Plain text: every line stands as it is; a line ends with `\\n`, `\\r\\n` or `\\r`."""

from typing import Any

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
    return (
        pl.DataFrame({"offset": line_starts(text)})
        .select("offset", line=pl.int_range(1, pl.len() + 1), column=pl.lit(1, pl.Int64))
        .to_struct()
    )
