"""The engine `libretranslate`: against a real server if there is one, and against a faulty one that stands in for all others."""

import atexit
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from checker.config import Config
from checker.engines import libretranslate
from checker.engines.libretranslate import BATCH, KEY, LibreTranslate
from checker.errors import EngineError
from tests.conftest import ROOT

SHARED = Path(os.environ.get("CHECKER_SHARED", ROOT.parent / "shared"))
PEERS = Path(os.environ.get("CHECKER_PEERS", ROOT / ".peers"))
TOYS = SHARED / "data" / "argos_toy"
SECRET = "s3cret-of-the-key"  # noqa: S105

PAGES: dict[str, Any] = {
    "/languages": [{"code": "fr", "name": "French", "targets": ["en", "fr"]}, {"code": "en", "name": "English", "targets": ["fr"]}],
    "/frontend/settings": {"charLimit": -1, "keyRequired": False},
    "/spec": {"info": {"version": "0.1.2"}},
}


@cache
def local_server(*flags: str) -> str:
    """Address of a real server on this machine with toy models, started once for each set of flags and ended with the tests."""
    program = PEERS / "libretranslate" / "bin" / "libretranslate"
    if not program.is_file():
        pytest.skip(f"no LibreTranslate in {PEERS} (CHECKER_PEERS names another folder)")
    if not TOYS.is_dir():
        pytest.skip(f"no toy packages in {TOYS}")
    home = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for pair in ("fr_en", "en_fr"):
        shutil.unpack_archive(TOYS / f"translate-{pair}-toy-sbd.argosmodel", home / "packages", "zip")
    folders = {"HOME": "", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config"}
    environment = {name: str(home / folder) for name, folder in (folders | {"ARGOS_PACKAGES_DIR": "packages"}).items()}
    environment |= {"PATH": os.environ["PATH"], "ORT_DISABLE_TELEMETRY": "1"}
    port = free_port()
    command = [program, "--host", "127.0.0.1", "--port", str(port), "--disable-web-ui", "--disable-files-translation", *flags]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True)
    atexit.register(end, process)
    wait_for(f"http://127.0.0.1:{port}/health", process, home / "log")
    return f"http://127.0.0.1:{port}"


