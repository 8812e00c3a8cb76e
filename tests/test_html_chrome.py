"""HTML pages as sites build them: what the markup leaves out of the main text, and where findings stand in the file."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from checker.config import Config
from checker.detect import detect
from checker.read import read
from checker.registry import AFTER_TRANSLATION, rules
from checker.segment import lines, segment
from tests.conftest import ROOT


@dataclass(frozen=True)
class Story:
    """What a page is made of: its text, and what its site puts around it."""

    title: str
    text: tuple[str, ...]
    menu: tuple[str, ...]
    cookies: tuple[str, ...]
    share: tuple[str, ...]
    related: tuple[str, ...]
    foot: tuple[str, ...]


STORIES = {
    story["lang"]: Story(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in story.items() if key != "lang"}
    )
    for story in json.loads((Path(__file__).parent / "stories.json").read_text("utf-8"))
}


def links(texts: tuple[str, ...], element: str = "li") -> str:
    return "\n".join(f'<{element}><a href="/{number}">{text}</a></{element}>' for number, text in enumerate(texts))


def paragraphs(story: Story) -> str:
    return "\n".join(f"<p>{text}</p>" for text in story.text)


def semantic(lang: str, story: Story) -> str:
    """Elements that say what they are."""
    return f"""<!DOCTYPE html>
<html lang="{lang}">
<head><meta charset="utf-8"><title>{story.title} | Site</title><script>var a = "<p>";</script></head>
<body>
<header><nav><ul>
{links(story.menu)}
</ul></nav></header>
<main><article>
<h1>{story.title}</h1>
{paragraphs(story)}
</article>
<aside><h2>{story.related[0]}</h2><ul>
{links(story.related[1:])}
</ul></aside></main>
<div role="dialog" class="cookie-banner"><p>{story.cookies[0]}</p><button>{story.cookies[1]}</button></div>
<footer><ul>
{links(story.foot)}
</ul></footer>
</body></html>
"""


def classes(lang: str, story: Story) -> str:
    """Nothing but `<div>` with classes and ids, in one long line."""
    share = "".join(f'<a class="btn" href="#{text}">{text}</a>' for text in story.share)
    menu = "".join(f'<div class="menu-item"><a href="/{text}">{text}</a></div>' for text in story.menu)
    related = "".join(f'<div class="card"><a href="/{text}">{text}</a></div>' for text in story.related[1:])
    return (
        f'<html lang="{lang}"><head><title>{story.title} - Site</title></head><body>'
        f'<div id="cookie-consent" class="cookie">{story.cookies[0]} <a href="#ok">{story.cookies[1]}</a></div>'
        f'<div class="navbar">{menu}</div><div class="post"><h1 class="post-title">{story.title}</h1>'
        f'<div class="post-body">{paragraphs(story)}</div><div class="share-buttons">{share}</div></div>'
        f'<div class="related-posts"><h3>{story.related[0]}</h3>{related}</div>'
        f'<div class="footer">{"".join(f"<a href=/{text}>{text}</a> | " for text in story.foot)}</div></body></html>'
    )


def tables(lang: str, story: Story) -> str:
    """A table for a layout, paragraphs by line breaks, the title in the head alone."""
    return f"""<HTML LANG={lang}><HEAD><TITLE>{story.title}</TITLE>
<META PROPERTY="og:title" CONTENT="{story.title}"></HEAD><BODY>
<TABLE WIDTH=100%><TR><TD CLASS=nav>{"<BR>".join(f"<A HREF=/{text}>{text}</A>" for text in story.menu)}</TD>
<TD><FONT SIZE=5><B>{story.title}</B></FONT><BR><BR>
<DIV CLASS=text>
{"<BR><BR>".join(story.text)}
</DIV>
</TD></TR></TABLE>
<DIV ID=footer>{"<BR>".join(f"<A HREF=/{text}>{text}</A>" for text in story.foot)}</DIV>
</BODY></HTML>
"""


PAGES = {
    "en": semantic, "fr": classes, "es": semantic, "de": classes, "ru": tables, "uk": semantic, "zh": classes, "ar": semantic,
    "fa": classes, "ja": semantic,
}  # fmt: skip


@cache
def source(lang: str) -> str:
    return PAGES[lang](lang, STORIES[lang])


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pages and lines of all stories."""
    folder = tmp_path_factory.mktemp("site")
    for lang in PAGES:
        (folder / f"{lang}.html").write_bytes(source(lang).encode())
    pages = read(Config(paths=(folder,)))
    return pages, lines(pages)


def said(frames: tuple[pl.DataFrame, pl.DataFrame], lang: str) -> dict[str, bool]:
    """Line to whether the markup makes it the main text."""
    return dict(frames[1].filter(pl.col("doc") == f"{lang}.html").select("text", "main").iter_rows())


@pytest.mark.parametrize("lang", PAGES)
def test_the_text_and_its_title_are_the_main_text(frames: tuple[pl.DataFrame, pl.DataFrame], lang: str) -> None:
    main = said(frames, lang)
    assert [text for text in (STORIES[lang].title, *STORIES[lang].text) if not main[text]] == []


@pytest.mark.parametrize("lang", PAGES)
def test_what_a_site_puts_around_the_text_is_not(frames: tuple[pl.DataFrame, pl.DataFrame], lang: str) -> None:
    story, main = STORIES[lang], said(frames, lang)
    around = {*story.menu, *story.cookies, *story.share, *story.related, *story.foot}
    assert [text for text, is_main in main.items() if is_main and text in around] == []


@pytest.mark.parametrize("lang", PAGES)
def test_findings_of_a_page_stand_where_they_are_in_the_file(frames: tuple[pl.DataFrame, pl.DataFrame], lang: str) -> None:
    pages = frames[0].filter(pl.col("doc") == f"{lang}.html")
    page_lines = frames[1].filter(pl.col("doc") == f"{lang}.html")
    segments = segment(page_lines, pl.Series([], dtype=pl.String))
    found = detect(pages, page_lines, segments, [name for name, rule in rules().items() if rule.reads not in AFTER_TRANSLATION])
    rows = source(lang).split("\n")
    assert found.height
    for line, column, evidence in found.select("line", "column", "evidence").iter_rows():
        assert re.sub("<[^>]*>", "", rows[line - 1][column - 1 :]).startswith(evidence.split("\n")[0].split(" ")[0])


def test_the_demo_page_has_its_text_as_main_text() -> None:
    page_lines = lines(read(Config(paths=(ROOT / "corpora" / "demo" / "versions" / "fr" / "clock-museum.html",))))
    paragraphs = page_lines.filter(pl.col("text").str.len_chars() > 100)
    outside = page_lines.filter(~pl.col("main"))["text"].to_list()
    assert paragraphs["main"].all()
    assert {"Accueil", "Boutique", "Tout accepter", "À lire aussi", "Retour en haut de page"} <= set(outside)
    assert "Visiter le musée des Horloges et des Marées" not in outside
