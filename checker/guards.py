"""Guards: what speaks against trusting a machine translation, told from the text, its translation and the model's score alone.

An engine fails in few ways: it gives nothing, loops, copies what it was given, answers in another language, breaks off, makes
text up, drops a number. Each guard looks for one of them in all answers at once; only what its screen leaves is read row by row.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice
from typing import Any

import numpy as np
import polars as pl
import regex
from numpy.typing import NDArray

from checker import frequencies
from checker.facts import Number, anywhere, numbers
from checker.languages import COMMON_SCRIPT, SCRIPT_OF, SCRIPTS, UNDETERMINED, identified, name, scripts
from checker.lengths import HAN, SHORT_VARIES, WIDE, usual, width, widths

# Letters that are a word or a syllable each: no space stands between the words of these scripts.
_UNSPACED = WIDE + r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"


def objections(answers: pl.DataFrame, target: str) -> pl.Series:
    """Why each translation cannot be trusted, in a few words; null where nothing speaks against it.

    `answers` holds source (ISO 639-1 language of the text), text, back (its translation, never null) and score (mean natural
    log-probability of its tokens, null where the engine tells none); `target` is the language asked for. One reason a row, of the
    first guard that objects, in the order of `_GUARDS`. Any text is allowed; time is linear in its length.
    """
    if answers.is_empty():
        return pl.Series("objection", dtype=pl.String)
    rows = answers.select("source", pl.col("text").fill_null(""), pl.col("back").fill_null(""), "score")
    found = [guard(rows, target).alias(str(number)) for number, guard in enumerate(_GUARDS)]
    return pl.DataFrame(found).select(objection=pl.coalesce(pl.all()))["objection"]


# --- nothing --------------------------------------------------------------------------------------------------------------

_READABLE = r"[\p{L}\p{N}]"


def _nothing(rows: pl.DataFrame, _: str) -> pl.Series:
    """A translation without a letter or digit, of a text with one."""
    empty = ~pl.col("back").str.contains(_READABLE) & pl.col("text").str.contains(_READABLE)
    return rows.select(reason=pl.when(empty).then(pl.lit("gave nothing to read")))["reason"]


# --- loops ----------------------------------------------------------------------------------------------------------------

# Words, and the marks that end a sentence: "The end. The end is near" repeats nothing, "The end. The end. The end." does.
_TOKEN = rf"[{_UNSPACED}]|[\p{{L}}\p{{M}}\p{{N}}]+|[.!?…。！？؟।۔]+"
# Some engines give back entities of HTML, which count as the sign they stand for.
_ENTITY = r"&#?\w{1,8};"
_LETTER = regex.compile(r"\p{L}")

# Words of a text that tell whether its script is written without spaces; characters in which its own repetition is sought, which
# stand for the rest.
_SAMPLE = 400
_OWN = 50_000

# Longest phrase, in words, and longest part of a word, in letters, whose repetition is looked for: set by hand to what loops of
# FLORES and reports of engines' users show, as is what follows.
_LONGEST_PHRASE = 8
_LONGEST_PART = 12

# Tokens of a phrase that is sought where it is scattered; the times it must be there, and the share of the tokens it must fill.
_SCATTERED = 4
_SCATTERED_TIMES = 3
_SCATTERED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class _Loop:
    """What a row's translation repeats: a unit of tokens and how often it stands there."""

    row: int
    unit: tuple[str, ...]
    times: int
    kind: str = "row"
    """`row`: words in a row; `part`: the parts of one word; `scattered`: between other words."""

    @property
    def size(self) -> int:
        """Letters of the unit."""
        return sum(map(len, self.unit))


def _loops(rows: pl.DataFrame, target: str) -> pl.Series:
    """A word three times in a row, a phrase twice, a part of a word over and over, where the text repeats nothing like it."""
    reasons: list[str | None] = [None] * rows.height
    rows = rows.with_columns(pl.col("back").str.replace_all(_ENTITY, " "))
    tokens = _tokens(rows["back"])
    for loop in (*_in_a_row(tokens), *_within_words(tokens), *_scattered(tokens)):  # one row in a hundred
        source, text, back = rows.row(loop.row)[:3]
        if reasons[loop.row] is None and not _apposed(back, loop):
            shown = _shown(back, loop)
            near = loop.kind == "part" or (loop.kind == "row" and _side_by_side(back, loop))
            if loop.times > _own_repeats(text, source, target, shown, within_words=loop.kind != "row", near=near):
                reasons[loop.row] = f'repeats "{_short(shown)}" {loop.times} times'
    return pl.Series(reasons, dtype=pl.String)


