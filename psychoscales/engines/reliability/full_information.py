"""Omega of one factor by full information: of everybody who answered anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.reliability.coefficient import check_items
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fiml import Missing, missing
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.matrices import lower
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile, standard_error
from psychoscales.moments import values_of

Floats = npt.NDArray[np.float64]
FACTOR = "the common factor"
FEWEST = 3


@dataclass(frozen=True, eq=False)
class FullInformation:
    """One factor fitted to keyed answers some of which are missing, at random.

    Attributes:
        sample: the answers, with the saturated model's means and covariances.
        found: the fitted model; every residual variance is positive.
    """

    sample: Missing
    found: Fit

    @classmethod
    def of(cls, patterns: Patterns, values: Sequence[Sequence[float]]) -> FullInformation:
        """Fit one factor by maximum likelihood.

        Raises:
            RefusalError: fewer than three items, a pair of items that nobody answered both of, no
                variance, no minimum, or an item without residual variance (a Heywood case).
        """
        check_items(len(patterns.items), FEWEST)
        sample = missing(values_of(patterns, values), patterns.counts)
        model = specify({FACTOR: patterns.items})
        found = fit(model, [sample], "ML")
        if not found.converged or found.bread is None:
            raise RefusalError(f"one factor: {found.warnings[0]}")
        residual = np.diag(found.implied[0].theta)
        bad = [patterns.items[at] for at in np.flatnonzero(~(residual > 0))]
        if bad:
            raise RefusalError(
                f"a Heywood case: no residual variance under one factor: {', '.join(bad)}"
            )
        return cls(sample, found)

    @property
    def n(self) -> int:
        """People who answered anything."""
        return self.sample.n

    @cached_property
    def common(self) -> float:
        """The sum of the loadings, squared."""
        return float(self.found.matrices[0].lam.sum()) ** 2

    @cached_property
    def rest(self) -> float:
        """The sum of the residual variances."""
        return float(np.diag(self.found.implied[0].theta).sum())

    @cached_property
    def total(self) -> float:
        """The variance of the sum of the items, by the saturated model."""
        return float(self.sample.cov.sum())

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """People per distinct row, in the order of the influences."""
        share = np.concatenate([each.weights for each in self.sample.seen])
        return np.asarray(np.rint(share * self.sample.n), dtype=np.int64)

    def influence(self, by_common: float, by_rest: float, by_total: float) -> Floats:
        """Return each row's influence on a function of `common`, `rest` and `total` [m].

        Args:
            by_common, by_rest, by_total: its derivatives.
        """
        lam = self.found.matrices[0].lam
        gradient = np.zeros(len(self.found.x))
        for each in self.found.specification.parameters:
            if each.free < 0:
                continue
            if each.matrix == "lambda":
                gradient[each.free] += by_common * 2 * float(lam.sum())
            elif each.matrix == "theta":
                gradient[each.free] += by_rest
        assert self.found.bread is not None
        jacobian, at = self.found.layout.jacobian(self.found.x)[0], self.found.implied[0]
        moved = jacobian @ self.found.bread @ gradient
        of_model = self._along(moved, at.mean, at.cov)
        return of_model + by_total * self._of_total

    @cached_property
    def _of_total(self) -> Floats:
        """Each row's influence on the saturated variance of the sum [m]."""
        mean, cov = self.sample.mean, self.sample.cov
        rows, columns = lower(len(mean), True)
        ones = np.where(rows == columns, 1.0, 2.0)
        direction = np.concatenate([np.zeros(len(mean)), ones])
        moved = np.linalg.solve(self.sample.observed(mean, cov), direction)
        return self._along(moved, mean, cov)

    def _along(self, direction: Floats, mean: Floats, cov: Floats) -> Floats:
        """Return each row's slope of its log likelihood along a direction of the moments [m]."""
        return np.concatenate(list(self._by_seen(direction, mean, cov)))

    def _by_seen(self, direction: Floats, mean: Floats, cov: Floats) -> Iterator[Floats]:
        p = len(mean)
        rows, columns = lower(p, True)
        table = np.zeros((p, p))
        table[rows, columns] = table[columns, rows] = direction[p:]
        for each in self.sample.seen:
            here = np.ix_(each.items, each.items)
            precision = np.linalg.inv(cov[here])
            turned = (each.values - mean[each.items]) @ precision
            square = np.einsum("mi,ij,mj->m", turned, table[here], turned, optimize=True)
            expected = float((precision * table[here]).sum())
            yield turned @ direction[:p][each.items] + (square - expected) / 2


