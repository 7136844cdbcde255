r"""Variance components of incomplete ratings, by restricted maximum likelihood (REML).

The model of rating j of target i is :math:`y_{ij} = \mu + a_i + b_j + e_{ij}` with independent
normal effects of variances :math:`\sigma_a^2` (targets), :math:`\sigma_b^2` (raters or occasions)
and :math:`\sigma_e^2`. Targets are eliminated: they enter through sums over targets with the same
number of ratings, so that one evaluation costs O(r^3), whatever the number of targets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.ratings import rated
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Criterion = Callable[[Floats], tuple[float, Floats]]
LOWEST, HIGHEST = -20.0, 30.0
MOST_STEPS, LONGEST, CLOSE = 60, 3.0, 1e-11
STARTS = ((0.0, -2.3), (-2.3, 0.0))
FLAT = 1e-9
TINY = 1e-300


@dataclass(frozen=True)
class Components:
    """Variances of the random effects.

    Attributes:
        target, rater, error: the variances; `rater` is 0 under the one-way model.
        mean: the general mean.
        criterion: minus twice the restricted log-likelihood.
        n, r, ratings: targets with a rating, raters, and ratings.
    """

    target: float
    rater: float
    error: float
    mean: float
    criterion: float
    n: int
    r: int
    ratings: int


@dataclass(frozen=True, eq=False)
class Sums:
    """What the likelihood needs of the ratings; they are centred and of unit variance here.

    Attributes:
        n, r, N: targets, raters, ratings.
        centre, spread: what was subtracted from the ratings, and divided by.
        m, targets: distinct numbers of ratings of a target, and how many targets have each [g].
        XX, Xy, yy: cross products of the columns (1, indicators of the raters) and ratings,
            all as deviations from the target's own means.
        S, t, q: cross products of the sums over each target, added up for each m [g, ...].
    """

    n: int
    r: int
    N: int
    centre: float
    spread: float
    m: Floats
    targets: Floats
    XX: Floats
    Xy: Floats
    yy: float
    S: Floats
    t: Floats
    q: Floats

    def evaluate(self, a: float, b: float) -> tuple[float, float, Floats, Floats, Floats]:
        """Return log-determinants, penalised residual sum of squares, their gradients, effects.

        `a` and `b` are the variances of targets and raters, divided by that of the error.
        """
        inflated = 1 + self.m * a
        weight, slope = 1 / (self.m * inflated), 1 / inflated**2
        A = self.XX + np.tensordot(weight, self.S, 1)
        B = self.Xy + weight @ self.t
        dA, dB = -np.tensordot(slope, self.S, 1), -(slope @ self.t)
        scale = np.full(len(A), b)
        scale[0] = 1.0
        M = scale[:, None] * A
        M[np.diag_indices(len(A))] += np.where(np.arange(len(A)) > 0, 1.0, 0.0)
        inverse = np.linalg.inv(M)
        effects: Floats = inverse @ (scale * B)
        below = A.copy()
        below[0] = 0.0
        left = (B - A @ effects)[1:]
        logs = float(self.targets @ np.log(inflated)) + float(np.linalg.slogdet(M)[1])
        d_logs = [
            float(self.targets @ (self.m / inflated))
            + float((inverse * (scale[:, None] * dA).T).sum()),
            float((inverse * below.T).sum()),
        ]
        squares = max(self.yy + float(weight @ self.q) - float(B @ effects), TINY)
        d_squares = [
            -float(slope @ self.q) - 2 * float(dB @ effects) + float(effects @ dA @ effects),
            -float(left @ left),
        ]
        return logs, squares, np.array(d_logs), np.array(d_squares), effects

    def profiled(self, a: float, b: float) -> tuple[float, Floats]:
        """Return the criterion with the error variance at its best, and d / d(a, b)."""
        logs, squares, d_logs, d_squares, _ = self.evaluate(a, b)
        df = self.N - 1
        return logs + df * float(np.log(squares / df)), d_logs + df * d_squares / squares

    def at_variance(self, a: float, b: float, error: float) -> tuple[float, Floats, float]:
        """Return the criterion at an error variance, d / d(a, b), and d / d error."""
        logs, squares, d_logs, d_squares, _ = self.evaluate(a, b)
        df = self.N - 1
        value = logs + df * (float(np.log(error)) - 1) + squares / error
        return value, d_logs + d_squares / error, df / error - squares / error**2


def sums(ratings: npt.ArrayLike) -> Sums:
    """Add up ratings [n, r] for the likelihood; NaN where there is none.

    Raises:
        RefusalError: no target has two ratings, or the ratings do not vary.
    """
    table = rated(ratings)
    there = ~np.isnan(table)
    known = table[there]
    centre, spread = float(known.mean()), float(known.std())
    counts = there.sum(axis=1)
    if counts.max() < 2:
        raise RefusalError("nobody was rated twice")
    if not spread > 1e-12 * float(np.abs(known).max()):
        raise RefusalError("no variance: all ratings are the same")
    mask = there.astype(np.float64)
    y = np.where(there, (table - centre) / spread, 0.0)
    summed, totals = np.column_stack([counts, mask]), y.sum(axis=1)
    m = np.unique(counts)
    same = [counts == size for size in m]
    S = np.stack([summed[some].T @ summed[some] for some in same])
    own, deviation = mask / counts[:, None], y - mask * (totals / counts)[:, None]
    XX, Xy = np.zeros_like(S[0]), np.zeros(len(S[0]))
    XX[1:, 1:] = np.diag(mask.sum(axis=0)) - mask.T @ own
    Xy[1:] = deviation.sum(axis=0)
    return Sums(
        n=len(table),
        r=table.shape[1],
        N=int(counts.sum()),
        centre=centre,
        spread=spread,
        m=m.astype(np.float64),
        targets=np.array([float(some.sum()) for some in same]),
        XX=XX,
        Xy=Xy,
        yy=float((deviation**2).sum()),
        S=S,
        t=np.stack([totals[some] @ summed[some] for some in same]),
        q=np.array([float((totals[some] ** 2).sum()) for some in same]),
    )


def reml(known: Sums, *, raters: bool = True) -> Components:
    """Return the REML estimates of the variance components.

    Args:
        known: sums of the ratings.
        raters: whether raters have an effect of their own (two-way crossed random model); without
            it the model is the one-way one, and the rater's variance is part of the error.

    Raises:
        RefusalError: an estimate is without bounds, as when nobody's ratings differ.

    Source:
        Patterson HD, Thompson R. Biometrika 1971;58:545-554. doi:10.1093/biomet/58.3.545. Agrees
        with lme4::lmer to 1e-6 of the total variance.
    """
    free = (True, raters)
    a, b, value = _best(known, free)
    for at in (0, 1):
        if free[at] and (a, b)[at] < 1e-4:
            fixed = (free[0] and at != 0, free[1] and at != 1)
            other = _best(known, fixed)
            if other[2] <= value + FLAT and _rises_from_zero(known, other, at):
                (a, b, value), free = other, fixed
    if max(a, b) > np.exp(HIGHEST) / 10:
        raise RefusalError("there is no error: what is left of the ratings does not vary")
    _, squares, _, _, effects = known.evaluate(a, b)
    df = known.N - 1
    error = squares / df * known.spread**2
    return Components(
        target=a * error,
        rater=b * error,
        error=error,
        mean=known.centre + known.spread * float(effects[0]),
        criterion=value + df * float(1 + np.log(2 * np.pi) + 2 * np.log(known.spread)),
        n=known.n,
        r=known.r,
        ratings=known.N,
    )


def _rises_from_zero(known: Sums, found: tuple[float, float, float], at: int) -> bool:
    return float(known.profiled(found[0], found[1])[1][at]) >= 0


def _best(known: Sums, free: tuple[bool, bool]) -> tuple[float, float, float]:
    """Return both ratios of variances and the criterion; a component that is not free is 0."""
    places = [at for at in (0, 1) if free[at]]

    def criterion(logs: Floats) -> tuple[float, Floats]:
        ratio = np.zeros(2)
        ratio[places] = np.exp(logs)
        value, gradient = known.profiled(float(ratio[0]), float(ratio[1]))
        return value, gradient[places] * ratio[places]

    if not places:
        return 0.0, 0.0, known.profiled(0.0, 0.0)[0]
    starts = [np.array(start)[places] for start in STARTS]
    value, logs = min((minimised(criterion, start) for start in starts), key=lambda pair: pair[0])
    ratio = np.zeros(2)
    ratio[places] = np.exp(logs)
    return float(ratio[0]), float(ratio[1]), value


def minimised(criterion: Criterion, start: Floats) -> tuple[float, Floats]:
    """Minimise over logarithms of ratios by Newton's method, held to decrease, within bounds."""
    x = np.clip(start, LOWEST, HIGHEST)
    value, gradient = criterion(x)
    for _ in range(MOST_STEPS):
        free = ~(((x <= LOWEST) & (gradient > 0)) | ((x >= HIGHEST) & (gradient < 0)))
        if not np.abs(gradient[free]).max(initial=0.0) > 0:
            break
        step = np.zeros(len(x))
        step[free] = _newton(criterion, x, gradient, np.flatnonzero(free))
        for _ in range(MOST_STEPS):
            there = np.clip(x + step, LOWEST, HIGHEST)
            found = criterion(there)
            if found[0] <= value:
                break
            step /= 3
        else:
            break
        moved = float(np.abs(there - x).max())
        x, (value, gradient) = there, found
        if moved < CLOSE:
            break
    return value, x


def _newton(
    criterion: Criterion, x: Floats, gradient: Floats, free: npt.NDArray[np.int64]
) -> Floats:
    """Return Newton's step, uphill curvatures taken as downhill ones, no longer than LONGEST."""
    hessian = np.array([_slope(criterion, x, at)[free] for at in free])
    curvature, axes = np.linalg.eigh((hessian + hessian.T) / 2)
    steep = np.abs(curvature)
    steep = np.maximum(steep, max(float(steep.max()) * FLAT, FLAT))
    step: Floats = -(axes @ ((axes.T @ gradient[free]) / steep))
    return step * min(1.0, LONGEST / max(float(np.abs(step).max()), FLAT))


def _slope(criterion: Criterion, x: Floats, at: int) -> Floats:
    step = np.zeros(len(x))
    step[at] = 1e-4
    slope: Floats = (criterion(x + step)[1] - criterion(x - step)[1]) / 2e-4
    return slope
