"""Facts of a sentence: the numbers it states, however they are written, and how a rule hands back where two sentences differ."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, zip_longest

import polars as pl
from babel import Locale, UnknownLocaleError

from checker.languages import UNDETERMINED, normalise

Key = float | str

_PLACES = ("start", "end", "original_start", "original_end")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a pair differs: half-open offsets within `text` and `original_text`; null is the whole side."""

    message: str
    version: tuple[int, int] | None = None
    original: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a sentence states it. Two numbers are equal if they share a key: a value, or `t` and minutes for a time of day.

    `kind`: `digits`; `word`, a number word from two up; `soft`, a word that can account for the other side's number and is not
    missed itself ("a", "both", "dozens", "October"). `parts` are the numbers that a composite such as 14/10/2024 is made of.
    """

    start: int
    end: int
    keys: frozenset[Key]
    kind: str = "digits"
    parts: tuple["Number", ...] = ()


def in_english() -> pl.Expr:
    """True where the version's side can be read in English: it is, or it has a back-translation."""
    english = pl.col("lang").fill_null("en").is_in(["en", UNDETERMINED])
    return pl.col("text").is_not_null() & pl.col("english").is_not_null() & (pl.col("back").is_not_null() | english)


def spotted(pairs: pl.DataFrame, spots: Sequence[Sequence[Spot]]) -> pl.DataFrame:
    """A row per spot, with its `message` and with the offsets of both sides narrowed to it; `spots` holds a list for each row."""
    found = [
        (row, *(spot.version or (None, None)), *(spot.original or (None, None)), spot.message)
        for row, told in enumerate(spots)
        for spot in told
    ]
    schema = {"row": pl.UInt32, **{f"{place}_within": pl.Int64 for place in _PLACES}, "message": pl.String}
    within = pl.DataFrame(found, schema=schema, orient="row")
    rows = pairs[within["row"]].with_columns(within.drop("row"))
    begins = {"start": "start", "end": "start", "original_start": "original_start", "original_end": "original_start"}
    moved = {place: pl.coalesce(pl.col(begin) + pl.col(f"{place}_within"), place) for place, begin in begins.items()}
    return rows.with_columns(**moved).drop(f"{place}_within" for place in _PLACES)


# Share of a sentence's longer words that another sentence must hold to have taken it in. Set by hand: a merged sentence keeps
# nearly all its words, two sentences of one article on one subject share a few.
_CARRIED = 0.8


