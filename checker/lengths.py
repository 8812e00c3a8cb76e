"""How long translations usually are: lengths in letters of an alphabet, and what each language takes to say the same."""

import polars as pl

from checker.languages import SCRIPT_OF

WIDE = r"\p{Han}\p{Hiragana}\p{Katakana}"
"""Letters of a character class that are a word or a syllable each."""

# How many letters of English one letter takes, for scripts that write a word or a syllable in one; and Latin letters in such a
# text, which gloss a name that the text has already. Fitted to zh and ja with FLORES as `USUAL` was (spreads from .191 and .169 to
# .152 and .149); Hangul by hand.
HAN, _KANA, _HANGUL, _GLOSS = 3.6, 1.6, 2.0, 0.5

# Language to the log of how much longer its English translation is, in the widths above, and the spread of that (1.4826 times the
# median deviation): FLORES dev through all recorded engines, sentences of even number.
USUAL = {
    "ar": (0.14, 0.141),
    "da": (-0.01, 0.091),
    "de": (-0.14, 0.1),
    "el": (-0.14, 0.105),
    "en": (0.0, 0.1),
    "es": (-0.12, 0.111),
    "fa": (0.06, 0.14),
    "fr": (-0.16, 0.104),
    "he": (0.26, 0.131),
    "hi": (-0.01, 0.132),
    "it": (-0.11, 0.103),
    "ja": (0.08, 0.149),
    "ru": (-0.05, 0.122),
    "tr": (-0.04, 0.129),
    "uk": (-0.01, 0.111),
    "zh": (0.0, 0.152),
}

# For other languages, by script: set by hand to the middle of the table, with a spread at its wide end.
_USUAL_OF_SCRIPT = {"Hani": (0.0, 0.2), "Jpan": (0.0, 0.2), "Kore": (0.0, 0.2)}
_USUAL_OTHERWISE = (-0.05, 0.16)


def usual(lang: str) -> tuple[float, float]:
    return USUAL.get(lang) or _USUAL_OF_SCRIPT.get(SCRIPT_OF.get(lang, ""), _USUAL_OTHERWISE)


def width(text: str) -> float:
    return float(widths(pl.Series([text]))[0])


def widths(texts: pl.Series) -> pl.Series:
    """Length of each text in letters of an alphabet."""
    text = pl.col("text")
    frame = texts.str.strip_chars().to_frame("text").with_columns(width=text.str.len_chars().cast(pl.Float64))
    ascii_only = text.str.len_bytes() == text.str.len_chars()  # the search for wide letters takes longer than all the rest
    held = frame.with_row_index("row").filter(~ascii_only).filter(text.str.contains(rf"[{WIDE}\p{{Hangul}}]"))
    wide = held.select(
        "row",
        han=text.str.count_matches(r"\p{Han}"),
        kana=text.str.count_matches(r"[\p{Hiragana}\p{Katakana}ー]"),
        hangul=text.str.count_matches(r"\p{Hangul}"),
        width="width",
    )
    letters = pl.col("han") + pl.col("kana") + pl.col("hangul")
    narrow = pl.col("width") - letters
    narrow = pl.when(letters * 2 > narrow).then(narrow * _GLOSS).otherwise(narrow)
    own = wide.select(own=pl.col("han") * HAN + pl.col("kana") * _KANA + pl.col("hangul") * _HANGUL + narrow)
    return frame["width"].scatter(wide["row"], own["own"])


# What the lengths of short texts vary by more: variance of the log ratio, times their letters.
SHORT_VARIES = 1.5
