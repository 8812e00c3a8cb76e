"""How common words are: what is kept of wordfreq's lists, and what is told from it."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from checker import frequencies

DANISH = ["og", "Havn", "harbour", "zzzqx"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own."""
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    frequencies._list.cache_clear()


def known() -> list[float]:
    frequencies._list.cache_clear()
    return frequencies.known(pl.Series(DANISH), "da").to_list()


def test_words_are_as_common_as_wordfreq_says_or_unseen() -> None:
    og, harbour, _, nonsense = known()
    assert og > 7 > harbour > 3
    assert nonsense == pytest.approx(frequencies.UNSEEN)


def test_lists_are_kept_and_read_again(cache: Path) -> None:
    built = known()
    written = {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")}
    assert len(written) == 3
    assert known() == built
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")} == written


@pytest.mark.parametrize("content", [b"", b"not an array", None])
def test_a_broken_list_is_built_again(cache: Path, content: bytes | None) -> None:
    built = known()
    path = next(cache.rglob("zipf.npy"))
    path.write_bytes(path.read_bytes()[:-1000] if content is None else content)
    assert known() == built
    assert [found.stat().st_size > 1000 for found in cache.rglob("zipf.npy")] == [True]


def test_no_folder_for_lists_is_needed(cache: Path) -> None:
    built = known()
    cache.rename(cache.with_name("other"))
    cache.write_text("a file, where the folder should be", "utf-8")
    assert known() == built


def test_each_word_is_looked_up_in_its_own_language() -> None:
    words, langs = pl.Series(["hafen", "harbour", "hafen"]), pl.Series(["de", "en", "en"])
    each = [frequencies.known(words[n : n + 1], lang).item() for n, lang in enumerate(langs)]
    assert frequencies.each_known(words, langs).to_list() == each


def test_strangers_are_the_words_that_another_language_has_more_often() -> None:
    words = pl.DataFrame({"word": ["gouverneur", "although", "although"], "own_lang": ["en", "en", "de"]})
    found = frequencies.strangers(words, 1.4, 3.0)
    assert {("gouverneur", "en", "fr"), ("although", "de", "en")} <= set(found.select("word", "own_lang", "said").rows())
    assert not found.filter(pl.col("own_lang") == pl.col("said")).height


def test_common_german_nouns_form_compounds_and_names_hardly() -> None:
    assert frequencies.compounds(pl.Series(["Wasser", "Ansicht", "Volker", "Weizsäcker"]), "de").to_list() == [587, 8, 2, 0]


def test_a_final_sigma_is_the_letter_of_the_lists() -> None:
    common, capital = frequencies.known(pl.Series(["άνθρωπος", "ΠΟΛΎΣ"]), "el").to_list()
    assert common > 4
    assert capital > 3
