"""LibreTranslate, a translation server, asked over HTTP at the setting `libretranslate_url`; nothing is sent where that is not set.

    pip install libretranslate                       # in an environment of its own
    libretranslate --load-only en,fr --port 5000     # the first start downloads the models
    checker audit … --engine libretranslate          # with libretranslate_url = "http://127.0.0.1:5000" in checker.toml

Privacy: the texts leave the machine unless the server runs on it. A server that wants a key gets that of the environment variable
`LIBRETRANSLATE_API_KEY`, in the body of the requests for translations, so give such a server's address with https. Proxies of the
environment are used, but not for this machine's own addresses; redirects are not followed, so that texts and key go nowhere else.

What comes back is not what the model said. The server (1.9.6) ends a translation with the punctuation mark that the source ends
with, or with none; makes it all capitals, all small letters or of that first letter as the source is; reduces a short word that the
model repeats to one; resolves HTML entities, so that a text about `&amp;` comes back with `&`; and gives the source itself where
the model gave nothing. None of this can be undone. A translation that equals its source is left as it is here: it may be a name,
or a text that was not translated.

Each text is sent as one line, since the server cuts at line breaks. A text without a letter or digit is its own translation and is
not sent: the server translates emoji that come in company into nonsense, and gives back those that come alone. Of two codes for one
language the plain one is sent (`pt`, not `pt-BR`), and of the two for Chinese the traditional one (`zh-Hant`, `zt`) for the texts
that have more ideographs of Taiwan's character set alone than of China's alone; all others, and translations into Chinese, are
simplified.

A text that is longer than the server's limit gets a reason; where a key is sent, for which another limit may hold, it is tried
alone. What the server refuses or does not answer is judged by the status: after 429, 5xx or a lost connection the request is sent
again, after 4, 8, 16 and 32 seconds or what `Retry-After` says; a batch that fails for good is halved until the text to blame is
found, provided that the server still translates a harmless one. If it does not, or answers 401 or 403, it is not asked again during
that run: what was translated is kept, the rest has a reason. One request may take `engine_timeout` seconds from first to last byte.

A server does not tell which models it has, only its version and languages: where its models were renewed (`--update-models`) or it
was set up otherwise, kept translations are not noticed to be old. A server that tells no version has none kept.
"""

import base64
import hashlib
import http.client
import io
import ipaddress
import json
import os
import re
import socket
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast
from urllib.error import URLError
from urllib.parse import SplitResult, quote, unquote, urlsplit

from checker import languages
from checker.config import Config
from checker.engines import Translation
from checker.errors import EngineError

KEY = "LIBRETRANSLATE_API_KEY"

# Texts and characters a request. The server translates a batch text by text (200 sentences took it 5 s one by one as well as in two
# batches): a batch saves round trips only, and a small one loses less. 5,000 characters are some 10 s of work on one core.
BATCH = 50
CHARACTERS = 5000

# Times that a request is sent before it fails: waits of 4, 8, 16 and 32 s outlast the server's minute of "so many per minute", for
# which it sends no Retry-After, and a restart, which took 3 to 14 s. Parts of a failed batch are sent twice: enough for a mishap.
_TRIES, _TRIES_OF_PART = 5, 2

# Requests that a batch may take in search of texts to blame: three such among 50 are found with some 50.
_REQUESTS = 2 * BATCH

# Requests of its full time that a batch may wait for: itself, a harmless text and a part.
_TIMEOUTS = 3

# Bytes of an answer. The longest allowed batch makes 30 kB, `max_line` of Chinese 3 MB.
_LARGEST = 16_000_000

# Translated by any model, however small: it tells whether a failure was the server's or the texts'.
_HARMLESS = "2"

# Statuses that a broken or missing model has; all others are the server's.
_OF_THE_PAIR = (200, 400, 500)

_TRADITIONAL = ("zt", "zh-hant", "zh-tw", "zh-hk")

_BREAK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
_VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class _Reply:
    """What came of a request: the `content` of an answer that can be used, or the `problem`; `status` is 0 if no answer came."""

    status: int = 0
    content: Any = None
    problem: str | None = None
    again: bool = False
    """The same request may be answered later."""
    wait: float | None = None
    """Seconds that the server asks to wait."""


