"""A path diagram: factors, items, standardized loadings, correlations and residuals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from psychoscales.plots.residual_map import written
from psychoscales.plots.style import COLOURS, INK, QUIET, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Point = tuple[float, float]
ROW, BLOCK, BOX = 0.36, 0.2, 0.25
"""Inches: between items, more between the items of two factors, and how high an item is."""
LETTER, PADDING, TALL = 0.078, 0.3, 0.52
REACH, TAIL, STEP = 2.1, 0.34, 0.42
"""Inches: from factors to items, a residual's arrow, and between nested arcs."""
MARGIN, TITLE = 0.25, 0.45
STEEP = 0.55


@dataclass(frozen=True, eq=False)
class Paths:
    """What is drawn: standardized values, NaN where the model has no such path.

    Attributes:
        items: the k items.
        factors: the m factors.
        loadings: of items on factors [k, m].
        residuals: variances [k].
        correlations: of the factors [m, m].
        higher: loadings of factors (rows) on factors above them (columns) [m, m].
        item_correlations: of residuals [k, k].
    """

    items: Sequence[str]
    factors: Sequence[str]
    loadings: Floats
    residuals: Floats
    correlations: Floats
    higher: Floats
    item_correlations: Floats

    @cached_property
    def above(self) -> list[int]:
        """The factors that other factors load on."""
        return [at for at in range(len(self.factors)) if _there(self.higher[:, at]).any()]

    @cached_property
    def general(self) -> list[int]:
        """The factors of a bifactor model that share their items with all the others."""
        own = _there(self.loadings)
        wide = [at for at in range(own.shape[1]) if (own.any(axis=1) == own[:, at]).all()]
        return wide if wide and len(wide) + len(self.above) < len(self.factors) else []

    @cached_property
    def first(self) -> list[int]:
        """The other factors, in the order of their items."""
        rest = [at for at in range(len(self.factors)) if at not in (*self.above, *self.general)]
        own = _there(self.loadings)
        return sorted(rest, key=lambda at: int(np.argmax(own[:, at])))

    @cached_property
    def order(self) -> list[tuple[int, int]]:
        """The items from top to bottom, each with the factor it stands beside."""
        size = np.abs(np.nan_to_num(self.loadings))
        sides = []
        for item in range(len(self.items)):
            own = [at for at in self.first if size[item, at] > 0]
            best = max(own, key=lambda at: size[item, at]) if own else -1
            sides.append((item, best))
        return sorted(sides, key=lambda each: self.first.index(each[1]) if each[1] >= 0 else 99)


class _Layout:
    """Where everything stands, in inches from the lower left corner."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        order = paths.order
        breaks = [0, *(order[at][1] != order[at - 1][1] for at in range(1, len(order)))]
        down = np.cumsum([0.0, *([ROW] * (len(order) - 1))]) + BLOCK * np.cumsum(breaks)
        self.height = float(down[-1]) + BOX + 2 * MARGIN + TITLE
        self.height = max(self.height, len(paths.first) * 1.4 * TALL + 2 * MARGIN + TITLE)
        spare = self.height - TITLE - 2 * MARGIN - BOX - float(down[-1])
        top = self.height - TITLE - MARGIN - BOX / 2 - spare / 2
        self.item_y = {item: top - float(at) for (item, _), at in zip(order, down, strict=True)}
        widest = max(len(paths.factors[at]) for at in range(len(paths.factors)))
        self.oval = max(1.05, LETTER * widest + 2 * PADDING)
        self.box = LETTER * max(map(len, paths.items)) + PADDING + (0.3 if paths.general else 0.0)
        # Lines that fan out far need room to come in level.
        self.reach = max(REACH, STEEP * self._fan())
        self.arcs = _nesting(paths.correlations, paths.first)
        left = MARGIN + (0.3 + STEP * self.arcs if self.arcs else 0.0)
        self.above_x = left + self.oval / 2
        self.factor_x = self.above_x + (self.oval + 1.3 if paths.above else 0.0)
        self.box_x = self.factor_x + (self.oval / 2 + self.reach if paths.first else 0.0)
        if not paths.first:
            self.box_x = MARGIN
        self.general_x = self.box_x + self.box + self.reach + self.oval / 2
        self.bows = _nesting(paths.item_correlations, [item for item, _ in order])
        right = self.box_x + self.box + TAIL + 0.45 + (0.2 + STEP * min(self.bows, 3))
        if paths.general:
            right = self.general_x + self.oval / 2
        self.width = right + MARGIN

    def _fan(self) -> float:
        """How far the farthest item of a factor stands above or below its middle."""
        far = 0.0
        for column in range(len(self.paths.factors)):
            own = [self.item_y[int(at)] for at in _loaded(self.paths.loadings, column)]
            far = max(far, (max(own) - min(own)) / 2 if own else 0.0)
        return far

    @cached_property
    def factor_y(self) -> dict[int, float]:
        """The height of each factor: the middle of its items, kept apart from the next."""
        found: dict[int, float] = {}
        low = np.inf
        for at in self.paths.first:
            own = [self.item_y[item] for item, side in self.paths.order if side == at]
            own = own or [self.item_y[int(x)] for x in _loaded(self.paths.loadings, at)]
            low = min(float(np.mean(own)), low - 1.3 * TALL)
            found[at] = low
        if found:
            # What was pushed out at the bottom moves all of them up by half.
            out = min(0.0, low - TALL / 2 - MARGIN)
            found = {at: y - out for at, y in found.items()}
        middle = (max(self.item_y.values()) + min(self.item_y.values())) / 2
        for others, mean_of in ((self.paths.above, found), (self.paths.general, self.item_y)):
            count = len(others)
            for number, at in enumerate(others):
                own = list(mean_of.values()) if count == 1 else [middle]
                below = _loaded(self.paths.higher, at)
                if others is self.paths.above:
                    own = [found[int(each)] for each in below if int(each) in found] or own
                shift = 0.0 if others is self.paths.above else (count - 1) / 2 - number
                found = {**found, at: float(np.mean(own)) + shift * 2 * TALL}
        return found

    def factor_at(self, at: int) -> Point:
        """Return a factor's middle."""
        if at in self.paths.above:
            return self.above_x, self.factor_y[at]
        return (self.general_x if at in self.paths.general else self.factor_x), self.factor_y[at]


