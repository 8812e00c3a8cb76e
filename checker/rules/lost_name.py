"""A name of the original is missing from the version.

Names are the capitalised words of the original that do not begin its sentence (or that are no common word), and its acronyms. One
is lost if neither it nor a near variant stands in the version, be it in the version's own text or in its back-translation. If the
version has a name there that the original lacks, the finding shows it as a change.

Why it matters: who did it, and where, is what a reader takes along; a wrong name is fluent, and only the original can mend it.

A hit: "said Jari Lehto" → "said Jari Salonen"; "a complaint against the Kiev government" → "a complaint against the government";
"will open in Lyon in March" → "will open in Lille in March".
Not a hit: Kirby → Kerby (spelled by ear), Russia → Russian, U.S. → United States → American, ASEAN → Association of Southeast
Asian Nations, Erdoğan's → Erdogan; names of months and days, titles (Governor, Mrs); words that names share with the dictionary
(White House, Foreign Ministry), which translators rightly translate.

Known limits: headlines in title case are only read for acronyms and rare words; a name that is also a common word (Bush, Reading)
is only missed behind another part of the name, or if another capitalised word stands in its place between the same two words; a
lone name that begins its sentence is only missed if it is a place, a given name if another took its place; an acronym of a version
that is not in English is only asked for if it is a place; a name that went through another script and back is taken for the same as
soon as its consonants are alike; a version without an English reading is not judged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache

import polars as pl
from babel import Locale
from babel.languages import get_official_languages
from wordfreq import zipf_frequency

from checker.facts import Spot, fold, in_english, spotted
from checker.wording import FUNCTION_WORDS, worded

CODE = "FID002"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

_SCREEN = r"\p{Lu}"
_RAISED = r"\p{Lu}[\p{L}\d]*(?:['’][\p{L}]+)*"
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_][\w’']*")
_BREAK = re.compile(r"[.!?:;…]|[\"“”„«»‘(\[\n•]|^\s*[-–—]|\s[-–—]\s|\s['’]")

_LATIN = re.compile(r"[a-zÀ-ɏ]{3}.*[a-zÀ-ɏ]{3}.*[a-zÀ-ɏ]{3}.*[a-zÀ-ɏ]{3}.*[a-zÀ-ɏ]{3}")
# A1GP, and the II of World War II, are read by the rule for numbers.
_ENDING = re.compile(r"['’](?:s|ll|d|ve|re|m)?$")
_NUMBERED = re.compile(r"\d|^[IVX]+$")
# Endings of nouns and adjectives that are translated, capital or not: Archaeology, Electoral, Expositions.
_TRANSLATED = re.compile(r"(?:logy|graphy|istry|omics|oral|ional|istic|i[sz]ations?|itions?|ments?|ness|hood|ship|sight|ing)$")

# A word is taken for a common one, whatever its capital, if it is this frequent (Zipf scale: 4 is 10 in a million) and ...
_COMMON = 3.0
# ... if a form that only common words have (towers, nationally) is not rarer than it by more than this.
_FORMS = ("s", "es", "ed", "ing", "ly", "er", "ness", "d", "al", "ally", "ism", "ist")
_FORM_GAP = 2.0
# ... or if it is more frequent than names are: London has 5.3, John 5.4.
_ALWAYS = 5.6

# Between two names spelled by ear: the share of letters in common (difflib) that makes them variants of one. Kirby and Kerby have
# 0.80, FLORES' Dilokrit and Diloclith 0.71; Poland and Portugal have 0.43.
_VARIANT = 0.6

_TITLES_AND_DATES = """january february march april may june july august september october november december jan feb mar apr jun
    jul aug sep sept oct
    nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun i i'm i've
    i'll i'd ok
    mr mrs ms miss dr prof sir lady lord president minister governor senator king queen prince princess chairman director
    professor general
    colonel captain major lieutenant secretary chancellor ambassador mayor judge bishop pope father saint st jr phd ma ba bc
    ad am pm bce ce utc
    gmt est et god internet web tv congress parliament senate bureau presidential parliamentary federal constitution cabinet
    tropical cyclone typhoon first second third fourth fifth sixth seventh eighth ninth tenth
    hurricane terminus ministry government commission committee council court assembly embassy consulate university institute
    academy league cup championship
    museum airport station airlines airways corporation company foundation association federation society agency authority
    board office department dna cd dvd cctv gps pdf hiv aids it no plc inc ltd co corp gmbh ag sa via pc id a the of covid
    coronavirus corona sars earth sun moon
    north south east west northern southern eastern western central christmas easter bible christian christians muslim muslims
    islam islamic jewish jews
    catholic olympic olympics english latin kg km mph celsius fahrenheit kelvin centigrade usd eur gbp rmb cny jpy hkd"""
_NOT_NAMES = frozenset(fold(word) for word in _TITLES_AND_DATES.split())

# The word before a name and the one behind it; a name at the end of its sentence has none behind it.
_GAP = r"[\s.,;:!?…\"”»)]*"
_STOP = r"(?![^\W_])"
_LEFT = re.compile(r"(?<![^\W_])([^\W\d_A-Z]+) $")
_RIGHT = re.compile(rf"(?:['’]s)?{_GAP}([^\W_]*)")
_STOPPED = re.compile(r"[.!?…][\"'”’»)\]]*\s*$")
_DETERMINERS = "a an the this that these those his her its their our my your every each no any some"
_ARTICLES = frozenset(_DETERMINERS.split())

# Short words that have a capital where they begin a sentence: no spelling of Theresa, Andrea, Herman.
_BEGINNINGS = "a an and as at but by for he her his how if in is it its my no not of on one or our she so the they this to we"
_RAISED_BY_PLACE = frozenset(_BEGINNINGS.split())

# What CLDR does not hold: names by which one place goes.
_SAME = [
    "us usa u.s. u.s.a. america american americans states",
    "uk u.k. britain british briton britons brits kingdom england english",
    "eu e.u. european europe europeans union",
    "un u.n. nations",
    "uae emirates emirati emiratis",
    "netherlands dutch holland",
    "ussr soviet soviets russia russian",
    "prc china chinese",
    "dprk korea korean",
    "congo drc congolese",
    "kiev kyiv",
    "turkey turkish turkiye turks",
    "burma myanmar burmese",
    "switzerland swiss",
    "wales welsh",
    "scotland scottish scots",
    "ireland irish",
    "greece greek greeks hellenic",
    "denmark danish danes",
    "spain spanish spaniards",
    "france french",
    "persian iran iranian",
    "philippines filipino filipinos philippine",
    "hk hong kong",
]


# Words of place names that are no names by themselves.
_NOUNS_OF_PLACES = """islands island republic states united kingdom union great saint north south northern southern eastern
    western central new other outlying
    territories territory equatorial middle democratic federated antarctic world region ocean oceania city isle coast ivory
    sandwich virgin cook christmas heard special administrative minor
    remote state"""
_PLACE_NOUNS = frozenset(_NOUNS_OF_PLACES.split())


# Words that begin sentences and are no names.
_SMALL_WORDS = sorted(FUNCTION_WORDS - {"us", "it", "am"})


@dataclass(frozen=True, slots=True)
class _Name:
    start: int
    end: int
    written: str
    folded: str
    sure: bool = True
    behind_name: bool = False


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that lost a name, a row per name; the original's side narrowed to it, the version's to what took its place."""
    raised = pl.col("original_text").str.extract_all(_RAISED).list.eval(pl.element().str.to_lowercase())
    compared = worded(pairs.filter(in_english() & pl.col("original_text").str.contains(_SCREEN)))
    kept = compared.filter(raised.list.set_intersection("lost").list.set_difference(_SMALL_WORDS).list.len() > 0)
    # Whether a word is a name's variant takes edit distances, which no expression gives; names found as they stand drop out first.
    rows = kept.select("original_text", "english", "text", "back").iter_rows()
    return spotted(kept, [_spots(*row) for row in rows])


