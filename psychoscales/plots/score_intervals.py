"""Intervals along a score: around the observed score, and for the true score after regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, QUIET, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Band = tuple[Floats, Floats, Floats]


def score_intervals(
    values: Floats,
    observed: Band,
    true: Band,
    cutoffs: Sequence[tuple[float, str]],
    title: str,
) -> Figure:
    """Draw two intervals for every possible score, and the cut-offs they may reach across.

    Args:
        values: the possible scores, rising [s].
        observed: low, middle and high of X plus and minus z SEM [s each].
        true: low, middle and high of Kelley's interval of the true score [s each].
        cutoffs: where each begins, and its name.
        title: what the score is.
    """
    with canvas() as (figure, axes):
        for place, label in cutoffs:
            axes.axhline(place, color=QUIET, linewidth=0.8, linestyle=":")
            axes.annotate(
                label,
                (1.0, place),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=QUIET,
                fontsize="small",
            )
        named = ((observed, "score ± z SEM", COLOURS[0]), (true, "true score (Kelley)", COLOURS[1]))
        for (low, middle, high), label, colour in named:
            axes.fill_between(values, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(values, middle, color=colour, linewidth=1.2, label=label)
        axes.set(title=title, xlabel="observed score", ylabel="interval")
        axes.legend(loc="upper left")
    return figure
