"""What the scale of fidelity means: its middle for good machine translations of news, and for sentences that say something else.

    python bench/fidelity.py

1,500 FLORES recordings by Google and Microsoft against their originals, then against other originals of the set; beside it chrF2++.
"""

import os
from pathlib import Path

import polars as pl

from checker.config import Config
from checker.score import score_pairs

SHARED = Path(os.environ.get("CHECKER_SHARED", "../shared"))


def main() -> None:
    recorded = pl.read_parquet(SHARED / "data/flores_dev_recorded.parquet").filter(pl.col("engine").is_in(["google", "microsoft"]))
    faithful = recorded.drop_nulls("back").sample(1_500, seed=1).select("original", "back")
    other = faithful.with_columns(pl.col("original").shuffle(seed=3))
    for name, pairs in (("faithful", faithful), ("something else", other)):
        scores, _ = score_pairs(pairs, Config(metrics=("chrf-pp",), select=("omission",)), lambda _: None)
        row = scores.select(pl.col("chrf_pp", "fidelity").median()).row(0)
        print(f"{name:15} median chrF2++ {row[0]:5.1f}  fidelity before facts {row[1]:5.1f}")


if __name__ == "__main__":
    main()
