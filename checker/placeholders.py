"""Placeholders and tags: what a program puts values in place of, and markup; they are no words, and a translation keeps them.

Known are printf (`%s`, `%1$d`, `%(name)s`, `%-10.2f`), Qt (`%1`, `%n`), `%name%`, `%{name}`, `{name}`, `{0:N2}`, `{{ name }}`,
`${name}`, `{ $name }`, `$NAME$`, ICU messages with their arms, tags of HTML and XLIFF, any tag that is closed, and entities that
are no letter. A percent sign behind a number is none: `5%-ige`.
"""

import html
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import polars as pl
import regex

from checker.facts import Spot, spotted

# In polars' dialect, all that may be one: the texts of which it finds nothing, nearly all, are not looked at more closely.
_SCREEN = (
    r"%[-+0#']*(?:\d*\$?[-+0#]*[\d.*]*(?:hh|ll|[hlqjztL])?[diufFeEgGxXoscS@n]|L?\d|[({<]|[A-Za-z_][\w.]*%)"
    r"|\{[^{}]*\}|\{[^{}]*,\s*(?:plural|select)|\$t\(|\$[A-Z][A-Z0-9_]*\$|</?[A-Za-z0-9]|&(?:#?\w{1,32});"
)

_BODY = (
    r"%(?!\p{AHex}{2}%\p{AHex}{2})(?:(?P<number>\d{1,2})\$)?[+0#']*(?:-?\d{1,3}|\*)?(?:\.(?:\d{1,3}|\*))?"
    r"(?P<conversion>(?:hh|ll|[hlqjztL])?(?:[diufFsScxX@]|(?<=\d)[eEgGo]))"
)
# Behind a number a sign of percent and a word are likelier (`5%-ige`, `20 %ige`), and behind `%d1` more of an address.
_PRINTF = rf"(?:(?<!\d|\d[ \u00a0\u202f]){_BODY}|(?<!%\p{{AHex}}\d){_BODY}(?![A-Za-z]))"
_NAMED = (
    r"%\([A-Za-z_][\w.-]*\)[-+0#]*\d*(?:\.\d+)?[diouxXeEfFgGcrs]"  # Python
    r"|%[{<][A-Za-z_][\w.-]*[}>]"  # Ruby
    r"|(?<!\d)%(?!\p{AHex}{2}%)[A-Za-z_][A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*%(?![%A-Za-z])"  # Windows, Symfony
    r"|[$#]\{[^{}\s]{1,60}\}"  # shells, Ruby
    r"|\{\{[^{}]{1,60}\}\}"  # Handlebars, i18next
    r"|\{\s*[-$][\w-]+\s*\}"  # Fluent
    r"|\{(?:[\p{L}_@][\w.$-]*|\d{1,3})(?:\[[^\]{}]{0,40}\])?(?:![rsa])?(?::[^{}\s]{1,30})?\}"  # Python, .NET, ICU
    r"|\{\s*(?:[A-Za-z_]\w*|\d{1,3})\s*,\s*(?:number|date|time|spellout|ordinal|duration)\s*(?:,[^{}]{0,60})?\}"
    r"|\$t\([^()]{1,60}\)|\$[A-Z][A-Z0-9_]*\$"  # i18next, Chrome
)
_QT = r"(?<!\d)%(?:L?[1-9]\d?(?!\d)|n(?![A-Za-z]))"
_QT_NUMBER = regex.compile(r"%L?\d+")
_VALUE = r"""(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+)"""
_TAG = rf"<(?P<closing>/)?(?P<tag>[A-Za-z][\w:.-]*|\d{{1,3}})(?P<attributes>(?:\s+[\w:@.-]+\s*=\s*{_VALUE})*)\s*(?P<empty>/)?>"
_ENTITY = r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX]\p{AHex}{1,6});"
_MARK = regex.compile(
    rf"(?P<escaped>%%)|(?P<named>{_NAMED})|(?P<printf>{_PRINTF})|(?P<qt>{_QT})|(?P<unnamed>\{{\}})|(?P<markup>{_TAG})|(?P<entity>{_ENTITY})"
)
# What formats of dates have and printf has not: with two of these a text is one, and its order the language's own.
_OF_DATES = regex.compile(r"%[OE]?[YyHIMbBZ](?![A-Za-z])")
_CLOSED = regex.compile(r"</([A-Za-z][\w:.-]*|\d{1,3})\s*>")
_ID = regex.compile(r"""\s(?:id|rid|startRef)\s*=\s*["']?([^"'\s]+)""")
_MESSAGE = regex.compile(r"\{\s*(\w+)\s*,\s*(plural|select|selectordinal)\s*,\s*(?:offset:\d+\s*)?")
_ARM = regex.compile(r"\s*(=\d+|[\w-]+)\s*\{")

