"""Alignment quality and time: Text+Berg dev, the Bible, FLORES sentences made into pages with exact gold, long texts.

    python bench/align.py [quality] [times] [seen]

Scores as in vecalign: strict, the bead exactly; lax, an overlap on both sides; beads with an empty side count in precision only.
The Bible's beads are merged within verses first. Without `seen` the halves on which no weight was set (bench/train_align.py) are
scored beside the whole sets; with it, the halves on which they were. Peers' figures are quoted (PEERS): they were run in the first
trials, Vecalign and Bertalign as published.
"""

import gzip
import json
import os
import random
import re
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from checker.beads import solve
from checker.matching import rendered_sides, sides

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
PEERS = {
    "textberg google": "Bleualign .780 / .979, hunalign on the translated text .740 / .960, trial .876 / .988",
    "bible": "Bleualign .788 / .919, hunalign .895, Vecalign .978, Bertalign .979 (.978 here), trial .960 / .991",
    "1000": "Bleualign 4.2, hunalign .39, trial .11",
    "5000": "Bleualign 117, hunalign 2.8, trial .87",
    "50000": "Bleualign and hunalign not feasible, trial 9.2",
}
ENGINES = ("google", "argos", "nllb", "bergamot-tiny", "opusmt")

Beads = list[tuple[tuple[int, ...], tuple[int, ...]]]


class Document(NamedTuple):
    """Two texts of sentences with the gold between them; `verses` of both sides where beads are merged before scoring."""

    version: list[str]
    original: list[str]
    gold: Beads
    verses: tuple[list[str], list[str]] | None = None


class Damage(NamedTuple):
    """Shares: of sentences joined, of beads deleted (half of it in the original), of page chrome put in, of windows with a move,
    of beads whose version is replaced by another sentence."""

    joined: float = 0.0
    deleted: float = 0.0
    chrome: float = 0.0
    moved: float = 0.0
    replaced: float = 0.0


# Joined is what translators do; deleted what an abridgement does; noisy a page; sparse a page that only quotes.
FLORES = {
    "clean": Damage(),
    "joined": Damage(joined=0.4),
    "deleted": Damage(joined=0.2, deleted=0.3, moved=0.2),
    "noisy": Damage(joined=0.3, deleted=0.3, chrome=0.4, moved=0.2),
    "replaced": Damage(joined=0.2, deleted=0.1, replaced=0.15),
    "sparse": Damage(joined=0.2, deleted=0.65, chrome=0.5),
}


def aligned(documents: Sequence[Document]) -> list[Beads]:
    flat = sides([text for document in documents for text in (document.version, document.original)])
    found = solve(list(zip(flat[::2], flat[1::2], strict=True)))
    return [[(tuple(range(*bead.version)), tuple(range(*bead.original))) for bead in beads] for beads in found]


def f1(said: Beads, gold: Beads) -> tuple[float, float]:
    """Strict and lax F1, as vecalign's score.py counts them."""
    ours, whole = ([bead for bead in beads if all(bead)] for beads in (said, gold))
    known = set(gold)
    nulls = sum(bead in known for bead in said if not all(bead))
    strict = sum(bead in known for bead in ours)
    scores = []
    for hits, found in ((strict, strict), (touched(ours, whole), touched(whole, ours))):
        precision, recall = (hits + nulls) / max(len(said), 1), found / len(whole) if whole else 1.0
        scores.append(2 * precision * recall / max(precision + recall, 1e-9))
    return scores[0], scores[1]


def touched(beads: Beads, others: Beads) -> int:
    """How many beads overlap one of the others on both sides."""
    at = defaultdict(list)
    for left, right in others:
        for i in left:
            at[i].append(set(right))
    return sum(any(near & set(right) for i in left for near in at[i]) for left, right in beads)


def by_verse(beads: Beads, verses: tuple[list[str], list[str]]) -> Beads:
    """Consecutive beads that lie in one verse on both sides, merged."""
    merged: Beads = []
    last = None
    for left, right in beads:
        here = [{names[at] for at in side} for names, side in zip(verses, (left, right), strict=True)]
        if here == last and all(len(side) == 1 for side in here):
            merged[-1] = (merged[-1][0] + left, merged[-1][1] + right)
        else:
            merged.append((left, right))
        last = here
    return merged


