"""Writing the parameter table of a factor model: who is free, equal or fixed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from psychoscales.engines.structure.cfa.specification import (
    Identification,
    Parameter,
    Parameterization,
    Specification,
)
from psychoscales.errors import RefusalError, UnknownNameError

SIGN = re.compile(r"(=~|~\*~|~~|~(?=\s*1$)|\|)")
Key = str | tuple[str, int]
Labels = Mapping[str, str] | Mapping[tuple[str, int], str] | Mapping[Key, str]
Values = Mapping[str, float] | Mapping[tuple[str, int], float] | Mapping[Key, float]
EQUAL = (
    "loadings",
    "intercepts",
    "thresholds",
    "residuals",
    "residual_covariances",
    "means",
    "factor_variances",
    "factor_covariances",
)


class _Draft:
    """A parameter table while it is written: rows by key and group."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], list[object]] = {}
        self.places: dict[tuple[str, int], tuple[str, str, str, str, int, int]] = {}

    def add(
        self,
        name: tuple[str, str, str],
        group: int,
        place: tuple[str, int, int],
        fixed: float | None = None,
        label: str | None = None,
    ) -> None:
        key = (" ".join(name).strip(), group)
        if key in self.places:
            return
        self.places[key] = (*name, *place)
        self.rows[key] = [fixed, label]


class _Plan(NamedTuple):
    """What was asked for; `above` are the second-order factors."""

    factors: Mapping[str, Sequence[str]]
    above: Mapping[str, Sequence[str]]
    order: tuple[str, ...]
    thresholds: tuple[int, ...]
    groups: int
    identification: Identification
    parameterization: Parameterization
    equal: tuple[str, ...]
    orthogonal: bool

    @property
    def everyone(self) -> tuple[str, ...]:
        """All factors, first-order ones first."""
        return (*self.factors, *self.above)

    @property
    def below(self) -> set[str]:
        """The factors that load on a factor."""
        return {name for indicators in self.above.values() for name in indicators}

    def same(self, what: str, name: str) -> str | None:
        """The label that makes a parameter equal in all groups, where that was asked for."""
        return f"{what}:{name}" if what in self.equal else None


def specify(
    factors: Mapping[str, Sequence[str]],
    *,
    items: Sequence[str] | None = None,
    thresholds: Sequence[int] = (),
    groups: int = 1,
    identification: Identification = "variance",
    orthogonal: bool = False,
    second_order: Mapping[str, Sequence[str]] | None = None,
    covariances: Iterable[tuple[str, str]] = (),
    equal: Collection[str] = (),
    labels: Labels | None = None,
    fixed: Values | None = None,
    free: Collection[Key] = (),
    parameterization: Parameterization = "delta",
) -> Specification:
    """Return the parameter table of a factor model.

    Continuous items have free intercepts and factor means of 0. Ordinal items have thresholds,
    intercepts of 0 and, under "delta", scales of 1 (under "theta", residual variances of 1).
    In later groups what equality across groups makes estimable is freed: factor variances with
    equal loadings, factor means with equal intercepts, and for ordinal items with equal
    thresholds the intercepts and scales (Wu and Estabrook 2016).

    Args:
        factors: factor -> its items; an item may load on several.
        items: the order of the items in the moments; as they are first named otherwise.
        thresholds: for ordinal items, the number of thresholds of each of `items`.
        groups: number of groups.
        identification: "variance" fixes the variance of each factor to 1 (of a factor with a
            second-order factor above it, the residual variance); "marker" fixes the loading of
            its first indicator to 1.
        orthogonal: no covariances between factors, as for a bifactor model whose general factor
            is one of `factors`.
        second_order: factor -> the factors that load on it.
        covariances: pairs of items whose residuals covary.
        equal: what is the same in every group: of `EQUAL`.
        labels: parameter -> label; parameters of one label are equal. A parameter is written
            "f =~ item", "item ~~ other", "item ~1", "item | t1" or "item ~*~ item", for every
            group, or as (parameter, group number from 0) for one group.
        fixed: parameter -> the value it is fixed at.
        free: parameters that are free though the rules above fix them or make them equal.
        parameterization: of ordinal items.

    Raises:
        UnknownNameError: an item, factor or parameter that the model does not have.
        RefusalError: a factor without indicators, or nothing that could be estimated.

    Source:
        Wu H, Estabrook R. Identification of confirmatory factor analysis models of different
        levels of invariance for ordered categorical outcomes. Psychometrika 2016;81:1014-1045.
        doi:10.1007/s11336-016-9506-0
    """
    named = tuple(dict.fromkeys(item for group in factors.values() for item in group))
    order = tuple(items) if items is not None else named
    plan = _Plan(
        factors,
        dict(second_order or {}),
        order,
        tuple(thresholds),
        groups,
        identification,
        parameterization,
        tuple(equal),
        orthogonal,
    )
    _check(plan, named)
    draft = _drafted(plan, tuple(covariances))
    _override(draft, groups, labels or {}, fixed or {}, free)
    return _finished(plan, draft)


