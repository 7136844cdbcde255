"""A paragraph for the method section of a paper, ready to paste."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import psychoscales
from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Cell, Facts, Paragraph, Pasted, Section
from psychoscales.reporting.sections.precision import is_shown
from psychoscales.reporting.sections.scale import by

SOFTWARE = ("numpy", "scipy", "pandas", "scikit-learn", "factor_analyzer")


def method(context: Context) -> Section:
    """Say in sentences what was done, with versions, seeds and sources."""
    words, scale = context.words, context.scale
    said = [
        words(
            "method.scale",
            n=f"{context.distributions.people:,}",
            name=context.told(scale.name).text,
            id=scale.id,
            version=scale.version,
            cited=by(context, scale.source or ()),
        )
    ]
    if context.synthetic:
        said.insert(0, words("synthetic.sentence"))
    said += [words("method.scores", rules=_rules(context))]
    coefficients = _coefficients(context)
    if {"alpha", "omega_total_ml"} <= coefficients:
        said.append(words("method.reliability"))
    elif "alpha" in coefficients:
        said.append(words("method.alpha"))
    said += _done(context)
    said.append(
        words(
            "method.software",
            psychoscales=psychoscales.__version__,
            python=platform.python_version(),
            libraries=words.listed([f"{name} {found}" for name, found in versions().items()]),
        )
    )
    text = words("mark.space").join(said)
    pasted = Pasted(words("method.paste"), text, f"{scale.id}_method.txt")
    facts = (
        (words("method.scale_file"), Cell(f"{scale.id} {scale.version}, SHA-256 {scale.sha256}")),
        (words("method.seed"), Cell(str(context.asked.seed))),
        (words("method.data"), Cell(context.label)),
    )
    note = Paragraph(words("method.check"), "note")
    return Section("method", words("section.method"), (pasted, Facts(facts), note))


def _done(context: Context) -> Iterator[str]:
    """Yield a sentence for each analysis that is in the report."""
    words = context.words
    if "precision" in context.made:
        yield words("method.precision")
        if _decisions(context):
            yield words("method.decisions")
    if context.retained:
        seed = context.asked.seed
        row = next(
            row for one in context.retained.values() for row in one.methods.rows if row["resamples"]
        )
        yield words("method.retain", seed=seed, resamples=row["resamples"])
    if context.fits:
        key = "method.cfa" if len(context.fits) > 1 else "method.cfa_one"
        yield words(key, count=len(context.fits))
    if "retest" in context.made:
        yield words("method.retest")
    if "relations" in context.made:
        yield words("method.relations")
    if "criterion" in context.made:
        yield words("method.criterion", truth=context.asked.truth)
    if context.gold_standard:
        yield words("method.gold_standard", truth=context.asked.truth)
    if "differences" in context.made:
        yield words("method.groups", by=context.asked.by)
        if context.invariance:
            yield words("method.invariance", by=context.asked.by)
    if "evidence" in context.made:
        yield words("method.evidence")


def _coefficients(context: Context) -> set[str]:
    """Return the coefficients of internal consistency that have a value here."""
    rows = [row for score in context.scores for row in context.rows(context.reliability, score.id)]
    return {row["coefficient"] for row in rows if row["value"] is not None}


def _decisions(context: Context) -> bool:
    """Return whether decisions at cut-offs are in the report."""
    rows = context.precision.cutoffs.rows if context.precision is not None else ()
    scores = {score.id for score in context.scores}
    return any(row["score"] in scores and is_shown(row) for row in rows)


def _rules(context: Context) -> str:
    """The missing rule of each score; one sentence where they are all the same."""
    words, found = context.words, dict[str, list[str]]()
    for score in context.scores:
        key = words(
            f"missing.{score.missing.action}", least=score.fewest_valid, size=len(score.members)
        )
        found.setdefault(key.rstrip(words("mark.stop")), []).append(context.name(score.id))
    return words("mark.semicolon").join(
        f"{words.listed(names)}: {rule}" for rule, names in found.items()
    )


def versions() -> dict[str, str]:
    """Return the versions of the libraries that numbers come from."""
    found = {}
    for name in SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
