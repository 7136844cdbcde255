"""What each check does by itself, on tables small enough to check by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import psychoscales as ps
from psychoscales.auditing import CHECKS, audit
from psychoscales.auditing.coding import fit
from psychoscales.auditing.context import (
    Coding,
    Context,
    ScoreFacts,
    VariableFacts,
    context_of,
    together,
)
from psychoscales.auditing.grids import Grid
from psychoscales.auditing.percentages import denominators
from psychoscales.auditing.printed import Span, printed, rounded
from psychoscales.auditing.published import PublishedError, read_published
from psychoscales.auditing.subsets import sd_of_counts, sd_of_some
from psychoscales.auditing.tails import p_between, p_of_r, p_of_t, p_text
from psychoscales.engines.validity.multiplicity import benjamini_hochberg, holm
from psychoscales.errors import UnknownNameError
from tests.auditing.synthetic import text

ONE_TO_FIVE = VariableFacts("use", (1.0, 2.0, 3.0, 4.0, 5.0))
TOTAL = ScoreFacts("x_total", 6, 0, 18, Fraction(1), Fraction(1))
KNOWN = Context({"x_total": TOTAL}, {"use": ONE_TO_FIVE, "yes": VariableFacts("yes", (0.0, 1.0))})


def found(check: str, context: Context = KNOWN, **block: Any) -> list[tuple[str, str]]:
    return [(row["verdict"], row["expected"]) for row in audit(block, context, check=check).rows]


def described(variable: str = "x_total", **numbers: str) -> list[dict[str, str]]:
    return [{"analysis": "t", "variable": variable, **numbers}]


def counted(counts: list[int], n: int, percents: list[str] | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"analysis": "t", "variable": "use", "n": str(n)}
    row["counts"] = [str(count) for count in counts]
    return row | ({"percents": percents} if percents else {})


# -- printed numbers


@pytest.mark.parametrize(
    ("shown", "value", "decimals"),
    [
        ("-.04", Fraction(-4, 100), 2),
        ("23,864", Fraction(23864), 0),
        ("1,023,864.5", Fraction(10238645, 10), 1),
        ("1.46%", Fraction(146, 100), 2),
        ("\N{MINUS SIGN}0.150", Fraction(-150, 1000), 3),
    ],
)
def test_numbers_are_read_as_printed(shown: str, value: Fraction, decimals: int) -> None:
    number = printed(shown)
    assert (number.value, number.decimals, str(number)) == (value, decimals, shown)


@pytest.mark.parametrize("shown", ["", "12,34", "1.2.3", "n.s.", "1e3", "--1", "0,048", "1234,567"])
def test_other_texts_are_no_numbers(shown: str) -> None:
    with pytest.raises(ValueError, match="no printed number"):
        printed(shown)


def test_a_bound_allows_everything_on_its_side() -> None:
    assert printed("<.001").holds(0.0004)
    assert not printed("<.001").holds(0.002)
    assert printed(">.05").holds(0.3)


@given(st.fractions(-1000, 1000, max_denominator=4000), st.integers(0, 4), st.booleans())
def test_a_number_holds_whatever_rounds_to_it(exact: Fraction, decimals: int, even: bool) -> None:
    number = printed(text(exact, decimals, even))
    assert number.holds(exact)
    assert number.holds(float(exact))
    assert not number.holds(exact + 3 * number.half)


def test_both_ways_to_round_a_tie_are_allowed_and_cutting_off_is_not() -> None:
    assert printed("0.12").holds(Fraction(1, 8))
    assert printed("0.13").holds(Fraction(1, 8))
    assert not printed("1.46").holds(Fraction(35000, 23864))
    assert printed("1.46").cut_off(Fraction(35000, 23864))
    assert rounded(Fraction(-1, 8), 2) == "-0.13"


@pytest.mark.parametrize(
    ("p", "shown"), [(0.04, "0.0400"), (0.00005, "0.0001"), (0.00004, "< 0.0001"), (0, "< 0.0001")]
)
def test_a_small_p_is_written_as_what_it_is_below(p: float, shown: str) -> None:
    assert p_text(p) == shown
    assert p_between(Span(p, p)) == shown
    assert p_between(Span(p, 0.5)) == f"{shown} to 0.5000"


def test_every_mistake_of_a_block_is_told_at_once() -> None:
    block = {
        "proportions": [{"id": "a", "count": 350, "of": "23864", "percent": "1.46"}],
        "descriptives": [{"analysis": "t", "variable": "x", "mean": "<4", "sdd": "1"}],
    }
    with pytest.raises(PublishedError) as error:
        read_published(block)
    message = str(error.value)
    assert "proportions[0].count: found 350; a number as printed, in quotes" in message
    assert "descriptives[0].mean" in message
    assert "did you mean 'sd'" in message


@pytest.mark.parametrize("p", ["ns", "p < 0.05", "n.s.", 0.05])
def test_an_error_about_p_names_its_forms(p: Any) -> None:
    cell = {"analysis": "t", "row": "a", "column": "b", "r": ".10", "p": p}
    with pytest.raises(PublishedError, match=r"'\.034', '<\.05' or '>\.05'; leave it out where"):
        read_published({"correlations": [cell]})
    words = r"correlations\[0\]\.p: found .* as printed, in quotes"
    with pytest.raises(PublishedError, match=words):
        read_published({"correlations": [cell]})


def test_numbers_without_quotes_are_one_mistake_each() -> None:
    row = {"analysis": "t", "variable": "a", "n": "3", "counts": [1, 2]}
    with pytest.raises(PublishedError) as error:
        read_published({"frequencies": [row]})
    assert [problem.path for problem in error.value.problems] == [
        "frequencies[0].counts[0]",
        "frequencies[0].counts[1]",
    ]
    assert all("in quotes" in problem.allowed for problem in error.value.problems)
    with pytest.raises(PublishedError, match=r"an empty list; expected a list of 1 or more"):
        read_published({"frequencies": [row | {"counts": []}]})


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'grim'"):
        audit({}, check="grimm")


def test_checks_are_called_as_their_modules() -> None:
    assert all(check.check.__module__.endswith(f".{name}") for name, check in CHECKS.items())


def test_an_empty_block_has_no_findings_and_says_what_was_not_asked() -> None:
    table = audit({})
    assert table.rows == ()
    assert all(name in table.notes[0] for name in CHECKS)


# -- context


def test_steps_of_scores_come_from_the_scale() -> None:
    known = context_of([ps.scale(name) for name in ("phq9", "ghsq_kobori2021")]).scores
    phq, formal = known["phq9_total"], known["ghsq_kobori2021_formal"]
    assert (phq.items, phq.low, phq.high) == (9, 0.0, 27.0)
    assert phq.step == Fraction(1)
    assert phq.finest == Fraction(1, 56)
    assert (formal.step, formal.finest) == (Fraction(1, 3), Fraction(1, 6))
    assert (phq.per_item, formal.per_item) == (9, 1)


def test_other_codings_are_found_among_the_scales() -> None:
    scales = [ps.scale(name) for name in ("dd_kobori2021", "dd_kobori2021_1to6", "phq9")]
    known = context_of(scales).scores
    assert known["dd_kobori2021_total"].codings == (Coding("dd_kobori2021_1to6_total", 12),)
    assert known["dd_kobori2021_1to6_total"].codings == (Coding("dd_kobori2021_total", -12),)
    assert known["phq9_total"].codings == ()


def test_bounds_on_how_many_answered_both() -> None:
    block = {"frequencies": [counted([40, 50], 90), {**counted([50, 45], 95), "variable": "b"}]}
    published = read_published(block)
    assert together(published, Context(people=100), ("use", "b")) == (85, 90)
    assert together(published, Context(people=100), ("use", "unknown")) == (0, 90)
    assert together(published, Context(), ("unknown",)) == (0, None)


# -- percentages, sums, copies, lists


def test_percentages() -> None:
    row = counted([1, 2], 3, ["33.3", "66.7"])
    assert found("percentages", frequencies=[row]) == []
    wrong = counted([1, 2], 3, ["33.3", "67.7"])
    assert found("percentages", frequencies=[wrong]) == [("inconsistent", "66.7")]
    other = counted([177, 83], 336, ["53.2", "24.9"])
    assert found("percentages", frequencies=[other]) == [("inconsistent", "n = 333")]
    part = {"id": "p", "count": "7", "of": "5", "percent": "140"}
    assert found("percentages", proportions=[part]) == [("impossible", "at most 5")]


@pytest.mark.parametrize(
    ("counts", "percents", "verdict", "expected"),
    [
        ([1, 1, 1], ["33.3", "33.3", "33.4"], "note", "33.3"),
        ([1, 1, 1], ["33.4", "33.3", "33.3"], "note", "33.3"),
        ([1, 2, 3], ["17", "33", "50"], None, ""),
        ([2, 2, 2, 1], ["28.6", "28.6", "28.6", "14.2"], "implausible", "14.3"),
        ([2, 2, 2, 1], ["28.5", "28.6", "28.6", "14.3"], "note", "28.6"),
        ([1, 1, 1], ["33.2", "33.4", "33.4"], "implausible", "33.3, 33.3, 33.3"),
        ([1, 1, 1], ["33.3", "33.3", "33.5"], "inconsistent", "33.3"),
        ([1, 1, 1], ["33.1", "33.4", "33.5"], "inconsistent", "33.3"),
    ],
)
def test_rows_that_were_made_to_sum_to_100(
    counts: list[int], percents: list[str], verdict: str | None, expected: str
) -> None:
    row = counted(counts, sum(counts), percents)
    table = audit({"frequencies": [row]}, check="percentages")
    assert [one["verdict"] for one in table.rows[:1]] == ([verdict] if verdict else [])
    assert [one["expected"] for one in table.rows[:1]] == ([expected] if verdict else [])
    named = "largest remainders" in table.rows[0]["explanation"] if verdict else False
    assert named is (verdict in ("note", "implausible"))


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6).filter(sum), st.integers(0, 2))
def test_rounding_by_largest_remainders_is_never_an_error(counts: list[int], places: int) -> None:
    n, unit = sum(counts), Fraction(1, 10**places)
    shares = [Fraction(100 * count, n) for count in counts]
    cut = [share // unit * unit for share in shares]
    left = int((100 - sum(cut)) / unit)
    most = sorted(range(len(counts)), key=lambda at: cut[at] - shares[at])[:left]
    percents = [text(one + unit * (at in most), places) for at, one in enumerate(cut)]
    rows = audit({"frequencies": [counted(counts, n, percents)]}, check="percentages").rows
    assert {row["verdict"] for row in rows} <= {"note"}


def test_sums_of_rows() -> None:
    assert found("row_sums", frequencies=[counted([1, 2], 3)]) == []
    assert found("row_sums", frequencies=[counted([1, 2], 4)]) == [("inconsistent", "n = 3")]
    several = Context(variables={"use": VariableFacts("use", multiple=True)})
    assert found("row_sums", several, frequencies=[counted([3, 2], 4)]) == []
    assert found("row_sums", several, frequencies=[counted([5, 2], 4)]) == [
        ("inconsistent", "at most 4")
    ]
    few = Context(people=2)
    assert found("row_sums", few, frequencies=[counted([1, 2], 3)]) == [
        ("inconsistent", "at most 2")
    ]


def test_identical_rows_are_reported_where_chance_is_no_explanation() -> None:
    def pair(counts: list[int], n: int) -> list[dict[str, Any]]:
        return [counted(counts, sum(counts)), {**counted(counts, n), "variable": "b"}]

    many = [177, 83, 59, 11, 2, 1]
    assert found("identical_rows", frequencies=pair(many, 336))[0][0] == "inconsistent"
    assert found("identical_rows", frequencies=pair(many, 333))[0][0] == "implausible"
    assert found("identical_rows", frequencies=pair([10, 12], 22)) == []


def test_stated_numbers() -> None:
    lists = [{"id": "a", "stated": "5", "listed": 6}, {"id": "b", "stated": "5", "listed": 5}]
    assert found("stated_counts", lists=lists) == [("inconsistent", "6")]


# -- means and SDs


@pytest.mark.parametrize(
    ("mean", "n", "fits"),
    [
        ("7.22", 32, True),
        ("4.74", 25, False),
        ("5.23", 29, False),
        ("2.57", 24, False),
        ("6.77", 27, False),
        ("5.00", 25, True),
    ],
)
def test_grim_agrees_with_scrutiny(mean: str, n: int, fits: bool) -> None:
    """The first cases of `pigs1` of the R package scrutiny (0.6.1), and their results."""
    verdicts = [one for one, _ in found("grim", descriptives=described(mean=mean, n=str(n)))]
    assert verdicts == ([] if fits else ["impossible"])


def test_grim_says_where_it_has_no_power() -> None:
    rows = described(mean="7.22", n="100")
    assert found("grim", descriptives=rows) == [("no_power", "")]
    assert found("grim", descriptives=described(mean="7.22")) == [("no_power", "")]


def test_grim_does_not_blame_what_the_missing_rule_explains() -> None:
    prorated = Context({"x_total": ScoreFacts("x_total", 6, 0, 18, Fraction(1), Fraction(1, 5))})
    rows = described(mean="4.74", n="5")
    assert found("grim", prorated, descriptives=described(mean="4.76", n="5")) == [("note", "")]
    assert found("grim", prorated, descriptives=rows)[0][0] == "impossible"


@pytest.mark.parametrize("n", [3, 5, 7])
def test_grimmer_passes_exactly_the_sds_that_data_have(n: int) -> None:
    """All answers 0 to 4 of n people: a sum and sum of squares that occur are never excluded."""
    every = list(itertools.combinations_with_replacement(range(5), n))
    grid = Grid(n, Fraction(0), Fraction(1), 4)
    pairs = {(sum(row), sum(x * x for x in row)) for row in every}
    for total, squares in pairs:
        spread = Fraction(squares) - Fraction(total**2, n)
        sd = printed(text(math.sqrt(spread / (n - 1)), 2))
        mean = printed(text(Fraction(total, n), 2))
        assert total in grid.sums(mean)
        assert squares in grid.squares(total, sd, n - 1)
    possible = sum((t, q) in pairs for t in range(4 * n + 1) for q in range(16 * n + 1))
    assert possible == len(pairs)


@pytest.mark.parametrize(
    ("mean", "sd", "n", "step", "sums", "pairs"),
    [
        ("38.36", "10.095", 350, 1, 3, 10),
        ("38.36", "10.095", 328, 1, 3, 11),
        ("12.38", "6.95", 350, 1, 3, 72),
        ("12.38", "6.95", 328, 1, 4, 92),
        ("48.97", "10.42", 350, 1, 4, 144),
        ("4.53", "1.27", 350, 3, 10, 399),
        ("3.72", "1.33", 328, 3, 10, 392),
    ],
)
def test_counts_of_feasible_sums_and_pairs(
    mean: str, sd: str, n: int, step: int, sums: int, pairs: int
) -> None:
    """The counts of the audit of Kobori and Yoshinaga 2021, made independently of this code."""
    grid = Grid(n, Fraction(0), Fraction(1, step), None)
    assert len(grid.sums(printed(mean))) == sums
    assert grid.pairs(printed(mean), printed(sd), n - 1) == pairs


def test_grimmer_finds_an_sd_between_two_possible_ones() -> None:
    fine = described(mean="3.00", sd="1.00", n="5")
    assert found("grimmer", descriptives=fine) == []
    assert found("grimmer", descriptives=described(mean="3.00", sd="1.20", n="5")) == [
        ("impossible", "")
    ]


def test_debit() -> None:
    """The second case is the example of the R package scrutiny."""
    right = described("yes", mean="0.35", sd="0.49", n="20")
    wrong = described("yes", mean="0.35", sd="0.18", n="20")
    assert found("debit", descriptives=right) == []
    assert [verdict for verdict, _ in found("debit", descriptives=wrong)] == ["impossible"]


@pytest.mark.parametrize(
    ("mean", "low", "high", "most"),
    [("12.38", 0, 27, 13.47), ("48.97", 0, 60, 23.27), ("48.97", 12, 72, 29.22)],
)
def test_largest_sd(mean: str, low: float, high: float, most: float) -> None:
    known = Context({"x_total": ScoreFacts("x_total", 9, low, high)}, people=350)
    more = described(mean=mean, sd=str(round(most + 0.02, 2)), n="350")
    verdict, expected = found("largest_sd", known, descriptives=more)[0]
    assert verdict == "impossible"
    assert float(expected.removeprefix("at most ")) == pytest.approx(most, abs=0.011)
    same = described(mean=mean, sd=str(most), n="350")
    assert found("largest_sd", known, descriptives=same) == []


def test_smallest_sd_of_a_printed_range() -> None:
    rows = described(mean="5.0", sd="0.50", n="10", min="0", max="9")
    assert found("largest_sd", descriptives=rows) == [("inconsistent", "at least 1.79")]


# -- coding


def test_a_mean_outside_the_range_is_impossible() -> None:
    assert found("coding", descriptives=described(mean="19.2")) == [("impossible", "0 to 18")]


def test_coding_by_scale_known_or_not() -> None:
    rows = described(mean="12.0", sd="3.1")
    low = Context({"x_total": ScoreFacts("x_total", 6, 0, 18, Fraction(1))})
    known = ScoreFacts("x_total", 6, 0, 18, Fraction(1), None, (Coding("x1_total", 6),))
    assert found("coding", low, descriptives=rows) == []
    high = described(mean="15.6", sd="3.4")
    assert found("coding", low, descriptives=high) == [("note", "9.6, if coded 6 to 24")]
    assert found("coding", Context({"x_total": known}), descriptives=high) == [
        ("implausible", "9.6, if coded 6 to 24")
    ]


def test_fit_gives_back_the_mean_and_sd() -> None:
    one = fit(48.97, 10.42, 0, 60)
    assert one is not None
    size = one.a + one.b
    assert one.a / size * 60 == pytest.approx(48.97)
    assert math.sqrt(one.a * one.b / (size**2 * (size + 1))) * 60 == pytest.approx(10.42)


# -- p, signs, df


def test_tails_agree_with_scipy() -> None:
    from scipy import stats

    data = np.random.default_rng(3).normal(size=(2, 40))
    r, p = stats.pearsonr(*data)
    assert p_of_r(r, 40) == pytest.approx(p, rel=1e-9)
    assert p_of_t(-2.1, 17) == pytest.approx(2 * stats.t.sf(2.1, 17), rel=1e-12)


def test_corrections_agree_with_scipy_and_by_hand() -> None:
    from scipy import stats

    p = [0.04, 0.001, 0.03, 0.2]
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p).tolist())
    assert holm(p) == pytest.approx([0.09, 0.004, 0.09, 0.2])


def test_p_of_r() -> None:
    def cell(**numbers: str) -> list[dict[str, str]]:
        return [{"analysis": "t", "row": "a", "column": "b", **numbers}]

    assert found("p_values", correlations=cell(r="0.110", n="341", p=".04")) == []
    assert found("p_values", correlations=cell(r="0.110", n="328", p=".04")) != []
    assert found("p_values", correlations=cell(r="0.110", n="341", p="<.001"))[0][0] == (
        "inconsistent"
    )
    people = Context(people=341)
    assert found("p_values", people, correlations=cell(r="0.110", p=".01"))[0][0] == "inconsistent"
    assert found("p_values", people, correlations=cell(r="0.110", p=".09"))[0][0] == "note"
    assert found("p_values", people, correlations=cell(r="0.110", p=".40"))[0][0] == "implausible"
    known = Context(people=223)
    assert found("p_values", known, correlations=cell(r=".48", p=".020")) == [
        ("implausible", "< 0.0001")
    ]
    one_sided = audit({"correlations": cell(r="0.110", n="341", p=".021")}, check="p_values")
    assert "one-sided" in one_sided.rows[0]["explanation"]


def regression(**numbers: str) -> list[dict[str, str]]:
    return [{"analysis": "t", "outcome": "y", "predictor": "use", **numbers}]


def model(**numbers: str) -> list[dict[str, str]]:
    return [{"analysis": "t", "outcome": "y", **numbers}]


def test_p_of_t() -> None:
    for p, wrong in ((".579", False), (".479", True)):
        rows = regression(t="0.556", p=p)
        got = found("p_values", regressions=rows, regression_models=model(df="321"))
        assert bool(got) is wrong


@pytest.mark.parametrize(
    ("t", "p", "wrong"),
    [
        ("5.20", ".400", True),
        ("1.20", "<.001", True),
        ("1.20", ".230", False),
        ("1.20", ".442", False),
        ("1.20", ".445", True),
        ("5.20", ".121", False),
        ("5.20", "<.001", False),
        ("-5.20", "<.001", False),
        ("0.00", "1.000", False),
    ],
)
def test_p_of_t_without_df_is_that_of_some_df(t: str, p: str, wrong: bool) -> None:
    verdicts = [one for one, _ in found("p_values", regressions=regression(t=t, p=p))]
    assert verdicts == ["inconsistent"] * wrong


def test_signs() -> None:
    assert found("signs", regressions=regression(B="-0.031", beta="-.024", t="-0.223")) == []
    assert found("signs", regressions=regression(B="0.000", beta="-.024", t="-0.223")) == []
    assert found("signs", regressions=regression(B="-0.031", beta="-.024", t="0.223")) == [
        ("inconsistent", "t = -0.223")
    ]
    assert found("signs", regressions=regression(B="-0.031", t="0.223")) == [
        ("inconsistent", "the same sign")
    ]


def test_degrees_of_freedom() -> None:
    def df(**numbers: str) -> list[tuple[str, str]]:
        return found(
            "degrees_of_freedom",
            frequencies=[counted([40, 50], 90)],
            regressions=regression(t="1.0"),
            regression_models=model(**numbers),
        )

    assert df(df="88") == []
    assert df(df="89") == [("inconsistent", "n at most 90")]
    assert df(df="80", n="90") == [("inconsistent", "df = 88")]


# -- regressions


@given(st.lists(st.integers(0, 4), min_size=3, max_size=5).filter(lambda c: sum(c) > 3), st.data())
def test_ends_of_the_sd_of_some_are_exact(counts: list[int], data: st.DataObject) -> None:
    values = [at for at, count in enumerate(counts) for _ in range(count)][:9]
    counts = [values.count(at) for at in range(len(counts))]
    kept = data.draw(st.integers(2, len(values)))
    every = [np.std(some, ddof=1) for some in itertools.combinations(values, kept)]
    span = sd_of_some(counts, range(len(counts)), kept)
    assert (span.low, span.high) == pytest.approx((min(every), max(every)), abs=1e-6)
    assert sd_of_counts(counts, range(len(counts))) == pytest.approx(np.std(values, ddof=1))


def test_implied_sd_of_one_predictor() -> None:
    counts = [20, 20, 20, 20, 20]
    sd = sd_of_counts(counts, (1, 2, 3, 4, 5))
    block: dict[str, Any] = {
        "frequencies": [counted(counts, 100)],
        "descriptives": described("y", mean="10.0", sd="4.00", n="100"),
        "regression_models": model(df="98"),
    }
    right = regression(B="0.500", beta=f"{0.5 * sd / 4:.3f}")
    wrong = regression(B="0.500", beta=f"{0.3 * sd / 4:.3f}")
    assert found("implied_sds", **block, regressions=right) == []
    assert [one for one, _ in found("implied_sds", **block, regressions=wrong)] == ["inconsistent"]


def test_r_squared() -> None:
    def block(beta: str, **whole: str) -> list[tuple[str, str]]:
        cells = [
            {"analysis": "c", "row": "y", "column": name, "r": r, "n": "100"}
            for name, r in (("use", "0.400"), ("b", "0.100"))
        ]
        rows = [
            {"analysis": "t", "outcome": "y", "predictor": name, "beta": value}
            for name, value in (("use", beta), ("b", "0.050"))
        ]
        wholes = model(df="97", **whole)
        return found("r_squared", correlations=cells, regressions=rows, regression_models=wholes)

    assert block("0.400") == []
    assert block("-0.400")[0] == ("inconsistent", "at least 0.16000")
    assert block("0.400", r_squared=".165") == []
    assert block("0.400", r_squared=".265")[0][0] == "inconsistent"
    assert block("0.400", r_squared=".165", f="9.58") == []
    assert block("0.400", r_squared=".165", f="19.58")[0][0] == "inconsistent"


def test_vif() -> None:
    other = {"analysis": "t", "outcome": "y", "predictor": "other"}
    rows = [*regression(beta=".500", t="2.000"), other]
    assert found("vif", regressions=rows, regression_models=model(df="98")) == [
        ("note", "VIF up to 6.1")
    ]
    few = [*regression(beta=".200", t="2.000"), other]
    assert found("vif", regressions=few, regression_models=model(df="98")) == []
    low = [*regression(beta=".100", t="2.000"), other]
    assert found("vif", regressions=low, regression_models=model(df="98", r_squared=".20")) == [
        ("inconsistent", "VIF of 1 or more")
    ]


def test_alpha() -> None:
    def one(**numbers: str) -> list[tuple[str, str]]:
        return found("alpha", alphas=[{"score": "x_total", **numbers}])

    assert one(alpha=".75", items="6", mean_r=".33") == []
    assert one(alpha=".95", items="6", mean_r=".33")[0][0] == "implausible"
    assert one(alpha=".75", items="7") == [("inconsistent", "6 items")]
    assert found("possible_values", alphas=[{"score": "x_total", "alpha": "1.02"}]) == [
        ("impossible", "at most 1")
    ]
    assert one(alpha=".75", mean_r="-.40")[0][0] == "impossible"


def test_multiplicity() -> None:
    def table(*r: str) -> list[tuple[str, str]]:
        cells = [
            {"analysis": "t", "row": "y", "column": f"x{at}", "r": one, "n": "100"}
            for at, one in enumerate(r)
        ]
        return found("multiplicity", correlations=cells)

    assert table("0.20", "0.21", "0.02") == [("note", "0 of 3")]
    assert table("0.50", "0.21", "0.20", "0.02") == [("note", "1 of 4")]
    assert table("0.50", "0.60", "0.02") == []
    assert table("0.01", "0.02", "0.03") == []


# -- what is not Pearson's, and what has no intercept


def correlated(method: str | None) -> list[dict[str, str]]:
    """Kendall's tau of 30 people is .071 with P = .596; as Pearson's it would be .71."""
    row = {"analysis": "t", "row": "x", "column": "y", "n": "30", "r": "0.071", "p": "0.596"}
    return [row | ({"method": method} if method else {})]


def test_only_the_p_of_pearson_follows_from_r() -> None:
    assert [verdict for verdict, _ in found("p_values", correlations=correlated(None))] == [
        "inconsistent"
    ]
    for method in ("kendall", "spearman"):
        assert not found("p_values", correlations=correlated(method))
    above = [correlated("kendall")[0] | {"r": "1.20"}]
    assert found("possible_values", correlations=above) == [("impossible", "-1 to 1")]


def test_only_pearson_makes_r_squared() -> None:
    model = {"analysis": "t3", "outcome": "y"}
    cells = [
        {"analysis": "t2", "row": "y", "column": name, "r": r, "n": "50"}
        for name, r in (("a", "0.60"), ("b", "0.10"))
    ]
    block: dict[str, Any] = {
        "regressions": [model | {"predictor": name, "beta": "0.01"} for name in ("a", "b")],
        "regression_models": [model | {"n": "50"}],
    }
    assert found("r_squared", correlations=cells, **block)
    ranks = [cell | {"method": "spearman"} for cell in cells]
    assert not found("r_squared", correlations=ranks, **block)


@pytest.mark.parametrize(("intercept", "right"), [(True, "27"), (False, "28")])
def test_a_regression_without_an_intercept_has_one_more_degree_of_freedom(
    intercept: bool, right: str
) -> None:
    model = {"analysis": "t3", "outcome": "y"}
    block: dict[str, Any] = {
        "regressions": [model | {"predictor": name, "B": "0.5"} for name in ("a", "b")],
    }
    for df in ("26", "27", "28"):
        whole = model | {"n": "30", "df": df, "intercept": intercept}
        expected = [] if df == right else [("inconsistent", f"df = {right}")]
        assert found("degrees_of_freedom", regression_models=[whole], **block) == expected


# -- a variable that is printed twice, as of two groups


def test_several_n_of_a_variable_leave_every_one_of_them_possible() -> None:
    block = read_published(
        {
            "descriptives": [
                {"analysis": name, "variable": "y", "mean": "4", "n": n}
                for name, n in (("completers", "70"), ("everybody", "90"))
            ],
            "frequencies": [
                {"analysis": "t", "variable": "x", "n": "80", "counts": ["30", "50"]},
            ],
        }
    )
    assert block.people_of("y") == (70, 90)
    assert together(block, Context(people=100), ["x", "y"]) == (50, 80)
    assert together(block, Context(), ["y"]) == (0, 90)
    pair = {"analysis": "c", "row": "x", "column": "y", "r": "0.10", "n": "78"}
    tree = block.model_dump(mode="json", exclude_none=True) | {"correlations": [pair]}
    assert not audit(tree, check="degrees_of_freedom").rows
    assert audit({**tree, "correlations": [pair | {"n": "81"}]}, check="degrees_of_freedom").rows


def test_what_differs_between_groups_is_of_no_regression() -> None:
    """SDs of 2.0 and 4.0: B = 1 and beta = .5 fit one of them, and nobody says which."""
    model = {"analysis": "t3", "outcome": "y"}

    def tree(*sds: str) -> dict[str, Any]:
        return {
            "descriptives": [
                *(
                    {"analysis": f"t{at}", "variable": "y", "mean": "5.0", "sd": sd, "n": "50"}
                    for at, sd in enumerate(sds)
                ),
                {"analysis": "t1", "variable": "x", "mean": "5.0", "sd": "3.00", "n": "50"},
            ],
            "regressions": [model | {"predictor": "x", "B": "1.000", "beta": ".500"}],
            "regression_models": [model | {"n": "50"}],
        }

    assert [row["verdict"] for row in audit(tree("2.0"), check="implied_sds").rows] == [
        "inconsistent"
    ]
    assert not audit(tree("2.0", "4.0"), check="implied_sds").rows


def test_a_row_of_a_regression_stands_once() -> None:
    row = {"analysis": "t3", "outcome": "y", "predictor": "a", "B": "0.5"}
    with pytest.raises(PublishedError, match=r"an analysis of its own; there twice: t3 y a"):
        read_published({"regressions": [row, row]})


def test_nobody_of_nobody_is_no_contradiction() -> None:
    row = {"id": "a", "count": "0", "of": "0", "percent": "0"}
    assert not found("percentages", proportions=[row])
    assert found("percentages", proportions=[row | {"count": "1"}]) == [("impossible", "at most 0")]


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=4),
    st.integers(0, 1),
    st.integers(-3, 3),
    st.data(),
)
def test_denominators_are_those_that_trying_each_finds(
    counts: list[int], decimals: int, off: int, data: st.DataObject
) -> None:
    n = max(1, sum(counts) + off)
    real = data.draw(st.integers(max(1, *counts), 40))
    percents = [text(Fraction(100 * count, real), decimals) for count in counts]
    block = read_published({"frequencies": [counted(counts, n, percents)]})
    row = block.frequencies[0]
    every = [
        each
        for each in range(max(1, *counts), max(2 * n, 50) + 1)
        if all(
            printed(percent).holds(Fraction(100 * count, each))
            for count, percent in zip(counts, percents, strict=True)
        )
    ]
    found_ = denominators(row, Context(people=50))
    assert sorted(found_) == every
    assert [abs(each - n) for each in found_] == sorted(abs(each - n) for each in every)


def test_a_mean_outside_the_range_is_said_once_and_as_that() -> None:
    rows = [*described(mean="18.10", sd="2.00", n="10"), *described("use", mean="0.50", n="10")]
    said = [
        (row["check"], row["verdict"], row["expected"])
        for row in audit({"descriptives": rows}, KNOWN).rows
    ]
    assert said == [("grim", "impossible", "1 to 5"), ("coding", "impossible", "0 to 18")]
