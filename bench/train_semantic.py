"""Sets the parameters of the scorer `semantic` (checker/models/semantic.toml) on the halves `tune` of what bench/fidelity.py reads.

    python bench/train_semantic.py MODEL [--sample 2000] [--seconds 600]

MODEL is what `semantic_model` may be. Starts from the parameters in force and climbs by CMA-ES (bench/train_align.py) on what is
lacking to the goals that the project set itself (GOALS); what is beyond a goal counts a quarter. The parameters are searched as
factors of themselves, so none changes its sign. Prints the figures by those in force and by those found, and the latter.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import polars as pl
from facts import found, framed
from fidelity import SETS, Figures, Scores, loaded
from numpy.typing import NDArray
from train_align import climb

from checker import likeness, semantic
from checker.encoder import load
from checker.score import LEAST

# What is asked, and how much of it counts.
GOALS = {
    ("demetr", "mean"): (0.97, 3.0),
    ("demetr", "worst critical"): (0.93, 1.0),
    ("hwtsc22", "all"): (0.85, 3.0),
    ("aces_sub", "all"): (0.90, 1.0),
    ("mqm20", "len-tau"): (0.25, 3.0),
    ("mqm21", "len-tau"): (0.25, 3.0),
    ("mqm20", "systems"): (0.58, 3.0),
    ("mqm21", "systems"): (0.55, 3.0),
    ("halluc", "AUC"): (0.84, 5.0),
    ("sts", "Pearson"): (0.80, 4.0),
    ("flores", "engines"): (0.97, 1.5),
}
BEYOND = 0.25

# Not searched: what words that are coupled in other ways count, as `lexical` has it; and what a finding costs, which is a decision.
FIXED = ("form", "sense", "spelt", "lost", "added", "spared", "spread")

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A set with what differs in words and in meaning, and what the findings leave of likeness."""

    rows: pl.DataFrame
    words: likeness.Figures
    meant: likeness.Figures
    kept: Scores


def measured(name: str, sample: int, model: str) -> Measured:
    rows = loaded(name, "tune", sample)
    versions, originals = rows["back"].to_list(), rows["original"].to_list()
    meant = semantic.compared(load(model), versions, originals)
    share = pl.col("severity").replace_strict(likeness.kept(semantic.PARAMETERS), return_dtype=pl.Float64)
    left = found(framed(rows["original"], rows["back"])).group_by("pair").agg(kept=share.product().clip(LEAST))
    pairs = pl.DataFrame({"pair": range(rows.height)}, schema_overrides={"pair": left.schema["pair"]})
    kept = pairs.join(left, on="pair", how="left", maintain_order="left")["kept"].fill_null(1.0).to_numpy()
    return Measured(rows, likeness.measures(versions, originals), {name: meant[name].to_numpy() for name in meant.columns}, kept)


def figures(name: str, each: Measured, told: dict[str, float]) -> Figures:
    alike = semantic.joined(each.words, each.meant, told)["likeness"]
    score: Scores = (alike * (1 - (1 - each.kept) * (alike / 100) ** told["spared"])).round(2)
    return SETS[name][1](each.rows, score)


def value(sets: dict[str, Measured], told: dict[str, float]) -> float:
    total = 0.0
    for name, each in sets.items():
        known = figures(name, each, told)
        for (where, figure), (goal, weight) in GOALS.items():
            if where == name:
                beyond = known[figure] - goal
                total += weight * (beyond if beyond < 0 else BEYOND * beyond)
    return total


def changed(told: dict[str, float], names: list[str], vector: Vector) -> dict[str, float]:
    """The parameters, those of the names times e to the vector; the cosine counts for all of the share of words at most."""
    factors = dict(zip(names, np.exp(vector).tolist(), strict=True))
    new = {name: number * factors.get(name, 1.0) for name, number in told.items()}
    return new | {"meaning": min(new["meaning"], 1.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("model")
    parser.add_argument("--sample", type=int, default=2_000, help="so many rows of each set")
    parser.add_argument("--seconds", type=float, default=600.0, help="0: the figures by the parameters in force alone")
    asked = parser.parse_args()
    sets = {name: measured(name, asked.sample, asked.model) for name in SETS}
    told = dict(likeness.parameters(semantic.PARAMETERS))
    names = [name for name in told if name not in FIXED]
    climbed = np.zeros(len(names))
    if asked.seconds:
        # The further from the start, the less likely that it is not chance.
        climbed = climb(
            lambda vector: value(sets, changed(told, names, vector)) - 0.002 * float(np.square(vector).sum()),
            climbed,
            0.2,
            asked.seconds,
        )
    new = changed(told, names, climbed)
    for name, each in sets.items():
        before, after = figures(name, each, told), figures(name, each, new)
        for figure in before:
            if (name, figure) in GOALS:
                print(f"{name:9} {figure:15} {before[figure]:.3f} {after[figure]:.3f}  asked {GOALS[name, figure][0]:.2f}")
    print("\n".join(f"{name} = {number:.3g}" for name, number in new.items()))


if __name__ == "__main__":
    main()
