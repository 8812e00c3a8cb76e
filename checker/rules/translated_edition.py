"""The page's markup names the edition of another language as the original, or offers to translate the page.

Three things that an auditor of a page wants to know, and that alone prove nothing: structured data or a language tag that call
the page a translation of one in another language; `<link hreflang="x-default">` that leads to the edition of another language; and
the widgets of translating services (Google Translate, GTranslate, Weglot, TranslatePress, WPML and others), with which the saved
page may have been translated. One finding of each on a page.

Hit: a French page whose `x-default` is the English one. No hit: a page that is itself the default edition; links to other pages of
the site; a widget on a page that `machine-translated-page` speaks of.

Limits: whether a person or a machine translated, these do not say. Sites without `x-default` do not say which edition came first.
"""

import polars as pl

from checker import languages
from checker.marks import told

CODE = "ART011"
SEVERITY = "info"
CATEGORY = "style/unnatural"


def find(pages: pl.DataFrame) -> pl.DataFrame:
    marks = told(pages)
    by_machine = marks.filter(pl.col("kind") == "machine")["doc"]
    widgets = (pl.col("kind") == "widget") & pl.col("doc").is_in(by_machine.implode())
    found = marks.filter((pl.col("kind") != "machine") & ~widgets).sort("doc", "line", "column", maintain_order=True)
    first = found.group_by("doc", "kind", maintain_order=True).agg(
        pl.col("start", "end", "line", "column", "value", "lang", "page_lang").first(),
        names=pl.col("name").unique(maintain_order=True).str.join(", "),
    )
    codes = pl.concat([first["lang"], first["page_lang"]]).drop_nulls().unique().sort()
    spoken = {code: languages.name(code) for code in codes}
    lang, own = (pl.col(c).replace_strict(spoken, default=None, return_dtype=pl.String) for c in ("lang", "page_lang"))
    edition = pl.format("the site's default edition is {}, and this is its {} one (editions: {})", lang, own, "value")
    origin = pl.format(" in {}", lang).fill_null("")
    message = (
        pl.when(pl.col("kind") == "edition")
        .then(edition)
        .when(pl.col("kind") == "translation")
        .then(pl.format("the page's markup calls it a translation of one{}: {}", origin, "names"))
        .otherwise(pl.format("the site offers translations of its pages (by {}): this may be one", "names"))
    )
    pivot = pl.when(pl.col("kind") == "translation").then("lang")
    return first.select("doc", "start", "end", "line", "column", message=message, pivot=pivot)
