"""The mark that a rule-based translation engine sets before a word it does not know.

Finds words with asterisks glued before them inside sentences ("told *Ruptly that"), in pages that have several: so Apertium marks
what it could not translate, unless it is told not to; there and back, with two.

No writer sets such marks; a page that has them was translated by a machine, and nobody read it.

Hit: "the ferry of *Kvamsund", "a *blorf and a *smirr", three or more in a page. No hit: "*Prices may vary" that begins a line, "the
*whole* truth", "f*ck", one or two notes with an asterisk.

Limits: the mark says nothing about the language in between. Other engines do not mark what they do not know.
"""

import polars as pl

from checker import spans

CODE = "MTS008"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"

# Words marked in a page, each another, from which it is an engine that marks them: 595 of 609 marked round trips, none of 3,900
# texts that are clean or from engines that do not mark.
_SEVERAL = 3

# An asterisk for each leg of the way on which the word was not known.
_MARKED = r"(?<=[\p{L}\p{N},;:–—\"“(] )\*{1,4}\p{L}[\p{L}\p{M}’'-]*(?![*\p{L}\p{N}])"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    marked = spans.matches(lines, _MARKED, screen=r" \*{1,4}\p{L}")
    word = pl.col("text").str.slice(pl.col("start") - pl.col("line_start"), pl.col("end") - pl.col("start"))
    starts = lines.select("doc", "line", line_start="start")
    words = marked.join(starts, on=["doc", "line"], how="left", maintain_order="left").with_columns(word=word)
    several = words.filter(pl.col("word").n_unique().over("doc") >= _SEVERAL)
    message = "the mark of a rule-based translation engine before a word that it does not know"
    return several.drop("word", "line_start").with_columns(message=pl.lit(message))
