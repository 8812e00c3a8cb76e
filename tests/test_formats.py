"""The formats: what text a file of each kind gives, and where in the file each character of it stands."""

import html as entities
import io
import json
import re
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from checker import packs, rows
from checker.config import Config
from checker.encoding import AGREED, decode
from checker.errors import InputError
from checker.formats import html, table, text
from checker.registry import components

LETTERS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
RUSSIAN = "Байден заявил о полном единодушии с европейскими лидерами. Президент США провёл видеоконференцию."
CHINESE = "拜登总统与欧洲领导人举行视频会议，讨论俄罗斯在乌克兰边境集结军队的问题。"


def read_text(content: bytes) -> dict:
    return text.read(content, ".txt", Config())[0]


def read_html(source: str | bytes) -> dict:
    return html.read(source if isinstance(source, bytes) else source.encode(), ".html", Config())[0]


def seen(source: str) -> str:
    return read_html(source)["text"]


def place(page: dict, offset: int) -> tuple[int, int]:
    """Line and column of an offset, as later stages find them: from the last anchor at or before it."""
    anchor = [anchor for anchor in page["anchors"].to_list() if anchor["offset"] <= offset][-1]
    return anchor["line"], anchor["column"] + offset - anchor["offset"]


def counted(source: str, offset: int) -> tuple[int, int]:
    """Line and column counted one character after the other."""
    line = column = 1
    for index in range(offset):
        ends = source[index] == "\n" or (source[index] == "\r" and source[index + 1 : index + 2] != "\n")
        line, column = (line + 1, 1) if ends else (line, column + 1)
    return line, column


# Every format


@pytest.mark.parametrize("name", ["html", "table", "text"])
def test_a_format_declares_suffixes_and_has_a_manual_page(name: str) -> None:
    module = components("formats")[name]
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in module.SUFFIXES)
    assert module.__doc__


# Encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_no_part_of_the_text(encoding: str) -> None:
    assert decode("é“x”\r\n".encode(encoding)) == ("é“x”\r\n", encoding)


def test_big_endian_marks_are_known() -> None:
    assert decode(b"\xfe\xff" + "né".encode("utf-16-be")) == ("né", "utf-16")
    assert decode(b"\x00\x00\xfe\xff" + "né".encode("utf-32-be")) == ("né", "utf-32")


@pytest.mark.parametrize(
    ("written", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (CHINESE, "gb18030"), (CHINESE, "gb2312")],
)
def test_encodings_of_other_scripts_are_detected(written: str, encoding: str) -> None:
    content = written.encode(encoding)
    found, codec = decode(content)
    assert found == written == content.decode(codec)


WESTERN = [
    "The café was closed, she said.",
    "It’s a naïve view – or so they said: “No.” The price is £5 — or €6—only.",
    "A crème brûlée at the café costs £5.",
    "Le café de la gare est fermé depuis l’été.",
    "Où est la bibliothèque ? « Là-bas, à côté de l’hôtel. » Le cœur a ses raisons…",
    "El presidente declaró que no enviará tropas a España.",
    "¿Dónde está la niña? ¡Aquí! El 1º de mayo es fiesta en España.",
    "„Schöne Grüße“, sagte er – und ging. Die Maßnahmen sind nötig. „Guter Gruß“",
    "Il governo ha annunciato che la città sarà chiusa perché è pericolosa.",
    "O presidente declarou que não enviará tropas à região.",
    "De regering heeft één nieuwe maatregel genomen in België.",
    "Regeringen har beslutat att skolorna ska vara stängda på måndag.",
    "Regeringen har besluttet, at skolerne skal være lukkede på mandag på grund af sygdom.",
    "Regjeringen har besluttet at skolene skal være stengt på mandag, sier ministeren, som ikke ønsker å møte pressen.",
    "Hallitus päätti tänään uusista toimenpiteistä kansalaisten suojelemiseksi.",
    "El govern ha anunciat que la col·lecció serà oberta a tothom, però no avui, perquè és festa.",
]


@pytest.mark.parametrize("written", WESTERN)
def test_a_text_that_is_surely_western_needs_no_declaration(written: str) -> None:
    assert decode(written.encode("cp1252")) == (written, "cp1252")


