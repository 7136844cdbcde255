"""What freeing a parameter would do: score tests and expected changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.estimation import LeastSquares, MaximumLikelihood, weighted
from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.engines.structure.cfa.matrices import SYMMETRIC, Layout
from psychoscales.engines.structure.cfa.normal import Likelihood
from psychoscales.engines.structure.cfa.ordered import Ordered
from psychoscales.engines.structure.cfa.robust import chi_square_p
from psychoscales.engines.structure.cfa.specification import Parameter, Specification
from psychoscales.engines.structure.cfa.standardized import scale, spread
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


class Modification(NamedTuple):
    """One parameter that the model does not have.

    `mi` is the score test of one degree of freedom, about what the plain chi-square would fall by
    if the parameter were free; `epc` its expected value then, `sepc` the same standardized.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    mi: float
    p: float
    epc: float
    sepc: float


def modifications(of: Fit) -> tuple[Modification, ...]:
    r"""Return modification indices of cross loadings, residual and factor covariances.

    .. math:: \frac{N g^2}{I_{11} - I_{12} I_{22}^{-1} I_{21}}

    with g the slope of the discrepancy by the new parameter and I the expected information (for
    least squares, its Gauss-Newton matrix). They are not corrected for non-normality, as in
    other programs. Parameters whose index is not defined are left out.

    Raises:
        RefusalError: the search did not converge.

    Source:
        Sorbom D. Model modification. Psychometrika 1989;54:371-384. doi:10.1007/BF02294623.
        Agrees with lavaan's modindices() to 2e-5.
    """
    if not of.converged:
        raise RefusalError("no modification indices: the search for estimates did not converge")
    own = of.specification
    new = tuple(_candidates(own))
    if not new:
        return ()
    wider = replace(own, parameters=(*own.parameters, *new))
    layout = Layout(wider)
    x = np.concatenate([of.x, np.zeros(len(new))])
    q = len(of.x)
    gradient, across, own_curve = _slopes(of, layout, x, q)
    solved = np.linalg.solve(across[:, :q], across[:, q:])
    left = own_curve[q:] - np.einsum("qn,qn->n", across[:, q:], solved)
    spreads = [spread(of.layout, at, each, of.x) for at, each in enumerate(of.matrices)]
    found = []
    for row, slope, space in zip(new, gradient[q:], left, strict=True):
        if space < 6e-6:
            continue
        mi, epc = sum(of.n) * float(slope) ** 2 / float(space), -float(slope) / float(space)
        size, _ = scale(row, spreads[row.group])
        found.append(
            Modification(
                row.lhs, row.op, row.rhs, row.group, mi, chi_square_p(mi, 1), epc, epc * size
            )
        )
    return tuple(found)


def _slopes(of: Fit, layout: Layout, x: Floats, q: int) -> tuple[Floats, Floats, Floats]:
    """Return the widened model's gradient, and of its expected information I what is needed.

    That is the first q rows, of the parameters that the model has, and the diagonal.
    """
    if layout.ordinal:
        ordered = [each for each in of.samples if isinstance(each, Ordered)]
        weights = [piece.weight for piece in of.pieces]
        vectors = [each.vector for each in ordered]
        squares = LeastSquares(layout, vectors, weights, of.n)
        # The statistic has n - 1 people a group, and so has its slope, as in lavaan.
        fewer = LeastSquares(layout, vectors, weights, [n - 1 for n in of.n])
        gradient = fewer.gradient(x) * (1 - len(of.n) / sum(of.n))
        return gradient, *_information(squares.shares, weights, layout.jacobian(x), q)
    samples: list[Likelihood] = [each for each in of.samples if not isinstance(each, Ordered)]
    likelihood = MaximumLikelihood(layout, samples)
    at = zip(samples, layout.implied(x), strict=True)
    expected = [one.expected(implied.mean, implied.cov) for one, implied in at]
    found = _information(likelihood.shares, expected, layout.jacobian(x), q)
    return likelihood.gradient(x), *found


def _information(
    shares: Sequence[float], weights: Sequence[Floats], jacobians: Sequence[Floats], q: int
) -> tuple[Floats, Floats]:
    size = jacobians[0].shape[1]
    across, own = np.zeros((q, size)), np.zeros(size)
    for share, weight, jacobian in zip(shares, weights, jacobians, strict=True):
        heavy = weighted(weight, jacobian)
        across += share * (jacobian[:, :q].T @ heavy)
        own += share * (jacobian * heavy).sum(axis=0)
    return across, own


def _candidates(of: Specification) -> Iterator[Parameter]:
    """Yield the loadings and covariances that the model holds at 0, numbered on."""
    there = {(each.matrix, each.row, each.column, each.group) for each in of.parameters}
    there |= {(name, c, r, group) for name, r, c, group in there if name in SYMMETRIC}
    above = set(of.second_order)
    below = {each.row for each in of.parameters if each.matrix == "beta"}
    number, nan = of.free, float("nan")
    for group in range(of.groups):
        for column, factor in enumerate(of.factors):
            for row, item in enumerate(of.items):
                if factor not in above and ("lambda", row, column, group) not in there:
                    yield Parameter(factor, "=~", item, group, "lambda", row, column, number, nan)
                    number += 1
        for matrix, names in (("theta", of.items), ("psi", of.factors)):
            for column, first in enumerate(names):
                for row in range(column + 1, len(names)):
                    mixed = matrix == "psi" and (row in below) != (column in below)
                    if mixed or (matrix, row, column, group) in there:
                        continue
                    yield Parameter(
                        first, "~~", names[row], group, matrix, row, column, number, nan
                    )
                    number += 1
