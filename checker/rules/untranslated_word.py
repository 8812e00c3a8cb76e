"""A word of another language in Latin letters, left inside an English sentence.

Finds words that are rare or unknown in English and common in one of fifteen languages: the gap between the two frequencies decides
(wordfreq; 15 word lists). Words with a capital count only beside a common English noun with a capital ("Tower Blanche"), or
at the beginning of a sentence before a lower-case word, and only with a wider gap.

A word that a translation left as it was names the language it came from (`lang`, `pivot`).

Hit: "in Spain, Portugal and irlanda", "the decision of the gouverneur". No hit: "Agence France-Presse", "von der Leyen", words in
quotation marks or italics' underscores, words that English borrowed ("per capita", "café").

Limits: words that both languages write alike, and words of languages outside the list. English pages only. The language
of a lone word that several have is a guess: the one that more is translated from.
"""

from functools import cache

import numpy as np
import polars as pl
from wordfreq import get_frequency_dict

from checker import languages, packs, spans

CODE = "MTS003"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"

# In the order of how much is translated from them: where a lone word may be of several, that is the best guess.
_LANGUAGES = ("fr", "es", "de", "it", "pt", "nl", "pl", "cs", "sv", "da", "fi", "hu", "ro", "tr", "ca")

# Zipf frequencies (log10 of occurrences in a billion words): how common a word must be in its language, how much less so in
# English, and how rare there. On the lower-case words of residue_codemix these find .84 with .08 flags in 1,000 words of clean
# news; a gap of 1.0 finds no more and flags .46 (English words such as "errata", "molt", "diffuser").
_COMMON, _GAP, _RARE = 3.0, 2.0, 2.8
# Function words, which English texts quote often enough to be no longer rare ("und", "que", "avec").
_FUNCTION, _FUNCTION_GAP, _FUNCTION_RARE = 6.0, 3.3, 4.0
# A capital makes most words names; beside an English noun that names places it may be an adjective.
_CAPITAL_COMMON, _CAPITAL_GAP = 4.0, 1.8
_NOUN_COMMON, _NOUN_GAP, _NOUN_RARE = 4.0, 2.5, 2.0
_OPENING_COMMON, _OPENING_GAP, _OPENING_RARE = 5.0, 2.5, 2.5
# Languages nearer than this to the most likely one are candidates too: the page's other words decide between them.
_NEAR = 0.5

_SAID = {"word": pl.String, "said": pl.String, "zipf": pl.Float64}

_WORDS = 6
_SENTENCE = r"[\p{L}\p{N}][.!?…:;][\"'”’»)\]]*(?:\s|$)"
# Not opened by a quotation mark, bracket or mark of emphasis one or two words before: those are mentions and titles.
_PLAIN = r"(?<![“«‘_*(\[\"](?:\p{L}+ ){0,2})(?<![\p{L}\p{N}@#/._’'-])"
_ALONE = r"(?:(?<!\p{Lu}[\p{L}’'-]* )\p{Ll}{3,}(?!\p{L})|\p{Ll}{3,}(?!\p{L})(?! \p{Lu}))"
_SMALL = rf"{_PLAIN}{_ALONE}(?![\p{{N}}@/_’'-]|\.\p{{L}})"
_PLACE = r"(?P<evidence>\p{Lu}\p{Ll}{2,})(?![\p{L}’'-]| \p{Lu})"
# German nouns, behind an English determiner or preposition; words of any language at the beginning of a sentence.
_DETERMINER = "(?:the|a|an|this|that|his|her|its|their|our|last|next|every|each|no|some|many|first|new)"
_NOUN = rf"(?<![\p{{L}}]){_DETERMINER} (?P<evidence>\p{{Lu}}\p{{Ll}}{{3,}})(?=[,.]?(?: \p{{Ll}}|$))"
_OPENING = r"(?:^|[.!?][\"”’)]* )(?P<evidence>\p{Lu}\p{Ll}{3,})(?= \p{Ll})"
_FIRST = r"(?:^|[.!?][\"”’)]* )(?P<evidence>\p{Lu}\p{Ll}{3,})(?= (?:of|for|from) )"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    enough = pl.col("text").str.count_matches(r"\S+") >= _WORDS
    english = (pl.col("doc_lang") == "en") & (pl.col("lang") == "en")
    prose = lines.filter(english & enough & pl.col("text").str.contains(_SENTENCE))
    found = pl.concat([_small(prose), _capital(prose)])
    return _said(found).select(*lines.columns, "pivot", "message")


def _small(prose: pl.DataFrame) -> pl.DataFrame:
    """Lower-case words, with a row for every language that a word may be of."""
    numbered = prose.with_row_index("row")
    words = numbered.select("row", word=pl.col("text").str.extract_all(r"\b\p{Ll}{3,}\b")).explode("word").drop_nulls().unique()
    distinct = words["word"].unique().sort()
    foreign = pl.concat(
        [_foreign(distinct, _COMMON, _GAP, _RARE), _foreign(distinct, _FUNCTION, _FUNCTION_GAP, _FUNCTION_RARE), _spelt(distinct)]
    ).unique(["word", "said"], keep="first", maintain_order=True)
    held = numbered.join(words.join(foreign, on="word").select("row").unique(), on="row", how="semi", maintain_order="left")
    worded = _worded(spans.matches(held.drop("row"), _SMALL, screen=r"\p{Ll}{3}"), prose)
    return worded.join(foreign, on="word", maintain_order="left")


