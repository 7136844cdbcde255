"""What a correlation would be if both scores were without measurement error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reliability:
    """A score's reliability, and whose answers it is from.

    Attributes:
        value: above 0; 1 of what is measured without error.
        influence: each person's influence on it [N]; NaN of people who are not in it. None where
            the reliability is a number brought along, which is taken as known.
        uncertain: where its sampling error cannot be had, why; there is then no interval.
    """

    value: float
    influence: Floats | None = None
    uncertain: str | None = None


@dataclass(frozen=True)
class Disattenuated:
    """A correlation corrected for attenuation.

    Attributes:
        value: unrounded and not cut at 1.
        low, high: the interval's ends; None where there is none.
        method: of the interval.
        note: what a reader should know of it.
    """

    value: float
    low: float | None = None
    high: float | None = None
    method: str | None = None
    note: str | None = None


def disattenuated(
    r: float,
    influence: Floats,
    first: Reliability,
    second: Reliability,
    level: float = 0.95,
) -> Disattenuated:
    r"""Return Spearman's correction for attenuation, with a distribution-free interval.

    .. math:: r_c = \frac{r}{\sqrt{\rho_x \rho_y}}

    The interval counts the sampling error of all three: with u the influences of people on r and
    on the reliabilities, each centred and divided by :math:`\sqrt{n (n - 1)}` of its own people,

    .. math:: se^2 = \sum_i \left[ \frac{u_i(r)}{\sqrt{\rho_x \rho_y}}
        - \frac{r_c}{2} \left( \frac{u_i(\rho_x)}{\rho_x} + \frac{u_i(\rho_y)}{\rho_y} \right)
        \right]^2

    and the value and z of these on either side. It is not cut at 1: with a reliability that is
    estimated, or is too low because errors correlate, a corrected correlation can pass 1.

    Args:
        r: Pearson's correlation.
        influence: each person's influence on r [N]; NaN of people who are not in it.
        first, second: the reliabilities of the two scores.
        level: confidence level.

    Raises:
        RefusalError: a reliability is not above 0, or is above 1.

    Source:
        Spearman C. The proof and measurement of association between two things. Am J Psychol
        1904;15:72-101. doi:10.2307/1412159. The value agrees with psych::correct.cor to 1e-10.
    """
    for each in (first, second):
        if not 0 < each.value <= 1:
            raise RefusalError(
                f"a reliability of {each.value:.3f} corrects nothing: it has to be above 0, at "
                "most 1"
            )
    scale = math.sqrt(first.value * second.value)
    value = r / scale
    note = None
    if abs(value) > 1:
        note = (
            "corrected beyond 1: the reliabilities are too low for this correlation, by chance or "
            "because errors correlate; it is shown as it is"
        )
    why = first.uncertain or second.uncertain
    if why is not None:
        return Disattenuated(value, note=f"no interval of the corrected: {why}")
    total = _part(influence) / scale
    for each in (first, second):
        if each.influence is not None:
            total = total - value / 2 * _part(each.influence) / each.value
    half = normal_quantile(level) * math.sqrt(float(total @ total))
    return Disattenuated(value, value - half, value + half, "distribution_free", note)


def _part(influence: Floats) -> Floats:
    """Return the influences [N], centred, divided by root n (n - 1) of their people, else 0."""
    there = ~np.isnan(influence)
    n = int(there.sum())
    if n < 3:
        raise RefusalError(f"an interval needs three people or more, not {n}")
    centred = np.where(there, influence, 0.0)
    centred = np.where(there, centred - centred.sum() / n, 0.0)
    return np.asarray(centred / math.sqrt(n * (n - 1)))
