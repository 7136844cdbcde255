"""`psychoscales.evidence`: what published rules say of a scale's scores in these data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psychoscales.appraisal.facts import Asked, facts_of
from psychoscales.appraisal.rating import Rating, ratings
from psychoscales.appraisal.rules import Question, Rules, rules
from psychoscales.errors import RefusalError
from psychoscales.responses import Responses
from psychoscales.results import WHERE, Table
from psychoscales.scoring import score_responses
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.model import in_language
from psychoscales.verbs.kept import read_with
from psychoscales.verbs.keyed import keyed
from psychoscales.verbs.read import ScaleSource

COLUMNS = (
    *WHERE,
    "property",
    "rating",
    "strict",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "rule",
    "reason",
    "source",
)
HIDDEN = ("statistic", "rule", "reason", "source")
MEANING = {
    "+": "sufficient",
    "-": "insufficient",
    "?": "indeterminate",
}


@dataclass(frozen=True)
class Evidence(Table):
    """A rating for each measurement property of each score, and what a person has to judge.

    Attributes:
        rules: what was applied.
    """

    rules: Rules | None = None

    @property
    def checklist(self) -> tuple[Question, ...]:
        """What no data set can show, and a person has to judge."""
        return () if self.rules is None else self.rules.checklist

    def to_dict(self) -> dict[str, Any]:
        """Return what `json.dumps` can write: ratings, rules, sources and checklist."""
        known = self.rules
        if known is None:
            return super().to_dict()
        return {
            "format": "1.0",
            "rules": {"id": known.id, "version": known.version, "name": known.name},
            **super().to_dict(),
            "citations": [
                {"id": one.id, "text": one.text, "doi": one.doi} for one in known.citations
            ],
            "checklist": [
                {"id": one.id, "text": in_language(one.text, "en")} for one in known.checklist
            ],
        }

    def lines(self, width: int) -> Iterator[str]:
        """Yield the ratings, then each reason under its property, then the checklist."""
        yield from super().lines(width)
        yield ""
        for row in self.rows:
            where = " ".join(str(row[name]) for name in WHERE if row.get(name))
            yield from _wrapped(f"{where} {row['property']}: {row['reason']}", width)
        yield ""
        yield "For a person to judge:"
        for one in self.checklist:
            yield from _wrapped(in_language(one.text, "en"), width)


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")


def evidence(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    score: str | None = None,
    model: str | None = None,
    retest: Any = None,
    by: str | None = None,
    truth: str | None = None,
    positive: Any = None,
    hypotheses: Table | None = None,
    change: Table | None = None,
    mic: float | None = None,
    binding: BindingSource | None = None,
) -> Evidence:
    """Return ratings of measurement properties by COSMIN's criteria, as published.

    Each property is sufficient (+), insufficient (-) or indeterminate (?), with the statistic
    that decides, its interval and n, the rule as published, and the reason; where indeterminate,
    the reason is exactly what is missing. Beside it stands a stricter line: every index, in its
    scaled form, and the lower end of an interval instead of its middle. Content validity and the
    quality of a study's design cannot be seen in data: `.checklist` is for a person.

    Args:
        data: what `read` returned, or a frame or a path with `scale`.
        scale: the scale, where `data` does not know it.
        score: one score only, by id or as `phq9_total`.
        model: a factor model of the scale; by default, for each score, the first whose items are
            the score's, else one factor of the score's items.
        retest: the same people on a second occasion, as `read` returned them, both with ids.
        by: a kept column whose groups are compared (differential item functioning).
        truth: a kept column, or a result of another scale, that is the gold standard: a yes or
            no, or numbers.
        positive: its value that means yes, where it is not yes-or-no.
        hypotheses: what `convergent` or `groups` returned with expectations.
        change: what `change` returned.
        mic: the minimal important change of one score, in its units; by default the scale file's.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Evidence`: a row for each property of each score.

    Raises:
        UnknownNameError: no score, model or column is called so.
        RefusalError: `mic` with several scores.

    Source:
        Prinsen CAC et al. Qual Life Res 2018;27:1147-1157. doi:10.1007/s11136-018-1798-3

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("phq9", n=300, seed=1)
        >>> found = ps.evidence(answers).to_frame()
        >>> found.loc[found["property"] == "internal_consistency", ["rating", "strict"]]
          rating strict
        1      +      +
    """
    people = read_with(data, scale, (by, truth), binding)
    known = rules()
    asked = Asked(model, retest, by, truth, positive, hypotheses, change, mic)
    _check(asked)
    scores = list(keyed(people, score=score))
    if mic is not None and not (math.isfinite(mic) and mic > 0):
        raise ValueError(f"mic is a size of change above 0, whatever its direction, not {mic}")
    if mic is not None and len(scores) > 1:
        raise RefusalError("a minimal important change is of one score: say which, score=...")
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    scored = score_responses(people)
    for each in scores:
        facts, missing, said = facts_of(scored, each, asked)
        rated = ratings(known, facts, missing)
        rows += [_row(each.where, one) for one in rated]
        notes += [f"{each.scale.id} {each.score}: {note}" for note in said]
    notes.append(
        f"{', '.join(f'{mark} {word}' for mark, word in MEANING.items())}; strict: every "
        "index, scaled, and the lower end of an interval"
    )
    title = f"Evidence by the {known.name} ({people.source.label})"
    return Evidence(title, COLUMNS, tuple(rows), tuple(notes), HIDDEN, known)


def _check(asked: Asked) -> None:
    if asked.retest is not None and not isinstance(asked.retest, Responses):
        raise TypeError("read the second occasion first: retest=psychoscales.read(..., id='...')")
    for name in ("hypotheses", "change"):
        given = getattr(asked, name)
        if given is not None and not isinstance(given, Table):
            raise TypeError(f"{name} is what a verb returned, not {type(given).__name__}")


def _row(where: Mapping[str, Any], one: Rating) -> dict[str, Any]:
    fact = one.fact
    return {
        **where,
        "property": one.property.id,
        "rating": one.rating or None,
        "strict": one.strict or None,
        "statistic": None if fact is None else one.shown,
        "value": None if fact is None else fact.value,
        "low": None if fact is None else fact.low,
        "high": None if fact is None else fact.high,
        "n": None if fact is None else fact.n,
        "rule": one.property.rule,
        "reason": one.reason,
        "source": ", ".join(one.property.source),
    }
