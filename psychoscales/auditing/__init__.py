"""Can a published number be right? The checks, in the order in which people see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from psychoscales.auditing import (
    alpha,
    coding,
    correlation_matrix,
    debit,
    degrees_of_freedom,
    grim,
    grimmer,
    identical_rows,
    implied_sds,
    largest_sd,
    multiplicity,
    one_predictor,
    p_values,
    percentages,
    possible_values,
    r_squared,
    row_sums,
    signs,
    stated_counts,
    vif,
)
from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import VERDICTS, Finding, Findings
from psychoscales.auditing.published import Published, read_published
from psychoscales.errors import UnknownNameError
from psychoscales.results import Table


@dataclass(frozen=True)
class Check:
    """A check: what it finds, and whether a paper prints what it needs."""

    check: Callable[[Published, Context], list[Finding]]
    reads: Callable[[Published, Context], bool]


CHECKS: Mapping[str, Check] = {
    "possible_values": Check(possible_values.check, possible_values.reads),
    "percentages": Check(percentages.check, percentages.reads),
    "row_sums": Check(row_sums.check, row_sums.reads),
    "identical_rows": Check(identical_rows.check, identical_rows.reads),
    "grim": Check(grim.check, grim.reads),
    "grimmer": Check(grimmer.check, grimmer.reads),
    "debit": Check(debit.check, debit.reads),
    "largest_sd": Check(largest_sd.check, largest_sd.reads),
    "coding": Check(coding.check, coding.reads),
    "p_values": Check(p_values.check, p_values.reads),
    "correlation_matrix": Check(correlation_matrix.check, correlation_matrix.reads),
    "signs": Check(signs.check, signs.reads),
    "degrees_of_freedom": Check(degrees_of_freedom.check, degrees_of_freedom.reads),
    "implied_sds": Check(implied_sds.check, implied_sds.reads),
    "r_squared": Check(r_squared.check, r_squared.reads),
    "one_predictor": Check(one_predictor.check, one_predictor.reads),
    "vif": Check(vif.check, vif.reads),
    "alpha": Check(alpha.check, alpha.reads),
    "multiplicity": Check(multiplicity.check, multiplicity.reads),
    "stated_counts": Check(stated_counts.check, stated_counts.reads),
}
COLUMNS = tuple(field.name for field in fields(Finding))


def audit(
    published: Published | Mapping[str, Any],
    context: Context | None = None,
    *,
    check: str | None = None,
    title: str = "Audit",
) -> Table:
    """Return what is wrong with printed numbers, or cannot be told, a row a finding.

    Consistent numbers yield no row. The verdicts are impossible (no data can give it),
    inconsistent (printed numbers contradict each other), implausible (something else is far
    likelier), note, and no_power (the check can say nothing at this n and these decimals). A note
    of the table names the checks for which the paper prints too little.

    Args:
        published: the printed numbers, or a mapping of the form of a study's `[published]`.
        context: what is known besides: scores, codes of variables, how many took part.
        check: one check only, by its name in `CHECKS`.
        title: of the table.

    Returns:
        `Table` with columns check, where, printed, expected, verdict, explanation; `notes` has
        the explanations too, then what could not be asked.

    Raises:
        PublishedError: the mapping does not fit the form; every mistake is listed at once.
        UnknownNameError: no check has this name.

    Examples:
        >>> row = {"id": "response", "count": "350", "of": "23864", "percent": "1.46"}
        >>> audit({"proportions": [row]}).to_frame()[["check", "expected", "verdict"]]
                 check expected       verdict
        0  percentages     1.47  inconsistent
    """
    if check is not None and check not in CHECKS:
        raise UnknownNameError("check", check, CHECKS)
    known = published if isinstance(published, Published) else read_published(published)
    context = Context() if context is None else context
    chosen = {name: one for name, one in CHECKS.items() if check in (None, name)}
    reading = {name: one for name, one in chosen.items() if one.reads(known, context)}
    found = [each for one in reading.values() for each in one.check(known, context)]
    notes = [f"{each.check}, {each.where}: {each.explanation}" for each in found]
    idle = [name for name in chosen if name not in reading]
    if idle:
        notes.append(f"Not enough is printed or known for: {', '.join(idle)}.")
    told = [each.verdict for each in found]
    summary = ", ".join(f"{told.count(verdict)} {verdict}" for verdict in VERDICTS)
    rows = tuple(asdict(each) for each in found)
    return Findings(f"{title}: {summary}", COLUMNS, rows, tuple(notes), ("explanation",))
