"""The tests of a fitted model, and its indices plain, scaled and robust."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa import baseline
from psychoscales.engines.structure.cfa.fiml import Missing
from psychoscales.engines.structure.cfa.indices import (
    Compared,
    Residual,
    Rmsea,
    cfi,
    information_criteria,
    residual,
    rmsea,
    robust_to_categories,
    tli,
)
from psychoscales.engines.structure.cfa.matrices import Implied
from psychoscales.engines.structure.cfa.missing_fit import corrected
from psychoscales.engines.structure.cfa.normal import Likelihood, bilinear
from psychoscales.engines.structure.cfa.ordered import Ordered
from psychoscales.engines.structure.cfa.robust import (
    Piece,
    Test,
    mean_scaled,
    mean_variance_adjusted,
    scaled_shifted,
    standard,
    traces,
    yuan_bentler,
)
from psychoscales.engines.structure.cfa.specification import Specification

Floats = npt.NDArray[np.float64]
Judged = tuple[tuple[Test, ...], dict[str, float]]


def judged_ordinal(
    of: Specification,
    samples: Sequence[Ordered],
    implied: Sequence[Implied],
    pieces: Sequence[Piece],
    bread: Floats,
    chisq: float,
) -> Judged:
    """Return tests and indices of a model of ordinal items."""
    df, groups = of.df, of.groups
    n = sum(each.n for each in samples) - groups
    of_u = traces(pieces, bread)
    plain, robust = standard(chisq, df), scaled_shifted(chisq, df, of_u)
    under = baseline.ordinal(samples, [each.weight for each in pieces])
    assert under.traces is not None
    lowest = scaled_shifted(under.chisq, under.df, under.traces)
    found = _block(
        "", plain, Compared(chisq, df, under.chisq, under.df), rmsea(chisq, df, n, groups)
    )
    found |= _of_baseline(standard(under.chisq, under.df), lowest)
    both = Compared(robust.chisq, df, lowest.chisq, under.df)
    found |= _block("_scaled", robust, both, rmsea(robust.chisq, df, n, groups))
    found |= {"scaling_factor": robust.scaling, "shift": robust.shift}
    # The robust indices are about correlations alone: restricted thresholds are not in them.
    if of.saturated_thresholds and all(each.positive for each in samples) and df > 0:
        found |= _savalei(of, samples, implied, pieces, bread, n)
    each_group = [
        residual(one.correlation, at.correlation) for one, at in zip(samples, implied, strict=True)
    ]
    found |= _residuals(each_group, [each.n for each in samples])
    found |= {"free": float(of.free), "n": float(n + groups)}
    adjusted = mean_variance_adjusted(chisq, df, of_u)
    return (plain, robust, adjusted), found


def judged_efficient(
    of: Specification,
    samples: Sequence[Ordered],
    implied: Sequence[Implied],
    _pieces: Sequence[Piece],
    _bread: Floats,
    chisq: float,
) -> Judged:
    """Return the test and indices of ordinal items under WLS, whose statistic is a chi-square."""
    df, groups = of.df, of.groups
    n = sum(each.n for each in samples) - groups
    plain, under = standard(chisq, df), baseline.efficient(samples)
    both = Compared(chisq, df, under.chisq, under.df)
    found = _block("", plain, both, rmsea(chisq, df, n, groups))
    found |= _of_baseline(standard(under.chisq, under.df), None)
    each_group = [
        residual(one.correlation, at.correlation) for one, at in zip(samples, implied, strict=True)
    ]
    found |= _residuals(each_group, [each.n for each in samples])
    return (plain,), found | {"free": float(of.free), "n": float(n + groups)}


def _savalei(
    of: Specification,
    samples: Sequence[Ordered],
    implied: Sequence[Implied],
    pieces: Sequence[Piece],
    bread: Floats,
    n: int,
) -> dict[str, float]:
    """Return the robust indices of ordinal items, from the normal-theory discrepancy."""
    correlations = [each.correlation for each in samples]
    models = [each.correlation for each in implied]
    chisq, base = robust_to_categories(correlations, models, [each.n for each in samples])
    if not np.isfinite(chisq):
        return {}
    first = under = 0.0
    curve, filling, mixed = np.zeros_like(bread), np.zeros_like(bread), np.zeros_like(bread)
    rows, columns = np.triu_indices(len(of.items))
    off = np.flatnonzero(rows != columns)
    for each, piece, model in zip(samples, pieces, models, strict=True):
        precision = np.asarray(np.linalg.inv(model), dtype=np.float64)
        weight = bilinear(precision, precision)[np.ix_(off, off)]
        gamma, jacobian = each.gamma[each.count :, each.count :], piece.jacobian[each.count :]
        weighted = piece.weight[each.count :, None] * jacobian
        through = gamma @ weighted
        first += float((weight * gamma).sum())
        under += float(np.trace(gamma))
        curve += piece.share * (jacobian.T @ weight @ jacobian)
        filling += piece.share * (weighted.T @ through)
        mixed += piece.share * (jacobian.T @ weight @ through)
    trace = first - 2 * float((bread * mixed).sum())
    trace += float((bread @ curve @ bread * filling).sum())
    df, base_df = of.df, sum(len(each.vector) - each.count for each in samples)
    factor = trace / df
    both = Compared(chisq, df, base, base_df, factor, under / base_df)
    near = rmsea(chisq, df, n, of.groups, factor, chisq / factor)
    return _compared("_robust", both, near)


def judged(
    of: Specification,
    samples: Sequence[Likelihood],
    implied: Sequence[Implied],
    pieces: Sequence[Piece],
    bread: Floats,
    fillings: Sequence[Floats],
    estimator: str,
    jacobians: Sequence[Floats],
    value: float,
) -> Judged:
    """Return tests and indices of a model of continuous items; `value` is the minimum."""
    df, groups = of.df, of.groups
    n = sum(each.n for each in samples)
    shares = [each.n / n for each in samples]
    chisq = max(2 * n * value, 0.0)
    plain = standard(chisq, df)
    kind = {"MLM": "satorra_bentler", "MLR": "yuan_bentler"}.get(estimator)
    under = baseline.continuous(samples, kind)
    found = _block(
        "", plain, Compared(chisq, df, under.chisq, under.df), rmsea(chisq, df, n, groups)
    )
    tests: tuple[Test, ...] = (plain,)
    missing = any(isinstance(each, Missing) for each in samples)
    if kind is None:
        found |= _of_baseline(standard(under.chisq, under.df), None)
    else:
        if kind == "satorra_bentler":
            trace = traces(pieces, bread).first
        else:
            trace = yuan_bentler(samples, shares, bread, fillings)
        robust = mean_scaled(chisq, df, trace, kind)
        assert under.traces is not None
        lowest = mean_scaled(under.chisq, under.df, under.traces.first, kind)
        tests = (plain, robust)
        found |= _of_baseline(standard(under.chisq, under.df), lowest)
        both = Compared(robust.chisq, df, lowest.chisq, under.df)
        found |= _block("_scaled", robust, both, rmsea(chisq, trace if df else 0.0, n, groups))
        found |= {"scaling_factor": robust.scaling}
        if not missing and df > 0:
            c = robust.scaling
            near = rmsea(chisq, df, n, groups, c, robust.chisq)
            both = Compared(chisq, df, under.chisq, under.df, c, lowest.scaling)
            found |= _compared("_robust", both, near)
    if missing and df > 0:
        own = corrected(samples, implied, jacobians, df, kind is None)
        near = rmsea(own.chisq, df, n, groups, own.factor, own.chisq / own.factor)
        found |= _compared("_robust", own, near)
    loglik = sum(each.loglik for each in samples) - n * value
    found |= information_criteria(loglik, of.free, n)
    each_group = [
        residual(one.cov, at.cov, one.mean, at.mean)
        for one, at in zip(samples, implied, strict=True)
    ]
    found |= _residuals(each_group, [each.n for each in samples])
    return tests, found | {"free": float(of.free), "n": float(n)}


def _block(suffix: str, test: Test, both: Compared, near: Rmsea) -> dict[str, float]:
    found = {f"chisq{suffix}": test.chisq, f"df{suffix}": test.df, f"p{suffix}": test.p}
    return found | _compared(suffix, both, near)


def _compared(suffix: str, both: Compared, near: Rmsea) -> dict[str, float]:
    return {
        f"cfi{suffix}": cfi(both),
        f"tli{suffix}": tli(both),
        f"rmsea{suffix}": near.value,
        f"rmsea_low{suffix}": near.low,
        f"rmsea_high{suffix}": near.high,
        f"rmsea_close_p{suffix}": near.close_p,
    }


def _of_baseline(plain: Test, robust: Test | None) -> dict[str, float]:
    found = {"baseline_chisq": plain.chisq, "baseline_df": plain.df, "baseline_p": plain.p}
    if robust is not None:
        found |= {"baseline_chisq_scaled": robust.chisq, "baseline_p_scaled": robust.p}
    return found


def _residuals(each: Sequence[Residual], n: Sequence[int]) -> dict[str, float]:
    """Return the groups' root mean square residuals, averaged by people as lavaan does."""
    shares = np.array(n) / sum(n)
    return {name: float(shares @ [getattr(one, name) for one in each]) for name in Residual._fields}
