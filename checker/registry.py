"""The drawers: a component is a module, found by listing its folder, and this file says what each kind must hold.

rules/NAME.py      CODE, SEVERITY, CATEGORY, and `find`, whose one parameter names the frame it reads (`lines`, `segments`,
                   `pages`, `gathered`, `translated`, `pairs`, `uses`); it returns that frame's rows that are findings, with
                   `start` and `end` narrowed to the evidence and, if it has them, `lang`, `pivot`, `message` (see `checker.detect`,
                   `checker.score`). Rules about pairs see spaces where placeholders and tags are, unless they say MARKUP = True.
                   LAYOUT = True: the rule, as those with MARKS, speaks of pages and is not asked about rows of tables.
                   MARKS, optional, is the kind that a segment becomes which the evidence covers.
                   `lines` and `segments` hold some documents of a run, and each document is judged by itself. A rule that
                   needs the others, too, has besides `gather(lines)`, which is asked about every batch of documents and returns
                   rows that may become findings (doc, start, end, and what the decision needs, all flat columns, as few rows
                   as will do: those of the whole run are in memory together); then `find(gathered)` is asked once about the
                   rows of all batches, sorted by doc, start and end. `find(translated)` reads the segments that have a
                   back-translation, `find(uses)` what `checker.ledger` tells of how names and terms are rendered.
                   `find(pages)` reads `tables.PAGES`, for what a page's markup says: it returns doc, start, end, and `line` and
                   `column` where the place is not the text's.
engines/NAME.py    `load(settings) -> Engine`, which raises `EngineError` where the engine cannot be had.
metrics/NAME.py    HIGHER_IS_BETTER, `score(hypotheses, references) -> list[float]`, `signature() -> str`; and what `score` is made
                   of: `counts(hypotheses, references)`, an array with a row per pair that can be summed over pairs, and
                   `figures(counts)`, a figure per row. Metrics that count the same share one function `counts`.
formats/NAME.py    SUFFIXES, `read(content, suffix, config) -> list[dict]` of rows of `tables.PAGES` (see `checker.formats`).
writers/NAME.py    SUFFIX, `write(frame, path)`.
outputs/NAME.py    `write(outcome, file)` of what a gate found (see `checker.outcome`), to a text file open for writing.

The name of a component is its module's with `-` for `_`; its docstring is its manual page.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from types import ModuleType

SEVERITIES = ("info", "minor", "major", "critical")
"""From mildest to worst."""


AFTER_TRANSLATION = ("translated", "pairs", "uses")
"""Frames that there are only once pages have been translated back; the other rules are page rules."""


@cache
def components(drawer: str) -> dict[str, ModuleType]:
    """Name to module of every component in `checker/DRAWER/`, sorted by name."""
    package = importlib.import_module(f"checker.{drawer}")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name.replace("_", "-"): importlib.import_module(f"checker.{drawer}.{name}") for name in names}


def component(drawer: str, name: str) -> ModuleType:
    """The module of one component; no other of its drawer is imported."""
    return importlib.import_module(f"checker.{drawer}.{name.replace('-', '_')}")


@dataclass(frozen=True)
class Rule:
    """A rule's definition; `reads` is the frame that its `find` takes."""

    name: str
    code: str
    severity: str
    category: str
    reads: str
    marks: str | None
    page: str
    module: ModuleType

    @property
    def summary(self) -> str:
        return self.page.split("\n", 1)[0]


@cache
def rules() -> dict[str, Rule]:
    """Name to rule, in the order of their codes."""
    found = [
        Rule(
            name=name,
            code=module.CODE,
            severity=module.SEVERITY,
            category=module.CATEGORY,
            reads=next(iter(module.find.__annotations__)),
            marks=getattr(module, "MARKS", None),
            page=(module.__doc__ or "").strip(),
            module=module,
        )
        for name, module in components("rules").items()
    ]
    return {rule.name: rule for rule in sorted(found, key=lambda rule: rule.code)}


def named(patterns: Iterable[str]) -> list[str]:
    """Names of the rules that one of the patterns names or gives the beginning of the code of, in the order of their codes."""
    return [
        name
        for name, rule in rules().items()
        if any(fnmatchcase(name, pattern) or (pattern and rule.code.startswith(pattern.rstrip("*"))) for pattern in patterns)
    ]
