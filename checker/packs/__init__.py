"""Packs: words and patterns by language, one TOML file each; a language or a phrase is added without code.

The rules' own packs are the files of this folder, a user's are named in the settings; all have one layout (docs/packs.md):

    title = "What the pack is for"    # by default the file's name
    about = "More of it, for whoever edits the file; optional."

    [sets]                            # optional: lists of words that regexes name in braces, as {carriers}
    carriers = ["Black Star", "Fjordline"]

    [[entry]]
    lang = "en"                       # ISO 639-1, or zxx for any language
    kind = "chrome"                   # what a match is
    where = "line"                    # where in a line it stands: line, start, end or within
    regex = ['share (?:this )?page']  # or literal = […] or lexicon = […]
    must_match = ["Share this page"]
    must_not_match = ["They share this page of history."]

Further keys of an entry: `ignore_case`, `severity`, `pivot`, `message`, `screen`. A mistake is a `ConfigError` that names file,
entry, key and remedy. Regexes are of polars' dialect, whose time is linear in the text whatever the pattern; those that look
around are of `regex`, which gets a limited time for each text.
"""

import difflib
import hashlib
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import regex
from babel import Locale

from checker.errors import ConfigError
from checker.registry import SEVERITIES

ANY = "zxx"
"""Language of what belongs to no language (ISO 639-2: no linguistic content)."""

PLACES = ("line", "start", "end", "within")
"""Where in a line an entry's patterns stand."""

_OWN_PLACES = ("player", "section")
_SOURCES = ("literal", "regex", "lexicon")
_STRINGS, _LISTS = ("lang", "kind", "where", "screen", "severity", "pivot", "message"), (*_SOURCES, "must_match", "must_not_match")

# Seconds that `regex` may take for one text. A line of 900,000 characters takes patterns without nested repetition up to 0.03; a
# hundred times that leaves room for a machine that is busy.
PATIENCE = 3.0

# Words of one pattern: 8,000 of 20 characters are too many for polars' compiler if capitals do not matter, 4,000 are not.
_MOST = 2_000

# Characters of words that are written without spaces between them: a lexicon of such words is sought without word boundaries.
_DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"


@dataclass(frozen=True)
class Entry:
    """A list of words or patterns of one language and kind; `number` counts the entries of its file from 1."""

    file: str
    number: int
    lang: str
    kind: str
    where: str | None = None
    literal: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    lexicon: tuple[str, ...] = ()
    ignore_case: bool = False
    screen: str | None = None
    severity: str | None = None
    pivot: str | None = None
    message: str | None = None
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How messages call the entry."""
        return f"{self.file}, entry {self.number} ({', '.join(filter(None, (self.lang, self.kind, self.where)))})"


@dataclass(frozen=True)
class Pack:
    """A pack as read; `digest` is the SHA-256 of its file."""

    file: str
    title: str
    about: str
    entries: tuple[Entry, ...]
    digest: str


def read(path: Path, kinds: Collection[str] | None = None, shown: str | None = None) -> Pack:
    """The pack in a file, checked; `kinds` are those that entries may have (None: any, for rules that read packs of their own)."""
    file = shown or str(path)
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=file, remedy="is the pack's path right?") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"is not TOML: {error}", where=file, remedy="regexes are written in single quotes, so that \\ stays as it is"
        ) from error
    _known(table, ("title", "about", "sets", "entry"), file)
    for key in ("title", "about"):
        if not isinstance(table.get(key, ""), str):
            raise ConfigError(f"{key!r} is {table.get(key)!r}, expected a string", where=file, remedy=f'write {key} = "…"')
    sets = _sets(table.get("sets", {}), file)
    rows = table.get("entry", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ConfigError("holds no entry", where=file, remedy="an entry begins with the line [[entry]]")
    entries = tuple(_entry(row, file, number, sets, kinds) for number, row in enumerate(rows, 1))
    return Pack(file, table.get("title", path.stem), table.get("about", ""), entries, hashlib.sha256(content).hexdigest())


@cache
def builtin(name: str) -> Pack:
    """The pack `NAME.toml` of this folder."""
    return read(Path(__file__).parent / f"{name}.toml", shown=f"{name}.toml")


def builtins() -> list[str]:
    """Names of the packs of this folder."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


