"""Valid scale documents of every shape, and answers to them.

Values, weights and bands are whole numbers, quarters and tenths, and mean exactly what is written:
a score of 0.8 made of 0.1 and 0.7 is on a boundary at 0.8.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Tree = dict[str, Any]
Code = int | str
Sheet = Mapping[str, Code | None]
Values = Mapping[str, tuple[Fraction, ...]]

TEXTS = ("never", "rarely", "now and then", "often", "always", "x", "yes please", "Ja", "気分")
REASONS = ("not_applicable", "refused", "dont_know")
METHODS = ("sum", "mean", "count", "min", "max", "pomp")
SOURCE = "made2020"
WHOLE_TABLE = 40


@dataclass(frozen=True)
class Case:
    """A valid scale document, and some people's answers to it as they are stored."""

    tree: Tree
    sheets: tuple[Sheet, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The answers as a frame, a row a person."""
        return frame_of(self.tree, self.sheets)


def frame_of(tree: Tree, sheets: Sequence[Sheet]) -> pd.DataFrame:
    """Return answer sheets as a frame; a missing answer is an empty cell."""
    names = [item["id"] for item in tree["items"]]
    return pd.DataFrame({name: [sheet[name] for sheet in sheets] for name in names})


def exact(number: float | str) -> Fraction:
    """Return the fraction that a number was written as: a tenth for 0.1."""
    return Fraction(str(number))


def values_of(tree: Tree, item: str) -> tuple[Fraction, ...]:
    """Return the option values of an item, in the order of its options."""
    options = next(each["options"] for each in tree["items"] if each["id"] == item)
    row = tree["options"][options]
    return tuple(exact(option["value"]) for option in row if "value" in option)


def quarters(low: int, high: int) -> SearchStrategy[float]:
    """Return a strategy of numbers in steps of a quarter."""
    return st.integers(low * 4, high * 4).map(lambda number: number / 4)


def chance() -> SearchStrategy[Random]:
    """Return a strategy of what is left to chance within one draw: drawing each takes long."""
    return st.randoms(use_true_random=True)


@st.composite
def option_sets(draw: DrawFn, name: str, *, plain: bool) -> list[Tree]:
    """Draw a response set; a plain one has whole values one apart."""
    size, random = draw(st.integers(2, 7)), draw(chance())
    first = random.randint(-3, 4)
    values = [float(first + number) for number in range(size)]
    if not plain and random.random() < 0.5:
        size_of_step = random.choice([4, 10])
        steps = [number / size_of_step for number in range(-16, 37)]
        values = [*random.sample(steps, 2), *random.choices(steps, k=size - 2)]
        random.shuffle(values)
    codes: list[Code] = random.choice(
        [
            list(range(first, first + size)),
            random.sample(range(-9, 41), size),
            random.sample(TEXTS, size),
        ]
    )
    options: list[Tree] = []
    for number, (code, value) in enumerate(zip(codes, values, strict=True)):
        option: Tree = {"code": code, "value": value, "label": {"en": f"{name} label {number}"}}
        if random.random() < 0.2:
            del option["label"]
            option["label_status"] = "unlabelled"
        options.append(option)
    reasons = random.sample(REASONS, draw(st.integers(0, 2)))
    for reason, free in zip(reasons, random.sample((77, 88, "nil"), 2), strict=False):
        option = {"code": free, "missing": reason, "label": {"en": f"{name} {reason}"}}
        options.insert(random.randint(0, len(options)), option)
    return options


def ends_of(row: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    return min(row), max(row)


def range_of(score: Tree, members: Values) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest score there can be, from what each member can be."""
    weights = {name: exact((score.get("weights") or {}).get(name, 1)) for name in members}
    rows = members
    if score["method"] == "count":
        least = exact(score["at_least"])
        rows = {name: tuple(Fraction(v >= least) for v in row) for name, row in members.items()}
    lows = [weights[name] * min(row) for name, row in rows.items()]
    highs = [weights[name] * max(row) for name, row in rows.items()]
    total = sum(weights.values(), Fraction())
    ends = {
        "sum": (sum(lows, Fraction()), sum(highs, Fraction())),
        "count": (sum(lows, Fraction()), sum(highs, Fraction())),
        "mean": (sum(lows, Fraction()) / total, sum(highs, Fraction()) / total),
        "min": (min(lows), min(highs)),
        "max": (max(lows), max(highs)),
        "pomp": (Fraction(0), Fraction(100)),
    }[score["method"]]
    times = exact(score.get("multiply", 1))
    low, high = (times * end for end in ends)
    return min(low, high), max(low, high)


@st.composite
def missing_rules(draw: DrawFn, method: str, size: int, *, alike: bool) -> Tree:
    """Draw a missing rule that a score may have whose members do or do not share one range."""
    actions = ["refuse"]
    if method not in ("min", "max") and (alike or method == "pomp"):
        actions += ["prorate", "prorate", "prorate"]
        actions += ["mean_of_valid", "mean_of_valid"] if method in ("mean", "pomp") else []
    random = draw(chance())
    action = random.choice(actions)
    valid = size if action == "refuse" else random.randint(1, size)
    limit = random.choice(["max_missing", "min_valid", "min_valid_proportion"])
    number: float = {"max_missing": size - valid, "min_valid": valid}.get(limit, valid / size)
    return {limit: number, "action": action, "source": SOURCE}


def finished(draw: DrawFn, score: Tree, members: Values) -> Tree:
    """Give a score its range, and sometimes a multiplier and rounding."""
    if draw(st.integers(0, 3)) == 0:
        score["multiply"] = draw(st.sampled_from([2.0, 0.5, -1.0, 4.0]))
    low, high = range_of(score, members)
    whole = low.denominator == high.denominator == 1
    if whole and score["missing"]["action"] != "refuse" and draw(st.booleans()):
        score["missing"]["round"] = "half_up"
    score["range"] = [float(low), float(high)]
    return score


def converted(draw: DrawFn, score: Tree) -> Tree:
    """Give a score a conversion table, where it has few raw values and all of them are whole."""
    low, high = score["range"]
    if not low.is_integer() or not high.is_integer() or high - low > WHOLE_TABLE:
        return score
    random = draw(chance())
    entries = [random.randint(0, 80) / 4 for _ in range(int(high - low) + 1)]
    if score["missing"]["action"] != "refuse":
        score["missing"]["round"] = "half_up"
        entries = [float(int(entry)) for entry in entries]
    score["table"] = {str(int(low) + number): entry for number, entry in enumerate(entries)}
    score["range"] = [min(entries), max(entries)]
    return score


@st.composite
def item_scores(draw: DrawFn, name: str, tree: Tree) -> Tree:
    """Draw a score over some of the scored items; one in four has a conversion table."""
    scored = [item["id"] for item in tree["items"] if item.get("scored", True)]
    whole = [n for n in scored if all(v.denominator == 1 for v in values_of(tree, n))]
    table = bool(whole) and draw(st.integers(0, 3)) == 0
    scored = whole if table else scored
    random = draw(chance())
    if draw(st.integers(0, 2)):
        first = draw(st.sampled_from(scored))
        ends = ends_of(values_of(tree, first))
        scored = [each for each in scored if ends_of(values_of(tree, each)) == ends]
    items = random.sample(scored, random.randint(1, len(scored)))
    method = random.choice(["sum", "count"] if table else METHODS)
    score: Tree = {"id": name, "items": items, "method": method, "higher": {"en": "more"}}
    reverse = [each for each in items if random.random() < 0.5]
    if reverse:
        score["reverse"] = reverse
    keyed: dict[str, tuple[Fraction, ...]] = {}
    for each in items:
        row = values_of(tree, each)
        keyed[each] = tuple(min(row) + max(row) - v for v in row) if each in reverse else row
    counted = keyed
    if method == "count":
        every = sorted({value for row in keyed.values() for value in row})
        least = random.choice(every)
        score["at_least"] = float(least)
        counted = {each: tuple(Fraction(v >= least) for v in row) for each, row in keyed.items()}
    if method not in ("min", "max") and not table and draw(st.integers(0, 2)) == 0:
        weighty = random.sample(items, random.randint(1, len(items)))
        score["weights"] = {each: random.choice([0.5, 2.0, 3.0, 1.25, 0.3]) for each in weighty}
    alike = len({ends_of(row) for row in counted.values()}) == 1
    score["missing"] = draw(missing_rules(method, len(items), alike=alike))
    score = finished(draw, score, keyed)
    return converted(draw, score) if table and score.get("multiply", 1) != 0.5 else score


@st.composite
def score_scores(draw: DrawFn, name: str, earlier: list[Tree]) -> Tree:
    """Draw a score over scores that stand above it."""
    parts = draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=3, unique_by=id))
    members = {part["id"]: (exact(part["range"][0]), exact(part["range"][1])) for part in parts}
    alike = len(set(members.values())) == 1
    spread = all(low < high for low, high in members.values())
    method = draw(st.sampled_from([m for m in METHODS if m != "count" and (spread or m != "pomp")]))
    score: Tree = {"id": name, "scores": list(members), "method": method, "higher": {"en": "more"}}
    score["missing"] = draw(missing_rules(method, len(parts), alike=alike))
    return finished(draw, score, members)


