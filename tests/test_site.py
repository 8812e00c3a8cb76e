"""The documentation as a site: it builds without a warning, no link in it is dead, and it asks no network."""

import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from lxml import html

from checker.registry import rules
from tests.browser import BROWSER, browser
from tests.conftest import ROOT

CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
DOCS = ROOT / CONFIG["docs_dir"]
# Bytes of a picture: they are in the repository, and grow it with each change.
MOST = 300_000

pytestmark = pytest.mark.skipif(find_spec("zensical") is None, reason="needs zensical: the group `test` of pyproject.toml has it")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy of what it is made of."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, folder / CONFIG["docs_dir"])
    shutil.copy(ROOT / "mkdocs.yml", folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "No issues found" in built.stdout + built.stderr
    return folder / CONFIG["site_dir"]


def pages(site: Path) -> dict[Path, html.HtmlElement]:
    return {path: html.fromstring(path.read_bytes()) for path in sorted(site.rglob("*.html"))}


def test_every_page_of_the_docs_is_in_the_menu_and_in_the_site(site: Path) -> None:
    listed = re.findall(r"[\w-]+\.md", str(CONFIG["nav"]))
    assert sorted(listed) == sorted(path.name for path in DOCS.glob("*.md"))
    assert {f"{Path(name).stem}.html" for name in listed} <= {path.name for path in site.iterdir()}


def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    found = pages(site)
    anchors = {path: {node.get("id") for node in page.iter() if node.get("id")} for path, page in found.items()}
    for path, page in found.items():
        links = [urlsplit(link) for link in page.xpath("//a/@href | //img/@src | //script/@src | //link/@href")]
        for link in (link for link in links if not link.scheme and path.name != "404.html"):  # which lies wherever one is lost
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            assert target.is_file(), f"{path.name}: {link.geturl()}"
            known = link.fragment in ("", "__skip") or unquote(link.fragment) in anchors.get(target, ())
            assert known, f"{path.name}: {link.geturl()}"


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    for path, page in pages(site).items():
        loaded = page.xpath("//script/@src | //img/@src | //iframe/@src | //link[@rel!='canonical']/@href")
        assert not [link for link in loaded if urlsplit(link).scheme or link.startswith("//")], path.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text("utf-8")), style.name
    for picture in DOCS.glob("pictures/*.svg"):
        assert set(re.findall(r"https?://[^\"' )]+", picture.read_text("utf-8"))) <= {
            "http://www.w3.org/2000/svg",
            "https://www.textualize.io",
        }, picture.name


def test_what_a_rule_says_of_tags_and_asterisks_is_read_as_it_stands(site: Path) -> None:
    shown = " ".join(html.fromstring((site / "rules.html").read_bytes()).text_content().split())
    for rule in rules().values():
        for line in rule.page.replace("`", "").splitlines():
            assert " ".join(line.split()) in shown, rule.name


@pytest.mark.skipif(BROWSER is None, reason="needs a browser: Debian's chromium, or CHECKER_BROWSER")
def test_a_browser_asks_nothing_of_the_network_and_finds_what_it_searches(site: Path) -> None:
    handler = partial(Silent, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, browser() as chromium:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page, asked = chromium.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "tutorial.html").as_uri())
        page.wait_for_load_state("networkidle")
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        page.click(".md-search__button")
        page.keyboard.type("baseline")
        page.get_by_text("Hold a gate in CI").last.wait_for()
        server.shutdown()
    assert [address for address in asked if urlsplit(address).hostname not in (None, "", "127.0.0.1")] == []


class Silent(SimpleHTTPRequestHandler):
    """A server of files that says nothing of what is asked."""

    def log_message(self, *_: object) -> None: ...


def test_every_picture_is_shown_described_and_small() -> None:
    shown = [link for page in DOCS.glob("*.md") for link in re.findall(r"!\[(.*?)\]\((pictures/.*?)\)", page.read_text("utf-8"))]
    assert {name for _, name in shown} == {f"pictures/{path.name}" for path in DOCS.glob("pictures/*")}
    assert all(len(text) > 20 for text, _ in shown)
    assert all((DOCS / name).stat().st_size <= MOST for _, name in shown)
