"""Punctuation and characters of another language's or program's habits.

Finds in English: a space before a closing quote or before : ; ! ? (French), an en dash for the hyphen inside a compound, a dash
with a space before but none behind, a quotation that opens straight and closes curly or the other way round. In any text in an
alphabet: full-width punctuation (Chinese, Japanese), zero-width spaces and invisible controls of direction.

The words may be English while the marks still follow the habits of the language the text came through: `pivot` names it where
the mark is that language's own.

Hit: `it has covered 41 kilometres ”.`, "long–standing", "on Sunday，from ten". No hit: "Paris–Lyon", "1914–1918", a list's
" :)", full-width marks between Chinese words, joiners that Persian or an emoji needs.

Limits: a page in mixed but consistent marks is not flagged; nor are the marks of languages other than English against each other,
full-width and invisible ones aside.
"""

import polars as pl

from checker import languages, spans

CODE = "TYP001"
SEVERITY = "minor"
CATEGORY = "linguistic-conventions/punctuation"

# Last members of the compound adjectives that English writes with a hyphen; with an en dash, `cost–benefit` and the like are right.
_COMPOUND = (
    r"(?:\p{Ll}{2,}ing|\p{Ll}{2,}ed|old|term|level|scale|made|wide|known|style|type|size|class|range|speed|quality|profile|"
    "born|led|run|free|wing|year|day|time|person|man|way|up|off|out|in|on|to|than|of|the|long)"
)
_PREFIX = r"(?:de|re|co|pre|non|anti|pro|semi|self|ex|multi|inter|un|sub|post|ultra|mid|vice|well|so)"

_WIDE = "，。！？；：（）「」『』、【】《》"

# Zero-width space, word joiner, byte order mark and the controls of direction; joiners and soft hyphens have their uses.
_INVISIBLE = "\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069"

_EDGE, _NO_EDGE = r"(?<![\p{L}\p{N}–-])", r"(?![\p{L}\p{N}–-])"
_ENGLISH = (
    (
        r"[\p{L}\p{N}]+[.,!?]?[ \u00a0\u202f]+”(?=[\s.,;:!?)]|$)[.,;]?",
        r"[\p{L}\p{N}.,!?]\s+”",
        "fr",
        "a space before a closing quotation mark, as French sets it",
    ),
    (
        r"“[ \u00a0\u202f]+\p{L}+",
        r"“\s+\p{L}",
        "fr",
        "a space behind an opening quotation mark, as French sets it",
    ),
    (
        r"(?<=[\p{Ll}\p{N}”\"])[ \u00a0\u202f]+[:;!?](?=\s+[\p{L}“\"]|$)",
        r"[\p{Ll}\p{N}”\"]\s+[:;!?](?:\s|$)",
        "fr",
        "a space before a mark that English sets close, as French does",
    ),
    (
        rf"{_EDGE}(?P<evidence>(?:\p{{Ll}}{{2,}}|\p{{N}}+–\p{{Ll}}+)–{_COMPOUND}|{_PREFIX}–\p{{Ll}}{{3,}}){_NO_EDGE}",
        r"[\p{L}\p{N}]–\p{Ll}",
        "ru",
        "an en dash for the hyphen inside a word, as Russian programs set it",
    ),
    (
        r"(?<=[\p{L}\p{N},.”\"]\s)[—–][\p{L}“\"][^\s—–]*(?=(?:\s+\S+){5})",
        r"\s[—–][\p{L}“\"]",
        None,
        "a space before the dash and none behind it",
    ),
    (
        r"(?<![\p{L}\p{N}])\"(?=\S)[^\"“”]{2,600}(?<=\S)”(?![\p{L}\p{N}])",
        r"\"[^\"“”]+”",
        None,
        "a quotation that opens with a straight mark and closes with a curly one",
    ),
    (
        r"“(?=\S)[^\"“”]{2,600}(?<=[\p{L}.,!?…])\"(?![\p{L}\p{N}])",
        r"“[^\"“”]+\"",
        None,
        "a quotation that opens with a curly mark and closes with a straight one",
    ),
)
"""Pattern, screen, pivot, message."""

# Lines of fewer words are labels, tables and headings, where "Name : value" is a layout.
_WORDS = 6


def find(lines: pl.DataFrame) -> pl.DataFrame:
    english = lines.filter(
        (pl.col("doc_lang") == "en") & (pl.col("script") == "Latn") & (pl.col("text").str.count_matches(r"\S+") >= _WORDS)
    )
    found = [_said(spans.matches(english, pattern, screen=screen), pivot, message) for pattern, screen, pivot, message in _ENGLISH]
    alphabets = {code for script in ("Latn", "Cyrl", "Grek") for code in languages.CANDIDATES[script]}
    alphabetic = lines.filter(pl.col("doc_lang").is_in(sorted(alphabets)) & pl.col("script").is_in(["Latn", "Cyrl", "Grek"]))
    kanji = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
    wide = spans.matches(alphabetic, rf"(?<!{kanji})[{_WIDE}](?!{kanji})", screen=f"[{_WIDE}]")
    found.append(_said(wide, "zh", "full-width punctuation, as Chinese sets it"))
    hidden = spans.matches(alphabetic, f"[{_INVISIBLE}]+")
    found.append(_said(hidden, None, "an invisible character inside the text: a zero-width space or a control of direction"))
    return pl.concat(found)


def _said(rows: pl.DataFrame, pivot: str | None, message: str) -> pl.DataFrame:
    return rows.with_columns(lang="doc_lang", pivot=pl.lit(pivot, pl.String), message=pl.lit(message))
