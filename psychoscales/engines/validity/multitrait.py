"""The multitrait-multimethod table: what each correlation is of, and Campbell and Fiske's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from psychoscales.errors import RefusalError, UnknownNameError

Pair = frozenset[str]
KINDS = {
    (True, True): "monotrait_monomethod",
    (True, False): "monotrait_heteromethod",
    (False, True): "heterotrait_monomethod",
    (False, False): "heterotrait_heteromethod",
}


@dataclass(frozen=True)
class Cell:
    """One correlation of the table.

    Attributes:
        first, second: the two measures.
        kind: same trait or not, same method or not.
        value: the correlation; None where there is none.
        heteromethod: of a validity coefficient (monotrait_heteromethod), how many heterotrait
            correlations of its row and column in the block of the two methods it exceeds, of how
            many.
        monomethod: the same of the heterotrait correlations of its measures within a method.
    """

    first: str
    second: str
    kind: str
    value: float | None
    heteromethod: tuple[int, int] | None = None
    monomethod: tuple[int, int] | None = None


def cells(
    names: Sequence[str],
    correlations: Mapping[Pair, float | None],
    traits: Mapping[str, str],
    methods: Mapping[str, str],
) -> list[Cell]:
    """Return every correlation of the table, the validity coefficients first.

    Args:
        names: the measures.
        correlations: {first, second} -> their correlation.
        traits, methods: measure -> its trait, its method.

    Raises:
        UnknownNameError: a trait or method of something that is no measure here.
        RefusalError: a measure without trait or method, or two of the same trait and method.

    Source:
        Campbell DT, Fiske DW. Convergent and discriminant validation by the
        multitrait-multimethod matrix. Psychol Bull 1959;56:81-105. doi:10.1037/h0046016
    """
    for what, known in (("trait", traits), ("method", methods)):
        for name in known:
            if name not in names:
                raise UnknownNameError("measure", name, names)
        lacking = [name for name in names if name not in known]
        if lacking:
            raise RefusalError(f"no {what} is given for {', '.join(lacking)}")
    found = []
    for one, two in combinations(names, 2):
        kind = KINDS[traits[one] == traits[two], methods[one] == methods[two]]
        if kind == "monotrait_monomethod":
            raise RefusalError(f"{one} and {two} are of the same trait and method")
        value = correlations.get(frozenset((one, two)))
        if kind != "monotrait_heteromethod" or value is None:
            found.append(Cell(one, two, kind, value))
            continue
        across, within = [], []
        for other in names:
            for mine, far in ((one, two), (two, one)):
                if traits[other] == traits[one]:
                    continue
                r = correlations.get(frozenset((mine, other)))
                if r is not None and methods[other] == methods[far]:
                    across.append(value > r)
                if r is not None and methods[other] == methods[mine]:
                    within.append(value > r)
        counts = (sum(across), len(across)), (sum(within), len(within))
        found.append(Cell(one, two, kind, value, *counts))
    order = ("monotrait_heteromethod", "heterotrait_monomethod", "heterotrait_heteromethod")
    return sorted(found, key=lambda cell: order.index(cell.kind))
