"""The polyserial correlation: of a number with an ordered answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.bivariate import normal_cdf, normal_density
from psychoscales.engines.structure.likelihood import LIMIT
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]

METHODS = ("two_step", "ad_hoc")
FEWEST = 3
LOG_ROOT = float(np.log(2 * np.pi) / 2)


@dataclass(frozen=True)
class Polyserial:
    """A polyserial correlation and what it was estimated with.

    Attributes:
        correlation: of the number with the normal variable behind the answers.
        se: its standard error; None for the method "ad_hoc".
        thresholds: of the used options, in units of the standard normal.
        n: people.
        method: "two_step" or "ad_hoc".
    """

    correlation: float
    se: float | None
    thresholds: tuple[float, ...]
    n: int
    method: str


def polyserial(
    values: Floats,
    positions: npt.NDArray[np.int8],
    people: npt.NDArray[np.int64] | None = None,
    *,
    method: str = "two_step",
) -> Polyserial:
    r"""Return the correlation of numbers with the normal variable behind ordered answers.

    "two_step": the number's mean and variance (divisor n) and the answers' thresholds come
    first; then the correlation maximises, with z the standardized number,

    .. math:: \sum_i \log\left[\Phi\left(\frac{\tau_{a_i} - \rho z_i}{\sqrt{1 - \rho^2}}\right)
        - \Phi\left(\frac{\tau_{a_i - 1} - \rho z_i}{\sqrt{1 - \rho^2}}\right)\right]

    Its standard error takes in that mean, variance and thresholds are estimated too. "ad_hoc":
    Pearson's r with the answers' ranks times their sd over the sum of the densities at the
    thresholds. Both assume that the two variables are bivariate normal.

    Args:
        values: numbers [n]; NaN where missing.
        positions: option positions [n]; -1 where missing.
        people: how many people a row is; None means one each.
        method: "two_step" or "ad_hoc".

    Raises:
        RefusalError: fewer than three people with both; one answer only; equal numbers; a
            correlation that rises to its limit.

    Source:
        Olsson U, Drasgow F, Dorans NJ. The polyserial correlation coefficient. Psychometrika
        1982;47:337-347. doi:10.1007/BF02294164. "two_step" agrees with lavaan::lavCor to 1e-6,
        "ad_hoc" with polycor::polyserial to 1e-10.
    """
    if method not in METHODS:
        raise ValueError(f"method is 'two_step' or 'ad_hoc', not '{method}'")
    numbers, ranks, weights = _known(values, positions, people)
    n = int(weights.sum())
    mean = float(weights @ numbers) / n
    variance = float(weights @ (numbers - mean) ** 2) / n
    if not variance > 0:
        raise RefusalError("no correlation: everybody has the same number")
    shares = np.bincount(ranks, weights) / n
    thresholds = _quantiles(np.cumsum(shares)[:-1])
    z = (numbers - mean) / np.sqrt(variance)
    se = None
    if method == "ad_hoc":
        rho = float((weights * z) @ ranks / n / normal_density(thresholds).sum())
    else:
        joint = _Joint(z, ranks, weights, thresholds)
        rho = joint.maximum()
        se = joint.standard_error(rho)
    return Polyserial(rho, se, tuple(float(cut) for cut in thresholds), n, method)


def _known(
    values: Floats, positions: npt.NDArray[np.int8], people: npt.NDArray[np.int64] | None
) -> tuple[Floats, npt.NDArray[np.intp], Floats]:
    """Return numbers, ranks of used options and people of the rows that have both."""
    known = ~np.isnan(values) & (positions >= 0)
    if people is not None:
        known &= people > 0
    weights = np.ones(int(known.sum())) if people is None else people[known].astype(np.float64)
    n = int(weights.sum())
    if n < FEWEST:
        raise RefusalError(f"{n} people have both; a correlation needs {FEWEST} or more")
    numbers = np.asarray(values, dtype=np.float64)[known]
    options, ranks = np.unique(positions[known], return_inverse=True)
    if len(options) < 2:
        raise RefusalError("no correlation: everybody gave the same answer")
    return numbers, ranks, weights


def _quantiles(shares: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(shares), dtype=np.float64)


@dataclass
class _Joint:
    """Standardized numbers [m], ranks of answers [m], people [m], thresholds [C-1]."""

    z: Floats
    ranks: npt.NDArray[np.intp]
    weights: Floats
    thresholds: Floats

    def _ends(self) -> tuple[Floats, Floats]:
        """Thresholds below and above each answer; far away where there is none."""
        edges = np.concatenate([[-np.inf], self.thresholds, [np.inf]])
        return edges[self.ranks], edges[self.ranks + 1]

    def _hazards(self, rho: float) -> tuple[Floats, Floats]:
        """Density at each answer's lower and upper end over its probability, given the number.

        By logarithms: near +-1 both are too small for a number at people who are out of order,
        and these are the ones who tell that the correlation is not perfect.
        """
        from scipy.special import log_ndtr

        rest = np.sqrt((1 - rho) * (1 + rho))
        low, high = ((end - rho * self.z) / rest for end in self._ends())
        far = low > 0
        upper = log_ndtr(np.where(far, -low, high))
        gap = log_ndtr(np.where(far, -high, low)) - upper
        chance = upper + np.log(-np.expm1(gap))
        at_low, at_high = (np.exp(-(end**2) / 2 - LOG_ROOT - chance) for end in (low, high))
        return at_low, at_high

    def slopes(self, rho: float) -> Floats:
        """Return each row's derivative of the log-likelihood with respect to `rho` [m]."""
        at_low, at_high = self._hazards(rho)
        low, high = (np.where(np.isinf(end), 0.0, end) for end in self._ends())
        fall = at_high * (rho * high - self.z) - at_low * (rho * low - self.z)
        slopes: Floats = fall / ((1 - rho) * (1 + rho)) ** 1.5
        return slopes

    def maximum(self) -> float:
        from scipy.optimize import brentq

        def slope(rho: float) -> float:
            return float(self.weights @ self.slopes(rho))

        if slope(-LIMIT) <= 0 or slope(LIMIT) >= 0:
            raise RefusalError(
                f"the numbers and the answers go together perfectly (beyond {LIMIT:g})"
            )
        return float(brentq(slope, -LIMIT, LIMIT, xtol=1e-14, rtol=1e-14))

    def standard_error(self, rho: float) -> float:
        """By the delta method from each person's slopes, the first step's included."""
        z, weights, cuts = self.z, self.weights, self.thresholds
        at_low, at_high = self._hazards(rho)
        own = self.slopes(rho)
        rest = np.sqrt((1 - rho) * (1 + rho))
        shift = (at_high - at_low) * rho / rest
        # In units of the number's standard deviation: its mean, half the log of its variance.
        bivariate = [z + shift, z * z - 1 + z * shift]
        alone = [z, z * z - 1]
        share = np.diff(np.concatenate([[0.0], normal_cdf(cuts), [1.0]]))[self.ranks]
        for at, cut in enumerate(cuts):
            above, below = self.ranks == at, self.ranks == at + 1
            side = above.astype(np.float64) - below
            alone.append(side * normal_density(np.array([cut]))[0] / share)
            bivariate.append((above * at_high - below * at_low) / rest)
        first, mixed = np.array(alone), np.array(bivariate)
        inner = np.zeros((len(first), len(first)))
        for block in (slice(0, 2), slice(2, None)):
            inner[block, block] = (first[block] * weights) @ first[block].T
        across = mixed @ (weights * own)
        influence = own - np.linalg.solve(inner, across) @ first
        return float(np.sqrt(weights @ influence**2) / (weights @ own**2))
