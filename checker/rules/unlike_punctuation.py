"""One side ends like a sentence and the other does not, or one has many more sentence ends.

Marks that end a sentence are counted on both sides, each script's own: full stops, question and exclamation marks, dots.

Why it matters: a version that stops without its mark was often cut off, one with a row of marks is rarely a translation.

A hit: "The port reopened on Monday." → "Der Hafen wurde am"; "It rained." → "Es regnete. . . . . . . . ." Not a hit: a headline
without a stop on either side; "It rained." → "下雨了。"

Languages: any but those that write no marks, such as Thai.

Known limits: an abbreviation's point at the end counts as a stop, a colon or semicolon that begins a list is no end.
"""

import polars as pl

from checker.sides import sides, told

CODE = "FID043"
SEVERITY = "info"
CATEGORY = "linguistic-conventions/punctuation"

# What a sentence ends with: a mark, or what closes a quotation or an aside whose mark may stand within or behind.
_END = r"[.!?…。！？؟۔।॥|;:：；\"'”’»“)\]）」』】][\s\u200e\u200f]*$"
# Not the points of numbers and addresses.
_MARK = r"[.!?…](?:[^\p{L}\p{N}]|$)|[。！？؟۔।॥]"

# Marks that one side may have more than the other.
MORE = 4

_UNMARKED = ("th",)


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that end unlike, or of which one has many more marks; the whole of both sides."""
    texts = sides(pairs).with_row_index("row")
    marked = pl.all_horizontal(~pl.col(column).is_in(_UNMARKED) for column in ("lang", "original_lang"))
    ends = {column: pl.col(column).str.contains(_END) for column in ("original_text", "text")}
    worded = pl.all_horizontal(pl.col(column).str.contains(r"\p{L}") for column in ends)
    unlike = ends["original_text"] != ends["text"]
    counts = {column: pl.col(column).str.count_matches(_MARK).cast(pl.Int32) for column in ends}
    more = (counts["original_text"] - counts["text"]).abs() > MORE
    found = texts.filter(marked & (unlike | more) & worded)
    message = (
        pl.when(ends["original_text"] & ~ends["text"])
        .then(pl.lit("the version does not end like the sentence that the original is"))
        .when(unlike)
        .then(pl.lit("the version ends like a sentence, the original does not"))
        .otherwise(pl.format("{} marks that end sentences → {}", counts["original_text"], counts["text"]))
    )
    return told(pairs, found["row"], found.select(message).to_series())
