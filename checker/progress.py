"""What long work says of itself while it lasts."""

import time
from collections.abc import Callable

Progress = Callable[[str], None]
"""Is told the stage as it begins, and how far it is."""


def quiet(_: str) -> None:
    """Says nothing."""


class Rate:
    """Tells how much of a stage is done, how fast it goes and how long it may still take."""

    def __init__(self, progress: Progress, stage: str, total: int, unit: str) -> None:
        self.progress, self.stage, self.total, self.unit = progress, stage, total, unit
        self.begin, self.done, self.known = time.monotonic(), 0, 0

    def add(self, count: int, *, known: bool = False) -> None:
        """So much more is done; `known` is what was done before, and says nothing of the rate."""
        self.done += count
        self.known += count if known else 0
        rate = (self.done - self.known) / max(time.monotonic() - self.begin, 1e-9)
        ahead = f", {rate:,.0f}/s, {(self.total - self.done) / rate:,.0f} s left" if rate else ""
        self.progress(f"{self.stage}, {self.done:,} of {self.total:,} {self.unit}{ahead}")
