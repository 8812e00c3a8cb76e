"""What lines of pages look like, in numbers: shapes, words and neighbours, for a model that tells text from what is around it.

The numbers are the same for the same document, whatever other documents are beside it, and they are neutral to scripts: a Chinese
character counts as two and a half letters, and a script without capitals is taken to have as many as a sentence has.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Looks = dict[str, Floats]

_CLASSES = (
    "space",
    "lower",
    "upper",
    "letter",
    "dense",
    "digit",
    "stop",
    "comma",
    "colon",
    "quote",
    "dash",
    "bar",
    "slash",
    "bracket",
)
_KIND = {name: number for number, name in enumerate((*_CLASSES, "other"))}
_MARKS = {
    "stop": ".!?…。！？؟۔।",
    "comma": ",;，；、،؛",
    "colon": ":：",
    "quote": "\"'„‚「」『』‹›«»“”‘’",
    "bar": "|•·>→▶►",
    "slash": "/\\",
}
_CATEGORIES = {"Ll": "lower", "Lu": "upper", "Lt": "upper", "Pd": "dash", "Ps": "bracket", "Pe": "bracket"}
# Scripts written without spaces: CJK, kana, Thai, Lao, Myanmar, Khmer.
_DENSE = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_DENSE_SCRIPTS = ("Hani", "Jpan", "Thai")
# Characters of a line that are read: a longer one is text, or nothing to be told from its end.
_READ = 5_000
# From here on code points are Han characters and signs.
_PLANES = 0x20000
# Letters that say as much as a character of such a script, and those of a mean word with its space.
_LETTERS, _WORD = 2.5, 6.0
# What a script without capitals is given: shares of capitals and capitalised words between those of prose and of labels.
_CAPITALS, _CAPITALISED = 0.04, 0.3

NEUTRAL = {"capitals": _CAPITALS, "capitalised": _CAPITALISED, "word_size": _WORD}
"""Looks of every line in a script without capitals and spaces."""

# A paragraph ends as a sentence does and has so many letters, or has more; the edges of blocks are longer ones.
_PROSE, _LONG_PROSE = 60, 150
_EDGE, _LONG_EDGE = 100, 200

_CLOSED = r"[\"'”’»“)\]』」]*$"
_SHAPES = {
    "stop": rf"[.!?…。！？؟۔।]{_CLOSED}",
    "dots": rf"(?:\.\.\.|…){_CLOSED}",
    "asks": rf"[?؟？]{_CLOSED}",
    "colon_end": r"[:：]$",
    "comma_end": r"[,;，；،]$",
    "digit_end": r"\d\W*$",
    "entry": r"^\W{0,2}\d|^[•*–—-]\s",
    "copyright": "©",
    "at": "@",
}
_STAMPS = {
    "year": r"\b(?:19|20)\d{2}\b",
    "hour": r"\b\d{1,2}[:.h]\d{2}\b",
    "date": (
        r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\b|(?:19|20)\d{2}[年./-]\d{1,2}[月./-]\d{1,2}"
        r"|\p{L}{3,}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d{2}|\d{1,2}\.? (?:de )?\p{L}{3,}\.?,? (?:de )?(?:19|20)\d{2}"
    ),
}

# Words are hashed as polynomials over their characters, modulo 2**64: the hashes of all words of a text come from cumulated sums.
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
# Of a hash the upper bits, where a polynomial mixes best, are its slot in the table of known words.
_SLOTS = 18
_SHIFT = np.uint64(64 - _SLOTS)

Vocabulary = tuple[NDArray[np.uint64], Floats]


@dataclass(frozen=True)
class Documents:
    """Which rows of a frame of lines belong together: `first` and `last` row of each row's document."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @classmethod
    def of(cls, docs: pl.Series) -> "Documents":
        starts = np.flatnonzero((docs != docs.shift(1)).fill_null(value=True).to_numpy())
        lengths = np.diff(np.append(starts, len(docs)))
        return cls(np.repeat(starts, lengths), np.repeat(starts + lengths - 1, lengths))

    @cached_property
    def row(self) -> NDArray[np.int64]:
        return np.arange(len(self.first))

    def shifted(self, values: Floats, by: int) -> Floats:
        """The value `by` rows on, -1 outside the document."""
        row = self.row + by
        inside = (row >= self.first) & (row <= self.last)
        return np.where(inside, values[np.clip(row, 0, len(values) - 1)], np.float32(-1)).astype(np.float32)

    def mean(self, values: Floats, begin: int, end: int) -> Floats:
        """The mean from `begin` to `end` rows on, both included; 0 where the document has no such rows."""
        # Sums of thousandths are exact: what stands in other documents before does not move a mean by a rounding.
        total = np.append(0, np.cumsum(np.rint(values * 1000).astype(np.int64)))
        low = np.clip(self.row + begin, self.first, self.last + 1)
        high = np.clip(self.row + end + 1, low, self.last + 1)
        means: Floats = ((total[high] - total[low]) / (1000 * np.maximum(high - low, 1))).astype(np.float32)
        return means

    def shares(self, values: Floats) -> tuple[Floats, Floats]:
        """Shares of the document's sum that come before the row, and behind it."""
        total = np.append(0.0, np.cumsum(values, dtype=np.float64))
        whole = np.maximum(total[self.last + 1] - total[self.first], 1)
        before, behind = total[self.row] - total[self.first], total[self.last + 1] - total[self.row + 1]
        return (before / whole).astype(np.float32), (behind / whole).astype(np.float32)

    def distances(self, flags: NDArray[np.bool_], most: int) -> tuple[Floats, Floats]:
        """Rows to the last flagged row before, and to the next behind; `most` where there is none so near."""
        never = len(flags) + most
        before = np.append(-never, np.maximum.accumulate(np.where(flags, self.row, -never))[:-1])
        behind = np.append(np.minimum.accumulate(np.where(flags, self.row, 2 * never)[::-1])[::-1][1:], 2 * never)
        up = np.where(before >= self.first, self.row - before, most)
        down = np.where(behind <= self.last, behind - self.row, most)
        return np.minimum(up, most).astype(np.float32), np.minimum(down, most).astype(np.float32)


