"""ROC curves: sensitivity against one minus specificity, over all cut-offs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, QUIET, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Mark = tuple[float, float, str]


@dataclass(frozen=True, eq=False)
class Curve:
    """One ROC curve.

    Attributes:
        name: of the score, for the legend.
        false_positives, sensitivity: along the curve, from (0, 0) to (1, 1) [s + 1].
        marks: points to show: 1 - specificity, sensitivity, and what to write there.
    """

    name: str
    false_positives: Floats
    sensitivity: Floats
    marks: tuple[Mark, ...] = ()


def roc_figure(curves: Sequence[Curve], title: str) -> Figure:
    """Draw ROC curves; a slanted piece is people of both classes with one value.

    Args:
        curves: from the first on in the palette's colours.
        title: what the truth is.
    """
    with canvas(5.2, 5.2) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8, linestyle=":")
        for number, curve in enumerate(curves):
            colour = COLOURS[number % len(COLOURS)]
            across, upwards = curve.false_positives, curve.sensitivity
            axes.plot(across, upwards, color=colour, linewidth=1.6, label=curve.name)
            for x, y, text in curve.marks:
                axes.plot([x], [y], "o", color=colour, markersize=5)
                axes.annotate(
                    text,
                    (x, y),
                    xytext=(6, -10),
                    textcoords="offset points",
                    color=colour,
                    fontsize="small",
                )
        axes.set(title=title, xlabel="1 - specificity", ylabel="sensitivity")
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
        axes.legend(loc="lower right")
    return figure
