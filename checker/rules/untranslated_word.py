"""A word of another language, left inside a sentence of the page's own.

Finds words that are rare or unknown in the language of the page and common in one of sixteen others: the gap between the two
frequencies decides (wordfreq's lists). In English pages it also asks about words with a capital: German nouns, words at the
beginning of a sentence, countries, months and days as other languages call them (CLDR), and adjectives behind an English noun that
names places ("Tower Blanche"). In pages that are not in Latin letters it finds runs of English words, not names.

A word that a translation left as it was names the language it came from (`lang`, `pivot`).

Hit: "in Spain, Portugal and irlanda", "the decision of the gouverneur", "moved to Kalifornien", "the price of Fleisch". No hit:
"Agence France-Presse", "von der Leyen", words in quotation marks or italics' underscores or behind "the word", words that English
borrowed ("per capita", "café", "coup de grâce"; more in the pack `loanwords`).

Limits: words that both languages write alike, and words of languages outside the list. Names in lower case ("macron") are taken for
words. A noun with a capital beside a name, or another's than German. Pages in English, French, Spanish, German, Italian, Portuguese
and Dutch, and those that are not in Latin letters. The language of a lone word that several have is a guess: the one that more is
translated from.
"""

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from operator import or_

import polars as pl
import regex
from babel import Locale

from checker import frequencies, languages, packs, spans

CODE = "MTS003"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"

# Languages of pages that are asked about: those whose word list is long and whose clean pages are flagged less than .5 times in
# 1,000 words (de 0, es .1 to .3, fr .1, it .4 on FLORES; nl and pt 0 on the few news pages there are). Danish, whose list is short,
# would be flagged 4 times, Turkish once.
_OWN = ("en", "fr", "es", "de", "it", "pt", "nl")
# A page of another language than was told has few words of the one told: of an Icelandic page taken for Norwegian .22 are known, of
# a Zulu one taken for English .74, of 208 pages whose language was told right .88 or more. Shorter texts are not asked.
_AT_HOME, _ENOUGH = 0.85, 30

# Zipf frequencies: a word that is rarer than this in the page's language must be more common in another by so much. English: found
# .93 of the words put into one half of residue_codemix, with 10 flags in 228,499 words of clean English; the rows above 2.8 find
# function words ("que", "und"), which English texts quote often enough to be no longer rare.
_GAPS = ((2.0, 1.4), (2.8, 2.0), (3.1, 2.4), (3.2, 2.8), (4.0, 3.3))
_RARE, _UNUSUAL, _GAP = 2.0, 2.8, 1.4
# Other languages share more words with their neighbours: with gaps of 2.4, 2.5 and 3.0 the recall was .57 to .66, with these it is
# .69 to .76 with the same flags.
_STRICT_GAPS = ((1.0, 1.8), (2.0, 2.0), (2.8, 2.5), (3.2, 3.0), (4.0, 3.5))
# Languages that less is translated from; what they have is the more often a rare English word ("molt", "spate", "argot").
_MINOR, _MINOR_GAP = ("sv", "da", "no", "fi", "hu", "ro", "tr", "ca"), 0.7
# Behind a known stem an English ending makes an English word ("persuader"), and so do further endings ("molt", "molting").
_STEM, _DERIVED_GAP = 3.0, 2.7
_ENDING = r"^(\p{L}{3,}?)(?:e?s|e?d|e?rs?|ing|ly|ness|isms?|ists?|able|al|ive|ion|y)$"
_FORMS = ("ing", "ed", "ly", "ally")
# A neighbour this common is a word of the page's language and no part of a foreign name or title.
_ENGLISH = 3.5
# Languages nearer than this to the most likely one are candidates too: the page's other words decide between them.
_NEAR = 0.5

