"""Mentions: where the originals name somebody or something, and where they use a term that recurs.

Names are runs of capitalised words; a word that begins its sentence belongs to one if it has a capital within sentences elsewhere,
or is too rare to be a plain word. Recurring terms are nouns, and pairs of a word and a noun, that stand in several sentences and
far oftener than in English at large.
"""

from collections.abc import Iterator
from functools import cache

import polars as pl
import regex
from babel import Locale

from checker import frequencies, packs

WORD = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*"
# A dot within letters, an apostrophe before an s and a hyphen hold a word together: U.S., Brightmoor's, Saint-Malo.
_TOKEN = regex.compile(rf"(?:\p{{Lu}}\.){{2,}}|{WORD}(?:[-’']{WORD})*+")
_POSSESSIVE = r"['’]s?$"
# What ends a sentence or a part of it, so that a capital behind it says nothing.
_BREAK = r"[.!?:;…\"“”„«»‘(\[•|–—]|^\s*-|\s['’]"

# What a sentence ends in, and a headline in title case does not.
_STOPPED = r"[.!?…:;,。][\"'”’»)\]]*\s*$"

# Characters and words of a sentence that are read: nearly every sentence whole, and a hostile line in bounded time.
_READ, _WORDS = 4_000, 400

# Sentences whose words are held as Python's objects at a time.
_TOGETHER = 10_000

# Words of the longest name.
_LONGEST = 5
# A word that is rarer than this (Zipf; 3 is one in a million) is a name where it begins a sentence, and a lone capital within.
_RARE = 3.0

# Sentences that a term must stand in, and how much more frequent than in English it must be (log10): at 1.0, words of every text
# ("time", "people") fill the ledger of 1,000 sentences of news.
_SENTENCES, _KEEN = 3, 1.0
# A term's words are no commoner than this, and have letters enough.
_COMMON, _LETTERS = 5.2, 4
# Share of a word's uses that stand behind an article or the like, from which it is taken for a noun.
_NOUN = 0.3

_TITLES = "mr mrs ms dr miss sir"
_RANKS = "President Premier Minister Governor Senator Chancellor Secretary Ambassador Mayor Judge King Queen Prince Princess Pope"
_RANKS += " General Colonel Captain Lieutenant Professor Chairman Director Mr Mrs Ms Dr Miss Sir Lady Lord"
# What stands before a name and is none: Arvenian Foreign Minister Lena Korvat.
_TITLED = rf"^(?:\p{{Lu}}\S* )*?(?:{'|'.join(_RANKS.split())}) (?:(?:{'|'.join(_RANKS.split())}) )*(?:\b)"
_SMALL = "i i'm i'll i've i'd i’m i’ll i’ve i’d ok am pm a.m p.m ad bc ce bce"
_BEFORE_NOUNS = "the a an this that these those its their his her our my your each every no some any"
# Small words within a name.
WITHIN = frozenset("of de la du del der van von bin al da di".split())  # noqa: SIM905 - one line

MENTIONS = {"sentence": pl.UInt32(), "term": pl.String(), "kind": pl.String(), "from": pl.Int64(), "to": pl.Int64()}
"""Columns of `mentions`: `kind` is `name` or `term`; `from` and `to` are offsets within the sentence's text."""


def mentions(sentences: pl.DataFrame) -> pl.DataFrame:
    """`MENTIONS` of the names and recurring terms in the texts of originals (sentence, a number; text), in their order.

    The words are gone through twice, some sentences at a time: what they are taken for depends on all places where they stand.
    """
    known, total = _known(sentences)
    names, found = [pl.DataFrame(schema=MENTIONS)], list[pl.DataFrame]()
    for words in _parts(sentences):
        told = words.join(known, on="low", how="left", maintain_order="left")
        told = told.join(known.select(ahead="low", ahead_zipf="zipf"), on="ahead", how="left", maintain_order="left")
        names.append(_names(told))
        found += _candidates(told)
    named = pl.concat(names)
    return pl.concat([named, _terms(pl.concat(found), named, total)]).sort("sentence", "from", "to")