def end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 180) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), direct.open(url, timeout=5):
            return
        time.sleep(0.2)
    end(process)
    pytest.fail(f"LibreTranslate did not start: {log.read_text(errors='replace')[-1000:]}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def real() -> LibreTranslate:
    """The engine with a real server, French to English and back."""
    return libretranslate.load(Config(libretranslate_url=local_server()))


@pytest.fixture(scope="session")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real server that takes 60 characters, wants a key, and knows one: `SECRET`, good for 90 characters."""
    manage, database = PEERS / "libretranslate" / "bin" / "ltmanage", tmp_path_factory.mktemp("keys") / "keys.db"
    if not manage.is_file():
        pytest.skip(f"no LibreTranslate in {PEERS} (CHECKER_PEERS names another folder)")
    database.touch()
    add = ["keys", "--api-keys-db-path", database, "add", "100000", "--key", SECRET, "--char-limit", "90"]
    subprocess.run([manage, *add], check=True, capture_output=True, cwd=database.parent)
    keys = ("--api-keys", "--api-keys-db-path", str(database), "--require-api-key-origin", "http://elsewhere.invalid")
    return local_server("--char-limit", "60", *keys)


class Answer:
    """What the faulty server says: a status and a body, or whatever `act` does to the connection."""

    def __init__(self, body: object = None, status: int = 200, act: Callable[[Any], None] | None = None, **headers: str) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.act = status, act
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Handler(BaseHTTPRequestHandler):
    server: "Faulty"
    disable_nagle_algorithm = True  # it would hold each answer back for 40 ms

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path)
        self._say(page if isinstance(page, Answer) else Answer(page, 200 if page is not None else 404))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.headers.append(dict(self.headers))
        self.server.times.append(time.monotonic())
        self._say(self.server.answer(body["q"]))

    def _say(self, answer: Answer) -> None:
        if answer.act is not None:
            answer.act(self)
            return
        self.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Faulty(ThreadingHTTPServer):
    """A LibreTranslate that answers what it is told to; it keeps what it was asked, and when."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Callable[[list[str]], Answer], pages: Mapping[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.pages = answer, {**PAGES, **pages}
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.over = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what many tests are about."""

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def sizes(self) -> list[int]:
        return [len(body["q"]) for body in self.asked]


def upper(texts: list[str]) -> Answer:
    return Answer({"translatedText": [text.upper() for text in texts]})


def engine(server: Faulty, timeout: float = 20, **fields: Any) -> LibreTranslate:
    return replace(libretranslate.load(Config(libretranslate_url=server.url, engine_timeout=timeout)), **{"pause": 0.01, **fields})


def scripted(*answers: Answer) -> Callable[[list[str]], Answer]:
    """These answers in turn, then translations."""
    left = list(answers)
    return lambda texts: left.pop(0) if left else upper(texts)


def poisoned(answer: Callable[[list[str]], Answer]) -> Callable[[list[str]], Answer]:
    """That answer to a batch which holds the text `poison`."""
    return lambda texts: answer(texts) if "poison" in texts else upper(texts)


Start = Callable[..., Faulty]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts faulty servers; proxies and keys of the environment are out of the way."""
    for name in (KEY, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    servers: list[Faulty] = []

    def make(answer: Callable[[list[str]], Answer] = upper, **pages: Any) -> Faulty:
        servers.append(Faulty(answer, {f"/{name.replace('_', '/')}": page for name, page in pages.items()}))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def words(count: int, *others: str) -> list[str]:
    return [*(f"mot {number}" for number in range(count)), *others]


# A real server


def test_a_real_server_translates_and_says_who_it_is(real: LibreTranslate) -> None:
    assert real.describe("fr", "en") == f"libretranslate {real.version} fr→en ({real.site.url})"
    answer = real.translate(["Le chat voit la maison."], "fr", "en")[0]
    assert (answer.text, answer.engine) == ("The cat sees the house.", real.describe("fr", "en"))
    assert real.translate(["The cat sees the house."], "en", "fr")[0].text == "Le chat voit la maison."


def test_a_real_server_serves_the_pairs_it_has_models_for(real: LibreTranslate) -> None:
    assert [real.describe(*pair) for pair in (("de", "en"), ("en", "en"), ("fr", "zu"))] == [None] * 3
    there, back = real.signature("fr", "en") or "", real.signature("en", "fr") or ""
    assert there != back
    assert all(part in there for part in (real.site.url, str(real.version), "fr>en"))
    assert real.signature("de", "en") is None


def test_many_texts_come_back_from_a_real_server_in_their_order(real: LibreTranslate) -> None:
    texts = ["Le chat voit la maison.", "Le médecin achète trois livres."]
    made = ["The cat sees the house.", "The doctor buys three books."]
    mixed = [number * number % 7 % 2 for number in range(200)]
    answers = real.translate([texts[which] for which in mixed], "fr", "en")
    assert [answer.text for answer in answers] == [made[which] for which in mixed]


def test_a_real_server_is_sent_one_line_and_no_text_without_words(real: LibreTranslate) -> None:
    texts = ["Le chat\r\nvoit\0la\u2028maison.\n", "", " \n", "\0\x1b", "😀", "…", "\ud800", "👩‍👩‍👧 ♪"]
    made = [answer.text for answer in real.translate(texts, "fr", "en")]
    assert made == ["The cat sees the house.", "", "", "", "😀", "…", "", "👩‍👩‍👧 ♪"]


def test_a_real_server_that_wants_a_key_is_not_asked_without_one(strict_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(EngineError, match=f"{strict_server}: asks for a key .*{KEY}"):
        libretranslate.load(Config(libretranslate_url=strict_server))


def test_a_real_server_refuses_a_wrong_key_and_what_is_too_long(strict_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "wrong-key")
    wrong = libretranslate.load(Config(libretranslate_url=strict_server))
    assert wrong.limit == 60
    assert wrong.translate(["Le chat dort."], "fr", "en")[0].reason == f"answered 403: the key in {KEY} may be wrong or blocked"
    monkeypatch.setenv(KEY, SECRET)
    right = libretranslate.load(Config(libretranslate_url=strict_server))
    texts = ["Le chat voit la maison. " * times for times in (1, 3, 4, 2)]
    answers = right.translate(texts, "fr", "en")
    assert [(answer.text or "").count("The cat sees the house.") for answer in answers] == [1, 3, 0, 2]
    assert answers[2].reason == "answered 400 to a text of 95 characters"


# A server that answers with errors


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_recovers_is_asked_again(start: Start, status: int) -> None:
    server = start(scripted(Answer(status=status), Answer(status=status)))
    answers = engine(server).translate(["un", "deux"], "fr", "en")
    assert [answer.text for answer in answers] == ["UN", "DEUX"]
    assert server.sizes() == [2, 2, 2]


def test_waits_double_where_the_server_says_none(start: Start) -> None:
    server = start(scripted(*[Answer(status=429)] * 3))
    assert engine(server, pause=0.1).translate(["un"], "fr", "en")[0].text == "UN"
    waits = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
    assert all(wait >= least for wait, least in zip(waits, (0.1, 0.2, 0.4), strict=True))


@pytest.mark.parametrize(("after", "patience", "least"), [("1", 60, 1), ("9999", 0.3, 0.3), ("soon", 60, 0.01)])
def test_retry_after_is_honoured_within_bounds(start: Start, after: str, patience: float, least: float) -> None:
    server = start(scripted(Answer(status=429, Retry_After=after)))
    assert engine(server, patience=patience).translate(["un"], "fr", "en")[0].text == "UN"
    assert least <= server.times[1] - server.times[0] < 10


def test_a_server_that_never_recovers_is_given_up(start: Start) -> None:
    server = start(lambda _: Answer(status=503))
    answers = engine(server).translate(words(200, ""), "fr", "en")
    assert [answer.reason for answer in answers] == ["answered 503"] * 200 + [None]
    assert server.sizes() == [BATCH] * 5 + [1]


def test_what_is_given_up_stays_so_for_all_pairs_or_for_one(start: Start) -> None:
    server = start(lambda _: Answer(status=503))
    asked = engine(server)
    assert [asked.translate(["un"], *pair)[0].reason for pair in (("fr", "en"), ("en", "fr"), ("fr", "en"))] == ["answered 503"] * 3
    assert server.sizes() == [1] * 6
    server.answer = lambda texts: Answer(status=500) if server.asked[-1]["source"] == "fr" else upper(texts)
    asked = engine(server)
    given = [asked.translate(["un"], *pair)[0] for pair in (("fr", "en"), ("en", "fr"), ("fr", "en"))]
    assert [answer.text or answer.reason for answer in given] == ["answered 500", "UN", "answered 500"]
    assert server.sizes()[6:] == [1] * 7


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_and_not_tried_again(start: Start, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    server = start(lambda _: Answer(status=status))
    answers = engine(server).translate(words(200), "fr", "en")
    assert {answer.reason for answer in answers} == {f"answered {status}: the server may want a key in {KEY}"}
    monkeypatch.setenv(KEY, "wrong")
    answers = engine(server).translate(words(200), "fr", "en")
    assert {answer.reason for answer in answers} == {f"answered {status}: the key in {KEY} may be wrong or blocked"}
    assert len(server.asked) == 2


def test_a_key_that_is_revoked_in_mid_run_costs_no_translation_that_was_made(start: Start) -> None:
    server = start(lambda texts: upper(texts) if len(server.asked) == 1 else Answer(status=403))
    answers = engine(server).translate(words(3 * BATCH), "fr", "en")
    assert [answer.text is not None for answer in answers] == [True] * BATCH + [False] * 2 * BATCH
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: Answer(status=400), "answered 400 to a text of 6 characters"),
        (lambda _: Answer(status=413), "answered 413 to a text of 6 characters"),
        (lambda _: Answer(status=500), "answered 500"),
        (lambda texts: upper([text for text in texts if text != "poison"]), "returned 0 texts for 1"),
        (lambda texts: upper([*texts, "another"]), "returned 2 texts for 1"),
        (lambda texts: Answer({"translatedText": [*texts[1:], None]}), "returned something else than a text"),
        (lambda _: Answer({"translatedText": "POISON"}), "returned no list of texts"),
        (lambda _: Answer(b"<html>"), "answered something else than JSON"),
    ],
)
def test_a_text_that_the_server_cannot_take_costs_no_other_its_translation(
    start: Start, answer: Callable[[list[str]], Answer], reason: str
) -> None:
    server = start(poisoned(answer))
    answers = engine(server).translate(["poison", *words(70, "poison", "fin"), "poison"], "fr", "en")
    assert [place for place, one in enumerate(answers) if one.text is None] == [0, 71, 73]
    assert all((answers[place].reason or "").startswith(reason) for place in (0, 71, 73))
    assert len(server.asked) <= 100


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=400), f"answered 400: the server may want a key in {KEY}"),
        (Answer(status=404), "answered 404"),
        (Answer(b"<html>"), "answered something else than JSON"),
        (Answer(b"[" * 100_000), "answered something else than JSON"),
        (Answer(b'{"translatedText": ["\xff"]}'), "answered something else than JSON"),
        (Answer(["UN"]), "returned no list of texts"),
        (Answer({"translatedText": []}), "returned 0 texts for 1"),
        (Answer({"translatedText": [["UN"]]}), "returned something else than a text"),
    ],
)
def test_a_server_that_fails_on_every_text_is_asked_twice(start: Start, answer: Answer, reason: str) -> None:
    server = start(lambda _: answer)
    assert {one.reason for one in engine(server).translate(words(1), "fr", "en")} == {reason}
    assert len(server.asked) == 2
    assert not any(one.text for one in engine(server).translate(words(500), "fr", "en"))
    assert len(server.asked) == 4


