"""A byline, photo credit, contributor note or author's signature.

Finds who wrote, photographed, edited or contributed, in the pack's languages: "By …" above a text, "… contributed to this
report", "Photo: …", "(Image: …)", "© …", "… via Reuters", "Ana Lopes / AFP"; and a person's name alone on the last line.

Such a note belongs to the page, not to the text; translated or not, its partner is rarely in the other version, and aligned with
a sentence it lowers the sentence's score for nothing.

Hit: "Photo: Marta Ruiz", "Lee Park contributed to this report." No hit: "The photo shows the harbour.", a name inside a
sentence, a heading of capitalised common words at the foot.

Limits: a credit without a marking word or agency is only found at the very end, and only if it looks like a name; a name of one
word behind "By" is not taken for a person's.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain

import polars as pl

from checker import packs

CODE = "ART004"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"
MARKS = "byline"

# A note is a line or a short paragraph (60 words), a credit a line (30 words, 40 characters where they are not parted).
_NOTE, _LINE, _DENSE_LINE = 400, 200, 60

_OPENS, _CLOSES = r"[\s(\[（【«„“\"'*•—–|/-]{0,3}", r"[\s)\]）】»“”\"'.*|]{0,3}"
_PARTICLE = "(?:de|del|da|di|van|von|der|den|bin|al|el|la|le|dos|du|y|e|zu|ten|af|bint)"
_GIVEN = r"\p{Lu}[\p{L}\p{M}’'-]*\.?"
_NAME = rf"{_GIVEN}(?: (?:{_PARTICLE} ){{0,2}}{_GIVEN}){{1,4}}"
_AND = r"(?:,|,? (?:and|y|e|et|und|и|та|і|och|og|en|i|und|with|avec|con|mit)| ?[&/|])"
_AGENCIES = (
    "(?:AFP|AP|Reuters|REUTERS|EFE|dpa|DPA|ANSA|Xinhua|TASS|VOA|BBC News|RFE/RL|ТАСС|РИА Новости|Интерфакс|Associated Press|"
    "The Associated Press|Staff|Staff Writer|STAFF WRITER|Agencias|Redacción|Redaktion|la rédaction|agencias)"
)
_WHO = rf"(?:{_NAME}|{_AGENCIES})"
# What may follow the names: a place, a post, an outlet.
_POST = r"(?:,? (?:in|for|at|à|en|de|aus|für|в|у|из) [^.!?]+|(?:,| ?[|•·–—/-]) [^.!?]+)"
_HAN_NAME = r"[\p{Han}\p{Hiragana}\p{Katakana}·・]{2,10}"
_SENTENCE = r"[!?…。！？؟۔]|\p{L}{2}\.\s+\S"

_SIGNED = r"\p{Lu}[\p{Ll}’'-]+\p{L}*"
_SIGNATURE = rf"^[—–-]?\s?{_SIGNED}(?: \p{{Lu}}\.| {_PARTICLE}| {_SIGNED}){{0,2}} {_SIGNED}$"
_ENDS = r"[.!?…][\"'”’»)\]]*$"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    notes = lines.filter(pl.col("text").str.len_chars() <= _NOTE)
    short = notes.filter(pl.col("text").str.len_chars() <= _LINE)
    noted = [_worded(notes), _labelled(short), _by(short), _credited(short)]
    message = pl.lit("says who wrote, photographed or contributed: not part of the text")
    said = [rows.with_columns(message=message) for rows in noted]
    said.append(_signed(lines).with_columns(message=pl.lit("a name alone on the last line: a signature, not part of the text")))
    return pl.concat(said).unique(["doc", "start", "end"], keep="first", maintain_order=True)


def _worded(rows: pl.DataFrame) -> pl.DataFrame:
    """The lines that hold a note of their language."""
    any_note, notes = _notes()
    return _spoken(rows.filter(pl.col("text").str.contains(any_note)), notes)


def _labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """The lines that open with a label of their language and what it names, and hold no second sentence."""
    any_label, labels = _labels()
    told = rows.filter(pl.col("text").str.contains(any_label))
    told = told.filter(~pl.col("text").str.contains(_SENTENCE))
    told = told.filter(~pl.col("script").is_in(["Hani", "Jpan"]) | (pl.col("text").str.len_chars() <= _DENSE_LINE))
    return _spoken(told, labels)


def _by(rows: pl.DataFrame) -> pl.DataFrame:
    """The lines that are "by" in their language, and names."""
    any_by, by, chinese = _bys()
    signed = _spoken(rows.filter(pl.col("text").str.contains(any_by)), by)
    return pl.concat([signed, _spoken(rows.filter(pl.col("script") == "Hani"), {"zh": chinese})])


def _credited(rows: pl.DataFrame) -> pl.DataFrame:
    """The lines that are a credit by a pattern of the pack; each is asked about the few lines that its screen lets through."""
    entries = [(entry, entry.screen or ".") for entry in packs.builtin("bylines").entries if entry.kind == "credit"]
    told = rows.filter(pl.col("text").str.contains(packs.either(f"(?:{screen})" for _, screen in entries)))
    found = [rows.clear()]
    for entry, screen in entries:
        own = told if entry.lang == packs.ANY else _of(told, entry.lang)
        screened = own.filter(pl.col("text").str.contains(screen))
        if screened.height:
            found.append(screened.filter(pl.col("text").str.contains(packs.pattern(entry))))
    return pl.concat(found)


def _signed(lines: pl.DataFrame) -> pl.DataFrame:
    """Last lines that are a name of two to four words, behind a line that ends as a sentence does."""
    ends = lines.filter(pl.col("line") >= pl.col("doc_lines") - 2)
    before = pl.col("text").shift(1).over("doc")
    last = (pl.col("line") == pl.col("doc_lines") - 1) & (pl.col("line") > 0)
    prose = before.str.contains(_ENDS) & (before.str.count_matches(r"\S+") >= 8)
    signed = ends.with_columns(prose=prose).filter(last & pl.col("prose") & (pl.col("lang") == pl.col("doc_lang"))).drop("prose")
    signed = signed.filter(pl.col("text").str.contains(_SIGNATURE))
    heading = rf"(?i)\b{packs.any_of(word for words in packs.load('headings').values() for word in words['heading-word'])}\b"
    return signed.filter(~pl.col("text").str.contains(heading)) if signed.height else signed


def _of(rows: pl.DataFrame, lang: str) -> pl.DataFrame:
    """The rows of documents or lines in a language."""
    return rows.filter((pl.col("doc_lang") == lang) | (pl.col("lang") == lang))


def _spoken(rows: pl.DataFrame, patterns: Mapping[str, str]) -> pl.DataFrame:
    """The rows that match the pattern of their language; a pattern that no row asks for is not compiled, which costs the most."""
    asked = {lang: own for lang in patterns if (own := _of(rows, lang)).height}
    return pl.concat([rows.clear(), *(own.filter(pl.col("text").str.contains(patterns[lang])) for lang, own in asked.items())])


# Patterns of all languages together, which most lines fail, and of each. Putting one together takes longer than asking a page.


@cache
def _notes() -> tuple[str, dict[str, str]]:
    notes = _kind("note")
    return packs.any_of(chain.from_iterable(notes.values())), {lang: packs.any_of(words) for lang, words in notes.items()}


@cache
def _labels() -> tuple[str, dict[str, str]]:
    labels = {lang: _spelled(words) for lang, words in _kind("label").items()}
    behind = r"\s?[:：=＝|｜]|\s?[/]\s?|\s[—–-]\s"
    each = {lang: rf"{_opening(words, behind)}\s?[^\s)\]）】]" for lang, words in labels.items()}
    return _opening(chain.from_iterable(labels.values()), behind), each


@cache
def _bys() -> tuple[str, dict[str, str], str]:
    by = {lang: _shouted(words) for lang, words in _kind("by").items()}
    whole = rf"\s?:? ?{_WHO}(?:{_AND} ?{_WHO})*{_POST}?{_CLOSES}$"
    # Chinese writes 记者 王小明, with no colon: a space and a name of two to ten characters.
    chinese = _opening(_kind("label")["zh"], rf"\s(?:{_HAN_NAME}[\s、，,]*){{1,4}}{_CLOSES}$")
    each = {lang: _opening(words, whole) for lang, words in by.items()}
    return _opening(chain.from_iterable(by.values()), r"[\s:]+\p{L}"), each, chinese


@cache
def _kind(kind: str) -> dict[str, list[str]]:
    """Language to the pack's words of a kind."""
    found: dict[str, list[str]] = {}
    for entry in packs.builtin("bylines").entries:
        if entry.kind == kind:
            found.setdefault(entry.lang, []).extend((*entry.lexicon, *entry.literal))
    return found


def _opening(words: Iterable[str], then: str) -> str:
    return rf"^{_OPENS}{packs.any_of(words)}(?:{then})"


def _shouted(words: list[str]) -> list[str]:
    """The words, and in capitals."""
    return [*words, *(word.upper() for word in words)]


def _spelled(words: list[str]) -> list[str]:
    """The words, in capitals, and in small letters: behind a label stands a colon, which tells it from a sentence's word."""
    return [*_shouted(words), *(word.lower() for word in words)]
