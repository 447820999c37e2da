"""How many recipients a device is dealt at a time: as many as it may write to within a minute."""

import pytest

from waheal.policy.chat_limits import ChatBudget
from waheal.policy.looking_ahead import MOST, most_ahead
from waheal.policy.pacing import Limits


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (Limits(), MOST),
        (Limits(per_minute=20), 20),
        (Limits(per_hour=600), 10),
        (Limits(per_minute=20, per_hour=60), 1),
        (Limits(per_day=200), 1),
        (Limits(gap=10.0), 6),
        (Limits(gap=90.0), 1),
        (Limits(total_per_minute=40), 4),  # of ten devices
    ],
)
def test_a_minutes_worth_is_dealt_and_no_more_than_are_asked_for_at_once(
    limits: Limits, most: int
) -> None:
    assert most_ahead(limits, ChatBudget(), limit=None, devices=10) == most


def test_a_run_that_ends_after_so_many_deals_nobody_who_will_not_be_sent_to() -> None:
    assert most_ahead(Limits(), ChatBudget(), limit=100, devices=10) == 10
    assert most_ahead(Limits(), ChatBudget(), limit=5, devices=10) == 1


def test_where_new_chats_are_counted_nobody_is_looked_up_who_may_have_to_wait() -> None:
    assert most_ahead(Limits(), ChatBudget(10), limit=None, devices=10) == 1


def test_no_device_at_all_divides_nothing() -> None:
    assert most_ahead(Limits(total_per_minute=9), ChatBudget(), limit=9, devices=0) == 9
