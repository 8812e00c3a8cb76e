"""Localisation files: what is a pair in them, what is left aside and why, and what a bad one says."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from checker.config import Config, load
from checker.counterparts import counterpart
from checker.detect import of_translations
from checker.errors import InputError
from checker.formats import po, tmx, xliff
from checker.pipeline import audit
from checker.placeholders import masked
from checker.read import read, to_pages
from checker.report import Report
from checker.segment import lines, segment
from tests.conftest import ROOT, Run, peer

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: de\\n"

#: main.c:1
#, c-format
msgid "Hello, %s! You have %d new messages."
msgstr "Hallo, %s! Sie haben neue Nachrichten."

msgctxt "menu"
msgid ""
"Open the "
"<b>file</b>"
msgstr "Die <b>Datei</b> öffnen"

#, fuzzy
msgid "The server is there."
msgstr "Der Server ist weg."

msgid "Save all changes"
msgstr ""

msgid "One file was deleted."
msgid_plural "%d files were deleted."
msgstr[0] "Eine Datei wurde gelöscht."
msgstr[1] "%d Dateien wurden gelöscht."

#~ msgid "Old message"
#~ msgstr "Alte Meldung"
""".lstrip()

XLIFF = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
 <file original="a.html" source-language="en" target-language="fr-FR" datatype="html">
  <header><note>none</note></header>
  <body><group id="g">
   <trans-unit id="1"><source>Press <g id="1">Start</g><x id="2"/>.</source>
    <target state="translated">Appuyez sur <g id="1">Démarrer</g>.</target>
    <alt-trans><target>Non</target></alt-trans></trans-unit>
   <trans-unit id="2" resname="menu.open"><source>Open {0} files</source><target>Ouvrir {0} fichiers</target></trans-unit>
   <trans-unit id="3"><source>Close</source></trans-unit>
   <trans-unit id="4"><source>Close it</source><target state="needs-review-translation">Fermez-le</target></trans-unit>
   <trans-unit id="5" translate="no"><source>checker</source><target>checker</target></trans-unit>
  </group></body>
 </file>
</xliff>
"""

XLIFF2 = """<?xml version="1.0"?>
<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de">
 <file id="f">
  <unit id="u1"><notes><note>n</note></notes><originalData><data id="d1">&lt;b&gt;</data></originalData>
   <segment id="s1"><source>The <pc id="1">ship</pc> left.</source><target>Das <pc id="1">Schiff</pc> fuhr ab.</target></segment>
   <ignorable><source> </source></ignorable>
   <segment id="s2" state="initial"><source>Nobody was there.</source><target>Niemand war da.</target></segment>
  </unit>
  <unit id="u2"><segment><source>It rained.</source></segment></unit>
 </file>
