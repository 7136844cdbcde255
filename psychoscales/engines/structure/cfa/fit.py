"""A fitted factor model: estimates, standard errors, tests, indices, and what to beware of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.estimation import (
    Found,
    LeastSquares,
    MaximumLikelihood,
    Objective,
    minimise,
)
from psychoscales.engines.structure.cfa.fiml import Missing
from psychoscales.engines.structure.cfa.identification import check
from psychoscales.engines.structure.cfa.matrices import Implied, Layout, Matrices
from psychoscales.engines.structure.cfa.normal import Complete, Likelihood
from psychoscales.engines.structure.cfa.ordered import WEIGHTS, Ordered
from psychoscales.engines.structure.cfa.robust import (
    Piece,
    Test,
    information,
    meat,
    sandwich,
)
from psychoscales.engines.structure.cfa.specification import Specification
from psychoscales.engines.structure.cfa.starts import others, start
from psychoscales.engines.structure.cfa.testing import judged, judged_efficient, judged_ordinal
from psychoscales.errors import RefusalError, UnknownNameError

Floats = npt.NDArray[np.float64]
CONTINUOUS = ("ML", "MLM", "MLR")
ORDINAL = ("WLSMV", "ULSMV", "WLS")
Sample = Complete | Missing | Ordered
IMPOSSIBLE = 2.0
"""A standardized loading above which an estimate is taken to grow without end."""
FEW_STEPS = 40
"""For a search from another beginning: where there is a minimum, it is found in fewer."""
HIGHER = 1e-6
"""A minimum may be above the end of a search without one by so much, which is rounding."""
NEARLY_ONE = 0.999
"""The same for the loading of a factor on a second-order factor."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted factor model.

    Attributes:
        specification: the model, with its parameter table.
        estimator: "ML", "MLM", "MLR", "WLSMV" or "ULSMV".
        samples: what each group's answers came down to.
        x: the estimates of the free parameters [q].
        vcov: their covariance matrix [q, q]; None where there is none.
        converged: whether a minimum was found.
        steps: how many steps the search took.
        slope: the largest element of the gradient where it ended.
        tests: the plain test, then the robust one of the estimator, if it has one, then others.
        indices: fit indices by name; empty where the search did not converge.
        pieces: each group's Jacobian, weight and Gamma, where Gamma is known.
        bread: the inverse information per person [q, q], of the kind the estimator uses.
        warnings: what a reader must know.
    """

    specification: Specification
    estimator: str
    samples: tuple[Sample, ...]
    x: Floats
    vcov: Floats | None
    converged: bool
    steps: int
    slope: float
    tests: tuple[Test, ...] = ()
    indices: Mapping[str, float] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    bread: Floats | None = None
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        state = "" if self.converged else ", not converged"
        people = " + ".join(str(n) for n in self.n)
        return f"Fit by {self.estimator} to {people} people: {len(self.x)} estimates{state}"

    @property
    def n(self) -> tuple[int, ...]:
        """People in each group."""
        return tuple(each.n for each in self.samples)

    @cached_property
    def layout(self) -> Layout:
        """The compiled model."""
        return Layout(self.specification)

    @property
    def matrices(self) -> list[Matrices]:
        """Each group's model matrices at the estimates."""
        return self.layout.matrices(self.x)

    @property
    def implied(self) -> list[Implied]:
        """Each group's implied moments."""
        return self.layout.implied(self.x)

    @property
    def estimate(self) -> Floats:
        """The value of every row of the parameter table, fixed ones included."""
        rows = self.specification.parameters
        return np.array([self.x[row.free] if row.free >= 0 else row.value for row in rows])

    @property
    def se(self) -> Floats:
        """The standard error of every row; 0 where it is fixed, NaN where there is none."""
        rows = self.specification.parameters
        if self.vcov is None:
            return np.array([np.nan if row.free >= 0 else 0.0 for row in rows])
        with np.errstate(invalid="ignore"):
            each = np.sqrt(np.diag(self.vcov))
        return np.array([each[row.free] if row.free >= 0 else 0.0 for row in rows])

    @property
    def z(self) -> Floats:
        """Estimate over standard error; NaN where fixed."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.se > 0, self.estimate / self.se, np.nan)

    @property
    def p(self) -> Floats:
        """The two-sided p of z."""
        from scipy.special import ndtr

        return 2 * np.asarray(ndtr(-np.abs(self.z)))


def fit(specification: Specification, samples: Sequence[Sample], estimator: str = "WLSMV") -> Fit:
    """Fit a factor model to the moments of one or several groups.

    ML has expected-information standard errors (observed with missing answers); MLM adds
    sandwich errors and the Satorra-Bentler test, MLR Huber-White errors and the Yuan-Bentler
    test. WLSMV and ULSMV are least squares of thresholds and polychoric correlations, weighted by
    their inverse variances or not, with sandwich errors and the scaled and shifted test; WLS
    weighs by the inverse of all their covariances, and needs thousands of people. All
    agree with lavaan 0.6-14, whose conventions (N for likelihoods, N - 1 per group for least
    squares) they share.

    Args:
        specification: what `specify` returns.
        samples: for each group, `Complete` or `Missing` (ML, MLR), or `Ordered`.
        estimator: of `CONTINUOUS` or `ORDINAL`.

    Raises:
        UnknownNameError: another estimator.
        RefusalError: the model is not identified, or estimator and answers do not go together.
    """
    if estimator not in (*CONTINUOUS, *ORDINAL):
        raise UnknownNameError("estimator", estimator, (*CONTINUOUS, *ORDINAL))
    if len(samples) != specification.groups:
        raise ValueError(f"{specification.groups} groups in the model, {len(samples)} samples")
    if specification.ordinal != (estimator in ORDINAL):
        raise RefusalError(
            f"{estimator} is for {'ordinal' if estimator in ORDINAL else 'continuous'} items, "
            f"and the model's are {'ordinal' if specification.ordinal else 'continuous'}"
        )
    layout = Layout(specification)
    if specification.ordinal:
        return _least_squares(layout, [_as_ordered(each) for each in samples], estimator)
    return _likelihood(layout, [_as_likelihood(each) for each in samples], estimator)


def _as_ordered(sample: Sample) -> Ordered:
    if not isinstance(sample, Ordered):
        raise RefusalError("ordinal items need thresholds and polychoric correlations")
    return sample


def _as_likelihood(sample: Sample) -> Complete | Missing:
    if isinstance(sample, Ordered):
        raise RefusalError("continuous items need means and covariances")
    return sample


def _least_squares(layout: Layout, samples: Sequence[Ordered], estimator: str) -> Fit:
    of = layout.specification
    begin = start(
        of,
        [each.correlation for each in samples],
        [np.zeros(len(of.items))] * len(samples),
        [each.vector[: each.count] for each in samples],
    )
    check(layout, begin)
    weights = [WEIGHTS[estimator](each) for each in samples]
    n = [each.n for each in samples]
    objective = LeastSquares(layout, [each.vector for each in samples], weights, n)
    found = _searched(objective, begin, of)
    if not found.converged:
        return _unfinished(layout, estimator, samples, found)
    jacobians = layout.jacobian(found.x)
    pieces = tuple(
        Piece(each.n / sum(n), jacobian, weight, each.gamma)
        for each, jacobian, weight in zip(samples, jacobians, weights, strict=True)
    )
    bread = _inverse(information(pieces))
    if bread is None:
        return _unfinished(layout, estimator, samples, found)
    spread = bread if estimator == "WLS" else sandwich(bread, meat(pieces))
    vcov = spread / (sum(n) - len(n))
    chisq = 2 * float((np.array(n) - 1) @ objective.by_group(found.x))
    implied = layout.implied(found.x)
    judge = judged_efficient if estimator == "WLS" else judged_ordinal
    tests, indices = judge(of, samples, implied, pieces, bread, chisq)
    said = _warnings(of, layout.matrices(found.x), implied)
    if not all(each.positive for each in samples):
        said.append(
            "the polychoric correlation matrix is not positive definite: no robust fit indices"
        )
    ended = (found.x, vcov, True, found.steps, found.slope)
    return Fit(of, estimator, tuple(samples), *ended, tests, indices, pieces, bread, tuple(said))


def _likelihood(layout: Layout, samples: Sequence[Complete | Missing], estimator: str) -> Fit:
    of = layout.specification
    begin = start(of, [each.cov for each in samples], [each.mean for each in samples])
    check(layout, begin)
    if estimator == "MLM" and any(isinstance(each, Missing) for each in samples):
        raise RefusalError("MLM needs complete answers; use estimator='MLR' with missing ones")
    found = _searched(MaximumLikelihood(layout, samples), begin, of)
    if not found.converged:
        return _unfinished(layout, estimator, samples, found)
    return likelihood_fit(layout, samples, estimator, found)


def _searched(objective: Objective, begin: Floats, of: Specification) -> Found:
    """Return the minimum; where the search ends nowhere, the lowest one from other beginnings.

    A minimum that is above where the search had come to is none: the model's infimum is elsewhere.
    """
    found = minimise(objective, begin)
    if found.converged:
        return found
    tried = (minimise(objective, each, FEW_STEPS) for each in others(of, begin))
    minima = [each for each in tried if each.converged and each.value <= found.value + HIGHER]
    return min(minima, key=lambda each: each.value, default=found)


def likelihood_fit(
    layout: Layout, samples: Sequence[Complete | Missing], estimator: str, found: Found
) -> Fit:
    """Return the standard errors, tests and indices that belong to parameters found."""
    of, objective = layout.specification, MaximumLikelihood(layout, samples)
    missing = any(isinstance(each, Missing) for each in samples)
    observed = estimator == "MLR" or missing
    curve = objective.exact(found.x) if observed else objective.approximate(found.x)
    bread = _inverse(curve)
    if bread is None:
        return _unfinished(layout, estimator, samples, found)
    total = sum(each.n for each in samples)
    implied, jacobians = layout.implied(found.x), layout.jacobian(found.x)
    pieces = _pieces(samples, implied, jacobians)
    fillings: list[Floats] = []
    vcov = bread / total
    if estimator == "MLM":
        vcov = sandwich(bread, meat(pieces)) / total
    elif estimator == "MLR":
        groups = zip(samples, implied, jacobians, strict=True)
        fillings = [j.T @ one.meat(at.mean, at.cov) @ j for one, at, j in groups]
        spread = sum(s * f for s, f in zip(objective.shares, fillings, strict=True))
        vcov = sandwich(bread, np.asarray(spread)) / total
    likelihoods: Sequence[Likelihood] = samples
    tests, indices = judged(
        of, likelihoods, implied, pieces, bread, fillings, estimator, jacobians, found.value
    )
    said = _warnings(of, layout.matrices(found.x), implied)
    ended = (found.x, vcov, True, found.steps, found.slope)
    return Fit(of, estimator, tuple(samples), *ended, tests, indices, pieces, bread, tuple(said))


def _pieces(
    samples: Sequence[Complete | Missing], implied: Sequence[Implied], jacobians: Sequence[Floats]
) -> tuple[Piece, ...]:
    total = sum(each.n for each in samples)
    made = []
    for one, at, jacobian in zip(samples, implied, jacobians, strict=True):
        if isinstance(one, Missing) or one.gamma is None:
            return ()
        weight = one.expected(at.mean, at.cov)
        made.append(Piece(one.n / total, jacobian, weight, one.gamma))
    return tuple(made)


def _inverse(curve: Floats) -> Floats | None:
    """Return the inverse of an information matrix; None where it is not positive definite."""
    scale = np.sqrt(np.abs(np.diag(curve)))
    unit = curve / np.outer(scale, scale)
    if not np.isfinite(unit).all() or float(np.linalg.eigvalsh(unit)[0]) < 1e-11:
        return None
    return np.asarray(np.linalg.inv(unit) / np.outer(scale, scale))


def _unfinished(layout: Layout, estimator: str, samples: Sequence[Sample], found: Found) -> Fit:
    if found.converged:
        why = (
            "the information matrix at the solution is singular: the model is not identified by "
            "these answers"
        )
    else:
        why = f"the search for estimates did not converge in {found.steps} steps"
        growing = _growing(layout, samples, found.x)
        if growing:
            why += f" ({', '.join(growing)} grows without end: an extreme Heywood case)"
            above = set(layout.specification.second_order)
            if any(name.split(" =~ ")[0] in above for name in growing):
                why += (
                    "; with identification='marker' the residual variance of a factor can be "
                    "negative, and there may be a minimum"
                )
    said = (f"{why}; there are no standard errors, tests or fit indices",)
    return Fit(
        layout.specification,
        estimator,
        tuple(samples),
        found.x,
        None,
        False,
        found.steps,
        found.slope,
        warnings=said,
    )


def _growing(layout: Layout, samples: Sequence[Sample], x: Floats) -> list[str]:
    """Return the loadings that are far above what the items' variances allow."""
    found = []
    for sample, at in zip(samples, layout.matrices(x), strict=True):
        sd = np.sqrt(np.diag(sample.correlation if isinstance(sample, Ordered) else sample.cov))
        size = np.sqrt(np.abs(np.diag(at.factor_covariance)))
        for item, factor in np.argwhere(np.abs(at.lam) * size > IMPOSSIBLE * sd[:, None]):
            of = layout.specification
            found.append(f"{of.factors[factor]} =~ {of.items[item]}")
        # A residual variance fixed at 1 vanishes only beside a loading that is huge.
        share = np.abs(at.beta) * size / np.where(size > 0, size, 1.0)[:, None]
        for below, above in np.argwhere(share > NEARLY_ONE):
            of = layout.specification
            found.append(f"{of.factors[above]} =~ {of.factors[below]}")
    return list(dict.fromkeys(found))


