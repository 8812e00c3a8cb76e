"""Sets the parameters of fidelity on what people and challenge sets say of translations; without flags, checks what they were set
on.

    python bench/calibrate.py                whether the data are those that the parameters were set on, and the figures they give
    python bench/calibrate.py --rounds 2     tries each parameter a little lower and higher in turn, keeps what is better, and
    prints python bench/calibrate.py --rounds 2 --write

Only the halves `tune` are read; bench/fidelity.py reports on the others. What is sought is the least shortfall of all measures
from their goals, each on its scale: a single one, MQM above all, would unlearn errors that systems seldom make. Parameters keep
their sign and stay near what was set by hand, so that a reader can follow them; what findings leave (`[facts]`) is set by hand
alone.
"""

import argparse
import hashlib
import re
import tomllib
from collections.abc import Mapping

import numpy as np
import polars as pl
from facts import found, framed
from fidelity import DATA, SETS, Figures, Scores, loaded

from checker import likeness
from checker.score import LEAST

# Goal of each measure on the half `tune`, and the change that counts as much as one of the others': about what separates two good
# sets of parameters.
GOALS = {
    ("demetr", "mean"): (0.965, 0.03),
    ("demetr", "worst critical"): (0.92, 0.05),
    ("hwtsc22", "all"): (0.87, 0.1),
    ("aces_sub", "all"): (0.96, 0.2),
    ("mqm20", "len-tau"): (0.29, 0.05),
    ("mqm20", "systems"): (0.585, 0.02),
    ("mqm21", "len-tau"): (0.235, 0.03),
    ("mqm21", "systems"): (0.54, 0.015),
    ("halluc", "AUC"): (0.84, 0.03),
    ("sts", "Pearson"): (0.62, 0.1),
    ("flores", "engines"): (0.965, 0.02),
}

# Sets of which a sample will do, if need be; means of engines and shares of pairs need all rows.
JUDGED = ("mqm20", "mqm21", "sts")

STEPS = (0.7, 0.87, 1.15, 1.4)
# More than what agrees wholly cannot agree, and a replaced word cannot cost more than one that is lost.
MOST = {"form": 1.0, "sense": 0.95, "spelt": 0.8, "replaced": 1.0, "bend": 2.0}
LEAST_OF = {"bend": 1.0, "slip": 0.3}

Measured = dict[str, tuple[pl.DataFrame, dict[str, Scores], Scores]]
"""Of each set its rows, the measures of each pair, and what its findings leave."""


def measured(sample: int) -> Measured:
    sets = {}
    for name in SETS:
        rows = loaded(name, "tune", sample if name in JUDGED else None)
        share = pl.col("severity").replace_strict(likeness.kept(), return_dtype=pl.Float64)
        left = found(framed(rows["original"], rows["back"])).group_by("pair").agg(kept=share.product().clip(LEAST))
        kept = np.ones(rows.height)
        kept[left["pair"].to_numpy()] = left["kept"].to_numpy()
        sets[name] = (rows, likeness.measures(rows["back"].to_list(), rows["original"].to_list()), kept)
    return sets


def figures(sets: Measured, told: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Each measure that has a goal."""
    scored = {name: likeness.joined(figure, told)["likeness"] * kept for name, (_, figure, kept) in sets.items()}
    by: dict[str, Figures] = {name: SETS[name][1](sets[name][0], scored[name]) for name in sets}
    return {(name, measure): by[name][measure] for name, measure in GOALS}


def short(found: Mapping[tuple[str, str], float]) -> float:
    """How far the measures fall short of their goals; what is beyond a goal makes up for a tenth."""
    gaps = ((found[key] - goal) / scale for key, (goal, scale) in GOALS.items())
    return -sum(min(gap, 0.1 * gap) for gap in gaps)


def searched(sets: Measured, told: Mapping[str, float], rounds: int) -> dict[str, float]:
    """The parameters, each moved while that helps."""
    best, least = dict(told), short(figures(sets, told))
    for turn in range(rounds):
        for name in sorted(told.keys() - {"spread"}):
            for step in STEPS:
                moved = best | {name: float(np.clip(best[name] * step, LEAST_OF.get(name, 0.0), MOST.get(name, np.inf)))}
                if (now := short(figures(sets, moved))) < least - 0.002:
                    best, least = moved, now
        print(f"round {turn + 1}: short by {least:.3f}", flush=True)
    return best


READ = ("aces_sub_dev", "demetr_dev", "flores_dev_recorded", "halluc_deen_dev", "hwtsc22_dev", "mqm_zhen_dev", "sts_dev")
"""The files of the sets."""


def digests() -> dict[str, str]:
    return {f"{name}.parquet": hashlib.sha256((DATA / f"{name}.parquet").read_bytes()).hexdigest() for name in READ}


def written(told: Mapping[str, float]) -> str:
    """The file with other values, its comments as they are, and the digests of the data."""
    text = likeness.PARAMETERS.read_text("utf-8").split("\n[data]", 1)[0].rstrip("\n")
    for name, value in told.items():
        text = re.sub(
            rf"(?m)^({name} = )[\d.]+( *#)", lambda found, value=value: found[1] + f"{value:.3g}".ljust(4) + found[2], text
        )
    listed = "".join(f'"{name}" = "{digest}"\n' for name, digest in digests().items())
    return f"{text}\n\n[data] # SHA-256 of what the parameters were set on\n{listed}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=0, help="how often each parameter is tried")
    parser.add_argument("--sample", type=int, default=5_000, help="so many rows of each set of judgements")
    parser.add_argument("--write", action="store_true", help="write the parameters and the digests of the data")
    asked = parser.parse_args()
    known = tomllib.loads(likeness.PARAMETERS.read_text("utf-8")).get("data", {})
    print(
        "the data are those that the parameters were set on"
        if known == digests()
        else "the data are not those that the parameters were set on"
    )
    sets, told = measured(asked.sample), likeness.parameters()
    best = searched(sets, told, asked.rounds)
    before, after = figures(sets, told), figures(sets, best)
    for key, (goal, _) in GOALS.items():
        print(f"{' '.join(key):28} goal {goal:.3f}  before {before[key]:.3f}  now {after[key]:.3f}")
    for name in told:
        print(f"{name:16} {told[name]:8.3g} {best[name]:8.3g}")
    if asked.write:
        likeness.PARAMETERS.write_text(written(best), "utf-8")


if __name__ == "__main__":
    main()
