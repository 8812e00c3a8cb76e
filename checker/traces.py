"""Where in a back-translation stands what a finding about a pair says is there: the rule read that, not the words of the page."""

import re

import polars as pl

# What was compared stands behind the arrow, or is all that was added; a few rules say behind a colon what kind of difference it is.
_SAID = re.compile(r".* → (?P<became>.+)|number added: (?P<added>.+)", re.DOTALL)


def places(message: str, back: str) -> list[tuple[int, int]]:
    """Half-open offsets in the back-translation of the words that the message says are there; none where they cannot be told."""
    said = _SAID.fullmatch(message)
    words = (said["became"] or said["added"]) if said else ""
    for asked in dict.fromkeys((words, words.rsplit(": ", maxsplit=1)[0])):
        # Not within a longer word or number.
        pattern = rf"(?<!\w)(?<!\d[.,]){re.escape(asked)}(?!\w)(?![.,]\d)"
        if asked and (found := [match.span() for match in re.finditer(pattern, back)]):
            return found
    return []


def traces(findings: pl.DataFrame, sentences: pl.DataFrame) -> pl.DataFrame:
    """back, places and whole of each row of `tables.FINDINGS`, in their order.

    `back` is the back-translation that a rule of pairs read, null where it read the page; `places` are those in it, and `whole` is
    true where the finding names the whole sentence of the page, because no rule can tell which of its words these are.
    """
    asked = findings.with_row_index("row").filter(pl.col("original_start").is_not_null(), pl.col("start") < pl.col("end"))
    backs = sentences.filter(pl.col("back").is_not_null(), pl.col("start").is_not_null(), pl.col("original_start").is_not_null())
    backs = backs.select("doc", "original", "start", "back", first="start", last="end").sort("start")
    joined = asked.sort("start").join_asof(backs, on="start", by=["doc", "original"], check_sortedness=False)
    read = joined.filter(pl.col("start") < pl.col("last"))
    whole = (pl.col("start") == pl.col("first")) & (pl.col("end") == pl.col("last"))
    read = read.select("row", "back", "message", whole=whole)
    # A loop: each message has a pattern of its own.
    found = [places(message or "", back) for message, back in read.select("message", "back").iter_rows()]
    read = read.with_columns(pl.Series("places", found, dtype=pl.List(pl.List(pl.Int64)))).drop("message")
    rows = findings.with_row_index("row").select("row")
    rows = rows.join(read, on="row", how="left", maintain_order="left")
    return rows.select("back", "places", pl.col("whole").fill_null(value=False))