def carried(unpaired: pl.DataFrame, others: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows of `unpaired` whose words in `column` no sentence `words_of` of the same `doc` and `original` in `others` holds."""
    rows = unpaired.with_row_index("row").with_columns(said=_words(pl.col(column)))
    candidates = rows.select("row", "doc", "original", "said").join(
        others.with_columns(held=_words(pl.col("words_of"))), on=["doc", "original"], how="inner"
    )
    shared = pl.col("said").list.set_intersection("held").list.len() / pl.col("said").list.len()
    merged = candidates.filter((pl.col("said").list.len() >= 3) & (shared >= _CARRIED)).select("row").unique()
    return rows.join(merged, on="row", how="anti", maintain_order="left").drop("row", "said")


def _words(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.extract_all(r"[\p{L}\d]{4,}").list.unique()


def fold(word: str) -> str:
    """Lower case without diacritics: Erdoğan is erdogan."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.replace("ı", "i").casefold()) if not unicodedata.combining(c))


# --- English number words -------------------------------------------------------------------------------------------------


def _ranked(words: str, first: int = 1, step: int = 1) -> dict[str, float]:
    """Each word to its number, counted from `first` in steps."""
    return {word: float(first + step * place) for place, word in enumerate(words.split())}


_TENS = _ranked("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
_CARDINAL = _TENS | _ranked(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_ORDINAL = {word[:-1] + "ieth": value for word, value in _TENS.items()} | _ranked(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth"
)
_SCALE = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "lakh": 1e5, "million": 1e6, "crore": 1e7, "billion": 1e9}
_SCALE["trillion"] = 1e12
_SCALE_TH = {word + "th": value for word, value in _SCALE.items() if word.endswith(("d", "n")) and word != "dozen"}

# Values, and the words that account for such a number of the other side though they are not missed themselves. Found by reading
# what FLORES' translators and engines put for numbers.
_ACCOUNTS = """
1           a an one single sole once only another each per alone same individual mono first primary 1st lone unit
1           month monthly year yearly annual annually day daily hour hourly
0           zero none nil no
2 200       both pair pairs couple couples twice twin twins duo second secondary bi dual
2 200 100   double doubled doubling doubles two-fold twofold
3 300 .33333333333  third thirds trio thrice tertiary triplets triad
3 300 200   triple tripled tripling triples threefold
.5 50 2 30 6        half halve halved halves halving semi
.25 25 4 15 3       quarter quarters quadruple quadrupled quartet fourfold
.2 5        fifth fifths quintet
.1 10       tenth tenths tenfold
10          decade decades tens
100 .01     century centuries hundreds hundredth centennial centenary
1000 .001   thousands thousandth millennium millennia millennial
1e6 1e-6    millions millionth
1e9         billions
12 24       dozens
2 14        fortnight fortnightly
7 1         week weekly weeklong
19 2019     coronavirus corona coronaviruses
12          noon midday
0 12 24     midnight
13          teens teenage teenager teenagers
3           hat-trick trilogy triangle triangular tripod tricycle tricolour cubic cubed
4 2         square squared quadrangular
1           january jan
2           february feb
3           march mar
4           april apr
5           may
6           june jun
7           july jul
8           august aug
9           september sept sep
10          october oct
11          november nov
12          december dec
"""


def _accounts() -> dict[str, tuple[float, ...]]:
    found: dict[str, tuple[float, ...]] = {word[:-1] + "ies": (value, 1900 + value, 1800 + value) for word, value in _TENS.items()}
    for line in _ACCOUNTS.strip().splitlines():
        cells = line.split()
        values = tuple(float(cell) for cell in cells if cell[0] in ".0123456789" and cell != "1st")
        found |= dict.fromkeys(cells[len(values) :], values)
    return found


_SOFT = _accounts()
_WORDS = _CARDINAL | _ORDINAL | _SCALE | _SCALE_TH
_LEXICON = "|".join(sorted({*_WORDS, "half", "quarter", "quarters", "thirds", "fifths", "tenths"}, key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"(?i)\b(?:(?:half[ -])?(?:an?[ -])(?=hundred|thousand|million|billion|trillion|dozen|lakh|crore))?(?:{_LEXICON})s?\b"
    rf"(?:(?:[ -]|,? and | and a |-and-a-)(?:{_LEXICON})\b)*"
)
_TOKEN = re.compile(r"[^\W\d_]+")
_HYPHENED = re.compile(rf"(?i)\b(?:{'|'.join(sorted(word for word in _SOFT if '-' in word))})\b")
_COUNTING = frozenset({*_LEXICON.split("|"), *(f"{word}s" for word in _LEXICON.split("|"))})
_ROMAN = re.compile(r"\b(?=[IVX]+\b)(?:X{0,3}(?:IX|IV|V?I{0,3}))\b")

# World War II and Henry VIII, not the I of a sentence.
_NUMBERED_NAME = re.compile(r"\b[A-Z]\w+ $")
_LONGEST_NAME = 20
_WORLD_WAR = re.compile(r"\bWW(I{1,3})\b")

_DIGIT = re.compile(
    r"(?=\d)(?:(?P<clock>(?<![\d:.,])(?:[01]?\d|2[0-4])[:h][0-5]\d(?![\d:])(?:\s?(?P<half>[ap])\.?\s?m\b)?)"
    r"|(?P<hour>(?<![\d:.,])(?:1[0-2]|0?\d)(?:\.[0-5]\d)?(?=\s?(?P<half2>[ap])\.?\s?m\b))"
    r"|(?P<mixed>(?<![\d.,/])\d{1,3}(?: [1-9]/[2-9](?![\d/])| ?[½¼¾⅓⅔]))"
    r"|(?P<slash>\d+(?:[/]\d+)+)"
    r"|(?P<spaced>(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f\u2009'’]\d{3})+(?:[.,]\d+)?(?![\d.,'’]\d|\d))"
    r"|(?P<plain>\d+(?:[.,٫٬]\d+)*))"
)
_SCALE_AFTER = re.compile(
    r"(?i)[ \u00a0-]?(hundred|dozen|thousand|million|billion|trillion|lakh|crore|bn|mn|mln|tn|k|m|b)s?\b(?!\.? ?[/²³])"
    r"(?:[ -](thousand|million|billion)\b)?"
)
_SCALE_OF = {**_SCALE, "k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "b": 1e9, "bn": 1e9, "tn": 1e12}
_PERIOD_AFTER = re.compile(r"(?i)[ -](decades?|centur(?:y|ies)|weeks?|fortnights?)\b")
_PERIOD = {"d": 10.0, "c": 100.0, "w": 7.0, "f": 14.0}
_AND_A_HALF = re.compile(r"(?i)\b(?:an? \w+|one) and a half\b")
_DECADE = re.compile(r"\b(\d\d)\d0['’]?s\b")
_RANGE = re.compile(r"(?i)\s?(?:-|–|—|to|or|and)[ -]?(?:an? )?")
_UNIT_BEFORE = re.compile(r"(?i)(?:\b|\d)(?:[kcm]?m|sq|ft|s|h)$")
_NOT_COUNTED = re.compile(r"(?i)\d+[x×]\d+\b|\d(?:wd|d)\b|(?<=covid-)19\b")
_HOURS_BEHIND = re.compile(r"(?i)\s?(?:utc|gmt|hrs|hours|local|h\b)")
_RUN = re.compile(r"\d+")
_LIST_NUMBER = re.compile(r"\s*(?:\(?\d{1,2}[.)]\s|\[\d{1,3}\])")
_HOUR = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9]"
_HALF_PAST = re.compile(
    rf"(?i)\b(?:(half|(?:a )?quarter) (past|to)|((?:twenty[ -])?(?:{_HOUR})|twenty|[2-5]\d)(?: minutes)? (past)) ({_HOUR})\b"
    r"(?! ?[-\d:.,%]|th)"
)
_PARTS = {"third": 3.0, "quarter": 4.0, **{word: value for word, value in _ORDINAL.items() if value >= 5}}
_FRACTION = re.compile(rf"(?i)\b(two|three|four|five|six|seven|eight|nine)[ -]({'|'.join(sorted(_PARTS))})s?\b(?!-)")
_VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}


@lru_cache(maxsize=1 << 14)  # rules read the texts of a part (8,000 pairs) after one another
def numbers(text: str, lang: str = "en") -> tuple[Number, ...]:
    """The numbers of a sentence in the order of the text: digits in any language, words in English only."""
    listed = _LIST_NUMBER.match(text)
    found = list(_in_digits(text, lang, listed.end() if listed else 0))
    if lang == "en":
        taken = [(n.start, n.end) for n in found]
        found += [n for n in _in_words(text) if not any(n.start < end and start < n.end for start, end in taken)]
        # 1930s: the thirties of the 20th century
        found += [Number(*m.span(), _keys(int(m[1]) + 1), "soft") for m in _DECADE.finditer(text)]
    return tuple(_scaled_ranges(text, sorted(found, key=lambda n: (n.start, n.end))[:_MOST_NUMBERS]))


# More than any sentence has: what is compared number by number would take hours for a table of 20,000.
_MOST_NUMBERS = 1_000


def _scaled_ranges(text: str, found: Sequence[Number]) -> Iterator[Number]:
    """The first number of "5-6 million" may be read as 5 million, and two decades as 20 years."""
    for number, after in zip_longest(found, found[1:]):
        if number.kind != "soft" and (period := _PERIOD_AFTER.match(text, number.end)):
            more = {_key(key * _PERIOD[fold(period[1][0])]) for key in number.keys if isinstance(key, float)}
            yield Number(number.start, number.end, number.keys | more, number.kind, number.parts)
            continue
        scale = _SCALE_OF.get(text[number.start : after.end].rsplit(" ", 1)[-1].lower(), 1.0) if after else 1.0
        if after and scale > 1 and _RANGE.fullmatch(text, number.end, after.start):
            more = {_key(key * scale) for key in number.keys if isinstance(key, float) and key < 1000}
            yield Number(number.start, number.end, number.keys | more, number.kind, number.parts)
        else:
            yield number


@lru_cache(maxsize=65536)
def _key(value: float) -> float:
    return float(f"{value:.9g}")


@cache
def _soft_keys() -> dict[str, frozenset[Key]]:
    return {word: _keys(*values) for word, values in _SOFT.items()}


def _keys(*values: float) -> frozenset[Key]:
    return frozenset(_key(value) for value in values)


def _in_digits(text: str, lang: str, begin: int) -> Iterator[Number]:
    scales = None if lang == "en" else _scales(lang)
    for found in _DIGIT.finditer(text, begin):
        start, end = found.span()
        if text.startswith("&#", start - 2):  # a left-over entity such as &#39;
            continue
        if found["clock"] or found["hour"]:
            yield _clock(found[0], start, end, found["half"] or found["half2"])
        elif found["slash"]:
            yield _slashed(text, start, end)
        else:
            yield _scaled(found, scales)
    if lang == "en":
        yield from _in_phrases(text)
    for symbol, value in _VULGAR.items():
        at = text.find(symbol)
        if at >= 0:
            yield Number(at, at + 1, _keys(value), "soft")


def _in_phrases(text: str) -> Iterator[Number]:
    """Times and shares in words: half past nine, two thirds."""
    for spoken in _HALF_PAST.finditer(text) if re.search("(?i) past|quarter to|half to", text) else ():
        part, count = spoken[1], fold(spoken[3] or "")
        minutes = (
            sum(_CARDINAL.get(word) or float(word) for word in re.split("[ -]", count)) if count else 30 if part[0] in "hH" else 15
        )
        hour = _CARDINAL.get(fold(spoken[5])) or float(spoken[5])
        yield Number(*spoken.span(), frozenset({f"t{int(hour * 60 + (-minutes if spoken[2] in ('to', 'TO') else minutes)) % 720}"}))
    for share in _FRACTION.finditer(text) if re.search("(?i)third|quarter|t[hy]", text) else ():
        value = _CARDINAL[fold(share[1])] / _PARTS[fold(share[2]).removesuffix("s")]
        yield Number(*share.span(), _keys(value, 100 * value), "word")


def _slashed(text: str, start: int, end: int) -> Number:
    """A fraction, which may as well be a date or a pair of numbers: 3/4, 14/10/2024, 24/7."""
    written = text[start:end].split("/")
    fraction = _keys(float(written[0]) / float(written[1])) if len(written) == 2 and float(written[1]) else frozenset()
    return Number(start, end, fraction, parts=_parts(text, start, end))


def _clock(written: str, start: int, end: int, half: str | None) -> Number:
    """A time of day in minutes within half a day, so that 23:35 is 11:35 p.m.; on the hour also the bare hour, 22 as well as 10."""
    digits = re.findall(r"\d+", written)
    hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    keys: set[Key] = {f"t{(hour * 60 + minute) % 720}"}
    if minute == 0:
        keys |= {float(hour), float(hour % 12), float(hour % 12 + 12)}
    parts = () if half or minute == 0 else _parts(written, 0, len(written), start)
    return Number(start, end, frozenset(keys), parts=parts)


def _parts(text: str, start: int, end: int, shift: int = 0) -> tuple[Number, ...]:
    return tuple(Number(shift + m.start(), shift + m.end(), _keys(*_values(m[0]))) for m in _RUN.finditer(text, start, end))


def _values(written: str, *, english: bool = True) -> list[float]:
    """The readings of digits: 8.500 is 8.5 and, as Spanish and German write it (and engines leave it), 8500."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in written)
    plain = re.sub(r"[ \u00a0\u202f\u2009'’]", "", plain).replace("٫", ".").replace("٬", ",")
    if plain.isdigit():
        value = float(plain)
        return [value, 1900 + value, 2000 + value] if len(plain) == 2 and plain[0] == "0" else [value]
    if re.fullmatch(r"\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?", plain):
        values = [float(plain.replace(",", ""))]
        return values if english or plain.count(",") > 1 or "." in plain else [*values, float(plain.replace(",", "."))]
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", plain):
        values = [float(plain.replace(".", "").replace(",", "."))]
        return values if plain.count(".") > 1 or "," in plain else [float(plain), *values]
    if re.fullmatch(r"\d+[.,]\d+", plain):
        return [float(plain.replace(",", "."))]
    return _mixed(written)


def _mixed(written: str) -> list[float]:
    """2½ and 2 1/2."""
    if written[-1] in _VULGAR:
        return [float(written[:-1]) + _VULGAR[written[-1]]]
    found = re.fullmatch(r"(\d+) (\d)/(\d)", written)
    return [float(found[1]) + float(found[2]) / float(found[3])] if found else []


def _scaled(found: re.Match[str], scales: "_Scales | None") -> Number:
    """Digits with what follows them: 1.2 million, 5m, 120万, 1980s, 10.30."""
    text, written, (start, end) = found.string, found[0], found.span()
    values = _values(written, english=scales is None)
    keys, stop = _multiplied(values, text, end, scales)
    exponent = len(written) == 1 and _UNIT_BEFORE.search(text, max(0, start - 4), start)
    counted = not exponent and not _NOT_COUNTED.match(text, start)
    return Number(
        start,
        stop,
        keys | _as_year(text, start, end) | _as_time(text, start, end),
        "digits" if counted else "soft",
        _parts(text, start, end) if found["spaced"] or not values else (),
    )


def _multiplied(values: Sequence[float], text: str, end: int, scales: "_Scales | None") -> tuple[frozenset[Key], int]:
    """The values times the word behind them, and where that word ends. A letter may be a unit: 5m is 5 metres as well."""
    after = _SCALE_AFTER.match(text, end) if scales is None else scales.pattern.match(text, end)
    if not after:
        return _keys(*values), end
    if scales is not None:
        factor, certain = scales.value.get(fold(after[1]), 1.0), False
    else:
        factor, certain = _SCALE_OF[fold(after[1])] * _SCALE_OF.get(fold(after[2] or ""), 1.0), len(after[1]) > 2
    word = len(after[1]) > 2 or not after[1].isascii()
    return _keys(*(value * factor for value in values), *(() if certain else values)), after.end() if word else end


def _as_year(text: str, start: int, end: int) -> frozenset[Key]:
    """The years that two digits may stand for: 2018-19, '84, 80s."""
    written = text[start:end]
    if re.fullmatch(r"\d\d", written) and re.search(r"(?:\d\d[-–/]|['’])$", text[max(0, start - 3) : start]):
        return _keys(1900 + int(written), 2000 + int(written))
    if re.fullmatch(r"\d0", written) and re.match(r"['’]?s\b", text[end : end + 3]):
        return _keys(1900 + int(written), 1800 + int(written))
    return frozenset()


def _as_time(text: str, start: int, end: int) -> frozenset[Key]:
    """The time of day that digits without a colon may be: 10.30, 0230 UTC."""
    written = text[start:end]
    clock = re.fullmatch(r"([01]\d|2[0-3]|\d)\.?([0-5]\d)", written)
    if clock and ("." in written or written[0] == "0" or _HOURS_BEHIND.match(text, end)):
        return frozenset({f"t{(int(clock[1]) * 60 + int(clock[2])) % 720}"})
    return frozenset()


def _in_words(text: str) -> Iterator[Number]:
    plain = text.lower() if text.isascii() else text
    words = [(word, word[0] if text.isascii() else fold(word[0])) for word in _TOKEN.finditer(plain)]
    known = {word for _, word in words}
    # The patterns of many words are slow where they match nothing, and most sentences hold none of them.
    if not known.isdisjoint(_COUNTING):
        for found in _IN_WORDS.finditer(text):
            yield from _spelled(found)
    for found, word in words:
        if keys := _soft_keys().get(word):
            yield Number(*found.span(), keys, "soft")
    for found in _HYPHENED.finditer(text) if "-" in text else ():
        yield Number(*found.span(), _keys(*_SOFT[fold(found[0])]), "soft")
    for found in _AND_A_HALF.finditer(text) if "half" in known else ():
        yield Number(found.start(), found.end(), _keys(1.5), "soft")
    for found in _ROMAN.finditer(text):
        if found[0]:
            named = len(found[0]) > 1 and _NUMBERED_NAME.search(text, max(0, found.start() - _LONGEST_NAME), found.start())
            yield Number(found.start(), found.end(), _keys(_roman(found[0])), "word" if named else "soft")
    for found in _WORLD_WAR.finditer(text):
        yield Number(found.start(1), found.end(1), _keys(_roman(found[1])), "soft")


def _roman(written: str) -> float:
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in written]
    return float(sum(v if v >= max(values[i:]) else -v for i, v in enumerate(values)))


class _Speller:
    """Adds up number words from left to right, and starts a new number where the next word cannot belong to the last."""

    def __init__(self) -> None:
        self.done: list[tuple[int, int, float, str]] = []
        self.reset()

    def reset(self) -> None:
        self.total = self.group = 0.0
        self.scale, self.last, self.start, self.end = float("inf"), "", -1, -1

    def close(self) -> None:
        if self.last:
            self.done.append((self.start, self.end, self.total + self.group, self.last))
        self.reset()

    def fits(self, kind: str, value: float) -> bool:
        if kind == "unit":
            return self.last in ("", "scale", "hundred") or (self.last == "tens" and value < 10)
        if kind == "tens":
            return self.last in ("", "scale", "hundred")
        if kind == "hundred":
            return self.last in ("", "unit", "tens")
        return value < self.scale

    def add(self, word: str, start: int, end: int) -> None:
        value = _WORDS[word]
        kind = "scale" if word in _SCALE or word in _SCALE_TH else "tens" if value >= 20 else "unit"
        kind = "hundred" if word.startswith("hundred") else kind
        if not self.fits(kind, value):
            self.close()
        if self.start < 0:
            self.start = start
        if kind == "hundred":
            self.group = max(self.group, 1.0) * 100
        elif kind == "scale":
            self.total, self.group, self.scale = self.total + max(self.group, 1.0 if not self.total else 0.0) * value, 0.0, value
        else:
            self.group += value
        self.last, self.end = kind, end
        if word in _ORDINAL or word in _SCALE_TH:
            self.last = "ordinal"
            self.close()


def _spelled(found: re.Match[str]) -> Iterator[Number]:
    speller, previous = _Speller(), ""
    halves = fold(found[0][:4]) == "half"
    for token in _TOKEN.finditer(found[0]):
        word, start, end = fold(token[0]), found.start() + token.start(), found.start() + token.end()
        if word not in _WORDS:
            if word not in ("a", "an", "and", "half"):
                speller.close()
            if word == "half" and previous == "a" and speller.last:
                speller.group += 0.5
                speller.end = end
        else:
            if previous == "and" and speller.last not in ("hundred", "scale"):
                speller.close()
            speller.add(word, start, end)
        previous = word
    speller.close()
    spelled = [(s, e, value / 2 if halves and i == 0 else value, last) for i, (s, e, value, last) in enumerate(speller.done)]
    yield from _named_years(spelled)
    for start, end, value, last in spelled:
        word = fold(found.string[start:end])
        soft = value < 2 or word in _SOFT or word in _SCALE or (last == "ordinal" and value <= 5)
        keys = _SOFT.get(word, ())
        part = (1 / value,) if last == "ordinal" and value else ()
        yield Number(start, end, _keys(value, *keys, *part), "soft" if soft else "word")


def _named_years(spelled: Sequence[tuple[int, int, float, str]]) -> Iterator[Number]:
    """Nineteen eighty-four, as an account of 1984."""
    for (start, before, century, _), (after, end, year, _) in pairwise(spelled):
        if 10 <= century <= 20 and 10 <= year <= 99 and after - before == 1:
            yield Number(start, end, _keys(100 * century + year), "soft")


# --- numbers of other languages --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scales:
    pattern: re.Pattern[str]
    value: dict[str, float]


@cache
def _scales(lang: str) -> _Scales:
    """The words and signs behind digits that multiply them in a language, from CLDR's compact formats: млн, Mio., 万, lakh.

    None, in a language that CLDR does not know.
    """
    value: dict[str, float] = {}
    for power, pattern in _compact_patterns(lang):
        shown = re.sub(r"['\u200f\u00a0 .]", "", pattern)
        zeros, word = shown.count("0"), shown.replace("0", "")
        if word and zeros:
            value.setdefault(word, float(power) / 10 ** (zeros - 1))
    words = "|".join(re.escape(word) for word in sorted(value, key=lambda word: (-len(word), word)))
    scales = {fold(word): value[word] for word in reversed(value)}
    return _Scales(re.compile(rf"[ \u00a0\u202f]?({words})" if words else r"(?!)", re.IGNORECASE), scales)


def _compact_patterns(lang: str) -> Iterator[tuple[str, str]]:
    """Power of ten and pattern, such as 1000000 and "00 млн", the long forms first."""
    try:
        formats = Locale.parse(normalise(lang)).compact_decimal_formats
    except (UnknownLocaleError, ValueError):
        return
    for length in ("long", "short"):
        for magnitudes in formats.get(length, {}).values():
            yield from ((power, str(getattr(pattern, "pattern", pattern))) for power, pattern in magnitudes.items())


# --- comparing -------------------------------------------------------------------------------------------------------------


def differing(original: Sequence[Number], version: Sequence[Number]) -> list[tuple[Number | None, Number | None]]:
    """What two sentences state differently: (lost, gained), either null where nothing took its place.

    Each number accounts for one of the other side that is equal to it; what is left over is different if the other side nowhere
    has it, not even in a word such as "both", or if both sides have numbers left over, which then took each other's place.
    """
    lost, gained = _left(original, version)
    if not lost and not gained:
        return []
    new_lost = [n for n in lost if not anywhere(n, version)]
    new_gained = [n for n in gained if not anywhere(n, original)]
    if len(new_lost) != len(new_gained):
        # A number that is repeated on one side only stands for the one that went missing: 5-3 … 2 and 2, 5-3 … 3 and 2.
        shorter, spare = (new_lost, lost) if len(new_lost) < len(new_gained) else (new_gained, gained)
        more = [n for n in spare if n not in shorter and n.kind == "digits"]
        # Rather one that a number of the other side accounts for than one that a word such as "noon" does.
        other = [n for n in (version if shorter is new_lost else original) if n.kind != "soft"]
        more = sorted(more, key=lambda n: not anywhere(n, other))[: abs(len(new_lost) - len(new_gained))]
        shorter.extend(more)
        shorter.sort(key=lambda n: n.start)
    return coupled(new_lost, new_gained)


def anywhere(number: Number, others: Sequence[Number]) -> bool:
    """True if the number is equal to one of the others or to a part of one."""
    return any(number.keys & other.keys for whole in others for other in (whole, *whole.parts))


def coupled(lost: list[Number], gained: list[Number]) -> list[tuple[Number | None, Number | None]]:
    """Each lost number with the gained one that took its place, in the order of the text."""
    count = min(len(lost), len(gained))
    pairs: list[tuple[Number | None, Number | None]] = list(zip(lost[:count], gained[:count], strict=True))
    return [*pairs, *((n, None) for n in lost[count:]), *((None, n) for n in gained[count:])]


def _left(original: Sequence[Number], version: Sequence[Number]) -> tuple[list[Number], list[Number]]:
    ours, theirs = [n for n in original if n.kind != "soft"], [n for n in version if n.kind != "soft"]
    lost, theirs = _matched(ours, theirs)
    if any(n.parts for n in (*lost, *theirs)):
        lost, theirs = _matched(_split(lost), _split(theirs))
    return lost, theirs


def _matched(ours: list[Number], theirs: list[Number]) -> tuple[list[Number], list[Number]]:
    left, rest = [], list(theirs)
    for number in ours:
        partner = next((other for other in rest if other.keys & number.keys), None)
        if partner is None:
            left.append(number)
        else:
            rest.remove(partner)
    return left, rest


def _split(found: Sequence[Number]) -> list[Number]:
    return [part for number in found for part in (number.parts or (number,))]
