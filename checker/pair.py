"""Pairs documents: which original, if any, a document derives from.

Candidates come from an inverted index of rare features, never from comparing all pairs: a document asks for its rarest words, up to
a number of postings, and the originals that share most of them are compared by all that they say. The alignment of their sentences
then decides (`relate`). "None" is a real answer. Time and memory grow with the number of documents, not of pairs of them.
"""

import polars as pl

from checker.align import english_of, features
from checker.tables import BOILERPLATE, NOT_THE_TEXT, PAIRINGS

# A document reads the postings of its WORDS rarest words, and of all that RARE originals hold at most, rarest first, until it has
# read READ; a word leads to the first POSTINGS in rank of the originals that hold it. On the tuning half of bench/pair.py at
# 10,000 every original is among the candidates; with --plain, whose rarest words are in 163 originals and more, .9992, with 8
# words .91, with half of READ .97, with a quarter .77. With RARE at 20 .46 of the pairs of which one quotes a sentence of the
# other are left, at 50 .49, if all is read .52. POSTINGS bounds what READ cannot: documents of common words alone.
WORDS, RARE, READ, POSTINGS = 16, 50, 4000, 1000

# Originals that share less than this of what the best one shares are not compared: it saves sorting them, half of the time with
# --plain, and at .05 loses none of its originals and .3 % of the quotations.
COMPARABLE = 0.05

# Originals that share most rare words, compared by all their words. With --plain 5 leave .9962 of the originals, 20 all.
COMPARED = 10

# Originals that are aligned with each document: editions of one story are near each other. It is also how many copies of one text
# stand in the index: a flood of them would only repeat one answer.
CANDIDATES = 5

# Cosine of words, weighted by rarity, from which a pair is aligned at all: low, for alignment decides. On the tuning half at
# 10,000 originals have .10 and more, 99.9 % of them .275; 97 % of other documents' pairs have less, and a fifth of those that
# share a sentence of ten. Among few documents words are hardly rare, and unrelated pages have up to .19.
MIN_SIMILARITY = 0.08

# An original with less than this share of the nearest one's similarity is no rival of it, and is not aligned. On the tuning half at
# 3,000 no true original has less than .6 of it; with --plain two fifths of the pairs have less than .4, and would take as much of
# the time.
FAR = 0.4

# Originals that are thought of beside those given, and hold none of the words: of two documents alone each word that they share
# would be one that all originals hold, and two pages of six lines that share the longest had .05.
UNSEEN = 10

# Documents whose words are sought, and segments whose words are taken, at a time: they bound memory, nothing else.
BATCH, SEGMENTS = 1000, 100_000

# A bead counts as a rendering from this similarity on. F1 of bench/pair.py on its tuning half at .25, .30 and .35: .9992, .9990
# and .9972, with --plain .9948, .9955 and .9933.
RENDERS = 0.3

# A document derives from an original if the greater of two shares, of its text that renders the original and of the original's
# that it renders, and half of the lesser make this. F1 as above: .9995 at .70, .9990 at .85, .9970 at 1; with --plain, where
# versions of few sentences often share half of them with some original, .9853, .9955 and .9963. The greater share alone makes
# .9993 and .9948 at best.
DERIVES = 0.85

# A rendering of fewer characters than these, a sentence or two, has no other to confirm it, and is one from this similarity on. Of
# 300 FLORES sentences against their originals .4 keeps 290, of 300 against another sentence of the same subject none (three at .3).
ALONE, FEW = 0.4, 200

# Derivations by which a document is a version of its original, and no root itself.
DERIVED = ("translation", "back-translation")

# Two English texts whose beads are this alike (median) are one text in two editions, not a translation there and back.
VERBATIM = 0.9

# A near-verbatim match of some length between texts that are otherwise each its own is a shared quotation; short ones agree by
# chance.
QUOTES, QUOTED_LENGTH = 0.75, 60


