"""The drawers: a component is a module, found by listing its folder, and this file says what each kind must hold.

rules/NAME.py      CODE, SEVERITY, CATEGORY, and `find`, whose one parameter names the frame it reads (`lines`, `segments` or
                   `pairs`); it returns that frame's rows that are findings, with `start` and `end` narrowed to the evidence and,
                   if it has them, `lang`, `pivot`, `message` (see `checker.detect`, `checker.score`). MARKS, optional, is the
                   kind that a segment becomes which the evidence covers.
engines/NAME.py    `load(settings) -> Engine`, which raises `EngineError` where the engine cannot be had.
metrics/NAME.py    HIGHER_IS_BETTER, `score(hypotheses, references) -> list[float]`, `signature() -> str`.
formats/NAME.py    SUFFIXES, `read(content, suffix, config) -> list[dict]` of rows of `tables.PAGES` (see `checker.formats`).
writers/NAME.py    SUFFIX, `write(frame, path)`.

The name of a component is its module's with `-` for `_`; its docstring is its manual page.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from types import ModuleType

SEVERITIES = ("info", "minor", "major", "critical")
"""From mildest to worst."""


def components(drawer: str) -> dict[str, ModuleType]:
    """Name to module of every component in `checker/DRAWER/`, sorted by name."""
    package = importlib.import_module(f"checker.{drawer}")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name.replace("_", "-"): importlib.import_module(f"checker.{drawer}.{name}") for name in names}


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