@cache
def load(name: str) -> dict[str, dict[str, list[str]]]:
    """A pack of this folder as language to `where` (to `kind` in a pack of words) to patterns, ready for `either`, or words."""
    found: dict[str, dict[str, list[str]]] = {}
    for entry in builtin(name).entries:
        found.setdefault(entry.lang, {}).setdefault(entry.where or entry.kind, []).extend(
            entry.lexicon or (_cased(entry, pattern) for pattern in (*map(_escaped, entry.literal), *entry.regex))
        )
    return found


def any_of(phrases: Iterable[str]) -> str:
    """A pattern, for polars and `regex` alike, that matches each phrase literally, the longest first."""
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return f"(?:{'|'.join(map(_escaped, ordered))})"


def either(patterns: Iterable[str]) -> str:
    """A pattern that matches what any of the patterns does."""
    return f"(?:{'|'.join(patterns)})"


def anchored(pattern: str, where: str | None) -> str:
    """The pattern held to its place in a line; punctuation, symbols and, behind, digits (counts) stand aside of a whole line."""
    before, behind = _edges(where)
    return f"{before}{pattern}{behind}"


def pattern(entry: Entry) -> str:
    """One pattern for all of an entry, held to its place."""
    return anchored(either((*(_cased(entry, each) for each in entry.regex), *_words(entry))), entry.where)


def parted(entry: Entry) -> str:
    """The same in three groups: `evidence`, and what stands aside of it in a whole line, `before` and `behind`."""
    before, behind = _edges(entry.where)
    inner = pattern(replace(entry, where=None))
    return f"{before and f'(?P<before>{before})'}(?P<evidence>{inner}){behind and f'(?P<behind>{behind})'}"


def _edges(where: str | None) -> tuple[str, str]:
    """What stands before and behind a pattern that is held to a place."""
    opens, closes = r"^[\s\p{P}\p{S}]*", r"[\s\p{P}\p{S}]*$"
    if where in ("line", *_OWN_PLACES):
        return opens, r"[\s\p{P}\p{S}\d]*$"
    return opens if where == "start" else "", closes if where == "end" else ""


def linear(pattern: str) -> bool:
    """True if polars reads the pattern, and so matches it in linear time; False if only `regex` does.

    Raises `ValueError`, with a line for the user, where neither does or it is too big.
    """
    try:
        pl.select(pl.lit("a").str.contains(pattern))
    except pl.exceptions.ComputeError as error:
        if "exceeds size limit" in str(error):
            raise ValueError("is too big when compiled: its counted repetitions multiply") from error
        try:
            regex.compile(pattern)
        except regex.error:
            raise ValueError(f"is no regex: {_cause(error)}") from error
        return False
    return True


def failures(pack: Pack) -> Iterator[tuple[Entry, str, str]]:
    """The examples of a pack that do not hold: entry, key and example; raises `ConfigError` for patterns that do not compile."""
    for entry in pack.entries:
        _compiled(entry)
        for key, wanted in (("must_match", True), ("must_not_match", False)):
            examples = getattr(entry, key)
            held = matched(entry, examples)
            yield from ((entry, key, example) for example, hit in zip(examples, held, strict=True) if hit is not wanted)


def parts(entry: Entry) -> list[Entry]:
    """The entry, in parts of so many words that a pattern of them compiles."""
    most = max(len(entry.literal), len(entry.lexicon), 1)
    cuts = [slice(at, at + _MOST) for at in range(0, most, _MOST)]
    return [replace(entry, literal=entry.literal[cut], lexicon=entry.lexicon[cut]) for cut in cuts]


def matched(entry: Entry, texts: Sequence[str]) -> list[bool]:
    """Whether the entry's patterns match each of the texts."""
    held = [_matched(part, texts) for part in parts(entry)]
    return [any(hits) for hits in zip(*held, strict=True)]


def _matched(entry: Entry, texts: Sequence[str]) -> list[bool]:
    whole = pattern(entry)
    if linear(whole):
        return pl.Series(texts, dtype=pl.String).str.contains(whole).to_list()
    compiled = regex.compile(whole)
    screened = pl.Series(texts, dtype=pl.String).str.contains(entry.screen) if entry.screen else [True] * len(texts)
    return [passes and _searched(compiled, text, entry) for text, passes in zip(texts, screened, strict=True)]


def broken(entry: Entry, key: str, example: str) -> ConfigError:
    """What is raised of, or printed for, an example that does not hold."""
    problem = f"{key} {_short(example)} {'does not match' if key == 'must_match' else 'matches'}"
    return ConfigError(
        problem, where=entry.name, remedy="mend the pattern or the example; `checker rules test` shows all that fail"
    )