# A capital makes most words names. German nouns are told from them by the compounds that they form: "Wasser" begins 587 words of
# the German list, "Ansicht" 8, "Volker" 2, "Weizsäcker" none. Of nouns put for English words, .71 of 265 are found.
_NOUN, _NOUN_GAP, _COMPOUNDS, _MANY_COMPOUNDS = 3.0, 1.4, 8, 50
_NOUN_ENDING = r"\p{L}{3}(?:(?:ung|heit|keit|schaft|tät|tion)(?:en|s)?|nis(?:se|sen|ses)?|ismus)$"
# What ends the names of streets, squares and towns.
_STREET = r"\p{L}{3}(?:straße|strasse|platz|allee|gasse|damm|ufer|burg|dorf|heim|hausen|ingen|feld|hafen)$"
# Beside an English noun that names places, and before "of", a word with a capital may be an adjective or a noun.
_PLACE, _PLACE_GAP = 4.0, 1.8
_OF = ("of", "for", "from")
# The first word of a sentence: very common in its language, or one that the English list lacks, for all the names that it holds.
_OPENING, _OPENING_GAP, _OPENING_RARE, _UNHEARD = 5.0, 2.5, 2.5, 3.3
# What English puts behind the name of a person who says or is something.
_BEHIND_NAMES = (
    r"^(?:said|says|told|tells|added|adds|noted|notes|asked|wrote|writes|was|is|has|had|will|would|also|who|did|does|can|could|may|"
    r"never|then|later|and|recalled|explained|argued|insisted|admitted|denied)$"
)
# What a word with a capital may be: see `_capital`.
_KINDS = ("noun", "named", "opening", "place")

# So many of the most frequent English words tell a run of English from a name or a label in Latin letters.
_FUNCTION_WORDS = 60

_WORD = r"\p{L}[\p{L}\p{M}]+"
# Words and bytes of a line that is a sentence, and of one that is, though it does not end as one.
_WORDS, _BYTES, _MANY_WORDS = 6, 20, 15
_SENTENCE = r"[\p{L}\p{N}%][\"'”’»)\]]*[.!?…:;][\"'”’»)\]]*(?:\s|$)"

# What stands before and behind a word, in so many characters.
_CONTEXT = 60
_QUOTED = r"[“«‘_*(\[\"](?:[\p{L}'’-]+,? ){0,3}$", r"^(?:,? [\p{L}'’-]+){0,3}[.,!?]?[”»’_*)\]\"]"
_MENTIONED = (
    r"\b(?:words?|terms?|phrase|verb|noun|called|named|dubbed|nicknamed|termed|known as)(?: of| for| the| an?)? $",
    r"^,? (?:which |that )?(?:means|meaning|meant)\b",
)
_ELIDED = r"(?i)(?:^|[^\p{L}\p{N}'’-])((?:[ldjnmtsc]|qu|dell|nell|sull|dall|all|un|quest)['’])$"
_GLUED = r"[\p{N}@#/\\._&=+$%'’-]$", r"^(?:[\p{N}@/_\\=-]|\.\p{L}|['’](?:\p{L}{2}|[^s\P{L}])|://)"
_NUMBERED = r"(?:^|[\s(])\p{N}{1,4}$"
_HYPHENED = r"(?:^|[\s(“\"])\p{Ll}+-$", r"^-\p{Ll}+(?:[^\p{L}-]|$)"
_OPENS = r"(?:^|[.!?…][\"”’)]* )$"
_FIRST = (
    "the|an?|in|on|at|by|for|from|with|to|of|this|these|that|those|some|many|most|both|all|each|every|no|his|her|its|their|our|my|we|"
    "they|when|if|and|but|as|after|before"
)
# What opens a sentence and is no name for all its capital.
_ARTICLE = rf"{_OPENS[:-1]}(?:(?i:{_FIRST})|\p{{Lu}}\p{{Ll}}+ of) $"
_PARTICLES = "de|la|le|du|von|van|der|den|di|da|al|el|bin|ibn|dos|das|del|zu|ter"
_PARTICLE = rf"(?:(?:{_PARTICLES}) )*"
_CAPITALISED = rf"\p{{Lu}}[\p{{L}}\p{{M}}.'’-]* (?:of )?{_PARTICLE}$", rf"^(?:,? {_PARTICLE}\p{{Lu}}|['’]s\b)"
_LISTED = r"\p{Lu}[\p{L}\p{M}.'’-]*(?:,? (?:and|or|&)|,) $", r"^(?:[,;.)]| (?:and|or|&) )"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    own = (pl.col("doc_lang") == pl.col("lang")) & pl.col("doc_lang").is_in(_OWN)
    long_enough = lines.filter(own, pl.col("text").str.len_bytes() > _BYTES)
    counted = long_enough.with_columns(words=pl.col("text").str.count_matches(r"\S+")).filter(pl.col("words") >= _WORDS)
    prose = counted.filter(pl.col("text").str.contains(_SENTENCE) | (pl.col("words") >= _MANY_WORDS)).drop("words")
    found = [_said(_unborrowed(_at_home(_strange(prose), prose), prose))] if prose.height else []
    none = lines.clear().with_columns(pivot=pl.lit(None, pl.String), message=pl.lit(None, pl.String))
    return pl.concat([rows.select(none.columns) for rows in (none, *found, _english(lines))])


