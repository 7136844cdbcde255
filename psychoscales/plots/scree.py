"""Eigenvalues beside those of answers that have nothing in common."""

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


@dataclass(frozen=True, eq=False)
class Curve:
    """One line of a scree plot: observed eigenvalues, and the reference they are held against."""

    name: str
    observed: Floats
    reference: Floats
    factors: int | None


def scree_figure(curves: Sequence[Curve], reference: str, title: str) -> Figure:
    """Return a scree plot; `reference` names the reference in the legend."""
    from matplotlib.ticker import MaxNLocator

    with canvas() as (figure, axes):
        for number, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False), start=1):
            place = np.arange(1, len(curve.observed) + 1)
            name = curve.name if curve.factors is None else f"{curve.name}: {curve.factors}"
            axes.plot(place, curve.observed, "o-", color=colour, markersize=4, label=name)
            label = f"{reference} (dashed)" if number == len(curves) else None
            axes.plot(place, curve.reference, "--", color=colour, linewidth=1.2, label=label)
        axes.axhline(0.0, color=QUIET, linewidth=0.6)
        axes.set_xlabel("number")
        axes.set_ylabel("eigenvalue")
        axes.set_title(title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure
