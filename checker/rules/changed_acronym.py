"""An acronym of the original has other letters in the version.

The version has an acronym that is neither in the original nor spells the initials of a name there, but is one letter away from
one that is, or does; or it is the only one that is new, in a version that lacks only one.

Why it matters: an acronym is a name without anything that a reader could notice; IAC is not the IOC.

A hit: "APEC" → "APECE"; "International Olympic Committee" → "IAC"; "(NPR)" → "(NPP)". Not a hit: "Association of Southeast
Asian Nations" → "ASEAN"; "U.N." → "UN"; "World War II" → "WWII".

Known limits: acronyms of two letters are not compared; one that is lost is the finding of `lost-name`. Versions without an
English reading are not judged.
"""

import re
from collections.abc import Iterator

import polars as pl

from checker.facts import Spot, in_english, spotted

CODE = "FID018"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

_ACRONYM = r"\b[\p{Lu}][\p{Ll}]?[\p{Lu}]{2,5}\b"
_LETTERS = re.compile(r"(?<![\w.])(?:[A-Z][a-z]?[A-Z]{2,5})(?:s|['’]s)?(?![\w.]\w)")
_WORD = re.compile(r"[^\W\d_]+")


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another acronym, a row each; both sides narrowed to it, or to the name that it should abbreviate."""
    gained = pl.col("english").str.extract_all(_ACRONYM).list.set_difference(pl.col("original_text").str.extract_all(_ACRONYM))
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & (gained.list.len() > 0))
    # Letters are held against runs of initials, in the few sentences with an acronym that the original lacks.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    if original.isupper():
        return
    told = {_plain(found[0]): found.span() for found in _LETTERS.finditer(original)}
    plain = original.lower()
    names = _initials(original)
    for found in list(_LETTERS.finditer(english))[:_MOST]:
        letters = _plain(found[0])
        if (
            letters in told
            or letters.lower() in plain
            or any(_spells(letters, name, original[slice(*span)]) for name, span in names.items())
        ):
            continue
        near = next((span for name, span in {**names, **told}.items() if _near(letters, name)), None)
        near = near or _exchanged(told, english)
        if near is not None:
            message = f"{original[slice(*near)]} → {found[0]}"
            yield Spot(message, found.span() if back is None else None, near)


def _exchanged(told: dict[str, tuple[int, int]], english: str) -> tuple[int, int] | None:
    """The acronym of the original that the version neither has nor spells, if it is the only one, and one alone is new there."""
    new = {_plain(found[0]) for found in _LETTERS.finditer(english)} - told.keys()
    plain, names = english.lower(), _initials(english)
    words = "".join(word[0][0] for word in _WORD.finditer(english)).upper()
    gone = [
        span
        for name, span in told.items()
        if name.lower() not in plain and name not in words and not any(_near(name, known) or name in known for known in names)
    ]
    return gone[0] if len(gone) == len(new) == 1 else None


def _plain(acronym: str) -> str:
    return re.sub(r"['’]?s$", "", acronym).upper()


# So many words and acronyms are compared: more would take hours.
_MOST = 200


def _initials(text: str) -> dict[str, tuple[int, int]]:
    """The initials of each run of three to six words of which the first and last have a capital, small words left out or not."""
    words = list(_WORD.finditer(text))[:_MOST]
    found: dict[str, tuple[int, int]] = {}
    for at, word in enumerate(words):
        if word[0][0].isupper():
            for end in range(at + 3, min(at + 9, len(words) + 1)):
                run = words[at:end]
                if run[-1][0][0].isupper() and not re.search(r"[.,;:()]", text[word.start() : run[-1].end()]):
                    for told in ([w[0] for w in run], [w[0] for w in run if w[0][0].isupper()]):
                        if len(told) >= 3:
                            found.setdefault("".join(w[0] for w in told).upper(), (word.start(), run[-1].end()))
    return found


def _spells(letters: str, initials: str, name: str) -> bool:
    """True for the initials of a name, a part of them, and for them with more letters of its words: ASEAN has an E of Southeast."""
    return (
        letters.startswith(initials)
        or initials.startswith(letters)
        or (_within(initials, letters) and _within(letters, name.upper()))
    )


def _within(part: str, whole: str) -> bool:
    """True if the letters of the part stand in the whole in their order."""
    left = iter(whole)
    return all(letter in left for letter in part)


def _near(one: str, other: str) -> bool:
    """True for acronyms that begin alike and differ in one letter, which is another, or one too many or too few."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return len(shorter) >= 3 and any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
