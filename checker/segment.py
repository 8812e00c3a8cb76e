"""Segments pages: into lines, because a page is lines before it is sentences, and lines into sentences.

Offsets are code points of the document's text as it was decoded: nothing is normalised here.
"""

from functools import cache

import polars as pl
from wordfreq import available_languages, top_n_list

from checker import languages
from checker.splitter import may_hold_two, split
from checker.tables import LINES, SEGMENTS
from checker.telling import foreign

_BREAKS = r"[\r\x0b\x0c\x1c-\x1e\x{85}\x{2028}\x{2029}]"
_ENDS_SENTENCE = r"[.!?…。！？؟۔।:;：；][\"'”’»«“)\]』」]*$"

# Characters that a document's language is told from, as many as are read of any text, and the lines, its longest, that they are
# of: one alone may be a quotation in another language.
_SAMPLE, _SAMPLE_LINES = 500, 5

# A line is identified on its own only if it is long enough for n-grams to be sure of it: names and titles are not.
_MIN_LINE_LETTERS = 40
_SURE = 0.999

# Function words of the document's language (its most frequent words): a line that holds one is in that language.
_FUNCTION_WORDS = 60

# A declared language (`<html lang>`) is often a template's: it decides only where there is less text than this many letters, or
# where a localisation file declares it, which a tool wrote.
_LITTLE_TEXT = 60


def lines(pages: pl.DataFrame) -> pl.DataFrame:
    """`tables.LINES` of the pages that were read: their lines that are not blank, stripped, each with script and language.

    The rows of a two-column table are its lines, whatever line breaks they hold.
    """
    read = pages.filter(pl.col("status") == "ok")
    pieces = pl.concat([_text_lines(read.filter(pl.col("cells").is_null())), _cells(read.filter(pl.col("cells").is_not_null()))])
    found = _in_main_text(_stripped(pieces), read)
    return LINES.conform(_languages(found.with_columns(languages.scripts(found["text"]).alias("script")), read))


def segment(lines: pl.DataFrame, bitext: pl.Series) -> pl.DataFrame:
    """`tables.SEGMENTS` of the lines; a line of a document named in `bitext` is one segment and keeps its number."""
    whole = pl.col("doc").is_in(bitext.implode())
    rows = lines.filter(whole).with_columns(n=pl.col("line"))
    pieces = _sentences(lines.filter(~whole))
    pieces = pieces.sort("doc", "start").with_columns(n=pl.int_range(pl.len()).over("doc"))
    found = pl.concat([rows.select(pieces.columns), pieces]).with_columns(_kind().alias("kind"))
    return SEGMENTS.conform(found)


def _text_lines(pages: pl.DataFrame) -> pl.DataFrame:
    """doc, start, text, line of every line; each line break is first made one `\\n`, so that lengths stay offsets."""
    one_break = pl.col("text").str.replace_all("\r\n", " \n", literal=True).str.replace_all(_BREAKS, "\n")
    split = pages.select("doc", text=one_break.str.split("\n")).explode("text")
    length = pl.col("text").str.len_chars().cast(pl.Int64) + 1
    placed = split.with_columns(start=(length.cum_sum() - length).over("doc"), line=pl.int_range(pl.len()).over("doc"))
    blank = pl.col("text").str.strip_chars() == ""
    gap = (pl.col("line") - pl.col("line").shift(1, fill_value=-1) - 1).over("doc")
    kept = placed.filter(~blank).with_columns(gap=gap).with_columns(line=pl.int_range(pl.len()).over("doc"))
    return kept.select("doc", "line", "start", "text", "gap")


def _cells(pages: pl.DataFrame) -> pl.DataFrame:
    """doc, start, text, line of every row of a table that is not blank; the row's number is its line."""
    rows = pages.select("doc", "cells", page="text").explode("cells").filter(pl.col("cells").is_not_null())
    start, end = pl.col("cells").struct.field("start"), pl.col("cells").struct.field("end")
    numbered = rows.with_columns(line=pl.int_range(pl.len()).over("doc"), start=start, length=end - start)
    cut = pl.col("page").str.slice(pl.col("start"), pl.col("length"))
    texts = numbered.select("doc", "line", "start", text=cut, gap=pl.lit(0, pl.Int64))
    return texts.filter(pl.col("text").str.strip_chars() != "")


