"""A scale's identity: the SHA-256 of what it says once everything inherited is filled in."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import psychoscales as ps
from psychoscales.spec.model import Scale
from tests.documents.conftest import Put
from tests.documents.mood import CLAIMS, Tree, calm, mood, toml

CHANGES: dict[str, Callable[[Tree], Any]] = {
    "the value of an option": lambda tree: tree["options"]["agree"][1].update(value=2.5),
    "the code of an option": lambda tree: tree["options"]["agree"][0].update(code=0),
    "an option more": lambda tree: tree["options"]["agree"].append(
        {"code": 9, "missing": "refused", "label": {"en": "no answer"}}
    ),
    "what is reversed": lambda tree: tree["scores"][0].update(reverse=["mood_3"]),
    "weights": lambda tree: tree["scores"][0].update(
        weights={"mood_1": 2.0, "mood_3": 1.0}, range=[5.0, 25.0]
    ),
    "a multiplier": lambda tree: tree["scores"][0].update(multiply=2.0, range=[8.0, 40.0]),
    "how many may be missing": lambda tree: tree["scores"][0]["missing"].update(max_missing=2),
    "the rounding": lambda tree: tree["scores"][0]["missing"].update(round="half_up"),
    "where a band starts": lambda tree: tree["bands"][0]["levels"][2].update({"from": 15.5}),
    "the threshold of a count": lambda tree: tree["rules"][0]["count"][0].update(at_least=3.0),
    "the threshold of a rule": lambda tree: tree["rules"][1]["all"][0].update(at_least=2.0),
    "the threshold of a flag": lambda tree: tree["flags"][0]["when"].update(at_least=3.0),
    "the order of the items": lambda tree: tree["items"].reverse(),
    "when an item is asked": lambda tree: tree["items"][3].update(
        asked_if={"items": ["mood_1"], "at_least": 2.0}, otherwise=1.0
    ),
    "the version": lambda tree: tree.update(version="2.1.1"),
    "a word": lambda tree: tree["items"][0]["text"].update(en="Question one"),
}


def turned(value: Any) -> Any:
    """Return `value` with the keys of every table in the opposite order."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", CHANGES)
def test_what_can_change_a_score_or_a_text_changes_the_identity(name: str) -> None:
    tree = mood()
    tree["bands"][0]["levels"] = [
        {key: value for key, value in level.items() if key != "to"}
        for level in tree["bands"][0]["levels"]
    ]
    tree["examples"] = [{"name": "x", "answers": {}, "expect": {"sunk": "not_assessed"}}]
    before = ps.scale(tree).sha256
    CHANGES[name](tree)
    if tree["scores"][0]["range"] != [4.0, 20.0]:
        tree["bands"][0]["levels"][0]["from"] = tree["scores"][0]["range"][0]
    assert ps.scale(tree).sha256 != before


def test_the_changes_above_are_sixteen_different_scales() -> None:
    assert len(CHANGES) == 16


