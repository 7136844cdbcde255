"""`psychoscales.change`: how much people have changed, and how much change matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability import COEFFICIENTS
from psychoscales.engines.reliability.agreement import FORMS, icc
from psychoscales.engines.validity.change import NORMAL_95, People, people
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import moments
from psychoscales.plots.change import before_after
from psychoscales.responses import Responses
from psychoscales.results import WHERE, Table, Tables
from psychoscales.results import people as counted
from psychoscales.spec.model import Scale
from psychoscales.verbs.anchored import Anchored, anchored
from psychoscales.verbs.change_rows import COLUMNS, COUNTED, Asked, Row, Worked, side_by_side
from psychoscales.verbs.keyed import keyed, scores_called
from psychoscales.verbs.occasions import Occasions, occasions
from psychoscales.verbs.summed import reliability_of_sum, why_no_plain_sum

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Improvement = Literal["lower", "higher"]
Bools = npt.NDArray[np.bool_]
DIRECTIONS: Mapping[str, int] = {"higher": 1, "lower": -1}
HIDDEN = ("level", "seed")
ICCS = ("ICC(1,1)", "ICC(A,1)", "ICC(C,1)")
PERSON = ("before", "after", "change", "improved")


@dataclass(frozen=True)
class Change(Tables):
    """The table that `change` returns, how people are classified, and the picture.

    Attributes:
        counts: how many people each method calls improved, unchanged and deteriorated.
        worked: what the rows are of, a score of a group each.
    """

    FURTHER: ClassVar[tuple[str, ...]] = ("counts",)

    counts: Table = field(default_factory=lambda: Table("", (), ()), repr=False, compare=False)
    worked: tuple[Worked, ...] = field(default=(), repr=False, compare=False)

    @property
    def people(self) -> Table:
        """Each person's scores, change, indices and categories, without ids.

        The rows of a score are the people with both scores, in the order of the first occasion.
        """
        rows = [row for each in self.worked for row in each.people()]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = (*WHERE, *PERSON, *(n for n in names if n not in (*WHERE, *PERSON)))
        return Table("People", columns, tuple(rows))

    def plot(
        self,
        score: str | None = None,
        *,
        scale: str | None = None,
        group: str | None = None,
        method: str = "jacobson_truax",
    ) -> Figure:
        """Return scores before against after, with the band of no reliable change.

        Args:
            score, scale, group: which one, where the table has several.
            method: of reliable change; a reliability is needed for the band.
        """
        asked = {"scale": scale, "score": score, "group": group}
        there = [each for each in self.worked if each.of is not None]
        found = [
            each
            for each in there
            if all(value in (None, each.where[key]) for key, value in asked.items())
        ]
        if not found:
            text = " ".join(value for value in asked.values() if value is not None)
            raise UnknownNameError("score in this table", text, [each.name for each in there])
        if len(found) > 1:
            raise ValueError(f"say which score to plot: {', '.join(each.name for each in found)}")
        (one,) = found
        assert one.of is not None
        band, better = None, np.zeros(one.of.n, dtype=np.int8)
        if one.reliability is not None:
            bands = one.bands(one.observed())
            if method not in bands:
                raise UnknownNameError("method of this table", method, bands)
            known = bands[method]
            if isinstance(known, str):
                raise RefusalError(f"no band to draw: {known}")
            better = known.verdicts(one.of.before, one.of.after, one.of.direction)
            band = (known.intercept, known.slope, known.half)
        return before_after(
            one.of.before,
            one.of.after,
            better=better,
            band=band,
            cutoff=one.cutoff(),
            title=f"{one.name}: {counted(one.of.n)}",
        )

    def _further(self) -> Iterator[Table]:
        if self.counts.rows:
            yield side_by_side(self.counts)


def change(
    before: Responses,
    after: Responses,
    anchor: str | None = None,
    *,
    improvement: Improvement | Mapping[str, Improvement],
    improved: Any = None,
    minimal: Any = None,
    stable: Any = None,
    order: Sequence[Any] | None = None,
    anchor_reliability: float | None = None,
    reliability: str | Mapping[str, float] | None = None,
    practice: float | None = None,
    critical: float = NORMAL_95,
    cutoff: str | float | None = None,
    norms: tuple[float, float] | None = None,
    score: str | None = None,
    by: str | None = None,
    interval: Literal["closed_form", "bootstrap"] = "closed_form",
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> Change:
    r"""Return the change of each score between two occasions: responsiveness, error, importance.

    With d a person's change in the direction of improvement, :math:`s` the standard deviation of
    the earlier scores and :math:`\rho` their reliability:

    .. math::
        ES = \frac{\bar d}{s}, \quad SRM = \frac{\bar d}{s_d}, \quad SEM = s \sqrt{1 - \rho}, \quad
        SDC = 1.96 \sqrt 2\, SEM, \quad MIC = \frac{\log (p / (1 - p)) - \beta_0}{\beta_1}

    Each `rci_` row is how far, in units of the score, a later score must be from where its method
    expects it; the methods stand in `psychoscales.engines.validity.change.reliable`, the minimal
    important changes in `psychoscales.engines.validity.change.mic`.

    Args:
        before, after: what `read` returned for each occasion, with ids.
        anchor: a kept column of `after` (or of `before`) that says who improved.
        improvement: "lower" or "higher": which scores are better. For scores that differ in this
            a mapping, such as {"phq9_total": "lower", "who5_total": "higher"}. There is no default.
        improved: the anchor's value, or several, that mean importantly improved; not needed where
            the anchor is 0 and 1, false and true, or no and yes.
        minimal: the values that mean minimally improved, for `mic_mean_change` and `guyatt`.
        stable: the values that mean no change, for `guyatt`, and for a reliability of "ICC(A,1)".
        order: the anchor's values from worst to best, where there are three texts or more.
        anchor_reliability: of the anchor, for `mic_improved_adjusted`.
        reliability: a coefficient of `psychoscales.reliability`, worked out of the earlier answers,
            such as "alpha"; "ICC(1,1)", "ICC(A,1)" or "ICC(C,1)" of the stable people; or a known
            value under its name, {"ICC(A,1), Smith 2015": 0.84}. Without it no reliable change.
        practice: mean change, later minus earlier, of people who were not treated, for
            `rci_chelune`.
        critical: how many standard errors a reliable change is.
        cutoff: where functional scores begin, for recovery: Jacobson and Truax's "a", "b" or "c",
            a number, or the level of a band set, "severity.moderate".
        norms: mean and standard deviation of functional people, for "b" and "c".
        score: one score only, by id or as `phq9_total`.
        by: a kept column; a block for each of its values.
        interval: of effect size and SRM: "closed_form" (normal scores) or "bootstrap".
        level: confidence level of all intervals.
        resamples, seed: of the bootstrap, in which people are drawn again; 0 for no interval.

    Returns:
        `Change`, a `Table` with a row for each statistic; `.counts` classifies people, `.people`
        has each person's change, `.plot()` is before against after. No id is in any of them.

    Raises:
        RefusalError: no ids, nobody in common, an anchor of one value, or nothing can be given.
            Where only some cannot, their rows say why.
        UnknownNameError: no score, column or value is called so.

    Examples:
        >>> import numpy as np
        >>> import psychoscales as ps
                >>> answers = [ps.simulate("phq9", n=200, seed=n).to_frame() for n in (1, 2)]
        >>> answers[1]["better"] = np.where(np.arange(200) < 90, "yes", "no")
        >>> answers[1].iloc[:90, :9] = np.maximum(answers[1].iloc[:90, :9] - 1, 0)
        >>> visits = [ps.read(f.assign(pid=range(200)), "phq9", id="pid",
        ...                   keep=[c for c in f if c == "better"]) for f in answers]
        >>> table = ps.change(*visits, "better", improvement="lower", reliability="alpha")
        >>> table.counts.to_frame()["category"].unique().tolist()
        ['improved', 'no_reliable_change', 'deteriorated']
    """
    asked = _checked(
        Asked(
            level, interval, resamples, seed, critical, practice, norms, cutoff, anchor_reliability
        )
    )
    together = occasions([before, after])
    said = None
    if anchor is not None:
        said = anchored(
            together, anchor, improved=improved, minimal=minimal, stable=stable, order=order
        )
    elif any(each is not None for each in (improved, minimal, stable, order, anchor_reliability)):
        raise TypeError("improved, minimal, stable, order, anchor_reliability are of an anchor")
    work = _Work(together, said, improvement, reliability, asked, before)
    worked, notes = work.all(score, by)
    return _table(worked, [*together.notes, *notes], before, asked)


def _checked(asked: Asked) -> Asked:
    if not 0 < asked.level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {asked.level}")
    if asked.interval not in ("closed_form", "bootstrap"):
        raise UnknownNameError("interval", asked.interval, ("closed_form", "bootstrap"))
    if not asked.critical > 0:
        raise ValueError(f"critical is a number of standard errors, not {asked.critical}")
    for_anchor = asked.anchor_reliability
    if for_anchor is not None and not 0 < for_anchor <= 1:
        raise ValueError(f"anchor_reliability lies between 0 and 1, not {for_anchor}")
    return asked


@dataclass(frozen=True)
class _Work:
    """The matched people, and what is wanted of their scores."""

    together: Occasions
    anchor: Anchored | None
    improvement: Improvement | Mapping[str, Improvement]
    reliability: str | Mapping[str, float] | None
    asked: Asked
    before: Responses

    def all(self, score: str | None, by: str | None) -> tuple[list[Worked], list[str]]:
        """Return every score of every group, and what a reader should know."""
        wanted = [(s, part.id) for s, part in scores_called(self.before.scales, score)]
        self._check_reliability(len(wanted))
        groups: list[tuple[str | None, Bools]]
        groups = [(None, np.ones(len(self.together.rows), dtype=bool))]
        notes: list[str] = []
        if by is not None:
            found, notes = self.together.groups(by)
            groups = list(found)
        return [self._one(s, one, *group) for s, one in wanted for group in groups], notes

    def _check_reliability(self, scores: int) -> None:
        given: Any = self.reliability
        if isinstance(given, str):
            known = [*COEFFICIENTS, *ICCS]
            if given not in known:
                hint = 'a known value is {"its name": 0.84}'
                raise UnknownNameError("reliability", given, known, hint)
            if given in ICCS and self.anchor is None:
                raise RefusalError(f"{given} is of stable people: name an anchor, and stable=[...]")
        elif given is not None:
            if not isinstance(given, Mapping) or len(given) != 1:
                raise ValueError(
                    'a known reliability is one number under its name, {"alpha": 0.84}'
                )
            if scores > 1:
                raise RefusalError("a known reliability is of one score: say which, score=...")

    def _direction(self, scale: str, score: str) -> int:
        said: Any = self.improvement
        if isinstance(said, Mapping):
            names = [name for name in (f"{scale}_{score}", score) if name in said]
            if not names:
                raise UnknownNameError("score in improvement", f"{scale}_{score}", said)
            said = said[names[0]]
        if said not in DIRECTIONS:
            raise ValueError(f"improvement of {score} is 'lower' or 'higher', not {said!r}")
        return DIRECTIONS[said]

    def _one(self, scale: Scale, score: str, group: str | None, members: Bools) -> Worked:
        where: Row = {"scale": scale.id, "score": score, "group": group, "occasion": None}
        values = self.together.values(scale.id, score)
        used = members & ~np.isnan(values).any(axis=1)
        direction = self._direction(scale.id, score)
        anchor = None if self.anchor is None else self.anchor.some(used)
        marks = {}
        if anchor is not None:
            marks = {name: getattr(anchor, name) for name in ("improved", "minimal", "stable")}
        try:
            of = people(values[used, 0], values[used, 1], direction, **marks)
        except RefusalError as refusal:
            return Worked(where, None, anchor, None, self.asked, scale, str(refusal))
        notes = [_who(where, of, values[members], direction)]
        known = None
        try:
            known = self._known_reliability(scale, score, of, used)
        except RefusalError as refusal:
            notes.append(f"{scale.id} {score}: no reliable change: {refusal}")
        return Worked(where, of, anchor, known, self.asked, scale, notes=notes)

    def _known_reliability(
        self, scale: Scale, score: str, of: People, used: Bools
    ) -> tuple[float, str] | None:
        """Return the reliability of the earlier scores, and its name."""
        given = self.reliability
        if given is None:
            return None
        if not isinstance(given, str):
            ((name, value),) = given.items()
            return float(value), name
        if given in ICCS:
            same = of.some(of.stable)
            if same.n < 3:
                raise RefusalError(
                    f"{counted(same.n)} stable, and {given} is of them: name the anchor's values "
                    "that mean no change, stable=[...]"
                )
            found = icc(np.column_stack([same.before, same.after]))
            return float(found[list(FORMS).index(given)].value or 0.0), f"{given} of stable people"
        weights = np.zeros(self.before.n, dtype=np.int64)
        weights[self.together.rows[used, 0]] = 1
        why = why_no_plain_sum(scale.score(score))
        if why is not None:
            hint = 'a known value can be given, reliability={"ICC(A,1), Smith 2015": 0.84}'
            raise RefusalError(f"no {given} of {score}: {why}; {hint}")
        counts = self.before.blocks[scale.id].patterns(weights)
        (each,) = keyed(counts, scale, score)
        known = moments(each.patterns, each.values)
        return reliability_of_sum(COEFFICIENTS[given], known, each.values), given


def _who(where: Row, of: People, values: npt.NDArray[np.float64], direction: int) -> str:
    name = " ".join(where[key] for key in ("scale", "score", "group") if where[key])
    better = "lower" if direction < 0 else "higher"
    text = f"{name}: {better} is better; {counted(of.n)} with a score at both occasions"
    if len(values) > of.n:
        lacking = ", ".join(f"{int(each):,}" for each in np.isnan(values).sum(axis=0))
        text += f"; without one at each occasion: {lacking}"
    return text


def _table(worked: Sequence[Worked], said: list[str], before: Responses, asked: Asked) -> Change:
    rows = [row for each in worked for row in each.rows()]
    if all(row.get("value") is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    notes = said + [note for each in worked for note in each.notes]
    notes += _advice(rows, worked, asked)
    labels = ", ".join(f"{scale.id} {scale.version}" for scale in before.scales)
    counts = tuple(row for each in worked for row in each.counts())
    title = f"Reliable change, by {asked.critical:g} standard errors"
    found = Table(title, COUNTED, counts)
    title = f"Change between two occasions ({labels}), {100 * asked.level:g}% intervals"
    return Change(title, COLUMNS, tuple(rows), tuple(notes), HIDDEN, found, tuple(worked))


def _advice(rows: Sequence[Row], worked: Sequence[Worked], asked: Asked) -> Iterator[str]:
    given = {row["statistic"] for row in rows if row["value"] is not None}
    yield "change is counted in the direction of improvement: above 0 is better"
    if "sem" in given:
        names = dict.fromkeys(each.reliability for each in worked if each.reliability)
        text = ", ".join(f"{name} {value:.3f}" for value, name in names)
        yield (
            f"sem = SD of the earlier scores x sqrt(1 - reliability), reliability: {text}, taken "
            "as known, so that there is no interval; sdc = 1.96 x sqrt(2) x sem; an rci_ row is "
            f"the distance from the expected later score that is {asked.critical:g} standard errors"
        )
    elif not any("no reliable change" in note for each in worked for note in each.notes):
        yield 'no reliable change without a reliability: reliability="alpha", or {"name": 0.84}'
    for each in worked:
        own = {
            r["statistic"]: r["value"] for r in rows if all(r[k] == each.where[k] for k in WHERE)
        }
        mic, sdc = own.get("mic_predictive"), own.get("sdc")
        if mic is not None and sdc is not None and mic < sdc:
            yield (
                f"{each.name}: mic_predictive is below sdc: one person's change of that size "
                "cannot be told from measurement error"
            )
    if any(row["method"] == "bootstrap" for row in rows):
        yield f"bootstrap: {asked.resamples:,} resamples of people, seed {asked.seed}"
