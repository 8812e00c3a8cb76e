"""The page's markup says that it was translated by machine.

Reads what only the source of an HTML page shows: a language tag that names the language it was translated from
(`lang="en-x-mtfrom-fr"`, BCP 47 `en-t-fr-t0-und`), what the translators of Google, Microsoft, Yandex and Firefox leave in a page
that is saved after they worked on it, addresses of Google's proxy, meta elements that say so or name an engine, and the settings
of translating services on a page in another language than they say the site is written in.

Such a page was not written in its language: its words are an engine's, and an original exists. Where the markup names the language
of the original, it is the `pivot`. The finding stands where the mark stands in the file; its evidence in the text is empty.

Hit: `<html lang="en-x-mtfrom-fr" class="translated-ltr">`. No hit: a button with which visitors may translate the page
(see `translated-edition`); `<meta name="google" content="notranslate">`; a page that explains such markup.

Limits: a site that translates on its server and says so nowhere looks like any other. What scripts add is seen only in a page
that was saved after they ran.
"""

import polars as pl

from checker import languages
from checker.marks import told

CODE = "ART010"
SEVERITY = "major"
CATEGORY = "style/unnatural"


def find(pages: pl.DataFrame) -> pl.DataFrame:
    found = told(pages).filter(pl.col("kind") == "machine")
    # One finding a page, at the first mark that names the language of the original, if one does.
    ordered = found.sort("doc", pl.col("lang").is_null(), "line", "column", maintain_order=True)
    names = pl.col("name").unique(maintain_order=True).str.join(", ")
    joined = ordered.group_by("doc", maintain_order=True).agg(
        pl.col("start", "end", "line", "column").first(), names=names, pivot=pl.col("lang").first()
    )
    spoken = pl.col("pivot").replace_strict({code: languages.name(code) for code in joined["pivot"].drop_nulls()}, default=None)
    origin = pl.concat_str(pl.lit(" from "), spoken.cast(pl.String)).fill_null("")
    message = pl.format("the page's markup says that it was translated by machine{}: {}", origin, "names")
    return joined.select("doc", "start", "end", "line", "column", "pivot", message=message)
