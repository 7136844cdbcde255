"""What a factor model leaves over: residual correlations of items as colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import INK, STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST = 0.1
"""The colours reach at least so far, so that small residuals look small."""
NUMBERED = 16
"""Items up to which the numbers are written."""
PALE = 0.7
"""From this share of the strongest colour on a number is white."""


def residual_map(items: Sequence[str], values: npt.NDArray[np.float64], *, title: str) -> Figure:
    """Return the figure of residual correlations [k, k], the lower triangle.

    Where there are many items their names stand without numbers; residuals of .10 and more in
    size are bold.

    Args:
        items: the k items.
        values: observed less implied correlations; what is above the diagonal is not looked at.
        title: what is plotted.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    k = len(items)
    shown = np.where(np.tri(k, k, -1, dtype=bool), values, np.nan)[1:, :-1]
    most = max(LEAST, float(np.nanmax(np.abs(shown))))
    numbered = k <= NUMBERED
    with mpl.rc_context(STYLE):
        side = 1.6 + (0.46 if numbered else 0.24) * k
        figure = Figure(figsize=(side + 1.0, side), layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(shown, cmap="RdBu_r", vmin=-most, vmax=most)
        for row, column in np.argwhere(~np.isnan(shown)) if numbered else ():
            value = float(shown[row, column])
            axes.text(
                column,
                row,
                written(value),
                ha="center",
                va="center",
                fontsize=8.5,
                fontweight="bold" if abs(value) >= LEAST else "normal",
                color="white" if abs(value) >= PALE * most else INK,
            )
        axes.set_xticks(np.arange(k - 1), list(items[:-1]), rotation=45, ha="right")
        axes.set_yticks(np.arange(k - 1), list(items[1:]))
        axes.tick_params(length=0, labelsize=9 if numbered else 7.5)
        axes.spines[:].set_visible(False)
        axes.set_title(title)
        figure.colorbar(image, ax=axes, shrink=0.6, label="observed less implied correlation")
    return figure


def written(value: float) -> str:
    """Return a correlation without its zero, with a true minus."""
    text = f"{abs(value):.2f}"
    text = text.removeprefix("0") if text.startswith("0.") else text
    return f"\N{MINUS SIGN}{text}" if round(value, 2) < 0 else text
