"""Untranslated words that are found: in English sentences with a foreign one, in pages of other languages, and clean pages beside.

    python bench/residue.py

Every sentence of residue_codemix_dev is a document. The pages of other languages are ten FLORES sentences each, of which half get a
word in the place of one of theirs: a lower-case word of another language in Latin letters, a word in another script, or (in pages
that are not in Latin letters) some words of the English sentence. Sentences are drawn by their digest into two halves: thresholds
were chosen on `tune`, `report` was only measured. A finding that touches the inserted span is a hit, each other one is false.
"""

import gzip
import hashlib
import json
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import regex

from checker import segment, tables
from checker.languages import SCRIPT_OF
from checker.registry import rules

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
RULES = ("untranslated-word", "mixed-script")
LATIN = ("french", "german", "italian", "spanish", "czech", "polish")
SENTENCES = 10
WORD = regex.compile(r"(?<![\p{L}\p{N}'’-])\p{Ll}{4,}(?![\p{L}\p{N}'’-])")
NATIVE = regex.compile(
    r"(?<![\p{L}\p{M}])[\p{L}\p{M}]{4,}(?![\p{L}\p{M}])|(?<=[^\p{Latin}\s\p{P}])[^\p{Latin}\s\p{P}]{2}(?=[^\p{Latin}\s\p{P}])"
)
DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
ENGLISH_RUN = regex.compile(r"(?<= )[a-z]{2,} (?:[a-z]{2,} )??(?:the|of|and|in|to|for|with|from|on|as|by|that) [a-z]{2,}(?= )")


@dataclass(frozen=True)
class Document:
    """A text with the spans of what was left untranslated in it; `kind` and `half` are what figures are counted by."""

    kind: str
    half: str
    text: str
    spans: tuple[tuple[int, int], ...]


def half(text: str) -> str:
    return "report" if hashlib.sha256(text.encode()).digest()[0] % 2 else "tune"


