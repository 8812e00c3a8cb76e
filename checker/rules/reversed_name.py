"""A name whose words stand in reverse beside the original's.

Finds, in the sentences of a version in English, two capitalised words whose reverse stands in the original's sentence, while the
version nowhere there has the original's order: no list of names is needed, and persons' names are found, too.

A translation word by word takes over the other language's order of words: French and Spanish put the adjective last, Hungarian and
Chinese the family name first.

Hit: "the Harbour Fund" → "the Fund Harbour"; "Mari Lehto" → "Lehto Mari". No hit: "Fund Harbour" in both; "North Harbour Fund" →
"Fund Harbour North" (three words: see permuted-name).

Limits: names of two words; versions in English, since a name's order in another language is that language's own.
"""

import polars as pl

CODE = "MTS006"
SEVERITY = "major"
CATEGORY = "linguistic-conventions/grammar"

_RUN = r"\p{Lu}[\p{L}’'-]*(?: (?:\p{Lu}\.|\p{Lu}[\p{L}’'-]*))+"
_PAIR = r"^\p{Lu}\p{Ll}[\p{L}’'-]* \p{Lu}\p{Ll}[\p{L}’'-]*$"


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a name in reverse, a row per name; both sides narrowed to it."""
    native = pairs.filter(pl.col("text") == pl.col("english"))
    named = native.with_columns(name=pl.col("text").str.extract_all(_RUN).list.unique(maintain_order=True)).explode("name")
    named = named.filter(pl.col("name").str.contains(_PAIR)).with_columns(
        was=pl.col("name").str.split(" ").list.reverse().list.join(" ")
    )
    text, original, name, was = (pl.col(column) for column in ("text", "original_text", "name", "was"))
    turned = _holds(original, was) & ~_holds(original, name) & ~_holds(text, was) & (name != was)
    found = named.filter(turned.fill_null(value=False))
    here, there = _place(text, name), _place(original, was)
    return found.with_columns(
        start=pl.col("start") + here,
        end=pl.col("start") + here + name.str.len_chars(),
        original_start=pl.col("original_start") + there,
        original_end=pl.col("original_start") + there + was.str.len_chars(),
        message=pl.format("{} → {}: the name's words stand in reverse", was, name),
    ).drop("name", "was")


def _holds(text: pl.Expr, words: pl.Expr) -> pl.Expr:
    return text.str.contains(words, literal=True)


def _place(text: pl.Expr, words: pl.Expr) -> pl.Expr:
    """Characters before the first occurrence of the words."""
    # `find` counts bytes: what stands before it is cut as bytes, and its characters counted.
    before = text.cast(pl.Binary).bin.slice(0, text.str.find(words, literal=True)).cast(pl.String)
    return before.str.len_chars().cast(pl.Int64)
