"""The pictures of a factor model draw what the arrays say."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch

import psychoscales as ps
from psychoscales.plots.path_diagram import Paths, path_diagram
from psychoscales.plots.residual_map import residual_map, written
from psychoscales.plots.style import COLOURS
from psychoscales.verbs.cfa import cfa

Floats = npt.NDArray[np.float64]
TWO = {
    "somatic": ["phq9_3", "phq9_4", "phq9_5"],
    "affective": ["phq9_1", "phq9_2", "phq9_6", "phq9_9"],
}


def empty(*size: int) -> Floats:
    return np.full(size, np.nan)


def paths(groups: list[int], **given: Any) -> Paths:
    """Return a model of simple structure, whose items' loadings all differ."""
    k, m = sum(groups), len(groups) + given.get("more", 0)
    loadings, at = empty(k, m), 0
    for column, count in enumerate(groups):
        loadings[at : at + count, column] = 0.31 + 0.017 * np.arange(at, at + count)
        at += count
    wide = dict.fromkeys(("correlations", "higher"), None)
    made = {name: empty(m, m) if given.get(name) is None else given[name] for name in wide}
    between = given.get("item_correlations", empty(k, k))
    names = [f"factor{column}" for column in range(m)]
    items = [f"item{row}" for row in range(k)]
    loadings = given.get("loadings", loadings)
    residuals = np.round(1 - np.nansum(loadings**2, axis=1), 4)
    return Paths(items, names, loadings, residuals, item_correlations=between, **made)


def drawn(figure: Any) -> tuple[list[str], list[Any]]:
    """Return the texts and the patches of a figure, which is rendered first."""
    figure.savefig(BytesIO(), format="png")
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts], list(axes.patches)


def cells(image: Any) -> Floats:
    """Return what an image shows, NaN where it is blank."""
    return np.asarray(np.ma.filled(image.get_array(), np.nan))


def count(patches: list[Any], kind: type[Any]) -> int:
    return sum(type(each) is kind for each in patches)


def symmetric(size: int, pairs: dict[tuple[int, int], float]) -> Floats:
    found = empty(size, size)
    for (a, b), value in pairs.items():
        found[a, b] = found[b, a] = value
    return found


def test_every_path_is_drawn_with_its_value() -> None:
    correlations = symmetric(2, {(0, 1): -0.27})
    between = symmetric(7, {(0, 2): 0.18})
    of = paths([4, 3], correlations=correlations, item_correlations=between)
    texts, patches = drawn(path_diagram(of, title="seven items"))
    assert count(patches, Ellipse) == 2
    assert count(patches, FancyBboxPatch) == 7
    assert count(patches, FancyArrowPatch) == 7 + 1 + 1
    for value in (*of.loadings[~np.isnan(of.loadings)], *of.residuals, -0.27, 0.18):
        assert written(float(value)) in texts
    assert {*of.items, *of.factors, "seven items"} <= {*texts}
    assert len(texts) == 7 * 3 + 2 + 2 + 1


def test_width_and_colour_say_size_and_sign() -> None:
    loadings = empty(3, 1)
    loadings[:, 0] = [0.9, 0.3, -0.6]
    _, patches = drawn(path_diagram(paths([3], loadings=loadings), title="t"))
    lines = [each for each in patches if isinstance(each, FancyArrowPatch)]
    widths = [float(each.get_linewidth()) for each in lines]
    assert np.argsort(widths).tolist() == [1, 2, 0]
    from matplotlib.colors import to_hex

    assert [to_hex(each.get_edgecolor()) for each in lines] == [COLOURS[0], COLOURS[0], COLOURS[1]]


@pytest.mark.parametrize(
    ("groups", "more"), [([9], 0), ([5] * 5, 0), ([30], 0), ([10, 10, 10], 0), ([1, 1], 0)]
)
def test_nothing_stands_on_anything_or_outside(groups: list[int], more: int) -> None:
    m = len(groups) + more
    pairs = {(a, b): 0.4 for a in range(m) for b in range(a + 1, m)}
    figure = path_diagram(paths(groups, correlations=symmetric(m, pairs)), title="t")
    _, patches = drawn(figure)
    (axes,) = figure.axes
    canvas = figure.bbox
    boxes = [
        each.get_window_extent() for each in patches if type(each) in (Ellipse, FancyBboxPatch)
    ]
    for number, box in enumerate(boxes):
        assert canvas.x0 <= box.x0 < box.x1 <= canvas.x1
        assert canvas.y0 <= box.y0 < box.y1 <= canvas.y1
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])
    labels = [text.get_window_extent() for text in axes.texts]
    for number, label in enumerate(labels):
        assert canvas.x0 <= label.x0 < label.x1 <= canvas.x1
        assert not any(label.overlaps(other) for other in labels[number + 1 :])