def codemix() -> list[Document]:
    with gzip.open(SHARED / "data/residue_codemix_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Document(row["source_lang"], half(row["clean"]), row["text"], ((row["start"], row["end"]),)) for row in rows]


def clean_codemix() -> list[Document]:
    with gzip.open(SHARED / "data/residue_codemix_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line)["clean"] for line in file]
    return [Document("clean", half(text), text, ()) for text in dict.fromkeys(rows)]


def versions() -> dict[str, dict[int, str]]:
    """Language to sentence number to sentence, English too."""
    frame = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet", columns=["lang", "n", "version", "original"]).drop_nulls()
    found = {
        lang: dict(part.unique("n", maintain_order=True).sort("n").select("n", "version").rows())
        for (lang,), part in frame.group_by("lang", maintain_order=True)
    }
    found["en"] = dict(frame.unique("n", maintain_order=True).sort("n").select("n", "original").rows())
    return dict(sorted(found.items()))


def pages(lang: str, texts: dict[int, str], fillers: Sequence[str], slot: regex.Pattern[str]) -> list[Document]:
    """Pages of `lang` whose odd sentences have a filler in the place of a match of `slot`, and the same pages without."""
    chance = random.Random(f"{lang}{len(fillers)}")
    found = []
    for half_ in ("tune", "report"):
        own = [text for text in texts.values() if half(text) == half_]
        for at in range(0, len(own) - SENTENCES + 1, SENTENCES):
            lines = own[at : at + SENTENCES]
            found.append(Document(f"clean {lang}", half_, "\n".join(lines), ()))
            if fillers:
                found.append(_filled(lang, half_, lines, fillers, slot, chance))
    return found


def _filled(
    lang: str, half_: str, lines: Sequence[str], fillers: Sequence[str], slot: regex.Pattern[str], chance: random.Random
) -> Document:
    text, spans = "", []
    for n, line in enumerate(lines):
        slots = [match.span() for match in slot.finditer(line)]
        if n % 2 and slots:
            start, end = chance.choice(slots)
            filler = chance.choice(fillers)
            spans.append((len(text) + start, len(text) + start + len(filler)))
            line = line[:start] + filler + line[end:]  # noqa: PLW2901 - the line is damaged here
        text += line + "\n"
    return Document(f"into {lang}", half_, text, tuple(spans))


def found(documents: Sequence[Document]) -> list[list[tuple[int, int, str]]]:
    """The spans that the rules find in each document, with their language."""
    rows = [
        {"doc": f"{n:05}.txt", "path": f"{n:05}.txt", "format": "text", "status": "ok", "text": document.text}
        for n, document in enumerate(documents)
    ]
    lines = segment.lines(tables.PAGES.conform(pl.DataFrame(rows)))
    spans: list[list[tuple[int, int, str]]] = [[] for _ in documents]
    for name in RULES:
        for doc, start, end, pivot in (
            rules()[name].module.find(lines).select("doc", "start", "end", "pivot").unique().sort("doc", "start").rows()
        ):
            spans[int(doc[:5])].append((start, end, pivot))
    return spans


def touched(span: Sequence[int], others: Iterable[Sequence[int]]) -> bool:
    return any(span[0] < other[1] and other[0] < span[1] for other in others)


def length(text: str) -> int:
    """Words of a text; two letters of one without spaces are taken for a word."""
    return len(text.split()) + len(DENSE.findall(text)) // 2


def figures(title: str, asked: str, documents: Sequence[Document]) -> None:
    spans = found(documents)
    for half_ in ("tune", "report"):
        own = [(document, said) for document, said in zip(documents, spans, strict=True) if document.half == half_]
        gold = [(span, said) for document, said in own for span in document.spans]
        said = [(span, document) for document, said in own for span in said]
        hits = sum(touched(span, found_) for span, found_ in gold)
        false = [(span, document) for span, document in said if not touched(span, document.spans)]
        words = sum(length(document.text) for document, _ in own)
        precision = f" precision {1 - len(false) / max(len(said), 1):.3f}" if gold else ""
        recall = f"recall {hits / len(gold):.3f} of {len(gold):4}" if gold else ""
        rate = f"false {len(false):3} ({1000 * len(false) / max(words, 1):.2f} in 1,000 words)"
        print(f"{title:28} {half_:6} {recall}{precision} {rate}  {asked}")


def main() -> None:
    mixed = codemix()
    latin = [document for document in mixed if document.kind in LATIN]
    figures("codemix, Latin", "asked .85, trial .773, lingua .23", latin)
    for kind in LATIN:
        figures(f"  {kind}", "", [document for document in latin if document.kind == kind])
    figures("codemix, other scripts", "asked 1.0, trial 1.0", [document for document in mixed if document.kind not in LATIN])
    figures("codemix, all", "precision asked .985, trial .991", mixed)
    figures("codemix, clean", "trial .39", clean_codemix())
    texts = versions()
    latins = [lang for lang in texts if SCRIPT_OF.get(lang) == "Latn"]
    words = {lang: [match[0] for text in texts[lang].values() for match in WORD.finditer(text)] for lang in latins}
    for lang in latins:
        fillers = [word for other in latins if other != lang for word in words[other]]
        figures(f"Latin words into {lang}", "trial .69-.77", [d for d in pages(lang, texts[lang], fillers, WORD) if d.spans])
    runs = [match[0] for text in texts["en"].values() for match in ENGLISH_RUN.finditer(text)]
    for lang in texts:
        others = [
            match[0]
            for other in texts
            if SCRIPT_OF[other] not in ("Latn", SCRIPT_OF[lang])
            for text in texts[other].values()
            for match in NATIVE.finditer(text)
        ]
        if lang not in latins:
            figures(f"English words into {lang}", "", [d for d in pages(lang, texts[lang], runs, NATIVE) if d.spans])
        figures(f"other scripts into {lang}", "", [d for d in pages(lang, texts[lang], others, NATIVE) if d.spans])
        figures(f"clean {lang}", "", pages(lang, texts[lang], (), NATIVE))


if __name__ == "__main__":
    main()
