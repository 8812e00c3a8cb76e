"""A part of the site around the text: navigation, buttons, players, notices.

Finds, by lexicons in twelve languages, lines that are menus, skip links, breadcrumbs, share bars, subscription and cookie notices,
player and reader widgets, font sizes, labels of related links, bare addresses and times; and, by their shape and their neighbours,
runs of short lines above and below the text, titles of what a player embeds, and blocks of lines in a foreign script.

Chrome is not the text: translated or not, it has no partner, and it may be in another language than the text it surrounds.

Hit: "Home / World / Two neighbours agree", "SHARE THIS ARTICLE", "0:00 0:03:21 0:00", "字号 +" over an English text. No hit: a
headline, a sentence that says "search" or "print", a list inside the text, a dialogue of short lines.

Limits: teasers (sentences that advertise another page) look like text. A lexicon's word as a heading in a manual ("Settings")
is only taken for chrome above or below the text, or beside other chrome.
"""

from functools import cache

import polars as pl

from checker import languages, packs

CODE = "ART003"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"
MARKS = "chrome"

_ENDS = r"[.!?…。！？؟۔][\"'”’»)\]』」]*$"
_DENSE = ["Hani", "Jpan"]

# Words (characters in Chinese and Japanese) of a line of prose that ends as a sentence does, and of one that need not.
_PROSE, _LONG = 8, 25
_DENSE_PROSE, _DENSE_LONG = 18, 60
_TITLE, _DENSE_TITLE = 4, 8
_TITLE_WORDS = 15

# A paragraph of so many words (characters) is the text's: above the first and below the last such line begins the site. Of the
# short lines there, 99 of 100 were chrome on 103 pages; with shorter paragraphs as the edges, teasers hide a third of them.
_EDGE, _DENSE_EDGE = 25, 60

# So many short lines one below the other above the text are a menu; below it, so many lines without a stop a list of links.
_RUN, _FOOT_RUN = 3, 2
_SHORT, _DENSE_SHORT = 6, 12

# A notice is a sentence, a label is not.
_LINE_WORDS, _SENTENCE_WORDS = 20, 60

_URL = r"^\W?(?:https?://\S+|www\.\S+|[\w.-]+@[\w-]+\.[\w.-]+|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|edu|gov|io|tv|ir|ru|ua|cn|uk|us|de|fr|es|it|pt|jp|eu|br|ca|au|in)(?:/\S*)?)\W?$"
_TIMES = r"^\W*(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[\s/|–-]+(?:\d{1,2}:)?\d{1,2}:\d{2})+\W*$"
_CRUMBS = r"^(?:[^/>»›|.!?]{1,40}\s*(?:\s[/|>»›]|[>»›])\s+){2,}[^/>»›|]{1,160}$"
_HOME = (
    "home|home ?page|news|главная|новости|головна|новини|accueil|actualités|inicio|portada|início|startseite|首页|首頁|"
    "ホーム|トップ|الرئيسية|خانه"
)
_CRUMB = rf"(?i)^(?:{_HOME})\s*[/>»›|]\s*\S.{{1,160}}$"
_BAR = r"^[^.!?|]{1,40}(?:\s?[|•·]\s?[^.!?|•·]{1,40}){1,}$"
# An entry of a list of the text's own: ingredients, steps, results.
_ENTRY = r"^\W{0,2}\d|^[•*–—-]\s"
_COUNT = r"^[\d\s.,:/+-]{1,12}$"
_YEAR, _HOUR = r"\b(?:19|20)\d{2}\b", r"\b\d{1,2}[:.h]\d{2}\b"
_MONTH = r"(?:\p{L}+\.? \d{1,2},?|\d{1,2}\.? \p{L}+\.?,?)"
_DAY = rf"\W*(?:\p{{L}}+\.?,? )?(?:\d{{1,2}}[./]\d{{1,2}}[./](?:19|20)?\d{{2}}|{_MONTH} (?:19|20)\d{{2}})"
_STAMP = rf"^(?:.{{0,40}}{_YEAR}.{{0,20}}{_HOUR}|.{{0,40}}{_HOUR}.{{0,20}}{_YEAR}|{_DAY}).{{0,30}}$"
_TAIL = r"[\s\p{P}\p{S}\d]*$"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    shaped = _titled(_zoned(_worded(_shaped(lines))))
    known = pl.col("known").is_not_null() & (pl.col("outside") | pl.col("beside") | pl.col("sure"))
    pattern = pl.col("text").str.contains(packs.either([_URL, _TIMES, _CRUMBS, _CRUMB]))
    bar = pl.col("text").str.contains(_BAR) & pl.col("outside") & ~pl.col("title")
    count = pl.col("text").str.contains(_COUNT) | (pl.col("text").str.contains(_STAMP) & ~pl.col("ends"))
    listed = (pl.col("short") & (pl.col("run") >= _RUN)) | (pl.col("foot") & (pl.col("open_run") >= _FOOT_RUN))
    menu = pl.col("outside") & ~pl.col("title") & (listed | count)
    reasons = {
        "a line of the site around the text: navigation, a button, a label or a notice": known,
        "an address, a time or a trail of links, not a sentence": pattern | bar,
        "the title of something embedded or linked, beside its player or label": pl.col("embedded") & ~pl.col("title"),
        "a line of the site in another language than the text": pl.col("foreign"),
        "one of several short lines above or below the text: a menu or a list of links": menu & (pl.col("n_prose") > 1),
    }
    message = pl.coalesce(*(pl.when(holds).then(pl.lit(text)) for text, holds in reasons.items()))
    # Labels are too short for their language to be told, but by their script or by the lexicon that holds them.
    told = pl.when(pl.col("strange")).then("lang").otherwise("doc_lang")
    lang = pl.when(pl.col("known") == "zxx").then("doc_lang").otherwise(pl.coalesce("known", told))
    found = shaped.with_columns(message=message, lang=lang).drop_nulls("message")
    return found.select(*lines.columns, "message")