def bounds_within(score: Tree) -> list[float]:
    """Return where a band of a score could start above the lowest one: quarters and tenths."""
    low, high = score["range"]
    steps = [(math.floor(low * step), math.floor(high * step), step) for step in (4, 10)]
    return sorted({n / step for a, b, step in steps for n in range(a + 1, b + 1)})


@st.composite
def band_sets(draw: DrawFn, name: str, score: Tree) -> Tree:
    """Draw bands that tile the range of a score."""
    low, high = score["range"]
    within, random = bounds_within(score), draw(chance())
    size = random.randint(1, min(3, len(within)))
    whole = [bound for bound in within if bound.is_integer()]
    if len(whole) >= size and random.random() < 0.5:
        within = whole
    bounds = [low, *sorted(random.sample(within, size))]
    levels: list[Tree] = [
        {"id": f"level_{number}", "from": bound, "label": {"en": f"Level {number}"}}
        for number, bound in enumerate(bounds)
    ]
    if all(float(bound).is_integer() for bound in (*bounds, high)) and random.random() < 0.7:
        for level, after in zip(levels, [*bounds[1:], high + 1], strict=True):
            level["to"] = after - 1
    return {"id": name, "score": score["id"], "levels": levels, "source": SOURCE}


@st.composite
def comparisons(draw: DrawFn, rows: Sequence[Sequence[Fraction]]) -> Tree:
    """Draw a comparison that some value of each row meets."""
    everyone = sorted({value for row in rows for value in row})
    shared = sorted(set.intersection(*(set(row) for row in rows)))
    kind = draw(st.sampled_from(["at_least", "at_most", "between", *["equals"] * bool(shared)]))
    if kind == "equals":
        return {kind: float(draw(st.sampled_from(shared)))}
    if kind == "at_least":
        most = min(max(row) for row in rows)
        return {kind: float(draw(st.sampled_from([v for v in everyone if v <= most])))}
    if kind == "at_most":
        least = max(min(row) for row in rows)
        return {kind: float(draw(st.sampled_from([v for v in everyone if v >= least])))}
    met = [draw(st.sampled_from(sorted(row))) for row in rows]
    return {kind: [float(min(met)), float(max(met))]}