def _spots(original: str, english: str, text: str, back: str | None) -> list[Spot]:
    version = _words(f"{english} {text}" if back is not None else english)
    lost = _lost(original, english, version, _SOUND if back is None or _LATIN.search(text) else _SOUND_ABROAD)
    lost = [name for name in lost if back is None or not _unsure_acronym(name)]
    if len(lost) > _TOO_MANY:
        return []
    ours, spots = _words(original), []
    new = [name for name in _names(english) if name.sure and name.folded not in ours.all and not _rendered(name, ours)]
    for name in lost:
        other = _replaced(name, original, english) or next((n for n in new if _is_place(n) == _is_place(name)), None)
        new = [n for n in new if other is None or n.start != other.start]
        message = f"{name.written} → {other.written}" if other else f"name lost: {name.written}"
        place = (other.start, other.end) if other and back is None else _found(other, text)
        spots.append(Spot(message, place, (name.start, name.end)))
    given = _given(original, english) if back is None and not any(name.start == 0 for name in lost) else None
    return (
        [Spot(f"{given[0].written} → {given[1].written}", *((n.start, n.end) for n in reversed(given))), *spots] if given else spots
    )


def _lost(original: str, english: str, version: "_Words", alike: float) -> list[_Name]:
    """The names of the original that no word of the version renders."""
    missing = [name for name in _names(original) if name.folded not in version.all]
    missing = [name for name in missing if not _rendered(name, version) and (name.sure or _renamed(name, original, english))]
    missing = [name for name in missing if not _abbreviated(name, original, version)]
    # A name that another one took the place of is not heard in those that both sides have: Sony, Nokia; not Japan.
    new = version.raised - _words(original).all
    return [name for name in missing if _is_place(name) or not _heard(name.folded, new, alike)]


