"""A word of another meaning in the place of the original's, which the two languages write nearly alike.

Finds, in the sentences of a version in English, a word that looks like another language's and stands where the original has what
that language's word means: "resume" for "summary" (Russian резюме, French résumé), "eventually" for "possibly". A pack lists such
words. The word before it or behind it must be the same in both, so that the two stand in one place.

The sentence reads well and says something else; the word shows which language it came through (`pivot`).

Hit: "supported the chairman's summary" → "supported the chairman's resume"; "they will attend the talks" → "they will assist the
talks". No hit: "resume" where the original has it, too; "summary" → "overview"; a version that has both words.

Limits: words of the pack, one for one; versions in English.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import polars as pl
import regex

from checker import languages, packs
from checker.wording import worded

CODE = "MTS007"
SEVERITY = "major"
CATEGORY = "accuracy/mistranslation"

_TOKEN = regex.compile(r"[\p{L}\p{N}]+(?:[-’'][\p{L}\p{N}]+)*")
_SPANS = {
    "row": pl.UInt32,
    "from": pl.Int64,
    "to": pl.Int64,
    "original_from": pl.Int64,
    "original_to": pl.Int64,
    "pivot": pl.String,
    "message": pl.String,
}


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with a false friend, a row per word; the version's side with the neighbour that it shares, the original's alone."""
    native = pairs.filter((pl.col("text") == pl.col("english")) & pl.col("original_text").is_not_null())
    compared = worded(native)
    kept = compared.filter(_holds("gained", sorted(_friends())) & _holds("lost", _meant()))
    # Which words stand in one place is told from their neighbours: the few sentences with such words on both sides come here.
    rows = [
        (row, *found)
        for row, (text, original) in enumerate(kept.select("text", "original_text").iter_rows())
        for found in _false(text, original)
    ]
    placed = pl.DataFrame(rows, schema=_SPANS, orient="row").join(kept.with_row_index("row"), on="row", maintain_order="left")
    moved = placed.with_columns(
        start=pl.col("start") + pl.col("from"),
        end=pl.col("start") + pl.col("to"),
        original_start=pl.col("original_start") + pl.col("original_from"),
        original_end=pl.col("original_start") + pl.col("original_to"),
    )
    return moved.select(*pairs.columns, "pivot", "message")


def _false(text: str, original: str) -> Iterator[tuple[int, int, int, int, str, str]]:
    """Span in the version, span in the original, pivot and message of each false friend."""
    here, there = (list(_TOKEN.finditer(each)) for each in (text, original))
    said, meant = ([_plain(token.group()) for token in each] for each in (here, there))
    for n, word in enumerate(said):
        for pivot, rights in _friends().get(word, ()):
            if word in meant or rights.intersection(said):
                continue
            for m, right in enumerate(meant):
                shared = _shared(said, n, meant, m) if right in rights else None
                if shared is not None:
                    first, last = sorted((n, n + shared))
                    message = f"{there[m].group()} → {here[n].group()}: a false friend ({languages.name(pivot)})"
                    yield here[first].start(), here[last].end(), *there[m].span(), pivot, message
                    break
            else:
                continue
            break


def _shared(said: list[str], n: int, meant: list[str], m: int) -> int | None:
    """-1 if the word before is the same on both sides, 1 if the one behind is, else None."""
    for step in (-1, 1):
        if 0 <= n + step < len(said) and 0 <= m + step < len(meant) and said[n + step] == meant[m + step]:
            return step
    return None


def _plain(word: str) -> str:
    return word.lower().replace("’", "'").removesuffix("'s")


@cache
def _friends() -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Form of a false friend to the pivots that leave it and the forms of what is meant."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for false, meant in _entries():
        rights = frozenset(form for word in meant.lexicon for form in _forms(word))
        for form in sorted({form for word in false.lexicon for form in _forms(word)}):
            found.setdefault(form, []).append((str(false.pivot), rights))
    return found


def _entries() -> list[tuple[packs.Entry, packs.Entry]]:
    return [(one, other) for one, other in pairwise(packs.builtin("false_friends").entries) if one.kind == "false-friend"]


def _forms(word: str) -> set[str]:
    """A word with the endings of nouns and regular verbs."""
    stem = word.removesuffix("e")
    endings = {word, f"{word}s", f"{stem}ed", f"{stem}ing", f"{word}es"}
    return endings | ({f"{word[:-1]}ies", f"{word[:-1]}ied"} if word.endswith("y") else set())


@cache
def _meant() -> list[str]:
    """All forms of all words that a false friend stands for."""
    return sorted({form.split("-")[0] for friends in _friends().values() for _, rights in friends for form in rights})


def _holds(column: str, listed: list[str]) -> pl.Expr:
    """True if one of the words stands in a column of words."""
    plain = pl.element().str.replace("['’]s$", "")
    return pl.col(column).list.eval(plain.is_in(listed)).list.any()