def test_second_order_and_bifactor_models() -> None:
    higher = empty(4, 4)
    higher[:3, 3] = [0.71, 0.62, 0.53]
    texts, patches = drawn(path_diagram(paths([3, 3, 3], more=1, higher=higher), title="t"))
    assert {".71", ".62", ".53"} <= {*texts}
    assert count(patches, FancyArrowPatch) == 12
    loadings = paths([3, 3], more=1).loadings.copy()
    loadings[:, 2] = 0.54
    of = paths([3, 3], more=1, loadings=loadings)
    assert of.general == [2]
    figure = path_diagram(of, title="t")
    texts, patches = drawn(figure)
    assert texts.count(".54") == 6
    assert count(patches, FancyArrowPatch) == 12
    ovals = [each for each in patches if isinstance(each, Ellipse)]
    boxes = [each for each in patches if isinstance(each, FancyBboxPatch)]
    assert ovals[2].center[0] > boxes[0].get_x() > ovals[0].center[0]


def test_items_stand_beside_the_factor_they_load_on_most() -> None:
    loadings = empty(4, 2)
    loadings[:2, 0], loadings[2:, 1] = 0.7, 0.6
    loadings[3, 0] = 0.65
    assert paths([2, 2], loadings=loadings).order == [(0, 0), (1, 0), (3, 0), (2, 1)]


def test_a_number_is_written_as_the_field_does() -> None:
    assert [written(x) for x in (0.456, -0.456, 1.02, -0.001, 0.0)] == [
        ".46",
        "\N{MINUS SIGN}.46",
        "1.02",
        ".00",
        ".00",
    ]


def test_residuals_are_mapped() -> None:
    values = np.full((4, 4), 0.5)
    values[1, 0], values[3, 2], values[2, 0] = 0.12, -0.03, 0.04
    values[2, 1] = values[3, 0] = values[3, 1] = 0.01
    figure = residual_map(["a", "b", "c", "d"], values, title="t")
    axes = figure.axes[0]
    image = axes.images[0]
    assert image.get_clim() == (-0.12, 0.12)
    shown = cells(image)
    assert np.isnan(shown).sum() == 3
    assert shown[2, 2] == -0.03
    texts = {text.get_text(): text for text in axes.texts}
    assert set(texts) == {".12", "\N{MINUS SIGN}.03", ".04", ".01"}
    assert texts[".12"].get_fontweight() == "bold"
    assert texts[".04"].get_fontweight() == "normal"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["b", "c", "d"]


def test_small_residuals_look_small_and_many_have_no_numbers() -> None:
    small = residual_map(["a", "b", "c"], np.full((3, 3), 0.02), title="t")
    assert small.axes[0].images[0].get_clim() == (-0.1, 0.1)
    many = residual_map([f"i{at}" for at in range(30)], np.full((30, 30), 0.02), title="t")
    assert not many.axes[0].texts


def test_a_fitted_model_is_drawn() -> None:
    people = ps.simulate("phq9", n=500, seed=3, loading=0.6)
    found = cfa(people, model=TWO, covariances=[("phq9_1", "phq9_9")])
    texts, patches = drawn(found.plot())
    std = found.parameters.to_frame().query("op == '=~'")["std"]
    assert len(std) == 7
    for value in std:
        assert written(value) in texts
        assert written(1 - value**2) in texts
    between = found.factor_correlations.to_frame()["correlation"]
    assert written(float(between.iloc[0])) in texts
    assert count(patches, FancyArrowPatch) == 7 + 1 + 1
    assert any("phq9 model, WLSMV" in text for text in texts)
    shown = cells(found.plot_residuals().axes[0].images[0])
    rows = found.residuals.to_frame()
    np.testing.assert_allclose(np.sort(shown[~np.isnan(shown)]), np.sort(rows["residual"]))
    continuous = cfa(people, model=TWO, estimator="ML", orthogonal=True)
    texts, patches = drawn(continuous.plot())
    assert count(patches, FancyArrowPatch) == 7


def test_which_scale_is_drawn() -> None:
    found = cfa(ps.simulate(["phq9", "gad7"], n=400, seed=2))
    with pytest.raises(ps.UnknownNameError, match="scale to draw"):
        found.plot()
    with pytest.raises(ps.UnknownNameError, match="did you mean 'gad7'"):
        found.plot_residuals("gad8")
    texts, _ = drawn(found.plot("gad7"))
    assert "gad7_7" in texts
