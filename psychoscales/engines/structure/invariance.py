"""Measurement invariance: models with more and more equal parameters, each tested on the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psychoscales.engines.structure.cfa.fit import Fit, Sample, fit
from psychoscales.engines.structure.cfa.nested import Difference, difference
from psychoscales.engines.structure.invariance_models import Design
from psychoscales.errors import RefusalError, UnknownNameError


@dataclass(frozen=True, eq=False)
class Step:
    """One level.

    Attributes:
        level: what is equal from here on.
        fit: the fitted model; None where it could not be fitted. Where the level is untestable,
            that of the last level, with which it is one model.
        against: the level it is tested against.
        difference: the test; None where there is none.
        untestable: whether the level is the same model as the last one.
        note: why something is missing.
    """

    level: str
    fit: Fit | None
    against: str | None = None
    difference: Difference | None = None
    untestable: bool = False
    note: str | None = None


def steps(
    design: Design,
    samples: Sequence[Sample],
    estimator: str,
    levels: Sequence[str],
    method: str | None = None,
) -> tuple[Step, ...]:
    r"""Fit the levels in order and test each against the last that could be fitted.

    With F the minimised discrepancy of two nested models, the plain difference of statistics
    :math:`2 n (F_0 - F_1)` is scaled (and shifted) by what the answers' fourth moments, or the
    asymptotic covariance of polychoric correlations, say about its distribution. Scaled
    statistics themselves are never subtracted: their difference is no chi-square.

    Args:
        design: the model and what is compared.
        samples: the moments of each group; of occasions the moments of all together.
        estimator: see `cfa.fit.fit`.
        levels: of `design.levels`, in that order, "configural" first; levels left out are made
            equal together with the next one.
        method: of `cfa.nested.METHODS`; None for the estimator's own.

    Raises:
        UnknownNameError: there is no such level.
        RefusalError: the configural model cannot be fitted, or levels are out of order.

    Source:
        Wu H, Estabrook R. Identification of confirmatory factor analysis models of different
        levels of invariance for ordered categorical outcomes. Psychometrika 2016;81:1014-1045.
        doi:10.1007/s11336-016-9506-0. Meredith W. Measurement invariance, factor analysis and
        factorial invariance. Psychometrika 1993;58:525-543. doi:10.1007/BF02294825
    """
    _check(design, levels)
    return tuple(_steps(design, samples, estimator, levels, method))


def _check(design: Design, levels: Sequence[str]) -> None:
    for level in levels:
        if level not in design.levels:
            raise UnknownNameError("level", level, design.levels)
    places = [design.levels.index(level) for level in levels]
    if not places or places[0] != 0 or places != sorted(set(places)):
        raise RefusalError(
            f"levels are some of {', '.join(design.levels)}, in this order, 'configural' first"
        )


def _steps(
    design: Design,
    samples: Sequence[Sample],
    estimator: str,
    levels: Sequence[str],
    method: str | None,
) -> Iterator[Step]:
    last: Fit | None = None
    against = ""
    for level in levels:
        of = design.specification(level)
        if last is None:
            last, against = fit(of, samples, estimator), level
            if not last.converged:
                raise RefusalError(f"configural: {'; '.join(last.warnings)}")
            yield Step(level, last)
            continue
        if of.df == last.specification.df:
            why = design.untestable(level)
            yield Step(level, last, against, untestable=True, note=f"not testable: {why}")
            continue
        try:
            found = fit(of, samples, estimator)
        except RefusalError as refusal:
            yield Step(level, None, against, note=str(refusal))
            continue
        if not found.converged:
            yield Step(level, None, against, note="; ".join(found.warnings))
            continue
        try:
            yield Step(level, found, against, difference(last, found, method))
        except RefusalError as refusal:
            yield Step(level, found, against, note=str(refusal))
        last, against = found, level