# Elements that are tags though they are not closed; another, such as `<file>` in a line of usage, is one only if it is.
_OPEN = frozenset({"br", "hr", "img", "input", "li", "p", "wbr", "bx", "ex", "mrk", "ph", "sc", "ec", "x"})

# The unit of a plural that is for one thing, and may say so in a word: "one file".
_SINGULAR = "[0]"

# Messages within messages: nobody nests them deeper, and without a bound a line of braces would take the square of its length.
_DEPTH = 8


class Mark(NamedTuple):
    """A placeholder or tag; `key` is what the other side must have, null for what need not be there (entities, syntax of ICU).

    `kind`: `placeholder`, `tag` or `aside`. What is not `counted` may stand there more than once: a name, an arm's content.
    """

    start: int
    end: int
    key: str | None
    kind: str = "placeholder"
    counted: bool = False


def marks(text: str, other: str = "") -> list[Mark]:
    """The placeholders and tags of a text, in order; a tag may be closed in the `other` text alone."""
    messages, inside = _messages(text)
    syntax = [mark for mark in messages if mark.end > mark.start]
    found = _plain(text, other)
    covered = {place for mark in syntax for place in range(mark.start, mark.end)}
    free = [mark for mark in found if mark.start not in covered]
    free = [mark._replace(counted=False) if any(a <= mark.start < b for a, b in inside) else mark for mark in free]
    return sorted([*syntax, *free])


def has_marks(text: pl.Expr) -> pl.Expr:
    """True where a text may hold a placeholder or tag; false where it holds none."""
    return text.str.contains(_SCREEN).fill_null(value=False)


def masked(texts: pl.Series, mask: str = " ") -> pl.Series:
    """The texts with a mask in place of each character of placeholders and tags, so that all else stays where it is."""
    odd = texts.to_frame("text").select(has_marks(pl.col("text"))).to_series()
    if not odd.any():
        return texts
    return texts.clone().scatter(odd.arg_true(), [_blanked(text, mask) for text in texts.filter(odd)])


