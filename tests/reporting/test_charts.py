"""Pictures: sound SVG, inside their frame, escaped, legible."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from psychoscales.plots.style import COLOURS, INK, QUIET
from psychoscales.reporting.charts.answers import Bar, Piece, answers_chart
from psychoscales.reporting.charts.drawing import (
    contrast,
    cut,
    deeper,
    mixed,
    nice_step,
    on,
    shades,
    tag,
    ticks,
    wide,
)
from psychoscales.reporting.charts.forest import Point, forest
from psychoscales.reporting.charts.histogram import Column, histogram
from psychoscales.reporting.charts.paths import path_diagram
from psychoscales.reporting.charts.roc import roc
from psychoscales.reporting.charts.scree import scree

HOSTILE = '"><script>alert(1)</script>'
TEXT_CONTRAST = 4.5
SVG = "{http://www.w3.org/2000/svg}"


def charts() -> dict[str, Markup]:
    pieces = (Piece(0.25, "#0072b2", HOSTILE), Piece(0.75, "#dceaf4", "rest"))
    return {
        "answers": answers_chart([Bar("i1", HOSTILE, pieces), Bar("i2", "", ())], HOSTILE),
        "histogram": histogram(
            [Column(0, 4, 7, "#0072b2", HOSTILE), Column(4, 9, 2, "#56b4e9", "t")],
            [(4, "4")],
            [(0, "0"), (8, "8")],
            (HOSTILE, "people"),
            "d",
        ),
        "forest": forest(
            [Point(HOSTILE, "0.8", 0.8, 0.7, 0.9), Point("b", "1.4", 1.4, None, None, True)],
            (0.6, 1.0),
            0.7,
            "d",
        ),
        "scree": scree(
            [3.0, 0.5, -0.1], [1.2, 1.0, 0.8], ("number", HOSTILE), ["a", "b", "c"], "d"
        ),
        "paths": path_diagram(
            {"f": [("i1", 0.7, HOSTILE), ("i2", -0.4, "")], HOSTILE: [("i3", 1.2, "")]},
            [("f", HOSTILE, 0.3)],
            "d",
        ),
        "roc": roc([(0, 0, ""), (0.3, 0.8, HOSTILE), (1, 1, "")], ("across", "up"), "d"),
    }


@pytest.mark.parametrize("name", charts())
def test_pictures_are_sound_and_stay_inside(name: str) -> None:
    text = str(charts()[name])
    assert "<script" not in text
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label")
    height = float(root.get("height", "0"))
    drawn = 0
    for shape in root.iter():
        for across in ("x", "x1", "x2", "cx"):
            given = shape.get(across)
            if given is not None:
                assert given.endswith("%")
                assert 0 <= float(given[:-1]) <= 100, (name, given)
        for down in ("y", "y1", "y2", "cy"):
            if shape.get(down) is not None:
                assert -1 <= float(shape.get(down, "")) <= height + 1, (name, shape.attrib)
        if shape.tag == f"{SVG}rect":
            assert float(shape.get("x", "0%")[:-1]) + float(shape.get("width", "")[:-1]) <= 100.01
        drawn += shape.tag != f"{SVG}text"
    assert drawn > 5


def test_a_point_stands_beside_its_name_and_clear_of_what_is_said() -> None:
    points = [Point(name, "0.1 [-0.9, 0.9]", 0.1, -0.9, 0.9) for name in ("a", "b", "c")]
    root = ElementTree.fromstring(str(forest(points, (-1.0, 1.0), 0.7, "d")))
    layouts = {each.get("class"): each for each in root.iter(f"{SVG}g")}
    assert set(layouts) == {"wide", "narrow"}
    for kind, nearest in (("wide", 6.0), ("narrow", 12.0)):
        names = [each for each in layouts[kind].iter(f"{SVG}text") if each.text in ("a", "b", "c")]
        circles = list(layouts[kind].iter(f"{SVG}circle"))
        assert len(names) == len(circles) == 3
        downs = [float(each.get("y", "")) for each in names]
        for at, circle in enumerate(circles):
            place = float(circle.get("cy", ""))
            assert abs(place - downs[at]) < nearest
            assert all(place < down - nearest for down in downs[at + 1 :])
    ends = [float(each.get("x2", "")[:-1]) for each in layouts["wide"].iter(f"{SVG}line")]
    assert max(ends) <= 75
    said = [each for each in layouts["narrow"].iter(f"{SVG}text") if "[" in (each.text or "")]
    lines = list(layouts["narrow"].iter(f"{SVG}line"))
    for each in said:
        base = float(each.get("y", ""))
        assert not [
            one for one in lines if float(one.get("y1", "")) < base < float(one.get("y2", ""))
        ]


def test_the_pieces_of_a_bar_are_as_wide_as_their_shares() -> None:
    root = ElementTree.fromstring(str(charts()["answers"]))
    pieces = [each for each in root.iter(f"{SVG}rect") if each.get("data-tip")]
    assert [each.get("width") for each in pieces] == ["25.00%", "75.00%"]
    assert [each.get("x") for each in pieces] == ["0.00%", "25.00%"]


def test_a_column_is_as_high_as_its_people() -> None:
    root = ElementTree.fromstring(str(charts()["histogram"]))
    tall, low = (float(each.get("height", "")) for each in root.iter(f"{SVG}rect"))
    assert low / tall == pytest.approx(2 / 7, abs=1e-4)


def test_letters_are_legible() -> None:
    for size in range(1, 12):
        for shade in shades(size):
            assert contrast(on(shade), shade) >= TEXT_CONTRAST, shade
    assert contrast(QUIET, "#ffffff") >= TEXT_CONTRAST
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast(INK, INK) == 1


@pytest.mark.parametrize("count", range(2, 12))
def test_shades_go_from_light_to_dark(count: int) -> None:
    made = shades(count)
    assert len(set(made)) == count
    against = [contrast(shade, "#ffffff") for shade in made]
    assert all(one < other for one, other in itertools.pairwise(against))


def test_colours_are_mixed() -> None:
    assert mixed(COLOURS[0], 1) == COLOURS[0] == deeper(COLOURS[0], 1)
    assert mixed(COLOURS[0], 0) == "#ffffff"
    assert deeper(COLOURS[0], 0) == "#000000"


@pytest.mark.parametrize("shorten", [cut])
def test_full_width_letters_take_two_columns(shorten: Callable[[str, int], str]) -> None:
    assert wide("気分") == 4
    assert wide("mood") == 4
    assert shorten("最近の様子について", 9) == "最近の様…"
    assert shorten("short", 9) == "short"
    assert wide(shorten("最近の様子についてお答えください", 21)) <= 21


def test_ticks_are_round_numbers() -> None:
    assert ticks(0, 27, 7) == [0, 5, 10, 15, 20, 25]
    assert ticks(0.6, 1.0, 5) == [0.6, 0.7, 0.8, 0.9, 1.0]
    assert nice_step(100, 4) == 25


def test_attributes_are_escaped() -> None:
    made = tag("text", "<b>", class_="a", data_tip='"', stroke_width=2.5, x=None)
    assert made == '<text class="a" data-tip="&#34;" stroke-width="2.5">&lt;b&gt;</text>'
