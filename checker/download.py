"""Downloads to a file of the cache that go on where they ended, from servers that are not trusted: bounded in size and time."""

import base64
import fcntl
import hashlib
import http.client
import io
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from checker import cache
from checker.errors import InputError, RunError, not_written

_BLOCK = 1 << 18

# Seconds without a byte, after which a server counts as gone.
TIMEOUT = 30.0

# Bytes a second, over the time of `TIMEOUT`, below which a server is left: 100 MB would take it a day.
_SLOWEST = 1000

# Times that one link is asked on, each for the rest of what it did not send.
_TRIES = 3

# Far beyond any model of this kind (512 dimensions, 6 + 6 layers, 50,000 subwords: some 70 MB), and within what a disk has.
LARGEST = 4 << 30

Received = Callable[[int, int | None], None]
"""Is told the bytes that are there, and how many there will be, if the server says."""


class _CutShort(Exception):
    """A connection that ended before the body did: what came is kept, and the rest is asked for."""


def shown(address: str) -> str:
    """An address without what may be a secret: user, password, query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "the address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but from https not to where others can read along and write."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            fp.close()
            raise urllib.error.URLError(f"it redirects from https to {shown(newurl)}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def ask(address: str, headers: dict[str, str], timeout: float) -> Any:
    """The response to a request; raises `OSError`, `HTTPException` or `ValueError`, among them `HTTPError` from status 400 on."""
    parts = urlsplit(address)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise urllib.error.URLError(f"it is an address of the kind {parts.scheme!r}, expected http or https")
    user, _, host = parts.netloc.rpartition("@")
    path, query = quote(parts.path, safe="/%:@!$&'()*+,;=~"), quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    request = urllib.request.Request(urlunsplit((parts.scheme, host, path, query, "")), headers=headers)  # noqa: S310 - as above
    request.add_header("User-Agent", f"checker/{version('checker')}")
    if user:
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(unquote(user).encode()).decode())
    opener = urllib.request.OpenerDirector()
    for handler in (  # build_opener's without ftp, file and data
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
        _Redirects,
    ):
        opener.add_handler(handler())
    try:
        return opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()  # it is a response, too, which nobody reads
        raise


def why(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code} {error.reason}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "the server does not answer"
    return str(getattr(reason, "strerror", None) or reason) or type(reason).__name__


@contextmanager
def downloaded(links: Sequence[str], progress: Received, timeout: float) -> Iterator[tuple[Path, str]]:
    """The file that the first link which works leads to, and the link as it may be shown.

    The file is deleted afterwards, but kept, to go on from, where the disk was at fault or the user interrupted.
    """
    with ExitStack() as stack:
        part, link = _first(links, stack, progress, timeout)
        try:
            yield part, shown(link)
        except InputError:
            _forget(part)
            raise
        _forget(part)


def _first(links: Sequence[str], stack: ExitStack, progress: Received, timeout: float) -> tuple[Path, str]:
    refused = []
    for link in links:
        try:
            return _whole(link, stack, progress, timeout), link
        except InputError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    reasons = "; ".join(f"{error.where}: {error.problem}" for error in refused)
    raise InputError(f"no link works: {reasons}", remedy=refused[0].remedy)


def _whole(link: str, stack: ExitStack, progress: Received, timeout: float) -> Path:
    """The file in the folder of downloads once it is all there; it stays locked until the stack is closed."""
    part = _part(link)
    file = stack.enter_context(_claimed(part))
    for _ in range(_TRIES):
        try:
            _continue(link, part, file, progress, timeout)
        except _CutShort as error:
            problem = str(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise InputError(f"cannot be downloaded: {why(error)}", where=shown(link)) from error
        else:
            return part
    raise InputError(f"cannot be downloaded: {problem}", where=shown(link), remedy="run it again: it goes on where it ended")


def _part(link: str) -> Path:
    """The file for what comes from a link, named so that a person knows it and no two links share it."""
    folder = cache.folder() / "downloads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "CHECKER_CACHE names another folder for the cache"
        raise RunError(f"cannot be made: {error.strerror}", where=str(folder), remedy=remedy) from error
    name = re.sub(r"[^A-Za-z0-9._-]", "_", shown(link).rpartition("/")[2])[-80:]
    return folder / f"{hashlib.sha256(link.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}-{name}.part"


def _noted(part: Path) -> Path:
    """The file that says which state of the resource a part is of."""
    return part.with_suffix(".json")


def _forget(part: Path) -> None:
    for path in (part, _noted(part)):
        path.unlink(missing_ok=True)


@contextmanager
def _claimed(part: Path) -> Iterator[io.FileIO]:
    """The file, open to append, which no other process writes meanwhile. Unbuffered, so that a full disk is told at the write."""
    try:
        file = io.FileIO(part, "a+")
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", where=str(part)) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError("is being downloaded already", where=str(part), remedy="wait for the other one to end") from error
        except OSError:
            pass  # a filesystem without locks: two at once would end in a checksum that is wrong, not in a wrong package
        yield file


def _continue(link: str, part: Path, file: io.FileIO, progress: Received, timeout: float) -> None:
    """Asks for what the file lacks, or for all if it is of another state of the resource; raises `_CutShort` if not all came."""
    have, state = file.seek(0, os.SEEK_END), _state(part)
    headers = {"Range": f"bytes={have}-", "If-Range": state} if have and state else {}
    try:
        response = ask(link, headers, timeout)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not headers:
            raise
        if error.headers.get("Content-Range") == f"bytes */{have}":
            return  # all was there
        response = ask(link, {}, timeout)
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and not _goes_on(response, have, state):
        response.close()
        response = ask(link, {}, timeout)
    with response:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = _begin(part, file, response)
        length = response.headers["Content-Length"]
        _append(response, file, have, have + int(length) if length else None, progress, timeout)


def _goes_on(response: Any, have: int, state: str | None) -> bool:
    """Whether a partial body is what comes after the first `have` bytes: some servers do not look at If-Range."""
    same = _state_of(response) in (None, state)
    return bool(have) and same and str(response.headers["Content-Range"]).startswith(f"bytes {have}-")


def _state_of(response: Any) -> str | None:
    """What tells one state of a resource from another, byte for byte: a weak ETag does not."""
    tag: str | None = response.headers["ETag"]
    date: str | None = response.headers["Last-Modified"]
    return tag if tag and not tag.startswith("W/") else date


def _begin(part: Path, file: io.FileIO, response: Any) -> int:
    """Empties the file and notes which state of the resource it is going to hold, in this order: a kill may come between."""
    if response.status != http.HTTPStatus.OK:
        raise http.client.HTTPException(f"the server says {response.status}, expected 200")
    try:
        file.truncate(0)
        _noted(part).write_text(json.dumps({"state": _state_of(response), "address": shown(response.url)}), "utf-8")
    except OSError as error:
        raise not_written(error, part) from error
    return 0


def _state(part: Path) -> str | None:
    """Strong ETag or date of the resource that a part is of; None if the server told none, and it cannot be gone on from."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(_noted(part).read_text("utf-8"))["state"] or "") or None
    return None


def _append(response: Any, file: io.FileIO, have: int, total: int | None, progress: Received, timeout: float) -> None:
    if (total or 0) > LARGEST:
        raise http.client.HTTPException(f"it has {total:,} bytes, at most {LARGEST:,} are taken")
    progress(have, total)
    start, before = time.monotonic(), have
    for block in _blocks(response):
        have += len(block)
        if have > LARGEST:
            raise http.client.HTTPException(f"it has more than {LARGEST:,} bytes")
        _write(file, block)
        progress(have, total)
        if (now := time.monotonic()) - start > timeout:
            if have - before < _SLOWEST * (now - start):
                raise _CutShort("the server sends less than 1 kB a second")
            start, before = now, have
    if total is not None and have != total:
        raise _CutShort(f"the server sent {have:,} bytes of {total:,}")


def _blocks(response: Any) -> Iterator[bytes]:
    try:
        while block := response.read1(_BLOCK):
            yield block
    except (OSError, http.client.HTTPException) as error:
        raise _CutShort(f"the connection broke off: {why(error)}") from error


def _write(file: io.FileIO, block: bytes) -> None:
    """All of the block, of which a file without a buffer may take a part at a time."""
    left = memoryview(block)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise not_written(error, Path(str(file.name))) from error
