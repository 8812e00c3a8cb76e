"""Which lines of pages are the site's: the rule `ui-chrome`, and all rules that mark what is not the text, on labelled pages.

    python bench/chrome.py [PAGES.jsonl.gz]

Counted are lines from ten before the article's first to ten behind its last; titles, and lines that are partly the article's, do
not count. The model was learnt from the pages that are read by default: on them the figures say what is shipped;
`bench/train_chrome.py` prints what it reaches on sites that it was not learnt from.
"""

import gzip
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checker import segment, tables
from checker.detect import detect
from checker.registry import rules
from checker.rules import ui_chrome

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
ANCHORS = "anchors: trafilatura with the HTML F1 .947, gradient boosting on text .907, jusText .846; asked .93 from the text alone"
ASKED = "asked of the rule: precision .95 at recall .85, at most 1 % of the text's characters lost"


def figures(chrome: NDArray[np.bool_], flags: NDArray[np.bool_], chars: NDArray[np.int64]) -> str:
    """Precision, recall and F1 of chrome lines, and the share of the text's characters that are flagged."""
    hits = (chrome & flags).sum()
    precision, recall, f1 = hits / max(flags.sum(), 1), hits / max(chrome.sum(), 1), 2 * hits / max(flags.sum() + chrome.sum(), 1)
    lost = chars[~chrome & flags].sum() / max(chars[~chrome].sum(), 1)
    return f"P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  characters of the text lost {lost:.2%}"


def read(path: Path) -> tuple[list[dict], pl.DataFrame, pl.DataFrame]:
    """The pages as they are, `tables.PAGES` of them, and for each of their lines doc, line, label, near (the article) and lang."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found = [json.loads(row) for row in file]
    texts = [
        {"doc": f"{n:05}", "path": f"{n:05}", "format": "text", "status": "ok", "text": "\n".join(page["lines"])}
        for n, page in enumerate(found)
    ]
    rows = [
        (f"{n:05}", line, label, page["window"][0] <= line <= page["window"][1], page["lang"])
        for n, page in enumerate(found)
        for line, label in enumerate(page["labels"])
    ]
    schema = ["doc", "line", "label", "near", "lang"]
    return found, tables.PAGES.conform(pl.DataFrame(texts)), pl.DataFrame(rows, schema=schema, orient="row")


def flagged(lines: pl.DataFrame, found: pl.DataFrame) -> NDArray[np.bool_]:
    """The lines of which findings cover half or more."""
    joined = lines.select("doc", "line", from_="start", to="end").join(found.select("doc", "start", "end"), on="doc")
    shared = pl.min_horizontal("end", "to") - pl.max_horizontal("start", "from_")
    covered = joined.filter(shared * 2 >= pl.col("to") - pl.col("from_")).select("doc", "line", hit=True).unique()
    return lines.join(covered, on=["doc", "line"], how="left", maintain_order="left")["hit"].fill_null(value=False).to_numpy()


def main() -> None:
    _, pages, about = read(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "data/chrome_lines_dev.jsonl.gz")
    lines = segment.lines(pages)
    about = lines.select("doc", "line").join(about, on=["doc", "line"], how="left", maintain_order="left")
    chrome, chars = (about["label"] == "b").to_numpy(), lines["text"].str.len_chars().cast(pl.Int64).to_numpy()
    segments = segment.segment(lines, pl.Series([], dtype=pl.String))
    marking = [name for name, rule in rules().items() if rule.marks]
    found: Mapping[str, pl.DataFrame] = {name: detect(pages, lines, segments, [name]) for name in marking}
    flags = {
        "probability .5": ui_chrome.probabilities(lines) >= 0.5,
        "ui-chrome": flagged(lines, found["ui-chrome"]),
        "all marks": flagged(lines, pl.concat(found.values())),
    }
    counts = about["label"].is_in(["b", "c"]).to_numpy()
    near, lang = about["near"].to_numpy() & counts, about["lang"].to_numpy()
    groups = {"all": near, "en": near & (lang == "en"), "de": near & (lang == "de"), "other": near & ~np.isin(lang, ["en", "de"])}
    for name, rows in (groups | {"every line": counts}).items():
        for what, hits in flags.items():
            print(f"{name:10}  {what:14}  {figures(chrome[rows], hits[rows], chars[rows])}")
    titles = about["near"].to_numpy() & (about["label"] == "t").to_numpy()
    print(f"titles flagged: {(flags['ui-chrome'] & titles).sum()} of {titles.sum()}")
    print(ANCHORS, ASKED, sep="\n")


if __name__ == "__main__":
    main()
