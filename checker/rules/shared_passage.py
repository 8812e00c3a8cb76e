"""A passage that stands word for word in another document of the run.

Finds paragraphs of 40 words or more (80 characters in Chinese or Japanese) that another document holds too, but for case, spaces
and punctuation, or nearly so: all but the words between their beginnings and ends. Each run of such paragraphs is one finding,
in the later of the two documents by name; a document whose long paragraphs are all another's is one finding.

A text that is counted twice weighs twice in every figure, and a passage that another page quotes, or was copied from, explains
what no original explains.

Hit: a press release's paragraph in two reports of it; the same report under two names. No hit: two editions of one text, which
share most of their paragraphs (that is what pairing is for); a notice that stands under many pages.

Limits: passages that were reworded are not found, nor what three or more other documents hold: that is a site's.
"""

import polars as pl

CODE = "ART009"
SEVERITY = "info"
CATEGORY = "accuracy/addition"

_WORDS, _CHARACTERS, _DENSE_CHARACTERS = 40, 160, 80
_DENSE = ["Hani", "Jpan"]

# Letters at either end of two paragraphs that are nearly the same, and how much their lengths may differ.
_EDGE, _LENGTHS = 40, 0.05

# A paragraph that more documents hold is a site's notice.
_OFTEN = 3

# Documents that share a larger part of their long paragraphs are editions of one text, which is no artifact.
_OTHERWISE_DIFFERENT = 1 / 3


def gather(lines: pl.DataFrame) -> pl.DataFrame:
    """The long paragraphs, as digests: doc, start, end, lang, doc_lang, place among the long ones, line of the text, words."""
    dense = pl.col("script").is_in(_DENSE)
    row = lines.with_columns(at=(pl.col("gap") + 1).cum_sum().over("doc"), length=pl.col("text").str.len_chars())
    long = row.filter((pl.col("length") >= _CHARACTERS) | (dense & (pl.col("length") >= _DENSE_CHARACTERS)))
    long = long.filter(dense | (pl.col("text").str.count_matches(" ", literal=True) >= _WORDS - 1))
    letters = pl.col("text").str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]+", "")
    keyed = long.with_columns(letters=letters, nth=pl.int_range(pl.len()).over("doc"))
    return keyed.select(
        "doc",
        "start",
        "end",
        "lang",
        "doc_lang",
        "at",
        "nth",
        "length",
        key=pl.col("letters").hash(),
        ends=pl.concat_str(pl.col("letters").str.head(_EDGE), pl.col("letters").str.tail(_EDGE)).hash(),
    )


def find(gathered: pl.DataFrame) -> pl.DataFrame:
    rows = gathered.sort("doc", "start").with_columns(paragraphs=pl.len().over("doc"))
    pairs = pl.concat([_held_twice(rows, "key"), _held_twice(rows, "ends")])
    pairs = pairs.unique(["doc", "start", "other"], keep="first", maintain_order=True).sort("doc", "other", "start", "at_there")
    share = pl.len().over("doc", "other") / pl.min_horizontal("paragraphs", "paragraphs_there")
    same = (pl.len().over("doc", "other") == pl.col("paragraphs")) & (pl.col("paragraphs") == pl.col("paragraphs_there"))
    judged = pairs.with_columns(same=same & (pl.col("exact").all().over("doc", "other")), share=share)
    passages = judged.filter(~pl.col("same") & (pl.col("share") <= _OTHERWISE_DIFFERENT))
    return pl.concat([_copies(judged.filter("same")), _passages(passages)])


def _held_twice(rows: pl.DataFrame, digest: str) -> pl.DataFrame:
    """The paragraphs that an earlier document by name holds too, by a digest: a row for each of those documents."""
    several = pl.col("doc").n_unique().over(digest).is_between(2, _OFTEN)
    holders = rows.filter(several).unique(["doc", digest], keep="first", maintain_order=True)
    met = holders.join(holders.select(digest, pl.exclude(digest).name.suffix("_there")), on=digest, maintain_order="left")
    met = met.rename({"doc_there": "other"}).filter(pl.col("other") < pl.col("doc"))
    # The two columns of a table are no two documents.
    met = met.filter(pl.col("doc") != pl.col("other") + "#original")
    alike = (pl.col("length").cast(pl.Int64) - pl.col("length_there").cast(pl.Int64)).abs() <= _LENGTHS * pl.col("length")
    exact = pl.lit(value=True) if digest == "key" else pl.col("key") == pl.col("key_there")
    kept = ("doc", "start", "end", "lang", "doc_lang", "nth", "paragraphs", "other", "at_there", "paragraphs_there")
    return met.filter(alike).select(*kept, exact=exact)


def _copies(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for a document that is another's copy, narrowed to its first long paragraph."""
    first = rows.sort("doc", "other", "start").unique("doc", keep="first", maintain_order=True)
    return _said(first, pl.format("all long paragraphs of this document are those of {}", "other"))


def _passages(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each run of paragraphs, from the beginning of the first to the end of the last."""
    # A paragraph that two documents share with a third is said of the first of them.
    once = rows.unique(["doc", "start"], keep="first", maintain_order=True)
    run = (pl.col("nth").diff().fill_null(0) != 1).cum_sum().over("doc", "other")
    runs = once.with_columns(run=run).group_by("doc", "other", "run", maintain_order=True)
    found = runs.agg(
        pl.col("start").min(), pl.col("end").max(), pl.col("lang", "doc_lang", "at_there").first(), exact=pl.col("exact").all()
    )
    how = pl.when("exact").then(pl.lit("word for word")).otherwise(pl.lit("nearly word for word"))
    return _said(found, pl.format("this passage stands {} in {} too, line {}", how, "other", "at_there"))


def _said(rows: pl.DataFrame, message: pl.Expr) -> pl.DataFrame:
    return rows.select("doc", "start", "end", "lang", "doc_lang", message=message)
