"""How well fidelity agrees with what people say of translations, beside chrF, chrF++, BLEU and TER of the same run.

    python bench/fidelity.py                    the half on which nothing was tuned
    python bench/fidelity.py --half tune        the other half (bench/calibrate.py sets the parameters on it)
    python bench/fidelity.py --sets mqm20 sts   some sets alone
    python bench/fidelity.py --sample 1000      so many rows of each set
    python bench/fidelity.py --semantic-model .peers/minilm    the scorer `semantic`, too (`make peers` unpacks a model)

Halves are split by the hash of the original. Of each set:

demetr, hwtsc22, aces_sub   share of pairs of a good and a bad translation in which the good one scores strictly higher; DEMETR's
                            mean is over its 32 perturbations (without the three `base` ones)
mqm20, mqm21                `len-tau`: tau-b with the MQM score within deciles of the length of the original, mean over deciles
                            (without the deciles it is mostly length); `systems`: share of pairs of systems in a segment, of those
                            that people judged differently, in the right order (ties are wrong)
halluc                      area under the ROC curve, for any error that was annotated; ties count half
sts                         Pearson's correlation with the similarity that people gave
flores                      pairs of engines in a language whose means are in the order of their published COMET

TER runs at some 90 pairs a second: it has the rows of `--ter` evenly spaced, where it is marked with ~.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from facts import half
from numpy.typing import NDArray
from sacrebleu.metrics import CHRF

from checker.config import Config
from checker.metrics import bleu, chrf, chrf_pp, ter
from checker.score import score_pairs

DATA = Path(os.environ.get("CHECKER_SHARED", "../shared")) / "data"

Scores = NDArray[np.float64]
Figures = dict[str, float]

ERRORS = ("repetitions", "named_entities", "omission", "strong_unsupport", "full_unsupport")
LEXICAL = Config(metrics=("chrf-pp",))

BATCH = 5_000
"""Pairs that are scored together, which bounds the memory."""


def challenge(name: str) -> pl.DataFrame:
    """Pairs of a good and a bad translation, a row each: item, good."""
    items = (
        pl.read_parquet(DATA / f"{name}_dev.parquet").filter(~pl.col("phenomenon").str.starts_with("base_")).with_row_index("item")
    )
    sides = [
        items.select("item", "phenomenon", original="reference", back=side, good=pl.lit(side == "good")) for side in ("good", "bad")
    ]
    return pl.concat(sides).sort("item", "good")


def judged(dataset: str) -> pl.DataFrame:
    rows = pl.read_parquet(DATA / "mqm_zhen_dev.parquet").filter(pl.col("dataset") == dataset)
    return rows.select("system", "doc", "seg_id", "human_score", original="reference", back="hypothesis")


def hallucinations() -> pl.DataFrame:
    rows = pl.read_parquet(DATA / "halluc_deen_dev.parquet")
    return rows.select(original="reference", back="hypothesis", error=pl.any_horizontal(pl.col(ERRORS) > 0))


def similarities() -> pl.DataFrame:
    return pl.read_parquet(DATA / "sts_dev.parquet").select("genre", "human_score", original="sentence1", back="sentence2")


def recordings() -> pl.DataFrame:
    rows = pl.read_parquet(DATA / "flores_dev_recorded.parquet").drop_nulls("back")
    return rows.select("lang", "engine", "engine_comet", "original", "back")


def told_apart(rows: pl.DataFrame, score: Scores) -> Figures:
    """Share of pairs in which the good one scores strictly higher: mean over phenomena, worst critical one, each phenomenon."""
    bad, good = np.nan_to_num(score.reshape(-1, 2), nan=-np.inf).T
    items = rows.filter("good").with_columns(right=pl.Series(good > bad))
    by = dict(items.group_by("phenomenon").agg(pl.col("right").mean()).sort("phenomenon").iter_rows())
    critical = [share for name, share in by.items() if name.startswith("critical")]
    mean = {"mean": float(np.mean(list(by.values()))), "worst critical": min(critical)} if critical else {}
    return {"all": float((good > bad).mean()), **mean} | {f"  {name}": share for name, share in by.items()}


def ranked(rows: pl.DataFrame, score: Scores) -> Figures:
    known = rows.with_columns(score=pl.Series(score)).filter(pl.col("score").is_not_nan())
    deciles = known.sort(pl.col("original").str.len_chars(), maintain_order=True).select("score", "human_score").to_numpy()
    within = [tau_b(*part.T) for part in np.array_split(deciles, 10)]
    right = pairs = 0
    for part in known.partition_by("doc", "seg_id", maintain_order=True):
        ours, theirs = (np.sign(np.subtract.outer(v, v)) for v in part.select("score", "human_score").to_numpy().T)
        right, pairs = right + int(((ours == theirs) & (theirs > 0)).sum()), pairs + int((theirs > 0).sum())
    return {"len-tau": float(np.mean(within)), "systems": right / max(pairs, 1)}


def tau_b(one: Scores, other: Scores) -> float:
    """Kendall's tau-b."""
    ours, theirs = (np.sign(np.subtract.outer(v, v)) for v in (one, other))
    return float((ours * theirs).sum() / np.sqrt((ours**2).sum() * (theirs**2).sum()))


