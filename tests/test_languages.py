"""Languages and scripts."""

import polars as pl
import pytest

from checker import languages


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
        ("XS", "und"),
        ("12:30", "und"),
    ],
)
def test_language_is_told_within_the_script(text: str, lang: str) -> None:
    ((found, score),) = languages.identify([text], [script(text)])
    assert found == lang
    assert 0.0 <= score <= 1.0


def test_language_codes_are_reduced_to_their_language() -> None:
    assert [languages.normalise(code) for code in ("zh-Hans", "zt", "pt_BR", "pb", "EN-us", "nb")] == [
        "zh",
        "zh",
        "pt",
        "pt",
        "en",
        "no",
    ]


def test_language_names_are_cldr_s() -> None:
    assert [languages.name(code) for code in ("fr", "xx-unknown")] == ["French", "xx-unknown"]