def _english(lines: pl.DataFrame) -> pl.DataFrame:
    """Runs of English words in small letters, with a function word among them, in lines that are not in Latin letters."""
    own = pl.col("doc_lang").replace_strict(languages.SCRIPT_OF, default="Latn")
    abroad = lines.filter((own != "Latn") & (pl.col("script") == own))
    function = rf"(?:{'|'.join(_function_words())})"
    run = rf"(?:[A-Z]?[a-z]+ )?(?:[a-z]+ )*?(?:[a-z]{{2,}} {function} [a-z]+|{function} {function})(?![a-z])(?: [a-z]+)*"
    loans = packs.any_of(packs.load("loanwords")["en"]["loan"])
    free = r"(?<![\p{Latin}\p{N}@#/&._'’-]|\p{Latin}[\p{Latin}\p{N}'’.&:,-]* )(?<![“«„‘\"(\[「『《〈*_]\s?)"
    ends = r"(?![\p{N}@/_=-]|[.'’]\p{Latin}| \p{Lu}?\p{Ll}*\p{Lu})"
    screen = rf"{function} {function}|[a-z] {function} [a-z]"
    rows = spans.matches(abroad, rf"{free}(?!{loans})(?P<evidence>{run}){ends}", screen=screen)
    names = {code: languages.name(code) for code in rows["doc_lang"].unique()}
    named = pl.col("doc_lang").replace_strict(names, return_dtype=pl.String)
    message = pl.format("left in English in a sentence that is {}", named)
    return rows.with_columns(lang=pl.lit("en"), pivot=pl.lit("en"), message=message)


@cache
def _function_words() -> list[str]:
    """The most frequent English words of two letters or more, those alone that Latin letters of another language hardly spell."""
    return [word for word in frequencies.frequent("en")[:_FUNCTION_WORDS] if len(word) > 1 and word.isascii() and word.isalpha()]


def _strange(prose: pl.DataFrame) -> pl.DataFrame:
    """The words that may be of other languages than the page's, with a row for each that a word may be of."""
    numbered = prose.with_row_index("row")
    words = numbered.select("row", own_lang="doc_lang", word=pl.col("text").str.extract_all(_WORD)).explode("word").drop_nulls()
    # Numbers for words: two columns of strings take five times as long to make unique and to join.
    key = pl.col("word").hash() ^ pl.col("own_lang").hash(1)
    words = words.with_columns(key=key)
    distinct = words[words["key"].arg_unique()].select("own_lang", "word")
    small = _small(distinct).with_columns(pl.lit(value=False).alias(kind) for kind in _KINDS)
    asked = pl.concat([small, _capital(distinct.filter(pl.col("own_lang") == "en"))])
    rare = asked.filter(pl.any_horizontal("noun", "named", "opening") | ~pl.col("place"))
    held = words.filter(pl.col("key").is_in(asked.select(key).to_series().implode()))
    sure = held.filter(pl.col("key").is_in(rare.select(key).to_series().implode()))["row"].unique()
    candidates = numbered.filter(pl.col("row").is_in(held["row"].unique().implode()))
    candidates = candidates.filter(pl.col("row").is_in(sure.implode()) | pl.col("text").str.contains(_beside()))
    placed = _placed(candidates.drop("row"), dict(asked.group_by("own_lang").agg(pl.col("word").unique()).iter_rows()))
    rows = _neighbours(placed).join(asked, left_on=["doc_lang", "word"], right_on=["own_lang", "word"], maintain_order="left")
    part = pl.col("hyphened") & ((pl.col("own") >= _RARE) | (pl.col("word").str.len_chars() < 4))
    return pl.concat([rows.filter(~pl.col("capital") & ~part), _unnamed(rows.filter("capital"))])


