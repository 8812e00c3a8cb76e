"""A line that stands twice in its document, but for a word or two.

Finds the later of two lines or paragraphs, of eight words or more (24 characters in Chinese or Japanese), that begin or end alike
and differ in at most two words, or an eighth of them: a caption edited in one of its places, a paragraph that was pasted, then
corrected. Lines that are the same are `duplicate-line`'s.

Two states of one sentence are aligned with the same original sentence, and one of them is outdated.

Hit: "The old pier closed in May after the storm." below "The old pier was closed in May after the storm." No hit: entries of a
list or table that differ in a number or a name, a phrase that many lines share, a refrain.

Limits: lines that differ in their first and in their last words are not compared.
"""

import polars as pl
import regex

CODE = "ART008"
SEVERITY = "info"
CATEGORY = "accuracy/addition"
LAYOUT = True

_CHARACTERS, _WORDS, _DENSE_WORDS = 40, 8, 24
_DENSE = ["Hani", "Jpan"]

# Two lines are compared if so many letters at their beginning or end are the same: four or five words.
_EDGE, _DENSE_EDGE = 24, 10
_SLICE = 48

# They are nearly the same if no more words differ on either side than two, or one in eight.
_FEW, _SHARE = 2, 8

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]|[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’-]*")


def find(lines: pl.DataFrame) -> pl.DataFrame:
    dense = pl.col("script").is_in(_DENSE)
    length = pl.col("text").str.len_chars()
    rows = lines.filter((length >= _CHARACTERS) | (dense & (length >= _DENSE_WORDS)))
    edge = pl.when(dense).then(_DENSE_EDGE).otherwise(_EDGE)
    rows = rows.with_columns(
        opens=_letters(pl.col("text").str.slice(0, _SLICE)).str.head(edge),
        closes=_letters(pl.col("text").str.tail(_SLICE)).str.tail(edge),
    )
    pairs = pl.concat([_alike(rows, "opens"), _alike(rows, "closes")]).unique(["doc", "line"], keep="first", maintain_order=True)
    # Few pairs are left: which words differ is a matter of multisets, row by row.
    said = [_differ(text, other) for text, other in pairs.select("text", "other").iter_rows()]
    found = pairs.with_columns(message=pl.Series(said, dtype=pl.String)).drop_nulls("message")
    return found.select(*lines.columns, "message")


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", "")


def _alike(rows: pl.DataFrame, edge: str) -> pl.DataFrame:
    """The second of two lines of a document that share an edge, with the first's text as `other`; three or more are a template."""
    shared = rows.filter(pl.len().over("doc", edge) == 2)
    other = pl.col("text").shift(1).over("doc", edge)
    return shared.sort("doc", "start").with_columns(other=other).drop_nulls("other").drop("opens", "closes")


def _differ(text: str, other: str) -> str | None:
    """What differs, if it is little and no number or name, nor nothing at all."""
    here, there = (_TOKEN.findall(line.replace("’", "'")) for line in (text, other))
    few = max(_FEW, min(len(here), len(there)) // _SHARE)
    if min(len(here), len(there)) < _WORDS or abs(len(here) - len(there)) > few:
        return None
    new, old = _without(here, there), _without(there, here)
    changed = [*new, *old]
    if not changed or max(len(new), len(old)) > few or any(word[0].isupper() or regex.search(r"\p{N}", word) for word in changed):
        return None
    return f"nearly the same line stands earlier in the document: {_quoted(new)} here, {_quoted(old)} there"


def _without(words: list[str], others: list[str]) -> list[str]:
    """The words, each as often as it is not among the others."""
    left = [word.lower() for word in others]
    kept = []
    for word in words:
        if word.lower() in left:
            left.remove(word.lower())
        else:
            kept.append(word)
    return kept


def _quoted(words: list[str]) -> str:
    return f"“{' '.join(words)}”" if words else "nothing"
