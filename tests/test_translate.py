"""The stage that translates back: who is asked for what, and what becomes of engines that fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker.config import Config
from checker.engines import Engine, Translation, recorded
from checker.errors import EngineError, InputError
from checker.tables import SEGMENTS
from checker.translate import load_engines, translate


@dataclass
class Upper:
    """An engine of its own: it shouts, knows only the texts of `known` (all if None), and counts its calls."""

    name: str = "upper"
    pairs: Sequence[tuple[str, str]] = (("fr", "en"), ("es", "en"))
    known: Sequence[str] | None = None
    batch: int = 100
    calls: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def signature(self, source: str, target: str) -> str | None:
        return self.describe(source, target)

    def safer(self) -> Engine | None:
        return None

    def describe(self, source: str, target: str) -> str | None:
        return f"{self.name} 1" if (source, target) in self.pairs else None

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        self.calls.append((source, tuple(texts)))
        known = texts if self.known is None else self.known
        who = self.describe(source, target)
        return [Translation(text.upper(), who) if text in known else Translation(reason="never heard") for text in texts]


class Dying(Upper):
    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        super().translate(texts, source, target)
        raise EngineError("died", remedy="pray")


class Short(Upper):
    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        return super().translate(texts, source, target)[1:]


class Blank(Upper):
    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation]:
        return [Translation(" ", "x") for _ in super().translate(texts, source, target)]


def segments(*rows: tuple[str, str, str], doc_lang: str = "fr") -> pl.DataFrame:
    """Segments of (lang, kind, text)."""
    frame = pl.DataFrame(rows, schema={"lang": pl.String, "kind": pl.String, "text": pl.String}, orient="row").with_row_index("n")
    return SEGMENTS.conform(frame.with_columns(doc=pl.lit("d"), doc_lang=pl.lit(doc_lang)))


def answers(frame: pl.DataFrame) -> list[tuple[str | None, str | None, str | None]]:
    return frame.select("back", "engine", "back_reason").rows()


NOT_NEEDED = (None, None, None)


def test_only_text_in_another_language_is_translated() -> None:
    rows = segments(
        ("fr", "prose", "un"), ("en", "prose", "two"), ("fr", "chrome", "trois"), ("fr", "tag", "q"), ("fr", "duplicate", "c")
    )
    assert answers(translate(rows, [Upper()], "en")) == [("UN", "upper 1", None), *[NOT_NEEDED] * 4]


@pytest.mark.parametrize("text", ["12 345,6", "— … —", "https://example.org/chemin", "a@b.fr", "www.exemple.fr 12", "😀"])
def test_what_has_no_word_is_left_as_it_is(text: str) -> None:
    assert answers(translate(segments(("fr", "prose", text)), [Upper()], "en")) == [NOT_NEEDED]


def test_an_undetermined_segment_has_its_documents_language() -> None:
    rows = segments(("und", "headline", "Paris"))
    assert answers(translate(rows, [Upper()], "en")) == [("PARIS", "upper 1", None)]
    for doc_lang in ("en", "und"):
        assert answers(translate(rows.with_columns(doc_lang=pl.lit(doc_lang)), [Upper()], "en")) == [NOT_NEEDED]


def test_each_text_is_asked_once_and_each_language_in_one_batch() -> None:
    engine = Upper()
    rows = segments(("fr", "prose", "b"), ("es", "prose", "b"), ("fr", "prose", "a"), ("fr", "prose", "b"))
    translate(rows, [engine], "en")
    assert engine.calls == [("es", ("b",)), ("fr", ("a", "b"))]


def test_the_next_engine_is_asked_for_what_the_first_does_not_know() -> None:
    first, second = Upper("first", known=["a"]), Upper("second", known=["b"])
    given = translate(segments(("fr", "prose", "a"), ("fr", "prose", "b"), ("fr", "prose", "c")), [first, second], "en")
    reason = "first: never heard; second: never heard"
    assert answers(given) == [("A", "first 1", None), ("B", "second 1", None), (None, None, reason)]
    assert second.calls == [("fr", ("b", "c"))]


def test_a_pair_that_no_engine_serves_says_so() -> None:
    rows = segments(("ru", "prose", "Да"), ("fr", "prose", "a"))
    for engines in ([], [Upper(pairs=[("fr", "de")])]):
        reasons = [reason for _, _, reason in answers(translate(rows, engines, "en"))]
        assert reasons == ["no engine ru→en", "no engine fr→en"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [(Dying("bad"), "bad: died"), (Short("bad"), "bad: returned 1 texts for 2"), (Blank("bad"), "bad: gave nothing")],
    ids=["dying", "short", "blank"],
)
def test_a_broken_engine_loses_no_other_sentence_and_is_not_asked_again(broken: Upper, reason: str) -> None:
    rows = segments(("fr", "prose", "a"), ("fr", "prose", "b"))
    assert answers(translate(rows, [broken], "en")) == [(None, None, reason)] * 2
    assert len(broken.calls) == 1
    assert answers(translate(rows, [broken, Upper()], "en")) == [("A", "upper 1", None), ("B", "upper 1", None)]


def test_rows_keep_their_order_and_nothing_else_changes() -> None:
    rows = segments(("fr", "prose", "b"), ("en", "prose", "c"), ("fr", "prose", "a"))
    given = translate(rows, [Upper()], "en")
    made = ["back", "engine", "back_reason"]
    assert_frame_equal(given.drop(made), rows.drop(made))
    assert given["back"].to_list() == ["B", None, "A"]
    assert translate(SEGMENTS.empty(), [Upper()], "en").schema == SEGMENTS.schema


def test_the_engines_of_auto_are_those_that_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "none"))
    assert load_engines(Config()) == []
    pl.DataFrame({name: ["x"] for name in recorded.COLUMNS}).write_parquet(tmp_path / "m.parquet")
    assert [engine.name for engine in load_engines(Config(memory=tmp_path / "m.parquet"))] == ["recorded"]


def test_a_named_engine_must_load_and_a_named_memory_must_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="apertium is not installed"):
        load_engines(Config(engine="apertium"))
    with pytest.raises(InputError, match=r"absent\.parquet"):
        load_engines(Config(memory=tmp_path / "absent.parquet"))


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sleep 60", "apertium: timed out after 1 s"),
        ("kill -9 $$", "apertium: ended with status -9"),
        ("head -z -n -1", "apertium: returned 0 texts for 1"),
    ],
    ids=["hangs", "dies", "too few"],
)
def test_a_program_that_fails_costs_only_its_own_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    listing = 'case "$1" in -l) echo fra-eng; exit;; -V) echo Apertium 0; exit;; esac\n'
    (tmp_path / "apertium").write_text("#!/bin/bash\n" + listing + script)
    (tmp_path / "apertium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    rows = {"source": ["fr"], "target": ["en"], "text": ["b"], "translation": ["bee"]}
    pl.DataFrame(rows).write_parquet(tmp_path / "m.parquet")
    engines = load_engines(Config(memory=tmp_path / "m.parquet", engine_timeout=1))
    given = translate(segments(("fr", "prose", "a"), ("fr", "prose", "b"), ("ru", "prose", "Да")), engines, "en")
    missing = f"recorded: not in the memory; {reason}"
    assert answers(given) == [(None, None, missing), ("bee", "recorded", None), (None, None, "no engine ru→en")]


def test_the_demos_memory_holds_what_its_languages_need() -> None:
    path = Path(__file__).parents[1] / "corpora" / "demo" / "memory.parquet"
    memory = pl.read_parquet(path)
    assert memory["source"].unique().sort().to_list() == ["es", "fr", "ru", "zh"]
    made = memory.group_by("source").agg(pl.col("engine").str.extract(r"^(apertium [\d.]+|made by hand)").unique()).sort("source")
    assert [len(makers) for makers in made["engine"]] == [1, 1, 1, 1]
    assert set(memory.filter(pl.col("source").is_in(["ru", "zh"]))["engine"]) == {"made by hand"}
    assert_frame_equal(memory, memory.unique().sort(memory.columns))
