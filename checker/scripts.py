"""Scripts: which one a text is written in."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

COMMON_SCRIPT = "Zyyy"

SCRIPTS = {
    "Latn": r"\p{Latin}",
    "Cyrl": r"\p{Cyrillic}",
    "Hani": r"\p{Han}",
    "Jpan": r"[\p{Hiragana}\p{Katakana}]",
    "Kore": r"\p{Hangul}",
    "Arab": r"\p{Arabic}",
    "Grek": r"\p{Greek}",
    "Hebr": r"\p{Hebrew}",
    "Deva": r"\p{Devanagari}",
    "Beng": r"\p{Bengali}",
    "Thai": r"\p{Thai}",
    "Taml": r"\p{Tamil}",
    "Telu": r"\p{Telugu}",
    "Gujr": r"\p{Gujarati}",
    "Guru": r"\p{Gurmukhi}",
    "Knda": r"\p{Kannada}",
    "Mlym": r"\p{Malayalam}",
    "Armn": r"\p{Armenian}",
    "Geor": r"\p{Georgian}",
}
"""ISO 15924 code to a character class that polars' and Python's `regex` both read."""

# Share of kana among kana and ideographs from which a text is Japanese: headlines go down to a tenth, while a Chinese text may
# hold the の of a brand.
_KANA = 0.05

# What an ideograph, kana or Hangul syllable counts for in letters: translated, it takes two or three. Chinese sentences that gloss
# their names in Latin letters are Chinese (3 in 533 of FLORES were not).
_WIDE = 2

# Characters that are looked at in one go, which bounds memory.
_BLOCK = 1 << 20

_KANA_CLASS, _HAN_CLASS, _HANGUL_CLASS = (tuple(SCRIPTS).index(code) + 1 for code in ("Jpan", "Hani", "Kore"))


def script(text: pl.Expr) -> pl.Expr:
    """`scripts` as an expression."""
    return text.map_batches(scripts, return_dtype=pl.String)


def scripts(texts: pl.Series) -> pl.Series:
    """ISO 15924 code of the script most letters of each text belong to, ideographs and syllables counting twice; `Zyyy` if none.

    Kana make the ideographs beside them Japanese. Texts in Latin letters alone, nearly all, are told by two patterns.
    """
    frame = texts.to_frame("text").with_row_index("row")
    other = frame.filter(pl.col("text").str.contains(r"[\p{L}&&[^\p{Latin}]]"))
    told = other.select("row", script=_counted(other["text"]))
    latin = pl.when(pl.col("text").str.contains(r"\p{Latin}")).then(pl.lit("Latn")).otherwise(pl.lit(COMMON_SCRIPT))
    return frame.join(told, on="row", how="left", maintain_order="left").select(pl.coalesce("script", latin))["script"]


def _counted(texts: pl.Series) -> pl.Series:
    """The script of each text, from how many letters it holds of each."""
    classes, width = _classes(), len(SCRIPTS) + 1
    counts = np.zeros((len(texts), width), np.int64)
    for start, end, characters, rows in blocks(texts, _BLOCK):
        own = rows * width + classes[np.minimum(characters, len(classes) - 1)]
        counts[start:end] = np.bincount(own, minlength=(end - start) * width).reshape(-1, width)
    kana, han = counts[:, _KANA_CLASS], counts[:, _HAN_CLASS]
    counts[:, _KANA_CLASS] = np.where(kana > _KANA * (kana + han), kana + han, 0)
    counts[:, [_KANA_CLASS, _HAN_CLASS, _HANGUL_CLASS]] *= _WIDE
    counts[:, 0] = 0
    order = [0, _KANA_CLASS, *(number for number in range(1, width) if number != _KANA_CLASS)]
    codes = pl.Series([COMMON_SCRIPT, *SCRIPTS])
    return codes.gather(np.array(order)[counts[:, order].argmax(axis=1)])


def blocks(texts: pl.Series, size: int) -> Iterator[tuple[int, int, NDArray[np.uint32], NDArray[np.int64]]]:
    """Code points of texts, some `size` at a time: first text, end, the code points, and each one's text, counted from the first.

    A line feed stands behind each text.
    """
    lengths = texts.str.len_chars().to_numpy().astype(np.int64) + 1
    cuts = (np.flatnonzero(np.diff(np.cumsum(lengths) // size)) + 1).tolist()
    for start, end in zip([0, *cuts], [*cuts, len(texts)], strict=True):
        joined = "\n".join([*texts[start:end].to_list(), ""])
        characters = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        yield start, end, characters, np.repeat(np.arange(end - start), lengths[start:end])


@cache
def _classes() -> NDArray[np.uint8]:
    """Number of each code point's script, counted from 1 in `SCRIPTS`; 0 for what is in none of them, and beyond plane 3."""
    classes = np.zeros(0x40000, np.uint8)
    plane = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x10000))))
    for number, letters in enumerate(SCRIPTS.values(), 1):
        found = "".join(regex.findall(letters, plane))
        classes[np.frombuffer(found.encode("utf-32-le"), np.uint32)] = number
    classes[0x20000:] = _HAN_CLASS
    return classes
