"""`psychoscales.report`: one page with what a scale's scores are worth in these data."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from psychoscales.counts import Patterns
from psychoscales.errors import (
    MergeError,
    MissingExtraError,
    RefusalError,
    SourceError,
    UnknownNameError,
)
from psychoscales.frames.files import whole
from psychoscales.frames.source import Source
from psychoscales.protocol.sample import is_synthetic
from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Asked, results_of
from psychoscales.reporting.markdown import as_markdown
from psychoscales.reporting.page import as_page
from psychoscales.reporting.parts import Content, Section
from psychoscales.reporting.sections import SECTIONS
from psychoscales.reporting.sections.summary import summary
from psychoscales.reporting.word import write_word
from psychoscales.reporting.words import Words, texts
from psychoscales.responses import Responses, key_of
from psychoscales.results import Table
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.binding import binding as find_binding
from psychoscales.spec.catalogue import files
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale
from psychoscales.verbs.count import count
from psychoscales.verbs.read import ScaleSource, open_any, read

Progress = Callable[[int, int, str], None]
SIMULATED = "synthetic answers"
FILES = (".html", ".htm", ".md", ".docx")


class Report(Content):
    """What `report` returns: a page about one scale's scores, with no row of anybody's answers."""

    def html(self) -> str:
        """Return the report as one page that needs nothing else, and asks no network."""
        return as_page(self, Words(self.language))

    def markdown(self) -> str:
        """Return the report as Markdown; pictures are left out, their numbers are there."""
        return as_markdown(self, Words(self.language))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the report whole or not at all; the ending says how: .html, .md or .docx.

        Raises:
            SourceError: there is no such folder, or the ending is another.
            MissingExtraError: .docx needs the extra `word`.
        """
        place = check_can_save(path)
        with whole(place) as unfinished:
            if place.suffix.lower() == ".docx":
                write_word(self, Words(self.language), unfinished)
            else:
                markdown = place.suffix.lower() == ".md"
                text = self.markdown() if markdown else self.html()
                unfinished.write_text(text, encoding="utf-8", newline="\n")
        return place

    def __repr__(self) -> str:
        return f"Report: {self.title} ({len(self.sections)} sections)"


def check_can_save(path: str | os.PathLike[str]) -> Path:
    """Return the place a report is saved to, or refuse its ending or folder before any work.

    Raises:
        SourceError: there is no such folder, or the ending is another.
        MissingExtraError: .docx needs the extra `word`.
    """
    place = Path(os.fspath(path)).expanduser()
    if place.suffix.lower() not in FILES:
        raise SourceError(f"{place.name}: reports are saved as {', '.join(FILES)}")
    if not place.parent.is_dir():
        raise SourceError(f"there is no folder {place.parent}")
    if place.is_dir():
        raise SourceError(f"{place} is a folder")
    if place.suffix.lower() == ".docx" and find_spec("docx") is None:
        raise MissingExtraError("writing .docx files", "word")
    return place.resolve()


