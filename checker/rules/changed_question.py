"""A question has become a statement in the version, or a statement a question.

One side has a question mark at the end of a sentence or a quotation, and the other has none.

Why it matters: what the author asked, the version asserts.

A hit: "Has the ferry sunk?" → "The ferry has sunk."; Not a hit: "Why?" → "But why?"; a question mark within an address of the
web, or one that stands for a sign that was lost ("m?").

Known limits: a question that is told ("asked whether") and one that is asked are different; of two questions, one that is lost
is not missed. Versions without an English reading are not judged.
"""

import polars as pl

from checker.facts import Spot, in_english, spotted

CODE = "FID013"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

# A question mark that ends something: behind it stand a quotation mark, the end, or the beginning of a sentence; before it, a word.
_ASKED = r"""[\p{L}\d%)\]"'”’»…!?]\s*[?？؟]+["'”’»)\]!?]*(?:\s*$|\s+["'“‘«(\[]*\p{Lu}|\s+[-–—]|["”’»,]|\s+["”’»])|^\s*[?？؟]"""


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of which one side asks; each side narrowed to its question mark, or the whole of it."""
    marked = pl.any_horizontal(pl.col(c).str.contains(r"[?？؟]") for c in ("original_text", "english"))
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & marked)
    asked, asks = (kept[column].str.contains(_ASKED) for column in ("original_text", "english"))
    bare = [kept[column].str.contains("[?？؟]") for column in ("original_text", "english")]
    kept = kept.with_columns(asked=asked & ~bare[1], asks=asks & ~bare[0]).filter(pl.col("asked") | pl.col("asks"))
    rows = kept.select("original_text", "english", "back", "asked").iter_rows()
    return spotted(kept, [[_spot(*row)] for row in rows]).drop("asked", "asks")


def _spot(original: str, english: str, back: str | None, asked: bool) -> Spot:
    at = max((original if asked else english).rfind(mark) for mark in "?？؟")
    if asked:
        return Spot("a question became a statement", None, (at, at + 1))
    return Spot("a statement became a question", (at, at + 1) if back is None else None)