@dataclass(frozen=True)
class FullInformationCoefficient:
    """A coefficient of one factor by full information.

    Attributes:
        id: its name in tables.
        estimand: what it is of: model, numerator, denominator, item metric.
        value: of the fit.
        slopes: its derivatives by the common part, the residual variances and the observed
            variance of the sum.
    """

    id: str
    estimand: str
    value: Callable[[FullInformation], float]
    slopes: Callable[[FullInformation], tuple[float, float, float]]

    def ends(
        self, interval: str, value: float, known: FullInformation, level: float
    ) -> tuple[float, float]:
        """Return the distribution-free interval; there is no other.

        Raises:
            RefusalError: another is asked for, or there are fewer than three people.
        """
        if interval != "distribution_free":
            raise RefusalError(
                f"no {interval} interval of a full-information fit, which takes too long for "
                "thousands of resamples: ask for interval='distribution_free'"
            )
        moved = known.influence(*self.slopes(known))
        half = normal_quantile(level) * standard_error(moved, known.counts)
        return value - half, value + half


def omega_total_fiml(known: FullInformation) -> float:
    r"""Return omega total of the sum of the items, by full information, observed denominator.

    .. math:: \frac{\left(\sum_j \lambda_j\right)^2}{\sum \hat C}

    with loadings in the metric of the items and :math:`\hat C` the saturated model's covariances.
    It uses everybody who answered anything, and is right if answers are missing at random and
    normal. With complete answers it is `omega_total_ml`.

    Source:
        Enders CK, Bandalos DL. The relative performance of full information maximum likelihood
        estimation for missing data in structural equation models. Struct Equ Modeling
        2001;8:430-457. doi:10.1207/S15328007SEM0803_5. Agrees with semTools::compRelSEM of a model
        with missing = "fiml" to 1e-5, which is how far lavaan's search goes.
    """
    return known.common / known.total


def omega_total_fiml_model(known: FullInformation) -> float:
    r"""Return omega total of the sum of the items, by full information, model denominator.

    .. math:: \frac{\left(\sum_j \lambda_j\right)^2}
        {\left(\sum_j \lambda_j\right)^2 + \sum_j \theta_j}

    The form of JASP, which fits by full information where answers are missing. With complete
    answers it is `omega_total_ml_model`.

    Source:
        As `omega_total_fiml`. Agrees with semTools::compRelSEM(obs.var = FALSE) of a model with
        missing = "fiml" to 1e-5.
    """
    return known.common / (known.common + known.rest)


def _observed_slopes(known: FullInformation) -> tuple[float, float, float]:
    return 1 / known.total, 0.0, -known.common / known.total**2


def _model_slopes(known: FullInformation) -> tuple[float, float, float]:
    whole = known.common + known.rest
    return known.rest / whole**2, -known.common / whole**2, 0.0


ESTIMANDS: Mapping[str, str] = {
    "omega_total_fiml": (
        "one factor, full-information ML; (sum of loadings)^2 / variance of the sum by the "
        "saturated model; raw items"
    ),
    "omega_total_fiml_model": (
        "one factor, full-information ML; (sum of loadings)^2 / variance of the sum by the model; "
        "raw items"
    ),
}
"""For each coefficient here: model; numerator / denominator; metric of the items."""
BY_FULL_INFORMATION = (
    FullInformationCoefficient(
        "omega_total_fiml", ESTIMANDS["omega_total_fiml"], omega_total_fiml, _observed_slopes
    ),
    FullInformationCoefficient(
        "omega_total_fiml_model",
        ESTIMANDS["omega_total_fiml_model"],
        omega_total_fiml_model,
        _model_slopes,
    ),
)
