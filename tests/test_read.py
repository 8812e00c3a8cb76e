"""Reading: which files are documents, what they are called, and what becomes of those that cannot be read."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import polars as pl
import pytest

from checker.config import Config
from checker.errors import InputError, NothingToCheck
from checker.read import File, read, read_file
from checker.tables import PAGES


def write(folder: Path, **files: str | bytes) -> Path:
    """Files by their path, `__` for `/` and `_txt` for `.txt`."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_txt", ".txt").replace("_html", ".html").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def pages(*paths: Path, **settings: object) -> pl.DataFrame:
    return read(Config(paths=paths, **settings))


def docs(*paths: Path, **settings: object) -> list[str]:
    return pages(*paths, **settings)["doc"].to_list()


def roles(*paths: Path, **settings: object) -> dict[str, str]:
    return dict(pages(*paths, **settings).select("doc", "role").iter_rows())


def skipped(folder: Path, **settings: object) -> dict[str, str]:
    """Reasons by document; the rest of the folder must have been read."""
    found = pages(folder, **settings)
    assert found.filter(status="ok")["doc"].to_list() == ["good.txt"]
    assert (
        found.filter(pl.col("status") == "skipped").select("text", "anchors", "cells").null_count().row(0)
        == (found.height - 1,) * 3
    )
    return dict(found.filter(status="skipped").select("doc", "reason").iter_rows())


# What is read


def test_a_folder_gives_its_documents_sorted_by_name(tmp_path: Path) -> None:
    write(tmp_path, b_txt="b", a__z_html="<p>z", a__b__c_txt="c")
    found = pages(tmp_path)
    assert found.schema == PAGES.schema
    assert found.select("doc", "format", "status", "text").rows() == [
        ("a/b/c.txt", "text", "ok", "c"),
        ("a/z.html", "html", "ok", "z"),
        ("b.txt", "text", "ok", "b"),
    ]
    assert found["path"].to_list() == [str(tmp_path / doc) for doc in found["doc"]]
    assert found["sha256"][0] == hashlib.sha256(b"c").hexdigest()
    assert found["role"].to_list() == [None] * 3


def test_a_path_is_as_the_user_would_open_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, in__a_txt="a")
    monkeypatch.chdir(tmp_path / "in")
    assert pages(Path()).select("doc", "path").row(0) == ("a.txt", "a.txt")
    assert pages(Path("../in")).select("doc", "path").row(0) == ("a.txt", "../in/a.txt")


def test_suffixes_know_no_case_and_others_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, a_txt="a")
    for name in ("B.TXT", "c.Htm", "d.pdf", "e", ".f.txt", ".git/g.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert docs(tmp_path) == ["B.TXT", "a.txt", "c.Htm"]


def test_a_file_that_is_named_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / ".notes.dat").write_text("x")
    assert pages(tmp_path / ".notes.dat").select("doc", "format", "text").row(0) == (".notes.dat", "text", "x")


def test_excluded_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, a_txt="a", drafts__b_txt="b", c__drafts__d_txt="d")
    assert docs(tmp_path, exclude=("drafts/*",)) == ["a.txt", "c/drafts/d.txt"]


def test_what_a_run_reads_and_writes_besides_is_no_input(tmp_path: Path) -> None:
    write(tmp_path, a_txt="a", out__documents_csv="x", memory_csv="x", old__run="", old__b_txt="b")
    (tmp_path / "old/run.json").write_text("{}")
    (tmp_path / "old/sentences.csv").write_text("original,back\na,b\n")
    (tmp_path / "checker.toml").write_text("")
    settings = {"out": tmp_path / "out", "memory": tmp_path / "memory.csv"}
    assert docs(tmp_path, **settings) == ["a.txt", "old/b.txt"]
    assert docs(*tmp_path.iterdir(), **settings) == ["a.txt", "old/b.txt"]
    assert docs(tmp_path / "old", out=tmp_path / "old") == ["b.txt"]


@pytest.mark.parametrize("content", [None, "a.pdf", ".hidden.txt"])
def test_an_input_without_a_document_is_nothing_to_check(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / content).write_text("x")
    with pytest.raises(NothingToCheck, match=r"no document in .*\.csv .*\.html .*\.txt") as raised:
        pages(tmp_path)
    assert raised.value.exit_code == 5
    assert str(tmp_path) in str(raised.value)


# Names


def test_documents_of_several_paths_are_named_below_their_common_parent(tmp_path: Path) -> None:
    write(tmp_path, fr__a_txt="a", es__a_txt="a", es__b__c_txt="c")
    assert docs(tmp_path / "fr", tmp_path / "es") == ["es/a.txt", "es/b/c.txt", "fr/a.txt"]
    assert docs(tmp_path / "fr/a.txt", tmp_path / "es/b") == ["es/b/c.txt", "fr/a.txt"]
    assert docs(tmp_path / "es/b/c.txt") == ["c.txt"]


