"""Study files: all their mistakes at once, with the nearest right name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psychoscales.errors import CatalogueError, SourceError, StudyError, UnknownNameError
from psychoscales.protocol.catalogue import files
from psychoscales.protocol.study import study
from psychoscales.spec.catalogue import PATH_VARIABLE
from tests.protocol.making import small


def refused(tree: dict[str, Any]) -> list[str]:
    with pytest.raises(StudyError) as caught:
        study(tree)
    return [str(problem) for problem in caught.value.problems]


def one(tree: dict[str, Any]) -> str:
    problems = refused(tree)
    assert len(problems) == 1, problems
    return problems[0]


def test_the_small_study_is_sound() -> None:
    assert repr(study(small())) == "Study small 1.0.0: A small study"


def test_everything_wrong_comes_at_once() -> None:
    tree = small(scales=["phq99", "dd_kobori2021_1to6"], scale=["phq9"])
    tree["variables"][0]["options"] = "oftn"
    tree["analyses"][0]["variables"] = ["ofen"]
    tree["analyses"][2]["method"] = "pearsn"
    problems = refused(tree)
    assert "scale: unknown key 'scale'" in " ".join(problems)
    for near in ("'phq9'", "'often'", "'pearson'"):
        assert any(f"did you mean {near}" in problem for problem in problems), problems
    assert len(problems) >= 5


@pytest.mark.parametrize(
    ("place", "key", "value", "said"),
    [
        (("analyses", 0), "variables", ["age"], "'age' is a number"),
        (("analyses", 0), "method", "pearson", "of kind 'frequencies' has no 'method'"),
        (("analyses", 1), "variables", ["sex"], "is of kind 'nominal' and has no numbers"),
        (("analyses", 1), "variables", ["phq9_totl"], "did you mean 'phq9_total'"),
        (("analyses", 2), "missing", None, "'missing' is missing"),
        (("analyses", 3), "missing", "pairwise", "a regression is 'listwise'"),
        (("analyses", 3), "predictors", ["phq9_total"], "is an outcome too"),
        (("analyses", 3), "predictors", ["age", "age"], "is named twice"),
        (("analyses", 1), "id", "counts", "is the id of analyses[0] too"),
        (("variables", 3), "blank", None, "'blank' is missing"),
        (("variables", 2), "options", "often", "of kind 'number' has no options"),
        (("variables", 0), "range", [0.0, 1.0], "only a variable of kind 'number'"),
        (("variables", 0), "whole", True, "only a variable of kind 'number'"),
        (("variables", 2), "range", [120.0, 0.0], "the first end is above the second"),
        (("variables", 0), "kind", "ordnal", "did you mean 'ordinal'"),
        ((), "also_scored", {"phq9": "dd_kobori2021_1to6"}, "is one of 'scales'"),
        ((), "also_scored", {"gad7": "phq9"}, "differ in their items"),
        ((), "source", "nobody2025", "did you mean 'nobody2026'"),
        ((), "binding", {"variables": {"agee": {"unit": "y"}}}, "did you mean 'age'"),
        ((), "binding", {"variables": {"sex": {"stored": {"1": "ff"}}}}, "code 'ff'"),
        ((), "binding", {"scales": {"phq9": {"columns": {"phq9_99": "a"}}}}, "no item 'phq9_99'"),
    ],
)
def test_one_mistake(place: tuple[Any, ...], key: str, value: Any, said: str) -> None:
    tree = small()
    if key == "also_scored":
        tree["analyses"] = [tree["analyses"][0]]
    part: Any = tree
    for step in place:
        part = part[step]
    if value is None:
        del part[key]
    else:
        part[key] = value
    assert said in one(tree)


def test_published_values_name_what_the_analyses_have() -> None:
    printed = {"analysis": "pairs", "row": "phq9_total", "column": "agee", "r": "0.10"}
    tree = small(published={"correlations": [printed]})
    assert "did you mean 'age'" in one(tree)
    tree["published"]["correlations"] = [printed | {"column": "age", "r": 0.1}]
    assert "a number as printed, in quotes" in one(tree)


def test_published_counts_are_as_many_as_the_options_that_can_be_answered() -> None:
    printed = {"analysis": "counts", "variable": "sex", "n": "30", "counts": ["10", "20"]}
    study(small(published={"frequencies": [printed]}))
    tree = small(published={"frequencies": [printed | {"counts": ["10", "15", "5"]}]})
    assert one(tree).endswith("found 3 counts; 'sex' has 2 options")


def test_found_by_id_path_and_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PATH_VARIABLE, raising=False)
    assert "kobori2021" in files()
    with pytest.raises(UnknownNameError, match="did you mean 'kobori2021'"):
        study("kobori2012")
    with pytest.raises(SourceError, match="there is no file"):
        study("nowhere/mine.toml")
    (tmp_path / "studies").mkdir()
    place = tmp_path / "studies" / "mine.toml"
    text = (Path(files()["kobori2021"][0])).read_text(encoding="utf-8")
    place.write_text(text.replace('id = "kobori2021"', 'id = "mine"', 1), encoding="utf-8")
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path))
    assert study("mine").id == study(place).id == "mine"
    place.rename(tmp_path / "studies" / "yours.toml")
    with pytest.raises(StudyError, match="a study's file is called as its id"):
        study("yours")
    (tmp_path / "studies" / "kobori2021.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match="two files claim"):
        study("kobori2021")
