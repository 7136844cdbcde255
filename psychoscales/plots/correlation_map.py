"""A matrix of correlations as colours, with the numbers in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import INK, STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRONG = 0.65
"""From this size on a cell is so dark that its number is white."""


def correlation_map(names: Sequence[str], values: npt.NDArray[np.float64], *, title: str) -> Figure:
    """Return the figure of values [k, k]; the diagonal, reliabilities, is in brackets.

    Args:
        names: of the k variables.
        values: correlations and, on the diagonal, reliabilities; NaN where there is none.
        title: what is plotted.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    k = len(names)
    off = np.where(np.eye(k, dtype=bool), np.nan, values)
    with mpl.rc_context(STYLE):
        side = 1.9 + 0.75 * k
        figure = Figure(figsize=(side + 0.8, side), layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(off, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
        for row in range(k):
            for column in range(k):
                value = float(values[row, column])
                if np.isnan(value):
                    continue
                text = f"{value:.2f}" if row != column else f"({value:.2f})"
                pale = row != column and abs(value) >= STRONG
                axes.text(
                    column, row, text, ha="center", va="center", color="white" if pale else INK
                )
        axes.set_xticks(np.arange(k), list(names), rotation=35, ha="right")
        axes.set_yticks(np.arange(k), list(names))
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.set_title(title)
        figure.colorbar(image, ax=axes, shrink=0.7, label="correlation")
    return figure