def looks(lines: pl.DataFrame, known: Mapping[str, Floats], vocabulary: Vocabulary) -> Looks:
    """Numbers of each line by name; `known` says which lines the lexicons hold, by their kind."""
    documents = Documents.of(lines["doc"])
    own = alone(lines, known, vocabulary)
    return own | around(own, documents)


def alone(lines: pl.DataFrame, known: Mapping[str, Floats], vocabulary: Vocabulary) -> Looks:
    """What a line looks like by itself, and whether its words and its like occur elsewhere in its document."""
    text = Characters.of(lines)
    found = _counted(text, lines["script"].is_in(_DENSE_SCRIPTS).to_numpy())
    found |= _shaped(lines) | _repeated(lines) | {f"known_{kind}": hits for kind, hits in known.items()}
    return found | _worded(text, Documents.of(lines["doc"]), _is_prose(found), vocabulary)


def around(own: Looks, documents: Documents) -> Looks:
    """What stands around a line: neighbours, paragraphs near and far, and the block between two paragraphs that it is in."""
    size, prose = own["size"], _is_prose(own)
    edge = ((own["stop"] > 0) & (size >= _EDGE)) | (size >= _LONG_EDGE)
    letters = np.where(prose, size, 0).astype(np.float32)
    found: Looks = {"prose": prose.astype(np.float32)}
    found["before"], found["behind"] = documents.shares(letters)
    found["edges_before"], found["edges_behind"] = documents.shares(np.where(edge, size, 0).astype(np.float32))
    found["inside"] = np.minimum(found["edges_before"], found["edges_behind"])
    found["prose_up"], found["prose_down"] = documents.distances(prose, 60)
    found["edge_up"], found["edge_down"] = documents.distances(edge, 60)
    found["gap"], found["near"] = found["edge_up"] + found["edge_down"], np.minimum(found["edge_up"], found["edge_down"])
    labelled = (own["known_line"] + own["known_start"] + own["known_player"]) > 0
    found["known_up"], found["known_down"] = documents.distances(labelled, 30)
    return found | _windows(own, letters, documents) | _neighbours(own | found, documents) | _blocks(own, edge, documents)