def test_the_identity_is_the_hash_of_canonical_json() -> None:
    text = json.dumps(mood(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert ps.scale(mood()).sha256 == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_the_order_of_keys_is_no_part_of_the_identity() -> None:
    tree = turned(mood())
    assert next(iter(tree)) == "examples"
    assert ps.scale(tree).sha256 == ps.scale(mood()).sha256


def test_comments_and_layout_are_no_part_of_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "mood.toml"
    tree = mood()
    licence = tree.pop("licence")
    text = "# about moods\n\n" + toml(tree).replace("\n", "  # yes\n") + "[licence]\n"
    path.write_text(text + toml(licence), "utf-8")
    assert ps.scale(path).sha256 == ps.scale(mood()).sha256


def test_whole_numbers_and_single_sources_are_no_part_of_the_identity() -> None:
    tree = mood()
    tree["scores"][0]["range"] = [4, 20]
    tree["flags"][0]["when"]["at_least"] = 4
    tree["scores"][0]["missing"]["source"] = "author2020"
    assert ps.scale(tree).sha256 == ps.scale(mood()).sha256


def test_defaults_written_out_are_no_part_of_the_identity() -> None:
    tree = mood()
    for option in tree["options"]["agree"]:
        option["label_status"] = "labelled"
    for item in tree["items"]:
        item["scored"] = True
    tree["scores"][0]["missing"]["round"] = "none"
    tree["changes"] = []
    assert ps.scale(tree).sha256 == ps.scale(mood()).sha256
    tree = mood()
    del tree["scores"][0]["reverse"], tree["models"][0]["key"]
    without = ps.scale(tree).sha256
    tree["scores"][0]["reverse"] = []
    assert ps.scale(tree).sha256 == without


def test_where_a_scale_was_found_is_no_part_of_the_identity(tmp_path: Path, put: Put) -> None:
    other = tmp_path / "copy.toml"
    other.write_text(toml(mood()), "utf-8")
    found = {ps.scale(source).sha256 for source in (put(mood()), other, mood(), "mood")}
    assert len(found) == 1


def test_what_is_inherited_and_what_is_written_by_hand_are_one_scale(put: Put) -> None:
    put(mood())
    inherited = ps.scale(calm())
    whole = mood()
    by_hand = calm()
    by_hand["inherit"] = dict.fromkeys(by_hand["inherit"], "drop")
    rest = ("construct", "languages", "text_status", "source", "licence", "citations")
    kept = (*CLAIMS, "scores", "options", *rest)
    for key in kept:
        by_hand[key] = whole[key]
    by_hand["patch"] = {"items": whole["items"]}
    assert len(by_hand) == len(calm()) + 14
    assert ps.scale(by_hand).sha256 == inherited.sha256


def test_a_patch_that_changes_nothing_is_no_part_of_the_identity_and_one_that_does_is(
    put: Put,
) -> None:
    put(mood())
    same, other = calm(), calm()
    same["patch"] = {"items": [{"id": "mood_1", "text": {"en": "Question 1"}}]}
    other["patch"] = {"items": [{"id": "mood_1", "text": {"en": "Question one"}}]}
    assert ps.scale(same).sha256 == ps.scale(calm()).sha256
    assert ps.scale(other).sha256 != ps.scale(calm()).sha256


def test_a_change_of_the_parent_changes_the_identity_of_the_child(put: Put) -> None:
    put(mood())
    before = ps.scale(calm()).sha256
    parent = mood()
    parent["flags"][0]["when"]["at_least"] = 5.0
    put(parent)
    assert ps.scale(calm()).sha256 != before


def test_every_bundled_scale_has_an_identity_of_its_own() -> None:
    ids = list(ps.catalogue().to_frame()["id"])
    found = {ps.scale(name).sha256 for name in ids}
    assert len(found) == len(ids) >= 9
    assert all(len(each) == 64 and int(each, 16) for each in found)


# frozen, picklable, hashable


def frozen_places(scale: Scale) -> list[tuple[Any, str]]:
    return [
        (scale, "version"),
        (scale.items[0], "id"),
        (scale.options["agree"][0], "value"),
        (scale.scores[0], "reverse"),
        (scale.scores[0].missing, "max_missing"),
        (scale.bands[0].levels[0], "from_"),
        (scale.flags[0].when, "at_least"),
        (scale.licence.instrument, "status"),
    ]


def test_no_attribute_of_a_scale_can_be_set() -> None:
    places = frozen_places(ps.scale(mood()))
    for part, name in places:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, getattr(part, name))
    assert len(places) == 8


def test_no_mapping_of_a_scale_can_be_changed() -> None:
    tree = mood()
    tree["scores"][0]["weights"] = {"mood_1": 2.0}
    tree["scores"][0]["range"] = [5.0, 25.0]
    tree["scores"][0]["codes"] = {"loinc": "1-8"}
    tree["bands"] = []
    tree["examples"][0]["expect"] = {"total": 21.0}
    scale = ps.scale(tree)
    score, example = scale.scores[0], scale.examples[0]
    mappings: list[Any] = [
        scale.name,
        scale.options,
        scale.options["agree"][0].label,
        scale.items[0].text,
        score.weights,
        score.codes,
        scale.models[0].factors,
        example.answers,
        example.expect,
    ]
    for mapping in mappings:
        key = next(iter(mapping))
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping[key] = mapping[key]
        with pytest.raises(TypeError, match="does not support item deletion"):
            del mapping[key]
        assert not hasattr(mapping, "update")
    assert len(mappings) == 9


def test_lists_of_a_scale_are_tuples() -> None:
    scale = ps.scale(mood())
    score, factors = scale.scores[0], scale.models[0].factors
    lists: list[Any] = [scale.items, scale.options["agree"], score.items, score.reverse]
    lists += [score.range, scale.bands[0].levels, factors["mood"], scale.languages]
    assert {type(each) for each in lists} == {tuple}


@pytest.mark.parametrize("source", ["mapping", "phq9", "dd_kobori2021_1to6"])
def test_a_scale_is_pickled_and_copied_whole(source: str) -> None:
    scale = ps.scale(mood() if source == "mapping" else source)
    for twin in (pickle.loads(pickle.dumps(scale)), copy.deepcopy(scale)):
        assert twin == scale
        assert twin is not scale
        assert twin.sha256 == scale.sha256
        assert hash(twin) == hash(scale)
        assert twin.option_set(scale.item_ids[0]) == scale.option_set(scale.item_ids[0])


def test_a_scale_with_a_translation_is_pickled_whole(put: Put, folder: Path) -> None:
    put(mood())
    (folder / "locales").mkdir()
    locale = {"format": "1.0", "scale": "mood", "language": "ja", "licence": {"statement": "可"}}
    (folder / "locales" / "mood.ja.toml").write_text(toml(locale | {"name": "気分"}), "utf-8")
    twin = pickle.loads(pickle.dumps(ps.scale("mood")))
    assert twin.name_in("ja") == "気分"
    assert twin.name_in("en") == "Mood Scale"


def test_scales_are_members_of_sets() -> None:
    one, two, other = ps.scale(mood()), ps.scale(turned(mood())), ps.scale("phq9")
    assert one == two
    assert {one, two, other} == {one, other}
    assert len({one, two, other}) == 2
    assert len({*one.items, *two.items}) == 4
    assert len({one.options, two.options, other.options}) == 2
