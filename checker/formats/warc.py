"""Web archives, WARC: each page that a crawl fetched is a document, `pip install 'checker[warc]'`.

The page of an address is the document FILE#ADDRESS; where it was fetched several times, with the number of the time behind it
(`… (2)`). Pages are the responses of status 200 that are HTML or plain text, and resources and conversions (`.wet`) of these types;
what else an archive holds, pictures or redirections, is no document, as it is none in a folder. A page that cannot be read, or of
which the crawl kept a part only, is skipped with its reason. Line and column of a finding count within the page.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from checker.config import Config
from checker.errors import InputError
from checker.formats import html, text

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

SUFFIXES = (".warc", ".wet", ".arc")

_PAGES = {"text/html": html, "application/xhtml+xml": html, "text/plain": text}
_END = b"\r\n\r\n"
_KINDS = ("response", "resource", "conversion")


def read(content: bytes, suffix: str, config: Config) -> list[dict[str, Any]]:
    """A row for each page; raises `InputError` where there is none, or the archive is broken, with the number of the record."""
    times: dict[str, int] = {}
    rows = []
    for address, kind, page in _pages(content, suffix, config):
        times[address] = times.get(address, 0) + 1
        part = address if times[address] == 1 else f"{address} ({times[address]})"
        rows.append({**_row(page, kind, suffix, config), "part": part})
    if not rows:
        raise InputError("holds no page", remedy="pages are responses of status 200 that are HTML or plain text")
    return rows


def _pages(content: bytes, suffix: str, config: Config) -> list[tuple[str, str, bytes | str]]:
    """Address, type and bytes of each page, or why there are none; of the whole archive, before anything is made of it."""
    return [
        (record.rec_headers.get_header("WARC-Target-URI") or "unknown", kind, _body(record, config.max_bytes))
        for record in _records(content, suffix)
        if (kind := _type(record)) in _PAGES
    ]


def _records(content: bytes, suffix: str) -> Iterator["ArcWarcRecord"]:
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 -- an extra
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    except ImportError as error:
        raise InputError("is read by warcio, which is not installed", remedy="pip install 'checker[warc]'") from error
    number = 0
    try:
        for record in ArchiveIterator(BytesIO(content), arc2warc=True):
            number += 1
            yield record
            record.raw_stream.read()
            if getattr(record.raw_stream, "limit", 0) > 0:  # the library ends without a word
                raise EOFError(f"{record.raw_stream.limit:,} bytes of record {number} are missing")
        if suffix != ".arc" and not content.endswith(_END):
            raise EOFError("it does not end as a record does")
    except (ArchiveLoadFailed, AttributeError, EOFError, OSError, ValueError, zlib.error) as error:
        said = str(error).strip().splitlines() or [repr(error)]
        raise InputError(f"is broken in or behind its record {number}: {said[0][:200]}", remedy="is it cut off?") from error


def _type(record: "ArcWarcRecord") -> str:
    """The type of a page, empty for what is none."""
    if record.rec_type not in _KINDS:
        return ""
    headers = record.http_headers
    if headers is not None and headers.get_statuscode() != "200":
        return ""
    given = headers.get_header("Content-Type") if headers is not None else record.rec_headers.get_header("Content-Type")
    return (given or "").split(";")[0].strip().lower()


def _body(record: "ArcWarcRecord", most: int) -> bytes | str:
    if record.rec_headers.get_header("WARC-Truncated"):
        return f"the crawl kept a part of it: {record.rec_headers.get_header('WARC-Truncated')}"
    try:
        page: bytes = record.content_stream().read(most + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        return f"cannot be unpacked: {error}"
    return page if len(page) <= most else f"is larger than {most:,} bytes (raise max_bytes to read it all the same)"


def _row(page: bytes | str, kind: str, suffix: str, config: Config) -> dict[str, Any]:
    """The page as its format reads it, or why not."""
    if isinstance(page, bytes) and page.strip():
        try:
            rows: list[dict[str, Any]] = _PAGES[kind].read(page, suffix, config)
        except InputError as error:
            page = error.problem
        else:
            return rows[0]
    return {"status": "skipped", "reason": page if isinstance(page, str) else "is empty", "text": None}