def score(documents: Sequence[Document], found: Sequence[Beads] | None = None) -> tuple[float, float]:
    """Mean strict and lax F1."""
    scores = []
    for document, beads in zip(documents, aligned(documents) if found is None else found, strict=True):
        said = by_verse(beads, document.verses) if document.verses else beads
        scores.append(f1(said, document.gold))
    strict, lax = np.mean(scores, axis=0)
    return float(strict), float(lax)


def part(document: Document, half: int | None) -> Document:
    """A half of a document (0 or 1), cut between two gold beads; or all of it."""
    if half is None:
        return document
    middle = len(document.gold) // 2
    left, right = next(bead for bead in document.gold[middle:] if all(bead))
    cut = (left[0], right[0])
    first, last = ((0, 0), cut) if half == 0 else (cut, (len(document.version), len(document.original)))
    gold = [
        (tuple(i - first[0] for i in a), tuple(j - first[1] for j in b))
        for a, b in document.gold
        if (first[0] <= a[0] < last[0] if a else first[1] <= b[0] < last[1])
    ]
    (i, j), (i_end, j_end) = first, last
    verses = document.verses and (document.verses[0][i:i_end], document.verses[1][j:j_end])
    return Document(document.version[i:i_end], document.original[j:j_end], gold, verses)


def textberg() -> dict[str, Document]:
    read = json.loads((SHARED / "data/align_textberg_dev.json").read_text())
    gold = [(tuple(src), tuple(tgt)) for src, tgt in read["gold"]]
    return {engine: Document(lines, read["tgt"], gold) for engine, lines in read["src2tgt"].items()}


def bible() -> Document:
    read = json.loads((SHARED / "data/align_bible.json").read_text())
    gold = [(tuple(src), tuple(tgt)) for src, tgt in read["gold"]]
    return Document(read["src2tgt"]["google"], read["tgt"], gold, (read["src_verse"], read["tgt_verse"]))


