"""Texts that say the same but for how they are set: one key for what differs in case, spaces, quotation marks or width alone."""

import polars as pl

# Full-width forms of ASCII, signs that typography has several of, and a letter that capitals write as two.
_WIDE = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
_SIGNS = dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("‐‑–—−", "-") | {"…": "..."}
_UNSEEN = dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff\u00ad", "")
_PLAIN = _WIDE | _SIGNS | _UNSEEN | dict.fromkeys("ßẞ", "ss")

# Words, numbers as they are written, and signs with a meaning: what is left if punctuation is not looked at.
_SAID = r"-?\p{N}+(?:[.,:/]\p{N}+)*|[\p{L}\p{M}]+|[\p{S}%‰]"


def normalised(text: pl.Expr) -> pl.Expr:
    """The text in NFC and small letters, one space for any, plain quotation marks, dashes and ASCII; numbers are kept."""
    plain = text.str.normalize("NFC").str.replace_many(list(_PLAIN), list(_PLAIN.values())).str.to_lowercase()
    return plain.str.replace_all(r"\s+", " ").str.strip_chars(" ")


def said(text: pl.Expr) -> pl.Expr:
    """The same without punctuation that stands between no digits, and without spaces."""
    return normalised(text).str.extract_all(_SAID).list.join("")
