"""A line that stands twice in its document.

Finds the later of two lines, of 25 letters and four words or more (ten characters in Chinese or Japanese), that say the same but
for case, spaces and punctuation: a caption that the page prints once for the picture and once below it, a paragraph pasted
twice, a headline repeated; and a breadcrumb that ends with the page's title.

A line counted twice is aligned twice, and one of the two is then an addition that nobody made.

Hit: a caption directly below itself. No hit: a refrain (two lines far apart and shorter than 40 letters), list entries that
differ in a number, "See also" on every second line.

Limits: lines that differ in a word are `near-duplicate`'s, passages that two documents share `shared-passage`'s.
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
# The same, for the search: counted repetitions cost time.
_CRUMB = r"^[^/>»›|]+[/>»›|]"


# Lines are compared whole only if their beginnings are the same: of a page's lines, one in ten is, and most of the work is saved.
_HEAD, _SLICE = 8, 40


def find(lines: pl.DataFrame) -> pl.DataFrame:
    dense = pl.col("script").is_in(["Hani", "Jpan"])
    rows = lines.filter(pl.col("text").str.len_chars() >= pl.when(dense).then(_HAN).otherwise(_LETTERS))
    heads = rows.with_columns(head=_key(pl.col("text").str.slice(0, _SLICE)).str.head(_HEAD))
    crumbs = heads.filter(pl.col("text").str.contains(_CRUMB))
    keyed = _keyed(heads.filter(pl.len().over("doc", "head") > 1).drop("head"))
    before = pl.col("line").shift(1).over("doc", "key")
    near = (pl.col("line") - before) <= 2
    far = pl.when(dense).then(pl.col("key").str.len_chars() >= 2 * _HAN).otherwise(pl.col("key").str.len_chars() >= _FAR)
    often = pl.len().over("doc", "key") > _OFTEN
    at_once = before == pl.col("line") - 1
    copy = before.is_not_null() & (at_once | ((near | far) & ~often))
    copies = keyed.with_columns(copy=copy).filter(pl.col("copy")).drop("copy", "key")
    copies = copies.with_columns(message=pl.lit("the same line stands earlier in the document"))
    return pl.concat([copies, _crumbs(_keyed(crumbs.drop("head")), heads).select(copies.columns)])


def _key(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", "")


def _keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that are long enough, with `key`: what they say but for case, spaces and punctuation."""
    length = pl.col("key").str.len_chars()
    worded = (length >= _LETTERS) & (pl.col("text").str.count_matches(r"\S+") >= _WORDS)
    long_enough = pl.when(pl.col("script").is_in(["Hani", "Jpan"])).then(length >= _HAN).otherwise(worded)
    return rows.with_columns(key=_key(pl.col("text"))).filter(long_enough)


def _crumbs(crumbs: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Breadcrumbs narrowed to their last part, where that is another line of the document."""
    parted = crumbs.with_columns(title=pl.col("text").str.replace(_CRUMBS, ""))
    parted = parted.filter((pl.col("title") != "") & (pl.col("title") != pl.col("text")))
    parted = parted.with_columns(title_key=_key(pl.col("title")))
    sought = parted.select("doc", head=pl.col("title_key").str.head(_HEAD))
    titles = _keyed(heads.join(sought, on=["doc", "head"], how="semi", maintain_order="left"))
    titles = titles.select("doc", title_key="key", title_line="line")
    found = parted.join(titles, on=["doc", "title_key"], maintain_order="left").filter(pl.col("title_line") != pl.col("line"))
    start = pl.col("end") - pl.col("title").str.len_chars().cast(pl.Int64)
    message = pl.lit("the page's title, repeated at the end of a breadcrumb")
    return found.unique(["doc", "line"], keep="first", maintain_order=True).with_columns(start=start, message=message)