def strangers(half: int) -> dict[str, list[Document]]:
    """Texts of one subject that do not render each other (apart), and such that share a few sentences (quoting), of a half."""
    rng = random.Random(half)
    sources = {
        "textberg": [part(textberg()[engine], half) for engine in ("google", "SACunidir", "europarllight")],
        "bible": [part(bible(), half)],
        "flores": [recorded(lang, half) for lang in ("ru", "zh")],
    }
    made = {}
    for name, documents in sources.items():
        chosen = [document for document in documents for _ in range(8 // len(documents))]
        for kind, quotes in (("apart", 0), ("quoting", 5)):
            made[f"{name}, {kind}"] = [stranger(document, rng, quotes) for document in chosen]
    return made


def recorded(lang: str, half: int) -> Document:
    """FLORES sentences of even (half 0) or odd number with their back-translations."""
    frame = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(
        pl.col("engine") == "google", pl.col("lang") == lang
    )
    rows = frame.sort("n").select(pl.col("back").fill_null(""), "original").rows()[half::2]
    version, original = (list(side) for side in zip(*rows, strict=True))
    return Document(version, original, [((at,), (at,)) for at in range(len(rows))])


def stranger(document: Document, rng: random.Random, quotes: int) -> Document:
    """Sentences of one third of a document beside those of another third, and `quotes` beads of the third between them in both."""
    third, size = len(document.gold) // 3, rng.choice((15, 30, 50))
    start, other = (third * at + rng.randrange(max(third - size, 1)) for at in rng.choice(((0, 2), (2, 0))))
    single = [bead for bead in document.gold[third : 2 * third] if len(bead[0]) == len(bead[1]) == 1]
    shared = sorted(rng.sample(single, quotes))
    texts: list[list[str]] = []
    at: list[list[int]] = []
    for side, begin in ((0, start), (1, other)):
        lines = [document[side][i] for bead in document.gold[begin : begin + size] for i in bead[side]]
        places = sorted(rng.randrange(len(lines) + 1) for _ in shared)
        for bead, place in reversed(list(zip(shared, places, strict=True))):
            lines.insert(place, document[side][bead[side][0]])
        texts.append(lines)
        at.append([place + count for count, place in enumerate(places)])
    gold: Beads = [((i,), (j,)) for i, j in zip(*at, strict=True)]
    gold += [((i,), ()) for i in range(len(texts[0])) if i not in at[0]] + [
        ((), (j,)) for j in range(len(texts[1])) if j not in at[1]
    ]
    return Document(texts[0], texts[1], gold)


def chrome(half: int) -> list[list[str]]:
    """Runs of page chrome of every second English page."""
    with gzip.open(SHARED / "data/chrome_lines_dev.jsonl.gz", "rt") as lines:
        pages = [json.loads(line) for line in lines]
    found = [
        [text for text, label in zip(page["lines"], page["labels"], strict=True) if label == "b"][:80]
        for page in pages
        if page["lang"] == "en"
    ]
    return [page for page in found if len(page) > 5][half::2]


def windows(damage: Damage, half: int, *, limit: int = 80, size: int = 60) -> list[Document]:
    """Pages made of FLORES sentences of even (half 0) or odd number, of all languages and ENGINES."""
    frame = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(pl.col("engine").is_in(ENGINES))
    lines, made = chrome(half), []
    for (lang, engine), rows in frame.group_by("lang", "engine", maintain_order=True):
        rng = random.Random(f"{lang} {engine} {half}")
        texts = rows.sort("n").select(pl.col("back").fill_null(""), "original").rows()[half::2]
        spare = [back for back, _ in texts]
        made += [page(texts[at : at + size], rng, lines, damage, spare) for at in range(0, len(texts) - size + 1, size)]
    return made if len(made) <= limit else random.Random(7).sample(made, limit)


def page(rows: list[tuple[str, str]], rng: random.Random, lines: list[list[str]], damage: Damage, spare: list[str]) -> Document:
    beads = list(joined(rows, rng, damage.joined))
    strange = {number for number in range(len(beads)) if rng.random() < damage.replaced}
    beads = [
        ([rng.choice(spare)], original) if at in strange else (version, original) for at, (version, original) in enumerate(beads)
    ]
    gone = deleted(len(beads), rng, damage.deleted), deleted(len(beads), rng, damage.deleted / 2)
    order = moved(list(range(len(beads))), rng) if rng.random() < damage.moved else list(range(len(beads)))
    version: list[str] = []
    original: list[str] = []
    places: tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]] = ({}, {})
    for side, (texts, numbers) in enumerate(((version, order), (original, range(len(beads))))):
        put_in = chrome_at(len(beads), len(rows), rng, lines, damage.chrome)
        for place, number in enumerate([*numbers, None]):
            texts.extend(put_in[place])
            if number is not None and number not in gone[side]:
                places[side][number] = tuple(range(len(texts), len(texts) + len(beads[number][side])))
                texts.extend(beads[number][side])
    gold: Beads = [(places[0][number], places[1][number]) for number in sorted(places[0].keys() & places[1].keys() - strange)]
    for side, texts in enumerate((version, original)):
        taken = {at for bead in gold for at in bead[side]}
        gold += [((), (at,)) if side else ((at,), ()) for at in range(len(texts)) if at not in taken]
    return Document(version, original, gold)


def joined(rows: list[tuple[str, str]], rng: random.Random, share: float) -> Iterable[tuple[list[str], list[str]]]:
    """Beads of the rows, some of two to four rows, one of whose sides is one sentence (a tenth: both are two)."""
    at = 0
    while at < len(rows):
        count = rng.choice((2, 2, 2, 3, 3, 4)) if rng.random() < share else 1
        version, original = (list(side) for side in zip(*rows[at : at + count], strict=True))
        at += count
        kind = rng.random()
        if len(version) > 2 and kind > 0.9:
            yield [" ".join(version[:-1]), version[-1]], [original[0], " ".join(original[1:])]
        elif kind < 0.45:
            yield [" ".join(version)], original
        else:
            yield version, [" ".join(original)]


def deleted(count: int, rng: random.Random, share: float) -> set[int]:
    """Runs of one to fourteen beads, of a share of all."""
    gone: set[int] = set()
    while len(gone) < share * count:
        start = rng.randrange(count)
        gone |= set(range(start, min(count, start + rng.choice((1, 1, 2, 3, 5, 8, 14)))))
    return gone


def moved(order: list[int], rng: random.Random) -> list[int]:
    start = rng.randrange(len(order) - 4)
    block = order[start : start + rng.choice((1, 2, 3))]
    rest = [number for number in order if number not in block]
    place = rng.randrange(len(rest))
    return rest[:place] + block + rest[place:]


