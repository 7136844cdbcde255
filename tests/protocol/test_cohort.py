"""The synthetic cohort has the numbers that the paper prints."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps

PREDICTORS = ["signing_in", "reaction", "u2friend", "u2cycle", "funcan", "column"]
COUNTS = {
    "signing_in": [26, 146, 95, 23, 20, 31],
    "reaction": [134, 62, 69, 23, 21, 25],
    "u2friend": [118, 99, 72, 15, 21, 9],
    "u2cycle": [177, 83, 59, 11, 2, 1],
    "funcan": [130, 67, 72, 23, 20, 23],
}
PRINTED = {
    "phq9_total": ("12.38", "6.95"),
    "dd_kobori2021_1to6_total": ("48.97", "10.42"),
    "dd_kobori2021_total": ("36.97", "10.42"),
    "ghsq_kobori2021_formal": ("4.53", "1.27"),
    "ghsq_kobori2021_informal": ("3.72", "1.33"),
}
ALPHAS = {
    "phq9_total": (0.84, 0.92),
    "dd_kobori2021_total": (0.78, 0.90),
    "ghsq_kobori2021_formal": (0.45, 0.80),
    "ghsq_kobori2021_informal": (0.45, 0.80),
}
LABELS = {
    "signing_in": "signing_in",
    "reaction": "funcan",
    "u2friend": "column",
    "funcan": "u2cycle",
    "column": "reaction",
    "u2cycle": "u2friend",
}


@pytest.fixture(scope="module", params=[4, 20210907])
def people(request: pytest.FixtureRequest) -> pd.DataFrame:
    frame: pd.DataFrame = ps.study("kobori2021").simulate(seed=request.param)
    return frame


def scored(people: pd.DataFrame) -> pd.DataFrame:
    both = [
        ps.score(people, name).to_frame()
        for name in ("phq9", "dd_kobori2021_1to6", "ghsq_kobori2021")
    ]
    lower = people.assign(**{f"dd_{n}": people[f"dd_{n}"] - 1 for n in range(1, 13)})
    scores: pd.DataFrame = pd.concat([*both, ps.score(lower, "dd_kobori2021").to_frame()], axis=1)
    return scores


def test_frequencies_are_exact(people: pd.DataFrame) -> None:
    for name, counts in COUNTS.items():
        assert people[name].value_counts().sort_index().tolist() == counts
    assert people["column"].notna().sum() == 336
    assert 1.04 <= people["column"].std() <= 1.06
    assert people[PREDICTORS].notna().all(axis=1).sum() == 328
    assert people["gender"].value_counts().to_dict() == {
        "woman": 219,
        "man": 118,
        "undisclosed": 13,
    }
    assert people["tenure"].value_counts().sort_index().tolist() == [36, 38, 59, 117, 100]
    assert [people[name].sum() for name in ("medication", "psychotherapy")] == [308, 233]
    assert f"{people['age'].mean():.2f} {people['age'].std():.3f}" == "38.36 10.095"
    assert set(people["synthetic"]) == {"synthetic"}


def test_means_and_deviations_are_as_printed(people: pd.DataFrame) -> None:
    scores = scored(people)
    for name, (mean, sd) in PRINTED.items():
        assert (f"{scores[name].mean():.2f}", f"{scores[name].std():.2f}") == (mean, sd)


def test_correlations_come_first_and_slopes_follow(people: pd.DataFrame) -> None:
    study = ps.study("kobori2021")
    scores = scored(people)
    compared = 0
    for pair in study.document.published.correlations:
        r = scores[pair.row].corr(people[pair.column])
        assert abs(r - float(pair.r)) <= 0.002
        compared += 1
    whole = people[PREDICTORS].notna().all(axis=1)
    x = people.loc[whole, PREDICTORS].astype(float)
    z = ((x - x.mean()) / x.std()).to_numpy()
    for row in study.document.published.regressions:
        y = scores.loc[whole, row.outcome]
        beta = np.linalg.lstsq(z, ((y - y.mean()) / y.std()).to_numpy(), rcond=None)[0]
        assert row.beta is not None
        assert abs(beta[PREDICTORS.index(LABELS[row.predictor])] - float(row.beta)) <= 0.02
        compared += 1
    assert compared == 24 + 18


def test_alphas_are_plausible(people: pd.DataFrame) -> None:
    lower = people.assign(**{f"dd_{n}": people[f"dd_{n}"] - 1 for n in range(1, 13)})
    swept = 0
    for name in ("phq9", "dd_kobori2021", "ghsq_kobori2021"):
        table = ps.reliability(lower, name).to_frame()
        for row in table[table["coefficient"] == "alpha"].itertuples():
            low, high = ALPHAS[f"{row.scale}_{row.score}"]
            assert low <= row.value <= high
            swept += 1
    assert swept == 4


def test_the_same_seed_gives_the_same_people_and_another_gives_others() -> None:
    study = ps.study("kobori2021")
    one = study.simulate(seed=11)
    pd.testing.assert_frame_equal(one, study.simulate(seed=11))
    assert not one.equals(study.simulate(seed=12))


def test_a_study_that_assumes_nothing_has_no_cohort() -> None:
    tree = {
        "format": "1.0",
        "id": "bare",
        "version": "1.0.0",
        "title": {"en": "Bare"},
        "variables": [{"id": "age", "label": {"en": "Age"}, "kind": "number"}],
        "analyses": [
            {"id": "ages", "title": {"en": "Ages"}, "kind": "descriptives", "variables": ["age"]}
        ],
    }
    with pytest.raises(ps.RefusalError, match=r"bare has no \[cohort\]"):
        ps.study(tree).simulate(seed=1)
