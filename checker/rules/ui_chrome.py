"""A part of the site around the text: navigation, buttons, players, notices.

Finds lines that are no part of the text: menus, skip links, breadcrumbs, share bars, subscription and cookie notices, player and
reader widgets, font sizes, labels and titles of related pages, times and trails of links, and what stands among them. Three
witnesses say so: lexicons of what sites write, in twelve languages; a model of how the line looks, what its words say, and what
stands around it, learnt from the pages of 163 sites (`bench/train_chrome.py`) and asked in every language; for HTML, the markup.

Chrome is not the text: translated or not, it has no partner, and it may be in another language than the text it surrounds.

Hit: "Home / World / Two neighbours agree", "SHARE THIS ARTICLE", "0:00 0:03:21 0:00", "字号 +" over an English text. No hit: a
headline, a sentence that says "search" or "print", a list inside the text, a dialogue of short lines, a poem.

Limits: teasers and captions that are sentences look like text; lists of goods, dates or places look like menus, and so does a
heading that is a lexicon's word ("Settings"). Where a document has no two paragraphs, only the lexicons and the markup are asked.
Near articles of sites that the model had not seen, .94 of the lines that are flagged are chrome, and .79 of the chrome is flagged.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from checker import languages, looks, packs, trees

CODE = "ART003"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"
MARKS = "chrome"

MODEL = Path(__file__).parent.parent / "models" / "chrome_lines.json"

_KINDS = ("line", "player", "section", "start", "within")

# A label is short, a notice is a sentence.
_LINE_WORDS, _SENTENCE_WORDS, _SENTENCE_LETTERS = 20, 60, 400

# Characters of lines that are looked at together: their numbers fit into some tens of megabytes.
_BATCH = 1_000_000

_TIMES = r"^\W*(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[\s/|–-]+(?:\d{1,2}:)?\d{1,2}:\d{2})+\W*$"
_CRUMBS = r"^(?:[^/>»›|.!?]{1,40}\s*(?:\s[/|>»›]|[>»›])\s+){2,}[^/>»›|]{1,160}$"
_HOME = (
    "home|home ?page|news|главная|новости|головна|новини|accueil|actualités|inicio|portada|início|startseite|首页|首頁|"
    "ホーム|トップ|الرئيسية|خانه"
)
_CRUMB = rf"(?i)^(?:{_HOME})\s*[/>»›|]\s*\S.{{1,160}}$"
_SIGNS = packs.either([_TIMES, _CRUMBS, _CRUMB])

# What a lexicon holds is chrome from this probability on: of such lines .93 are; of those below it, every second is a sentence.
_EVEN = 0.5

# What somebody says: "Follow me." is a line of a dialogue.
_SPEECH = r"^[\"“„«‘].+[.!?…][\"”“»’]$"

# A headline has so many letters and words, and no date; from this probability on it is one only if nothing above the text is more
# like one. With the likest line alone protected 16 of 204 pages lost their headline, so 9, and 1 of 100 lines of chrome stays.
_HEADLINE = 0.95
_HEADLINE_WORDS, _HEADLINE_LETTERS = 2, (10, 160)
# The title of what a player shows has so many words at most, a line in another script so many letters.
_TITLE_WORDS, _STRANGE_LETTERS = 15, 100

# The looks that the rule itself reads, besides the model.
_READ = ("words", "size", "prose", "stop", "year", "n_bar", "n_slash", "n_quote", "n_colon")


def find(lines: pl.DataFrame) -> pl.DataFrame:
    border = _model().extra["threshold"]
    found = [judged(batch, *_asked_model(batch), border) for batch in _batches(told(lines))]
    return pl.concat([lines.clear().with_columns(message=pl.lit("")), *(part.select(*lines.columns, "message") for part in found)])


def probabilities(lines: pl.DataFrame) -> looks.Floats:
    """What the model says of each line: the probability that it is the site's. The lines of a document stand together."""
    parts = [_asked_model(batch)[1] for batch in _batches(told(lines))]
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _asked_model(lines: pl.DataFrame) -> tuple[looks.Looks, looks.Floats]:
    """The looks of lines with their lexicons' columns, and the model's probability of each."""
    numbers = looks.looks(lines, known(lines), _vocabulary())
    return numbers, _model().probability(numbers)


