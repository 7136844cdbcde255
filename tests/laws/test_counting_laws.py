"""Counts are the same however the people are split up, and in whatever order they come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import psychoscales as ps
from psychoscales.counts import DENSE, Key
from psychoscales.engines.reliability import COEFFICIENTS
from psychoscales.engines.reliability.estimation import Answers, Asked, estimates
from psychoscales.moments import MissingRule, moments
from tests.counting.making import KEY, item_names, patterns_of

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class People:
    """Positions [n, k] of some people, and which of three parts each of them is in."""

    rows: Array
    sizes: tuple[int, ...]
    part: Array

    @property
    def whole(self) -> ps.Patterns:
        return patterns_of(self.rows, self.sizes)

    @property
    def parts(self) -> list[ps.Patterns]:
        return [patterns_of(self.rows[self.part == number], self.sizes) for number in range(3)]


@st.composite
def people(
    draw: st.DrawFn, least: int = 0, lowest: int = -1, sizes: tuple[int, ...] = ()
) -> People:
    """Draw people; few items of few options, so that patterns repeat, or so many as `sizes`."""
    sizes = sizes or tuple(draw(st.lists(st.integers(2, 4), min_size=1, max_size=4)))
    row = st.tuples(*(st.integers(lowest, size - 1) for size in sizes))
    rows = draw(st.lists(row, min_size=least, max_size=30))
    part = draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    table = np.array(rows, dtype=np.int8).reshape(len(rows), len(sizes))
    return People(table, sizes, np.array(part, dtype=int))


WIDE = (9,) * 25
"""25 items of 9 options have more patterns than fit into an integer of 64 bits."""

MIDDLE = (6,) * 12
"""12 items of 6 options have more patterns than a table should have places."""

any_people = people() | people(sizes=MIDDLE) | people(sizes=WIDE)


def test_scales_are_counted_in_every_way_there_is() -> None:
    assert DENSE < np.prod([size + 1.0 for size in MIDDLE]) < 2.0**62
    assert np.prod([size + 1.0 for size in WIDE]) > 2.0**62


def same_bytes(left: ps.Patterns, right: ps.Patterns) -> bool:
    """Are two counts the same to the last byte, and not only equal?"""
    arrays = ((left.rows, right.rows), (left.counts, right.counts))
    return left == right and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in arrays
    )


def test_the_comparer_of_bytes_sees_a_difference() -> None:
    one = patterns_of([[0, 1], [1, 1]])
    assert same_bytes(one, patterns_of([[1, 1], [0, 1]]))
    assert not same_bytes(one, patterns_of([[0, 1], [1, 2]]))
    assert not same_bytes(one, patterns_of([[0, 1], [1, 1], [1, 1]]))
    assert not same_bytes(one, replace(one, counts=one.counts.astype(np.int32)))
    assert not same_bytes(one, replace(one, keying="total"))


@given(any_people, st.permutations(range(3)), st.booleans())
def test_parts_add_up_to_the_whole_in_any_order(
    who: People, order: list[int], left_first: bool
) -> None:
    one, two, three = (who.parts[number] for number in order)
    merged = (one + two) + three if left_first else one + (two + three)
    assert same_bytes(merged, who.whole)


@given(any_people, st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(who: People, random: Any) -> None:
    order = list(range(len(who.rows)))
    random.shuffle(order)
    assert same_bytes(patterns_of(who.rows[order], who.sizes), who.whole)


@given(any_people)
def test_nobody_added_changes_nothing(who: People) -> None:
    nobody = patterns_of(who.rows[:0], who.sizes)
    assert nobody.n == 0
    assert same_bytes(who.whole + nobody, who.whole)
    assert same_bytes(nobody + who.whole, who.whole)


@given(any_people)
def test_patterns_are_the_distinct_rows_and_how_often_each_came(who: People) -> None:
    found = who.whole
    listed = [tuple(row) for row in found.rows.tolist()]
    wanted = Counter(tuple(row) for row in who.rows.tolist())
    assert dict(zip(listed, found.counts.tolist(), strict=True)) == wanted
    assert all(before < after for before, after in pairwise(listed))
    assert found.n == len(who.rows)
    assert (found.rows.dtype.name, found.counts.dtype.name) == ("int8", "int64")


@given(people(lowest=-4))
def test_an_answer_missing_for_any_reason_is_missing(who: People) -> None:
    assert same_bytes(who.whole, patterns_of(np.maximum(who.rows, -1), who.sizes))


@given(any_people, st.data())
def test_a_weight_is_a_number_of_people(who: People, data: st.DataObject) -> None:
    count = st.integers(0, 3)
    weights = data.draw(st.lists(count, min_size=len(who.rows), max_size=len(who.rows)))
    repeated = np.repeat(who.rows, np.array(weights, dtype=int), axis=0)
    found = patterns_of(who.rows, who.sizes, weights=weights)
    assert same_bytes(found, patterns_of(repeated, who.sizes))


@given(any_people)
def test_the_complete_are_the_people_without_a_missing_answer(who: People) -> None:
    complete = who.rows[(who.rows >= 0).all(axis=1)]
    assert same_bytes(who.whole.complete, patterns_of(complete, who.sizes))


@given(any_people, st.data())
def test_a_selection_of_items_is_counted_as_if_there_were_no_others(
    who: People, data: st.DataObject
) -> None:
    names = item_names(len(who.sizes))
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    columns = [names.index(name) for name in chosen]
    found = who.whole.select(chosen, "total")
    sizes = [who.sizes[column] for column in columns]
    direct = ps.Patterns.of(who.rows[:, columns], chosen, sizes, KEY, keying="total")
    assert same_bytes(found, direct)
    of_parts = [part.select(chosen, "total") for part in who.parts]
    assert same_bytes(of_parts[2] + of_parts[0] + of_parts[1], found)


@given(any_people)
def test_equal_counts_have_equal_hashes(who: People) -> None:
    assert hash(who.parts[0] + who.parts[1] + who.parts[2]) == hash(who.whole)


@given(any_people)
def test_counts_cannot_be_written_to(who: People) -> None:
    for found in (who.whole, who.whole + who.whole, who.whole.complete):
        for array in (found.rows, found.counts):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


DIFFERENT: dict[str, tuple[ps.Patterns, str]] = {
    "scale": (patterns_of([[0, 1]], key=Key("other", "1.0.0", KEY.sha256)), "scales"),
    "version": (patterns_of([[0, 1]], key=Key("tiny", "1.0.1", KEY.sha256)), "scales"),
    "content": (patterns_of([[0, 1]], key=Key("tiny", "1.0.0", "1" * 64)), "scales"),
    "keying": (patterns_of([[0, 1]], keying="total"), "keyings"),
    "more items": (patterns_of([[0, 1, 1]]), "items"),
    "order of items": (patterns_of([[0, 1]]).select(["i2", "i1"]), "items"),
    "options": (patterns_of([[0, 1]], 5), "options"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_counts_of_different_things_are_never_added(name: str) -> None:
    one, (other, what) = patterns_of([[0, 1]]), DIFFERENT[name]
    assert one != other
    message = f"counts of different {what} cannot be added"
    with pytest.raises(ps.MergeError, match=message):
        one + other
    with pytest.raises(ps.MergeError, match=message):
        other + one


@pytest.mark.parametrize("rule", ["complete", "pairwise"])
@given(who=people(least=4), order=st.permutations(range(3)))
def test_moments_are_the_same_to_the_last_bit_from_any_parts(
    rule: MissingRule, who: People, order: list[int]
) -> None:
    values = [tuple(float(3 * number + 1) for number in range(size)) for size in who.sizes]
    merged = who.parts[order[0]] + who.parts[order[1]] + who.parts[order[2]]
    results: list[tuple[bytes, ...]] = []
    for patterns in (who.whole, merged, patterns_of(who.rows[::-1], who.sizes)):
        try:
            found = moments(patterns, values, rule)
        except ps.RefusalError as refusal:
            results.append((str(refusal).encode(),))
        else:
            results.append((found.n.tobytes(), found.mean.tobytes(), found.cov.tobytes()))
    assert results[0] == results[1] == results[2]


@given(who=people(least=4, sizes=(4, 4, 4)), order=st.permutations(range(3)))
def test_coefficients_are_the_same_to_the_last_bit_from_any_parts(
    who: People, order: list[int]
) -> None:
    values = ((0.0, 1.0, 2.0, 3.0),) * 3
    merged = who.parts[order[0]] + (who.parts[order[1]] + who.parts[order[2]])
    results = []
    for patterns in (who.whole, merged, patterns_of(who.rows[::-1], who.sizes)):
        found: list[Any] = []
        try:
            answers = Answers.of(moments(patterns, values), patterns, values)
            found += estimates(COEFFICIENTS, answers, Asked())
        except ps.RefusalError as refusal:
            found.append(str(refusal))
        results.append(found)
    assert results[0] == results[1] == results[2]
    assert len(results[0]) in (1, len(COEFFICIENTS))


SCORES, GROUPS = tuple("0123"), ("f", "m", "x")


@st.composite
def pairs(draw: st.DrawFn) -> Array:
    """Draw codes [n, 3] of a score, a group and a part; -1 is a code that is left out."""
    row = st.tuples(st.integers(-1, 3), st.integers(-1, 2), st.integers(0, 2))
    rows = draw(st.lists(row, max_size=30))
    return np.array(rows, dtype=np.int8).reshape(len(rows), 3)


def crosstab(rows: Array) -> ps.Crosstab:
    return ps.Crosstab.of({"score": (rows[:, 0], SCORES), "group": (rows[:, 1], GROUPS)})


@given(pairs(), st.permutations(range(3)))
def test_cross_tables_of_parts_add_up_to_the_whole(rows: Array, order: list[int]) -> None:
    whole = crosstab(rows)
    one, two, three = (crosstab(rows[rows[:, 2] == number]) for number in order)
    for merged in ((one + two) + three, one + (two + three)):
        assert merged == whole
        assert hash(merged) == hash(whole)
        assert merged.counts.tobytes() == whole.counts.tobytes()


@given(pairs())
def test_a_cross_table_counts_every_pair_that_has_no_code_below_zero(rows: Array) -> None:
    found = crosstab(rows)
    wanted = Counter((score, group) for score, group, _ in rows.tolist())
    assert found.counts.shape == (4, 3)
    assert found.axes == (("score", SCORES), ("group", GROUPS))
    for score in range(4):
        for group in range(3):
            assert found.counts[score, group] == wanted[score, group]
    assert found.n == ((rows[:, 0] >= 0) & (rows[:, 1] >= 0)).sum()


@given(pairs())
def test_a_cross_table_cannot_be_written_to(rows: Array) -> None:
    for found in (crosstab(rows), crosstab(rows) + crosstab(rows)):
        with pytest.raises(ValueError, match="read-only"):
            found.counts[0, 0] = 1


def test_cross_tables_of_different_axes_are_never_added() -> None:
    codes = np.array([0, 1, 1])
    one = ps.Crosstab.of({"score": (codes, "01"), "group": (codes, "fm")})
    others = [
        ps.Crosstab.of({"group": (codes, "fm"), "score": (codes, "01")}),
        ps.Crosstab.of({"score": (codes, "01"), "group": (codes, "mf")}),
        ps.Crosstab.of({"score": (codes, "01"), "group": (codes, "fmx")}),
        ps.Crosstab.of({"score": (codes, "01")}),
    ]
    for other in others:
        assert one != other
        with pytest.raises(ps.MergeError, match="counts of different axes cannot be added"):
            one + other


def test_a_code_beyond_the_labels_is_not_counted_as_another() -> None:
    with pytest.raises(ValueError, match="invalid entry"):
        ps.Crosstab.of({"score": (np.array([0, 2]), "01")})


def test_a_cross_table_may_have_three_axes_and_only_one_person() -> None:
    one = np.array([1])
    found = ps.Crosstab.of({"item": (one, "ab"), "score": (one, "012"), "group": (one, "fm")})
    assert found.counts.shape == (2, 3, 2)
    assert (found.n, found.counts[1, 1, 1]) == (1, 1)
