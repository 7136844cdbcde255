"""Hypotheses as people write them down, in a call or a study document, into expectations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psychoscales.engines.validity.expectation import (
    Above,
    Expectation,
    Range,
    Verdict,
    falling,
    share_confirmed,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import WHERE, Table
from psychoscales.verbs.membership import text_of

Declared = str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]
OF_GROUPS = ("score", "higher", "lower", "order", "g")
OF_CORRELATIONS = ("score", "with", "r", "direction", "order", "stronger")
SIGNS = {"positive": (0.0, None), "negative": (None, 0.0)}
COLUMNS = (*WHERE, "hypothesis", "found", "confirmed", "interval_inside", "note")


@dataclass(frozen=True)
class Hypothesis:
    """An expectation, and the score it is about; None where it is about every score."""

    score: str | None
    expectation: Expectation


def of_groups(declared: Declared | None, labels: Sequence[str]) -> list[Hypothesis]:
    """Return the hypotheses about group means and g.

    Each is a mapping of `higher` or `lower` (a group; every other is lower, higher), or `order`
    (a list from lowest to highest, or a text such as "severe > mild > none"); of two groups also
    `g`, a range of Hedges' g in the direction expected; `score` where it is about one score.
    """
    return [_of_groups(each, labels) for each in _each(declared, OF_GROUPS)]


def of_correlations(declared: Declared | None, names: Sequence[str]) -> list[Hypothesis]:
    """Return the hypotheses about correlations.

    Each is a text such as "gad7_total > age", or a mapping of `with` and `r` (a range) or
    `direction` ("positive", "negative"), or of `order` or `stronger` (the same order of the
    sizes, signs left out); `score` where it is about one score.
    """
    return [_of_correlations(each, names) for each in _each(declared, OF_CORRELATIONS)]


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as columns of the table of hypotheses."""
    return {
        "hypothesis": verdict.expected,
        "found": verdict.found,
        "confirmed": verdict.confirmed,
        "interval_inside": verdict.interval_inside,
    }


def hypotheses_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of hypotheses, with the share confirmed in its title."""
    verdicts = [row["confirmed"] for row in rows]
    judged, share = [each for each in verdicts if each is not None], share_confirmed(verdicts)
    title = "Hypotheses declared beforehand"
    notes = ["confirmed: the estimates are as declared, whatever their intervals"]
    if share is not None:
        title += f": {sum(judged)} of {len(judged)} confirmed ({100 * share:.1f}%)"
    if len(judged) < len(verdicts):
        notes.append(f"{len(verdicts) - len(judged)} not judged, and not in the share")
    if any(row["interval_inside"] is not None for row in rows):
        notes.append("interval inside: the whole interval lies in the range declared")
    return Table(title, COLUMNS, tuple(rows), tuple(notes) if rows else ())


def _each(declared: Declared | None, known: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    if declared is None:
        return
    single = isinstance(declared, str | Mapping)
    listed: Iterable[Any] = [declared] if single else declared
    for one in listed:
        made = {"order": one} if isinstance(one, str) else one
        if not isinstance(made, Mapping):
            raise TypeError(f"a hypothesis is a text or a mapping, not {one!r}")
        for name in made:
            if name not in known:
                raise UnknownNameError("part of a hypothesis", str(name), known)
        yield made


def _of_groups(made: Mapping[str, Any], labels: Sequence[str]) -> Hypothesis:
    kinds = [name for name in ("higher", "lower", "order") if name in made]
    if len(kinds) != 1:
        raise RefusalError(
            "a hypothesis about groups says one of higher, lower or order, such as "
            f"{{'higher': '{labels[-1]}'}}"
        )
    (kind,) = kinds
    ranges: tuple[Range, ...] = ()
    if kind == "order":
        names = _falling_names(made["order"], labels, "group")
        above, words = falling(names), " > ".join(names)
    else:
        one = _known(text_of(made[kind]), labels, "group")
        others = [label for label in labels if label != one]
        pairs = [(one, other) if kind == "higher" else (other, one) for other in others]
        above = tuple(Above(*pair) for pair in pairs)
        words = f"{one} {'>' if kind == 'higher' else '<'} {', '.join(others)}"
    if "g" in made:
        if len(labels) != 2:
            raise RefusalError(f"g is of two groups, and there are {len(labels)}")
        low, high = _range(made["g"], "g")
        name = g_name(above[0].higher)
        ranges, words = (Range(name, low, high),), f"{words}, g {_words(low, high)}"
    return Hypothesis(made.get("score"), Expectation(words, ranges, above))


def g_name(higher: str) -> str:
    """Return what the g of two groups is called whose first mean is this group's."""
    return f"g ({higher} first)"


def _of_correlations(made: Mapping[str, Any], names: Sequence[str]) -> Hypothesis:
    kinds = [name for name in ("r", "direction", "order", "stronger") if name in made]
    if len(kinds) != 1:
        raise RefusalError(
            "a hypothesis about correlations says one of r, direction, order or stronger, such as "
            "{'with': 'gad7_total', 'r': [0.5, 0.8]} or 'gad7_total > age'"
        )
    (kind,) = kinds
    if kind in ("order", "stronger"):
        ordered = _falling_names(made[kind], names, "score or column")
        size = kind == "stronger"
        words = " > ".join(f"|{name}|" if size else name for name in ordered)
        above = falling(ordered, size=size)
        return Hypothesis(made.get("score"), Expectation(words, (), above))
    if "with" not in made:
        raise RefusalError(f"{kind} of the correlation with what? add 'with'")
    other = _known(str(made["with"]), names, "score or column")
    if kind == "direction":
        if made[kind] not in SIGNS:
            raise UnknownNameError("direction", str(made[kind]), SIGNS)
        one, words = Range(other, *SIGNS[made[kind]], beyond=True), str(made[kind])
    else:
        low, high = _range(made["r"], "r")
        one, words = Range(other, low, high), _words(low, high)
    return Hypothesis(made.get("score"), Expectation(f"with {other}: {words}", (one,)))


def _falling_names(given: Any, known: Sequence[str], what: str) -> list[str]:
    """Return names from highest to lowest, of "a > b", "b < a", or a list from the lowest."""
    if isinstance(given, str):
        if ("<" in given) == (">" in given):
            raise RefusalError(f"'{given}' is no order: write it as in 'a > b > c'")
        texts = [text.strip() for text in given.split(">" if ">" in given else "<")]
        listed = texts if ">" in given else texts[::-1]
    else:
        listed = [text_of(each) or "" for each in reversed(list(given))]
    if len(listed) < 2 or len(set(listed)) < len(listed):
        raise RefusalError(f"an order is of two different names or more, not {listed}")
    return [_known(name, known, what) for name in listed]


def _known(name: str | None, known: Sequence[str], what: str) -> str:
    if name is None or name not in known:
        raise UnknownNameError(f"{what} of a hypothesis", str(name), known)
    return name


def _range(given: Any, what: str) -> tuple[float | None, float | None]:
    """Return the ends of [low, high]; either may be None (or "-inf", "inf" in a document)."""
    ends = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    if len(ends) != 2 or ends == [None, None]:
        raise RefusalError(f"{what} of a hypothesis is a range, such as [0.5, 0.8], not {given!r}")
    low, high = (None if end is None or abs(end) == float("inf") else float(end) for end in ends)
    if low is not None and high is not None and low > high:
        raise RefusalError(f"{what}: {low:g} to {high:g} is no range")
    return low, high


def _words(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
