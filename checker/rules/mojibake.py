"""Characters garbled by a wrong encoding.

Finds runs of characters that come about when a text is decoded with another encoding than it was written in ("CafÃ©" for "Café",
"ÐŸÑ€Ð¸Ð²ÐµÑ‚" for "Привет"), in any language, and the mark that stands for what could not be decoded at all (U+FFFD). The
heuristic is that of ftfy (`ftfy.badness`), which tells sequences that no language writes; the message says what the run was, if
ftfy can undo it. Nothing in the text is changed.

Garbled words are neither translated nor found again by alignment, and are counted as another language's.

Hit: "the cafÃ© on the pier", "it\u00e2\u20ac\u2122s late". No hit: "Café", "São Tomé", "20 °C", "№ 5", any script
as it should be.

Limits: what ftfy takes for possible words is not found: a single garbled letter in Central European or Cyrillic encodings, say.
"""

import ftfy
import polars as pl
import regex
from ftfy.badness import BADNESS_RE

CODE = "TYP002"
SEVERITY = "major"
CATEGORY = "linguistic-conventions/encoding"

# ftfy's pattern without its layout: polars reads it, and asks it about all lines a hundred times faster than Python would.
_BAD = regex.sub(r"#[^\n]*|(\[[^\]]*\])|\s+", lambda match: match[1] or "", BADNESS_RE.pattern)
_LOST = "\ufffd"
_SHOWN = 80

# A garbled word: what is not parted by white space, save the no-break space that is the second half of a garbled letter.
_WORD = r"(?:[^\s]|(?<=[ÂÃÐÑØÙàРС])\u00a0|\u0085)+"
_WORDS = regex.compile(rf"{_WORD}(?:[ ,.]+{_WORD})*?")
_EDGES = ".,;:!?()[]\"'"


def find(lines: pl.DataFrame) -> pl.DataFrame:
    """A row at a time, what few lines the screen lets through: ftfy is Python, and says what it would make of a run."""
    rows = lines.filter(pl.col("text").str.len_bytes() > pl.col("text").str.len_chars())
    rows = rows.filter(pl.col("text").str.contains(f"{_BAD}|{_LOST}"))
    found = [(row, *run) for row, text in enumerate(rows["text"]) for run in _runs(text)]
    schema = {"row": pl.UInt32, "from": pl.Int64, "to": pl.Int64, "message": pl.String}
    spans = pl.DataFrame(found, schema=schema, orient="row")
    placed = spans.join(rows.with_row_index("row"), on="row", how="left", maintain_order="left")
    moved = placed.with_columns(start=pl.col("start") + pl.col("from"), end=pl.col("start") + pl.col("to"))
    return moved.select(*lines.columns, "message").with_columns(lang="doc_lang")


def _runs(text: str) -> list[tuple[int, int, str]]:
    """Start, end and message of each run of garbled words in a line."""
    words = [match.span() for match in _WORDS.finditer(text)]
    bad = [span for span in words if BADNESS_RE.search(text[slice(*span)]) or _LOST in text[slice(*span)]]
    runs: list[tuple[int, int]] = []
    for start, end in bad:
        beside = runs and text[runs[-1][1] : start].strip(" ") == ""
        runs[-1:] = [(runs[-1][0], end)] if beside else [*runs[-1:], (start, end)]
    found = [(start, end, said) for start, end in (_trimmed(text, *run) for run in runs) if (said := _said(text[start:end]))]
    # A word alone can be too short a proof where the line as a whole is none: Cyrillic read as Cyrillic.
    whole = _trimmed(text, 0, len(text))
    return found or [(*whole, said) for said in [_said(text)] if said]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    run = text[start:end]
    return start + len(run) - len(run.lstrip(_EDGES)), end - (len(run) - len(run.rstrip(_EDGES)))


def _said(run: str) -> str | None:
    """What is wrong with a run; None if only its look is odd: nothing to undo, and no sign of loss."""
    mended = ftfy.fix_encoding(run)
    if mended != run:
        return f"garbled by a wrong encoding, probably {_short(mended)}"
    return "characters that were lost when the text was decoded" if _LOST in run else None


def _short(text: str) -> str:
    return f"“{text}”" if len(text) <= _SHOWN else f"“{text[: _SHOWN - 1]}…”"
