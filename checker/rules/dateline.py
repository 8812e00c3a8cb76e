"""A dateline: place, date or agency before the first sentence of a report.

Finds, at the head of a line, a place in capitals before a dash ("LONDON —", "PARIS, 4 mars –"), a place with an agency ("Berlin
(dpa) -", "МОСКВА, 5 янв — РИА Новости.", "القاهرة - رويترز", "Madrid, 5 ene (EFE).-"), and the forms of Chinese, Japanese and
Korean agencies ("新华社北京1月5日电", "（東京＝共同）", "(서울=연합뉴스)").

A dateline is the agency's, not the sentence's: versions have another, or none, and beside the sentence's own words it makes two
that render each other look less alike. It is part of a line that is text, so the line is not marked as anything else.

Hit: "LONDON — " and "Berlin (dpa) - " before a report's first words. No hit: "FILE - ", "WATCH: ", an acronym and a dash inside a
sentence, "Berlin - Hamburg" as a route, a list's "PARIS - 12 €".

Limits: a place in small letters and without an agency is not told from a title ("Paris – …"); a colon is only read behind a capital
city in capitals in the first paragraphs.
"""

from functools import cache

import polars as pl

from checker import packs, spans

CODE = "ART007"
SEVERITY = "info"
CATEGORY = "accuracy/addition"

# What follows a dateline is a report's first sentence; shorter lines are headings and lists.
_FOLLOWED = 40
_HEAD = 120
_FIRST_LINES = 3

_PLACE = r"\p{Lu}[\p{L}\p{M}.’'-]*(?:[ /-](?:\p{L}{1,3} ){0,2}\p{Lu}[\p{L}\p{M}.’'-]*){0,4}"
_CAPITALS = r"\p{Lu}[\p{Lu}.’'-]{2,}(?:[ /-]\p{Lu}[\p{Lu}.’'-]*){0,3}"
_DATE = r"(?:\p{L}+\.?,? )?(?:\d{1,2}(?:er|\.|º|th|st|nd|rd)?(?: de)? \p{L}{3,12}\.?|\p{L}{3,12}\.? \d{1,2})(?:,?(?: de)? \d{4})?"
_ADDED = rf"(?:, (?:{_DATE}|{_PLACE})){{0,2}}"
_DASH = r"\s?(?:[.:]?\s?(?:—|–|―|--|-(?=\s))+|[.:](?=\s))\s?"
_LONG_DASH = r"(?:\s?[—–―]\s?|\s(?:--?|-)\s?|--(?=\s)\s|-(?=\s)\s)"
# One of these stands behind every dateline of an alphabet with capitals.
_ENDS = r"[—–―]|-[\s-]|[)\]/]\s?[.:]|\p{Lu}:\s"
_UNCASED = r"[\p{Arabic}\u200c]+(?: [\p{Arabic}\u200c]+){0,3}"

# Forms of agencies that write without spaces or in brackets of their own.
_DENSE = (
    r"(?:新华社|新華社|中新社|中新网|中央社|法新社|路透社|美联社|美聯社|塔斯社|俄新社|共同社|韩联社|德新社|本报|本報|本台|人民网|新华网|新華網|央视网|中国网|参考消息网)"
    r"[^\s。，,；;:：]{0,16}?\d{1,2}\s?月\s?\d{1,2}\s?日[^\s。，,；;:：]{0,6}?(?:电|電|讯|訊|消息|报道|報道|報導)(?:\s?[(（][^()（）]{2,30}[)）])?[:：]?",
    r"[(（【\[][^()（）【】\[\]。]{0,24}(?:社|報|报|大纪元|大紀元|新唐人|记者|記者)[^()（）【】\[\]。]{0,24}(?:电|電|讯|訊|報導|报道|報道)[)）】\]]",
    r"[(（【\[［][^()（）【】\[\]。]{1,20}(?:[＝=・\s][^()（）【】\[\]。]{0,10})?(?:共同|時事|ロイター|AFP|ＡＦＰ|AP|ＡＰ|新華社|聯合ニュース|CNN|UPI)"
    r"(?:通信|発)?[)）】\]］]\s?[-—–―]?",
    r"[(（【\[［][\p{Han}\p{Katakana}ー・]{2,12}[＝=][\p{Han}\p{Hiragana}\p{Katakana}ー・]{2,12}[)）】\]］]",
    r"[(\[（][\p{Hangul}\s·]{2,12}=[^()\[\]（）]{0,12}(?:뉴스|통신|뉴시스|신문|일보|닷컴|데일리|투데이|경제)[^()\[\]（）]{0,6}[)\]）](?:\s?[\p{Hangul}]{2,4}\s(?:기자|특파원)\s?=)?",
)