def _renamed(name: _Name, original: str, english: str) -> bool:
    """True for a common word with a capital in whose place another stands, unless that is one too: the Service, the Observatory;
    and for one that was dropped from within a name: the Provisional Electoral Council, the Provisional Council."""
    other = _replaced(name, original, english)
    return _dropped(name, original, english) if other is None else not (_common(name.folded) and _common(other.folded))


_BESIDE = re.compile(r"([^\W\d_a-z][\w’'-]*) $")
_BEHIND = re.compile(r" ([^\W\d_a-z][\w’'-]*)")


def _dropped(name: _Name, original: str, english: str) -> bool:
    """True if the version has the capitalised words before and behind the name right beside one another."""
    before, behind = _BESIDE.search(original, 0, name.start), _BEHIND.match(original, name.end)
    if before is None or behind is None or not before[1][0].isupper() or not behind[1][0].isupper():
        return False
    joined = f"{before[1]} {behind[1]}"
    return joined in english and joined not in original


_EXPANDED = re.compile(r"[^\W\d_][\w’'-]*")


def _abbreviated(name: _Name, original: str, version: "_Words") -> bool:
    """True for a word of a longer name that the version has the initials of: CIIE, SWAPO."""
    if not version.acronyms:
        return False
    told = [word for word in _EXPANDED.finditer(original) if word[0][0].isupper()]
    initials = "".join(fold(word[0][0])[:1] or "_" for word in told)
    at = next((at for at, word in enumerate(told) if word.start() <= name.start < word.end()), None)
    for acronym in version.acronyms.split():
        first = initials.find(acronym) if len(acronym) >= _SHORTEST else -1
        if at is not None and 0 <= first <= at < first + len(acronym):
            return True
    return False


# An acronym of two letters stands by chance among the initials of a sentence's names.
_SHORTEST = 3


def _is_place(name: _Name) -> bool:
    return name.folded.replace(".", "") in _places()


def _replaced(name: _Name, original: str, english: str) -> _Name | None:
    """The capitalised word that the version has in the name's place."""
    in_full_name = _instead(name, original, english) if name.sure or name.behind_name else None
    return in_full_name or _swapped(name, original, english)