def chrome_at(places: int, size: int, rng: random.Random, lines: list[list[str]], share: float) -> defaultdict[int, list[str]]:
    """Runs of chrome lines by the place where they are put in: the head, the foot, or anywhere."""
    put_in: defaultdict[int, list[str]] = defaultdict(list)
    left = share * size
    while left > 0:
        source = rng.choice(lines)
        start = rng.randrange(len(source))
        run = source[start : start + rng.choice((1, 2, 4, 8, 15))]
        put_in[rng.choice((0, places, rng.randrange(places + 1)))] += run
        left -= len(run)
    return put_in


def long(size: int) -> Document:
    """A text of so many sentences and 1.3 times as many: recorded sentences, three in ten split on the original's side.

    Letters of words of five letters and more are shifted from copy to copy, so that copies do not repeat each other.
    """
    frame = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(
        pl.col("engine") == "google", pl.col("lang") == "ru"
    )
    rows = frame.sort("n").select(pl.col("back").fill_null(""), "original").rows()
    rng = random.Random(5)
    version, original, gold = [], [], []
    for number in range(size):
        copy, at = divmod(number, len(rows))
        back, text = (shifted(side, copy) for side in rows[at])
        cut = text.rfind(" ", 0, len(text) // 2) if rng.random() < 0.3 else -1
        parts = [text[:cut], text[cut + 1 :]] if cut > 0 else [text]
        gold.append(((len(version),), tuple(range(len(original), len(original) + len(parts)))))
        version.append(back)
        original += parts
    return Document(version, original, gold)


def shifted(text: str, by: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    lower = by % 26
    table = str.maketrans(letters, letters[lower:] + letters[:lower])
    tail = letters[by // 26 % 26] * (by // 26 > 0)
    return re.sub(r"[A-Za-z]{5,}", lambda word: tail + word.group().lower().translate(table), text)


def report(name: str, documents: Sequence[Document]) -> None:
    strict, lax = score(documents)
    print(f"{name:36} strict {strict:.3f} lax {lax:.3f}  ({len(documents)})  {PEERS.get(name, '')}", flush=True)


def several() -> None:
    """Text+Berg by two engines at once, and by one engine in both directions."""
    read = json.loads((SHARED / "data/align_textberg_dev.json").read_text())
    gold = textberg()["google"].gold
    there, back = read["src2tgt"], read["tgt2src"]
    cases = {
        "google and europarlfull": (zip(there["google"], there["europarlfull"], strict=True), ((line,) for line in read["tgt"])),
        "google, both ways": (zip(there["google"], read["src"], strict=True), zip(read["tgt"], back["google"], strict=True)),
    }
    for name, (version, original) in cases.items():
        ((one, two),) = (rendered_sides([[*version], [*original]]),)
        beads = [(tuple(range(*bead.version)), tuple(range(*bead.original))) for bead in solve([(one, two)])[0]]
        strict, lax = f1(beads, gold)
        print(f"{f'textberg {name}':36} strict {strict:.3f} lax {lax:.3f}")


def quality(half: int) -> None:
    several()
    for engine, document in textberg().items():
        report(f"textberg {engine}", [document])
        report(f"textberg {engine}, half {half + 1}", [part(document, half)])
    report("bible", [bible()])
    report(f"bible, half {half + 1}", [part(bible(), half)])
    for name, documents in strangers(half).items():
        report(f"{name}, half {half + 1}", documents)
    for name, damage in FLORES.items():
        report(f"flores {name}, {'odd' if half else 'even'} sentences", windows(damage, half))


def times() -> None:
    """CPU seconds, best of three but for the longest, from texts to beads."""
    for size in (1000, 5000, 10_000, 50_000):
        document = long(size)
        taken = []
        for _ in range(1 if size > 9000 else 3):
            started = time.process_time()
            found = aligned([document])
            taken.append(time.process_time() - started)
        strict, lax = f1(found[0], document.gold)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sizes = f"{len(document.version)} × {len(document.original)}"
        print(
            f"{sizes:16} {min(taken):.2f} CPU s, {strict:.3f} / {lax:.3f}, peak {peak} MB  {PEERS.get(str(size), '')}", flush=True
        )


if __name__ == "__main__":
    if "times" not in sys.argv[1:] or "quality" in sys.argv[1:]:
        quality(0 if "seen" in sys.argv[1:] else 1)
    if "quality" not in sys.argv[1:] or "times" in sys.argv[1:]:
        times()
