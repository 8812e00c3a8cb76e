"""The command `export`: a run's tables for spreadsheets, as a workbook or as CSV."""

from pathlib import Path
from typing import Annotated

import typer

from checker.errors import ConfigError
from checker.terminal import err, many

_SUFFIXES = (".xlsx", ".csv")


def export(
    report_folder: Annotated[Path, typer.Argument(metavar="REPORT", help="Folder of a run.", show_default=False)],
    out_file: Annotated[Path, typer.Option("--out", help="File to write: .xlsx, or .csv for one table.", show_default=False)],
    table: Annotated[
        list[str] | None,
        typer.Option(help="Table to write: documents, sentences, findings, terms, segments. Repeatable. [default: all]"),
    ] = None,
    *,
    csv_bom: Annotated[
        bool, typer.Option("--csv-bom", help="Begin CSV with a byte order mark, by which Excel knows that it is UTF-8.")
    ] = False,
) -> None:
    """Write a run's tables for spreadsheets: a workbook with a sheet for each, or one as CSV.

    What a spreadsheet would take for a formula is a text in either.
    """
    from checker import report, tables

    known = [each.name for each in tables.WRITTEN]
    chosen = table or known
    if unknown := [name for name in chosen if name not in known]:
        raise ConfigError(f"--table is {unknown[0]!r}, expected one of {', '.join(known)}")
    suffix = out_file.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ConfigError(f"--out is of no known suffix: {out_file.name}", remedy=f"these are written: {' '.join(_SUFFIXES)}")
    if suffix == ".csv" and len(chosen) != 1:
        raise ConfigError("a CSV file holds one table", remedy="name it with --table, or write .xlsx")
    if csv_bom and suffix != ".csv":
        raise ConfigError("--csv-bom is for .csv", remedy="leave it out")
    report.check_writable(out_file)
    found = report.scan(report_folder)
    frames = {name: getattr(found, name) for name in chosen}
    if suffix == ".csv":
        report.write_spreadsheet(frames[chosen[0]].collect(), out_file, bom=csv_bom)
    else:
        report.write_workbook(frames, out_file)
    err.print(f"{many(len(chosen), 'table')}: {out_file}", markup=False)