def test_a_server_that_takes_small_batches_is_sent_small_ones(start: Start) -> None:
    server = start(lambda texts: upper(texts) if len(texts) <= 7 else Answer(status=400))
    asked = engine(server)
    assert all(answer.text for _ in range(10) for answer in asked.translate(words(BATCH), "fr", "en"))
    assert set(server.sizes()[20:]) <= set(range(8))
    assert len(server.asked) < 120


def test_a_server_that_takes_one_text_at_a_time_is_sent_one(start: Start) -> None:
    server = start(lambda texts: upper(texts) if len(texts) == 1 else Answer(status=413))
    assert all(answer.text for answer in engine(server).translate(words(100), "fr", "en"))
    assert len(server.asked) < 120


def test_a_search_for_the_texts_to_blame_has_an_end(start: Start) -> None:
    server = start(lambda texts: upper(texts) if texts == ["2"] else Answer(status=500))
    answers = engine(server, pause=0).translate(words(BATCH), "fr", "en")
    assert {answer.reason for answer in answers} <= {"answered 500", "not tried: too many failures beside it"}
    assert len(server.asked) <= 2 * BATCH + 5


# A server that hangs, floods, dies or lies about HTTP


def hang(handler: Handler) -> None:
    handler.server.over.wait(30)


def trickle(handler: Handler, head: bytes, drop: bytes = b" ") -> None:
    handler.wfile.write(head)
    while not handler.server.over.wait(0.05):
        handler.wfile.write(drop)


