"""One fact changed by script in a good back-translation: by kind, how often the right rule finds it, and what it says before.

    python bench/perturb.py                  the half that no rule was tuned on
    python bench/perturb.py --half tune      the other half
    python bench/perturb.py --show KIND      the changed pairs of a kind that its rules miss
    python bench/perturb.py --false KIND     what the rules of a kind find in the pairs before anything is changed

Pairs are FLORES' originals and their way there and back by Google and Microsoft, which were published as recorded; the changes are
made here and stand in no other set. `found`: the kind's own rules find something in the changed pair that they do not find in the
pair as it was. `any`: some rule does. `false`: share of the pairs as they were in which the kind's own rules find something, among
those that the kind can change. `fidelity` and `chrF`: share of the pairs in which the changed text scores lower than the other;
fidelity as in `bench/facts.py`.
"""

import argparse
import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import polars as pl
from babel import Locale
from facts import BEND, CAP, DATA, found, framed, half

from checker.metrics import chrf
from checker.metrics import chrf_pp as chrf_2_pp
from checker.score import PENALTY

# Pairs of the half, taken by hash: enough that each kind has a hundred and the whole runs in a minute.
PAIRS = 4_000
MOST_OF_A_KIND = 250

Change = Callable[[str, str, int], str | None]
"""Back-translation, original and a number to choose by, to the changed text, or null where there is nothing to change."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change and the rules of which one should find it."""

    change: Change
    rules: tuple[str, ...]


def recordings(which: str) -> pl.DataFrame:
    """lang, original, back: the pairs that are changed."""
    rows = pl.read_parquet(DATA / "flores_dev_recorded.parquet").filter(pl.col("engine").is_in(["google", "microsoft"]))
    rows = rows.drop_nulls("back").filter(half(rows.drop_nulls("back")["original"], which))
    order = [digest(f"{lang} {engine} {n}") for lang, engine, n in rows.select("lang", "engine", "n").iter_rows()]
    taken = rows.with_columns(order=pl.Series(order)).sort("order").head(PAIRS)
    # One engine left &#39; in its texts, of which a change would make another sign.
    plain = pl.Series("back", [html.unescape(text) for text in taken["back"]])
    return taken.select("lang", "original").with_columns(plain)


