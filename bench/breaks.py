"""Sentences broken in clean English news: how many breaks are found, and what is flagged without them.

    python bench/breaks.py

A full stop behind a word inside a sentence, a paragraph split inside a sentence, a country's name cut off as a sentence of its own,
two lines merged at a dateline: each once in a page, at a place drawn by chance. By halves of the sites (the rule was tuned on one).
The anchor is a trial: stops .946, splits .908, .010 and 0 flags in 1,000 words.
"""

import random
from collections.abc import Callable

import polars as pl
import regex
from train_pivot import english

from checker.rules import broken_sentence
from checker.segment import lines
from checker.tables import PAGES

# Breaks that are tried in a page.
TIMES = 4

# A place inside a sentence: three words of it before and behind.
_INSIDE = r"(?<=\p{Lu}\p{Ll}* (?:[\p{L}’'-]+,? ){2,}\p{Ll}{2,})(?= (?:\p{Ll}[\p{Ll}’'-]*,? ){3})"

BREAKS: dict[str, tuple[str, Callable[[str, int], str]]] = {
    "a stop inside a sentence": (_INSIDE, lambda text, at: f"{text[:at]}.{text[at:]}"),
    "a paragraph split": (_INSIDE, lambda text, at: f"{text[:at]}\n\n{text[at + 1 :]}"),
    "a country cut off": (r"(?<=\p{Ll} \p{Ll}{3,})(?=\. \p{Lu})", lambda text, at: f"{text[:at]}. Norway{text[at:]}"),
    "a headline merged with a dateline": (
        r"(?<=^\p{Lu}[^.!?:\n]{40,180}[\p{Ll}\p{N}])(?=\. \p{Lu})",
        lambda text, at: f"{text[:at]} OSLOFJORD — {text[at + 2 :]}",
    ),
}


def found(texts: dict[str, str]) -> pl.DataFrame:
    """doc, start, end of what the rule finds."""
    frame = pl.DataFrame({"doc": list(texts), "path": list(texts), "status": "ok", "text": list(texts.values())})
    return broken_sentence.find(lines(PAGES.conform(frame))).select("doc", "start", "end")


def main() -> None:
    pages = english()
    for half in ("tune", "report"):
        texts = pages.filter(pl.col("half") == half)["text"].to_list()
        words = sum(len(text.split()) for text in texts)
        clean = found({f"{n:05}": text for n, text in enumerate(texts)}).height
        print(f"{half} half, clean: {clean} flags in {words:,} words, {1_000 * clean / words:.3f} in 1,000 (trial .010)")
        for kind, (pattern, put) in BREAKS.items():
            chance, broken, where = random.Random(7), {}, {}
            for n, text in enumerate(texts):
                places = [match.start() for match in regex.finditer(pattern, text, regex.MULTILINE)]
                for k, at in enumerate(chance.sample(places, min(TIMES, len(places)))):
                    broken[f"{n:05}-{k}"], where[f"{n:05}-{k}"] = put(text, at), at
            rows = found(broken).iter_rows()
            hit = {doc for doc, start, end in rows if start - 15 <= where[doc] <= end + 15}
            print(f"  {kind}: recall {len(hit) / len(broken):.3f} of {len(broken)}")


if __name__ == "__main__":
    main()
