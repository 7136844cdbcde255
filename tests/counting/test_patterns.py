"""Patterns by example: long scales, what they say of themselves, and the verbs that take them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import psychoscales as ps
from psychoscales.counts import DENSE
from tests.counting.making import (
    answers_of,
    document_of,
    item_names,
    patterns_of,
    scale_of,
)


def rows_and_counts(answers: np.ndarray) -> tuple[list[list[int]], list[int]]:
    rows, counts = np.unique(np.maximum(answers, -1), axis=0, return_counts=True)
    return rows.tolist(), counts.tolist()


@pytest.mark.parametrize(
    ("k", "categories"),
    [(3, 4), (10, 4), (12, 6), (27, 4), (28, 4), (40, 5), (60, 7)],
    ids=lambda value: str(value),
)
def test_short_and_long_scales_are_counted_alike(k: int, categories: int) -> None:
    answers = answers_of(60, k, seed=k, categories=categories, missing=0.1)
    answers = np.concatenate([answers, answers[:20], answers[:5]])
    found = patterns_of(answers, categories)
    assert (found.rows.tolist(), found.counts.tolist()) == rows_and_counts(answers)
    assert found.n == 85


def test_the_sweep_of_lengths_goes_through_every_way_of_counting() -> None:
    assert 5**3 <= DENSE < 5**10 < 7**12 < 5.0**26 < 2**62 < 5.0**27 < 8.0**60


def test_a_long_scale_with_nobody_has_no_patterns() -> None:
    nobody = patterns_of(np.empty((0, 40), dtype=np.int8), 5)
    assert nobody.rows.shape == (0, 40)
    assert nobody.n == 0
    answers = answers_of(30, 40, seed=1, categories=5)
    assert nobody + patterns_of(answers, 5) == patterns_of(answers, 5)


def test_a_scale_of_very_many_options_keeps_each_apart() -> None:
    answers = np.array([[100, 0], [99, 100], [100, 0], [-1, 1]], dtype=np.int8)
    found = patterns_of(answers, 101)
    assert found.rows.tolist() == [[-1, 1], [99, 100], [100, 0]]
    assert found.counts.tolist() == [1, 1, 2]


def test_patterns_say_what_they_are() -> None:
    text = repr(patterns_of([[0, 1], [0, 1], [1, 1]], weights=[1000, 1, 2]))
    assert text == "Patterns of tiny 1.0.0: 1,003 people, 2 distinct patterns of 2 items"


def test_patterns_are_not_equal_to_other_things() -> None:
    one = patterns_of([[0, 1]])
    assert one != "patterns"
    assert one != patterns_of([[0, 2]])
    assert one != patterns_of([[0, 1], [0, 1]])


def test_counting_makes_patterns_of_the_scored_items_of_the_scale() -> None:
    scale = ps.scale("phq9")
    frame = pd.DataFrame({f"phq9_{n}": [0, 3, n % 4] for n in range(1, 10)})
    frame["phq9_10"] = [0, 1, 2]
    found = ps.count(frame, scale)
    assert found.items == tuple(f"phq9_{n}" for n in range(1, 10))
    assert found.categories == (4,) * 9
    assert found.key == (scale.id, scale.version, scale.sha256)
    assert found.keying == "none"
    assert found == ps.count(ps.read(frame, scale))


def test_patterns_hold_answers_as_given_and_the_score_reverses_them() -> None:
    scale = scale_of(["a", "b", "c"], reverse=["c"])
    frame = pd.DataFrame({"a": [0, 1, 2, 3], "b": [1, 0, 3, 3], "c": [3, 2, 0, 1]})
    patterns = ps.count(frame, scale)
    assert patterns.rows[:, 2].tolist() == frame["c"].tolist()
    table = ps.items(patterns, scale).to_frame()
    assert table["mean"].tolist() == [frame["a"].mean(), frame["b"].mean(), 3 - frame["c"].mean()]


@pytest.mark.parametrize("missing", ["complete", "pairwise"])
def test_patterns_give_the_same_tables_as_the_people(missing: str) -> None:
    scale = scale_of(item_names(4), reverse=["i2"])
    answers = answers_of(150, 4, seed=2, missing=0.05).astype(float)
    answers[:, 1] = 3 - answers[:, 1]
    answers[(answers < 0) | (answers > 3)] = np.nan
    frame = pd.DataFrame(answers, columns=list(item_names(4)))
    patterns = ps.count(frame.iloc[:70], scale) + ps.count(frame.iloc[70:], scale)
    of_people = ps.reliability(frame, scale, missing=missing)  # type: ignore[arg-type]
    of_patterns = ps.reliability(patterns, scale, missing=missing)  # type: ignore[arg-type]
    assert of_people.rows == of_patterns.rows
    assert len(of_people.rows) >= 2
    assert ps.items(frame, scale).rows == ps.items(patterns, scale).rows


def test_patterns_of_another_scale_are_refused() -> None:
    one, other = scale_of(["a", "b"]), scale_of(["a", "b"], version="1.0.1")
    patterns = ps.count(pd.DataFrame({"a": [0, 1, 3], "b": [0, 2, 3]}), one)
    with pytest.raises(ps.MergeError, match="these patterns are of"):
        ps.reliability(patterns, other)
    with pytest.raises(ps.MergeError, match="these patterns are of"):
        ps.items(patterns, other)


def test_counts_of_two_versions_of_a_scale_are_never_added() -> None:
    frame = pd.DataFrame({"a": [0, 1, 3], "b": [0, 2, 3]})
    one = ps.count(frame, scale_of(["a", "b"]))
    other = ps.count(frame, scale_of(["a", "b"], version="1.0.1"))
    with pytest.raises(ps.MergeError, match="counts of different scales"):
        one + other


def test_a_scale_that_is_scored_otherwise_is_another_scale() -> None:
    frame = pd.DataFrame({"a": [0, 1, 3], "b": [0, 2, 3]})
    one = ps.count(frame, scale_of(["a", "b"]))
    other = ps.count(frame, scale_of(["a", "b"], reverse=["b"]))
    with pytest.raises(ps.MergeError, match="counts of different scales"):
        one + other


def test_counting_needs_to_know_the_scale() -> None:
    with pytest.raises(TypeError, match="say which scale the data are of"):
        ps.count(pd.DataFrame({"a": [0]}))


def test_counting_answers_to_several_scales_needs_to_know_which() -> None:
    frame = pd.DataFrame({f"phq9_{n}": [0, 1, 2] for n in range(1, 10)})
    both = ps.read(frame, ["phq9", "phq2"])
    with pytest.raises(TypeError, match="name the scale to count"):
        ps.count(both)
    assert ps.count(both, "phq2") == ps.count(frame, "phq2")
    assert len(ps.count(both, "phq2").items) == 2


def test_values_that_are_no_option_are_not_counted() -> None:
    frame = pd.DataFrame({"a": [0, 7], "b": [8, 2]})
    with pytest.raises(ps.DataError) as caught:
        ps.count(frame, scale_of(["a", "b"]))
    assert [(c.row, c.column, c.found) for c in caught.value.cells] == [
        (2, "a", "7"),
        (1, "b", "8"),
    ]


def test_a_question_that_was_not_to_be_asked_is_counted_as_the_scale_says() -> None:
    document = document_of(["any", "often", "long"])
    document["items"][0]["scored"] = False
    for item in document["items"][1:]:
        item |= {"asked_if": {"items": ["any"], "at_least": 1.0}, "otherwise": 0.0}
    score = document["scores"][0]
    score |= {"items": ["often", "long"], "range": [0.0, 6.0]}
    answers = {"any": 0, "often": 0, "long": 0}
    document["examples"] = [{"name": "none", "answers": answers, "expect": {"total": 0.0}}]
    scale = ps.scale(document)
    frame = pd.DataFrame(
        {"any": [0, 2, 1, None], "often": [None, 3, None, None], "long": [None, 1, 2, 2]}
    )
    for data in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy()):
        found = ps.count(data, scale)
        assert found.items == ("often", "long")
        assert found.rows.tolist() == [[-1, 2], [0, 0], [3, 1]]
        assert found.counts.tolist() == [2, 1, 1]
