"""A word that the translation engine does not know stands in the back-translation as it is.

Finds, in versions that were translated back by an engine which says what it does not know (Apertium), each such word: the sentence
was compared without it, so that its fidelity is lower than the version deserves, or blind to what the word says.

Hit: "El *tranvía* llega a *Kvamsund*", where the engine knows neither. No hit: a word that the engine translated, however badly;
versions that a memory or a neural engine translated, which do not say what they do not know.

Limits: where an engine goes through a third language and does not know a word of that, the whole sentence is the evidence.
Names are unknown words, too.
"""

import polars as pl
import regex

CODE = "FID020"
SEVERITY = "info"
CATEGORY = "accuracy/untranslated"


def find(translated: pl.DataFrame) -> pl.DataFrame:
    """A loop over the segments that have such words, for each has its own."""
    rows = [
        (row["doc"], row["start"] + start, row["start"] + end, f"the engine does not know {word!r}")
        for row in translated.drop_nulls("unknown").iter_rows(named=True)
        for word in row["unknown"].split(" ")
        for start, end in _places(word, row["text"])
    ]
    schema = {"doc": pl.String, "start": pl.Int64, "end": pl.Int64, "message": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _places(word: str, text: str) -> list[tuple[int, int]]:
    """Where the word stands in the text by itself; the whole text where it does not."""
    found = [match.span() for match in regex.finditer(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(word)}(?![\p{{L}}\p{{N}}])", text)]
    return found or [(0, len(text))]