def too_slow(entry: Entry) -> ConfigError:
    """What is raised where a pattern that looks around takes longer than `PATIENCE` for one text."""
    return ConfigError(
        f"a regex takes more than {PATIENCE:g} s for one text: {' | '.join(entry.regex)[:200]}",
        where=entry.name,
        remedy="write it without a repetition inside a repetition, or without look-around",
    )


def _searched(compiled: regex.Pattern[str], text: str, entry: Entry) -> bool:
    try:
        return compiled.search(text, timeout=PATIENCE) is not None
    except TimeoutError as error:
        raise too_slow(entry) from error


def _cased(entry: Entry, pattern: str) -> str:
    return f"(?i:{pattern})" if entry.ignore_case else pattern


def _words(entry: Entry) -> list[str]:
    """The literals, and the words of a lexicon, which end where words do: a pattern for all that begin and end alike."""
    alike: dict[tuple[str, str], list[str]] = {("", ""): list(entry.literal)} if entry.literal else {}
    for text in entry.lexicon:
        opens, closes = (r"\b" if _bounded(text[edge]) else "" for edge in (0, -1))
        alike.setdefault((opens, closes), []).append(text)
    return [_cased(entry, f"{opens}{any_of(texts)}{closes}") for (opens, closes), texts in alike.items()]


def _bounded(character: str) -> bool:
    """True for a character that words of spaced languages are made of."""
    return (character.isalnum() or character == "_") and (character.isascii() or not regex.match(_DENSE, character))


def _escaped(text: str) -> str:
    return regex.escape(text, special_only=True)


def _entry(row: Mapping[str, Any], file: str, number: int, sets: Mapping[str, str], kinds: Collection[str] | None) -> Entry:
    where = f"{file}, entry {number}"
    _known(row, [field.name for field in fields(Entry) if field.name not in ("file", "number")], where)
    for key, value in row.items():
        _typed(key, value, where)
    for key in ("lang", "kind"):
        if key not in row:
            raise ConfigError(f"has no {key!r}", where=where, remedy=f'write {key} = "{"en" if key == "lang" else "chrome"}"')
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    entry = Entry(file, number, **given)
    _allowed(entry, kinds)
    patterns = tuple(_filled(text, sets, entry) for text in entry.regex)
    entry = replace(entry, regex=patterns)
    if kinds is not None:  # the tests have compiled those of this folder, 1 s for all
        _compiled(entry)
    return entry


