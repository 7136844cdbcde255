"""Estimates in units of standard deviations of items and factors, with their standard errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.engines.structure.cfa.matrices import Layout, Matrices
from psychoscales.engines.structure.cfa.specification import Parameter

Floats = npt.NDArray[np.float64]


class Standardized(NamedTuple):
    """Completely standardized estimates, one for every row of the parameter table."""

    estimate: Floats
    se: Floats


class Spread(NamedTuple):
    """Variances of one group, each with its derivative by the free parameters.

    `item` and `factor` are of items (latent responses) and factors; `residual` and `disturbance`
    are what is left of them, by which their covariances are standardized.
    """

    item: tuple[Floats, Floats]
    factor: tuple[Floats, Floats]
    residual: tuple[Floats, Floats]
    disturbance: tuple[Floats, Floats]


def standardized(of: Fit) -> Standardized:
    """Return the completely standardized estimates (std.all), with delta-method errors.

    A loading is multiplied by the factor's standard deviation over the item's; a variance is
    over the total variance; a covariance of residuals is over the residual standard deviations,
    so that it is their correlation. Agrees with lavaan's standardizedSolution() to 1e-6.
    """
    layout = of.layout
    rows, groups = of.specification.parameters, layout.matrices(of.x)
    spreads = [spread(layout, at, each, of.x) for at, each in enumerate(groups)]
    estimate, slopes = np.zeros(len(rows)), np.zeros((len(rows), layout.q))
    raw = of.estimate
    for at, row in enumerate(rows):
        size, relative = scale(row, spreads[row.group])
        estimate[at] = raw[at] * size
        slopes[at] = estimate[at] * relative
        if row.free >= 0:
            slopes[at, row.free] += size
    if of.vcov is None:
        return Standardized(estimate, np.full(len(rows), np.nan))
    variance = np.einsum("rq,qs,rs->r", slopes, of.vcov, slopes, optimize=True)
    return Standardized(estimate, np.sqrt(np.maximum(variance, 0.0)))


def scale(row: Parameter, of: Spread) -> tuple[float, Floats]:
    """Return what standardizes a row, and the relative derivative of that [q].

    The multiplier is NaN where a variance is 0 or negative.
    """
    r, c = row.row, row.column
    if row.matrix == "lambda":
        parts = ((of.factor, c, 0.5), (of.item, r, -0.5))
    elif row.matrix == "beta":
        parts = ((of.factor, c, 0.5), (of.factor, r, -0.5))
    elif row.matrix in ("psi", "theta"):
        total, left = (of.factor, of.disturbance) if row.matrix == "psi" else (of.item, of.residual)
        chosen = total if r == c else left
        parts = ((chosen, r, -0.5), (chosen, c, -0.5))
    elif row.matrix == "alpha":
        parts = ((of.factor, r, -0.5), (of.factor, r, 0.0))
    else:
        power = 0.5 if row.matrix == "delta" else -0.5
        parts = ((of.item, r, power), (of.item, r, 0.0))
    size, relative = 1.0, np.zeros(of.item[1].shape[1])
    for (values, moved), at, power in parts:
        value = float(values[at])
        if power and not value > 0:
            return float("nan"), relative
        size *= value**power
        relative = relative + power * moved[at] / value if power else relative
    return size, relative


def spread(layout: Layout, group: int, of: Matrices, x: Floats) -> Spread:
    """Return the variances of a group's items and factors at x."""
    implied = layout.implied(x)[group]
    _, moved = layout.plain(group, of)
    r, c = layout.full
    diagonal = moved[r == c]
    item, left = diagonal, _chosen(layout, group, "theta")
    if layout.ordinal and not layout.theta_is_free:
        places = layout.places[group].get("delta")
        item = np.zeros_like(diagonal)
        if places is not None:
            np.add.at(
                item, (places.rows, places.free), -2 * of.delta[places.rows].astype(float) ** -3
            )
        left = item - diagonal
    return Spread(
        (np.diag(implied.cov), item),
        (np.diag(of.factor_covariance), _factors(layout, group, of)),
        (np.diag(implied.theta), left),
        (np.diag(of.psi), _chosen(layout, group, "psi")),
    )


def _chosen(layout: Layout, group: int, name: str) -> Floats:
    """Return the derivative of a matrix' own diagonal by the free parameters."""
    moved = np.zeros((layout.shapes[name][0], layout.q))
    places = layout.places[group].get(name)
    if places is not None:
        own = places.rows == places.columns
        np.add.at(moved, (places.rows[own], places.free[own]), 1.0)
    return moved


def _factors(layout: Layout, group: int, of: Matrices) -> Floats:
    """Return the derivative of the factors' variances [m, q]."""
    among, covariance = of.among, of.factor_covariance
    moved = np.zeros((len(among), layout.q))
    psi, beta = layout.places[group].get("psi"), layout.places[group].get("beta")
    if psi is not None:
        twice = np.where(psi.rows == psi.columns, 1.0, 2.0)
        np.add.at(moved.T, psi.free, (among[:, psi.rows] * among[:, psi.columns] * twice).T)
    if beta is not None:
        change = 2 * among[:, beta.rows] * covariance[beta.columns].T
        np.add.at(moved.T, beta.free, change.T)
    return moved
