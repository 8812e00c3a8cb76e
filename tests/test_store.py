"""Translations that are kept: found again, shared, and no trouble when the file is."""

import multiprocessing
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checker.engines import Engine, Translation
from checker.store import Kept, Store


@dataclass
class Echo:
    """An engine that counts what it is asked; `weak` texts have no translation."""

    version: str = "1"
    name: str = "echo"
    batch: int = 100
    weak: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def describe(self, source: str, target: str) -> str | None:
        return f"echo {self.version}"

    def signature(self, source: str, target: str) -> str | None:
        return f"echo {self.version}" if self.version else None

    def safer(self) -> Engine | None:
        return Echo(f"{self.version} safer")

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        self.asked += texts
        return [
            Translation(reason="weak")
            if text in self.weak
            else Translation(f"{text}!", f"echo {self.version}", score=-0.5, unknown=("ü", "b"))
            for text in texts
        ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "translations.sqlite"


def test_what_was_translated_once_is_found_by_another_run_with_all_that_is_known_of_it(path: Path) -> None:
    first = Kept(Echo(), Store(path)).translate(["a", "b"], "fr", "en")
    engine = Echo()
    assert Kept(engine, Store(path)).translate(["b", "c", "a"], "fr", "en")[::2] == first[::-1]
    assert engine.asked == ["c"]


@pytest.mark.parametrize("change", [{"version": "2"}, {"source": "es"}, {"target": "de"}, {"text": "a "}])
def test_another_engine_pair_or_text_is_not_taken_for_it(path: Path, change: dict[str, str]) -> None:
    Kept(Echo(), Store(path)).translate(["a"], "fr", "en")
    engine = Echo(change.get("version", "1"))
    Kept(engine, Store(path)).translate([change.get("text", "a")], change.get("source", "fr"), change.get("target", "en"))
    assert engine.asked


def test_an_engine_without_signature_and_a_text_without_translation_are_asked_again(path: Path) -> None:
    for engine in (Echo(""), Echo(weak=["a"])):
        kept = Kept(engine, Store(path))
        assert kept.translate(["a"], "fr", "en") == kept.translate(["a"], "fr", "en")
        assert engine.asked == ["a", "a"]


def test_safer_translations_are_kept_beside_the_others(path: Path) -> None:
    kept = Kept(Echo(), Store(path))
    safer = kept.safer()
    assert safer is not None
    assert [each.translate(["a"], "fr", "en")[0].engine for each in (kept, safer, kept)] == ["echo 1", "echo 1 safer", "echo 1"]


def test_an_engine_that_gives_too_few_is_not_kept(path: Path) -> None:
    class Short(Echo):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
            return super().translate(texts, source, target)[:-1]

    assert len(Kept(Short(), Store(path)).translate(["a", "b"], "fr", "en")) == 1
    assert Store(path).stats().is_empty()


def test_stats_and_clear_tell_engines_apart(path: Path) -> None:
    for version in ("1", "2"):
        Kept(Echo(version), Store(path)).translate(["a", "b"], "fr", "en")
    Kept(Echo(name="other", version="3"), Store(path)).translate(["a"], "fr", "en")
    store = Store(path)
    assert store.stats().select("name", "signature", "translations").rows() == [
        ("echo", "echo 1", 2),
        ("echo", "echo 2", 2),
        ("other", "echo 3", 1),
    ]
    assert (store.clear("echo"), store.clear("nobody"), store.clear(None), store.clear(None)) == (4, 0, 1, 0)
    assert store.stats().is_empty()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read as one" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_set_aside_with_a_message_and_the_run_goes_on(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    engine = Echo()
    kept = Kept(engine, Store(path))
    assert [kept.translate(["a"], "fr", "en")[0].text for _ in range(2)] == ["a!", "a!"]
    assert engine.asked == ["a"]
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == content
    assert aside.name in caplog.text


def test_pages_that_are_damaged_later_are_no_more_trouble(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(path)
    Kept(Echo(), store).translate([f"text {number}" for number in range(2000)], "fr", "en")
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = b"\xaa" * (len(content) // 2 - 4096)
    path.write_bytes(bytes(content))
    engine = Echo()
    assert Kept(engine, Store(path)).translate(["text 1", "text 1999"], "fr", "en")[1].text == "text 1999!"
    assert "set aside" in caplog.text


def test_another_layout_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert Kept(Echo(), Store(path)).translate(["a"], "fr", "en")[0].text == "a!"
    assert list(path.parent.glob("*.damaged-*"))


def test_without_a_folder_nothing_is_kept_and_the_run_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    engine = Echo()
    kept = Kept(engine, Store(tmp_path / "file" / "translations.sqlite"))
    assert [kept.translate(["a"], "fr", "en")[0].text for _ in range(2)] == ["a!", "a!"]
    assert engine.asked == ["a", "a"]
    assert caplog.text.count("not kept in this run") == 1


def test_two_runs_share_a_file(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=_run, args=(path, start)) for start in (0, 500)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0]
    engine = Echo()
    kept = Kept(engine, Store(path))
    assert [answer.text for answer in kept.translate([f"{n}" for n in range(1500)], "fr", "en")] == [f"{n}!" for n in range(1500)]
    assert engine.asked == []


def _run(path: Path, start: int) -> None:
    kept = Kept(Echo(), Store(path))
    for at in range(start, start + 1000, 20):
        texts = [f"{number}" for number in range(at, at + 20)]
        assert [answer.text for answer in kept.translate(texts, "fr", "en")] == [f"{text}!" for text in texts]
    assert kept.store.usable
