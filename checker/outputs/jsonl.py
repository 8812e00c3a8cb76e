"""JSON lines: every finding with its columns, `place`, `path`, `format` and `doc_lang` of its document, `known` and `breaks`."""

from typing import TextIO

from checker.outcome import Outcome, batches


def write(outcome: Outcome, file: TextIO) -> None:
    """A finding a line, those that do not count, too: `suppressed` says why, `known` that it stands in the baseline.

    `breaks` names the thresholds that it helps to break.
    """
    file.writelines(rows.write_ndjson() for rows in batches(outcome, counting=False))
