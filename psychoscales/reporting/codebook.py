"""A scale's codebook: what it asks, how it is answered and scored, and who says so."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from psychoscales.spec.claims import Bands, Condition, CountTerm, Rule
from psychoscales.spec.model import Item, Scale, Score, in_language
from psychoscales.spec.numbers import plain

WIDTH = 80
TEXT_STATUS = {
    "verbatim": "verbatim from the source",
    "adapted": "adapted from the source",
    "reconstructed": "RECONSTRUCTED: the source does not print the items as they were asked",
    "user_supplied": "NOT INCLUDED: the texts may not be shipped or are unconfirmed; add them in "
    "a locale file",
}
METHODS = {
    "sum": "sum",
    "mean": "mean",
    "count": "number",
    "min": "smallest",
    "max": "largest",
    "pomp": "percent of the maximum possible",
}


def codebook(scale: Scale, language: str = "en") -> str:
    """Return the codebook of `scale` as text of 80 columns."""
    lines: list[str] = []
    for part in (_head, _items, _options, _scores, _bands, _rules, _claims, _history, _sources):
        found = list(part(scale, language))
        if found:
            lines += [*found, ""]
    return "\n".join(lines).rstrip() + "\n"


def _wrap(text: str, indent: int = 2, hang: int = 2) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
    )


def _row(label: str, text: str, width: int, indent: int = 2) -> list[str]:
    """Return `text` wrapped beside `label`, all of its lines in one column."""
    room = max(WIDTH - indent - width, 30)
    lines = textwrap.wrap(" ".join(text.split()), room) or [""]
    heads = [label, *[""] * (len(lines) - 1)]
    return [f"{' ' * indent}{head:<{width}}{line}" for head, line in zip(heads, lines, strict=True)]


def _field(name: str, text: str | None) -> list[str]:
    return _row(name, text, 12) if text else []


def _head(scale: Scale, language: str) -> Iterator[str]:
    title = f"{scale.name_in(language)}  ({scale.id} {scale.version})"
    yield from textwrap.wrap(title, WIDTH)
    yield "=" * min(len(title), WIDTH)
    yield from _field("construct", in_language(scale.construct_, language))
    yield from _field("respondent", scale.respondent)
    yield from _field("recall", scale.recall_period)
    yield from _field("languages", ", ".join(scale.languages))
    yield from _field("codes", ", ".join(f"{k} {v}" for k, v in (scale.codes or {}).items()))
    licence = scale.licence.instrument
    yield from _field("licence", f"{licence.status}: {licence.statement} {_by(licence.source)}")
    yield from _field("this file", f"{scale.licence.spec}, SHA-256 {scale.sha256[:16]}...")
    yield from _field("texts", TEXT_STATUS[scale.text_status])
    yield from _field("cite", ", ".join(scale.source or ()))
    yield from _field("note", in_language(scale.note, language))


def _items(scale: Scale, language: str) -> Iterator[str]:
    yield "Items"
    if scale.stem:
        yield from _wrap(f'"{in_language(scale.stem, language)}"')
    width = max(len(item.id) for item in scale.items) + 2
    for item in scale.items:
        text = in_language(item.text, language) or "(no text)"
        yield from _row(item.id, text, width)
        marks = ", ".join(_marks(scale, item))
        if marks:
            yield from _wrap(f"[{marks}]", width + 2, 1)


def _marks(scale: Scale, item: Item) -> Iterator[str]:
    if item.options != scale.items[0].options:
        yield f"answers: {item.options}"
    if not item.scored:
        yield "not scored"
    reversed_in = [score.id for score in scale.scores if item.id in score.reverse]
    if reversed_in:
        yield f"reversed in {', '.join(reversed_in)}"
    if item.asked_if is not None:
        yield f"asked if {condition_text(item.asked_if)}, otherwise {_value(item.otherwise)}"


def _value(value: float | str | bool | None) -> str:
    return plain(value) if isinstance(value, float) else str(value).replace("_", " ")


def _options(scale: Scale, language: str) -> Iterator[str]:
    for name, options in scale.options.items():
        yield f"Answers: {name}"
        yield f"  {'code':<6}{'value':<8}label"
        for option in options:
            if option.missing is not None:
                value = "missing"
            else:
                value = "-" if option.value is None else plain(option.value)
            label = in_language(option.label, language) or "(unlabelled)"
            yield from _row(f"{option.code!s:<6}{value}", label, 14)


def _scores(scale: Scale, language: str) -> Iterator[str]:
    yield "Scores"
    for score in scale.scores:
        low, high = score.range
        name = in_language(score.name, language)
        yield from _wrap(
            f"{score.id}: {METHODS[score.method]} of {_members(score)}, {plain(low)} to "
            f"{plain(high)}{f' ({name})' if name else ''}"
        )
        yield from _wrap(f"higher: {in_language(score.higher, language)}", 4)
        if score.reverse:
            yield from _wrap(f"reversed: {_listed(score.reverse)}", 4)
        yield from _wrap(f"missing answers: {missing_text(score)}", 4)
        if score.missing.note:
            yield from _wrap(score.missing.note, 6, 0)
        if score.note:
            yield from _wrap(f"note: {score.note}", 4)


def _members(score: Score) -> str:
    listed = _listed(score.members)
    if score.method == "count":
        return f"items at {plain(score.at_least or 0)} or above: {listed}"
    kind = "items" if score.items is not None else "scores"
    text = f"{len(score.members)} {kind}: {listed}"
    if score.weights:
        text += "; weights " + ", ".join(f"{k} {plain(v)}" for k, v in score.weights.items())
    if score.multiply is not None:
        text += f"; times {plain(score.multiply)}"
    return text + ("; converted by a table" if score.table else "")


def _listed(names: Sequence[str]) -> str:
    """List names; a run of more than three that are numbered in order is named by its ends."""
    runs: list[list[str]] = []
    for name in names:
        if runs and _next(runs[-1][-1]) == name:
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 3 else ", ".join(run) for run in runs)


def _next(name: str) -> str | None:
    head, _, number = name.rpartition("_")
    return f"{head}_{int(number) + 1}" if number.isdigit() else None


def missing_text(score: Score) -> str:
    """Say a score's missing rule in words."""
    rule, least = score.missing, score.fewest_valid
    size = len(score.members)
    if rule.action == "refuse":
        text = f"none may be missing ({size} of {size})"
    else:
        what = "prorated" if rule.action == "prorate" else "mean of those given"
        text = f"{what} from {least} of {size} answers up; below that no score"
    if rule.round == "half_up":
        text += "; rounded to whole numbers, halves up"
    return f"{text} {_by(rule.source)}"