def _shaped(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with what each looks like on its own."""
    own = pl.col("doc_lang").replace_strict(languages.SCRIPT_OF, default="Latn", return_dtype=pl.String)
    dense, chars = pl.col("script").is_in(_DENSE), pl.col("text").str.len_chars()
    words, ends = pl.col("text").str.count_matches(r"\S+"), pl.col("text").str.contains(_ENDS)
    counted = lines.with_columns(own_script=own, words=words, ends=ends)
    words, ends = pl.col("words"), pl.col("ends")
    entry = pl.col("text").str.contains(_ENTRY) & ~pl.col("text").str.contains(_TIMES)
    spoken = pl.col("script").is_in(["Zyyy"]) | (pl.col("script") == pl.col("own_script"))
    dense_sentence = (ends & (chars >= _DENSE_PROSE)) | (chars >= _DENSE_LONG)
    sentence = pl.when(dense).then(dense_sentence).otherwise((ends & (words >= _PROSE)) | (words >= _LONG))
    return counted.with_columns(
        prose=spoken & sentence,
        entry=entry,
        edge=spoken & pl.when(dense).then(chars >= _DENSE_EDGE).otherwise(words >= _EDGE),
        short=~ends & ~entry & pl.when(dense).then(chars <= _DENSE_SHORT).otherwise(words <= _SHORT),
        titular=spoken & ~sentence & pl.when(dense).then(chars >= _DENSE_TITLE).otherwise(words >= _TITLE),
        strange=~spoken & ~pl.col("script").is_in(["Latn"]) & ~ends & (chars <= 40),
    )


def _worded(shaped: pl.DataFrame) -> pl.DataFrame:
    """The lines with `known`, the language of the lexicon that holds the line, and what as; the page's language comes first."""
    brief = shaped.filter(pl.col("words") <= _SENTENCE_WORDS).select("text", "doc_lang", "words").unique(maintain_order=True)
    few = pl.col("words") <= _LINE_WORDS
    hits = []
    for lang, patterns in _lexicons().items():
        held = {kind: pl.col("text").str.contains(pattern) & (few | (kind == "sentence")) for kind, pattern in patterns.items()}
        held["section"] = held["section"] & (pl.col("doc_lang") == lang)
        flagged = brief.with_columns(**{f"is_{kind}": holds for kind, holds in held.items()}, known=pl.lit(lang))
        hits.append(flagged.filter(pl.any_horizontal(f"is_{kind}" for kind in held)))
    own_first = pl.concat(hits).sort(pl.col("known") != pl.col("doc_lang"), maintain_order=True).drop("words")
    first = own_first.unique(["text", "doc_lang"], keep="first", maintain_order=True)
    joined = shaped.join(first, on=["text", "doc_lang"], how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("^is_.*$").fill_null(value=False))
    certain = pl.any_horizontal("is_start", "is_player", "is_sentence")
    sure = certain | (pl.col("is_line") & (pl.col("words") >= 2))
    return joined.with_columns(sure=sure, only_section=pl.col("is_section") & ~certain & ~pl.col("is_line"))


@cache
def _lexicons() -> dict[str, dict[str, str]]:
    """Language to patterns; a language without a list has one that never matches."""
    never = r"[^\s\S]"
    compiled = {}
    for lang, pack in packs.load("ui_chrome").items():
        whole = {
            kind: rf"(?i)^[\s\p{{P}}\p{{S}}]*{packs.either(pack[kind])}{_TAIL}" if kind in pack else never
            for kind in ("line", "player", "section")
        }
        start = rf"^[\s\p{{P}}\p{{S}}]*{packs.either(pack['start'])}" if "start" in pack else never
        sentence = f"(?i){packs.either(pack['sentence'])}" if "sentence" in pack else never
        compiled[lang] = whole | {"start": start, "sentence": sentence}
    return compiled


def _zoned(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with their place: above (`head`) or below (`foot`) the text's paragraphs, beside other chrome, in a run."""
    unknown = pl.col("known").is_null()
    long = (pl.col("edge") & unknown).sum().over("doc") >= _FOOT_RUN
    prose = pl.when(unknown & pl.when(long).then("edge").otherwise("prose")).then("line")
    placed = lines.with_columns(first=prose.min().over("doc"), last=prose.max().over("doc"), n_prose=prose.count().over("doc"))
    head = (pl.col("line") < pl.col("first")).fill_null(value=False)
    foot = (pl.col("line") > pl.col("last")).fill_null(value=False)
    placed = placed.with_columns(head=head, foot=foot, outside=head | foot | pl.col("first").is_null())
    placed = _neighboured(placed).with_columns(open=~pl.any_horizontal("ends", "prose", "head", "entry"))
    strangers = pl.col("strange").sum().over("doc")
    return placed.with_columns(
        run=_run_length("short"),
        open_run=_run_length("open"),
        foreign=pl.col("strange") & ((strangers > 1) | pl.col("known").is_not_null()),
        known=pl.when(pl.col("only_section") & ~pl.col("head")).then(None).otherwise("known"),
    )


def _neighboured(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `beside`, if a line of the lexicon is next to it, and `embedded`, if it stands right above a player's."""
    close, close_below = pl.col("gap") == 0, pl.col("gap").shift(-1).over("doc") == 0
    known = pl.col("known").is_not_null() & ~pl.col("only_section")
    beside = (known.shift(1).over("doc") & close) | (known.shift(-1).over("doc") & close_below)
    player = pl.col("is_player").shift(-1).over("doc") & close_below
    embedded = player.fill_null(value=False) & ~pl.col("ends") & (pl.col("words") <= _TITLE_WORDS)
    return lines.with_columns(beside=beside.fill_null(value=False), embedded=embedded)


def _run_length(flag: str) -> pl.Expr:
    """Lines one below the other for which the column `flag` is true; 0 where it is not."""
    run = (pl.col(flag) != pl.col(flag).shift(1)).fill_null(value=True).cum_sum().over("doc")
    return pl.when(pl.col(flag)).then(pl.len().over("doc", run)).otherwise(0)


def _titled(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `title`: the first and the last line above the text that have a headline's length and are no known chrome."""
    crumbs = pl.col("text").str.contains(packs.either([_CRUMBS, _CRUMB]))
    candidate = pl.when(pl.col("head") & pl.col("titular") & pl.col("known").is_null() & ~crumbs).then("line")
    title = (pl.col("line") == candidate.min().over("doc")) | (pl.col("line") == candidate.max().over("doc"))
    return lines.with_columns(title=title.fill_null(value=False))
