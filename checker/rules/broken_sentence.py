"""A sentence that is broken in two, or two that were run into one.

Finds: a full stop inside a sentence ("paid for by the. ferry company"), a place name alone between two stops ("across the
border. Russia."), a paragraph split inside a sentence ("Ukraine," / blank line / "including"), and a dateline or sentence glued
to what stood before it ("Ferries Return LISBON: The first boat").

So a text looks whose links or markup were cut out before it was translated piece by piece, or whose lines were merged. The pieces
of one sentence have no partner each.

Hit: "greet the first ferry. the Sea Thistle." No hit: "approx. five metres", "No. 5", "iPhones sell. eBay does not.", a list
whose items begin small, verse, lines wrapped at a margin.

Limits: English, French, Spanish, Italian, Portuguese, Russian and Ukrainian for a stop inside a sentence; any alphabet with
capitals for a split paragraph; English for lone place names and merged lines.
"""

from functools import cache

import polars as pl
from babel import Locale

from checker import packs, spans

CODE = "MTS001"
SEVERITY = "major"
CATEGORY = "linguistic-conventions/punctuation"

# A split paragraph's halves are prose: verse and list items are shorter. A line of verse ends with a comma as a rule, so behind one
# the first half must be longer.
_FIRST_HALF, _BEFORE_COMMA, _SECOND_HALF = 4, 10, 4

# More such breaks than this in a document without blank lines, and it is wrapped at a margin.
_WRAPPED = 2

_CASED = ("Latn", "Cyrl", "Grek")
# Words of five capitals or more that are no place: acronyms and labels.
_NO_PLACE = (
    "UNESCO|UNICEF|NASDAQ|INTERPOL|EUROPOL|FRONTEX|MERCOSUR|ECOWAS|HAMAS|UNHCR|UNRWA|CENTCOM|EUCOM|COVID|"
    "BREAKING|UPDATE|EXCLUSIVE|WATCH|VIDEO|PHOTOS|RELATED|NOTE|WARNING"
)
_FUNCTION = "the|a|by|of|for|from|with|at|and|or|in|to|as|on"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    found = [_false_ends(lines, lang, pack) for lang, pack in packs.load("sentence_ends").items()]
    found += [_lone_places(lines), _split_paragraphs(lines), _merged_lines(lines)]
    return pl.concat(found)


def _said(rows: pl.DataFrame, message: str) -> pl.DataFrame:
    return rows.with_columns(message=pl.lit(message))


def _false_ends(lines: pl.DataFrame, lang: str, pack: dict[str, list[str]]) -> pl.DataFrame:
    """A word, a stop and a lower-case word in lines of sentences that begin with capitals; the whole rest if it is short."""
    capitals = pl.col("text").str.contains(r"^[\"'“‘«(\[]?[\p{Lu}\p{N}]")
    rows = lines.filter((pl.col("doc_lang") == lang) & (pl.col("lang") == lang) & capitals)
    abbreviations, particles = packs.any_of(pack["abbreviation"]), packs.any_of(pack["particle"])
    # Short words behind a figure are units: 5 in. wide, 100 mil. for.
    unit = r"(?<!\p{N}[ \u00a0])"
    before = rf"(?<![\p{{L}}\p{{N}}.@/’'-])(?!{abbreviations}\.)(?:\p{{Ll}}[\p{{Ll}}’'-]{{4,}}|{unit}\p{{Ll}}[\p{{Ll}}’'-]+)"
    after = rf"(?!{particles}\s+\p{{Lu}})\p{{Ll}}[\p{{Ll}}’'-]*(?![\p{{L}}\p{{N}}.@/:])"
    rest = r"(?:(?: [\p{L}\p{N}’'-]+){0,3}[.!?](?=\s|$))?"
    found = spans.matches(rows, rf"{before}\. {after}{rest}", screen=r"\p{Ll}\. \p{Ll}")
    # A writer who begins every sentence small (chat, verse) breaks none.
    small = pl.col("text").str.count_matches(r"\p{Ll}\. \p{Ll}")
    capital = pl.col("text").str.count_matches(r"[\p{Ll}\p{N}][.!?][\"”’)]* [\"“‘(]?\p{Lu}")
    return _said(found.filter(small <= capital + 2), "a full stop inside a sentence, which goes on with a lower-case word")