def flood(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 9999999999\r\n\r\n")
    while not handler.server.over.is_set():
        handler.wfile.write(b" " * 1_000_000)


HEAD = b"HTTP/1.0 200 OK\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (hang, "timed out after 0.5 s"),
        (lambda handler: trickle(handler, HEAD + b"\r\n"), "timed out after 0.5 s"),
        (lambda handler: trickle(handler, HEAD, b"X-A: b\r\n"), "timed out after 0.5 s"),
        (lambda handler: trickle(handler, HEAD + b"X-A: "), "timed out after 0.5 s"),
        (flood, "answered more than 16 MB"),
        (lambda handler: handler.wfile.write(HEAD + b"Content-Length: 99\r\n\r\n[]"), "broke off its answer"),
        (lambda handler: handler.wfile.write(CHUNKED + b"9\r\n[]"), "broke off its answer"),
        (lambda _: None, "broke off its answer"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n"), "answered something else than HTTP"),
    ],
)
def test_a_server_that_does_not_finish_is_given_up_in_time(start: Start, act: Callable[[Any], None], reason: str) -> None:
    server = start(lambda _: Answer(act=act))
    asked = engine(server, timeout=0.5 if reason.startswith("timed") else 20)
    began = time.monotonic()
    answers = asked.translate(words(500), "fr", "en")
    assert time.monotonic() - began < 15
    assert {answer.reason for answer in answers} == {reason}