def digest(text: str) -> int:
    """A number that looks drawn by chance and is the same in every run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def substituted(pattern: str, swap: Callable[[re.Match[str], int], str], back: str, _: str, chance: int) -> str | None:
    """One of the places that the pattern matches, changed."""
    places = [m for m in re.finditer(pattern, back) if swap(m, chance) not in (m[0], "")]
    if not places:
        return None
    place = places[chance % len(places)]
    return back[: place.start()] + swap(place, chance) + back[place.end() :]


def by_pattern(pattern: str, swap: Callable[[re.Match[str], int], str]) -> Change:
    return partial(substituted, pattern, swap)


def by_words(*pairs: str) -> Change:
    """Each word of a pair becomes the other; `a > b` goes one way only. Capitals are kept."""
    turned: dict[str, str] = {}
    for pair in pairs:
        one, _, other = pair.partition(" > ") if " > " in pair else pair.partition(" | ")
        turned[one] = other
        if " | " in pair:
            turned.setdefault(other, one)
    words = "|".join(sorted(map(re.escape, turned), key=lambda word: (-len(word), word)))

    def swap(found: re.Match[str], _: int) -> str:
        other = turned.get(found[0], turned.get(found[0].lower(), found[0]))
        return other[0].upper() + other[1:] if found[0][0].isupper() and other[0].isalpha() else other

    return by_pattern(rf"(?<![\w'’-])(?:{words}|{words.title()})(?![\w'’-])", swap)


# --- numbers and dates ------------------------------------------------------------------------------------------------------


def tenfold(found: re.Match[str], _: int) -> str:
    whole = found[0]
    return whole.replace(",", "") + "0" if "," not in whole else f"{int(whole.replace(',', '')) * 10:,}"


def digits_swapped(found: re.Match[str], _: int) -> str:
    written = found[0]
    places = [at for at in range(len(written) - 1) if written[at : at + 2].isdigit() and written[at] != written[at + 1]]
    if not places or (places[-1] == 0 and written[1] == "0"):
        return ""
    at = places[-1]
    return written[:at] + written[at + 1] + written[at] + written[at + 2 :]


def shifted(found: re.Match[str], chance: int) -> str:
    value = int(found[0])
    return str(value + 1 + chance % 3)


_MONTHS = "January February March April May June July August September October November December"
MONTHS = tuple(_MONTHS.split())
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
DAYS = tuple(_DAYS.split())


def another(listed: Sequence[str]) -> Change:
    words = "|".join(listed)
    return by_pattern(rf"\b(?:{words})\b", lambda m, chance: listed[(listed.index(m[0]) + 1 + chance % 3) % len(listed)])


def without_number(back: str, *_: object) -> str | None:
    """A number before a noun is left out, as if the sentence had never given one."""
    places = list(re.finditer(r"(?<=[a-z] )\d[\d,]{1,}(?:\.\d+)? (?=[a-z]{4,}s\b(?! ?\(| per))", back))
    return back[: places[0].start()] + back[places[0].end() :] if places else None


def with_number(back: str, original: str, chance: int) -> str | None:
    """A length of time that nobody gave."""
    added = f" for {13 + chance % 80} minutes"
    return back[:-1] + added + "." if re.search(r"[a-z]\.$", back) and added not in original else None


def numbers_swapped(back: str, *_: object) -> str | None:
    """The first two numbers, unless they are the ends of a range."""
    places = list(re.finditer(r"(?<![\w.,:/–-])\d{1,6}(?![\d.,:/%–-]|\w)", back))
    if len(places) < 2 or places[0][0] == places[1][0] or not re.search(r"\w{4,}", back[places[0].end() : places[1].start()]):
        return None
    return exchanged(back, places[0].span(), places[1].span())


def exchanged(text: str, one: tuple[int, int], other: tuple[int, int]) -> str:
    a, b = text[slice(*one)], text[slice(*other)]
    return text[: one[0]] + b + text[one[1] : other[0]] + a + text[other[1] :]


# --- names ------------------------------------------------------------------------------------------------------------------

NAME = r"(?<=[a-z,] )[A-Z][a-z]{3,}(?:[A-Z]?[a-z]+)?(?=(?:['’]s)?[ ,.])(?! [A-Z])"


@cache
def pool() -> Mapping[str, tuple[str, ...]]:
    """`place`: states of one word; `other`: names of all originals, which are never written in small letters there."""
    originals = pl.read_parquet(DATA / "flores_dev_recorded.parquet", columns=["original"])["original"].unique().sort().to_list()
    small = {word for text in originals for word in re.findall(r"\b[a-z]+\b", text)}
    names = {name for text in originals for name in re.findall(NAME, text) if name.lower() not in small}
    places = {name for code, name in Locale.parse("en").territories.items() if code.isalpha() and name.isascii() and name.isalpha()}
    return {"place": tuple(sorted(places)), "other": tuple(sorted(names - places - {*MONTHS, *DAYS}))}


def named(back: str, original: str) -> list[re.Match[str]]:
    """The names of the back-translation that stand in the original as well."""
    known = {name for names in pool().values() for name in names}
    return [m for m in re.finditer(NAME, back) if m[0] in known and re.search(rf"\b{m[0]}\b", original)]


def name_replaced(back: str, original: str, chance: int) -> str | None:
    for name in named(back, original):
        if back.count(name[0]) == 1:
            names = pool()["place" if name[0] in pool()["place"] else "other"]
            other = names[chance % len(names)]
            return back[: name.start()] + other + back[name.end() :] if other not in original + back else None
    return None


def name_dropped(back: str, original: str, _: int) -> str | None:
    """A name behind "in", "of" or "from" is left out together with it."""
    for name in named(back, original):
        found = re.search(r" (?:in|of|from|near|by|to) $", back[: name.start()])
        if found and back.count(name[0]) == 1 and not re.match("['’]", back[name.end() :]):
            return back[: found.start()] + back[name.end() :]
    return None


def names_swapped(back: str, original: str, _: int) -> str | None:
    """Two names of one kind on either side of a verb change places."""
    names = [m for m in re.finditer(r"\b" + NAME.removeprefix("(?<=[a-z,] )"), back) if re.search(rf"\b{m[0]}\b", original)]
    kinds = {name: kind for kind, listed in pool().items() for name in listed}
    for one, other in pairwise(names):
        between = back[one.end() : other.start()]
        same = kinds.get(one[0]) is not None and kinds.get(one[0]) == kinds.get(other[0]) and one[0] != other[0]
        if same and re.search(r" \w{4,}", between) and not re.search(r"^,? ?(?:and|or|,)|, ?$|(?:and|or) $", between):
            return exchanged(back, one.span(), other.span())
    return None


SPEECH = "said|says|told|stated|added|announced|claimed|argued|noted|explained|wrote|reported"


def speaker_changed(back: str, original: str, chance: int) -> str | None:
    """Who said it: the last word of the name before or behind the verb becomes another name; a pronoun, another role."""
    found = re.search(
        rf"\b(?:[A-Z]\w+ )?([A-Z][a-z]{{3,}})(?= (?:{SPEECH})\b)|(?<=[”\"] )(?:{SPEECH}) (?:[A-Z]\w+ )?([A-Z][a-z]{{3,}})", back
    )
    if not found or not re.search(rf"\b{found[1] or found[2]}\b", original):
        return None
    span = found.span(1 if found[1] else 2)
    other = pool()["other"][chance % len(pool()["other"])]
    return back[: span[0]] + other + back[span[1] :] if other not in original + back else None


_ROLES = "officials scientists researchers doctors police authorities experts critics witnesses analysts"
ROLES = tuple(_ROLES.split())


def speaker_role(back: str, original: str, chance: int) -> str | None:
    found = re.search(rf"(?i)\b({'|'.join(ROLES)})(?= (?:have |has )?(?:{SPEECH}|say|believe|report|argue)\b)", back)
    if not found or not re.search(rf"(?i)\b{found[1]}\b", original):
        return None
    other = next(role for role in ROLES[chance % len(ROLES) :] + ROLES if role not in (original + back).lower())
    return back[: found.start()] + (other.title() if found[1][0].isupper() else other) + back[found.end() :]


def acronym_changed(found: re.Match[str], chance: int) -> str:
    at = 1 + chance % (len(found[0]) - 1)
    return found[0][:at] + chr((ord(found[0][at]) - 65 + 7) % 26 + 65) + found[0][at + 1 :]


def units_swapped(change: Change, back: str, original: str, chance: int) -> str | None:
    """Another unit behind a number in digits or words, or behind "several"."""
    changed = change(back, original, chance)
    at = next((at for at, (a, b) in enumerate(zip(back, changed or "", strict=False)) if a != b), None)
    word = back.rfind(" ", 0, (at or 0) + 1)
    counted = re.search(r"(?:\d|two|three|four|five|six|ten|twelve|thirty|several|few)[ -]?$", back[: max(0, word) + 1])
    return changed if at is not None and counted else None


# --- the kinds --------------------------------------------------------------------------------------------------------------

UNITS = (
    "km > miles",
    "kilometers > miles",
    "kilometres > miles",
    "miles > kilometers",
    "meters > feet",
    "feet > meters",
    "kg > pounds",
    "pounds > kilograms",
    "km/h > mph",
    "mph > km/h",
    "minutes | hours",
    "days > weeks",
    "months > years",
    "°F > °C",
    "°C > °F",
    "Fahrenheit > Celsius",
    "mm > cm",
    "cm > mm",
    "tons > kilograms",
    "acres > hectares",
)
NUMBER = ("lost-number", "changed-date", "changed-quantity")

KINDS: dict[str, Kind] = {
    "number-tenfold": Kind(by_pattern(r"(?<![\d.,:/])\d[\d,]*(?![\d.:/]|,\d|st|nd|rd|th)", tenfold), NUMBER),
    "number-digits-swapped": Kind(by_pattern(r"(?<![\d.,:/])\d[\d,]*\d(?![\d:/])", digits_swapped), NUMBER),
    "number-word-changed": Kind(by_words("two > four", "three > five", "four > six", "five > seven", "six > two"), NUMBER),
    "number-scale-changed": Kind(by_words("million | billion", "thousand > million", "hundred > thousand"), NUMBER),
    "number-dropped": Kind(without_number, NUMBER),
    "number-added": Kind(with_number, NUMBER),
    "numbers-swapped": Kind(numbers_swapped, ("swapped-number", *NUMBER)),
    "year-shifted": Kind(by_pattern(r"(?<![\d.,-])(?:1[5-9]|20)\d\d(?![\d.,%]\d|\d|s)", shifted), NUMBER),
    "day-shifted": Kind(
        by_pattern(rf"(?:(?<={' )|(?<='.join(MONTHS)} ))\d\d?(?![\d:])|\b\d\d?(?= (?:{'|'.join(MONTHS)})\b)", shifted), NUMBER
    ),
    "month-changed": Kind(another(MONTHS), ("changed-date",)),
    "weekday-changed": Kind(another(DAYS), ("changed-date",)),
    "half-of-day-changed": Kind(by_words("a.m. | p.m.", "AM | PM"), ("changed-date",)),
    "unit-swapped": Kind(
        partial(units_swapped, by_words(*UNITS)),
        ("changed-quantity", "lost-number"),
    ),
    "currency-swapped": Kind(
        by_words("dollars > euros", "dollar > euro", "euros > dollars", "yen > yuan", "pounds sterling > dollars"),
        ("changed-currency",),
    ),
    "currency-sign-swapped": Kind(
        by_pattern(r"(?:US)?\$(?=\d)|£(?=\d)|€(?=\d)", lambda m, _: "€" if m[0] != "€" else "£"), ("changed-currency",)
    ),
    "negation-inserted": Kind(
        by_pattern(
            r"\b(?:is|are|was|were|can|will|should|could|has been|have been)\b(?! not| no\b|n['’]t| never)",
            lambda m, _: m[0] + " not" if " " not in m[0] else m[0].replace(" ", " not "),
        ),
        ("flipped-negation",),
    ),
    "negation-removed": Kind(
        by_pattern(r"(?<=[a-z]) (?:not|never)\b(?! only)|(?<=is|as|re|ld|es|id)n['’]t\b", lambda *_: "\u2060"),
        ("flipped-negation",),
    ),
    "name-replaced": Kind(name_replaced, ("lost-name",)),
    "name-dropped": Kind(name_dropped, ("lost-name",)),
    "names-swapped": Kind(names_swapped, ("swapped-name",)),
    "acronym-changed": Kind(by_pattern(r"(?<![\w.])[A-Z]{3,5}(?![\w.])", acronym_changed), ("changed-acronym", "lost-name")),
    "speaker-renamed": Kind(speaker_changed, ("changed-speaker", "lost-name")),
    "speaker-in-another-role": Kind(speaker_role, ("changed-speaker",)),
    "direction-flipped": Kind(
        by_words(
            "more than | less than",
            "higher | lower",
            "larger | smaller",
            "increase | decrease",
            "increased | decreased",
            "rose | fell",
            "before | after",
            "above | below",
            "northern | southern",
            "north | south",
            "eastern | western",
            "east | west",
        ),
        ("changed-direction", "opposite-word"),
    ),
    "antonym": Kind(
        by_words(
            "open | closed",
            "begin | end",
            "began | ended",
            "won | lost",
            "win | lose",
            "success | failure",
            "strong | weak",
            "large | small",
            "early | late",
            "old | new",
            "hot | cold",
            "safe | dangerous",
            "easy | difficult",
            "rich | poor",
            "cheap | expensive",
            "positive | negative",
            "accepted | rejected",
            "supported | opposed",
            "agreed | refused",
            "arrived | departed",
            "public | private",
            "legal | illegal",
            "good | bad",
            "best | worst",
            "high | low",
            "long | short",
            "fast | slow",
            "deep | shallow",
            "wide | narrow",
            "heavy | light",
            "dead | alive",
            "guilty | innocent",
        ),
        ("opposite-word", "changed-direction"),
    ),
    "possible-to-certain": Kind(by_words("may > will", "might > will", "could > will"), ("changed-modality",)),
    "gender-changed": Kind(
        by_words(
            "he | she",
            "his > her",
            "him > her",
            "himself | herself",
            "man | woman",
            "men | women",
            "son | daughter",
            "father | mother",
        ),
        ("changed-gender",),
    ),
    "question-to-statement": Kind(by_pattern(r"\?$", lambda *_: "."), ("changed-question",)),
    "statement-to-question": Kind(by_pattern(r"(?<=[a-z])\.$", lambda *_: "?"), ("changed-question",)),
    "tense-changed": Kind(by_words("is > was", "are > were", "was > is", "were > are"), ("changed-tense",)),
}


def changed(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """The pairs that a kind can change, with what they become as `worse`."""
    texts = [
        KINDS[name].change(back, original, digest(name + back)) for original, back in pairs.select("original", "back").iter_rows()
    ]
    worse = pl.Series([text and text.replace(" \u2060", "").replace("\u2060", "") for text in texts], dtype=pl.String)
    kept = pairs.with_columns(worse=worse).drop_nulls("worse").filter(pl.col("worse") != pl.col("back"))
    return kept.head(MOST_OF_A_KIND)


def messages(pairs: pl.DataFrame, side: str) -> pl.DataFrame:
    return found(framed(pairs["original"], pairs[side]))


def fidelity(pairs: pl.DataFrame, side: str, told: pl.DataFrame) -> pl.Series:
    cost = told.with_columns(cost=pl.col("severity").replace_strict(PENALTY, return_dtype=pl.Float64))
    cost = cost.group_by("pair").agg(pl.col("cost").sum().clip(upper_bound=CAP))
    score = pl.Series(chrf_2_pp.score(pairs[side].to_list(), pairs["original"].to_list()))
    joined = pl.DataFrame({"score": score}).with_row_index("pair").join(cost, on="pair", how="left", maintain_order="left")
    return joined.select(100 * (1 - (1 - pl.col("score") / 100) ** BEND) - pl.col("cost").fill_null(0.0)).to_series()


def judged(pairs: pl.DataFrame, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The changed pairs with `found`, `any`, `false`, `fidelity` and `chrF`; and the findings before the change."""
    before, behind = messages(pairs, "back"), messages(pairs, "worse")
    new = behind.join(before, on=["pair", "rule", "message"], how="anti")
    own = pl.col("rule").is_in(KINDS[name].rules)
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    rows = pairs.with_columns(
        found=at.is_in(new.filter(own)["pair"].unique().implode()),
        any=at.is_in(new["pair"].unique().implode()),
        false=at.is_in(before.filter(own)["pair"].unique().implode()),
        fidelity=fidelity(pairs, "worse", behind) < fidelity(pairs, "back", before),
    )
    pure = [pl.Series(chrf.score(pairs[side].to_list(), pairs["original"].to_list())) for side in ("worse", "back")]
    return rows.with_columns(chrF=pure[0] < pure[1]), before.filter(own)