def _stripped(pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces without white space at their ends, `start` moved and `end` added."""
    text = pl.col("text")
    lead = text.str.len_chars().cast(pl.Int64) - text.str.strip_chars_start().str.len_chars().cast(pl.Int64)
    moved = pieces.with_columns(start=pl.col("start") + lead, text=text.str.strip_chars())
    return moved.with_columns(end=pl.col("start") + pl.col("text").str.len_chars().cast(pl.Int64))


def _in_main_text(lines: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The lines with `main`, true where the middle of a line lies in a span of its page's main text; null without such spans."""
    told = pages.filter(pl.col("main").is_not_null()).select("doc", "main")
    spans = told.explode("main").unnest("main").rename({"start": "main_start", "end": "main_end"}).sort("main_start")
    middle = lines.join(told.select("doc"), on="doc").select("doc", "line", middle=(pl.col("start") + pl.col("end")) // 2)
    inside = middle.sort("middle").join_asof(spans, left_on="middle", right_on="main_start", by="doc", check_sortedness=False)
    said = inside.select("doc", "line", main=(pl.col("middle") < pl.col("main_end")).fill_null(value=False))
    return lines.join(said, on=["doc", "line"], how="left", maintain_order="left")


def _languages(lines: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The lines with `doc_lang`, `lang` and `doc_lines`."""
    counted = lines.with_columns(letters=pl.col("text").str.count_matches(r"\p{L}").cast(pl.Int64))
    documents = _identify(counted, pages)
    joined = counted.join(
        documents.select("doc", doc_lang="lang", doc_lang_score="lang_score", doc_script="script"),
        on="doc",
        how="left",
        maintain_order="left",
    )
    joined = joined.with_columns(doc_lines=pl.len().over("doc").cast(pl.Int64))
    declared = pages.filter(pl.col("units").is_not_null(), pl.col("lang").is_not_null())["doc"]
    tables = pages.filter(pl.col("cells").is_not_null(), pl.col("units").is_null())["doc"]
    return _line_languages(
        joined.with_columns(declared=pl.col("doc").is_in(declared.implode()), alone=pl.col("doc").is_in(tables.implode()))
    )


def _identify(lines: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """doc, script, lang, lang_score of every page, told from its longest lines in the script that most of its letters are in."""
    counted = lines.select("doc", "script", "text", "start", "letters").filter(pl.col("script") != languages.COMMON_SCRIPT)
    scripts = (
        counted.group_by("doc", "script")
        .agg(pl.col("letters").sum())
        .sort("doc", "letters", "script", descending=[False, True, False])
    )
    main = scripts.unique("doc", keep="first", maintain_order=True)
    longest = counted.join(main.select("doc", "script"), on=["doc", "script"]).sort(
        "doc", "letters", "start", descending=[False, True, False]
    )
    longest = longest.filter(pl.int_range(pl.len()).over("doc") < _SAMPLE_LINES)
    samples = longest.with_columns(pl.col("text").str.slice(0, _SAMPLE // pl.len().over("doc")))
    samples = samples.group_by("doc", maintain_order=True).agg(pl.col("text").str.join(" "))
    known = (
        pages.select("doc", "units", declared="lang")
        .join(main, on="doc", how="left")
        .join(samples, on="doc", how="left")
        .sort("doc")
    )
    said = languages.identified(known["text"].fill_null(""), known["script"].fill_null(languages.COMMON_SCRIPT))
    return known.select(
        "doc",
        "script",
        lang=pl.when(
            pl.col("declared").is_not_null() & (pl.col("units").is_not_null() | (pl.col("letters").fill_null(0) < _LITTLE_TEXT))
        )
        .then(pl.col("declared"))
        .otherwise(said["lang"]),
        lang_score=said["score"].round(4),
    )


def _line_languages(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `lang`: the document's, unless the script, or n-grams in a long line without its function words, differ.

    In a localisation file, whose languages are declared, only what has no letter of the document's script differs: in a Chinese
    line most letters may be those of a placeholder. A row of a table stands for itself, as `checker.score` has it: it is in another
    language where its own words surely are.
    """
    native = (pl.col("script") == languages.COMMON_SCRIPT) | (pl.col("script") == pl.col("doc_script"))
    native |= pl.col("declared") & pl.col("text").str.contains(r"[\p{L}--\p{Latin}]")
    numbered = lines.with_row_index("row")
    asked = pl.concat(
        [
            numbered.filter(~native),
            *_speechless(numbered.filter(native, ~pl.col("declared"), ~pl.col("alone"), pl.col("letters") >= _MIN_LINE_LETTERS)),
        ]
    )
    said = languages.identified(asked["text"], asked["script"])
    answers = asked.select("row", "script", "doc_script").with_columns(said["lang"].alias("said"), said["score"])
    trusted = (pl.col("script") != pl.col("doc_script")) | (pl.col("score") >= _SURE)
    answers = answers.filter(trusted & (pl.col("said") != languages.UNDETERMINED)).select("row", "said")
    answers = pl.concat([answers, *_told_rows(numbered.filter(native, ~pl.col("declared"), pl.col("alone")))])
    joined = numbered.join(answers, on="row", how="left", maintain_order="left")
    unknown = pl.when(native).then(pl.col("doc_lang")).otherwise(pl.lit(languages.UNDETERMINED))
    return joined.with_columns(lang=pl.coalesce("said", unknown)).drop("row", "said", "letters", "declared", "alone")


def _told_rows(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """row and `said` of the rows of tables that are surely in another language than their column."""
    parts = lines.filter(pl.col("doc_lang") != languages.UNDETERMINED).partition_by("doc_lang", maintain_order=True)
    told = ((part, foreign(part["text"], part["doc_lang"][0])) for part in parts)
    return [rows.select(pl.lit(part["row"].gather(rows["row"])).alias("row"), said="lang") for part, rows in told]


def _speechless(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """The lines that hold no function word of their document's language, for each language."""
    parts = lines.partition_by("doc_lang", maintain_order=True)
    return [part.filter(~pl.col("text").str.contains(_function_words(part["doc_lang"][0]) or "")) for part in parts]


@cache
def _function_words(code: str) -> str | None:
    """A pattern of a language's most frequent words, of three letters or more where it writes spaces; None without a word list."""
    if code not in available_languages("small") or code in ("zh", "ja", "ko", "th"):
        return None
    words = [word for word in top_n_list(code, _FUNCTION_WORDS, "small") if word.isalpha() and len(word) > 2]
    return rf"(?i)\b(?:{'|'.join(sorted(words))})\b"


def _sentences(lines: pl.DataFrame) -> pl.DataFrame:
    """The sentences of each line, stripped; sentencex takes one text a call, so this is a loop over the lines that may hold two."""
    several = lines.select(may_hold_two()).to_series()
    columns = [name for name in SEGMENTS.columns if name in lines.columns]
    asked = lines.filter(several)
    pieces = [split(text, lang) for text, lang in asked.select("text", "lang").iter_rows()]
    rows = pl.Series("row", [row for row, found in enumerate(pieces) for _ in found], dtype=pl.UInt32)
    flat = pl.DataFrame({"row": rows, "text": pl.Series([piece for found in pieces for piece in found], dtype=pl.String)})
    length = pl.col("text").str.len_chars().cast(pl.Int64)
    placed = flat.with_columns(at=(length.cum_sum() - length).over("row")).join(
        asked.select(columns).drop("end", "text").with_row_index("row"), on="row", how="left", maintain_order="left"
    )
    placed = placed.with_columns(start=pl.col("start") + pl.col("at")).drop("row", "at")
    parts = _own_scripts(_stripped(placed.filter(pl.col("text").str.strip_chars() != "")))
    return pl.concat([lines.filter(~several).select(columns), parts.select(columns)])


def _own_scripts(segments: pl.DataFrame) -> pl.DataFrame:
    """A sentence in another script than its line has its own language."""
    own = segments.with_columns(languages.scripts(segments["text"]).alias("own")).with_row_index("row")
    other = own.filter((pl.col("own") != pl.col("script")) & (pl.col("own") != languages.COMMON_SCRIPT))
    said = languages.identified(other["text"], other["own"])["lang"]
    answers = other.select("row", "own").with_columns(said=said)
    joined = own.drop("own").join(answers, on="row", how="left", maintain_order="left")
    return joined.with_columns(lang=pl.coalesce("said", "lang"), script=pl.coalesce("own", "script")).drop("row", "own", "said")


def _kind() -> pl.Expr:
    """`prose` where it ends as a sentence does or is long; else `headline`."""
    ends = pl.col("text").str.contains(_ENDS_SENTENCE)
    words = pl.col("text").str.count_matches(r"\S+")
    return pl.when(ends | (words > 25)).then(pl.lit("prose")).otherwise(pl.lit("headline"))
