"""What is shown of small counts cannot be turned into small counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import psychoscales as ps
from psychoscales.reporting.binning import nested
from psychoscales.reporting.distributions import Distribution
from psychoscales.reporting.parts import Grid
from psychoscales.reporting.report import report
from psychoscales.reporting.sections.criterion import tellable
from psychoscales.reporting.small_cells import decimals, shown, together
from tests.reporting.making import ITEMS, answers, kimochi

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=12)
SMALL = st.integers(1, 12)
Grouping = Callable[[Sequence[int], int], tuple[tuple[int, int], ...]]


def told(counts: Sequence[int], groups: Sequence[tuple[int, int]]) -> list[int]:
    return [sum(counts[first:last]) for first, last in groups]


def keeps_the_rule(grouping: Grouping, counts: Sequence[int], small: int) -> bool:
    """Every difference of cumulated groups is nobody, or enough people; or there is one group."""
    groups = grouping(counts, small)
    sums = told(counts, groups)
    places = [0, *(last for _, last in groups)]
    assert places[-1] == len(counts)
    assert all(first == before for (first, _), before in zip(groups, places, strict=False))
    return len(groups) == 1 or all(part == 0 or part >= small for part in sums)


@given(COUNTS, SMALL)
def test_groups_are_nobody_or_enough(counts: list[int], small: int) -> None:
    assert keeps_the_rule(together, counts, small)
    assert sum(told(counts, together(counts, small))) == sum(counts)


def test_the_rule_sees_a_wrong_grouping() -> None:
    def alone(counts: Sequence[int], _small: int) -> tuple[tuple[int, int], ...]:
        return tuple((place, place + 1) for place in range(len(counts)))

    assert not keeps_the_rule(alone, [50, 3, 40], 5)
    assert keeps_the_rule(together, [50, 3, 40], 5)


@given(COUNTS)
def test_nothing_is_hidden_where_one_person_may_be_shown(counts: list[int]) -> None:
    assert all(shown(counts, 1))


@given(COUNTS, SMALL)
def test_no_small_count_stands_alone(counts: list[int], small: int) -> None:
    for count, may in zip(counts, shown(counts, small), strict=True):
        assert not (may and 0 < count < small)


@given(COUNTS, SMALL)
def test_a_hidden_count_is_never_the_only_one(counts: list[int], small: int) -> None:
    hidden = [not may for may in shown(counts, small)]
    assert sum(hidden) != 1 or len(counts) == 1


def test_the_smaller_neighbour_is_joined() -> None:
    assert together([50, 3, 9, 70], 5) == ((0, 1), (1, 3), (3, 4))
    assert shown([50, 3, 9, 70], 5) == (True, False, False, True)


@given(st.lists(st.integers(0, 20), min_size=12, max_size=12), st.integers(2, 9))
def test_columns_of_a_histogram_keep_the_rule_with_its_bands(counts: list[int], small: int) -> None:
    """Columns lie within bands that can be shown, so that they tell no more than both do."""
    edges = [float(place) for place in range(13)]
    cuts = [4.0, 9.0]
    groups = nested(edges, counts, cuts, small)
    sums = told(counts, groups)
    assert [first for first, _ in groups[1:]] == [last for _, last in groups[:-1]]
    assert len(groups) == 1 or all(part == 0 or part >= small for part in sums)
    bands = [sum(counts[int(a) : int(b)]) for a, b in pairwise([0.0, *cuts, 12.0])]
    if all(band == 0 or band >= small for band in bands):
        ends = {last for _, last in groups}
        assert {4, 9} <= ends


@pytest.mark.parametrize(
    ("n", "small", "places"), [(300, 5, 1), (1000, 5, 2), (9, 5, 0), (9, 1, 3)]
)
def test_a_mean_has_no_decimal_that_a_few_answers_would_change(
    n: int, small: int, places: int
) -> None:
    assert decimals(n, small) == places
    assert small == 1 or places == 0 or 0.5 * 10.0**-places * n >= small


def test_a_distribution_is_what_its_people_are() -> None:
    random = np.random.default_rng(3)
    people = random.integers(0, 20, 501).astype(float)
    values, counts = np.unique(people, return_counts=True)
    found = Distribution(values, counts, 0, 0)
    assert found.n == 501
    assert found.mean == pytest.approx(people.mean(), rel=1e-12)
    assert found.sd == pytest.approx(people.std(ddof=1), rel=1e-12)
    wanted = np.quantile(people, [0.25, 0.5, 0.75], method="inverted_cdf")
    assert found.quartiles == tuple(wanted)
    assert found.at(7.0) == (people == 7).sum()
    assert found.below(7.0) == (people < 7).sum()


@given(st.data())
def test_cut_offs_of_a_criterion_tell_of_nobody_or_enough(data: st.DataObject) -> None:
    """Between two cut-offs that are told there are no people of a class, or enough of them."""
    size = data.draw(st.integers(1, 12))
    classes = [data.draw(st.lists(st.integers(0, 15), min_size=size, max_size=size)) for _ in "pn"]
    assume(all(sum(members) >= 5 for members in classes))
    rows = [
        {
            "cutoff": float(place),
            "true_positives": sum(classes[0][place:]),
            "false_negatives": sum(classes[0][:place]),
            "false_positives": sum(classes[1][place:]),
            "true_negatives": sum(classes[1][:place]),
        }
        for place in range(size)
    ]
    first = set(data.draw(st.lists(st.integers(0, size - 1), max_size=3)))
    told = tellable(rows, {float(place) for place in first}, 5)
    edges = [*(int(row["cutoff"]) for row in told), size]
    for members in classes:
        parts = [sum(members[a:b]) for a, b in pairwise([0, *edges])]
        assert all(part == 0 or part >= 5 for part in parts)


def test_an_end_of_a_score_does_not_tell_of_its_neighbour() -> None:
    """Six people at 0 and three at 1 are shown as nine: the six are not shown elsewhere."""
    frame = answers(300)
    for number, item in enumerate(ITEMS):
        base = np.full(300, 2)
        base[:9] = 3 if number == 1 else 0
        frame[item] = base
    frame.loc[:2, "kimochi_1"] = 1
    total = ps.score(frame, kimochi()).column("kimochi_total")
    assert [(total == value).sum() for value in (0, 1)] == [6, 3]
    found = report(frame, kimochi())
    texts = [
        cell.text
        for section in found.sections
        for block in section.blocks
        if isinstance(block, Grid) and block.caption == "Scores"
        for cell in block.rows[0]
    ]
    assert "2.0%" not in texts
    assert "<1.7%" in texts


def test_a_flag_does_not_part_answers_that_are_shown_together() -> None:
    counts = {"rest": 200, 1: 60, 2: 2, 3: 70}
    frame = ps.simulate("phq9", n=332, seed=2).to_frame()
    values = [0] * counts["rest"] + [1] * counts[1] + [2] * counts[2] + [3] * counts[3]
    frame["phq9_9"] = values
    scale = ps.scale("phq9")
    (flag,) = scale.flags
    for least, hidden in ((1.0, False), (2.0, True), (3.0, False)):
        when = flag.when.model_copy(update={"at_least": least})
        changed = scale.model_copy(update={"flags": (flag.model_copy(update={"when": when}),)})
        found = report(frame, changed)
        (row,) = (
            row
            for section in found.sections
            for block in section.blocks
            if isinstance(block, Grid) and block.caption == "Rules and flags"
            for row in block.rows
            if row[0].text == "self harm"
        )
        assert (row[1].text == "hidden") is hidden
