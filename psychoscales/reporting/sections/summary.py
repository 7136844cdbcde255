"""The first screen: n, reliability, and what to worry about, for each score."""

from __future__ import annotations

from collections.abc import Iterator

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Card, Cards, Section
from psychoscales.reporting.tabling import interval, rounded
from psychoscales.reporting.worries import worries
from psychoscales.results import number
from psychoscales.spec.model import Score

COEFFICIENTS = ("alpha", "omega_total_ml")
TELLING = 0.1
"""Steps of SDs from which a mean that is rounded to them tells little."""


def summary(context: Context) -> Section:
    """Return a card for each score."""
    words = context.words
    cards = tuple(
        Card(context.name(score.id), tuple(_numbers(context, score)), worries(context, score))
        for score in context.scores
    )
    found = Cards(cards, words("summary.worry"), words("summary.no_worry"))
    return Section("summary", words("section.summary"), (found,))


def _numbers(context: Context, score: Score) -> Iterator[tuple[str, str, str]]:
    words, spread = context.words, context.distributions.scores[score.id]
    complete = context.keyed[score.id].patterns.complete.n
    yield words("summary.n"), f"{spread.n:,}", words("summary.complete", n=f"{complete:,}")
    rows = context.rows(context.reliability, score.id)
    known = {row["coefficient"]: row for row in rows if row["value"] is not None}
    for name in COEFFICIENTS:
        if name not in known:
            continue
        row = known[name]
        ends = (
            ""
            if row["low"] is None
            else words("summary.interval", ends=interval(row["low"], row["high"]))
        )
        yield words(f"summary.{name}"), number(row["value"]), ends
    if spread.n >= max(context.asked.small, 2):
        places = context.places(score.id, spread.n, 2)
        mean, sd = rounded(spread.mean, places), rounded(spread.sd, places)
        said = [words("summary.sd", sd=sd.text)]
        if places < 2 and 10.0**-places > TELLING * (spread.sd or 0.0):
            said.append(words("summary.coarse"))
        yield words("summary.mean"), mean.text, words("mark.semicolon").join(said)
