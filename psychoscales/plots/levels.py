"""Fit by level of measurement invariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from psychoscales.plots.style import COLOURS, FAINT, STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOM = 0.35
LEAST = 0.02
"""A panel is at least so high, so that small changes look small."""


def levels_figure(
    levels: Sequence[str], indices: Mapping[str, Sequence[float]], *, title: str
) -> Figure:
    """Return a panel for each index, with its value at every level; NaN where there is none.

    Args:
        levels: in order.
        indices: name -> values by level.
        title: what is plotted.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    places = np.arange(len(levels))
    with mpl.rc_context(STYLE):
        figure = Figure(
            figsize=(2.0 + 0.85 * len(levels), 1.7 * len(indices)), layout="constrained"
        )
        panels = figure.subplots(len(indices), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, given), colour in zip(panels, indices.items(), COLOURS, strict=False):
            values = np.asarray(given, dtype=np.float64)
            there = ~np.isnan(values)
            axes.set_ylabel(name)
            if not there.any():
                continue
            axes.plot(places[there], values[there], "o-", color=colour, markersize=5)
            for place, value in zip(places[there], values[there], strict=True):
                axes.annotate(
                    f"{value:.3f}",
                    (place, value),
                    (0, 6),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8.5,
                )
            axes.grid(axis="y", color=FAINT, linewidth=0.6)
            axes.set_axisbelow(True)
            low, high = float(values[there].min()), float(values[there].max())
            spare = max(LEAST - (high - low), 0.0) / 2
            low, high = low - spare, high + spare
            axes.set_ylim(low - 0.15 * (high - low), high + ROOM * (high - low))
        panels[-1].set_xticks(places, list(levels))
        panels[-1].set_xlim(-0.5, len(levels) - 0.5)
        panels[0].set_title(title)
    return figure
