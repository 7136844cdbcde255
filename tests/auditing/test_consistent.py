"""On tables in which nothing is wrong the audit calls nothing impossible or inconsistent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given

from psychoscales.auditing import CHECKS, audit
from psychoscales.auditing.published import read_published
from tests.auditing.synthetic import Recipe, paper, recipes
from tests.conftest import laws

QUICK = laws(80)
FAULTS = ("impossible", "inconsistent", "implausible")


@QUICK
@given(recipes)
def test_no_false_alarm(recipe: Recipe) -> None:
    made = paper(recipe)
    assume(made is not None)
    assert made is not None
    rows = audit(made.tree, made.context).rows
    assert not [row for row in rows if row["verdict"] in ("impossible", "inconsistent")]


@QUICK
@given(recipes)
def test_no_false_alarm_where_less_is_known(recipe: Recipe) -> None:
    """The number of people, and every n, may be missing from a paper."""
    made = paper(replace(recipe, says_n=False))
    assume(made is not None)
    assert made is not None
    tree = {**made.tree, "regression_models": []}
    rows = audit(tree, replace(made.context, people=None)).rows
    assert not [row for row in rows if row["verdict"] in ("impossible", "inconsistent")]
    bare = {key: made.tree[key] for key in ("correlations", "regressions", "regression_models")}
    assert not [row for row in audit(bare).rows if row["verdict"] in FAULTS]


def test_the_synthetic_paper_feeds_nearly_every_check() -> None:
    made = paper(Recipe(1, 100, 3, 0.03, 3, False, True, False))
    assert made is not None
    published = read_published(made.tree)
    fed = [name for name, check in CHECKS.items() if check.reads(published, made.context)]
    assert set(CHECKS) - set(fed) == {"alpha"}


@pytest.mark.parametrize("seed", range(20))
def test_hardly_anything_is_implausible(seed: int) -> None:
    made = paper(Recipe(seed, 200, 4, 0.03, 3, False, True, False))
    assert made is not None
    rows = audit(made.tree, made.context).rows
    assert not [row for row in rows if row["verdict"] == "implausible"]


def broken_r_squared(missing: float) -> int:
    made = [paper(Recipe(seed, 150, 3, missing, 3, False, True, False)) for seed in range(60)]
    there = [each for each in made if each is not None]
    assert len(there) > 50
    return sum(len(audit(each.tree, each.context, check="r_squared").rows) for each in there)


@pytest.mark.parametrize("missing", [0.03, 0.15, 0.3])
def test_correlations_of_more_people_allow_the_printed_r_squared(missing: float) -> None:
    assert broken_r_squared(missing) == 0


def test_one_standard_error_of_each_r_would_not_be_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psychoscales.auditing.r_squared.PRINTED_ERRORS", 1)
    assert broken_r_squared(0.3) > 0
