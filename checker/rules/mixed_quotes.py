"""Straight and curly quotation marks mixed in one English text.

Finds, in an English document whose text has quotations in straight marks and quotations in curly ones, two or more of each, the
first quotation in the rarer of the two styles: one finding a document.

A text that one program set has one style; two say that passages were pasted together, or went through another system one by one.

Hit: "We have waited," she said, on a page of “curly” quotations. No hit: one quotation that differs; inches (6' 2"), code, lines
of fewer than eight words, which are labels.

Limits: it does not say which of the two was pasted. Apostrophes are not compared: keyboards and programs mix them in any text.
"""

import polars as pl

from checker import spans

CODE = "TYP003"
SEVERITY = "info"
CATEGORY = "linguistic-conventions/punctuation"

_WORDS = 8
_ENOUGH = 2
_STRAIGHT = r"(?:^|[\s(\[—–])\"\p{L}[^\"“”]+[\p{L}.,!?…]\"(?:[\s.,;:!?)\]—–]|$)"
_CURLY = r"“\p{L}[^\"“”]+[\p{L}.,!?…]”"
_QUOTED = {"straight": r"(?<![^\s(\[—–])\"\p{L}[^\"“”]+[\p{L}.,!?…]\"(?![^\s.,;:!?)\]—–])", "curly": _CURLY}


def find(lines: pl.DataFrame) -> pl.DataFrame:
    english = lines.filter((pl.col("doc_lang") == "en") & (pl.col("script") == "Latn") & pl.col("text").str.contains('["“]'))
    counted = english.with_columns(
        straight=pl.col("text").str.count_matches(_STRAIGHT), curly=pl.col("text").str.count_matches(_CURLY)
    )
    quoting = counted.filter((pl.col("straight") + pl.col("curly") > 0) & (pl.col("text").str.count_matches(r"\S+") >= _WORDS))
    straight, curly = (pl.col(style).sum().over("doc") for style in ("straight", "curly"))
    rarer = pl.when(straight < curly).then(pl.lit("straight")).otherwise(pl.lit("curly"))
    mixed = quoting.with_columns(rarer=rarer).filter(pl.min_horizontal(straight, curly) >= _ENOUGH)
    return pl.concat([_first(mixed, style).select(*lines.columns, "message") for style in _QUOTED])


def _first(mixed: pl.DataFrame, style: str) -> pl.DataFrame:
    """The first quotation in the style, of documents in which it is the rarer."""
    rows = mixed.filter((pl.col("rarer") == style) & (pl.col(style) > 0)).sort("doc", "start")
    found = spans.matches(rows.unique("doc", keep="first", maintain_order=True), _QUOTED[style], screen='["“]')
    message = f"a quotation in {style} marks on a page where most are {'curly' if style == 'straight' else 'straight'}"
    return found.unique("doc", keep="first", maintain_order=True).with_columns(message=pl.lit(message))
