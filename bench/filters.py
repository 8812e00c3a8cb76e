"""The rules over pairs in any language: findings on good translations, and planted faults that they find.

    python bench/filters.py                  the half that no threshold was set on
    python bench/filters.py --half tune      the other half
    python bench/filters.py --show RULE      findings of a rule on good translations, to read

Good translations are FLORES' human ones into 15 languages, beside the English original; halves go by the hash of the original.
In each, faults are planted: sides swapped, the version of another sentence, half of the version cut off, the original in its place,
its last words repeated.
"""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from checker import telling
from checker.registry import rules
from checker.tables import SENTENCES

if __package__:
    from bench.facts import half
else:
    from facts import half  # type: ignore[import-not-found,no-redef,unused-ignore]

DATA = Path(os.environ.get("CHECKER_SHARED", "../shared")) / "data"
RULES = ("uneven-length", "wrong-script", "unlike-numerals", "unlike-punctuation", "repetition", "wrong-language")


def flores() -> pl.DataFrame:
    """lang, original, version: each sentence once in each language."""
    rows = pl.read_parquet(DATA / "flores_dev_recorded.parquet", columns=["lang", "n", "original", "version"])
    return rows.unique(["lang", "n"], keep="first", maintain_order=True).select("lang", "original", "version")


def faulty(good: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Fault to the good pairs with it: lang, original, version."""
    version, other = pl.col("version"), pl.col("version").shift(-1).over("lang").fill_null(pl.col("version").first().over("lang"))
    last = version.str.slice(version.str.len_chars().cast(pl.Int64) - 12)
    return {
        "sides swapped": good.with_columns(original="version", version="original"),
        "another sentence": good.with_columns(version=other),
        "half cut off": good.with_columns(version=version.str.slice(0, version.str.len_chars() // 2)),
        "left as it was": good.with_columns(version="original"),
        "words repeated": good.with_columns(version=pl.concat_str(version, *[last] * 4)),
    }


def framed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs as the rules read them: each a document, its version in `lang` and not translated back."""
    rows = pairs.with_row_index("row").select(
        doc=pl.col("row").cast(pl.String),
        original=pl.lit("original"),
        n=pl.lit(0, pl.Int64),
        original_n=pl.lit(0, pl.Int64),
        start=pl.lit(0, pl.Int64),
        end=pl.col("version").str.len_chars().cast(pl.Int64),
        text="version",
        lang="lang",
        original_start=pl.lit(0, pl.Int64),
        original_end=pl.col("original").str.len_chars().cast(pl.Int64),
        original_text="original",
        alignment=pl.lit("1-1"),
        english=pl.lit(None, pl.String),
    )
    absent = [name for name in SENTENCES.columns if name not in rows.columns]
    return rows.with_columns(pl.lit(None, SENTENCES.schema[name]).alias(name) for name in absent)


def told(pairs: pl.DataFrame) -> dict[str, pl.Series]:
    """Rule to whether it tells each pair."""
    frame = framed(pairs)
    found = {name: rules()[name].module.find(frame)["doc"].unique() for name in RULES}
    return {name: frame["doc"].is_in(docs.implode()) for name, docs in found.items()}


def shares(told_by: Mapping[str, pl.Series]) -> str:
    frame = pl.DataFrame(dict(told_by))
    each = [f"{100 * frame[name].mean():20.2f}" for name in RULES]  # type: ignore[operator] # a share of booleans
    return "".join(each) + f"{100 * frame.select(pl.any_horizontal(pl.all())).to_series().mean():9.2f}"  # type: ignore[operator]


def screened(good: pl.DataFrame) -> None:
    """Prints how many texts are told foreign by the model alone, and of these by telling words first; and how many need no model.

    Each version is said to be in its own language, then in the next one, and then half of it is English.
    """
    own = good.select("lang", text="version")
    langs = own["lang"].unique().sort().to_list()
    following = dict(zip(langs, [*langs[1:], langs[0]], strict=True))
    half_english = pl.concat_str(pl.col("version").str.slice(0, pl.col("version").str.len_chars() // 2), pl.col("original"))
    sets = {
        "its own language": own,
        "the next language": own.with_columns(pl.col("lang").replace_strict(following)),
        "half English": good.select("lang", text=half_english),
    }
    print(f"\n{'':24}{'texts':>9}{'no model':>10}{'foreign':>9}{'by words first':>16}")
    for name, texts in sets.items():
        sums = [0, 0, 0]
        for lang, same in texts.group_by("lang"):
            rows, code = same.select("text").with_row_index("row"), str(lang[0])
            sums[0] += rows.select(telling.confirmed(pl.col("text"), code).sum()).item()
            sums[1] += telling.weighed(rows, code).height
            sums[2] += telling.foreign(rows["text"], code).height
        print(f"{name:24}{texts.height:9,}{sums[0]:10,}{sums[1]:9,}{sums[2]:16,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--show", metavar="RULE", help="print the findings of one rule on good translations")
    asked = parser.parse_args()
    good = flores().filter(half(flores()["original"], asked.half))
    if asked.show:
        for row in rules()[asked.show].module.find(framed(good)).select("lang", "message", "original_text", "text").iter_rows():
            print("{} {}\n    {}\n    {}".format(*row))
        return
    print(f"{asked.half} half, pairs told, %\n{'':24}" + "".join(f"{name:>20}" for name in RULES) + "      any")
    print(f"{'good: ' + format(good.height, ','):24}" + shares(told(good)))
    for lang in good["lang"].unique().sort():
        print(f"{'  ' + lang:24}" + shares(told(good.filter(lang=lang))))
    for fault, pairs in faulty(good).items():
        print(f"{fault:24}" + shares(told(pairs)), flush=True)
    screened(good)


if __name__ == "__main__":
    main()
