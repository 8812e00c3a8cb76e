"""Flags of the slip rules on clean English texts, by rule: machine-translation slips, typography, letters of a foreign script.

    python bench/slips.py [--show]

Clean are the content lines of English pages of the line benchmark (news pages of fundus, pages of all kinds of
article-extraction-benchmark), FLORES originals and the reference sentences of two translation benchmarks, which no machine wrote.
Real pages have true finds among them, such as mixed quotation marks. `--show` prints every flag with what stands around it.
"""

import gzip
import json
import os
import sys
from collections import Counter
from pathlib import Path

import polars as pl

from checker import segment, tables
from checker.detect import detect
from checker.registry import rules

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
SLIPS = ("MTS", "TYP", "ART002")
SENTENCES = 20
# Pages tagged English in other languages have hardly an article; in English every twentieth word is one.
ARTICLES = 0.02


def pages() -> dict[str, list[tuple[str, str]]]:
    """Source to name and content lines of its English pages."""
    found: dict[str, list[tuple[str, str]]] = {}
    with gzip.open(SHARED / "data/chrome_lines_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            text = "\n".join(line for line, label in zip(row["lines"], row["labels"], strict=True) if label == "c")
            words = text.lower().split()
            if row["lang"] == "en" and sum(word in ("the", "a", "an") for word in words) > ARTICLES * len(words):
                found.setdefault(row["src"], []).append((row["id"], text))
    return found


def sentences(file: str, column: str) -> list[tuple[str, str]]:
    """Documents of some sentences each, in the order of the file."""
    texts = pl.read_parquet(SHARED / "data" / file, columns=[column])[column].drop_nulls().unique(maintain_order=True)
    return [(f"{file}/{at}", "\n".join(texts.slice(at, SENTENCES))) for at in range(0, texts.len(), SENTENCES)]


def flags(documents: list[tuple[str, str]]) -> tuple[pl.DataFrame, int]:
    """The findings of the slip rules and the words of the documents."""
    rows = [
        {"doc": f"{n:05}/{name}", "path": name, "format": "text", "status": "ok", "text": text}
        for n, (name, text) in enumerate(documents)
    ]
    read = tables.PAGES.conform(pl.DataFrame(rows))
    lines = segment.lines(read)
    names = [
        name
        for name, rule in rules().items()
        if rule.code.startswith(SLIPS) and rule.reads in ("lines", "segments", "gathered", "pages")
    ]
    found = detect(read, lines, segment.segment(lines, pl.Series([], dtype=pl.String)), names)
    return found.join(read.select("doc", "text"), on="doc", maintain_order="left"), sum(len(text.split()) for _, text in documents)


def main() -> None:
    sets = {
        **pages(),
        "flores": sentences("flores_dev_recorded.parquet", "original"),
        "mqm": sentences("mqm_zhen_dev.parquet", "reference"),
        "demetr": sentences("demetr_dev.parquet", "reference"),
    }
    for name, documents in sets.items():
        found, words = flags(documents)
        print(f"{name:8} {words:7} words  {1000 * found.height / words:.2f} flags in 1,000  (asked .30 on news, trial .50)")
        for (rule, severity), count in sorted(Counter(found.select("rule", "severity").iter_rows()).items()):
            print(f"         {1000 * count / words:.3f}  {count:4}  {rule} ({severity})")
        if "--show" in sys.argv:
            for rule, doc, start, end, text, message in (
                found.select("rule", "doc", "start", "end", "text", "message").sort("rule").iter_rows()
            ):
                print(
                    "   ",
                    rule,
                    doc[6:40],
                    "|",
                    repr(text[max(0, start - 40) : start]),
                    "[",
                    text[start:end],
                    "]",
                    repr(text[end : end + 40]),
                    "|",
                    message,
                )


if __name__ == "__main__":
    main()
