"""A notice that the page was translated by machine.

Finds what sites and engines write for the reader, in 16 languages (pack `translation_marks`): a label that is a line of its own
("Automatically translated from Russian", "Translated with DeepL.com (free version)"), and a sentence that says it of the page or
text that it stands in ("This article was translated by machine").

The page is then no original, and the notice no part of it. Where the notice names the language of the original, it is the `pivot`.

Hit: "Перевод выполнен автоматически." at the head of a page. No hit: "Translated by" and a person's name; an article about machine
translation.

Limits: a notice that says it in other words; one in a line of more than 400 characters; "This is no machine translation", where a
language denies at the end of the sentence (Japanese, Korean).
"""

from functools import cache

import polars as pl
import regex
from babel import Locale

from checker import languages, packs, spans

CODE = "ART012"
SEVERITY = "major"
CATEGORY = "style/unnatural"
MARKS = "chrome"

# Without one of these no pattern matches; letters beyond ASCII are in the case of words inside or at the head of a line.
_STEMS = (
    "translat", "tradu", "tradot", "traduz", "übersetz", "vertaal", "vertal", "tłumacz", "çeviri", "çevril", "tercüme", "перевод",
    "перевед", "переклад", "译", "譯", "机翻", "訳", "번역", "ترجم",
    "Übersetz", "ÜBERSETZ", "Çevir", "ПЕРЕВО", "Перевод", "Перевед", "Переклад", "Tłumacz",
)  # fmt: skip
_LONGEST = 400
# Letters at the end of a language's name that its cases change: английский, с английского; Englisch, aus dem Englischen.
_ENDING = 3


def find(lines: pl.DataFrame) -> pl.DataFrame:
    short = lines.filter(pl.col("text").str.len_chars() <= _LONGEST)
    rows = short.filter(pl.col("text").str.contains_any(list(_STEMS), ascii_case_insensitive=True))
    found = [_matched(rows, entry) for entry in packs.builtin("translation_marks").entries if entry.kind == "notice"]
    every = pl.concat([lines.clear().with_columns(pivot=pl.lit(None, pl.String)), *found])
    longest = every.sort("doc", "start", pl.col("start") - pl.col("end"), pl.col("pivot").is_null(), maintain_order=True)
    once = longest.unique(["doc", "line"], keep="first", maintain_order=True)
    spoken = pl.col("pivot").replace_strict({code: languages.name(code) for code in once["pivot"].drop_nulls()}, default=None)
    origin = pl.concat_str(pl.lit(" from "), spoken.cast(pl.String)).fill_null("")
    return once.with_columns(message=pl.format("a notice that the page was translated by machine{}, not part of the text", origin))


def _matched(rows: pl.DataFrame, entry: packs.Entry) -> pl.DataFrame:
    """The rows that an entry matches: labels as whole lines, sentences narrowed to what matched; each with its pivot."""
    kept = rows.filter(pl.col("text").str.contains(packs.pattern(entry)))
    compiled = regex.compile(packs.pattern(entry))
    matches = [compiled.search(text) for text in kept["text"]]
    names = [next(filter(None, match.groups()), None) if match else None for match in matches]
    pivots = pl.Series("pivot", [_language(name, entry.lang) if name else None for name in names], dtype=pl.String)
    if entry.where == "line":
        return kept.with_columns(pivots)
    places = [match.span() if match else (0, 0) for match in matches]
    span = pl.DataFrame(places, schema={"from": pl.Int64, "to": pl.Int64}, orient="row").to_struct("span")
    return spans.narrow(kept.with_columns(pivots, span))


def _language(name: str, spoken: str) -> str | None:
    """The code of the language that a word names in a language; None if it names none, or more than one."""
    word = name.lower()
    shared = {code: _common(word, known) for known, code in _names(spoken).items() if _common(word, known) >= _needed(known)}
    best = [code for code, letters in shared.items() if letters == max(shared.values())]
    return best[0] if len(best) == 1 else None


def _common(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _needed(name: str) -> int:
    """Letters of a language's name that a word must begin with."""
    return min(len(name), max(4, len(name) - _ENDING))


@cache
def _names(spoken: str) -> dict[str, str]:
    """Name of each language that the tool tells apart, as CLDR writes it in the language `spoken`, to its code."""
    names = Locale.parse(spoken).languages
    return {names[code].lower(): code for code in sorted(languages.SCRIPT_OF) if code in names}
