"""Checks of scores: their items, keying, missing rule, and the range recomputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psychoscales.spec.check.parts import Parts
from psychoscales.spec.model import Score
from psychoscales.spec.numbers import plain, reflected, score_range

COUNTED = ("sum", "mean", "count")
LIMITS = ("max_missing", "min_valid", "min_valid_proportion")


def check_scores(parts: Parts) -> None:
    """Every score is over known parts, says its missing rule once, and has the range it claims."""
    ranges: dict[str, tuple[float, float]] = {}
    whole: dict[str, bool] = {}
    names = parts.ids("scores")
    for path, score in parts.sound("scores", Score):
        before = len(parts.problems)
        _check_members(parts, path, score, names[: names.index(score.id)])
        _check_method(parts, path, score)
        _check_missing(parts, path, score)
        parts.sourced(f"{path}.missing", score.missing.source, score.missing.note)
        parts.sourced(path, score.source, score.note)
        values = keyed_values(parts, score, ranges)
        if len(parts.problems) == before and values is not None:
            _check_equal_ranges(parts, path, score, values)
            whole[score.id] = _whole(score, values) and all(
                whole.get(name, False) for name in score.scores or ()
            )
            _check_table(parts, path, score, values, whole[score.id])
            whole[score.id] &= score.missing.action == "refuse" or score.missing.round != "none"
            if score.table is not None:
                whole[score.id] = all(value.is_integer() for value in score.table.values())
            _check_rounding(parts, path, score)
            _check_range(parts, path, score, values)
        ranges[score.id] = score.range


def _check_members(parts: Parts, path: str, score: Score, earlier: Sequence[str]) -> None:
    if (score.items is None) == (score.scores is None):
        parts.say(path, "a score is over either 'items' or other 'scores'")
        return
    if score.scores is not None:
        for number, name in enumerate(score.scores):
            parts.known(f"{path}.scores[{number}]", "score above this one", name, earlier)
        if score.reverse:
            parts.say(f"{path}.reverse", "a score over scores reverses nothing")
    kind = "items" if score.items is not None else "scores"
    for number, name in enumerate(score.members):
        if name in score.members[:number]:
            parts.say(f"{path}.{kind}[{number}]", f"'{name}' is in this score twice")
    items = parts.items()
    for number, name in enumerate(score.items or ()):
        place = f"{path}.items[{number}]"
        if not parts.known(place, "item", name, parts.ids("items")):
            continue
        if name in items and not items[name].scored:
            parts.say(place, f"item '{name}' is not scored", "drop it, or drop scored = false")
    for number, name in enumerate(score.reverse if score.items else ()):
        parts.known(f"{path}.reverse[{number}]", "item of this score", name, score.items or ())


def _check_method(parts: Parts, path: str, score: Score) -> None:
    if (score.method == "count") != (score.at_least is not None):
        parts.say(path, "'at_least' belongs to method 'count', and 'count' needs it")
    for name, weight in (score.weights or {}).items():
        parts.known(f"{path}.weights", "member of this score", name, score.members)
        if weight <= 0:
            parts.say(f"{path}.weights.{name}", f"found {plain(weight)}", "weights are above 0")
    if score.weights and score.method in ("min", "max"):
        parts.say(f"{path}.weights", f"method '{score.method}' has no weights")


def _check_missing(parts: Parts, path: str, score: Score) -> None:
    rule = score.missing
    given = [name for name in LIMITS if getattr(rule, name) is not None]
    if len(given) != 1:
        parts.say(f"{path}.missing", f"{len(given)} limits", f"exactly one of {', '.join(LIMITS)}")
        return
    size = len(score.members)
    if (rule.max_missing or 0) >= max(size, 1) or (rule.min_valid or 1) > size:
        parts.say(
            f"{path}.missing.{given[0]}", f"the score has {size} parts", "fewer must be missing"
        )
    if rule.action == "refuse" and score.fewest_valid < size:
        parts.say(
            f"{path}.missing",
            "action 'refuse' with answers allowed to be missing",
            "say max_missing = 0, or another action",
        )
    if rule.action == "mean_of_valid" and score.method not in ("mean", "pomp"):
        parts.say(f"{path}.missing.action", f"'mean_of_valid' of a {score.method}", "'prorate'")
    if rule.action != "refuse" and score.method in ("min", "max"):
        parts.say(
            f"{path}.missing.action", f"found '{rule.action}'", f"a {score.method} is refused"
        )


def keyed_values(
    parts: Parts, score: Score, ranges: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, ...]] | None:
    """Return the values each member can take in this score; None where a member is unsound."""
    if score.scores is not None:
        found = {name: ranges[name] for name in score.scores if name in ranges}
        if score.method == "count":
            least = score.at_least or 0.0
            found = {name: (float(a >= least), float(b >= least)) for name, (a, b) in found.items()}
        return dict(found) if len(found) == len(score.scores) else None
    values: dict[str, tuple[float, ...]] = {}
    for name in score.items or ():
        row = parts.values_of(name)
        if not row:
            return None
        if name in score.reverse:
            row = reflected(row)
        if score.method == "count":
            row = tuple(float(value >= (score.at_least or 0)) for value in row)
        values[name] = row
    return values


def _check_equal_ranges(
    parts: Parts, path: str, score: Score, values: Mapping[str, tuple[float, ...]]
) -> None:
    ends = {(min(row), max(row)) for row in values.values()}
    if score.missing.action != "refuse" and score.method in COUNTED and len(ends) > 1:
        parts.say(
            f"{path}.missing.action",
            f"'{score.missing.action}' over members of different ranges",
            "a missing answer stands for the person's mean only where all share one range: "
            "use 'refuse', or method 'pomp'",
        )


def _check_table(
    parts: Parts, path: str, score: Score, values: Mapping[str, tuple[float, ...]], whole: bool
) -> None:
    if score.table is None:
        return
    try:
        table = {float(raw): value for raw, value in score.table.items()}
    except ValueError:
        parts.say(f"{path}.table", "a key that is not a number", "keys are raw scores in quotes")
        return
    if not whole:
        parts.say(f"{path}.table", "raw scores are not all whole", "a table is of whole ones")
        return
    low, high = score_range(score.method, values, weights=score.weights, multiply=score.multiply)
    gaps = [raw for raw in range(int(low), int(high) + 1) if raw not in table]
    if gaps:
        listed = ", ".join(str(raw) for raw in gaps[:6]) + (", ..." if len(gaps) > 6 else "")
        parts.say(f"{path}.table", f"no entry for {listed}", f"raw scores are {low:g} to {high:g}")
    if score.missing.action != "refuse" and score.missing.round == "none":
        parts.say(
            f"{path}.missing.round", "found 'none'", "a table needs whole raw scores: 'half_up'"
        )


def _whole(score: Score, values: Mapping[str, tuple[float, ...]]) -> bool:
    """Whether every raw score of complete answers is a whole number."""
    factors = [*(score.weights or {}).values(), score.multiply or 1.0]
    adds_up = score.method in ("sum", "count", "min", "max")
    numbers = [*factors, *(value for row in values.values() for value in row)]
    return adds_up and all(number.is_integer() for number in numbers)


def _check_rounding(parts: Parts, path: str, score: Score) -> None:
    low, high = score.range
    if (
        score.table is None
        and score.missing.round == "half_up"
        and not (low.is_integer() and high.is_integer())
    ):
        found = f"rounding could leave {plain(low)} to {plain(high)}"
        parts.say(f"{path}.missing.round", found, "'none'")


def _check_range(
    parts: Parts, path: str, score: Score, values: Mapping[str, tuple[float, ...]]
) -> None:
    low, high = score_range(
        score.method, values, weights=score.weights, multiply=score.multiply, table=score.table
    )
    if abs(low - score.range[0]) > 1e-9 or abs(high - score.range[1]) > 1e-9:
        parts.say(
            f"{path}.range",
            f"found [{plain(score.range[0])}, {plain(score.range[1])}]",
            f"the option values give [{plain(low)}, {plain(high)}]",
        )
