"""The engines `argos` and `argostranslate` on real models of a small world (see tests/packages)."""

import json
import os
import shutil
import signal
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from checker import neural, packages
from checker.config import Config
from checker.engines import Translation, argos, argostranslate
from checker.errors import EngineError
from tests.conftest import ROOT, peer, unpack
from tests.packages.grammar import held_out

PAIRS = ("fr_en", "de_en", "en_fr", "en_es")
SENTENCE = "Clara Moreau est née à Londres le 5 décembre 1992."
ENGLISH = "Clara Moreau was born in London on 5 December 1992."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return unpack(tmp_path / "packages", *PAIRS)


def texts(answers: list[Translation]) -> list[str]:
    assert all(answer.text is not None for answer in answers), answers
    return [answer.text or "" for answer in answers]


@pytest.mark.parametrize("pair", PAIRS)
def test_sentences_that_the_model_never_saw_are_translated(place: Path, pair: str) -> None:
    pairs = held_out(pair)
    answers = argos.load(Config(packages=place)).translate([source for source, _ in pairs], *pair.split("_"))
    right = sum(answer.text == target for answer, (_, target) in zip(answers, pairs, strict=True))
    assert right >= 0.9 * len(pairs)
    assert sum(-1.5 < (answer.score or 0) < 0 for answer in answers) >= 0.99 * len(pairs)


PEER = """
import json, sys
from argostranslate import translate
class Whole:
    def split_sentences(self, text):
        return [text]
source, target = sys.argv[1:]
translation = translate.get_translation_from_codes(source, target)
translation.underlying.sentencizer = Whole()
print(json.dumps([translation.translate(text) for text in json.load(sys.stdin)]))
"""


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", ["libretranslate", "argostranslate"])
def test_the_translations_are_those_of_argostranslate_itself(place: Path, pair: str, name: str) -> None:
    python = peer(name, "python")
    sources = [source for source, _ in held_out(pair)]
    home = {variable: str(place.parent) for variable in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    quiet = {"ARGOS_PACKAGES_DIR": str(place), "ARGOS_COMPUTE_TYPE": "default", "ORT_DISABLE_TELEMETRY": "1"}
    said = subprocess.run(
        [python, "-c", PEER, *pair.split("_")],
        input=json.dumps(sources),
        env={**os.environ, **home, **quiet},
        capture_output=True,
        text=True,
        check=True,
    )
    ours = texts(argos.load(Config(packages=place, beam=4)).translate(sources, *pair.split("_")))
    assert ours == json.loads(said.stdout.splitlines()[-1])


def test_the_library_itself_is_an_engine_where_it_is_installed(place: Path) -> None:
    python = peer("libretranslate", "python")
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom checker.config import Config\n"
        "from checker.engines import argostranslate\n"
        f"engine = argostranslate.load(Config(packages=Path({str(place)!r})))\n"
        "answers = engine.translate(json.load(sys.stdin), 'de', 'fr')\n"
        "print(json.dumps([engine.describe('de', 'fr'), engine.safer() is None, [answer.text for answer in answers]]))"
    )
    german = [source for source, _ in held_out("de_en")[:5]]
    own = ROOT / ".venv" / "lib"
    site = next(own.glob("python*/site-packages"), None)
    if site is None:
        pytest.skip("checker's own dependencies are not in .venv")
    said = subprocess.run(
        [python, "-c", code],
        input=json.dumps(german),
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}", "HOME": str(place.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    described, untunable, made = json.loads(said.stdout.splitlines()[-1])
    assert described.startswith("argostranslate de→en→fr (de-en 1.0, en-fr 1.0; argos-translate-lt ")
    assert untunable
    assert made == texts(argos.load(Config(packages=place, beam=4)).translate(german, "de", "fr"))


def test_a_missing_argostranslate_names_its_extra(place: Path) -> None:
    with pytest.raises(EngineError, match=r"pip install 'checker\[argos\]'"):
        argostranslate.load(Config(packages=place))


