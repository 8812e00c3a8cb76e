"""A byline, photo credit, contributor note or author's signature.

Finds who wrote, photographed, edited or contributed, in the pack's languages: "By …" above a text, "… contributed to this
report", "Photo: …", "(Image: …)", "© …", "… via Reuters"; and a person's name alone on the last line.

Such a note belongs to the page, not to the text; translated or not, its partner is rarely in the other version, and aligned with
a sentence it lowers the sentence's score for nothing.

Hit: "Photo: Marta Ruiz", "Lee Park contributed to this report." No hit: "The photo shows the harbour.", a name inside a
sentence, a heading of capitalised common words at the foot.

Limits: a credit without a marking word or agency is only found at the very end, and only if it looks like a name.
"""

import polars as pl

from checker import packs

CODE = "ART004"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"
MARKS = "byline"

_LONGEST = 60
_ALL = "zxx"

_PARTICLE = "(?:de|del|da|di|van|von|der|den|bin|al|el|la|le|dos|du|y|e)"
_NAME = r"\p{Lu}[\p{L}\p{M}’'-]*\.?" + rf"(?: (?:{_PARTICLE} ){{0,2}}\p{{Lu}}[\p{{L}}\p{{M}}’'-]*\.?){{0,3}}"
_GIVEN = r"\p{Lu}[\p{Ll}’'-]+\p{L}*"
_SIGNATURE = rf"^{_GIVEN}(?: \p{{Lu}}\.| {_PARTICLE}| {_GIVEN}){{0,2}} {_GIVEN}$"
_ENDS = r"[.!?…][\"'”’»)\]]*$"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    short = lines.filter(pl.col("text").str.count_matches(r"\S+") <= _LONGEST)
    found = [_noted(short, lang, pack) for lang, pack in packs.load("bylines").items()]
    found.append(_signed(lines).with_columns(message=pl.lit("a name alone on the last line: a signature, not part of the text")))
    return pl.concat(found).unique(["doc", "start", "end"], keep="first", maintain_order=True)


def _noted(rows: pl.DataFrame, lang: str, pack: dict[str, list[str]]) -> pl.DataFrame:
    """The lines that are, or hold, a note of the pack, in documents or lines of its language."""
    spoken = pl.lit(value=True) if lang == _ALL else (pl.col("doc_lang") == lang) | (pl.col("lang") == lang)
    whole = rf"^\W?{packs.either(pack['line'])}\W?$".replace("NAME", _NAME)
    noted = pl.col("text").str.contains(whole) & (pl.col("text").str.count_matches(r"\S+") <= 30)
    if words := pack.get("words"):
        noted = noted | pl.col("text").str.contains(f"(?i){packs.either(words)}")
    message = "says who wrote, photographed or contributed: not part of the text"
    return rows.filter(spoken & noted).with_columns(message=pl.lit(message))


def _signed(lines: pl.DataFrame) -> pl.DataFrame:
    """Last lines that are a name of two to four words, behind a line that ends as a sentence does."""
    before = pl.col("text").shift(1).over("doc")
    last = pl.col("line") == pl.col("doc_lines") - 1
    heading = rf"(?i)\b{packs.any_of(packs.load('headings')['words'])}\b"
    name = pl.col("text").str.contains(_SIGNATURE) & ~pl.col("text").str.contains(heading)
    prose = before.str.contains(_ENDS) & (before.str.count_matches(r"\S+") >= 8)
    own = pl.col("lang") == pl.col("doc_lang")
    return lines.with_columns(signed=last & name & prose & own).filter(pl.col("signed")).drop("signed")
