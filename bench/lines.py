"""Tags, garbled words, bylines, captions, datelines and doubled lines: what is found, what is flagged in vain, and what it costs.

    python bench/lines.py

Tags: every name of the pack, put into pages of three other languages (news sentences, two to a paragraph), in eight places; and at
the foot of pages in its own language. Garbled words: news sentences in fourteen languages written in UTF-8 and read as something
else, beside the same sentences as they are. Lines: what the rules say of the pages of the line benchmark, by the label that an
annotator gave the line, for either half of the sites: labels of chrome (b), content (c), title (t), mixed (m); a dateline stands
in content, so it is counted there. Time: CPU milliseconds for a megabyte of page text, one thread if POLARS_MAX_THREADS is 1.
"""

import gzip
import hashlib
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from checker import packs, registry
from checker.segment import lines
from checker.tables import PAGES

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
FORMS = {
    "foot": "{0}\n{1}\n{2}",
    "head": "{2}\n{0}\n{1}",
    "behind the last stop": "{0}\n{1} {2}",
    "behind a dash": "{0}\n{1} — {2}",
    "in brackets": "{0}\n{1}\n({2})",
    "behind a label": "{0}\n{1}\nSource: {2}",
    "brackets at the end": "{0}\n{1} ({2})",
    "before the first": "{2} — {0}\n{1}",
}
PAGE_LANGS = ("en", "fr", "es", "de", "it", "ru", "ja", "ko", "tr", "pl", "sv")
ENCODINGS = ("cp1252", "latin-1", "cp437", "mac-roman")
JUDGED = ("byline", "caption", "duplicate-line", "near-duplicate", "dateline")
TIMED = (*JUDGED, "foreign-tag", "typographic-fingerprint", "mixed-quotes", "mojibake", "shared-passage")


def framed(texts: list[str]) -> pl.DataFrame:
    """The lines of the texts, `doc` being their number."""
    return lines(PAGES.conform(pl.DataFrame({"doc": [f"{n:06}" for n in range(len(texts))], "status": "ok", "text": texts})))


def news() -> dict[str, list[str]]:
    with gzip.open(SHARED / "data/lid_news_snippets.json.gz", "rt", encoding="utf-8") as file:
        found: dict[str, list[str]] = json.load(file)["news_sent"]
    return found


def tags(sentences: dict[str, list[str]]) -> Iterator[str]:
    """Found, and in the right language, by place; flags in pages of the names' own languages."""
    ending = {page: [s for s in sentences[page] if len(s) > 60 and s[-1] in ".!?。"] for page in PAGE_LANGS}
    names: dict[str, list[str]] = {}
    for lang, places in packs.load("foreign_tags").items():
        for name in places["line"]:
            names.setdefault(name, []).append(lang)
    cases = []
    for name, langs in names.items():
        chance = random.Random(name)
        for page in chance.sample(PAGE_LANGS, 3):
            two = [" ".join(chance.sample(ending[page], 2)) for _ in range(2)]
            cases += [(form, name, langs, page, shape.format(*two, name)) for form, shape in FORMS.items()]
    frame = framed([case[4] for case in cases])
    said = defaultdict(list)
    for doc, start, end, lang in (
        registry.rules()["foreign-tag"].module.find(frame).select("doc", "start", "end", "lang").iter_rows()
    ):
        said[int(doc)].append((start, end, lang))
    counts: Counter[tuple[str, str]] = Counter()
    for n, (form, name, langs, page, text) in enumerate(cases):
        if page in langs:
            counts[form, "own"] += 1
            counts[form, "flagged"] += bool(said[n])
            continue
        at = 0 if FORMS[form].startswith("{2}") else text.rindex(name)
        hits = [lang for start, end, lang in said[n] if min(end, at + len(name)) - max(start, at) >= 0.8 * len(name)]
        counts[form, "all"] += 1
        counts[form, "found"] += bool(hits)
        counts[form, "right"] += any(lang in langs for lang in hits)
    for form in FORMS:
        total = counts[form, "all"]
        shares = f"found {counts[form, 'found'] / total:.4f}  right language {counts[form, 'right'] / total:.4f}"
        yield f"tag {form:22} {total:6}  {shares}  at home flagged {counts[form, 'flagged']} of {counts[form, 'own']}"


def garbled(sentences: dict[str, list[str]]) -> Iterator[str]:
    """Sentences beyond ASCII, garbled: those in which a run is found; and flags on the same sentences as they are."""
    clean = [s for found in sentences.values() for s in found[:40] if not s.isascii()]
    flagged = registry.rules()["mojibake"].module.find(framed(clean))["doc"].n_unique()
    yield f"garbled: flags on {len(clean)} clean sentences {flagged}"
    for encoding in ENCODINGS:
        read = [s.encode().decode(encoding, errors="replace") for s in clean]
        found = registry.rules()["mojibake"].module.find(framed(read))["doc"].n_unique()
        yield f"garbled: UTF-8 read as {encoding:10} found in {found / len(read):.3f} of sentences"


def labelled() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of the benchmark's pages, and doc, text, label, half of each."""
    with gzip.open(SHARED / "data/chrome_lines_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    frame = framed(["\n".join(row["lines"]) for row in rows])
    labels = [
        (f"{n:06}", text.strip(), label, "tune" if hashlib.sha256(row["site"].encode()).digest()[0] % 2 else "report")
        for n, row in enumerate(rows)
        for text, label in zip(row["lines"], row["labels"], strict=True)
    ]
    return frame, pl.DataFrame(labels, schema=["doc", "text", "label", "half"], orient="row").unique(["doc", "text"], keep="first")


def main() -> None:
    sentences = news()
    for line in (*tags(sentences), *garbled(sentences)):
        print(line)
    frame, labels = labelled()
    for name in JUDGED:
        found = registry.rules()[name].module.find(frame).select("doc", "line").unique().join(frame, on=["doc", "line"])
        counts = Counter(found.join(labels, on=["doc", "text"]).select("half", "label").iter_rows())
        for half in ("tune", "report"):
            print(f"lines {name:16} {half:6}  " + "  ".join(f"{label} {counts[half, label]}" for label in "bctm"))
    megabytes = float(frame["text"].str.len_bytes().sum()) / 1e6
    for name in TIMED:
        module = registry.rules()[name].module
        for _ in range(2):  # the first time compiles the patterns
            begun = time.process_time()
            module.find(module.gather(frame) if hasattr(module, "gather") else frame)
        print(f"time  {name:24} {1000 * (time.process_time() - begun) / megabytes:6.1f} ms per MB  (asked 10)")


if __name__ == "__main__":
    main()