def test_an_undeclared_western_page_is_told_by_its_text_not_by_its_tags() -> None:
    source = "<html><head><title>Le café</title></head>\n" + "<div class='the-main content of this page'>\n" * 50
    page = read_html((source + "<p>Où est la bibliothèque ? Là-bas, à côté de l’hôtel.</p>").encode("cp1252"))
    assert page["encoding"] == "cp1252"
    assert page["text"].endswith("l’hôtel.")


# Sentences that windows-1252 reads as something, though they are not written in it.
ELSEWHERE = {
    ("cp1250", "iso8859-2"): [
        "Prezydent Stanów Zjednoczonych odbył wideokonferencję z przywódcami państw europejskich.",
        "Rząd ogłosił nowe środki bezpieczeństwa w związku z sytuacją na wschodzie.",
        "Vláda schválila nová opatření na ochranu obyvatel před následky krize.",
        "Česká republika je krásná země.",
        "Az Egyesült Államok elnöke kijelentette, hogy teljes az egyetértés az európai vezetőkkel.",
        "Jó napot kívánok, hölgyeim és uraim!",
        "Guvernul a anunţat noi măsuri pentru protejarea populaţiei şi a economiei.",
        "Mama a plecat la piaţă.",
        "Vláda schválila nové opatrenia.",
        "Vlada je najavila nove mjere zaštite građana.",
        "The president met Mr Kaczyński in Gdańsk on Monday.",
        "Mr Kovač and Mr Jokić were in the town.",
        "The writer Łukasz Nowak lives in Paris.",
    ],
    ("cp1254", "iso8859-9"): ["Hükümet halkın korunması için yeni önlemler açıkladı.", "İstanbul güzel bir şehir."],
    ("cp1257",): ["Latvijas valdība paziņoja par jauniem pasākumiem.", "Eesti valitsus teatas täna uutest meetmetest."],
    ("cp850", "mac-roman"): [
        "El niño comió con su tío.",
        "Le garçon est allé à l’école.".replace("’", "'"),
        "Die Straße ist schön.",
    ],
}
MISREAD = [(written, encoding) for encodings, many in ELSEWHERE.items() for written in many for encoding in encodings]


@pytest.mark.parametrize(("written", "encoding"), MISREAD)
def test_what_another_code_page_wrote_is_refused(written: str, encoding: str) -> None:
    with pytest.raises(InputError, match="no other encoding is certain"):
        decode(written.encode(encoding))


def test_a_word_of_millions_of_letters_is_no_known_word() -> None:
    with pytest.raises(InputError, match="0xF1"):
        decode("The café is in the town, ".replace("é", "e").encode() + b"a" * 30_000_000 + b"\xf1")


def test_utf8_with_a_broken_byte_is_refused() -> None:
    with pytest.raises(InputError, match="0xE9"):
        decode("O presidente não é bom, a situação não é boa.".encode() + b" \xe9")


def test_letters_on_which_code_pages_agree_are_the_same_in_each() -> None:
    for encoding in ("cp1250", "cp1254", "latin-1", "iso8859-2", "iso8859-9", "iso8859-15", "iso8859-16"):
        assert all(letter.encode(encoding) == letter.encode("cp1252") for letter in AGREED)


@pytest.mark.parametrize("written", ["Café, naïve", "café", "ÿ þ ð"])
def test_what_could_be_any_western_encoding_is_refused_with_byte_and_offset(written: str) -> None:
    content = written.encode("latin-1")
    offset = next(index for index, byte in enumerate(content) if byte > 127)
    with pytest.raises(InputError, match=f"byte 0x{content[offset]:02X} at offset {offset}"):
        decode(content)


def test_a_declared_encoding_is_believed() -> None:
    assert decode("Café – 5 €".encode("cp1252"), "ISO-8859-1") == ("Café – 5 €", "cp1252")
    assert decode("朱镕基".encode("gbk"), "gb2312") == ("朱镕基", "gb18030")
    assert decode("日本語①".encode("cp932"), "x-sjis")[0] == "日本語①"


def test_a_declaration_does_not_outweigh_valid_utf8() -> None:
    assert decode("Привет".encode(), "windows-1251") == ("Привет", "utf-8")


