"""Facts that differ: pairs of a good and a bad translation told apart, false findings on good ones, and the time of each rule.

    python bench/facts.py                  the half that no rule was tuned on
    python bench/facts.py --half tune      the other half
    python bench/facts.py --show RULE      every finding of a rule on good text, to read

Halves are split by the hash of the reference. A pair counts as right if the good text scores strictly higher than the bad one, in
fidelity as `checker.score` makes it. Beside it, chrF2++ alone.
"""

import argparse
import hashlib
import os
import time
from pathlib import Path

import polars as pl

from checker import likeness
from checker.registry import rules
from checker.score import LEAST
from checker.tables import SENTENCES
from checker.wording import worded

DATA = Path(os.environ.get("CHECKER_SHARED", "../shared")) / "data"
CHALLENGES = ("hwtsc22", "aces_sub", "demetr")

# Whole documents make these two; here, every row is a pair.
NOT_OF_A_PAIR = {"omission", "addition"}

CRITICAL = ("numbers_replaced", "gender", "ne_removed", "antonym", "negation", "ne_replaced", "question", "tense")


def half(texts: pl.Series, name: str) -> pl.Series:
    """True for the texts of a half, `tune` or `report`; a text and its versions are always in one."""
    odd = texts.map_elements(lambda text: hashlib.sha256(text.encode()).digest()[0] % 2, return_dtype=pl.Int64)
    return odd == (name == "report")


def framed(originals: pl.Series, versions: pl.Series) -> pl.DataFrame:
    """Pairs of texts as the pair rules read them, each a document of its own."""
    pairs = pl.DataFrame({"original_text": originals, "text": versions}).with_row_index("pair")
    pairs = pairs.with_columns(
        pl.col("pair").cast(pl.String).alias("doc"),
        pl.lit("original").alias("original"),
        pl.lit(0, pl.Int64).alias("start"),
        pl.lit(0, pl.Int64).alias("original_start"),
        pl.lit("1-1").alias("alignment"),
        pl.col("text").alias("english"),
        pl.col("text").str.len_chars().cast(pl.Int64).alias("end"),
        pl.col("original_text").str.len_chars().cast(pl.Int64).alias("original_end"),
    )
    return pairs.with_columns(pl.lit(None, SENTENCES.schema[c]).alias(c) for c in SENTENCES.columns if c not in pairs.columns)


def found(pairs: pl.DataFrame, spent: dict[str, float] | None = None) -> pl.DataFrame:
    """pair, rule, severity, message of every finding; adds the seconds of each rule to `spent`."""
    begun = time.process_time()
    pairs = worded(pairs)  # as `checker.score` does
    if spent is not None:
        spent["(words that differ)"] = time.process_time() - begun
    findings = []
    for name, rule in rules().items():
        if rule.reads == "pairs" and name not in NOT_OF_A_PAIR:
            begun = time.process_time()
            rows = rule.module.find(pairs)
            if spent is not None:
                spent[name] = spent.get(name, 0.0) + time.process_time() - begun
            severity = pl.col("severity") if "severity" in rows.columns else pl.lit(None)
            severity = pl.coalesce(severity.cast(pl.String), pl.lit(rule.severity))
            findings.append(rows.select("pair", "message", rule=pl.lit(name), severity=severity))
    return pl.concat(findings)


def scored(pairs: pl.DataFrame) -> pl.DataFrame:
    """chrf_pp and score of each pair, in order."""
    share = pl.col("severity").replace_strict(likeness.kept(), return_dtype=pl.Float64)
    left = found(pairs).group_by("pair").agg(kept=share.product().clip(LEAST))
    told = pl.DataFrame(likeness.components(pairs["text"].to_list(), pairs["original_text"].to_list()))
    judged = pairs.select("pair").hstack(told).join(left, on="pair", how="left", maintain_order="left")
    return judged.select("chrf_pp", score=pl.col("likeness") * pl.col("kept").fill_null(1.0))


def challenge(name: str, which: str) -> pl.DataFrame:
    """The pairs of a challenge set that are in a half."""
    items = pl.read_parquet(DATA / f"{name}_dev.parquet").filter(~pl.col("phenomenon").str.starts_with("base_"))
    return items.filter(half(items["reference"], which))


def told_apart(items: pl.DataFrame) -> pl.DataFrame:
    """The items with `right` and `chrf_right`."""
    good, bad = (scored(framed(items["reference"], items[side])) for side in ("good", "bad"))
    return items.with_columns(right=good["score"] > bad["score"], chrf_right=good["chrf_pp"] > bad["chrf_pp"])


def recordings(which: str) -> pl.DataFrame:
    """FLORES there and back by Google, in a half."""
    rows = pl.read_parquet(DATA / "flores_dev_recorded.parquet").filter(pl.col("engine") == "google").drop_nulls("back")
    return rows.filter(half(rows["original"], which))


def print_accuracy(which: str) -> None:
    for name in CHALLENGES:
        judged = told_apart(challenge(name, which))
        print(f"\n{name}: {judged.height} pairs, right {judged['right'].mean():.3f}, chrF2++ {judged['chrf_right'].mean():.3f}")
        by = judged.group_by("phenomenon").agg(pl.len(), pl.col("right", "chrf_right").mean()).sort("phenomenon")
        for phenomenon, count, right, chrf in by.iter_rows():
            if name != "demetr" or any(kind in phenomenon for kind in CRITICAL):
                print(f"  {phenomenon[:44]:44} {count:5} {right:.3f} {chrf:.3f}")


def print_false_findings(which: str) -> None:
    sets = {name: challenge(name, which).select("reference", "good").unique(maintain_order=True) for name in CHALLENGES}
    pairs = {name: framed(rows["reference"], rows["good"]) for name, rows in sets.items()}
    flores = recordings(which)
    pairs["flores"] = framed(flores["original"], flores["back"])
    spent: dict[str, float] = {}
    shares = {name: found(frame, spent if name == "flores" else None) for name, frame in pairs.items()}
    print(f"\nshare of good pairs with a finding, %\n{'':22}" + "".join(f"{name:>10}" for name in pairs) + "   pairs/s")
    for name, seconds in spent.items():
        cells = (100 * shares[s].filter(pl.col("rule") == name)["pair"].n_unique() / pairs[s].height for s in pairs)
        rate = flores.height / max(seconds, 1e-9)
        print(f"  {name:20}" + "".join(f"{cell:10.2f}" for cell in cells) + f"{rate:10,.0f}")
    total = sum(spent.values())
    print(f"  all: {1000 * total / flores.height:.3f} ms a pair, {flores.height / total:,.0f} pairs/s")


def print_findings(which: str, rule: str) -> None:
    rows = [challenge(name, which).select(original="reference", back="good").unique(maintain_order=True) for name in CHALLENGES]
    texts = pl.concat([*rows, recordings(which).select("original", "back")])
    pairs = framed(texts["original"], texts["back"])
    for pair, message in found(pairs).filter(pl.col("rule") == rule).select("pair", "message").iter_rows():
        print(f"{message}\n    {texts['original'][pair]}\n    {texts['back'][pair]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--show", metavar="RULE", help="print the findings of one rule on good text")
    asked = parser.parse_args()
    if asked.show:
        print_findings(asked.half, asked.show)
        return
    print_accuracy(asked.half)
    print_false_findings(asked.half)


if __name__ == "__main__":
    main()
