"""What a report says of counted answers; every result is computed once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from psychoscales.counts import Patterns
from psychoscales.decoding import NOT_AN_OPTION
from psychoscales.errors import PsychoscalesError
from psychoscales.reporting.binning import Binned, binned
from psychoscales.reporting.distributions import Distributions, distributions
from psychoscales.reporting.models import FEWEST, Fitted, Model
from psychoscales.reporting.parts import Cell
from psychoscales.reporting.references import Cited, cited
from psychoscales.reporting.small_cells import decimals
from psychoscales.reporting.words import Words
from psychoscales.responses import Responses
from psychoscales.results import Table
from psychoscales.spec.model import Scale, Score, in_language
from psychoscales.verbs.cfa import cfa
from psychoscales.verbs.items import items
from psychoscales.verbs.keyed import Keyed, is_called, keyed
from psychoscales.verbs.precision import precision
from psychoscales.verbs.precision_tables import Precision
from psychoscales.verbs.reliability import reliability
from psychoscales.verbs.retain import Retained, retain

T = TypeVar("T")
FEWEST_ITEMS = 3
"""Items of a score for whose structure anything can be said."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What the caller asked for."""

    score: str | None = None
    by: str | None = None
    truth: str | None = None
    retest: Any = None
    against: tuple[str, ...] = ()
    hypotheses: Table | None = None
    change: Table | None = None
    mic: float | None = None
    language: str = "en"
    small: int = 5
    seed: int = 1
    title: str | None = None


@dataclass(frozen=True)
class Refused:
    """A number that is not in the report, and why."""

    what: str
    why: str


def results_of(scale: Scale) -> frozenset[str]:
    """Return what a scale's bands, rules and flags are called among the scores."""
    own = {bands.id for bands in scale.bands} | {rule.id for rule in scale.rules}
    return frozenset(f"{scale.id}_{name}" for name in own | {flag.id for flag in scale.flags})