def _parts(sentences: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The words of the sentences, in parts of whole sentences; one at least, if an empty one."""
    stopped = pl.col("text").fill_null("").str.tail(_READ).str.contains(_STOPPED)
    for part in sentences.iter_slices(_TOGETHER) if sentences.height else [sentences]:
        ends = part.select(pl.col("sentence").cast(pl.UInt32), stopped=stopped)
        yield _placed(tokens(part.select("sentence", "text")).join(ends, on="sentence", how="left", maintain_order="left"))


def tokens(sentences: pl.DataFrame) -> pl.DataFrame:
    """The words of texts (sentence, text), in order: sentence, place, from, to, word, low, gap (what stands before it)."""
    return pl.concat(map(_tokens, sentences.iter_slices(_TOGETHER) if sentences.height else [sentences]))


def _tokens(sentences: pl.DataFrame) -> pl.DataFrame:
    # Offsets of matches: no expression gives them.
    found = [
        (row, place, m.start(), m.end(), m[0])
        for row, text in sentences.select("sentence", pl.col("text").fill_null("")).iter_rows()
        for place, m in zip(range(_WORDS), _TOKEN.finditer(text[:_READ]), strict=False)
    ]
    schema = {"sentence": pl.UInt32, "place": pl.Int64, "from": pl.Int64, "to": pl.Int64, "word": pl.String}
    rows = pl.DataFrame(found, schema=schema, orient="row").join(
        sentences.select(pl.col("sentence").cast(pl.UInt32), "text"), on="sentence", maintain_order="left"
    )
    before = pl.col("to").shift(1, fill_value=0).over("sentence")
    # Cut by characters that polars counts from the sentence's beginning, which is short.
    gap = pl.col("text").str.slice(before, pl.col("from") - before)
    return rows.with_columns(gap=gap, low=pl.col("word").str.to_lowercase()).drop("text")


def _placed(words: pl.DataFrame) -> pl.DataFrame:
    """The words without possessive endings, with `begins`, `capital` and `headline`; `plain` are those that may be a noun."""
    bare = pl.col("word").str.replace(_POSSESSIVE, "")
    words = words.with_columns(word=bare, to=pl.col("from") + bare.str.len_chars().cast(pl.Int64))
    words = words.with_columns(low=pl.col("word").str.to_lowercase())
    begins = (pl.col("place") == 0) | pl.col("gap").str.contains(_BREAK)
    capital = pl.col("word").str.contains(r"^\p{Lu}") & (pl.col("word").str.len_chars() > 1)
    words = words.with_columns(begins=begins, capital=capital)
    longer = pl.col("word").str.len_chars() > 3
    lowered, raised = (longer & ~pl.col("capital")).sum(), (longer & pl.col("capital")).sum()
    words = words.with_columns(headline=~pl.col("stopped") & (raised > 2 * lowered).over("sentence"))
    plain = ~pl.col("headline") & (pl.col("word").str.contains(r"^\p{Ll}[\p{Ll}-]+$") | pl.col("begins"))
    ahead = words.select("sentence", place=pl.col("place") + 1, ahead="low", ahead_from="from", ahead_word="word")
    return words.with_columns(plain=plain).join(ahead, on=["sentence", "place"], how="left", maintain_order="left")


def _known(sentences: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """What is known of each word: low, up and down (how often a capital, or none, says something), zipf, base, noun (share of its
    uses, if plain, behind an article or the like); and how many words there are.
    """
    within = ~pl.col("begins") & ~pl.col("headline")
    behind = pl.col("plain") & pl.col("ahead").is_in(_BEFORE_NOUNS.split())
    counts = {
        "up": (within & pl.col("capital")).sum(),
        "down": (within & ~pl.col("capital")).sum(),
        "nouns": behind.sum(),
        "told": (pl.col("plain") & pl.col("ahead").is_not_null()).sum(),
        "words": pl.len(),
    }
    parts = pl.concat(words.group_by("low").agg(**counts) for words in _parts(sentences))
    known = parts.group_by("low").agg(pl.exclude("low").sum()).sort("low")
    known = known.with_columns(frequencies.known(known["low"], "en").alias("zipf").cast(pl.Float64), base=singular(known["low"]))
    nouns, told = (pl.col(name).sum().over("base") for name in ("nouns", "told"))
    return known.select("low", "up", "down", "zipf", "base", noun=pl.when(told > 0).then(nouns / told)), int(known["words"].sum())


def _names(words: pl.DataFrame) -> pl.DataFrame:
    """Runs of capitalised words; where a capital says nothing, of those that are names elsewhere or plain words nowhere."""
    loose = pl.col("begins") | pl.col("headline")
    acronym = pl.col("word").str.contains(r"^\p{Lu}[\p{Lu}\p{N}.&-]+$") & ~pl.col("headline")
    known = (pl.col("up") > pl.col("down")) | ((pl.col("zipf") < _RARE) & (pl.col("down") == 0))
    own = pl.col("capital") & ~pl.col("low").is_in(_SMALL.split()) & (~loose | known | acronym)
    joined = pl.col("gap").is_in([" ", "\u00a0"]) & (pl.col("place") > 0)
    small = pl.col("low").is_in(WITHIN) & (pl.col("low") == pl.col("word")) & joined
    words = words.with_columns(own=own, joined=joined)
    bridge = small & pl.col("own").shift(1).over("sentence") & (pl.col("own") & pl.col("joined")).shift(-1).over("sentence")
    words = words.with_columns(part=pl.col("own") | bridge.fill_null(value=False))
    fresh = pl.col("part") & ~(pl.col("joined") & pl.col("part").shift(1, fill_value=False).over("sentence"))
    runs = words.with_columns(run=fresh.cum_sum()).filter("part")
    named = runs.group_by("sentence", "run", maintain_order=True).agg(
        pl.col("from").first(),
        pl.col("to").last(),
        term=pl.col("word").str.join(" "),
        size=pl.len(),
        zipf=pl.col("zipf").min(),
        letters=pl.col("word").str.len_chars().max(),
    )
    named = named.filter(pl.col("size") <= _LONGEST, pl.col("letters") >= 2).with_columns(kind=pl.lit("name"))
    bare = pl.col("term").str.replace(_TITLED, "")
    shouted = pl.col("term").str.contains(r"^[\p{Lu}\P{L}]*\p{Lu}{5}[\p{Lu}\P{L}]*$")
    named = named.with_columns(pl.col("from") + (pl.col("term").str.len_chars() - bare.str.len_chars()).cast(pl.Int64), term=bare)
    plain = pl.col("term").str.to_lowercase().str.split(" ").list.eval(pl.element().is_in(_no_names())).list.all()
    named = named.with_columns(term=pl.when(shouted).then(pl.col("term").str.to_titlecase()).otherwise("term"))
    return named.filter(~plain).select(MENTIONS.keys())


def _candidates(words: pl.DataFrame) -> list[pl.DataFrame]:
    """Nouns, and pairs of words that end in one."""
    fit = words.filter(
        "plain",
        pl.col("base").str.len_chars() >= _LETTERS,
        pl.col("zipf") < _COMMON,
        ~pl.col("low").str.contains("(ly|ed)$"),
        pl.col("up") == 0,
    )
    single = fit.filter(pl.col("noun") >= _NOUN).with_columns(term=pl.col("base"))
    pairs = fit.filter(
        pl.col("gap") == " ",
        pl.col("ahead_word").str.contains(r"^\p{Ll}{3,}$"),
        pl.col("ahead_zipf") < _COMMON,
        ~pl.col("ahead").str.ends_with("ly"),
    ).with_columns(pl.col("ahead_from").alias("from"), term=pl.concat_str("ahead", "base", separator=" "))
    return [rows.select("sentence", "from", "to", "term", "zipf") for rows in (single, pairs)]


def _terms(found: pl.DataFrame, names: pl.DataFrame, total: int) -> pl.DataFrame:
    """Those of the candidates that recur, and far oftener than in English, among so many words."""
    found = found.filter(pl.col("sentence").n_unique().over("term") >= _SENTENCES)
    expected = pl.when(pl.col("term").str.contains(" ")).then(0.0).otherwise(10 ** (pl.col("zipf") - 9)) * total
    keen = pl.len().over("term") >= 10**_KEEN * expected
    found = found.filter(keen).join(names, on=["sentence", "from"], how="anti", maintain_order="left")
    found = found.with_columns(kind=pl.lit("term"))
    # A noun within a pair that recurs is the pair's.
    inner = found.filter(pl.col("term").str.contains(" ")).select("sentence", "to")
    lone = found.filter(~pl.col("term").str.contains(" ")).join(inner, on=["sentence", "to"], how="anti")
    kept = pl.concat([found.filter(pl.col("term").str.contains(" ")), lone])
    return kept.filter(pl.col("sentence").n_unique().over("term") >= _SENTENCES).select(MENTIONS.keys())


def singular(words: pl.Series) -> pl.Series:
    """Words without the plural's ending, where English has the rest as well."""
    distinct = words.unique().sort().to_frame("word").filter(pl.col("word").str.ends_with("s"))
    forms = [
        distinct["word"].str.replace("ies$", "y"),
        distinct["word"].str.replace("es$", ""),
        distinct["word"].str.replace("s$", ""),
    ]
    known = [frequencies.known(form, "en").alias(f"zipf{n}") for n, form in enumerate(forms)]
    table = distinct.with_columns(*known, *(form.alias(f"form{n}") for n, form in enumerate(forms)))
    best = pl.max_horizontal("zipf0", "zipf1", "zipf2")
    chosen = pl.coalesce(*(pl.when(pl.col(f"zipf{n}") == best).then(f"form{n}") for n in range(3)))
    table = table.with_columns(base=pl.when((best > _RARE - 1) & ~pl.col("word").str.ends_with("ss")).then(chosen)).drop_nulls(
        "base"
    )
    return (
        words.to_frame("word")
        .join(table.select("word", "base"), on="word", how="left", maintain_order="left")
        .select(pl.coalesce("base", "word"))["base"]
    )


@cache
def _no_names() -> frozenset[str]:
    """Words that have a capital in English and are no names: months, days, titles, nationalities, languages."""
    english = Locale.parse("en")
    dates = {
        str(word).lower()
        for table in (english.months, english.days)
        for width in table["format"].values()
        for word in width.values()
    }
    spoken = {word.lower() for name in english.languages.values() for word in name.split()}
    demonyms = {str(word).lower() for word in packs.load("names")["en"]["demonym"]}
    return frozenset(dates | spoken | demonyms | set(_TITLES.split()) | set(_SMALL.split()))
