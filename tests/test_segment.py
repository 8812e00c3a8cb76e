"""Segmentation: lines, sentences, their languages and kinds."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from checker.segment import lines, segment
from checker.splitter import may_hold_two, split
from checker.tables import LINES, PAGES, SEGMENTS

NO_BITEXT = pl.Series([], dtype=pl.String)


def page(text: str, **columns: object) -> pl.DataFrame:
    return PAGES.conform(
        pl.DataFrame({"doc": ["a"], "status": ["ok"], "text": [text], **{name: [value] for name, value in columns.items()}})
    )


def sentences(text: str) -> list[str]:
    return segment(lines(page(text)), NO_BITEXT)["text"].to_list()


def test_a_page_is_lines_before_it_is_sentences() -> None:
    assert sentences("Share\nTweet\n\nIt rained. We stayed in.") == ["Share", "Tweet", "It rained.", "We stayed in."]


def test_abbreviations_and_initials_end_no_sentence() -> None:
    text = "OSLO —U.S. Ambassador J. R. Hill met Mr. Berg at 5 p.m. on Monday."
    assert sentences(text) == [text]


def test_a_stop_before_a_lower_case_letter_ends_no_sentence() -> None:
    assert sentences("They spoke by phone. the day before. Nobody knew.") == [
        "They spoke by phone. the day before.",
        "Nobody knew.",
    ]


def test_chinese_sentences_end_at_their_own_stops() -> None:
    assert sentences("渡轮七点离开。请准时到达！") == ["渡轮七点离开。", "请准时到达！"]
    assert sentences("成人票价9欧元。12岁以下儿童免费。") == ["成人票价9欧元。", "12岁以下儿童免费。"]


def test_offsets_count_code_points_whatever_breaks_the_line() -> None:
    text = "😀 One.\r\n\r\n  Two.\rThree.\u2028Four."
    found = segment(lines(page(text)), NO_BITEXT)
    assert [text[a:b] for a, b in found.select("start", "end").iter_rows()] == ["😀 One.", "Two.", "Three.", "Four."]
    assert lines(page(text))["gap"].to_list() == [0, 1, 0, 0]


def test_a_line_in_another_script_has_its_own_language() -> None:
    found = lines(page("字号\nThe ferry leaves the harbour at seven in the morning.\nГолос Америки"))
    assert found["lang"].to_list() == ["zh", "en", "ru"]
    assert found["doc_lang"].unique().to_list() == ["en"]


def test_a_tag_in_another_script_behind_the_last_sentence_has_its_own_language() -> None:
    found = segment(lines(page("The ferry leaves the harbour at seven. Голос Америки")), NO_BITEXT)
    assert found.select("text", "lang").rows()[-1] == ("Голос Америки", "ru")


def test_a_line_without_a_full_stop_is_a_headline() -> None:
    assert segment(lines(page("Ferry strike ends\nThe strike ended on Monday.")), NO_BITEXT)["kind"].to_list() == [
        "headline",
        "prose",
    ]


def test_the_rows_of_a_table_are_its_segments_and_keep_their_numbers() -> None:
    cells = [{"start": 0, "end": 10}, {"start": 11, "end": 11}, {"start": 12, "end": 17}]
    found = segment(lines(page("One. Two.\n\n\nThree", cells=cells)), pl.Series(["a"]))
    assert found.select("n", "text").rows() == [(0, "One. Two."), (2, "Three")]


@given(st.text(max_size=200))
def test_lines_and_segments_cut_their_text_from_any_page(text: str) -> None:
    found = lines(page(text))
    pieces = segment(found, NO_BITEXT)
    for frame, table in ((found, LINES), (pieces, SEGMENTS)):
        table.check(frame)
        assert [text[a:b] for a, b in frame.select("start", "end").iter_rows()] == frame["text"].to_list()


TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('.!?…。！？;:՜၏"”’)» AaBb9字')), max_size=60)


@given(TEXTS, st.sampled_from(["en", "fr", "zh", "ja", "el", "hy", "my", "ar", "hi", "und"]))
def test_a_line_that_is_not_asked_about_would_not_have_been_split(text: str, lang: str) -> None:
    line = pl.DataFrame({"text": [text.strip()], "lang": [lang]})
    assert line.select(may_hold_two()).item() or split(text.strip(), lang) == [text.strip()]


def test_a_long_text_is_split_as_a_short_one() -> None:
    cases = [
        ("en", ["They met in Kirkwall. ", "The crews, said Mr. J. R. Berg of the union, sail again at 5 p.m. on Monday! "]),
        ("zh", ["渡轮七点离开码头，准时。", "我们到达港口！", "票价9欧元。", "12岁以下免费。"]),
    ]
    for lang, pieces in cases:
        assert [piece.strip() for piece in split("".join(pieces) * 400, lang)] == [piece.strip() for piece in pieces] * 400


def test_a_document_is_not_in_the_language_of_its_longest_line() -> None:
    quoted = "La huelga de los transbordadores terminó el lunes, y los barcos salieron otra vez del puerto de Kirkwall. " * 3
    own = "The strike of the ferry crews in Kirkwall ended on Monday after nine days.\n"
    assert lines(page(f"{own * 4}{quoted}\n{own * 4}"))["doc_lang"].unique().to_list() == ["en"]


def test_segments_and_findings_name_the_same_language() -> None:
    found = lines(page("The ferry leaves the harbour at seven in the morning.\nThe crews sail again.\nРадио Свобода"))
    assert segment(found, NO_BITEXT)["lang"].to_list() == ["en", "en", "ru"]
