"""Argos packages put into the folder of packages and taken out of it: from Argos' index, an address, or a file.

What a server sends and what an archive holds is not trusted. A download that was cut short goes on where it ended; an archive is
read to its end, in a hidden folder, before anything that is installed is touched. Nothing here asks the network unless `index` is
called, or `install` with a pair of languages or an address.
"""

import base64
import difflib
import errno
import fcntl
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import stat
import struct
import tempfile
import time
import unicodedata
import urllib.error
import urllib.request
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from checker import cache, languages, packages
from checker.errors import ConfigError, EngineError, InputError, RunError

INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/"

# Seconds without a byte, after which a server counts as gone.
TIMEOUT = 30.0

# Bytes a second, over the time of `TIMEOUT`, below which a server is left: 100 MB would take it a day.
_SLOWEST = 1000

# Times that one link is asked on, each for the rest of what it did not send.
_TRIES = 3

# Far beyond any model of this kind (512 dimensions, 6 + 6 layers, 50,000 subwords: some 70 MB), and within what a disk has.
LARGEST = 4 << 30
_LARGEST_UNPACKED = 8 << 30
_LARGEST_INDEX = 16 << 20
_LARGEST_METADATA = 1 << 20

# A package holds 6 or 7 files, with a sentence splitter some more. Its weights deflate to 0.9 of their size, its vocabulary to 0.2,
# zeros to 0.001.
_MEMBERS = 10_000
_LONGEST_NAME = 500
_RATIO = 100
_ALWAYS_ALLOWED = 16 << 20

# Bytes of an archive's table of contents: ten times what `_MEMBERS` files with usual names take. It is read as a whole.
_LARGEST_CONTENTS = 16 << 20

_BLOCK = 1 << 18
_MB = 1_000_000
_WORK = ".checker-"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ARROW = re.compile(r"\s*(?:→|->)\s*")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|[0-9]{3}))*")
_FORM = "write a pair of languages such as FR-EN, the path of an .argosmodel file, or its address"
_SHA256 = re.compile(r"[0-9a-f]{64}")

# Codes of Argos' own for what others write with a script or a region.
_OWN_CODES = {"pt-br": "pb"} | dict.fromkeys(("zh-hant", "zh-tw", "zh-hk", "zh-mo"), "zt")

Progress = Callable[[int, int | None], None]
"""Is told the bytes that are there, and how many there will be, if the server says."""