def test_a_file_that_is_given_twice_is_one_document(tmp_path: Path) -> None:
    write(tmp_path, a__b_txt="b")
    assert docs(tmp_path, tmp_path / "a", tmp_path / "a/b.txt", tmp_path / "a/../a/b.txt") == ["a/b.txt"]


def test_a_link_names_a_document_only_if_nothing_else_does(tmp_path: Path) -> None:
    write(tmp_path, corpus__z_txt="z", corpus__y__x_txt="x", elsewhere__w_txt="w")
    (tmp_path / "corpus/a.txt").symlink_to("z.txt")
    (tmp_path / "corpus/b").symlink_to("y")
    (tmp_path / "corpus/c").symlink_to(tmp_path / "elsewhere")
    assert docs(tmp_path / "corpus") == ["c/w.txt", "y/x.txt", "z.txt"]


def test_names_are_composed_and_bytes_in_them_are_shown(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "café.txt")).write_text("x")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("x")
    assert docs(tmp_path) == ["caf\\xe9.txt", "café.txt"]


def test_two_files_with_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, corpus__originals__a_txt="a", originals__a_txt="b")
    with pytest.raises(InputError, match=r"'originals/a\.txt'.*corpus/originals/a\.txt and "):
        pages(tmp_path / "corpus", originals=tmp_path / "originals")


# Roles


def test_originals_outside_the_corpus_are_named_by_their_folder(tmp_path: Path) -> None:
    write(tmp_path, versions__fr__a_txt="a", originals__b__a_txt="a")
    expected = {"fr/a.txt": "version", "originals/b/a.txt": "original"}
    assert roles(tmp_path / "versions", originals=tmp_path / "originals") == expected
    assert roles(tmp_path / "versions", originals=tmp_path / "originals/b/a.txt") == {"fr/a.txt": "version", "b/a.txt": "original"}


def test_originals_inside_the_corpus_keep_their_names(tmp_path: Path) -> None:
    write(tmp_path, fr__a_txt="a", en__a_txt="a")
    expected = {"fr/a.txt": "version", "en/a.txt": "original"}
    assert roles(tmp_path, originals=tmp_path / "en") == expected
    assert roles(tmp_path, originals=tmp_path / "en/a.txt") == expected
    assert roles(tmp_path / "fr/a.txt", tmp_path / "en/a.txt", originals=tmp_path / "en") == expected


def test_versions_inside_the_folder_of_the_originals_are_versions(tmp_path: Path) -> None:
    write(tmp_path, fr__a_txt="a", en__a_txt="a")
    assert roles(tmp_path / "fr", originals=tmp_path)["a.txt"] == "version"


def test_a_table_is_two_documents(tmp_path: Path) -> None:
    write(tmp_path, a__b_csv="original,version\nx,y\n")
    found = pages(tmp_path)
    assert found.select("doc", "role", "original", "text", "format").rows() == [
        ("a/b.csv", "bitext", "a/b.csv#original", "y", "table"),
        ("a/b.csv#original", "original", None, "x", "table"),
    ]
    assert found["cells"].list.len().to_list() == [1, 1]
    assert found["sha256"].n_unique() == 1


# What cannot be read

