"""Finding the estimates: maximum likelihood by Newton's method, least squares by Gauss-Newton."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.curvature import bending
from psychoscales.engines.structure.cfa.matrices import Implied, Layout, lower
from psychoscales.engines.structure.cfa.normal import Likelihood

Floats = npt.NDArray[np.float64]
MOST_STEPS, MOST_HALVINGS = 300, 40
FLAT = 1e-9


class Objective(Protocol):
    """What is made small: half the discrepancy per person."""

    def value(self, x: Floats) -> float: ...

    def gradient(self, x: Floats) -> Floats: ...

    def approximate(self, x: Floats) -> Floats: ...

    def exact(self, x: Floats) -> Floats | None: ...


@dataclass(frozen=True, eq=False)
class Found:
    """Where the search ended.

    Attributes:
        x: the free parameters [q].
        value: the objective there.
        steps: how many steps were made.
        slope: the largest element of the gradient, each parameter in units of its standard error
            for one person.
        converged: whether the slope is below 1e-9 and the minimum is one.
    """

    x: Floats
    value: float
    steps: int
    slope: float
    converged: bool


class MaximumLikelihood:
    """The weighted sum of the groups' normal likelihoods."""

    def __init__(self, layout: Layout, samples: Sequence[Likelihood]) -> None:
        self.layout, self.samples = layout, tuple(samples)
        total = sum(each.n for each in samples)
        self.shares = [each.n / total for each in samples]

    def value(self, x: Floats) -> float:
        """Return half the discrepancy per person."""
        groups = zip(self.shares, self.samples, self.layout.implied(x), strict=True)
        return sum(share * one.value(at.mean, at.cov) for share, one, at in groups)

    def gradient(self, x: Floats) -> Floats:
        """Return the derivative of the value [q]."""
        total = np.zeros(self.layout.q)
        for share, one, at, jacobian in self._groups(x):
            pull, push = one.slopes(at.mean, at.cov)
            r, c = lower(len(pull), True)
            slopes = np.concatenate([-pull, np.where(r == c, 0.5, 1.0) * push[r, c]])
            total += share * (slopes @ jacobian)
        return total

    def approximate(self, x: Floats) -> Floats:
        """Return the expected information per person [q, q]."""
        total = np.zeros((self.layout.q, self.layout.q))
        for share, one, at, jacobian in self._groups(x):
            total += share * (jacobian.T @ one.expected(at.mean, at.cov) @ jacobian)
        return total

    def exact(self, x: Floats) -> Floats:
        """Return the observed information per person [q, q]: the second derivative."""
        total = np.zeros((self.layout.q, self.layout.q))
        matrices = self.layout.matrices(x)
        for number, (share, one, at, jacobian) in enumerate(self._groups(x)):
            pull, push = one.slopes(at.mean, at.cov)
            curved = bending(self.layout, number, matrices[number], pull, push)
            information = jacobian.T @ one.observed(at.mean, at.cov) @ jacobian
            total += share * (information + curved)
        return total

    def _groups(self, x: Floats) -> zip[tuple[float, Likelihood, Implied, Floats]]:
        implied, jacobian = self.layout.implied(x), self.layout.jacobian(x)
        return zip(self.shares, self.samples, implied, jacobian, strict=True)


def weighted(weight: Floats, what: Floats) -> Floats:
    """Return weights times residuals [m] or a Jacobian [m, q]; a vector is a diagonal matrix."""
    if weight.ndim == 2:
        return np.asarray(weight @ what)
    return weight * what if what.ndim == 1 else weight[:, None] * what


def crossed(weight: Floats, jacobian: Floats) -> Floats:
    """Return J' W J; with a diagonal W half the work, because a matrix meets itself."""
    if weight.ndim == 2:
        return np.asarray(jacobian.T @ weight @ jacobian)
    half = np.sqrt(weight)[:, None] * jacobian
    return np.asarray(half.T @ half)


