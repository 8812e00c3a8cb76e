"""A name whose words stand in another language's order.

Finds in English: a territory of CLDR with its words turned round ("States United"), a geographic name whose adjective stayed in
another language behind an English noun ("Sea Peninsula Noire"), and a name of two words in reverse whose right order stands
twice in the same page, or twice in other pages of the run if its words are no person's.

Order is what a translation word by word leaves of the other language: French, Spanish and Italian put the adjective last.

Hit: "shipped to the States United", "the Tower Blanche" (untranslated adjective). No hit: "the United States United Airlines
serves", "Lake Blanche", "Casa Blanca", "South Sudan", a list of surnames first.

Limits: pages in English only. Persons' names in reverse are found only if the page itself holds the right order twice.
"""

from functools import cache
from itertools import permutations

import polars as pl
from babel import Locale

from checker import languages, packs, spans

CODE = "MTS002"
SEVERITY = "major"
CATEGORY = "linguistic-conventions/grammar"

_WORDS = 6
_NEVER_ALONE = "(?:The|In|From|To|For|At|By|Of|And|But|As|With|On)"
_TWICE = 2
_PAIR = r"\p{Lu}\p{Ll}+(?:[-’']\p{L}+)? \p{Lu}\p{Ll}+(?:[-’']\p{L}+)?"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    words = pl.col("text").str.count_matches(r"\S+")
    prose = lines.filter((pl.col("doc_lang") == "en") & (pl.col("lang") == "en") & (words >= _WORDS))
    found = pl.concat([_territories(prose), *_untranslated(prose), _reversed(prose)])
    return found.unique(["doc", "start", "end"], keep="first", maintain_order=True)


def _said(rows: pl.DataFrame, pivot: str | None, message: str) -> pl.DataFrame:
    return rows.with_columns(pivot=pl.lit(pivot, pl.String), message=pl.lit(message))


def _territories(prose: pl.DataFrame) -> pl.DataFrame:
    before, behind = rf"(?<!(?:^|\s)(?!{_NEVER_ALONE} )\p{{Lu}}[\p{{L}}’'.-]* )(?<![\p{{L}}\p{{N}}-])", r"(?![\p{L}\p{N}-]| \p{Lu})"
    names = packs.any_of(_turned())
    found = spans.matches(prose, f"{before}{names}{behind}", screen=names)
    return _said(found, None, "a place name with its words in another language's order")


@cache
def _turned() -> list[str]:
    """Every order but the right ones of the English names, in CLDR, of territories of two or three capitalised words."""
    split = [name.split() for name in Locale("en").territories.values()]
    names = [words for words in split if 2 <= len(words) <= 3 and all(word.isalpha() and word[0].isupper() for word in words)]
    return sorted({" ".join(order) for words in names for order in permutations(words)} - {" ".join(words) for words in names})


def _untranslated(prose: pl.DataFrame) -> list[pl.DataFrame]:
    pack = packs.load("places")
    nouns = packs.any_of(pack["nouns"])
    found = []
    for lang, words in pack["words"].items():
        pattern = rf"(?<![\p{{L}}-])(?:{nouns} ){{1,2}}{packs.any_of(words)}(?![\p{{L}}-]| \p{{Lu}})"
        name = languages.name(lang)
        message = f"a geographic name half translated: its last word is {name}, and stands where {name} puts it"
        found.append(_said(spans.matches(prose, pattern, screen=rf"\b{nouns} {packs.any_of(words)}\b"), lang, message))
    return found


def _reversed(prose: pl.DataFrame) -> pl.DataFrame:
    """Lone pairs of capitalised words whose reverse stands `_TWICE` in the page, or in other pages if the words are common ones."""
    sentences = prose.filter(pl.col("text").str.contains(r"\p{Ll}[.!?][\"”’)]*(?:\s|$)"))
    asked = _asked(sentences)
    if asked.is_empty():
        return _said(prose.clear(), None, "")
    words = pl.col("name").str.to_lowercase().str.split(" ")
    small = _small(sentences, asked.select(words.explode().unique())["name"])
    common = asked.filter(pl.col("same_page") | words.list.eval(pl.element().is_in(small)).list.all())
    rows = sentences.join(common.select("doc", "name"), on="doc", maintain_order="left")
    return _placed(rows.filter(pl.col("text").str.contains(pl.col("name"), literal=True)))


def _asked(sentences: pl.DataFrame) -> pl.DataFrame:
    """doc, name, same_page: pairs that stand less often than their reverse, in the page or in the run."""
    # A run of capitalised words counts as one: names of three words and titles are no pairs.
    run = r"\p{Lu}[\p{L}’'-]*(?: \p{Lu}[\p{L}’'.-]*)*"
    runs = sentences.select("doc", name=pl.col("text").str.extract_all(run)).explode("name")
    runs = runs.filter(pl.col("name").str.contains(f"^{_PAIR}$"))
    counts = runs.group_by("doc", "name").len("here").with_columns(everywhere=pl.col("here").sum().over("name"))
    reverse = counts.with_columns(name=pl.col("name").str.split(" ").list.reverse().list.join(" "))
    total = reverse.select("name", other_everywhere="everywhere").unique()
    in_page = reverse.select("doc", "name", other_here="here")
    both = counts.join(total, on="name").join(in_page, on=["doc", "name"], how="left")
    both = both.with_columns(pl.col("other_here").fill_null(0))
    same_page = (pl.col("other_here") >= _TWICE) & (pl.col("other_here") > pl.col("here"))
    elsewhere = pl.col("other_everywhere") - pl.col("other_here")
    in_run = (elsewhere >= _TWICE) & (pl.col("other_everywhere") > pl.col("everywhere"))
    return both.with_columns(same_page=same_page).filter(same_page | in_run).select("doc", "name", "same_page").sort("doc", "name")


def _small(sentences: pl.DataFrame, words: pl.Series) -> list[str]:
    """Those of the words that the run also writes small: "house", "bank", but not "james"."""
    written = sentences.select(word=pl.col("text").str.extract_all(r"\b\p{Ll}+\b")).explode("word")["word"].unique()
    return words.filter(words.is_in(written.implode())).sort().to_list()


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows narrowed to `name`, by the few names there are."""
    found = [
        spans.matches(rows.filter(pl.col("name") == name), rf"(?<!\p{{Lu}}[\p{{L}}’'-]* )\b{name}\b(?! \p{{Lu}})", screen=name)
        for name in rows["name"].unique().sort()
    ]
    message = "a name in reverse: its words stand the other way round elsewhere"
    return _said(pl.concat([rows.clear(), *found]).drop("name"), None, message)