def _swapped(name: _Name, original: str, english: str) -> _Name | None:
    """The other capitalised word that the version has between the same two words: in Lyon in, in Lille in.

    An article before it, or a capital behind it, makes a common word a part of some title, which may be reworded."""
    before, behind = _LEFT.search(original[: name.start]), _RIGHT.match(original, name.end)
    if before is None or behind is None or before[1] in _ARTICLES:
        return None
    place = re.compile(
        rf"\b{re.escape(before[1])} ([^\W\d_][^\W\d_’'-]+)(?=(?:['’]s)?{_GAP}{re.escape(behind[1])}{_STOP if behind[1] else '$'})"
    )
    for found in place.finditer(english):
        other = _Name(found.start(1), found.end(1), found[1], fold(found[1]))
        if (
            found[1][0].isupper()
            and other.folded not in _words(original).all | _NOT_NAMES
            and not _alike(name.folded, other.folded)
        ):
            return other
    return None


_FULL = re.compile(r"([^\W\d_a-z][^\W\d_]+) ([^\W\d_a-z][\w’'-]*\w)")


def _given(original: str, english: str) -> tuple[_Name, _Name] | None:
    """A given name that begins the original, and another that the version has before the same name: Marie Curie, Pierre Curie.

    Neither is a common word: what begins a sentence has a capital anyway.
    """
    begun = _FULL.match(original)
    if begun is None or not begun[2][0].isupper() or begun[0] in english or _NOT_NAMES & {fold(begun[1]), fold(begun[2])}:
        return None
    found = re.search(rf"\b([^\W\d_a-z][^\W\d_]+) {re.escape(begun[2])}\b", english)
    if found is None or not found[1][0].isupper() or found[1] in original or begun[1] in english:
        return None
    one, other = (_Name(*m.span(1), m[1], fold(m[1])) for m in (begun, found))
    if _common(one.folded) or _common(other.folded) or other.folded in _NOT_NAMES or _alike(one.folded, other.folded):
        return None
    return one, other


def _instead(name: _Name, original: str, english: str) -> _Name | None:
    """The other capitalised word that the version has behind the name which this one follows: Anton Veil, Anton Amaga."""
    given = original[: name.start].split()[-1:]
    found = re.search(rf"\b{re.escape(given[0])} ([^\W\d_a-z][\w’'-]*\w)", english) if given and given[0][0].isupper() else None
    if found is None or not found[1][0].isupper():
        return None
    written = _bare(found[1])
    other = _Name(found.start(1), found.start(1) + len(written), written, fold(written))
    return None if _alike(name.folded, other.folded) or other.folded in _words(original).all else other


def _heard(name: str, words: frozenset[str], least: float) -> bool:
    return any(_sound_ratio(name, word) >= least for word in words)


def _found(other: _Name | None, text: str) -> tuple[int, int] | None:
    """Where a name of the back-translation stands in the version's own text, if it does."""
    at = text.find(other.written) if other else -1
    return (at, at + len(other.written)) if other and at >= 0 else None


def _unsure_acronym(name: _Name) -> bool:
    """True for an acronym that other languages have letters or words of their own for: CCTV, REM, ABC; not for the U.S. and
    the UN."""
    return name.written.replace(".", "").isupper() and name.folded.replace(".", "") not in _places()


# With more names than this lost at once, the two sentences do not render each other: the alignment is wrong, or it is an omission.
_TOO_MANY = 4


@lru_cache(maxsize=8192)  # an original stands against its versions in many languages
def _names(text: str) -> tuple[_Name, ...]:
    """The words of a text that are names, or that have a capital within the sentence and are common words (`sure` is false)."""
    tokens = list(_TOKEN.finditer(text))
    headline = not _STOPPED.search(text) and _headline([_bare(token[0]) for token in tokens])
    return tuple(_certain(text, tokens, headline))


def _headline(words: Sequence[str]) -> bool:
    """True for title case: most longer words have a capital, and words that are no names and no titles among them."""
    lowered = sum(1 for word in words if word[0].islower() and len(word) > 3)
    raised = sum(1 for word in words if word[0].isupper() and len(word) > 3)
    plain = any(word[0].isupper() and fold(word) not in _NOT_NAMES and _common(fold(word)) for word in words[1:])
    return raised > 2 * lowered and (plain or not any(word[0].islower() for word in words))


# Whose dollars they are often goes without saying.
_DOLLARS = re.compile(r"\.? (?:dollar|cent)s?\b")

# Words of a text that are looked at for names: no sentence has more, and each name is held against all words of the other side.
_MOST = 1_000


