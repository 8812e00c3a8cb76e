"""An agency's or edition's tag in another language than the page.

Finds the name of a news agency, broadcaster or language edition (a pack of some 2,100 names in 80 languages) in another language
than the document, where a tag stands: alone on a line, with others, a date or a label ("Source: …", "Фото: …"), in brackets,
behind a line's last sentence or dash, or before its first; and a page's last or first line, or what follows its last full stop,
if it is a run of one to five words in another script that is no sentence.

Such a tag survives when a page is translated: it names the edition, and so the language, that the text came through (`pivot`;
a page with tags of three languages lists editions, and names none). It is not part of the text and must not be aligned.

Hit: an English page that ends "… if armed forces are involved. Радио Свобода"; "(La Voz de América)" at its head. No hit: the
same name in a Russian page; "Reuters" or "Deutsche Welle" in any page (written alike in all); a name inside a sentence; Latin
letters in a page of another script.

Limits: a name that Russian and Ukrainian write alike counts as Russian, and is found in neither's pages. What the pack lacks is
only found in another script, at a page's ends. Endings of cases are not undone: names stand in the nominative.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import polars as pl
import regex

from checker import languages, packs, spans

CODE = "ART001"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"
MARKS = "tag"

_STOPS = ".!?…。！？؟۔"
_STOP = rf"[{_STOPS}]+[\"'”’»)\]」』]*(?:\s+|$)"
_MARK = r"[()\[\]{}（）【】〔〕|/•·¦]"
# What tags are parted by: the end of a sentence, a dash, a bracket or bar; and, in lines of tags alone, a colon or comma.
_STRONG = rf"{_STOP}|\s+[—–―-]+\s*|[—–―]+\s*|{_MARK}"
_WEAK = r"[:：;；,，、،؛]"
_PIECES = regex.compile(rf"(?P<strong>(?:{_STRONG})+)|(?P<weak>{_WEAK})|(?P<piece>(?:(?!{_STRONG}|{_WEAK}).)+)", regex.DOTALL)
_QUOTES = " \t\u00a0\"“”«»„'‘’*_©®"

# A line of tags is short and no sentence: "Голос Америки, 7 января 2022", "Source: РИА Новости / Interfax".
_TAG_LINE = regex.compile(rf"(?=\W*\S+(?:\s+\S+){{0,11}}\W*$).{{1,100}}(?<![{_STOPS}])")
_LABEL_WORDS = 3

# Chinese and Japanese write on behind an agency's name without a space: 新华社北京1月5日电.
_DENSE_NAME = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}・]{2,}")
_DENSE_LONGEST = 30
_DENSE_PAGES = ("zh", "ja", "ko")

# A page with tags in so many languages lists the editions of a site: it came through none of them.
_EDITIONS = 3

_WORD = r"(?:(?!\p{Latin})\p{L})[\p{L}\p{M}’'‘-]*"
_RUN = rf"{_WORD}(?:[ \u00a0]{_WORD}){{0,4}}"
_BEHIND = rf"[.!?…][\"”’»)\]]*\s+[(\[]?(?P<evidence>{_RUN})[)\]]?\s*$"
_ALPHABETS = ("Latn", "Cyrl", "Grek")


def find(lines: pl.DataFrame) -> pl.DataFrame:
    named = _named(lines)
    edges = lines.filter((pl.col("line") <= 1) | (pl.col("line") >= pl.col("doc_lines") - 2))
    first, last = pl.col("line") == 0, pl.col("line") == pl.col("doc_lines") - 1
    behind = spans.matches(edges.filter(last & _native()), _BEHIND, screen=r"[.!?…][\"”’»)\]]*\s+[(\[]?[^\s\p{Latin}][^.!?]*$")
    unknown = pl.concat([_lone(edges, first, last).select(lines.columns), behind])
    unknown = _identified(unknown.join(named, on=["doc", "line"], how="anti"), edges)
    return _said(pl.concat([named.with_columns(known=pl.lit(value=True)), unknown.with_columns(known=pl.lit(value=False))]))


def _named(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines narrowed to names of the pack in another language than the document, which `lang` becomes, a row a name.

    The places where a tag may stand are no matter of one pattern: a row at a time, those that hold a name anywhere, which are few.
    """
    told = lines.filter((pl.col("doc_lang") != languages.UNDETERMINED) & pl.col("text").str.contains_any(_spellings().implode()))
    found = [
        (row, *tag)
        for row, (text, lang, own) in enumerate(told.select("text", "doc_lang", "lang").iter_rows())
        for tag in _tags(text, lang, own)
    ]
    schema = {"row": pl.UInt32, "from": pl.Int64, "to": pl.Int64, "said": pl.String}
    placed = pl.DataFrame(found, schema=schema, orient="row").join(
        told.with_row_index("row"), on="row", how="left", maintain_order="left"
    )
    narrowed = placed.with_columns(start=pl.col("start") + pl.col("from"), end=pl.col("start") + pl.col("to"), lang="said")
    return narrowed.select(lines.columns)


