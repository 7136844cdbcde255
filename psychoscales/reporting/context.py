"""What the sections of a report are made from: of counts, and of people compared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from psychoscales.appraisal.evidence import Evidence, evidence
from psychoscales.errors import RefusalError
from psychoscales.reporting.counted import Counted
from psychoscales.reporting.grouping import shown_groups
from psychoscales.reporting.models import Model
from psychoscales.reporting.small_cells import rare
from psychoscales.responses import Responses
from psychoscales.results import Table
from psychoscales.verbs.agreement import Agreement, agreement
from psychoscales.verbs.convergent import convergent
from psychoscales.verbs.criterion import criterion
from psychoscales.verbs.criterion_tables import Criterion
from psychoscales.verbs.dif import Dif, dif
from psychoscales.verbs.group_tables import Groups
from psychoscales.verbs.groups import groups
from psychoscales.verbs.invariance import Invariance, invariance

UNASKED, COLLAPSE = "positive=", "collapse="
"""What a refusal may advise that a report cannot be asked for."""


class Context(Counted):
    """The same with what is computed of people: a second occasion, a criterion, groups."""

    @cached_property
    def retest(self) -> Agreement | None:
        """Agreement with a second occasion of the same people."""
        second = self._second
        if second is None or not self._people(self.words("attempt.retest")):
            return None
        return self.attempt(
            self.words("attempt.retest"),
            lambda: agreement(self._everybody, second, score=self.asked.score),
        )

    @property
    def further(self) -> list[str]:
        """The scores of the other scales that the people answered."""
        return [
            f"{scale.id}_{score.id}"
            for scale in (self.everything.scales if self.everything is not None else ())
            if scale.id != self.scale.id
            for score in scale.scores
        ]

    @cached_property
    def relations(self) -> Mapping[str, Table]:
        """Score -> its correlations with what was named, or else with the other scales' scores."""
        everything, what = self.everything, self.words("attempt.relations")
        if everything is None:
            if self.asked.against:
                self._people(what)
            return {}
        against, found = [], dict[str, Table]()
        for each in self.asked.against or self.further:
            if self._tells_of_few(each):
                few = self.words("small.too_few", n=f"<{self.asked.small}")
                self.refuse(f"{what}: {each}", few)
            else:
                against.append(each)
        for score in self.scores if against else ():
            name = f"{self.scale.id}_{score.id}"
            one = self.attempt(
                f"{self.name(score.id)}: {what}",
                lambda name=name: convergent(  # type: ignore[misc]
                    everything, against=against, score=name, resamples=0
                ),
            )
            if one is not None:
                found[score.id] = one
        return found

    @cached_property
    def criterion(self) -> Criterion | None:
        """Scores held against the truth."""
        truth, what = self.asked.truth, self.words("attempt.criterion")
        if truth is None or not self._people(what):
            return None
        if self._measured:
            self.refuse(what, f"{truth} is numbers, no yes or no: the evidence has its correlation")
            return None
        return self.attempt(what, lambda: self._held_against(truth))

    def _held_against(self, truth: str) -> Criterion:
        """Hold scores against the truth; a refusal names no value that few people have."""
        try:
            return criterion(self._everybody, truth=truth, score=self.asked.score, resamples=0)
        except RefusalError as refusal:
            kept = self._everybody.kept.get(truth, np.empty(0)).tolist()
            named = any(value in str(refusal) for value in rare(kept, self.asked.small))
            if not named and UNASKED not in str(refusal):
                raise
            raise RefusalError(
                f"{truth} does not say yes or no: make it a column of 0 and 1 before reading"
            ) from refusal

    @cached_property
    def groups(self) -> Groups | None:
        """Scores of groups of people."""
        by, what = self.asked.by, self.words("attempt.groups")
        if by is None or not self._people(what):
            return None
        return self.attempt(
            what, lambda: groups(self._grouped, by=by, score=self.asked.score, resamples=0)
        )

    @cached_property
    def dif(self) -> Dif | None:
        """Items that groups of people answer differently at equal scores."""
        by, what = self.asked.by, self.words("attempt.dif")
        if by is None or not self._people(what):
            return None
        return self.attempt(what, lambda: dif(self._grouped, by=by, score=self.asked.score))

    @cached_property
    def invariance(self) -> tuple[tuple[Model, Invariance], ...]:
        """Factor models, and what their parameters lose by being equal in all groups."""
        by, what = self.asked.by, self.words("attempt.invariance")
        if by is None or not self._people(what):
            return ()
        made = []
        for model in self.models:
            found = self.attempt(
                f"{what}: {model.name}",
                lambda model=model: self._compared(model, by),  # type: ignore[misc]
            )
            if found is not None:
                made.append((model, found))
        return tuple(made)

    def _compared(self, model: Model, by: str) -> Invariance:
        """Compare groups; a refusal tells of no option that nobody of a group chose."""
        try:
            return invariance(self._grouped, by=by, model=model.factors, key=model.key)
        except RefusalError as refusal:
            if COLLAPSE not in str(refusal):
                raise
            raise RefusalError(
                f"not every option was chosen in every group of {by}: put options, or groups, "
                "together before reading"
            ) from refusal

    @cached_property
    def evidence(self) -> Evidence | None:
        """What published rules say of these numbers."""
        what = self.words("attempt.evidence")
        if not self._people(what):
            return None
        asked = self.asked
        by = asked.by if self.dif is not None else None
        return self.attempt(
            what,
            lambda: evidence(
                self._everybody if by is None else self._grouped,
                score=asked.score,
                retest=self._second if self.retest is not None else None,
                by=by,
                truth=asked.truth if self._measured or self._classes_shown else None,
                hypotheses=asked.hypotheses,
                change=asked.change,
                mic=asked.mic,
            ),
        )

    @property
    def gold_standard(self) -> bool:
        """Whether the evidence has a correlation with a gold standard of numbers."""
        rows = () if self.evidence is None else self.evidence.rows
        return any(row["statistic"] == "gold_standard_r" for row in rows)

    @property
    def _measured(self) -> bool:
        """Return whether the truth is numbers that say more than yes or no."""
        values = self._everybody.kept.get(self.asked.truth or "", np.empty(0, dtype=object))
        return values.dtype.kind in "iuf" and len(np.unique(values[~np.isnan(values)])) > 2

    @property
    def _classes_shown(self) -> bool:
        """Return whether no score is held against a class of too few people."""
        rows = () if self.criterion is None else self.criterion.rows
        sizes = [row[of] for row in rows for of in ("positives", "negatives")]
        return bool(rows) and all(size is None or size >= self.asked.small for size in sizes)

    def _tells_of_few(self, name: str) -> bool:
        """Return whether a column of two values has one that few people have."""
        values = self._everybody.kept.get(name, np.empty(0)).tolist()
        known = {each for each in values if each is not None and each == each}
        return len(known) <= 2 and bool(rare(values, self.asked.small))

    def _people(self, what: str) -> bool:
        """Return whether there are people; where there are counts only, that is refused."""
        if self.people is None:
            self.refuse(what, "counted answers have no people: give the answers themselves")
        return self.people is not None

    @property
    def _second(self) -> Any:
        """The second occasion, of this scale only."""
        given = self.asked.retest
        several = isinstance(given, Responses) and self.scale.id in given.blocks
        return given[self.scale.id] if several else given

    @property
    def _everybody(self) -> Responses:
        assert self.people is not None
        return self.people

    @cached_property
    def _grouped(self) -> Responses:
        """The people; those of groups that are too small to be shown are in no group."""
        by, small = self.asked.by or "", self.asked.small
        people, few = shown_groups(self._everybody, by, small)
        if few:
            self.refuse(
                f"{by}: {few}",
                f"groups of fewer than {small} people are left out of every comparison",
            )
        return people
