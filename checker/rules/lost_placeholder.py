"""A placeholder of the original is missing from the version, or one stands there that the original has not.

Placeholders are where a program puts values: `%s`, `%1$d`, `%(name)s`, `{name}`, `{0}`, `${name}`, `%1`. They are held against
the version itself, in whatever language, not against its back-translation. What is numbered or named may stand anywhere and more
than once; `%s` and `%d` must be as many and in their order, unless the version numbers them. Of an ICU message the argument must
be there, the arms of a selection, and `other`; the arms of a plural are each language's own. The first of a plural's forms in a
catalogue may go without its figure: "one file".

Why it matters: the program shows a sentence without its figure or name, or `{nom}`, or ends.

A hit: "{count} files" → "fichiers"; "Hello, {name}" → "Bonjour, {nom}"; "%s of %d" → "%d von %s". Not a hit: "%s of %d" → "%2$d von
%1$s"; "100% sure"; "5%-ige".

Known limits: widths and precisions are not compared; a name in braces that a language writes in other letters is a change.
"""

import polars as pl

from checker.placeholders import compared

CODE = "FID031"
SEVERITY = "critical"
CATEGORY = "design/markup"
MARKUP = True


def find(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose placeholders differ, a row per placeholder; the side that has it narrowed to it."""
    return compared(pairs, "placeholder")
