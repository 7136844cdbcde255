"""What is shown of small counts cannot be turned into small counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import psychoscales as ps
from psychoscales.reporting.binning import nested
from psychoscales.reporting.distributions import Distribution
from psychoscales.reporting.parts import Cards, Figure, Grid
from psychoscales.reporting.report import Report, report
from psychoscales.reporting.sections.criterion import tellable
from psychoscales.reporting.small_cells import decimals, shown, together
from psychoscales.reporting.tabling import rounded
from tests.reporting.making import ITEMS, answers, kimochi


def tables(found: Report) -> dict[str, Grid]:
    """Return all tables, also those behind pictures, by caption."""
    blocks = [block for section in found.sections for block in section.blocks]
    every = [block.grid if isinstance(block, Figure) else block for block in blocks]
    return {grid.caption: grid for grid in every if isinstance(grid, Grid)}


def texts(grid: Grid, heads: Sequence[str]) -> list[str]:
    places = [place for place, head in enumerate(grid.heads) if head.text in heads]
    return [row[place].text for row in grid.rows for place in places]


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


@given(COUNTS, SMALL)
def test_a_joined_group_has_no_empty_ones_between_it_and_an_end(
    counts: list[int], small: int
) -> None:
    groups = together(counts, small)
    there = [place for place, (a, b) in enumerate(groups) if sum(counts[a:b])]
    for place, outer in ((there[0], 0), (there[-1], len(groups) - 1)) if there else ():
        first, last = groups[place]
        assert last - first == 1 or place == outer


def test_the_very_highest_of_few_people_is_not_told() -> None:
    """Six people from 9 to 10, and nobody above, are shown as six people from 9 on."""
    assert together([50, 40, 0, 5, 1, 0, 0], 5) == ((0, 1), (1, 2), (2, 3), (3, 7))
    assert together([0, 0, 2, 9, 0], 5) == ((0, 5),)
    assert together([0, 0, 2, 9, 8, 0], 5) == ((0, 4), (4, 5), (5, 6))
    assert together([0, 6, 9, 0], 5) == ((0, 1), (1, 2), (2, 3), (3, 4))
    counts, edges = [30] * 9 + [5, 1, 0, 0], [float(place) for place in range(14)]
    assert nested(edges, counts, [9.0, 11.0], 5)[-1] == (9, 13)
    frame = answers(300)
    for number, item in enumerate(ITEMS):
        frame[item] = np.where(np.arange(300) < 290, 2, 3)
        frame[item] = 3 - frame[item] if number == 1 else frame[item]
    frame.loc[290:, "kimochi_1"] = [3] * 4 + [2] * 6
    frame.loc[290:, "kimochi_3"] = 2
    found = report(frame, kimochi())
    behind = tables(found)["Mood total: people by score"]
    assert [row[0].text for row in behind.rows][-1].endswith("–12")
    assert tables(found)["Scores"].rows[0][-1].text == "<1.7%"


def test_numbers_in_points_have_few_decimals_beside_hidden_scores() -> None:
    frame = answers(120)
    people = ps.read(frame, kimochi(), id="pid", keep="arm")
    second = frame.assign(kimochi_1=np.where(np.arange(120) % 7, frame["kimochi_1"], 1))
    again = ps.read(second, kimochi(), id="pid")
    for small, most in ((5, 1), (1, 3)):
        found = tables(report(people, by="arm", retest=again, small=small))
        said = [
            *texts(found["Mood total by arm"], ("Mean", "SD", "95% interval")),
            *texts(found["Mood total: standard errors, in points of the score"], ("Value",)),
            *texts(found["Mood total: agreement of two occasions"], ("Value",))[2:],
        ]
        assert len(said) >= 14
        places = [len(part) for text in said for part in re.findall(r"\.(\d+)", text)]
        assert max(places, default=0) == most


def test_a_rounded_zero_has_no_sign() -> None:
    assert rounded(-0.04, 1).text == "0.0"
    assert rounded(-1.26, 1).text == "-1.3"


@pytest.mark.parametrize(("n", "said"), [(40, True), (400, False)])
def test_a_mean_that_tells_little_says_why(n: int, said: bool) -> None:
    found = report(answers(n), kimochi())
    (cards,) = found.sections[0].blocks
    assert isinstance(cards, Cards)
    under = next(under for name, _, under in cards.cards[0].numbers if name == "Mean")
    assert ("small=" in under) is said
    (cards,) = report(answers(n), kimochi(), small=1).sections[0].blocks
    assert isinstance(cards, Cards)
    assert not any("small=" in under for _, _, under in cards.cards[0].numbers)


def test_the_end_that_may_be_shown_is_shown_in_the_evidence() -> None:
    frame = ps.simulate("phq9", n=2100, seed=2).to_frame().iloc[:, :9]
    frame.iloc[:700] = 0
    frame.iloc[700:703] = 3
    frame.iloc[703:] = np.minimum(frame.iloc[703:], 2)
    found = tables(report(frame, "phq9"))
    statistics = dict(
        zip([h.text for h in found["Scores"].heads], found["Scores"].rows[0], strict=True)
    )
    assert statistics["At highest"].text == "<0.3%"
    (row,) = (
        row
        for row in found["PHQ-9 total: measurement properties"].rows
        if row[0].text.startswith("Interpretability")
    )
    lowest = statistics["At lowest"].text
    assert f"At lowest: {lowest}, At highest: <0.3%" in [cell.text for cell in row]


def test_a_share_of_few_people_is_never_said_to_be_below_zero() -> None:
    frame = ps.simulate("phq9", n=20_000, seed=2).to_frame().iloc[:, :9]
    frame.iloc[:3] = 3
    frame.iloc[3:] = np.minimum(frame.iloc[3:], 2)
    assert tables(report(frame, "phq9"))["Scores"].rows[0][-1].text == "<0.1%"


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
        inner = {cut for cut in (4, 9) if sum(counts[:cut]) and sum(counts[cut:])}
        assert inner <= ends


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
    assert "hidden" in texts


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
