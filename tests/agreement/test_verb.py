"""`psychoscales.agreement`: people matched by id, every result of a scale, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import psychoscales as ps
from psychoscales.engines.reliability.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    icc,
    krippendorff_alpha,
    limits_of_agreement,
    measurement_error,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.verbs.agreement import COLUMNS, Agreement, agreement
from tests.counting.making import scale_of

N = 60
ITEMS = [f"phq9_{number}" for number in range(1, 10)]


def frames(occasions: int = 2, n: int = N, missing: float = 0.0) -> list[pd.DataFrame]:
    """Answers that stay the same with probability .8; ids that must not be seen anywhere."""
    rng = np.random.default_rng(1)
    first = ps.simulate("phq9", n=n, seed=1).to_frame()
    made = [first]
    for seed in range(2, occasions + 1):
        other = ps.simulate("phq9", n=n, seed=seed).to_frame()
        made.append(other.where(rng.random(other.shape) < 0.2, first))
    for frame in made:
        holes = rng.random((n, 9)) < missing
        frame[ITEMS] = frame[ITEMS].mask(holes)
        frame["pid"] = [f"secret-{number}" for number in range(n)]
        frame["sex"] = ["f", "m", "f", "m", "f"] * (n // 5)
    return made


def read(frame: pd.DataFrame, **more: Any) -> ps.Responses:
    return ps.read(frame, more.pop("scale", "phq9"), id="pid", **more)


def by_name(table: Agreement, score: str) -> dict[str, dict[str, Any]]:
    frame = table.to_frame()
    return {row["coefficient"]: row for row in frame[frame["score"] == score].to_dict("records")}


def ends(row: Any) -> list[float]:
    return [float(row[name]) for name in ("value", "low", "high")]


def test_every_result_of_the_scale_is_there() -> None:
    first, second = frames()
    table = agreement(read(first), read(second), seed=4, level=0.9)
    frame = table.to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["score"].unique()) == [
        "total",
        "severity",
        "major_depressive_syndrome",
        "other_depressive_syndrome",
    ]
    assert frame["value"].notna().all()
    assert set(frame["level"].dropna()) == {0.9}
    assert set(frame["seed"].dropna()) == {4}
    assert frame.loc[frame["coefficient"] == "ICC(A,1)", "alias"].tolist() == ["ICC2"]
    severity = list(by_name(table, "severity"))
    assert severity == [
        "kappa",
        "kappa_linear",
        "kappa_quadratic",
        "ac1",
        "ac2_linear",
        "ac2_quadratic",
        "krippendorff_nominal",
        "krippendorff_ordinal",
    ]
    assert list(by_name(table, "major_depressive_syndrome")) == [
        "kappa",
        "ac1",
        "krippendorff_nominal",
    ]


def test_the_numbers_are_those_of_the_engine() -> None:
    first, second = frames()
    table = agreement(read(first), read(second), seed=4, level=0.9, limits="approximate")
    scores = [ps.score(frame, "phq9").to_frame() for frame in (first, second)]
    totals = np.column_stack([each["phq9_total"] for each in scores])
    found = by_name(table, "total")
    limits = limits_of_agreement(totals, level=0.9, method="approximate").estimates()
    engine = icc(totals, level=0.9) + measurement_error(totals, level=0.9) + limits
    assert list(found) == [each.coefficient for each in engine]
    for each in engine:
        row = found[each.coefficient]
        assert ends(row) == [each.value, each.low, each.high]
        assert (row["n"], row["method"], row["missing"]) == (N, each.method, "complete")
    bands = np.column_stack([each["phq9_severity"].cat.codes for each in scores]).astype(float)
    severity = by_name(table, "severity")
    for each in (
        cohen_kappa(bands, 5, level=0.9),
        cohen_kappa(bands, 5, weights="quadratic", level=0.9),
        gwet_ac(bands, 5, weights="linear", level=0.9),
        krippendorff_alpha(bands, metric="ordinal", level=0.9, seed=4),
    ):
        assert ends(severity[each.coefficient]) == [each.value, each.low, each.high]


def test_people_are_matched_by_id_and_the_rest_is_counted() -> None:
    first, second = frames()
    whole = by_name(agreement(read(first[5:]), read(second[5:])), "total")
    mixed = second[5:].sample(frac=1, random_state=1)
    stranger = second[:2].assign(pid=pd.Series(["secret-x", None], dtype=object))
    table = agreement(read(first), read(pd.concat([mixed, stranger])))
    for name, row in by_name(table, "total").items():
        assert ends(row) == pytest.approx(ends(whole[name]), rel=1e-12)
    notes = " ".join(table.notes)
    assert "55 people at both occasions; 5 only at the first, 1 only at the second" in notes
    assert "1 person at the second occasion without an id" in notes


def test_a_number_and_its_text_are_one_id() -> None:
    first, second = frames()
    first["pid"], second["pid"] = range(N), [str(float(number))[:-2] for number in range(N)]
    assert by_name(agreement(read(first), read(second)), "total")["ICC(A,1)"]["n"] == N
    second["pid"] = [f"0{number}" for number in range(N)]
    with pytest.raises(RefusalError, match="no id is at every occasion"):
        agreement(read(first), read(second))


def test_no_id_is_in_any_output() -> None:
    first, second = (read(frame, keep="sex") for frame in frames(missing=0.05))
    for table in (agreement(first, second), agreement(first, second, by="sex")):
        texts = [str(table), table._repr_html_(), json.dumps(table.to_dict()), repr(table)]
        assert all("secret" not in text for text in texts)
        assert "secret" not in table.to_frame().to_csv()


def test_text_fits_the_terminal_and_says_what_to_use() -> None:
    first, second = (read(frame, keep="sex") for frame in frames(missing=0.05))
    text = str(agreement(first, second, by="sex"))
    assert max(len(line) for line in text.splitlines()) <= 80
    said = " ".join(text.split())
    assert "ICC(A,1) is of single scores" in said
    assert "ICC(1,1) ICC1, ICC(A,1) ICC2 and ICC(C,1) ICC3" in said
    assert "the bootstrap needs a seed" in said


def test_incomplete_scores_are_left_out_or_used() -> None:
    first, second = frames(missing=0.12)
    a, b = read(first), read(second)
    complete, available = agreement(a, b), agreement(a, b, missing="available", seed=2)
    scores = [ps.score(each).to_frame()["phq9_total"].to_numpy() for each in (a, b)]
    totals = np.column_stack(scores)
    there = ~np.isnan(totals)
    both, some = int(there.all(axis=1).sum()), int(there.any(axis=1).sum())
    assert 3 < both < some
    note = next(each for each in complete.notes if each.startswith("phq9 total"))
    lost = ", ".join(str(count) for count in (~there).sum(axis=0))
    assert note == (
        f"phq9 total: {both} people with a result at every occasion; "
        f"without one at each occasion: {lost}"
    )
    row, other = by_name(complete, "total")["ICC(A,1)"], by_name(available, "total")["ICC(A,1)"]
    assert (row["n"], row["method"]) == (both, "anova_satterthwaite")
    assert (other["n"], other["method"], other["missing"]) == (some, "reml_profile", "available")
    assert ends(other) == [getattr(icc(totals)[1], name) for name in ("value", "low", "high")]
    assert by_name(available, "total")["bias"]["n"] == both


def test_people_of_one_occasion_count_where_everybody_does() -> None:
    first, second = frames()
    a, b = read(first[:50]), read(second[10:])
    assert by_name(agreement(a, b), "total")["ICC(C,1)"]["n"] == 40
    table = agreement(a, b, missing="available")
    assert by_name(table, "total")["ICC(C,1)"]["n"] == 60
    assert "40 people at both occasions; 10 only at the first, 10 only" in " ".join(table.notes)


def test_three_occasions() -> None:
    given = [read(frame) for frame in frames(3)]
    table = agreement(*given).to_frame()
    of_limits = table[table["coefficient"] == "bias"]
    assert of_limits["occasion"].tolist() == ["1 and 2", "1 and 3", "2 and 3"]
    severity = table[table["score"] == "severity"]
    assert (severity["coefficient"] == "kappa").sum() == 3
    fleiss = severity[severity["coefficient"] == "kappa_fleiss"].iloc[0]
    codes = [ps.score(each).to_frame()["phq9_severity"].cat.codes for each in given]
    wanted = fleiss_kappa(np.column_stack(codes).astype(float), 5)
    assert ends(fleiss) == [wanted.value, wanted.low, wanted.high]
    assert fleiss["occasion"] is None or pd.isna(fleiss["occasion"])


def test_groups_are_as_if_they_were_alone() -> None:
    first, second = frames()
    first.loc[3, "sex"] = None
    first.loc[4, "sex"] = "m"
    a, b = read(first, keep="sex"), read(second, keep="sex")
    table = agreement(a, b, by="sex", score="total").to_frame()
    men = (first["sex"] == "m") | (first.index == 3)
    alone = agreement(read(first[men]), read(second[men]), score="total").to_frame()
    of_men = table[table["group"] == "m"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_men[["value", "low", "n"]], alone[["value", "low", "n"]])
    assert table["group"].unique().tolist() == ["f", "m"]
    notes = " ".join(agreement(a, b, by="sex").notes)
    assert "1 person with different values of sex" in notes
    only_first = agreement(a, read(second), by="sex")
    assert "1 person without a value of sex: left out" in " ".join(only_first.notes)


def test_one_result_by_name() -> None:
    first, second = (read(frame) for frame in frames())
    for name in ("severity", "major_depressive_syndrome", "total"):
        assert agreement(first, second, score=name).to_frame()["score"].unique() == [name]
    with pytest.raises(UnknownNameError, match="did you mean 'severity'"):
        agreement(first, second, score="severty")


def test_what_cannot_be_given_says_why_and_the_rest_is_there() -> None:
    first, second = frames()
    never = second.copy()
    for frame in (first, never):
        frame[ITEMS] = frame[ITEMS].clip(upper=1)
    found = by_name(agreement(read(first), read(never)), "major_depressive_syndrome")
    assert pd.isna(found["kappa"]["value"])
    assert "one category" in found["kappa"]["note"]
    assert found["ac1"]["value"] == 1
    same = agreement(read(second), read(second))
    total = by_name(same, "total")
    assert total["ICC(A,1)"]["value"] == 1
    assert pd.isna(total["ICC(A,1)"]["low"])
    assert "constant" in total["limit_lower"]["note"]
    assert "people" in " ".join(same.notes)


def test_refusals() -> None:
    first, second = frames()
    a, b = read(first), read(second)
    with pytest.raises(RefusalError, match="the second occasion has no ids"):
        agreement(a, ps.read(second, "phq9"))
    twice = pd.concat([second, second[:2]])
    with pytest.raises(RefusalError, match="2 ids are there more than once") as caught:
        agreement(a, read(twice))
    assert "secret" not in str(caught.value)
    with pytest.raises(RefusalError, match="no id is at every occasion"):
        agreement(a, read(second.assign(pid=range(N))))
    with pytest.raises(RefusalError, match=r"phq9 at the first occasion, phq2 at the second"):
        agreement(a, read(second, scale="phq2"))
    with pytest.raises(RefusalError, match="3 people or more, not 2"):
        agreement(read(first[:2]), b)
    with pytest.raises(TypeError, match="read each occasion first"):
        agreement(a, second)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing is 'complete' or 'available'"):
        agreement(a, b, missing="pairwise")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limits is"):
        agreement(a, b, limits="rough")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="level lies between"):
        agreement(a, b, level=95)
    with pytest.raises(UnknownNameError, match="kept column"):
        agreement(a, b, by="sex")


def test_versions_of_a_scale_are_not_mixed() -> None:
    rows = pd.DataFrame({"a": [0, 1, 2, 3], "b": [1, 1, 3, 0], "pid": range(4)})
    one, two = (scale_of(["a", "b"], version=version) for version in ("1.0.0", "1.1.0"))
    with pytest.raises(RefusalError, match=r"different versions of tiny: 1\.0\.0 .* 1\.1\.0"):
        agreement(read(rows, scale=one), read(rows, scale=two))


def test_the_picture() -> None:
    first, second = frames()
    table = agreement(read(first, keep="sex"), read(second))
    figure = table.plot("total")
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    scores = [ps.score(frame, "phq9").to_frame()["phq9_total"] for frame in (first, second)]
    totals = np.column_stack(scores)
    known = limits_of_agreement(totals)
    heights = [float(line.get_ydata()[0]) for line in axes.lines]  # type: ignore[index,arg-type]
    assert heights == [0.0, known.bias, known.lower, known.upper]
    points = np.asarray(axes.collections[0].get_offsets())
    assert len(points) == len(np.unique(totals @ [[0.5, -1], [0.5, 1]], axis=0))
    assert axes.get_title(loc="left") == f"phq9 total: {N} people"
    assert axes.get_ylabel() == "occasion 2 minus occasion 1"
    assert table.plot().axes[0].get_title(loc="left") == axes.get_title(loc="left")
    swapped = table.plot(occasions=(2, 1)).axes[0].lines[1].get_ydata()
    assert float(swapped[0]) == -known.bias  # type: ignore[index,arg-type]


def test_pictures_that_cannot_be_drawn() -> None:
    first, second = (read(frame, keep="sex") for frame in frames())
    table = agreement(first, second, by="sex")
    assert table.plot(group="m").axes[0].get_title(loc="left") == "phq9 total m: 24 people"
    with pytest.raises(ValueError, match="say which score to plot: phq9 total f, phq9 total m"):
        table.plot("total")
    with pytest.raises(UnknownNameError, match="total"):
        table.plot("totl")
    with pytest.raises(ValueError, match="occasions are two different ones of 1 to 2"):
        table.plot(group="f", occasions=(1, 3))
    with pytest.raises(RefusalError, match="constant"):
        agreement(first, first).plot()


def test_raters_who_saw_two_of_three_each_are_compared() -> None:
    rng = np.random.default_rng(4)
    mood = rng.normal(1.5, 1, 90)
    files = []
    for rater in range(3):
        seen = np.arange(90) % 3 != rater
        answers = np.clip(np.round(mood[:, None] + rng.normal(0, 0.5, (90, 2))), 0, 3)
        frame = pd.DataFrame(answers, columns=["phq9_1", "phq9_2"]).assign(pid=range(90))
        files.append(frame[seen])
    absent = ps.agreement(*(ps.read(f, "phq2", id="pid") for f in files), missing="available")
    padded = [f.set_index("pid").reindex(range(90)).reset_index() for f in files]
    blank = ps.agreement(*(ps.read(f, "phq2", id="pid") for f in padded), missing="available")
    one, two = (each.to_frame().set_index("coefficient")["value"] for each in (absent, blank))
    assert one["ICC(A,1)"] == pytest.approx(two["ICC(A,1)"], abs=1e-12)
    with pytest.raises(ps.RefusalError, match="no id is at every occasion: ids look like 99, 9 at"):
        ps.agreement(*(ps.read(f, "phq2", id="pid") for f in files))


def test_ids_that_are_written_otherwise_are_told() -> None:
    frame = ps.simulate("phq2", n=60, seed=1).to_frame()
    first = ps.read(frame.assign(pid=[str(at) for at in range(60)]), "phq2", id="pid")
    second = ps.read(frame.assign(pid=[f"{at:03d}" for at in range(60)]), "phq2", id="pid")
    with pytest.raises(
        ps.RefusalError, match="ids look like 99, 9 at the first, 999 at the second"
    ):
        ps.agreement(first, second)
    some = [f"{at:03d}" if at < 40 else str(at) for at in range(60)]
    found = ps.agreement(first, ps.read(frame.assign(pid=some), "phq2", id="pid"))
    assert any("40 people would be matched if leading zeros" in note for note in found.notes)
    assert not any("would be matched" in note for note in ps.agreement(first, first).notes)


def test_krippendorff_has_no_interval_of_resamples_without_a_value() -> None:
    from psychoscales.engines.reliability.agreement.krippendorff import krippendorff_alpha

    rare = np.zeros((40, 2))
    rare[0] = (1, 0)
    found = krippendorff_alpha(rare, metric="nominal", seed=1)
    assert found.value is not None
    assert found.low is None
    assert "resamples are of one category" in (found.note or "")
    always = np.tile([0.0, 1.0], (30, 1))
    same = krippendorff_alpha(always, metric="nominal", seed=1)
    assert same.low is None
    assert "all resamples have the same value" in (same.note or "")