class _Pair(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def from_code(self) -> str: ...
    @property
    def to_code(self) -> str: ...


Paired = TypeVar("Paired", bound=_Pair)


@dataclass(frozen=True)
class Offer:
    """A package of the index; `source` and `target` are ISO 639-1, the codes those of Argos."""

    source: str
    target: str
    from_code: str
    to_code: str
    from_name: str
    to_name: str
    version: str
    links: tuple[str, ...]
    """Addresses that can be asked, in the index' order; others (`ipfs:`) are left out."""


@dataclass(frozen=True)
class Installed:
    """A package that was put in place."""

    package: packages.Package
    sha256: str
    """Of the archive."""
    replaced: str | None
    """What was in its folder before: a version, or that it was broken; None if there was nothing, or the same."""
    same: bool
    """Whether the very same package was there already, which then was left alone."""


class _CutShort(Exception):
    """A connection that ended before the body did: what came is kept, and the rest is asked for."""


def index(timeout: float = TIMEOUT) -> list[Offer]:
    """The translation packages of Argos' index, in its order; asks the network. Entries that are malformed are left out."""
    address = index_address()
    try:
        with _asked(address, {}, timeout) as response:
            content = response.read(_LARGEST_INDEX + 1)
        entries = json.loads(content) if len(content) <= _LARGEST_INDEX else None
    except (OSError, http.client.HTTPException) as error:
        remedy = "install a file that you have, or let ARGOS_PACKAGE_INDEX name a mirror"
        raise InputError(f"the index of packages cannot be had: {_why(error)}", where=shown(address), remedy=remedy) from error
    except (ValueError, RecursionError) as error:
        raise InputError("is not an index of packages: not JSON", where=shown(address)) from error
    if not isinstance(entries, list):
        raise InputError("is not an index of packages: not a list of at most 16 MB", where=shown(address))
    return [offer for offer in map(_offer, entries) if offer]


def index_address() -> str:
    """Where the index is: Argos' own setting `ARGOS_PACKAGE_INDEX`, to which Argos adds the file's name."""
    return (packages.own_setting("ARGOS_PACKAGE_INDEX") or INDEX).rstrip("/") + "/index.json"


def newest(offers: Iterable[Offer]) -> list[Offer]:
    """The newest of each pair, in Argos' codes, sorted by them."""
    best: dict[tuple[str, str], Offer] = {}
    for offer in sorted(offers, key=lambda offer: packages.release(offer.version)):
        best[offer.from_code, offer.to_code] = offer
    return [best[pair] for pair in sorted(best)]


def install(
    what: str, place: Path, *, sha256: str | None = None, progress: Progress = lambda *_: None, timeout: float = TIMEOUT
) -> Installed:
    """Puts a package into the folder `place`, which is made if need be: `FR-EN` from the index, a file, or an address.

    Raises `InputError` for an archive that is not a whole package, or whose SHA-256 is another than `sha256`; `RunError` where the
    disk is full or the folder cannot be written. Then what was installed before is as it was.
    """
    expected = _digest_asked(sha256)
    with ExitStack() as stack:
        offer, path, name = None, Path(what), what
        if not path.is_file():
            links, offer = ((what,), None) if _URL.match(what) else _links(what, timeout)
            path, name = stack.enter_context(_downloaded(links, progress, timeout))
        with _opened(path, name) as file:
            found = _sha256(file)
            if expected and found != expected:
                raise InputError(f"its SHA-256 is {found}, not {expected}", where=name, remedy="not installed: get it elsewhere")
            return _placed(file, name, place, found, offer)


def remove(what: str, place: Path) -> list[Path]:
    """Deletes a folder of packages by its name, or all versions of a pair; returns the folders that are gone.

    Raises `ConfigError` if `what` is neither, and `RunError` where a folder cannot be deleted.
    """
    folders = sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith(".")) if place.is_dir() else []
    found = packages.installed(place)[0] if folders else []
    chosen = [path for path in folders if path.name == what] or [package.folder for package in matching(what, found)]
    if not chosen:
        names = [name for package in found for name in (f"{package.from_code}-{package.to_code}", package.folder.name)]
        near = difflib.get_close_matches(what.lower(), [*names, *(path.name for path in folders)], n=3)
        remedy = f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "see `checker models list`"
        raise ConfigError(f"no package is called {what!r}", where=str(place), remedy=remedy)
    with _work(place) as work:
        for path in chosen:
            path.rename(work / path.name)
    return chosen


def matching(what: str, among: Sequence[Paired]) -> list[Paired]:
    """Those for the pair of languages that a user wrote: those with the very codes if there are any, else those of the languages.

    So `EN-ZH` is simplified Chinese though `en_zt` is Chinese too, and `PT-EN` is `pb_en` where there is no `pt_en`.
    """
    for source, target in _readings(what):
        pair = languages.normalise(source), languages.normalise(target)
        same = [one for one in among if (one.source, one.target) == pair]
        exact = [one for one in same if (one.from_code, one.to_code) == (_own_code(source), _own_code(target))]
        if same:
            return exact or same
    return []