@st.composite
def item_terms(draw: DrawFn, tree: Tree) -> Tree:
    """Draw items and what they are compared with."""
    scored = [item["id"] for item in tree["items"] if item.get("scored", True)]
    items = draw(chance()).sample(scored, draw(st.integers(1, min(5, len(scored)))))
    return {"items": items, **draw(comparisons([values_of(tree, item) for item in items]))}


@st.composite
def conditions(draw: DrawFn, tree: Tree, rules: list[Tree]) -> Tree:
    """Draw a condition over items, or over a rule that stands above."""
    if not rules or draw(st.booleans()):
        return draw(item_terms(tree))
    rule = draw(st.sampled_from(rules))
    if "count" not in rule:
        more = draw(st.sampled_from([{}, {"equals": True}, {"equals": False}]))
        return {"rule": rule["id"], **more}
    most = sum(len(term["items"]) for term in rule["count"])
    kind = draw(st.sampled_from(["at_least", "at_most", "between", "equals"]))
    one, two = sorted(draw(st.tuples(st.integers(0, most), st.integers(0, most))))
    return {"rule": rule["id"], kind: [one, two] if kind == "between" else two}


@st.composite
def rule_sets(draw: DrawFn, tree: Tree) -> list[Tree]:
    """Draw rules: counts, and verdicts over items and over rules above them."""
    rules: list[Tree] = []
    for number in range(draw(st.integers(0, 4))):
        form = draw(st.sampled_from(["count", "all", "any", "not"]))
        rule: Tree = {"id": f"rule_{number}", "source": SOURCE}
        if form == "count":
            rule[form] = draw(st.lists(item_terms(tree), min_size=1, max_size=2))
        elif form == "not":
            rule[form] = draw(conditions(tree, rules))
        else:
            rule[form] = draw(st.lists(conditions(tree, rules), min_size=1, max_size=3))
        rules.append(rule)
    return rules