class LeastSquares:
    """Half the weighted sum of squared residuals of thresholds and correlations."""

    def __init__(
        self,
        layout: Layout,
        moments: Sequence[Floats],
        weights: Sequence[Floats],
        n: Sequence[int],
    ) -> None:
        self.layout, self.moments, self.weights = layout, tuple(moments), tuple(weights)
        self.shares = [each / sum(n) for each in n]

    def residuals(self, x: Floats) -> list[Floats]:
        """Return sample less implied moments of every group."""
        implied = self.layout.implied(x)
        return [moment - at.vector for moment, at in zip(self.moments, implied, strict=True)]

    def by_group(self, x: Floats) -> Floats:
        """Return each group's half weighted sum of squares."""
        sums = zip(self.weights, self.residuals(x), strict=True)
        return np.array([0.5 * float(gap @ weighted(weight, gap)) for weight, gap in sums])

    def value(self, x: Floats) -> float:
        """Return the sum over groups, weighted by people; inf outside the valid region."""
        total = float(np.dot(self.shares, self.by_group(x)))
        return total if np.isfinite(total) else float("inf")

    def gradient(self, x: Floats) -> Floats:
        """Return the derivative of the value [q]."""
        total = np.zeros(self.layout.q)
        jacobians = self.layout.jacobian(x)
        groups = zip(self.shares, self.weights, self.residuals(x), jacobians, strict=True)
        for share, weight, gap, jacobian in groups:
            total -= share * (weighted(weight, gap) @ jacobian)
        return total

    def approximate(self, x: Floats) -> Floats:
        """Return the Gauss-Newton matrix [q, q]."""
        total = np.zeros((self.layout.q, self.layout.q))
        groups = zip(self.shares, self.weights, self.layout.jacobian(x), strict=True)
        for share, weight, jacobian in groups:
            total += share * crossed(weight, jacobian)
        return total

    def exact(self, x: Floats) -> Floats | None:
        """Return the second derivative [q, q]; None where latent responses have other scales."""
        if not self.layout.unscaled:
            return None
        total = self.approximate(x)
        residuals, matrices = self.residuals(x), self.layout.matrices(x)
        r, c, there = self.layout.rows, self.layout.columns, self.layout.of_item
        for group, (share, weight, gap) in enumerate(
            zip(self.shares, self.weights, residuals, strict=True)
        ):
            slope, p = weighted(weight, gap), len(matrices[group].nu)
            push, pull = np.zeros((p, p)), np.zeros(p)
            push[r, c] = push[c, r] = -slope[len(there) :]
            np.add.at(pull, there, -slope[: len(there)])
            total += share * bending(self.layout, group, matrices[group], pull, push)
        return total


def minimise(objective: Objective, start: Floats, most: int | None = None) -> Found:
    """Return the minimum found in `most` steps (300), polished until the slope is below 1e-9.

    Near the minimum a step uses the second derivative where the objective has one; elsewhere its
    positive definite approximation, damped where a step does not go down.
    """
    x, value = start.copy(), objective.value(start)
    damping, near, slope = 0.0, False, float("inf")
    limit = MOST_STEPS if most is None else min(most, MOST_STEPS)
    for step in range(limit):
        gradient = objective.gradient(x)
        curve = objective.exact(x) if near else None
        exact = curve is not None and float(np.diag(curve).min()) > 0
        if curve is None or not exact:
            curve = objective.approximate(x)
        scale = np.sqrt(np.maximum(np.diag(curve), 1e-300))
        slope = float(np.abs(gradient / scale).max())
        if slope < FLAT:
            return Found(x, value, step, slope, True)
        direction = _direction(gradient, curve, scale, 0.0 if exact else damping)
        if direction is None:
            if exact:
                near = False
                continue
            damping = max(10 * damping, 1e-6)
            if damping > 1e8:
                break
            continue
        size, after = _search(objective.value, x, value, direction, float(gradient @ direction))
        if size == 0.0:
            if slope < 1e3 * FLAT or damping > 1e8:
                break
            damping, near = max(10 * damping, 1e-6), False
            continue
        near = size == 1.0 and value - after < 1e-2 * max(1.0, abs(value))
        damping = damping / 10 if damping > 1e-8 else 0.0
        x, value = x + size * direction, after
    # A slope at the limit of the arithmetic still is a minimum; one above it is not.
    return Found(x, value, limit, slope, slope < 1e2 * FLAT)


def _direction(gradient: Floats, curve: Floats, scale: Floats, damping: float) -> Floats | None:
    """Return the scaled, damped Newton step; None where the matrix is not positive definite."""
    unit = curve / np.outer(scale, scale)
    unit[np.diag_indices(len(unit))] += damping
    try:
        factor = np.linalg.cholesky(unit)
    except np.linalg.LinAlgError:
        return None
    if float(np.diag(factor).min()) < 1e-9:
        return None
    half = np.linalg.solve(factor, -gradient / scale)
    return np.asarray(np.linalg.solve(factor.T, half) / scale)


def _search(
    value: Callable[[Floats], float], x: Floats, before: float, direction: Floats, slope: float
) -> tuple[float, float]:
    """Return the first of the step sizes 1, 1/2, 1/4 ... that goes down, and the value there."""
    size = 1.0
    for _ in range(MOST_HALVINGS):
        after = value(x + size * direction)
        if after <= before + 1e-4 * size * slope + 1e-15 * max(1.0, abs(before)):
            return size, after
        size /= 2
    return 0.0, before
