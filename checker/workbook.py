"""Tables as a workbook (XLSX), a sheet for each, for those who read them in Excel or LibreOffice."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter import Workbook

# What a sheet and a cell may hold (Excel specifications and limits); characters are UTF-16 units there.
MOST_ROWS = 1_048_576
_LONGEST = 32_767
_CUT = " … [cut: a cell of a workbook holds no more; the whole is in the Parquet table]"

# Rows that are turned into Python's own at a time.
_BATCH = 10_000

# A text stays what it is: nothing becomes a formula, a link or a number.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def write(tables: Mapping[str, pl.LazyFrame], path: Path, most_rows: int = MOST_ROWS) -> None:
    """The tables, by name, as sheets of a workbook; one of more rows than a sheet holds goes on in `NAME 2`, `NAME 3` …

    A text longer than a cell is cut, and says so. Equal tables give equal bytes.
    """
    with Workbook(str(path), _OPTIONS) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # no clock: the same tables, the same bytes
        for name, frame in tables.items():
            _sheets(book, name, frame.collect(), most_rows - 1)


def _sheets(book: Workbook, name: str, frame: pl.DataFrame, most: int) -> None:
    for number, start in enumerate(range(0, max(frame.height, 1), most), start=1):
        _sheet(book, name if number == 1 else f"{name} {number}", frame.slice(start, most))


def _sheet(book: Workbook, name: str, frame: pl.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, frame.height, max(frame.width - 1, 0))
    head = book.add_format({"bold": True})
    for column, title in enumerate(frame.columns):
        sheet.write_string(0, column, title, head)
    rows = (values for batch in frame.iter_slices(_BATCH) for values in batch.iter_rows())
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values):
            _write(sheet, row, column, value)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, _fitting(value))
    elif value is not None:
        sheet.write(row, column, value)


def _fitting(text: str) -> str:
    if len(text) * 2 <= _LONGEST:  # no character takes more than two units
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * _LONGEST:
        return text
    return units[: 2 * (_LONGEST - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