def _check(plan: _Plan, named: tuple[str, ...]) -> None:
    factors, above, order = plan.factors, plan.above, plan.order
    if not factors:
        raise RefusalError("a factor model needs a factor")
    for name in named:
        if name not in order:
            raise UnknownNameError("item", name, order)
    unused = [name for name in order if name not in named]
    if unused:
        raise RefusalError(f"no factor has the items {', '.join(unused)}: leave them out")
    for name, indicators in (*factors.items(), *above.items()):
        if isinstance(indicators, str):
            raise RefusalError(f"the factor '{name}' has one text, not a list: ['{indicators}']")
        if not indicators:
            raise RefusalError(f"the factor '{name}' has no indicators")
        if len(set(indicators)) < len(indicators):
            raise RefusalError(f"the factor '{name}' names an indicator twice")
        if name in order:
            raise RefusalError(f"'{name}' is an item and a factor: give one another name")
    for name in plan.below:
        if name not in factors:
            raise UnknownNameError("factor", name, factors)
    both = [name for name in above if name in factors]
    if both:
        raise RefusalError(f"{', '.join(both)}: a factor has either items or factors")
    if plan.thresholds and len(plan.thresholds) != len(order):
        raise ValueError(f"{len(order)} items, but thresholds of {len(plan.thresholds)}")
    if plan.groups < 1:
        raise ValueError(f"groups is 1 or more, not {plan.groups}")
    for name in plan.equal:
        if name not in EQUAL:
            raise UnknownNameError("equality", name, EQUAL)
    if plan.identification not in ("variance", "marker"):
        raise UnknownNameError("identification", plan.identification, ("variance", "marker"))
    if plan.parameterization not in ("delta", "theta"):
        raise UnknownNameError("parameterization", plan.parameterization, ("delta", "theta"))


def _drafted(plan: _Plan, covariances: tuple[tuple[str, str], ...]) -> _Draft:
    draft = _Draft()
    for group in range(plan.groups):
        _loadings(draft, plan, group)
        _factor_moments(draft, plan, group)
        _items(draft, plan, group)
        for pair in covariances:
            _covariance(draft, plan, pair, group)
    return draft


def _loadings(draft: _Draft, plan: _Plan, group: int) -> None:
    for column, (factor, indicators) in enumerate((*plan.factors.items(), *plan.above.items())):
        for number, name in enumerate(indicators):
            if factor in plan.above:
                place = ("beta", plan.everyone.index(name), column)
            else:
                place = ("lambda", plan.order.index(name), column)
            marker = plan.identification == "marker" and number == 0
            label = plan.same("loadings", f"{factor} =~ {name}")
            draft.add((factor, "=~", name), group, place, 1.0 if marker else None, label)


def _factor_moments(draft: _Draft, plan: _Plan, group: int) -> None:
    equal, everyone = plan.equal, plan.everyone
    freed = group > 0 and "loadings" in equal and "factor_variances" not in equal
    for at, name in enumerate(everyone):
        unit = 1.0 if plan.identification == "variance" and not freed else None
        label = plan.same("factor_variances", name)
        draft.add((name, "~~", name), group, ("psi", at, at), unit, label)
        means = group > 0 and "intercepts" in equal and name not in plan.below
        mean = None if means and "means" not in equal else 0.0
        draft.add((name, "~1", ""), group, ("alpha", at, 0), mean)
    if plan.orthogonal:
        return
    top = [name for name in everyone if name not in plan.below]
    for number, first in enumerate(top):
        for second in top[number + 1 :]:
            place = ("psi", everyone.index(second), everyone.index(first))
            label = plan.same("factor_covariances", f"{first} ~~ {second}")
            draft.add((first, "~~", second), group, place, None, label)