def test_packages_are_chained_through_english_and_the_route_is_recorded(place: Path) -> None:
    engine = argos.load(Config(packages=place))
    assert (engine.describe("de", "fr") or "").startswith("argos de→en→fr (de-en 1.0, en-fr 1.0; ctranslate2 ")
    assert engine.describe("es", "en") is None
    german, english = held_out("de_en")[3]
    assert texts(engine.translate([german], "de", "en")) == [english]
    assert engine.translate([german], "de", "fr")[0].text == SENTENCE


def test_a_target_prefix_is_given_to_the_model_and_cut_from_the_translation(place: Path) -> None:
    metadata = place / "translate-en_es-1_0" / "metadata.json"
    stated = json.loads(metadata.read_text())
    assert texts(argos.load(Config(packages=place)).translate([ENGLISH], "en", "es")) == [
        "Clara Moreau nació en Londres el 5 de diciembre de 1992."
    ]
    metadata.write_text(json.dumps({**stated, "target_prefix": ">>fra<<"}))
    assert texts(argos.load(Config(packages=place)).translate([ENGLISH], "en", "es")) == [SENTENCE]


def test_a_text_of_several_sentences_is_cut_and_each_translated_alone(place: Path) -> None:
    engine = argos.load(Config(packages=place))
    sources = [source for source, _ in held_out("fr_en")[:30]]
    alone = texts(engine.translate(sources, "fr", "en"))
    assert texts(engine.translate([" ".join(sources)], "fr", "en")) == [" ".join(alone)]


@pytest.mark.parametrize("path", ["sentencepiece.model", "bpe.model"])
def test_long_texts_are_cut_between_words(place: Path, path: str) -> None:
    pair = "fr_en" if path == "sentencepiece.model" else "de_en"
    pieces = neural.tokeniser(str(place / f"translate-{pair}-1_0" / path), *pair.split("_"))
    text = " ".join(source for source, _ in held_out(pair)[:40])
    parts = neural._parts(pieces, text)
    assert [token for part in parts for token in part] == pieces.encode(text)
    assert all(0 < len(part) <= neural.LONGEST for part in parts)
    assert all(pieces.begins_word(part[0], before[-1]) for before, part in pairwise(parts))


