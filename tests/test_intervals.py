"""Intervals: they cover what they say, do not change, and take the same memory for any number of sentences."""

import numpy as np
import polars as pl
import pytest

from checker.intervals import Estimate, by_document, estimates, histogram, sentence, share


def drawn(draw: np.random.Generator, size: int) -> pl.Series:
    return pl.Series("fidelity", np.clip(draw.normal(80, 12, size), 0, 100)).round(2)


def test_intervals_hold_the_mean_and_the_tenth_of_what_was_drawn_from_as_often_as_they_say() -> None:
    draw = np.random.default_rng(3)
    all_of_it = drawn(draw, 1_000_000)
    truth = all_of_it.mean(), all_of_it.quantile(0.1, "linear")
    held = np.zeros(2)
    for _ in range(200):
        found = estimates(histogram(drawn(draw, 120)))
        held += [one.low <= value <= one.high for one, value in zip(found, truth, strict=True)]  # type: ignore[operator]
    assert (held / 200 >= 0.9).all()
    assert (held / 200 <= 0.99).all()


def test_the_figures_are_polars_and_the_intervals_are_the_same_each_time() -> None:
    values = drawn(np.random.default_rng(4), 77)
    mean, tenth = estimates(histogram(values))
    assert mean.value == pytest.approx(values.mean(), abs=0.006)
    assert tenth.value == pytest.approx(values.quantile(0.1, "linear"), abs=0.006)
    assert (mean, tenth) == estimates(histogram(values.reverse()))


def test_one_sentence_has_no_interval_and_none_has_no_figure() -> None:
    assert estimates(histogram(pl.Series([71.5, None])))[0] == (71.5, None, None)
    assert share(1, 1) == (1.0, None, None)
    assert sentence(Estimate(71.5, None, None), Estimate(71.5, None, None), share(0, 1)).endswith("critical 0.0 %")
    assert estimates(histogram(pl.Series([None], dtype=pl.Float64))) == (Estimate(None, None, None),) * 2
    assert share(0, 0) == Estimate(None, None, None)


def test_ten_thousand_million_sentences_are_no_more_than_their_histogram() -> None:
    counts = histogram(drawn(np.random.default_rng(5), 10_000)) * 1_000_000
    mean, _ = estimates(counts)
    assert mean.high - mean.low <= 0.01  # type: ignore[operator]


def test_each_document_has_an_interval_of_its_own() -> None:
    rows = pl.DataFrame({"doc": ["a", "a", "b", "c"], "fidelity": [80.0, 90.0, 70.0, None]})
    assert by_document(rows).rows() == [("a", 80.0, 90.0), ("b", None, None)]
