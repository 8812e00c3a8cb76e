"""Parquet: the tables as they are, for polars, pandas, DuckDB; the schema's version is in the file's metadata."""

from pathlib import Path

import polars as pl

from checker import tables

SUFFIX = ".parquet"


def write(frame: pl.DataFrame, path: Path) -> None:
    """The frame as a Parquet file; equal frames give equal bytes."""
    frame.write_parquet(path, compression="zstd", statistics=True, metadata={"checker.schema": str(tables.VERSION)})
