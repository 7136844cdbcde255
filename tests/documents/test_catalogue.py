"""Where scales are found: folders, plug-ins, paths and mappings; texts that locale files add."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.errors import CatalogueError, ScaleError, SourceError, UnknownNameError
from psychoscales.spec.catalogue import PATH_VARIABLE
from tests.documents.conftest import Put
from tests.documents.mood import ITEMS, calm, mood, problem, problems, toml

Plug = Callable[..., Path]


def catalogued() -> set[str]:
    return set(ps.catalogue().to_frame()["id"])


# folders


def test_a_folder_of_the_user_s_adds_to_the_catalogue(put: Put) -> None:
    before = catalogued()
    put(mood())
    assert "mood" not in before
    assert catalogued() == before | {"mood"}
    assert ps.scale("mood").sha256 == ps.scale(mood()).sha256


def test_several_folders_add_to_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "ours", tmp_path / "theirs"]
    for place, name in zip(places, ("mood", "temper"), strict=True):
        place.mkdir()
        (place / f"{name}.toml").write_text(toml(mood() | {"id": name}), "utf-8")
    monkeypatch.setenv(PATH_VARIABLE, os.pathsep.join(map(str, places)))
    assert {"mood", "temper", "phq9"} <= catalogued()
    assert Path(ps.scale("temper").file).parent == places[1]


def test_a_folder_named_twice_is_one_folder(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    place = put(mood()).parent
    again = [str(place), str(place), f"{place}/../{place.name}"]
    monkeypatch.setenv(PATH_VARIABLE, os.pathsep.join(again))
    assert ps.scale("mood").version == "2.1.0"


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(CatalogueError, match=rf"{PATH_VARIABLE}.*no folder .*gone"):
        ps.scale("phq9")


def test_a_user_s_scale_extends_a_bundled_one(put: Put) -> None:
    put(
        {
            "format": "1.0",
            "id": "phq1",
            "version": "1.0.0",
            "name": {"en": "One question"},
            "extends": {"scale": "phq2", "version": "1", "relation": "short_form"},
            "inherit": {"bands": "drop", "reference_values": "drop"},
            "drop": {"items": ["phq9_2"]},
            "changes": [
                {
                    "what": "items",
                    "from": "two",
                    "to": "one",
                    "why": "to be short",
                    "source": "this_study",
                }
            ],
            "scores": [
                {
                    "id": "total",
                    "items": ["phq9_1"],
                    "method": "sum",
                    "range": [0, 3],
                    "higher": {"en": "more anhedonia"},
                    "missing": {"max_missing": 0, "action": "refuse", "source": "this_study"},
                }
            ],
            "examples": [{"name": "most", "answers": {"phq9_1": 3}, "expect": {"total": 3}}],
        }
    )
    scale = ps.scale("phq1")
    assert scale.item_ids == ("phq9_1",)
    assert scale.items[0].text == ps.scale("phq9").item("phq9_1").text
    assert scale.licence == ps.scale("phq9").licence
    found = ps.score(pd.DataFrame({"phq9_1": [1, 3]}), scale).to_frame()
    assert list(found["phq1_total"]) == [1, 3]


def test_changes_add_up_along_a_line_of_scales(put: Put) -> None:
    put(mood())
    put(calm())
    tree = calm() | {"id": "still"}
    tree["extends"] = {"scale": "calm", "version": "1", "relation": "translation"}
    tree["changes"][0]["what"] = "name again"
    changes = ps.scale(tree).changes
    assert [(change.what, change.of) for change in changes] == [
        ("name", "calm"),
        ("name again", None),
    ]


def test_two_files_of_one_id_are_both_named(put: Put) -> None:
    mine = put(mood() | {"id": "phq9"})
    bundled = Path(ps.__file__).parent / "scales" / "phq9.toml"
    for ask in (lambda: ps.scale("phq9"), ps.catalogue, lambda: ps.scale("phq2")):
        with pytest.raises((CatalogueError, ScaleError)) as caught:
            ask()
        assert "'phq9'" in str(caught.value)
        assert str(mine) in str(caught.value)
        assert str(bundled) in str(caught.value)
    assert ps.scale("gad7").id == "gad7"


def test_a_file_is_called_as_its_scale(folder: Path) -> None:
    (folder / "moood.toml").write_text(toml(mood()), "utf-8")
    found = problem("moood")
    assert found.path == "id"
    assert found.found == "found 'mood' in a file called moood.toml"


def test_an_unknown_id_names_the_nearest_ones(put: Put) -> None:
    put(mood())
    with pytest.raises(UnknownNameError) as caught:
        ps.scale("modo")
    assert caught.value.nearest == ("mood",)
    assert "no scale called 'modo'; did you mean 'mood'?" in str(caught.value)
    assert PATH_VARIABLE in str(caught.value)


def test_an_id_in_capitals_names_the_right_one() -> None:
    with pytest.raises(UnknownNameError) as caught:
        ps.scale("PHQ9")
    assert caught.value.nearest[0] == "phq9"


def test_an_id_like_no_other_lists_what_is_known() -> None:
    with pytest.raises(UnknownNameError, match="known: dd, dd_kobori2021"):
        ps.scale("xyzzy")


def test_editing_a_file_is_noticed(put: Put) -> None:
    put(mood())
    before = ps.scale("mood")
    edited = mood()
    edited["scores"][0]["reverse"] = ["mood_3"]
    put(edited)
    after = ps.scale("mood")
    assert before.score("total").reverse == ("mood_2",)
    assert after.score("total").reverse == ("mood_3",)
    assert before.sha256 != after.sha256


def test_editing_the_file_that_a_scale_extends_is_noticed(put: Put) -> None:
    put(mood())
    put(calm())
    before = ps.scale("calm")
    edited = mood()
    edited["scores"][0]["reverse"] = ["mood_3"]
    put(edited)
    after = ps.scale("calm")
    assert before.score("total").reverse == ("mood_2",)
    assert after.score("total").reverse == ("mood_3",)


# paths and mappings


def test_a_scale_is_found_by_path_text_mapping_or_itself(tmp_path: Path) -> None:
    path = tmp_path / "anything.toml"
    path.write_text(toml(mood()), "utf-8")
    one = ps.scale(path)
    assert one.file == str(path)
    assert ps.scale(one) is one
    for source in (str(path), mood(), f"{path.parent}/{path.name}"):
        assert ps.scale(source).sha256 == one.sha256
    assert ps.scale(mood()).file == "<mapping>"


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no file .*gone\.toml"):
        ps.scale(tmp_path / "gone.toml")


def test_a_mapping_is_not_kept_by_reference() -> None:
    tree = mood()
    scale = ps.scale(tree)
    tree["items"].pop()
    tree["options"]["agree"][0]["value"] = 9.0
    assert scale.item_ids == ITEMS
    assert scale.option_set("mood_1")[0].value == 1


def test_a_file_by_path_extends_a_catalogued_scale(put: Put, tmp_path: Path) -> None:
    put(mood())
    path = tmp_path / "elsewhere.toml"
    path.write_text(toml(calm()), "utf-8")
    assert ps.scale(path).item_ids == ITEMS


# plug-ins


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install a distribution that ships scale files, as far as Python can tell."""
    site = tmp_path / "site"
    site.mkdir()

    def install(
        distribution: str, package: str, name: str, tree: dict[str, Any], code: str = ""
    ) -> Path:
        module = site / package
        module.mkdir()
        (module / "__init__.py").write_text(code, "utf-8")
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", "utf-8"
        )
        target = f"{package}:folder" if code else package
        (info / "entry_points.txt").write_text(
            f"[psychoscales.scales]\n{name} = {target}\n", "utf-8"
        )
        path = module / f"{tree['id']}.toml"
        path.write_text(toml(tree), "utf-8")
        monkeypatch.delitem(sys.modules, package, raising=False)
        monkeypatch.syspath_prepend(str(site))
        return path

    return install