</xliff>
"""


def cells(rows: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str | None]]:
    """version, original, unit, reason of each unit that a format gives."""
    sides = [[row["text"][cell["start"] : cell["end"]] for cell in row["cells"].to_list()] for row in rows]
    told = [(unit["unit"], unit["reason"]) for unit in rows[0]["units"].to_list()]
    return [(version, original, *said) for version, original, said in zip(*sides, told, strict=True)]


def report(folder: Path, **settings: Any) -> Report:
    return audit(load(folder, {"paths": (folder,), "cache": False, "engine": "recorded", "memory": memory(folder), **settings}))


def memory(folder: Path) -> Path:
    """A memory of nothing that is asked for."""
    path = folder.parent / "memory.tsv"
    path.write_text("source\ttarget\ttext\ttranslation\nxx\tyy\ta\tb\n")
    return path


# Gettext


def test_each_message_and_each_form_of_a_plural_is_a_pair_with_its_reason() -> None:
    rows = po.read(PO.encode(), ".po", Config())
    assert rows[0]["lang"] == "de"
    assert [(version[:5], *rest) for version, *rest in cells(rows)] == [
        ("Hallo", "Hello, %s! You have %d new messages.", "Hello, %s! You have %d new messages.", None),
        ("Die <", "Open the <b>file</b>", "menu|Open the <b>file</b>", None),
        ("Der S", "The server is there.", "The server is there.", "fuzzy"),
        ("", "Save all changes", "Save all changes", "untranslated"),
        ("Eine ", "One file was deleted.", "One file was deleted.[0]", None),
        ("%d Da", "%d files were deleted.", "One file was deleted.[1]", None),
        ("Alte ", "Old message", "Old message", "obsolete"),
    ]


def test_a_finding_in_a_catalogue_names_unit_and_line(tmp_path: Path) -> None:
    (tmp_path / "po").mkdir()
    (tmp_path / "po" / "de.po").write_text(PO, "utf-8")
    found = report(tmp_path / "po").findings.filter(pl.col("rule") == "lost-placeholder")
    assert found.select("doc", "line", "unit", "original_evidence").rows() == [
        ("de.po", 9, "Hello, %s! You have %d new messages.", "%d")
    ]
    assert PO.splitlines()[8].startswith("msgstr")


def test_what_nobody_has_confirmed_is_unscored_with_its_reason_and_accuses_nobody(tmp_path: Path) -> None:
    (tmp_path / "po").mkdir()
    (tmp_path / "po" / "de.po").write_text(PO.replace("Der Server ist weg.", "Der %s ist weg.").replace('"Alte', '"{x}'), "utf-8")
    told = report(tmp_path / "po")
    reasons = dict(told.sentences.select("unit", "reason").iter_rows())
    assert [reasons[unit] for unit in ("The server is there.", "Save all changes", "Old message")] == [
        "fuzzy", "untranslated", "obsolete",
    ]  # fmt: skip
    assert set(told.sentences["status"]) == {"unscored"}
    assert set(told.findings["rule"]) == {"lost-placeholder"}
    assert told.findings["original_evidence"].to_list() == ["%d"]


def test_the_form_for_one_thing_may_go_without_its_figure(tmp_path: Path) -> None:
    (tmp_path / "po").mkdir()
    forms = 'msgid "%d file of %s"\nmsgid_plural "%d files of %s"\nmsgstr[0] "Eine Datei von %s"\nmsgstr[1] "Dateien von %s"\n'
    (tmp_path / "po" / "de.po").write_text(forms, "utf-8")
    found = report(tmp_path / "po").findings.filter(pl.col("rule") == "lost-placeholder")
    assert found.select("line", "original_evidence").rows() == [(4, "%d")]


def test_a_catalogue_of_other_languages_than_the_originals_is_left_aside_with_that_reason() -> None:
    rows = po.read(PO.encode(), ".po", Config(original_lang="fr"))
    assert cells(rows)[0][3] == "neither side is in French"
    turned = po.read(PO.encode(), ".po", Config(original_lang="de"))
    assert [row["lang"] for row in turned] == ["en", "de"]
    assert cells(turned)[1][:2] == ("Open the <b>file</b>", "Die <b>Datei</b> öffnen")


def test_lines_of_a_declared_language_are_in_it_however_many_letters_their_placeholders_have(tmp_path: Path) -> None:
    (tmp_path / "po").mkdir()
    texts = ("此平台不支持 --atime-preserve='system'", "无法分割 TAR_OPTIONS：%s", "BLOCKS")
    messages = "".join(f'\nmsgid "{n}"\nmsgstr "{text}"\n' for n, text in enumerate(texts))
    (tmp_path / "po" / "zh.po").write_text(f'msgid ""\nmsgstr "Language: zh_CN\\n"\n{messages}', "utf-8")
    told = report(tmp_path / "po").segments.filter(pl.col("doc") == "zh.po")
    assert told["lang"].to_list()[:2] == ["zh", "zh"]


def test_a_mask_makes_no_space_before_a_mark(tmp_path: Path) -> None:
    (tmp_path / "po").mkdir()
    (tmp_path / "po" / "de.po").write_text(
        'msgid "Cannot open %s: no such %s?"\nmsgstr "Kann %s nicht öffnen: kein %s?"\n', "utf-8"
    )
    assert report(tmp_path / "po").findings.is_empty()


def test_a_template_is_a_document_of_originals(tmp_path: Path) -> None:
    (tmp_path / "a.pot").write_text('msgid "Open"\nmsgstr ""\n\nmsgid "Close the file"\nmsgstr ""\n', "utf-8")
    pages = read(Config(paths=(tmp_path,)))
    assert pages.select("doc", "role", "text", "status").rows() == [("a.pot", "original", "Open\nClose the file", "ok")]


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', 4, "has the message 'a' twice: it stands in line 1 too"),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr "d', 5, "has a line that is none of a PO file"),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "c"\n', 4, "has a message without msgstr"),
        ('msgid "a"\nmsgstr "b"\nmsgstr "c"\n', 3, "has msgstr twice in one message"),
        ('"a"\n', 1, "has a string that belongs to no message"),
        ('msgid "a"\nmsgstr "say "no""\n', 2, "has a line that is none of a PO file"),
    ],
)
def test_a_bad_catalogue_is_refused_with_its_line(content: str, line: int, problem: str) -> None:
    with pytest.raises(InputError, match=problem[:20]) as caught:
        po.read(content.encode(), ".po", Config())
    assert caught.value.problem.startswith(problem)
    assert caught.value.where == str(line)


def test_a_catalogue_is_read_in_the_encoding_that_it_declares() -> None:
    content = PO.replace("UTF-8", "ISO-8859-2").replace("Hallo", "Zażółć gęślą jaźń")
    assert "Zażółć gęślą jaźń" in po.read(content.encode("iso8859-2"), ".po", Config())[0]["text"]


# XLIFF


def test_units_of_xliff_keep_their_tags_and_say_why_they_are_left_aside() -> None:
    rows = xliff.read(XLIFF.encode(), ".xlf", Config())
    assert rows[0]["lang"] == "fr"
    assert cells(rows) == [
        ('Appuyez sur <g id="1">Démarrer</g>.', 'Press <g id="1">Start</g><x id="2"/>.', "1", None),
        ("Ouvrir {0} fichiers", "Open {0} files", "menu.open", None),
        ("", "Close", "3", "untranslated"),
        ("Fermez-le", "Close it", "4", "state needs-review-translation"),
        ("checker", "checker", "5", "not to be translated"),
    ]
    assert rows[0]["anchors"].to_list()[0]["line"] == 7


def test_segments_of_xliff_2_are_units() -> None:
    assert cells(xliff.read(XLIFF2.encode(), ".xliff", Config())) == [
        ('Das <pc id="1">Schiff</pc> fuhr ab.', 'The <pc id="1">ship</pc> left.', "u1/s1", None),
        ("Niemand war da.", "Nobody was there.", "u1/s2", "state initial"),
        ("", "It rained.", "u2", "untranslated"),
    ]


def test_what_is_translated_into_the_originals_language_is_held_against_it() -> None:
    rows = xliff.read(XLIFF2.encode(), ".xliff", Config(original_lang="de"))
    assert [row["lang"] for row in rows[:1]] == ["en"]
    assert cells(rows)[0][:2] == ('The <pc id="1">ship</pc> left.', 'Das <pc id="1">Schiff</pc> fuhr ab.')


@pytest.mark.parametrize("module", [xliff, tmx])
def test_hostile_xml_is_refused_with_its_line(module: Any) -> None:
    name = module.__name__.rpartition(".")[2]
    bomb = f'<!DOCTYPE {name} [\n<!ENTITY a "aaaaaaaaaa">\n<!ENTITY b "&a;&a;&a;">\n]>\n<{name}>&b;</{name}>'
    outside = f'<!DOCTYPE {name} [\n<!ENTITY a SYSTEM "file:///etc/passwd">\n]>\n<{name}>&a;</{name}>'
    for content in (bomb, outside):
        with pytest.raises(InputError, match="declares entities") as caught:
            module.read(content.encode(), f".{name}", Config())
        assert caught.value.where == "2"
    with pytest.raises(InputError, match="nested more than 500 deep"):
        module.read(f"<{name}>{'<a>' * 1000}".encode(), f".{name}", Config())
    with pytest.raises(InputError, match="not well-formed"):
        module.read(f"<{name}>\n<body>".encode(), f".{name}", Config())


def test_a_file_that_is_cut_off_is_skipped_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.xlf").write_text(XLIFF[:700], "utf-8")
    reason = read(Config(paths=(tmp_path,)))["reason"][0]
    assert reason.startswith(f"line {XLIFF[:700].count(chr(10)) + 1}: is not well-formed XML")


def test_codes_of_a_memory_are_tags_of_its_document_and_a_unit_has_its_own_line() -> None:
    head = '<tmx version="1.4">\n<header/>\n<body>\n'
    unit = '<tu tuid="t1"><tuv xml:lang="en"><seg>Press <ph x="1">&lt;b></ph>it</seg></tuv>\n'
    unit += '<tuv xml:lang="de"><seg>Drück</seg></tuv></tu>\n'
    rows = tmx.read(f"{head}{unit}<tu><tuv xml:lang='en'><seg>Alone</seg></tuv></tu></body></tmx>".encode(), ".tmx", Config())
    assert cells(rows) == [("Drück", 'Press <ph id="1"/>it', "t1", None), ("", "Alone", "", "has no other language")]
    assert [anchor["line"] for anchor in rows[0]["anchors"].to_list()] == [4, 6]


SEVERAL = """<tmx version="1.4"><header/><body>
<tu tuid="save"><tuv xml:lang="en"><seg>Save %s</seg></tuv><tuv xml:lang="de"><seg>Speichern %s</seg></tuv>
 <tuv xml:lang="fra"><seg>Enregistrer</seg></tuv></tu>