def _small(words: pl.DataFrame) -> pl.DataFrame:
    """word, own_lang, own, said, zipf: the languages that each word in small letters may be of, by how common it is in either."""
    asked = words.filter(pl.col("word").str.contains(r"^\p{Ll}[\p{Ll}\p{M}]+$"))
    english = asked.filter(pl.col("own_lang") == "en")
    found = pl.concat([frequencies.strangers(asked, _GAP, _GAPS[-1][0]), _spelt(english["word"])])
    found = found.filter((pl.col("word").str.len_chars() > 2) | pl.col("word").str.contains(r"[^a-z]"))
    gap, minor = pl.col("zipf") - pl.col("own"), pl.col("said").is_in(_MINOR)
    needed = pl.when(pl.col("own_lang") == "en").then(_needed(_GAPS)).otherwise(_needed(_STRICT_GAPS))
    found = found.filter(gap >= needed + pl.when(minor).then(_MINOR_GAP).otherwise(0.0))
    stem, own = found["word"].str.extract(_ENDING), found["own_lang"]
    known = pl.max_horizontal(*(frequencies.each_known(stem + ending, own).alias(f"stem{ending}") for ending in ("", "e")))
    inflected = reduce(or_, (frequencies.each_known(found["word"] + ending, own) > frequencies.UNSEEN for ending in _FORMS))
    derived = (known >= _STEM) & (gap < _DERIVED_GAP) | inflected & (pl.col("own") >= _RARE) & (minor | (gap < _GAPS[-1][1]))
    return found.filter(~derived)


def _needed(steps: Sequence[tuple[float, float]]) -> pl.Expr:
    """The gap that a word needs that is as rare as the first of the steps above it, of which the last is the end of all asked."""
    return reduce(lambda above, step: pl.when(pl.col("own") < step[0]).then(step[1]).otherwise(above), reversed(steps), pl.lit(9.0))


def _capital(words: pl.DataFrame) -> pl.DataFrame:
    """word, own_lang, own, said, zipf and what an English page's word with a capital may be.

    `noun`: a German noun; `named`: the name of a country, month or day; `opening`: the first word of a sentence; `place`: the
    adjective in a name of a place, or a first word before "of".
    """
    capital = words.filter(pl.col("word").str.contains(r"^\p{Lu}[\p{Ll}\p{M}]{2,}$"))
    heard, asked = frequencies.strangers(capital, _GAP, _NOUN), capital["word"]
    named, adjectives = _named(asked), _adjectives(asked)
    rows = pl.concat([heard, named, _composed(asked), adjectives]).unique(["word", "said"], keep="first", maintain_order=True)
    own, zipf, gap = pl.col("own"), pl.col("zipf"), pl.col("zipf") - pl.col("own")
    common = (zipf >= _OPENING) & (gap >= _OPENING_GAP) & (own < _OPENING_RARE)
    pairs = pl.concat_str("word", "said", separator=" ")
    told = rows.with_columns(
        noun=_noun(rows),
        named=pairs.is_in(_pairs(named).implode()),
        opening=(own <= frequencies.UNSEEN) & (zipf >= _UNHEARD) | common,
        place=(zipf >= _PLACE) & (gap >= _PLACE_GAP) & (own < _UNUSUAL) | pairs.is_in(_pairs(adjectives).implode()),
    )
    return told.filter(pl.any_horizontal(*_KINDS))


def _pairs(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.concat_str("word", "said", separator=" ")).to_series()


def _noun(rows: pl.DataFrame) -> pl.Series:
    """Whether each word is a German noun, not a name: no English list has it, it forms compounds, is one, or is very common."""
    german = rows.with_row_index("row").filter(pl.col("said") == "de", pl.col("zipf") - pl.col("own") >= _NOUN_GAP)
    told = german.with_columns(
        compounds=frequencies.compounds(german["word"], "de"), composed=frequencies.composed(german["word"], "de", "en")
    )
    own, zipf = pl.col("own"), pl.col("zipf")
    noun = (
        (own <= frequencies.UNSEEN) & ((zipf >= _NOUN) | pl.col("word").str.contains(_NOUN_ENDING) | pl.col("composed"))
        | (pl.col("compounds") >= _COMPOUNDS) & (own < _UNUSUAL)
        | (pl.col("compounds") >= _MANY_COMPOUNDS) & (own < _NOUN)
        | (own < _RARE) & ((zipf >= _OPENING) | pl.col("word").str.contains(_NOUN_ENDING))
    )
    street = pl.col("word").str.contains(_STREET) & (zipf < _PLACE)
    return pl.Series(range(rows.height), dtype=pl.UInt32).is_in(told.filter(noun & ~street)["row"].implode())


