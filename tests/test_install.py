"""Packages from a file, an address or an index: downloads that break off, servers and archives that lie, and what stays behind."""

import base64
import fcntl
import hashlib
import io
import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from checker import download, index, install, languages, packages
from checker.cli_models import models_app
from checker.errors import CheckerError, ConfigError, InputError, RunError
from tests.conftest import ROOT, Run

# Bytes of a package's model: several blocks of a download.
MODEL = 1_000_000

METADATA = {"from_code": "fr", "to_code": "en", "package_version": "1.9"}


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def package(folder: str = "translate-fr_en-1_9", seed: int = 0, **metadata: Any) -> dict[str, bytes]:
    """The files of a package that looks whole; its model is noise."""
    return {
        f"{folder}/metadata.json": json.dumps({**METADATA, **metadata}).encode(),
        f"{folder}/sentencepiece.model": b"pieces",
        f"{folder}/model/model.bin": random.Random(seed).randbytes(MODEL),  # noqa: S311 - noise
    }


ARCHIVE = zipped(package())
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()


@dataclass
class Site:
    """A server on this machine, and how it misbehaves."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    tag: str | None = '"one"'
    ranges: bool = True
    heeds_if_range: bool = True
    breaks_off_at: list[int] = field(default_factory=list)
    """Bytes of the body after which the connection ends, one for each answer; then answers are whole."""
    pause: float = 0.0
    """Seconds before each block of 64 kB."""
    tells_length: bool = True
    claims: int | None = None
    """Length that is told instead of the true one."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def ranges_asked(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.asked]


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        site, path = self.site, self.path.split("?")[0]
        site.asked.append((self.path, dict(self.headers)))
        if path in site.moved:
            self.send_response(302)
            self.send_header("Location", site.moved[path])
            self.end_headers()
        elif path in site.status or path not in site.files:
            self.send_error(site.status.get(path, 404))
        else:
            self.send_file(site.files[path])

    def send_file(self, content: bytes) -> None:
        site, begin = self.site, 0
        wanted, condition = self.headers["Range"], self.headers["If-Range"]
        if wanted and site.ranges and (condition in (None, site.tag) or not site.heeds_if_range):
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        if begin and begin >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        if site.tag:
            self.send_header("ETag", site.tag)
        if site.tells_length:
            self.send_header("Content-Length", str(site.claims or len(content) - begin))
        self.end_headers()
        end = begin + site.breaks_off_at.pop(0) if site.breaks_off_at else len(content)
        for at in range(begin, min(end, len(content)), 1 << 16):
            time.sleep(site.pause)
            self.wfile.write(content[at : min(at + (1 << 16), end)])


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is part of the test."""


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    with Server(("127.0.0.1", 0), type("Bound", (Handler,), {"site": served})) as server:
        served.address = f"http://127.0.0.1:{server.server_port}"
        served.files["/fr.argosmodel"] = ARCHIVE
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield served
        server.shutdown()


@pytest.fixture(autouse=True)
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of downloads, and no setting of the machine's."""
    for name in ("ARGOS_PACKAGES_DIR", "ARGOS_PACKAGE_INDEX", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "downloads"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], str]:
    def write(content: bytes) -> str:
        path = tmp_path / "a.argosmodel"
        path.write_bytes(content)
        return str(path)

    return write


File = Callable[[bytes], str]


def offered(site: Site, monkeypatch: pytest.MonkeyPatch, *entries: Any) -> None:
    site.files["/index.json"] = json.dumps(entries).encode()
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", f"{site.address}/")


def entry(source: str, target: str, version: str, *links: str) -> dict[str, Any]:
    return {"from_code": source, "to_code": target, "package_version": version, "links": list(links)}


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir()) if place.is_dir() else []


# What a user writes.


def offer(source: str, target: str) -> index.Offer:
    pair = languages.normalise(source), languages.normalise(target)
    return index.Offer(*pair, source, target, source, target, "1.0", ())