def _warnings(
    of: Specification, matrices: Sequence[Matrices], implied: Sequence[Implied]
) -> list[str]:
    """Return what is improper about a solution: Heywood cases, impossible covariances."""
    said = []
    if of.df == 0:
        said.append("0 degrees of freedom: the model fits any answers, and fit says nothing")
    for number, (each, at) in enumerate(zip(matrices, implied, strict=True), start=1):
        where = f" in group {number}" if of.groups > 1 else ""
        negative = [of.items[i] for i in np.flatnonzero(np.diag(at.theta) < 0)]
        if negative:
            said.append(f"negative residual variance{where} (Heywood case): {', '.join(negative)}")
        variance = np.diag(each.psi)
        under = [of.factors[i] for i in np.flatnonzero(variance < 0)]
        if under:
            said.append(f"negative factor variance{where}: {', '.join(under)}")
        elif np.linalg.eigvalsh(each.factor_covariance)[0] < 1e-10:
            beyond = _beyond_one(of, each)
            said.append(f"the factor covariance matrix{where} is not positive definite{beyond}")
        if not negative and np.linalg.eigvalsh(at.theta)[0] < -1e-10:
            said.append(f"the residual covariance matrix{where} is not positive definite")
    return said


def _beyond_one(of: Specification, at: Matrices) -> str:
    """Name the factors that correlate by 1 or more in size."""
    size = np.sqrt(np.diag(at.factor_covariance))
    correlation = at.factor_covariance / np.outer(*[np.where(size > 0, size, 1.0)] * 2)
    pairs = [
        f"{of.factors[j]} and {of.factors[i]} correlate {correlation[i, j]:.3f}"
        for i, j in np.argwhere(np.tril(np.abs(correlation), -1) >= 1)
    ]
    return f": {'; '.join(pairs)}" if pairs else ""
