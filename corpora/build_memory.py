"""Rebuilds the recorded back-translations of a corpus: `python corpora/build_memory.py corpora/demo`.

The languages of `handmade.tsv` (lang, text, translation; no quoting) are taken from there; the others are translated by the
Apertium that is installed. The same corpus and the same Apertium give the same bytes.
"""

# ruff: noqa: T201 -- a script prints

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl

from checker import memory, pipeline
from checker.config import Config
from checker.engines import apertium
from checker.engines.recorded import COLUMNS
from checker.translate import translated

TARGET = "en"


def main(corpus: Path) -> None:
    handmade = pl.read_csv(corpus / "handmade.tsv", separator="\t", quote_char=None, infer_schema=False)
    texts = pipeline.foreign_texts(Config(paths=(corpus / "versions",)))
    known = pl.col("source").is_in(handmade["lang"].unique().implode())
    made = pl.concat([by_machine(texts.filter(~known)), by_hand(handmade)]).sort([*COLUMNS, "engine"])
    made.write_parquet(corpus / "memory.parquet", compression="zstd")
    print(made.group_by("source", "engine").len("rows").sort("source"))
    print("in handmade languages, but not in handmade.tsv:")
    for text in texts.filter(known).join(handmade, on="text", how="anti")["text"]:
        print(f"  {text}")
    for text in handmade.join(texts, on="text", how="anti")["text"]:
        print(f"  in handmade.tsv, but no segment\t{text}")


def by_machine(texts: pl.DataFrame) -> pl.DataFrame:
    """Rows of a memory: what Apertium makes of the texts, each with the Debian versions that made it."""
    engine = apertium.load(Config())
    debian = replace(engine, version=packages()["apertium"])
    rows = memory.rows_of(translated(texts, [debian], TARGET), TARGET)
    routes = {name: f"{name} ({pairs(name)})" for name in rows["engine"].unique().sort()}
    return rows.with_columns(pl.col("engine").replace_strict(routes, return_dtype=pl.String))


def by_hand(handmade: pl.DataFrame) -> pl.DataFrame:
    return handmade.select(
        source="lang", target=pl.lit(TARGET), text="text", translation="translation", engine=pl.lit("made by hand")
    )


def pairs(engine: str) -> str:
    """The Debian packages of a route's pairs: `apertium-fra-cat 1.10.0-1, apertium-eng-cat 1.0.1-5`."""
    codes = engine.rsplit(" ", 1)[-1].split("→")
    names = [{f"apertium-{a}-{b}", f"apertium-{b}-{a}"} for a, b in pairwise(codes)]
    return ", ".join(f"{name} {version}" for either in names for name, version in packages().items() if name in either)


def packages() -> dict[str, str]:
    """Installed Debian packages of Apertium and their versions."""
    command = ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "apertium*"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 -- a fixed command
    return dict(line.split(" ", 1) for line in listing.splitlines() if not line.endswith(" "))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