@dataclass(frozen=True)
class Site:
    """A server's address, without credentials and without `/` at its end, and how to ask it."""

    url: str
    timeout: float
    login: str | None = field(default=None, repr=False)
    """Header `Authorization`, of the credentials that the address held."""

    def ask(self, page: str, body: Mapping[str, Any] | None = None) -> _Reply:
        """The answer to GET, or to POST if there is a body; it never takes longer than `timeout`, looking up the name apart."""
        headers = {"User-Agent": "checker", "Content-Type": "application/json"}
        headers |= {"Authorization": self.login} if self.login else {}
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + page, sent, headers)  # noqa: S310 -- the scheme was checked by `_site`
        try:
            with _opener(urlsplit(self.url).hostname or "").open(request, timeout=max(self.timeout, 0.001)) as response:
                content = response.read(_LARGEST + 1) if response.status == 200 else b""
                if response.status == 200 and response.length and len(content) <= _LARGEST:
                    return _Reply(problem="broke off its answer", again=True)
                return _reply(response.status, response.headers.get("Retry-After"), content)
        except (OSError, http.client.HTTPException) as error:
            return _failure(error, self.timeout)


@dataclass
class Learned:
    """What a server taught during a run, so that it is not asked in vain with every batch anew."""

    most: int = BATCH
    """Texts that it takes at a time."""
    given_up: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Pair of its codes, or nothing for all of them, to why it is not asked any more."""


@dataclass(frozen=True)
class LibreTranslate:
    """A server that answered; `served` maps each of its codes of languages to those it translates it into."""

    site: Site
    served: Mapping[str, tuple[str, ...]]
    version: str | None = None
    limit: int | None = None
    """Characters that a text may have without a key."""
    key: str | None = field(default=None, repr=False)
    pause: float = 4.0
    """Seconds before a request is sent again; doubled each time."""
    patience: float = 60.0
    """Most seconds that are waited because the server says so, and that a batch may spend in waiting."""
    name: str = "libretranslate"
    batch: int = BATCH
    learned: Learned = field(default_factory=Learned, compare=False, repr=False)

    def describe(self, source: str, target: str) -> str | None:
        if not _pairs(self.served, source, target):
            return None
        return " ".join(part for part in (self.name, self.version, f"{source}→{target}", f"({self.site.url})") if part)

    def signature(self, source: str, target: str) -> str | None:
        """Address, version, codes, and a digest of all pairs, since those decide by which third language a pair goes."""
        described, pairs = self.describe(source, target), _pairs(self.served, source, target)
        if described is None or self.version is None:
            return None
        codes = dict.fromkeys(">".join(_choice(pairs, traditional=kind)) for kind in (False, True))
        served = json.dumps(sorted((code, sorted(targets)) for code, targets in self.served.items()))
        return f"{described} {' '.join(codes)} text {hashlib.sha256(served.encode()).hexdigest()[:16]}"

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        described, pairs = self.describe(source, target), _pairs(self.served, source, target)
        if described is None:
            return [Translation(reason=f"does not serve {source}→{target}") for _ in texts]
        lines = [_line(text) for text in texts]
        answers = {place: given for place, line in enumerate(lines) if (given := self._unasked(line, described))}
        left = [place for place in range(len(lines)) if place not in answers]
        routes = {place: _choice(pairs, traditional=source == "zh" and _traditional(lines[place])) for place in left}
        for route in dict.fromkeys(routes.values()):
            places = [place for place in left if routes[place] == route]
            answers |= zip(places, _Call(self, described, *route).translated([lines[place] for place in places]), strict=True)
        return [answers[place] for place in range(len(lines))]

    def safer(self) -> None:
        """The server lets no one choose how it searches."""
        return

    def _unasked(self, line: str, described: str) -> Translation | None:
        """The answer to a line that need not or cannot be sent."""
        if not any(map(str.isalnum, line)):
            return Translation(line, described)
        if self.limit is not None and self.key is None and len(line) > self.limit:
            return Translation(reason=f"longer than the server takes: {len(line)} characters of {self.limit}")
        return None


class _Call:
    """One call at work for a pair of the server's codes."""

    def __init__(self, engine: LibreTranslate, described: str, source: str, target: str) -> None:
        self.engine, self.learned, self.described = engine, engine.learned, described
        self.source, self.target = source, target
        self.deadline, self.requests = 0.0, 0

    def translated(self, texts: list[str]) -> list[Translation]:
        """The answers to texts; each batch and all that comes of it shares one allowance."""
        answers: list[Translation] = []
        while len(answers) < len(texts):
            self.deadline = time.monotonic() + self.engine.patience + _TIMEOUTS * self.engine.site.timeout
            self.requests = 0
            answers += self._whole(self._batch(texts[len(answers) : len(answers) + self.learned.most]))
        return answers

    def _batch(self, texts: list[str]) -> list[str]:
        """As many of the first texts as make a batch, at least one; one beyond the server's limit comes alone."""
        limit = CHARACTERS if self.engine.limit is None else min(CHARACTERS, self.engine.limit)
        count = characters = 0
        while count < len(texts) and (characters := characters + len(texts[count])) <= CHARACTERS and len(texts[count]) <= limit:
            count += 1
        return texts[: max(count, 1)]

    def _whole(self, texts: list[str]) -> list[Translation]:
        """A batch and, if it fails for good, its parts, unless the server is to blame."""
        given_up = self._given_up()
        if given_up is not None:
            return _reasons(texts, given_up)
        reply = self._asked(texts, _TRIES if self.requests == 0 else _TRIES_OF_PART)
        if reply.problem is None:
            return [_answer(text, self.described) for text in reply.content]
        self._blame(reply)
        given_up = self._given_up()
        if given_up is None and len(texts) > 1 and not self._spent():
            return self._parts(texts)
        told = f" to a text of {len(texts[0])} characters" if len(texts) == 1 and reply.status in (400, 413) else ""
        return _reasons(texts, given_up or f"{reply.problem}{told}")

    def _parts(self, texts: list[str]) -> list[Translation]:
        """Halves, or as many parts as the size takes that the server was found to take."""
        answers: list[Translation] = []
        half = (len(texts) + 1) // 2
        while len(answers) < len(texts):
            part = texts[len(answers) : len(answers) + min(half, self.learned.most)]
            answers += self._whole(part) if not self._spent() else _reasons(part, "not tried: too many failures beside it")
        if all(answer.text is not None for answer in answers):
            self.learned.most = min(self.learned.most, half)
        return answers

    def _blame(self, reply: _Reply) -> None:
        """Gives the server up, or this pair of it, if it is to blame for a failure: a harmless text is not translated either."""
        if reply.status not in (401, 403):
            if self._spent():
                return
            reply = self._once([_HARMLESS])
        if reply.problem is not None:
            hint = f": {_key_hint(self.engine.key)}" if reply.status in (400, 401, 403) else ""
            scope = (self.source, self.target) if reply.status in _OF_THE_PAIR else ()
            self.learned.given_up[scope] = f"{reply.problem}{hint}"

    def _given_up(self) -> str | None:
        known = self.learned.given_up
        return known.get((), known.get((self.source, self.target)))

    def _asked(self, texts: list[str], tries: int) -> _Reply:
        """The answer to a batch, asked for again while that may help."""
        for attempt in range(tries):
            reply = self._once(texts)
            wait = self.engine.pause * 2**attempt if reply.wait is None else min(reply.wait, self.engine.patience)
            if not reply.again or attempt + 1 == tries or time.monotonic() + wait >= self.deadline:
                break
            time.sleep(wait)
        return reply

    def _once(self, texts: list[str]) -> _Reply:
        self.requests += 1
        body = {"q": texts, "source": self.source, "target": self.target, "format": "text"}
        reply = self.engine.site.ask("/translate", body | ({"api_key": self.engine.key} if self.engine.key else {}))
        return reply if reply.problem else _checked(reply, len(texts))

    def _spent(self) -> bool:
        return self.requests >= _REQUESTS or time.monotonic() >= self.deadline