def test_a_text_that_takes_for_ever_costs_no_other_its_translation(start: Start) -> None:
    server = start(poisoned(lambda _: Answer(act=hang)))
    answers = engine(server, timeout=1.5).translate(["un", "deux", "poison", "trois"], "fr", "en")
    assert [answer.text or answer.reason for answer in answers] == ["UN", "DEUX", "timed out after 1.5 s", "TROIS"]


def test_a_server_that_dies_keeps_what_it_translated(start: Start) -> None:
    def die(handler: Handler) -> None:
        handler.server.close()

    server = start(lambda texts: upper(texts) if len(server.asked) <= 2 else Answer(act=die))
    answers = engine(server).translate(words(4 * BATCH), "fr", "en")
    assert [answer.text is not None for answer in answers] == [True] * 2 * BATCH + [False] * 2 * BATCH
    assert {answer.reason for answer in answers[2 * BATCH :]} == {"cannot be reached: Connection refused"}


def test_a_server_is_not_followed_elsewhere(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    other = start()
    server = start(lambda _: Answer(status=307, Location=f"{other.url}/translate"))
    assert engine(server).translate(["un"], "fr", "en")[0].reason == "answered 307"
    moved = start(languages=Answer(status=301, Location=f"{other.url}/languages"))
    with pytest.raises(EngineError, match=f"{moved.url}: answered 301 .*that it redirects to"):
        engine(moved)
    assert other.asked == []


# Loading


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (Answer(b"<!DOCTYPE html><title>Router</title>"), "answered something else than JSON"),
        (Answer(status=404), "answered 404"),
        (Answer(status=500), "answered 500"),
        (Answer(status=401), "answered 401"),
        (Answer(b""), "answered something else than JSON"),
        (Answer(b"[" * 100_000), "answered something else than JSON"),
        (Answer({"languages": []}), "does not list languages"),
        (Answer([]), "does not list languages"),
        (Answer([{"code": 1}]), "does not list languages"),
        (Answer([{"code": "fr", "targets": "en"}]), "does not list languages"),
        (Answer(["fr"]), "does not list languages"),
        (Answer(act=hang), "timed out after 0.5 s"),
        (Answer(act=flood), "answered more than 16 MB|timed out"),
        (Answer(act=lambda _: None), "broke off its answer"),
    ],
)
def test_what_is_no_libretranslate_is_named_with_a_remedy(start: Start, page: Answer, problem: str) -> None:
    server = start(languages=page)
    with pytest.raises(EngineError, match=f"^{server.url}: ({problem})"):
        engine(server, timeout=0.5)


def test_a_server_that_is_not_there_is_named_with_a_remedy() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(EngineError, match=f"^{url}: cannot be reached: Connection refused .start the server"):
        libretranslate.load(Config(libretranslate_url=url))
    with pytest.raises(EngineError, match=r"^http://no-such-host\.invalid: cannot be reached: "):
        libretranslate.load(Config(libretranslate_url="http://no-such-host.invalid/", engine_timeout=5))


