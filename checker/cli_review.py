"""The command `review`."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checker.flags import Verdicts
from checker.terminal import err, many, out, plain

if TYPE_CHECKING:
    import polars as pl


def review(
    run: Annotated[Path, typer.Argument(metavar="REPORT", help="Folder of a run.", show_default=False)],
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write. [default: review.html in the folder]")] = None,
    verdicts: Verdicts = None,
    *,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write a run as one HTML page to review in a browser: summary, sentences, findings, pages; it needs no network.

    Keys: j and k go through the rows, 1, 2, 3 judge a finding true, false, or not to be fixed. The verdicts are exported from the
    page, and the next audit reads them (`--verdicts`): what was judged false no longer counts, and each rule has its precision.
    """
    from dataclasses import replace

    from checker import report
    from checker import verdicts as judged
    from checker.review import page

    path = out_file or run / "review.html"
    report.check_writable(path)
    found = report.read(run)
    tell_unmatched(found.findings, verdicts)
    found = replace(found, findings=judged.judge(found.findings, judged.read(verdicts)))
    report.write_text(page(found), path)
    out.print(plain(str(path)))
    if open_it:
        webbrowser.open(path.absolute().as_uri())


def tell_unmatched(findings: "pl.DataFrame", path: Path | None) -> None:
    """Says on stderr how many verdicts of a file name none of the findings, with one of them."""
    from checker import verdicts

    judged = verdicts.read(path)
    if len(lost := verdicts.unmatched(findings, judged)):
        said = f"{len(lost):,} of {many(judged.height, 'verdict')} without a finding in this run, such as {lost[0]!r}"
        err.print(plain(f"{path}: {said}: mended since, mistyped, or the beginning of several"), markup=False)
