"""Argos Translate by its own library, for comparison with the engine `argos`, which runs the same packages faster.

    pip install 'checker[argos]'

It needs torch and some gigabytes. Packages are found as `argos` finds them; of several for a pair, the library takes the one it
lists first. Sentences are cut by the segmenter of the project, one a call: the library's own splitters would download models.
Its search follows 4 hypotheses; the setting `beam` and retries with safer parameters do not reach it.
"""

from importlib.metadata import PackageNotFoundError, version

from checker import packages, upstream
from checker.config import Config
from checker.engines import argos
from checker.engines.argos import Argos
from checker.errors import EngineError
from checker.worker import Worker

# Distributions that hold the module: upstream's, and the branch that LibreTranslate uses.
_DISTRIBUTIONS = ("argostranslate", "argos-translate-lt")

# Upstream's own beam.
BEAM = 4


def load(config: Config) -> Argos:
    """The library, if it is installed, and the packages of the folder."""
    maker = _maker()
    folder = packages.folder(config.packages).absolute()
    worker = Worker(upstream.__name__, config.engine_timeout, {"ARGOS_PACKAGES_DIR": str(folder)})
    return Argos(argos.found(config), worker, maker, BEAM, name="argostranslate", tunable=False)


def _maker() -> str:
    for name in _DISTRIBUTIONS:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    raise EngineError("argostranslate is not installed", remedy="pip install 'checker[argos]'")
