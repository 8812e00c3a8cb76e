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

from checker.config import Config
from checker.detect import detect, mark
from checker.engines import apertium
from checker.languages import UNDETERMINED
from checker.read import read
from checker.segment import lines, segment
from checker.tables import NOT_THE_TEXT
from checker.translate import translate

TARGET = "en"
COLUMNS = ("source", "target", "text", "translation", "engine")


def main(corpus: Path) -> None:
    handmade = pl.read_csv(corpus / "handmade.tsv", separator="\t", quote_char=None, infer_schema=False)
    segments = texts(Config(paths=(corpus / "versions",)))
    known = handmade["lang"].unique().implode()
    made = recorded(segments.filter(~pl.col("lang").is_in(known)))
    written = by_hand(handmade)
    memory = pl.concat([made, written]).unique(maintain_order=True).sort(COLUMNS)
    memory.write_parquet(corpus / "memory.parquet", compression="zstd")
    print(memory.group_by("source", "engine").len("rows").sort("source"))
    print("in handmade languages, but not in handmade.tsv:")
    wanted = segments.filter(pl.col("lang").is_in(known))
    for doc, text in wanted.join(written, on="text", how="anti").select("doc", "text").iter_rows():
        print(f"  {doc}\t{text}")
    for text in handmade.join(wanted, on="text", how="anti")["text"]:
        print(f"  in handmade.tsv, but no segment\t{text}")


def texts(config: Config) -> pl.DataFrame:
    """The segments that are the documents' text, without chrome, tags and duplicates."""
    pages = read(config)
    page_lines = lines(pages)
    segments = segment(page_lines, pl.Series([], dtype=pl.String))
    marked = mark(segments, detect(pages, page_lines, segments, config.rules()))
    return marked.filter(~pl.col("kind").is_in(NOT_THE_TEXT))


def recorded(segments: pl.DataFrame) -> pl.DataFrame:
    """`COLUMNS` of what Apertium makes of the segments, each with the Debian versions that made it."""
    engine = apertium.load(Config())
    debian = replace(engine, version=packages()["apertium"])
    back = translate(segments, [debian], TARGET).drop_nulls("back")
    language = pl.when(pl.col("lang") == UNDETERMINED).then("doc_lang").otherwise("lang")
    rows = back.select(source=language, target=pl.lit(TARGET), text="text", translation="back", engine="engine")
    routes = {name: f"{name} ({pairs(name)})" for name in rows["engine"].unique().sort()}
    return rows.with_columns(pl.col("engine").replace_strict(routes, return_dtype=pl.String)).unique(maintain_order=True)


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
