"""Do B, beta and t of one predictor have the same sign?"""

from __future__ import annotations

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import Printed
from psychoscales.auditing.published import Published, Regression

NAME = "signs"


def reads(published: Published, _context: Context) -> bool:
    """Return whether two of B, beta and t of one row have a sign."""
    return any(len(_signed(row)) > 1 for row in published.regressions)


def check(published: Published, _context: Context) -> list[Finding]:
    """Compare the signs of B, beta and t, which differ by positive factors only.

    t = B / SE(B), and beta = B SD(x) / SD(y); a number whose printed digits are all 0 has no
    sign. Where one of three differs, it is the one reported.
    """
    return [each for row in published.regressions for each in _of_row(row)]


def _signed(row: Regression) -> dict[str, Printed]:
    named = (("B", row.B), ("beta", row.beta), ("t", row.t))
    return {name: number for name, number in named if number is not None and number.sign}


def _of_row(row: Regression) -> list[Finding]:
    signed = _signed(row)
    signs = [number.sign for number in signed.values()]
    if len(set(signs)) < 2:
        return []
    if len(signed) == 2:
        printed = ", ".join(f"{name} = {number}" for name, number in signed.items())
        text = "The two have different signs; which of them is wrong the numbers do not say."
        return [Finding(NAME, row.where, printed, "the same sign", "inconsistent", text)]
    name, odd = next(item for item in signed.items() if signs.count(item[1].sign) == 1)
    others = " and ".join(f"{key} = {value}" for key, value in signed.items() if key != name)
    right = f"{name} = {odd.like(-odd.value)}"
    text = f"{others} have the other sign. It depends on one number being wrong, not two."
    return [Finding(NAME, row.where, f"{name} = {odd}", right, "inconsistent", text)]