@pytest.mark.parametrize("scheme", ["http://", "https://", "file://", "ftp://", "//", "", "http:"])
def test_what_is_no_address_to_ask_is_refused_without_showing_its_secrets(scheme: str) -> None:
    malformed = ("/?api_key=s3cret", "/#s3cret", ":port", ":99999", ":0", "/a b", "/\x00")
    for rest in malformed if scheme in ("http://", "https://") else ("", "/", *malformed):
        for login in ("", "me:s3cret@", "me:s3/cret@", "s3cret@"):
            with pytest.raises(EngineError, match="libretranslate_url") as caught:
                libretranslate.load(Config(libretranslate_url=f"{scheme}{login}127.0.0.1{rest}"))
            assert "s3" not in str(caught.value)
            assert "127.0.0.1" in str(caught.value)


def test_no_address_no_request() -> None:
    with pytest.raises(EngineError, match=r"no LibreTranslate server is set .*libretranslate_url"):
        libretranslate.load(Config())


def test_pages_that_old_servers_lack_are_done_without(start: Start) -> None:
    server = start(languages=[{"code": "fr"}, {"code": "en"}], frontend_settings=None, spec=Answer({"info": {"version": "1\n2"}}))
    old = engine(server)
    assert old.describe("fr", "en") == f"libretranslate fr→en ({server.url})"
    assert (old.signature("fr", "en"), old.limit, old.safer()) == (None, None, None)
    assert old.translate(["un"], "fr", "en")[0].text == "UN"