def _is_prose(own: Looks) -> NDArray[np.bool_]:
    prose: NDArray[np.bool_] = ((own["stop"] > 0) & (own["size"] >= _PROSE)) | (own["size"] >= _LONG_PROSE)
    return prose


def _windows(own: Looks, letters: Floats, documents: Documents) -> Looks:
    means = {"letters": (letters, (2, 4, 8, 20, 40)), "size": (own["size"], (3, 10))}
    means |= {"known": (own["known_line"], (3, 10)), "words_say": (own["words_say"], (3, 8)), "topic": (own["topic"], (3,))}
    found: Looks = {}
    for name, (values, widths) in means.items():
        for width in widths:
            found[f"{name}_{width}_up"] = documents.mean(values, -width, -1)
            found[f"{name}_{width}_down"] = documents.mean(values, 1, width)
    return found


_THIRD = ("size", "stop", "known_line", "words", "prose", "words_say", "colon_end")
_SECOND = (*_THIRD, "capitalised", "known_start", "known_within", "n_digit", "same", "date", "entry", "topic")


def _neighbours(numbers: Looks, documents: Documents) -> Looks:
    found: Looks = {}
    for distance in (-3, -2, -1, 1, 2, 3):
        for name in _SECOND if abs(distance) < 3 else _THIRD:
            found[f"{name}@{distance}"] = documents.shifted(numbers[name], distance)
        found[f"differs@{distance}"] = np.abs(numbers["size"] - found[f"size@{distance}"])
    return found


def _blocks(own: Looks, edge: NDArray[np.bool_], documents: Documents) -> Looks:
    """Means over the lines between two paragraphs, among which the line is; a paragraph is a block of its own."""
    begins = edge | (documents.row == documents.first)
    begins[1:] |= edge[:-1]
    block = np.cumsum(begins) - 1
    length = np.bincount(block)
    start = (np.cumsum(length) - length)[block]
    found = {
        "block": np.minimum(length[block], 60),
        "block_up": np.minimum(documents.row - start, 60),
        "block_down": np.minimum(length[block] - 1 - documents.row + start, 60),
        # What a colon announces is a list of the text's own.
        "announced": own["colon_end"][np.maximum(start - 1, 0)] * (start > documents.first),
    }
    for name in ("size", "known_line", "words_say", "stop", "capitalised", "same", "entry", "topic"):
        found[f"block_{name}"] = (np.bincount(block, own[name]) / length)[block].round(4)
    return {name: values.astype(np.float32) for name, values in found.items()}


def _shaped(lines: pl.DataFrame) -> Looks:
    text = pl.col("text")
    # Dates and times are sought where there are digits, in lines that are no paragraphs.
    stamped = text.str.contains(r"\d") & (text.str.len_chars() <= 200)
    shapes = [text.str.contains(pattern).alias(name) for name, pattern in _SHAPES.items()]
    found = lines.select(*shapes, foreign=pl.col("lang") != pl.col("doc_lang")).cast(pl.Float32)
    digits = lines.lazy().with_row_index("row").filter(stamped).collect()
    stamps = digits.select("row", *(text.str.contains(pattern).alias(name) for name, pattern in _STAMPS.items()))
    numbers = {name: found[name].to_numpy() for name in found.columns}
    for name in _STAMPS:
        flags = np.zeros(lines.height, np.float32)
        flags[stamps["row"].to_numpy()] = stamps[name].to_numpy()
        numbers[name] = flags
    return numbers


def _repeated(lines: pl.DataFrame) -> Looks:
    """How often the line stands in its document, how often one like it but for digits, and how often it did so far."""
    like = lines.select("doc", "text", like=pl.col("text").str.replace_all(r"\d", "0"))
    counts = like.select(
        same=pl.len().over("doc", "text").clip(0, 10),
        like=pl.len().over("doc", "like").clip(0, 10),
        again=pl.int_range(pl.len()).over("doc", "text").clip(0, 5),
    )
    return {name: counts[name].cast(pl.Float32).to_numpy() for name in counts.columns}