def _tokens(texts: pl.Series) -> pl.DataFrame:
    """row, token and code (its hash) of each token of the texts, in order."""
    found = texts.str.to_lowercase().str.extract_all(_TOKEN).alias("token").to_frame().with_row_index("row")
    return found.explode("token").drop_nulls("token").with_columns(code=pl.col("token").hash(0))


def _in_a_row(tokens: pl.DataFrame) -> Iterator[_Loop]:
    """Words three times in a row and phrases twice, the longest repetition of each row and period."""
    row, code = tokens["row"].to_numpy(), tokens["code"].to_numpy()
    for period in range(1, _LONGEST_PHRASE + 1):
        starts, lengths = _runs(row, code, period)
        times = lengths // period + 1
        enough = times >= (3 if period == 1 else 2)
        for start, count in _longest(row, starts[enough], times[enough]):
            unit = tuple(tokens["token"][start : start + period])
            if _counts_as_loop(unit, count):
                yield _Loop(int(row[start]), unit, count)


def _counts_as_loop(unit: Sequence[str], times: int) -> bool:
    """Lists of numbers and rows of dots are no loops, nor is a short phrase said twice, or one such as "more and more and"."""
    letters = len(_LETTER.findall("".join(islice(unit, 64))))
    if times > 2:
        return letters > 0
    return letters >= 6 and len(set(unit)) > 1 and (len(unit) > 2 or len(unit[1]) >= 4)