def bare(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs whose texts have spaces in place of placeholders and tags; offsets into them hold as before."""
    return pairs.with_columns(masked(pairs[name]) for name in ("text", "english", "back", "original_text"))


def differing(original: Sequence[Mark], version: Sequence[Mark], kind: str) -> tuple[list[Mark], list[Mark]]:
    """What of a kind the version lost, and what it has that the original has not."""
    ours, theirs = ([mark for mark in side if mark.kind == kind and mark.key is not None] for side in (original, version))
    ours, theirs = _comparable(ours, theirs)
    return _missing(ours, theirs), _missing(theirs, ours)


def swapped(original: Sequence[Mark], version: Sequence[Mark]) -> tuple[Mark, Mark] | None:
    """The first two placeholders without a number or name, of two types, that stand in another order; null if none do."""
    ours, theirs = ([mark for mark in side if mark.kind == "placeholder" and mark.counted] for side in (original, version))
    pairs = zip(ours, theirs, strict=False)
    return next((pair for pair in pairs if pair[0].key != pair[1].key), None) if len(ours) == len(theirs) else None


def compared(pairs: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The pairs whose placeholders or tags differ."""
    both = pl.col("text").is_not_null() & pl.col("original_text").is_not_null()
    kept = pairs.filter(both & (has_marks(pl.col("text")) | has_marks(pl.col("original_text"))))
    # Braces within braces are no matter for an expression; few sentences have any.
    units = kept["unit"] if "unit" in kept.columns else pl.Series([None] * kept.height, dtype=pl.String)
    singular = units.str.ends_with(_SINGULAR).fill_null(value=False)
    rows = kept.select("original_text", "text").with_columns(singular=singular)
    return spotted(kept, [_spots(ours, theirs, kind, singular=one) for ours, theirs, one in rows.iter_rows()])


def _blanked(text: str, mask: str) -> str:
    parts, place = [], 0
    for mark in marks(text):
        if mark.start >= place:
            parts += [text[place : mark.start], mask * (mark.end - mark.start)]
            place = mark.end
    return "".join([*parts, text[place:]])


def _plain(text: str, other: str) -> list[Mark]:
    """What a pattern can tell: all but the syntax of messages."""
    found = list(_MARK.finditer(text))
    numbered = _numbered(found)
    found = [match for match in found if not match["qt"] or match[0] in numbered]
    dated = any(len(set(_OF_DATES.findall(each))) > 1 for each in (text, other))
    closed = {tag for each in (text, other) for tag in _CLOSED.findall(each)}
    told = [mark for match in found if (mark := _mark(match, closed)) is not None]
    return [mark._replace(key=None, kind="aside") if dated and (mark.key or "").startswith("%") else mark for mark in told]


def _numbered(found: Sequence["regex.Match[str]"]) -> set[str]:
    """The placeholders of Qt, which are numbered from 1: elsewhere `%93` is what Turkish and Basque write for 93 %."""
    told = {match[0] for match in found if match["qt"]}
    places = {int(place) for each in told if (place := each.lstrip("%Ln"))}
    return {each for each in told if not each.lstrip("%Ln") or set(range(1, int(each.lstrip("%Ln")))) <= places}


def _mark(match: "regex.Match[str]", closed: set[str]) -> Mark | None:
    start, end = match.span()
    if match["named"] or match["qt"]:
        return Mark(start, end, "".join(match[0].split()))
    if match["printf"]:
        number, conversion = match["number"], _cased(match["conversion"])
        return Mark(start, end, f"%{number}${conversion}" if number else f"%{conversion}", counted=not number)
    if match["unnamed"]:
        return Mark(start, end, match[0], counted=True)
    if match["markup"]:
        return _element(match, closed)
    if match["entity"] and not html.unescape(match[0]).isalpha():
        return Mark(start, end, None, "aside")
    return None


def _cased(conversion: str) -> str:
    """`x` of `X`, which differ in the digits that they print; `s`, `S`, `c` and `C` print other things."""
    return conversion[:-1] + conversion[-1].lower() if conversion[-1] in "XEFG" else conversion


def _element(match: "regex.Match[str]", closed: set[str]) -> Mark | None:
    name = match["tag"]
    if name.lower() not in _OPEN and name not in closed and not match["empty"]:
        return None
    named = _ID.search(match["attributes"])
    key = f"<{match['closing'] or ''}{name}{f' {named[1]}' if named else ''}>"
    return Mark(*match.span(), key, "tag", counted=True)


# Messages of ICU


def _messages(text: str) -> tuple[list[Mark], list[tuple[int, int]]]:
    """The syntax of plural and select messages, and the spans of their arms."""
    syntax, inside = list[Mark](), list[tuple[int, int]]()
    place = 0
    while found := _MESSAGE.search(text, place):
        told = _message(text, found, 0)
        if (
            told is None
        ):  # its braces do not match: what is behind it cannot be told, and to try would take the square of its length
            break
        syntax += told[0]
        inside += told[1]
        place = told[2]
    return syntax, inside


_Told = tuple[list[Mark], list[tuple[int, int]], int]


def _message(text: str, found: "regex.Match[str]", depth: int) -> _Told | None:
    """Syntax, arms and end of the message that begins at a place; null where it is broken."""
    name, kind = found[1], found[2]
    syntax, inside = list[Mark](), list[tuple[int, int]]()
    place, key = found.end(), f"{{{name}, {kind}}}"
    begin = found.start()
    arms = set[str]()
    while arm := _ARM.match(text, place):
        # An arm of a selection must be there; those of a plural are the language's own, but for `other`, which all have.
        own = kind == "select" or arm[1] == "other"
        syntax.append(Mark(begin, arm.start(1), None if arms else key, "aside" if arms else "placeholder"))
        syntax.append(Mark(arm.start(1), arm.end(), f"{key} {arm[1]}" if own else None, "placeholder" if own else "aside"))
        arms.add(arm[1])
        content = _content(text, arm.end(), depth)
        if content is None:
            return None
        syntax += content[0]
        inside += [(arm.end(), content[2]), *content[1]]
        begin, place = content[2], content[2] + 1
    end = regex.compile(r"\s*\}").match(text, place)
    if end is None or not arms:
        return None
    return [*syntax, Mark(begin, end.end(), None, "aside")], inside, end.end()


def _content(text: str, place: int, depth: int) -> _Told | None:
    """Syntax and arms within an arm, and the place of the brace that ends it."""
    syntax, inside = list[Mark](), list[tuple[int, int]]()
    while place < len(text):
        if text[place] == "}":
            return syntax, inside, place
        if text[place] == "{":
            found = _MESSAGE.match(text, place)
            told = _message(text, found, depth + 1) if found and depth < _DEPTH else _braced(text, place)
            if told is None:
                return None
            syntax, inside, place = [*syntax, *told[0]], [*inside, *told[1]], told[2]
        else:
            syntax += [Mark(place, place + 1, None, "aside")] if text[place] == "#" else []
            place += 1
    return None


def _braced(text: str, place: int) -> _Told | None:
    end = text.find("}", place)
    return None if end < 0 else ([], [], end + 1)


# Comparing


def _comparable(ours: list[Mark], theirs: list[Mark]) -> tuple[list[Mark], list[Mark]]:
    """Where one side alone numbers its printf placeholders, they are compared by their types."""
    numbered = [[bool(regex.match(r"%\d+\$", mark.key or "")) for mark in side] for side in (ours, theirs)]
    if any(numbered[0]) == any(numbered[1]):
        return ours, theirs
    return _typed(ours), _typed(theirs)


def _typed(side: Iterable[Mark]) -> list[Mark]:
    return [mark._replace(key=regex.sub(r"^%\d+\$", "%", mark.key or ""), counted=mark.counted) for mark in side]


def _missing(these: Sequence[Mark], those: Sequence[Mark]) -> list[Mark]:
    """The marks whose key the other side has not, or, where each counts, not as often."""
    there = Counter(mark.key for mark in those)
    loose = {mark.key for mark in (*these, *those) if not mark.counted}
    return list(_left(these, there, loose))


def _left(these: Sequence[Mark], there: Counter[str | None], loose: set[str | None]) -> Iterator[Mark]:
    told = set[str | None]()
    for mark in these:
        if mark.key in loose:
            if not there[mark.key] and mark.key not in told:
                yield mark
            told.add(mark.key)
        elif there[mark.key]:
            there[mark.key] -= 1
        else:
            yield mark


def _spots(original: str, version: str, kind: str, *, singular: bool) -> list[Spot]:
    ours, theirs = marks(original, version), marks(version, original)
    lost, gained = differing(ours, theirs, kind)
    if singular and kind == "placeholder" and len(lost) == 1 and not gained:
        return []
    if not any(_QT_NUMBER.fullmatch(mark.key or "") for mark in ours):  # Turkish for 1 %
        gained = [mark for mark in gained if not _QT_NUMBER.fullmatch(mark.key or "")]
    if len(lost) == len(gained) == 1:
        return [Spot(f"{_said(original, lost[0])} → {_said(version, gained[0])}", _span(gained[0]), _span(lost[0]))]
    found = [Spot(f"{kind} lost: {_said(original, mark)}", None, _span(mark)) for mark in lost]
    found += [Spot(f"{kind} added: {_said(version, mark)}", _span(mark), None) for mark in gained]
    if not found and kind == "placeholder" and (pair := swapped(ours, theirs)):
        here, there = pair
        message = f"{_said(version, there)} stands where the original has {_said(original, here)}"
        return [Spot(message, _span(there), _span(here))]
    return found


def _said(text: str, mark: Mark) -> str:
    """As it stands there, or, for a part of an ICU message, its argument and arm."""
    key = mark.key or ""
    return key if ", " in key else text[mark.start : mark.end]


def _span(mark: Mark) -> tuple[int, int]:
    return mark.start, mark.end
