"""Whether a model fits worse than one that it is a special case of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.estimation import Found, MaximumLikelihood
from psychoscales.engines.structure.cfa.fit import Fit, likelihood_fit
from psychoscales.engines.structure.cfa.ordered import Ordered
from psychoscales.engines.structure.cfa.robust import chi_square_p, meat
from psychoscales.errors import RefusalError, UnknownNameError

Floats = npt.NDArray[np.float64]
METHODS = ("plain", "satorra_2000", "satorra_bentler_2001", "satorra_bentler_2010")


class Difference(NamedTuple):
    """The test of a restricted model against a larger one.

    `scaling` is what the difference of the plain statistics was divided by, `shift` what was then
    added.
    """

    method: str
    chisq: float
    df: float
    p: float
    scaling: float = 1.0
    shift: float = 0.0


def difference(
    larger: Fit, restricted: Fit, method: str | None = None, satterthwaite: bool = False
) -> Difference:
    """Return the test of `restricted` against `larger`, which it must be nested in.

    Args:
        larger: the model with more free parameters.
        restricted: the model with fewer, fitted to the same answers by the same estimator.
        method: of `METHODS`; by default "plain" for ML and WLS, "satorra_bentler_2001" for MLM
            and MLR, and "satorra_2000" for WLSMV and ULSMV, whose differences of robust
            statistics are no chi-squares.
        satterthwaite: for "satorra_2000", degrees of freedom that are no whole number instead of
            a scaled and shifted statistic.

    Raises:
        RefusalError: the models are of different answers or estimators, have the same degrees of
            freedom, did not converge, or the method does not go with them.

    Source:
        Satorra A. Scaled and adjusted restricted tests in multi-sample analysis of moment
        structures. In: Heijmans RDH et al., eds. Innovations in multivariate statistical
        analysis. Kluwer; 2000:233-247. Satorra A, Bentler PM. Psychometrika 2001;66:507-514,
        doi:10.1007/BF02296192, and 2010;75:243-248, doi:10.1007/s11336-009-9135-y. Agrees with
        lavaan's lavTestLRT() to 1e-5.
    """
    _same(larger, restricted)
    usual = {
        "ML": "plain",
        "WLS": "plain",
        "MLM": "satorra_bentler_2001",
        "MLR": "satorra_bentler_2001",
    }
    method = method or usual.get(larger.estimator, "satorra_2000")
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    df = restricted.specification.df - larger.specification.df
    if df <= 0:
        raise RefusalError(
            f"the restricted model has {restricted.specification.df} degrees of freedom and the "
            f"larger one {larger.specification.df}: give the larger model first"
        )
    gap = restricted.tests[0].chisq - larger.tests[0].chisq
    if gap < -1e-6 * max(1.0, larger.tests[0].chisq):
        raise RefusalError(
            "the restricted model fits better than the larger one: they are not nested, or the "
            "larger one stopped at a local minimum"
        )
    ordinal = larger.specification.ordinal
    if method == "plain":
        if larger.estimator not in ("ML", "WLS"):
            raise RefusalError(f"the difference of {larger.estimator} statistics is no chi-square")
        return Difference(method, gap, df, chi_square_p(gap, df))
    if method == "satorra_2000":
        return _satorra(larger, restricted, gap, df, satterthwaite)
    if ordinal or larger.estimator == "ML":
        raise RefusalError(f"{method} is for MLM and MLR, not for {larger.estimator}")
    before = larger.specification.df * _factor(larger)
    if method == "satorra_bentler_2010":
        moved = _larger_at(larger, restricted)
        before = larger.specification.df * _factor(moved)
    scaling = (restricted.specification.df * _factor(restricted) - before) / df
    if not scaling > 0:
        other = "satorra_2000" if method.endswith("2010") else "satorra_bentler_2010"
        raise RefusalError(f"the scaling factor of {method} is not positive; use {other}")
    return Difference(method, gap / scaling, df, chi_square_p(gap / scaling, df), scaling)


def _factor(of: Fit) -> float:
    return of.tests[1].scaling


def _same(larger: Fit, restricted: Fit) -> None:
    if not (larger.converged and restricted.converged):
        raise RefusalError("no test of a difference: a model did not converge")
    if larger.estimator != restricted.estimator:
        raise RefusalError(
            f"the models have different estimators: {larger.estimator}, {restricted.estimator}"
        )
    if larger.specification.items != restricted.specification.items or larger.n != restricted.n:
        raise RefusalError("the models are of different items or people")
    first, second = _moments(larger), _moments(restricted)
    if not all(np.array_equal(a, b) for a, b in zip(first, second, strict=True)):
        raise RefusalError("the models are of different answers")


def _moments(of: Fit) -> list[Floats]:
    return [
        each.vector if isinstance(each, Ordered) else np.concatenate([each.mean, each.cov.ravel()])
        for each in of.samples
    ]


def _satorra(larger: Fit, restricted: Fit, gap: float, df: int, satterthwaite: bool) -> Difference:
    """Return the 2000 test, from the larger model's tangent space that the restriction leaves."""
    if not larger.pieces or larger.bread is None:
        raise RefusalError(
            "satorra_2000 needs the fourth-order moments of complete answers; use "
            "satorra_bentler_2001"
        )
    wide = np.vstack([piece.jacobian for piece in larger.pieces])
    narrow = np.vstack(restricted.layout.jacobian(restricted.x))
    onto = np.linalg.lstsq(wide, narrow, rcond=None)[0]
    left, sizes, _ = np.linalg.svd(onto)
    rank = int((sizes > 1e-10 * sizes[0]).sum())
    away = left[:, rank:].T
    inner = away @ larger.bread @ away.T
    projected = larger.bread @ away.T @ np.linalg.pinv(inner) @ away @ larger.bread
    product = projected @ meat(larger.pieces)
    first, second = float(np.trace(product)), float((product * product.T).sum())
    if satterthwaite:
        fewer, scaling = first**2 / second, second / first
        p = chi_square_p(gap / scaling, fewer)
        return Difference("satorra_2000", gap / scaling, fewer, p, scaling)
    factor = float(np.sqrt(df / second))
    shift = df - factor * first
    value = gap * factor + shift
    return Difference("satorra_2000", value, df, chi_square_p(value, df), 1 / factor, shift)


def _larger_at(larger: Fit, restricted: Fit) -> Fit:
    """Return the larger model with the restricted one's estimates, not fitted."""
    values = {
        (row.matrix, row.row, row.column, row.group): value
        for row, value in zip(restricted.specification.parameters, restricted.estimate, strict=True)
    }
    x = np.zeros_like(larger.x)
    for row in larger.specification.parameters:
        value = values.get((row.matrix, row.row, row.column, row.group), 0.0)
        if row.free >= 0:
            x[row.free] = value
        elif value != row.value:
            raise RefusalError(
                f"satorra_bentler_2010 needs {row.key} to be what the larger model fixes it at; "
                "use satorra_2000"
            )
    samples = [each for each in larger.samples if not isinstance(each, Ordered)]
    value = MaximumLikelihood(larger.layout, samples).value(x)
    moved = likelihood_fit(larger.layout, samples, larger.estimator, Found(x, value, 0, 0.0, True))
    if not moved.converged:
        raise RefusalError("satorra_bentler_2010 meets a singular information; use satorra_2000")
    return moved
