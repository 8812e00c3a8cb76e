"""The pivot of documents that Apertium put into another language and back, and of documents that nobody did.

    python bench/pivot.py [--marks]

Of English news and blog pages (by halves of their sites: the phrases of the rule `translationese` are learnt here from one, so that
the other is new to it), of FLORES sentences in groups of fifteen and of the demo's originals. Right: the pivot is named; none: no
pivot is; accused: English as written for which one is named. With --marks, unknown words keep Apertium's asterisk. Below, FLORES as
neural engines put it from another language into English, for which `null` is a fair answer, and English of human translators.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from train_pivot import ROUTES, SHARED, english, learn, round_trips

from checker.detect import detect
from checker.pivot import pivots
from checker.registry import rules
from checker.rules import translationese
from checker.segment import lines, segment
from checker.tables import PAGES

ASKED_RIGHT, ASKED_ACCUSED = 0.8, 0.01

# Sentences of a document made of FLORES.
SENTENCES = 15
# Words from which a group of sentences by one translator is a document.
WORDS = 100


def named(texts: Sequence[str]) -> list[str | None]:
    """The pivot of each text, by all rules."""
    names = [f"{n:05}" for n in range(len(texts))]
    frame = pl.DataFrame({"doc": names, "path": names, "status": "ok", "text": list(texts)})
    anchors = pl.lit([{"offset": 0, "line": 1, "column": 1}])
    pages = PAGES.conform(frame.with_columns(anchors=anchors))
    page_lines = lines(pages)
    found = detect(pages, page_lines, segment(page_lines, pl.Series([], dtype=pl.String)), list(rules()))
    native = page_lines.filter(pl.col("doc_lang") == "en")["doc"].unique()
    said = dict(pivots(found.filter(pl.col("doc").is_in(native.implode()))).iter_rows())
    return [said.get(name) for name in names]


def row(kind: str, texts: Sequence[str], pivot: str | None) -> None:
    said = named(texts)
    right = sum(each == pivot for each in said) / len(said)
    none = sum(each is None for each in said) / len(said)
    wrong = sum(each not in (pivot, None) for each in said) / len(said)
    if pivot is None:
        print(f"{kind:34} {len(said):5} documents  accused {wrong:.3f}  (asked ≤ {ASKED_ACCUSED})")
    else:
        print(f"{kind:34} {len(said):5} documents  right {right:.3f}  wrong {wrong:.3f}  none {none:.3f}")


def groups(sentences: Sequence[str | None]) -> list[str]:
    return ["\n".join(s or "" for s in sentences[at : at + SENTENCES]) for at in range(0, len(sentences), SENTENCES)]


def written() -> Iterator[tuple[str, Sequence[str]]]:
    """Name and texts of each kind of English that is put through the routes."""
    pages = english()
    for half in ("tune", "report"):
        yield f"pages, {half} half", pages.filter(pl.col("half") == half)["text"].to_list()
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet", columns=["n", "original"]).unique().sort("n")
    yield "FLORES", groups(recorded["original"].to_list())
    yield "demo", [path.read_text("utf-8") for path in sorted(Path("corpora/demo/originals").glob("*.txt"))]


def by_people() -> list[str]:
    """News that people put from Chinese into English."""
    frame = pl.read_parquet(SHARED / "data/mqm_zhen_dev.parquet", columns=["dataset", "doc", "seg_id", "reference"])
    documents = frame.unique().sort("dataset", "doc", "seg_id").group_by("dataset", "doc", maintain_order=True).agg("reference")
    texts = ["\n".join(sentences) for sentences in documents["reference"]]
    return [text for text in texts if len(text.split()) >= WORDS]


def main() -> None:
    marks = "--marks" in sys.argv
    with TemporaryDirectory() as folder:
        pages = english().filter(pl.col("half") == "tune")["text"].to_list()
        table = learn({"en": pages} | {pivot: round_trips(pages, route) for pivot, route in ROUTES.items()})
        translationese.TABLE = Path(folder) / "tune.tsv"
        table.write_csv(translationese.TABLE, separator="\t", quote_style="never")
        print(f"asked: right ≥ {ASKED_RIGHT}, accused ≤ {ASKED_ACCUSED}")
        for kind, texts in written():
            row(f"{kind}, as written", texts, None)
            for pivot, route in ROUTES.items():
                row(f"{kind}, through {pivot}", round_trips(texts, route, marks=marks), pivot)
    row("human translations from Chinese", by_people(), None)
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet", columns=["lang", "engine", "n", "back"]).sort("n")
    for (lang,), rows in recorded.group_by("lang", maintain_order=True):
        texts = [text for _, each in rows.group_by("engine", maintain_order=True) for text in groups(each["back"].to_list())]
        row(f"FLORES, neural engines, from {lang}", texts, str(lang))


if __name__ == "__main__":
    main()
