"""CSV: UTF-8, `\\n`, for spreadsheets; a cell that a spreadsheet would run as a formula begins with an apostrophe."""

from pathlib import Path

import polars as pl

SUFFIX = ".csv"

# What Excel, LibreOffice and Google Sheets take for a formula (OWASP, CSV injection): the page that is audited may want that.
_FORMULA = r"^[=+\-@＝＋－＠\t\r\n]"

# Rows that are guarded and made text at a time: no second copy of the table is held.
_ROWS = 10_000


def write(frame: pl.DataFrame, path: Path) -> None:
    """The frame as a CSV file; only the guard before formulas differs from the Parquet table."""
    with path.open("wb") as file:
        file.write(frame.clear().write_csv().encode())
        for part in frame.iter_slices(_ROWS):
            file.write(guarded(part).write_csv(include_header=False).encode())


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before what a spreadsheet would take for a formula."""
    return frame.with_columns(guard())


def guard() -> pl.Expr:
    """All columns of text, with that apostrophe."""
    text = pl.col(pl.String)
    return pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep()
