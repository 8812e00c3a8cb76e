"""Alignment of free translations whose sentences are cut otherwise, whole and with runs deleted on either side and chrome put in.

    python bench/novels.py [seen]

Three texts with exact gold: news of WMT by machine and by people (`mqm_zhen_dev`), where sentences of the human side are cut at
clauses and neighbours joined as translators of novels do (`novels`, and `blurred`: a quarter of the machine's words replaced by
chance, so that as little is shared as in free prose); Text+Berg; the Bible. `noisy` is the same with 30 % of the one side's and
15 % of the other's sentences gone in runs. Scores and halves as in bench/align.py.
"""

import json
import random
import re
import sys
import zlib
from collections.abc import Iterator

import polars as pl
from align import SHARED, Beads, Document, bible, chrome, chrome_at, deleted, part, report

CLAUSE = re.compile(r"(?<=[,;:]) (?=\S)")

# Shares of sentences cut into two to four, of neighbours joined, and of beads of neighbours that are one sentence: near those of
# the gold of translated novels, where one in three source sentences is two or more.
CUT, NEIGHBOURS, WHOLE = 0.38, 0.07, 0.7
LEAST = 12
GONE = (0.3, 0.15)

Rows = list[tuple[str, str]]


def directions(half: int) -> dict[str, Document]:
    """Text+Berg by each engine in each direction."""
    read = json.loads((SHARED / "data/align_textberg_dev.json").read_text())
    gold = [(tuple(src), tuple(tgt)) for src, tgt in read["gold"]]
    there = {engine: Document(lines, read["tgt"], gold) for engine, lines in read["src2tgt"].items()}
    back = {f"{engine}, back": Document(read["src"], lines, gold) for engine, lines in read["tgt2src"].items()}
    return {name: part(document, half) for name, document in (there | back).items()}


def clauses(text: str, rng: random.Random, count: int) -> list[str]:
    """The sentence cut at so many clauses, if it has as many."""
    places = [mark.start() for mark in CLAUSE.finditer(text) if LEAST < mark.start() < len(text) - LEAST]
    if len(places) < count - 1:
        return [text]
    ends = sorted(rng.sample(places, count - 1))
    return [text[low:high].strip() for low, high in zip([0, *ends], [*ends, len(text)], strict=True)]


def retold(rows: Rows, rng: random.Random) -> Iterator[tuple[list[str], list[str]]]:
    """Beads of the rows: machine translations, and what people made of them."""
    at = 0
    while at < len(rows):
        count = 2 if rng.random() < NEIGHBOURS else 1
        machine, people = (list(side) for side in zip(*rows[at : at + count], strict=True))
        at += count
        if len(people) == 2:
            whole = rng.random() < WHOLE
            parts = [people[1]] if whole else clauses(people[1], rng, 2)
            people = [f"{people[0]} {parts[0]}", *parts[1:]]
        elif rng.random() < CUT:
            people = clauses(people[0], rng, rng.choice((2, 2, 2, 2, 3, 3, 4)))
        yield machine, people


def blurred(text: str, rng: random.Random, share: float, words: list[str]) -> str:
    return " ".join(rng.choice(words) if rng.random() < share and word.isalpha() else word for word in text.split())


def novel(rows: Rows, rng: random.Random, blur: float) -> Document:
    version: list[str] = []
    original: list[str] = []
    gold: Beads = []
    words = [word for _, text in rows for word in text.split()]
    for machine, people in retold(rows, rng):
        ends = range(len(version), len(version) + len(machine)), range(len(original), len(original) + len(people))
        gold.append((tuple(ends[0]), tuple(ends[1])))
        version += [blurred(text, rng, blur, words) for text in machine]
        original += people
    return Document(version, original, gold)


def novels(half: int, blur: float, *, limit: int = 10, size: int = 90) -> list[Document]:
    """Texts of so many rows of a half of the news, each by one system."""
    frame = pl.read_parquet(SHARED / "data/mqm_zhen_dev.parquet")
    frame = frame.filter(pl.Series([zlib.crc32(name.encode()) % 2 == half for name in frame["doc"]]))
    rng = random.Random(f"{half} {blur}")
    pages = [
        page[at : at + size]
        for _, rows in frame.group_by("dataset", "system", maintain_order=True)
        for page in (rows.sort("seg_id").select("hypothesis", "reference").drop_nulls().rows(),)
        for at in range(0, len(page) - size + 1, size)
    ]
    return [novel(page, rng, blur) for page in rng.sample(pages, limit)]


def abridged(document: Document, rng: random.Random, lines: list[list[str]], share: float) -> Document:
    """The document with runs of sentences GONE from either side and so large a share of chrome put in."""
    texts: list[list[str]] = []
    kept: list[dict[int, int]] = []
    verses: list[list[str]] = []
    for side, gone in enumerate(GONE):
        sentences, missing = document[side], deleted(len(document[side]), rng, gone)
        put_in = chrome_at(len(sentences), len(sentences), rng, lines, share)
        text: list[str] = []
        places: dict[int, int] = {}
        for at, sentence in enumerate([*sentences, None]):
            text += put_in[at]
            if sentence is not None and at not in missing:
                places[at] = len(text)
                text.append(sentence)
        names = document.verses[side] if document.verses else [""] * len(sentences)
        at_home = {place: names[at] for at, place in places.items()}
        texts.append(text)
        kept.append(places)
        verses.append([at_home.get(at, f"chrome {at}") for at in range(len(text))])
    parts = [tuple(tuple(kept[side][at] for at in bead[side] if at in kept[side]) for side in (0, 1)) for bead in document.gold]
    gold: Beads = [(left, right) for left, right in parts if left and right]
    for side in (0, 1):
        taken = {at for bead in gold for at in bead[side]}
        gold += [((), (at,)) if side else ((at,), ()) for at in range(len(texts[side])) if at not in taken]
    return Document(texts[0], texts[1], gold, (verses[0], verses[1]) if document.verses else None)


def sets(half: int) -> dict[str, list[Document]]:
    """The documents of a half (0 or 1) by name."""
    rng, lines = random.Random(half), chrome(half)
    whole = directions(half)
    named = {"novels": novels(half, 0), "novels, blurred": novels(half, 0.25)}
    noisy = {f"{name}, noisy": [abridged(each, rng, lines, 0.15) for each in documents] for name, documents in named.items()}
    noisy["textberg, noisy"] = [abridged(whole[name], rng, lines, 0.1) for name in ("google", "europarlfull", "google, back") * 2]
    noisy["bible, noisy"] = [abridged(part(bible(), half), rng, lines, 0)]
    back = {f"textberg {name}": [document] for name, document in whole.items() if name.endswith("back")}
    return named | noisy | back


if __name__ == "__main__":
    half = 0 if "seen" in sys.argv[1:] else 1
    for name, documents in sets(half).items():
        report(f"{name}, half {half + 1}", documents)
