"""The page in a real browser: quiet, drawn, sorted, readable at every width, alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.reporting.report import report
from tests.reporting.browser import Seen, browser, opened, soon
from tests.reporting.making import ITEMS, TEXTS, answers, kimochi

WIDTHS = (1300, 768, 420, 320)
SORTED = "table:has(caption:text-is('Mood total: item statistics'))"
CONTRAST = """
() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = parts(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("svg, script, style")) continue;
    if (!element.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    looked += 1;
    if (ratio < 4.5) poor.push([walker.currentNode.data.trim().slice(0, 30), ratio]);
  }
  return { looked, poor };
}
"""


LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"


def long_names() -> tuple[Any, dict[str, Any]]:
    """Return answers to a scale of fifty items and two scores, with long words everywhere."""
    made, frame = kimochi(), answers(300)
    items = [{**made["items"][0], "id": f"item_{at}"} for at in range(50)]
    items[0] |= {"id": "item_0", "text": {"en": LONG, "ja": LONG}}
    first = {key: each for key, each in made["scores"][0].items() if key not in ("reverse", "name")}
    halves = [[item["id"] for item in items[start : start + 25]] for start in (0, 25)]
    ids = (LONG.lower(), "other")
    made["scores"] = [
        {**first, "id": name, "items": of, "range": [0.0, 75.0]}
        for name, of in zip(ids, halves, strict=True)
    ]
    factors = {f"f{at}": [item["id"] for item in items[at * 10 : at * 10 + 10]] for at in range(5)}
    model = {"id": "five", "factors": factors, "key": "none", "source": ["made2020"]}
    given = dict.fromkeys([item["id"] for item in items], 1)
    example = {"name": "one", "answers": given, "expect": {ids[1]: 25.0}}
    made |= {"items": items, "bands": [], "models": [model], "examples": [example]}
    random = np.random.default_rng(1)
    mood = np.asarray(frame[ITEMS[0]])
    columns = {i["id"]: np.clip(mood + random.integers(-1, 2, 300), 0, 3) for i in items}
    return pd.DataFrame(columns), made


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    people = ps.read(answers(), kimochi(), id="pid", keep=["arm", "case"])
    made = {}
    for language in ("en", "ja"):
        found = report(people, by="arm", truth="case", language=language)
        made[language] = found.save(folder / f"kimochi_{language}.html")
    made["long"] = report(*long_names()).save(folder / "long.html")
    made["phq9"] = report(ps.simulate("phq9", n=300, seed=1)).save(folder / "phq9.html")
    return made


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture
def page(chromium: Any, pages: dict[str, Path]) -> Iterator[tuple[Any, Seen]]:
    one, seen = opened(chromium, pages["en"])
    yield one, seen
    one.close()


@pytest.mark.parametrize("name", ["en", "ja", "phq9"])
def test_a_page_is_quiet_and_alone(chromium: Any, pages: dict[str, Path], name: str) -> None:
    page, seen = opened(chromium, pages[name])
    page.mouse.wheel(0, 5000)
    page.wait_for_timeout(200)
    assert (seen.messages, seen.errors) == ([], [])
    assert seen.requests == [pages[name].as_uri()]
    page.close()


def test_the_console_is_heard(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "loud.html"
    file.write_text("<script>console.log('here'); nothing()</script><img src='other.png'>")
    page, seen = opened(chromium, file)
    assert "here" in seen.messages
    assert seen.errors
    assert any(url.endswith("other.png") for url in seen.requests)
    page.close()


@pytest.mark.parametrize("name", ["en", "ja", "phq9", "long"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_picture_is_drawn_within_the_page(
    chromium: Any, pages: dict[str, Path], name: str, width: int
) -> None:
    page, _ = opened(chromium, pages[name])
    page.set_viewport_size({"width": width, "height": 900})
    boxes = page.eval_on_selector_all(
        "figure > svg",
        "all => all.map(e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height,"
        " e.querySelectorAll('rect, line, circle, ellipse').length,"
        " e.getAttribute('aria-label').length])",
    )
    assert len(boxes) >= 5
    for wide, high, shapes, words in boxes:
        assert 200 < wide <= width
        assert high > 80
        assert shapes > 3
        assert words > 10
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = page.evaluate(
        "Array.from(document.querySelectorAll('figure > svg text'))"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().right)"
    )
    assert texts
    assert max(texts) <= width + 1
    page.close()


@pytest.mark.parametrize("width", [1300, 390])
def test_a_long_word_stays_in_its_column(chromium: Any, pages: dict[str, Path], width: int) -> None:
    page, _ = opened(chromium, pages["long"])
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.eval_on_selector_all(
        "h3, caption, td, tbody th, .card, li",
        "all => all.filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 &&"
        " getComputedStyle(e).display !== 'inline').map(e => e.textContent.slice(0, 60))",
    )
    assert wide == []
    page.close()


def test_no_reason_is_cut_off(chromium: Any, pages: dict[str, Path]) -> None:
    for name in ("phq9", "en"):
        page, _ = opened(chromium, pages[name])
        wide = page.eval_on_selector_all(
            "#evidence .scroll", "all => all.map(e => [e.scrollWidth, e.clientWidth])"
        )
        assert len(wide) == 2
        assert all(inside <= room for inside, room in wide)
        page.close()


def column(page: Any, place: int) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        f"{SORTED} tbody tr", f"rows => rows.map(row => row.cells[{place}].textContent)"
    )
    return found


def head(page: Any, text: str) -> Any:
    return page.locator(f"{SORTED} thead button", has_text=text).first


def test_sorting_by_mouse(page: tuple[Any, Seen]) -> None:
    one, _ = page
    before = column(one, 0)
    head(one, "Mean").click()
    soon(one.locator("#said")).to_have_text("Sorted upwards by Mean")
    means = [float(text) for text in column(one, 3)]
    assert means == sorted(means)
    assert column(one, 0) != before
    head(one, "Mean").click()
    soon(one.locator("#said")).to_have_text("Sorted downwards by Mean")
    assert [float(text) for text in column(one, 3)] == means[::-1]
    sorts = one.eval_on_selector_all(
        f"{SORTED} thead th", "all => all.map(e => e.getAttribute('aria-sort'))"
    )
    assert sorts.count("descending") == 1
    assert sorts.count("none") == len(sorts) - 1


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_sorting_by_keyboard(page: tuple[Any, Seen], key: str) -> None:
    one, _ = page
    head(one, "Item").focus()
    one.keyboard.press("Tab")
    one.keyboard.press("Tab")
    one.keyboard.press("Tab")
    assert one.evaluate("document.activeElement.textContent") == "Mean"
    one.keyboard.press(key)
    soon(one.locator("#said")).to_have_text("Sorted upwards by Mean")
    means = [float(text) for text in column(one, 3)]
    assert means == sorted(means)


def test_tips_are_shown_as_text(page: tuple[Any, Seen]) -> None:
    one, seen = page
    one.locator("figure > svg [data-tip]").first.hover()
    tip = one.locator("#tip")
    soon(tip).to_be_visible()
    soon(tip).not_to_be_empty()
    one.keyboard.press("Escape")
    soon(tip).to_be_hidden()
    one.locator("#structure svg [data-tip*='script']").first.hover()
    soon(tip).to_contain_text("<script>")
    assert seen.errors == []


def test_the_paragraph_is_copied(page: tuple[Any, Seen]) -> None:
    one, _ = page
    one.locator("#method button.copy").click()
    soon(one.locator("#method button.copy")).to_have_text("Copied")
    soon(one.locator("#said")).to_have_text("Copied")
    chosen = one.evaluate("window.getSelection().toString()")
    assert chosen.startswith("240 people's answers")


def test_a_reference_file_can_be_saved(page: tuple[Any, Seen], tmp_path: Path) -> None:
    one, _ = page
    with one.expect_download() as waiting:
        one.locator("#references a[download]").click()
    saved = tmp_path / "saved.bib"
    waiting.value.save_as(saved)
    assert waiting.value.suggested_filename == "kimochi_references.bib"
    assert "@article{cronbach1951," in saved.read_text(encoding="utf-8")


def test_every_table_behind_a_picture_opens(page: tuple[Any, Seen]) -> None:
    one, _ = page
    folded = one.locator("figure details")
    assert folded.count() == one.locator("figure").count() >= 5
    for place in range(folded.count()):
        folded.nth(place).locator("summary").click()
        soon(folded.nth(place).locator("table")).to_be_visible()


@pytest.mark.parametrize("name", ["en", "ja", "phq9"])
def test_words_are_legible(chromium: Any, pages: dict[str, Path], name: str) -> None:
    page, _ = opened(chromium, pages[name])
    found = page.evaluate(CONTRAST)
    assert found["looked"] > 300
    assert found["poor"] == []
    page.close()


def test_the_page_has_one_outline(page: tuple[Any, Seen]) -> None:
    one, _ = page
    levels = one.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    links = one.eval_on_selector_all(
        "a[href^='#']", "all => all.filter(e => !document.getElementById(e.hash.slice(1))).length"
    )
    assert links == 0
    ids = one.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_japanese_letters_are_there(chromium: Any, pages: dict[str, Path]) -> None:
    page, _ = opened(chromium, pages["ja"])
    body = page.locator("body").inner_text()
    assert all(text in body for text in TEXTS["ja"])
    drawn = page.eval_on_selector_all("figure > svg text", "all => all.map(e => e.textContent)")
    assert any(TEXTS["ja"][1] in text for text in drawn)
    page.close()


def test_every_picture_fits_a_printed_page(chromium: Any, pages: dict[str, Path]) -> None:
    """A4 less its margins is 180 by 265 mm."""
    page, _ = opened(chromium, pages["long"])
    page.set_viewport_size({"width": 680, "height": 900})
    page.emulate_media(media="print")
    heights = page.eval_on_selector_all(
        "figure", "all => all.map(e => e.getBoundingClientRect().height)"
    )
    assert len(heights) > 8
    assert max(heights) < 1000
    bars = page.locator("#items figure")
    assert bars.count() == 4
    assert bars.locator(".legend").count() == bars.count()
    titles = page.locator("#items figcaption").all_inner_texts()
    assert len(set(titles)) == len(titles)
    heads = page.eval_on_selector_all(
        "thead",
        "all => all.map(e => [getComputedStyle(e).display, getComputedStyle(e).breakInside])",
    )
    assert set(map(tuple, heads)) == {("table-header-group", "avoid")}
    buttons = page.eval_on_selector_all(
        "th button", "all => all.map(e => getComputedStyle(e).display)"
    )
    assert set(buttons) == {"contents"}, "a browser repeats no head that has buttons"
    page.close()


def test_printing(chromium: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    page, seen = opened(chromium, pages["phq9"])
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("button.copy").first.is_visible()
    assert page.locator(".synthetic").is_visible()
    assert page.locator("figure > svg").first.is_visible()
    file = tmp_path / "phq9.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_size > 20_000
    assert seen.errors == []
    page.close()