def _known(row: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    for key in row:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            raise ConfigError(
                f"unknown key {key!r}", where=where, remedy=f"did you mean {near[0]!r}?" if near else f"keys are {', '.join(keys)}"
            )


def _typed(key: str, value: Any, where: str) -> None:
    if key in _STRINGS and not (isinstance(value, str) and value):
        raise ConfigError(f"key {key!r} is {value!r}, expected a string", where=where, remedy=f'write {key} = "…"')
    if key == "ignore_case" and not isinstance(value, bool):
        raise ConfigError(f"key {key!r} is {value!r}, expected true or false", where=where, remedy="write it without quotes")
    if key in _LISTS and not (isinstance(value, list) and all(isinstance(text, str) and text.strip() for text in value)):
        raise ConfigError(
            f"key {key!r} is {_short(value)}, expected a list of strings that are not blank",
            where=where,
            remedy=f'write {key} = ["…", "…"]',
        )


def _allowed(entry: Entry, kinds: Collection[str] | None) -> None:
    """Raises `ConfigError` for a value that is none of those that its key can have."""
    sources = [key for key in _SOURCES if getattr(entry, key)]
    if len(sources) != 1:
        said = f"has {' and '.join(sources)}" if sources else "has no pattern, or an empty list of them"
        raise ConfigError(said, where=entry.name, remedy="an entry holds one of literal, regex or lexicon, with a pattern or more")
    places = PLACES if kinds is not None else (*PLACES, *_OWN_PLACES)
    for key, allowed in (("where", places), ("severity", SEVERITIES), ("kind", kinds)):
        value = getattr(entry, key)
        if allowed is not None and value is not None and value not in allowed:
            near = difflib.get_close_matches(value, allowed, n=1)
            raise ConfigError(
                f"{key} is {value!r}, expected one of {', '.join(allowed)}",
                where=entry.name,
                remedy=f"did you mean {near[0]!r}?" if near else "write one of them, or leave the key out",
            )
    for key in ("lang", "pivot"):
        code = getattr(entry, key)
        if code is not None and code not in codes() and (key, code) != ("lang", ANY):
            raise ConfigError(
                f"{key} is {code!r}, expected an ISO 639-1 code",
                where=entry.name,
                remedy="such as en, fr or zh" + (f"; {ANY} is for patterns of any language" if key == "lang" else ""),
            )
    if entry.screen and not entry.regex:
        raise ConfigError("has a screen and no regex", where=entry.name, remedy="a screen tells which texts a regex is asked about")


@cache
def codes() -> frozenset[str]:
    """The ISO 639-1 codes of languages."""
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def _compiled(entry: Entry) -> None:
    """Raises `ConfigError` for a regex that does not compile, is too big, or matches the empty text."""
    for key in ("regex", "screen"):
        texts: tuple[str, ...] = entry.regex if key == "regex" else (entry.screen,) if entry.screen else ()
        for text in texts:
            try:
                if not linear(_cased(entry, text)) and key == "screen":
                    raise ValueError("looks around, which a screen cannot: polars matches it")
                regex.compile(text)
            except (ValueError, regex.error) as error:
                raise ConfigError(
                    f"{key} {_short(text)} {error}", where=entry.name, remedy="see docs/packs.md on regexes"
                ) from error
    empty = next((text for text in entry.regex if regex.fullmatch(text, "") is not None), None)
    if empty is not None:
        raise ConfigError(
            f"regex {_short(empty)} matches the empty text, and so everywhere",
            where=entry.name,
            remedy="ask for one character or more",
        )
    try:
        for part in parts(entry):
            linear(pattern(part))
    except ValueError as error:
        raise ConfigError(f"all patterns together: {error}", where=entry.name, remedy="make two entries of it") from error


def _sets(table: Any, file: str) -> dict[str, str]:
    """Name in braces to pattern: the pack's own sets, and those that every pack has."""
    where = f"{file}, sets"
    if not isinstance(table, dict):
        raise ConfigError(f"is {table!r}, expected a table of lists", where=where, remedy='write [sets] and then name = ["…"]')
    for name, words in table.items():
        if not regex.fullmatch(r"[a-z][a-z_]+", name):
            raise ConfigError(f"set {name!r} has no proper name", where=where, remedy="small letters and _, two or more")
        if not (isinstance(words, list) and words and all(isinstance(word, str) and word for word in words)):
            raise ConfigError(
                f"set {name!r} is {_short(words)}, expected a list of strings", where=where, remedy='write name = ["…"]'
            )
    return {name: any_of(words) for name, words in table.items()}


def _filled(text: str, sets: Mapping[str, str], entry: Entry) -> str:
    """The regex with the sets that it names in braces."""

    def words(match: regex.Match[str]) -> str:
        name = match.group(1)
        if name not in sets and name not in _SETS:
            raise ConfigError(
                f"regex {_short(text)} names the set {name!r}, which the pack does not have",
                where=entry.name,
                remedy=f"write it under [sets]; every pack has {' and '.join(_SETS)}",
            )
        return sets[name] if name in sets else _SETS[name]()

    return regex.sub(r"(?<!\\[pPN])\{([a-z][a-z_]+)\}", words, text)


def _name() -> str:
    """A person's name: one to four capitalised words, with particles between them."""
    particle = "(?:de|del|da|di|van|von|der|den|bin|al|el|la|le|dos|du|y|e)"
    return r"\p{Lu}[\p{L}\p{M}’'-]*\.?" + rf"(?: (?:{particle} ){{0,2}}\p{{Lu}}[\p{{L}}\p{{M}}’'-]*\.?){{0,3}}"


@cache
def _territories() -> str:
    """One-word English names of countries, of CLDR, without those in the plural or with an article (the Gambia, the Maldives)."""
    names = [name for code, name in Locale("en").territories.items() if len(code) == 2 and name.isalpha()]
    with_article = ("Gambia", "Sudan", "Congo", "Ukraine", "Lebanon", "Yemen", "Vatican")
    return any_of(name for name in names if not name.endswith("s") and name not in with_article)


_SETS: Mapping[str, Callable[[], str]] = {"name": _name, "territories": _territories}
"""Sets that every pack has."""


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def _cause(error: Exception) -> str:
    """The line of polars' report of a regex that says what is wrong; the others show the pattern."""
    return str(regex.findall(r"error: (.*)", str(error))[-1])