def report(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    score: str | None = None,
    binding: BindingSource | None = None,
    by: str | None = None,
    truth: str | None = None,
    retest: Any = None,
    against: str | Sequence[str] = (),
    hypotheses: Table | None = None,
    change: Table | None = None,
    mic: float | None = None,
    language: str = "en",
    small: int = 5,
    seed: int = 1,
    title: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Return a report: what the scale is, who answered, and what its scores are worth.

    A part whose numbers are refused is left out, and the report says so and why. Nobody's row of
    answers, no id and no single score of a person is in it. Counts of answers, scores, bands,
    rules and flags from 1 to `small` - 1 are shown as "<5", together with as many of their
    neighbours as it takes that no difference of shown counts is smaller; counts of missing
    answers are always shown.

    Args:
        data: what `read` returned, a frame or a path with `scale`, or `Patterns`.
        scale: the scale that the report is of, where `data` does not know it, or holds several.
        score: one score only.
        binding: how the data store the answers, where they are still to be read.
        by: a kept column whose groups are compared.
        truth: a kept column, or a rule, band or flag, that scores are held against. Numbers that
            say more than yes or no are a gold standard for the evidence only.
        retest: the same people's answers on a second occasion, as `read` returned them; both need
            ids.
        against: kept columns of numbers, and scores of other scales, that scores are correlated
            with; by default the scores of the other scales in `data`.
        hypotheses: what `convergent` or `groups` returned with expectations, for the evidence.
        change: what `change` returned, for the evidence.
        mic: the minimal important change of one score, for the evidence.
        language: "en" or "ja". Texts of the scale are in that language where the scale has it.
        small: the smallest count that is shown; 1 shows all.
        seed: of everything that is drawn at random.
        title: instead of the scale's name.
        progress: called with (sections made, sections in all, the section's id).

    Returns:
        `Report`: `.save("phq9.html")`, `.html()`, `.markdown()`.

    Raises:
        RefusalError: fewer than `small` people.
        UnknownNameError: no score, column or language is called so.
        ColumnError, DataError: as `read`.

    Examples:
        >>> import psychoscales as ps
        >>> from psychoscales.reporting.report import report
        >>> report(ps.simulate("gad7", n=300, seed=4), seed=9)
        Report: SYNTHETIC DATA: Generalized Anxiety Disorder-7 (12 sections)
    """
    texts(language)
    if small < 1:
        raise ValueError("small is the smallest count that is shown: 1 or more")
    others = (against,) if isinstance(against, str) else tuple(against)
    given = (hypotheses, change, mic)
    asked = Asked(score, by, truth, retest, others, *given, language, small, seed, title)
    context = _context(data, scale, binding, asked)
    _check(context)
    made: list[Section] = []
    for number, (name, section) in enumerate(SECTIONS.items()):
        if progress is not None:
            progress(number, len(SECTIONS) + 1, name)
        found = section(context)
        if found is not None:
            made.append(found)
            context.made.add(found.id)
    if progress is not None:
        progress(len(SECTIONS), len(SECTIONS) + 1, "summary")
    return _finished(context, (summary(context), *made))


def _context(
    data: Any, scale: ScaleSource | None, binding: BindingSource | None, asked: Asked
) -> Context:
    if isinstance(data, Patterns):
        one = find_scale(scale if scale is not None else data.key.scale)
        if key_of(one) != data.key:
            raise MergeError(f"these patterns are of {data.key}, and the scale is {key_of(one)}")
        return Context(one, data, None, "patterns", False, asked)
    if isinstance(data, Responses):
        people = data if scale is None else data[find_scale(scale).id]
    else:
        if scale is None:
            raise TypeError("say which scale the data are of: a second argument, such as 'phq9'")
        one = find_scale(scale)
        bound = find_binding(binding, [one], files())
        opened = open_any(data, bound)
        if opened.lazy:
            return Context(one, count(data, one, binding=bound), None, opened.label, False, asked)
        people = read(data, one, binding=bound, keep=_kept(one, opened, asked))
    if len(people.blocks) > 1:
        known = ", ".join(people.blocks)
        raise RefusalError(f"a report is of one scale: say which, scale=; there are {known}")
    (block,) = people.blocks.values()
    label, synthetic = people.source.label, _made_up(people.source)
    everything = data if isinstance(data, Responses) else people
    return Context(block.scale, block.patterns(), people, label, synthetic, asked, everything)


def _kept(scale: Scale, opened: Source, asked: Asked) -> list[str]:
    """Return the columns to keep: those asked for, and those that bands depend on."""
    own = results_of(scale)
    named = (asked.by, asked.truth, *asked.against)
    wanted = [name for name in named if name is not None and name not in own]
    needed = {name for bands in scale.bands for name in bands.for_ or {}}
    wanted += [name for name in sorted(needed) if opened.find(name) is not None]
    return list(dict.fromkeys(wanted))


def _made_up(source: Source) -> bool:
    if source.label.startswith(SIMULATED):
        return True
    return source.frame is not None and not source.lazy and is_synthetic(source)


def _check(context: Context) -> None:
    asked, scale = context.asked, context.scale
    if asked.score is not None:
        _ = context.scores
    if not scale.scores:
        raise RefusalError(f"{scale.id} has no scores to report")
    if context.patterns.n == 0:
        raise RefusalError(f"{context.label} has no people in it: there is nothing to report")
    if context.patterns.n < asked.small:
        raise RefusalError(
            f"a report of {context.patterns.n} people would be about single persons; with small=1 "
            "(--small 1 in a terminal) it is made all the same"
        )
    for name in (asked.by, asked.truth):
        if name is not None and context.people is not None and not _known(context, name):
            raise UnknownNameError("kept column", name, context.people.kept)
    _check_against(context)
    if asked.mic is not None and len(context.scores) > 1:
        raise RefusalError("a minimal important change is of one score: say which, score=...")


def _check_against(context: Context) -> None:
    if context.everything is None:
        return
    known = [*context.everything.kept, *context.further]
    for name in context.asked.against:
        if name not in known:
            raise UnknownNameError("kept column or score of another scale", name, known)


def _known(context: Context, name: str) -> bool:
    assert context.people is not None
    return name in context.people.kept or name in context.results


def _finished(context: Context, sections: tuple[Section, ...]) -> Report:
    words, scale = context.words, context.scale
    title = context.asked.title or context.told(scale.name).text
    if context.synthetic:
        title = words("synthetic.title", title=title)
    import psychoscales

    subtitle = words(
        "page.subtitle",
        id=scale.id,
        version=scale.version,
        n=f"{context.distributions.people:,}",
        label=context.label,
        program=psychoscales.__version__,
    )
    return Report(
        title,
        subtitle,
        context.asked.language,
        context.synthetic,
        sections,
        {one.what: one.why for one in context.refused},
        "\n\n".join(one.bib for one in context.references) + "\n",
    )