def _capital(prose: pl.DataFrame) -> pl.DataFrame:
    """Words with a capital: behind an English geographic noun, behind a determiner, and at the beginning of a sentence."""
    pack = packs.load("places")
    nouns = packs.any_of(noun for noun in pack["nouns"] if noun != "River")
    behind = _worded(spans.matches(prose, rf"\b{nouns} {_PLACE}", screen=rf"\b{nouns} \p{{Lu}}"), prose)
    listed = [(word.lower(), lang, _CAPITAL_COMMON) for lang, words in pack["words"].items() for word in words]
    first = _worded(spans.matches(prose, _FIRST, screen=r"\p{Lu}\p{Ll}{3,} (?:of|for|from) "), prose)
    noun = _worded(spans.matches(prose, _NOUN, screen=r"\p{Ll} \p{Lu}\p{Ll}{3,}"), prose)
    opening = _worded(spans.matches(prose, _OPENING, screen=r"(?:^|[.!?][\"”’)]* )\p{Lu}\p{Ll}{3,} \p{Ll}"), prose)
    beside = pl.concat([behind, first])
    found = [
        behind.join(pl.DataFrame(listed, schema=_SAID, orient="row"), on="word"),
        beside.join(_foreign(beside["word"].unique(), _CAPITAL_COMMON, _CAPITAL_GAP, _RARE), on="word"),
        noun.join(_foreign(noun["word"].unique(), _NOUN_COMMON, _NOUN_GAP, _NOUN_RARE).filter(pl.col("said") == "de"), on="word"),
        opening.join(_foreign(opening["word"].unique(), _OPENING_COMMON, _OPENING_GAP, _OPENING_RARE), on="word"),
    ]
    return pl.concat(found)


def _worded(rows: pl.DataFrame, prose: pl.DataFrame) -> pl.DataFrame:
    """The rows with the word that they are narrowed to, in lower case."""
    placed = rows.join(prose.select("doc", "line", at="start"), on=["doc", "line"], maintain_order="left")
    word = pl.col("text").str.slice(pl.col("start") - pl.col("at"), pl.col("end") - pl.col("start")).str.to_lowercase()
    return placed.with_columns(word=word).drop("at")


def _foreign(words: pl.Series, common: float, gap: float, rare: float) -> pl.DataFrame:
    """word, said, zipf: the languages that each word may be of, of those words that English hardly knows."""
    lists = [(lang, _zipf(lang, "small")) for lang in _LANGUAGES]
    little = _zipf("en", "small")
    unknown = [word for word in words if little.get(word, 0.0) < rare]
    likely = [(word, lang, zipf[word]) for word in unknown for lang, zipf in lists if zipf.get(word, 0.0) >= common]
    english = _zipf("en", "large") if likely else {}
    kept = [row for row in likely if english.get(row[0], 0.0) < rare and row[2] - english.get(row[0], 0.0) >= gap]
    frame = pl.DataFrame(kept, schema=_SAID, orient="row")
    return frame.filter(pl.col("zipf") >= pl.col("zipf").max().over("word") - _NEAR)


def _spelt(words: pl.Series) -> pl.DataFrame:
    """Words with letters that English does not write and that are in no English list: inflected forms that no list holds either."""
    marked = words.str.contains(r"^\p{Latin}{4,}$") & words.str.contains(r"[^a-z]")
    unknown = [word for word in words.filter(marked) if word not in _zipf("en", "large")]
    said = languages.identify(unknown, ["Latn"] * len(unknown))
    return pl.DataFrame([(word, lang, 0.0) for word, (lang, _) in zip(unknown, said, strict=True)], schema=_SAID, orient="row")


@cache
def _zipf(lang: str, size: str) -> dict[str, float]:
    """Word to Zipf frequency. wordfreq's own look-up splits and normalises each word again, which these single words need not."""
    frequencies = get_frequency_dict(lang, size)
    logs = np.log10(np.fromiter(frequencies.values(), float, len(frequencies))) + 9
    return dict(zip(frequencies, logs.tolist(), strict=True))


def _said(found: pl.DataFrame) -> pl.DataFrame:
    """One row per word, in the language that most words of its document may be of, then in the most translated of those."""
    order = pl.col("said").replace_strict({lang: rank for rank, lang in enumerate(_LANGUAGES)}, default=len(_LANGUAGES))
    votes = found.with_columns(votes=pl.col("word").n_unique().over("doc", "said"), order=order)
    best = votes.sort("doc", "start", "votes", "order", descending=[False, False, True, False])
    best = best.unique(["doc", "start"], keep="first", maintain_order=True)
    named = pl.col("said").replace_strict({code: languages.name(code) for code in best["said"].unique()}, return_dtype=pl.String)
    return best.with_columns(lang="said", pivot="said", message=pl.format("a word that is {}, left in an English sentence", named))
