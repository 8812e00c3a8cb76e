"""An agency's or edition's tag in another language than the page.

Finds the name of a news agency, broadcaster or language edition (a pack of some 300 names in 35 languages), alone on a line or
behind the last sentence, in another language than the document; and a page's last or first line, or what follows its last full
stop, if it is a run of one to five words in another script that is no sentence.

Such a tag survives when a page is translated: it names the edition, and so the language, that the text came through (`pivot`).
It is not part of the text and must not be aligned with anything.

Hit: an English page that ends "… if armed forces are involved. Радио Свобода". No hit: the same name at the foot of a Russian
page; "Reuters" in any page (it is written alike in all); Latin letters in a page of another script.

Limits: a name inside a sentence is not sought. Names that Russian and Ukrainian write alike count as Russian.
"""

import polars as pl

from checker import languages, packs, spans

CODE = "ART001"
SEVERITY = "major"
CATEGORY = "accuracy/untranslated"
MARKS = "tag"

_EDGES = ' \t\u00a0()[]{}|/•·–—-:.,*"“”«»'
_WORD = r"(?:(?!\p{Latin})\p{L})[\p{L}\p{M}’'‘-]*"
_RUN = rf"{_WORD}(?:[ \u00a0]{_WORD}){{0,4}}"
_AFTER_STOP = r"[.!?…][\"”’»)\]]*\s+"
_ALPHABETS = ("Latn", "Cyrl", "Grek")


def find(lines: pl.DataFrame) -> pl.DataFrame:
    tags = pl.DataFrame(
        [(name, lang) for lang, names in packs.load("foreign_tags").items() for name in names], schema=["tag", "said"], orient="row"
    )
    rows = lines.filter(pl.col("text").str.len_chars() > 1)
    first, last = pl.col("line") == 0, pl.col("line") == pl.col("doc_lines") - 1
    named = _known(spans.narrow(rows.with_columns(tag=pl.col("text").str.strip_chars(_EDGES), span=_whole())), tags)
    named = pl.concat([named, _known(_behind_last_stop(rows.filter(last), packs.any_of(tags["tag"])), tags)])
    unknown = pl.concat([_lone(rows, first, last), _behind_last_stop(rows.filter(last & _native()), _RUN)])
    unknown = _identified(unknown.join(named, on=["doc", "start"], how="anti"))
    found = pl.concat([named, unknown.select(named.columns)]).filter(pl.col("lang") != pl.col("doc_lang"))
    return _said(found, pl.col("tag").is_in(tags["tag"].implode())).drop("tag")


def _said(found: pl.DataFrame, known: pl.Expr) -> pl.DataFrame:
    """The rows with pivot and message; `known` is true for a name of the pack."""
    what = pl.when(known).then(pl.lit("name of an agency or edition in ")).otherwise(pl.lit("words in "))
    name = pl.col("lang").replace_strict({code: languages.name(code) for code in found["lang"].unique()}, return_dtype=pl.String)
    pivot = pl.when(pl.col("lang") != languages.UNDETERMINED).then("lang")
    return found.with_columns(pivot=pivot, message=pl.format("{}{}, not part of the text", what, name))


def _whole() -> pl.Expr:
    """The span of the whole line."""
    return pl.struct(pl.lit(0, pl.Int64).alias("from"), pl.col("text").str.len_chars().cast(pl.Int64).alias("to"))


def _known(rows: pl.DataFrame, tags: pl.DataFrame) -> pl.DataFrame:
    """The rows whose `tag` is a name of the pack, in its language."""
    first = tags.unique("tag", keep="first", maintain_order=True)
    return rows.join(first, on="tag", how="inner", maintain_order="left").with_columns(lang="said").drop("said")


def _behind_last_stop(rows: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """The rows narrowed to what matches `pattern` between a sentence's end and the end of the line, copied to `tag`."""
    behind = rf"{_AFTER_STOP}[(\[]?(?P<evidence>{pattern})[)\]]?\s*$"
    narrowed = spans.matches(rows, behind, screen=r"[.!?…][\"”’»)\]]*\s+\S[^.!?]*$")
    line_start = pl.col("end") - pl.col("start")
    cut = pl.col("text").str.slice(pl.col("text").str.len_chars().cast(pl.Int64) - line_start - _trailing(), line_start)
    return narrowed.with_columns(tag=cut)


def _trailing() -> pl.Expr:
    """Closing brackets behind a tag at the end of a line: 0 or 1 characters."""
    return pl.col("text").str.contains(r"[)\]]$").cast(pl.Int64)


def _script_of() -> pl.Expr:
    return pl.col("doc_lang").replace_strict(languages.SCRIPT_OF, default=None, return_dtype=pl.String)


def _native() -> pl.Expr:
    """True for a line in its document's script, if that is an alphabet: pages in other scripts hold foreign words anyway."""
    return (pl.col("script") == _script_of()) & pl.col("script").is_in(_ALPHABETS)


def _lone(rows: pl.DataFrame, first: pl.Expr, last: pl.Expr) -> pl.DataFrame:
    """First and last lines that are a short run in a foreign script beside a line in the document's own: no block of buttons."""
    neighbour = pl.when(first).then(_native().shift(-1).over("doc")).otherwise(_native().shift(1).over("doc"))
    foreign = (pl.col("script") != _script_of()) & ~pl.col("script").is_in(["Latn", languages.COMMON_SCRIPT])
    shape = pl.col("text").str.contains(r"^[\p{L}\p{M}’'‘ -]{2,60}$") & (pl.col("text").str.count_matches(r"\S+") <= 5)
    edge = (first | last) & (pl.col("doc_lines") > 2)
    lone = rows.with_columns(beside=neighbour).filter(edge & foreign & shape & pl.col("beside"))
    return lone.drop("beside").with_columns(tag="text")


def _identified(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the language of `tag`; those in the document's own script or in Latin letters are dropped."""
    scripted = rows.with_columns(script=languages.script(pl.col("tag")))
    foreign = scripted.filter((pl.col("script") != _script_of()) & ~pl.col("script").is_in(["Latn", languages.COMMON_SCRIPT]))
    said = [lang for lang, _ in languages.identify(foreign["tag"], foreign["script"])]
    return foreign.with_columns(lang=pl.Series(said, dtype=pl.String))