UTF16 = "text".encode("utf-16-le")
BAD = {
    "undecodable.txt": (b"caf\xe9", "byte 0xE9 at offset 3"),
    "nul.txt": (b"a\r\nb\0c", "line 2: has a NUL character at offset 4"),
    "utf16.txt": (UTF16, "line 1: has a NUL character at offset 1 (is it a binary file, or UTF-16?)"),
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b" \r\n\t\xc2\xa0", "only white space"),
    "empty.html": (b"<html><head><title>x</title></head></html>", "holds no text"),
    "large.txt": (b"ab " * 100, "is larger than 200 bytes: it has 300 bytes"),
    "long.txt": (b"a\rb\r\n" + b"c" * 101 + b"\nd", "line 3: has a line of more than 100 characters"),
    "long.html": (b"<p>a\n<p>" + b"c" * 101, "line 2: has a line of more than 100 characters"),
    "column.csv": (b"original,b\nx,y\n", "no column for the version"),
    "ragged.csv": (b"original,mt\nx,y\nz\n", "line 3: row 3 has 1 cells"),
    "rows.csv": (b"original,mt\n", "holds no text"),
    "broken.parquet": (b"PAR1", "as Parquet"),
    "broken.jsonl": (b'{"source": "a", "target": "b"}\n{', "line 2: is not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_in_a_folder_is_skipped_with_the_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD[name]
    write(tmp_path, good_txt="good")
    (tmp_path / name).write_bytes(content)
    assert reason in skipped(tmp_path, max_bytes=200, max_line=100)[name]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_that_is_named_is_an_error_with_its_path(tmp_path: Path, name: str) -> None:
    content, reason = BAD[name]
    (tmp_path / name).write_bytes(content)
    line = reason.split(":")[0].removeprefix("line ") + ": " if reason.startswith("line") else ""
    with pytest.raises(InputError) as raised:
        pages(tmp_path / name, max_bytes=200, max_line=100)
    assert str(raised.value).startswith(f"{tmp_path / name}:{line}" if line else f"{tmp_path / name}: ")
    assert raised.value.exit_code == 2


def test_a_western_page_that_declares_nothing_is_read(tmp_path: Path) -> None:
    write(tmp_path, a_txt="Le café de la gare est fermé depuis l’été.".encode("cp1252"))
    assert pages(tmp_path).select("status", "encoding", "text").row(0) == (
        "ok",
        "cp1252",
        "Le café de la gare est fermé depuis l’été.",
    )


def test_a_folder_of_bad_files_is_read_and_all_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, a_txt="", b_txt="\0")
    assert pages(tmp_path)["status"].to_list() == ["skipped", "skipped"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as stream:
        stream.truncate(1 << 40)
    write(tmp_path, good_txt="good")
    assert "is larger than 50,000,000 bytes" in skipped(tmp_path)["huge.txt"]


def test_a_line_as_long_as_allowed_is_read(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x" * 100 + "\r\n" + "y" * 100)
    assert pages(tmp_path, max_line=100)["status"].to_list() == ["ok"]


@pytest.mark.parametrize("name", ["nowhere", "nowhere/a.txt", "a.txt/b.txt"])
def test_a_path_that_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    write(tmp_path, a_txt="a")
    for settings in ({"paths": (tmp_path / name,)}, {"paths": (tmp_path,), "originals": tmp_path / name}):
        with pytest.raises(InputError, match=f"{tmp_path / name}: no such file or folder"):
            read(Config(**settings))


def test_a_file_that_vanished_after_listing_is_skipped(tmp_path: Path) -> None:
    row = read_file(File(tmp_path / "gone.txt", "gone.txt"), Config())[0]
    assert (row["status"], row["reason"], row["sha256"]) == ("skipped", "vanished before it could be read", None)


def test_links_that_lead_nowhere_or_in_a_circle_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, good_txt="good")
    (tmp_path / "a.txt").symlink_to("b.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "dead.txt").symlink_to("gone.txt")
    circle = "is a symbolic link that leads in a circle"
    dead = "is a symbolic link to something that does not exist"
    assert skipped(tmp_path) == {"a.txt": circle, "b.txt": circle, "dead.txt": dead, "self": circle}
    with pytest.raises(InputError, match=f"self: {circle}"):
        pages(tmp_path / "self")


def test_folders_that_link_to_each_other_are_walked_once(tmp_path: Path) -> None:
    for name in "abcdefgh":
        write(tmp_path, **{f"{name}__x_txt": "x"})
        for other in "abcdefgh":
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
        (tmp_path / name / "up").symlink_to("..")
    assert docs(tmp_path) == [f"{name}/x.txt" for name in "abcdefgh"]


def test_a_pipe_a_socket_and_a_device_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, good_txt="good")
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.txt")
    Path("null.txt").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
        reasons = skipped(tmp_path)
    assert reasons == {
        "pipe.txt": "is a named pipe, not a file",
        "socket.txt": "is a socket, not a file",
        "null.txt": "is a device, not a file",
    }
    with pytest.raises(InputError, match="is a named pipe"):
        pages(tmp_path / "pipe.txt")


AS_NOBODY = """
import json, os, sys
from pathlib import Path
from checker.config import Config
from checker.errors import InputError
from checker.read import read
folder = Path(sys.argv[1])
if os.geteuid() == 0:
    read(Config(paths=(folder / "good.txt",)))  # imports what is imported late
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
rows = read(Config(paths=(folder,))).select("doc", "reason").rows()
try:
    read(Config(paths=(folder / "closed",)))
except InputError as error:
    rows.append(("closed", str(error)))
print(json.dumps(rows))
"""


def test_files_and_folders_without_permission_are_skipped() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to the user that root becomes
        folder = write(Path(name), good_txt="good", denied_txt="x", closed__a_txt="a")
        folder.chmod(0o755)
        (folder / "denied.txt").chmod(0)
        (folder / "closed").chmod(0)
        done = subprocess.run([sys.executable, "-c", AS_NOBODY, name], capture_output=True, check=True)
        (folder / "closed").chmod(0o700)
    reason = "cannot be read: permission denied"
    assert json.loads(done.stdout) == [
        ["closed", reason],
        ["denied.txt", reason],
        ["good.txt", None],
        ["closed", f"{folder / 'closed'}: {reason}"],
    ]


def test_the_order_of_paths_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, fr__a_txt="a", es__a_txt="a", en__a_txt="a")
    folders = [tmp_path / name for name in ("fr", "es", "en")]
    forward, backward = (read(Config(paths=tuple(paths), originals=folders[2])) for paths in (folders, folders[::-1]))
    assert forward.equals(backward)
