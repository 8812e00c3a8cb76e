"""An amount of the original is in another currency in the version.

Signs, codes and names of currencies beside numbers are read as the currency they stand for: $, USD and dollars; yuan, RMB and
CNY. One that only the original has is a finding if the version has another instead, and so is one whose amount stands beside
another in the version.

Why it matters: 200 million yuan are 28 million dollars, and no figure in the sentence differs.

A hit: "$200 million" → "€200 million"; "30 yuan" → "30 yen". Not a hit: "RMB 1,660" → "1,660 yuan"; "$5" → "5 dollars"; "£3bn"
→ "3 billion pounds".

Known limits: dollars of all countries are one, as are francs, pounds, pesos, crowns and rupees; the amounts belong to
`lost-number`, so that an amount that was converted is a finding there. Versions without an English reading are not judged.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import polars as pl
from babel import Locale

from checker.facts import Key, Spot, fold, in_english, numbers, spotted

CODE = "FID006"
SEVERITY = "critical"
CATEGORY = "accuracy/mistranslation"

# Names of the same kind of money. CLDR's English names of the currencies in circulation end in most of them; these differ from it.
_SAME = """
dollar dollars buck bucks usd us$ a$ c$ hk$ nt$ s$ nz$ aud cad hkd twd sgd nzd $
euro euros eur €
pound pounds sterling quid gbp £ egp lbp
yen jpy ¥ 円
yuan renminbi rmb cny ¥ 元
rupee rupees inr pkr lkr npr rs ₹
rouble roubles ruble rubles rub ₽
franc francs chf xaf xof
won krw ₩
lira liras lire try ₺
peso pesos mxn ars clp cop php ₱ $
krona kronor krone kroner crown crowns koruna korunas sek nok dkk czk isk
real reais brl r$
zloty zlotys zlotych zloties pln zł
hryvnia hryvnias hryvnya uah ₴
shekel shekels ils nis ₪
baht thb ฿
dong vnd ₫
dinar dinars kwd iqd jod rsd
dirham dirhams aed mad
riyal riyals rial rials sar irr qar
rand rands zar
naira ngn ₦
ringgit myr
rupiah rupiahs idr
forint forints huf
leu lei ron
lev leva bgn
tenge kzt
taka bdt
shilling shillings kes
bitcoin bitcoins btc
"""

_NUMBER = r"(?:\d|hundred|thousand|million|billion|trillion|[mb]n?|one|two|three|four|five|six|seven|eight|nine|ten)"


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with another currency, a row per amount; both sides narrowed to its name or sign."""
    paid = pl.col("original_text").str.contains(_screen()) & pl.col("english").str.contains(_screen())
    kept = pairs.filter(in_english() & pl.col("original_text").is_not_null() & paid)
    # A sign may stand for several currencies: sets are compared, in the few sentences that name money on both sides.
    rows = kept.select("original_text", "english", "back").iter_rows()
    return spotted(kept, [list(_spots(*row)) for row in rows])


def _spots(original: str, english: str, back: str | None) -> Iterator[Spot]:
    ours, theirs = _money(original)[:_MOST], _money(english)[:_MOST]
    lost = [span for span, kinds in ours if not any(kinds & other for _, other in theirs)]
    gained = [span for span, kinds in theirs if not any(kinds & other for _, other in ours)]
    changes = list(zip(lost, gained, strict=False)) or list(_amounts(original, ours, english, theirs))
    for was, now in changes:
        yield Spot(f"{original[slice(*was)]} → {english[slice(*now)]}", now if back is None else None, was)


_Money = tuple[tuple[int, int], frozenset[int]]


def _amounts(
    original: str, ours: Sequence[_Money], english: str, theirs: Sequence[_Money]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Currencies that both sides have, beside an amount that on the other side has another: 10 euros (14 dollars), 10 dollars."""
    there = [(_beside(english, span), span, kinds) for span, kinds in theirs]
    for span, kinds in ours:
        amount = _beside(original, span)
        same = [(now, other) for keys, now, other in there if amount & keys]
        if same and not any(kinds & other for _, other in same):
            yield span, same[0][0]


def _beside(text: str, span: tuple[int, int]) -> frozenset[Key]:
    """The readings of the number that a currency stands beside."""
    near = [
        n for n in numbers(text) if n.kind != "soft" and (span[1] <= n.start <= span[1] + 2 or n.end <= span[0] <= n.end + _GAP)
    ]
    return near[-1].keys if near else frozenset()


# Between an amount and its currency: " US ", " million ".
_GAP = 10


# So many are compared: a long line of amounts would take hours.
_MOST = 200


@lru_cache(maxsize=4096)
def _money(text: str) -> tuple[_Money, ...]:
    """The currencies beside numbers: where they stand, and which they may be."""
    return tuple(
        (m.span(group), _kinds()[fold(m[group])])
        for m in _pattern().finditer(text)
        for group in ("sign", "name", "behind")
        if m[group]
    )


@cache
def _kinds() -> dict[str, frozenset[int]]:
    """Folded name, code or sign to the currencies that it may stand for."""
    found: dict[str, set[int]] = {}
    groups = [line.split() for line in _SAME.strip().splitlines()]
    for kind, group in enumerate(groups):
        for name in group:
            found.setdefault(fold(name), set()).add(kind)
    for code, name in Locale.parse("en").currencies.items():
        last = fold(name.split()[-1])
        if code.lower() not in found and last in found and "(" not in name:
            found[code.lower()] = found[last]
    return {name: frozenset(kinds) for name, kinds in found.items()}


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted((name for name in _kinds() if name.isalpha()), key=lambda name: (-len(name), name))
    signs = sorted((name for name in _kinds() if not name.isalpha()), key=lambda name: (-len(name), name))
    sign, word = "|".join(map(re.escape, signs)), "|".join(names)
    codes = "|".join(name for name in names if len(name) == 3 or name == "rs")
    return re.compile(
        rf"(?i)(?P<sign>{sign}|\b(?:{codes})(?=\.?\s?\d))(?=\.?\s?\d)"
        rf"|(?:\b|\d)(?:{_NUMBER[3:-1]})s?[ -](?:of )?(?:(?:[A-Z]\.)+ |[A-Za-z]+ )?(?P<name>{word})\b"
        rf"|\d\s?(?P<behind>{sign})"
    )


@cache
def _screen() -> str:
    """A pattern of polars' dialect that every text with a currency matches."""
    names = "|".join(sorted(name for name in _kinds() if name.isalpha()))
    signs = "".join(sorted({name[-1] for name in _kinds() if not name[-1].isalnum()}))
    return rf"(?i)[{re.escape(signs)}]|\b(?:{names})\b"
