"""Alignment quality: strict and lax F1 on Text+Berg dev, and on FLORES sentences with exact gold, clean and damaged.

    python bench/align.py

Scores as in vecalign: strict, the bead exactly; lax, an overlap on both sides; beads with an empty side count in precision only.
The peers' figures on Text+Berg dev (google) are quoted: Bleualign .780 / .979, hunalign on the translated text .740 / .960.
"""

import json
import os
import random
from pathlib import Path

import numpy as np
import polars as pl

from checker import align

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))

Beads = list[tuple[tuple[int, ...], tuple[int, ...]]]


def aligned(version: list[str], original: list[str]) -> Beads:
    sides = [
        pl.DataFrame({"doc": name, "n": range(len(texts)), "english": texts}) for name, texts in (("v", version), ("o", original))
    ]
    words = [align.features(side) for side in sides]
    numbers = [np.arange(len(side)) for side in sides]
    shared, masses = align.matches(*words, *numbers)
    beads = align.solve(shared, *masses, *(align.runs(side) for side in numbers))
    return [(tuple(range(*bead.version)), tuple(range(*bead.original))) for bead in beads]


def f1(said: Beads, gold: Beads) -> tuple[float, float]:
    """Strict and lax F1, as vecalign's score.py counts them."""
    whole = [bead for bead in gold if all(bead)]
    touched = lambda bead, others: any(set(bead[0]) & set(x[0]) and set(bead[1]) & set(x[1]) for x in others)  # noqa: E731
    ours = [bead for bead in said if all(bead)]
    nulls = [bead for bead in said if not all(bead)]
    null_hits = sum(bead in gold for bead in nulls)
    strict = sum(bead in whole for bead in ours)
    lax = sum(touched(bead, whole) for bead in ours)
    recall_lax = sum(touched(bead, ours) for bead in whole)
    scores = []
    for hits, found in ((strict, strict), (lax, recall_lax)):
        precision, recall = (hits + null_hits) / max(len(said), 1), found / max(len(whole), 1)
        scores.append(2 * precision * recall / max(precision + recall, 1e-9))
    return scores[0], scores[1]


def textberg() -> None:
    data = json.loads((SHARED / "data/align_textberg_dev.json").read_text())
    gold = [(tuple(src), tuple(tgt)) for src, tgt in data["gold"]]
    for engine, lines in data["src2tgt"].items():
        strict, lax = f1(aligned(lines, data["tgt"]), gold)
        print(f"textberg_dev {engine:16} strict {strict:.3f} lax {lax:.3f}")


def flores(*, damage: float, seed: int = 7) -> None:
    """Windows of 60 sentences; neighbours joined on either side, runs deleted from both sides by `damage`."""
    frame = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(pl.col("engine") == "argos")
    totals: list[tuple[float, float]] = []
    for (lang,), part in frame.group_by("lang", maintain_order=True):
        rng = random.Random(f"{lang}{seed}")
        rows = part.sort("n").select("back", "original").rows()
        totals += [f1(*_windowed(rows[at : at + 60], rng, damage)) for at in range(0, 480, 60)]
    mean = np.mean(totals, axis=0)
    print(f"flores argos, {damage:.0%} deleted  strict {mean[0]:.3f} lax {mean[1]:.3f}  ({len(totals)} documents)")


def _windowed(rows: list[tuple[str, str]], rng: random.Random, damage: float) -> tuple[Beads, Beads]:
    version, original, gold = [], [], []
    for back, text in rows:
        left, right = rng.random() < damage, rng.random() < damage / 2
        if not left:
            version.append(back or "")
        if not right:
            original.append(text)
        gold.append(((len(version) - 1,) if not left else (), (len(original) - 1,) if not right else ()))
    gold = [bead for bead in gold if any(bead)]
    return aligned(version, original), gold


if __name__ == "__main__":
    textberg()
    flores(damage=0.0)
    flores(damage=0.3)