<tu tuid="open"><tuv xml:lang="eng"><seg>Open</seg></tuv><tuv xml:lang="fr-CA"><seg>Ouvrir</seg></tuv>
 <tuv xml:lang="fr"><seg>Ouvre</seg></tuv></tu>
<tu tuid="none"><tuv xml:lang="en"><seg>Alone</seg></tuv></tu>
</body></tmx>
"""


def test_a_memory_of_several_languages_has_a_document_for_each(tmp_path: Path) -> None:
    (tmp_path / "tm").mkdir()
    (tmp_path / "tm" / "a.tmx").write_text(SEVERAL, "utf-8")
    pages = read(Config(paths=(tmp_path / "tm",)))
    assert pages.select("doc", "original", "lang", "text", "status").rows() == [
        ("a.tmx#de", "a.tmx#de#original", "de", "Speichern %s\n", "ok"),
        ("a.tmx#de#original", None, "en", "Save %s\nAlone", "ok"),
        ("a.tmx#fr", "a.tmx#fr#original", "fr", "Enregistrer\nOuvrir\nOuvre", "ok"),
        ("a.tmx#fr#original", None, "en", "Save %s\nOpen\nOpen", "ok"),
    ]
    assert set(pages["path"]) == {str(tmp_path / "tm" / "a.tmx")}
    told = report(tmp_path / "tm")
    assert told.documents.filter(pl.col("role") == "bitext")["doc"].to_list() == ["a.tmx#de", "a.tmx#fr"]
    assert told.findings.select("doc", "line", "unit", "rule").rows() == [("a.tmx#fr", 2, "save", "lost-placeholder")]


def piped(content: str, *args: str) -> "subprocess.CompletedProcess[str]":
    """What `checker pairs -` makes of its standard input."""
    command = [sys.executable, "-m", "checker", "pairs", "-", *args]
    return subprocess.run(command, cwd=ROOT, input=content, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("stream", [False, True])
def test_pairs_of_a_memory_are_in_all_its_languages(tmp_path: Path, checker: Run, stream: bool) -> None:
    (tmp_path / "a.tmx").write_text(SEVERAL, "utf-8")
    made = piped(SEVERAL, "--stdin-name", "a.tmx") if stream else checker("pairs", tmp_path / "a.tmx")
    rows = [json.loads(line) for line in made.stdout.splitlines()]
    assert sorted((row["lang"], row["original"], row["version"]) for row in rows) == [
        ("de", "Save %s", "Speichern %s"),
        ("fr", "Open", "Ouvre"),
        ("fr", "Open", "Ouvrir"),
        ("fr", "Save %s", "Enregistrer"),
    ]


def test_files_of_a_folder_that_are_broken_are_skipped_and_told(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "a.xlf").write_text(XLIFF[:700], "utf-8")
    (tmp_path / "b.po").write_text('msgid "a"\nmsgstr "b', "utf-8")
    alone = checker("pairs", tmp_path)
    assert alone.returncode == 2
    assert "no file could be read" in alone.stderr
    (tmp_path / "c.po").write_text(PO, "utf-8")
    made = checker("pairs", tmp_path)
    assert made.returncode == 0
    assert {json.loads(line)["file"] for line in made.stdout.splitlines()} == {str(tmp_path / "c.po")}
    told = made.stderr.replace("\n", " ")
    assert f"skipped: {tmp_path / 'a.xlf'}:" in told
    assert f"skipped: {tmp_path / 'b.po'}: line 2" in told
    assert checker("pairs", tmp_path / "a.xlf", tmp_path / "c.po").returncode == 2


def test_stdin_of_no_known_format_is_asked_for_its_name() -> None:
    told = piped(XLIFF)
    assert told.returncode == 2
    assert "--stdin-name" in told.stderr


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (XLIFF[:700].encode(), 11, "is the file cut off?"),
        (XLIFF.replace("Démarrer", "D\xe9marrer").encode("latin-1"), 7, "another encoding"),
        (XLIFF2.replace('version="2.0"', 'version="3.0"').encode(), 2, "is XLIFF 3.0, which is not read"),
        (XLIFF.replace('unit id="3"', 'unit id="1"').encode(), 10, "has the id '1' twice in one <file>: it stands in line 6 too"),
        (XLIFF2.replace('id="u2"', 'id="u1"').encode(), 9, "has the id 'u1' twice in one <file>: it stands in line 4 too"),
    ],
)
def test_bad_xliff_is_refused_with_its_line_and_what_may_be_wrong(content: bytes, line: int, said: str) -> None:
    with pytest.raises(InputError) as caught:
        xliff.read(content, ".xlf", Config())
    assert caught.value.where == str(line)
    assert said in str(caught.value)


def test_an_id_may_stand_in_each_file_of_an_xliff() -> None:
    file = XLIFF[XLIFF.index(" <file") : XLIFF.index("</xliff>")]
    other = file.replace('"fr-FR"', '"deu"')
    rows = xliff.read(XLIFF.replace(file, file + other).encode(), ".xlf", Config())
    assert [(row["part"], row["lang"]) for row in rows] == [
        ("fr", "fr"), ("fr#original", "en"), ("de", "de"), ("de#original", "en"),
    ]  # fmt: skip
    assert cells(rows[:2]) == cells(rows[2:])


def test_obsolete_messages_have_no_unknown_words() -> None:
    pages = to_pages([{**row, "doc": f"a{n}", "path": "a", "format": "po", "status": "ok"} for n, row in enumerate(_po())])
    segments = segment(lines(pages), pages["doc"]).with_columns(unknown=pl.col("text").str.extract(r"(\p{L}+)"))
    found = of_translations(pages, segments.with_columns(back=pl.lit("x")), ["unknown-word"])
    assert found.filter(pl.col("doc") == "a0")["evidence"].to_list()[:2] == ["Hallo", "Die"]
    assert {"Alte", "Der"}.isdisjoint(found["evidence"])


def _po() -> list[dict[str, Any]]:
    return po.read(PO.encode(), ".po", Config())


def test_rows_that_are_aside_are_unscored_with_that_reason(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "de.po").write_text(PO.replace("Der Server ist weg.", "Der %s ist weg."), "utf-8")
    for suffix in (".csv", ".jsonl"):
        files = {name: tmp_path / f"{name}{suffix}" for name in ("units", "out", "findings")}
        assert checker("pairs", tmp_path / "de.po", "--all", "--out", files["units"]).returncode == 0
        assert checker("score", files["units"], "--out", files["out"], "--findings", files["findings"]).returncode == 0
        read_table = pl.read_csv if suffix == ".csv" else pl.read_ndjson
        out, found = read_table(files["out"]), read_table(files["findings"])
        aside = out.filter(pl.col("aside").fill_null("") != "")
        assert aside["reason"].to_list() == ["fuzzy", "untranslated", "obsolete"]
        assert set(aside["status"]) == {"unscored"}
        assert found["evidence"].to_list() == ["Hallo, %s! Sie haben neue Nachrichten."]


# Placeholders


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Hi {name}, %s of %1$d", "Hi ______, __ of ____"),
        ("5%-ige 20 %ige 100% d", "5%-ige 20 %ige 100% d"),
        ("%d%% of %(name)s", "__%% of ________"),
        ("{n, plural, one {# file} other {# files}} here", "__________________ file__________ files__ here"),
        ("{n, plural, one {# file", "{n, plural, one {# file"),
        ("a&nbsp;<b>b</b> caf&eacute; <file>", "a______   b____ caf&eacute; <file>".replace("   ", "___")),
        ("${a} {{ b }} { $c } %{d} #{e} $t(f) $G$ %h%", "____ _______ ______ ____ ____ _____ ___ %h%"),
    ],
)
def test_placeholders_are_no_words_and_all_else_stays_in_its_place(text: str, bare: str) -> None:
    assert masked(pl.Series([text])).to_list() == [bare.replace("_", " ")]


def test_placeholders_are_not_scored(tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    rows = [
        {"original": "Delete the <b>old</b> files of {name} now.", "version": "Delete the old files of {name} now.", "lang": "en"},
        {"original": "{count}: %s", "version": "{count}: %s", "lang": "en"},
        {"original": "There are {0} files.", "version": "There are {1} files.", "lang": "en"},
    ]
    (tmp_path / "pairs" / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    told = report(tmp_path / "pairs")
    assert told.sentences.select("chrf_pp", "status", "reason").rows() == [
        (100.0, "scored", None),
        (None, "unscored", "nothing but placeholders"),
        (100.0, "scored", None),
    ]
    assert told.findings["rule"].to_list() == ["lost-tag", "lost-tag", "lost-placeholder"]


def test_a_pair_that_cannot_be_read_in_english_can_have_lost_a_placeholder(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "de.po").write_text(PO, "utf-8")
    made = checker("pairs", tmp_path / "de.po", "--out", tmp_path / "pairs.jsonl")
    assert made.stderr == "4 pairs; 3 units left aside (--all writes them)\n"
    assert checker("pairs", tmp_path / "de.po", "--all").stdout.count("\n") == 7
    scored = checker("score", tmp_path / "pairs.jsonl", "--out", tmp_path / "out.jsonl", "--findings", tmp_path / "findings.jsonl")
    assert scored.returncode == 0, scored.stderr
    found = pl.read_ndjson(tmp_path / "findings.jsonl")
    assert found.select("rule", "evidence", "original_evidence").rows() == [
        ("lost-placeholder", "Hallo, %s! Sie haben neue Nachrichten.", "%d")
    ]


def test_braces_made_to_be_slow_take_no_time() -> None:
    texts = ["{a,plural,other{" * 20_000, "<a b=c " * 40_000, "%" * 300_000, "{{" * 100_000, "{ " * 100_000, "&#" * 100_000]
    assert masked(pl.Series(texts)).len() == len(texts)


# Counterparts


@pytest.mark.parametrize(
    ("path", "original"),
    [
        ("de.json", "en.json"),
        ("messages_de_AT.properties", "messages.properties"),
        ("my_app_de.arb", "my_app_en.arb"),
        ("Texts.de.resx", "Texts.resx"),
        ("values-de-rAT/strings.xml", "values/strings.xml"),
        ("values-b+sr+Latn/strings.xml", "values/strings.xml"),
        ("de.lproj/Main.strings", "Base.lproj/Main.strings"),
        ("locales/pt-BR/app.yaml", "locales/en-US/app.yaml"),
        ("news.de", "news.en"),
    ],
)
def test_the_original_of_a_file_is_found_by_its_name(tmp_path: Path, path: str, original: str) -> None:
    for name in (path, original):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = counterpart(tmp_path / path, "en")
    assert found is not None
    assert found[0] == tmp_path / original
    assert counterpart(tmp_path / original, "en") is None


def test_parallel_text_is_paired_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "news.en").write_text("One ship left.\n\nTwo came.\n")
    (tmp_path / "news.de").write_text("Ein Schiff fuhr ab.\r\n\r\nZwei kamen.")
    (tmp_path / "news.fr").write_text("Un navire partit.\n")
    pages = read(Config(paths=(tmp_path,)))
    assert pages.select("doc", "lang", "status", "reason").rows() == [
        ("news.de", "de", "ok", None),
        ("news.de#original", "en", "ok", None),
        ("news.fr", None, "skipped", "has 1 lines, and its original 3 (files of parallel text have a line for each line)"),
    ]
    assert pages["path"].to_list()[:2] == [str(tmp_path / "news.de"), str(tmp_path / "news.en")]
    assert pages["sha256"].n_unique() == 3


def test_files_of_one_language_without_a_counterpart_are_no_documents(tmp_path: Path) -> None:
    for name in ("package.json", "tsconfig.de.json", "values/strings.xml", "code.ts", "script.pl", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert read(Config(paths=(tmp_path,)))["doc"].to_list() == ["a.txt"]


def test_a_missing_extra_names_itself(tmp_path: Path, checker: Run) -> None:
    (tmp_path / "en.json").write_text('{"a": "Open"}')
    (tmp_path / "de.json").write_text('{"a": "Öffnen"}', "utf-8")
    (tmp_path / "a.warc").write_bytes(b"WARC/1.0\r\n\r\n")
    (tmp_path / "block").mkdir()
    for module in ("translate", "warcio"):
        (tmp_path / "block" / f"{module}.py").write_text(f"raise ModuleNotFoundError('no {module}', name='{module}')\n")
    path = f"{tmp_path / 'block'}:{ROOT}"
    for name, package, extra in (("de.json", "translate-toolkit", "l10n"), ("a.warc", "warcio", "warc")):
        told = checker("detect", tmp_path / name, PYTHONPATH=path)
        assert told.returncode == 2
        assert f"is read by {package}, which is not installed" in told.stderr
        assert f"pip install 'checker[{extra}]'" in told.stderr


# Compressed


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_a_compressed_file_is_read_as_what_it_holds(tmp_path: Path, suffix: str, compress: Any) -> None:
    (tmp_path / f"de.po{suffix}").write_bytes(compress(PO.encode()))
    (tmp_path / f"bomb.txt{suffix}").write_bytes(compress(b"0" * 60_000_000))
    (tmp_path / f"cut.txt{suffix}").write_bytes(compress(PO.encode() * 9)[:-9])
    (tmp_path / f"other.txt{suffix}").write_bytes(b"no such thing")
    pages = read(Config(paths=(tmp_path,)))
    assert pages.filter(pl.col("status") == "ok").select("doc", "format").rows() == [
        (f"de.po{suffix}", "po"),
        (f"de.po{suffix}#original", "po"),
    ]
    reasons = dict(pages.filter(pl.col("status") == "skipped").select("doc", "reason").iter_rows())
    assert reasons[f"bomb.txt{suffix}"].startswith("unpacks to more than 50,000,000 bytes")
    assert reasons[f"cut.txt{suffix}"].startswith("is a compressed file that is cut off")
    assert reasons[f"other.txt{suffix}"].startswith("cannot be unpacked")


# What translate-toolkit makes of the same files

ANDROID = """<?xml version="1.0" encoding="utf-8"?>
<resources>
 <string name="app">It\\'s <b>me</b></string>
 <string name="raw" translatable="false">raw</string>
 <string name="hi">Hi %1$s</string>
 <plurals name="files"><item quantity="one">%d file</item><item quantity="other">%d files</item></plurals>
