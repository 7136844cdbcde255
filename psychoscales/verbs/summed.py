"""Whether a coefficient of internal consistency is about a score, and what it is then."""

from __future__ import annotations

from collections.abc import Sequence

from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.reliability.precision import NOT_OF_THE_SUM, of_the_sum
from psychoscales.errors import RefusalError
from psychoscales.moments import Moments
from psychoscales.spec.model import Score

PLAIN = ("sum", "mean", "pomp")


def why_no_plain_sum(score: Score) -> str | None:
    """Return why coefficients of a sum of items are not about a score; None where they are."""
    if score.scores is not None:
        return "it is over other scores: ask for its parts, score="
    if score.weights is not None:
        return "it has weights: a coefficient of the plain sum is not about it"
    if score.table is not None:
        return "it is looked up in a table: ask for a score that is the raw sum"
    if score.method not in PLAIN:
        return f"it is a {score.method}: declare a sum or a mean of its items"
    return None


def refuse_other_units(coefficient: str) -> None:
    """Refuse a coefficient that is by its name not about the score that people get."""
    for name, what in NOT_OF_THE_SUM.items():
        if coefficient.startswith(name):
            raise RefusalError(_other_units(coefficient, what))


def reliability_of_sum(
    one: Coefficient, known: Moments, values: Sequence[Sequence[float]]
) -> float:
    """Return a coefficient of the sum of keyed items.

    Raises:
        RefusalError: it is not about the sum of the items as they are, or cannot be computed.
    """
    refuse_other_units(one.id)
    if one.id == "kr20" and any(len(set(row)) != 2 for row in values):
        raise RefusalError("kr20 is of items with two values; ask for alpha")
    found = one.of(known.cov, known.names)
    if not of_the_sum(one.value, known.cov):
        raise RefusalError(_other_units(one.id, "standardized items"))
    return found


def _other_units(coefficient: str, what: str) -> str:
    return (
        f"{coefficient} is about {what}, not about the score that people get: its standard error "
        "would be in other units; use alpha, or a coefficient of the sum"
    )
