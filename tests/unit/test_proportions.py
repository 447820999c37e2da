"""Shares and their certainty, against values that are printed elsewhere or counted slowly."""

from math import comb, isclose

import pytest

from waheal.reckoning.proportions import by_chance, interval


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    assert interval(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_of_nobody_nothing_is_known() -> None:
    assert interval(0, 0) == (0.0, 1.0)
    assert by_chance((0, 0), (5, 10)) is None


def test_of_few_nothing_is_said() -> None:
    assert by_chance((1, 3), (3, 3)) is None
    assert by_chance((0, 1000), (3, 1000)) is None
    assert by_chance((1000, 1000), (1000, 1000)) is None


def test_the_same_share_comes_by_chance_every_time() -> None:
    assert by_chance((50, 100), (500, 1000)) == 1.0


@pytest.mark.parametrize(("one", "other"), [(60, 45), (30, 20), (55, 54), (80, 60)])
def test_the_chance_is_near_the_one_that_counting_all_ways_gives(one: int, other: int) -> None:
    found = by_chance((one, 100), (other, 100))
    assert found is not None
    # Half of the ties count: the normal curve has no steps.
    assert isclose(found, _counted(one, other), abs_tol=0.01)


def _counted(one: int, other: int) -> float:
    """Sum up all pairs of a hundred that are as far apart, at their common share."""
    share = (one + other) / 200
    ways = [comb(100, k) * share**k * (1 - share) ** (100 - k) for k in range(101)]
    apart = abs(one - other)
    return sum(
        ways[a] * ways[b] * (1 if abs(a - b) > apart else 0.5)
        for a in range(101)
        for b in range(101)
        if abs(a - b) >= apart
    )