def _batches(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """The lines in parts of whole documents."""
    read = lines.with_columns(batch=pl.col("text").str.len_chars().cast(pl.Int64).cum_sum())
    numbered = read.with_columns(batch=pl.col("batch").first().over("doc") // _BATCH)
    return numbered.partition_by("batch", maintain_order=True, include_key=False)


def judged(lines: pl.DataFrame, numbers: looks.Looks, probability: looks.Floats, threshold: float) -> pl.DataFrame:
    """Of lines as `told` gives them those that are chrome, with `message` and `lang`, by all witnesses."""
    columns = {name: pl.Series(numbers[name]) for name in _READ}
    placed = _titled(_placed(lines.with_columns(p=pl.Series(probability), **columns)))
    own = pl.when("strange").then("lang").otherwise("doc_lang")
    lang = pl.when(pl.col("in_lexicon") == packs.ANY).then(own).otherwise(pl.coalesce("in_lexicon", own))
    return placed.with_columns(message=_message(threshold), lang=lang).drop_nulls("message")


def _message(threshold: float) -> pl.Expr:
    """Why a line is chrome, the surest reason first; null where it is not."""
    named = pl.col("in_lexicon").is_not_null() & ~pl.col("only_section") & ~pl.col("text").str.contains(_SPEECH)
    telling = pl.any_horizontal("is_start", "is_player", "is_within") | (pl.col("is_line") & (pl.col("words") >= 2))
    # Without paragraphs the model has nothing to go by: there a lexicon's word needs company.
    by_name = named & pl.when("paragraphs").then(pl.col("p") >= _EVEN).otherwise(telling | _beside(named))
    like = pl.col("paragraphs") & (pl.col("p") >= threshold) & pl.col("main").is_null() & ~pl.col("title")
    reasons = {
        "a line of the site in another language than the text": pl.col("strange"),
        "a label of a media player": by_name & pl.col("is_player"),
        "a notice, or what announces another page, as sites word them": by_name & (pl.col("is_start") | pl.col("is_within")),
        "a menu entry, button or label, as sites name them": by_name,
        "times or a trail of links, not a sentence": pl.col("signs") & ((pl.col("p") >= _EVEN) | ~pl.col("paragraphs")),
        "the title of what a player shows": _above_player() & ~pl.col("title"),
        "outside of the main text by the page's markup": ~pl.col("main"),
        "the name of a section of the site": like & pl.col("is_section"),
    }
    place = pl.when("head").then(pl.lit("above the text")).when("foot").then(pl.lit("below the text"))
    among = pl.when(_beside(pl.col("p") >= threshold)).then(pl.lit(", among other lines of the site")).otherwise(pl.lit(""))
    looked = pl.format("looks like a part of the site: {}{}", place.otherwise(pl.lit("between paragraphs")), among)
    return pl.coalesce(*(pl.when(holds).then(pl.lit(text)) for text, holds in reasons.items()), pl.when(like).then(looked))


def _placed(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with their place: above (`head`) or below (`foot`) the paragraphs that the model takes for text."""
    text = pl.when((pl.col("prose") > 0) & (pl.col("p") < _EVEN)).then("line")
    strange = ~pl.col("script").is_in(["Latn", languages.COMMON_SCRIPT]) & (pl.col("script") != _own_script())
    kinds = [f"is_{kind}" for kind in _KINDS if kind != "section"]
    placed = lines.with_columns(
        paragraphs=pl.col("prose").sum().over("doc") >= 2,
        head=(pl.col("line") < text.min().over("doc")).fill_null(value=False),
        foot=(pl.col("line") > text.max().over("doc")).fill_null(value=False),
        strange=strange & (pl.col("prose") == 0) & (pl.col("size") <= _STRANGE_LETTERS),
        only_section=pl.col("is_section") & ~pl.any_horizontal(kinds),
        signs=_signed().str.contains(_SIGNS).fill_null(value=False),
    )
    several = (pl.col("strange").sum().over("doc") > 1) | pl.col("in_lexicon").is_not_null()
    return placed.with_columns(strange=pl.col("strange") & several)


def _signed() -> pl.Expr:
    """The text, where it holds signs that times and trails have: most lines need not be asked."""
    return pl.when(pl.sum_horizontal("n_bar", "n_slash", "n_quote", "n_colon") > 0).then("text")


def _titled(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `title`: above the text what may be a headline, if the model is not sure, and of all the least like chrome."""
    titular = (pl.col("words") >= _HEADLINE_WORDS) & pl.col("size").is_between(*_HEADLINE_LETTERS) & (pl.col("year") == 0)
    may_be = pl.col("head") & titular & (pl.col("prose") == 0) & pl.col("in_lexicon").is_null() & ~pl.col("signs")
    least = pl.when(may_be).then("p").min().over("doc")
    return lines.with_columns(title=may_be & ((pl.col("p") < _HEADLINE) | (pl.col("p") == least)).fill_null(value=False))


def _own_script() -> pl.Expr:
    """The script of the line's page; characters alone, without kana, are Japanese on a Japanese page."""
    own = pl.col("doc_lang").replace_strict(languages.SCRIPT_OF, default="Latn", return_dtype=pl.String)
    return pl.when((own == "Jpan") & (pl.col("script") == "Hani")).then(pl.lit("Hani")).otherwise(own)


def _above_player() -> pl.Expr:
    """True right above a player's label, without a stop or many words."""
    player = pl.col("is_player").shift(-1).over("doc") & (pl.col("gap").shift(-1).over("doc") == 0)
    return player.fill_null(value=False) & (pl.col("stop") == 0) & (pl.col("words") <= _TITLE_WORDS)


def _beside(flag: pl.Expr) -> pl.Expr:
    """True where the line before or behind has the flag."""
    return (flag.shift(1).over("doc") | flag.shift(-1).over("doc")).fill_null(value=False)


@cache
def _model() -> trees.Model:
    return trees.load(MODEL)


@cache
def _vocabulary() -> looks.Vocabulary:
    return looks.vocabulary(_model().extra["words"])


def known(lines: pl.DataFrame) -> dict[str, looks.Floats]:
    """For each kind of the lexicons, 1 where they hold the line, of lines as `told` gives them."""
    return {kind: lines[f"is_{kind}"].cast(pl.Float32).to_numpy() for kind in _KINDS}


def told(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `in_lexicon`, the language of the first lexicon that holds it, and for each kind whether one does."""
    rows = lines.select("text", "doc_lang", "script", words=pl.col("text").str.count_matches(" ", literal=True) + 1).with_row_index(
        "row"
    )
    brief = rows.filter((pl.col("words") <= _SENTENCE_WORDS) & (pl.col("text").str.len_chars() <= _SENTENCE_LETTERS))
    label = pl.when(pl.col("words") <= _LINE_WORDS).then("text")
    parts = brief.with_columns(label=label).partition_by("doc_lang", "script", maintain_order=True)
    schema = {"row": rows.schema["row"], "in_lexicon": pl.String()} | dict.fromkeys((f"is_{kind}" for kind in _KINDS), pl.Boolean())
    hits = pl.concat([pl.DataFrame(schema=schema), *map(_held, parts)])
    joined = lines.with_row_index("row").join(hits, on="row", how="left", maintain_order="left").drop("row")
    return joined.with_columns(pl.col("^is_.*$").fill_null(value=False))


def _held(part: pl.DataFrame) -> pl.DataFrame:
    """The lines of one language and script that a lexicon holds."""
    doc_lang = part["doc_lang"][0]
    asked = [
        (lang, kind, pattern)
        for lang in _lexicons_of(doc_lang, part["script"][0])
        for kind, pattern in _lexicons()[lang].items()
        if kind != "section" or lang == doc_lang
    ]
    holds = [
        pl.col("text" if kind == "within" else "label").str.contains(pattern).alias(f"{lang} {kind}")
        for lang, kind, pattern in asked
    ]
    first = pl.coalesce(pl.lit(None, pl.String), *(pl.when(f"{lang} {kind}").then(pl.lit(lang)) for lang, kind, _ in asked))
    flags = {
        f"is_{each}": pl.any_horizontal(False, *(f"{lang} {kind}" for lang, kind, _ in asked if kind == each)).fill_null(
            value=False
        )
        for each in _KINDS
    }
    found = part.with_columns(holds).select("row", in_lexicon=first, **flags)
    return found.filter(pl.col("in_lexicon").is_not_null())


def _lexicons_of(doc_lang: str, script: str) -> Iterator[str]:
    """Languages of the lexicons that a line is looked up in: its page's, English in Latin letters, those of another script."""
    own = languages.SCRIPT_OF.get(doc_lang, "Latn")
    for lang in dict.fromkeys((doc_lang, "en", *_lexicons())):
        written = languages.SCRIPT_OF.get(lang, "")
        if lang in _lexicons() and (
            lang in (doc_lang, packs.ANY) or (lang == "en" and script == "Latn") or (written == script != own and script != "Latn")
        ):
            yield lang


@cache
def _lexicons() -> dict[str, dict[str, str]]:
    """Language to kind to pattern."""
    return {
        lang: {where: packs.anchored(packs.either(patterns), where) for where, patterns in pack.items()}
        for lang, pack in packs.load("ui_chrome").items()
    }
