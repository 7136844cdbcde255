"""What a check returns: one place in a paper, what is wrong there, and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["impossible", "inconsistent", "implausible", "note", "no_power"]
VERDICTS: dict[Verdict, str] = {
    "impossible": "no data can give this number",
    "inconsistent": "two or more printed numbers contradict each other: one of them is wrong",
    "implausible": "data could give it, but something else is far likelier",
    "note": "nothing is wrong; a reader should know it",
    "no_power": "the check cannot say anything at this n and these decimals",
}


@dataclass(frozen=True)
class Finding:
    """One finding of an audit.

    Attributes:
        check: id of the check.
        where: the place in the paper: "{analysis}: {row}, {column}".
        printed: what stands there.
        expected: what should, or what could, stand there.
        verdict: how certain it is; the words of `VERDICTS`.
        explanation: a plain sentence or more, with what the finding depends on.
    """

    check: str
    where: str
    printed: str
    expected: str
    verdict: Verdict
    explanation: str