OFFERS = [offer(*pair.split("_")) for pair in ("fr_en", "en_fr", "zh_en", "zt_en", "en_zt", "pb_en", "en_pt", "en_pb", "nb_en")]


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("FR-EN", ["fr_en"]),
        ("fr_en", ["fr_en"]),
        ("fr→en", ["fr_en"]),
        (" fr -> en ", ["fr_en"]),
        ("translate-fr_en", ["fr_en"]),
        ("zh-Hans-en", ["zh_en"]),
        ("ZH-EN", ["zh_en"]),
        ("zt-en", ["zt_en"]),
        ("zh-Hant→en", ["zt_en"]),
        ("en-zh_TW", ["en_zt"]),
        ("en-zh", ["en_zt"]),
        ("pt-BR-en", ["pb_en"]),
        ("pt-en", ["pb_en"]),
        ("en-pt", ["en_pt"]),
        ("en-pt-BR", ["en_pb"]),
        ("no-en", ["nb_en"]),
        ("fr", []),
        ("fr-xx", []),
        ("../fr-en", []),
        ("", []),
    ],
)
def test_a_pair_is_found_however_it_is_written(what: str, found: list[str]) -> None:
    assert [f"{one.from_code}_{one.to_code}" for one in index.matching(what, OFFERS)] == found


def test_addresses_are_shown_without_password_and_query() -> None:
    assert download.shown("https://user:secret@host:8/a/b.zip?token=secret#x") == "https://host:8/a/b.zip"


# The index.


