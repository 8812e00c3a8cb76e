"""How many of the translations that went wrong the guards object to, and how many of their objections are right.

    python bench/guards.py

The gold, `guards_gold.tsv`, holds keys of FLORES recordings and what is wrong with each, found by reading source, translation and
original: all that the guards object to, and 500 of odd number that they let pass, half drawn at random, half chosen for being
short, repetitive or by the worst engines (those that a later change objects to stayed in it).

loop      a word three times in a row, a phrase twice or a part of a word over and over, which the source does not say so
empty     no translation
half      about two fifths or more of what the source says is missing
language  words of another language than English: all of them, or three or more left as they were
copy      the source
lost      a number, an address, a clause or a sentence less than that is missing
clean     none of these, though it may be wrong; a single word said twice (the draft draft) is clean

Thresholds were tuned on sentences of even number (tune); odd ones report.
"""

import os
import time
from pathlib import Path

import polars as pl

from checker.guards import objections

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))
GOLD = Path(__file__).with_name("guards_gold.tsv")

# What an objection says, by its first words.
KINDS = {
    "gave": "empty",
    "repeats": "loop",
    "copies": "copy",
    "is in": "language",
    "leaves": "language",
    "lost": "lost",
    "its model": "unsure",
    "is ": "half",
    "has": "half",
    "breaks": "half",
}


def main() -> None:
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet")
    answers = recorded.select(source="lang", text="version", back="back", score=pl.lit(None, pl.Float64))
    objections(answers.head(100), "en")  # loads the word lists
    start = time.perf_counter()
    found = objections(answers, "en")
    print(f"{len(found) / (time.perf_counter() - start):,.0f} rows/s")
    judged = recorded.select("lang", "engine", "n").with_columns(objection=found, kind=kinds(found))
    gold = pl.read_csv(GOLD, separator="\t").join(judged, on=["lang", "engine", "n"], how="left", maintain_order="left")
    for half, name in enumerate(("tune", "report")):
        print_half(gold.filter(pl.col("n") % 2 == half), name, judged.filter(pl.col("n") % 2 == half))
    print_engines(judged)


def kinds(found: pl.Series) -> pl.Series:
    """The kind of each objection, null where there is none."""
    kind = pl.lit(None, pl.String)
    for words, name in reversed(KINDS.items()):
        kind = pl.when(pl.col("objection").str.starts_with(words)).then(pl.lit(name)).otherwise(kind)
    return found.alias("objection").to_frame().select(kind=kind)["kind"]


def print_half(gold: pl.DataFrame, name: str, judged: pl.DataFrame) -> None:
    flagged = gold.drop_nulls("objection")
    print(f"\n{name}: {len(gold)} labelled, {len(flagged)} of {judged['objection'].count()} objections among them")
    for kind in ("loop", "empty", "half", "language", "copy", "lost"):
        print_kind(f"{kind:12}", flagged.filter(kind=kind), gold.filter(label=kind), [kind])
    worst = ["loop", "empty", "half"]
    print_kind("loop to half", flagged.filter(pl.col("kind").is_in(worst)), gold.filter(pl.col("label").is_in(worst)), worst)
    print_kind("all", flagged, gold.filter(pl.col("label") != "clean"), [])


def print_kind(name: str, flagged: pl.DataFrame, positive: pl.DataFrame, labels: list[str]) -> None:
    """Precision, of the very label and of any fault, and recall, by whichever objection."""
    exact = flagged["label"].is_in(labels).sum()
    right, met = (flagged["label"] != "clean").sum(), positive["objection"].count()
    by_label = f"  by that label {share(exact, len(flagged))}" if labels else ""
    print(f"  {name:12}  right {share(right, len(flagged))}{by_label}  recall {share(met, len(positive))}")


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "    – (0/0)"


def print_engines(judged: pl.DataFrame) -> None:
    print("\nobjections by engine")
    counted = judged.group_by("engine").agg(
        rows=pl.len(), objections=pl.col("objection").count(), kinds=pl.col("kind").drop_nulls()
    )
    for engine, rows, count, found in counted.sort("engine").iter_rows():
        by_kind = ", ".join(f"{kind} {number}" for kind, number in sorted(pl.Series(found).value_counts().rows()))
        print(f"  {engine:22}{count:5} of {rows:6,}  {by_kind}")


if __name__ == "__main__":
    main()
