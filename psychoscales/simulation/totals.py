"""Whole numbers with a printed mean and SD, and sheets of items that add up to them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def half_unit(printed: str) -> float:
    """Return half a unit of the last printed decimal: 0.005 of "12.38"."""
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


def sums_of(n: int, mean: str, sd: str, divisor: int = 1) -> tuple[int, int]:
    r"""Return the sum S and the sum of squares Q of n integers nearest to a printed mean and SD.

    Of the pairs with :math:`S \equiv Q \pmod 2` whose S / (n d) and
    :math:`\sqrt{(Q - S^2/n)/(n - 1)} / d` round to what is printed, the one nearest to it.

    Args:
        n: people.
        mean: as printed.
        sd: as printed, with n - 1.
        divisor: d, what the integers are divided by before they are summarised (items of a mean).

    Raises:
        ValueError: no integers have this mean and SD (GRIM, GRIMMER).

    Source:
        Brown and Heathers 2017 (GRIM), doi:10.1177/1948550616673876; Anaya 2016 (GRIMMER).
    """
    found: list[tuple[float, int, int]] = []
    m, s = float(mean), float(sd)
    half_m, half_s = half_unit(mean), half_unit(sd)
    low, high = (int(np.floor((m + side * half_m) * n * divisor)) for side in (-1, 1))
    for total in range(low, high + 2):
        off_m = abs(total / (n * divisor) - m) / half_m
        ideal = (s * divisor) ** 2 * (n - 1) + total**2 / n
        for square in range(int(ideal) - 2, int(ideal) + 4):
            if (square - total) % 2 or n * square < total**2:
                continue
            variance = (square - total**2 / n) / (n - 1)
            off_s = abs(np.sqrt(max(variance, 0.0)) / divisor - s) / half_s
            if max(off_m, off_s) < 1 - 1e-6:
                found.append((off_m**2 + off_s**2, total, square))
    if not found:
        raise ValueError(f"no {n} integers have mean {mean} and SD {sd}")
    return min(found)[1:]


def integers(
    n: int,
    mean: str,
    sd: str,
    limits: tuple[int, int],
    generator: np.random.Generator,
    divisor: int = 1,
) -> Integers:
    """Return n integers within limits whose mean and SD (n - 1) round to the printed ones.

    They are drawn from a beta distribution with those moments, then moved by one until the sum
    and the sum of squares are exact.

    Raises:
        ValueError: no such integers, or none were found.
    """
    total, square = sums_of(n, mean, sd, divisor)
    low, high = limits
    mu = (total / n - low) / (high - low)
    var = (square - total**2 / n) / (n - 1) / (high - low) ** 2
    if var == 0 and low <= total // n <= high:
        return np.full(n, total // n)
    weight = mu * (1 - mu) / var - 1 if 0 < mu < 1 and var > 0 else 0.0
    if weight <= 0:
        raise ValueError(f"mean {mean} and SD {sd} do not fit between {low} and {high}")
    drawn = generator.beta(mu * weight, (1 - mu) * weight, n)
    z = (drawn - drawn.mean()) / drawn.std(ddof=1)
    values = np.rint(low + (high - low) * (mu + np.sqrt(var) * z)).astype(np.int64)
    values = _with_sum(np.clip(values, low, high), total, limits, generator)
    return generator.permutation(_with_square(values, square, limits, generator))


def _with_sum(
    values: Integers, total: int, limits: tuple[int, int], generator: np.random.Generator
) -> Integers:
    values = values.copy()
    while gap := total - int(values.sum()):
        step = 1 if gap > 0 else -1
        free = np.flatnonzero(values < limits[1] if gap > 0 else values > limits[0])
        chosen = generator.choice(free, size=min(abs(gap), len(free)), replace=False)
        values[chosen] += step
    return values


def _with_square(
    values: Integers, square: int, limits: tuple[int, int], generator: np.random.Generator
) -> Integers:
    """Move pairs apart or together: a + 1, b - 1 adds 2 (a - b + 1) to the sum of squares."""
    values = values.copy()
    for _ in range(20 * len(values)):
        gap = square - int(np.sum(values**2))
        if gap == 0:
            return values
        up = generator.choice(np.flatnonzero(values < limits[1]))
        down = np.flatnonzero(values > limits[0])
        down = generator.permutation(down[down != up])
        after = np.abs(gap - 2 * (values[up] - values[down] + 1))
        best = int(after.argmin())
        if after[best] < abs(gap):
            values[up] += 1
            values[down[best]] -= 1
    raise ValueError(f"no integers in {limits} with the sum of squares {square} were found")


def alpha(items: npt.NDArray[np.float64] | Integers) -> float:
    """Return raw alpha of [n, k] answers keyed in one direction."""
    k = items.shape[1]
    variances = items.var(axis=0, ddof=1)
    return float(k / (k - 1) * (1 - variances.sum() / items.sum(axis=1).var(ddof=1)))


def sheets(
    totals: Integers,
    limits: tuple[int, int],
    easiness: Floats,
    noise: Floats,
    reliability: float,
    generator: np.random.Generator,
) -> Integers:
    r"""Return items [n, k] that add up to the totals exactly, with alpha near `reliability`.

    Item j of person i has steps s = 1, 2, ... with the margin
    :math:`a_j - \tau_s + c\, b_j \epsilon_{ij}`, which falls with s; a person whose total is m
    above the lowest takes the m steps with the largest margins. That is the graded model with
    each person's trait chosen so that the sum is the total. Alpha falls as c grows; c is found
    by bisection.

    Args:
        totals: sums of the items [n].
        limits: lowest and highest answer of an item.
        easiness: a [k]; rarer items are lower.
        noise: b [k]; items with more of it correlate less with the rest.
        reliability: alpha to aim for.
        generator: of random numbers.
    """
    low, high = limits
    n, k = len(totals), len(easiness)
    steps = np.linspace(-1.0, 1.0, high - low)
    fixed = (easiness[:, None] - steps[None, :]).reshape(1, -1)
    own = np.repeat(generator.standard_normal((n, k)) * noise, high - low, axis=1)
    ties = 1e-6 * generator.standard_normal((n, k)).repeat(high - low, axis=1)
    taken = np.arange(k * (high - low))[None, :] < (totals - k * low)[:, None]

    def filled(scale: float) -> Integers:
        order = np.argsort(-(fixed + scale * own + ties), axis=1, kind="stable")
        chosen = np.zeros(order.shape, dtype=bool)
        np.put_along_axis(chosen, order, taken, axis=1)
        answers: Integers = low + chosen.reshape(n, k, -1).sum(axis=2, dtype=np.int64)
        return answers

    least, most = 0.0, 8.0
    for _ in range(24):
        middle = (least + most) / 2
        if alpha(filled(middle)) > reliability:
            least = middle
        else:
            most = middle
    return filled((least + most) / 2)
