"""Checks of claims: bands, rules, flags, models, reference values, and that each has a source."""

from __future__ import annotations

from collections.abc import Mapping

from psychoscales.spec.check.answers import check_comparison, check_condition
from psychoscales.spec.check.parts import Parts
from psychoscales.spec.claims import Bands, Condition, Flag, Level, Model, ReferenceValue, Rule
from psychoscales.spec.model import Score
from psychoscales.spec.numbers import plain


def check_bands(parts: Parts) -> None:
    """The levels of a band set rise, and tile the range of their score without a gap."""
    scores = {score.id: score for _, score in parts.sound("scores", Score)}
    for path, bands in parts.sound("bands", Bands):
        parts.sourced(path, bands.source, bands.note)
        if not parts.known(f"{path}.score", "score", bands.score, parts.ids("scores")):
            continue
        names = [level.id for level in bands.levels]
        for number, name in enumerate(names):
            if name in names[:number]:
                parts.say(f"{path}.levels[{number}].id", f"duplicate id '{name}'")
        if bands.score in scores:
            _check_levels(parts, path, bands.levels, scores[bands.score])


def _check_levels(parts: Parts, path: str, levels: tuple[Level, ...], score: Score) -> None:
    low, high = score.range
    if levels[0].from_ != low:
        parts.say(
            f"{path}.levels[0].from",
            f"gap: no band from {plain(low)} to {plain(levels[0].from_)}"
            if levels[0].from_ > low
            else f"found {plain(levels[0].from_)}",
            f"the first band starts at {plain(low)}, the lowest '{score.id}'",
        )
    for number, level in enumerate(levels[1:], start=1):
        before, place = levels[number - 1], f"{path}.levels[{number}].from"
        if level.from_ <= before.from_:
            parts.say(place, f"found {plain(level.from_)}", f"above {plain(before.from_)}")
        elif level.from_ > high:
            parts.say(place, f"found {plain(level.from_)}", f"the highest score is {plain(high)}")
        elif before.to is not None and before.to + 1 < level.from_:
            parts.say(
                place,
                f"gap: no band for {plain(before.to + 1)}",
                f"'{before.id}' ends at {plain(before.to)} and '{level.id}' "
                f"starts at {plain(level.from_)}",
            )
        elif before.to is not None and before.to >= level.from_:
            parts.say(
                f"{path}.levels[{number - 1}].to",
                f"found {plain(before.to)}",
                f"overlap: '{level.id}' starts at {plain(level.from_)}",
            )
    if levels[-1].to is not None and levels[-1].to != high:
        last = len(levels) - 1
        parts.say(
            f"{path}.levels[{last}].to",
            f"found {plain(levels[-1].to)}",
            f"the highest score is {plain(high)}",
        )


def check_rules(parts: Parts) -> None:
    """A rule is a count or one logical form, refers to rules that exist, and not to itself."""
    uses: dict[str, tuple[str, ...]] = {}
    for path, rule in parts.sound("rules", Rule):
        parts.sourced(path, rule.source, rule.note, required=not rule.is_count)
        forms = [rule.count, rule.all, rule.any, rule.not_]
        if sum(form is not None for form in forms) != 1:
            parts.say(path, "a rule is exactly one of 'count', 'all', 'any', 'not'")
        for number, term in enumerate(rule.count or ()):
            check_comparison(parts, f"{path}.count[{number}]", term)
        for place, condition in _conditions(rule):
            check_condition(parts, f"{path}.{place}", condition)
        uses[rule.id] = tuple(c.rule for _, c in _conditions(rule) if c.rule is not None)
    for path, rule in parts.sound("rules", Rule):
        if _reaches(uses, rule.id, rule.id, set()):
            parts.say(path, f"rule '{rule.id}' depends on itself")


def _conditions(rule: Rule) -> list[tuple[str, Condition]]:
    found = [(f"all[{number}]", each) for number, each in enumerate(rule.all or ())]
    found += [(f"any[{number}]", each) for number, each in enumerate(rule.any or ())]
    return found + ([("not", rule.not_)] if rule.not_ is not None else [])


def _reaches(uses: Mapping[str, tuple[str, ...]], start: str, goal: str, seen: set[str]) -> bool:
    for name in uses.get(start, ()):
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            if _reaches(uses, name, goal, seen):
                return True
    return False


def check_flags(parts: Parts) -> None:
    """A flag's condition can be met."""
    for path, flag in parts.sound("flags", Flag):
        check_condition(parts, f"{path}.when", flag.when)
        parts.sourced(path, flag.source, flag.note)


def check_models(parts: Parts) -> None:
    """A model's items exist; it says whose keying it uses where a score reverses one of them."""
    reversing = {
        item: score.id for _, score in parts.sound("scores", Score) for item in score.reverse
    }
    for path, model in parts.sound("models", Model):
        parts.sourced(path, model.source, model.note)
        for factor, items in model.factors.items():
            for number, name in enumerate(items):
                place = f"{path}.factors.{factor}[{number}]"
                parts.known(place, "item", name, parts.ids("items"))
                if name in items[:number]:
                    parts.say(place, f"item '{name}' is in this factor twice")
        if model.key is not None:
            parts.known(f"{path}.key", "score", model.key, (*parts.ids("scores"), "none"))
        else:
            turned = [name for row in model.factors.values() for name in row if name in reversing]
            if turned:
                allowed = f"'{reversing[turned[0]]}' (it reverses '{turned[0]}'), or 'none'"
                parts.say(path, "'key' is missing", allowed)


def check_reference_values(parts: Parts) -> None:
    """A published value is of a score or a rule that exists, and lies in its own interval."""
    for number, (path, value) in enumerate(parts.sound("reference_values", ReferenceValue)):
        place = path or f"reference_values[{number}]"
        parts.sourced(place, value.source, value.note)
        if (value.score is None) == (value.rule is None):
            parts.say(place, "a reference value is of either a 'score' or a 'rule'")
        if value.score is not None:
            parts.known(f"{place}.score", "score", value.score, parts.ids("scores"))
        if value.rule is not None:
            parts.known(f"{place}.rule", "rule", value.rule, parts.ids("rules"))
        low = value.value if value.low is None else value.low
        high = value.value if value.high is None else value.high
        if not low <= value.value <= high:
            parts.say(place, f"{plain(value.value)} is outside its interval")