def load(config: Config) -> LibreTranslate:
    """The server at `libretranslate_url`, asked for its languages, its limits and its version."""
    if config.libretranslate_url is None:
        raise EngineError(
            "no LibreTranslate server is set",
            remedy="--server, or libretranslate_url in the settings, names one: http://127.0.0.1:5000",
        )
    site = _site(config.libretranslate_url, config.engine_timeout)
    key = os.environ.get(KEY, "").strip() or None
    reply = site.ask("/languages")
    if reply.problem is not None:
        raise EngineError(reply.problem, where=site.url, remedy=_remedy(reply.status))
    served = _served(reply.content)
    if not served:
        raise EngineError("does not list languages as LibreTranslate does", where=site.url, remedy=_remedy(200))
    settings = _table(site.ask("/frontend/settings").content)
    if settings.get("keyRequired") is True and key is None:
        raise EngineError("asks for a key", where=site.url, remedy=f"set {KEY} in the environment")
    version = _table(_table(site.ask("/spec").content).get("info")).get("version")
    known = version if isinstance(version, str) and _VERSION.fullmatch(version) else None
    return LibreTranslate(site, served, known, _limit(settings.get("charLimit")), key)


def _table(content: Any) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else, since these pages are not in every version."""
    return content if isinstance(content, dict) else {}


def _limit(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _served(content: Any) -> dict[str, tuple[str, ...]]:
    """Code to codes of targets; all codes where a language tells none, as in old versions. Empty for what is no such list."""
    rows = [_table(row) for row in content] if isinstance(content, list) else []
    codes: list[Any] = [row.get("code") for row in rows]
    targets = [row.get("targets", codes) for row in rows]
    if not all(_are_codes(listed) for listed in (codes, *targets)):
        return {}
    return {code: tuple(listed) for code, listed in zip(codes, targets, strict=True)}


def _are_codes(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(code, str) and code for code in listed)


def _pairs(served: Mapping[str, tuple[str, ...]], source: str, target: str) -> list[tuple[str, str]]:
    """The server's own codes for a pair of ISO 639-1 languages, in any of their variants; none if it does not serve it."""
    here = [code for code in served if languages.normalise(code) == source != target]
    return [(code, there) for code in here for there in served[code] if languages.normalise(there) == target]


