"""Whose a refused chat is, and how many a device may begin."""

from dataclasses import replace
from math import inf

import pytest

from waheal.chat_records import ChatLimits
from waheal.errors import UsageError
from waheal.model import ChatHold, Phone, QuotaWarning
from waheal.policy.chat_limits import (
    CONTACT_REST,
    ChatBudget,
    ChatPace,
    Ramp,
    Refusals,
    Shutter,
    allow,
    guess,
    hear_lock,
    hear_quota,
    hold,
    is_trusted,
    parse_new_chats,
    parse_ramp,
)
from waheal.policy.pacing import DAY, HOUR

ONE, TWO = Phone("+12025550111"), Phone("+12025550122")
NOW = 1_800_000_000.0


def test_a_hold_doubles_up_to_two_days() -> None:
    assert [hold(nth) / HOUR for nth in range(6)] == [6, 12, 24, 48, 48, 48]
    assert hold(10**6) == 2 * DAY


def test_one_refusal_lets_another_account_try_and_two_let_nobody() -> None:
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
    pace = ChatPace(ChatBudget(5), born=0.0, shutter=Shutter(NOW + 6 * HOUR))
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


HELD = ChatLimits(NOW + 6 * HOUR, ChatHold.REFUSED, NOW, 1)
CAPPED = ChatLimits(quota=(50, 50), quota_until=NOW + 9 * HOUR, capped=True)


def locked(limits: ChatLimits, until: float | None, at: float | None = None) -> ChatLimits:
    return hear_lock(limits, active=True, until=until, at=at, now=NOW)


def lifted(limits: ChatLimits, at: float | None = None) -> ChatLimits:
    return hear_lock(limits, active=False, until=None, at=at, now=NOW)


def capped(limits: ChatLimits, until: float | None, at: float | None = None) -> ChatLimits:
    return hear_quota(limits, (50, 50), QuotaWarning.CAPPED, until=until, at=at, now=NOW)


def warned(limits: ChatLimits, at: float | None = None) -> ChatLimits:
    used, until = (45, 90), NOW + 9 * HOUR
    return hear_quota(limits, used, QuotaWarning.NEAR, until=until, at=at, now=NOW)


def test_a_guess_is_made_once_and_grows() -> None:
    first = guess(ChatLimits(), ChatHold.REFUSED, NOW)
    assert first.hold(NOW) == (ChatHold.REFUSED, NOW + 6 * HOUR)
    assert guess(first, ChatHold.UNDELIVERED, NOW) is first
    later = guess(first, ChatHold.REFUSED, NOW + 7 * HOUR)
    assert later.hold(NOW + 7 * HOUR) == (ChatHold.REFUSED, NOW + 19 * HOUR)
    assert guess(CAPPED, ChatHold.REFUSED, NOW) is CAPPED


def test_of_a_lock_and_a_quota_the_later_end_counts_in_either_order() -> None:
    hour, nine = NOW + HOUR, NOW + 9 * HOUR
    for limits in (locked(CAPPED, hour), capped(locked(ChatLimits(), hour), nine)):
        assert limits.hold(NOW) == (ChatHold.CAPPED, nine)
        assert lifted(limits).hold(NOW) == (ChatHold.CAPPED, nine)
        assert warned(limits).hold(NOW) == (ChatHold.REFUSED, hour)
        assert limits.hold(nine) is None
    for limits in (locked(CAPPED, nine + 1.0), capped(locked(ChatLimits(), nine + 1.0), nine)):
        assert limits.hold(NOW) == (ChatHold.REFUSED, nine + 1.0)
        assert lifted(limits).hold(NOW) == (ChatHold.CAPPED, nine)


def test_what_is_told_takes_the_place_of_a_guess_and_of_what_was_told_before() -> None:
    assert locked(HELD, NOW + HOUR).hold(NOW) == (ChatHold.REFUSED, NOW + HOUR)
    twice = locked(locked(HELD, NOW + 9 * HOUR), NOW + HOUR)
    assert twice.hold(NOW) == (ChatHold.REFUSED, NOW + HOUR)
    assert capped(HELD, NOW + HOUR).hold(NOW) == (ChatHold.CAPPED, NOW + HOUR)
    silent = ChatLimits(NOW + 6 * HOUR, ChatHold.UNDELIVERED, NOW, 1)  # no quota explains that
    assert capped(silent, NOW + HOUR).hold(NOW) == (ChatHold.UNDELIVERED, NOW + 6 * HOUR)


@pytest.mark.parametrize("until", [None, NOW, NOW - DAY])
def test_without_an_end_to_come_the_guess_stands(until: float | None) -> None:
    assert locked(HELD, until).hold(NOW) == HELD.hold(NOW)
    assert capped(HELD, NOW - 1.0).hold(NOW) == HELD.hold(NOW)


def test_a_used_up_quota_without_an_end_holds_for_a_day() -> None:
    assert capped(ChatLimits(), None).hold(NOW) == (ChatHold.CAPPED, NOW + DAY)


def test_what_was_said_earlier_and_comes_later_changes_nothing() -> None:
    known = locked(ChatLimits(), NOW + 9 * HOUR, at=NOW - 60.0)
    assert locked(known, NOW + HOUR, at=NOW - 61.0) == known
    assert lifted(known, at=NOW - 61.0) == known
    assert lifted(known, at=NOW - 60.0).hold(NOW) is None  # in the same second: as they came
    full = capped(ChatLimits(), NOW + 9 * HOUR, at=NOW - 60.0)
    assert warned(full, at=NOW - 61.0) == full
    assert warned(full, at=NOW - 59.0).hold(NOW) is None
    assert warned(full).hold(NOW) is None  # said now, as far as anybody knows


def test_the_word_that_a_lock_is_over_does_not_end_what_was_seen_after_it() -> None:
    assert lifted(HELD, at=NOW - 60.0).hold(NOW) == HELD.hold(NOW)
    assert lifted(HELD, at=NOW).hold(NOW) is None
    assert lifted(replace(HELD, guessed=NOW + 0.9), at=NOW).hold(NOW) is None  # whole seconds


def test_the_operator_ends_whatever_stands_and_the_count_begins_anew() -> None:
    for limits in (HELD, CAPPED, locked(CAPPED, NOW + HOUR)):
        after = allow(limits, NOW)
        assert after.hold(NOW) is None
        assert after.counts_from == NOW
        assert after.holds == 0
    assert HELD.counts_from == 0.0  # where nobody told that it is over, one refusal is enough


def test_a_quota_is_told_while_it_lasts_and_whatsapp_warns_of_it() -> None:
    assert warned(ChatLimits()).used(NOW) == (45, 90)
    assert warned(ChatLimits()).used(NOW + 9 * HOUR) is None
    fine = hear_quota(
        warned(ChatLimits()), (3, 90), QuotaWarning.NONE, until=NOW + DAY, at=None, now=NOW
    )
    assert fine.used(NOW) is None


def test_a_contacts_token_is_valid_in_its_week_and_the_three_after() -> None:
    week = 7 * DAY
    monday = NOW // week * week
    assert not is_trusted(None, NOW)
    assert is_trusted(monday, monday)
    assert is_trusted(monday, monday + 4 * week - 1.0)
    assert not is_trusted(monday, monday + 4 * week)
    assert not is_trusted(monday - 1.0, monday + 3 * week)