def path_diagram(paths: Paths, *, title: str) -> Figure:
    """Return the figure; a line is the wider the larger the value, orange where it is negative.

    Arrows from the right are residual variances; in a bifactor model, whose general factor stands
    there, they are written in the items' boxes.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    where = _Layout(paths)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(where.width, where.height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, where.width), ylim=(0, where.height))
        axes.set_axis_off()
        for item, column in np.argwhere(_there(paths.loadings)):
            _loading(axes, where, int(item), int(column))
        for below, above in np.argwhere(_there(paths.higher)):
            _higher(axes, where, int(below), int(above))
        _factor_arcs(axes, where)
        _item_arcs(axes, where)
        for item, y in where.item_y.items():
            _item(axes, where, item, y)
        for at, name in enumerate(paths.factors):
            _factor(axes, where, name, where.factor_at(at))
        axes.text(MARGIN, where.height - MARGIN, title, va="top", fontsize=11, color=INK)
    return figure


def _there(values: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(~np.isnan(values), dtype=bool)


def _loaded(values: Floats, column: int) -> npt.NDArray[np.intp]:
    return np.flatnonzero(_there(values[:, column]))


def _nesting(values: Floats, order: Sequence[int]) -> int:
    """How many arcs have to stand outside one another."""
    places = {at: number for number, at in enumerate(order)}
    return max(
        (abs(places[a] - places[b]) for a, b in _pairs(values) if a in places and b in places),
        default=0,
    )


def _pairs(values: Floats) -> Iterator[tuple[int, int]]:
    for a, b in np.argwhere(_there(values)):
        if a < b:
            yield int(a), int(b)


def _style(value: float) -> dict[str, Any]:
    colour = COLOURS[0] if value >= 0 else COLOURS[1]
    return {"linewidth": 0.6 + 1.9 * min(abs(value), 1.0), "color": colour}


def _curve(axes: Axes, points: Sequence[Point], value: float, heads: str) -> None:
    """Draw a Bezier curve with arrowheads, of a width and a colour by its value."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    style = _style(value)
    patch = FancyArrowPatch(
        path=Path(np.array(points), codes),
        arrowstyle=heads,
        mutation_scale=9,
        shrinkA=0,
        shrinkB=0,
        alpha=0.85,
        zorder=1,
        **style,
    )
    patch.set_fill(heads != "-")
    axes.add_patch(patch)


def _label(axes: Axes, at: Point, value: float) -> None:
    axes.text(
        *at,
        written(value),
        ha="center",
        va="center",
        fontsize=8.5,
        color=INK,
        zorder=3,
        bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"},
    )


def _loading(axes: Axes, where: _Layout, item: int, column: int) -> None:
    value = float(where.paths.loadings[item, column])
    x, y = where.factor_at(column)
    right = column in where.paths.general
    start = x - where.oval / 2 if right else x + where.oval / 2
    end = where.box_x + where.box if right else where.box_x
    own = [at for at in where.paths.first if _there(where.paths.loadings[item])[at]]
    lift, nearness = 0.0, 0.42
    if not right and len(own) > 1:
        number = own.index(column)
        lift = BOX * 0.55 * ((len(own) - 1) / 2 - number)
        nearness += 0.36 * number
    to = where.item_y[item] + lift
    span = end - start
    curve = _level((start, y), (end, to))
    _curve(axes, curve, value, "-|>")
    share = 1.0 - nearness / abs(span)
    _label(axes, _on(curve, share), value)