def _choice(pairs: list[tuple[str, str]], *, traditional: bool) -> tuple[str, str]:
    """The pair to send for a text that is in the traditional script or not."""
    return min(pairs, key=lambda pair: (_rank(pair[0], traditional=traditional), _rank(pair[1], traditional=False)))


def _rank(code: str, *, traditional: bool) -> tuple[bool, bool, str]:
    """What sorts first is sent: the right script, the plain code."""
    return (code.lower() in _TRADITIONAL) != traditional, code.lower() != languages.normalise(code), code


def _traditional(text: str) -> bool:
    """Whether more of its ideographs are in Taiwan's character set alone than in China's alone; both take two bytes for each."""
    ideographs = "".join(_IDEOGRAPH.findall(text))
    return len(ideographs.encode("big5", "ignore")) > len(ideographs.encode("gb2312", "ignore"))


def _line(text: str) -> str:
    return _BREAK_OR_CONTROL.sub(" ", text).strip()


def _answer(text: str, described: str) -> Translation:
    line = _line(text)
    return Translation(line, described) if line else Translation(reason="returned an empty text")


def _reasons(texts: list[str], reason: str) -> list[Translation]:
    return [Translation(reason=reason) for _ in texts]


def _key_hint(key: str | None) -> str:
    return f"the server may want a key in {KEY}" if key is None else f"the key in {KEY} may be wrong or blocked"


def _checked(reply: _Reply, count: int) -> _Reply:
    """The reply with the translations as its content, or what is wrong with them."""
    made = _table(reply.content).get("translatedText")
    if not isinstance(made, list):
        return replace(reply, problem="returned no list of texts")
    if len(made) != count:
        return replace(reply, problem=f"returned {len(made)} texts for {count}")
    if not all(isinstance(text, str) for text in made):
        return replace(reply, problem="returned something else than a text")
    return replace(reply, content=made)


