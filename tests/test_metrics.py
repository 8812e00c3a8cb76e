"""Metrics: sacrebleu's figures, whatever the text, sentence by sentence and for a corpus."""

import gc
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from checker import overlap
from checker.registry import components

PEERS = {"chrf": CHRF(), "chrf-pp": CHRF(word_order=2), "ter": TER(), "bleu": BLEU()}
WHITE = "".join(chr(code) for code in range(0x110000) if chr(code).isspace())
ODD = [
    "",
    " ",
    WHITE,
    f"a{WHITE}b",
    "a",
    "aa",
    "(hi)",
    "(hi",
    "“hi”, he said...",
    "...",
    "!",
    "-a-",
    "The ferry leaves at seven.",
    "the ferry  leaves\tat\u3000seven",
    "\ud800",
    "half \udfff a character",
    "\x00\x01\x1c\x1d\x85",
    "עברית מימין לשמאל\u200f",
    "المعبر مغلق (اليوم).",
    "👩‍👩‍👧‍👦 e\u0301 é",
    "渡轮七点离开港口，九点返回。",
    "a b " * 700,
]


def sentence(metric: CHRF | TER, hypotheses: Sequence[str], references: Sequence[str]) -> list[float]:
    return [metric.sentence_score(one, [other]).score for one, other in zip(hypotheses, references, strict=True)]


def check(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    for name in ("chrf", "chrf-pp"):
        metric, peer = components("metrics")[name], PEERS[name]
        assert np.abs(np.array(metric.score(hypotheses, references)) - sentence(peer, hypotheses, references)).max() < 1e-9
        corpus = metric.figures(metric.counts(hypotheses, references).sum(axis=0, keepdims=True))
        assert corpus[0] == pytest.approx(peer.corpus_score(hypotheses, [references]).score, abs=1e-9)


def test_chrf_of_odd_texts_is_sacrebleu_s() -> None:
    pairs = [(one, other) for one in ODD for other in ODD]
    check(*map(list, zip(*pairs, strict=True)))


def test_chrf_of_recordings_is_sacrebleu_s(shared: Path) -> None:
    recorded = pl.read_parquet(shared / "data/flores_dev_recorded.parquet").drop_nulls("back").sample(2_000, seed=5)
    check(recorded["back"].to_list(), recorded["original"].to_list())
    foreign = recorded.drop_nulls("version").head(700)  # more characters than fit into 64 bits six times
    check(foreign["version"].to_list(), foreign["version"].shift(1, fill_value="").to_list())


@settings(max_examples=150)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), min_size=1, max_size=20))
def test_chrf_of_any_unicode_is_sacrebleu_s(pairs: list[tuple[str, str]]) -> None:
    check([one for one, _ in pairs], [other for _, other in pairs])


@settings(max_examples=150)
@given(st.lists(st.tuples(*[st.text("ab. ", max_size=30)] * 2), min_size=1, max_size=20))
def test_chrf_of_few_symbols_that_repeat_is_sacrebleu_s(pairs: list[tuple[str, str]]) -> None:
    check([one for one, _ in pairs], [other for _, other in pairs])


def test_chrf_of_long_texts_is_sacrebleu_s() -> None:
    draw = random.Random(3)  # noqa: S311 -- no secret
    words = ["".join(draw.choices("abcdefghij", k=draw.randint(1, 9))) for _ in range(3_000)]
    wide = "".join(map(chr, range(0x4E00, 0x4E00 + 3_000)))
    long = [" ".join(draw.choices(words, k=18_000)), " ".join(draw.choices(words, k=18_000)), "a" * 100_000, "ab" * 50_000]
    long += ["".join(draw.choices(wide, k=100_000)), "".join(draw.choices(wide[:50], k=100_000)), "short", ""]
    check(long, [long[-1], *long[:-1]])
    check(long, long[::-1])


def test_chrf_does_not_depend_on_what_is_scored_with_it() -> None:
    pairs = [(one, other) for one in ODD for other in ODD]
    together = overlap.statistics([one for one, _ in pairs], [other for _, other in pairs])
    assert (together == np.concatenate([overlap.statistics([one], [other]) for one, other in pairs])).all()


def test_no_pairs_have_no_scores() -> None:
    for metric in components("metrics").values():
        assert metric.score([], []) == []


@pytest.mark.parametrize("name", ["bleu", "ter"])
def test_a_corpus_s_figure_is_sacrebleu_s(shared: Path, name: str) -> None:
    recorded = pl.read_parquet(shared / "data/flores_dev_recorded.parquet").drop_nulls("back").sample(60, seed=5)
    hypotheses, references = [*recorded["back"], *ODD[:20]], [*recorded["original"], *ODD[:20][::-1]]
    metric, peer = components("metrics")[name], PEERS[name]
    corpus = metric.figures(metric.counts(hypotheses, references).sum(axis=0, keepdims=True))
    assert corpus[0] == pytest.approx(peer.corpus_score(hypotheses, [references]).score, abs=1e-9)


def test_sentence_ter_is_sacrebleu_s() -> None:
    pairs = [(one, other) for one in ODD[:20] for other in ODD[:20]]
    hypotheses, references = [one for one, _ in pairs], [other for _, other in pairs]
    assert components("metrics")["ter"].score(hypotheses, references) == sentence(PEERS["ter"], hypotheses, references)


def test_lists_of_unequal_length_are_refused() -> None:
    for metric in components("metrics").values():
        with pytest.raises(ValueError, match="argument 2"):
            metric.score(["a"], ["a", "b"])


def test_counting_leaves_no_cycle_that_holds_the_words() -> None:
    texts = ["The river rose by two metres.", "Nobody was hurt."]
    overlap.statistics(texts, texts)
    gc.collect()
    gc.disable()
    try:
        overlap.statistics(texts, texts[::-1])
        assert gc.collect() == 0
    finally:
        gc.enable()
