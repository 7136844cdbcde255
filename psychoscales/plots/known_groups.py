"""A score in several groups: where its people are, and the means with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, INK, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
WIDE = 0.42
MOST_BINS = 60


def known_groups(
    values: Floats,
    counts: npt.NDArray[np.int64],
    labels: Sequence[str],
    means: Floats,
    intervals: Floats,
    *,
    title: str,
) -> Figure:
    """Return the figure; the width at a value is the share of the group's people who have it.

    Args:
        values: the score's values [m].
        counts: people per value and group [m, g].
        labels: the groups.
        means: of the groups [g].
        intervals: ends of the means' intervals [g, 2].
        title: what is plotted.
    """
    places, stacked, thick = _binned(values, counts)
    shares = stacked / np.maximum(stacked.sum(axis=0), 1)
    widths = WIDE * shares / shares.max()
    with canvas(width=max(4.8, 1.6 + 1.1 * len(labels))) as (figure, axes):
        for at in range(len(labels)):
            colour = COLOURS[at % len(COLOURS)]
            across = widths[:, at]
            axes.barh(places, 2 * across, thick, at - across, color=colour, alpha=0.35, linewidth=0)
            axes.plot([at, at], intervals[at], color=INK, linewidth=1.6, solid_capstyle="butt")
            axes.plot([at], [float(means[at])], marker="o", color=INK, markersize=5)
        named = [f"{label}\nn = {n:,}" for label, n in zip(labels, counts.sum(axis=0), strict=True)]
        axes.set_xticks(np.arange(len(labels)), named)
        axes.set_ylabel("score")
        axes.set_title(title)
    return figure


def _binned(
    values: Floats, counts: npt.NDArray[np.int64]
) -> tuple[Floats, npt.NDArray[np.int64], float]:
    """Return places, counts and height of bars: one a value, or even steps where these are many."""
    if len(values) < 2:
        return values, counts, 0.9
    step, span = float(np.diff(values).min()), float(values[-1] - values[0])
    if span > MOST_BINS * step:
        wanted = 2 * span / MOST_BINS
        power = 10.0 ** np.floor(np.log10(wanted))
        step = float(min(m * power for m in (1, 2, 5, 10) if m * power >= wanted * (1 - 1e-9)))
    bins = np.floor(values / step + 0.5)
    places, into = np.unique(bins, return_inverse=True)
    stacked = np.zeros((len(places), counts.shape[1]), dtype=np.int64)
    np.add.at(stacked, into, counts)
    return places * step, stacked, 0.9 * step
