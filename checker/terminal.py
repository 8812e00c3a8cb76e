"""What is printed for people: the two streams, and text that a page or a server wrote made safe for a terminal."""

import os
import signal
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from rich import console

from checker.progress import Progress

# Spaces that are no more than that, though two of them count as separators.
_KEPT = (" ", "\u00a0", "\u3000")


class Console(console.Console):
    """rich's console, which ends with 1 when nobody reads any more: here that would say that a gate failed."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())
        raise SystemExit(128 + signal.SIGPIPE)


out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def plain(text: str | None) -> str:
    """The text with control, format and line-breaking characters written out: a page must not command the terminal."""
    if text is not None and text.isascii() and text.isprintable():  # nearly all: ten times as fast
        return text
    return "".join(
        c if c in _KEPT or (c.isprintable() and unicodedata.category(c)[0] != "C") else f"\\u{ord(c):04x}" for c in text or ""
    )


def short(text: str | None, width: int) -> str:
    """The text in one line of at most `width` characters, with an ellipsis where it was longer."""
    said = plain(" ".join((text or "").split()))
    return said if len(said) <= width else said[: width - 1] + "…"


def many(count: int, noun: str, nouns: str | None = None) -> str:
    """`1 document`, `2,000 documents`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


@contextmanager
def progress() -> Iterator[Progress]:
    """Tells the stage on stderr while it works; silent where stderr is no terminal."""
    if not err.is_terminal:
        yield lambda _: None
        return
    with err.status("starting") as status:
        yield lambda stage: status.update(f"{stage} …")
