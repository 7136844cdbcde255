"""The SD that some of the people can have, given the SD of all: regressions are of fewer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.auditing.context import Context
from psychoscales.auditing.printed import Span
from psychoscales.auditing.published import Published

Floats = npt.NDArray[np.float64]
ANY = Span(0.0, math.inf)


def sd_of_counts(counts: Sequence[int], codes: Sequence[float]) -> float:
    """Return the SD (divisor n - 1) of categories coded as `codes`; nan for one person."""
    n = sum(counts)
    if n < 2:
        return math.nan
    mean = sum(c * x for c, x in zip(counts, codes, strict=True)) / n
    squares = sum(c * (x - mean) ** 2 for c, x in zip(counts, codes, strict=True))
    return math.sqrt(squares / (n - 1))


def sd_of_some(counts: Sequence[int], codes: Sequence[float], kept: int) -> Span:
    r"""Return the smallest and the largest SD that `kept` of these people can have.

    The least spread of m of n sorted values is that of m neighbours; the largest is that of the i
    lowest and the m - i highest, for some i. Both are tried for every start, so that the ends are
    exact.
    """
    n = sum(counts)
    if not 2 <= kept <= n:
        return ANY
    values = np.sort(np.repeat(np.asarray(codes, dtype=float), counts))
    values = values - values.mean()
    first = np.concatenate([[0.0], np.cumsum(values)])
    second = np.concatenate([[0.0], np.cumsum(values**2)])
    left = np.arange(n - kept + 1)
    near = _squares(
        first[left + kept] - first[left], second[left + kept] - second[left], kept
    ).min()
    low = np.arange(kept + 1)
    high = n - kept + low
    far = _squares(
        first[low] + first[n] - first[high], second[low] + second[n] - second[high], kept
    ).max()
    return Span(math.sqrt(max(near, 0.0) / (kept - 1)), math.sqrt(max(far, 0.0) / (kept - 1)))


def _squares(total: Floats, squares: Floats, kept: int) -> Floats:
    around: Floats = squares - total**2 / kept
    return around


def change_of_sd(published: Published, context: Context, name: str, kept: int | None) -> Span:
    r"""Return by what factor the printed SD of a score can change among `kept` of its people.

    Leaving out d people takes from the sum of squares at most d D^2 + (d D)^2 / m, D the largest
    possible distance from the mean, and adds nothing:

    .. math:: \frac{(n - 1) s^2 - d D^2 - (d D)^2 / m}{m - 1} \le s_m^2 \le
        \frac{(n - 1) s^2}{m - 1}, \quad d = n - m

    The upper end is widened for an SD that was printed with the divisor n. Where n is not printed
    every n up to the number of people is tried; where nothing is known, nothing is excluded.
    """
    row = published.descriptives_of(name)
    if row is None or row.sd is None or kept is None or kept < 2 or row.sd.value <= 0:
        return ANY
    most = row.n.whole if row.n is not None else context.people
    if most is None or most < kept:
        return ANY
    sd, mean, possible = float(row.sd), float(row.mean), context.possible(name)
    low = float(row.min) if row.min is not None else possible.low
    high = float(row.max) if row.max is not None else possible.high
    top = math.sqrt((most - 1) / (kept - 1) * kept / (kept - 1))
    if low is None or high is None:
        return Span(1.0 if most == kept else 0.0, top)
    far = max(mean - low, high - mean) + float(row.mean.half)
    left_out = np.arange(most - kept + 1) if row.n is None else np.array([most - kept])
    squares = (kept + left_out - 1) * (sd - float(row.sd.half)) ** 2
    squares = squares - left_out * far**2 - (left_out * far) ** 2 / kept
    return Span(math.sqrt(max(float(squares.min()), 0.0) / (kept - 1)) / sd, top)
