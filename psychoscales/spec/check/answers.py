"""Checks of options and items: can every answer be stored, read and scored one way only."""

from __future__ import annotations

from psychoscales.spec.check.parts import Parts
from psychoscales.spec.claims import Condition, CountTerm, Rule
from psychoscales.spec.model import Item, Option
from psychoscales.spec.numbers import COMPARISONS, meets, plain
from psychoscales.spec.stored import same

MOST_OPTIONS = 100


def check_options(parts: Parts) -> None:
    """An option has a value, or is missing, or neither; its code and its label are its own."""
    scored = {item.options for _, item in parts.sound("items", Item) if item.scored}
    for name, options in parts.option_sets().items():
        if options is None:
            continue
        codes: dict[object, int] = {}
        for number, option in enumerate(options):
            first = codes.setdefault(same(option.code), number)
            if first != number:
                place = f"options.{name}[{number}].code"
                parts.say(place, f"duplicate code {option.code!r}", f"[{first}] has it")
        if len(options) > MOST_OPTIONS:
            parts.say(f"options.{name}", f"{len(options)} options", f"at most {MOST_OPTIONS}")
        labels: dict[tuple[str, object], int] = {}
        for number, option in enumerate(options):
            path = f"options.{name}[{number}]"
            if option.value is not None and option.missing is not None:
                parts.say(path, "both a 'value' and 'missing'", "an option has one of them")
            if (option.label is None) != (option.label_status == "unlabelled"):
                parts.say(path, "'label' is missing", 'or say label_status = "unlabelled"')
            for language, label in (option.label or {}).items():
                first = labels.setdefault((language, same(label)), number)
                if first != number:
                    parts.say(f"{path}.label.{language}", f"the label of [{first}] again")
                elif codes.get(same(label), number) != number:
                    place = f"{path}.label.{language}"
                    parts.say(place, f"'{label}' is the code of [{codes[same(label)]}]")
        if name in scored:
            _check_scored(parts, name, options)


def _check_scored(parts: Parts, name: str, options: tuple[Option, ...]) -> None:
    for number, option in enumerate(options):
        if option.value is None and option.missing is None:
            parts.say(
                f"options.{name}[{number}]",
                "neither a 'value' nor 'missing', but scored items use it",
                "give one, or say scored = false in the items",
            )
    if len({option.value for option in options if option.value is not None}) < 2:
        parts.say(f"options.{name}", "fewer than two different values", "nothing can be scored")


def check_items(parts: Parts) -> None:
    """An item's option set exists; a text is there unless texts are left to the user."""
    sets = parts.option_sets()
    user_supplied = parts.tree.get("text_status") == "user_supplied"
    for path, item in parts.sound("items", Item):
        options = sets.get(item.options)
        parts.known(f"{path}.options", "option set", item.options, sets)
        if item.text is None and not user_supplied:
            parts.say(path, "'text' is missing", 'or say text_status = "user_supplied"')
        if (item.asked_if is None) != (item.otherwise is None):
            parts.say(path, "'asked_if' and 'otherwise' belong together")
        if item.asked_if is not None:
            if item.asked_if.items is None:
                parts.say(f"{path}.asked_if", "'items' is missing", "it is asked by other items")
            else:
                check_comparison(parts, f"{path}.asked_if", item.asked_if)
            if item.asked_if.items and item.id in item.asked_if.items:
                parts.say(f"{path}.asked_if.items", f"'{item.id}' cannot depend on itself")
        if isinstance(item.otherwise, float) and options is not None:
            values = [option.value for option in options]
            if item.otherwise not in values:
                listed = ", ".join(plain(value) for value in values if value is not None)
                parts.say(
                    f"{path}.otherwise",
                    f"found {plain(item.otherwise)}",
                    f"allowed: the values of '{item.options}' ({listed}) or 'not_applicable'",
                )


def check_asking(parts: Parts) -> None:
    """Whether an item is asked does not depend, round about, on the item itself."""
    asks = {
        item.id: set(item.asked_if.items or ())
        for item in parts.items().values()
        if item.asked_if is not None
    }
    for path, item in parts.sound("items", Item):
        seen: set[str] = set()
        ahead = asks.get(item.id, set()) - {item.id}
        while ahead - seen:
            seen |= ahead
            ahead = set().union(*(asks.get(name, set()) for name in ahead))
        if item.id in seen:
            parts.say(f"{path}.asked_if", f"'{item.id}' depends on itself, round about")


def check_condition(parts: Parts, path: str, condition: Condition) -> None:
    """A condition is about items or about one rule, and compares once with something attainable."""
    if (condition.items is None) == (condition.rule is None):
        parts.say(path, "a condition is over either 'items' or a 'rule'")
    elif condition.items is not None:
        check_comparison(parts, path, condition)
    elif condition.rule is not None:
        rules = {str(rule.get("id")): rule for rule in parts.raw("rules") if isinstance(rule, dict)}
        if parts.known(f"{path}.rule", "rule", condition.rule, rules):
            counted = "count" in rules[condition.rule]
            given = [name for name in COMPARISONS if getattr(condition, name) is not None]
            if counted and len(given) != 1:
                parts.say(path, f"rule '{condition.rule}' is a count", f"one of {_comparisons()}")
            elif counted:
                _check_reachable(parts, f"{path}.{given[0]}", condition)
            if not counted and given not in ([], ["equals"]):
                parts.say(path, f"rule '{condition.rule}' is true or false", "no comparison fits")


def _check_reachable(parts: Parts, path: str, condition: Condition) -> None:
    """A count of n items is 0 to n; a comparison that none of these meets is a mistake."""
    for _, rule in parts.sound("rules", Rule):
        if rule.id == condition.rule:
            most = sum(len(term.items) for term in rule.count or ())
            if not any(meets(condition, float(count)) for count in range(most + 1)):
                parts.say(path, "no answers meet it", f"'{rule.id}' counts 0 to {most}")


def check_comparison(parts: Parts, path: str, term: Condition | CountTerm) -> None:
    """Items exist, one comparison is given, and some option value of each item can meet it."""
    given = [name for name in COMPARISONS if getattr(term, name) is not None]
    if len(given) != 1:
        parts.say(path, f"{len(given)} comparisons", f"one of {_comparisons()}")
        return
    for number, name in enumerate(term.items or ()):
        if not parts.known(f"{path}.items[{number}]", "item", name, parts.ids("items")):
            continue
        values = parts.values_of(name)
        if values is not None and not any(meets(term, value) for value in values):
            listed = ", ".join(plain(value) for value in values) or "none"
            parts.say(
                f"{path}.{given[0]}", f"no option of '{name}' meets it", f"its values: {listed}"
            )


def _comparisons() -> str:
    return ", ".join(COMPARISONS)
