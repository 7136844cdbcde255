"""Factor loadings as bars, a panel for each factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, FAINT, QUIET, STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LETTER = 0.085
"""Inches that a letter of an item's name takes."""


def loadings_figure(
    items: Sequence[str],
    factors: Sequence[str],
    loadings: npt.NDArray[np.float64],
    threshold: float,
    title: str,
) -> Figure:
    """Return bars of loadings [k, m]; those below `threshold` in size are faint."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    k, m = loadings.shape
    beside = max(2.2, 0.6 + LETTER * max(map(len, items)))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(beside + 1.7 * m, 1.2 + 0.24 * k), layout="constrained")
        panels = figure.subplots(1, m, sharey=True, sharex=True, squeeze=False)[0]
        edge = max(1.0, float(np.abs(loadings).max()))
        for column, (axes, name) in enumerate(zip(panels, factors, strict=True)):
            values = loadings[:, column]
            sides = [COLOURS[0] if value >= 0 else COLOURS[1] for value in values]
            strong = np.abs(values) >= threshold
            colours = [side if there else FAINT for side, there in zip(sides, strong, strict=True)]
            axes.barh(np.arange(k), values, color=colours, height=0.7)
            axes.axvline(0.0, color=QUIET, linewidth=0.8)
            axes.set_xlim(-edge, edge)
            axes.set_xticks((-1, -0.5, 0, 0.5, 1))
            axes.set_title(name, loc="center")
        panels[0].set_yticks(np.arange(k), list(items))
        panels[0].set_ylim(k - 0.4, -0.6)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        figure.supxlabel("loading", fontsize=10)
    return figure
