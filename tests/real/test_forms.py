"""Form exports in English, Japanese (UTF-8 and cp932) and Portuguese, and two other surveys."""

from __future__ import annotations

import gzip
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from tests.coefficients.comparing import assert_close
from tests.real.reference import compare, reference

HERE = Path(__file__).parent
ENGLISH: dict[str, Any] = {
    "question": "Over the last 2 weeks, how often have you been bothered by the following?",
    "columns": [
        "Little interest or pleasure in doing things",
        "Feeling down, depressed, or hopeless",
        "Trouble falling or staying asleep, or sleeping too much",
        "Feeling tired or having little energy",
        "Poor appetite or overeating",
        "Feeling bad about yourself, or that you are a failure",
        "Trouble concentrating on things",
        "Moving or speaking slowly, or being fidgety or restless",
        "Thoughts that you would be better off dead",
    ],
    "stored": None,
    "variables": {
        "age": {"column": "Age"},
        "sex": {"column": "Gender", "stored": {"Male": 1, "Female": 2}},
    },
}
JAPANESE: dict[str, Any] = {
    "question": "この2週間、次のような問題にどのくらい悩まされていますか？",
    "columns": [
        "物事に興味や楽しみを感じない",
        "気分が落ち込む、憂うつになる",
        "寝付きが悪い、途中で目が覚める、または眠りすぎる",
        "疲れた感じがする、気力がない",
        "食欲がない、または食べすぎる",
        "自分はだめな人間だと感じる",
        "物事に集中することが難しい",
        "動きや話し方が遅い、またはそわそわする",
        "死んだほうがましだと思う",
    ],
    "stored": {"全くない": 0, "数日": 1, "半分以上": 2, "ほとんど毎日": 3},
    "variables": {
        "age": {"column": "年齢", "unit": "歳"},
        "sex": {"column": "性別", "stored": {"男性": 1, "女性": 2}},
    },
}
EXPORTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "derived_phq9_forms_en.csv": (ENGLISH, None),
    "derived_phq9_forms_ja_utf8bom.csv": (JAPANESE, None),
    "derived_phq9_forms_ja_cp932.csv": (JAPANESE, "cp932"),
}


def binding_of(form: dict[str, Any], encoding: str | None) -> dict[str, Any]:
    columns = {f"phq9_{n}": text for n, text in enumerate(form["columns"], start=1)}
    part: dict[str, Any] = {"question": form["question"], "columns": columns}
    if form["stored"] is not None:
        part["stored"] = {"frequency": form["stored"]}
    found = {"scales": {"phq9": part}, "variables": form["variables"]}
    return found if encoding is None else {**found, "encoding": encoding}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "forms_exports"


def exported(folder: Path, name: str) -> ps.Responses:
    form, encoding = EXPORTS[name]
    binding = binding_of(form, encoding)
    return ps.read(folder / name, "phq9", binding=binding, keep=["age", "sex"])


@pytest.mark.parametrize("name", EXPORTS)
def test_form_exports_decode_to_exactly_the_truth(folder: Path, name: str) -> None:
    truth = pd.read_csv(folder / "derived_phq9_truth_numeric.csv")
    people = exported(folder, name)
    answers = people.blocks["phq9"].positions[:, :9].astype(float)
    answers[answers < 0] = np.nan
    wanted = truth[[f"phq{n}" for n in range(1, 10)]].to_numpy(dtype=float)
    assert answers.shape == (400, 9)
    assert np.array_equal(answers, wanted, equal_nan=True)
    assert np.isnan(answers).sum() == 297
    assert people.column("age").tolist() == truth["age"].tolist()
    assert people.column("sex").tolist() == truth["sex"].tolist()
    assert people.bad == ()


def test_every_export_gives_rs_values(folder: Path) -> None:
    wanted = reference(folder)["derived"]
    assert wanted["en_labels_decode_to_truth"]
    compared = 0
    for name in EXPORTS:
        people = exported(folder, name)
        compared += compare(people, wanted["relia"], [f"phq{n}" for n in range(1, 10)])
    assert compared == 3 * (54 + 5 + 6)


def test_the_japanese_export_that_nobody_said_is_cp932_is_refused(folder: Path) -> None:
    binding = binding_of(JAPANESE, None)
    with pytest.raises(ps.SourceError, match=r'not UTF-8 text; .* encoding = "cp932" for Japanese'):
        ps.read(folder / "derived_phq9_forms_ja_cp932.csv", "phq9", binding=binding)