def _site(url: str, timeout: float) -> Site:
    """The address in its parts; raises `EngineError`, which shows nothing that may be secret, if it is none to ask."""
    where, remedy = _shown(url), 'such as libretranslate_url = "http://127.0.0.1:5000"'
    try:
        parts = urlsplit(url)
        named = parts.port != 0 and bool((parts.hostname or "").encode("idna"))
    except ValueError:
        named = False
    if not named or "@" in parts.path or re.search(r"[\x00-\x20\x7f]", url) or parts.scheme not in ("http", "https"):
        raise EngineError("libretranslate_url is not an address that begins with http:// or https://", where=where, remedy=remedy)
    if parts.query or parts.fragment:
        raise EngineError("libretranslate_url has a query", where=where, remedy=f"a key goes into {KEY}, in the environment")
    host = parts.netloc.rpartition("@")[2]
    return Site(f"{parts.scheme}://{host}{quote(parts.path.rstrip('/'), safe='/%')}", timeout, _login(parts))


def _shown(url: str) -> str:
    """An address, however malformed, without what precedes an `@` or follows a `?` or `#`."""
    return re.split(r"[?#]", url.rpartition("@")[2])[0][:200]


def _login(parts: SplitResult) -> str | None:
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _remedy(status: int) -> str:
    """What to do where the first request fails; 0: no answer came."""
    if status == 0:
        return "start the server, or correct --server or libretranslate_url; engine_timeout is how long it may take"
    if 300 <= status < 400:
        return "name the address that it redirects to"
    return "the address of a LibreTranslate server is wanted, without /translate"


def _reply(status: int, after: str | None, content: bytes) -> _Reply:
    """What an answer says. The text of an error is in the server's language and may hold what was sent: it is not read."""
    if status != 200:
        wait = float(after) if after and re.fullmatch(r"[0-9]{1,9}", after.strip()) else None  # a date is not relied upon
        return _Reply(status, problem=f"answered {status}", again=status == 429 or status >= 500, wait=wait)
    if len(content) > _LARGEST:
        return _Reply(status, problem=f"answered more than {_LARGEST // 1_000_000} MB")
    try:
        return _Reply(status, json.loads(content))
    except (ValueError, RecursionError):
        return _Reply(status, problem="answered something else than JSON")


def _failure(error: Exception, timeout: float) -> _Reply:
    """Why no answer came; never in the words of the server, which may repeat the key."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return _Reply(problem=f"timed out after {timeout:g} s")
    if isinstance(reason, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return _Reply(problem="broke off its answer", again=True)
    if isinstance(reason, OSError):
        return _Reply(problem=f"cannot be reached: {reason.strerror or type(reason).__name__}", again=True)
    return _Reply(problem="answered something else than HTTP")


def _opener(host: str) -> urllib.request.OpenerDirector:
    """Sends http and https, nothing else, follows no redirect, and hands over every answer whatever its status."""
    opener = urllib.request.OpenerDirector()
    opener.addheaders = []
    for handler in (urllib.request.ProxyHandler({} if _is_loopback(host) else None), _Http(), _Https()):
        opener.add_handler(handler)
    return opener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpConnection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpsConnection, req)


class _HttpConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        with _clock(self):
            super().connect()


class _HttpsConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        with _clock(self):
            super().connect()


@contextmanager
def _clock(connection: http.client.HTTPConnection) -> Iterator[None]:
    """Gives a connection that is made within it a socket which keeps one deadline for all that follows."""
    deadline = time.monotonic() + (connection.timeout or 0)
    yield
    connection.sock = cast("socket.socket", _Clocked(connection.sock, deadline))


class _Clocked:
    """What an HTTP connection needs of a socket; a peer cannot hold it for ever by a byte now and then."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock, self.deadline = sock, deadline

    def hurry(self) -> None:
        """Lets the next operation take no longer than what is left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)

    def sendall(self, content: bytes) -> None:
        self.hurry()
        self.sock.sendall(content)

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self, self.sock.makefile(mode, buffering=0)))

    def close(self) -> None:
        self.sock.close()


class _Stream(io.RawIOBase):
    """The bytes that a socket receives."""

    def __init__(self, clocked: _Clocked, stream: socket.SocketIO) -> None:
        self.clocked, self.stream = clocked, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.clocked.hurry()
        return self.stream.readinto(buffer)

    def close(self) -> None:
        self.stream.close()
        super().close()
