"""Whose a refused chat is, and how many a device may begin."""

from math import inf

import pytest

from waheal.errors import UsageError
from waheal.model import DeviceId
from waheal.policy.chat_limits import (
    CONTACT_REST,
    ChatBudget,
    ChatPace,
    Ramp,
    Refusals,
    hold,
    parse_new_chats,
    parse_ramp,
)
from waheal.policy.pacing import DAY, HOUR

ONE, TWO = DeviceId("one"), DeviceId("two")
NOW = 1_800_000_000.0


def test_a_hold_doubles_up_to_two_days() -> None:
    assert [hold(nth) / HOUR for nth in range(6)] == [6, 12, 24, 48, 48, 48]
    assert hold(10**6) == 2 * DAY


def test_one_refusal_lets_another_device_try_and_two_let_nobody() -> None:
    assert Refusals({ONE: NOW}).rest() == 0.0
    assert Refusals({ONE: NOW, TWO: NOW + 5.0}).rest() == NOW + 5.0 + CONTACT_REST
    assert Refusals({ONE: NOW}).alone() == NOW + CONTACT_REST
    assert Refusals({}).alone() == Refusals({}).rest() == 0.0


def test_a_ramp_grows_by_the_day_and_stays() -> None:
    ramp = Ramp(20, 200, 14)
    assert [ramp.at(days * DAY) for days in (-1.0, 0, 0.99, 1, 7, 13, 14, 400)] == [
        20, 20, 20, 32, 110, 187, 200, 200,
    ]  # fmt: skip
    assert all(ramp.at(day * DAY) <= ramp.at((day + 1) * DAY) for day in range(20))


@pytest.mark.parametrize(
    ("budget", "most"),
    [
        (ChatBudget(), None),
        (ChatBudget(30), 30),
        (ChatBudget(30, Ramp(20, 200, 14)), 20),
        (ChatBudget(10, Ramp(20, 200, 14)), 10),
        (ChatBudget(None, Ramp(20, 200, 14)), 20),
    ],
)
def test_the_smaller_of_the_two_holds(budget: ChatBudget, most: int | None) -> None:
    assert budget.at(0.0) == most


def test_no_more_than_its_budget_is_begun_in_any_24_hours() -> None:
    pace = ChatPace(ChatBudget(2), born=0.0)
    for at in (NOW, NOW + HOUR):
        assert pace.allowed_at(at) == at
        pace.note(at)
    assert pace.allowed_at(NOW + 2 * HOUR) == NOW + DAY
    assert pace.allowed_at(NOW + DAY) == NOW + DAY
    pace.forget(NOW)
    assert pace.allowed_at(NOW + 2 * HOUR) == NOW + 2 * HOUR


def test_a_chat_counts_from_when_its_message_left() -> None:
    pace = ChatPace(ChatBudget(1), born=0.0)
    pace.note(NOW)
    pace.shift(NOW, NOW + HOUR)
    assert pace.allowed_at(NOW + 2 * HOUR) == NOW + HOUR + DAY


def test_a_growing_budget_is_looked_at_again_when_it_grows() -> None:
    pace = ChatPace(ChatBudget(None, Ramp(1, 3, 2)), born=NOW)
    pace.note(NOW + 23 * HOUR)
    assert pace.allowed_at(NOW + 23 * HOUR) == NOW + DAY
    assert pace.allowed_at(NOW + DAY) == NOW + DAY  # two a day by now
    pace.note(NOW + DAY)
    assert pace.allowed_at(NOW + 25 * HOUR) == NOW + 47 * HOUR  # the first is a day old


def test_history_before_what_is_known_counts_as_full() -> None:
    pace = ChatPace(ChatBudget(1), born=0.0, since=NOW)
    assert pace.allowed_at(NOW + HOUR) == NOW + DAY


def test_a_hold_outlasts_a_budget_that_is_free() -> None:
    pace = ChatPace(ChatBudget(5), born=0.0, held_until=NOW + 6 * HOUR)
    assert pace.allowed_at(NOW) == NOW + 6 * HOUR
    assert ChatPace(ChatBudget(), born=0.0).allowed_at(NOW) == NOW


def test_a_number_that_does_not_grow_never_grows() -> None:
    assert ChatBudget(5).grows_at(0.0) == inf
    assert ChatBudget(None, Ramp(1, 2, 3)).grows_at(3 * DAY) == inf


def test_what_operators_write_is_read() -> None:
    assert parse_new_chats(" 30 / Day ") == 30
    assert parse_ramp("20..200/14d") == Ramp(20, 200, 14)
    assert parse_ramp("5 .. 5 / 1 day") == Ramp(5, 5, 1)


@pytest.mark.parametrize("text", ["", "30", "0/day", "30/h", "-1/day", "30/day,40/day"])
def test_other_numbers_of_chats_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="new chats"):
        parse_new_chats(text)


@pytest.mark.parametrize("text", ["", "20..200", "200..20/14d", "0..5/3d", "1..2/0d", "20-200/14d"])
def test_other_ramps_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="ramp"):
        parse_ramp(text)