def test_ages_with_a_unit_are_texts_where_nobody_named_the_unit(folder: Path) -> None:
    binding = binding_of(JAPANESE, None)
    binding["variables"] = {"age": {"column": "年齢"}}
    people = ps.read(
        folder / "derived_phq9_forms_ja_utf8bom.csv", "phq9", binding=binding, keep="age"
    )
    ages = people.column("age").tolist()
    assert ages[:2] == ["56歳", "54"]
    assert all(isinstance(age, str) for age in ages)


def test_the_japanese_labels_are_bad_cells_where_nobody_listed_them(folder: Path) -> None:
    binding = binding_of(JAPANESE | {"stored": None}, None)
    with pytest.raises(ps.DataError) as caught:
        ps.read(folder / "derived_phq9_forms_ja_utf8bom.csv", "phq9", binding=binding)
    assert len(caught.value.cells) == 400 * 9 - 297
    assert {cell.found for cell in caught.value.cells} == {
        f"'{label}'" for label in JAPANESE["stored"]
    }


ROSENBERG = {
    "scales": {"rosenberg_pt": {"columns": {f"rse_{n}": f"v{n + 9}" for n in range(1, 11)}}}
}
V = [f"v{n}" for n in range(10, 20)]


def portuguese(folder: Path, scale: Any, binding: Any = None) -> ps.Responses:
    path = folder / "autoestima_pt_googleforms.csv.gz"
    return ps.read(path, scale, binding=binding or ROSENBERG, keep=["v1", "v4"])


def unkeyed() -> ps.Scale:
    """Return the same scale whose author forgot the reversals."""
    document = tomllib.loads((HERE / "rosenberg_pt.toml").read_text(encoding="utf-8"))
    document["scores"][0]["reverse"] = []
    document["examples"] = document["examples"][1:]
    document["examples"][0]["expect"]["total"] = 40
    return ps.scale(document)


def test_the_portuguese_form_is_reliable_only_if_it_is_keyed(folder: Path) -> None:
    wanted = reference(folder)["autoestima"]
    right = ps.reliability(portuguese(folder, HERE / "rosenberg_pt.toml")).to_frame()
    wrong = ps.reliability(portuguese(folder, unkeyed())).to_frame()
    assert round(right["value"][0], 3) == 0.854
    assert round(wrong["value"][0], 3) == 0.235
    keyed = wanted["keyed_v11_v14_v15_v17_v18_reversed"]["alpha_complete"]["raw"]
    compared = assert_close(right["value"][0], keyed, "keyed")
    compared += assert_close(wrong["value"][0], wanted["source_recoded_alpha"], "as scored")
    assert compared == 2
    assert set(right["n"]) == set(wrong["n"]) == {53}


def test_every_number_of_the_portuguese_form_is_rs(folder: Path) -> None:
    wanted = reference(folder)["autoestima"]
    keyed = wanted["keyed_v11_v14_v15_v17_v18_reversed"]
    compared = compare(portuguese(folder, HERE / "rosenberg_pt.toml"), keyed, V)
    compared += compare(portuguese(folder, unkeyed()), wanted["unkeyed"], V)
    assert compared == 2 * (60 + 5 + 6)


def test_forgotten_reversals_are_told(folder: Path) -> None:
    notes = " ".join(ps.reliability(portuguese(folder, unkeyed())).notes)
    assert "negative correlation with the rest of the items" in notes
    r_drop = reference(folder)["autoestima"]["unkeyed"]["alpha_complete"]["r_drop"]
    negative = [f"rse_{at}" for at, r in enumerate(r_drop.values(), start=1) if r < 0]
    assert ", ".join(negative) in notes
    assert len(negative) == 5
    keyed = ps.reliability(portuguese(folder, HERE / "rosenberg_pt.toml")).notes
    assert "negatively" not in " ".join(keyed)


def test_the_sources_own_numbers_hold_the_same_answers(folder: Path) -> None:
    columns = {f"rse_{n}": f"v{n + 9}r" for n in range(1, 11)}
    numbers = {"scales": {"rosenberg_pt": {"columns": columns}}}
    scale = HERE / "rosenberg_pt.toml"
    by_label = portuguese(folder, scale).blocks["rosenberg_pt"].positions
    by_number = portuguese(folder, scale, numbers).blocks["rosenberg_pt"].positions
    assert np.array_equal(by_label, by_number)
    assert (by_label >= 0).sum() == 556