def _at_home(found: pl.DataFrame, prose: pl.DataFrame) -> pl.DataFrame:
    """The words found in pages most of whose words are known in their language."""
    pages = prose.join(found, on="doc", how="semi")
    words = (
        pages.select("doc", "doc_lang", word=pl.col("text").str.extract_all(r"\b\p{Ll}[\p{L}\p{M}]+")).explode("word").drop_nulls()
    )
    counted = words.group_by("doc", "doc_lang", "word").len("n")
    at_home = frequencies.each_known(counted["word"], counted["doc_lang"]) >= _STEM
    sums = counted.with_columns(known=pl.col("n") * at_home).group_by("doc").agg(pl.col("n", "known").sum())
    abroad = sums.filter((pl.col("n") >= _ENOUGH) & (pl.col("known") / pl.col("n") < _AT_HOME))
    return found.join(abroad, on="doc", how="anti", maintain_order="left")


def _named(words: pl.Series) -> pl.DataFrame:
    """The words that are the name of a country, a month or a day in another language, in CLDR, and hardly known in English."""
    asked = words.to_frame("word").with_columns(name=pl.col("word").str.to_lowercase())
    found = asked.join(_names(), on="name", maintain_order="left")
    return _rated(found).filter(pl.col("own") < _UNUSUAL)


def _rated(found: pl.DataFrame) -> pl.DataFrame:
    """word, own_lang, own, said, zipf of words of English pages that are told otherwise than by their frequency in `said`."""
    own = frequencies.known(found["word"], "en").alias("own")
    return found.select("word", own_lang=pl.lit("en"), own=own, said="said", zipf=pl.lit(_UNHEARD, pl.Float32))


@cache
def _names() -> pl.DataFrame:
    said = [(name.lower(), lang) for lang in frequencies.LANGUAGES for name in _cldr(lang) if len(name) > 3 and name.isalpha()]
    names = pl.DataFrame(said, schema=["name", "said"], orient="row").unique(maintain_order=True)
    return names.filter(~(pl.col("said") == "en").any().over("name"))


def _cldr(lang: str) -> list[str]:
    locale = Locale(lang)
    tables = (locale.months, locale.days)
    dates = [name for table in tables for form in ("format", "stand-alone") for name in table[form]["wide"].values()]
    return [*dates, *(name for code, name in locale.territories.items() if len(code) == 2)]


def _spelt(words: pl.Series) -> pl.DataFrame:
    """Words with letters that English does not write and that are in no list: inflected forms that no list holds either."""
    marked = words.filter(words.str.contains(r"^\p{Latin}{4,}$") & words.str.contains(r"[^a-z]") & words.str.contains(r"^\p{Ll}+$"))
    marked = marked.filter(frequencies.known(marked, "en") <= frequencies.UNSEEN)
    asked = pl.DataFrame({"word": marked, "own_lang": ["en"] * marked.len()}, schema={"word": pl.String, "own_lang": pl.String})
    unknown = marked.filter(~marked.is_in(frequencies.strangers(asked, 0, _UNUSUAL)["word"].implode()))
    said = pl.Series([lang for lang, _ in languages.identify(unknown, ["Latn"] * unknown.len())], dtype=pl.String)
    told = pl.DataFrame({"word": unknown, "said": said})
    return _rated(told.filter(pl.col("said").is_in(frequencies.LANGUAGES), pl.col("said") != "en"))


def _composed(words: pl.Series) -> pl.DataFrame:
    """German compounds that are in no list, with a capital: two German words, of which one at least is not English."""
    asked = words.filter(words.str.contains(r"^\p{Lu}\p{Ll}{8,}$"))
    asked = asked.filter(frequencies.known(asked, "en") <= frequencies.UNSEEN)
    asked = asked.filter(frequencies.composed(asked, "de", "en"))
    return _rated(asked.to_frame("word").with_columns(said=pl.lit("de")))


