"""Learns the table of the rule `translationese`: how often phrases stand in English as written and in English from round trips.

    python bench/train_pivot.py            learns from one half of the sites, and says how many phrases it found
    python bench/train_pivot.py --write    learns from all sites, and writes the table that is shipped

The English is the running text of news and blog pages (chrome_lines_dev), round trips are Apertium's (Debian: apertium,
apertium-eng-spa, apertium-eng-cat, apertium-fra-cat). The table holds phrases of one to three words and their frequencies alone.
"""

import gzip
import hashlib
import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from checker.rules import translationese

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))

ROUTES = {
    "es": ("eng-spa", "spa-eng"),
    "ca": ("eng-cat", "cat-eng"),
    "fr": ("eng-cat", "cat-fra", "fra-cat", "cat-eng"),
}
"""Pivot to the modes of Apertium that lead there and back. There is no free pair of English and French: Catalan is between."""

# A phrase is learnt if it stands in the round trips of so many pages, at least so many times as often as in English as written,
# and there at most once in so many words: common phrases cost time in every page and say little.
PAGES, RATIO, RARE = 5, 1.7, 60
# Phrases per pivot, of those that tell most: 150 name the pivot of .93 of documents, 400 of .98, 1,000 of .98.
PHRASES = 800
# A phrase and a part of it that stand so nearly as often are one.
SAME = 0.7

_APART = "\n\n00112233445566\n\n"
_GRAM = 3


def half(name: str) -> str:
    return "tune" if int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 else "report"


def english() -> pl.DataFrame:
    """doc, half, text: the content lines of the English pages, of 100 words or more."""
    with gzip.open(SHARED / "data/chrome_lines_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        pages = [page for page in map(json.loads, file) if page["lang"] == "en"]
    rows = [(page["id"], half(page["site"]), "\n\n".join(_content(page))) for page in pages]
    frame = pl.DataFrame(rows, schema=["doc", "half", "text"], orient="row").sort("doc")
    return frame.filter(pl.col("text").str.count_matches(r"\S+") >= 100)


def _content(page: dict[str, list[str]]) -> list[str]:
    return [line for line, label in zip(page["lines"], page["labels"], strict=True) if label == "c"]


def round_trips(texts: Sequence[str], route: Sequence[str], *, marks: bool = False) -> list[str]:
    """The texts through the modes of `route`, one after the other; with `marks`, unknown words keep Apertium's asterisk."""
    found = []
    # A text per call starts four processes a text, all in one call lose a separator at times: a few at a time, checked.
    for at in range(0, len(texts), 10):
        batch = list(texts[at : at + 10])
        back = _through(_APART.join(batch), route, marks=marks).split(_APART.strip())
        found += back if len(back) == len(batch) else [_through(text, route, marks=marks) for text in batch]
    return [text.strip() for text in found]


def _through(text: str, route: Sequence[str], *, marks: bool) -> str:
    for mode in route:
        call = ["apertium", *([] if marks else ["-u"]), mode]
        text = subprocess.run(call, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return text


def learn(texts: dict[str, Sequence[str]]) -> pl.DataFrame:
    """The table: `phrase`, and for `en` and every pivot its occurrences in 100,000 words of `texts`."""
    prose = {kind: pl.concat([running(text, n) for n, text in enumerate(each)]) for kind, each in texts.items()}
    words = {kind: frame["words"].sum() for kind, frame in prose.items()}
    counts, pages = {}, {}
    for kind, each in texts.items():
        counted = [Counter(phrases(text)) for text in each]
        counts[kind] = sum((Counter({p: min(n, translationese.OFTEN) for p, n in page.items()}) for page in counted), Counter())
        pages[kind] = Counter(phrase for page in counted for phrase in page)
    chosen: set[str] = set()
    for pivot in texts.keys() - {"en"}:
        told = {}
        for phrase, n in counts[pivot].items():
            usual, here = (counts["en"][phrase] + 1) / words["en"], n / words[pivot]
            if pages[pivot][phrase] >= PAGES and usual <= 1 / RARE and here >= RATIO * usual:
                told[phrase] = here * math.log(here / usual) - (here - usual)
        chosen |= _distinct(sorted(told, key=lambda phrase: (-told[phrase], phrase)), counts[pivot])
    table = pl.DataFrame({"phrase": sorted(chosen)})
    for kind, frame in prose.items():
        found = (
            translationese.hits(frame, sorted(chosen))
            .group_by("phrase")
            .agg(pl.col("n").clip(upper_bound=translationese.OFTEN).sum())
        )
        rate = (100_000 * (pl.col("n").fill_null(0) + 1) / words[kind]).round(2)
        table = table.join(found, on="phrase", how="left", maintain_order="left").with_columns(rate.alias(kind)).drop("n")
    return table


def _distinct(ranked: Sequence[str], counts: Counter[str]) -> set[str]:
    """The first `PHRASES` without those that mostly stand inside one before them, or around it: "in spite" of "in spite of"."""
    chosen: list[str] = []
    parts: dict[str, list[str]] = {}
    for phrase in ranked:
        inside, around = _parts(phrase), parts.get(phrase, [])
        near = [*(part for part in inside if part in parts and part in chosen), *around]
        if not any(min(counts[phrase], counts[other]) >= SAME * max(counts[phrase], counts[other]) for other in near):
            chosen.append(phrase)
            for part in (phrase, *inside):
                parts.setdefault(part, []).append(phrase)
        if len(chosen) == PHRASES:
            break
    return set(chosen)


def _parts(phrase: str) -> list[str]:
    words = phrase.split()
    return [" ".join(words[at : at + size]) for size in range(1, len(words)) for at in range(len(words) - size + 1)]


def running(text: str, n: int = 0) -> pl.DataFrame:
    lines = [(f"{n:05}", line.strip()) for line in text.splitlines()]
    return translationese.running(pl.DataFrame(lines, schema={"doc": pl.String, "text": pl.String}, orient="row"))


def phrases(text: str) -> Iterator[str]:
    """Every run of one to three words between single spaces, as the rule seeks them."""
    plain = translationese.plain(pl.col("text")).str.to_lowercase().alias("text")
    for line in running(text).select(plain)["text"]:
        for run in line.split("|"):
            words = run.split()
            for size in range(1, _GRAM + 1):
                for at in range(len(words) - size + 1):
                    if all(word.replace("’", "").replace("'", "").isalpha() and word.isascii() for word in words[at : at + size]):
                        yield " ".join(words[at : at + size])


def main() -> None:
    pages = english()
    if "--write" not in sys.argv:
        pages = pages.filter(pl.col("half") == "tune")
    texts = {"en": pages["text"].to_list()}
    texts |= {pivot: round_trips(texts["en"], route) for pivot, route in ROUTES.items()}
    table = learn(texts)
    print(f"{pages.height} pages, {table.height} phrases")
    if "--write" in sys.argv:
        table.write_csv(translationese.TABLE, separator="\t", quote_style="never")


if __name__ == "__main__":
    main()
