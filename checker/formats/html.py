"""HTML: the text as a reader sees it, every character traced to its line and column in the source.

Block elements and `<br>` end a line, inline elements join, white space collapses, entities are decoded, `<pre>` stays as it is.
What a browser does not show is left out: the head, scripts, styles, templates, `hidden` and `display: none`. Navigation and footers
stay: whether they belong to the text is for the rules to say, which learn from `main` what the markup makes of them, and from
`marks` what it says about a translation.

The tags are found by expressions that never look at a character twice. The standard library's `html.parser` takes 20 seconds for
30 KB of `<a <a <a` (Python 3.11), reads broken markup differently from release to release, and counts only `\\n` as a line's end.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from checker.config import Config
from checker.encoding import decode, line_starts
from checker.languages import normalise
from checker.main_text import main_spans
from checker.marks import default_edition, translation_marks

SUFFIXES = (".html", ".htm", ".xhtml")


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


BLOCKS = _names(
    "address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p pre "
    "search section select summary table tbody td textarea tfoot th thead tr ul xmp"
)
VOID = _names("area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr")
UNSEEN = _names("applet audio canvas datalist head iframe noembed noframes noscript object script style svg template title video")
# Between their tags nothing is markup but their own end tag.
RAW = _names("iframe noembed noframes script style textarea title xmp")
ESCAPABLE = _names("textarea title")
PREFORMATTED = _names("pre textarea listing xmp")
OF_HEAD = _names("base basefont bgsound link meta noscript script style template title")

# Elements that may go without their end tags: which open ones a start ends, and how far out to look for them.
ENDS = {
    **dict.fromkeys(BLOCKS - {"br"}, (_names("p"), _names("td th button"))),
    "li": (_names("li"), _names("ul ol menu")),
    **dict.fromkeys(("dt", "dd"), (_names("dt dd"), _names("dl"))),
    **dict.fromkeys(("td", "th"), (_names("td th"), _names("table"))),
    "tr": (_names("tr"), _names("table")),
    "option": (_names("option"), _names("select")),
}
# Beyond these a page is not asked for its main text, so that reading it takes bounded time: at the bounds, markup made to be slow
# took 3 seconds. Of 30 news pages the largest has 2.9 million characters, the others at most 3,700 tags, 25 deep.
MAX_SOURCE = 4_000_000
MAX_TAGS = 40_000
MAX_DEPTH = 100

# Nobody nests inline elements deeper than this; without a bound, 100,000 open tags make each further tag slow.
DEPTH = 64

_SPACE = r" \t\n\r\f"
_VALUE = rf"""(?:"[^"]*+"|'[^']*+'|[^{_SPACE}>"'][^{_SPACE}>]*+)"""
_ATTRIBUTE = rf"[^{_SPACE}/>][^{_SPACE}/>=]*+(?:[{_SPACE}]*+=[{_SPACE}]*+{_VALUE})?+"
_REFERENCE = r"(?P<reference>&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);?)|(?P<nul>\0+)|&"
TAG = re.compile(rf"<(/?)([a-zA-Z][^{_SPACE}/>]*+)((?:[{_SPACE}/]++|{_ATTRIBUTE})*+)>")
ATTRIBUTE = re.compile(_ATTRIBUTE)
PIECE = re.compile(rf"(?P<space>[{_SPACE}]+)|{_REFERENCE}|[^{_SPACE}&\0]+(?: [^{_SPACE}&\0]+)*")
VERBATIM = re.compile(rf"(?P<line>\r\n|\r|\n)|{_REFERENCE}|[^\r\n&\0]+")
MARKUP = re.compile(r"<(?=/?[a-zA-Z]|[!?]|/.)", re.DOTALL)
TAG_BEGIN = re.compile("</?[a-zA-Z]")
COMMENT_END = re.compile(r"--!?>")
# The longest name of an entity has 31 characters; beyond 4,300 digits Python refuses to read a number.
LONGEST = 64
BREAK = re.compile(r"\r\n|\r|\n")
MAY_HIDE = re.compile("hidden|display", re.IGNORECASE)
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

