"""Files from elsewhere: web archives, stdin, patterns of paths; and tables for spreadsheets."""

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from checker import workbook
from checker.config import Config
from checker.errors import InputError
from checker.read import read
from tests.conftest import ROOT, Run

PAGE = '<html lang="en"><p>The ships left the harbour.</p>'


def record(kind: str, body: bytes, *headers: str) -> bytes:
    """A record of a web archive (WARC 1.1, ISO 28500)."""
    head = ["WARC/1.1", f"WARC-Type: {kind}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body + b"\r\n\r\n"


def archive(*pages: tuple[str, str, str, bytes], packed: bool) -> bytes:
    """A web archive of responses: address, status, type, body."""
    records = [record("warcinfo", b"software: test\r\n", "Content-Type: application/warc-fields")]
    for address, status, kind, body in pages:
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        headers = (f"WARC-Target-URI: {address}", "Content-Type: application/http; msgtype=response")
        records.append(record("response", answer, *headers))
    return b"".join(map(gzip.compress, records) if packed else records)


PAGES = (
    ("http://a.org/", "200 OK", "text/html; charset=utf-8", PAGE.encode()),
    ("http://a.org/", "200 OK", "text/html", b"<p>They came back."),
    ("http://a.org/moved", "301 Moved", "text/html", b"<p>Elsewhere"),
    ("http://a.org/a.png", "200 OK", "image/png", b"\x89PNG"),
    ("http://a.org/b", "200 OK", "text/plain", b"a\0b"),
)


@pytest.mark.parametrize("packed", [True, False])
def test_each_page_of_a_web_archive_is_a_document(tmp_path: Path, packed: bool) -> None:
    name = "a.warc.gz" if packed else "a.warc"
    (tmp_path / name).write_bytes(archive(*PAGES, packed=packed))
    pages = read(Config(paths=(tmp_path,)))
    assert pages.select("doc", "text", "status").rows() == [
        (f"{name}#http://a.org/", "The ships left the harbour.", "ok"),
        (f"{name}#http://a.org/ (2)", "They came back.", "ok"),
        (f"{name}#http://a.org/b", None, "skipped"),
    ]
    assert pages["reason"][2].startswith("line 1: has a NUL character")
    assert pages["path"][0] == f"{tmp_path / name}#http://a.org/"


def test_a_web_archive_that_is_cut_off_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = archive(*PAGES, packed=False)
    for end in range(200, len(whole) - 3, 97):
        (tmp_path / "a.warc").write_bytes(whole[:end])
        with pytest.raises(InputError, match="is broken in or behind its record"):
            read(Config(paths=(tmp_path / "a.warc",)))


def piped(text: str, *args: str) -> "subprocess.CompletedProcess[str]":
    """`checker detect -` with a text on stdin."""
    command = [sys.executable, "-m", "checker", "detect", "-", *args]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)


def test_stdin_is_a_document_of_the_name_that_it_is_given() -> None:
    assert piped(PAGE.replace("</p>", " Голос Америки</p>"), "--exit-zero").stdout.startswith("stdin.html:1:")
    refused = piped("a,b\n", "--stdin-name", "a.po")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: a.po:1: has a line that is none of a PO file")


def test_a_pattern_stands_for_the_files_that_fit(tmp_path: Path) -> None:
    for name in ("a.txt", "b/c.txt", "b/d.html", "odd[1].txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("The ships left.")
    assert read(Config(paths=(tmp_path / "**" / "*.txt",)))["doc"].to_list() == ["a.txt", "b/c.txt", "odd[1].txt"]
    assert read(Config(paths=(tmp_path / "odd[1].txt",)))["doc"].to_list() == ["odd[1].txt"]
    with pytest.raises(InputError, match="fits no file"):
        read(Config(paths=(tmp_path / "*.po",)))


# For spreadsheets


def sheets(path: Path) -> dict[str, list[list[str | None]]]:
    """Name of each sheet to the texts of its cells, row by row; a formula would be a `<f>`, of which there is none."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        names = etree.fromstring(book.read("xl/workbook.xml")).xpath("//x:sheet/@name", namespaces=space)
        found = {}
        for number, name in enumerate(names, start=1):
            sheet = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not sheet.xpath("//x:f", namespaces=space)
            rows = sheet.xpath("//x:sheetData/x:row", namespaces=space)
            found[name] = [[cell.xpath("string()") for cell in row.xpath("x:c", namespaces=space)] for row in rows]
    return found


def test_a_workbook_holds_every_cell_as_it_is_and_no_formula(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": ["=1+1", "@a", "http://a.org", "007", None, "a\tb\x01"], "n": [1.5, None, -2.0, 0.0, 1e9, 3.0]})
    workbook.write({"findings": frame.lazy()}, tmp_path / "a.xlsx")
    workbook.write({"findings": frame.lazy()}, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sheets(tmp_path / "a.xlsx")["findings"] == [
        ["text", "n"], ["=1+1", "1.5"], ["@a"], ["http://a.org", "-2"], ["007", "0"], ["1000000000"], ["a\tb_x0001_", "3"],
    ]  # fmt: skip


def test_a_table_of_more_rows_than_a_sheet_goes_on_in_the_next(tmp_path: Path) -> None:
    rows = pl.LazyFrame({"n": range(25)})
    workbook.write({"sentences": rows, "terms": rows.head(0)}, tmp_path / "a.xlsx", most_rows=11)
    found = sheets(tmp_path / "a.xlsx")
    assert {name: len(cells) for name, cells in found.items()} == {"sentences": 11, "sentences 2": 11, "sentences 3": 6, "terms": 1}
    assert [cells[1] for name, cells in found.items() if name != "terms"] == [["0"], ["10"], ["20"]]


def test_a_text_longer_than_a_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    rows = pl.LazyFrame({"text": ["a" * 32_767, "a" * 40_000, "\U0001f6a2" * 20_000]})
    workbook.write({"documents": rows}, tmp_path / "a.xlsx")
    whole, cut, ships = (row[0] or "" for row in sheets(tmp_path / "a.xlsx")["documents"][1:])
    assert whole == "a" * 32_767
    for text, start in ((cut, "aaa"), (ships, "\U0001f6a2")):
        assert text.startswith(start)
        assert "cut: a cell of a workbook holds no more" in text
        assert len(text.encode("utf-16-le")) <= 2 * 32_767


def test_export_writes_a_run_for_spreadsheets(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "a.csv").write_text('original,version\n"=2+3 apples cost 5 euros, I said","=2+3 apples cost 7 euros, I said"\n')
    run = tmp_path / "run"
    assert checker("audit", tmp_path / "a.csv", "--out", run, "--exit-zero").returncode == 0
    assert checker("export", run, "--out", tmp_path / "a.xlsx").returncode == 0
    assert list(sheets(tmp_path / "a.xlsx")) == ["documents", "segments", "sentences", "findings", "terms"]
    assert checker("export", run, "--table", "sentences", "--out", tmp_path / "s.csv", "--csv-bom").returncode == 0
    content = (tmp_path / "s.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfdoc,")
    assert content.count(b"\"'=2+3 apples") == 2
    for arguments, said in (
        (("--out", "a.csv"), "a CSV file holds one table"),
        (("--out", "a.ods"), "is of no known suffix"),
        (("--table", "word", "--out", "a.csv"), "expected one of documents"),
        (("--out", "a.xlsx", "--csv-bom"), "--csv-bom is for .csv"),
    ):
        refused = checker("export", run, *(tmp_path / part if "." in part else part for part in arguments))
        assert (refused.returncode, said in refused.stderr) == (2, True)
