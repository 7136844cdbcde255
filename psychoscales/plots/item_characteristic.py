"""Item characteristic curves: mean answers of groups along the matching score, and a model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
LARGEST, SMALLEST = 160.0, 8.0


@dataclass(frozen=True, eq=False)
class GroupCurve:
    """One group.

    Attributes:
        name: of the group.
        people: at each matching score [S].
        means: of their answers [S]; anything where there is nobody.
        expected: by the model [S].
    """

    name: str
    people: Floats
    means: Floats
    expected: Floats


def item_characteristic(
    scores: Floats,
    groups: Sequence[GroupCurve],
    *,
    title: str,
    across: str,
    upwards: str,
) -> Figure:
    """Return the figure; a point is a mean of people with one score, its area how many.

    Args:
        scores: matching scores [S].
        groups: at most as many as there are colours.
        title: what is plotted.
        across, upwards: names of the axes.
    """
    if len(groups) > len(COLOURS):
        raise ValueError(f"{len(groups)} groups; {len(COLOURS)} can be told apart")
    most = max(float(each.people.max()) for each in groups)
    with canvas() as (figure, axes):
        for each, colour in zip(groups, COLOURS, strict=False):
            there = each.people > 0
            areas = np.maximum(each.people[there] * LARGEST / most, SMALLEST)
            axes.scatter(
                scores[there], each.means[there], s=areas, color=colour, alpha=0.35, linewidth=0
            )
            label = f"{each.name} ({int(each.people.sum()):,})"
            axes.plot(scores, each.expected, color=colour, linewidth=1.6, label=label)
        axes.set(title=title, xlabel=across, ylabel=upwards)
        axes.legend(loc="upper left")
    return figure
