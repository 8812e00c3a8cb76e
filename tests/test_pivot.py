"""The pivot of a document, from its findings."""

import polars as pl

from checker.pivot import pivots
from checker.tables import FINDINGS


def finding(rule: str, pivot: str | None, words: str = "", message: str = "") -> dict[str, str | None]:
    return {"doc": "a", "rule": rule, "pivot": pivot, "lang": pivot if words else None, "evidence": words, "message": message}


def voted(*rows: dict[str, str | None]) -> list[str]:
    schema = {name: FINDINGS.schema[name] for name in ("doc", "rule", "pivot", "lang", "evidence", "message")}
    return pivots(pl.DataFrame(rows, schema=schema))["pivot"].to_list()


def test_one_word_or_one_mark_names_no_pivot() -> None:
    assert voted(finding("untranslated-word", "fr", "noire")) == []
    assert voted(finding("typographic-fingerprint", "fr", message="a space")) == []
    assert voted(finding("mixed-script", None)) == []


def test_two_kinds_of_evidence_name_a_pivot() -> None:
    assert voted(finding("untranslated-word", "fr", "noire"), finding("untranslated-word", "fr", "gouverneur")) == ["fr"]
    assert voted(finding("untranslated-word", "fr", "noire"), finding("typographic-fingerprint", "fr", message="a space")) == ["fr"]


def test_the_same_word_again_is_no_other_evidence() -> None:
    assert voted(finding("untranslated-word", "fr", "noire"), finding("untranslated-word", "fr", "Noire")) == []


def test_a_tag_names_a_pivot_by_itself_and_so_do_phrases_that_were_summed() -> None:
    assert voted(finding("foreign-tag", "ru", "Голос Америки")) == ["ru"]
    assert voted(finding("translationese", "ca"), finding("translationese", "ca")) == ["ca"]


def test_a_name_in_another_order_says_which_languages_it_may_have_been_and_the_rest_decides() -> None:
    order = finding("permuted-name", None, message="order")
    assert voted(order, finding("permuted-name", None, message="another")) == []
    assert voted(order, finding("untranslated-word", "es", "mar")) == ["es"]
    assert voted(order, finding("untranslated-word", "de", "meer")) == []


def test_languages_with_the_same_weight_name_none() -> None:
    assert voted(finding("foreign-tag", "ru", "Новости"), finding("foreign-tag", "zh", "新闻")) == []
