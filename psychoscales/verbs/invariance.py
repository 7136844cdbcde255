"""`psychoscales.invariance`: does a factor model mean the same in every group, or every time?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from psychoscales.engines.structure.cfa.drafting import written
from psychoscales.engines.structure.cfa.fit import ORDINAL
from psychoscales.engines.structure.cfa.nested import METHODS
from psychoscales.engines.structure.cfa.specification import Identification
from psychoscales.engines.structure.invariance import steps
from psychoscales.engines.structure.invariance_models import CONTINUOUS as CONTINUOUS_LEVELS
from psychoscales.engines.structure.invariance_models import ORDINAL as ORDINAL_LEVELS
from psychoscales.engines.structure.invariance_models import Design
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.responses import Responses
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.comparable import Comparable, groups, repeated
from psychoscales.verbs.comparable_samples import sampled
from psychoscales.verbs.invariance_tables import FLAVOURS, Invariance, Levels, tables
from psychoscales.verbs.modelled import ModelSource, done
from psychoscales.verbs.read import ScaleSource

__all__ = ["Invariance", "invariance"]
MISSING = {"complete": "complete", "listwise": "complete", "pairwise": "pairwise", "fiml": "fiml"}
USUAL = {"ML": "plain", "MLM": "robust", "MLR": "robust", "WLSMV": "scaled", "ULSMV": "scaled"}
"""The version of CFI and RMSEA that is shown, by estimator."""


class _Wish(NamedTuple):
    """How every model is to be tested."""

    estimator: str
    missing: str
    levels: tuple[str, ...]
    method: str | None
    collapse: bool
    released: frozenset[str]
    identification: Identification
    orthogonal: bool
    covariances: tuple[tuple[str, str], ...]


def invariance(
    data: Any,
    scale: ScaleSource | Responses | None = None,
    *,
    by: str | None = None,
    groups: Sequence[Any] | None = None,
    model: ModelSource = "one_factor",
    estimator: Literal["WLSMV", "ULSMV", "ML", "MLM", "MLR"] = "WLSMV",
    missing: Literal["complete", "listwise", "pairwise", "fiml"] = "complete",
    levels: Sequence[str] | None = None,
    release: Iterable[str] = (),
    method: str | None = None,
    indices: Literal["plain", "scaled", "robust"] | None = None,
    collapse: bool = False,
    key: str | None = None,
    identification: Identification = "variance",
    orthogonal: bool = False,
    covariances: Iterable[tuple[str, str]] = (),
    binding: BindingSource | None = None,
) -> Invariance:
    r"""Test measurement invariance: models with more and more equal parameters, one by one.

    With :math:`y_g = \nu_g + \Lambda_g \eta_g + \varepsilon_g` in group or occasion g, the levels
    of continuous items make equal: nothing ("configural"), the loadings ("loadings", metric
    invariance), the intercepts too ("intercepts", scalar), the residual variances too
    ("residuals", strict) and, on request, the factors' means ("means"). For ordinal items, cut
    from :math:`y_g` at thresholds :math:`\tau_g`, "thresholds" come before loadings (Wu and
    Estabrook 2016). Factor means can be compared where intercepts are equal.

    Args:
        data: what `read` returned with `by` kept, anything it reads together with `scale`, or a
            mapping of each group to its `Patterns`. For two occasions, the answers at the first.
        scale: the scale, where `data` does not know it. For two occasions, the answers at the
            second, `invariance(first, second)`; people are matched by id.
        by: the kept column of groups.
        groups: compare only these; the first is the one whose factors have mean 0 and variance 1.
        model: the id of a model of the scale, or factors: {"f": ["item", ...]}.
        estimator: "WLSMV", "ULSMV" (ordinal items), "ML", "MLM", "MLR" (continuous ones).
        missing: "complete" (or "listwise"), "pairwise" (WLSMV, ULSMV) or "fiml" (ML, MLR). Of two
            occasions the last two also use people who were at one of them only.
        levels: some of the levels, in order; one left out is made equal with the next.
        release: partial invariance: parameters that no level makes equal, such as
            "f =~ item3", "item2 | t1", "item2 ~1" or "item2 ~~ item2".
        method: of the test of differences: "plain" (ML), "satorra_2000" (the default of WLSMV and
            ULSMV), "satorra_bentler_2001" (of MLM and MLR) or "satorra_bentler_2010" (never
            negative; only of loadings, with identification="marker").
        indices: version of CFI and RMSEA in the table; "plain" for ML, "robust" for MLM and MLR,
            "scaled" for WLSMV and ULSMV, whose robust ones end where thresholds are equal.
        collapse: of ordinal items, take an option that is not used everywhere together with the
            one below it (the lowest: above it). Without it such an item is refused.
        key: the score whose reversals are used with factors given here, or "none".
        identification: "variance", or "marker" (the first loading of each factor is 1).
        orthogonal: whether factors are uncorrelated.
        covariances: pairs of items whose residuals covary.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Invariance`, a `Table` with a row for each level. Its `.fit`, `.factors` and
        `.parameters` are tables; `.plot()` draws the indices. A level that no answers could
        contradict is said to be untestable, and the next one is tested against the last.

    Raises:
        RefusalError: one group; a group with fewer people than the model has parameters for it;
            an option that is not used everywhere; a configural model that cannot be fitted.
        UnknownNameError: there is no such column, group, model, level or parameter.

    Source:
        Wu H, Estabrook R. Identification of confirmatory factor analysis models of different
        levels of invariance for ordered categorical outcomes. Psychometrika 2016;81:1014-1045.
        doi:10.1007/s11336-016-9506-0

    Examples:
        >>> import psychoscales as ps
        >>> from psychoscales.verbs.invariance import invariance
        >>> frame = ps.simulate("gad7", n=600, seed=5, loading=0.7).to_frame()
        >>> frame["site"] = ["north", "south"] * 300
        >>> answers = ps.read(frame, "gad7", keep="site")
        >>> levels = ["configural", "loadings"]
        >>> found = invariance(answers, by="site", levels=levels, estimator="ML")
        >>> list(found.to_frame()["df"])
        [28, 34]
    """
    wish = _Wish(
        estimator,
        _rule(estimator, missing),
        _levels(estimator, levels),
        method,
        collapse,
        frozenset(map(written, _listed(release))),
        identification,
        orthogonal,
        tuple(covariances),
    )
    _refuse_method(wish)
    if indices is not None and indices not in FLAVOURS:
        raise UnknownNameError("version of the indices", indices, FLAVOURS)
    everybody = wish.missing in ("pairwise", "fiml")
    given = list(_given(data, scale, by, groups, model, key, binding, everybody))
    made, refused = done({each.of.name: each for each in given}, lambda each: _tested(each, wish))
    return tables(made, estimator, indices or USUAL[estimator], refused)


def _listed(release: Iterable[str]) -> tuple[str, ...]:
    if isinstance(release, str):
        raise TypeError('release is a list of parameters, such as ["f =~ item3"]')
    return tuple(release)


def _rule(estimator: str, missing: str) -> str:
    if estimator not in USUAL:
        raise UnknownNameError("estimator", estimator, USUAL)
    if missing not in MISSING:
        raise UnknownNameError("rule for missing answers", missing, MISSING)
    rule = MISSING[missing]
    fits = {"fiml": ("ML", "MLR"), "pairwise": ("WLSMV", "ULSMV")}.get(rule, tuple(USUAL))
    if estimator not in fits:
        raise RefusalError(f"missing='{missing}' is for {' and '.join(fits)}, not for {estimator}")
    return rule


def _refuse_method(wish: _Wish) -> None:
    """Refuse a test that is none for this estimator's statistics."""
    if wish.method is None:
        return
    if wish.method not in METHODS:
        raise UnknownNameError("method", wish.method, METHODS)
    fits = {"plain": ("ML",), "satorra_2000": ("MLM", "MLR", "WLSMV", "ULSMV")}
    whose = fits.get(wish.method, ("MLM", "MLR"))
    if wish.estimator not in whose:
        raise RefusalError(f"{wish.method} is for {', '.join(whose)}, not for {wish.estimator}")
    if wish.method == "satorra_2000" and wish.missing == "fiml":
        raise RefusalError(
            "satorra_2000 needs the fourth-order moments of complete answers; with missing='fiml' "
            "use satorra_bentler_2001"
        )


def _levels(estimator: str, levels: Sequence[str] | None) -> tuple[str, ...]:
    every = ORDINAL_LEVELS if estimator in ORDINAL else CONTINUOUS_LEVELS
    if isinstance(levels, str):
        raise TypeError('levels is a list, such as ["configural", "loadings"]')
    return every[:-1] if levels is None else tuple(levels)


def _given(
    data: Any,
    scale: ScaleSource | Responses | None,
    by: str | None,
    chosen: Sequence[Any] | None,
    model: ModelSource,
    key: str | None,
    binding: BindingSource | None,
    everybody: bool,
) -> Iterator[Comparable]:
    if isinstance(scale, Responses):
        if by is not None or chosen is not None:
            raise TypeError("two occasions are compared over everybody: leave by and groups out")
        if not isinstance(data, Responses):
            raise TypeError("read the first occasion too: psychoscales.read(file, scale, id='...')")
        return repeated([data, scale], model, key, everybody=everybody)
    if by is None:
        raise TypeError(
            'say which kept column the groups are in, such as by="sex"; or give the answers at a '
            "second occasion"
        )
    return groups(data, scale, by, chosen, model, key, binding)


def _tested(of: Comparable, wish: _Wish) -> Levels:
    found = sampled(of, wish.estimator, wish.missing, wish.collapse)
    design = Design(
        of.of.factors,
        of.items,
        len(of.places),
        found.thresholds,
        of.by is None,
        wish.identification,
        wish.orthogonal,
        wish.covariances,
        wish.released,
    )
    _refuse_small(of, design, [each.n for each in found.samples])
    made = steps(design, found.samples, wish.estimator, wish.levels, wish.method)
    return Levels(of, design, made, found.notes)


def _refuse_small(of: Comparable, design: Design, n: Sequence[int]) -> None:
    """Refuse places with fewer people than the configural model estimates parameters there."""
    each = design.specification("configural").free // len(n)
    small = [f"{of.said(at)} ({count:,})" for at, count in enumerate(n) if count < each]
    if not small:
        return
    whom = ", ".join(small) if of.by else f"{n[0]:,} people"
    raise RefusalError(
        f"too few people: {whom}; the model has {each} parameters for each, and wants several "
        "people a parameter; compare larger groups with groups=, or a model of fewer items"
    )