def test_an_installed_plug_in_adds_its_scales(plug: Plug) -> None:
    before = catalogued()
    path = plug("lab-scales", "lab_scales_a", "lab", mood())
    assert "mood" not in before
    assert "mood" in catalogued()
    assert Path(ps.scale("mood").file) == path


def test_a_plug_in_may_name_a_function_that_returns_its_folder(plug: Plug) -> None:
    code = "from pathlib import Path\ndef folder():\n    return Path(__file__).parent\n"
    plug("lab-scales", "lab_scales_b", "lab", mood(), code)
    assert ps.scale("mood").version == "2.1.0"


def test_a_plug_in_and_a_folder_that_claim_one_id_are_both_named(plug: Plug, put: Put) -> None:
    paths = [plug("lab-scales", "lab_scales_c", "lab", mood()), put(mood())]
    with pytest.raises(CatalogueError) as caught:
        ps.scale("mood")
    assert all(str(path) in str(caught.value) for path in paths)


def test_two_plug_ins_of_one_name_both_add_their_scales(plug: Plug) -> None:
    plug("our-scales", "lab_scales_d", "scales", mood())
    plug("their-scales", "lab_scales_e", "scales", mood() | {"id": "temper"})
    assert {"mood", "temper"} <= catalogued()


def test_a_user_s_scale_extends_a_plug_in_s(plug: Plug, put: Put) -> None:
    plug("lab-scales", "lab_scales_f", "lab", mood())
    put(calm())
    assert ps.scale("calm").item_ids == ITEMS


