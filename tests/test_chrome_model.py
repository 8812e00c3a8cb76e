"""The line model of `ui-chrome`: its evaluation, its numbers, its file."""

import json

import numpy as np
import polars as pl

from checker import looks, segment, tables, trees
from checker.rules import ui_chrome

TEXTS = (
    "Harbour\nFishing\nTides\n\nThe council met on Tuesday evening and agreed to repair the old breakwater soon.\n\nTides",
    "港口\n渔业\n\n港务委员会星期二晚上开会，决定在冬季风暴到来之前修复旧防波堤，这是谁也没有料到的事情，渔民们都感到十分高兴。",
    "Порт\n\nСовет порта собрался во вторник вечером и решил починить старый волнолом до зимних штормов.\n12:30\n\n—",
)


def lines(*texts: str) -> pl.DataFrame:
    rows = [{"doc": f"{n}.txt", "path": f"{n}.txt", "format": "text", "status": "ok", "text": text} for n, text in enumerate(texts)]
    return segment.lines(tables.PAGES.conform(pl.DataFrame(rows)))


def numbers(frame: pl.DataFrame) -> looks.Looks:
    return looks.looks(frame, ui_chrome.known(ui_chrome.told(frame)), looks.vocabulary({"harbour": 1.0, "the": -2.0}))


def test_trees_are_evaluated_as_their_questions_say() -> None:
    model = trees.load(ui_chrome.MODEL)
    columns = numbers(lines(*TEXTS))
    odds = np.full(len(columns["size"]), model.bias)
    for questions, leaves in zip(model.trees, model.leaves, strict=True):
        answers = [
            columns[model.features[feature]] > np.float32(border) for feature, border in (model.questions[q] for q in questions)
        ]
        odds += leaves[sum(answer.astype(int) << level for level, answer in enumerate(answers))]
    assert np.allclose(model.probability(columns), 1 / (1 + np.exp(-odds)), atol=2e-4)


def test_a_line_looks_the_same_whatever_documents_are_beside_its_own() -> None:
    together = numbers(lines(*TEXTS))
    apart = [numbers(lines(text)) for text in TEXTS]
    for name, values in together.items():
        assert values.tolist() == [value for each in apart for value in each[name].tolist()], name


def test_words_are_known_wherever_and_in_whatever_case_they_stand() -> None:
    frame = lines("Harbour\nTHE\nthe harbour\nharbours\n港harbour")
    assert numbers(frame)["words_say"].tolist() == [1.0, -2.0, np.float32(-0.707), 0.0, 1.0]


def test_the_model_is_small_and_says_what_trained_it() -> None:
    assert ui_chrome.MODEL.stat().st_size < 300_000
    about = json.loads(ui_chrome.MODEL.read_text("utf-8"))["about"]
    assert {"trained_by", "on", "sha256", "pages", "parameters"} <= about.keys()
