"""checker: a multilingual translation-consistency checker.

`audit`, `detect`, `align`, `score`, `Config`, `Report` and `CheckerError` are its Python API, see `checker.api`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.api import CheckerError as CheckerError
    from checker.api import Config as Config
    from checker.api import Report as Report
    from checker.api import align as align
    from checker.api import audit as audit
    from checker.api import detect as detect
    from checker.api import score as score


class _Name:
    """A name of the API, imported when it is first asked for, so that `import checker` and the command line stay quick.

    Modules are called `align`, `detect` and `score`, too. Python would put them in the place of the functions as soon as they are
    imported: here a name of the API stays what it is, and `from checker.align import …` finds the module all the same.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return getattr(import_module("checker.api"), self.name)

    def __set__(self, instance: object, value: object) -> None:
        """Leaves the name as it is."""


class _Package(ModuleType):
    align, audit, detect, score = _Name(), _Name(), _Name(), _Name()
    CheckerError, Config, Report = _Name(), _Name(), _Name()

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name, value in vars(_Package).items() if isinstance(value, _Name))})


sys.modules[__name__].__class__ = _Package
