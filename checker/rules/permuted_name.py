"""A name whose words stand in another language's order.

Finds in English: a name whose only right order is known, in another one ("States United", "House White"): territories, languages
and currencies of CLDR, cities, seas, rivers, mountains, institutions and official names of states; a geographic name whose
adjective stayed in another language behind an English noun ("Sea Peninsula Noire"); and a name of two words in reverse whose right
order stands twice in the same page.

Order is what a translation word by word leaves of the other language: French, Spanish and Italian put the adjective last.

Hit: "shipped to the States United", "in the Sea Black", "dollars Canadian", "the Tower Blanche" (untranslated adjective).
No hit: "the United States United Airlines serves", "Lake Blanche", "Casa Blanca", "South Sudan", "the River Tees", surnames first.

Limits: pages in English only. Orders that are names or plain English, too, are not sought ("a French Canadian", "General
Secretary"). Persons' names in reverse are found only if the page itself holds the right order twice; reversed-name finds them
against a parallel page.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise, permutations

import polars as pl
import regex
from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name

from checker import languages, packs, spans

CODE = "MTS002"
SEVERITY = "major"
CATEGORY = "linguistic-conventions/grammar"

_WORDS = 6
_TWICE = 2
# Words of the longest name that is sought in every order, and of the longest that explains what stands beside it.
_PERMUTED, _LONGEST = 4, 6
_WORD = regex.compile(r"[\p{L}\p{N}&.’'-]*[\p{L}\p{N}&]")
# Currencies that are also verbs, adjectives or common nouns: "won South Korean hearts".
_VERBS = ("won", "real", "reals", "pound", "pounds", "mark", "marks", "colon", "colons", "crown", "crowns", "peso", "sol")
_SMALL = ("of", "and", "the", "&", "du", "da", "de", "do", "es", "for")
# Runs of two capitalised words and more; a function word that only begins a sentence is none of them.
_RUN = r"\p{Lu}[\p{L}’'-]*(?: (?:\p{Lu}\.|\p{Lu}[\p{L}’'-]*))+"
_OPENING = (
    r"(?:The|An?|In|On|At|By|To|For|From|With|And|But|As|Of|If|When|While|After|Before|Since|This|That|Its|Their|Our|His|Her) "
)
# Nouns that stand before a name or behind it ("River Tees", "the Hudson River").
_EITHER_WAY = r"^(?:River|Lake|Mount|Camp|Fort|Cape|Port|Hotel|Planet|Team|Club|Hurricane|Operation|King|Queen|Saint|San) "
_PAIR = r"\p{Lu}\p{Ll}+(?:[-’']\p{L}+)? \p{Lu}\p{Ll}+(?:[-’']\p{L}+)?"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    spaces = pl.col("text").str.count_matches(" ", literal=True)
    prose = lines.filter((pl.col("doc_lang") == "en") & (pl.col("lang") == "en")).filter(spaces >= _WORDS - 1)
    found = pl.concat([_turned(prose), *_untranslated(prose), _reversed(prose)])
    return found.unique(["doc", "start", "end"], keep="first", maintain_order=True)


def _said(rows: pl.DataFrame, pivot: str | None, message: str) -> pl.DataFrame:
    return rows.with_columns(pivot=pl.lit(pivot, pl.String), message=pl.lit(message))


def _turned(prose: pl.DataFrame) -> pl.DataFrame:
    """Names of the gazetteer in a wrong order, which no right name overlaps ("the United States United Airlines serves")."""
    wrong = _wrong()
    held = prose.filter(pl.col("text").str.contains_any(_odd()))
    # Polars counts bytes, and only the names around it tell that a name is turned: the few lines that hold one are read in turn.
    found = [
        (row, start, end)
        for row, (text, names) in enumerate(
            held.select("text", pl.col("text").str.extract_many(wrong, overlapping=True).alias("n")).iter_rows()
        )
        for start, end in _lone(text, sorted(set(names)))
    ]
    placed = pl.DataFrame(found, schema={"row": pl.UInt32, "from": pl.Int64, "to": pl.Int64}, orient="row")
    rows = placed.join(held.with_row_index("row"), on="row", how="left", maintain_order="left")
    rows = spans.narrow(rows.with_columns(span=pl.struct("from", "to"))).select(prose.columns)
    return _said(rows, None, "a name with its words in another language's order")


def _lone(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Where the names stand as words of their own, the longest of those that overlap, and beside no word that makes them right."""
    words = [match.span() for match in _WORD.finditer(text)]
    starts, ends = {start: n for n, (start, _) in enumerate(words)}, {end: n + 1 for n, (_, end) in enumerate(words)}
    spans_of = {
        (match.start(), match.end()) for name in names for match in regex.finditer(regex.escape(name), text, overlapped=True)
    }
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans_of, key=lambda span: (span[0] - span[1], span)):
        first, last = starts.get(start), ends.get(end)
        if first is None or last is None or any(start < b and a < end for a, b in found):
            continue
        if not _explained([text[a:b] for a, b in words], first, last):
            found.append((start, end))
    return found


def _explained(words: Sequence[str], first: int, last: int) -> bool:
    """True if a right name reaches over an edge of `words[first:last]`."""
    right = _right()
    around = range(max(0, first - _LONGEST), min(len(words), last + _LONGEST))
    return any(
        (a < first < b or a < last < b) and tuple(words[a:b]) in right
        for a in around
        for b in range(a + 2, min(a + _LONGEST, around.stop) + 1)
    )


@cache
def _right() -> frozenset[tuple[str, ...]]:
    """The words of every name in its right order, with either apostrophe and either way to write "and"."""
    names = {name.replace("&", word).replace("’", mark) for name in _names() for word in ("&", "and") for mark in ("’", "'")}
    return frozenset(tuple(_WORD.findall(name)) for name in names)