def _placed(lines: pl.DataFrame, asked: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """A row for each of the words that are asked about, narrowed to it, with what stands before and behind it.

    The lines are few, and a loop finds words and cuts contexts in one pass, however long a line is.
    """
    pattern = regex.compile(_WORD)
    asked_of = {lang: frozenset(words) for lang, words in asked.items()}
    found = [
        (
            row,
            *match.span(),
            match[0],
            text[max(0, match.start() - _CONTEXT) : match.start()],
            text[match.end() : match.end() + _CONTEXT],
        )
        for row, (lang, text) in enumerate(lines.select("doc_lang", "text").iter_rows())
        for match in pattern.finditer(text)
        if match[0] in asked_of[lang]
    ]
    schema = {"row": pl.UInt32, "from": pl.Int64, "to": pl.Int64, "word": pl.String, "before": pl.String, "after": pl.String}
    rows = pl.DataFrame(found, schema=schema, orient="row")
    placed = rows.join(lines.with_row_index("row"), on="row", how="left", maintain_order="left")
    return placed.with_columns(start=pl.col("start") + pl.col("from"), end=pl.col("start") + pl.col("to")).drop("row", "from", "to")


def _neighbours(placed: pl.DataFrame) -> pl.DataFrame:
    """The words that are no part of a number, an address or a name, with what their neighbours say of them.

    `capital`: written with one; `titled`: beside another such word; `opens`: first of a sentence; `last`, `next`: the words beside
    it; `known`: how common the one before is. An elided article belongs to the word.
    """
    before, after = pl.col("before").str, pl.col("after").str
    asked = placed.with_columns(
        capital=pl.col("word").str.contains(r"^\p{Lu}"),
        opens=before.contains(_OPENS),
        titled=before.contains(_CAPITALISED[0]) & ~before.contains(_ARTICLE)
        | after.contains(_CAPITALISED[1])
        | before.contains(_LISTED[0]) & after.contains(_LISTED[1]),
        last=before.extract(r"(\p{L}[\p{L}\p{M}]*),? $"),
        next=after.extract(r"^ (\p{L}[\p{L}\p{M}]*)"),
        elided=before.extract(_ELIDED).str.len_chars().fill_null(0),
        glued=before.contains(_GLUED[0]) | after.contains(_GLUED[1]),
        numbered=before.contains(_NUMBERED) & (pl.col("word").str.len_chars() > 5),
        hyphened=before.contains(_HYPHENED[0]) | after.contains(_HYPHENED[1]),
    )
    free = asked.filter(~pl.col("glued") | (pl.col("elided") > 0) | "numbered" | "hyphened")
    known = [
        frequencies.each_known(free[side], free["doc_lang"]).alias(name) for side, name in (("last", "known"), ("next", "follows"))
    ]
    framed = before.contains(r"\p{Lu}[\p{L}\p{M}’'-]* $") & after.contains(r"^ \p{Lu}")
    beside = framed & (pl.min_horizontal("known", "follows") < _ENGLISH) & ~pl.col("capital")
    quoted = before.contains(_QUOTED[0]) & after.contains(_QUOTED[1])
    within = before.contains(r"\p{L} $") & (pl.col("known") >= _ENGLISH)
    within |= after.contains(r"^ \p{L}") & (pl.col("follows") >= _ENGLISH)
    moved = free.with_columns(*known).filter(~beside & (~quoted | within))
    moved = moved.filter(~(before.contains(_MENTIONED[0]) | after.contains(_MENTIONED[1])))
    return moved.with_columns(start=pl.col("start") - pl.col("elided"))


def _unborrowed(rows: pl.DataFrame, prose: pl.DataFrame) -> pl.DataFrame:
    """The rows without what a loan covers: "coup de grâce"."""
    held = prose.join(rows, on=["doc", "line"], how="semi", maintain_order="left")
    # A screen without the word's edges takes ten times as long.
    screen = rf"(?i)(?:^|\P{{L}}){_loans()}(?:$|\P{{L}})"
    loans = spans.matches(held, rf"(?i)(?<!\p{{L}}){_loans()}(?!\p{{L}})", screen=screen)
    loans = loans.select("doc", "start", to="end").sort("start")
    ordered = rows.sort("start", maintain_order=True)
    covered = ordered.join_asof(loans, on="start", by="doc", check_sortedness=False).filter(pl.col("start") < pl.col("to"))
    return rows.join(covered, on=["doc", "start"], how="anti", maintain_order="left")


@cache
def _loans() -> str:
    words = packs.any_of(word for lang, kinds in packs.load("loanwords").items() for word in kinds["loan"] if lang != "en")
    return words.replace("'", "['’]").replace(r"\ ", " ").replace(r"\-", "-").replace("-", "[- ]")


def _unnamed(rows: pl.DataFrame) -> pl.DataFrame:
    """Words with a capital that what stands beside them, here or elsewhere in the document, does not make names."""
    place = pl.col("place") & pl.col("last").is_in(_place_nouns()) & ~pl.col("after").str.contains(_CAPITALISED[1])
    alone = ~pl.col("titled").any().over("doc", "word")
    rows = rows.with_columns(german=frequencies.known(rows["last"], "de") - rows["known"])
    inside = (
        ~pl.col("opens")
        & (pl.col("known") >= _STEM)
        & (pl.col("german") < 1)
        & ~pl.col("last").str.contains(rf"^(?:{_PARTICLES})$")
    )
    begins = pl.col("opening") & ~pl.col("next").str.contains(_BEHIND_NAMES) | pl.col("place") & pl.col("next").is_in(_OF)
    first = pl.col("opens") & pl.col("next").str.contains(r"^\p{Ll}") & begins
    kept = rows.filter(~pl.col("glued") & (place | alone & (inside & pl.any_horizontal("noun", "named") | first)))
    # A noun is German, whatever other language has the word too.
    noun = pl.col("noun").any().over("doc", "start") & inside
    return kept.filter(~noun | pl.col("noun")).drop("german")


@cache
def _beside() -> str:
    """Where a word may be an adjective in a name of a place, or is first and stands before "of"."""
    nouns = packs.any_of(_place_nouns())
    return rf"\b{nouns} \p{{Lu}}|(?:^|[.!?…][\"”’)]* )\p{{Lu}}\p{{Ll}}{{2,}} (?:{'|'.join(_OF)}) "


def _place_nouns() -> list[str]:
    return [noun for noun in packs.load("places")["en"]["place-noun"] if noun != "River"]


def _adjectives(words: pl.Series) -> pl.DataFrame:
    """The words that the pack lists as what other languages say in names of places."""
    listed = [(word, lang) for lang, kinds in packs.load("places").items() for word in kinds.get("place-adjective", ())]
    found = words.to_frame("word").join(
        pl.DataFrame(listed, schema=["word", "said"], orient="row"), on="word", maintain_order="left"
    )
    return _rated(found)


def _said(found: pl.DataFrame) -> pl.DataFrame:
    """One row per word, in the language that most words of its document may be of, then in the most translated of those."""
    order = pl.col("said").replace_strict({lang: rank for rank, lang in enumerate(frequencies.LANGUAGES)})
    near = found.filter(pl.col("zipf") >= pl.col("zipf").max().over("doc", "start") - _NEAR)
    votes = near.with_columns(votes=pl.col("word").n_unique().over("doc", "said"), order=order)
    best = votes.sort("doc", "start", "votes", "order", descending=[False, False, True, False])
    best = _joined(best.unique(["doc", "start"], keep="first", maintain_order=True))
    codes = [*best["said"].unique(), *best["doc_lang"].unique()]
    foreign, own = (
        pl.col(c).replace_strict({code: languages.name(code) for code in codes}, return_dtype=pl.String)
        for c in ("said", "doc_lang")
    )
    return best.with_columns(lang="said", pivot="said", message=pl.format("left in {} in a sentence that is {}", foreign, own))


def _joined(best: pl.DataFrame) -> pl.DataFrame:
    """Words of one language that stand side by side are one finding."""
    new = (
        (pl.col("start") - pl.col("end").shift(1) != 1)
        | (pl.col("doc") != pl.col("doc").shift(1))
        | (pl.col("said") != pl.col("said").shift(1))
    )
    runs = best.with_columns(run=new.fill_null(value=True).cum_sum())
    return runs.with_columns(end=pl.col("end").max().over("run")).unique("run", keep="first", maintain_order=True).drop("run")
