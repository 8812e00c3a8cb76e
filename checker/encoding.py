"""From bytes to text, strictly: every character is in the file as it stands, nothing is replaced, nothing normalised.

All offsets refer to the text as decoded here: the byte order mark is removed, `\\r\\n` stays, and so does the Unicode
normalisation form of the file (NFC, NFD or a mixture). A rule that compares words normalises copies of them.
"""

import codecs
import re

import numpy as np
import numpy.typing as npt
import regex
from charset_normalizer import from_bytes

from checker.errors import InputError
from checker.languages import identify

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

# What a page means by the name it declares, where that is not what Python means by it: the WHATWG Encoding Standard.
DECLARED = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Codecs that are no character sets of pages: they would turn plain ASCII into something else.
REFUSED = re.compile(r"utf-7|.*unicode.escape|idna|punycode|undefined|mbcs|oem|cp037|cp500")


def decode(content: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text and the codec that gives it: `content.decode(codec) == text`; raises `InputError` with byte and offset.

    A byte order mark decides; then valid UTF-8 does, for no other text is valid UTF-8 by accident, while pages saved as UTF-8 often
    keep the declaration that they had; then the declaration; then windows-1252, which includes Latin-1, if the language is one
    written with it and every character beyond ASCII is at home there; then statistics, if they are sure.
    """
    for mark, codec in BOMS.items():
        if content.startswith(mark):
            return _strictly(content, codec), codec
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        failure = error
    for guess in (_codec(declared), _western(content), _detected(content)):
        if guess is not None:
            try:
                return content.decode(guess), guess
            except UnicodeDecodeError:
                continue
    byte = content[failure.start]
    raise InputError(
        f"cannot be decoded: byte 0x{byte:02X} at offset {failure.start} is not UTF-8, and no other encoding is certain",
        remedy="save it as UTF-8",
    ) from failure


def line_starts(text: str) -> npt.NDArray[np.int64]:
    """The offsets at which the lines of a text begin; a line ends with `\\n`, `\\r\\n` or `\\r`, as an editor counts."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    newline, carriage = codes == ord("\n"), codes == ord("\r")
    carriage[:-1] &= ~newline[1:]
    return np.concatenate([np.zeros(1, dtype=np.int64), np.flatnonzero(newline | carriage) + 1])


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        where = f"byte 0x{content[error.start]:02X} at offset {error.start}"
        raise InputError(f"cannot be decoded: {where} is not {codec.upper()}, which its byte order mark declares") from error


def _codec(declared: str | None) -> str | None:
    """The codec that a page means by the name of its encoding; None if there is no such codec for text."""
    name = (declared or "").strip().lower().removeprefix("x-").replace("windows-874", "cp874")
    try:
        found = codecs.lookup(name).name if name.isascii() and name else ""
        b" ".decode(found or "undefined")  # refuses codecs that do not give text
    except (LookupError, UnicodeError):
        return None
    return None if REFUSED.fullmatch(found) else DECLARED.get(found, found)


# Letters at the same place in windows-1250, 1252 and 1254 and ISO 8859-1, 2, 9, 15 and 16: they are right, whichever was meant.
AGREED = frozenset("áâäçéëíîóôöúüß")
# Language to the letters of its alphabet besides, and the signs that only it has. English has none: where it writes `crème` others
# have a letter of names (`Kovač` is `Kovaè`), so that a letter that is not the language's own needs a word that is known.
WRITTEN = {
    "en": "",
    "fr": "àæèêïùûœ",
    "es": "ñ¿¡ªº",
    "de": "à",
    "it": "àèìòùªº",
    "pt": "àãêõªº",
    "nl": "àèêï",
    "sv": "àå",
    "da": "åæø",
    "no": "àåæèêòø",
    "fi": "å",
    "ca": "àèïò·ªº",
}
SIGNS = frozenset("’‘“”„‹›«»–—…•™€£§°©®·\u00a0\u00ad")
# A sign where other encodings have a letter: `£ukasz` is Łukasz in windows-1250, `Espa–a` is España on an old Macintosh.
MISPLACED = regex.compile(
    r"(?<=\p{L})[^\p{L}\x00-\x7F’·–—\u00A0\u00AD](?=\p{L})|[£©®](?=\p{L})|(?<=\p{L})[£©]|£(?![\s\d])"
    r"|(?<![\d.]|\b[Nn])[ªº]|[ªº](?=\p{L})"
)
DASH_WITHIN = regex.compile(r"(?<=\p{Ll})[–—](?=\p{Ll})")
# UTF-8 of which one byte is broken is no windows-1252: `NÃ£o`. (0xDF is left out, for `ß”` and `ß»` end German quotations.)
MULTIBYTE = re.compile(rb"[\xc2-\xde][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
TAG = re.compile(r"<[^<>]*>")
WORD = regex.compile(r"\p{L}+")
PROBABLE = 0.99
# Of a word of millions of letters wordfreq runs out of memory; no list has one of more than these.
LONGEST = 50


def _western(content: bytes) -> str | None:
    """Windows-1252, if the text is in a language written with it and could not be another encoding's."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    if "\0" in text or MULTIBYTE.search(content):
        return None
    language, probability = identify([_telling(text)], ["Latn"])[0]
    certain = probability >= PROBABLE and language in WRITTEN
    return "cp1252" if certain and _signs_fit(text, language) and _letters_fit(text, language) else None


def _telling(text: str) -> str:
    """The part of a text that tells its language: lines with characters beyond ASCII first, then those around; without tags."""
    start = next(index for index, character in enumerate(text) if character > "\x7f")
    lines = text[max(0, start - SAMPLE // 2) : start + SAMPLE // 2].splitlines()
    return TAG.sub(" ", "\n".join(sorted(lines, key=str.isascii)))


def _signs_fit(text: str, language: str) -> bool:
    signs = {character for character in set(text) if character > "\x7f" and not character.isalpha()}
    if signs - SIGNS - set(WRITTEN[language]) or MISPLACED.search(text):
        return False
    return language == "en" or not DASH_WITHIN.search(text)


def _letters_fit(text: str, language: str) -> bool:
    own = AGREED | set(WRITTEN[language])
    others = {letter for letter in set(text.lower()) if letter > "\x7f" and letter.isalpha()} - own
    if not others:
        return True
    words = {word for word in WORD.findall(text.lower()) if not others.isdisjoint(word)}
    from wordfreq import zipf_frequency  # noqa: PLC0415 -- 0.1 s to import, for few texts

    return all(len(word) <= LONGEST and zipf_frequency(word, language) > 0 for word in words)


# Files are one encoding throughout, so a part from the first byte beyond ASCII tells as much as the whole, in bounded time.
SAMPLE = 1 << 18
# On sentences of news charset-normalizer told Cyrillic, Arabic, Chinese, Japanese and Korean encodings apart without fault, with a
# chaos up to 0.09; it took Latin-1 and ISO 8859-2 for other Western encodings (`¶wiadczyġ`) in five cases of seven, and single
# words in Latin-1 for Chinese or Japanese. So Latin letters are never certain, and a few letters are not, either.
MOST_CHAOS = 0.1
LEAST_LETTERS = 12
LETTERS = regex.compile(r"[^\P{L}\x00-\x7F]")
# Half-width katakana are what Cyrillic in KOI8 looks like in a Japanese code page; no page of today is written in them.
FOREIGN = regex.compile(r"(?![\p{Latin}\uFF61-\uFF9F])\p{L}")


def _detected(content: bytes) -> str | None:
    """The codec that charset-normalizer finds, if what it makes of the bytes beyond ASCII is enough letters of another script."""
    start = next(re.finditer(rb"[\x80-\xff]", content)).start()
    begin = content.rfind(b"\n", 0, start) + 1
    best = from_bytes(content[begin : begin + SAMPLE]).best()
    if best is None or best.chaos > MOST_CHAOS or best.encoding.startswith("utf"):
        return None
    foreign, letters = len(FOREIGN.findall(str(best))), len(LETTERS.findall(str(best)))
    return best.encoding if foreign >= LEAST_LETTERS and foreign > 0.95 * letters else None