</resources>
"""
QT = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en_US"><context><name>Main</name>
<message><source>Open %1</source><translation>%1 öffnen</translation></message>
<message><source>Close</source><translation type="unfinished"></translation></message>
<message><source>Quit</source><translation type="unfinished">Beenden</translation></message>
<message><source>Old</source><translation type="vanished">Alt</translation></message>
<message numerus="yes"><source>%n files</source>
<translation><numerusform>%n Datei</numerusform><numerusform>%n Dateien</numerusform></translation></message>
</context></TS>
"""
FILES = {
    "po/de.po": PO,
    "po/all.pot": 'msgid "Open"\nmsgstr ""\n',
    "a.xlf": XLIFF,
    "b.xliff": XLIFF2,
    "m.tmx": '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>One</seg></tuv>'
    '<tuv xml:lang="de"><seg>Eins</seg></tuv></tu></body></tmx>',
    "src/de.ts": QT,
    "values/strings.xml": ANDROID,
    "values-de/strings.xml": ANDROID.replace("Hi", "Hallo").replace("%d file<", "%d Datei<"),
    "en.lproj/a.strings": '"open" = "Open %@";\n"b" = "B\\nC";\n',
    "de.lproj/a.strings": '"open" = "Öffnen";\n"b" = "B\\nC";\n"new" = "Neu";\n',
    "app.properties": "greeting = Hello {0}\nlong = a \\\n   b\n",
    "app_de.properties": "greeting = Hallo {1}\n",
    "T.resx": '<root><data name="Hi" xml:space="preserve"><value>Hello {0}</value></data></root>',
    "T.de.resx": '<root><data name="Hi" xml:space="preserve"><value>Hallo {0}</value></data></root>',
    "locales/en/app.json": '{"menu": {"open": "Open {{name}}",\n "items": ["One", "Two"]}}',
    "locales/de/app.json": '{"menu": {"open": "{{Name}} öffnen",\n "items": ["Eins", "Zwei"]}}',
    "en.yaml": "menu:\n  open: Open\n",
    "de.yaml": "menu:\n  open: Öffnen\n",
}

