"""A line that stands twice in its document.

Finds the later of two lines, of 25 letters and four words or more (ten characters in Chinese or Japanese), that say the same but
for case, spaces and punctuation: a caption that the page prints once for the picture and once below it, a paragraph pasted
twice, a headline repeated; and a breadcrumb that ends with the page's title.

A line counted twice is aligned twice, and one of the two is then an addition that nobody made.

Hit: a caption directly below itself. No hit: a refrain (two lines far apart and shorter than 40 letters), list entries that
differ in a number, "See also" on every second line.

Limits: lines that differ in a word are not compared; neither are documents with each other.
"""

import polars as pl

CODE = "ART006"
SEVERITY = "minor"
CATEGORY = "accuracy/addition"
MARKS = "duplicate"

_LETTERS, _WORDS = 25, 4
_HAN = 10

# A line repeated at once is no refrain; one repeated later is only taken for a copy if it is longer than a line of verse.
_FAR = 40
# What comes more often, and not at once, is a refrain, an interviewer's question or the label of every entry.
_OFTEN = 2

_CRUMBS = r"^(?:[^/>»›|]{1,30}\s*[/>»›|]\s*){1,6}"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    keyed = lines.with_columns(key=pl.col("text").str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", ""))
    dense = pl.col("script").is_in(["Hani", "Jpan"])
    long_enough = (
        pl.when(dense)
        .then(pl.col("key").str.len_chars() >= _HAN)
        .otherwise((pl.col("key").str.len_chars() >= _LETTERS) & (pl.col("text").str.count_matches(r"\S+") >= _WORDS))
    )
    rows = keyed.filter(long_enough)
    before = pl.col("line").shift(1).over("doc", "key")
    near = (pl.col("line") - before) <= 2
    far = pl.when(dense).then(pl.col("key").str.len_chars() >= 2 * _HAN).otherwise(pl.col("key").str.len_chars() >= _FAR)
    often = pl.len().over("doc", "key") > _OFTEN
    at_once = before == pl.col("line") - 1
    copy = before.is_not_null() & (at_once | ((near | far) & ~often))
    copies = rows.with_columns(copy=copy).filter(pl.col("copy")).drop("copy", "key")
    copies = copies.with_columns(message=pl.lit("the same line stands earlier in the document"))
    return pl.concat([copies, _crumbs(rows).select(copies.columns)])


def _crumbs(rows: pl.DataFrame) -> pl.DataFrame:
    """Breadcrumbs narrowed to their last part, where that is another line of the document."""
    title = pl.col("text").str.replace(_CRUMBS, "")
    crumbs = rows.filter(pl.col("text").str.contains(_CRUMBS)).with_columns(title=title).filter(title != "")
    crumbs = crumbs.with_columns(title_key=pl.col("title").str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", ""))
    titles = rows.select("doc", title_key="key", title_line="line")
    found = crumbs.join(titles, on=["doc", "title_key"], maintain_order="left").filter(pl.col("title_line") != pl.col("line"))
    start = pl.col("end") - pl.col("title").str.len_chars().cast(pl.Int64)
    message = pl.lit("the page's title, repeated at the end of a breadcrumb")
    return found.unique(["doc", "line"], keep="first", maintain_order=True).with_columns(start=start, message=message)