def test_byte_pairs_are_those_of_argostranslate(place: Path) -> None:
    python = peer("libretranslate", "python")
    model = place / "translate-de_en-1_0" / "bpe.model"
    code = (
        "import json, sys; from argostranslate.tokenizer import BPETokenizer\n"
        f"t = BPETokenizer({str(model)!r}, 'de', 'en'); print(json.dumps([t.encode(text) for text in json.load(sys.stdin)]))"
    )
    hard = [
        "„Äpfel“ – kosten 3,50 €/kg…",
        "U.S.A. & Co. <b>fett</b> a_b http://x.org/a?b=1",
        "   ",
        "ﬁ ½ 東京 😀 ÄÖÜẞ",
        "'n' \"q\" l’été",
    ]
    sources = [*hard, *(source for source, _ in held_out("de_en"))]
    said = subprocess.run(
        [python, "-c", code],
        input=json.dumps(sources),
        env={**os.environ, "HOME": str(place.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    pieces = neural.tokeniser(str(model), "de", "en")
    ours, theirs = [pieces.encode(text) for text in sources], json.loads(said.stdout.splitlines()[-1])
    assert [a for a, text in zip(ours, sources, strict=True) if text.strip()] == [
        a for a, text in zip(theirs, sources, strict=True) if text.strip()
    ]


def test_underscores_of_an_address_stay(place: Path) -> None:
    pieces = neural.SentencePiece(str(place / "translate-fr_en-1_0" / "sentencepiece.model"))
    assert pieces.decode(pieces.encode("le chat")) == "le chat"
    assert pieces.decode(["▁a", "_", "b"]) == "a_b"


def test_the_same_texts_give_the_same_translations_on_one_core_and_on_two(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [source for source, _ in held_out("fr_en")]
    made = []
    for threads in ("1", "2"):
        monkeypatch.setenv("ARGOS_INTER_THREADS", threads)
        made.append(argos.load(Config(packages=place)).translate(sources, "fr", "en"))
    assert made[0] == made[1]


def test_the_signature_changes_with_what_a_translation_depends_on(place: Path) -> None:
    first = argos.load(Config(packages=place)).signature("fr", "en")
    assert first == argos.load(Config(packages=place)).signature("fr", "en")
    assert first != argos.load(Config(packages=place, beam=4)).signature("fr", "en")
    assert first != argos.load(Config(packages=place)).safer().signature("fr", "en")  # type: ignore[union-attr]
    packages.digest.cache_clear()
    with (place / "translate-fr_en-1_0" / "model" / "model.bin").open("ab") as file:
        file.write(b"\0")
    assert first != argos.load(Config(packages=place)).signature("fr", "en")
    assert argos.load(Config(packages=place)).signature("es", "en") is None


def test_the_folder_is_found_where_argos_keeps_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(place))
    assert argos.load(Config()).describe("fr", "en")
    monkeypatch.delenv("ARGOS_PACKAGES_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.parent / "config"))
    settings = place.parent / "config" / "argos-translate" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"ARGOS_PACKAGES_DIR": str(place)}))
    assert argos.load(Config()).describe("fr", "en")
    settings.write_text("[")
    monkeypatch.setenv("XDG_DATA_HOME", str(place.parent / "share"))
    with pytest.raises(EngineError, match="checker models install"):
        argos.load(Config())
    (place.parent / "share" / "argos-translate").mkdir(parents=True)
    place.rename(place.parent / "share" / "argos-translate" / "packages")
    assert argos.load(Config()).describe("fr", "en")


def test_the_newest_package_of_a_pair_is_taken(place: Path) -> None:
    newer = place / "a-newer-one"
    shutil.copytree(place / "translate-fr_en-1_0", newer)
    metadata = json.loads((newer / "metadata.json").read_text())
    for version in ("1.10", "1.9"):
        (newer / "metadata.json").write_text(json.dumps({**metadata, "package_version": version}))
        assert f"fr-en {version};" in (argos.load(Config(packages=place)).describe("fr", "en") or "")


def test_broken_packages_are_left_out_while_others_work(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    (place / "stray").mkdir()
    (place / "translate-en_fr-1_0" / "sentencepiece.model").unlink()
    (place / "translate-de_en-1_0" / "metadata.json").write_text("[" * 100_000)
    (place / "translate-en_es-1_0" / "model" / "model.bin").unlink()
    engine = argos.load(Config(packages=place))
    assert engine.describe("fr", "en")
    assert {engine.describe("en", "fr"), engine.describe("de", "en"), engine.describe("en", "es")} == {None}
    assert all(name in caplog.text for name in ("stray", "translate-en_fr-1_0", "translate-de_en-1_0", "translate-en_es-1_0"))
    shutil.rmtree(place / "translate-fr_en-1_0")
    with pytest.raises(EngineError, match="no usable Argos package"):
        argos.load(Config(packages=place))


@pytest.mark.parametrize("part", ["model/model.bin", "sentencepiece.model", "model/shared_vocabulary.json"])
def test_a_truncated_package_is_an_error_that_names_its_folder_and_the_remedy(place: Path, part: str) -> None:
    path = place / "translate-fr_en-1_0" / part
    path.write_bytes(path.read_bytes()[:1000])
    engine = argos.load(Config(packages=place))
    with pytest.raises(EngineError, match=r"translate-fr_en-1_0.*install it again"):
        engine.translate(["Le chat dort."], "fr", "en")
    assert texts(engine.translate([held_out("de_en")[3][0]], "de", "en")) == [ENGLISH]


def test_a_model_whose_process_is_killed_goes_on_with_the_next_text(place: Path) -> None:
    engine = argos.load(Config(packages=place))
    assert texts(engine.translate([SENTENCE], "fr", "en")) == [ENGLISH]
    assert engine.worker.pid is not None
    os.kill(engine.worker.pid, signal.SIGKILL)
    assert texts(engine.translate([SENTENCE, "Le prix de l'eau a baissé."], "fr", "en"))[0] == ENGLISH


def test_a_folder_of_packages_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"nowhere.*checker models install"):
        argos.load(Config(packages=tmp_path / "nowhere"))
