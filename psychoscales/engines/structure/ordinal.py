"""Thresholds and polychoric correlations of ordered answers, and how certain they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from psychoscales.counts import frozen
from psychoscales.engines.structure.pairs import pairs_of
from psychoscales.errors import RefusalError
from psychoscales.moments import MissingRule

Floats = npt.NDArray[np.float64]

NEGLIGIBLE = 1e-12
"""An eigenvalue below which smoothing raises it, and by a hundred times to what."""


@dataclass(frozen=True, eq=False)
class Ordinal:
    """Thresholds and polychoric correlations of k items.

    Attributes:
        names: the k items.
        thresholds: for each item its increasing thresholds [C_j - 1], in units of the standard
            normal; C_j is the number of its options that anybody chose.
        correlation: polychoric correlations [k, k], with a diagonal of ones.
        n: int64 [k, k]; for each pair the people both of whose answers were used. All equal
            where people with a missing answer were left out ("complete").
        missing: "complete" or "pairwise".
        acov: asymptotic covariance matrix [q, q] of sqrt(n) times all thresholds, item by item,
            then the correlations (2,1), (3,1), ..., (k,1), (3,2), ...; n is `people`. None where
            it was not asked for or is not defined.
        dropped: people left out because answers were missing.
        zero_cells: what was done to empty cells of two items' cross tables.
        notes: what a reader should know.
        people: people that `acov` is scaled by: all who were used for anything. None means that
            every pair is of the same people.
        used: for each item, the positions of its options that anybody chose; empty if not known.
    """

    names: tuple[str, ...]
    thresholds: tuple[Floats, ...]
    correlation: Floats
    n: npt.NDArray[np.int64]
    missing: MissingRule
    acov: Floats | None
    dropped: int
    zero_cells: str
    notes: tuple[str, ...] = ()
    people: int | None = None
    used: tuple[tuple[int, ...], ...] = ()

    @property
    def one_n(self) -> int:
        """The n that all of it is from; refused where pairs have different people."""
        low, high = int(self.n.min()), int(self.n.max())
        if low != high:
            raise RefusalError(
                f"pairwise polychoric correlations have no single n: {low:,} to {high:,} people"
            )
        return high

    @property
    def smallest_eigenvalue(self) -> float:
        """Of the correlation matrix; below 0 it is no correlation matrix of anything."""
        return float(np.linalg.eigvalsh(self.correlation)[0])

    @property
    def threshold_se(self) -> tuple[Floats, ...]:
        """Standard errors of the thresholds, item by item."""
        se = self._standard_errors()
        ends = np.cumsum([len(each) for each in self.thresholds])
        return tuple(np.split(se[: ends[-1]], ends[:-1]))

    @property
    def correlation_se(self) -> Floats:
        """Standard errors of the correlations [k, k], with a diagonal of zeros."""
        k = len(self.names)
        table = np.zeros((k, k))
        first, second = pairs_of(k)
        table[first, second] = self._standard_errors()[-len(first) :]
        table[second, first] = table[first, second]
        return table

    def smoothed(self) -> Ordinal:
        """Return the same with a correlation matrix that is positive definite, without `acov`.

        It is the same object where nothing needed to be done.
        """
        if self.smallest_eigenvalue >= np.finfo(float).eps:
            return self
        note = f"the correlation matrix was smoothed (it had {self.smallest_eigenvalue:.3g})"
        return replace(
            self,
            correlation=frozen(smooth(self.correlation)),
            acov=None,
            notes=(*self.notes, note),
        )

    def _standard_errors(self) -> Floats:
        if self.acov is None:
            raise RefusalError("no standard errors: the asymptotic covariances were not computed")
        people = self.one_n if self.people is None else self.people
        se: Floats = np.sqrt(np.diag(self.acov) / people)
        return se


def smooth(correlation: Floats) -> Floats:
    """Return a positive definite correlation matrix near one that is not.

    Eigenvalues below 1e-12 become 1e-10; the eigenvalues are scaled to their old sum, and the
    result to a diagonal of ones. A matrix that needs nothing is returned as it is.

    Source:
        Wothke W. Nonpositive definite matrices in structural modeling. In: Bollen KA, Long JS
        (eds). Testing structural equation models. Sage, 1993. Agrees with psych::cor.smooth to
        1e-10.
    """
    values, vectors = np.linalg.eigh(correlation)
    if values[0] >= np.finfo(float).eps:
        return correlation
    raised = np.where(values < NEGLIGIBLE, 100 * NEGLIGIBLE, values)
    raised *= len(values) / raised.sum()
    product = (vectors * raised) @ vectors.T
    scale = np.sqrt(np.diag(product))
    result: Floats = product / np.outer(scale, scale)
    np.fill_diagonal(result, 1.0)
    return result
