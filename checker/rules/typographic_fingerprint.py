"""Punctuation and characters of another language's or program's habits.

Finds in English: a space before a closing quote or before : ; ! ? (French), quotation marks of other languages („…“, « … »), a
decimal comma before a unit, an inverted question mark (Spanish), a numero sign (Russian), an en dash for the hyphen inside a
compound, a dash with a space before but none behind, a quotation that opens straight and closes curly or the other way round. In
any text in an alphabet: full-width letters and punctuation (Chinese, Japanese), zero-width spaces, joiners between letters that
do not join, fillers and invisible controls of direction.

The words may be English while the marks still follow the habits of the language the text came through: `pivot` names it where
the mark is that language's own.

Hit: `it has covered 41 kilometres ”.`, "long–standing", "on Sunday，from ten", "3,5 percent". No hit: "Paris–Lyon", "1914–1918",
"3,500 people", a list's " :)", full-width marks between Chinese words, joiners that Persian or an emoji needs, soft hyphens.

Limits: a page in mixed but consistent marks is `mixed-quotes`; the marks of languages other than English against each other are
not told, full-width and invisible ones aside.
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

_FULL = "Ａ-Ｚａ-ｚ０-９"

# Zero-width space, word joiner and invisible operators, byte order mark, fillers, tags and the controls of direction; soft hyphens
# have their uses, and so have joiners and variation selectors, but not behind a letter of an alphabet.
_INVISIBLE = "\u200b\u2060-\u2064\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\u180e\u115f\u1160\u3164\U000e0001-\U000e007f"
_JOINERS = "\u200c\u200d\ufe00-\ufe0f"
_ALPHABET = r"[\p{Latin}\p{Cyrillic}\p{Greek}]"

_UNIT = (
    "percent|per cent|percentage|million|billion|trillion|thousand|kilomet(?:er|re)s?|met(?:er|re)s?|centimet(?:er|re)s?|miles?|km|"
    "kg|kilograms?|kilos?|tons?|tonnes?|hectares?|lit(?:er|re)s?|degrees|euros?|dollars?|pounds|hours|years|times|points|inch(?:es)?|feet|mph"
)
_EDGE, _NO_EDGE = r"(?<![\p{L}\p{N}–-])", r"(?![\p{L}\p{N}–-])"
_ENGLISH = (
    (
        r"[\p{L}\p{N}]+[.,!?]?[ \u00a0\u202f]+”(?=[\s.,;:!?)]|$)[.,;]?",
        r"[\p{L}\p{N}.,!?]\s+”",
        "fr",
        "a space before a closing quotation mark, as French sets it",
    ),
    (
        r"(?<!„[^“”„\n]{0,400})“[ \u00a0\u202f]+\p{L}+",
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
        r"„[^„“”\"\n]{1,400}“",
        "„[^“]+“",
        "de",
        "quotation marks as German sets them",
    ),
    (
        r"«[ \u00a0\u202f][^«»]{0,400}\p{Latin}[^«»]{0,400}[ \u00a0\u202f]»",
        r"«\s.+»",
        "fr",
        "quotation marks as French sets them",
    ),
    (
        r"«(?=\p{Latin})[^«»]{1,400}»|„[^„“”\"\n]{1,400}”",
        "[«„]",
        None,
        "quotation marks of another language than English",
    ),
    (
        rf"(?<![\p{{L}}\p{{N}}.,])[€$£]?\p{{N}}{{1,3}},\p{{N}}{{1,2}}(?=(?:\s|\u00a0|-)?(?:{_UNIT})\b|\s?[%€°])",
        r"\p{N},\p{N}",
        None,
        "a decimal comma, which English writes as a point",
    ),
    (
        r"(?<!\p{L})[¿¡]+\p{L}+",
        "[¿¡]",
        "es",
        "an inverted mark before a question or exclamation, as Spanish sets it",
    ),
    (
        r"№\s?\p{N}+",
        "№",
        "ru",
        "a numero sign, as Russian sets it",
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


# What every line with such a mark holds; one pattern lets through a tenth of the lines, and is asked first.
_ENGLISH_SCREEN = r"[“”—–«„¿¡№]|[ \u00a0\u202f][:;!?]|\p{Nd},\p{Nd}"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    english = lines.filter((pl.col("doc_lang") == "en") & (pl.col("script") == "Latn"))
    english = english.filter(pl.col("text").str.contains(_ENGLISH_SCREEN))
    english = english.filter(pl.col("text").str.count_matches(r"\S+") >= _WORDS)
    found = [_said(spans.matches(english, pattern, screen=screen), pivot, message) for pattern, screen, pivot, message in _ENGLISH]
    return pl.concat([*found, *_wide(_alphabetic(lines))])


def _alphabetic(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of documents in an alphabet that hold a wide or invisible character."""
    alphabets = [code for script in ("Latn", "Cyrl", "Grek") for code in languages.CANDIDATES[script]]
    rows = lines.filter(pl.col("doc_lang").is_in(sorted(set(alphabets))) & pl.col("script").is_in(["Latn", "Cyrl", "Grek"]))
    # Most lines hold no character beyond the Latin letters, and a count of bytes tells so sooner than a pattern does.
    rows = rows.filter(pl.col("text").str.len_bytes() > pl.col("text").str.len_chars())
    return rows.filter(pl.col("text").str.contains(f"[{_WIDE}{_FULL}{_INVISIBLE}{_JOINERS}]"))


def _wide(rows: pl.DataFrame) -> list[pl.DataFrame]:
    kanji = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
    wide = spans.matches(rows, rf"(?<!{kanji})[{_WIDE}](?!{kanji})", screen=f"[{_WIDE}]")
    full = spans.matches(rows, rf"(?<!{kanji})[{_FULL}]+(?!{kanji})", screen=f"[{_FULL}]")
    hidden = spans.matches(rows, f"[{_INVISIBLE}]+|(?<={_ALPHABET})[{_JOINERS}]+", screen=f"[{_INVISIBLE}{_JOINERS}]")
    return [
        _said(wide, "zh", "full-width punctuation, as Chinese sets it"),
        _said(full, None, "full-width letters or digits, as Chinese and Japanese set them"),
        _said(hidden, None, "an invisible character inside the text: a zero-width space, a joiner or a control of direction"),
    ]


def _said(rows: pl.DataFrame, pivot: str | None, message: str) -> pl.DataFrame:
    return rows.with_columns(lang="doc_lang", pivot=pl.lit(pivot, pl.String), message=pl.lit(message))
