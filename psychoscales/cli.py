"""The command line: demo | list | show | check | new | score | report | study | audit."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import click

from psychoscales import __version__
from psychoscales.errors import PsychoscalesError, SourceError, UnknownNameError

WIDTH = 80
FAILED = 1
INTERRUPTED = 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Each command has its own --help.",
)
@click.version_option(__version__, prog_name="psychoscales")
def app() -> None:
    """Questionnaires written down once, as data; checked scores and evidence from them."""


@app.command()
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("psychoscales_demo"),
    show_default=True,
    help="Folder to write to.",
)
def demo(out: Path) -> None:
    """From a form export to scores, tables and reports, on synthetic people."""
    from psychoscales.demo import run_demo

    run_demo(out, lambda text: click.echo(f"{text}\n"))


@app.command("list")
def list_() -> None:
    """List every scale that is known."""
    from psychoscales.verbs.catalogue import catalogue

    click.echo(str(catalogue()))


@app.command()
@click.argument("scale")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
def show(scale: str, language: str) -> None:
    """Show the codebook of SCALE (an id, or the path of a scale file)."""
    from psychoscales.reporting.codebook import codebook
    from psychoscales.spec.catalogue import scale as find

    found = find(scale)
    if language not in found.languages:
        raise UnknownNameError(f"language of {found.id}", language, found.languages)
    click.echo(codebook(found, language), nl=False)


@app.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a scale FILE: its form, its sense, and that its worked examples come out."""
    from psychoscales.spec.catalogue import scale as find
    from psychoscales.verbs.examples import run_examples

    if file.is_dir():
        raise SourceError(f"{file} is a folder, not a scale file")
    scale = find(file if file.suffix else file.name)
    outcome = run_examples(scale)
    wrong = [row for row in outcome.rows if not row["agrees"]]
    for row in wrong:
        click.echo(
            f"{file}: example '{row['example']}': {row['result']} is {_said(row['found'])}, "
            f"expected {_said(row['expected'])}",
            err=True,
        )
    if wrong:
        raise SystemExit(FAILED)
    click.echo(f"{file}: sound. {scale}")
    examples, results = len(scale.examples), len(outcome.rows)
    click.echo(
        f"{examples} worked example{'s' * (examples != 1)}, "
        f"{results} result{'s' * (results != 1)} as expected."
    )


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  " if line[:1] != " " else "    ")


def _said(value: object) -> str:
    if value is None:
        return "not there"
    return str(value).lower() if isinstance(value, bool) else str(value)


