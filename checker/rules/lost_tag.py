"""A tag of the original is missing from the version, or one stands there that the original has not.

Tags are those of HTML and XLIFF (`<b>`, `</a>`, `<x id="1"/>`, `<ph id="2"/>`), and any other that is closed. Tags of XLIFF and
others that have an `id` are told apart by it; other attributes, such as an address, are the version's own.

Why it matters: the page is marked up otherwise than it was meant, or not to be read at all.

A hit: "Press <b>Start</b>" → "Drücken Sie Start"; "<g id="1">here</g>" → "<g id="2">hier</g>". Not a hit: "<a href="/en">" →
"<a href="/de">"; "&nbsp;", which typography may want or not.

Known limits: the order of tags is not compared; a lone tag of no known name, such as `<file>` in a line of usage, is none.
"""

import polars as pl

from checker.placeholders import compared

CODE = "FID032"
SEVERITY = "minor"
CATEGORY = "design/markup"
MARKUP = True


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose tags differ, a row per tag; the side that has it narrowed to it."""
    return compared(pairs, "tag")