def test_a_signature_depends_on_version_and_languages_and_not_on_the_key(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start()
    before = engine(server).signature("fr", "en")
    monkeypatch.setenv(KEY, SECRET)
    assert engine(server).signature("fr", "en") == before
    server.pages["/languages"] = [*PAGES["/languages"], {"code": "de", "targets": ["en"]}]
    with_german = engine(server).signature("fr", "en")
    server.pages["/spec"] = {"info": {"version": "0.1.3"}}
    assert len({before, with_german, engine(server).signature("fr", "en")}) == 3


# Keys, addresses, proxies


def test_a_key_is_sent_with_texts_and_shown_nowhere(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(KEY, f" {SECRET}\n")
    caplog.set_level(0)
    echoes = [Answer({"error": SECRET}, 400), Answer({SECRET: SECRET}), Answer(act=lambda one: one.wfile.write(SECRET.encode()))]
    shown = []
    for echo in echoes:
        server = start(lambda _, echo=echo: echo)
        asked = engine(server)
        answers = asked.translate(["un", "deux"], "fr", "en")
        assert all(answer.reason for answer in answers)
        assert {body["api_key"] for body in server.asked} == {SECRET}
        shown += [repr(asked), str(asked), asked.describe("fr", "en"), asked.signature("fr", "en"), repr(answers)]
    server = start(languages=Answer({"error": SECRET}, 403))
    with pytest.raises(EngineError) as caught:
        engine(server)
    shown += [str(caught.value), repr(caught.value), caplog.text]
    assert not any(SECRET in (text or "") for text in shown)


def test_no_key_is_sent_where_there_is_none(start: Start) -> None:
    server = start()
    engine(server).translate(["un"], "fr", "en")
    assert server.asked == [{"q": ["un"], "source": "fr", "target": "en", "format": "text"}]


def test_credentials_of_the_address_are_sent_and_shown_nowhere(start: Start) -> None:
    server = start()
    url = server.url.replace("//", "//me:s3cr%40t@") + "/"
    asked = libretranslate.load(Config(libretranslate_url=url))
    assert asked.translate(["un"], "fr", "en")[0].engine == f"libretranslate 0.1.2 fr→en ({server.url})"
    assert server.headers[0]["Authorization"] == "Basic " + base64.b64encode(b"me:s3cr@t").decode()
    assert not any("s3cr" in text or server.headers[0]["Authorization"][6:] in text for text in (repr(asked), str(asked.site)))


def test_a_proxy_is_used_for_other_machines_only(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert engine(server).translate(["un"], "fr", "en")[0].text == "UN"
    proxy = start(lambda texts: upper([f"proxy {text}" for text in texts]))
    proxy.pages = {f"http://elsewhere.invalid:5000{page}": content for page, content in PAGES.items()}
    monkeypatch.setenv("http_proxy", proxy.url)
    asked = libretranslate.load(Config(libretranslate_url="http://elsewhere.invalid:5000"))
    assert asked.translate(["un"], "fr", "en")[0].text == "PROXY UN"


# Languages and texts


def test_codes_are_the_servers_own_and_scripts_are_told_apart(start: Start) -> None:
    codes = ["en", "zh-Hant", "zh-Hans", "pt-BR", "pt", "nb"]
    server = start(languages=[{"code": code, "targets": codes} for code in codes])
    asked = engine(server)
    texts = ["这个国家", "這個國家", "中文", "Nein", "這"]
    assert [answer.text for answer in asked.translate(texts, "zh", "en")] == [text.upper() for text in texts]
    for pair in (("en", "zh"), ("pt", "no"), ("no", "pt")):
        asked.translate(["un"], *pair)
    assert [(body["source"], body["target"], len(body["q"])) for body in server.asked] == [
        ("zh-Hans", "en", 3),
        ("zh-Hant", "en", 2),
        ("en", "zh-Hans", 1),
        ("pt", "nb", 1),
        ("nb", "pt", 1),
    ]
    assert [asked.describe(*pair) for pair in (("zh", "zh"), ("pt", "pt"), ("de", "en"))] == [None] * 3


def test_the_only_variant_of_a_language_serves_all_of_it(start: Start) -> None:
    server = start(languages=[{"code": "zt", "targets": ["en"]}, {"code": "pb", "targets": ["en"]}])
    asked = engine(server)
    assert asked.translate(["这个国家"], "zh", "en")[0].text == "这个国家"
    assert asked.translate(["um"], "pt", "en")[0].text == "UM"
    assert [body["source"] for body in server.asked] == ["zt", "pb"]


def test_a_text_beyond_the_servers_limit_is_not_sent(start: Start) -> None:
    server = start(frontend_settings={"charLimit": 20})
    answers = engine(server).translate(["un", "x" * 21, "y" * 20], "fr", "en")
    assert [answer.text for answer in answers] == ["UN", None, "Y" * 20]
    assert answers[1].reason == "longer than the server takes: 21 characters of 20"
    assert server.sizes() == [2]


def test_a_text_beyond_the_servers_limit_is_sent_alone_with_a_key(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    server = start(
        lambda texts: Answer(status=400) if max(map(len, texts)) > 30 else upper(texts), frontend_settings={"charLimit": 20}
    )
    answers = engine(server).translate(["un", "x" * 21, "deux", "y" * 31], "fr", "en")
    assert [answer.text for answer in answers] == ["UN", "X" * 21, "DEUX", None]
    assert answers[3].reason == "answered 400 to a text of 31 characters"


def test_batches_are_bounded_in_texts_and_characters(start: Start) -> None:
    server = start()
    texts = [*words(120), *["z" * 2000] * 5, "z" * 9000, "fin"]
    assert [answer.text for answer in engine(server).translate(texts, "fr", "en")] == [text.upper() for text in texts]
    assert server.sizes() == [50, 50, 22, 2, 1, 1, 1]


def test_what_the_server_returns_becomes_one_line_that_can_be_written(start: Start) -> None:
    server = start(lambda _: Answer(b'{"translatedText": ["a\\nb\\u0000\\ud800c ", " ", "deux"]}'))
    answers = engine(server).translate(["un", "deux", "trois"], "fr", "en")
    assert [answer.text or answer.reason for answer in answers] == ["a b c", "returned an empty text", "deux"]