# The strings that the toolkit finds, and how many of them are translated; run with the toolkit's own Python.
COUNT = """
import json, sys
from translate.storage import factory, jsonl10n, aresource, properties, resx, yaml, xliff2, po, xliff, tmx, ts2
kinds = {"de.po": po.pofile, "all.pot": po.pofile, "a.xlf": xliff.xlifffile, "b.xliff": xliff2.Xliff2File, "m.tmx": tmx.tmxfile,
    "de.ts": ts2.tsfile, "strings.xml": aresource.AndroidResourceFile, "a.strings": properties.stringsutf8file,
    "app.properties": properties.javautf8file, "T.de.resx": resx.RESXFile, "app.json": jsonl10n.JsonFile,
    "de.yaml": yaml.YAMLFile}
found = {}
for path in sys.argv[1:]:
    store = kinds[path.rpartition("/")[2]]()
    store.parse(open(path, "rb").read())
    texts = [(unit.source, unit.target) for unit in store.units if not unit.isheader()]
    found[path] = sum(len(getattr(target, "strings", [target])) if target else 1 for source, target in texts if source or target)
print(json.dumps(found))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_text(content, "utf-8")
    return tmp_path / "files"


def run_peer(*args: object) -> str:
    """What the interpreter of an environment with the extra `l10n` prints."""
    done = subprocess.run(
        [str(peer("l10n", "python")), *map(str, args)], capture_output=True, text=True, timeout=300, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_format_holds_as_many_strings_as_translate_toolkit_finds(project: Path, tmp_path: Path) -> None:
    counted = {"app_de.properties": "app.properties"}  # the longer of the two
    documents = ["po/de.po", "po/all.pot", "a.xlf", "b.xliff", "m.tmx", "src/de.ts", "values-de/strings.xml", "de.lproj/a.strings"]
    documents += ["app_de.properties", "T.de.resx", "locales/de/app.json", "de.yaml"]
    paths = {name: str(project / counted.get(name, name)) for name in documents}
    found = json.loads(run_peer("-c", COUNT, *paths.values()))
    run_peer(
        "-m",
        "checker",
        "audit",
        project,
        "--out",
        tmp_path / "run",
        "--exit-zero",
        "--engine",
        "recorded",
        "--memory",
        memory(project),
    )
    rows = pl.read_parquet(tmp_path / "run" / "sentences.parquet").group_by("doc").len()
    originals = pl.read_parquet(tmp_path / "run" / "segments.parquet").group_by("doc").len().filter(pl.col("doc") == "po/all.pot")
    ours = dict(pl.concat([rows, originals]).iter_rows())
    assert {name: ours.get(name) for name in documents} == {name: found[paths[name]] for name in documents}


def test_resources_are_paired_by_their_keys_and_what_one_side_alone_has_says_so(project: Path, tmp_path: Path) -> None:
    run_peer(
        "-m",
        "checker",
        "audit",
        project,
        "--out",
        tmp_path / "run",
        "--exit-zero",
        "--engine",
        "recorded",
        "--memory",
        memory(project),
    )
    rows = pl.read_parquet(tmp_path / "run" / "sentences.parquet").filter(pl.col("reason") != "no engine de→en")
    told = {(doc, unit): reason for doc, unit, reason in rows.select("doc", "unit", "reason").iter_rows()}
    assert told["values-de/strings.xml", "raw"] == "not to be translated"
    assert told["de.lproj/a.strings", "new"] == "has no original"
    assert told["app_de.properties", "long"] == "untranslated"
    assert told["src/de.ts", "Main|Quit"] == "fuzzy"
    assert told["src/de.ts", "Main|Old"] == "obsolete"
    found = pl.read_parquet(tmp_path / "run" / "findings.parquet").filter(pl.col("rule") == "lost-placeholder")
    assert found.select("doc", "line", "unit", "evidence").rows() == [
        ("app_de.properties", 1, "greeting", "{1}"),
        ("de.lproj/a.strings", 1, "open", "Öffnen"),
        ("locales/de/app.json", 1, "menu.open", "{{Name}}"),
        ("po/de.po", 9, "Hello, %s! You have %d new messages.", "Hallo, %s! Sie haben neue Nachrichten."),
    ]


BAD = [
    ("de.json", '{"a": "b",\n}', "de.json:2: is not JSON"),
    ("de.json", '{"a":' * 100_000, "is JSON that cannot be read"),
    ("values-de/strings.xml", '<!DOCTYPE r [<!ENTITY a "b">]>\n<resources/>', "strings.xml:1: declares entities"),
    ("values-de/strings.xml", "<resources><string", "strings.xml:1: is not well-formed XML"),
    ("code.ts", "export const x = 1;", "code.ts:1: is not well-formed XML"),
    ("de.lproj/x.strings", '"a" = "b";\n"c" = "d', "x.strings:2: is cut off"),
]
REFUSE = """
import sys
from pathlib import Path
from checker.config import Config
from checker.errors import InputError
from checker.read import read, to_pages
for path in sys.argv[1:]:
    try:
        read(Config(paths=(Path(path),)))
    except InputError as error:
        print(error)
"""


def test_a_bad_resource_is_refused_with_its_place(tmp_path: Path) -> None:
    for number, (name, content, _) in enumerate(BAD):
        for original in ("en.json", "en.lproj/x.strings", "values/strings.xml", name):
            (tmp_path / str(number) / original).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / str(number) / original).write_text(
                {".json": "{}", ".strings": '"a" = "A";'}.get(Path(original).suffix, "<resources/>")
            )
        (tmp_path / str(number) / name).write_text(content)
    said = run_peer("-c", REFUSE, *(tmp_path / str(number) / name for number, (name, _, _) in enumerate(BAD))).splitlines()
    assert [problem in line for line, (_, _, problem) in zip(said, BAD, strict=True)] == [True] * len(BAD), said