def auc(rows: pl.DataFrame, score: Scores) -> Figures:
    known = rows.with_columns(score=pl.Series(score)).filter(pl.col("score").is_not_nan())
    wrong, right = (known.filter(pl.col("error") == flag)["score"].to_numpy() for flag in (True, False))
    apart = np.subtract.outer(right, wrong)
    return {"AUC": float((apart > 0).mean() + (apart == 0).mean() / 2)}


def pearson(rows: pl.DataFrame, score: Scores) -> Figures:
    known = rows.with_columns(score=pl.Series(score)).filter(pl.col("score").is_not_nan())
    by = known.group_by("genre").agg(pl.corr("score", "human_score")).sort("genre")
    return {"Pearson": float(known.select(pl.corr("score", "human_score")).item())} | {f"  {g}": c for g, c in by.iter_rows()}


def ordered(rows: pl.DataFrame, score: Scores) -> Figures:
    known = rows.with_columns(score=pl.Series(score)).filter(pl.col("score").is_not_nan())
    means = (
        known.group_by("lang", "engine")
        .agg(pl.col("score").mean(), pl.col("engine_comet").first())
        .drop_nulls()
        .sort("lang", "engine")
    )
    both = means.join(means, on="lang").filter(
        pl.col("engine") < pl.col("engine_right"), pl.col("engine_comet") != pl.col("engine_comet_right")
    )
    gaps = both.select(pl.col("score") - pl.col("score_right"), theirs=pl.col("engine_comet") - pl.col("engine_comet_right"))
    return {"engines": float((gaps["score"] * gaps["theirs"] > 0).mean()), "pairs of engines": float(gaps.height)}  # type: ignore[arg-type]


SETS: dict[str, tuple[Callable[[], pl.DataFrame], Callable[[pl.DataFrame, Scores], Figures]]] = {
    "demetr": (lambda: challenge("demetr"), told_apart),
    "hwtsc22": (lambda: challenge("hwtsc22"), told_apart),
    "aces_sub": (lambda: challenge("aces_sub"), told_apart),
    "mqm20": (lambda: judged("mqm20_zhen"), ranked),
    "mqm21": (lambda: judged("mqm21_zhen"), ranked),
    "halluc": (hallucinations, auc),
    "sts": (similarities, pearson),
    "flores": (recordings, ordered),
}


def loaded(name: str, which: str, sample: int | None) -> pl.DataFrame:
    """The rows of a set that are in a half: `original`, `back`, and what people said."""
    rows = SETS[name][0]()
    rows = rows.filter(half(rows["original"], which))
    return thinned(rows, sample)


