"""The report: everything in it, in order, escaped, and nothing of single people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.errors import RefusalError, SourceError, UnknownNameError
from psychoscales.reporting import context, counted
from psychoscales.reporting import report as room
from psychoscales.reporting.parts import Cards, Figure, Grid, Pasted
from psychoscales.reporting.report import Report, report
from psychoscales.reporting.sections import SECTIONS
from tests.counting.making import document_of
from tests.reporting.making import ATTACK, FORMULA, ITEMS, LABELS, TEXTS, answers, kimochi

COUNT = re.compile(r"(?<![\d.,])([1-4])(?![\d.,%])")


@cache
def everything(language: str = "en") -> Report:
    people = ps.read(answers(), kimochi(), id="pid", keep=["arm", "case", FORMULA])
    return report(people, by="arm", truth="case", language=language, seed=7)


def grids(found: Report) -> dict[str, Grid]:
    """Return all tables, also those behind pictures, by caption."""
    made = {}
    for section in found.sections:
        for block in section.blocks:
            grid = block.grid if isinstance(block, Figure) else block
            if isinstance(grid, Grid):
                made[grid.caption] = grid
    return made


def column(grid: Grid, head: str) -> list[str]:
    place = [each.text for each in grid.heads].index(head)
    return [row[place].text for row in grid.rows]


def test_sections_are_in_order() -> None:
    ids = [section.id for section in everything().sections]
    assert ids[0] == "summary"
    wanted = ["summary", *(name for name in SECTIONS if name not in ("retest", "relations"))]
    assert ids == wanted


def test_the_first_screen_has_n_alpha_and_what_to_worry_about() -> None:
    (cards,) = everything().sections[0].blocks
    assert isinstance(cards, Cards)
    (card,) = cards.cards
    table = ps.reliability(answers(), kimochi()).to_frame().set_index("coefficient")
    numbers = {name: (number, under) for name, number, under in card.numbers}
    alpha = table.loc["alpha"]
    assert numbers["Cronbach's alpha"] == (
        f"{alpha['value']:.3f}",
        f"95% CI [{alpha['low']:.3f}, {alpha['high']:.3f}]",
    )
    assert numbers["People with a score"][0] == "240"


def test_numbers_are_those_of_the_verbs() -> None:
    found = grids(everything())
    items = ps.items(answers(), kimochi()).to_frame()
    table = found["Mood total: item statistics"]
    assert column(table, "Item-rest r") == [f"{each:.3f}" for each in items["item_rest"]]
    fit = ps.cfa(answers(), kimochi(), model={"total": ITEMS}, key="total").fit.to_frame()
    cfi = fit.set_index("index").loc["cfi", "value"]
    fits = next(grid for caption, grid in found.items() if "fit (WLSMV)" in caption)
    assert column(fits, "Value")[column(fits, "Index").index("CFI")] == f"{cfi:.3f}"


def test_texts_of_files_and_data_are_escaped() -> None:
    page = everything().html()
    assert ATTACK not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 3
    assert page.count("<script") == 1
    assert "javascript:" not in page
    assert 'href="data:text/x-bibtex' in page


def test_markdown_has_no_html_of_others() -> None:
    text = re.sub(r"(?ms)^```bibtex$.*?^```$", "", everything().markdown())
    assert "<script" not in text.replace("\\<script", "")
    assert "@article" not in text
    assert "## Reliability" in text
    assert "| Item | n |" in text


def test_the_page_names_nothing_that_is_loaded() -> None:
    page = everything().html()
    assert not re.search(r"(src|href)=[\"']?(https?:)?//(?!doi\.org)", page)
    assert "@import" not in page
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r"<[^>]+ style=", page), "the page's own policy forbids style attributes"
    assert not re.search(r"<[^>]+ on[a-z]+=", page)


def test_nobody_is_in_the_report(tmp_path: Path) -> None:
    for text in (everything().html(), everything().markdown()):
        assert "PERSON-" not in text
        assert "HYPERLINK" not in text
    frame = answers()
    frame.insert(1, "secret", [f"Q{place}Z" for place in range(len(frame))])
    file = tmp_path / "people.csv"
    frame.to_csv(file, index=False)
    text = report(file, kimochi()).html()
    assert not re.search(r"Q\d+Z|PERSON", text)


@pytest.mark.parametrize("small", [5, 9])
def test_small_counts_are_hidden(small: int) -> None:
    frame = answers(400)
    frame["kimochi_3"] = np.where(np.arange(400) < 3, 3, np.minimum(frame["kimochi_3"], 2))
    found = grids(report(frame, kimochi(), small=small))
    behind = found["People by answer"]
    row = next(row for row in behind.rows if row[0].text == "kimochi_3")
    texts = [cell.text for cell in row]
    assert texts[7] == f"<{small}"
    assert texts[5] == texts[8] == "hidden"
    for grid in found.values():
        for place, head in enumerate(grid.heads):
            if head.text in ("n", "Yes", "No") and "Missing" not in grid.caption + str(grid.heads):
                for cells in grid.rows:
                    text = cells[place].text.replace(",", "")
                    if text.isdigit() and grid.caption != "People":
                        assert int(text) == 0 or int(text) >= small, (grid.caption, text)
    statistics = found["Mood total: item statistics"]
    means = dict(zip(column(statistics, "Item"), column(statistics, "Mean"), strict=True))
    assert len(means["kimochi_3"].split(".")[1]) == 1
    assert column(statistics, "Ceiling")[2] == "hidden"


def test_everything_is_shown_with_small_1() -> None:
    frame = answers(400)
    frame["kimochi_3"] = np.where(np.arange(400) < 3, 3, np.minimum(frame["kimochi_3"], 2))
    found = report(frame, kimochi(), small=1)
    row = next(row for row in grids(found)["People by answer"].rows if row[0].text == "kimochi_3")
    assert row[7].text == "3"
    cells = [cell for grid in grids(found).values() for one in grid.rows for cell in one]
    assert "hidden" not in [cell.text for cell in cells]


def test_counts_on_the_page_are_those_of_the_people() -> None:
    frame = answers()
    found = grids(everything())["Mood total: people by score"]
    total = ps.score(frame, kimochi()).column("kimochi_total")
    listed = [int(each) for each in column(found, "n")]
    assert sum(listed) == len(total)
    shown = [text for text in column(found, "Score") if "–" not in text]
    for text, count in zip(column(found, "Score"), listed, strict=True):
        if text in shown:
            assert count == (total == float(text)).sum()


def test_small_groups_are_left_out_of_comparisons() -> None:
    frame = answers()
    frame.loc[:2, "arm"] = "three people of Rare Town"
    frame.loc[3:6, "arm"] = "four people of Far Away"
    people = ps.read(frame, kimochi(), keep="arm")
    found = report(people, by="arm")
    assert "Rare Town" not in found.html()
    assert any("left out of every comparison" in why for why in found.refused.values())


VERBS = (
    *("reliability", "items", "precision", "retain", "cfa"),
    *("criterion", "groups", "dif", "invariance"),
)


def room_of(verb: str) -> Any:
    """Return the module that calls a verb."""
    return counted if hasattr(counted, verb) else context


def test_a_part_that_is_refused_does_not_end_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RefusalError("no number is right here, said the test")

    for name in VERBS:
        monkeypatch.setattr(room_of(name), name, refuse)
    found = report(answers(), kimochi(), truth="case", by="arm")
    assert sum("said the test" in why for why in found.refused.values()) >= len(VERBS)
    assert "said the test" in found.html()
    assert "reliability or item statistics were refused" in found.html()


def test_an_error_that_is_no_refusal_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(counted, "items", broken)
    with pytest.raises(ZeroDivisionError):
        report(answers(), kimochi())


def test_each_result_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def heard(name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return verb(*args, **kwargs)

        return called

    for name in VERBS:
        monkeypatch.setattr(room_of(name), name, heard(name, getattr(room_of(name), name)))
    report(answers(), kimochi(), truth="case", by="arm")
    assert sorted(calls) == sorted(VERBS)


def test_japanese() -> None:
    found = everything("ja")
    page = found.html()
    assert '<html lang="ja">' in page
    assert "<title>気持ち尺度</title>" in page
    for text in (*TEXTS["ja"], *LABELS["ja"], "クロンバックの α", "注意すべき点", "気持ち合計"):
        assert text in page
    assert "What to worry about" not in page
    assert 'lang="en"' in page


def test_a_text_in_another_language_is_marked() -> None:
    found = report(ps.simulate("gad7", n=60, seed=1), language="ja", seed=2)
    assert '<td class="long" lang="en">' in found.html()
    assert 'lang="' not in re.sub(
        "<html[^>]*>", "", report(ps.simulate("gad7", n=60, seed=1)).html()
    )


@pytest.mark.parametrize("language", ["en", "ja"])
def test_synthetic_people_are_called_so_everywhere(language: str) -> None:
    made = report(ps.simulate("gad7", n=80, seed=1), language=language, title="Visit 1")
    frame = ps.simulate("gad7", n=80, seed=1).to_frame().assign(synthetic=True)
    for found in (made, report(frame, "gad7", language=language)):
        assert found.synthetic
        assert found.title.startswith("SYNTHETIC")
        for text in (found.html(), found.markdown()):
            assert text.count("SYNTHETIC") >= 4
        pasted = [b for s in found.sections for b in s.blocks if isinstance(b, Pasted)]
        assert "SYNTHETIC" in pasted[0].text
    assert "Visit 1" in made.title
    assert "SYNTHETIC" not in everything().html()


def test_counted_patterns_give_the_same_numbers() -> None:
    people = ps.simulate("phq9", n=250, seed=6, missing=0.02)
    whole, counted = grids(report(people)), grids(report(ps.count(people)))
    same = [caption for caption in counted if caption in whole]
    assert len(same) > 10
    for caption in same:
        assert caption == "Not here, and why" or counted[caption] == whole[caption], caption


def test_a_lazy_frame_is_counted_where_it_is() -> None:
    polars = pytest.importorskip("polars")
    people = ps.simulate("phq2", n=120, seed=6)
    lazy = polars.from_pandas(people.to_frame()[["phq9_1", "phq9_2"]]).lazy()
    found = report(lazy, "phq2")
    assert column(grids(found)["Scores"], "n") == ["120"]
    assert any("counted answers have no people" in why for why in found.refused.values())


def test_a_retest_is_reported() -> None:
    first, second = answers(), answers()
    second.loc[::7, "kimochi_1"] = 1
    both = [ps.read(each, kimochi(), id="pid") for each in (first, second)]
    found = report(both[0], retest=both[1])
    table = ps.agreement(*both, score="total").to_frame().set_index("coefficient")
    grid = grids(found)["Mood total: agreement of two occasions"]
    place = column(grid, "Coefficient").index("ICC(A,1)")
    assert column(grid, "Value")[place] == f"{table.loc['ICC(A,1)', 'value']:.3f}"


@cache
def two_scales() -> ps.Responses:
    frame = ps.simulate(["phq9", "gad7"], n=300, seed=1, correlation=0.7).to_frame()
    frame["age"] = np.arange(300) % 50 + 18
    frame["gold"] = frame[[f"phq9_{at}" for at in range(1, 10)]].sum(axis=1) + frame["age"] / 9
    frame["sex"] = np.where(np.arange(300) % 2, "m", "f")
    return ps.read(frame, ["phq9", "gad7"], keep=["age", "gold", "sex"])


def test_other_scales_and_columns_are_related() -> None:
    people = two_scales()
    expected = {"with": "gad7_total", "r": [0.3, 0.9]}
    tested = ps.convergent(people, score="phq9_total", expect=expected, resamples=0)
    found = report(people, "phq9", hypotheses=tested)
    grid = grids(found)["PHQ-9 total: correlations (Pearson)"]
    (row,) = tested.rows
    assert column(grid, "With") == ["gad7_total"]
    assert column(grid, "Value") == [f"{row['value']:.3f}"]
    assert column(grid, "Corrected") == [f"{row['corrected']:.3f}"]
    assert any(
        cell.text.startswith("share of hypotheses confirmed (1 of 1)")
        for row in grids(found)["PHQ-9 total: measurement properties"].rows
        for cell in row
    )
    assert "[spearman1904]" in method_of(found)
    named = grids(report(people, "phq9", against="age"))["PHQ-9 total: correlations (Pearson)"]
    assert column(named, "With") == ["age"]
    alone = report(people["phq9"])
    assert "relations" not in {section.id for section in alone.sections}


def test_a_gold_standard_of_numbers_is_for_the_evidence() -> None:
    found = report(two_scales(), "phq9", truth="gold")
    rows = grids(found)["PHQ-9 total: measurement properties"].rows
    assert any(cell.text.startswith("r with gold") for row in rows for cell in row)


def test_groups_have_one_model_or_not() -> None:
    people = two_scales()
    found = report(people, "phq9", by="sex")
    verb = ps.invariance(people["phq9"], by="sex")
    grid = grids(found)["one factor: invariance by sex (WLSMV)"]
    assert column(grid, "CFI") == [f"{row['cfi']:.3f}" for row in verb.rows]
    assert column(grid, "p")[1:] == [f"{row['p']:.3f}" for row in verb.rows[1:]]
    assert "[wu2016]" in method_of(found)


def test_a_second_occasion_may_hold_further_scales() -> None:
    frame = two_scales().to_frame().assign(pid=range(300))
    both = ps.read(frame, ["phq9", "gad7"], id="pid")
    found = report(both, "phq9", retest=both)
    assert "Test-retest" not in found.refused


def method_of(found: Report) -> str:
    (section,) = (each for each in found.sections if each.id == "method")
    return "".join(block.text for block in section.blocks if isinstance(block, Pasted))


def test_a_minimal_important_change_is_of_one_score() -> None:
    people = ps.simulate("ghsq", n=100, seed=1)
    with pytest.raises(RefusalError, match="say which, score"):
        report(people, mic=2)


def test_changes_of_an_adaptation_are_printed() -> None:
    scale = ps.scale("dd_kobori2021")
    page = report(ps.simulate(scale, n=120, seed=2)).html()
    assert len(scale.changes) > 3
    for change in scale.changes:
        assert ">Why<" in page
        assert change.to.replace("'", "&#39;") in page


def test_every_number_of_people_too_few_is_refused() -> None:
    people = ps.simulate("gad7", n=4, seed=1)
    with pytest.raises(RefusalError, match="4 people"):
        report(people)
    with pytest.raises(RefusalError, match="9 people"):
        report(ps.simulate("gad7", n=9, seed=1), small=10)
    assert report(people, small=1).sections


def test_names_nobody_knows() -> None:
    people = ps.read(answers(), kimochi(), keep=["arm"])
    with pytest.raises(UnknownNameError, match=r"no kept column called 'amr'.*'arm'"):
        report(people, by="amr")
    with pytest.raises(UnknownNameError, match="score"):
        report(people, score="totl")
    with pytest.raises(UnknownNameError, match="language of reports"):
        report(people, language="fr")
    both = ps.simulate(["phq9", "gad7"], n=50, seed=1)
    with pytest.raises(RefusalError, match="one scale: say which"):
        report(both)
    assert report(both, "gad7").title.endswith("scale") or report(both, "gad7").title


def test_one_score_only() -> None:
    people = ps.simulate("ghsq_kobori2021", n=150, seed=3)
    whole, one = report(people), report(people, score="formal")
    assert len(whole.sections[0].blocks[0].cards) == 2  # type: ignore[union-attr]
    assert len(one.sections[0].blocks[0].cards) == 1  # type: ignore[union-attr]
    assert "ghsq_family" not in one.html()


def test_progress_is_told() -> None:
    told: list[tuple[int, int, str]] = []
    report(answers(), kimochi(), progress=lambda *each: told.append(each))
    assert [number for number, _, _ in told] == list(range(len(SECTIONS) + 1))
    assert {of for _, of, _ in told} == {len(SECTIONS) + 1}


def test_saving(tmp_path: Path) -> None:
    found = everything()
    for ending, start in ((".html", b"<!DOCTYPE html>"), (".md", b"# "), (".docx", b"PK")):
        place = found.save(tmp_path / f"kimochi{ending}")
        assert place.read_bytes().lstrip().startswith(start)
    with pytest.raises(SourceError, match=r"saved as \.html"):
        found.save(tmp_path / "kimochi.pdf")
    with pytest.raises(SourceError, match="no folder"):
        found.save(tmp_path / "nowhere" / "kimochi.html")


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> str:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(room, "as_page", broken)
    with pytest.raises(RuntimeError):
        everything().save(tmp_path / "kimochi.html")
    assert list(tmp_path.iterdir()) == []


def test_the_word_file_says_the_same(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    made = docx.Document(str(everything().save(tmp_path / "kimochi.docx")))
    said = "\n".join(paragraph.text for paragraph in made.paragraphs)
    for section in everything().sections:
        assert section.title in said
    assert len(made.tables) == len(
        [1 for s in everything().sections for b in s.blocks if isinstance(b, Grid | Figure)]
    )


def test_the_method_paragraph_has_versions_seeds_and_known_sources() -> None:
    found = everything()
    (text,) = (
        block.text
        for section in found.sections
        for block in section.blocks
        if isinstance(block, Pasted) and block.kind == "text/plain"
    )
    assert f"psychoscales {ps.__version__}" in text
    assert "numpy" in text
    assert "seed 7" in text
    keys = {key for group in re.findall(r"\[([a-z0-9_, ]+)\]", text) for key in group.split(", ")}
    assert len(keys) > 6
    entries = set(re.findall(r"@\w+\{(\w+),", found.references))
    assert keys <= entries


def test_the_same_answers_give_the_same_page() -> None:
    people = ps.read(answers(), kimochi(), id="pid", keep=["arm", "case", FORMULA])
    again = report(people, by="arm", truth="case", seed=7)
    assert again.html() == everything().html()
    order = answers().sample(frac=1, random_state=3)
    assert report(order, kimochi()).html() == report(answers(), kimochi()).html()


def test_a_level_that_could_not_be_compared_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    people = two_scales()["phq9"]
    real = ps.invariance(people, by="sex")
    lost = [
        {**row, "chisq": None, "cfi": None, "note": "the search did not converge"}
        if row["level"] == "intercepts"
        else row
        for row in real.rows
    ]
    made = replace(real, rows=tuple(lost))
    monkeypatch.setattr(context, "invariance", lambda *_, **__: made)
    found = report(people, by="sex")
    assert found.refused["Measurement invariance: one factor, and intercepts"] == (
        "the search did not converge"
    )
    grid = grids(found)["one factor: invariance by sex (WLSMV)"]
    assert column(grid, "CFI")[3] == ""
    assert any("and intercepts: could not be compared" in note.text for note in grid.notes)


def test_a_correlation_of_few_people_is_refused_by_its_name() -> None:
    frame = two_scales()["phq9"].to_frame()
    frame["few"] = np.where(np.arange(300) < 3, np.arange(300), np.nan)
    frame["rare"] = (np.arange(300) < 2).astype(int)
    frame["age"] = np.arange(300) % 40
    people = ps.read(frame, "phq9", keep=["few", "rare", "age"])
    found = report(people, against=["few", "rare", "age"])
    assert "PHQ-9 total: few" in found.refused
    assert "Correlations: rare" in found.refused
    assert not any("alpha" in what for what in found.refused)
    assert column(grids(found)["PHQ-9 total: correlations (Pearson)"], "With") == ["age"]
    with pytest.raises(UnknownNameError, match="did you mean 'age'"):
        report(people, against="agee")


def test_a_class_of_few_people_has_no_area_in_the_evidence() -> None:
    frame = two_scales()["phq9"].to_frame()
    frame["rare"] = (np.arange(300) < 3).astype(int)
    found = report(ps.read(frame, "phq9", keep="rare"), truth="rare")
    rows = grids(found)["PHQ-9 total: measurement properties"].rows
    assert not any("AUC" in cell.text for row in rows for cell in row)


def test_a_score_may_have_its_whole_name() -> None:
    found = report(two_scales()["phq9"], score="phq9_total")
    assert found.sections
    assert not found.refused or not any("no score" in why for why in found.refused.values())
    assert ps.retain(two_scales()["phq9"], score="phq9_total", seed=1).methods.rows


def test_alpha_of_what_is_not_one_thing_is_worried_about() -> None:
    """A declared model of two factors fits, and alpha is of all items as one thing."""
    rng = np.random.default_rng(3)
    names = [f"q{at}" for at in range(1, 9)]
    two, own = rng.normal(size=(500, 2)), rng.normal(size=(500, 8))
    latent = np.repeat(two, 4, axis=1) + 0.5 * own
    tree = document_of(names, range(4))
    model = {"id": "two", "name": {"en": "two"}, "key": "total", "source": ["this_study"]}
    tree["models"] = [{**model, "factors": {"a": names[:4], "b": names[4:]}}]
    answers = {name: np.digitize(latent[:, at], [-1, 0, 1]) for at, name in enumerate(names)}
    found = report(ps.read(pd.DataFrame(answers), tree))
    (cards,) = found.sections[0].blocks
    assert isinstance(cards, Cards)
    said = found.html()
    assert "Alpha is not interpretable: one factor of the items does not fit." in said
    assert "The model two does not fit" not in said
