"""The moments that a factor model implies, and how each free parameter moves them.

For each group, with L = Lambda (I - B)^-1,

    mean = nu + L alpha        covariance = L Psi L' + Theta

and for ordinal items, with the scales delta of the latent responses,

    threshold = delta_i (tau - mean_i)        correlation = delta_i delta_j covariance_ij
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.specification import Specification

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
T = TypeVar("T")
SYMMETRIC = ("psi", "theta")


@dataclass(frozen=True, eq=False)
class Places:
    """Where the free parameters of one matrix stand: rows, columns, numbers of the estimates."""

    rows: Integers
    columns: Integers
    free: Integers


@dataclass(frozen=True, eq=False)
class Matrices:
    """The model matrices of one group, filled with values.

    Attributes:
        lam: loadings [p, m].
        beta: regressions among factors [m, m].
        psi: factor (residual) covariances [m, m].
        theta: residual covariances [p, p].
        nu, alpha: intercepts [p], factor means [m].
        tau: thresholds [p, most thresholds], NaN behind an item's last one.
        delta: scales of the latent responses [p].
    """

    lam: Floats
    beta: Floats
    psi: Floats
    theta: Floats
    nu: Floats
    alpha: Floats
    tau: Floats
    delta: Floats

    @property
    def among(self) -> Floats:
        """The matrix (I - B)^-1 [m, m]."""
        if not self.beta.any():
            return np.eye(len(self.beta))
        return np.asarray(np.linalg.inv(np.eye(len(self.beta)) - self.beta))

    @property
    def factor_covariance(self) -> Floats:
        """The covariances of all factors [m, m]."""
        among = self.among
        return np.asarray(among @ self.psi @ among.T)

    @property
    def factor_mean(self) -> Floats:
        """The means of all factors [m]."""
        return np.asarray(self.among @ self.alpha)


@dataclass(frozen=True, eq=False)
class Implied:
    """What a model implies for one group.

    Attributes:
        mean: [p], of the items or latent responses.
        cov: [p, p]; for ordinal items of the latent responses, before scaling.
        vector: the moments in the order of the sample's: means then covariances column by column
            of the lower triangle with its diagonal; for ordinal items thresholds item by item,
            then correlations column by column.
        scale: [p], delta of the latent responses; ones for continuous items.
        theta: residual covariances [p, p], derived ones filled in.
    """

    mean: Floats
    cov: Floats
    vector: Floats
    scale: Floats
    theta: Floats

    @property
    def correlation(self) -> Floats:
        """The implied matrix of the scaled latent responses [p, p]."""
        return np.asarray(self.cov * np.outer(self.scale, self.scale))


def lower(p: int, diagonal: bool) -> tuple[Integers, Integers]:
    """Return rows and columns of the lower triangle, column by column."""
    columns, rows = np.triu_indices(p, 0 if diagonal else 1)
    return rows, columns


class Layout:
    """A specification compiled to index arrays, so that filling matrices is a few assignments.

    What was worked out for the last parameters is remembered: a step of a search asks for it
    several times. Callers do not write to what they get.
    """

    def __init__(self, specification: Specification) -> None:
        self.specification = specification
        p, m = len(specification.items), len(specification.factors)
        most = max(specification.thresholds, default=0)
        self.shapes = {
            "lambda": (p, m),
            "beta": (m, m),
            "psi": (m, m),
            "theta": (p, p),
            "nu": (p, 1),
            "alpha": (m, 1),
            "tau": (p, most),
            "delta": (p, 1),
        }
        self.ordinal, self.q = specification.ordinal, specification.free
        self.theta_is_free = specification.parameterization == "theta"
        counts = np.asarray(specification.thresholds, dtype=np.int64)
        self.of_item = np.repeat(np.arange(len(counts)), counts)
        self.number = np.concatenate([np.arange(c) for c in counts] or [np.zeros(0, np.int64)])
        self.rows, self.columns = lower(p, not self.ordinal)
        self.full = lower(p, True)
        self.unscaled = self.ordinal and not self.theta_is_free
        self._last: tuple[bytes, dict[str, Any]] = (b"", {})
        self.templates: list[dict[str, Floats]] = []
        self.places: list[dict[str, Places]] = []
        for group in range(specification.groups):
            self._compile(group)

    def _compile(self, group: int) -> None:
        template = {name: np.zeros(shape) for name, shape in self.shapes.items()}
        template["delta"][:] = 1.0
        template["tau"][:] = np.nan
        found: dict[str, list[tuple[int, int, int]]] = {}
        for each in self.specification.parameters:
            if each.group != group:
                continue
            if each.free >= 0:
                self.unscaled &= each.matrix != "delta"
                found.setdefault(each.matrix, []).append((each.row, each.column, each.free))
                continue
            template[each.matrix][each.row, each.column] = each.value
            if each.matrix == "delta" and each.value != 1:
                self.unscaled = False
            if each.matrix in SYMMETRIC:
                template[each.matrix][each.column, each.row] = each.value
        places = {}
        for name, cells in found.items():
            array = np.array(cells, dtype=np.int64).reshape(-1, 3)
            places[name] = Places(array[:, 0], array[:, 1], array[:, 2])
        self.templates.append(template)
        self.places.append(places)

    def _at(self, name: str, x: Floats, work: Callable[[], list[T]]) -> list[T]:
        key = x.tobytes()
        if self._last[0] != key:
            self._last = (key, {})
        known = self._last[1]
        if name not in known:
            known[name] = work()
        found: list[T] = known[name]
        return found

    def matrices(self, x: Floats) -> list[Matrices]:
        """Return the model matrices of every group at the free parameters x [q]."""
        groups = range(len(self.templates))
        return self._at("matrices", x, lambda: [self._fill(group, x) for group in groups])

    def _fill(self, group: int, x: Floats) -> Matrices:
        filled = dict(self.templates[group])
        for name, at in self.places[group].items():
            matrix = filled[name].astype(x.dtype)
            matrix[at.rows, at.columns] = x[at.free]
            if name in SYMMETRIC:
                matrix[at.columns, at.rows] = x[at.free]
            filled[name] = matrix
        return Matrices(
            filled["lambda"],
            filled["beta"],
            filled["psi"],
            filled["theta"],
            filled["nu"][:, 0],
            filled["alpha"][:, 0],
            filled["tau"],
            filled["delta"][:, 0],
        )

    def implied(self, x: Floats) -> list[Implied]:
        """Return what the model implies for every group at x."""
        return self._at("implied", x, lambda: [self._implied(each) for each in self.matrices(x)])

    def _implied(self, of: Matrices) -> Implied:
        on = of.lam @ of.among
        common = on @ of.psi @ on.T
        mean = of.nu + on @ of.alpha
        if not self.ordinal:
            cov = common + of.theta
            vector = np.concatenate([mean, cov[self.rows, self.columns]])
            return Implied(mean, cov, vector, np.ones_like(mean), of.theta)
        theta, scale = of.theta.copy(), of.delta
        if self.theta_is_free:
            with np.errstate(invalid="ignore", divide="ignore"):
                scale = 1 / np.sqrt(np.diag(common + theta))
        else:
            np.fill_diagonal(theta, scale**-2 - np.diag(common))
        cov = common + theta
        correlation = scale[self.rows] * scale[self.columns] * cov[self.rows, self.columns]
        there = self.of_item
        threshold = scale[there] * (of.tau[there, self.number] - mean[there])
        return Implied(mean, cov, np.concatenate([threshold, correlation]), scale, theta)

    def jacobian(self, x: Floats) -> list[Floats]:
        """Return the derivative of every group's moments by the free parameters: [moments, q]."""
        return self._at("jacobian", x, lambda: self._jacobian(x))

    def _jacobian(self, x: Floats) -> list[Floats]:
        return [
            self._scaled(group, of) if self.ordinal else np.vstack(self.plain(group, of))
            for group, of in enumerate(self.matrices(x))
        ]

    def plain(self, group: int, of: Matrices) -> tuple[Floats, Floats]:
        """Return the derivatives of means [p, q] and of covariances with diagonal [p*, q]."""
        among = of.among
        on = of.lam @ among
        through = among @ of.psi @ on.T
        r, c = self.full
        mean, cov = np.zeros((self.q, len(on))), np.zeros((self.q, len(r)))
        centre = among @ of.alpha
        for name, at in self.places[group].items():
            j, k = at.rows[:, None], at.columns[:, None]
            if name == "lambda":
                moved = (r == j) * through[k, c] + (c == j) * through[k, r]
                np.add.at(mean, (at.free, at.rows), centre[at.columns])
            elif name == "beta":
                moved = on[r, j] * through[k, c] + through[k, r] * on[c, j]
                np.add.at(mean, at.free, on.T[at.rows] * centre[at.columns][:, None])
            elif name == "psi":
                moved = on[r, j] * on[c, k] + on[r, k] * on[c, j]
                moved = np.where(j == k, moved / 2, moved)
            elif name == "theta":
                moved = ((r == np.maximum(j, k)) & (c == np.minimum(j, k))).astype(float)
            elif name == "nu":
                np.add.at(mean, (at.free, at.rows), 1.0)
                continue
            elif name == "alpha":
                np.add.at(mean, at.free, on.T[at.rows])
                continue
            else:
                continue
            np.add.at(cov, at.free, moved)
        return mean.T, cov.T

    def _scaled(self, group: int, of: Matrices) -> Floats:
        """Return the derivatives of thresholds and correlations of ordinal items."""
        mean, full = self.plain(group, of)
        implied, places = self._implied(of), self.places[group]
        r, c = self.full
        diagonal, below = full[r == c], full[r != c]
        scale, cov, there = implied.scale, implied.cov, self.of_item
        r, c = self.rows, self.columns
        correlation = (scale[r] * scale[c])[:, None] * below
        threshold = -scale[there][:, None] * mean[there]
        moved = np.zeros((len(scale), self.q))
        if self.theta_is_free:
            moved = -0.5 * scale[:, None] ** 3 * diagonal
        elif "delta" in places:
            np.add.at(moved, (places["delta"].rows, places["delta"].free), 1.0)
        if moved.any():
            away = of.tau[there, self.number] - implied.mean[there]
            threshold += away[:, None] * moved[there]
            between = cov[r, c][:, None]
            correlation += between * (scale[c][:, None] * moved[r] + scale[r][:, None] * moved[c])
        if "tau" in places:
            at = places["tau"]
            first = np.concatenate([[0], np.cumsum(self.specification.thresholds)])[:-1]
            np.add.at(threshold, (first[at.rows] + at.columns, at.free), scale[at.rows])
        return np.vstack([threshold, correlation])