# Within its first kilobyte or so a page declares its encoding; browsers look no further, and some generators need a little more.
PROLOGUE = 4096
CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)|^\s*<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)""", re.IGNORECASE)


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:  # noqa: ARG001 - every format is asked alike
    """One row; `lang` is the one that `<html lang>` states."""
    source, encoding = decode(content, _declared(content))
    page = _Page(source)
    page.read()
    text = "".join(page.text)
    told = {"main": page.main(text), "marks": page.marks(text)}
    return [{"encoding": encoding, "lang": page.lang, "text": text, "anchors": page.anchors(), **told}]


def _declared(content: bytes) -> str | None:
    found = CHARSET.search(content, 0, PROLOGUE)
    return (found[1] or found[2]).decode("ascii", "ignore") if found else None


class _Page:
    """The state of one pass over a source: which elements are open, and what was written, with where each run of it came from."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lang: str | None = None
        self.open: list[tuple[str, bool]] = []  # elements, and whether each hides what is in it
        self.names: Counter[str] = Counter()
        self.hiding = self.verbatim = 0
        self.text: list[str] = []
        self.length = self.breaks = self.depth = 0
        self.titles: list[str] = []  # what the head calls the page
        self.headings: list[tuple[int, int]] = []  # spans of the text of each `<h1>`
        self.heading: int | None = None  # where an open one began
        self.markup: list[tuple[int, int]] = []  # spans of the source: tags, comments and scripts
        self.editions: list[tuple[int, str, str]] = []  # place of a `<link hreflang>`, its language and address
        self.space: int | None = None  # place of white space that is written if a word follows on the same line
        self.runs: list[tuple[int, int]] = []  # offset in the text, place in the source
        self.expected = -1  # place in the source that would continue the last run

    def read(self) -> None:
        """Goes through the source once: text, tag, text, tag …; a tag that never ends hides the rest, as in a browser."""
        place = 0
        while place < len(self.source):
            found = MARKUP.search(self.source, place)
            begin = found.start() if found else len(self.source)
            self._data(place, begin, references=True)
            place = self._markup(begin) if found else begin

    def _markup(self, begin: int) -> int:
        """Reads a tag or passes over a comment; returns the place behind it."""
        source = self.source
        if TAG_BEGIN.match(source, begin):
            tag = TAG.match(source, begin)
            if tag:
                self.markup.append(tag.span())
            return self._tag(tag) if tag else len(source)
        if source.startswith("<!--", begin) and not source.startswith((">", "->"), begin + 4):
            comment = COMMENT_END.search(source, begin + 4)
            end = comment.end() if comment else len(source)
            self.markup.append((begin, end))
            return end
        return source.find(">", begin) + 1 or len(source)

    def _tag(self, tag: re.Match[str]) -> int:
        name, attributes = tag[2].lower(), tag[3]
        if tag[1]:
            self._break(name)
            self._end(name)
        elif name == "html":
            self.lang = self.lang or _lang(attributes)
        elif name in VOID:
            self._break(name)
            self._tell(name, attributes, tag.start())
        elif not (attributes.endswith("/") and name in UNSEEN):
            self._start(name, hides=name in UNSEEN or _hidden(attributes))
            self._break(name)
            return self._content(name, tag.end())
        return tag.end()

    def _tell(self, name: str, area: str, place: int) -> None:
        """Keeps what a `<meta>` or `<link>` says of the page: what it is called, and in which languages it stands where."""
        if name == "meta" and "og:title" in area:
            self.titles.extend(value for key, value in _attributes(area) if key == "content")
        elif name == "link" and "hreflang" in area.lower():
            attributes = dict(_attributes(area))
            self.editions.append((place, attributes.get("hreflang", ""), attributes.get("href", "")))

    def _break(self, name: str) -> None:
        if name in BLOCKS and not self.hiding:
            self.breaks, self.space = max(self.breaks, 1), None

    def _content(self, name: str, begin: int) -> int:
        """Reads what only this element may hold: text up to its own end tag, or the line break that a `<pre>` does not show."""
        if name in PREFORMATTED and (line := BREAK.match(self.source, begin)):
            begin = line.end()
        return self._raw(name, begin) if name in RAW else begin

    def _raw(self, name: str, begin: int) -> int:
        """The text up to the element's own end tag."""
        end = re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE).search(self.source, begin)
        place = end.start() if end else len(self.source)
        if name == "script":
            self.markup.append((begin, place))
        elif name == "title" and not self.names["svg"]:
            self.titles.append(html.unescape(self.source[begin:place]))
        self._data(begin, place, references=name in ESCAPABLE)
        return place

    def _start(self, name: str, *, hides: bool) -> None:
        if name == "body":
            self._pop_to(0)
        if self.open and self.open[-1][0] == "head" and name not in OF_HEAD:
            self._pop_to(len(self.open) - 1)
        self._imply_ends(name)
        if name == "h1":
            self.heading = self.length
        self.open.append((name, hides))
        self.depth = max(self.depth, len(self.open))
        self.names[name] += 1
        self.hiding += hides
        self.verbatim += name in PREFORMATTED

    def _imply_ends(self, name: str) -> None:
        ended, bounds = ENDS.get(name, (frozenset[str](), frozenset[str]()))
        if any(self.names[other] for other in ended):
            for index in range(len(self.open) - 1, max(len(self.open) - DEPTH, 0) - 1, -1):
                if self.open[index][0] in ended:
                    return self._pop_to(index)
                if self.open[index][0] in bounds:
                    return None
        return None

    def _end(self, name: str) -> None:
        """Ends the innermost open element of that name and all within it; an end tag without a start is nothing."""
        if self.names[name]:
            self._pop_to(next(index for index in range(len(self.open) - 1, -1, -1) if self.open[index][0] == name))

    def _pop_to(self, size: int) -> None:
        while len(self.open) > size:
            name, hides = self.open.pop()
            self.names[name] -= 1
            self.hiding -= hides
            self.verbatim -= name in PREFORMATTED
            if name == "h1" and self.heading is not None:
                self.headings.append((self.heading, self.length))
                self.heading = None

    def _data(self, begin: int, end: int, *, references: bool) -> None:
        """Text between tags."""
        if begin < end and self.open and self.open[-1][0] == "head" and not self.source[begin:end].isspace():
            self._pop_to(len(self.open) - 1)
        if self.hiding:
            return
        for piece in (VERBATIM if self.verbatim else PIECE).finditer(self.source, begin, end):
            kind = piece.lastgroup
            if kind == "space":
                self.space = piece.start() if self.space is None else self.space
            elif kind == "line":
                self.breaks += 1
            elif kind == "reference" and references:
                self._reference(piece[0], piece.start())
            elif kind != "nul":
                self._write(piece[0], piece.start())

    def _reference(self, raw: str, place: int) -> None:
        decoded = html.unescape(raw) if len(raw) < LONGEST else raw
        # `&copyright` is `©` and `right`: what follows the entity stands in the source as it is.
        plain = _common_end(raw, decoded) if len(decoded) > 1 else 0
        for character in decoded[: len(decoded) - plain]:
            self._character(character, place)
        if plain:
            self._write(raw[-plain:], place + len(raw) - plain)

    def _character(self, character: str, place: int) -> None:
        if character in "\n\r" and self.verbatim:
            self.breaks += 1
        elif character in " \t\n\r\f" and not self.verbatim:
            self.space = place if self.space is None else self.space
        else:
            self._write(character, place)
            self.expected = -1

    def _write(self, words: str, place: int) -> None:
        """Writes words that stand at a place of the source, after the line breaks or the space that are due."""
        if self.breaks and self.text:
            self.text.append("\n" * self.breaks)
            self.length += self.breaks
            self.expected = -1
        elif self.space is not None and self.text:
            self._run(" ", self.space)
        self.breaks, self.space = 0, None
        self._run(words, place)

    def _run(self, words: str, place: int) -> None:
        if place != self.expected or (words != " " and self.source[place - 1] in "\n\r"):
            self.runs.append((self.length, place))
        self.text.append(words)
        self.length += len(words)
        self.expected = place + len(words)

    def anchors(self) -> pl.Series:
        """The runs as line and column of the source."""
        offsets, places = np.array(self.runs or [(0, 0)], dtype=np.int64).T
        return self._placed(places).insert_column(0, pl.Series("offset", offsets)).to_struct()

    def main(self, text: str) -> pl.Series | None:
        """The spans of the main text, as `tables.PAGES` has them; null where the markup does not tell."""
        if len(self.source) > MAX_SOURCE or len(self.markup) > MAX_TAGS or self.depth > MAX_DEPTH:
            return None
        spans = main_spans(self.source, text, self.headings, self.titles)
        return None if spans is None else pl.DataFrame(spans, schema=["start", "end"], orient="row").to_struct()

    def marks(self, text: str) -> pl.Series | None:
        """What the markup says about a translation, as `tables.PAGES` has it; null where it says nothing."""
        found = pl.concat([translation_marks(self.source, self.markup), default_edition(self.editions, self.lang)])
        if found.is_empty():
            return None
        runs = np.array(self.runs or [(0, 0)], dtype=np.int64)
        behind = np.searchsorted(runs[:, 1], found["place"].to_numpy())
        offsets = np.append(runs[:, 0], len(text))[behind]
        placed = self._placed(found["place"].to_numpy()).insert_column(0, pl.Series("offset", offsets))
        return placed.hstack(found.drop("place")).to_struct()

    def _placed(self, places: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Line and column of places of the source."""
        starts = line_starts(self.source)
        lines = np.searchsorted(starts, places, side="right")
        return pl.DataFrame({"line": lines, "column": places - starts[lines - 1] + 1})


def _common_end(one: str, other: str) -> int:
    return next((size for size in range(len(other), 0, -1) if one.endswith(other[-size:])), 0)


def _attributes(area: str) -> Iterator[tuple[str, str]]:
    for match in ATTRIBUTE.finditer(area):
        name, _, value = match[0].partition("=")
        yield name.strip().lower(), html.unescape(value.strip().strip("\"'"))


def _hidden(area: str) -> bool:
    if not MAY_HIDE.search(area):
        return False
    attributes = dict(reversed(list(_attributes(area))))  # of two attributes with one name, the first counts
    return attributes.get("hidden", "until-found") != "until-found" or bool(HIDDEN_STYLE.search(attributes.get("style", "")))


def _lang(area: str) -> str | None:
    stated = {name: value for name, value in _attributes(area) if name in ("lang", "xml:lang") and value.strip()}
    return normalise(next(iter(stated.values()))) if stated else None