@pytest.mark.parametrize("declared", ["", "nonsense", "utf-7", "unicode_escape", "rot13", "hex", "idna", "ü", "undefined"])
def test_a_declaration_that_is_no_character_set_is_ignored(declared: str) -> None:
    with pytest.raises(InputError, match="0xE9 at offset 3"):
        decode(b"caf\xe9 \\x41", declared)


@pytest.mark.parametrize("content", [b"\xff\xfeab\x00\xd8", b"\xef\xbb\xbfab\xff", b"\xff\xfea"])
def test_bytes_that_break_what_their_mark_declares_are_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="byte order mark"):
        decode(content)


def test_nothing_is_normalised() -> None:
    assert read_text("e\u0301 \u00e9 ﬁ\r\n\u00a0".encode())["text"] == "e\u0301 \u00e9 ﬁ\r\n\u00a0"


# Plain text


@given(st.lists(LETTERS), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_text_is_the_decoded_bytes_and_anchors_count_its_lines(lines: list[str], newline: str, mark: bool) -> None:
    written = newline.join(lines).removeprefix("\ufeff")
    page = read_text(written.encode("utf-8-sig" if mark else "utf-8"))
    assert page["text"] == written
    assert all(place(page, offset) == counted(written, offset) for offset in range(len(written) + 1))


# HTML


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>one<p>two<div>three</div>four", "one\ntwo\nthree\nfour"),
        ("one<br>two<br/><br />three", "one\ntwo\nthree"),
        ("<p>a <b>b</b><i>c</i>d  \n e</p>", "a bcd e"),
        ("<p>a<b> b </b> c</p>", "a b c"),
        ("a &amp; b &lt;&#x41;&#66;&nbsp;&eacute;&copyright", "a & b <AB\u00a0é©right"),
        ("AT&T &nosuch; &", "AT&T &nosuch; &"),
        ("a&#32;&#10; b&Tab;c", "a b c"),
        ("&#0;&#xD800;&#x110000;", "\ufffd\ufffd\ufffd"),
        ("<head><title>T</title><style>p{}</style></head><body>x", "x"),
        ("<head><title>T</title>text goes on", "text goes on"),
        ("<title>T</title><p>x", "x"),
        ("a<script>if (a</b) '<p>'</script>b<noscript><p>c</noscript>d<template><p>e</template>f", "abdf"),
        ("<SCRIPT>a</Script >b", "b"),
        ("a<!-- <p>b --> c <!--> d <!---> e --!> <!DOCTYPE x><?php y ?>", "a c d e --!>"),
        ("<div hidden>a<p>b<div>c</div>d</div>e", "e"),
        ("<p hidden>a<p>b", "b"),
        ("<ul><li hidden>a<li>b<ul><li>c</ul>d</ul>", "b\nc\nd"),
        ("<section><div hidden>a</section>b", "b"),
        ("<div style='color: red; DISPLAY : none'>a</div><div style='display: block'>b", "b"),
        ("<p aria-hidden=true>a</p><p data-hidden=x title='hidden'>b", "a\nb"),
        ("<p hidden=until-found>a", "a"),
        ("<nav>a</nav><footer>b</footer>", "a\nb"),
        ("<img alt=no src=x>a", "a"),
        ("<table><tr><td>1<td>2<tr><th>3</table>", "1\n2\n3"),
        ("<pre>\n a\n\n  b\r\nc </pre>d", " a\n\n  b\nc \nd"),
        ("<textarea>\na <b> &amp;</textarea>", "a <b> &"),
        ("a < b <3 <é </ x> c", "a < b <3 <é c"),
        ("<a title='>'>q</a><p title=it's>ok</p>", "q\nok"),
        ("a\0b", "ab"),
        ("a <b", "a"),
        ("</", "</"),
        ("", ""),
    ],
)
def test_html_gives_what_a_reader_sees(source: str, expected: str) -> None:
    assert seen(source) == expected