def shown(address: str) -> str:
    """An address without what may be a secret: user, password, query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "the address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _readings(what: str) -> list[tuple[str, str]]:
    """The pairs of language tags that a text can be: `pt-BR-en` is `pt`, `BR-en` or `pt-BR`, `en`."""
    text = what.strip().removeprefix("translate-")
    cuts = list(_ARROW.finditer(text)) or list(re.finditer(r"[-_]", text))
    pairs = [(text[: cut.start()], text[cut.end() :]) for cut in cuts]
    return [pair for pair in pairs if all(map(_TAG.fullmatch, pair))]


def _own_code(tag: str) -> str:
    lower = tag.lower().replace("_", "-")
    return _OWN_CODES.get(lower, lower.split("-")[0])


def _digest_asked(sha256: str | None) -> str | None:
    asked = None if sha256 is None else sha256.strip().lower().removeprefix("sha256:")
    if asked is not None and not _SHA256.fullmatch(asked):
        raise ConfigError(f"the SHA-256 is {sha256!r}, expected 64 hexadecimal digits")
    return asked


# The index.


def _offer(entry: Any) -> Offer | None:
    """An entry of the index; None if it is malformed or no translation package."""
    if not isinstance(entry, dict) or entry.get("type", "translate") != "translate":
        return None
    codes, links = (entry.get("from_code"), entry.get("to_code")), entry.get("links")
    if not all(isinstance(code, str) and code for code in codes) or not isinstance(links, list):
        return None
    source, target = map(str, codes)
    names = (str(entry.get("from_name") or source), str(entry.get("to_name") or target))
    usable = tuple(link for link in links if isinstance(link, str) and link.lower().startswith(("http://", "https://")))
    release = str(entry.get("package_version") or "?")
    return Offer(languages.normalise(source), languages.normalise(target), source, target, *names, release, usable)


def _links(what: str, timeout: float) -> tuple[tuple[str, ...], Offer]:
    """Links to the newest package that the index has for a pair; raises `ConfigError` if it has none."""
    if not _readings(what):
        raise InputError("is no file and no pair of languages", where=what, remedy=_FORM)
    offers = newest(index(timeout))
    found = sorted(matching(what, offers), key=lambda offer: packages.release(offer.version))
    if not found:
        raise ConfigError(f"the index has no package {what}", where=shown(index_address()), remedy=_otherwise(what, offers))
    if not found[-1].links:
        raise InputError(f"the index has no http link for {what}", where=shown(index_address()), remedy=_FORM)
    return found[-1].links, found[-1]


def _otherwise(what: str, offers: Sequence[Offer]) -> str:
    """Two packages that make a route, or what there is from and to the languages."""
    for source, target in _readings(what):
        if matching(f"{source}→en", offers) and matching(f"en→{target}", offers):
            return f"{source}-en and en-{target} make a route: install both"
    return "`checker models list --available` shows what it has"


# Downloads.


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but from https not to where others can read along and write."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            fp.close()
            raise urllib.error.URLError(f"it redirects from https to {shown(newurl)}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _asked(address: str, headers: dict[str, str], timeout: float) -> Any:
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


def _why(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code} {error.reason}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "the server does not answer"
    return str(getattr(reason, "strerror", None) or reason) or type(reason).__name__


@contextmanager
def _downloaded(links: Sequence[str], progress: Progress, timeout: float) -> Iterator[tuple[Path, str]]:
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


def _first(links: Sequence[str], stack: ExitStack, progress: Progress, timeout: float) -> tuple[Path, str]:
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


def _whole(link: str, stack: ExitStack, progress: Progress, timeout: float) -> Path:
    """The file in the folder of downloads once it is all there; it stays locked until the stack is closed."""
    part = _part(link)
    file = stack.enter_context(_claimed(part))
    for _ in range(_TRIES):
        try:
            _continue(link, part, file, progress, timeout)
        except _CutShort as error:
            problem = str(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise InputError(f"cannot be downloaded: {_why(error)}", where=shown(link)) from error
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


def _continue(link: str, part: Path, file: io.FileIO, progress: Progress, timeout: float) -> None:
    """Asks for what the file lacks, or for all if it is of another state of the resource; raises `_CutShort` if not all came."""
    have, state = file.seek(0, os.SEEK_END), _state(part)
    headers = {"Range": f"bytes={have}-", "If-Range": state} if have and state else {}
    try:
        response = _asked(link, headers, timeout)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not headers:
            raise
        if error.headers.get("Content-Range") == f"bytes */{have}":
            return  # all was there
        response = _asked(link, {}, timeout)
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and not _goes_on(response, have, state):
        response.close()
        response = _asked(link, {}, timeout)
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
        raise _disk(error, part) from error
    return 0


def _state(part: Path) -> str | None:
    """Strong ETag or date of the resource that a part is of; None if the server told none, and it cannot be gone on from."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(_noted(part).read_text("utf-8"))["state"] or "") or None
    return None


def _append(response: Any, file: io.FileIO, have: int, total: int | None, progress: Progress, timeout: float) -> None:
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
        raise _CutShort(f"the connection broke off: {_why(error)}") from error


def _write(file: io.FileIO, block: bytes) -> None:
    """All of the block, of which a file without a buffer may take a part at a time."""
    left = memoryview(block)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise _disk(error, Path(str(file.name))) from error