def _certain(text: str, tokens: list[re.Match[str]], headline: bool) -> Iterator[_Name]:
    behind, after_name = 0, False
    for place, token in enumerate(tokens[:_MOST]):
        gap, behind = text[behind : token.start()], token.end()
        follows, after_name = after_name and gap == " ", False
        if not token[0][0].isupper():  # as most words, and none of these is a name
            continue
        written = _bare(token[0])
        if _no_name(written, text[behind : behind + 1]):
            continue
        name = _Name(token.start(), token.start() + len(written), written, fold(written))
        if _DOLLARS.match(text, name.end):
            continue
        if written.isupper():
            if len(written) <= 5 or _is_place(name):
                yield name
        elif place == 0 or headline or _BREAK.search(gap):
            after_name = _rare(name.folded)
            if _is_place(name) or (after_name and _goes_on(text, behind)):
                yield name
        elif not _common(name.folded):
            after_name = not _is_place(name)
            yield name
        else:
            yield replace(name, sure=False, behind_name=follows)


def _no_name(written: str, behind: str) -> bool:
    folded = fold(written)
    forms = {folded, folded.removesuffix("s"), folded.replace(".", "")}
    short = len(written.replace(".", "")) < 2
    return short or behind in ("$", ":") or bool(forms & _NOT_NAMES) or bool(_NUMBERED.search(written))


def _goes_on(text: str, end: int) -> bool:
    """True if the next word has a capital too, as in a full name; the first word of a sentence alone has it by its place."""
    return text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()


def _bare(token: str) -> str:
    return _ENDING.sub("", token) if "'" in token or "’" in token else token


@lru_cache(maxsize=1 << 15)
def _common(folded: str) -> bool:
    """True for a word that the dictionary has as well: one with plural, verb or adverb forms nearly as frequent as itself."""
    if folded in _places():
        return False
    own = zipf_frequency(folded, "en", "small")
    if own >= _ALWAYS or (own > 0 and _TRANSLATED.search(folded)):
        return True
    if own < _COMMON:
        return folded.endswith("s") and any(zipf_frequency(folded[:cut], "en", "small") >= _COMMON for cut in (-1, -2))
    return any(zipf_frequency(form, "en", "small") > own - _FORM_GAP for form in _forms(folded))


def _forms(word: str) -> Iterator[str]:
    yield from (word + ending for ending in _FORMS)
    if word.endswith("y"):
        yield word[:-1] + "ies"
        yield word[:-1] + "ied"
    if word.endswith("e"):
        yield word[:-1] + "ing"
    if word.endswith("s"):
        yield word[:-1]
    if word.endswith(("ed", "er", "ly", "al")):
        yield word[:-2]


@lru_cache(maxsize=1 << 15)
def _rare(folded: str) -> bool:
    """True for a word that is no common one even where every sentence has a capital."""
    return folded in _places() or zipf_frequency(folded, "en", "small") < _COMMON


@cache
def _places() -> dict[str, frozenset[str]]:
    """Words of place names (CLDR territories) to the words that stand for the same place: its languages and other names."""
    english, groups = Locale.parse("en"), [set(group.split()) for group in _SAME]
    for code, name in english.territories.items():
        if code.isalpha():
            words = {fold(word) for word in re.findall(r"[^\W\d_]{4,}", name)} - _PLACE_NOUNS
            spoken = {fold(english.languages.get(lang, "")) for lang in get_official_languages(code)}
            groups.append(words | {word for word in spoken if any(word[:2] == place[:2] for place in words)})
    same: dict[str, set[str]] = {}
    for group in groups:
        for word in group:
            same.setdefault(word, set()).update(group)
    return {word: frozenset(others) for word, others in same.items() if word not in _PLACE_NOUNS and len(word) > 1}


# The same where the word has no capital: 0.67 took "capital" for Italy.
_MISSPELT = 0.8
# And where already the second letter is another: caesarean for Cesarean.
_MISSPELT_EARLY = 0.9


