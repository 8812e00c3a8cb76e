"""Languages and scripts."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from checker import languages, profiles
from checker.errors import ConfigError


def script(text: str) -> str:
    found: str = pl.DataFrame({"text": [text]}).select(languages.script(pl.col("text"))).item()
    return found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Home", "Latn"),
        ("Новости", "Cyrl"),
        ("点击 this", "Latn"),
        ("字号", "Hani"),
        ("東京に行く", "Jpan"),
        ("뉴스", "Kore"),
        ("0:00 — 3:21", "Zyyy"),
        ("", "Zyyy"),
        ("渡轮公司 (Harbour Ferries) 宣布了新的时间表", "Hani"),
        ("小池氏が知事選に当選確実", "Jpan"),
        ("我昨天在街角的优の良品买了三包梅子和两盒饼干送给朋友", "Hani"),
    ],
)
def test_script_is_that_of_most_letters(text: str, code: str) -> None:
    assert script(text) == code


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The ferry leaves the harbour at seven in the morning.", "en"),
        ("Le bateau quitte le port à sept heures du matin.", "fr"),
        ("El barco sale del puerto a las siete de la mañana.", "es"),
        ("Паром отправляется из порта в семь часов утра.", "ru"),
        ("Пором відправляється з порту о сьомій годині ранку.", "uk"),
        ("渡轮早上七点离开港口。", "zh"),
        ("這些機構主辦的課程", "zh"),
        ("フェリーは朝七時に出港します。", "ja"),
        ("Голос Америки", "ru"),
        ("Русская служба", "ru"),
        ("کشتی ساعت هفت صبح بندر را ترک می‌کند", "fa"),
        ("Радио Свобода", "ru"),
        ("駅前図書館", "ja"),
        ("图书馆", "zh"),
        ("圖書館", "zh"),
        ("Straßenbahn", "de"),
        ("i̇stasyonda", "tr"),
        ("biblioteca municipal de Sevilla", "es"),
        ("बंदरगाह सुबह सात बजे", "hi"),
        ("بندرگاہ سے جہاز صبح سات بجے روانہ ہوتا ہے", "ur"),
        ("XS", "und"),
        ("XS SM MD LG", "und"),
        ("OK", "und"),
        ("12:30", "und"),
        ("", "und"),
    ],
)
def test_language_is_told_within_the_script(text: str, lang: str) -> None:
    ((found, score),) = languages.identify([text], [script(text)])
    assert found == lang
    assert 0.0 <= score <= 1.0


@pytest.mark.parametrize("text", ["Barack Obama", "Angela Merkel", "John Smith", "Reuters", "Reykjavik", "Sergei Lavrov"])
def test_a_name_alone_is_in_no_language_for_sure(text: str) -> None:
    ((_, score),) = languages.identify([text], ["Latn"])
    assert score < 0.8


def test_an_answer_does_not_depend_on_the_texts_beside_it() -> None:
    texts = ["Le bateau quitte le port", "", "harbour", "Новости дня", "12:30", "stationen", "港口", "\n\n", "x" * 200_000]
    together = languages.identify(texts, languages.scripts(pl.Series(texts)))
    assert [languages.identify([text], [script(text)])[0] for text in texts] == together


def test_accents_may_be_written_apart_from_their_letters() -> None:
    text = "El barco saldrá mañana después del almuerzo, según dijo el capitán."
    assert languages.identify([unicodedata.normalize("NFD", text)], ["Latn"]) == languages.identify([text], ["Latn"])


def test_candidates_can_be_named() -> None:
    texts = pl.Series(["stationen", "Новости"])
    found = languages.identified(texts, pl.Series(["Latn", "Cyrl"]), among=["sv", "fr"])
    assert found["lang"].to_list() == ["sv", "und"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own."""
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))
    profiles.load.cache_clear()
    yield tmp_path / "cache"
    profiles.load.cache_clear()


def hindi() -> list[tuple[str, float]]:
    profiles.load.cache_clear()
    return languages.identify(["नाव सुबह सात बजे निकलती है"], ["Deva"])


def test_tables_are_kept_and_read_again(cache: Path) -> None:
    built = hindi()
    written = {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")}
    assert len(written) == 5
    assert hindi() == built
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")} == written


@pytest.mark.parametrize("content", [b"", b"not an array", None])
def test_a_broken_table_is_built_again(cache: Path, content: bytes | None) -> None:
    built = hindi()
    path = next(cache.rglob("word_rows.npy"))
    path.write_bytes(path.read_bytes()[:-1000] if content is None else content)
    assert hindi() == built
    assert [found.stat().st_size > 1000 for found in cache.rglob("word_rows.npy")] == [True]


def test_no_cache_folder_is_needed(cache: Path) -> None:
    built = hindi()
    profiles.load.cache_clear()
    cache.rename(cache.with_name("other"))
    cache.write_text("a file, where the folder should be", "utf-8")
    assert hindi() == built


def test_language_codes_are_reduced_to_their_language() -> None:
    assert [languages.normalise(code) for code in ("zh-Hans", "zt", "pt_BR", "pb", "EN-us", "nb", "ita", "ger", "fil", "yue")] == [
        "zh",
        "zh",
        "pt",
        "pt",
        "en",
        "no",
        "it",
        "de",
        "tl",
        "yue",
    ]


def test_language_names_are_cldr_s() -> None:
    assert [languages.name(code) for code in ("fr", "xx-unknown")] == ["French", "xx-unknown"]


@pytest.mark.parametrize(
    ("written", "code"),
    [("fr", "fr"), ("fr-CA", "fr"), ("fra", "fr"), ("French", "fr"), ("zt", "zh"), ("zh_Hans", "zh"), ("pb", "pt"), ("ger", "de")],
)
def test_a_language_may_be_written_as_any_tag_or_by_its_name(written: str, code: str) -> None:
    assert languages.parse(written) == code


@pytest.mark.parametrize(("written", "says"), [("frnch", "did you mean fr"), ("xx", "such as fr"), ("", "such as fr")])
def test_what_is_no_language_is_told_with_the_nearest(written: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        languages.parse(written)
