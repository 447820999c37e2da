"""Limits as the operator writes them, and the moments that a pace allows."""

import pytest

from waheal.errors import UsageError
from waheal.policy.pacing import (
    DAY,
    HISTORY_MARGIN,
    HOUR,
    MINUTE,
    Limits,
    Pace,
    parse_frequency,
    parse_rate,
    parse_total_rate,
)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("20/min", Limits(per_minute=20)),
        (" 100 / h ", Limits(per_hour=100)),
        ("200/day", Limits(per_day=200)),
        ("20/min,100/h,200/d", Limits(per_minute=20, per_hour=100, per_day=200)),
        ("20/min,5/min", Limits(per_minute=5)),
    ],
)
def test_reads_a_rate(text: str, limits: Limits) -> None:
    assert parse_rate(text) == limits


@pytest.mark.parametrize("text", ["", "20", "0/min", "-1/min", "2.5/h", "20/week", "20/min,"])
def test_refuses_a_rate_that_it_does_not_understand(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rate(text)
    assert "20/min" in str(caught.value.hint)


def test_reads_a_total_rate() -> None:
    assert parse_total_rate("100/min,1000/day") == Limits(total_per_minute=100, total_per_day=1000)


def test_reads_a_frequency() -> None:
    assert parse_frequency("3/7d") == (3, 7 * DAY)


@pytest.mark.parametrize("text", ["3", "0/7d", "3/0d", "3/7h"])
def test_refuses_a_frequency_that_it_does_not_understand(text: str) -> None:
    with pytest.raises(UsageError):
        parse_frequency(text)


def test_holds_the_stricter_of_two_limits() -> None:
    one = Limits(per_minute=20, per_day=200, gap=1.0, per_recipient=(1, DAY))
    other = Limits(per_minute=30, per_hour=100, gap=3.0, jitter=0.5)
    assert one.combined(other) == Limits(
        per_minute=20, per_hour=100, per_day=200, gap=3.0, jitter=0.5, per_recipient=(1, DAY)
    )


def test_without_limits_every_moment_is_free() -> None:
    pace = Limits().pace([])
    for moment in range(100):
        assert pace.allowed_at(moment) == moment
        pace.note(moment)


def test_waits_until_the_oldest_leaves_the_window() -> None:
    pace = Pace(((2, MINUTE),))
    pace.note(0)
    pace.note(10)
    assert pace.allowed_at(11) == 60
    assert pace.allowed_at(60) == 60
    pace.note(60)
    assert pace.allowed_at(60) == 70


def test_the_strictest_window_decides() -> None:
    pace = Limits(per_minute=1, per_hour=2).pace([0.0, 100.0])
    assert pace.allowed_at(200) == HOUR


def test_a_jitter_only_lengthens_the_gap() -> None:
    pace = Pace((), gap=10)
    pace.note(0, jitter=0.5)
    assert pace.allowed_at(1) == 15
    pace.note(15, jitter=-1.0)
    assert pace.allowed_at(16) == 25


def test_a_message_that_was_not_sent_is_given_back() -> None:
    pace = Pace(((1, MINUTE),), gap=5)
    pace.note(0)
    pace.forget(0)
    pace.forget(12345)
    assert pace.allowed_at(1) == 1


def test_nothing_is_given_back_for_a_moment_at_which_nothing_was_noted() -> None:
    pace = Pace(((1, MINUTE),))
    pace.note(10)
    pace.forget(5)
    assert pace.allowed_at(11) == 70


def test_counts_a_message_from_when_it_left() -> None:
    pace = Pace(((1, MINUTE),))
    pace.note(0)
    pace.shift(0, 20)
    assert pace.allowed_at(30) == 80
    pace.shift(20, 10)
    assert pace.allowed_at(30) == 80


def test_a_moment_in_the_future_counts_like_one_of_just_now() -> None:
    pace = Pace(((1, MINUTE),), history=[1000.0])
    assert pace.allowed_at(500) == 1060


def test_a_clock_that_is_set_back_frees_nothing() -> None:
    pace = Pace(((1, MINUTE),))
    pace.note(1000)
    pace.note(500)
    assert pace.allowed_at(600) == 1060


def test_the_gap_reaches_into_the_history() -> None:
    assert Limits(gap=7).history_since(10_000) == 10_000 - 7 - HISTORY_MARGIN


def test_what_came_before_the_known_history_counts_as_a_full_window() -> None:
    limits = Limits(per_minute=1)
    since = limits.history_since(10_000)
    assert since == 10_000 - MINUTE - HISTORY_MARGIN
    pace = limits.pace([], since)
    assert pace.allowed_at(10_000) == 10_000
    assert pace.allowed_at(since) == since + MINUTE


def test_the_total_holds_over_all_devices() -> None:
    pace = Limits(per_minute=1, total_per_minute=3).total_pace([0.0, 1.0, 2.0])
    assert pace.allowed_at(3) == 60


def test_counts_what_was_noted_after_a_moment() -> None:
    assert Pace((), history=[3.0, 1.0, 2.0]).count(since=1.0) == 2