def _tags(text: str, page: str, own: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and language of each tag in a line: of the whole line where it is one name, else of the names in it."""
    whole = _languages_of(text.strip("()[]{}（）【】|/•·–—-:.," + _QUOTES), page)
    if whole:
        if page not in whole:
            yield 0, len(text), whole[0]
        return
    pieces = list(_PIECES.finditer(text))
    short = _TAG_LINE.fullmatch(text) is not None
    for at, piece in enumerate(pieces):
        if piece.lastgroup == "piece" and (said := _languages_of(piece[0], page)) and page not in said:
            if not (short or (own not in said and _at_an_end(pieces, at, page))):
                continue
            start = piece.start() + len(piece[0]) - len(piece[0].lstrip(_QUOTES))
            yield start, piece.end() - (len(piece[0]) - len(piece[0].rstrip(_QUOTES))), said[0]


def _at_an_end(pieces: list[regex.Match[str]], at: int, page: str) -> bool:
    """True for a piece before all words of the text or behind them, parted by more than a comma, or by its label's colon."""
    said = [piece.lastgroup == "piece" and bool(piece[0].strip(_QUOTES)) and not _languages_of(piece[0], page) for piece in pieces]
    if not any(said[:at]):
        return at + 1 < len(pieces) and (pieces[at + 1].lastgroup == "strong" or pieces[at + 1][0] in ":：")
    if any(said[at + 1 :]):
        return False
    labelled = at > 2 and pieces[at - 1][0] in ":：" and len(pieces[at - 2][0].split()) <= _LABEL_WORDS
    return pieces[at - 1].lastgroup == "strong" or (labelled and pieces[at - 3].lastgroup == "strong")


def _languages_of(piece: str, page: str) -> tuple[str, ...]:
    """Languages that write an agency so; none if no agency is so called."""
    names, stripped = _names(), piece.strip(_QUOTES)
    if found := names.get(_key(stripped)):
        return found
    dense = _DENSE_NAME.match(stripped) if page not in _DENSE_PAGES and len(stripped) <= _DENSE_LONGEST else None
    longest = dense.end() if dense else 0
    return next((names[stripped[:n]] for n in range(longest, 1, -1) if stripped[:n] in names), ())


def _key(name: str) -> str:
    return name.strip(_QUOTES).replace("’", "'").replace("\u00a0", " ").casefold()


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Name, in small letters, to the languages that write it so, in the pack's order."""
    found: dict[str, tuple[str, ...]] = {}
    for lang, tags in packs.load("foreign_tags").items():
        for name in tags["line"]:
            found[_key(name)] = (*found.get(_key(name), ()), lang)
    return MappingProxyType(found)


@cache
def _spellings() -> pl.Series:
    """The names as pages may write them: in capitals, with a curly apostrophe, with spaces that do not break."""
    names = {name for tags in packs.load("foreign_tags").values() for name in tags["line"]}
    names |= {name.upper() for name in names}
    names |= {name.replace("'", "’") for name in names}
    return pl.Series(sorted(names | {name.replace(" ", "\u00a0") for name in names}))


def _said(found: pl.DataFrame) -> pl.DataFrame:
    """The rows with pivot and message; `known` is true for a name of the pack."""
    what = pl.when("known").then(pl.lit("name of an agency or edition in ")).otherwise(pl.lit("words in "))
    name = pl.col("lang").replace_strict({code: languages.name(code) for code in found["lang"].unique()}, return_dtype=pl.String)
    some = (pl.col("lang") != languages.UNDETERMINED) & (pl.col("lang").n_unique().over("doc") < _EDITIONS)
    message = pl.format("{}{}, not part of the text", what, name)
    return found.with_columns(pivot=pl.when(some).then("lang"), message=message).drop("known")


def _script_of() -> pl.Expr:
    return pl.col("doc_lang").replace_strict(languages.SCRIPT_OF, default=None, return_dtype=pl.String)


def _native() -> pl.Expr:
    """True for a line in its document's script, if that is an alphabet: pages in other scripts hold foreign words anyway."""
    return (pl.col("script") == _script_of()) & pl.col("script").is_in(_ALPHABETS)


def _lone(edges: pl.DataFrame, first: pl.Expr, last: pl.Expr) -> pl.DataFrame:
    """First and last lines that are a short run in a foreign script beside a line in the document's own: no block of buttons."""
    edges = edges.with_columns(native=_native())
    neighbour = pl.when(first).then(pl.col("native").shift(-1).over("doc")).otherwise(pl.col("native").shift(1).over("doc"))
    shape = pl.col("text").str.contains(r"^[\p{L}\p{M}’'‘ -]{2,60}$") & (pl.col("text").str.count_matches(r"\S+") <= 5)
    edge = (first | last) & (pl.col("doc_lines") > 2)
    return edges.with_columns(beside=neighbour).filter(edge & shape & pl.col("beside"))


def _identified(rows: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The rows with the language of their evidence, less those in the document's own script or language or in Latin letters."""
    text = edges.select("doc", "line", line_start="start")
    placed = rows.join(text, on=["doc", "line"], how="left", maintain_order="left")
    tag = pl.col("text").str.slice(pl.col("start") - pl.col("line_start"), pl.col("end") - pl.col("start"))
    scripted = placed.with_columns(tag=tag).with_columns(script=languages.script(pl.col("tag")))
    foreign = scripted.filter((pl.col("script") != _script_of()) & ~pl.col("script").is_in(["Latn", languages.COMMON_SCRIPT]))
    said = [lang for lang, _ in languages.identify(foreign["tag"], foreign["script"])]
    identified = foreign.with_columns(lang=pl.Series(said, dtype=pl.String)).filter(pl.col("lang") != pl.col("doc_lang"))
    return identified.select(rows.columns)