# locale files

JAPANESE = {
    "format": "1.0",
    "scale": "mood",
    "language": "ja",
    "licence": {"statement": "自由に使える"},
    "name": "気分尺度",
    "stem": "気分はどうですか",
    "items": {"mood_1": "質問一", "mood_4": "質問四"},
    "options": {"agree": {"1": "まったく", "5": "とても"}},
}


def translate(folder: Path, **changed: Any) -> Path:
    """Write a locale file; a key set to None is left out."""
    tree = {key: value for key, value in (JAPANESE | changed).items() if value is not None}
    (folder / "locales").mkdir(exist_ok=True)
    path = folder / "locales" / "mood.ja.toml"
    path.write_text(toml(tree), "utf-8")
    return path


def test_a_locale_file_adds_texts_and_leaves_the_identity(put: Put, folder: Path) -> None:
    put(mood())
    plain = ps.scale("mood")
    translate(folder)
    scale = ps.scale("mood")
    assert plain.languages == ("en",)
    assert scale.languages == ("en", "ja")
    assert scale.sha256 == plain.sha256
    assert scale.name == {"en": "Mood Scale", "ja": "気分尺度"}
    assert scale.name_in("ja") == "気分尺度"
    assert scale.stem == {"ja": "気分はどうですか"}
    assert scale.item("mood_1").text == {"en": "Question 1", "ja": "質問一"}
    assert scale.item("mood_2").text == {"en": "Question 2"}
    assert scale.option_set("mood_1")[4].label == {"en": "extremely", "ja": "とても"}


def test_labels_of_a_locale_file_are_read(put: Put, folder: Path) -> None:
    put(mood())
    frame = pd.DataFrame({name: ["まったく", "とても", "slightly", 3] for name in ITEMS})
    with pytest.raises(ps.DataError):
        ps.read(frame, "mood")
    translate(folder)
    found = ps.read(frame, "mood").to_frame()
    assert list(found["mood_1"]) == [1, 5, 2, 3]


def test_a_locale_file_beside_a_path_is_used(tmp_path: Path) -> None:
    path = tmp_path / "mood.toml"
    path.write_text(toml(mood()), "utf-8")
    translate(tmp_path)
    assert ps.scale(path).languages == ("en", "ja")


def test_a_scale_that_extends_has_no_texts_of_its_parent_s_locale(put: Put, folder: Path) -> None:
    put(mood())
    put(calm())
    translate(folder)
    assert ps.scale("mood").languages == ("en", "ja")
    assert ps.scale("calm").languages == ("en",)


def test_editing_a_locale_file_is_noticed(put: Put, folder: Path) -> None:
    put(mood())
    translate(folder)
    before = ps.scale("mood").name_in("ja")
    translate(folder, name="気分の尺度")
    assert (before, ps.scale("mood").name_in("ja")) == ("気分尺度", "気分の尺度")


@pytest.mark.parametrize(
    ("changed", "path", "phrase"),
    [
        ({"items": {"mood_11": "質問"}}, "items.mood_11", "did you mean 'mood_1'?"),
        ({"options": {"agre": {}}}, "options.agre", "did you mean 'agree'?"),
        ({"options": {"agree": {"6": "六"}}}, "options.agree.6", "no option with code '6'"),
        ({"language": "en"}, "language", "has 'en' already"),
        ({"scale": "moon"}, "scale", "expected 'mood'"),
        ({"nmae": "気分"}, "nmae", "did you mean 'name'?"),
        ({"licence": None}, "", "'licence' is missing"),
        ({"format": "2.0"}, "format", "'1.0'"),
        ({"options": {"agree": {"1": "同じ", "2": "同じ"}}}, "options.agree.2", "同じ"),
        ({"options": {"agree": {"5": "Slightly"}}}, "options.agree.5", "Slightly"),
    ],
    ids=[
        "item",
        "option_set",
        "code",
        "language_there",
        "scale",
        "key",
        "licence",
        "format",
        "label_twice",
        "label_of_another",
    ],
)
def test_a_mistake_in_a_locale_file_is_one_line_of_it(
    changed: dict[str, Any], path: str, phrase: str, put: Put, folder: Path
) -> None:
    put(mood())
    file = translate(folder, **changed)
    with pytest.raises(ScaleError) as caught:
        ps.scale("mood")
    assert [each.path for each in caught.value.problems] == [path]
    assert phrase in str(caught.value)
    assert str(caught.value).startswith(f"{file}: ")


def test_several_mistakes_in_a_locale_file_come_at_once(put: Put, folder: Path) -> None:
    put(mood())
    translate(folder, items={"mood_7": "七"}, options={"agree": {"0": "零"}})
    assert {each.path for each in problems("mood")} == {"items.mood_7", "options.agree.0"}
