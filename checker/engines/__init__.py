"""The drawer of translation engines: the edge to the world that turns a text of one language into another.

A module holds `load(config) -> Engine`, which raises `EngineError`, with a remedy, where the engine cannot be had, and
`InputError` where a file or folder that the user named for it is not what it should be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Translation:
    """What an engine made of a text: `text` and the `engine` that gave it, or the `reason` why there is none; never both."""

    text: str | None = None
    engine: str | None = None
    """Name, version and route: `apertium 3.8.3 fra→cat→eng`."""
    reason: str | None = None
    """Why there is no text, without the engine's name: `not in the memory`."""
    score: float | None = None
    """Mean natural log-probability of the text's tokens, 0 and below, higher is surer; null where the engine tells none."""
    unknown: tuple[str, ...] = ()
    """Words that the engine says it does not know and left as they are, in their order."""


class Engine(Protocol):
    """A loaded engine. Languages are ISO 639-1 codes throughout."""

    @property
    def name(self) -> str:
        """Name of the engine's module."""

    @property
    def batch(self) -> int:
        """Texts to ask for at a time: enough for it to work well, few enough that a run which is killed loses little."""

    def describe(self, source: str, target: str) -> str | None:
        """Name, version and route for a pair of languages; None if the engine does not serve it."""

    def signature(self, source: str, target: str) -> str | None:
        """All that the translations of a pair depend on besides the text: versions, digests of models, parameters.

        Equal signatures mean equal translations, which then are kept and not asked for again; None: they are not kept.
        """

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        """As many out as in, in their order; the same texts give the same translations.

        Any text is allowed: what cannot be translated comes back as a reason and costs no other text its translation. Raises
        `EngineError` if the engine serves the pair but cannot work at all.
        """

    def safer(self) -> "Engine | None":
        """The engine with slower parameters that go wrong less often, for doubtful translations; None if it has none."""
