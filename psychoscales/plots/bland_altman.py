"""The Bland-Altman plot: differences of two ratings against their mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, FAINT, INK, QUIET, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Line = tuple[float, tuple[float, float]]
ONE, LARGEST = 16.0, 240.0


def bland_altman(
    means: Floats,
    differences: Floats,
    *,
    lines: Sequence[Line],
    title: str,
    across: str,
    upwards: str,
) -> Figure:
    """Return the figure; a point's area is how many people stand on it.

    Args:
        means, differences: of each person's two ratings [n].
        lines: bias, lower and upper limit, each with the ends of its interval.
        title: what is plotted.
        across, upwards: names of the axes.
    """
    points = np.round(np.column_stack([means, differences]), 9)
    places, counts = np.unique(points, axis=0, return_counts=True)
    areas = counts * min(ONE, LARGEST / int(counts.max()))
    names = ("bias", "lower limit", "upper limit")
    with canvas() as (figure, axes):
        axes.axhline(0.0, color=FAINT, linewidth=0.8, zorder=0)
        axes.scatter(places[:, 0], places[:, 1], s=areas, color=COLOURS[0], alpha=0.5, linewidth=0)
        for number, (name, (value, (low, high))) in enumerate(zip(names, lines, strict=True)):
            colour = COLOURS[1] if number else INK
            axes.axhspan(low, high, color=colour, alpha=0.12, linewidth=0)
            axes.axhline(value, color=colour, linewidth=1.2, linestyle="--" if number else "-")
            axes.annotate(
                f"{name} {value:.2f}",
                (1.01, value),
                xycoords=("axes fraction", "data"),
                va="center",
                color=QUIET,
                fontsize=9,
                annotation_clip=False,
            )
        axes.set_xlabel(across)
        axes.set_ylabel(upwards)
        axes.set_title(title)
    return figure