def _items(draft: _Draft, plan: _Plan, group: int) -> None:
    for at, name in enumerate(plan.order):
        variance = (name, "~~", name), group, ("theta", at, at)
        intercept = (name, "~1", ""), group, ("nu", at, 0)
        if not plan.thresholds:
            draft.add(*variance, None, plan.same("residuals", name))
            draft.add(*intercept, None, plan.same("intercepts", name))
            continue
        for number in range(plan.thresholds[at]):
            key, place = f"t{number + 1}", ("tau", at, number)
            label = plan.same("thresholds", f"{name} | {key}")
            draft.add((name, "|", key), group, place, None, label)
        # One threshold cannot tell the location of a latent response from its scale.
        loose = group > 0 and "thresholds" in plan.equal and plan.thresholds[at] > 1
        draft.add(*intercept, None if loose and "intercepts" not in plan.equal else 0.0)
        scale = None if loose and "residuals" not in plan.equal else 1.0
        if plan.parameterization == "theta":
            draft.add(*variance, scale)
        else:
            draft.add((name, "~*~", name), group, ("delta", at, 0), scale)


def _covariance(draft: _Draft, plan: _Plan, pair: Sequence[str], group: int) -> None:
    if isinstance(pair, str) or len(pair) != 2:
        raise RefusalError(f"covariances are pairs of items, [('a', 'b')], not {pair!r}")
    for name in pair:
        if name not in plan.order:
            raise UnknownNameError("item", name, plan.order)
    first, second = pair
    if first == second:
        raise RefusalError(f"'{first}' cannot covary with itself: its variance is in the model")
    if (f"{second} ~~ {first}", group) in draft.rows:
        return
    where = [plan.order.index(name) for name in pair]
    label = plan.same("residual_covariances", f"{first} ~~ {second}")
    draft.add((first, "~~", second), group, ("theta", max(where), min(where)), None, label)


def _override(
    draft: _Draft,
    groups: int,
    labels: Labels,
    fixed: Values,
    free: Collection[Key],
) -> None:
    for key in free:
        for place in _places(draft, key, groups):
            draft.rows[place] = [None, None]
    for key, label in labels.items():
        for place in _places(draft, key, groups):
            draft.rows[place] = [None, f"label:{label}"]
    for key, value in fixed.items():
        for place in _places(draft, key, groups):
            draft.rows[place] = [float(value), None]


def written(name: str) -> str:
    """Return a parameter as the models write it, whatever its spaces: "f=~x" is "f =~ x"."""
    return " ".join(SIGN.sub(r" \1 ", name).split()).replace(" ~ 1", " ~1")


def _places(draft: _Draft, key: Key, groups: int) -> Iterator[tuple[str, int]]:
    text, numbers = (key, range(groups)) if isinstance(key, str) else (key[0], (key[1],))
    text = written(text)
    parts = text.split(" ~~ ")
    turned = " ~~ ".join(reversed(parts))
    for group in numbers:
        name = text if (text, group) in draft.rows else turned
        if (name, group) not in draft.rows:
            raise UnknownNameError("parameter", text, [known for known, _ in draft.rows])
        yield name, group


def _numbered(draft: _Draft) -> Iterator[Parameter]:
    numbers: dict[object, int] = {}
    for key, (value, label) in draft.rows.items():
        lhs, op, rhs, matrix, row, column = draft.places[key]
        number = -1
        if value is None:
            number = numbers.setdefault(label if label is not None else key, len(numbers))
        shown = str(label) if label is not None else None
        start = float(value) if isinstance(value, float) else float("nan")
        yield Parameter(lhs, op, rhs, key[1], matrix, row, column, number, start, shown)


def _finished(plan: _Plan, draft: _Draft) -> Specification:
    made = Specification(
        plan.order,
        plan.everyone,
        plan.groups,
        plan.thresholds,
        plan.parameterization,
        tuple(_numbered(draft)),
        tuple(plan.above),
    )
    if made.free == 0:
        raise RefusalError("every parameter of the model is fixed: there is nothing to estimate")
    return made
