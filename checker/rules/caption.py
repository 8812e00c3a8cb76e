"""A photo's caption.

Finds lines that open as captions do ("FILE - …", "ARCHIVO -", "Архивное фото", "资料图", "Symbolbild"), that end with a
photographer's credit ("(Ana Lopes/AFP)"), or that say that somebody "is seen in this handout photo", in the pack's languages.

A caption interrupts the text where the picture stood. Versions have other pictures, so that it has no partner, and a reader of
the tables must not take it for an addition.

Hit: "FILE - A ferry leaves the harbour, June 3, 2020." No hit: "The file was closed.", "Photos from the archive were shown."

Limits: a caption without such words looks like any sentence, and is only found if it stands twice (see `duplicate-line`).
"""

import polars as pl

from checker import packs

CODE = "ART005"
SEVERITY = "info"
CATEGORY = "accuracy/addition"
MARKS = "caption"

# A caption is a short paragraph: longer ones were text that speaks of a photo.
_LONGEST = 600


def find(lines: pl.DataFrame) -> pl.DataFrame:
    rows = lines.filter(pl.col("text").str.len_chars() <= _LONGEST)
    found = [_captions(rows, entry) for entry in packs.builtin("captions").entries]
    message = "caption of a picture, not part of the running text"
    return pl.concat(found).unique(["doc", "start"], keep="first", maintain_order=True).with_columns(message=pl.lit(message))


def _captions(rows: pl.DataFrame, entry: packs.Entry) -> pl.DataFrame:
    """The rows in the entry's language that its screen lets through and that it matches."""
    spoken = (pl.col("doc_lang") == entry.lang) | (pl.col("lang") == entry.lang)
    told = rows if entry.lang == packs.ANY else rows.filter(spoken)
    screened = told.filter(pl.col("text").str.contains(entry.screen)) if entry.screen else told
    return screened.filter(pl.col("text").str.contains(packs.pattern(entry)))
