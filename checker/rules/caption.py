"""A photo's caption.

Finds lines that open as captions do ("FILE - …", "ARCHIVO -", "Архивное фото", "资料图", "Symbolbild") or that say that
somebody "is seen in this handout photo", in the pack's languages.

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

_LONGEST = 90


def find(lines: pl.DataFrame) -> pl.DataFrame:
    rows = lines.filter(pl.col("text").str.count_matches(r"\S+") <= _LONGEST)
    found = [_captions(rows, lang, pack) for lang, pack in packs.load("captions").items()]
    message = "caption of a picture, not part of the running text"
    return pl.concat(found).unique(["doc", "start"], keep="first", maintain_order=True).with_columns(message=pl.lit(message))


def _captions(rows: pl.DataFrame, lang: str, pack: dict[str, list[str]]) -> pl.DataFrame:
    pattern = packs.either([f"^{packs.either(pack['start'])}", *pack["words"]])
    spoken = (pl.col("doc_lang") == lang) | (pl.col("lang") == lang)
    return rows.filter(spoken & pl.col("text").str.contains(pattern))
