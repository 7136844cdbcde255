"""What the checks may know besides the printed numbers: scores, variables, how many people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from psychoscales.auditing.published import Published
from psychoscales.spec.model import Scale, Score


@dataclass(frozen=True)
class Coding:
    """Another coding of the same answers: `column` is `shift` more than this score."""

    column: str
    shift: float


@dataclass(frozen=True)
class ScoreFacts:
    """What is possible for a score.

    Attributes:
        column: its name in frames, `{scale}_{score}`.
        items: how many items it is of.
        low, high: its range.
        step: between neighbouring values of people who answered everything; None if unknown.
        finest: the same where the missing rule also scores incomplete answers.
        codings: the same answers under other codings that are known.
    """

    column: str
    items: int
    low: float
    high: float
    step: Fraction | None = None
    finest: Fraction | None = None
    codings: tuple[Coding, ...] = ()

    @property
    def per_item(self) -> float:
        """What one point on every item adds: the number of items for a sum, 1 for a mean."""
        mean = self.step is not None and self.step * self.items == 1
        return 1.0 if mean else float(self.items)


@dataclass(frozen=True)
class VariableFacts:
    """What is possible for a variable that is no score.

    Attributes:
        id: its name.
        codes: what its categories are coded as, in the order of the counts; None if unknown.
        step: between neighbouring values of a number (1 for age in years); None if unknown.
        multiple: several categories may hold of one person, so that counts exceed n.
    """

    id: str
    codes: tuple[float, ...] | None = None
    step: Fraction | None = None
    multiple: bool = False


@dataclass(frozen=True)
class Possible:
    """The values one person can have: between `low` and `high`, in steps."""

    low: float | None = None
    high: float | None = None
    step: Fraction | None = None
    finest: Fraction | None = None


@dataclass(frozen=True)
class Context:
    """What the audit knows besides the printed numbers.

    Attributes:
        scores: by column name.
        variables: by id.
        people: how many took part; no n can be larger.
    """

    scores: Mapping[str, ScoreFacts] = field(default_factory=dict)
    variables: Mapping[str, VariableFacts] = field(default_factory=dict)
    people: int | None = None

    def codes(self, variable: str, categories: int) -> tuple[float, ...] | None:
        """Return the codes of a variable's categories, if they are known and as many."""
        known = self.variables.get(variable)
        if known is None or known.codes is None or len(known.codes) != categories:
            return None
        return known.codes

    def multiple(self, variable: str) -> bool:
        """Return whether several categories may hold of one person."""
        return variable in self.variables and self.variables[variable].multiple

    def possible(self, name: str) -> Possible:
        """Return what values a score or a variable can take."""
        score, variable = self.scores.get(name), self.variables.get(name)
        if score is not None:
            return Possible(score.low, score.high, score.step, score.finest)
        if variable is not None and variable.codes:
            step = spacing(variable.codes)
            return Possible(min(variable.codes), max(variable.codes), step, step)
        if variable is not None:
            return Possible(step=variable.step, finest=variable.step)
        return Possible()


def context_of(
    scales: Iterable[Scale] = (),
    variables: Mapping[str, Sequence[float] | VariableFacts] | None = None,
    people: int | None = None,
) -> Context:
    """Return the context that scales and variables make.

    Args:
        scales: every scale whose scores are printed, and every other coding of the same items.
        variables: the codes of each further variable, in the order of its counts, or its facts.
        people: how many took part.

    Examples:
        >>> import psychoscales as ps
        >>> known = context_of([ps.scale("phq9")], {"visits": range(1, 7)}, people=350)
        >>> known.scores["phq9_total"].high
        27.0
        >>> known.variables["visits"].codes
        (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    """
    known = tuple(scales)
    scores = {
        f"{scale.id}_{score.id}": _facts(scale, score, known)
        for scale in known
        for score in scale.scores
    }
    facts = {
        name: given
        if isinstance(given, VariableFacts)
        else VariableFacts(name, tuple(float(code) for code in given))
        for name, given in (variables or {}).items()
    }
    return Context(scores, facts, people)


def _facts(scale: Scale, score: Score, known: Sequence[Scale]) -> ScoreFacts:
    step, finest = _steps(scale, score)
    low, high = score.range
    codings = tuple(
        Coding(f"{other.id}_{score.id}", twin.range[0] - low)
        for other in known
        if other.id != scale.id
        for twin in other.scores
        if _same_answers(score, twin)
    )
    items = len(score.members)
    return ScoreFacts(f"{scale.id}_{score.id}", items, low, high, step, finest, codings)


def _same_answers(one: Score, two: Score) -> bool:
    """Whether two scores are of the same items and differ by where the codes begin only."""
    return (
        (one.id, one.items, one.method, one.reverse) == (two.id, two.items, two.method, two.reverse)
        and math.isclose(one.range[1] - one.range[0], two.range[1] - two.range[0])
        and one.range != two.range
    )


def _steps(scale: Scale, score: Score) -> tuple[Fraction | None, Fraction | None]:
    """Return the step of complete answers, and that of all answers the missing rule scores."""
    plain = score.method in ("sum", "mean") and score.items and not (score.table or score.weights)
    if not plain:
        return None, None
    values = {
        name: [option.value for option in scale.option_set(name) if option.value is not None]
        for name in score.members
    }
    steps = {spacing(row) for row in values.values()}
    origins = {min(row) for row in values.values() if row}
    if len(steps) != 1 or len(origins) != 1:
        return None, None
    step = steps.pop()
    if step is None:
        return None, None
    step *= Fraction(score.multiply or 1).limit_denominator(10**6)
    items, fewest = len(score.members), score.fewest_valid
    whole = items if score.method == "sum" else 1
    complete = step * whole / items
    if score.missing.action == "refuse" or score.missing.round == "half_up":
        return complete, complete
    partial = [step * whole / valid for valid in range(max(fewest, 1), items + 1)]
    return complete, largest_common(partial)


def spacing(values: Sequence[float]) -> Fraction | None:
    """Return the largest step that leads from every value to every other; None for one value."""
    exact = sorted({Fraction(value).limit_denominator(10**6) for value in values})
    return largest_common([value - exact[0] for value in exact[1:]]) if len(exact) > 1 else None


def largest_common(parts: Sequence[Fraction]) -> Fraction:
    """Return the largest fraction that divides every one of `parts`."""
    below = math.lcm(*(part.denominator for part in parts))
    return Fraction(math.gcd(*(int(part * below) for part in parts)), below)


def together(
    published: Published, context: Context, names: Iterable[str]
) -> tuple[int, int | None]:
    """Return the fewest and the most people who can have answered all of several variables.

    The most are as many as answered the least answered one. The fewest follow from everybody who
    left one out having left out no other (Bonferroni's inequality); without every n, and how many
    people there are, they are 0. Where a variable is printed with several n, as of groups, the
    smallest counts for the fewest and the largest for the most.
    """
    sizes = [published.people_of(name) for name in dict.fromkeys(names)]
    known = [size for size in sizes if size]
    if context.people is not None:
        everybody = context.people
        fewest = everybody - sum(everybody - size[0] for size in known)
        least = max(0, fewest) if len(known) == len(sizes) else 0
        return least, min([everybody, *(size[-1] for size in known)])
    return 0, min((size[-1] for size in known), default=None)