def _runs(
    owner: NDArray[np.uint32], code: NDArray[np.unsignedinteger[Any]], period: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where a code is the one `period` earlier, in the same text: first place of the unit, and how many in a row are so."""
    same = np.zeros(max(len(code) - period, 0) + 2, np.int8)
    same[1:-1] = (code[period:] == code[:-period]) & (owner[period:] == owner[:-period]) if len(code) > period else 0
    edges = np.diff(same)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return starts, ends - starts


def _longest(owner: NDArray[np.uint32], starts: NDArray[np.int64], times: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Start and count of the most repeated unit of each text."""
    found = pl.DataFrame({"row": owner[starts], "start": starts, "times": times}).sort("times", "start", descending=[True, False])
    return found.unique("row", keep="first", maintain_order=True).sort("row").select("start", "times").rows()


def _within_words(tokens: pl.DataFrame) -> Iterator[_Loop]:
    """Words that are made of one part over and over: smaedededed, mainstreammainstream."""
    words = tokens.select("token").unique(maintain_order=True).filter(pl.col("token").str.contains(r"^[\p{L}\p{M}]{6,}$"))["token"]
    letters = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    lengths = words.str.len_chars().to_numpy()
    owner, first = np.repeat(np.arange(len(words), dtype=np.uint32), lengths), np.cumsum(lengths) - lengths
    parts: dict[str, tuple[str, int]] = {}
    for period in range(1, _LONGEST_PART + 1):
        starts, run = _runs(owner, letters, period)
        times = run // period + 1
        enough = times >= _times_within(period)
        for start, count in _longest(owner, starts[enough], times[enough]):
            word, place = words[int(owner[start])], start - int(first[owner[start]])
            parts.setdefault(word, (word[place : place + period], count))
    times_of = pl.DataFrame(
        {"token": list(parts), "times": [count for _, count in parts.values()]}, schema={"token": pl.String, "times": pl.Int64}
    )
    held = tokens.join(times_of, on="token", maintain_order="left").sort("times", descending=True, maintain_order=True)
    for row, word in held.unique("row", keep="first", maintain_order=True).select("row", "token").iter_rows():
        yield _Loop(row, (parts[word][0],), parts[word][1], "part")


def _times_within(period: int) -> int:
    """How often a part of so many letters must follow itself: names hold nana and koko, interjections aaah and hahaha."""
    return 6 if period == 1 else 4 if period == 2 else 3 if period < 6 else 2


def _scattered(tokens: pl.DataFrame) -> Iterator[_Loop]:
    """A phrase that comes again and again between others and fills a good part of its text."""
    row, code = tokens["row"].to_numpy(), tokens["code"].to_numpy()
    if len(code) < _SCATTERED:
        return
    count = len(code) - _SCATTERED + 1
    phrase = np.zeros(count, np.uint64)
    for place in range(_SCATTERED):
        phrase = phrase * np.uint64(0x9E3779B97F4A7C15) + code[place : place + count]
    whole = row[:count] == row[_SCATTERED - 1 :]
    found = pl.DataFrame({"row": row[:count], "phrase": phrase, "start": np.arange(count)}).filter(pl.Series(whole))
    times = found.group_by("row", "phrase").agg(pl.len().alias("times"), pl.col("start").min())
    sizes = tokens.group_by("row").agg(size=pl.len())
    most = times.filter(pl.col("times") >= _SCATTERED_TIMES).join(sizes, on="row")
    most = most.filter(pl.col("times") * _SCATTERED >= _SCATTERED_SHARE * pl.col("size"))
    for number, start, count in most.sort("row", "start").select("row", "start", "times").iter_rows():
        unit = tuple(tokens["token"][start : start + _SCATTERED])
        if _counts_as_loop(unit, 2):
            yield _Loop(number, unit, count, "scattered")


# Longest unit, in letters, that is sought as the translation writes it.
_SHOWN = 200

# Marks between the words of a unit, one of which may be the end of a sentence; and behind it.
_BETWEEN, _BEHIND = r"[^\p{L}\p{N}]{0,20}?", r"[^\p{L}\p{N}]*+"


def _shown(back: str, loop: _Loop) -> str:
    """The unit as the translation first writes it."""
    if loop.size > _SHOWN:
        return " ".join(loop.unit)[:_SHOWN]
    pattern = _BETWEEN.join(regex.escape(token) for token in loop.unit)
    found = regex.search(pattern, back, regex.IGNORECASE)
    return found[0] if found else " ".join(loop.unit)


def _apposed(back: str, loop: _Loop) -> bool:
    """True where what is said twice is no slip: "of oil exports, oil exports make", "kept and preserved, and".

    A slip repeats the marks within as well, and has the same behind it as between: nothing but spaces, or a mark.
    """
    if loop.times > 2 or loop.size > _SHOWN:
        return False
    unit = _BETWEEN.join(regex.escape(token) for token in loop.unit)
    found = regex.search(rf"({unit})({_BETWEEN})({unit})({_BEHIND})", back, regex.IGNORECASE)
    if not found or found[1].lower() != found[3].lower():
        return True
    between, behind = (regex.sub(r"[\s'’-]", "", found[group]) for group in (2, 4))
    return bool(between) and not behind


def _side_by_side(back: str, loop: _Loop) -> bool:
    """True where nothing but spaces and hyphens is between what is repeated."""
    return loop.size > _SHOWN or bool(
        regex.search(r"[\s-]*+".join(regex.escape(token) for token in loop.unit * 2), back, regex.IGNORECASE)
    )


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# Share of its expected length at which a stretch of the text can stand for what the translation repeats: inflection and synonyms
# leave that much of a word alike. And how far, in expected lengths and letters, it may be to the next that it repeats in a row.
_ALIKE = 0.6
_REACH, _REACH_LETTERS = 2.5, 4


def _own_repeats(text: str, source: str, target: str, unit: str, *, within_words: bool, near: bool) -> int:
    """How often the text itself repeats what may be the unit, near by or anywhere; or one more than it holds the unit itself."""
    words = regex.findall(_WORD, text[:_OWN].lower())
    wide = sum(regex.match(rf"[{WIDE}]", word) is not None for word in words[:_SAMPLE]) * 2 > len(words[:_SAMPLE])
    size = width(unit) * np.exp(usual(target)[0] - usual(source)[0]) / (HAN if wide else 1.0)
    length = max(min(2, round(size)) if wide else 3, round(_ALIKE * size), 1)
    reach = _REACH * size + _REACH_LETTERS if near else float("inf")
    joined = ("" if wide else " ").join([*words, ""])
    starts = accumulate((len(word) + 1 for word in words), initial=0) if not (wide or within_words) else range(len(joined))
    verbatim = len(regex.findall(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(unit)}(?![\p{{L}}\p{{N}}])", text[:_OWN], regex.IGNORECASE))
    most = max(_repeats(joined, starts, length, reach), verbatim + 1 if verbatim else 0)
    return most if most < 2 else round(most * max(1.0, len(text) / _OWN))


def _repeats(text: str, starts: Iterable[int], length: int, reach: float) -> int:
    """How often at most a stretch of some length that begins at one of the starts is there again within reach of the last."""
    seen: dict[str, tuple[int, int]] = {}
    most = 1
    for place in starts:
        stretch = text[place : place + length]
        last, count = seen.get(stretch, (0, 0))
        if len(stretch) == length and (not count or place - last >= length):
            seen[stretch] = place, count + 1 if count and place - last <= reach else 1
            most = max(most, seen[stretch][1])
    return most


# --- language -------------------------------------------------------------------------------------------------------------

# Share of a text's words that are among the hundred most frequent of its language: English translations of FLORES hold 0.2 to 0.7
# (99 in 100). What holds fewer is worth asking which language it is in; lists of names do as well.
_FREQUENT_SHARE = 0.15

# Posterior from which a translation is in another language than asked, and the letters of an alphabet that it must have.
_SURE = 0.95
_ENOUGH = 12
# Japanese without kana is a name or a headline up to ten ideographs; what is longer is Chinese.
_ENOUGH_WITHOUT_KANA = 36

# Share of a translation that is in its own script, most letters being foreign: a short sentence about long names.
_OWN_SHARE = 0.2

# Share of its words that a translation has from the text, from which it is a copy.
_COPIED = 0.7

_WORD = rf"[{_UNSPACED}]|[\p{{L}}\p{{M}}\p{{N}}]+"

# What is quoted or put in brackets may be in any language.
_ASIDE = r"""\([^()]*\)|（[^（）]*）|"[^"]*"|“[^“”]*”|«[^«»]*»|「[^「」]*」"""

# Characters of a text that are read for its language.
_READ = 5_000


def _languages(rows: pl.DataFrame, target: str) -> pl.Series:
    """The text itself in place of its translation, or a language that was not asked for.

    Names, numbers, labels and words that both languages write alike are legitimate copies: what is told is the language.
    """
    frame = rows.select("source", *(pl.col(side).str.slice(0, _READ) for side in ("text", "back"))).with_row_index("row")
    bare = pl.col("back").str.replace_all(_ASIDE, " ")
    frame = frame.with_columns(back=pl.when(bare.str.contains(r"\p{L}")).then(bare).otherwise("back"))
    asked = frame.with_columns(script=scripts(frame["back"]), share=_frequent_share(frame["back"], target))
    own = pl.col("script").is_in(_scripts_of(target))
    asked = asked.with_columns(own=own).filter((pl.col("script") != COMMON_SCRIPT) & (~own | (pl.col("share") < _FREQUENT_SHARE)))
    told = asked.filter(pl.Series(widths(asked["back"]) >= _ENOUGH)).filter(~_all_capitals())
    found = identified(told["back"], told["script"])
    told = told.with_columns(lang=found["lang"], posterior=found["score"]).filter(pl.col("lang") != UNDETERMINED)
    reasons: list[str | None] = [None] * rows.height
    for row in told.iter_rows(named=True):  # a few in a thousand
        if _is_foreign(row, target):
            reasons[row["row"]] = (
                "copies the source" if _is_copy(row["text"], row["back"]) else f"is in {name(row['lang'])}, not {name(target)}"
            )
    return pl.Series(reasons, dtype=pl.String)


def _scripts_of(lang: str) -> list[str]:
    """Scripts that a language is written in: Japanese also in ideographs alone."""
    script = SCRIPT_OF.get(lang, "Latn")
    return [script, "Hani"] if script == "Jpan" else [script]


def _all_capitals() -> pl.Expr:
    """True where each word begins with a capital or a digit: names, and labels."""
    return ~pl.col("back").str.contains(r"(?:^|[^\p{L}\p{M}\p{N}'’])[\p{L}&&[^\p{Lu}\p{Lt}]]")


def _frequent_share(texts: pl.Series, lang: str) -> pl.Series:
    """Share of each text's words that are frequent in a language; 0 where words are not told apart or the language has no list."""
    words = texts.str.to_lowercase().str.extract_all(r"[\p{L}\p{M}\p{N}]+").alias("word").to_frame().with_row_index("row")
    held = words.explode("word").drop_nulls("word").group_by("row").agg(share=pl.col("word").is_in(_frequent(lang)).mean())
    return words.join(held, on="row", how="left", maintain_order="left")["share"].fill_null(0.0)


@cache
def _frequent(lang: str) -> tuple[str, ...]:
    """The hundred most frequent words of a language whose words are told apart by spaces."""
    return (
        tuple(frequencies.frequent(lang))
        if frequencies.listed(lang) and SCRIPT_OF.get(lang) not in ("Hani", "Jpan", "Thai")
        else ()
    )


def _is_foreign(row: dict[str, Any], target: str) -> bool:
    """Whether a doubtful translation is surely in another language than the target's."""
    if not row["own"]:
        own = "".join(regex.findall("|".join(SCRIPTS[script] for script in _scripts_of(target)), row["back"]))
        return width(own) < _OWN_SHARE * width(row["back"])
    if SCRIPT_OF.get(target) in ("Hani", "Jpan"):
        return target == "ja" and row["script"] == "Hani" and width(row["back"]) >= _ENOUGH_WITHOUT_KANA
    if row["lang"] == target or row["posterior"] < _SURE:
        return False
    return not _frequent(row["lang"]) or _frequent_share(pl.Series([row["back"]]), row["lang"])[0] > row["share"]


def _is_copy(text: str, back: str) -> bool:
    given, made = (set(regex.findall(_WORD, side.lower())) for side in (text, back))
    return len(given & made) >= _COPIED * len(made)


# Share of its words that a translation left as they were, and how many at least: 43 of FLORES' 70,787 translations, all by NLLB
# from Danish and Turkish, and all of them half translated.
_LEFT_SHARE = 0.1
_LEFT = 3

# How common (Zipf scale) a word of the target's language is at least.
_KNOWN = 2.5


def _untranslated(rows: pl.DataFrame, target: str) -> pl.Series:
    """Words of the text that stand in the translation as they were, too many for names, and that its language does not know."""
    if target not in frequencies.LANGUAGES:
        return pl.Series([None] * rows.height, dtype=pl.String)
    word = r"[\p{L}\p{M}]+"
    frame = rows.with_row_index("row").select(
        "row", words=pl.col("back").str.extract_all(word), own=pl.col("text").str.extract_all(word)
    )
    held = frame.select("row", size=pl.col("words").list.len(), word=pl.col("words").list.set_intersection("own"))
    held = held.explode("word").filter(pl.col("word").str.contains(r"^\p{Ll}{3,}$"))
    strange = held.select(pl.col("word").unique())
    strange = strange.filter(frequencies.known(strange["word"], target) < _KNOWN)
    grouped = held.join(strange, on="word", how="semi", maintain_order="left").group_by("row", maintain_order=True)
    left = grouped.agg("word", pl.col("size").first()).with_columns(count=pl.col("word").list.len())
    left = left.filter((pl.col("count") >= _LEFT) & (pl.col("count") >= _LEFT_SHARE * pl.col("size")))
    shown = pl.format("leaves {} words as they were: {}", "count", pl.col("word").list.sort().list.head(3).list.join(", "))
    return frame.select("row").join(left.select("row", reason=shown), on="row", how="left", maintain_order="left")["reason"]


# --- length ---------------------------------------------------------------------------------------------------------------

# A translation of less than this share of its usual length has lost about two fifths of the text or more, one beyond the other has
# made up as much; and by how many usual deviations it must differ, so that no language is accused for being terse. Of FLORES'
# sentences of even number, read one by one, 3.3 told 65: 58 had lost two fifths, 4 less, 3 nothing; 3.5 told 55 (51, 3, 1), 4 told
# 38, all right. Length alone tells no more: half a sentence that is lost from a wordy one leaves a terse one.
_SHORT, _LONG = 0.62, 2.2
_DEVIATIONS = 3.3

# Where a sentence is missing, or the mark at the end, less will do: 51 more were told, 49 of them rightly; with 0.8 and 1.7 half of
# what came in besides were two sentences made one.
_INCOMPLETE = 0.72
_DEVIATIONS_INCOMPLETE = 2.2

# Letters that a text must have for a lost sentence to be told.
_SENTENCES = 40

# The end of a sentence: not behind an initial or a title such as Dr. and Mrs., where another word follows.
_END = (
    r"""(?:[^\p{Lu}]\p{Ll}{2}|[\p{Lo}\p{M}]{2}|\p{Lu}{3}|[IVX]{2}|[\p{N})\]"'”’»])[.!?…؟।۔]+["'”’»)\]]*\s"""
    r"""|[.!?…؟।۔]["'”’»)\]\s]*$|[。！？]"""
)


def _lengths(rows: pl.DataFrame, target: str) -> pl.Series:
    """A translation much shorter or longer than usual, or rather short and without one of the text's sentences or its end."""
    measured = _measured(rows, target)
    times, deviations = pl.col("deviation").exp(), pl.col("deviation") / pl.col("spread")
    absurd = (times < _SHORT) & (deviations < -_DEVIATIONS) | (times > _LONG) & (deviations > _DEVIATIONS)
    incomplete = (times < _INCOMPLETE) & (deviations < -_DEVIATIONS_INCOMPLETE) & (pl.col("expected") >= _SENTENCES)
    is_long = pl.format("is {} times as long as it should be", times.round(2))
    return measured.select(
        reason=pl.when(absurd)
        .then(is_long)
        .when(incomplete & (pl.col("made") < pl.col("given")))
        .then(
            pl.when(pl.col("made") == 0)
            .then(pl.format("breaks off and {}", is_long))
            .otherwise(pl.format("has {} of {} sentences and {}", "made", "given", is_long))
        )
    )["reason"]


def _measured(rows: pl.DataFrame, target: str) -> pl.DataFrame:
    """deviation (log of length to what it should be), spread (what it usually varies by), expected length, sentences of both."""
    usually = {lang: usual(lang) for lang in rows["source"].unique()}
    center, spread = (
        rows["source"].replace_strict({lang: u[n] for lang, u in usually.items()}, return_dtype=pl.Float64) for n in (0, 1)
    )
    own, own_spread = usual(target)
    rows = rows.with_columns(pl.col("text", "back").str.replace_all(_ENTITY, "'"))
    expected = widths(rows["text"]) * (center - own).exp()
    length = widths(rows["back"])
    frame = rows.select(
        given=pl.col("text").str.count_matches(_END),
        made=pl.col("back").str.count_matches(_END),
    )
    other = 0.0 if target == "en" else own_spread
    return frame.with_columns(
        expected=expected,
        deviation=((length + 1) / (expected + 1)).log(),
        spread=(spread**2 + other**2 + SHORT_VARIES / (expected + 1)).sqrt(),
    )


# --- what the model says --------------------------------------------------------------------------------------------------

# Mean natural log-probability of a token. Models of ordinary size are at -0.2 to -0.8 for what they can translate, small ones for
# their own domain at -0.05 (worst: -0.18) and at -0.25 to -0.51 where they make things up: no floor serves all, and this one only
# tells what a model all but chose by chance, e^-1.5 = 0.22 a token.
_UNSURE = -1.5


def _unsure(rows: pl.DataFrame, _: str) -> pl.Series:
    """A translation that the model itself thought unlikely."""
    reason = pl.format("its model was unsure: mean log-probability {} a token", pl.col("score").round(1))
    return rows.select(reason=pl.when(pl.col("score") < _UNSURE).then(reason))["reason"]


# --- what must not be lost ------------------------------------------------------------------------------------------------

_ADDRESS = (
    rf"(?i)(?:https?://|www\.)[^\s<>\"«»“”‘’()（）\[\]、。，；：！？「」『』{WIDE}\p{{Hangul}}]+"
    r"|[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
)


# Addresses of a text that are sought within the words of its translation, where they are not whole words of it.
_SOUGHT = 20


def _lost_addresses(rows: pl.DataFrame, _: str) -> pl.Series:
    """Addresses of pages and mail that the translation does not hold as they were; case and the marks behind them aside."""
    frame = rows.select("text", "back").with_row_index("row").filter(pl.col("text").str.contains(r"(?i)@|://|www\."))
    given, made = (_addresses(frame, side) for side in ("text", "back"))
    lost = given.join(made, on=["row", "key"], how="anti", maintain_order="left").group_by("row", maintain_order=True).head(_SOUGHT)
    reasons: list[str | None] = [None] * rows.height
    for row, address, key in lost.select("row", "address", "key").iter_rows():  # one text in thousands
        if reasons[row] is None and key not in rows["back"][row].lower():
            reasons[row] = f"lost {_short(address)}"
    return pl.Series(reasons, dtype=pl.String)


def _addresses(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    """row, address and its key, in small letters, of each address on one side."""
    found = frame.select("row", address=pl.col(side).str.extract_all(_ADDRESS)).explode("address").drop_nulls("address")
    found = found.with_columns(pl.col("address").str.replace(r"\p{P}+$", ""))
    return found.with_columns(key=pl.col("address").str.to_lowercase())


_DIGITS = r"\p{Nd}+(?:[.,٫٬]\p{Nd}+)*"
_WRITTEN = r"\p{Nd}(?:[.,:٫٬'’ \u00a0\u202f\u2009]?\p{Nd})*"

# Characters of a text whose numbers are compared, which bounds the time: some hundred sentences.
_COMPARED = 20_000


def _lost_numbers(rows: pl.DataFrame, target: str) -> pl.Series:
    """Numbers of two digits or more that nothing in the translation accounts for, however it is written there."""
    frame = rows.select("source", *(pl.col(side).str.slice(0, _COMPARED) for side in ("text", "back"))).with_row_index("row")
    asked = frame.filter(pl.col("text").str.contains(r"\p{Nd}.?\p{Nd}"))
    given, made = (_plain_numbers(pl.col(side)) for side in ("text", "back"))
    asked = asked.filter(given.list.set_difference(made).list.len() > 0)
    reasons: list[str | None] = [None] * rows.height
    for row, source, text, back in asked.select("row", "source", "text", "back").iter_rows():  # one in ten of those with numbers
        lost = next(_unaccounted(text, back, source, target), None)
        reasons[row] = f"lost {_short(lost)}" if lost else None
    return pl.Series(reasons, dtype=pl.String)


def _plain_numbers(text: pl.Expr) -> pl.Expr:
    """The numbers of two digits or more without their separators."""
    return text.str.extract_all(_DIGITS).list.eval(
        pl.element().str.replace_all(r"[.,٫٬]", "").filter(pl.element().str.len_chars() > 1)
    )


def _unaccounted(text: str, back: str, source: str, target: str) -> Iterator[str]:
    """The numbers in digits that the translation states in no form."""
    made = numbers(back, target)
    for number in numbers(text, source):
        digits = _ascii(text[number.start : number.end])
        if number.kind == "digits" and len(digits) > 1 and not _accounted(number, digits, made, back):
            yield regex.findall(_WRITTEN, text[number.start : number.end])[0]


def _accounted(number: Number, digits: str, made: Sequence[Number], back: str) -> bool:
    """Whether a translation states a number: as it is, in its parts, at another scale, in another unit, as a century's years."""
    if anywhere(number, made) or (number.parts and all(anywhere(part, made) for part in number.parts)):
        return True
    if any(digits.strip("0") in _ascii(other) for other in regex.findall(_DIGITS, back)):
        return True
    keys = [key for key in number.keys if isinstance(key, float)]
    stated = [key for other in made for key in other.keys if isinstance(key, float)]
    scaled = {float(f"{key * 10.0**power:.6g}") for key in keys for power in range(-9, 10)}
    return (
        any(float(f"{key:.6g}") in scaled for key in stated)
        or any(10 <= key <= 21 and any(other // 100 == key - 1 for other in stated) for key in keys)
        or (bool(_UNIT.search(back)) and any(_converted(key, stated) for key in keys))
    )


# Engines turn 160 km/h into 100 mph: kilometres, kilograms, metres and centimetres in a mile, a pound, a foot and an inch; how
# coarsely they round; and what an English sentence calls them.
_UNITS = (1.609, 0.4536, 0.3048, 2.54)
_ROUNDED = 0.04
_UNIT = regex.compile(r"(?i)(?:\b|\d)(?:miles?|mph|feet|foot|ft|pounds?|lbs?|inch(?:es)?|k[mg]|kilo\w+|met(?:er|re)s?|cm)\b")


def _converted(key: float, stated: Sequence[float]) -> bool:
    """True where one of the numbers is this one in another unit."""
    return any(
        abs(other * factor - key) <= _ROUNDED * key or abs(key * factor - other) <= _ROUNDED * other
        for other in stated
        for factor in _UNITS
    )


def _ascii(written: str) -> str:
    """Only the digits of a number, as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) for char in written if char.isdecimal())


_Guard = Callable[[pl.DataFrame, str], pl.Series]
_GUARDS: tuple[_Guard, ...] = (_nothing, _loops, _languages, _untranslated, _lengths, _unsure, _lost_addresses, _lost_numbers)
