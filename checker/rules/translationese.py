"""Phrases that stand far more often in English that went through another language than in other English.

Finds, in a page in English, the phrases that show together that the page was put into Spanish, Catalan or French and back: none
is wrong by itself ("since the", "of his", "capable to"), their density is what no English writer reaches. A table holds how often
each phrase stands in English as written and in English from round trips; the sum of the logarithms of their ratios decides, for
the whole page, whether it went through a language (`pivot`), and which.

It is reported only where the sum is decisive, so a page has either none of these findings or several.

Hit: "at his", "any one", "persons that", "it said at", "for being" and more of the kind in one page. No hit: any one of them alone.

Limits: the table is learnt from a rule-based engine's round trips, which copy the other language's grammar; the output of neural
engines is nearer to English than this can tell, and gets no finding. Pages of fewer than 60 words of running text are not judged.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from checker import languages, packs, spans

CODE = "MTS005"
SEVERITY = "info"
CATEGORY = "style/unnatural"

TABLE = Path(packs.__file__).parent / "translationese.tsv"
"""phrase, then a column per kind of English: occurrences in 100,000 words, in English as written (`en`) and by pivot."""

# Words of a line from which it is running text, and of a page from which its phrases say something.
LINE, PAGE = 8, 60

# One phrase counts at most so often, and weighs at most so much: a page about one matter repeats its words.
OFTEN, WEIGHT = 3, 2.0

# Sum of the phrases' log odds from which it decides, and least of it without the two phrases that weigh most: those alone, in a
# list of captions or definitions, are no witnesses. Figures: bench/pivot.py.
SUM, REST, HEAVIEST = 2.0, -2.0, 2

# Findings in a page: those of the phrases that weigh most.
_SHOWN = 12

_LEFT, _RIGHT = r"(?<![\p{L}’'-])", r"(?![\p{L}’'-])"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    prose = running(lines.filter((pl.col("doc_lang") == "en") & (pl.col("lang") == "en")))
    weighed = learnt(TABLE)
    phrases = hits(prose, weighed["phrase"].to_list()).join(weighed, on="phrase", maintain_order="left")
    decided = verdicts(prose, phrases, weighed)
    found = [_placed(prose, phrases, pivot, decided) for pivot in decided["pivot"].unique().sort()]
    return pl.concat([_said(prose.clear(), ""), *found])


@cache
def learnt(table: Path) -> pl.DataFrame:
    """The weights of a table in a file."""
    return weights(pl.read_csv(table, separator="\t", quote_char=None))


def running(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of running text, with their `words`."""
    return lines.with_columns(words=pl.col("text").str.count_matches(" ", literal=True) + 1).filter(pl.col("words") >= LINE)


def plain(text: pl.Expr) -> pl.Expr:
    """The text with two spaces between words, so that neighbours share none, and a bar for each mark of punctuation."""
    marked = text.str.replace_all(r"[.,;:!?…()\[\]\"“”«»]+", " | ").str.replace_all(" ", "  ", literal=True)
    return pl.concat_str(pl.lit(" "), marked, pl.lit(" "))


def hits(prose: pl.DataFrame, phrases: Sequence[str]) -> pl.DataFrame:
    """doc, phrase, n: how often each of the phrases stands in each document; of two that overlap the first, then the longer."""
    sought = [f" {phrase.replace(' ', '  ')} " for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase))]
    found = plain(pl.col("text")).str.extract_many(sought, ascii_case_insensitive=True, leftmost=True)
    rows = prose.select("doc", phrase=found).filter(pl.col("phrase").list.len() > 0).explode("phrase")
    rows = rows.with_columns(pl.col("phrase").str.strip_chars().str.replace_all("  ", " ", literal=True).str.to_lowercase())
    return rows.group_by("doc", "phrase").len("n").sort("doc", "phrase")


def weights(table: pl.DataFrame) -> pl.DataFrame:
    """phrase; `weight_X` of one occurrence and `rate_X`, the excess of occurrences in a word of text, for each pivot X."""
    pivots = [name for name in table.columns if name not in ("phrase", "en")]
    return table.select(
        "phrase",
        *((pl.col(pivot) / pl.col("en")).log().clip(-WEIGHT, WEIGHT).alias(f"weight_{pivot}") for pivot in pivots),
        *(((pl.col(pivot) - pl.col("en")) / 100_000).alias(f"rate_{pivot}") for pivot in pivots),
    )


def verdicts(prose: pl.DataFrame, phrases: pl.DataFrame, weighed: pl.DataFrame) -> pl.DataFrame:
    """doc, pivot, sum: the documents whose phrases decide, the pivot they sum highest for (Poisson's log-likelihood ratio).

    `phrases` are hits with their weights."""
    pivots = [name.removeprefix("rate_") for name in weighed.columns if name.startswith("rate_")]
    times = pl.col("n").clip(upper_bound=OFTEN)
    said = phrases.select("doc", "phrase", *((times * pl.col(f"weight_{pivot}")).alias(pivot) for pivot in pivots))
    said = said.unpivot(pivots, index=["doc", "phrase"], variable_name="pivot", value_name="weight")
    said = said.sort("doc", "pivot", "weight", "phrase")
    sums = said.group_by("doc", "pivot", maintain_order=True).agg(
        pl.col("weight").sum().alias("sum"), pl.col("weight").tail(HEAVIEST).sum().alias("heaviest")
    )
    expected = pl.DataFrame({"pivot": pivots, "expected": [weighed[f"rate_{pivot}"].sum() for pivot in pivots]})
    sized = prose.group_by("doc").agg(pl.col("words").sum()).filter(pl.col("words") >= PAGE)
    sums = sums.join(sized, on="doc").join(expected, on="pivot")
    sums = sums.with_columns((pl.col("sum") - pl.col("words") * pl.col("expected")).round(6))
    best = sums.sort("doc", "sum", "pivot", descending=[False, True, False]).unique("doc", keep="first", maintain_order=True)
    decisive = (pl.col("sum") >= SUM) & (pl.col("sum") - pl.col("heaviest") >= REST)
    return best.filter(decisive).select("doc", "pivot", "sum")


def _placed(prose: pl.DataFrame, phrases: pl.DataFrame, pivot: str, decided: pl.DataFrame) -> pl.DataFrame:
    """The places of the phrases that weigh most, in the documents that went through `pivot`."""
    accused = decided.filter(pl.col("pivot") == pivot).select("doc")
    weighty = phrases.join(accused, on="doc", how="semi").sort("doc", "phrase")
    weighty = weighty.with_columns(said=pl.col("n").clip(upper_bound=OFTEN) * pl.col(f"weight_{pivot}")).filter(pl.col("said") > 0)
    shown = weighty.sort("doc", "said", "phrase", descending=[False, True, False]).group_by("doc", maintain_order=True).head(_SHOWN)
    # A page has its own phrases, so it has its own pattern; the pages that come here are few.
    found = [
        spans.matches(prose.filter(pl.col("doc") == doc), f"(?i){_LEFT}{packs.any_of(chosen)}{_RIGHT}", screen="")
        for doc, chosen in shown.group_by("doc", maintain_order=True).agg("phrase").iter_rows()
    ]
    return _said(pl.concat([prose.clear(), *found]), pivot)


def _said(rows: pl.DataFrame, pivot: str) -> pl.DataFrame:
    through = languages.name(pivot) if pivot else ""
    message = f"one of many phrases here that are frequent in English put into {through} and back, and rare elsewhere"
    return rows.drop("words").with_columns(pivot=pl.lit(pivot, pl.String), message=pl.lit(message))