@given(LETTERS)
def test_escaped_text_comes_back_and_anchors_point_at_it(written: str) -> None:
    source = f"<div>\r\n  <p class=x>{entities.escape(written)}</p>\r</div>"
    page = read_html(source)
    assert page["text"] == " ".join(part for part in split_html(written) if part)
    spans = [(entities.escape(character), character) for character in written]
    offset, at = 0, source.index(">", 6) + 1
    for escaped, character in spans:
        if character not in " \t\n\r\f":
            assert page["text"][offset] == character
            assert place(page, offset) == counted(source, at)
            offset += 1
            offset += page["text"][offset : offset + 1] == " "
        at += len(escaped)


def split_html(written: str) -> list[str]:
    for space in "\t\n\r\f":
        written = written.replace(space, " ")
    return written.split(" ")


def test_characters_of_a_pre_are_found_in_the_source() -> None:
    source = "<pre>\r\nab\r\n  c&lt;d\re</pre>"
    page = read_html(source)
    assert [place(page, page["text"].index(letter)) for letter in "abcde"] == [
        counted(source, source.index(letter, 5)) for letter in "abcde"
    ]


def test_the_language_is_what_the_page_states() -> None:
    assert read_html("<html class=x lang='en-US'><p>a")["lang"] == "en"
    assert read_html("<HTML XML:LANG=zh_Hans><p>a")["lang"] == "zh"
    assert read_html("<html lang=''><p lang=fr>a")["lang"] is None


@pytest.mark.parametrize("head", ['<meta charset="windows-1251">', '<meta http-equiv=x content="text/html; charset=windows-1251">'])
def test_the_declared_encoding_is_used(head: str) -> None:
    page = read_html(f"{head}<p>Да</p>".encode("cp1251"))
    assert (page["text"], page["encoding"]) == ("Да", "cp1251")


STORY = (
    "<p>The harbour council opened the new quay on Monday, and forty boats came to see it. Nobody had expected more than ten.</p>"
    "<p>The quay took three winters to build. Its stones are from the old breakwater, which the storms broke in the spring.</p>"
)


def main_text(source: str) -> list[str] | None:
    """The parts of the text that are the main text, by the markup."""
    page = read_html(source)
    spans = page["main"]
    return None if spans is None else [page["text"][span["start"] : span["end"]] for span in spans.to_list()]


def marks(source: str) -> list[dict]:
    found = read_html(source)["marks"]
    return [] if found is None else found.to_list()


def test_navigation_and_footer_are_outside_the_main_text() -> None:
    source = (
        f"<html><body><nav><a href=/>Home</a></nav><main><h1>A new quay</h1>{STORY}</main><footer>About us</footer></body></html>"
    )
    assert main_text(source) == ["A new quay\n" + seen(STORY)]


def test_the_title_belongs_to_the_main_text_wherever_it_stands() -> None:
    banner = "<div class='navbar'><div>A new quay</div><a href=/>Home</a></div>"
    head = "<head><title>A new quay | Harbour Post</title></head>"
    found = main_text(f"<html>{head}<body>{banner}<article>{STORY}</article></body></html>")
    assert found == ["A new quay", seen(STORY)]
    found = main_text(f"<html><body><header><h1>A new quay</h1><a href=/>Home</a></header><article>{STORY}</article></body></html>")
    assert found == ["A new quay", seen(STORY)]


def test_of_two_headings_the_one_that_the_head_names_is_the_title() -> None:
    head = "<head><title>A new quay</title></head><body><header><h1>Harbour Post</h1></header>"
    assert main_text(f"<html>{head}<article><h1>A new quay</h1>{STORY}</article></body></html>") == ["A new quay\n" + seen(STORY)]


def test_paragraphs_that_the_extractor_splits_merges_or_normalises_are_found_again() -> None:
    text = (
        STORY.replace("</p><p>", "<br><br>")
        .replace("harbour", "har\u200bbour")
        .replace("forty boats", "<b>forty</b>\n <i>boats</i>")
    )
    found = main_text(f"<html><body><nav><a href=/>Home</a></nav><article>{text}</article></body></html>")
    assert found == [seen(text)]


@pytest.mark.parametrize("source", ["", "a", "<p>short</p>", "<html lang=en></html>", "\x01\x02", "<nav><a href=/>Home</a></nav>"])
def test_without_a_text_nothing_is_said_about_it(source: str) -> None:
    assert main_text(source) is None