def pair(pages: pl.DataFrame, segments: pl.DataFrame, pivots: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    """`tables.PAIRINGS`: each document with the originals it may derive from, CANDIDATES at most.

    `pivots` has doc and pivot of the documents that show traces of another language. Between two texts in the original's language
    the one that has a pivot, then the shorter one, is the version.
    """
    given = pages.filter(pl.col("original").is_not_null(), pl.col("status") == "ok")
    rows = given.select("doc", "original", similarity=pl.lit(None, pl.Float64), given=pl.lit(value=True))
    text = _text(segments)
    near = _near(*_index(text, _documents(pages, text, pivots, original_lang)))
    return PAIRINGS.conform(pl.concat([rows, near.with_columns(given=pl.lit(value=False))]))


def _text(segments: pl.DataFrame) -> pl.DataFrame:
    """doc, doc_lang, n, english of what is text."""
    english = english_of(segments).filter(~pl.col("kind").is_in(NOT_THE_TEXT), pl.col("english").is_not_null())
    return english.select("doc", "doc_lang", "n", "english")


def _documents(pages: pl.DataFrame, text: pl.DataFrame, pivots: pl.DataFrame, original_lang: str) -> pl.DataFrame:
    """doc, id, rank, above, may_be_original, may_be_version of the documents that are not tables, in the order of their names.

    Of two documents the one of higher `rank` is the version; versions of an original have a rank above its `above`.
    """
    sizes = text.group_by("doc").agg(
        size=pl.col("english").str.len_chars().sum(), foreign=(pl.col("doc_lang") != original_lang).first()
    )
    named = pages.filter(pl.col("cells").is_null()).join(sizes, on="doc").join(pivots.select("doc", "pivot"), on="doc", how="left")
    told = pl.col("role").is_not_null().any()
    original = pl.when(told).then(pl.col("role") == "original").otherwise(~pl.col("foreign") & pl.col("pivot").is_null())
    version = pl.when(told).then(pl.col("role") == "version").otherwise(statement=True)
    rows = named.select(
        "doc", "foreign", "size", has_pivot=pl.col("pivot").is_not_null(), may_be_original=original, may_be_version=version
    ).with_columns(pl.col("may_be_original", "may_be_version").fill_null(value=False))
    rows = rows.sort("foreign", "has_pivot", "size", "doc", descending=[False, False, True, False]).with_row_index("rank", offset=1)
    rows = rows.with_columns(above=pl.when("may_be_version").then("rank").otherwise(0)).sort("doc").with_row_index("id")
    return rows.select("doc", "id", "rank", "above", "may_be_original", "may_be_version")


def _index(text: pl.DataFrame, documents: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The documents, with `indexed`; id, word of the words of each; word, df, square of each word.

    A word is its place in the order of rarity, `df` how many indexed originals hold it, `square` the square of its inverse document
    frequency in thousandths: integers, whose sums are the same in any order.
    """
    held, spelled = _words(text, documents)
    documents = _without_copies(documents, held)
    originals = documents.filter("indexed").select("id")
    frequency = held.join(originals, on="id", how="semi").group_by("key").len("df")
    words = spelled.join(frequency, on="key", how="left").with_columns(pl.col("df").fill_null(0)).sort("df", "spelling")
    weight = ((originals.height + UNSEEN) / pl.col("df").clip(1)).log()
    words = words.with_row_index("word").with_columns(square=(1000 * weight**2).round().cast(pl.Int64))
    held = held.join(words.select("key", "word"), on="key").select("id", "word").sort("id", "word")
    return documents, held, words.select("word", "df", "square")


def _words(text: pl.DataFrame, documents: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """id, key of the distinct words of each document, and key, spelling of all words.

    A key takes 8 bytes, whatever the word. Which words have which keys differs between machines; nothing is ordered by them.
    """
    rows = text.join(documents.select("doc", "id"), on="doc").select("id", "n", "english").sort("id")
    ends = rows.with_row_index("end", offset=1).group_by("id", maintain_order=True).agg(pl.col("end").last())
    cuts = ends.group_by(pl.col("end") // SEGMENTS, maintain_order=True).agg(cut=pl.col("end").last())["cut"].to_list()
    held, spelled = [_NO_WORDS.select("id", "key")], [_NO_WORDS.select("key", "spelling")]
    for start, end in zip([0, *cuts], cuts, strict=False):
        found = features(rows[start:end].rename({"id": "doc"})).select(id="doc", spelling="word").unique()
        found = found.with_columns(key=pl.col("spelling").hash())
        held.append(found.select("id", "key"))
        spelled.append(found.select("key", "spelling").unique("key"))
    return pl.concat(held), pl.concat(spelled).unique("key")


_NO_WORDS = pl.DataFrame(schema={"id": pl.UInt32, "key": pl.UInt64, "spelling": pl.String})


def _without_copies(documents: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The documents with `indexed`: that may be originals, and of those that hold the same words the first in rank."""
    texts = held.group_by("id").agg(words=pl.len(), digest=pl.col("key").sum())
    first = (
        documents.filter("may_be_original")
        .join(texts, on="id")
        .sort("rank")
        .filter(pl.int_range(pl.len()).over("words", "digest") < CANDIDATES)
    )
    return documents.with_columns(indexed=pl.col("id").is_in(first["id"].implode()))


def _near(documents: pl.DataFrame, held: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """doc, original, similarity of the nearest originals of each version, nearest first."""
    postings = _postings(documents, held)
    masses = held.join(words, on="word").group_by("id").agg(mass=pl.col("square").sum())
    versions = documents.filter("may_be_version").select("id", "rank").sort("id")
    found = [_NO_PAIRS]
    for start in range(0, versions.height, BATCH):
        batch = versions[start : start + BATCH]
        asked = held.join(batch, on="id").join(words, on="word")
        found.append(_compared(_candidates(asked, postings), asked, held, masses))
    names = documents.select("doc", "id")
    near = pl.concat(found).join(names, on="id").join(names.select(other="id", original="doc"), on="other")
    near = near.filter(pl.col("similarity") >= FAR * pl.col("similarity").max().over("id"))
    near = near.sort("id", "similarity", "other", descending=[False, True, False])
    return near.group_by("id", maintain_order=True).head(CANDIDATES).select("doc", "original", "similarity")


_NO_PAIRS = pl.DataFrame(schema={"id": pl.UInt32, "other": pl.UInt32, "similarity": pl.Float64})


def _postings(documents: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """word, other, above: the originals that hold each word, POSTINGS of them at most."""
    originals = documents.filter("indexed").select("id", "rank", "above")
    rows = held.join(originals, on="id").sort("word", "rank")
    return rows.filter(pl.int_range(pl.len()).over("word") < POSTINGS).select("word", "above", other="id")


def _candidates(asked: pl.DataFrame, postings: pl.DataFrame) -> pl.DataFrame:
    """id, other: the originals that share most of the rarest words of each version, COMPARED of them at most."""
    rare = _rarest(asked.filter(pl.col("df") > 0)).select("id", "rank", "word", "square")
    shared = rare.join(postings, on="word").filter(pl.col("rank") > pl.col("above"), pl.col("id") != pl.col("other"))
    scored = shared.group_by("id", "other").agg(pl.col("square").sum())
    scored = scored.filter(pl.col("square") >= COMPARABLE * pl.col("square").max().over("id"))
    scored = scored.sort("id", "square", "other", descending=[False, True, False])
    return scored.group_by("id", maintain_order=True).head(COMPARED).select("id", "other")


def _rarest(asked: pl.DataFrame) -> pl.DataFrame:
    """The words of which a document reads the postings."""
    length = pl.col("df").clip(0, POSTINGS).cast(pl.Int64)
    before, read = pl.int_range(pl.len()).over("id"), (length.cum_sum() - length).over("id")
    return asked.sort("id", "word").filter((before < WORDS) | (pl.col("df") <= RARE), read < READ)


def _compared(candidates: pl.DataFrame, asked: pl.DataFrame, held: pl.DataFrame, masses: pl.DataFrame) -> pl.DataFrame:
    """id, other, similarity of the candidates that are alike: the cosine of all their words."""
    theirs = candidates.join(held.rename({"id": "other"}), on="other")
    dots = theirs.join(asked.select("id", "word", "square"), on=["id", "word"]).group_by("id", "other").agg(pl.col("square").sum())
    dots = dots.join(masses, on="id").join(masses.select(other="id", other_mass="mass"), on="other")
    cosine = pl.col("square") / (pl.col("mass").cast(pl.Float64) * pl.col("other_mass")).sqrt()
    return dots.with_columns(similarity=cosine.round(4)).filter(pl.col("similarity") >= MIN_SIMILARITY).select(_NO_PAIRS.columns)


def relate(
    sentences: pl.DataFrame, pairings: pl.DataFrame, pages: pl.DataFrame, segments: pl.DataFrame, pivots: pl.DataFrame
) -> pl.DataFrame:
    """doc, original, derivation, explained, coverage, best of each pairing that the alignment upheld.

    `best` marks a document's nearest original; `explained` and `coverage` are shares of text, 0 to 1.
    """
    renders = pl.col("n").is_not_null() & pl.col("original_n").is_not_null() & (pl.col("similarity").fill_null(1.0) >= RENDERS)
    beads = sentences.group_by("doc", "original", maintain_order=True).agg(
        pl.col("length", "original_length").filter(renders).sum(),
        median=pl.col("similarity").filter(renders).median(),
        plainest=pl.col("similarity").filter(renders, pl.col("end") - pl.col("start") >= QUOTED_LENGTH).max(),
        weight=(pl.col("length") * pl.col("similarity")).filter(renders).sum(),
    )
    told = ~pl.col("kind").is_in(BOILERPLATE)
    sizes = segments.group_by("doc").agg(size=(pl.col("end") - pl.col("start")).filter(told).sum(), lang=pl.col("doc_lang").first())
    rows = beads.join(pairings, on=["doc", "original"]).join(sizes, on="doc").join(pages.select("doc", "role"), on="doc")
    rows = rows.join(sizes.select(original="doc", original_size="size", original_lang="lang"), on="original")
    rows = rows.join(pivots.select("doc", "pivot"), on="doc", how="left").with_columns(
        explained=_share("length", "size"), coverage=_share("original_length", "original_size")
    )
    rows = rows.with_columns(derivation=_derivation()).drop_nulls("derivation")
    return _best(rows).select("doc", "original", "derivation", "explained", "coverage", "best")


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then((pl.col(part) / pl.col(whole)).round(4)).otherwise(0.0)


def _derivation() -> pl.Expr:
    confirmed = (pl.col("length") >= FEW) | (pl.col("weight") >= ALONE * pl.col("length"))
    derives = confirmed & (pl.max_horizontal("explained", "coverage") + pl.min_horizontal("explained", "coverage") / 2 >= DERIVES)
    verbatim = (pl.col("median") >= VERBATIM) & pl.col("pivot").is_null()
    return (
        pl.when("given")
        .then(pl.lit("bitext"))
        .when(derives & (pl.col("lang") != pl.col("original_lang")))
        .then(pl.lit("translation"))
        .when(derives & verbatim)
        .then(pl.lit("edition"))
        .when(derives)
        .then(pl.lit("back-translation"))
        .when(pl.col("plainest") >= QUOTES)
        .then(pl.lit("quotations"))
    )


def _best(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `best`: each document's pairing that explains most of it.

    Deriving comes before quoting, and a root before what itself derives from another document.
    """
    derived = _ranked(rows.with_columns(secondary=pl.lit(value=False))).filter("best", pl.col("derivation").is_in(DERIVED))["doc"]
    return _ranked(rows.with_columns(secondary=pl.col("original").is_in(derived.implode()))).drop("quotes", "secondary")


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    order = rows.with_columns(quotes=pl.col("derivation") == "quotations").sort(
        "doc", "quotes", "secondary", "weight", "original", descending=[False, False, False, True, False], nulls_last=True
    )
    return order.with_columns(best=pl.int_range(pl.len()).over("doc") == 0)
