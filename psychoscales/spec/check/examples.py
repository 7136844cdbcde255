"""Checks of worked examples: answers that can be given, and results that can come."""

from __future__ import annotations

from psychoscales.spec.check.parts import Parts
from psychoscales.spec.claims import Bands, Example, Flag, Rule
from psychoscales.spec.model import Score

NUMBER = ("a number",)
STATUSES = ("ok", "prorated", "too_many_missing")
FLAG_STATES = ("raised", "clear", "not_assessed")


def check_examples(parts: Parts) -> None:
    """Answers use known items and codes; expectations name known results and possible values."""
    items, sets = parts.items(), parts.option_sets()
    allowed = _allowed(parts)
    groups = [name for _, bands in parts.sound("bands", Bands) for name in bands.for_ or {}]
    for path, example in parts.sound("examples", Example):
        parts.sourced(path, example.source, example.note)
        for name in example.person or {}:
            parts.known(f"{path}.person.{name}", "person variable of a band", name, groups)
        for name, code in example.answers.items():
            place = f"{path}.answers.{name}"
            if not parts.known(place, "item", name, parts.ids("items")) or name not in items:
                continue
            options = sets.get(items[name].options)
            codes = [option.code for option in options or ()]
            if options is not None and code not in codes:
                parts.say(place, f"found {code!r}", f"its codes: {', '.join(map(str, codes))}")
        for name, value in example.expect.items():
            place = f"{path}.expect.{name}"
            if not parts.known(place, "result", name, allowed):
                continue
            possible = allowed[name]
            if possible == NUMBER:
                if isinstance(value, str | bool):
                    parts.say(place, f"found '{value}'", "expected a number")
            elif possible is not None and value not in possible:
                listed = ", ".join(str(each).lower() for each in possible)
                parts.say(place, f"found {str(value)!r}", f"allowed: {listed}")


def _allowed(parts: Parts) -> dict[str, tuple[object, ...] | None]:
    """Return what each result can be; None where its declaration is not sound."""
    kinds = ("scores", "bands", "rules", "flags")
    allowed: dict[str, tuple[object, ...] | None] = {
        name: None for kind in kinds for name in parts.ids(kind)
    }
    for name in parts.ids("scores"):
        allowed |= {f"{name}_n_valid": NUMBER, f"{name}_status": STATUSES}
    for _, score in parts.sound("scores", Score):
        allowed[score.id] = NUMBER
    for _, bands in parts.sound("bands", Bands):
        before = allowed.get(bands.id) or ()
        allowed[bands.id] = (*before, *(level.id for level in bands.levels))
    for _, rule in parts.sound("rules", Rule):
        if rule.is_count:
            allowed.pop(rule.id, None)
        else:
            allowed[rule.id] = (True, False, "undetermined")
    for _, flag in parts.sound("flags", Flag):
        allowed[flag.id] = FLAG_STATES
    return allowed
