"""The process in which argostranslate itself translates: `python -m checker.upstream`, asked by the engine `argostranslate`.

It is given single sentences and splits nothing: its own splitters would download models the first time. It takes the same requests
as `checker.neural` and gives the same answers.
"""

import os
from collections.abc import Iterator
from typing import Any

from checker.worker import Answer, serve


class Whole:
    """A sentence splitter that leaves a text as it is."""

    def split_sentences(self, text: str) -> list[str]:
        return [text]


def answers(request: dict[str, Any]) -> Iterator[Answer]:
    """An answer for each text of a request, as it is made; `score` is null, for the sum that upstream gives has no length."""
    try:
        from argostranslate import translate  # noqa: PLC0415 -- an extra, and it takes seconds
    except ImportError as error:
        yield {"error": f"argostranslate cannot be loaded: {error}", "remedy": "pip install 'checker[argos]'"}
        return
    languages = {language.code: language for language in translate.get_installed_languages()}
    source, target = languages.get(request["from_code"]), languages.get(request["to_code"])
    translation = source.get_translation(target) if source and target else None
    if not isinstance(translation, translate.CachedTranslation):
        yield {"error": f"argostranslate has no package {request['from_code']}→{request['to_code']} of its own"}
        return
    translation.underlying.sentencizer = Whole()
    for text in request["texts"]:
        try:
            yield {"text": translation.translate(text).strip(), "score": None}
        except (RuntimeError, ValueError, OSError) as error:
            yield {"reason": str(error)}


if __name__ == "__main__":
    os.environ.setdefault("ARGOS_COMPUTE_TYPE", "default")  # its own "auto" re-quantises some packages into garbage
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # its splitter's library tells its maker of every use
    serve(answers)