def thinned(rows: pl.DataFrame, most: int | None) -> pl.DataFrame:
    """So many rows, evenly spaced; of a challenge set whole items, of judgements whole segments."""
    key = next((key for key in (["item"], ["doc", "seg_id"]) if set(key) <= set(rows.columns)), ["original", "back"])
    keys = rows.select(key).unique(maintain_order=True)
    if most is None or rows.height <= most:
        return rows
    if not most:
        return rows.clear()
    return rows.join(keys.gather_every(-(-rows.height // most)), on=key, how="semi", maintain_order="left")


def ours(originals: Sequence[str], backs: Sequence[str], config: Config = LEXICAL) -> Scores:
    """Fidelity of each pair, NaN where it is unscored."""
    pairs = pl.DataFrame({"original": originals, "back": backs})
    parts = [score_pairs(pairs.slice(at, BATCH), config, lambda _: None)[0] for at in range(0, pairs.height, BATCH)]
    return pl.concat(parts)["fidelity"].fill_null(np.nan).to_numpy()


PEERS: dict[str, Callable[[Sequence[str], Sequence[str]], Scores]] = {
    "chrF": lambda originals, backs: chrf.figures(chrf.counts(backs, originals)),
    "chrF++": lambda originals, backs: chrf_pp.figures(chrf_pp.counts(backs, originals)),
    "BLEU": lambda originals, backs: bleu.figures(bleu.counts(backs, originals)),
    "TER": lambda originals, backs: -np.array(ter.score(backs, originals)),
}


def measured(name: str, asked: argparse.Namespace) -> dict[str, Figures]:
    """The figures of each measure on a set."""
    rows, found = loaded(name, asked.half, asked.sample), {}
    scorers = {**PEERS, "ours": ours}
    if asked.semantic_model:
        scorers["semantic"] = partial(ours, config=replace(LEXICAL, scorer="semantic", semantic_model=asked.semantic_model))
    for peer, score in scorers.items():
        some = thinned(rows, asked.ter) if peer == "TER" else rows
        if some.height:
            found[peer] = SETS[name][1](some, score(some["original"].to_list(), some["back"].to_list()))
    return found | {"rows": {"rows": float(rows.height), "TER rows": float(min(asked.ter, rows.height))}}


def print_set(name: str, found: dict[str, Figures]) -> None:
    sizes = found.pop("rows")
    mark = "~" if sizes["TER rows"] < sizes["rows"] else " "
    print(f"\n{name + ', ' + format(int(sizes['rows']), ',') + ' rows':42}" + "".join(f"{peer:>9}" for peer in found))
    for figure in found["ours"]:
        cells = [(f"{found[peer].get(figure, np.nan):.3f}", mark if peer == "TER" else " ") for peer in found]
        print(f"  {figure:40}" + "".join(f"{cell + sign:>9}" for cell, sign in cells))


def print_speed(count: int, *flags: str) -> None:
    """CPU seconds of `checker score` on one core, from file to file, less those of its start; and of sacrebleu's chrF."""
    rows = thinned(recordings(), count).select("original", "back")
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.parquet", Path(folder) / "many.parquet"
        rows.head(10).write_parquet(few)
        rows.write_parquet(many)
        start, whole = spent(few, *flags), spent(many, *flags)
    begun = time.process_time()
    for original, back in rows.head(1_000).iter_rows():
        CHRF().sentence_score(back, [original])
    theirs = 1_000 / (time.process_time() - begun)
    rate = rows.height / (whole - start)
    print(f"\n{' '.join(['checker score', *flags])}: pairs a CPU-second, from file to file, all facts included")
    print(f"  {rate:,.0f} ({start:.1f} s to start)")
    print(f"sacrebleu's chrF alone: {theirs:,.0f}")


def spent(path: Path, *more: str) -> float:
    """CPU seconds of `checker score` of a file, on one core."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    flags = ["--metric", "chrf-pp", "--out", str(path.with_suffix(".scored.parquet")), *more]
    command = ["taskset", "--cpu-list", "0", sys.executable, "-m", "checker", "score", str(path), *flags]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_scale(which: str) -> None:
    """What the scale means: its quartiles for the same words, for good machine translations, and for another sentence."""
    rows = (
        pl.read_parquet(DATA / "flores_dev_recorded.parquet")
        .filter(pl.col("engine").is_in(["google", "microsoft"]))
        .drop_nulls("back")
    )
    good = rows.filter(half(rows["original"], which)).sample(1_500, seed=1).select("original", "back")
    kinds = {
        "verbatim": good.with_columns(back="original"),
        "good": good,
        "something else": good.with_columns(pl.col("original").shuffle(seed=3)),
    }
    print("\nthe scale: quartiles of chrF2++ and fidelity; per cent below 30, 50 and 70 of fidelity")
    for name, pairs in kinds.items():
        likeness = PEERS["chrF++"](pairs["original"].to_list(), pairs["back"].to_list())
        found = ours(pairs["original"].to_list(), pairs["back"].to_list())
        cells = [" ".join(f"{v:6.1f}" for v in np.nanquantile(scores, (0.25, 0.5, 0.75))) for scores in (likeness, found)]
        below = " ".join(f"{100 * np.nanmean(found < bound):6.1f}" for bound in (30, 50, 70))
        print(f"  {name:15} {cells[0]}   {cells[1]}   {below}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--sets", nargs="*", choices=(*SETS, "scale", "speed"), default=[*SETS, "scale", "speed"])
    parser.add_argument("--sample", type=int, help="so many rows of each set, evenly spaced")
    parser.add_argument("--semantic-model", metavar="NAME|DIR", help="the scorer `semantic`, too, with this model")
    parser.add_argument("--ter", type=int, default=1_000, help="so many rows of each set for TER, 0 for none")
    asked = parser.parse_args()
    for name in asked.sets:
        if name == "scale":
            print_scale(asked.half)
        elif name == "speed":
            print_speed(asked.sample or 8_000)
            if asked.semantic_model:
                print_speed(asked.sample or 2_000, "--scorer", "semantic", "--semantic-model", asked.semantic_model)
        else:
            print_set(name, measured(name, asked))


if __name__ == "__main__":
    main()