def test_pages_too_large_or_too_deep_are_not_asked_for_their_main_text() -> None:
    page = "<html><body>{}" + STORY
    assert main_text(page.format("<div>" * (html.MAX_DEPTH - 4))) is not None
    assert main_text(page.format("<div>" * html.MAX_DEPTH)) is None
    assert main_text(page.format("<br>" * html.MAX_TAGS)) is None
    assert main_text(page.format(f"<!--{'x' * html.MAX_SOURCE}-->")) is None


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret words of another file")
    doctype = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    page = read_html(f"{doctype}<html><body><p>&x;</p>{STORY}</body></html>")
    assert "secret" not in page["text"].replace(str(tmp_path), "")
    assert main_text(f"{doctype}<html><body><article><p>&x;</p>{STORY}</article></body></html>") is not None


def test_a_mark_of_translation_has_its_place_in_the_file_and_the_language_it_names() -> None:
    head = '<!DOCTYPE html>\n<html lang="en-x-mtfrom-zh-CN">\n<body>One.\n'
    page = read_html(head + '<p><font style="vertical-align: inherit;">Two.</font></body>')
    first, second = page["marks"].to_list()
    assert (first["line"], first["column"], first["offset"], first["lang"]) == (2, 1, 0, "zh")
    assert (second["line"], second["column"], second["offset"]) == (4, 4, page["text"].index("Two"))
    assert first["value"] == 'lang="en-x-mtfrom-zh'
    assert {first["kind"], second["kind"]} == {"machine"}


def test_marks_are_sought_in_tags_comments_and_scripts_not_in_text() -> None:
    mark = '<html class="translated-ltr">'
    assert [found["kind"] for found in marks(mark)] == ["machine"]
    assert marks(f"<textarea>{mark}</textarea><p>{entities.escape(mark)}</p>") == []
    assert [found["name"] for found in marks("<script>new google.translate.TranslateElement({})</script>")] == ["Google Translate"]
    assert marks("<p>new google.translate.TranslateElement({})</p>") == []


@pytest.mark.parametrize(
    ("default", "lang", "expected"),
    [("/fr", "en", [("en, fr", "fr")]), ("/en", "en", []), ("/", "en", []), ("/fr", "de", []), ("/fr", "", [])],
)
def test_the_default_edition_counts_where_it_is_of_another_language(default: str, lang: str, expected: list) -> None:
    editions = "".join(f'<link rel=alternate hreflang={code} href="/{code}">' for code in ("en", "fr"))
    source = f'<html lang="{lang}"><head>{editions}<link rel=alternate hreflang=x-default href="{default}"></head><p>a'
    assert [(found["value"], found["lang"]) for found in marks(source)] == expected


def test_the_pack_of_marks_finds_its_examples() -> None:
    assert list(packs.failures(packs.builtin("translation_marks"))) == []
    for entry in packs.builtin("translation_marks").entries:
        missed = [text for text in entry.must_match if entry.screen and not re.search(entry.screen, text, re.IGNORECASE)]
        assert missed == []