def _disk(error: OSError, path: Path) -> RunError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "make room there, and run the same command again" if full else "let your user write there, or name another folder"
    return RunError(f"cannot be written: {error.strerror or error}", where=str(path), remedy=remedy)


# Archives.


class _Archive(io.FileIO):
    """A file that is not read in one piece beyond what a table of contents may take: zipfile would take gigabytes for one."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_CONTENTS:
            raise zipfile.BadZipFile(f"its table of contents has {size:,} bytes")
        return super().read(size) or b""


def _opened(path: Path, name: str) -> _Archive:
    try:
        return _Archive(path)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=name) from error


def _sha256(file: _Archive) -> str:
    sums = hashlib.sha256()
    while block := file.read(_BLOCK):
        sums.update(block)
    return sums.hexdigest()


def _placed(file: _Archive, name: str, place: Path, sha256: str, offer: Offer | None) -> Installed:
    """Unpacks an archive into a hidden folder, looks whether it is a package, and moves it into place."""
    try:
        with zipfile.ZipFile(file) as archive, _work(place) as work:
            members, size = archive.infolist(), os.fstat(file.fileno()).st_size
            top = _checked(members, size)
            _unpack(archive, members, work, size)
            package = _validated(work / top, offer)
            replaced, same = _put(package, place, work)
    except InputError as error:
        raise InputError(error.problem, where=name, remedy=error.remedy) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError) as error:
        remedy = "it was cut short or damaged, or is not an .argosmodel: get it again"
        raise InputError(f"is not a whole zip archive: {error}", where=name, remedy=remedy) from error
    packages.digest.cache_clear()  # it goes by the folder's name, which may hold another model now
    return Installed(replace(package, folder=place / top), sha256, replaced, same)


@contextmanager
def _work(place: Path) -> Iterator[Path]:
    """A hidden folder within the folder of packages, which one process at a time works in; what a killed one left is cleared."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = os.open(place, os.O_RDONLY)
    except OSError as error:
        raise _disk(error, place) from error
    try:
        with suppress(OSError):  # some network filesystems have no locks: then nobody knows whose leftovers are in use
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in place.glob(f"{_WORK}*"):
                _clear(left)
        work = Path(tempfile.mkdtemp(prefix=_WORK, dir=place))
        try:
            yield work
        finally:
            _clear(work)
    except OSError as error:
        raise _disk(error, place) from error
    finally:
        os.close(lock)


def _clear(work: Path) -> None:
    """Takes a hidden folder away, and puts back what was moved into it and then not replaced."""
    for old in (work / "old").glob("*"):
        if not os.path.lexists(work.parent / old.name):
            old.rename(work.parent / old.name)
    shutil.rmtree(work, ignore_errors=True)


def _checked(members: Sequence[zipfile.ZipInfo], size: int) -> str:
    """The one top folder of an archive; raises `InputError` for what no package has and an attack may."""
    if len(members) > _MEMBERS:
        raise InputError(f"holds {len(members):,} files, expected at most {_MEMBERS:,}")
    for member in members:
        if problem := _wrong(member):
            raise InputError(f"holds {member.orig_filename[:200]!r}, which {problem}", remedy="not installed: no package has that")
    _distinct([member.filename for member in members])
    tops = sorted({member.filename.split("/")[0] for member in members})
    loose = [member.filename for member in members if "/" not in member.filename]
    if len(tops) != 1 or loose or tops[0].startswith("."):
        raise InputError(f"holds {', '.join(map(repr, tops[:5])) or 'nothing'} at its top, expected one folder that is not hidden")
    _bounded(sum(member.file_size for member in members), size)
    return tops[0]


def _wrong(member: zipfile.ZipInfo) -> str | None:
    """What is wrong with a member of an archive, None if nothing."""
    name, kind = member.orig_filename, stat.S_IFMT(member.external_attr >> 16)
    parts = name.removesuffix("/").split("/")
    checks = {
        "has control characters in its name": any(unicodedata.category(char)[0] == "C" for char in name),
        "has a backslash or a drive in its name": "\\" in name or re.match(r"[A-Za-z]:", name) is not None,
        "leads out of its folder": any(part in ("", ".", "..") for part in parts),
        f"has more than {_LONGEST_NAME} characters": len(name) > _LONGEST_NAME,
        "is a link or a device": kind not in (0, stat.S_IFREG, stat.S_IFDIR),
        "begins before the archive does": member.header_offset < 0,
        "is encrypted": bool(member.flag_bits & 1),
        "is neither stored nor deflated": member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        "has more than 1 MB": parts[-1] == "metadata.json" and member.file_size > _LARGEST_METADATA,
    }
    return next((problem for problem, is_so in checks.items() if is_so), None)