@app.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Write FILE, a small sound scale file to start a scale of your own from."""
    from psychoscales.frames.files import whole
    from psychoscales.spec.schema import FILE as SCHEMA

    file = file if file.suffix == ".toml" else file.with_name(f"{file.name}.toml")
    if file.exists():
        raise SourceError(f"{file} exists already; it is left as it is")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", file.stem):
        raise SourceError(
            f"'{file.stem}' would be the scale's id: lower-case letters, digits and _, "
            "beginning with a letter"
        )
    text = resources.files("psychoscales.spec").joinpath("template.toml").read_text("utf-8")
    with whole(file) as path:
        path.write_text(text.format(id=file.stem, file=file, schema=SCHEMA.as_uri()), "utf-8")
    click.echo(f"Wrote {file}. Change it, then: psychoscales check {file}")


@app.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--scale", "scales", multiple=True, required=True, help="Scale id or file; repeat.")
@click.option("--binding", help="Binding file: how FILE stores the answers.")
@click.option("--id", "id_", help="Column of people's ids.")
@click.option("--keep", multiple=True, help="Column to keep beside the scores; repeat.")
@click.option(
    "--bad",
    type=click.Choice(["error", "missing"]),
    default="error",
    show_default=True,
    help="What becomes of values the scale does not know.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="csv, parquet or xlsx to write.")
def score(
    file: Path,
    scales: tuple[str, ...],
    binding: str | None,
    id_: str | None,
    keep: tuple[str, ...],
    bad: Literal["error", "missing"],
    out: Path | None,
) -> None:
    """Score the answers in FILE (csv, tsv, xlsx, sav, dta, xpt, parquet)."""
    from psychoscales.frames.files import check_can_write, write_frame
    from psychoscales.scoring import score_responses
    from psychoscales.verbs.read import read_source

    if out is not None and check_can_write(out).resolve() == file.resolve():
        raise SourceError(f"{out} is the file of answers itself; it is left as it is")
    with _progress("Reading") as tick:
        answers = read_source(
            file,
            list(dict.fromkeys(scales)),
            binding_=binding,
            id_=id_,
            keep=keep,
            bad=bad,
            tick=tick,
        )
    scored = score_responses(answers)
    click.echo(str(scored))
    for note in scored.notes:
        click.echo(f"Note. {note}")
    if answers.bad:
        click.echo(f"Note. {len(answers.bad):,} values that are no option were made missing.")
    if out is not None:
        with _progress("Writing") as tick:
            write_frame(scored.to_frame(), out, tick)
        click.echo(f"\nWrote {answers.n:,} rows to {out}")


@app.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--scale", required=True, help="Scale id or file.")
@click.option("--binding", help="Binding file: how FILE stores the answers.")
@click.option("--by", help="Column whose groups are compared.")
@click.option("--beside", multiple=True, help="Further scale in FILE, to correlate with; repeat.")
@click.option("--against", multiple=True, help="Column of numbers to correlate with; repeat.")
@click.option("--truth", help="Column of the gold standard, or a rule of the scale.")
@click.option(
    "--retest",
    type=click.Path(path_type=Path),
    help="File of the same people's answers on a second occasion; needs --id.",
)
@click.option("--id", "id_", help="Column of people's ids; none reaches the report.")
@click.option(
    "--bad",
    type=click.Choice(["error", "missing"]),
    default="error",
    show_default=True,
    help="What becomes of values the scale does not know.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "ja"]),
    default="en",
    show_default=True,
    help="Language of the report.",
)
@click.option(
    "--small",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Smallest count that is shown.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="html, md or docx to write.")
def report(
    file: Path,
    scale: str,
    binding: str | None,
    by: str | None,
    beside: tuple[str, ...],
    against: tuple[str, ...],
    truth: str | None,
    retest: Path | None,
    id_: str | None,
    bad: Literal["error", "missing"],
    language: str,
    small: int,
    out: Path | None,
) -> None:
    """Write a report on the scale answered in FILE: items, reliability, structure, evidence."""
    from psychoscales.reporting.counted import results_of
    from psychoscales.reporting.report import check_can_save
    from psychoscales.reporting.report import report as make
    from psychoscales.spec.catalogue import scale as find
    from psychoscales.verbs.read import read_source

    if retest is not None and id_ is None:
        raise click.UsageError("--retest needs --id: people are matched by their ids.")
    found = find(scale)
    place = out or Path(f"{found.id}_report.html")
    check_can_save(place)
    further = [each for each in map(find, dict.fromkeys(beside)) if each.id != found.id]
    scales = [found, *further]
    results = {f"{each.id}_{score.id}" for each in scales for score in each.scores}
    wanted = dict.fromkeys((by, truth, *against))
    kept = [each for each in wanted if each is not None and each not in results_of(found) | results]

    def answers_in(path: Path, scales: Any, keep: Any) -> Any:
        with _progress("Reading") as tick:
            return read_source(
                path, scales, binding_=binding, id_=id_, keep=keep, bad=bad, tick=tick
            )

    answers = answers_in(file, scales, kept)
    again = None if retest is None else answers_in(retest, found, ())
    with _progress("Computing") as tick:
        made = make(
            answers,
            found,
            by=by,
            truth=truth,
            retest=again,
            against=against,
            language=language,
            small=small,
            progress=lambda done, of, _name: tick(done, of),
        )
    made.save(place)
    click.echo(f"Wrote {place}")
    if made.refused:
        click.echo("Not in it; its section 'What is not here, and why' has the reasons:")
        for what in made.refused:
            click.echo(_wrapped(f"  {what}"))


@app.command("audit")
@click.argument("study")
def audit_(study: str) -> None:
    """Can the numbers that STUDY publishes be right? (STUDY: an id or a study file.)"""
    from psychoscales.protocol.study import study as find

    click.echo(str(find(study).audit()))


@app.command()
@click.argument("study")
@click.argument("data", required=False, type=click.Path(path_type=Path))
@click.option("--binding", help="Binding file: how DATA stores the answers.")
@click.option(
    "--bad",
    type=click.Choice(["error", "missing"]),
    default="error",
    show_default=True,
    help="What becomes of values that are no option.",
)
@click.option("--compare", is_flag=True, help="Set the published values beside the computed ones.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder to write tables to.")
def study(
    study: str,
    data: Path | None,
    binding: str | None,
    bad: Literal["error", "missing"],
    compare: bool,
    out: Path | None,
) -> None:
    """Run STUDY (an id, or the path of a study file) on the answers in DATA.

    Without DATA: what the study is, and who took part. Tables go to the folder of -o as csv, xlsx,
    Word and LaTeX; what needs an extra that is not installed is skipped, and said.
    """
    from psychoscales.errors import MissingExtraError
    from psychoscales.protocol.study import FORMATS
    from psychoscales.protocol.study import study as find

    found = find(study)
    if data is None:
        click.echo(_wrapped(repr(found)))
        click.echo(str(found.participation()))
        for analysis in found.document.analyses:
            click.echo(f"  {analysis.id}: {analysis.kind}")
        return
    with _progress("Computing") as tick:
        result = found.run(data, binding=binding, bad=bad, progress=tick)
    click.echo(str(result))
    if compare:
        click.echo(f"\n{found.compare(result)}")
    if out is not None:
        written = []
        for each in FORMATS:
            try:
                written += result.write(out, formats=[each])
            except MissingExtraError as missing:
                click.echo(f"Skipped {each}: {missing}", err=True)
        click.echo(f"\nWrote {len(written)} files to {out}")


@contextmanager
def _progress(label: str) -> Iterator[Any]:
    """Show a bar on a terminal's error stream, once there is more than one step to show."""
    bar: Any = None

    def tick(done: int, of: int) -> None:
        nonlocal bar
        if bar is None and done < of:
            seen = sys.stderr.isatty()
            bar = click.progressbar(length=of, label=label, file=sys.stderr, hidden=not seen)
            bar.__enter__()
        if bar is not None:
            bar.update(done - bar.pos)

    try:
        yield tick
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def main() -> None:
    """Run the command line; errors of use exit with 2, of data or scales with 1."""
    try:
        app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; nothing was left half written.", err=True)
        sys.exit(INTERRUPTED)
    except PsychoscalesError as error:
        click.echo(str(error), err=True)
        sys.exit(FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:
        click.echo(f"{error.filename or 'a file'}: {error.strerror or error}", err=True)
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
