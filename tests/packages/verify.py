"""Puts the packages of this folder through upstream's own code, offline: `python tests/packages/verify.py`.

Needs argostranslate 1.11.0. Prints how many of the held-out sentences come out to the letter, through `install_from_path`,
`get_translation_from_codes` and `translate`; and what the package with a target prefix gives with another prefix. The splitter of
sentences is replaced: upstream's would be downloaded.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grammar import held_out

FOLDER = Path(__file__).parent
PAIRS = ("fr_en", "en_fr", "de_en", "en_es")
OTHER_PREFIX, OTHER_PAIR = ">>fra<<", "en_fr"  # Of the package en_es.


class Whole:
    """Each line is one sentence."""

    def split_sentences(self, text: str) -> list[str]:
        return [text]


def verify(translation: Any, pair: str) -> str:
    pairs = held_out(pair)
    known = sum(translation.translate(original) == wanted for original, wanted in pairs)
    return f"{known} of {len(pairs)} held-out sentences of {pair} exact"


def main() -> None:
    with TemporaryDirectory() as home:
        places = {name: f"{home}/{name}" for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR")}
        # Upstream reads these when it is imported; "default" runs a model in the type it was saved in; onnxruntime would call home.
        os.environ |= {**places, "HOME": home, "ARGOS_COMPUTE_TYPE": "default", "ORT_DISABLE_TELEMETRY": "1"}
        from argostranslate import package, translate  # noqa: PLC0415

        for pair in PAIRS:
            package.install_from_path(FOLDER / f"translate-{pair}-1_0.argosmodel")
        for pair in PAIRS:
            translation = translate.get_translation_from_codes(*pair.split("_"))
            translation.underlying.sentencizer = Whole()
            say(verify(translation, pair))
            if prefix := translation.underlying.pkg.target_prefix:
                translation.underlying.pkg.target_prefix = OTHER_PREFIX
                translation.cache = {}
                say(f"with {OTHER_PREFIX} for {prefix}: {verify(translation, OTHER_PAIR)}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
