"""A study document's sense: every name is known, every analysis has what its kind needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from psychoscales.errors import (
    BindingError,
    Problem,
    PsychoscalesError,
    RefusalError,
    StudyError,
    UnknownNameError,
)
from psychoscales.protocol.document import (
    Analysis,
    Expectation,
    StudyFile,
    StudyVariable,
)
from psychoscales.protocol.names import unfit, unknown
from psychoscales.spec.binding import Variable as Bound
from psychoscales.spec.binding import binding as bound_to
from psychoscales.spec.catalogue import find, scale
from psychoscales.spec.document import validate
from psychoscales.spec.model import Option, Scale
from psychoscales.spec.scalars import Part
from psychoscales.verbs.declared import of_correlations

P = TypeVar("P", bound=Part)
NEEDS: Mapping[str, tuple[str, ...]] = {
    "frequencies": ("variables",),
    "descriptives": ("variables",),
    "reliability": ("variables", "missing"),
    "correlations": ("rows", "columns", "method", "missing"),
    "regression": ("outcomes", "predictors", "missing"),
}
MAY_HAVE: Mapping[str, tuple[str, ...]] = {
    "frequencies": (),
    "descriptives": (),
    "reliability": (),
    "correlations": ("expect",),
    "regression": ("intercept",),
}
KEYS_OF_KINDS = ("variables", "rows", "columns", "method", "missing", "outcomes", "predictors")
LISTS = ("variables", "rows", "columns", "outcomes", "predictors")


def build(
    tree: Mapping[str, Any], file: str, folder: Path | None = None
) -> tuple[StudyFile, dict[str, Scale]]:
    """Turn a tree into a study and its scales, also those whose files are beside it in `folder`.

    Raises:
        StudyError: with everything that is wrong in it.
    """
    if "items" in tree and "analyses" not in tree:
        advice = "to check it there is: psychoscales check"
        raise StudyError(file, [Problem("", "this is a scale file, and no study", advice)])
    study, problems = validate(StudyFile, tree)
    checks = _Checks(tree, folder)
    checks.run()
    said = {problem.path for problem in problems}
    problems = problems + [each for each in checks.problems if each.path not in said]
    if study is None or problems:
        raise StudyError(file, problems)
    return study, checks.scales


class _Checks:
    """One pass over a tree, of which parts may be unsound: those are left to `validate`."""

    def __init__(self, tree: Mapping[str, Any], folder: Path | None) -> None:
        self.tree, self.folder = tree, folder
        self.lacking: list[str] = []
        self.problems: list[Problem] = []
        self.scales: dict[str, Scale] = {}
        self.options: dict[str, tuple[Option, ...]] = {}
        self.variables: dict[str, StudyVariable] = {}
        self.unsound = frozenset[str]()

    def run(self) -> None:
        self._find_scales()
        self._find_variables()
        self._check_unique()
        self._check_binding()
        for path, analysis in self._sound("analyses", Analysis):
            self._check_analysis(path, analysis)
        self._check_published()
        self._check_sources()

    def say(self, path: str, found: str, allowed: str = "") -> None:
        self.problems.append(Problem(path, found, allowed))

    def known(self, path: str, what: str, name: str, names: Iterable[str]) -> bool:
        if any(name.startswith(f"{lacking}_") or name == lacking for lacking in self.lacking):
            # What is of a scale that was not found cannot be judged, and was said there.
            return False
        problem = unknown(path, what, name, names)
        self.problems += [problem] if problem else []
        return problem is None

    def _raw(self, key: str) -> list[Any]:
        found = self.tree.get(key, [])
        return list(found) if isinstance(found, list | tuple) else []

    def _sound(self, key: str, kind: type[P]) -> Iterator[tuple[str, P]]:
        for number, raw in enumerate(self._raw(key)):
            part = _attempt(kind, raw)
            if part is not None:
                yield f"{key}[{number}]", part

    def _find_scales(self) -> None:
        also = self.tree.get("also_scored", {})
        also = also if isinstance(also, Mapping) else {}
        named = [(f"scales[{n}]", name) for n, name in enumerate(self._raw("scales"))]
        for path, name in [*named, *((f"also_scored.{name}", name) for name in also)]:
            if not isinstance(name, str):
                continue
            try:
                self.scales[name] = self._scale(name)
            except PsychoscalesError as error:
                self.lacking.append(name)
                self.say(path, f"found '{name}'", str(error))
        read = [name for _, name in named]
        for name, other in also.items():
            path = f"also_scored.{name}"
            if name in read:
                self.say(path, f"'{name}' is one of 'scales'", "it is scored there already")
                continue
            if self.known(path, "scale among 'scales'", str(other), map(str, read)):
                self._check_same_answers(path, name, str(other))

    def _scale(self, name: str) -> Scale:
        """Return a scale by its id: one that is known, or one whose file is beside the study's."""
        try:
            return find(name)
        except UnknownNameError as error:
            if self.folder is None or not name.isidentifier():
                raise
            beside = self.folder / f"{name}.toml"
            if beside.is_file():
                found = scale(beside)
                if found.id != name:
                    raise RefusalError(
                        f"{beside.name} is the scale '{found.id}': call it so"
                    ) from None
                return found
            hint = f"a scale of your own: its file {beside.name} beside the study's"
            raise UnknownNameError("scale", name, error.known, hint) from None

    def _check_same_answers(self, path: str, name: str, other: str) -> None:
        one, two = self.scales.get(name), self.scales.get(other)
        if one is None or two is None:
            return
        if [_places(one, item) for item in one.item_ids] != [
            _places(two, item) for item in two.item_ids
        ] or one.item_ids != two.item_ids:
            self.say(
                path,
                f"'{name}' and '{other}' differ in their items or in how many options they have",
                "the same answers can be scored twice only under another coding of the same items",
            )

    def _find_variables(self) -> None:
        raw = self.tree.get("options", {})
        for name, options in raw.items() if isinstance(raw, Mapping) else ():
            if isinstance(options, list | tuple):
                parts = [_attempt(Option, option) for option in options]
                self.options[name] = tuple(part for part in parts if part is not None)
                codes = Counter(str(part.code) for part in self.options[name])
                for code, times in codes.items():
                    if times > 1:
                        self.say(f"options.{name}", f"code {code} stands there {times} times")
        for path, variable in self._sound("variables", StudyVariable):
            self.variables[variable.id] = variable
            self._check_variable(path, variable)
        named = (raw.get("id") for raw in self._raw("variables") if isinstance(raw, Mapping))
        self.unsound = frozenset(str(name) for name in named if name not in self.variables)

    def _check_variable(self, path: str, variable: StudyVariable) -> None:
        kind = variable.kind
        if kind == "number":
            if variable.options is not None:
                self.say(f"{path}.options", "a variable of kind 'number' has no options")
        elif variable.options is None:
            self.say(
                path, "'options' is missing", f"a variable of kind '{kind}' needs an option set"
            )
        else:
            self.known(f"{path}.options", "option set", variable.options, self.options)
        for key in ("range", "whole"):
            if getattr(variable, key) is not None and kind != "number":
                self.say(f"{path}.{key}", f"only a variable of kind 'number' has '{key}'")
        if variable.range is not None and variable.range[0] > variable.range[1]:
            self.say(f"{path}.range", "the first end is above the second", "range = [low, high]")
        if kind == "multiple":
            if variable.blank is None:
                self.say(path, "'blank' is missing", 'allowed: "not_ticked", "missing"')
            codes = [str(option.code) for option in self.options.get(variable.options or "", ())]
            for code in variable.columns:
                self.known(f"{path}.columns.{code}", "option with code", code, codes)
        elif variable.columns or variable.blank is not None:
            self.say(path, "only a variable of kind 'multiple' has 'columns' and 'blank'")

    def _check_unique(self) -> None:
        for key in ("variables", "analyses", "citations"):
            ids = [raw.get("id") for raw in self._raw(key) if isinstance(raw, Mapping)]
            for number, name in enumerate(ids):
                if name is not None and name in ids[:number]:
                    self.say(
                        f"{key}[{number}].id", f"'{name}' is the id of {key}[{ids.index(name)}] too"
                    )
        for number, name in enumerate(self._raw("scales")):
            if name in self._raw("scales")[:number]:
                self.say(f"scales[{number}]", f"'{name}' is named twice")
        for name in self.variables:
            if name in self.scores:
                self.say("variables", f"'{name}' is the name of a score too")

    @property
    def scores(self) -> list[str]:
        return [
            f"{name}_{score.id}" for name, scale in self.scales.items() for score in scale.scores
        ]

    def _check_binding(self) -> None:
        raw = self.tree.get("binding")
        if not isinstance(raw, Mapping):
            return
        read = [name for name in self._raw("scales") if name in self.scales]
        try:
            bound_to(raw, [self.scales[name] for name in read])
        except BindingError as error:
            self.problems += [
                Problem(f"binding.{each.path}", each.found, each.allowed) for each in error.problems
            ]
        for name in _keys(raw.get("scales")):
            self.known(f"binding.scales.{name}", "scale among 'scales'", name, map(str, read))
        named = [name for name in _keys(raw.get("variables")) if name not in self.unsound]
        bound = {name: _attempt(Bound, raw["variables"][name]) for name in named}
        self.problems += unfit(bound, self.variables, self.options, "binding.")

    def _check_analysis(self, path: str, analysis: Analysis) -> None:
        kind = analysis.kind
        for key in NEEDS[kind]:
            if not getattr(analysis, key):
                self.say(path, f"'{key}' is missing", f"an analysis of kind '{kind}' needs it")
        for key in (*KEYS_OF_KINDS, "intercept", "expect"):
            if getattr(analysis, key) is not None and key not in NEEDS[kind] + MAY_HAVE[kind]:
                has = ", ".join(NEEDS[kind] + MAY_HAVE[kind])
                self.say(
                    f"{path}.{key}",
                    f"an analysis of kind '{kind}' has no '{key}'",
                    f"it has: {has}",
                )
        if kind == "regression" and analysis.missing == "pairwise":
            self.say(f"{path}.missing", "found 'pairwise'", "a regression is 'listwise'")
        for key in LISTS:
            names = getattr(analysis, key) or ()
            for number, name in enumerate(names):
                self._check_name(f"{path}.{key}[{number}]", kind, name)
                if name in names[:number]:
                    self.say(f"{path}.{key}[{number}]", f"'{name}' is named twice")
        for name in set(analysis.outcomes or ()) & set(analysis.predictors or ()):
            self.say(f"{path}.predictors", f"'{name}' is an outcome too")

        for number, expected in enumerate(analysis.expect or ()):
            self._check_expected(f"{path}.expect[{number}]", expected, analysis)

    def _check_expected(self, path: str, expected: Expectation, analysis: Analysis) -> None:
        if expected.score is not None:
            self.known(f"{path}.score", "row", expected.score, analysis.rows or ())
        try:
            of_correlations(expected.declared, list(analysis.columns or ()))
        except (RefusalError, UnknownNameError) as error:
            self.say(path, str(error))

    def _check_name(self, path: str, kind: str, name: str) -> None:
        names, what = [*self.variables, *self.scores], "variable or score"
        if kind == "frequencies":
            names, what = list(self.variables), "variable"
        elif kind == "reliability":
            names, what = list(self.scores), "score"
        if name in self.unsound or not self.known(path, what, name, names):
            return
        variable = self.variables.get(name)
        if variable is None:
            return
        if kind == "frequencies":
            if variable.kind == "number":
                self.say(
                    path,
                    f"'{name}' is a number",
                    "frequencies are of options: ask for descriptives",
                )
            return
        if variable.kind in ("nominal", "multiple"):
            found = f"'{name}' is of kind '{variable.kind}' and has no numbers"
            self.say(path, found, "options with an order and values: kind = 'ordinal'")
            return
        for option in self.options.get(variable.options or "", ()):
            if option.missing is None and option.value is None and isinstance(option.code, str):
                self.say(
                    path,
                    f"option '{option.code}' of '{name}' has no value",
                    "give it one: value = 1",
                )

    def _check_published(self) -> None:
        raw = self.tree.get("published")
        kinds = {
            "frequencies": "frequencies",
            "descriptives": "descriptives",
            "correlations": "correlations",
            "regressions": "regression",
            "regression_models": "regression",
        }
        analyses = {analysis.id: analysis for _, analysis in self._sound("analyses", Analysis)}
        published = raw if isinstance(raw, Mapping) else {}
        for block, kind in kinds.items():
            rows = published.get(block, ())
            for number, row in enumerate(rows if isinstance(rows, list | tuple) else ()):
                if isinstance(row, Mapping):
                    self._check_printed_row(f"published.{block}[{number}]", kind, row, analyses)
        alphas = published.get("alphas", ())
        for number, row in enumerate(alphas if isinstance(alphas, list | tuple) else ()):
            if isinstance(row, Mapping) and "score" in row:
                self.known(
                    f"published.alphas[{number}].score", "score", str(row["score"]), self.scores
                )

    def _check_printed_row(
        self, path: str, kind: str, row: Mapping[str, Any], analyses: Mapping[str, Analysis]
    ) -> None:
        of_kind = {name: each for name, each in analyses.items() if each.kind == kind}
        name = str(row.get("analysis"))
        if not self.known(f"{path}.analysis", f"analysis of kind '{kind}'", name, of_kind):
            return
        analysis = of_kind[name]
        places = {"variable": "variables", "row": "rows", "column": "columns"}
        places |= {"outcome": "outcomes", "predictor": "predictors"}
        for key, field in places.items():
            if key in row:
                names = getattr(analysis, field) or ()
                self.known(f"{path}.{key}", f"{key} of {name}", str(row[key]), names)
        variable, counts = self.variables.get(str(row.get("variable"))), row.get("counts")
        if kind == "frequencies" and variable is not None and isinstance(counts, list | tuple):
            options = self.options.get(variable.options or "", ())
            answers = sum(option.missing is None for option in options)
            if options and len(counts) != answers:
                found = f"found {len(counts)} counts"
                self.say(f"{path}.counts", found, f"'{variable.id}' has {answers} options")

    def _check_sources(self) -> None:
        ids = [raw.get("id") for raw in self._raw("citations") if isinstance(raw, Mapping)]
        source = self.tree.get("source", ())
        for name in [source] if isinstance(source, str) else source:
            self.known("source", "citation", str(name), map(str, ids))


def _attempt(kind: type[P], raw: Any) -> P | None:
    try:
        return kind.model_validate(raw)
    except ValidationError:
        return None


def _keys(raw: Any) -> list[str]:
    return [str(key) for key in raw] if isinstance(raw, Mapping) else []


def _places(scale: Scale, item: str) -> int:
    return sum(option.missing is None for option in scale.option_set(item))
