"""Names whose words stand in a wrong order, put into clean English news: how many are found, and what is flagged without them.

    python bench/names.py

Every wrong order of the names of CLDR and of the project's own pack, each put once into a page at a place drawn by chance: inside a
sentence, at its beginning, at its end, before another name. Beside them names that the rule has no list of (the official names and
subdivisions of ISO 3166, from pycountry where it is installed), which only a page or a parallel page with the right order can tell.
The anchor is a trial with 345 names: .983 found, none flagged on clean news.
"""

import random
from collections.abc import Callable, Sequence

import polars as pl
import regex
from train_pivot import english

from checker.rules import permuted_name, reversed_name
from checker.segment import lines
from checker.tables import PAGES

ASKED_RECALL = 0.99
# Wrong orders that are tried: every name, and so many of its orders.
ORDERS = 3

PLACES: dict[str, Callable[[str, str], str | None]] = {
    "inside a sentence": lambda text, name: _put(r"(?<=\p{Ll} (?:in|of|to|from|by|with|for|and) )(?=\p{Ll})", text, f"{name} "),
    "at its beginning": lambda text, name: _put(r"(?<=\p{Ll}\. )(?=\p{Lu}\p{Ll}+ \p{Ll})", text, f"{name} was there. "),
    "at its end": lambda text, name: _put(r"(?<=\p{Ll}{3})(?=\. \p{Lu})", text, f" in {name}"),
    "before another name": lambda text, name: _put(r"(?<=\p{Ll} )(?=\p{Lu}\p{Ll}+ \p{Lu}\p{Ll})", text, f"{name} "),
}


def _put(pattern: str, text: str, words: str) -> str | None:
    """The text with the words at one of the places that the pattern matches; None if there is none."""
    places = [match.start() for match in regex.finditer(pattern, text)]
    if not places:
        return None
    at = random.Random(words).choice(places)
    return text[:at] + words + text[at:]


def found(texts: Sequence[str]) -> list[list[str]]:
    """What the rule finds in each text."""
    names = [f"{n:06}" for n in range(len(texts))]
    pages = PAGES.conform(pl.DataFrame({"doc": names, "path": names, "status": "ok", "text": list(texts)}))
    rows = permuted_name.find(lines(pages)).join(pages.select("doc", page="text"), on="doc")
    cut = rows.select("doc", words=pl.col("page").str.slice(pl.col("start"), pl.col("end") - pl.col("start")))
    by_doc = dict(cut.group_by("doc").agg("words").iter_rows())
    return [by_doc.get(name, []) for name in names]


def beyond() -> list[str]:
    """Names of several words of ISO 3166 that the rule's own lists lack, in reverse."""
    try:
        import pycountry  # noqa: PLC0415 - only for this figure, and LGPL: not a dependency
    except ImportError:
        return []
    own = {" ".join(words) for words in permuted_name._right()}
    listed = [entry._fields for entry in [*pycountry.countries, *pycountry.subdivisions]]
    names = {fields[key] for fields in listed for key in ("name", "official_name", "common_name") if fields.get(key)}
    plain = [name for name in names if regex.fullmatch(r"(?:\p{Lu}[\p{L}’'-]* ){1,4}\p{Lu}[\p{L}’'-]*", name)]
    return [" ".join(reversed(name.split())) for name in sorted(plain) if name not in own]


def parallel(pages: Sequence[str], names: Sequence[str]) -> float:
    """Share of the names of two words that the rule for pairs finds in reverse, where the original has the right order."""
    rows = []
    for n, name in enumerate(name for name in names if name.count(" ") == 1):
        right = " ".join(reversed(name.split()))
        sides = [PLACES["inside a sentence"](pages[n % len(pages)], words) for words in (name, right)]
        rows.append((str(n), name, *sides))
    frame = pl.DataFrame(rows, schema=["doc", "name", "text", "original_text"], orient="row").drop_nulls()
    zeros = [pl.lit(0, pl.Int64).alias(column) for column in ("start", "end", "original_start", "original_end")]
    pairs = frame.with_columns(*zeros, english="text")
    return reversed_name.find(pairs)["doc"].n_unique() / pairs.height


def main() -> None:
    pages = [text for text in english()["text"] if len(text) > 1_000]
    clean = sum(len(each) for each in found(pages))
    words = sum(len(text.split()) for text in pages)
    print(f"clean: {clean} flags in {words:,} words (asked 0)")
    chance = random.Random(4)
    wrong = permuted_name._wrong()
    by_name: dict[tuple[str, ...], list[str]] = {}
    for order in wrong:
        by_name.setdefault(tuple(sorted(order.split())), []).append(order)
    tried = [order for name in sorted(by_name) for order in chance.sample(by_name[name], min(ORDERS, len(by_name[name])))]
    for kind, names in (("every name, up to three wrong orders of each", tried), ("names beyond the lists, in reverse", beyond())):
        for place, put in PLACES.items():
            rows = [(name, put(pages[n % len(pages)], name)) for n, name in enumerate(names)]
            asked = [(name, text) for name, text in rows if text is not None]
            hits = [
                any(name in words or words in name for words in said)
                for (name, _), said in zip(asked, found([t for _, t in asked]), strict=True)
            ]
            if asked:
                print(f"{kind}, {place}: recall {sum(hits) / len(hits):.3f} of {len(hits)} (asked ≥ {ASKED_RECALL}, trial .983)")

    others = beyond()
    if others:
        recall = parallel(pages, others)
        print(f"names of two words beyond the lists, in reverse, beside an original: recall {recall:.3f} (trial .987)")


if __name__ == "__main__":
    main()