@cache
def _names() -> list[str]:
    """Names of more than one word: of CLDR's territories, languages, currencies and time zones, and of the pack."""
    english = Locale("en")
    territories = [name.split(" (")[0] for name in english.territories.values() if " - " not in name]
    # A variety of a language is two adjectives of nations, which stand in either order: Canadian French, a French Canadian.
    languages_ = [name for code, name in english.languages.items() if "_" not in code and "(" not in name and "-" not in name]
    kinds = packs.load("names")["en"]
    demonyms = set(kinds["demonym"])
    languages_ = [name for name in languages_ if not demonyms.issuperset(name.split())]
    currencies = [get_currency_name(str(code), count, "en") for code in english.currencies for count in (None, 1, 2)]
    currencies = [name for name in currencies if "(" not in name and not name.startswith("US ")]
    cities = [zone.rsplit("/", 1)[-1].replace("_", " ") for zone in get_global("zone_territories") if not zone.startswith("Etc/")]
    listed = [name for kind, names in kinds.items() if kind != "demonym" for name in names]
    realms = [
        f"{realm} of {the}{name}"
        for realm in ("Republic", "Kingdom")
        for the in ("", "the ")
        for name in territories
        if " " not in name
    ]
    found = {*territories, *languages_, *currencies, *cities, *listed, *realms}
    return sorted(name for name in found if " " in name and not regex.search(r"[\d,/]", name))


@cache
def _wrong() -> list[str]:
    """Every order but the right ones of the words of the names."""
    right = {" ".join(words) for words in _right()}
    found = {order for words in _right() for order in _orders(words)}
    return sorted(found - right)


@cache
def _odd() -> list[str]:
    """What every wrong order contains: two words that no right name has in this order, or else itself. A fourth as many to seek."""
    beside = {pair for words in _right() for pair in pairwise(words)}
    found = set()
    for order in _wrong():
        odd = [pair for pair in pairwise(order.split()) if pair not in beside and not any(word in _SMALL for word in pair)]
        found.add(" ".join(odd[0]) if odd else order)
    return sorted(found)


def _orders(words: tuple[str, ...]) -> Iterator[str]:
    """The wrong orders of a name's words; of a long name only the reverse and those with two neighbours exchanged."""
    orders: Iterable[tuple[str, ...]] = permutations(words)
    if len(words) > _PERMUTED:
        swapped = [(*words[:n], words[n + 1], words[n], *words[n + 2 :]) for n in range(len(words) - 1)]
        orders = [words[::-1], *swapped]
    yield from (" ".join(order) for order in orders if order != words and not _ordinary(order, words))


def _ordinary(order: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """True for an order that a sentence may hold for another reason."""
    if order[0] in _VERBS and order[1:] == words[:-1]:
        return True
    # A small word at an edge belongs to the sentence: "of Angola Republic", "the Democratic Republic of Congo".
    inner = order
    while inner[0] in _SMALL:
        inner = inner[1:]
    while inner[-1] in _SMALL:
        inner = inner[:-1]
    kept, content = ([word for word in each if word not in _SMALL] for each in (inner, words))
    pair = len(content) <= 2 and not {"and", "&"}.intersection(words)
    return inner != order and (kept == content or pair or inner in _right())


def _untranslated(prose: pl.DataFrame) -> list[pl.DataFrame]:
    pack = packs.load("places")
    nouns = packs.any_of(pack["en"]["place-noun"])
    found = []
    adjectives = {lang: kinds["place-adjective"] for lang, kinds in pack.items() if "place-adjective" in kinds}
    for lang, words in adjectives.items():
        pattern = rf"(?<![\p{{L}}-])(?:{nouns} ){{1,2}}{packs.any_of(words)}(?![\p{{L}}-]| \p{{Lu}})"
        name = languages.name(lang)
        message = f"a geographic name half translated: its last word is {name}, and stands where {name} puts it"
        found.append(_said(spans.matches(prose, pattern, screen=rf"\b{nouns} {packs.any_of(words)}\b"), lang, message))
    return found


def _reversed(prose: pl.DataFrame) -> pl.DataFrame:
    """Lone pairs of capitalised words whose reverse stands `_TWICE` in the page, and oftener than they do."""
    # A run of capitalised words counts as one: names of three words and titles are no pairs.
    runs = prose.select("doc", name=pl.col("text").str.extract_all(_RUN).list.eval(pl.element().str.replace(f"^{_OPENING}", "")))
    runs = runs.explode("name").filter(pl.col("name").str.contains(f"^{_PAIR}$"))
    counts = runs.group_by("doc", "name").len("here")
    reverse = counts.select("doc", name=pl.col("name").str.split(" ").list.reverse().list.join(" "), there="here")
    both = counts.join(reverse, on=["doc", "name"]).filter((pl.col("there") >= _TWICE) & (pl.col("there") > pl.col("here")))
    asked = both.filter(~pl.col("name").str.contains(_EITHER_WAY)).select("doc", "name").sort("doc", "name")
    rows = prose.join(asked, on="doc", maintain_order="left")
    rows = rows.filter(pl.col("text").str.contains(pl.col("name"), literal=True))
    found = [
        spans.matches(
            rows.filter(pl.col("name") == name),
            rf"(?<!(?<!\p{{L}})(?!{_OPENING})\p{{Lu}}[\p{{L}}’'-]* )\b{name}\b(?! \p{{Lu}})",
            screen=name,
        )
        for name in rows["name"].unique().sort()
    ]
    message = "a name in reverse: its words stand the other way round elsewhere in the page"
    return _said(pl.concat([rows.clear(), *found]).drop("name"), None, message)