def _on(curve: Sequence[Point], share: float) -> Point:
    """Return the point of a curve whose x is a share of the way."""
    t = np.linspace(0, 1, 201)[:, None]
    a, b, c, d = (np.array(point) for point in curve)
    line = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    wanted = a[0] + share * (d[0] - a[0])
    x, y = line[int(np.argmin(np.abs(line[:, 0] - wanted)))]
    return float(x), float(y)


def _higher(axes: Axes, where: _Layout, below: int, above: int) -> None:
    value = float(where.paths.higher[below, above])
    (x, y), (end, to) = where.factor_at(above), where.factor_at(below)
    start, end = x + where.oval / 2, end - where.oval / 2
    curve = _level((start, y), (end, to))
    _curve(axes, curve, value, "-|>")
    _label(axes, _on(curve, 0.62), value)


def _level(start: Point, end: Point) -> list[Point]:
    """Return a curve that leaves and arrives level."""
    (x, y), (other, to) = start, end
    span = other - x
    return [start, (x + 0.3 * span, y), (other - 0.68 * span, to), end]


def _factor_arcs(axes: Axes, where: _Layout) -> None:
    places = {at: number for number, at in enumerate(where.paths.first)}
    for a, b in _pairs(where.paths.correlations):
        if a not in places or b not in places:
            continue
        value = float(where.paths.correlations[a, b])
        apart = abs(places[a] - places[b])
        first, second = sorted((a, b), key=places.__getitem__)
        (x, y), (_, to) = where.factor_at(first), where.factor_at(second)
        edge = x - where.oval / 2
        bulge = (0.3 + STEP * (apart - 0.4)) / 0.75
        # Arcs to factors farther off stand farther out, and begin nearer to the middle.
        side = max(0.19 - 0.055 * (apart - 1), 0.02)
        inward = where.oval / 2 * (1 - float(np.sqrt(1 - (2 * side / TALL) ** 2)))
        start, end = (edge + inward, y - side), (edge + inward, to + side)
        outer = [(edge - bulge, y - side), (edge - bulge, to + side)]
        _curve(axes, [start, *outer, end], value, "<|-|>")
        _label(axes, (edge - 0.75 * bulge, (y + to) / 2), value)


def _item_arcs(axes: Axes, where: _Layout) -> None:
    places = {item: number for number, (item, _) in enumerate(where.paths.order)}
    for a, b in _pairs(where.paths.item_correlations):
        value = float(where.paths.item_correlations[a, b])
        apart = min(abs(places[a] - places[b]), 3)
        edge = where.box_x + where.box + (0.02 if where.paths.general else TAIL + 0.4)
        bulge = (0.2 + STEP * (apart - 0.3)) / 0.75
        y, to = where.item_y[a], where.item_y[b]
        curve = [(edge, y), (edge + bulge, y), (edge + bulge, to), (edge, to)]
        _curve(axes, curve, value, "<|-|>")
        _label(axes, (edge + 0.75 * bulge, (y + to) / 2), value)


def _item(axes: Axes, where: _Layout, item: int, y: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (where.box_x, y - BOX / 2),
            where.box,
            BOX,
            boxstyle="round,pad=0,rounding_size=0.04",
            facecolor="white",
            edgecolor=INK,
            linewidth=0.9,
            zorder=2,
        )
    )
    residual = float(where.paths.residuals[item])
    small: dict[str, Any] = {"fontsize": 7, "color": QUIET, "zorder": 4}
    middle = where.box_x + (where.box - (0.3 if where.paths.general else 0.0)) / 2
    axes.text(middle, y, where.paths.items[item], ha="center", va="center", fontsize=9, zorder=4)
    if np.isnan(residual):
        return
    edge = where.box_x + where.box
    if where.paths.general:
        axes.text(edge - 0.07, y, written(residual), ha="right", va="center", **small)
        return
    axes.annotate(
        written(residual),
        (edge, y),
        (edge + TAIL, y),
        va="center",
        fontsize=8.5,
        color=QUIET,
        arrowprops={
            "arrowstyle": "-|>",
            "color": QUIET,
            "linewidth": 0.8,
            "shrinkA": 1,
            "shrinkB": 0,
        },
    )


def _factor(axes: Axes, where: _Layout, name: str, at: Point) -> None:
    from matplotlib.patches import Ellipse

    axes.add_patch(
        Ellipse(at, where.oval, TALL, facecolor="white", edgecolor=INK, linewidth=1.1, zorder=2)
    )
    axes.text(*at, name, ha="center", va="center", fontsize=10, zorder=4)
