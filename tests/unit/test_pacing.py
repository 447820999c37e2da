"""Limits as the operator writes them, and the moments that a pace allows."""

from math import inf

import pytest

from waheal.errors import UsageError
from waheal.policy.pacing import (
    DAY,
    HISTORY_MARGIN,
    HOUR,
    MINUTE,
    Limits,
    Moments,
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


def sent(pace: Pace, claimed: float, over: float | None = None, **more: float) -> None:
    """Claim, and let the call be over."""
    pace.note(claimed, **more)
    pace.landed(claimed, claimed if over is None else over)


def test_without_limits_every_moment_is_free() -> None:
    pace = Limits().pace([])
    for moment in range(100):
        assert pace.allowed_at(moment) == moment
        pace.note(moment)


def test_waits_until_the_oldest_leaves_the_window() -> None:
    pace = Pace(((2, MINUTE),))
    sent(pace, 0)
    sent(pace, 10)
    assert pace.allowed_at(11) == 60
    assert pace.allowed_at(60) == 60
    sent(pace, 60)
    assert pace.allowed_at(60) == 70


def test_the_strictest_window_decides() -> None:
    pace = Limits(per_minute=1, per_hour=2).pace([0.0, 100.0])
    assert pace.allowed_at(200) == HOUR


def test_a_jitter_only_lengthens_the_gap() -> None:
    pace = Pace((), gap=10, jitter=0.5)
    sent(pace, 0, chance=1.0)
    assert pace.allowed_at(1) == 15
    sent(pace, 15, chance=0.0)
    assert pace.allowed_at(16) == 25


def test_after_a_restart_the_gap_is_as_long_as_jitter_may_make_it() -> None:
    assert Pace((), gap=10, jitter=0.5, history=[0.0]).allowed_at(1) == 15


def test_a_message_that_was_not_sent_is_given_back() -> None:
    pace = Limits(per_minute=1, gap=5).pace([])
    pace.note(0)
    pace.forget(0)
    pace.forget(12345)
    assert pace.allowed_at(1) == 1
    before = Limits(per_minute=20).pace([0.0])
    before.note(3.0, chance=1.0)
    before.forget(3.0)
    assert before.allowed_at(3.0) == 3.0


def test_nothing_is_given_back_for_a_moment_at_which_nothing_was_noted() -> None:
    pace = Pace(((1, MINUTE),))
    sent(pace, 10)
    pace.forget(5)
    pace.forget(10)  # it has left
    assert pace.allowed_at(11) == 70
    pace.note(70)
    pace.forget(71)
    assert pace.allowed_at(500) == inf


def test_a_message_counts_from_when_its_call_was_over() -> None:
    pace = Pace(((1, MINUTE),), gap=5)
    sent(pace, 0, over=20)
    assert pace.allowed_at(30) == 80
    sent(pace, 80, over=70)  # the clock was set back meanwhile
    assert pace.allowed_at(81) == 140


def test_what_is_under_way_is_yet_to_leave() -> None:
    pace = Pace(((2, MINUTE),), since=-1e9)
    pace.note(0)
    assert pace.allowed_at(1) == 1
    pace.note(1)
    assert pace.allowed_at(2) == inf
    pace.landed(0, 100)
    assert pace.allowed_at(101) == 160  # whenever the other leaves, there is room for one then
    pace.note(160)
    assert pace.allowed_at(161) == inf
    pace.landed(1, 170)
    assert pace.allowed_at(171) == 230


def test_under_a_gap_a_device_has_one_message_under_way() -> None:
    pace = Limits(gap=5).pace([])
    pace.note(0)
    assert pace.allowed_at(1000) == inf
    pace.landed(0, 7.2)
    assert pace.allowed_at(8) == pytest.approx(12.2)


def test_where_a_devices_messages_are_close_it_may_have_the_next_one_ready() -> None:
    fast = Limits(per_minute=600).pace([])
    fast.note(0)
    assert fast.allowed_at(0.2) == 0.2
    slow = Limits(per_minute=60).pace([])
    slow.note(0)
    assert slow.allowed_at(0.2) == inf


def test_a_rate_is_spread_over_its_window() -> None:
    pace = Limits(per_minute=20).pace([])
    sent(pace, 0)
    assert pace.allowed_at(0) == pytest.approx(2.25)  # the least
    pace = Limits(per_minute=20).pace([0.0])
    assert pace.allowed_at(0) == 3.0
    sent(pace, 3.0, chance=1.0)
    assert pace.allowed_at(3) == pytest.approx(6.75)
    sent(pace, 6.75, chance=0.0)
    assert pace.allowed_at(7) == pytest.approx(9.0)


def test_what_a_spread_is_late_by_is_made_up_for_but_never_all_at_once() -> None:
    pace = Limits(per_minute=20).pace([0.0])
    sent(pace, 3.0)
    pace.note(6.0)
    pace.landed(6.0, 8.5, handed=8.0)  # it waited two seconds for its connect
    assert pace.allowed_at(8.5) == pytest.approx(10.25)  # not at 9, which was its turn
    sent(pace, 10.25)
    assert pace.allowed_at(10.25) == pytest.approx(12.5)  # 12 was its turn


def test_a_slow_ack_does_not_put_a_spread_off() -> None:
    pace = Limits(per_minute=20).pace([0.0])
    pace.note(3.0)
    pace.landed(3.0, 5.5, handed=3.1)
    assert pace.allowed_at(5.5) == pytest.approx(6.0)


def test_a_burst_lets_all_go_at_once() -> None:
    pace = Limits(per_minute=20, burst=True).pace([])
    for _ in range(20):
        assert pace.allowed_at(0) == 0
        sent(pace, 0)
    assert pace.allowed_at(0) == MINUTE


def test_all_devices_together_are_spread_by_their_claims() -> None:
    pace = Limits(total_per_minute=60).total_pace([0.0])
    pace.note(10)
    assert pace.allowed_at(10) == 10  # one message is made up for, not all of ten seconds
    pace.note(10)
    assert pace.allowed_at(10) == 11
    pace.landed(10, 30, handed=29)
    assert pace.allowed_at(11) == 11


def test_of_what_is_fast_a_second_is_made_up_for() -> None:
    pace = Limits(total_per_minute=600).total_pace([0.0])
    together = 0
    while pace.allowed_at(10) == 10:
        pace.note(10)
        together += 1
    assert 10 <= together <= 11


def test_a_day_is_spread_over_what_is_left_of_its_hours() -> None:
    pace = Limits(per_day=10).pace([])
    closes = 9 * HOUR
    sent(pace, 0, closes=closes)
    assert pace.allowed_at(0) == 9 * HOUR / 10
    sent(pace, 8 * HOUR, closes=closes)  # a late start sends the rest all the same
    assert pace.allowed_at(8 * HOUR) == pytest.approx(8 * HOUR + HOUR / 9)


def test_the_day_before_does_not_count_for_the_spread() -> None:
    pace = Limits(per_day=4).pace([-23 * HOUR, -22 * HOUR, -21 * HOUR])
    sent(pace, 0, closes=HOUR * 4)
    assert pace.allowed_at(0) == HOUR  # its own N holds beside it
    pace = Limits(per_day=4).pace([-30 * HOUR, -29 * HOUR, -16 * HOUR], since=-40 * HOUR)
    sent(pace, 0, closes=HOUR * 4)
    assert pace.allowed_at(0) == pytest.approx(4 * HOUR / 3)


@pytest.mark.parametrize("closes", [None, 2 * DAY, -1.0])
def test_without_an_end_within_a_day_a_day_is_not_spread(closes: float | None) -> None:
    pace = Limits(per_day=10).pace([])
    pace.note(0, closes=closes)
    assert pace.allowed_at(0) == 0


def test_no_spread_makes_anybody_wait_longer_than_a_run_does() -> None:
    pace = Limits(per_hour=2).pace([], longest=600.0)
    sent(pace, 0)
    sent(pace, 600, chance=1.0)
    assert pace.allowed_at(600) == HOUR  # its N are used up
    pace = Limits(per_hour=2).pace([0.0], longest=600.0)
    assert pace.allowed_at(0) == 480
    pace = Limits(per_hour=20).pace([0.0], longest=100.0)
    sent(pace, 80, chance=1.0)
    assert pace.allowed_at(80) == 180


def test_tells_a_rate_that_is_used_up_from_mere_spacing() -> None:
    pace = Limits(per_minute=2).pace([])
    sent(pace, 0)
    assert pace.held_by(1) is None
    sent(pace, 30)
    assert pace.held_by(55) == (2, MINUTE)
    assert pace.spaced
    assert not Limits(per_minute=2, burst=True).pace([]).spaced


def test_a_moment_in_the_future_counts_like_one_of_just_now() -> None:
    pace = Pace(((1, MINUTE),), history=[1000.0])
    assert pace.allowed_at(500) == 1060


def test_a_clock_that_is_set_back_frees_nothing() -> None:
    pace = Pace(((1, MINUTE),))
    sent(pace, 1000)
    sent(pace, 500)
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
    assert Moments([3.0, 1.0, 2.0]).count(since=1.0) == 2


def test_a_moment_is_shifted_forward_only() -> None:
    moments = Moments()
    moments.note(0)
    moments.shift(0, 20)
    assert moments.latest() == 20
    moments.shift(20, 10)
    assert moments.latest() == 20
