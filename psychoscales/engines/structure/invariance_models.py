"""The models of a test of measurement invariance: what is equal at which level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from psychoscales.engines.structure.cfa.drafting import Key, specify
from psychoscales.engines.structure.cfa.specification import Identification, Specification
from psychoscales.errors import RefusalError, UnknownNameError

CONTINUOUS = ("configural", "loadings", "intercepts", "residuals", "means")
ORDINAL = ("configural", "thresholds", "loadings", "intercepts", "residuals", "means")
"""The levels, each with the equalities of all before it."""


@dataclass(frozen=True)
class Design:
    """A factor model of several groups of people, or of several occasions of the same people.

    Attributes:
        factors: factor -> its items.
        items: the items in the order of the moments.
        places: how many groups or occasions are compared.
        thresholds: of ordinal items, how many each has, in every place; empty if continuous.
        repeated: whether places are occasions of the same people. Items and factors are then
            named as `named` says, and the residuals of one item covary across occasions.
        identification: "variance" (the factors' variances in the first place are 1) or "marker".
        orthogonal: whether factors of one place are uncorrelated.
        covariances: pairs of items whose residuals covary, in every place.
        released: parameters that no level makes equal: "factor =~ item", "item | t1",
            "item ~1", "item ~~ item".
    """

    factors: Mapping[str, Sequence[str]]
    items: tuple[str, ...]
    places: int
    thresholds: tuple[int, ...] = ()
    repeated: bool = False
    identification: Identification = "variance"
    orthogonal: bool = False
    covariances: tuple[tuple[str, str], ...] = ()
    released: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what cannot be compared, and releases of what the model does not have."""
        if self.places < 2:
            raise RefusalError("invariance compares two groups or occasions, or more")
        known = tuple(self._equal_somewhere())
        for name in sorted(self.released):
            if name in known:
                continue
            if name in self._markers:
                raise RefusalError(
                    f"{name} is 1 everywhere, by identification='marker': it cannot be released; "
                    "use identification='variance'"
                )
            raise UnknownNameError("parameter that a level makes equal", name, known)
        if not self.ordinal:
            return
        weak = [key.split(" =~ ")[1] for key in self._markers]
        weak = [item for item in weak if self._steps(item) < 2]
        if weak:
            raise RefusalError(
                f"the marker {weak[0]} has no two equal thresholds, which its scale would need; "
                "use identification='variance'"
            )

    @property
    def ordinal(self) -> bool:
        """Whether the items are ordinal."""
        return bool(self.thresholds)

    @property
    def levels(self) -> tuple[str, ...]:
        """Every level there is for such items."""
        return ORDINAL if self.ordinal else CONTINUOUS

    def named(self, name: str, place: int) -> str:
        """Return what an item or a factor is called in the specification."""
        return f"{name}@{place + 1}" if self.repeated else name

    def specification(self, level: str) -> Specification:
        """Return the model of a level.

        Of ordinal items, after Wu and Estabrook (2016), what equality makes estimable is freed in
        later places: an equal threshold frees the intercept, a second one the scale. An item that
        has no two equal thresholds has no scale of its own: its loading is compared once its
        intercept is, and its scale is free then. Equal loadings free the factors' variances, equal
        intercepts their means.

        Raises:
            UnknownNameError: there is no such level.
        """
        if level not in self.levels:
            raise UnknownNameError("level", level, self.levels)
        equal = set(self.levels[: self.levels.index(level) + 1])
        labels: dict[Key, str] = {}
        for text in self._same(equal):
            for place in range(self.places):
                labels[self._key(text, place)] = text
        free: list[Key] = []
        for text in self._loose(equal):
            free += [self._key(text, place) for place in range(1, self.places)]
        return specify(
            self._factors,
            items=self._items,
            thresholds=self.thresholds * (self.places if self.repeated else 1),
            groups=1 if self.repeated else self.places,
            identification=self.identification,
            covariances=self._covariances,
            labels=labels,
            free=free,
            fixed=self._uncorrelated,
            parameterization="theta" if "residuals" in equal else "delta",
        )

    def untestable(self, level: str) -> str:
        """Return why a level says no more than the one before."""
        if level == "thresholds":
            return (
                "no item has more than two equal thresholds, and two fix its location and scale "
                "(Wu and Estabrook 2016)"
            )
        if level == "loadings" and self.ordinal:
            return (
                "no more loadings are equal than the factors' scales take; an item of two options "
                "has no scale of its own, and its loading is compared with its intercept (Wu and "
                "Estabrook 2016)"
            )
        if level in ("loadings", "intercepts"):
            what = "scales" if level == "loadings" else "means"
            return f"no more {level} are equal than the factors' {what} take"
        return "nothing is left that this level would make equal"

    def _equal_somewhere(self) -> Iterator[str]:
        for factor, items in self.factors.items():
            for item in items:
                if f"{factor} =~ {item}" not in self._markers:
                    yield f"{factor} =~ {item}"
        for at, item in enumerate(self.items):
            if self.ordinal:
                yield from (f"{item} | t{step + 1}" for step in range(self.thresholds[at]))
            yield f"{item} ~1"
            yield f"{item} ~~ {item}"

    @cached_property
    def _markers(self) -> frozenset[str]:
        if self.identification != "marker":
            return frozenset()
        return frozenset(f"{factor} =~ {items[0]}" for factor, items in self.factors.items())

    def _steps(self, item: str) -> int:
        """How many equal thresholds an item has once thresholds are equal."""
        count = self.thresholds[self.items.index(item)]
        return sum(f"{item} | t{step + 1}" not in self.released for step in range(count))

    def _scale_of(self, item: str, equal: set[str]) -> bool:
        """Whether an ordinal item's scale in later places is told by what is equal."""
        steps = self._steps(item)
        anchored = steps >= 2 or (steps == 1 and self._even(item, equal))
        return "thresholds" in equal and anchored

    def _even(self, item: str, equal: set[str]) -> bool:
        return "intercepts" in equal and f"{item} ~1" not in self.released

    def _level_loadings(self, equal: set[str]) -> Iterator[tuple[str, str]]:
        """Yield factor and item of the loadings that are equal, markers included."""
        if "loadings" not in equal:
            return
        for factor, items in self.factors.items():
            for item in items:
                # Without a scale, an equal loading would be one of an arbitrary scale.
                told = not self.ordinal or "residuals" in equal or self._scale_of(item, equal)
                if told and f"{factor} =~ {item}" not in self.released:
                    yield factor, item

    def _same(self, equal: set[str]) -> Iterator[str]:
        """Yield the parameters that are estimated once for all places."""
        for factor, item in self._level_loadings(equal):
            if f"{factor} =~ {item}" not in self._markers:
                yield f"{factor} =~ {item}"
        for at, item in enumerate(self.items):
            if "thresholds" in equal and self.ordinal:
                names = (f"{item} | t{step + 1}" for step in range(self.thresholds[at]))
                yield from (name for name in names if name not in self.released)
            if self.ordinal:
                continue
            if self._even(item, equal):
                yield f"{item} ~1"
            if "residuals" in equal and f"{item} ~~ {item}" not in self.released:
                yield f"{item} ~~ {item}"

    def _loose(self, equal: set[str]) -> Iterator[str]:
        """Yield what is fixed in the first place and free in the later ones."""
        scaled = {factor for factor, _ in self._level_loadings(equal)}
        for factor, items in self.factors.items():
            if factor in scaled and self.identification == "variance":
                yield f"{factor} ~~ {factor}"
            if "means" not in equal and any(self._even(item, equal) for item in items):
                yield f"{factor} ~1"
        if not self.ordinal or "thresholds" not in equal:
            return
        for item in self.items:
            if self._steps(item) >= 1 and not self._even(item, equal):
                yield f"{item} ~1"
            same = "residuals" in equal and f"{item} ~~ {item}" not in self.released
            if self._scale_of(item, equal) and not same:
                yield f"{item} ~~ {item}" if "residuals" in equal else f"{item} ~*~ {item}"

    def _key(self, text: str, place: int) -> Key:
        """Return a parameter's key in the specification."""
        if not self.repeated:
            return text, place
        left, sign, right = (*text.split(" "), "")[:3]
        if sign == "|" or not right:
            return f"{self.named(left, place)} {sign} {right}".strip()
        return f"{self.named(left, place)} {sign} {self.named(right, place)}"

    @property
    def _everywhere(self) -> range:
        return range(self.places if self.repeated else 1)

    @property
    def _factors(self) -> dict[str, list[str]]:
        return {
            self.named(factor, place): [self.named(item, place) for item in items]
            for place in self._everywhere
            for factor, items in self.factors.items()
        }

    @property
    def _items(self) -> list[str]:
        return [self.named(item, place) for place in self._everywhere for item in self.items]

    @property
    def _covariances(self) -> list[tuple[str, str]]:
        found = [
            (self.named(first, place), self.named(second, place))
            for place in self._everywhere
            for first, second in self.covariances
        ]
        for item in self.items:
            for place in self._everywhere:
                later = range(place + 1, len(self._everywhere))
                found += [(self.named(item, place), self.named(item, other)) for other in later]
        return found

    @property
    def _uncorrelated(self) -> dict[Key, float]:
        if not self.orthogonal:
            return {}
        names = list(self.factors)
        return {
            f"{self.named(first, place)} ~~ {self.named(second, place)}": 0.0
            for place in self._everywhere
            for number, first in enumerate(names)
            for second in names[number + 1 :]
        }
