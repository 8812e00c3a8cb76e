"""How a name sounds, across scripts: its consonants in classes, read from the names that Unicode gives to letters.

"CYRILLIC SMALL LETTER SHA", "ARABIC LETTER SHEEN" and "HEBREW LETTER SHIN" all say what they sound like: no table of a script is
needed. Classes are those of Soundex, vowels and half-vowels count for nothing. Ideographs have no sound here.
"""

import re
import unicodedata
from difflib import SequenceMatcher
from functools import cache, lru_cache

# Letters of a name that are heard: a name is short, a hostile text is not.
_LONGEST = 40

_CLASS = {
    letter: kind
    for kind, letters in {"P": "BPFV", "K": "KGQ", "T": "TD", "S": "SZJ", "M": "M", "N": "N", "R": "RL"}.items()
    for letter in letters
}
_CLASS |= {"SH": "S", "CH": "S", "ZH": "S", "TS": "S", "DZ": "S", "TCH": "S", "SHCH": "S", "KH": "K", "GH": "K", "TH": "T"}
_CLASS |= {"PH": "P", "BH": "P", "DH": "T", "JH": "S", "PS": "PS", "X": "KS", "C": "S", "NG": "N"}
_INITIAL = re.compile("SHCH|TCH|TS|DZ|SH|CH|ZH|KH|GH|TH|PH|BH|DH|JH|PS|NG|[B-DF-HJ-NP-TV-Z]")

# Words of a letter's name that stand before its own name.
_BEFORE = frozenset("SMALL CAPITAL FINAL FARSI SHORT".split())  # noqa: SIM905 - one line
_OWN = re.compile(r"(CYRILLIC|GREEK)?.*?(?:LETTER|CHOSEONG|JONGSEONG)((?: [A-Z]+)+)")

# How Latin letters are pronounced together: of several languages, what most share.
_LATIN = [("sch", "s"), ("tch", "s"), ("ph", "f"), ("ch", "ç"), ("sh", "s"), ("th", "t"), ("ck", "k"), ("gh", ""), ("qu", "k")]
_SOFT = re.compile(r"c(?=[eiy])")
_HEARD = str.maketrans("bpfvkgqcxtdszjçmnrl", "PPPPKKKKKTTSSSSMNRR", "")


# Before these vowels g is a sibilant in some languages, and a stop in others: Geneva, Gerd.
_EITHER = re.compile(r"g(?=[eiy])")


@lru_cache(maxsize=1 << 15)
def skeleton(word: str) -> str:
    """The classes of a word's consonants, in order, each once where it is doubled: Hessel and Хессель are both SR."""
    plain = unicodedata.normalize("NFKD", word[:_LONGEST]).lower()
    heard = _latin(plain) if plain.isascii() or any("a" <= c <= "z" for c in plain) else "".join(map(_sound, _greek(plain)))
    return re.sub(r"(.)\1+", r"\1", heard)


def _latin(plain: str) -> str:
    for written, spoken in _LATIN:
        plain = plain.replace(written, spoken)
    return re.sub("[^A-Z]", "", _SOFT.sub("s", plain).replace("x", "ks").translate(_HEARD))


def _greek(plain: str) -> str:
    """Two letters for one stop, as Greek writes b, d and g."""
    return plain.replace("μπ", "π").replace("ντ", "τ").replace("γκ", "κ")


@cache
def _sound(letter: str) -> str:
    name = unicodedata.name(letter, "")
    if name.endswith("ANUSVARA"):
        return "N"
    found = _OWN.match(name)
    words = [word for word in found[2].split() if word not in _BEFORE] if found else []
    if not found or not words or words[0] in ("HARD", "SOFT", "WAW", "VAV", "W", "YEH"):
        return ""
    own = words[0]
    if name.startswith(("KATAKANA", "HIRAGANA")):
        return "P" if own == "HU" else "" if "SMALL" in name else _CLASS.get(own[0], "")
    if found[1] == "GREEK" and own == "CHI":
        return "K"
    if found[1] == "CYRILLIC":  # em, en, er, ef are named by what they end in; ha is heard
        own = "KH" if own == "HA" else own[1:] if len(own) == 2 and own[0] in "EY" and own not in ("YU", "YA") else own
    initial = _INITIAL.match(own)
    return _CLASS.get(initial[0], "") if initial else ""


@lru_cache(maxsize=1 << 15)
def likeness(word: str, other: str) -> float:
    """Share of consonant classes that two words have in common, in order: 0 to 1, higher is nearer; 0 where one has none."""
    if word[:1] in "hHwW" and skeleton(other)[1:] == skeleton(word):  # Hessel is Хессель, Washington Вашингтон
        return 1.0
    soft = _EITHER.sub("s", word.lower()[:_LONGEST])
    return max(_shared(skeleton(word), skeleton(other)), _shared(skeleton(soft), skeleton(other)) if soft != word.lower() else 0.0)


def _shared(ours: str, theirs: str) -> float:
    if not ours or not theirs or 2 * min(len(ours), len(theirs)) < max(len(ours), len(theirs)):
        return 0.0
    return 1.0 if ours == theirs else SequenceMatcher(None, ours, theirs, autojunk=False).ratio()
