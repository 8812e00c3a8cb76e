"""A version is much shorter or longer than its original usually becomes.

Lengths are counted in letters of an alphabet, an ideograph or a syllable for several; what is usual is known for the translation
from and into each language, and how much it varies.

Why it matters: half of a sentence is missing or was made up, or the two are no translations of each other.

A hit: "The commission approved the plan after two years of debate, its chairwoman said on Monday in Lisbon." → "Die Kommission
stimmte dem zu." Not a hit: the same → "Die Kommission billigte den Plan nach zweijähriger Debatte, wie ihre Vorsitzende am Montag
in Lissabon sagte."; "Yes." → "Ja, das stimmt."

Any language; of 16 it is known what they take, the others are judged by the middle of these.

Known limits: a short sentence may become twice as long; a clause that is missing from a long one is not noticed.
"""

import polars as pl

from checker.lengths import SHORT_VARIES, usual, widths
from checker.sides import SIDES, sides, told

CODE = "FID040"
SEVERITY = "minor"
CATEGORY = "accuracy/omission"

# Times the usual length below and above which a version is told, and by how many usual deviations it must differ besides. Of human
# translations of FLORES into 15 languages (tuning half) 0.2 % are told, 0.8 % in the worst of them, 89 % of halves and 29 % of
# other sentences; with .6, 1.7 and 3 it is 0.1, 85 and 25, with .65, 1.5 and 2.5 0.5 (1.5 in the worst), 94 and 35
# (`bench/filters.py`).
SHORT, LONG = 0.62, 1.6
DEVIATIONS = 2.8


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of uneven length, the whole of both sides."""
    measured = lengths(pairs).with_row_index("row")
    deviation = pl.col("times").log() / pl.col("spread")
    uneven = ((pl.col("times") < SHORT) & (deviation < -DEVIATIONS)) | ((pl.col("times") > LONG) & (deviation > DEVIATIONS))
    found = measured.filter(uneven & pl.col("both"))
    message = pl.format("is {} times as long as it usually would be", pl.col("times").round(2))
    return told(pairs, found["row"], found.select(message).to_series())


def lengths(pairs: pl.DataFrame) -> pl.DataFrame:
    """Of each pair: `times` the version is as long as it usually would be, the spread of the log of that, `both` have words."""
    texts = sides(pairs)
    usually = {code: usual(code) for _, column in SIDES.values() for code in ("en", *texts[column].unique())}
    center, spread = (
        {
            name: pl.col(name).replace_strict({code: both[n] for code, both in usually.items()}, return_dtype=pl.Float64)
            for _, name in SIDES.values()
        }
        for n in (0, 1)
    )
    widths_of = {name: widths(texts[column]) for column, name in SIDES.values()}
    expected = pl.lit(widths_of["original_lang"]) * (center["original_lang"] - center["lang"]).exp() + 1
    # The table is of translations into English, whose own spread is in that of the other language.
    other = pl.when(pl.col("original_lang") == "en").then(0.0).otherwise(spread["original_lang"])
    return texts.select(
        times=(pl.lit(widths_of["lang"]) + 1) / expected,
        spread=(spread["lang"] ** 2 + other**2 + SHORT_VARIES / expected).sqrt(),
        both=(pl.lit(widths_of["lang"]) > 0) & (pl.lit(widths_of["original_lang"]) > 0),
    )
