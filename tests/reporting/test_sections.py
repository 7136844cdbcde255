"""What single sections say: the right rows, under names that explain them."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

import psychoscales as ps
from psychoscales.reporting.parts import Figure, Grid
from psychoscales.reporting.report import Report, report
from psychoscales.reporting.sections.retest import SHOWN
from psychoscales.reporting.words import Words, texts
from tests.reporting.making import ITEMS, answers, kimochi


def grids(found: Report) -> dict[str, Grid]:
    """Return all tables, also those behind pictures, by caption."""
    blocks = [block for section in found.sections for block in section.blocks]
    every = [block.grid if isinstance(block, Figure) else block for block in blocks]
    return {grid.caption: grid for grid in every if isinstance(grid, Grid)}


def column(grid: Grid, head: str) -> list[str]:
    place = [each.text for each in grid.heads].index(head)
    return [row[place].text for row in grid.rows]


@cache
def twice() -> tuple[ps.Responses, ps.Responses]:
    first, second = answers(), answers()
    second.loc[::7, "kimochi_1"] = 1
    one, two = (ps.read(each, kimochi(), id="pid") for each in (first, second))
    return one, two


def test_every_row_of_a_retest_is_one_that_agreement_returns() -> None:
    known = {row["coefficient"] for row in ps.agreement(*twice(), score="total").rows}
    assert set(SHOWN) <= known
    for language in ("en", "ja"):
        words = Words(language)
        named = [name for name in SHOWN if not name.startswith("ICC")]
        assert all(words.has(f"coefficient.{name}") for name in named)
    grid = grids(report(twice()[0], retest=twice()[1]))["Mood total: agreement of two occasions"]
    assert "SEM (agreement)" in column(grid, "Coefficient")
    assert "SDC (agreement), one person" in column(grid, "Coefficient")


def test_a_fit_prints_no_p_of_zero() -> None:
    found = grids(report(ps.simulate("phq9", n=400, seed=3, missing=0.01)))
    (grid,) = (grid for caption, grid in found.items() if "fit (WLSMV)" in caption)
    frame = ps.simulate("phq9", n=600, seed=1).to_frame().iloc[:, :9]
    frame["phq9_2"] = frame["phq9_1"].where(np.arange(600) % 5 > 0, frame["phq9_2"])
    (poor,) = (g for c, g in grids(report(frame, "phq9")).items() if "fit (WLSMV)" in c)
    for each in (grid, poor):
        (row,) = (row for row in each.rows if row[0].text == "p")
        assert "0.000" not in [cell.text for cell in row]
    assert "< 0.001" in [cell.text for cell in row]


def test_it_is_said_which_group_is_subtracted() -> None:
    frame = answers()
    frame["arm"] = np.where(np.arange(240) % 2, "women", "men")
    people = ps.read(frame, kimochi(), keep="arm")
    (pair,) = ps.groups(people, by="arm").pairs.rows
    grid = grids(report(people, by="arm"))["Mood total: tests by arm"]
    (note,) = grid.notes
    assert f"{pair['second']} minus {pair['first']}" in note.text
    frame["arm"] = np.array(["a", "b", "c"])[np.arange(240) % 3]
    three = report(ps.read(frame, kimochi(), keep="arm"), by="arm")
    assert not grids(three)["Mood total: tests by arm"].notes


def test_a_best_cut_off_says_by_what_it_is_best() -> None:
    people = ps.read(answers(900), kimochi(), keep="case")
    best = {row["criterion"]: row["cutoff"] for row in ps.criterion(people, truth="case").best.rows}
    grid = grids(report(people, truth="case"))["Mood total: declared and best cut-offs"]
    why = dict(zip(column(grid, "Cut-off"), column(grid, "Why here"), strict=True))
    assert "by Youden's index" in why[f"≥ {best['youden']:g}"]
    assert "by nearness to the corner" in why[f"≥ {best['closest_topleft']:g}"]


def test_a_cut_off_that_may_not_be_told_is_left_out() -> None:
    frame = answers(240)
    frame["case"] = np.arange(240) < 12
    for item in ITEMS:
        frame.loc[12:, item] = np.minimum(frame.loc[12:, item], 1)
    found = report(
        ps.read(frame.assign(case=frame["case"] * 1), kimochi(), keep="case"), truth="case"
    )
    section = next(each for each in found.sections if each.id == "criterion")
    cells = [c.text for b in section.blocks if isinstance(b, Grid) for r in b.rows for c in r]
    assert cells
    assert "hidden" not in cells


@pytest.mark.parametrize("place", ["by", "truth"])
def test_japanese_names_are_quoted_and_not_spaced(place: str) -> None:
    said = [text for text in texts("ja").values() if f"{{{place}}}" in text]
    assert said
    inside = re.compile(rf" \{{{place}\}}|\{{{place}\}} ")
    assert not [text for text in said if inside.search(text)]