HOSTILE = {
    "deep": "<div>" * 100_000 + "x",
    "deep and unclosed": "<b>" * 100_000 + "<li>x" * 1000 + "</i>" * 100_000,
    "bounded by lists": "<dd><dl>" + "<b>" * 50_000 + "<dd></dd>" * 50_000,
    "tags that never end": "<a " * 1_000_000,
    "quotes that never end": "<a x='" * 500_000,
    "comments that never end": "<!--" * 1_000_000,
    "angle brackets": "<" * 3_000_000,
    "10 MB attribute": "<p title='" + "a" * 10_000_000 + "'>x",
    "a million attributes": "<p " + "a=1 " * 1_000_000 + ">x",
    "spaces in a tag": ("<a x" + " " * 3000) * 300 + ">",
    "scripts": "<script>" * 500_000,
    "a long number": "&#" + "9" * 5_000_000 + ";",
    "nested to the bound": ("<div>" * 95 + "some words that stand here" + "</div>" * 95) * 200,
    "paragraphs": "".join(f"<p>Paragraph {n} of the words that stand here, of {n * 7}.</p>" for n in range(19_000)),
    "one paragraph again and again": "<p>The same words stand here again and again.</p>" * 19_000,
    "open paragraphs": "<p><b>word " * 19_000,
    "a list": "<ul>" + "<li>word word" * 39_000,
    "headings": "<h1>A heading of words</h1>" * 19_000,
    "a few lines in turn": "".join(f"<p>line {n * n % 173} of words</p>" + "<nav>Home</nav>" * (n % 3 == 0) for n in range(14_000)),
    "a meta element of a megabyte": '<meta name="translator" content="' + 'x" y="' * 200_000 + '">',
    "garbage": "".join(chr(32 + n * n % 1_200) for n in range(1_000_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_takes_bounded_time(name: str) -> None:
    begun = time.process_time()
    read_html(HOSTILE[name])
    assert time.process_time() - begun < 20


# Tables


def read_table(content: str | bytes, suffix: str = ".csv", **settings: str) -> tuple[dict, dict]:
    version, original = table.read(content if isinstance(content, bytes) else content.encode(), suffix, Config(**settings))
    assert (version["role"], version["original"], original["role"], original["part"]) == (
        "bitext",
        "original",
        "original",
        "original",
    )
    return version, original


def cells(page: dict) -> list[str]:
    return [page["text"][span["start"] : span["end"]] for span in page["cells"].to_list()]


def row_numbers(page: dict) -> list[int]:
    assert page["anchors"].struct.field("offset").equals(page["cells"].struct.field("start").rename("offset"))
    return page["anchors"].struct.field("line").to_list()


PAIRS = [("a, “b”", "x 😀"), ("two\nlines", ""), ("c", "zé")]


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.DataFrame(PAIRS, schema=["original", "version"], orient="row").write_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("suffix", "content", "numbers"),
    [
        (".csv", 'original,version\n"a, “b”",x 😀\n"two\nlines",\nc,zé\n'.encode(), [2, 3, 4]),
        (".csv", '\ufefforiginal;version\r\na, “b”;x 😀\r\n\r\n"two\nlines";""\r\nc;zé'.encode(), [2, 4, 5]),
        (".jsonl", "\n".join(json.dumps({"original": a, "version": b}) for a, b in PAIRS).encode(), [1, 2, 3]),
        (".jsonl", "\n\n".join(json.dumps({"version": b, "original": a}) for a, b in PAIRS).encode(), [1, 3, 5]),
        (".parquet", parquet(), [1, 2, 3]),
    ],
)
def test_a_table_becomes_two_pages_with_the_same_number_of_cells(suffix: str, content: bytes, numbers: list[int]) -> None:
    version, original = read_table(content, suffix)
    assert len(cells(version)) == len(cells(original)) == 3
    assert version["text"] == "\n".join(cells(version))
    assert list(zip(cells(original), cells(version), strict=True)) == PAIRS
    assert row_numbers(version) == row_numbers(original) == numbers


def test_a_null_cell_is_an_empty_span() -> None:
    version, original = read_table('{"source": "a", "target": null}\n{"source": "b"}\n{"target": 7, "source": "c"}', ".jsonl")
    assert (cells(original), cells(version)) == (["a", "b", "c"], ["", "", "7"])


def test_a_quotation_mark_in_tsv_is_text() -> None:
    version, original = read_table('source\ttarget\n"Yes, he said.\tOui\n"No."\tNon "\n', ".tsv")
    assert (cells(original), cells(version)) == (['"Yes, he said.', '"No."'], ["Oui", 'Non "'])


def test_tsv_that_is_quoted_is_unquoted() -> None:
    version, original = read_table('source\ttarget\n"He said ""yes""."\tOui\nNo\t"""Non"""\n', ".tsv")
    assert (cells(original), cells(version)) == (['He said "yes".', "No"], ["Oui", '"Non"'])


def whole(path: Path) -> pl.DataFrame:
    """All columns of a table, as `checker score` reads them."""
    source, slices = rows.opened([path], Config(), path.parent)
    return pl.concat(rows.read(source, piece) for piece in slices)


POLARS_TSV = [("two\nlines", "x"), ('"Yes", he said', "a\tb"), ("c", '"d')]


def test_tsv_whose_rows_are_even_only_with_quotes_is_unquoted(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    frame = pl.DataFrame(POLARS_TSV, schema=["source", "target"], orient="row")
    frame.write_csv(path, separator="\t")
    version, original = read_table(path.read_bytes(), ".tsv")
    assert list(zip(cells(original), cells(version), strict=True)) == POLARS_TSV
    assert_frame_equal(whole(path), frame)


def test_an_even_tsv_keeps_its_lone_quotation_marks(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text('source\ttarget\n"Yes\tOui\nNo"\t"Non\n')
    assert whole(path).rows() == [('"Yes', "Oui"), ('No"', '"Non')]


def test_a_tsv_that_is_even_in_no_way_says_which_row_is_wrong_unquoted(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text('source\ttarget\n"a\tb\nc\n')
    for read in (lambda: read_table(path.read_bytes(), ".tsv"), lambda: whole(path)):
        with pytest.raises(InputError, match="row 3 has 1 cells, the header 2"):
            read()


# Columns


@pytest.mark.parametrize(
    ("header", "settings", "original", "version"),
    [
        ("src,mt,id", {}, "1", "2"),
        ("id,reference,hypothesis", {}, "2", "3"),
        ("back,English,target", {}, "2", "1"),
        ("en,source,version", {}, "2", "3"),
        ("en,source,version", {"original_column": "en"}, "1", "3"),
        ("en,a,b", {"version_column": "en", "original_column": "b"}, "3", "1"),
        (" Source ,Target,x", {}, "1", "2"),
    ],
)
def test_columns_are_those_given_or_those_with_a_usual_name(header: str, settings: dict, original: str, version: str) -> None:
    found = read_table(f"{header}\n1,2,3\n", **settings)
    assert (cells(found[1]), cells(found[0])) == ([original], [version])


def test_lang_is_stated_by_a_column_with_one_value() -> None:
    assert read_table("source,target,lang\na,b,fr-FR\nc,d,fr-FR\n")[0]["lang"] == "fr"
    assert read_table("source,target,lang\na,b,fr\nc,d,es\n")[0]["lang"] is None


@pytest.mark.parametrize(
    ("suffix", "content", "settings", "message"),
    [
        (".csv", "source,targt\na,b\n", {}, r"no column for the version.*'source', 'targt'.*did you mean 'targt'"),
        (
            ".csv",
            "source,target\na,b\n",
            {"original_column": "sorce"},
            r"no column 'sorce'; its columns are 'source', 'target'.*'source'",
        ),
        (".csv", "x,y\na,b\n", {}, r"'x', 'y' \(name it: --original in `score` and `consistency`, original_column"),
        (".csv", "en,y\na,b\n", {}, r"'en', 'y' \(name it: --back in `score`, --version in `consistency`, version_column"),
        (".csv", "original,y\na,b\n", {"version_column": "original"}, r"no column for the original.*\(name it: --original"),
        (".csv", "source,target\na,b\nc\n", {}, "row 3 has 1 cells, the header 2"),
        (".csv", "source,target\na,b\n\nc,d,e\n", {}, "row 4 has 3 cells"),
        (".csv", 'source,target\na,b\n"c,d\n', {}, "row 3 is malformed"),
        (".csv", "source,source,target\na,b,c\n", {}, "the column 'source' 2 times"),
        (
            ".csv",
            "source,target\na,b\n",
            {"original_column": "target", "version_column": "target"},
            "column 'target' cannot be both",
        ),
        (".csv", "\n\n", {}, "no columns"),
        (".jsonl", '{"source": "a", "target": "b"}\n{"source": \n', {}, "is not JSON"),
        (".jsonl", '{"source": "a", "target": "b"}\n' * 2000 + "{]\n", {}, "2001: is not JSON"),
        (".jsonl", '["a", "b"]', {}, "no object"),
        (".parquet", "no parquet", {}, "as Parquet"),
    ],
)
def test_a_table_that_cannot_be_read_says_where_and_why(suffix: str, content: str, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(content, suffix, **settings)


def test_a_million_rows_are_read_in_seconds() -> None:
    content = b"source,target\n" + b"a sentence of some length,une phrase\n" * 1_000_000
    begun = time.process_time()
    version, _ = read_table(content)
    assert time.process_time() - begun < 30
    assert version["cells"].len() == 1_000_000
    assert version["cells"][-1] == {"start": 999_999 * 11, "end": 999_999 * 11 + 10}
