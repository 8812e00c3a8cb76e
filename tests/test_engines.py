"""The engine drawer: one battery over all engines, then what each does on its own."""

import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from checker.config import Config
from checker.engines import Engine, Translation, apertium, argos, libretranslate, recorded
from checker.errors import EngineError, InputError
from checker.formats import tmx
from checker.registry import components
from tests.conftest import unpack
from tests.test_libretranslate import local_server
from tests.test_worker import alive

AWKWARD = {
    "nothing": [],
    "empty": [""],
    "blank": ["", "  ", "\n\t"],
    "newlines": ["Le chat dort.\nIl mange.\r\n\r\nLa maison est grande.", "Le chien dort."],
    "emoji": ["😀", "Le chat 😀 dort 👩‍👩‍👧."],
    "controls": ["Le\0chat\x1b dort.", "\0", "Le chien\u2028dort."],
    "reserved": ["^Le/chat<n>$ [dort] {ici} \\ @ # * ~ _.", ".[][\n]", "[]", "\\"],
    "long": ["Le chat dort. " * 360, "Le chien dort."],
    "repeated": ["Le chat dort."] * 3,
}


def memory(path: Path, *rows: tuple[str, str, str, str, str | None]) -> Path:
    pl.DataFrame(rows, schema=dict.fromkeys((*recorded.COLUMNS, "engine"), pl.String), orient="row").write_parquet(path)
    return path


