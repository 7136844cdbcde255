"""Tables in print: one rule a kind of number, in text, HTML, LaTeX and Word."""

from __future__ import annotations

import io
import math

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychoscales.layouts import (
    Cell,
    Grid,
    bounded,
    escaped,
    fixed,
    html,
    latex,
    plain,
    probability,
    rich,
    stars,
    text,
    word,
)

GRID = Grid(
    rich("A *title* & more"),
    (plain(""), rich("*M*"), rich("*r*"), rich("*p*"), plain("100% <CI>_x")),
    (
        (Cell("text", "First half"),),
        (
            Cell("text", "a_b & <c> *d*"),
            Cell("number", -1234.567),
            Cell("bounded", -0.456, mark="***"),
            Cell("p", 0.0002),
            Cell("interval", -0.5, 2.0),
        ),
        (
            Cell("text", "gone"),
            Cell("number"),
            Cell("bounded", math.nan),
            Cell("p"),
            Cell("count", 0),
        ),
    ),
    (rich("*R*^2^ is 5\\*"), plain("2 ** 3 ^ 4")),
)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell("number", 1.005), "1.00"),
        (Cell("number", -0.001), "0.00"),
        (Cell("number", -12345.678, decimals=1), "-12,345.7"),
        (Cell("bounded", 0.05), ".05"),
        (Cell("bounded", -0.05, decimals=3), "-.050"),
        (Cell("bounded", -0.001), ".00"),
        (Cell("bounded", 1.0), "1.00"),
        (Cell("p", 0.0009999), "< .001"),
        (Cell("p", 0.001), ".001"),
        (Cell("p", 0.0421), ".042"),
        (Cell("p", 0.99999), "> .999"),
        (Cell("p", 0.9994), ".999"),
        (Cell("count_percent", 1234, 0.0764), "1,234 (7.6)"),
        (Cell("count_percent", 0), "0"),
        (Cell("percent", 0.014666, decimals=2), "1.47"),
        (Cell("bounded_interval", -0.1, 0.25), "[-.10, .25]"),
        (Cell("end", 27.0), "27"),
        (Cell("end", 4.333), "4.33"),
        (Cell("number", None), ""),
        (Cell("number", math.inf), ""),
    ],
)
def test_numbers(cell: Cell, shown: str) -> None:
    assert cell.text == shown


def test_stars() -> None:
    ps = (None, 0.5, 0.05, 0.049, 0.01, 0.009, 0.001, 0.0009)
    assert [stars(p) for p in ps] == ["", "", "", "*", "*", "**", "**", "***"]


@given(st.floats(-1, 1), st.integers(0, 6))
def test_numbers_can_be_read_back(value: float, decimals: int) -> None:
    for shown in (fixed(value, decimals), bounded(value, decimals)):
        assert abs(float(shown) - value) <= 0.5 * 10.0**-decimals + 1e-12
        assert shown.strip("-0.") or not shown.startswith("-")


@given(st.floats(0, 1))
def test_p_never_says_zero_or_one(p: float) -> None:
    assert probability(p) not in (".000", "1.000", "0.000")


def test_marks_are_read_and_users_texts_are_not() -> None:
    assert rich("*B* = 2^3^ \\*").runs == (
        ("B", "italic"),
        (" = 2", "plain"),
        ("3", "above"),
        (" *", "plain"),
    )
    assert plain("*B*").text == "*B*"


def test_text_is_aligned_and_narrow() -> None:
    lines = text(GRID, 50).splitlines()
    assert max(len(line) for line in lines) <= 50
    assert any(line.endswith("-.46***") for line in text(GRID).splitlines()) or "-.46***" in text(
        GRID
    )
    assert lines[-2].startswith("  Note. R2 is 5*")


def test_html_escapes_and_slants() -> None:
    shown = html(GRID)
    assert "<em>title</em> &amp; more" in shown
    assert "a_b &amp; &lt;c&gt; *d*" in shown
    assert "\N{MINUS SIGN}1,234.57" in shown
    assert "\N{MINUS SIGN}.46<sup>***</sup>" in shown
    assert '<th colspan="5">First half</th>' in shown


def test_latex_escapes_and_slants() -> None:
    shown = latex(GRID, "tab:x")
    assert r"\caption{A \textit{title} \& more}" in shown
    assert r"a\_b \& \textless{}c\textgreater{} *d*" in shown
    assert "$-$1,234.57" in shown
    assert r"$-$.46\textsuperscript{***}" in shown
    assert r"{[$-$0.50, 2.00]} \\" in shown
    assert shown.count("{") == shown.count("}")
    assert escaped("50% of $x_1 {a} ~ ^ \\") == (
        r"50\% of \$x\_1 \{a\} \textasciitilde{} \textasciicircum{} \textbackslash{}"
    )


def test_word_has_the_same_cells() -> None:
    document = docx.Document(io.BytesIO(word([GRID, GRID])))
    assert len(document.tables) == 2
    table = document.tables[0]
    assert [cell.text for cell in table.rows[2].cells] == [
        "a_b & <c> *d*",
        "\N{MINUS SIGN}1,234.57",
        "\N{MINUS SIGN}.46***",
        "< .001",
        "[\N{MINUS SIGN}0.50, 2.00]",
    ]
    assert table.cell(0, 1).paragraphs[0].runs[0].italic
    assert table.cell(2, 2).paragraphs[0].runs[1].font.superscript
    assert document.paragraphs[1].text == "Note. R2 is 5*"