@dataclass(frozen=True)
class Characters:
    """The characters of all lines, one after the other: code points, their kinds, and where each line begins and ends."""

    points: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    line: NDArray[np.int64]

    @classmethod
    def of(cls, lines: pl.DataFrame) -> "Characters":
        texts = lines["text"].str.head(_READ)
        lengths = texts.str.len_chars().to_numpy().astype(np.int64)
        points = np.frombuffer((texts.str.join("").item() or "").encode("utf-32-le"), np.uint32)
        end = np.cumsum(lengths)
        return cls(points, _tables()[0][points], end - lengths, end, np.repeat(np.arange(len(lengths)), lengths))

    def words(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Begin, end and whether it is long (4 letters, or a pair of characters of a dense script), of every word."""
        kinds = self.kinds
        first = np.zeros(len(kinds) + 1, np.bool_)
        first[self.begin], first[-1:] = True, True
        spaced = np.append((kinds >= _KIND["lower"]) & (kinds <= _KIND["letter"]), False)
        begin = np.flatnonzero(spaced & (first | np.append(True, ~spaced[:-1])))
        end = np.flatnonzero(spaced[:-1] & (~spaced[1:] | first[1:])) + 1
        dense = np.append(kinds == _KIND["dense"], False)
        pair = np.flatnonzero(dense[:-1] & dense[1:] & ~first[1:])
        long = np.append(end - begin >= 4, np.ones(len(pair), np.bool_))
        return np.append(begin, pair), np.append(end, pair + 2), long

    def hashes(self, begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint64]:
        """A hash of each span in lower case."""
        return hashes(_tables()[1][self.points], begin, end)

    def lowered(self, begin: int, end: int) -> str:
        return "".join(map(chr, _tables()[1][self.points[begin:end]]))

    def per_line(self, where: NDArray[np.bool_]) -> Floats:
        return np.bincount(self.line[where], minlength=len(self.begin)).astype(np.float32)


def _counted(text: Characters, dense: NDArray[np.bool_]) -> Looks:
    """Counts and shares of the kinds of characters in each line."""
    n, kinds, length = len(text.begin), text.kinds, (text.end - text.begin).astype(np.float32)
    each = np.bincount(text.line * 16 + kinds, minlength=n * 16).reshape(n, 16).astype(np.float32)
    count = {name: each[:, number] for name, number in _KIND.items()}
    begins = np.append(True, kinds[:-1] == 0)
    begins[text.begin] = True
    begins &= kinds != 0
    stops = np.append(kinds[1:] == 0, True)
    stops[text.end - 1] = True
    words, sentences = text.per_line(begins), text.per_line(stops & (kinds == _KIND["stop"]))
    capitalised, plain = (text.per_line(begins & (kinds == _KIND[name])) for name in ("upper", "lower"))
    cased, size = count["lower"] + count["upper"], length * np.where(dense, _LETTERS, 1)
    first = kinds[text.begin]
    found = {
        "size": np.minimum(size, 1000),
        "words": np.minimum(np.where(dense, size / _WORD, words), 150),
        "word_size": np.where(dense, _WORD, length / np.maximum(words, 1)),  # a line of controls holds no word
        "capitalised": np.where(cased > 0, capitalised / np.maximum(capitalised + plain, 1), _CAPITALISED),
        "capitals": np.where(cased > 0, count["upper"] / np.maximum(cased, 1), _CAPITALS),
        "digits": count["digit"] / length,
        "letters": (cased + count["letter"] + count["dense"]) / length,
        "sentences": np.minimum(np.where(dense, count["stop"], sentences), 20),
        "n_digit": np.minimum(count["digit"], 20),
        "n_comma": np.minimum(count["comma"], 20),
        "first_lower": first == _KIND["lower"],
        "first_digit": first == _KIND["digit"],
        "first_quote": first == _KIND["quote"],
        "first_sign": first > _KIND["quote"],
    }
    found |= {f"n_{name}": np.minimum(count[name], 10) for name in ("colon", "quote", "dash", "bar", "slash", "bracket", "other")}
    return {name: values.astype(np.float32) for name, values in found.items()}


def _worded(text: "Characters", documents: Documents, prose: NDArray[np.bool_], vocabulary: Vocabulary) -> Looks:
    """What the line's words say (positive: site), and how many of the longer ones occur in the document's other paragraphs."""
    begin, end, long = text.words()
    line, hashes = text.line[begin], text.hashes(begin, end)
    n, (slots, weights) = len(text.begin), vocabulary
    slot = hashes >> _SHIFT
    known = slots[slot] == hashes
    each = np.bincount(line[known], minlength=n)
    said = np.bincount(line[known], weights[slot[known]], minlength=n)
    line, hashes = line[long], hashes[long]
    _, word = np.unique((hashes ^ (documents.first[line].astype(np.uint64) * _SPREAD)) * _BASE, return_inverse=True)
    in_prose = np.bincount(word, prose[line])[word] - prose[line] if len(word) else np.zeros(0)
    repeated = np.minimum(np.bincount(word)[word] - 1, 5) if len(word) else np.zeros(0)
    number = np.bincount(line, minlength=n)
    some = np.maximum(number, 1)
    found = {
        "words_say": (said / np.sqrt(np.maximum(each, 1))).round(3),
        "topic": np.where(number > 0, np.bincount(line, in_prose > 0, n) / some, -1),
        "main_topic": np.where(number > 0, np.bincount(line, in_prose >= 3, n) / some, -1),
        "repeated": np.where(number > 0, np.bincount(line, repeated, n) / some, -1),
        "new_words": np.bincount(line, in_prose == 0, n),
    }
    return {name: values.astype(np.float32) for name, values in found.items()}


def hashes(points: NDArray[np.uint32], begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A hash of each span of code points, the same wherever it stands."""
    powers, inverses = _powers(1 << max(len(points), 1).bit_length())
    with np.errstate(over="ignore"):
        total = np.append(np.uint64(0), np.cumsum(points * powers[: len(points)]))
        spans: NDArray[np.uint64] = (total[end] - total[begin]) * inverses[begin] * _SPREAD
    return spans


@lru_cache(maxsize=1)
def _powers(length: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of the base and of its inverse, from the first and from the zeroth."""
    with np.errstate(over="ignore"):
        first, second = (np.cumprod(np.full(length, base, np.uint64), dtype=np.uint64) for base in (_BASE, _INVERSE))
    return first, np.append(np.uint64(1), second)


def vocabulary(weights: Mapping[str, float]) -> Vocabulary:
    """Words and their weights as a table to look hashes up in; of two words for one slot the weightier stays."""
    words = sorted(weights, key=lambda word: (abs(weights[word]), word))
    ends = np.cumsum([len(word) for word in words])
    points = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    found = hashes(points, ends - np.array([len(word) for word in words]), ends)
    slots, values = np.zeros(1 << _SLOTS, np.uint64), np.zeros(1 << _SLOTS, np.float32)
    slot = found >> _SHIFT
    slots[slot], values[slot] = found, np.array([weights[word] for word in words], np.float32)
    return slots, values


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """The kind of every code point, and its lower case."""
    kinds = np.full(0x110000, _KIND["other"], np.uint8)
    kinds[:_PLANES] = [_KIND[_kind(chr(point))] for point in range(_PLANES)]
    kinds[_PLANES:0x40000] = _KIND["letter"]
    for begin, end in _DENSE:
        span = kinds[begin : end + 1]
        span[span == _KIND["letter"]] = _KIND["dense"]
    lower = np.arange(0x110000, dtype=np.uint32)
    for point in np.flatnonzero(kinds == _KIND["upper"]):
        lower[point] = ord(chr(point).lower()[0])
    return kinds, lower


def _kind(character: str) -> str:
    for name, marks in _MARKS.items():
        if character in marks:
            return name
    if character.isspace():
        return "space"
    category = unicodedata.category(character)
    plain = {"L": "letter", "M": "letter", "N": "digit", "Z": "space"}.get(category[0], "other")
    return "quote" if category in ("Pi", "Pf") else _CATEGORIES.get(category, plain)
