"""Letters of a foreign script inside a word or a sentence.

Finds a word whose Latin letters are mixed with look-alike Cyrillic or Greek ones, or the other way round, and words of a foreign
script inside a sentence: Chinese, Cyrillic, Arabic, Hangul and others in a text in Latin letters, and the like for Cyrillic,
Greek, Arabic, Chinese, Japanese and Korean texts.

A look-alike letter comes from another keyboard or from hidden copying and breaks search and alignment; a foreign word was left
untranslated and names the language the text came from.

Hit: "Start in the 钟摆厅 on the top floor", "the joint сommission" with a Cyrillic letter. No hit: a name in its own script in
parentheses or quotes, "Xi Jinping (习近平)"; Latin letters in Russian, Arabic, Chinese; a Greek letter in a formula.

Limits: words that a text mentions ("the word мир") are told from slips only by quotes, brackets or a colon before them.
"""

import polars as pl

from checker import languages, spans

CODE = "ART002"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"

# Letters that cannot be told from Latin ones in most typefaces, and the Latin ones that they look like.
_CYRILLIC = "аеорсухіјѕԁһАВЕКМНОРСТУХІЅЈ"
_GREEK = "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_LATIN = "aeopcyxijsdhABEKMHOPCTYXISJZIN"

_CYRL, _HAN, _KANA, _HANGUL, _ARAB, _GREK, _REST = (
    r"\p{Cyrillic}",
    r"\p{Han}",
    r"\p{Hiragana}\p{Katakana}",
    r"\p{Hangul}",
    r"\p{Arabic}",
    r"\p{Greek}",
    r"\p{Hebrew}\p{Devanagari}\p{Bengali}\p{Thai}\p{Tamil}\p{Telugu}\p{Gujarati}\p{Gurmukhi}\p{Kannada}\p{Malayalam}\p{Armenian}\p{Georgian}",
)
_FOREIGN = {
    "Latn": _CYRL + _HAN + _KANA + _HANGUL + _ARAB + _GREK + _REST,
    "Cyrl": _HAN + _KANA + _HANGUL + _ARAB + _REST,
    "Grek": _CYRL + _HAN + _KANA + _HANGUL + _ARAB + _REST,
    "Arab": _CYRL + _HAN + _KANA + _HANGUL + _REST,
    "Hani": _CYRL + _HANGUL + _ARAB + _REST,
    "Jpan": _CYRL + _HANGUL + _ARAB + _REST,
    "Kore": _CYRL + _KANA + _ARAB + _REST,
}
"""Script of a document to the letters that its sentences do not hold."""

_SAYS = ("lang", "pivot", "message")
_SENTENCE = r"[.!?…。！？؟۔][\"'”’»«“)\]』」]*(?:\s|$)|[。！？]"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    mixed, runs = _mixed(lines), _runs(lines)
    runs = runs.join(mixed.select("doc", at="start", to="end"), on="doc", how="left").filter(
        pl.col("at").is_null() | (pl.col("start") >= pl.col("to")) | (pl.col("end") <= pl.col("at"))
    )
    runs = runs.drop("at", "to").unique(maintain_order=True)
    return pl.concat([mixed, runs.select(mixed.columns)])


def _mixed(lines: pl.DataFrame) -> pl.DataFrame:
    """Words of two alphabets whose letters of the one are all look-alikes of the other."""
    few = [rf"(?=\p{{L}}*\p{{Latin}})(?:\p{{Latin}}|[{letters}])+" for letters in (_CYRILLIC, _GREEK)]
    hidden = [rf"(?=\p{{L}}*[{_LATIN}])(?:\p{{{script}}}|[{_LATIN}])+" for script in ("Cyrillic", "Greek")]
    both = r"(?=\p{L}*\p{Latin})(?=\p{L}*[\p{Cyrillic}\p{Greek}])\p{L}{3,}"
    pattern = rf"(?<![\p{{L}}\p{{M}}\p{{N}}])(?={both})(?:{'|'.join((*few, *hidden))})(?![\p{{L}}\p{{M}}\p{{N}}])"
    rows = spans.matches(lines, pattern, screen=r"\p{Latin}[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}]\p{Latin}")
    message = "letters of two alphabets in one word: some only look like the others"
    return rows.with_columns(lang="doc_lang", pivot=pl.lit(None, pl.String), message=pl.lit(message))


def _runs(lines: pl.DataFrame) -> pl.DataFrame:
    """Words in a foreign script inside sentences of the document's own."""
    sentences = lines.filter(pl.col("text").str.contains(_SENTENCE))
    own = pl.col("doc_lang").replace_strict(languages.SCRIPT_OF, default=None, return_dtype=pl.String)
    found = [
        spans.matches(sentences.filter((own == script) & (pl.col("script") == script)), _run(letters), screen=f"[{letters}]")
        for script, letters in _FOREIGN.items()
    ]
    rows = pl.concat(found).join(lines.select("doc", "line", at="start"), on=["doc", "line"], maintain_order="left")
    rows = rows.with_columns(run=pl.col("text").str.slice(pl.col("start") - pl.col("at"), pl.col("end") - pl.col("start")))
    rows = rows.with_columns(run_script=languages.script(pl.col("run")))
    rows = rows.filter(~pl.col("run_script").is_in(["Grek", "Cyrl"]) | (pl.col("run").str.len_chars() > 2))
    said = [lang for lang, _ in languages.identify(rows["run"], rows["run_script"])]
    named = [f"words in {languages.name(lang)}" if lang != languages.UNDETERMINED else "words in a foreign script" for lang in said]
    messages = [f"{name} left untranslated in the sentence" for name in named]
    pivots = [lang if lang != languages.UNDETERMINED else None for lang in said]
    columns = pl.DataFrame({"lang": said, "pivot": pivots, "message": messages}, schema=dict.fromkeys(_SAYS, pl.String))
    return rows.with_columns(columns.get_columns()).drop("at", "run", "run_script")


def _run(letters: str) -> str:
    """A run of `letters`, not in brackets or quotes, nor behind a colon (a gloss), nor at the end behind the last stop (a tag)."""
    run = rf"[{letters}][{letters}\p{{M}}\u200c]*(?:[ ·・ー–-]?[{letters}][{letters}\p{{M}}ー\u200c]*)*"
    tag = rf"(?<=[.!?…][\"”’»)]?\s){run}\s*$"
    glossed = r"(?<![(（\[][^()（）\[\]]{0,80})(?<![\"“«„‘「『《〈]\s?)(?<![:：=]\s?)(?<![\p{L}\p{M}\p{N}])"
    return rf"(?:{tag})(*SKIP)(*FAIL)|{glossed}{run}"
