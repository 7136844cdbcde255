"""The cohort that is kept with the study, and the demonstration that runs on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.demo import _written, run_demo
from psychoscales.errors import MissingExtraError
from psychoscales.protocol.study import Bundled, StudyResult
from tests.protocol.form_export import BINDING, binding_text, export

ADDRESS = "example.org"


@pytest.fixture(scope="module")
def kept() -> Bundled:
    return ps.study("kobori2021").bundled()


@pytest.fixture(scope="module")
def result(kept: Bundled) -> StudyResult:
    return ps.study("kobori2021").run(kept.answers, binding=kept.binding)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[Path], Path]:
    folder = tmp_path_factory.mktemp("demo") / "out"
    said: list[str] = []
    return said, run_demo(folder, said.append), folder


def agreement(result: StudyResult) -> dict[str, tuple[int, int]]:
    found: pd.DataFrame = ps.study("kobori2021").compare(result).to_frame()
    agrees = found.assign(agrees=found["agrees"].fillna(False).astype(bool))
    return {
        str(name): (int(rows["agrees"].sum()), len(rows)) for name, rows in agrees.groupby("table")
    }


def test_the_kept_cohort_has_the_printed_numbers(result: StudyResult) -> None:
    found = agreement(result)
    assert found["sample"] == (15, 15)
    assert found["sample_age"] == (2, 2)
    assert found["table2_descriptives"] == (8, 8)
    assert found["table2"] == (28, 28)
    assert found["table1"] == (78 - 12, 78), "all but the row of Column, which is not its own"


def test_both_codings_of_the_devaluation_scale_are_shown(result: StudyResult) -> None:
    rows = result.tables["table2_descriptives"].to_frame().set_index("variable")
    assert f"{rows.loc['dd_kobori2021_1to6_total', 'mean']:.2f}" == "48.97"
    assert f"{rows.loc['dd_kobori2021_total', 'mean']:.2f}" == "36.97"


def test_regressions_agree_under_the_labels_that_the_audit_finds(result: StudyResult) -> None:
    study = ps.study("kobori2021")
    notes = study.compare(result).notes
    assert any("no beta is off by more than 0.001" in note for note in notes)
    labels = study.document.cohort.labels if study.document.cohort else {}
    made = result.tables["table3"].to_frame().set_index(["outcome", "predictor"])["beta"]
    for one in study.document.published.regressions:
        computed = made[one.outcome, labels.get(one.predictor, one.predictor)]
        assert one.beta is not None
        assert computed == pytest.approx(float(one.beta), abs=0.02)


def test_second_entries_are_dropped_and_addresses_reach_nothing(
    kept: Bundled, result: StudyResult
) -> None:
    entries = pd.read_csv(kept.answers)
    assert (len(entries), result.n, result.dropped) == (356, 350, 6)
    assert entries["Email"].str.contains("@").all()
    written = str(result) + repr(result) + result._repr_html_()
    frames = "".join(table.to_frame().to_csv() for table in result.tables.values())
    assert ADDRESS not in (written + frames).casefold()
    assert "SYNTHETIC" in written


def test_the_export_is_what_its_maker_makes(kept: Bundled) -> None:
    assert BINDING.read_text(encoding="utf-8") == binding_text()
    made, stored = export(), pd.read_csv(kept.answers, dtype=str)
    assert list(made.columns) == list(stored.columns)
    assert len(made) == len(stored)
    assert set(stored["synthetic"]) == {"synthetic"}


def test_reliability_is_of_people_and_not_of_entries(result: StudyResult) -> None:
    rows = result.tables["reliability"].to_frame()
    alphas = rows[rows["coefficient"] == "alpha"].set_index("variable")
    assert set(alphas["n"]) == {350}
    assert 0.84 < alphas.loc["phq9_total", "value"] < 0.92
    assert 0.78 < alphas.loc["dd_kobori2021_1to6_total", "value"] < 0.90
    assert alphas.loc["ghsq_kobori2021_formal", "items"] == 3


def test_a_study_without_a_kept_cohort_says_so() -> None:
    tree: dict[str, Any] = {
        "format": "1.0",
        "id": "mine",
        "version": "1.0.0",
        "title": {"en": "Mine"},
        "scales": ["phq2"],
        "analyses": [
            {"id": "a", "title": {"en": "A"}, "kind": "descriptives", "variables": ["phq2_total"]}
        ],
    }
    with pytest.raises(ps.RefusalError, match="keeps no synthetic cohort"):
        ps.study(tree).bundled()


def test_the_demonstration_fits_a_terminal(demo: tuple[list[str], list[Path], Path]) -> None:
    said, _, folder = demo
    lines = "\n".join(said).splitlines()
    assert len(lines) > 150
    wide = [line for line in lines if len(line) > 80 and str(folder) not in line]
    assert not wide


def test_what_is_skipped_fits_a_terminal(tmp_path: Path) -> None:
    class Lacking:
        def write(self, _folder: Path, formats: list[str]) -> list[Path]:
            raise MissingExtraError(f"writing .{formats[0]} files", "word")

    written, skipped = _written(tmp_path, {}, cast("StudyResult", Lacking()))
    assert not written
    assert "pip install" in " ".join(skipped)
    assert max(map(len, skipped)) <= 80


def test_what_the_demonstration_writes_says_that_it_is_synthetic(
    demo: tuple[list[str], list[Path], Path],
) -> None:
    said, written, folder = demo
    assert len(written) > 30
    for path in written:
        assert path.exists()
        assert "synthetic" in path.name or path.name == "kobori2021_audit.csv"
    assert ADDRESS not in "".join(said)
    scores = pd.read_csv(folder / "synthetic_scores.csv")
    assert scores["synthetic"].all()
    assert len(scores) == 350


def test_the_demonstration_writes_a_report_of_each_scale(
    demo: tuple[list[str], list[Path], Path],
) -> None:
    _, written, folder = demo
    reports = [path for path in written if path.suffix == ".html"]
    assert [path.name for path in reports] == [
        f"synthetic_{name}_report.html" for name in ps.study("kobori2021").document.scales
    ]
    for path in reports:
        page = path.read_text(encoding="utf-8")
        assert "SYNTHETIC" in page
        assert ADDRESS not in page.casefold()
    assert all(path.parent in (folder, folder / "tables") for path in written)


def test_a_study_reads_each_person_once(kept: Bundled) -> None:
    people = ps.study("kobori2021").read(kept.answers, binding=kept.binding)
    assert people.n == 350
    assert people.ids is None
    assert set(people.column("gender")) == {"woman", "man", "undisclosed"}
    total = ps.score(people).to_frame()["phq9_total"]
    assert f"{total.mean():.2f} {total.std():.2f}" == "12.38 6.95"


def test_a_study_tells_how_far_it_is(kept: Bundled) -> None:
    study, told = ps.study("kobori2021"), list[tuple[int, int]]()
    study.run(kept.answers, binding=kept.binding, progress=lambda *step: told.append(step))
    steps = len(study.document.analyses) + 1
    assert told == [(done, steps) for done in range(steps + 1)]
