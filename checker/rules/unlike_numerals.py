"""The digits of the two sides are mostly other ones.

Compared are the numerals in digits of any script, without zeros at their ends and without separators: what language they stand in
does not matter, nor what they count.

Why it matters: two sentences with other numbers are rarely translations of each other.

A hit: "Founded in 1987, it has 240 members." → "Создано в 1993 году, 35 членов." Not a hit: "10,500 troops" → "10,5 тысяч солдат";
"12 boats" → "двенадцать лодок"; one of three numerals differs.

Languages: any, of versions that cannot be read in English. Where they can, `lost-number` reads what each number states.

Known limits: numbers in words are not read, and a side that writes all of several numbers so is told; nor is a numeral in another
unit or calendar known for the same.
"""

import polars as pl

from checker.facts import in_english
from checker.sides import sides, told

CODE = "FID042"
SEVERITY = "minor"
CATEGORY = "accuracy/mistranslation"

# Share of the numerals of both sides that must be on both.
ALIKE = 0.5

# Digits that the numerals of each side must have together: with fewer, one number in another form is all. And of one side, where
# the other has none: of FLORES' good pairs (tuning half) 0.18 % have 3, 0.03 % have 4, of pairs of other sentences 18 and 14 %.
LEAST, LEAST_ALONE = 3, 4

_DIGIT = r"[\p{Nd}&&[^0٠۰०]]"
_SEPARATED = (r"(\p{Nd})[.,٫٬'’](\p{Nd})", r"(\p{Nd})[ \u00a0\u202f\u2009](\p{Nd}{3})")

# Digits of the scripts that `checker` knows, to ASCII.
_ZEROS = "٠۰०০੦૦௦౦೦൦๐０"
_PLAIN = {chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)}


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with unlike numerals, the whole of both sides."""
    read = pairs.select(in_english()).to_series()
    texts = sides(pairs).select("original_text", "text").with_row_index("row").filter(~read)
    asked = texts.drop_nulls().filter(pl.any_horizontal(pl.col("original_text", "text").str.contains(_DIGIT)))
    numerals = asked.with_columns(_numerals(asked, column) for column in ("original_text", "text"))
    digits = [pl.col(column).list.join("").str.len_bytes() for column in ("original_text", "text")]
    least, most = pl.min_horizontal(digits), pl.max_horizontal(digits)
    enough = (least >= LEAST) | ((least == 0) & (most >= LEAST_ALONE))
    unlike = numerals.filter((pl.col("original_text") != pl.col("text")) & enough)
    shared = pl.col("original_text").list.set_intersection("text").list.len()
    longer = pl.max_horizontal(pl.col(column).list.len() for column in ("original_text", "text"))
    found = unlike.filter(shared < ALIKE * longer)
    message = pl.format(
        "numerals {} → {}", *(pl.col(column).list.join(" ").str.slice(0, 40) for column in ("original_text", "text"))
    )
    return told(pairs, found["row"], found.select(message).to_series())


def _numerals(texts: pl.DataFrame, column: str) -> pl.Series:
    """The distinct numerals of each text, sorted, in ASCII digits without separators and zeros at the ends."""
    text = pl.col(column)
    plain = texts.select(
        pl.when(text.str.contains(r"[\p{Nd}&&[^0-9]]")).then(text.str.replace_many(_PLAIN)).otherwise(text)
    ).to_series()
    for separated in _SEPARATED:
        plain = plain.str.replace_all(separated, "${1}${2}")
    return plain.str.extract_all(r"[1-9](?:\d*[1-9])?").list.unique().list.sort().alias(column)
