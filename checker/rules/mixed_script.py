"""Letters of a foreign script inside a word or a sentence.

Finds a word whose Latin letters are mixed with look-alike Cyrillic or Greek ones, or the other way round, and words of a foreign
script inside a sentence: Chinese, Cyrillic, Arabic, Hangul and others in a text in Latin letters, and the like for texts in each
other script. Latin letters are at home everywhere, Chinese ones in Japanese and Korean.

A look-alike letter comes from another keyboard or from hidden copying and breaks search and alignment; a foreign word was left
untranslated and names the language the text came from.

Hit: "Start in the 钟摆厅 on the top floor", "more than 16万", "did не gain weight", "the joint сommission" with a Cyrillic letter.

No hit: a name in its own script in parentheses or quotes, "Xi Jinping (习近平)"; Latin letters in Russian, Arabic, Chinese; a Greek
letter in a formula.

Limits: words that a text mentions ("the word мир") are told from slips only by quotes, brackets or a colon before them.
"""

from functools import reduce
from operator import or_

import polars as pl

from checker import frequencies, languages, spans

CODE = "ART002"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"

# Letters that cannot be told from Latin ones in most typefaces, and the Latin ones that they look like.
_CYRILLIC = "аеорсухіјѕԁһАВЕКМНОРСТУХІЅЈ"
_GREEK = "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_LATIN = "aeopcyxijsdhABEKMHOPCTYXISJZIN"

_HOME = {"Jpan": ("Jpan", "Hani"), "Kore": ("Kore", "Hani")}
"""Scripts that a language writes beside its own; all write Latin letters."""

_LETTERS = {code: letters.strip("[]") for code, letters in languages.SCRIPTS.items() if code != "Latn"}
_FOREIGN = {
    script: "".join(letters for code, letters in _LETTERS.items() if code not in _HOME.get(script, (script,)))
    for script in languages.SCRIPTS
}
"""Script of a document to the letters that its sentences do not hold."""

# Alphabets whose letters stand for quantities and points, and how common a word of two letters must be to be one in a text (Zipf).
_ALPHABETS = {"Cyrl": ("ru", "uk", "bg"), "Grek": ("el",)}
_COMMON = 5.0

# Scripts that are written without spaces: a word may follow on another.
_DENSE = ("Hani", "Jpan", "Thai")

_SAYS = ("lang", "pivot", "message")
_SENTENCE = r"[.!?…。！？؟۔।॥][\"'”’»«“)\]』」]*(?:\s|$)|[。！？]"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    mixed, runs = _mixed(lines), _runs(lines).unique(["doc", "start", "end"], maintain_order=True)
    words = mixed.select("doc", at="start", to="end").sort("at")
    ordered = runs.select("doc", "start", "end", last=pl.col("end") - 1).sort("last")
    near = ordered.join_asof(words, left_on="last", right_on="at", by="doc", check_sortedness=False)
    part = near.filter(pl.col("to") > pl.col("start"))
    whole = runs.join(part, on=["doc", "start", "end"], how="anti", maintain_order="left")
    return pl.concat([mixed, whole.select(mixed.columns)])


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
        spans.words(sentences.filter((own == script) & (pl.col("script") == script)), _run(letters, script), screen=f"[{letters}]")
        for script, letters in _FOREIGN.items()
    ]
    rows = pl.concat(found).rename({"word": "run"})
    rows = rows.with_columns(run_script=languages.script(pl.col("run")))
    rows = rows.filter(~pl.col("run_script").is_in(list(_ALPHABETS)) | (pl.col("run").str.len_chars() > 2) | _short_words(rows))
    rows = rows.filter((pl.col("run_script") != "Jpan") | (pl.col("run").str.len_chars() > 1))
    said = [lang for lang, _ in languages.identify(rows["run"], rows["run_script"])]
    named = [f"words in {languages.name(lang)}" if lang != languages.UNDETERMINED else "words in a foreign script" for lang in said]
    messages = [f"{name} left untranslated in the sentence" for name in named]
    pivots = [lang if lang != languages.UNDETERMINED else None for lang in said]
    columns = pl.DataFrame({"lang": said, "pivot": pivots, "message": messages}, schema=dict.fromkeys(_SAYS, pl.String))
    return rows.with_columns(columns.get_columns()).drop("run", "run_script")


def _short_words(rows: pl.DataFrame) -> pl.Series:
    """Whether a run is one of the most frequent words of two small letters ("не"), not a quantity or an abbreviation."""
    words = rows["run"].filter(rows["run"].str.contains(r"^\p{Ll}{2}$"))
    known = [frequencies.known(words, lang) >= _COMMON for langs in _ALPHABETS.values() for lang in langs]
    return rows["run"].is_in(words.filter(reduce(or_, known)).implode())


def _run(letters: str, own: str) -> str:
    """A run of `letters`, not in brackets or quotes, nor behind a colon (a gloss), nor at the end behind the last stop (a tag)."""
    run = rf"\p{{N}}*+[{letters}][{letters}\p{{M}}\u200c]*+(?:[ ·・ー–-]?[{letters}][{letters}\p{{M}}ー\u200c]*+)*+"
    tag = rf"(?<=[.!?…][\"”’»)]?\s){run}\s*$"
    glossed = r"(?<![(（\[][^()（）\[\]]{0,80})(?<![\"“«„‘「『《〈]\s?)(?<![:：=]\s?)"
    begin = rf"(?<![{letters}\p{{N}}])" if own in _DENSE else r"(?<![\p{L}\p{M}\p{N}])"
    return rf"(?:{tag})(*SKIP)(*FAIL)|{glossed}{begin}{run}"
