"""`psychoscales.cfa`: how well a factor model holds, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from psychoscales.counts import Patterns
from psychoscales.engines.structure.cfa.drafting import Labels, Values, specify, written
from psychoscales.engines.structure.cfa.fiml import missing as with_missing
from psychoscales.engines.structure.cfa.fit import CONTINUOUS, ORDINAL, Fit, Sample, fit
from psychoscales.engines.structure.cfa.normal import complete
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.engines.structure.cfa.specification import Identification, Parameterization
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import values_of
from psychoscales.responses import Responses
from psychoscales.results import people
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.cfa_tables import Cfa, tables
from psychoscales.verbs.joined import joined, spans
from psychoscales.verbs.modelled import Fitted, Modelled, ModelSource, done, modelled
from psychoscales.verbs.read import ScaleSource

__all__ = ["Cfa", "cfa"]
MISSING = {"complete": "complete", "listwise": "complete", "pairwise": "pairwise", "fiml": "fiml"}
Missing = Literal["complete", "listwise", "pairwise", "fiml"]
Estimator = Literal["WLSMV", "ULSMV", "WLS", "ML", "MLM", "MLR"]


class _Wish(NamedTuple):
    """How the model is to be fitted."""

    estimator: str
    missing: str
    drafted: Mapping[str, Any]


def cfa(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    model: ModelSource = "one_factor",
    estimator: Estimator = "WLSMV",
    missing: Missing = "complete",
    key: str | Mapping[str, str] | None = None,
    identification: Identification = "variance",
    orthogonal: bool = False,
    second_order: Mapping[str, Sequence[str]] | None = None,
    covariances: Iterable[tuple[str, str]] = (),
    labels: Labels | None = None,
    fixed: Values | None = None,
    free: Iterable[str] = (),
    parameterization: Parameterization = "delta",
    binding: BindingSource | None = None,
) -> Cfa:
    r"""Fit a factor model to the answers, :math:`\Sigma = \Lambda \Phi \Lambda' + \Theta`.

    WLSMV and ULSMV take items as ordered categories: least squares of thresholds and polychoric
    correlations, with robust standard errors and the scaled and shifted test. ML, MLM and MLR
    take the options' values as continuous. Estimates, standard errors, tests and indices agree
    with lavaan 0.6-14 to 1e-6; its conventions are used (N for likelihoods, N - 1 for least
    squares).

    Args:
        data: what `read` returned, a frame or a path with `scale`, or `Patterns`.
        scale: the scale, where `data` does not know it.
        model: the id of a model of the scale, or factors: {"f": ["item", ...]}, which may have
            items of several scales that were read together.
        estimator: "WLSMV", "ULSMV", "ML", "MLM" (Satorra-Bentler), "MLR" (Yuan-Bentler); or "WLS",
            full weighted least squares of ordinal items, for thousands of people.
        missing: "complete" (or "listwise") uses the people who answered every item of the
            model; "pairwise" (WLSMV, ULSMV) everybody, pair by pair; "fiml" (ML, MLR) everybody,
            right if answers are missing at random.
        key: the score whose reversals are used with factors given here, or "none"; of several
            scales a mapping of scale to score. A model of the scale says its own.
        identification: "variance" (factor variances are 1) or "marker" (first loadings are 1).
        orthogonal: whether factors are uncorrelated, as in a bifactor model.
        second_order: factor -> factors that load on it.
        covariances: pairs of items whose residuals covary.
        labels: parameter ("f =~ item") -> label; parameters with one label are equal.
        fixed: parameter -> value.
        free: parameters that are fixed otherwise, such as factor means ("f ~1") where intercepts
            are equal.
        parameterization: of ordinal items, "delta" or "theta"; fit is the same.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Cfa`. A model that did not converge has no standard errors and no fit indices, and says
        so in its notes, as it does of Heywood cases.

    Raises:
        RefusalError: the model is not identified (it says which parameters), missing rule and
            estimator do not go together, or nothing can be estimated from the answers.

    Source:
        Muthen B. A general structural equation model with dichotomous, ordered categorical, and
        continuous latent variable indicators. Psychometrika 1984;49:115-132.
        doi:10.1007/BF02294210

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("gad7", n=400, seed=5)
        >>> found = ps.cfa(answers, model="one_factor", estimator="ULSMV")
        >>> list(found.loadings.to_frame()["item"])[:2]
        ['gad7_1', 'gad7_2']
        >>> int(found.fit.to_frame().set_index("index").loc["df", "value"])
        14
    """
    if estimator not in (*ORDINAL, *CONTINUOUS):
        raise UnknownNameError("estimator", estimator, (*ORDINAL, *CONTINUOUS))
    if missing not in MISSING:
        raise UnknownNameError("rule for missing answers", missing, MISSING)
    if isinstance(free, str):
        raise TypeError('free is a list of parameters, such as ["wave2 ~1"]')
    freed = tuple(map(written, free))
    both = [name for name in fixed or {} if isinstance(name, str) and written(name) in freed]
    if both:
        raise ValueError(f"{both[0]} is in free= and in fixed=")
    drafted = {
        "identification": identification,
        "orthogonal": orthogonal,
        "second_order": second_order,
        "covariances": tuple(covariances),
        "labels": labels,
        "fixed": fixed,
        "free": freed,
        "parameterization": parameterization,
    }
    wish = _Wish(estimator, MISSING[missing], drafted)
    _together(wish)
    given = _given(data, scale, model, key, binding)
    made, refused = done({each.name: each for each in given}, lambda each: _fitted(each, wish))
    return tables(made, estimator, wish.missing, refused)


def _given(
    data: Any,
    scale: ScaleSource | None,
    model: ModelSource,
    key: str | Mapping[str, str] | None,
    binding: BindingSource | None,
) -> list[Modelled]:
    """Return what is fitted: a model of each scale, or one model over several."""
    if isinstance(data, Responses) and scale is None and isinstance(model, Mapping):
        whole = {name: items for name, items in model.items() if not isinstance(items, str)}
        if len(whole) == len(model) and spans(data, whole):
            return [joined(data, whole, key)]
    if key is not None and not isinstance(key, str):
        raise TypeError("a mapping of keys goes with factors over several scales")
    return list(modelled(data, scale, model, key, binding))


def _together(wish: _Wish) -> None:
    if wish.missing == "fiml" and wish.estimator in ORDINAL:
        raise RefusalError(
            f"missing='fiml' is for ML and MLR; with {wish.estimator} use 'complete' or 'pairwise'"
        )
    if wish.missing == "fiml" and wish.estimator == "MLM":
        raise RefusalError("missing='fiml' is for ML and MLR; MLM needs complete answers")
    if wish.missing == "pairwise" and wish.estimator in CONTINUOUS:
        raise RefusalError(
            f"pairwise covariances have no single n; with {wish.estimator} use 'complete' or 'fiml'"
        )


def _fitted(each: Modelled, wish: _Wish) -> Fitted:
    if wish.estimator in ORDINAL:
        sample, steps, notes = _ordinal(each, wish)
        thresholds: Sequence[int] = [len(row) - 1 for row in steps]
    else:
        sample, notes = _continuous(each, wish)
        steps, thresholds = (), ()
    of = specify(each.factors, items=each.patterns.items, thresholds=thresholds, **wish.drafted)
    found: Fit = fit(of, [sample], wish.estimator)
    return Fitted(each, found, steps, tuple(notes))


def _ordinal(
    each: Modelled, wish: _Wish
) -> tuple[Sample, tuple[tuple[float, ...], ...], list[str]]:
    rule: Literal["complete", "pairwise"] = "pairwise" if wish.missing == "pairwise" else "complete"
    found = ordinal(each.patterns, missing=rule)
    if found.acov is None:
        raise RefusalError("these polychoric correlations have no asymptotic covariances")
    n = found.one_n if found.people is None else found.people
    steps = tuple(
        tuple(row[at] for at in used) for row, used in zip(each.values, found.used, strict=True)
    )
    sample = ordered(n, found.thresholds, found.correlation, found.acov)
    low, high = int(found.n.min()), int(found.n.max())
    if low < high:
        used = f"of {people(n)}; pairs of items are of {low:,} to {people(high)}"
    else:
        used = _used(n, len(each.patterns.items), found.dropped)
    return sample, steps, [used, *found.notes]


def _continuous(each: Modelled, wish: _Wish) -> tuple[Sample, list[str]]:
    total = each.patterns.n
    used = each.patterns if wish.missing == "fiml" else each.patterns.complete
    _varies(used)
    if wish.missing == "fiml":
        values = values_of(each.patterns, each.values)
        sample = with_missing(values, each.patterns.counts)
        left = total - sample.n
        said = f"of the {people(sample.n)} who answered any item; {left:,} left out"
        return sample, [said]
    made = complete(values_of(used, each.values), used.counts, wish.estimator != "ML")
    return made, [_used(made.n, len(used.items), total - made.n)]


def _varies(patterns: Patterns) -> None:
    """Refuse an item by its name to which everybody gave the same answer."""
    for item, column in zip(patterns.items, patterns.rows.T, strict=True):
        if len(column) and len(np.unique(column[column >= 0])) == 1 < patterns.n:
            raise RefusalError(f"no variance: everybody gave the same answer to {item}")


def _used(n: int, items: int, dropped: int) -> str:
    return f"of the {people(n)} who answered all {items} items; {dropped:,} left out"
