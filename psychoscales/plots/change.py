"""Scores before and after: who changed by more than error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from psychoscales.plots.style import COLOURS, FAINT, QUIET, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
ONE, LARGEST = 16.0, 240.0
MARGIN = 0.04
KINDS = (
    (1, "improved", COLOURS[2]),
    (0, "no reliable change", COLOURS[0]),
    (-1, "deteriorated", COLOURS[1]),
)


def before_after(
    before: Floats,
    after: Floats,
    *,
    better: npt.NDArray[np.int8],
    band: tuple[float, float, float] | None,
    cutoff: float | None,
    title: str,
) -> Figure:
    """Return the figure; a point's area is how many people stand on it.

    Args:
        before, after: scores [n].
        better: 1 for reliably improved people, -1 for deteriorated ones, else 0 [n].
        band: intercept, slope and half width of the band without reliable change; None for none.
        cutoff: where functional scores begin; None for none.
        title: what is plotted.
    """
    ends = np.array([min(before.min(), after.min()), max(before.max(), after.max())])
    room = MARGIN * (float(np.ptp(ends)) or 1.0)
    wide = (float(ends[0]) - room, float(ends[1]) + room)
    points = np.round(np.column_stack([before, after, better]), 9)
    places, counts = np.unique(points, axis=0, return_counts=True)
    areas = counts * min(ONE, LARGEST / int(counts.max()))
    with canvas() as (figure, axes):
        axes.plot(ends, ends, color=FAINT, linewidth=0.8, zorder=0)
        if band is not None:
            middle = band[0] + band[1] * ends
            axes.fill_between(
                ends, middle - band[2], middle + band[2], color=QUIET, alpha=0.15, linewidth=0
            )
            axes.plot(ends, middle, color=QUIET, linewidth=0.8, linestyle="--")
        if cutoff is not None:
            axes.axhline(cutoff, color=QUIET, linewidth=0.8, linestyle=":")
            axes.axvline(cutoff, color=QUIET, linewidth=0.8, linestyle=":")
        for kind, name, colour in KINDS:
            here = places[:, 2] == kind
            if here.any():
                label = name if band is not None else None
                axes.scatter(
                    places[here, 0],
                    places[here, 1],
                    s=areas[here],
                    color=colour,
                    alpha=0.6,
                    linewidth=0,
                    label=label,
                )
        axes.set(title=title, xlabel="before", ylabel="after", xlim=wide, ylim=wide)
        if band is not None:
            figure.legend(loc="outside lower center", ncols=3)
    return figure