def _distinct(names: Sequence[str]) -> None:
    """Raises `InputError` if two files would be one on some filesystem, or a file is a folder too."""
    same = Counter(unicodedata.normalize("NFC", name).casefold() for name in names)
    twice = [name for name, count in same.items() if count > 1]
    files = {name for name in same if not name.endswith("/")}
    both = [folder for name in same for folder in _parents(name) if folder in files]
    if twice or both:
        raise InputError(f"holds {(twice or both)[0]!r} twice", remedy="not installed: no package has that")


def _parents(name: str) -> list[str]:
    parts = name.removesuffix("/").split("/")
    own = ["/".join(parts)] if name.endswith("/") else []
    return own + ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _bounded(unpacked: int, size: int) -> None:
    if unpacked > _LARGEST_UNPACKED:
        raise InputError(f"unpacks to more than {_LARGEST_UNPACKED:,} bytes", remedy="not installed: no package is as large")
    if unpacked > max(_RATIO * size, _ALWAYS_ALLOWED):
        raise InputError(f"unpacks to {_RATIO} times its size and more", remedy="not installed: no package compresses so well")


def _unpack(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], work: Path, size: int) -> None:
    """Writes the files, counting what really comes out of them: headers may lie."""
    declared, free = sum(member.file_size for member in members), shutil.disk_usage(work).free
    if declared > free:
        problem = f"needs {declared / _MB:,.0f} MB, and {free / _MB:,.0f} MB are free"
        raise RunError(problem, where=str(work.parent), remedy="make room there, and run the same command again")
    written = 0
    for member in members:
        path = work / member.filename
        (path if member.is_dir() else path.parent).mkdir(parents=True, exist_ok=True)
        if member.is_dir():
            continue
        with archive.open(member) as packed, path.open("xb") as file:
            while block := packed.read(_BLOCK):
                written += len(block)
                _bounded(written, size)
                file.write(block)


def _validated(folder: Path, offer: Offer | None) -> packages.Package:
    """The package that was unpacked; raises `InputError` if it is not whole, or not the one that the index had promised."""
    try:
        package = packages.read(folder)
    except EngineError as error:
        raise InputError(error.problem, remedy="not installed: it is no whole package") from error
    except RecursionError as error:
        raise InputError("has a metadata.json nested beyond reason", remedy="not installed: it is no whole package") from error
    if package is None:
        raise InputError("is not a translation package", remedy="only those are used")
    codes = package.from_code, package.to_code
    if not all(map(_TAG.fullmatch, codes)):
        raise InputError(f"says that it translates {codes[0][:20]!r} to {codes[1][:20]!r}, expected codes of languages")
    if offer and codes != (offer.from_code, offer.to_code):
        promised = f"{offer.from_code}→{offer.to_code}"
        raise InputError(f"translates {codes[0]}→{codes[1]}, and the index had said {promised}", remedy="not installed")
    return package


def _put(package: packages.Package, place: Path, work: Path) -> tuple[str | None, bool]:
    """Moves a package into place; what was there before, and whether that was the same."""
    there = place / package.folder.name
    before = _before(there)
    if isinstance(before, packages.Package) and packages.digest(before) == packages.digest(package):
        return None, True
    if before is None:
        package.folder.rename(there)
        return None, False
    (work / "old").mkdir()
    there.rename(work / "old" / there.name)
    package.folder.rename(there)  # if not, `_clear` puts the old one back
    return (before.version if isinstance(before, packages.Package) else before), False


def _before(there: Path) -> packages.Package | str | None:
    """The package in a folder, or that there is something else; None if there is nothing."""
    try:
        return packages.read(there) or "another kind of package"
    except EngineError:
        return "a broken package" if os.path.lexists(there) else None
