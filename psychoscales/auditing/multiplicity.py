"""Does anything stay significant when all tests of a table are counted?"""

from __future__ import annotations

from dataclasses import dataclass

from psychoscales.auditing.context import Context, together
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.published import Published
from psychoscales.auditing.tails import p_of_r, p_of_t, p_text
from psychoscales.engines.validity.multiplicity import benjamini_hochberg, holm

NAME = "multiplicity"
LEVEL = 0.05


@dataclass(frozen=True)
class Test:
    """One test of a table: what of, and its p."""

    of: str
    p: float


def reads(published: Published, context: Context) -> bool:
    """Return whether p can be had for two tests of one table."""
    return any(len(tests) > 1 for tests in families(published, context).values())


def check(published: Published, context: Context) -> list[Finding]:
    r"""Adjust the p of all tests of a table by Holm's method and by Benjamini and Hochberg's.

    p is recomputed from r and n (the printed one, else the most who can have answered both), or
    from t and df. A table where something is below .05 and not all of it survives is noted. It
    depends on every test of the table being one family.

    Source: Holm S. Scand J Stat 1979;6:65-70; Benjamini Y, Hochberg Y. J R Stat Soc B
    1995;57:289-300. doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    found = []
    for analysis, tests in families(published, context).items():
        p = [test.p for test in tests]
        nominal = [at for at, one in enumerate(p) if one < LEVEL]
        stepped, rates = holm(p), benjamini_hochberg(p)
        kept = [at for at in nominal if stepped[at] < LEVEL]
        found_too = [at for at in nominal if rates[at] < LEVEL]
        if len(tests) < 2 or not nominal or len(kept) == len(nominal):
            continue
        least = min(nominal, key=lambda at: p[at])
        named = ", ".join(f"{tests[at].of} (P {_sign(p[at])})" for at in nominal[:8])
        text = (
            f"{len(nominal)} of {len(tests)} tests are below .05: {named}. The smallest becomes "
            f"{p_text(stepped[least])} by Holm's method and {p_text(rates[least])} by Benjamini "
            f"and Hochberg's; {len(kept)} and {len(found_too)} stay below .05. It "
            "depends on all tests of the table being one family, and on n."
        )
        shown, expected = (
            f"{len(nominal)} of {len(tests)} below .05",
            f"{len(kept)} of {len(tests)}",
        )
        found.append(Finding(NAME, analysis, shown, expected, "note", text))
    return found


def _sign(p: float) -> str:
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"


def families(published: Published, context: Context) -> dict[str, list[Test]]:
    """Return the tests of every table of correlations and of regressions."""
    found: dict[str, list[Test]] = {}
    for row in published.correlations:
        n = row.n.whole if row.n is not None else None
        n = n or together(published, context, (row.row, row.column))[1]
        if n is not None and n > 3 and row.method != "kendall":
            test = Test(f"{row.row} with {row.column}", p_of_r(float(row.r), n))
            found.setdefault(row.analysis, []).append(test)
    for analysis, models in published.tables_of_regressions().items():
        for model in models:
            for line in model.rows:
                if line.t is not None and model.df:
                    test = Test(
                        f"{model.outcome} on {line.predictor}", p_of_t(float(line.t), model.df)
                    )
                    found.setdefault(analysis, []).append(test)
    return found
