"""A study of scales of one's own: their files stand beside the study's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from tests.counting.making import document_of
from tests.documents.mood import toml

ITEMS = [f"mood_{at}" for at in range(1, 6)]


def study(**changes: Any) -> dict[str, Any]:
    """A study of one scale that nobody else has."""
    return {
        "format": "1.0",
        "id": "own",
        "version": "1.0.0",
        "title": {"en": "Own"},
        "scales": ["mood"],
        "variables": [{"id": "age", "label": {"en": "Age"}, "kind": "number"}],
        "analyses": [
            {
                "id": "alphas",
                "title": {"en": "Reliability"},
                "kind": "reliability",
                "variables": ["mood_total"],
                "missing": "listwise",
            },
            {
                "id": "pairs",
                "title": {"en": "Pairs"},
                "kind": "correlations",
                "rows": ["mood_total"],
                "columns": ["age"],
                "method": "pearson",
                "missing": "pairwise",
                "expect": [{"with": "age", "r": [-0.3, 0.3]}],
            },
        ],
        "published": {"alphas": [{"score": "mood_total", "alpha": ".80"}]},
        **changes,
    }


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "own.toml"
    path.write_text(toml(study(**changes)), encoding="utf-8")
    return path


def people() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    mood = rng.normal(size=(120, 1)) + rng.normal(size=(120, 5))
    frame = pd.DataFrame(np.digitize(mood, [-1, 0, 1]), columns=ITEMS)
    return frame.assign(age=rng.integers(18, 80, 120))


def test_a_scale_beside_the_study_is_found(tmp_path: Path) -> None:
    scale = document_of(ITEMS, range(4), name="mood")
    (tmp_path / "mood.toml").write_text(toml(scale), encoding="utf-8")
    made = ps.study(written(tmp_path)).run(people())
    alpha = ps.reliability(people(), scale, coefficients="alpha").rows[0]["value"]
    compared = ps.study(written(tmp_path)).compare(made)
    (row,) = [row for row in compared.rows if row["statistic"] == "alpha"]
    assert (row["printed"], row["row"]) == (".80", "mood_total")
    assert row["computed"] == pytest.approx(alpha, abs=1e-12)
    assert not any("are of no table" in note for note in compared.notes)
    printed = " ".join(str(made).split())
    assert "Hypotheses declared beforehand: 1 of 1 confirmed" in printed
    assert "with age: -0.3 to 0.3: confirmed (age " in printed


def test_a_scale_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    with pytest.raises(ps.StudyError) as caught:
        ps.study(written(tmp_path))
    (problem,) = caught.value.problems
    assert problem.path == "scales[0]"
    assert "its file mood.toml beside the study's" in problem.allowed


def test_a_published_alpha_is_of_a_score(tmp_path: Path) -> None:
    scale = document_of(ITEMS, range(4), name="mood")
    (tmp_path / "mood.toml").write_text(toml(scale), encoding="utf-8")
    wrong = {"alphas": [{"score": "moodtotal", "alpha": ".80"}]}
    with pytest.raises(ps.StudyError, match=r"alphas\[0\].score: no score 'moodtotal'.*mood_total"):
        ps.study(written(tmp_path, published=wrong))


def test_a_file_of_the_other_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "mood.toml").write_text(
        toml(document_of(ITEMS, range(4), name="mood")), encoding="utf-8"
    )
    with pytest.raises(ps.StudyError) as caught:
        ps.study(tmp_path / "mood.toml")
    assert str(caught.value).endswith(
        "this is a scale file, and no study; to check it there is: psychoscales check"
    )
    with pytest.raises(ps.ScaleError) as other:
        ps.scale(written(tmp_path))
    assert len(other.value.problems) == 1
    assert "this is a study file" in str(other.value)


def test_a_scale_beside_the_study_is_called_as_its_file(tmp_path: Path) -> None:
    scale = document_of(ITEMS, range(4), name="moods")
    (tmp_path / "mood.toml").write_text(toml(scale), encoding="utf-8")
    with pytest.raises(ps.StudyError, match="is the scale 'moods': call it so"):
        ps.study(written(tmp_path))


def test_an_alpha_is_compared_with_one_table(tmp_path: Path) -> None:
    scale = document_of(ITEMS, range(4), name="mood")
    (tmp_path / "mood.toml").write_text(toml(scale), encoding="utf-8")
    analyses = study()["analyses"]
    again = {**analyses[0], "id": "again", "missing": "pairwise"}
    made = ps.study(written(tmp_path, analyses=[*analyses, again]))
    compared = made.compare(made.run(people()))
    assert sum(row["statistic"] == "alpha" for row in compared.rows) == 1
    assert not any("are of no table" in note for note in compared.notes)
