"""A name or term is rendered in another way than elsewhere.

Finds, in the ledger of renderings (the table `terms`), the few places where a name or recurring term of the originals is rendered
otherwise than in most: a name within all versions in one language, a term within them too, but within one document where the
version is in the original's language. Forms of one word are one rendering, as is a rendering with a word more.

Readers take two spellings for two people, and two words of a contract for two things.

A hit: "Arvenia" is “Arvenia” in three sentences of a version, “Arvinia” in a fourth; a Russian site has «комиссия» for "commission"
five times, «комитет» twice.
Not a hit: Савра, Савры, Савру (forms of one name); Brightmoor, Brightmoor's; Arvenia, Arvenian; two renderings that
are about as frequent; a place whose rendering could not be told.

Known limits: a name is only followed where its rendering is told by spelling, by sound, or by CLDR's names of states (in Chinese:
of states alone), a term where three sentences share it or, in the original's language, by its place: most terms of a small corpus
are not. Whether the other rendering is
wrong, or the usual one, is for a reader to say.
"""

import polars as pl

CODE = "FID030"
SEVERITY = "minor"
CATEGORY = "terminology/inconsistent-use"

# How often the usual rendering stands, and its share, from which another one is a drift. Two to one may as well be two usages.
_USUAL, _SHARE = 3, 0.7


def find(uses: pl.DataFrame) -> pl.DataFrame:
    """The uses that are rendered in another way than most of their term's."""
    one_text = pl.col("native") & (pl.col("kind") == "term")
    scope = ["lang", "kind", "term", "scope"]
    rows = uses.with_columns(scope=pl.when(one_text).then("doc").otherwise(pl.lit("")))
    counts = (
        rows.group_by(*scope, "rendering")
        .agg(count=pl.len(), named=pl.col("by_name").any())
        .sort(*scope, "count", "rendering", descending=[False] * 4 + [True, False])
    )
    usual = counts.group_by(*scope, maintain_order=True).agg(
        usual=pl.col("rendering").first(), most=pl.col("count").first(), named=pl.col("named").first(), of=pl.col("count").sum()
    )
    usual = usual.filter(pl.col("most") >= _USUAL, pl.col("most") >= _SHARE * pl.col("of"), pl.col("most") < pl.col("of"))
    found = rows.join(usual, on=scope, how="inner", maintain_order="left").filter(pl.col("rendering") != pl.col("usual"))
    # An adjective or a people, made of a name: Neuseeland, neuseeländische.
    small = pl.col("form").str.contains(r"^\p{Ll}") & pl.col("usual").str.contains(r"^\p{Lu}")
    people = _people("form", "usual") | _people("usual", "form")
    found = found.filter((pl.col("kind") == "term") | (~small & ~people & pl.col("by_name") & pl.col("named")))
    message = pl.format("{}: usually “{}” ({} of {}), here “{}”", "term", "usual", "most", "of", "form")
    return found.with_columns(message=message).select(*uses.columns, "message")


# The English adjectives and peoples of places whose name ends in a vowel, -land, -ain or -any: Russia, Russian; Poland, Polish.
_ADJECTIVE = r"(?:ians?|eans?|ans?|ns?|ese|ish|ch)$"
_PLACE = r"(?:[aeoy]|land|ain|any)$"


def _people(form: str, place: str) -> pl.Expr:
    """True where one column has the adjective of the place in the other."""
    stem = pl.col(form).str.replace(_ADJECTIVE, "")
    made = pl.col(form).str.contains(_ADJECTIVE) & (stem.str.len_chars() >= 3) & pl.col(place).str.contains(_PLACE)
    return made & pl.col(place).str.starts_with(stem)