_INNER = re.compile(r"[.’']")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, folded: all, and those with a capital; its acronyms; the initials of its longer words, and of all."""

    all: frozenset[str]
    raised: frozenset[str]
    acronyms: str
    initials: str
    all_initials: str


@lru_cache(maxsize=8192)
def _words(text: str) -> _Words:
    tokens = [_bare(token) for token in _TOKEN.findall(text)]
    # Plain letters keep their number in small ones: all words at once.
    folded = " ".join(tokens).lower().split(" ") if text.isascii() and tokens else [fold(token) for token in tokens]
    marked = [word for word in folded if not word.isalnum()]
    alike = {word.replace(".", "") for word in marked if "." in word} | {part for word in marked for part in _INNER.split(word)}
    capitals = [(token, word) for token, word in zip(tokens, folded, strict=True) if token[0].isupper()]
    return _Words(
        all=frozenset(folded) | (alike - {""}),
        raised=frozenset(word for _, word in capitals if word not in _RAISED_BY_PLACE),
        acronyms=" ".join(word for token, word in capitals if len(token) > 1 and token.isupper()),
        initials="".join(word[0] for token, word in zip(tokens, folded, strict=True) if len(token) > 3 or token[0].isupper()),
        all_initials="".join(word[0] for word in folded),
    )


def _rendered(name: _Name, version: _Words) -> bool:
    """True if a variant of the name stands in the version: another form, another name of the place, a spelling, its letters."""
    folded = name.folded.replace(".", "")
    if folded in version.all or any(other in version.all for other in _places().get(folded, ())):
        return True
    if name.written.replace(".", "").isupper() and len(folded) <= 6:
        letters = folded.removesuffix("s")
        return (
            letters in version.initials
            or (len(letters) >= _SHORTEST and letters in version.all_initials)
            or (len(letters) > 2 and letters[1:] in version.initials)
            or any(word.startswith(letters) for word in version.raised)
        )
    if folded[0] in version.acronyms and folded not in _places():
        return True
    if any(_alike(folded, word) for word in version.raised):
        return True
    return len(folded) >= 5 and any(_nearly(folded, word) for word in version.all)


@lru_cache(maxsize=1 << 15)
def _nearly(name: str, word: str) -> bool:
    """True for a word without a capital that is a form of the name or all but its spelling: irlanda for Ireland."""
    if len(word) < 5 or name[0] != word[0]:
        return False
    least = _MISSPELT if name[1] == word[1] else _MISSPELT_EARLY
    return name[:5] == word[:5] or SequenceMatcher(None, name, word, autojunk=False).ratio() >= least


@lru_cache(maxsize=1 << 15)
def _alike(name: str, word: str) -> bool:
    """True for two forms or spellings of one name: a common beginning, or most letters in common."""
    if len(word) < 3 or (name in _places() and word in _places()):
        return False
    shared = next((i for i, (a, b) in enumerate(zip(name, word, strict=False)) if a != b), min(len(name), len(word)))
    if shared >= 4 or (shared == 3 and min(len(name), len(word)) <= 5):
        return True
    if abs(len(name) - len(word)) > max(len(name), len(word)) / 2:
        return False
    matcher = SequenceMatcher(None, name, word, autojunk=False)
    return matcher.real_quick_ratio() >= _VARIANT and matcher.quick_ratio() >= _VARIANT and matcher.ratio() >= _VARIANT


_SOUNDS = str.maketrans("bpfvwckgqxhdtszjmnlr", "PPPPPKKKKKKTTSSSNNRR", "aeiouy")

# Share of consonant classes in common that makes two names one that was spelled by ear (Diloclith, Dilokrit), and the same where
# the version stands in another script (Phondey, Fangde through Chinese).
_SOUND = 0.67
_SOUND_ABROAD = 0.5


@lru_cache(maxsize=1 << 15)
def _sound_ratio(name: str, word: str) -> float:
    ours, theirs = _sound(name), _sound(word)
    if not ours or not theirs:
        return float(name[0] == word[0])
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def _sound(word: str) -> str:
    """Classes of consonants, after Soundex."""
    return re.sub(r"(.)\1+", r"\1", word.replace("ph", "f").replace("ch", "s").replace("sh", "s").translate(_SOUNDS))
