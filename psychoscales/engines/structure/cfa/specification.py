"""What a factor model says: its parameters, which are free, which are equal, which are fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Identification = Literal["variance", "marker"]
Parameterization = Literal["delta", "theta"]


class Parameter(NamedTuple):
    """One row of the parameter table.

    `lhs op rhs` names it: `=~` loading (of an item, or of a factor on a second-order factor),
    `~~` (co)variance, `~1` intercept or factor mean, `|` threshold, `~*~` scale of a latent
    response. `matrix`, `row`, `column` say where it stands; `free` numbers the estimates, rows
    that share a number are equal; -1 is fixed at `value`.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    matrix: str
    row: int
    column: int
    free: int
    value: float
    label: str | None = None

    @property
    def key(self) -> str:
        """The name of the parameter, without its group."""
        return f"{self.lhs} {self.op} {self.rhs}".strip()


@dataclass(frozen=True)
class Specification:
    """A factor model of named items in one or several groups.

    Attributes:
        items: the p observed items, in the order of the moments.
        factors: the m factors, first-order ones first.
        groups: how many groups.
        thresholds: for ordinal items, how many thresholds each has; empty for continuous items.
        parameterization: of ordinal items, "delta" (scales of the latent responses are
            parameters) or "theta" (their residual variances are).
        parameters: the parameter table.
        second_order: factors whose indicators are factors.
    """

    items: tuple[str, ...]
    factors: tuple[str, ...]
    groups: int
    thresholds: tuple[int, ...]
    parameterization: Parameterization
    parameters: tuple[Parameter, ...]
    second_order: tuple[str, ...] = ()

    @property
    def ordinal(self) -> bool:
        """Whether the items are ordinal, with thresholds."""
        return bool(self.thresholds)

    @property
    def free(self) -> int:
        """Number of free parameters, equal ones counted once."""
        return 1 + max((each.free for each in self.parameters), default=-1)

    @property
    def moments(self) -> int:
        """Number of sample moments that the model is about, over all groups."""
        p = len(self.items)
        if self.ordinal:
            return self.groups * (sum(self.thresholds) + p * (p - 1) // 2)
        return self.groups * (p + p * (p + 1) // 2)

    @property
    def df(self) -> int:
        """Degrees of freedom: moments less free parameters."""
        return self.moments - self.free

    @property
    def saturated_thresholds(self) -> bool:
        """Whether every threshold of every group is a parameter of its own."""
        own = {each.free for each in self.parameters if each.matrix == "tau" and each.free >= 0}
        return len(own) == self.groups * sum(self.thresholds)

    def names(self) -> tuple[str, ...]:
        """Return a name for each free parameter: that of its first row."""
        found: dict[int, str] = {}
        for each in self.parameters:
            if each.free >= 0:
                group = f" (group {each.group + 1})" if self.groups > 1 else ""
                found.setdefault(each.free, each.key + group)
        return tuple(found[at] for at in range(self.free))