class Counted:
    """The answers to one scale, and everything that was computed of their counts.

    Attributes:
        scale: the scale.
        patterns: the counted answers to its scored items.
        people: the same with people's variables, where there are people.
        label: where the answers came from.
        synthetic: whether the people are made up.
        asked: what the caller asked for.
        everything: the people with their answers to further scales.
        words: the texts of the report's language.
        refused: what was refused so far.
        made: ids of the sections made so far.
        unfitted: factor models that were refused or did not converge.
    """

    def __init__(
        self,
        scale: Scale,
        patterns: Patterns,
        people: Responses | None,
        label: str,
        synthetic: bool,
        asked: Asked,
        everything: Responses | None = None,
    ) -> None:
        self.scale, self.patterns, self.people = scale, patterns, people
        self.everything = people if everything is None else everything
        self.label, self.synthetic, self.asked = label, synthetic, asked
        self.words = Words(asked.language)
        self.refused: list[Refused] = []
        self.made: set[str] = set()
        self.unfitted: list[Model] = []
        self._cited: dict[str, None] = {}

    def attempt(self, what: str, make: Callable[[], T]) -> T | None:
        """Return what `make` makes; a refusal is kept for the report, and ends nothing."""
        try:
            return make()
        except PsychoscalesError as refusal:
            self.refuse(what, str(refusal))
            return None

    def refuse(self, what: str, why: str) -> None:
        """Keep what was refused, each once."""
        one = Refused(what, why)
        if one not in self.refused:
            self.refused.append(one)

    def cite(self, *ids: str) -> None:
        """Put sources among the references of the report."""
        self._cited.update(dict.fromkeys(ids))

    @property
    def references(self) -> tuple[Cited, ...]:
        """The sources cited so far, in order of their names."""
        return cited(self.scale, self._cited)

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """The scores that the report is about."""
        asked = self.asked.score
        if asked is not None:
            own = [each for each in self.scale.scores if is_called(self.scale, each, asked)]
            return (own[0] if own else self.scale.score(asked),)
        return self.scale.scores

    @cached_property
    def results(self) -> frozenset[str]:
        """What the scale's bands, rules and flags are called among the scores."""
        return results_of(self.scale)

    def told(self, text: Mapping[str, str] | None) -> Cell:
        """Return a text of the scale, marked where it is in another language than the report."""
        language = self.asked.language
        if text and language not in text:
            return Cell(in_language(text, language), language=next(iter(text)))
        return Cell(in_language(text, language))

    def foreign(self, text: str) -> Cell:
        """Return a text that is in English whatever the report's language is."""
        return Cell(text, language=None if self.asked.language == "en" else "en")

    @cached_property
    def short_name(self) -> str:
        """What the scale is called in running text."""
        return self.scale.abbreviation or self.told(self.scale.name).text

    def name(self, score: str) -> str:
        """Return what a score is called."""
        named = self.told(self.scale.score(score).name).text
        if named:
            return named
        return self.short_name if len(self.scale.scores) == 1 else f"{self.short_name} {score}"

    def rows(self, table: Table | None, score: str, column: str | None = None) -> Iterator[Row]:
        """Yield a score's rows of a table; rows that only say why go to what was refused.

        There they are called by their coefficient or test, or by what stands in `column`.
        """
        for row in table.rows if table is not None else ():
            if row.get("score") == score:
                n = row.get("n")
                part = "coefficient" if row.get("coefficient") else "test"
                what = f"{self.name(score)}: {self.words.named(part, row.get(part) or '')}"
                if column is not None:
                    what = f"{self.name(score)}: {row[column]}"
                if row.get("note") and row.get("value") is None:
                    self.refuse(what.rstrip(": "), str(row["note"]))
                elif n is not None and n < self.asked.small:
                    self.refuse(
                        what.rstrip(": "), self.words("small.too_few", n=f"<{self.asked.small}")
                    )
                else:
                    yield row

    @cached_property
    def keyed(self) -> Mapping[str, Keyed]:
        """Score -> counted answers to its items, and their values."""
        every = keyed(self.patterns, self.scale, self.asked.score)
        return {each.score: each for each in every}

    @cached_property
    def distributions(self) -> Distributions:
        """How many people have which score, band or verdict."""
        return distributions(self.scale, self.patterns, self.people)

    @cached_property
    def answered(self) -> Mapping[str, list[int]]:
        """Item -> how many people chose each of its options."""
        patterns, found = self.patterns, {}
        for column, (item, size) in enumerate(
            zip(patterns.items, patterns.categories, strict=True)
        ):
            counts = np.zeros(size + 1, dtype=np.int64)
            np.add.at(counts, patterns.rows[:, column].astype(np.intp) + 1, patterns.counts)
            found[item] = [int(count) for count in counts[1:]]
        return found

    def bad(self, items: Collection[str]) -> int:
        """Return how many stored answers to these items are no option."""
        if self.people is None:
            return 0
        block = self.people.blocks[self.scale.id]
        if NOT_AN_OPTION not in block.reasons:
            return 0
        place = -1 - block.reasons.index(NOT_AN_OPTION)
        columns = [at for at, item in enumerate(self.scale.item_ids) if item in items]
        return int((block.positions[:, columns] == place).sum())

    def cuts(self, score: str) -> list[float]:
        """Return where a score's bands that hold for everybody begin."""
        return sorted(
            {
                float(level.from_)
                for bands in self.scale.bands
                if bands.score == score and bands.for_ is None
                for level in bands.levels[1:]
            }
        )

    @cached_property
    def binned(self) -> Mapping[str, Binned]:
        """Score -> its people by columns, as every table and picture may tell of them."""
        spreads, small = self.distributions.scores, self.asked.small
        return {
            score.id: binned(score, spreads[score.id], self.cuts(score.id), small)
            for score in self.scale.scores
        }

    def places(self, score: str, n: int, usual: int) -> int:
        """Return how many decimals a mean of n people has: few where single scores are hidden."""
        small = self.asked.small
        counts = self.distributions.scores[score].counts.tolist()
        hidden = any(0 < count < small for count in counts)
        return min(usual, decimals(n, small)) if hidden else usual

    @cached_property
    def items(self) -> Table | None:
        """Statistics of every item."""
        return self._of_all("attempt.items", items)

    @cached_property
    def reliability(self) -> Table | None:
        """Coefficients of internal consistency."""
        return self._of_all("attempt.reliability", reliability)

    @cached_property
    def precision(self) -> Precision | None:
        """Standard errors of single scores, and decisions at cut-offs."""
        return self._of_all("attempt.precision", precision)

    def _of_all(self, what: str, verb: Callable[..., T]) -> T | None:
        return self.attempt(
            self.words(what), lambda: verb(self.patterns, self.scale, score=self.asked.score)
        )

    @cached_property
    def factored(self) -> tuple[Score, ...]:
        """The scores with items enough to say something of their structure."""
        return tuple(
            score
            for score in self.scores
            if score.scores is None and len(score.members) >= FEWEST_ITEMS
        )

    @cached_property
    def retained(self) -> Mapping[str, Retained]:
        """Score -> how many factors its items have."""
        found = {}
        for score in self.factored:
            what = f"{self.name(score.id)}: {self.words('attempt.retain')}"
            one = self.attempt(what, lambda score=score: self._retain(score.id))  # type: ignore[misc]
            if one is not None:
                found[score.id] = one
        return found

    def _retain(self, score: str) -> Retained:
        return retain(self.patterns, self.scale, score=score, seed=self.asked.seed)

    @cached_property
    def fits(self) -> tuple[Fitted, ...]:
        """The factor models that converged."""
        made = []
        for model in self.models:
            what = f"{self.words('attempt.cfa')}: {model.name}"
            found = self.attempt(
                what,
                lambda model=model: cfa(  # type: ignore[misc]
                    self.patterns, self.scale, model=model.factors, key=model.key
                ),
            )
            if found is not None and found.converged:
                made.append(Fitted(model, found))
                continue
            self.unfitted.append(model)
            if found is not None:
                self.refuse(what, " ".join(found.fit.notes))
        return tuple(made)

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """The factor models that the scale declares; and one factor of each score's items where
        none of them is of exactly these, as it is judged by the evidence."""
        found = []
        wanted = {item for score in self.scores for item in self.keyed[score.id].patterns.items}
        for one in self.scale.models:
            used = frozenset(item for group in one.factors.values() for item in group)
            if self.asked.score is None or used <= wanted:
                name = self.told(one.name).text or one.id
                found.append(Model(name, one.id, None, used, True))
        for score in self.scores:
            items = self.keyed[score.id].patterns.items
            if len(items) >= FEWEST and all(each.items != {*items} for each in found):
                own = {score.id: items}
                found.append(Model(self.name(score.id), own, score.id, frozenset(items), False))
        return tuple(found)