def find(lines: pl.DataFrame) -> pl.DataFrame:
    rows = lines.with_columns(length=pl.col("text").str.len_chars(), head=pl.col("text").str.slice(0, _HEAD))
    rows = rows.filter((pl.col("length") >= _FOLLOWED) | (pl.col("length") <= 30))
    long = rows.filter(pl.col("length") >= _FOLLOWED)
    opening = long.filter(pl.col("line").rank("dense").over("doc") <= _FIRST_LINES)
    places = packs.any_of(packs.load("datelines")[packs.ANY]["place"])
    found = [
        _headed(rows, f"^(?:{packs.either(_DENSE)})", pl.col("script").is_in(["Hani", "Jpan", "Kore"])),
        _headed(long, rf"^(?:{_agencies()[0]})", _cased()),
        _headed(rows, rf"^(?:{_agencies()[1]})", pl.col("script") == "Arab"),
        _headed(long, rf"^{_CAPITALS}{_ADDED}{_LONG_DASH}(?=\S)", _cased() & ~_labelled()),
        _headed(opening, rf"^{places}:\s(?=\p{{Lu}})", _cased()),
    ]
    told = pl.concat(found).unique(["doc", "line"], keep="first", maintain_order=True)
    told = told.filter((pl.col("length") - (pl.col("end") - pl.col("start")) >= _FOLLOWED // 2) | (pl.col("length") <= 30))
    return told.select(lines.columns).with_columns(message=pl.lit("dateline: place, date or agency, not part of the sentence"))


def _headed(rows: pl.DataFrame, pattern: str, asked: pl.Expr) -> pl.DataFrame:
    """The rows asked whose head matches, narrowed to the match without the white space around it."""
    told = rows.filter(asked).with_columns(body=pl.col("text"), text=pl.col("head"))
    screen = pattern.replace(r"(?=\s)", r"\s").replace(r"(?=\S)", r"\S").replace(r"(?=\p{Lu})", r"\p{Lu}")
    found = spans.matches(told, pattern, screen=screen)
    cut = pl.col("text").str.slice(0, pl.col("end") - pl.col("start")).str.strip_chars_end()
    return found.with_columns(end=pl.col("start") + cut.str.len_chars().cast(pl.Int64), text=pl.col("body")).drop("body")


def _cased() -> pl.Expr:
    opens = pl.col("head").str.contains(r"^[\p{Lu}(\[]") & pl.col("head").str.contains(_ENDS)
    return pl.col("script").is_in(["Latn", "Cyrl", "Grek"]) & opens


def _labelled() -> pl.Expr:
    """True for a line that opens with a label in capitals, or with a sentence of them."""
    return pl.col("head").str.contains(rf"^(?:{packs.any_of(packs.load('datelines')[packs.ANY]['label'])})(?:[^\p{{L}}]|$)")


@cache
def _agencies() -> tuple[str, str]:
    """Datelines that name an agency, as alphabets with capitals and as Arabic and Persian write them."""
    tags = packs.load("foreign_tags")
    everywhere = packs.load("datelines")[packs.ANY]["agency"]
    cased = packs.any_of([*everywhere, *(name for lang in ("ru", "uk", "bg") for name in tags[lang]["line"])])
    arabic = packs.any_of([*everywhere, *(name for lang in ("ar", "fa") for name in tags[lang]["line"])])
    signed = rf"(?:\s?[(\[/]{cased}(?:[/,;] ?[^()\[\]/]{{2,20}})?[)\]/]|\s?[—–-]\s?{cased}|\.? {cased})"
    place = rf"(?:{_PLACE}|{_CAPITALS})(?:[,.] (?:{_DATE}|{_PLACE})){{0,2}}\.?"
    latin = rf"{place}{signed}{_DASH}|[(\[]{cased}[)\]]\s?[—–-]+\s?{_CAPITALS}(?:, \d{{1,2}} \p{{L}}{{3,9}})?{_DASH}"
    return latin, rf"{_UNCASED}\s?(?:[(\[]{arabic}[)\]]|[—–/-]\s?{arabic}(?:\s?[—–:-]|$))\s?[—–:-]?"