def program(folder: Path, script: str) -> None:
    """An `apertium` that lists its pairs as the real one does and translates by `script`."""
    path = folder / "apertium"
    listing = 'printf "  %s\\n" fra-cat cat-eng spa-eng spa-eng_US'
    head = f'case "$1" in -l) {listing}; exit;; -V) echo Apertium 0.0; exit;; esac'
    path.write_text(f"#!/bin/bash\n{head}\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], Engine]:
    """Loads an Apertium whose program is a shell script."""

    def make(script: str, timeout: float = 20) -> Engine:
        program(tmp_path, script)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return apertium.load(Config(engine_timeout=timeout))

    return make


def installed_apertium() -> Engine:
    if shutil.which("apertium") is None:
        pytest.skip("apertium is not installed")
    engine = apertium.load(Config())
    if engine.describe("fr", "en") is None:
        pytest.skip("apertium-fra-cat and apertium-eng-cat are not installed")
    return engine


@pytest.fixture(
    params=sorted(components("engines").keys() - {"argostranslate"})
)  # which has an environment of its own: test_argos.py
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Every engine of the drawer, serving French to English."""
    if request.param == "recorded":
        path = memory(tmp_path / "memory.parquet", ("fr", "en", "Le chat dort.", "The cat sleeps.", "by hand"))
        return recorded.load(Config(memory=path))
    if request.param == "argos":
        return argos.load(Config(packages=unpack(tmp_path / "packages", "fr_en")))
    if request.param == "libretranslate":
        return libretranslate.load(Config(libretranslate_url=local_server()))
    assert request.param == "apertium", f"the battery does not know how to load {request.param!r}"
    return installed_apertium()


@pytest.mark.parametrize("texts", AWKWARD.values(), ids=AWKWARD.keys())
def test_an_engine_gives_one_answer_a_text(engine: Engine, texts: list[str]) -> None:
    answers = engine.translate(texts, "fr", "en")
    assert len(answers) == len(texts)
    assert all((answer.text is None) != (answer.reason is None) for answer in answers)
    assert all((answer.text is None) == (answer.engine is None) for answer in answers)
    assert not any("\n" in (answer.text or "") or "\0" in (answer.text or "") for answer in answers)
    assert engine.translate(texts, "fr", "en") == answers


def test_an_engine_translates_what_stands_beside_awkward_texts(engine: Engine) -> None:
    awkward = [text for texts in AWKWARD.values() for text in texts]
    answer = engine.translate([*awkward, "Le chat dort.", *awkward], "fr", "en")[len(awkward)]
    assert answer.text
    assert answer.text == engine.translate(["Le chat dort."], "fr", "en")[0].text


def test_an_engine_says_who_it_is_and_what_it_does_not_serve(engine: Engine) -> None:
    assert (engine.describe("fr", "en") or "").startswith(engine.name)
    assert engine.describe("zu", "en") is None
    answers = engine.translate(["Sawubona", ""], "zu", "en")
    assert [answer.text for answer in answers] == [None, None]
    assert all(answer.reason for answer in answers)


def test_every_engine_has_a_page_and_a_loader() -> None:
    for module in components("engines").values():
        assert module.__doc__
        assert callable(module.load)


# recorded


def test_the_memory_finds_a_text_whatever_its_normalisation_and_the_space_around_it(tmp_path: Path) -> None:
    path = memory(tmp_path / "m.parquet", ("fr-FR", "EN", "Élan", "Moose", None), ("fr", "en", "Oui", "Yes", "by hand"))
    answers = recorded.load(Config(memory=path)).translate([" E\u0301lan\n", "Oui", "oui"], "fr", "en")
    assert answers == [Translation("Moose", "recorded"), Translation("Yes", "by hand"), Translation(reason="not in the memory")]


def test_of_conflicting_translations_the_first_in_order_wins(tmp_path: Path) -> None:
    rows = [("fr", "en", "Oui", text, "x") for text in ("Yes", "Aye", " ", "Yeah")]
    for order in (rows, rows[::-1]):
        engine = recorded.load(Config(memory=memory(tmp_path / "m.parquet", *order)))
        assert [answer.text for answer in engine.translate(["Oui"], "fr", "en")] == ["Aye"]


def test_a_memory_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no translation memory is set"):
        recorded.load(Config())
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "memory.doc").touch()
    pl.DataFrame({"text": ["a"]}).write_parquet(tmp_path / "lacking.parquet")
    for name in ("broken.parquet", "absent.parquet", "absent.tmx", "absent.tsv", "memory.doc", "lacking.parquet"):
        with pytest.raises(InputError, match=name):
            recorded.load(Config(memory=tmp_path / name))


TSV = "source\ttarget\ttext\ttranslation\tengine\n"


def test_a_tsv_memory_takes_quotation_marks_as_they_stand_and_needs_no_engine(tmp_path: Path) -> None:
    path = tmp_path / "memory.tsv"
    path.write_bytes(f'\ufeff{TSV}fr\ten\t"Oui", dit-il.\t"Yes", he said.\tby hand\r\n\r\nfr-FR\tEN\tNon\t"No\t\r\n'.encode())
    answers = recorded.load(Config(memory=path)).translate(['"Oui", dit-il.', "Non"], "fr", "en")
    assert answers == [Translation('"Yes", he said.', "by hand"), Translation('"No', "recorded")]
    path.write_text("translation\tnote\ttext\ttarget\tsource\nYes\t\tOui\ten\tfr", "utf-8")
    assert recorded.load(Config(memory=path)).translate(["Oui"], "fr", "en") == [Translation("Yes", "recorded")]


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"", 1, "lacks the columns source, target, text, translation"),
        (TSV.replace("text", "texte").encode(), 1, "lacks the columns text"),
        (TSV.replace("engine", "text").encode(), 1, "has the column 'text' 2 times"),
        (f"{TSV}fr\ten\tOui\tYes\tx\n\nfr\ten\tNon\tNo\n".encode(), 4, "has 4 cells, the header 5"),
        (f"{TSV}fr\ten\tOui\tYes\tx\t\n".encode(), 2, "has 6 cells, the header 5"),
        (f"{TSV}fr\ten\tOui\tYes\tx\r\nru\ten\tДа".encode()[:-1], 3, "cannot be decoded"),
        (f"{TSV}fr\ten\tOui\tYes\tx\n".encode("utf-16") + b"\0", 3, "cannot be decoded"),
    ],
)
def test_a_bad_tsv_memory_is_refused_with_its_line(tmp_path: Path, content: bytes, line: int, problem: str) -> None:
    path = tmp_path / "memory.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"memory\.tsv:{line}: .*{problem}"):
        recorded.load(Config(memory=path))


def test_a_recorded_memory_is_not_kept_once_more_and_has_no_safer_parameters(tmp_path: Path) -> None:
    engine = recorded.load(Config(memory=memory(tmp_path / "m.parquet", ("fr", "en", "Oui", "Yes", None))))
    assert (engine.signature("fr", "en"), engine.safer()) == (None, None)


TMX = """<?xml version="1.0"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header creationtool="Tool" creationtoolversion="2" srclang="ru"/><body>
<tu><tuv xml:lang="ru-RU"><seg>Вода <bpt i="1">&lt;b&gt;</bpt><hi>чистая</hi><ept i="1"/>.</seg></tuv>
<tuv xml:lang="en" creationtool="a person"><seg>The water is clean.</seg></tuv></tu>
<tu><tuv xml:lang="ru"><seg></seg></tuv><tuv xml:lang="en"><seg>Nothing.</seg></tuv></tu>
</body></tmx>"""


def test_a_tmx_memory_serves_both_directions_and_names_its_tool(tmp_path: Path) -> None:
    path = tmp_path / "memory.tmx"
    path.write_text(TMX, "utf-8")
    engine = recorded.load(Config(memory=path))
    assert engine.translate(["Вода чистая."], "ru", "en") == [Translation("The water is clean.", "a person")]
    assert engine.translate(["The water is clean."], "en", "ru") == [Translation("Вода чистая.", "Tool 2")]


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (TMX.replace("</hi>", ""), 4, "not well-formed"),
        (TMX.replace('"tmx14.dtd"', '"tmx14.dtd" [\n<!ENTITY a "aaaa">\n]'), 3, "entities"),
        (TMX.replace('"tmx14.dtd"', '"x" [<!ENTITY a SYSTEM "file:///etc/passwd">]'), 2, "entities"),
        ("<html>\n</html>", 1, "not TMX"),
        (TMX.replace(' xml:lang="en" creationtool', " creationtool"), 5, "no xml:lang"),
        ("", 1, "not well-formed"),
    ],
)
def test_a_bad_tmx_is_refused_with_its_line(tmp_path: Path, content: str, line: int, problem: str) -> None:
    path = tmp_path / "memory.tmx"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError, match=rf"memory\.tmx:{line}: .*{problem}"):
        list(tmx.translations(path))


# apertium


def test_apertium_goes_through_a_third_language_and_says_so() -> None:
    engine = installed_apertium()
    answer = engine.translate(["La maison est grande."], "fr", "en")[0]
    assert (answer.text, (answer.engine or "").split()[-1]) == ("The home is big.", "fra→cat→eng")


def test_apertium_keeps_what_it_does_not_know_without_marks() -> None:
    answers = installed_apertium().translate(["Le chat de Zorblax dort.", "a^b$ <i>[c]</i>"], "fr", "en")
    assert "Zorblax" in (answers[0].text or "")
    assert "*" not in (answers[0].text or "")
    assert {"^", "$", "<", ">", "[", "]"} <= set(answers[1].text or "")


def test_apertium_tells_each_word_that_it_does_not_know_once_a_chain() -> None:
    texts = ["Zorblax dort, Blorf et Zorblax mangent avec l'Ovechkin.", "Le chat dort.", ""]
    answers = installed_apertium().translate(texts, "fr", "en")
    assert [answer.unknown for answer in answers] == [("Zorblax", "Blorf", "Ovechkin"), (), ()]


def test_apertium_tells_what_the_second_pair_of_a_chain_does_not_know() -> None:
    engine = installed_apertium()
    texts = ["La puce imprimable reste paradoxale.", "Une tempête est destituée."]
    catalan = engine.translate(texts, "fr", "ca")
    english = engine.translate([answer.text or "" for answer in catalan], "ca", "en")
    both = [tuple(dict.fromkeys(first.unknown + second.unknown)) for first, second in zip(catalan, english, strict=True)]
    assert [answer.unknown for answer in engine.translate(texts, "fr", "en")] == both
    assert any(second.unknown and not first.unknown for first, second in zip(catalan, english, strict=True))


def test_an_asterisk_of_the_text_is_no_mark_and_stays() -> None:
    answers = installed_apertium().translate(["Le *chat* dort*.", "3 * 4", "*Zorblax*", "^le/*chat$"], "fr", "en")
    assert [(answer.text or "").count("*") for answer in answers] == [3, 1, 2, 1]
    assert [answer.unknown for answer in answers] == [(), (), ("Zorblax",), ()]


def test_apertium_gives_the_text_of_a_run_without_marks() -> None:
    """With marks it would be `de Ovechkin`: elision sees them."""
    answer = installed_apertium().translate(["La première passe de Ovechkin."], "fr", "ca")[0]
    assert (answer.text, answer.unknown) == ("La primera passada d'Ovechkin.", ("Ovechkin",))


def modes(folder: Path, monkeypatch: pytest.MonkeyPatch, **commands: str) -> Path:
    """A folder of Apertium's data with these modes, and where they name `{}`, a file of data there."""
    (folder / "modes").mkdir(parents=True)
    for mode, command in commands.items():
        (folder / "modes" / f"{mode.replace('_', '-')}.mode").write_text(command.format(folder / "pair.bin"))
    (folder / "pair.bin").write_text("first")
    monkeypatch.setenv("APERTIUM_DATADIR", str(folder))
    return folder / "pair.bin"


def test_apertiums_signature_changes_with_the_data_of_its_modes(
    fake: Callable[..., Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = modes(tmp_path / "own data", monkeypatch, fra_cat="lt-proc -w '{}' | cat", cat_eng="lt-proc /nowhere.bin")
    engine = fake("cat")
    before = {source: engine.signature(source, "en") for source in ("fr", "ca", "es", "zu")}
    assert before["zu"] is None
    assert len(set(before.values())) == 4
    assert {source: fake("cat").signature(source, "en") for source in before} == before
    pair.write_text("second")
    after = {source: engine.signature(source, "en") for source in before}
    assert [source for source in before if after[source] != before[source]] == ["fr"]


def test_apertium_has_no_safer_parameters_and_a_signature_without_data(fake: Callable[..., Engine]) -> None:
    engine = fake("cat")
    assert engine.safer() is None
    assert (engine.signature("fr", "en") or "").startswith("apertium 0.0 fra-cat cat-eng -u")


@pytest.mark.parametrize("command", ["lt-proc -w '{}' | cat", "lt-proc -w '{}", "other-analyser '{}'", ""])
def test_an_analyser_that_cannot_be_asked_costs_no_translation(
    fake: Callable[..., Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    modes(tmp_path / "data", monkeypatch, spa_eng=command)
    answers = fake("cat").translate(["un", "deux"], "es", "en")
    assert answers == [Translation(text, "apertium 0.0 spa→eng") for text in ("un", "deux")]


def test_apertium_reads_no_text_with_the_words_of_another() -> None:
    engine = installed_apertium()
    texts = ["Le président a dit", "que la maison est grande", "Les États", "Unis", "Il mange"]
    together = engine.translate(texts, "fr", "ca")
    assert together == [engine.translate([text], "fr", "ca")[0] for text in texts]


def test_a_missing_apertium_comes_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="apt install apertium"):
        apertium.load(Config())


def test_apertium_leaves_variants_out_and_takes_the_shortest_chain(fake: Callable[..., Engine]) -> None:
    engine = fake("cat")
    assert engine.describe("fr", "en") == "apertium 0.0 fra→cat→eng"
    assert engine.describe("es", "en") == "apertium 0.0 spa→eng"
    assert engine.describe("en", "fr") is None


def test_an_apertium_that_hangs_is_killed_with_its_children(fake: Callable[..., Engine], tmp_path: Path) -> None:
    engine = fake(f"sleep 60 & echo $! > {tmp_path}/child\nwait", 1)
    began = time.monotonic()
    answers = engine.translate(["un", "deux", ""] * 600, "fr", "en")
    assert time.monotonic() - began < 10
    assert {answer.reason for answer in answers} == {None, "timed out after 1 s"}
    child, patience = int((tmp_path / "child").read_text()), time.monotonic() + 10
    while alive(child) and time.monotonic() < patience:  # a process that was killed may still be on its way out
        time.sleep(0.05)
    assert not alive(child)


def test_an_apertium_that_dies_gives_its_last_words(fake: Callable[..., Engine]) -> None:
    answers = fake("cat > /dev/null; echo boom >&2; exit 3").translate(["un", "deux"], "fr", "en")
    assert [answer.reason for answer in answers] == ["ended with status 3: boom"] * 2


def test_an_apertium_that_dies_without_reading_is_no_broken_pipe(fake: Callable[..., Engine]) -> None:
    answers = fake("exit 1").translate(["x" * 100_000] * 10, "es", "en")
    assert {answer.reason for answer in answers} == {"ended with status 1"}


def test_a_text_that_apertium_swallows_costs_no_other_its_translation(fake: Callable[..., Engine]) -> None:
    engine = fake("gawk 'BEGIN { RS = ORS = \"\\0\" } !/poison/'")
    texts = [*(f"texte {number}" for number in range(40)), "poison", "fin"]
    answers = engine.translate(texts, "es", "en")
    assert [answer.text for answer in answers] == [None if text == "poison" else text for text in texts]
    assert answers[40].reason == "returned 0 texts for 1"


def test_an_apertium_that_gives_too_few_texts_is_not_asked_for_ever(fake: Callable[..., Engine], tmp_path: Path) -> None:
    engine = fake(f"echo run >> {tmp_path}/runs; head -z -n -1")
    answers = engine.translate([f"texte {number}" for number in range(500)], "es", "en")
    assert all((answer.reason or "").startswith("returned ") for answer in answers)
    assert len((tmp_path / "runs").read_text().splitlines()) <= 60


def test_an_apertium_that_hangs_when_it_is_asked_for_its_pairs_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apertium").write_text("#!/bin/sh\nsleep 60")
    (tmp_path / "apertium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(EngineError, match=r"did not start within 0\.5 s"):
        apertium.load(Config(engine_timeout=0.5))
