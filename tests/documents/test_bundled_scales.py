"""The scales that are shipped: their worked examples, and vectors stated here a second time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.spec.model import Scale

FILES = sorted(Path(str(resources.files("psychoscales"))).glob("scales/*.toml"))
IDS = [path.stem for path in FILES]
SHIPPED = (
    "dd",
    "dd_kobori2021",
    "dd_kobori2021_1to6",
    "gad7",
    "ghsq",
    "ghsq_kobori2021",
    "phq2",
    "phq8",
    "phq9",
)
PHQ9 = tuple(f"phq9_{number}" for number in range(1, 10))
DD = tuple(f"dd_{number}" for number in range(1, 13))
DD_REVERSED = ("dd_1", "dd_2", "dd_3", "dd_4", "dd_8", "dd_10")
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
Row = Mapping[str, Any]


def scored(scale: Scale | str, sheets: Sequence[Row], keep: Sequence[str] = ()) -> pd.DataFrame:
    """Score answer sheets as a frame of which a row is a person; an answer left out is blank."""
    one = ps.scale(scale)
    columns = {name: [sheet.get(name) for sheet in sheets] for name in (*one.item_ids, *keep)}
    frame: pd.DataFrame = ps.score(ps.read(pd.DataFrame(columns), one, keep=keep)).to_frame()
    return frame


def plain(cell: Any) -> Any:
    """Return a cell of a frame of scores in the words of a worked example."""
    if cell is pd.NA:
        return "undetermined"
    return bool(cell) if isinstance(cell, bool | np.bool_) else cell


def agree(expected: object, found: object) -> bool:
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return type(expected) is type(found) and expected == found
    return isinstance(found, int | float | np.number) and abs(float(found) - expected) <= 1e-9


def sheet(items: Sequence[str], answers: Sequence[int | None]) -> Row:
    return dict(zip(items, answers, strict=True))


def test_the_comparison_tells_right_from_wrong() -> None:
    assert agree(9.0, np.float64(9.0))
    assert not agree(9.0, 9.0 + 2e-9)
    assert not agree(9.0, np.nan)
    assert not agree(True, 1)
    assert not agree(False, "undetermined")
    assert agree("undetermined", plain(pd.NA))
    assert not agree("mild", np.nan)


def test_every_scale_that_should_be_shipped_is() -> None:
    assert set(SHIPPED) <= set(IDS)
    assert set(IDS) <= set(ps.catalogue().to_frame()["id"])


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_is_called_as_its_scale(path: Path) -> None:
    assert ps.scale(path).id == path.stem
    assert ps.scale(path.stem).sha256 == ps.scale(path).sha256


@pytest.mark.parametrize("name", IDS)
def test_every_worked_example_comes_out(name: str) -> None:
    scale = ps.scale(name)
    assert scale.examples
    for example in scale.examples:
        person = dict(example.person or {})
        row = scored(scale, [{**example.answers, **person}], tuple(person)).iloc[0]
        found = {key: plain(row[f"{name}_{key}"]) for key in example.expect}
        wrong = {
            key: (expected, found[key])
            for key, expected in example.expect.items()
            if not agree(expected, found[key])
        }
        assert not wrong, example.name


def test_the_worked_examples_are_many_and_of_every_kind() -> None:
    scales = [ps.scale(name) for name in IDS]
    examples = [example for scale in scales for example in scale.examples]
    expected = [value for example in examples for value in example.expect.values()]
    assert len(examples) >= 77
    assert len(expected) >= 250
    truths = {value for value in expected if isinstance(value, bool)}
    words = {value for value in expected if isinstance(value, str)}
    assert truths == {True, False}
    assert words >= {"undetermined", "raised", "clear", "not_assessed"}
    assert words >= {"prorated", "too_many_missing"}


def test_the_worked_examples_reach_every_band() -> None:
    swept = 0
    for name in IDS:
        scale = ps.scale(name)
        for bands in scale.bands:
            reached = {example.expect.get(bands.id) for example in scale.examples}
            assert {level.id for level in bands.levels} <= reached, (name, bands.id)
            swept += 1
    assert swept >= 5


@pytest.mark.parametrize("name", IDS)
def test_a_scale_says_who_allows_it_and_what_to_cite(name: str) -> None:
    scale = ps.scale(name)
    known = {citation.id for citation in scale.citations}
    assert scale.licence.spec == "CC0-1.0"
    assert scale.licence.instrument.statement
    assert set(scale.licence.instrument.source) <= known | {"spec_author"}
    assert scale.source
    assert set(scale.source) <= known
    for score in scale.scores:
        assert set(score.missing.source) <= known | {"spec_author"}
        assert "spec_author" not in score.missing.source or score.missing.note
    assert all(citation.doi or citation.url for citation in scale.citations)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_scale_is_in_english_and_ships_no_japanese(path: Path) -> None:
    scale = ps.scale(path)
    assert scale.languages == ("en",)
    assert set(scale.name) == set(scale.construct_) == {"en"}
    assert not JAPANESE.search(path.read_text(encoding="utf-8"))


def test_texts_that_may_not_be_shipped_are_left_out() -> None:
    assert ps.scale("dd").text_status == "user_supplied"
    assert {item.text for item in ps.scale("dd").items} == {None}
    assert all(item.text for item in ps.scale("dd_kobori2021").items)


def test_free_and_unclear_licences_are_told_apart() -> None:
    free = {name for name in SHIPPED if ps.scale(name).licence.instrument.status == "free"}
    assert free == {"phq9", "phq8", "phq2", "gad7"}


# facts/instruments.md 1.6; the design decides rules where every completion agrees
PHQ9_VECTORS: tuple[tuple[Sequence[int | None], float, str, str, str], ...] = (
    ((0, 0, 0, 0, 0, 0, 0, 0, 0), 0, "minimal", "none", "clear"),
    ((1, 1, 1, 1, 0, 0, 0, 0, 0), 4, "minimal", "none", "clear"),
    ((1, 1, 1, 1, 1, 0, 0, 0, 0), 5, "mild", "none", "clear"),
    ((2, 2, 2, 1, 1, 1, 1, 0, 0), 10, "moderate", "other", "clear"),
    ((2, 2, 2, 2, 2, 2, 1, 1, 1), 15, "moderately_severe", "major", "raised"),
    ((3, 3, 3, 3, 2, 2, 2, 1, 1), 20, "severe", "major", "raised"),
    ((0, 0, 0, 0, 0, 0, 0, 0, 1), 1, "minimal", "none", "raised"),
    ((2, 0, 2, 2, 2, 2, 0, 0, 0), 10, "moderate", "major", "clear"),
    ((0, 0, 3, 3, 3, 3, 3, 3, 3), 21, "severe", "none", "raised"),
    ((1, 1, 3, 3, 3, 3, 3, 3, 1), 21, "severe", "none", "raised"),
    ((2, 2, 2, 2, 0, 0, 0, 0, 1), 9, "mild", "major", "raised"),
    ((2, 0, 0, 0, 0, 0, 0, 0, 1), 3, "minimal", "other", "raised"),
    ((2, 2, 2, 2, 1, 1, 1, 1, 0), 12, "moderate", "other", "clear"),
    ((1, 1, 1, 1, 1, 1, 1, 1, 1), 9, "mild", "none", "raised"),
    ((0, 0, 0, 1, 2, 1, 3, 2, 1), 10, "moderate", "none", "raised"),
    ((3, 3, 3, 3, 3, 3, 3, 3, 3), 27, "severe", "major", "raised"),
    ((2, 2, 2, 2, 2, 2, 2, None, None), 18, "moderately_severe", "major", "not_assessed"),
    ((0, 1, 1, 1, 1, 1, 0, None, None), 45 / 7, "mild", "none", "not_assessed"),
)
ALGORITHM = {"major": (True, False), "other": (False, True), "none": (False, False)}


@pytest.mark.parametrize(("answers", "total", "band", "algorithm", "flag"), PHQ9_VECTORS)
def test_phq9_vector(
    answers: Sequence[int | None], total: float, band: str, algorithm: str, flag: str
) -> None:
    row = scored("phq9", [sheet(PHQ9, answers)]).iloc[0]
    valid = sum(answer is not None for answer in answers)
    major, other = ALGORITHM[algorithm]
    assert agree(float(total), row["phq9_total"])
    assert row["phq9_total_n_valid"] == valid
    assert row["phq9_total_status"] == ("ok" if valid == 9 else "prorated")
    assert row["phq9_severity"] == band
    assert agree(major, plain(row["phq9_major_depressive_syndrome"]))
    assert agree(other, plain(row["phq9_other_depressive_syndrome"]))
    assert row["phq9_self_harm"] == flag


def test_phq9_with_three_missing_has_no_total_but_the_algorithm() -> None:
    row = scored("phq9", [sheet(PHQ9, (2, 2, 2, 2, 2, 2, None, None, None))]).iloc[0]
    assert np.isnan(row["phq9_total"])
    assert row["phq9_total_status"] == "too_many_missing"
    assert row["phq9_total_n_valid"] == 6
    assert pd.isna(row["phq9_severity"])
    assert agree(True, plain(row["phq9_major_depressive_syndrome"]))
    assert row["phq9_self_harm"] == "not_assessed"


@pytest.mark.parametrize("absent", range(9))
def test_phq9_with_one_of_nine_twos_missing_is_prorated_to_18(absent: int) -> None:
    answers: list[int | None] = [2] * 9
    answers[absent] = None
    row = scored("phq9", [sheet(PHQ9, answers)]).iloc[0]
    assert row["phq9_total"] == 18
    assert row["phq9_total_status"] == "prorated"
    assert row["phq9_severity"] == "moderately_severe"


def test_phq9_does_not_repeat_the_wrong_total_of_hl7() -> None:
    row = scored("phq9", [sheet(PHQ9, (0, 0, 0, 1, 2, 1, 3, 2, 1))]).iloc[0]
    assert row["phq9_total"] == 10
    assert row["phq9_total"] != 13


def test_phq9_rule_is_false_where_every_completion_says_so() -> None:
    row = scored("phq9", [sheet(PHQ9, (None, 0, 2, 2, 2, 2, 0, 0, 0))]).iloc[0]
    assert agree("undetermined", plain(row["phq9_major_depressive_syndrome"]))
    assert agree(False, plain(row["phq9_other_depressive_syndrome"]))


def test_phq9_bands_hold_the_totals_that_were_published() -> None:
    bands = {"minimal": range(5), "mild": range(5, 10), "moderate": range(10, 15)}
    bands |= {"moderately_severe": range(15, 20), "severe": range(20, 28)}
    sheets = [sheet(PHQ9, [total // 9 + (n < total % 9) for n in range(9)]) for total in range(28)]
    frame = scored("phq9", sheets)
    assert list(frame["phq9_total"]) == list(range(28))
    expected = [name for total in range(28) for name, held in bands.items() if total in held]
    assert list(frame["phq9_severity"]) == expected


def test_phq9_item_ten_is_asked_of_people_with_a_problem_only() -> None:
    nothing, something = sheet(PHQ9, (0,) * 9), sheet(PHQ9, (0, 1, 0, 0, 0, 0, 0, 0, 0))
    frame = pd.DataFrame([{**nothing, "phq9_10": None}, {**something, "phq9_10": None}])
    block = ps.read(frame, "phq9").blocks["phq9"]
    reasons = [block.reasons[-1 - place] for place in block.positions[:, 9].tolist()]
    assert reasons == ["not_applicable", "blank"]


@pytest.mark.parametrize(
    ("scale", "size", "totals"), [("phq2", 2, (0, 5, 4)), ("phq8", 8, (4, 15, 16))]
)
def test_short_forms_read_a_phq9_frame(scale: str, size: int, totals: Sequence[int]) -> None:
    rows = [(0, 0, 0, 1, 2, 1, 0, 0, 3), (3, 2, 3, 1, 2, 1, 2, 1, 1), (2, 2, 2, 2, 2, 2, 2, 2, 0)]
    frame = pd.DataFrame([sheet((*PHQ9, "phq9_10"), (*row, 2)) for row in rows])
    short, long = ps.score(frame, scale).to_frame(), ps.score(frame, "phq9").to_frame()
    assert list(short[f"{scale}_total"]) == list(totals)
    assert list(short[f"{scale}_total_n_valid"]) == [size] * 3
    assert list(long["phq9_total"]) == [sum(row) for row in rows]


# facts/instruments.md 2.5; items 1, 2, 3, 4, 8 and 10 are reversed
DD_MIXED = (4, 3, 3, 2, 1, 4, 3, 2, 5, 1, 4, 3)
DD_VECTORS = (
    ("dd_kobori2021", (5,) * 12, 30),
    ("dd_kobori2021", (0,) * 12, 30),
    ("dd_kobori2021", tuple(0 if name in DD_REVERSED else 5 for name in DD), 60),
    ("dd_kobori2021", tuple(5 if name in DD_REVERSED else 0 for name in DD), 0),
    ("dd_kobori2021", DD_MIXED, 35),
    ("dd_kobori2021_1to6", tuple(answer + 1 for answer in DD_MIXED), 47),
    ("dd_kobori2021_1to6", (6,) * 12, 42),
)


@pytest.mark.parametrize(("scale", "answers", "total"), DD_VECTORS)
def test_dd_vector(scale: str, answers: Sequence[int], total: int) -> None:
    row = scored(scale, [sheet(DD, answers)]).iloc[0]
    assert row[f"{scale}_total"] == total
    assert row[f"{scale}_total_status"] == "ok"


def test_dd_mean_is_that_of_the_total_coded_from_1() -> None:
    shifted = [answer + 1 for answer in DD_MIXED]
    row = scored("dd", [sheet(DD, shifted)]).iloc[0]
    assert agree(47 / 12, row["dd_total"])


@pytest.mark.parametrize("item", DD)
def test_dd_agreement_lowers_the_total_of_exactly_the_reversed_items(item: str) -> None:
    middle = dict.fromkeys(DD, 2)
    frame = scored("dd_kobori2021", [{**middle, item: answer} for answer in range(6)])
    steps = np.diff(frame["dd_kobori2021_total"]).tolist()
    assert steps == [-1.0 if item in DD_REVERSED else 1.0] * 5


def test_dd_codings_differ_by_12_on_all_answers() -> None:
    random = np.random.default_rng(20210930)
    answers = random.integers(0, 6, size=(20_000, 12))
    answers[:6] = np.arange(6)[:, None]
    from_0 = ps.score(pd.DataFrame(answers, columns=list(DD)), "dd_kobori2021").to_frame()
    from_1 = ps.score(pd.DataFrame(answers + 1, columns=list(DD)), "dd_kobori2021_1to6").to_frame()
    low, high = from_0["dd_kobori2021_total"], from_1["dd_kobori2021_1to6_total"]
    assert low.nunique() > 40
    assert ((high - low) == 12).all()


def test_dd_codings_differ_by_12_where_answers_are_missing() -> None:
    random = np.random.default_rng(7)
    answers = random.integers(0, 6, size=(500, 12)).astype(float)
    for row in answers:
        row[random.choice(12, size=2, replace=False)] = np.nan
    from_0 = ps.score(pd.DataFrame(answers, columns=list(DD)), "dd_kobori2021").to_frame()
    from_1 = ps.score(pd.DataFrame(answers + 1, columns=list(DD)), "dd_kobori2021_1to6").to_frame()
    difference = from_1["dd_kobori2021_1to6_total"] - from_0["dd_kobori2021_total"]
    assert set(from_0["dd_kobori2021_total_status"]) == {"prorated"}
    assert ((difference - 12).abs() < 1e-9).all()


# facts/instruments.md 3.5
FORMAL = ("ghsq_doctor", "ghsq_professional", "ghsq_online")
INFORMAL = ("ghsq_partner", "ghsq_friend", "ghsq_family")
GHSQ_VECTORS: tuple[tuple[Sequence[str], Sequence[int | None], float], ...] = (
    (FORMAL, (7, 6, 2), 5),
    (INFORMAL, (5, 4, 4), 13 / 3),
    (INFORMAL, (None, 4, 3), 3.5),
    (FORMAL, (1, 1, 1), 1),
    (FORMAL, (7, 7, 7), 7),
    (INFORMAL, (1, 1, 1), 1),
    (INFORMAL, (7, 7, 7), 7),
)


@pytest.mark.parametrize(("items", "answers", "mean"), GHSQ_VECTORS)
def test_ghsq_vector(items: Sequence[str], answers: Sequence[int | None], mean: float) -> None:
    row = scored("ghsq_kobori2021", [sheet(items, answers)]).iloc[0]
    name = "ghsq_kobori2021_" + ("formal" if items is FORMAL else "informal")
    assert agree(float(mean), row[name])
    assert row[f"{name}_n_valid"] == sum(answer is not None for answer in answers)


@pytest.mark.parametrize(
    ("scale", "others", "mean"),
    [
        ("ghsq_kobori2021", {"ghsq_friend": 4, "ghsq_family": 3}, 3.5),
        ("ghsq", {"ghsq_friend": 6, "ghsq_parent": 5, "ghsq_relative": 2}, 13 / 3),
    ],
)
def test_ghsq_partner_not_applicable_is_missing_and_not_zero(
    scale: str, others: Mapping[str, int], mean: float
) -> None:
    one = ps.scale(scale)
    frame = pd.DataFrame([dict.fromkeys(one.item_ids, 1)] * 3).astype(float)
    for name, answer in others.items():
        frame[name] = answer
    frame["ghsq_partner"] = [8, None, 1]
    read = ps.read(frame, one)
    block, column = read.blocks[scale], one.item_ids.index("ghsq_partner")
    reasons = [block.reasons[-1 - place] for place in block.positions[:2, column].tolist()]
    assert reasons == ["not_applicable", "blank"]
    found = ps.score(read).to_frame()
    assert agree(mean, found[f"{scale}_informal"][0])
    assert agree(mean, found[f"{scale}_informal"][1])
    assert found[f"{scale}_informal"][2] < mean
    assert list(found[f"{scale}_informal_n_valid"]) == [len(others), len(others), len(others) + 1]


def test_gad7_bands_hold_the_totals_that_were_published() -> None:
    items = tuple(f"gad7_{number}" for number in range(1, 8))
    sheets = [sheet(items, [total // 7 + (n < total % 7) for n in range(7)]) for total in range(22)]
    frame = scored("gad7", sheets)
    expected = ["minimal"] * 5 + ["mild"] * 5 + ["moderate"] * 5 + ["severe"] * 7
    assert list(frame["gad7_total"]) == list(range(22))
    assert list(frame["gad7_severity"]) == expected


@pytest.mark.parametrize(("total", "at_3", "at_2"), [(1, 0, 0), (2, 0, 1), (3, 1, 1), (6, 1, 1)])
def test_phq2_is_positive_from_3_and_in_the_other_set_from_2(
    total: int, at_3: int, at_2: int
) -> None:
    row = scored("phq2", [{"phq9_1": total // 2, "phq9_2": total - total // 2}]).iloc[0]
    assert row["phq2_screening"] == ("negative", "positive")[at_3]
    assert row["phq2_screening_at_2"] == ("negative", "positive")[at_2]