def test_a_pair_is_installed_from_the_index_in_its_newest_version(site: Site, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = f"{site.address}/fr.argosmodel"
    old, new = entry("fr", "en", "1.9", f"{site.address}/old"), entry("fr", "en", "1.10", "ipfs://Qm", link)
    offered(site, monkeypatch, new, old, entry("de", "en", "2.0", link))
    found = install.install("FR-EN", place)
    assert (found.package.folder, found.sha256, found.replaced) == (place / "translate-fr_en-1_9", DIGEST, None)
    assert [path for path, _ in site.asked] == ["/index.json", "/fr.argosmodel"]


def test_entries_of_the_index_that_are_malformed_are_left_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    odd: list[Any] = [3, None, [], {}, entry("fr", "en", "1") | {"from_code": 1}, entry("fr", "en", "1") | {"links": "x"}]
    sentences = {**entry("fr", "en", "3"), "type": "sbd"}
    offered(site, monkeypatch, *odd, sentences, entry("fr", "en", "1.9", "file:///a", "http://a/b"))
    assert [(one.version, one.links) for one in index.index()] == [("1.9", ("http://a/b",))]


@pytest.mark.parametrize("content", [b"<html>", b"{}", b"\xff", b"[" * 100_000])
def test_an_index_that_is_none_is_said_to_be_none(site: Site, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(site, monkeypatch)
    site.files["/index.json"] = content
    with pytest.raises(InputError, match="is not an index"):
        index.index()


def test_an_index_that_cannot_be_had_names_the_address_and_a_way_out(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", f"{site.address}/none")
    with pytest.raises(InputError, match=r"127.*/none/index.json: .* 404 .*mirror"):
        index.index()


def test_a_pair_that_the_index_lacks_is_said_to_lack_with_the_route_there_is(
    site: Site, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(site, monkeypatch, entry("fr", "en", "1"), entry("en", "de", "1"))
    with pytest.raises(ConfigError, match=r"no package fr-de.*fr-en and en-de make a route"):
        install.install("fr-de", place)
    with pytest.raises(ConfigError, match="--available"):
        install.install("fr-xx", place)


def test_a_package_that_is_not_what_the_index_promised_is_refused(site: Site, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(site, monkeypatch, entry("de", "en", "1.0", f"{site.address}/fr.argosmodel"))
    with pytest.raises(InputError, match="translates fr→en, and the index had said de→en"):
        install.install("de-en", place)
    assert left(place) == []


# Downloads.


def test_a_download_tells_how_far_it_is_and_leaves_nothing_behind(site: Site, place: Path, downloads: Path) -> None:
    told: list[tuple[int, int | None]] = []
    install.install(f"{site.address}/fr.argosmodel", place, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, len(ARCHIVE))
    assert told[-1] == (len(ARCHIVE), len(ARCHIVE))
    assert told == sorted(told)
    assert list(downloads.iterdir()) == []
    assert left(place) == ["translate-fr_en-1_9"]


def test_a_body_without_a_length_is_taken_to_its_end(site: Site, place: Path) -> None:
    site.tells_length = False
    assert install.install(f"{site.address}/fr.argosmodel", place).sha256 == DIGEST


def test_a_download_that_breaks_off_goes_on_where_it_ended(site: Site, place: Path) -> None:
    site.breaks_off_at = [300_000, 200_000]
    assert install.install(f"{site.address}/fr.argosmodel", place).sha256 == DIGEST
    assert site.ranges_asked() == [None, "bytes=300000-", "bytes=500000-"]
    assert site.asked[1][1]["If-Range"] == '"one"'


def broken_off(site: Site, place: Path, *, resumes: bool = True) -> None:
    """Leaves 600,000 bytes of the download behind."""
    site.breaks_off_at = [600_000, 0, 0] if resumes else [600_000] * 3
    with pytest.raises(InputError, match=r"/fr.argosmodel: cannot be downloaded: the server sent 600,000 bytes of .*goes on"):
        install.install(f"{site.address}/fr.argosmodel", place)
    site.asked.clear()


def test_a_truncated_download_is_not_installed_and_the_next_goes_on(site: Site, place: Path) -> None:
    broken_off(site, place)
    assert left(place) == []
    assert install.install(f"{site.address}/fr.argosmodel", place).sha256 == DIGEST
    assert site.ranges_asked() == ["bytes=600000-"]


def test_a_file_that_has_changed_meanwhile_is_downloaded_anew(site: Site, place: Path) -> None:
    broken_off(site, place)
    site.tag, site.files["/fr.argosmodel"] = '"two"', zipped(package(seed=1))
    found = install.install(f"{site.address}/fr.argosmodel", place)
    assert found.sha256 == hashlib.sha256(site.files["/fr.argosmodel"]).hexdigest()


def test_a_server_that_sends_a_range_of_a_changed_file_is_asked_for_all_of_it(site: Site, place: Path) -> None:
    broken_off(site, place)
    site.tag, site.heeds_if_range, site.files["/fr.argosmodel"] = '"two"', False, zipped(package(seed=1))
    found = install.install(f"{site.address}/fr.argosmodel", place)
    assert found.sha256 == hashlib.sha256(site.files["/fr.argosmodel"]).hexdigest()
    assert site.ranges_asked() == ["bytes=600000-", None]


def test_a_server_without_ranges_is_asked_for_all_of_it(site: Site, place: Path) -> None:
    site.ranges = False
    broken_off(site, place, resumes=False)
    assert install.install(f"{site.address}/fr.argosmodel", place).sha256 == DIGEST


@pytest.mark.parametrize("tag", [None, 'W/"weak"'])
def test_a_part_is_not_gone_on_from_where_nothing_says_that_the_file_is_the_same(site: Site, place: Path, tag: str | None) -> None:
    site.tag = tag
    broken_off(site, place, resumes=False)
    assert install.install(f"{site.address}/fr.argosmodel", place).sha256 == DIGEST
    assert site.ranges_asked() == [None]


def test_a_download_that_was_whole_already_is_not_downloaded_again(site: Site, place: Path, downloads: Path) -> None:
    broken_off(site, place)
    next(downloads.glob("*.part")).write_bytes(ARCHIVE)
    told: list[int] = []
    assert install.install(f"{site.address}/fr.argosmodel", place, progress=lambda done, _: told.append(done)).sha256 == DIGEST
    assert told == []


def test_links_are_tried_in_turn(site: Site, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.status["/down"] = 500
    links = [f"{site.address}/{name}" for name in ("none", "down", "fr.argosmodel")]
    offered(site, monkeypatch, entry("fr", "en", "1.9", *links))
    assert install.install("fr-en", place).sha256 == DIGEST
    offered(site, monkeypatch, entry("fr", "en", "1.9", *links[:2]))
    with pytest.raises(InputError, match=r"no link works: .*/none: .*404.*; .*/down: .* 500"):
        install.install("fr-en", place)


def test_a_server_that_stops_sending_is_left(site: Site, place: Path) -> None:
    site.pause = 1.0
    begin = time.monotonic()
    with pytest.raises(InputError, match="the server does not answer"):
        install.install(f"{site.address}/fr.argosmodel", place, timeout=0.1)
    assert time.monotonic() - begin < 5


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match="Connection refused"):
            install.install(f"http://127.0.0.1:{taken.getsockname()[1]}/x", Path("none"))


@pytest.mark.parametrize(
    "address", ["ftp://host/a", "file:///etc/passwd", "data://x", "ipfs://Qm", "http://", "https://[", "http://a:b/"]
)
def test_other_addresses_are_refused(address: str, place: Path) -> None:
    with pytest.raises(InputError):
        install.install(address, place)


def test_a_redirect_is_followed_but_not_to_a_file(site: Site, place: Path) -> None:
    site.moved = {"/there": "/fr.argosmodel", "/own": "file:///etc/passwd", "/ftp": "ftp://127.0.0.1/a", "/loop": "/loop"}
    assert install.install(f"{site.address}/there", place).sha256 == DIGEST
    for name in ("own", "ftp", "loop"):
        with pytest.raises(InputError, match=f"/{name}: cannot be downloaded"):
            install.install(f"{site.address}/{name}", place)


def test_a_password_goes_to_the_server_and_into_no_message(site: Site, place: Path) -> None:
    address = site.address.replace("//", "//me:p%40ss@")
    with pytest.raises(InputError) as error:
        install.install(f"{address}/none?token=secret", place)
    assert "ss@" not in str(error.value)
    assert "secret" not in str(error.value)
    path, headers = site.asked[0]
    assert path == "/none?token=secret"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"me:p@ss"


def test_a_file_beyond_the_bound_is_refused_before_it_is_downloaded(site: Site, place: Path, downloads: Path) -> None:
    site.claims = 5 << 30
    with pytest.raises(InputError, match="has 5,368,709,120 bytes, at most"):
        install.install(f"{site.address}/fr.argosmodel", place)
    assert [path.stat().st_size for path in downloads.glob("*.part")] == [0]


def test_a_digest_that_is_another_is_refused_and_the_file_is_gone(site: Site, place: Path, downloads: Path) -> None:
    with pytest.raises(InputError, match=f"SHA-256 is {DIGEST}, not {'0' * 64}"):
        install.install(f"{site.address}/fr.argosmodel", place, sha256="0" * 64)
    assert left(place) == []
    assert list(downloads.iterdir()) == []
    assert install.install(f"{site.address}/fr.argosmodel", place, sha256=f"SHA256:{DIGEST.upper()}").sha256 == DIGEST
    with pytest.raises(ConfigError, match="64 hexadecimal"):
        install.install(f"{site.address}/fr.argosmodel", place, sha256="123")


def test_two_do_not_download_one_file_at_once(site: Site, place: Path, downloads: Path) -> None:
    broken_off(site, place)
    with next(downloads.glob("*.part")).open("rb") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="being downloaded already"):
            install.install(f"{site.address}/fr.argosmodel", place)


INSTALL = "import sys; from checker.cli_models import models_app; models_app(sys.argv[1:], standalone_mode=False)"


def started(*args: object, limit: int | None = None) -> "subprocess.Popen[str]":
    bound = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); " if limit else ""
    command = [sys.executable, "-c", bound + INSTALL, *map(str, args)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_after_a_kill_the_rest_is_asked_for_and_the_file_is_the_same(site: Site, place: Path, downloads: Path) -> None:
    site.pause = 0.2
    with started("install", f"{site.address}/fr.argosmodel", "--packages", place) as process:
        deadline = time.monotonic() + 30
        while sum(path.stat().st_size for path in downloads.glob("*.part")) < 200_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    have = next(downloads.glob("*.part")).stat().st_size
    assert 200_000 <= have < len(ARCHIVE)
    site.pause = 0
    assert install.install(f"{site.address}/fr.argosmodel", place, sha256=DIGEST).sha256 == DIGEST
    assert site.ranges_asked() == [None, f"bytes={have}-"]
    assert (place / "translate-fr_en-1_9" / "model" / "model.bin").read_bytes() == package()["translate-fr_en-1_9/model/model.bin"]


@pytest.mark.parametrize("limit", [200_000, len(ARCHIVE) - 500])
def test_a_disk_that_is_full_is_told_and_what_was_downloaded_is_kept(site: Site, place: Path, downloads: Path, limit: int) -> None:
    with started("install", f"{site.address}/fr.argosmodel", "--packages", place, limit=limit) as process:
        said = process.communicate(timeout=60)[1]
    assert "RunError" in said
    assert "make room there" in said
    assert left(place) == []
    assert next(downloads.glob("*.part")).stat().st_size == limit


def test_a_disk_without_room_for_what_is_unpacked_is_told(file: File, place: Path) -> None:
    name = file(ARCHIVE)
    with started("install", name, "--packages", place, limit=500_000) as process:
        said = process.communicate(timeout=60)[1]
    assert "make room there" in said
    assert left(place) == []


def test_a_folder_that_is_a_file_is_told(file: File, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(RunError, match="taken: cannot be written: File exists"):
        install.install(file(ARCHIVE), tmp_path / "taken")


# Archives.


def linked(name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path, content in package().items():
            archive.writestr(path, content)
        link = zipfile.ZipInfo(name)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return held.getvalue()


def encrypted() -> bytes:
    """An archive whose table of contents says that its first member is encrypted."""
    content = bytearray(ARCHIVE)
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def twice() -> bytes:
    """An archive with a name twice, which zipfile itself warns of when it writes one."""
    same, other = b"translate-fr_en-1_9/one", b"translate-fr_en-1_9/two"
    return zipped({**package(), same.decode(): b"", other.decode(): b""}).replace(other, same)


def squeezed(method: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for path, content in package().items():
            archive.writestr(path, content)
    return held.getvalue()


def without(part: str) -> bytes:
    return zipped({name: content for name, content in package().items() if not name.endswith(part)})


def flipped() -> bytes:
    """The archive with one bit of its model changed."""
    content = bytearray(ARCHIVE)
    content[len(content) // 2] ^= 1
    return bytes(content)


HOSTILE = {
    "path escape": (zipped({**package(), "translate-fr_en-1_9/../../out": b""}), "leads out of its folder"),
    "absolute path": (zipped({**package(), "/translate-fr_en-1_9/out": b""}), "leads out of its folder"),
    "backslash": (zipped({**package(), "translate-fr_en-1_9\\..\\out": b""}), "backslash or a drive"),
    "drive": (zipped({**package(), "C:/out": b""}), "backslash or a drive"),
    "control character": (zipped({**package(), "translate-fr_en-1_9/\x1b[2J": b""}), "control characters"),
    "direction": (zipped({**package(), "translate-fr_en-1_9/\u202etxt": b""}), "control characters"),
    "long name": (zipped({**package(), "translate-fr_en-1_9/" + "a/" * 300: b""}), "more than 500 characters"),
    "link": (linked("translate-fr_en-1_9/link"), "is a link or a device"),
    "encrypted": (encrypted(), "is encrypted"),
    "lzma": (squeezed(zipfile.ZIP_LZMA), "neither stored nor deflated"),
    "bzip2": (squeezed(zipfile.ZIP_BZIP2), "neither stored nor deflated"),
    "name twice": (twice(), "twice"),
    "case": (zipped({**package(), "translate-fr_en-1_9/METADATA.json": b"{}"}), "twice"),
    "file and folder": (zipped({**package(), "translate-fr_en-1_9/model": b"{}"}), "twice"),
    "two folders": (zipped({**package(), "other/file": b""}), "expected one folder"),
    "a file beside": (zipped({**package(), "file": b""}), "expected one folder"),
    "no folder": (zipped({"metadata.json": b"{}"}), "expected one folder"),
    "hidden folder": (zipped(package(".hidden")), "not hidden"),
    "nothing": (zipped({}), "holds nothing"),
    "many": (zipped({f"a/{number}": b"" for number in range(10_001)}), "10,001 files"),
    "ratio": (zipped({**package(), "translate-fr_en-1_9/zeros": bytes(200_000_000)}), "100 times its size"),
    "no metadata": (without("metadata.json"), "no metadata.json"),
    "no model": (without("model.bin"), "no model/model.bin"),
    "no tokeniser": (without("sentencepiece.model"), "neither sentencepiece.model nor"),
    "metadata of a list": (zipped({**package(), "translate-fr_en-1_9/metadata.json": b"[]"}), "no metadata.json"),
    "metadata nested": (zipped({**package(), "translate-fr_en-1_9/metadata.json": b"[" * 99_999}), "nested|no metadata.json"),
    "metadata large": (zipped({**package(), "translate-fr_en-1_9/metadata.json": bytes(1_100_000)}), "more than 1 MB"),
    "another type": (zipped(package(type="sbd")), "not a translation package"),
    "codes": (zipped(package(from_code="../\x1b[2J")), "expected codes of languages"),
    "not a zip": (b"<html>404</html>", "not a whole zip"),
    "empty": (b"", "not a whole zip"),
    "cut short": (ARCHIVE[:-100], "not a whole zip"),
    "without its begin": (ARCHIVE[100_000:], "begins before the archive|not a whole zip"),
    "truncated model": (ARCHIVE[:300_000] + ARCHIVE[600_000:], "begins before the archive|not a whole zip"),
    "changed": (flipped(), "not a whole zip"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_archive_that_is_no_whole_package_is_refused_and_changes_nothing(name: str, file: File, place: Path) -> None:
    content, reason = HOSTILE[name]
    install.install(file(ARCHIVE), place)
    with pytest.raises(InputError, match=reason) as error:
        install.install(file(content), place)
    assert error.value.where == file(content)
    assert left(place) == ["translate-fr_en-1_9"]
    assert sorted(path.name for path in place.parent.iterdir()) == ["a.argosmodel", "packages"]


def zeros(declared: int) -> bytes:
    """An archive with ten gigabytes of zeros, which its table of contents says to be `declared` bytes."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a/zeros", block * 640 + packer.flush())
        archive.infolist()[0].compress_type, archive.infolist()[0].file_size = zipfile.ZIP_DEFLATED, declared
    return held.getvalue()


@pytest.mark.parametrize(
    ("declared", "reason"),
    [(10 << 30, "more than 8,589,934,592 bytes"), (5 << 30, "100 times its size"), (1000, "not a whole zip")],
)
def test_an_archive_of_ten_gigabytes_of_zeros_is_refused_whatever_it_says(
    declared: int, reason: str, file: File, place: Path
) -> None:
    begin = time.monotonic()
    with pytest.raises(InputError, match=reason):
        install.install(file(zeros(declared)), place)
    assert time.monotonic() - begin < 10
    assert left(place) == []


def test_a_table_of_contents_beyond_reason_is_not_read(tmp_path: Path, place: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with bomb.open("wb") as archive:
        archive.truncate(1 << 26)  # a hole, which takes no room
        archive.seek(0, os.SEEK_END)
        archive.write(b"PK\x05\x06" + bytes(4) + b"\1\0\1\0" + (1 << 26).to_bytes(4, "little") + bytes(4) + bytes(2))
    with pytest.raises(InputError, match="table of contents"):
        install.install(str(bomb), place)


# What is there already.


def test_the_same_package_again_is_left_alone_and_another_replaces_it(file: File, place: Path) -> None:
    install.install(file(ARCHIVE), place)
    before = (place / "translate-fr_en-1_9").stat()
    again = install.install(file(ARCHIVE), place)
    assert (again.same, again.replaced, again.package.folder) == (True, None, place / "translate-fr_en-1_9")
    assert (place / "translate-fr_en-1_9").stat().st_ino == before.st_ino
    old = packages.digest(again.package)
    other = install.install(file(zipped(package(seed=1))), place)
    assert (other.same, other.replaced) == (False, "1.9")
    assert packages.digest(other.package) != old
    assert left(place) == ["translate-fr_en-1_9"]
    assert (place / "translate-fr_en-1_9/model/model.bin").read_bytes() == package(seed=1)["translate-fr_en-1_9/model/model.bin"]


def test_a_broken_package_is_replaced(file: File, place: Path) -> None:
    (place / "translate-fr_en-1_9").mkdir(parents=True)
    assert install.install(file(ARCHIVE), place).replaced == "a broken package"
    assert packages.read(place / "translate-fr_en-1_9")


def test_what_a_killed_install_left_is_cleared_and_what_it_had_moved_away_is_put_back(file: File, place: Path) -> None:
    install.install(file(zipped(package("translate-de_en-1_0", from_code="de"))), place)
    (place / ".checker-dead" / "old").mkdir(parents=True)
    (place / ".checker-dead" / "translate-xx").mkdir()
    (place / "translate-de_en-1_0").rename(place / ".checker-dead" / "old" / "translate-de_en-1_0")
    install.install(file(ARCHIVE), place)
    assert left(place) == ["translate-de_en-1_0", "translate-fr_en-1_9"]


def test_a_pair_is_removed_in_all_its_versions_and_a_folder_by_its_name(file: File, place: Path) -> None:
    versions: dict[str, dict[str, Any]] = {"a": {}, "b": {"package_version": "1.0"}}
    versions |= {"c": {"from_code": "de"}, "d": {"from_code": "es"}}
    for name, codes in versions.items():
        install.install(file(zipped(package(name, **codes))), place)
    (place / "broken").mkdir()
    assert install.remove("FR-EN", place) == [place / "b", place / "a"]
    assert install.remove("c", place) == [place / "c"]
    assert install.remove("broken", place) == [place / "broken"]
    assert left(place) == ["d"]


@pytest.mark.parametrize("what", ["..", ".", "", "../outside", "translate-fr_en-1_9/model", ".hidden", "/", "xx-yy"])
def test_nothing_outside_the_folder_of_packages_is_removed(what: str, file: File, place: Path) -> None:
    install.install(file(ARCHIVE), place)
    (place / ".hidden").mkdir()
    (place.parent / "outside").mkdir()
    with pytest.raises(ConfigError, match="no package is called"):
        install.remove(what, place)
    assert left(place) == [".hidden", "translate-fr_en-1_9"]
    assert (place.parent / "outside").is_dir()


def test_a_linked_package_is_unlinked_and_what_it_leads_to_stays(file: File, place: Path, tmp_path: Path) -> None:
    install.install(file(ARCHIVE), tmp_path / "own")
    place.mkdir()
    (place / "linked").symlink_to(tmp_path / "own" / "translate-fr_en-1_9")
    assert install.remove("fr-en", place) == [place / "linked"]
    assert packages.read(tmp_path / "own" / "translate-fr_en-1_9")


def test_a_name_that_is_nearly_one_is_asked_back(file: File, place: Path) -> None:
    install.install(file(ARCHIVE), place)
    with pytest.raises(ConfigError, match=r"did you mean .*translate-fr_en-1_9"):
        install.remove("translate-fr_en-1_8", place)


# The command line.


def models(*args: object) -> Result:
    return CliRunner().invoke(models_app, [str(arg) for arg in args])


def test_install_says_what_is_where_and_its_digest(file: File, place: Path) -> None:
    found = models("install", file(ARCHIVE), "--packages", place)
    assert found.stdout == f"installed fr→en 1.9 in {place / 'translate-fr_en-1_9'} (sha256 {DIGEST})\n"
    assert models("install", file(ARCHIVE), "--packages", place).stdout.startswith("already there: fr→en 1.9 in ")
    assert models("install", file(zipped(package(seed=1))), "--packages", place).stdout.endswith(", instead of 1.9\n")


def test_one_digest_is_not_taken_for_two_files(file: File, place: Path) -> None:
    found = models("install", file(ARCHIVE), "FR-EN", "--sha256", DIGEST, "--packages", place)
    assert isinstance(found.exception, ConfigError)


def test_the_folder_of_packages_is_that_of_the_settings(tmp_path: Path, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    name = file(ARCHIVE)
    (tmp_path / "checker.toml").write_text('packages = "mine"\n')
    monkeypatch.chdir(tmp_path)
    assert models("install", name).exit_code == 0
    assert left(tmp_path / "mine") == ["translate-fr_en-1_9"]


def test_list_tells_of_whole_and_broken_packages(file: File, place: Path) -> None:
    install.install(file(ARCHIVE), place)
    (place / "broken").mkdir()
    found = models("list", "--packages", place)
    folder = str(place / "translate-fr_en-1_9")
    assert found.stdout.split("\n")[1].split() == ["fr→en", "French", "→", "English", "1.9", "sentencepiece", "1.0", folder]
    assert "broken: " in found.stderr
    rows = [json.loads(line) for line in models("list", "--packages", place, "--output-format", "jsonl").stdout.splitlines()]
    size = sum(map(len, package().values()))
    assert [(row["pair"], row["bytes"], bool(row["problem"])) for row in rows] == [("fr→en", size, False), (None, None, True)]


def test_list_of_no_folder_says_so(place: Path) -> None:
    found = models("list", "--packages", place)
    assert (found.exit_code, found.stdout) == (0, "")
    assert "no package in " in found.stderr


def test_what_the_index_offers_is_listed_beside_what_is_installed(
    site: Site, file: File, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.install(file(ARCHIVE), place)
    hostile = {**entry("de", "en", "1.0\x1b[2J"), "from_name": "[red]German\n\x9b"}
    offered(site, monkeypatch, entry("fr", "en", "1.8"), entry("fr", "en", "2.0"), hostile)
    found = models("list", "--available", "--packages", place).stdout.splitlines()
    assert found[1].split() == ["de→en", "[red]German", "\\u009b", "→", "en", "1.0\\u001b[2J"]
    assert found[2].split() == ["fr→en", "fr", "→", "en", "2.0", "1.9"]


def test_only_what_says_so_asks_the_network(site: Site, file: File, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered(site, monkeypatch)
    for args in (["install", file(ARCHIVE)], ["list"], ["doctor"], ["remove", "fr-en"], ["doctor"]):
        models(*args, "--packages", place)
    assert site.asked == []


def made(name: str, toy: str) -> Path:
    """A package with a model that translates: the project's own, else one of the outside data."""
    shared = Path(os.environ.get("CHECKER_SHARED", ROOT.parent / "shared"))
    places = [ROOT / "tests" / "packages" / f"{name}.argosmodel", shared / "data" / "argos_toy" / f"{toy}.argosmodel"]
    found = next((path for path in places if path.is_file()), None)
    return found or pytest.skip(f"needs a package: no {' and no '.join(map(str, places))}")


@pytest.fixture(scope="session")
def model() -> Path:
    """A package that translates French."""
    return made("translate-fr_en-1_0", "translate-fr_en-toy")


def test_doctor_tries_a_package_with_byte_pairs_too(place: Path) -> None:
    install.install(str(made("translate-de_en-1_0", "translate-de_en-toy")), place)
    found = models("doctor", "--packages", place)
    assert found.exit_code == 0, found.output
    assert "Die Katze schläft. → " in found.stdout


def test_doctor_tries_every_package(model: Path, place: Path) -> None:
    install.install(str(model), place)
    found = models("doctor", "--packages", place)
    assert found.exit_code == 0, found.output
    assert "Le chat dort. → " in found.stdout
    assert "(setting `packages`, command line)" in found.stdout
    assert f"ok  fr→en 1.0\n  folder   {place}" in found.stdout
    assert "1 installed, none broken" in found.stderr


def test_doctor_names_what_is_broken_and_what_is_not_used(model: Path, file: File, place: Path) -> None:
    install.install(str(model), place)
    install.install(file(ARCHIVE), place)
    (place / "translate-de_en-1_0").mkdir()
    found = models("doctor", "--packages", place)
    assert found.exit_code == 1
    assert "BROKEN  fr→en 1.9\n" in found.stdout
    assert "cannot be loaded" in found.stdout
    assert "checker models install fr-en" in found.stdout
    assert "translate-de_en-1_0: has no metadata.json" in found.stdout
    assert "not used: translate-fr_en-1_9, version 1.9, goes first" in found.stdout
    assert "3 installed, 2 broken" in found.stderr


def test_doctor_finds_the_licence_in_a_readme(model: Path, place: Path) -> None:
    install.install(str(model), place)
    folder = next(place.iterdir())
    said = "* License: CC-BY 4.0 \x1b[2J\n* data: http://creativecommons.org/licenses/by/3.0/ .\n"
    (folder / "README.md").write_text(f"# French\n\n{said}")
    line = next(line for line in models("doctor", "--packages", place).stdout.splitlines() if line.startswith("  licence"))
    assert line == "  licence  CC-BY 4.0 \\u001b[2J; creativecommons.org/licenses/by/3.0/"


def test_doctor_says_so_where_it_has_no_sentence(file: File, place: Path) -> None:
    install.install(file(zipped(package(from_code="tlh"))), place)
    found = models("doctor", "--packages", place)
    assert "not tried: no sentence in " in found.stdout
    assert found.exit_code == 0


def test_errors_are_those_that_a_user_can_mend(place: Path) -> None:
    for args in (["install", "nothing.argosmodel"], ["install", "a/b/c"], ["install", "zzz"], ["remove", "fr-en"]):
        found = models(*args, "--packages", place)
        assert isinstance(found.exception, CheckerError), args
        assert found.exception.remedy


def test_the_program_ends_with_one_message(checker: Run, place: Path) -> None:
    found = checker("models", "install", "nothing.argosmodel", "--packages", place)
    assert found.returncode == 2
    assert found.stderr.startswith("error: nothing.argosmodel: is no file and no pair of languages\n  write a pair")