@st.composite
def scales(draw: DrawFn, *, plain: bool = False) -> Tree:
    """Draw a valid scale document; a plain one has whole values one apart."""
    names = [f"set_{number}" for number in range(draw(st.integers(1, 4)))]
    random = draw(chance())
    tree: Tree = {
        "format": "1.0",
        "id": "drawn",
        "version": "1.0.0",
        "name": {"en": "Drawn"},
        "construct": {"en": "nothing"},
        "languages": ["en"],
        "text_status": "user_supplied",
        "licence": {
            "instrument": {"status": "free", "statement": "Take it.", "source": SOURCE},
            "spec": "CC0-1.0",
        },
        "citations": [{"id": SOURCE, "text": "A. Nobody. Made up. 2020."}],
        "options": {name: draw(option_sets(name, plain=plain)) for name in names},
        "items": [
            {"id": f"item_{number}", "options": random.choice(names)}
            for number in range(draw(st.integers(2, 12)))
        ],
    }
    if draw(st.booleans()):
        tree["options"]["words"] = [{"code": n, "label": {"en": f"word {n}"}} for n in (1, 2, 3)]
        unscored = {"id": "aside", "options": "words", "scored": False}
        tree["items"].insert(draw(st.integers(0, len(tree["items"]))), unscored)
    scores = [draw(item_scores("score_0", tree))]
    for number in range(1, draw(st.integers(1, 3))):
        over_scores = draw(st.integers(0, 2)) == 0
        name = f"score_{number}"
        scores.append(
            draw(score_scores(name, scores)) if over_scores else draw(item_scores(name, tree))
        )
    tree["scores"] = scores
    banded = [each for each in scores if "items" in each and bounds_within(each)]
    tree["bands"] = [
        draw(band_sets(f"band_{number}", draw(st.sampled_from(banded))))
        for number in range(draw(st.integers(0, 2)) if banded else 0)
    ]
    tree["rules"] = draw(rule_sets(tree))
    tree["flags"] = [
        {
            "id": f"flag_{number}",
            "when": draw(conditions(tree, tree["rules"])),
            "level": draw(st.sampled_from(["note", "review", "urgent"])),
            "message": {"en": "Look."},
        }
        for number in range(draw(st.integers(0, 2)))
    ]
    tree["examples"] = [{"name": "blank", "answers": {}, "expect": {"score_0_n_valid": 0}}]
    return tree


@st.composite
def sheets_of(draw: DrawFn, tree: Tree, *, blanks: bool = True) -> Sheet:
    """Draw one person's answers: codes of options, or None where nothing is stored."""
    random = draw(chance())
    often = random.choice([0, 0, 1, 1, 2, 5]) if blanks else 0
    sheet: dict[str, Code | None] = {}
    for item in tree["items"]:
        rows = tree["options"][item["options"]]
        codes: list[Code | None] = [o["code"] for o in rows if "missing" not in o]
        if often:
            codes += [*codes, *(o["code"] for o in rows if "missing" in o), *[None] * often]
        sheet[item["id"]] = random.choice(codes)
    return sheet


@st.composite
def cases(draw: DrawFn, *, plain: bool = False, blanks: bool = True) -> Case:
    """Draw a valid scale document and answers of one to eight people."""
    tree = draw(scales(plain=plain))
    people = draw(st.lists(sheets_of(tree, blanks=blanks), min_size=1, max_size=8))
    return Case(tree, tuple(people))