def test_what_else_the_portuguese_form_holds_is_kept(folder: Path) -> None:
    people = portuguese(folder, HERE / "rosenberg_pt.toml")
    with gzip.open(folder / "autoestima_pt_googleforms.csv.gz", "rt", encoding="utf-8") as file:
        table = pd.read_csv(file)
    assert people.column("v1").tolist() == table["v1"].tolist()
    assert people.column("v1")[0] == "22/07/2013 19:31:52"


CHIU = ["Not at all", "Several days", "More than half", "Almost every day"]


def chiu(shared: Path, ending: str) -> ps.Responses:
    part: dict[str, Any] = {"columns": {f"phq9_{n}": f"Item{n}{ending}" for n in range(1, 10)}}
    if not ending:
        part["stored"] = {"frequency": {text: code for code, text in enumerate(CHIU)}}
    path = shared / "phq9_chiu" / "PHQ9_data.csv.gz"
    return ps.read(path, "phq9", binding={"scales": {"phq9": part}}, keep="SumScore")


def test_labels_and_numbers_of_phq9_chiu_are_the_same_answers(shared: Path) -> None:
    labels, numbers = chiu(shared, ""), chiu(shared, "_num")
    assert np.array_equal(labels.blocks["phq9"].positions, numbers.blocks["phq9"].positions)
    frame = ps.score(labels).to_frame()
    assert frame["phq9_total"].tolist() == frame["SumScore"].tolist()


def test_every_number_of_phq9_chiu_is_rs(shared: Path) -> None:
    wanted = reference(shared / "phq9_chiu")
    people = chiu(shared, "")
    assert compare(people, wanted["relia"], [f"q{n}" for n in range(1, 10)]) == 54 + 5 + 4
    found = ps.score(people).to_frame()["phq9_severity"].value_counts(sort=False)
    assert found.tolist() == list(wanted["severity"].values())
    assert found.sum() == 2_177


def test_the_labels_of_phq9_chiu_are_not_those_of_the_scale(shared: Path) -> None:
    columns = {f"phq9_{n}": f"Item{n}" for n in range(1, 10)}
    path = shared / "phq9_chiu" / "PHQ9_data.csv.gz"
    with pytest.raises(ps.DataError) as caught:
        ps.read(path, "phq9", binding={"scales": {"phq9": {"columns": columns}}})
    labels = reference(shared / "phq9_chiu")["labels"]
    assert {cell.found for cell in caught.value.cells} == {f"'{text}'" for text in CHIU[2:]}
    assert len(caught.value.cells) == labels["More than half"] + labels["Almost every day"]


UKM = {
    "scales": {
        "phq9": {"columns": {f"phq9_{n}": f"D{n}" for n in range(1, 10)}},
        "gad7": {"columns": {f"gad7_{n}": f"A{n}" for n in range(1, 8)}},
    }
}


def test_several_scales_of_one_file_are_rs(shared: Path) -> None:
    folder = shared / "phq9_gad7_pss_ukm"
    wanted = reference(folder)
    path = folder / "ukm_phq9_gad7_pss10.csv.gz"
    both = ps.read(path, ["phq9", "gad7"], binding=UKM, keep=["Gender", "Age"])
    compared = compare(both["phq9"], wanted["phq"]["relia"], [f"D{n}" for n in range(1, 10)])
    compared += compare(both["gad7"], wanted["gad"]["relia"], [f"A{n}" for n in range(1, 8)])
    assert compared == (54 + 5 + 4) + (42 + 5 + 4)
    scores = ps.score(both)
    r = np.corrcoef(scores.column("phq9_total"), scores.column("gad7_total"))[0, 1]
    assert assert_close(r, wanted["correlations"]["dep_anx"]["pearson"], "correlation") == 1
    by_gender = scores.to_frame().groupby("Gender")["phq9_total"]
    assert by_gender.size().to_dict() == wanted["known_gender"]["n"]
    for gender, mean in by_gender.mean().items():
        assert assert_close(mean, wanted["known_gender"]["mean"][gender], str(gender)) == 1
