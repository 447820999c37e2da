"""What a display knows of a run."""

import sys
from collections import Counter

import pytest

from tests.kit.devices import OUT
from waheal.events import (
    Claimed,
    DeviceHealed,
    DeviceHealing,
    DeviceQuarantined,
    Event,
    NextAt,
    Note,
    Paused,
    Receipt,
    Replied,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, ExitCode, Phone, Quarantine, ReplyKind, State
from waheal.records import (
    Tally,
)
from waheal.views.board import FIRST_CONNECT, KEPT_TROUBLES, Board
from waheal.waits import GOES_ON

A, B = Phone("+12025550100"), Phone("+12025550101")
D = DeviceId("berlin-01")


def settled(phone: Phone, state: State, reason: str | None = None) -> Settled:
    return Settled(phone, D, state, 1, None, reason)


def board(*events: Event, now: float = 1000.0) -> Board:
    made = Board()
    for event in (RunStarted("spring", 10, 8, 2), *events):
        made.take(event, now)
    return made


def test_a_message_moves_from_to_go_through_in_flight_to_sent() -> None:
    made = board(Claimed(A, D))
    assert (made.counts[State.PENDING], made.counts[State.SENDING]) == (7, 1)
    assert made.beats[D].in_flight == 1
    made.take(settled(A, State.SENT), 1001.0)
    assert (made.counts[State.SENDING], made.counts[State.SENT]) == (0, 1)
    assert made.beats[D].in_flight == 0


def test_receipts_only_move_recipients_on() -> None:
    made = board(
        Claimed(A, D),
        settled(A, State.SENT),
        Receipt(A, "1", State.DELIVERED),
        Receipt(A, "1", State.READ),
    )
    assert made.counts[State.READ] == 1
    assert made.counts[State.SENT] == made.counts[State.DELIVERED] == 0


def test_an_uncertain_one_that_a_receipt_settles_is_no_longer_uncertain() -> None:
    made = board(Claimed(A, D), settled(A, State.UNCERTAIN), Receipt(A, "1", State.DELIVERED))
    assert made.counts[State.UNCERTAIN] == 0
    assert made.counts[State.DELIVERED] == 1


def test_an_uncertain_one_that_evidence_settles_goes_back_to_go() -> None:
    made = board(Claimed(A, D), settled(A, State.UNCERTAIN), settled(A, State.PENDING))
    assert (made.counts[State.UNCERTAIN], made.counts[State.PENDING]) == (0, 8)


def test_a_row_settled_without_a_claim_leaves_those_to_go() -> None:
    made = board(settled(A, State.EXPIRED, "too late"))
    assert (made.counts[State.PENDING], made.counts[State.EXPIRED]) == (7, 1)


def test_everybody_is_counted_once_whatever_comes() -> None:
    made = board(
        Claimed(A, D),
        settled(A, State.SENT),
        Receipt(B, "from an earlier run", State.READ),
        settled(B, State.FAILED, "no"),
    )
    assert sum(made.counts.values()) + made.before == 10


def test_a_given_tally_tells_where_everybody_stood_before() -> None:
    made = Board()
    made.take(
        RunStarted("spring", 10, 8, 2, Tally(Counter({State.PENDING: 8, State.READ: 2}))), 0.0
    )
    assert made.counts[State.READ] == 2
    assert made.settled == 2


def test_the_last_count_is_the_ledgers() -> None:
    tally = Tally(Counter({State.PENDING: 1, State.SENT: 9}))
    made = board(Claimed(A, D), RunFinished(tally, 3.0, ExitCode.LEFT_OVER))
    assert made.counts[State.SENT] == 9
    assert made.counts[State.SENDING] == 0


def test_the_rate_is_that_of_the_last_minute() -> None:
    made = board()
    for second in range(120):
        made.take(settled(A, State.SENT), 1000.0 + second)
    assert made.speed.lately(1119.0) == 60
    assert made.speed.lately(1300.0) == 0


def test_no_guess_is_made_from_too_little() -> None:
    made = board(settled(A, State.SENT))
    assert made.remaining(1010.0) is None


def test_the_time_left_follows_the_rate() -> None:
    made = Board()
    made.take(RunStarted("spring", 130, 130, 1), 1000.0)
    for second in range(1, 61):
        made.take(Claimed(A, D), 1000.0 + second)
        made.take(settled(A, State.SENT), 1000.0 + second)
    assert made.remaining(1060.0) == pytest.approx(70.0)


def test_a_device_heals_until_it_is_back_or_held() -> None:
    made = board(DeviceHealing(D, "lost"))
    assert D in made.healing
    made.take(DeviceHealed(D, 2.0, "lost"), 1002.0)
    assert D not in made.healing
    assert (made.heals.times, made.heals.mean) == (1, 2.0)
    made.take(DeviceHealing(D, "lost"), 1003.0)
    made.take(DeviceQuarantined(D, Quarantine.BANNED, None), 1004.0)
    assert not made.healing
    assert list(made.quarantined) == [D]


def test_a_pause_lasts_until_it_is_over() -> None:
    made = board(Paused("over the limit", 2000.0))
    assert made.wait is not None
    made.take(Resumed("again"), 1001.0)
    assert made.wait is None


@pytest.mark.parametrize(("way_out", "stays"), [(GOES_ON, False), ("raise the limit", True)])
def test_what_a_run_waited_for_is_not_why_it_ended(way_out: str, stays: bool) -> None:
    pause = Paused("--daily is used up", 2000.0, way_out)
    assert board(pause).stop is not None
    ended = board(pause, RunFinished(Tally(), 1.0, ExitCode.INTERRUPTED))
    assert (ended.stop is not None) == stays


def test_the_same_problem_is_told_once_and_counted() -> None:
    made = board(settled(A, State.FAILED, "no"), settled(B, State.FAILED, "no"))
    (trouble,) = made.troubles.values()
    assert (trouble.times, trouble.phone) == (2, B)


def test_troubles_are_bounded_and_can_not_move_the_cursor() -> None:
    made = board(*(Note(f"odd \x1b[2J thing\n{number}") for number in range(500)))
    assert len(made.troubles) == KEPT_TROUBLES
    assert all(what.isprintable() for what in made.troubles)


def test_what_is_kept_does_not_grow_with_the_recipients() -> None:
    made = Board()
    made.take(RunStarted("spring", 5000, 5000, 1), 0.0)
    for number in range(5000):
        phone = Phone(f"+1202555{100 + number % 100:04}")
        made.take(Claimed(phone, D), float(number // 100))
        made.take(settled(phone, State.SENT), float(number // 100))
        made.take(Receipt(phone, "1", State.DELIVERED), float(number // 100))
    assert not made.flying
    assert not made.doubtful
    assert sys.getsizeof(made.beats) < 1000


def test_devices_that_are_out_from_the_start_count_until_they_are_used() -> None:
    made = Board()
    made.take(RunStarted("spring", 10, 8, 12, out=OUT), 1000.0)
    assert (made.able, list(made.quarantined), made.paused) == (10, ["berlin-02"], {"berlin-03"})
    made.take(DeviceHealing(OUT[1].label, FIRST_CONNECT), 1001.0)
    made.take(DeviceHealed(OUT[0].label, 1.0, "connection lost"), 1001.0)
    assert made.able == 12


def test_a_first_connect_is_no_healing() -> None:
    made = board(DeviceHealing(D, FIRST_CONNECT))
    assert (made.connecting, made.lost) == ([1000.0], {})
    made.take(DeviceHealed(D, 1.0, FIRST_CONNECT), 1001.0)
    assert (made.connecting, made.heals.times) == ([], 0)
    made.take(DeviceHealing(D, "connection lost"), 1002.0)
    assert (made.connecting, list(made.lost)) == ([], [D])


def sending(made: Board, until: int) -> None:
    for second in range(until):
        made.take(settled(A, State.SENT), 1000.0 + second)


def test_the_guess_stays_while_it_waits_and_counts_the_wait() -> None:
    made = Board()
    made.take(RunStarted("spring", 100, 100, 2), 1000.0)
    sending(made, 10)
    assert made.remaining(1010.0) == pytest.approx(90.0)
    made.take(Paused("every device has to wait", 1100.0, GOES_ON), 1010.0)
    assert made.remaining(1040.0) == pytest.approx(60.0 + 90.0)
    made.take(Resumed("going on"), 1100.0)
    assert made.remaining(1100.0) == pytest.approx(90.0)


def test_the_guess_is_never_faster_than_the_set_pace() -> None:
    made = Board()
    made.take(RunStarted("spring", 100, 100, 2, at_best=1000.0), 1000.0)
    sending(made, 10)
    assert made.remaining(1010.0) == pytest.approx(900.0)


def test_where_nobody_knows_how_long_it_waits_no_guess_is_made() -> None:
    made = Board()
    made.take(RunStarted("spring", 100, 100, 2), 1000.0)
    sending(made, 10)
    made.take(Paused("nothing is known"), 1010.0)
    assert made.remaining(1011.0) is None


def test_when_the_pace_lets_the_next_message_go_is_known() -> None:
    assert board(NextAt(1009.0)).next_at == 1009.0


def test_replies_of_this_run_are_counted() -> None:
    replied = Replied(A, D, ReplyKind.TEXT)
    assert board(replied, replied).replies == 2


def test_a_run_that_begins_later_does_not_run_before() -> None:
    made = Board()
    made.take(RunStarted("spring", 10, 8, 2, begins=1060.0), 1000.0)
    made.take(Paused("it begins later", 1060.0, GOES_ON), 1000.0)
    assert made.running(1030.0) == 0.0
    made.take(Resumed("sending goes on"), 1060.0)
    assert (made.running(1070.0), made.waited) == (10.0, 0.0)