def lines(pairs: pl.DataFrame) -> Iterator[str]:
    yield f"{'kind':26} pairs  found    any  false  fidelity   chrF"
    shares = []
    for name in KINDS:
        rows, _ = judged(changed(pairs, name), name)
        means = [float(rows[column].mean() or 0.0) for column in ("found", "any", "false", "fidelity", "chrF")]
        shares.append(means)
        yield f"{name:26}{rows.height:6}{means[0]:7.3f}{means[1]:7.3f}{means[2]:7.3f}{means[3]:10.3f}{means[4]:7.3f}"
    mean = [sum(column) / len(shares) for column in zip(*shares, strict=True)]
    yield f"{'mean over the kinds':26}{'':6}{mean[0]:7.3f}{mean[1]:7.3f}{mean[2]:7.3f}{mean[3]:10.3f}{mean[4]:7.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--show", choices=KINDS, help="print the changed pairs of a kind that its rules miss")
    parser.add_argument("--false", choices=KINDS, help="print what the rules of a kind find before the change")
    asked = parser.parse_args()
    pairs = recordings(asked.half)
    if asked.show:
        rows, _ = judged(changed(pairs, asked.show), asked.show)
        for original, worse in rows.filter(~pl.col("found")).select("original", "worse").iter_rows():
            print(f"{original}\n    {worse}")
    elif asked.false:
        rows = changed(pairs, asked.false)
        for pair, message in judged(rows, asked.false)[1].select("pair", "message").iter_rows():
            print(f"{message}\n    {rows['original'][pair]}\n    {rows['back'][pair]}")
    else:
        for line in lines(pairs):
            print(line, flush=True)


if __name__ == "__main__":
    main()