def _bands(scale: Scale, language: str) -> Iterator[str]:
    for bands in scale.bands:
        yield from _wrap(f"Bands: {bands.id} of {bands.score}{_for(bands)} {_by(bands.source)}", 0)
        tops = [*(level.from_ for level in bands.levels[1:]), None]
        for level, top in zip(bands.levels, tops, strict=True):
            upper = f"to below {plain(top)}" if top is not None else "and above"
            label = in_language(level.label, language)
            yield f"  {plain(level.from_):<5}{upper:<14}{label}"
        if bands.note:
            yield from _wrap(bands.note)


def _for(bands: Bands) -> str:
    if not bands.for_:
        return ""
    return ", for " + ", ".join(f"{name} {value}" for name, value in bands.for_.items())


def _rules(scale: Scale, language: str) -> Iterator[str]:
    if scale.rules or scale.flags:
        yield "Rules and flags"
    for rule in scale.rules:
        yield from _wrap(f"{rule.id}: {rule_text(rule)} {_by(rule.source or ())}", 2)
        if rule.note:
            yield from _wrap(rule.note, 6, 0)
    for flag in scale.flags:
        yield from _wrap(f"{flag.id} ({flag.level}): raised if {condition_text(flag.when)}", 2)
        yield from _wrap(f'"{in_language(flag.message, language)}"', 6, 0)


def rule_text(rule: Rule) -> str:
    """Say a rule in words."""
    if rule.count is not None:
        return "number of " + " and ".join(term_text(term) for term in rule.count)
    if rule.all is not None:
        return " and ".join(condition_text(each) for each in rule.all)
    if rule.any is not None:
        return " or ".join(condition_text(each) for each in rule.any)
    return f"not ({condition_text(rule.not_)})" if rule.not_ is not None else ""


def condition_text(condition: Condition) -> str:
    """Say a condition in words."""
    if condition.rule is not None:
        said = _comparison(condition)
        return f"{condition.rule} {said}".strip() if said else condition.rule
    items = condition.items or ()
    each = "any of " if len(items) > 1 else ""
    return f"{each}{_listed(items)} {_comparison(condition)}"


def term_text(term: CountTerm) -> str:
    """Say in words which items a count counts."""
    return f"{_listed(term.items)} {_comparison(term)}"


def _comparison(part: Condition | CountTerm) -> str:
    if part.at_least is not None:
        return f"at least {plain(part.at_least)}"
    if part.at_most is not None:
        return f"at most {plain(part.at_most)}"
    if part.between is not None:
        return f"{plain(part.between[0])} to {plain(part.between[1])}"
    return "" if part.equals is None else f"= {_value(part.equals)}"


def _claims(scale: Scale, language: str) -> Iterator[str]:
    if scale.models:
        yield "Factor models"
    for model in scale.models:
        factors = "; ".join(f"{name}: {_listed(items)}" for name, items in model.factors.items())
        key = f", keyed as {model.key}" if model.key else ""
        yield from _wrap(f"{model.id}{key}: {factors} {_by(model.source or ())}")
    if scale.reference_values:
        yield "Published values"
    for value in scale.reference_values:
        what = value.statistic.replace("_", " ")
        at = f" at {plain(value.cutoff)}" if value.cutoff is not None else ""
        if value.stratum is not None:
            at = f" for {plain(value.stratum[0])} to {plain(value.stratum[1])}"
        ends = ""
        if value.low is not None and value.high is not None:
            ends = f" ({plain(value.low)} to {plain(value.high)})"
        people = in_language(value.population, language)
        people += f", n = {value.n:,}" if value.n else ""
        subject = value.score or value.rule
        yield from _wrap(
            f"{subject} {what}{at}: {plain(value.value)}{ends}, {people} {_by(value.source)}"
        )


def _history(scale: Scale, _language: str) -> Iterator[str]:
    if scale.extends is None:
        return
    relation = scale.extends.relation.replace("_", " ")
    yield f"Changed: {relation} of {scale.extends.scale} {scale.extends.version}"
    for change in scale.changes:
        before = f"in {change.of}, " if change.of else ""
        yield from _wrap(f"{before}{change.what}: from {change.from_} to {change.to}")
        yield from _wrap(f"why: {change.why} {_by(change.source)}", 6)


def _sources(scale: Scale, _language: str) -> Iterator[str]:
    if scale.citations:
        yield "Sources"
    for citation in scale.citations:
        link = f" doi:{citation.doi}" if citation.doi else f" {citation.url or ''}"
        note = f" ({citation.note})" if citation.note else ""
        yield from _wrap(f"[{citation.id}] {citation.text}{link}{note}")


def _by(sources: Sequence[str]) -> str:
    words = {"spec_author": "the author of this file", "this_study": "this study"}
    return f"[{', '.join(words.get(source, source) for source in sources)}]" if sources else ""
