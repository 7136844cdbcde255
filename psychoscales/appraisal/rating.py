"""Applying rules to statistics: sufficient, insufficient, or what is missing to say so."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from psychoscales.appraisal.rules import Condition, Criterion, Property, Rules

MOST_DECIMALS = 9
SUFFICIENT, INSUFFICIENT, INDETERMINATE, DESCRIBED = "+", "-", "?", ""
COMPARE: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "above": (operator.gt, ">"),
    "at_least": (operator.ge, ">="),
    "below": (operator.lt, "<"),
    "at_most": (operator.le, "<="),
}


@dataclass(frozen=True)
class Fact:
    """A statistic that a rule may ask for.

    Attributes:
        value: unrounded.
        what: what it is exactly: which flavour of an index, of which model, by which method.
        low, high: the interval, where there is one.
        n: people.
    """

    value: float
    what: str
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class Rating:
    """What the rules say of one property.

    Attributes:
        property: which.
        rating: "+", "-", "?" or nothing where it is described only.
        strict: the same by the stricter line; nothing where there is none.
        shown: id of the statistic that stands for it.
        fact: that statistic; None where there is none.
        reason: why; where indeterminate, what is missing.
    """

    property: Property
    rating: str
    strict: str
    shown: str
    fact: Fact | None
    reason: str


def ratings(
    rules: Rules, facts: Mapping[str, Fact], missing: Mapping[str, str]
) -> tuple[Rating, ...]:
    """Rate every property by its rule.

    Args:
        rules: the rules.
        facts: statistic -> what it is; one that is not there could not be computed.
        missing: property -> why its statistics are not there, where that is known.

    Returns:
        A rating for each property, in the order of the rules.
    """
    made: dict[str, Rating] = {}
    for one in rules.properties:
        made[one.id] = _rated(one, facts, missing.get(one.id), made)
    return tuple(made.values())


def _rated(
    one: Property, facts: Mapping[str, Fact], why: str | None, before: Mapping[str, Rating]
) -> Rating:
    fact = facts.get(one.shown)
    if one.sufficient is None:
        reason = why or ("described, not rated" if fact else f"needed: {one.needs}")
        return Rating(one, DESCRIBED, DESCRIBED, one.shown, fact, reason)
    held = holds(one.sufficient, facts)
    if held is None:
        return Rating(one, INDETERMINATE, _mark(None), one.shown, fact, why or _lacking(one, facts))
    if fact is None:
        shown = next(c.statistic for c in one.sufficient.conditions if c.statistic in facts)
        fact, name = facts[shown], shown
    else:
        name = one.shown
    strict = DESCRIBED if one.strict is None else _mark(holds(one.strict, facts))
    needed = None if one.requires is None else before[one.requires]
    if needed is not None and needed.rating != SUFFICIENT:
        reason = f"{needed.property.name['en'].lower()} is not sufficient ({needed.rating}): "
        reason += f"{name.replace('_', ' ')} is not interpretable"
        return Rating(one, INDETERMINATE, INDETERMINATE, name, fact, reason)
    usual, stricter = _premises(one, needed)
    if usual is not None and holds(usual, facts) is not True:
        reason = f"{_premise(usual, facts)}: {name.replace('_', ' ')} is not interpretable"
        return Rating(one, INDETERMINATE, INDETERMINATE, name, fact, reason)
    if needed is not None and needed.strict != SUFFICIENT and strict:
        strict = INDETERMINATE
    if stricter is not None and not holds(stricter, facts):
        strict = INDETERMINATE
    return Rating(one, _mark(held), strict, name, fact, explained(one.sufficient, facts))


def _premises(one: Property, needed: Rating | None) -> tuple[Criterion | None, Criterion | None]:
    """Return the rule and the stricter line of the required property, of what is premised."""
    if needed is None or one.premise is None:
        return None, None
    usual, stricter = needed.property.sufficient, needed.property.strict
    return usual and usual.of(one.premise), stricter and stricter.of(one.premise)


def _premise(premise: Criterion, facts: Mapping[str, Fact]) -> str:
    told = explained(premise, facts)
    return f"one factor is not supported ({told})" if told else "one factor could not be judged"


def _mark(held: bool | None) -> str:
    return {True: SUFFICIENT, False: INSUFFICIENT, None: INDETERMINATE}[held]


def holds(criterion: Criterion, facts: Mapping[str, Fact]) -> bool | None:
    """Return whether a criterion holds; None where what is known does not decide it."""
    known = [_holds(each, facts) for each in criterion.conditions]
    if criterion.any:
        if True in known:
            return True
        return False if False in known else None
    return False if False in known else None if None in known else True


def _holds(condition: Condition, facts: Mapping[str, Fact]) -> bool | None:
    kind, bound = condition.bound
    against = bound if isinstance(bound, float) else _value(facts, bound)
    value = _value(facts, condition.statistic)
    if value is None or against is None:
        return None
    return COMPARE[kind][0](value, against)


def _value(facts: Mapping[str, Fact], name: str) -> float | None:
    fact = facts.get(name)
    return None if fact is None else fact.value


def _lacking(one: Property, facts: Mapping[str, Fact]) -> str:
    assert one.sufficient is not None
    names = []
    for each in one.sufficient.conditions:
        bound = each.bound[1]
        names += [each.statistic, *([bound] if isinstance(bound, str) else [])]
    lacking = [name.replace("_", " ") for name in dict.fromkeys(names) if name not in facts]
    if len(lacking) < len(dict.fromkeys(names)):
        return f"no {', no '.join(lacking)}; needed: {one.needs}"
    return f"needed: {one.needs}"


def explained(criterion: Criterion, facts: Mapping[str, Fact]) -> str:
    """Say for each condition what was compared, and whether it holds."""
    said = []
    for each in criterion.conditions:
        fact = facts.get(each.statistic)
        if fact is None:
            continue
        kind, bound = each.bound
        against = bound if isinstance(bound, float) else facts[bound].value
        limit = f"{against:g}" if isinstance(bound, float) else f"{bound} {against:.6g}"
        sign = COMPARE[kind][1] if _holds(each, facts) else f"not {COMPARE[kind][1]}"
        said.append(f"{fact.what} {_told_apart(fact.value, against)} {sign} {limit}")
    return "; ".join(said)


def _told_apart(value: float, bound: float) -> str:
    """Return a value with three decimals, or with as many as it takes to differ from the bound."""
    written = [f"{value:.{places}f}" for places in range(3, MOST_DECIMALS + 1)]
    return next((each for each in written if value == bound or float(each) != bound), written[-1])
