"""Can a mean be on the stated coding, and would another coding of the scale fit much better?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from psychoscales.auditing.context import Context, ScoreFacts
from psychoscales.auditing.finding import Finding, Verdict
from psychoscales.auditing.published import Descriptives, Published

NAME = "coding"
CENTRAL = 1.5


@dataclass(frozen=True)
class Fit:
    """How a mean and SD lie in a range from `low` to `high`.

    Attributes:
        pomp: percent of the maximum possible: 0 at low, 100 at high.
        to_end: from the mean to the nearer end, in SDs.
        a, b: of the beta distribution on the range with this mean and SD.
    """

    low: float
    high: float
    pomp: float
    to_end: float
    a: float
    b: float

    @property
    def at_an_end(self) -> bool:
        """Whether that distribution has its mode at exactly one end: min(a, b) < 1 < max(a, b)."""
        return min(self.a, self.b) < 1 < max(self.a, self.b)

    @property
    def inside(self) -> bool:
        """Whether it has one mode, inside the range."""
        return self.a > 1 and self.b > 1


def fit(mean: float, sd: float, low: float, high: float) -> Fit | None:
    """Return the fit of a mean and SD in a range; None where they cannot be in it."""
    width = high - low
    share, variance = (mean - low) / width, (sd / width) ** 2
    if not 0 < share < 1 or not 0 < variance < share * (1 - share):
        return None
    size = share * (1 - share) / variance - 1
    to_end = min(mean - low, high - mean) / sd
    return Fit(low, high, 100 * share, to_end, share * size, (1 - share) * size)


def reads(published: Published, context: Context) -> bool:
    """Return whether there is a mean of a score whose range is known."""
    return any(row.coded in context.scores for row in published.descriptives)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare a mean with the range of the stated coding, and with other codings.

    A mean outside the range is impossible. A mean inside it is reported where the beta
    distribution with the printed mean and SD, :math:`a = \mu (\mu (1 - \mu) / \sigma^2 - 1)` on
    the range taken as 0 to 1, piles up at one end on the stated coding, while on another coding
    of the same answers it has a single mode inside and the mean is 1.5 times as far from an end:
    implausible if that coding is a known scale, a note if it is only each item beginning one
    higher or lower. Answers can pile up at an end; this never shows that they did not.

    Source: Cohen P, Cohen J, Aiken LS, West SG. Multivariate Behav Res 1999;34:315-346, on the
    percent of maximum possible. doi:10.1207/S15327906MBR3403_2
    """
    found = []
    for row in published.descriptives:
        facts = context.scores.get(row.coded)
        if facts is None:
            continue
        if row.mean.high < facts.low or row.mean.low > facts.high:
            found.append(_outside(row, facts))
        elif row.sd is not None and row.sd.value > 0:
            found += _implausible(row, float(row.mean), float(row.sd), facts)
    return found


def others(facts: ScoreFacts) -> list[tuple[str, float]]:
    """Return the names and shifts of other codings: known ones, then one higher, one lower."""
    known = [(f"the coding of {one.column}", one.shift) for one in facts.codings]
    shifts = [shift for _, shift in known]
    for sign, words in ((1, "higher"), (-1, "lower")):
        shift = sign * facts.per_item
        if not any(math.isclose(shift, other) for other in shifts):
            known.append((f"a coding that begins one {words} on each item", shift))
    return known


def elsewhere(value: float, facts: ScoreFacts) -> str:
    """Return a sentence that names the other codings in which a value is possible, if any."""
    fitting = [
        f"{name} ({facts.low + shift:g} to {facts.high + shift:g})"
        for name, shift in others(facts)
        if facts.low + shift <= value <= facts.high + shift
    ]
    return f" Other codings that could give it: {'; '.join(fitting)}." if fitting else ""


def _outside(row: Descriptives, facts: ScoreFacts) -> Finding:
    text = f"{facts.column} lies between {facts.low:g} and {facts.high:g}."
    text += elsewhere(float(row.mean), facts)
    expected = f"{facts.low:g} to {facts.high:g}"
    return Finding(NAME, row.where, f"mean {row.mean}", expected, "impossible", text)


def _implausible(row: Descriptives, mean: float, sd: float, facts: ScoreFacts) -> list[Finding]:
    stated = fit(mean, sd, facts.low, facts.high)
    if stated is None or not stated.at_an_end:
        return []
    for name, shift in others(facts):
        other = fit(mean, sd, facts.low + shift, facts.high + shift)
        if other is None or not other.inside or other.to_end < CENTRAL * stated.to_end:
            continue
        known = name.startswith("the coding of")
        end = "maximum" if stated.pomp > 50 else "minimum"
        right = row.mean.like(mean - shift)
        text = (
            f"On the stated coding ({facts.low:g} to {facts.high:g}) the mean is at "
            f"{stated.pomp:.1f} per cent of the range, {stated.to_end:.2f} SD from the {end}, and "
            f"answers with this mean and SD pile up at it (beta {stated.a:.2f}, {stated.b:.2f}). "
            f"On {name} ({other.low:g} to {other.high:g}) it is at {other.pomp:.1f} per cent, "
            f"{other.to_end:.2f} SD from an end, with one mode inside (beta {other.a:.2f}, "
            f"{other.b:.2f}); then it is {right} on the stated coding. Correlations and "
            "regressions do not depend on it; the mean and every cut-off do."
        )
        expected = f"{right}, if coded {other.low:g} to {other.high:g}"
        verdict: Verdict = "implausible" if known else "note"
        printed = f"mean {row.mean}, SD {row.sd}"
        return [Finding(NAME, row.where, printed, expected, verdict, text)]
    return []