def _lone_places(lines: pl.DataFrame) -> pl.DataFrame:
    """A country or capital as a sentence of its own, behind a sentence that it belongs to."""
    rows = lines.filter((pl.col("doc_lang") == "en") & (pl.col("lang") == "en"))
    rows = rows.filter(pl.col("text").str.contains_any([f". {place}." for place in _places()]))
    pattern = rf"(?<=(?:\S+\s+){{5}})\p{{Ll}}{{3,}}\. {packs.any_of(_places())}\.(?=\s|$)"
    found = spans.matches(rows, pattern, screen=r"\. \p{Lu}")
    return _said(found, "a place name cut off from its sentence by a full stop")


@cache
def _places() -> list[str]:
    """English names of countries and of the cities that name their time zones, of CLDR."""
    locale = Locale("en")
    countries = [name for code, name in locale.territories.items() if len(code) == 2 and code not in ("ZZ", "XA", "XB")]
    cities = [zone["city"] for zone in locale.time_zones.values() if "city" in zone]
    return sorted({name for name in (*countries, *cities) if name[0].isupper()})


def _split_paragraphs(lines: pl.DataFrame) -> pl.DataFrame:
    """The last word of a line without a final stop, up to the first of the next, which begins small and ends as a sentence."""
    small = pl.col("text").str.contains(r"^\p{Ll}[\p{Ll}’'-]*,?\s")
    same = pl.col("doc") == pl.col("doc").shift(-1)
    # Few lines begin small: the rest is asked about the lines before those alone.
    following = {f"next_{name}": pl.col(name).shift(-1) for name in ("text", "start", "gap", "lang")}
    before = lines.with_columns(**following).filter(same & small.shift(-1) & ~small)
    before = before.filter(
        pl.col("script").is_in(_CASED) & (pl.col("next_lang") == pl.col("lang")) & (pl.col("lang") == pl.col("doc_lang"))
    )
    text, following_text = pl.col("text"), pl.col("next_text")
    opens = text.str.contains(r"^[\"'“‘«„(]?\p{L}.*(?:\p{Ll}|[\p{L}\p{N}],)$") & ~text.str.contains(r"^\p{Ll}")
    goes_on = following_text.str.contains(r"[.!?…][\"”’»)]*$")
    least = pl.when(text.str.ends_with(",")).then(_BEFORE_COMMA).otherwise(_FIRST_HALF)
    long_enough = (text.str.count_matches(r"\S+") >= least) & (following_text.str.count_matches(r"\S+") >= _SECOND_HALF)
    halves = before.filter(opens & goes_on & long_enough)
    spaced = lines.join(halves, on="doc", how="semi").group_by("doc").agg(spaced=pl.col("gap").sum() > 0)
    halves = halves.join(spaced, on="doc", how="left", maintain_order="left").with_columns(breaks=pl.len().over("doc"))
    halves = halves.filter(pl.when("spaced").then(pl.col("next_gap") > 0).otherwise(pl.col("breaks") <= _WRAPPED))
    last = pl.col("text").str.extract(r"(\S+)$").str.len_chars().cast(pl.Int64)
    first = pl.col("next_text").str.extract(r"^([^\s,]+)").str.len_chars().cast(pl.Int64)
    narrowed = halves.with_columns(start=pl.col("end") - last, end=pl.col("next_start") + first)
    return _said(narrowed.select(lines.columns), "a paragraph that breaks off in mid-sentence, which the next one goes on with")


def _merged_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """A dateline in capitals inside a line, behind a word without a stop."""
    rows = lines.filter((pl.col("doc_lang") == "en") & (pl.col("text").str.len_chars() > 150))
    head = r"^(?=\p{Lu})[^.!?:]{20,200}?\s"
    place = rf"(?!(?:{_NO_PLACE})\b)\p{{Lu}}{{5,}}(?:[ -]\p{{Lu}}{{4,}}){{0,2}}"
    pattern = rf"{head}(?P<evidence>(?!(?:{_FUNCTION})\s)[\p{{L}}’'-]+ {place}(?::| ?[—–-]))(?= ?[\p{{Lu}}“\"])"
    message = "a heading without a stop runs into the dateline of the text behind it"
    return _said(spans.matches(rows, pattern, screen=r"^.{20,200}\p{Lu}{5,}(?::| ?[—–-])"), message)
