"""The comparer of goldens sees a wrong answer."""

from __future__ import annotations

import pytest

from tests.coefficients.comparing import assert_close, differences


@pytest.mark.parametrize(
    ("found", "golden"),
    [
        (0.839 * (1 + 2e-10), 0.839),
        (-0.839, 0.839),
        (2e-10, 0.0),
        (float("nan"), 0.839),
        (float("inf"), 0.839),
        (None, 0.839),
        ([0.1, 0.2], [0.1, 0.3]),
        ([0.1, 0.2], [0.1]),
        ([0.1], 0.1),
        (0.1, float("nan")),
        (1000.0 + 2e-7, 1000.0),
    ],
)
def test_a_wrong_value_is_seen(found: object, golden: object) -> None:
    assert differences(found, golden)
    with pytest.raises(AssertionError, match="alpha: "):
        assert_close(found, golden, "alpha")


@pytest.mark.parametrize(
    ("found", "golden", "count"),
    [
        (0.839 * (1 + 5e-11), 0.839, 1),
        (5e-11, 0.0, 1),
        ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]], 4),
    ],
)
def test_a_right_value_is_counted(found: object, golden: object, count: int) -> None:
    assert assert_close(found, golden, "alpha") == count


def test_the_tolerance_is_the_one_that_is_given() -> None:
    assert differences(1.0001, 1.0)
    assert not differences(1.0001, 1.0, tolerance=1e-3)
