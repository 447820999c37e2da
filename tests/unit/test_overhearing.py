"""What is read out of the library's debug log, and that nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.host import overhearing
from waheal.host.client import LockTold, QuotaTold
from waheal.model import QuotaWarning

RECV = "Client/Recv"
AT = 1764230000.0
LOCK = "NotificationUserReachoutTimelockUpdate"
QUOTA = "MessageCappingInfoNotification"


def line(operation: str, data: object) -> str:
    """As whatsmeow prints it: the attributes in the order of the alphabet."""
    return (
        '<notification from="s.whatsapp.net" id="1" t="1764230000" type="mex">'
        f'<update op_name="{operation}">{json.dumps({"data": data})}</update></notification>'
    )


def lock(**fields: object) -> str:
    return line(LOCK, {"xwa2_notify_account_reachout_timelock": fields})


def quota(**fields: object) -> str:
    return line(QUOTA, {"xwa2_notify_new_chat_messages_capping_info_update": fields})


def test_a_lock_tells_its_end_and_that_it_is_over() -> None:
    ends = lock(is_active=True, time_enforcement_ends="1764240000")
    assert overhearing.read(RECV, ends) == LockTold(active=True, until=1764240000.0, at=AT)
    assert overhearing.read(RECV, lock(is_active=True)) == LockTold(active=True, until=None, at=AT)
    over = LockTold(active=False, until=None, at=AT)
    assert overhearing.read(RECV, lock(is_active=False)) == over
    assert overhearing.read(RECV, lock(is_active=False, time_enforcement_ends="0")) == over


@pytest.mark.parametrize("ends", ["0", "soon", "", None, -1, 1e300, True, []])
def test_a_lock_whose_end_is_no_moment_is_a_lock_all_the_same(ends: object) -> None:
    told = lock(is_active=True, time_enforcement_ends=ends)
    assert overhearing.read(RECV, told) in {
        LockTold(active=True, until=None, at=AT),
        LockTold(active=True, until=1.0, at=AT),
    }


def test_when_it_was_said_is_left_open_where_nothing_tells() -> None:
    told = overhearing.read(RECV, lock(is_active=False).replace(' t="1764230000"', ""))
    assert told == LockTold(active=False, until=None, at=None)


@pytest.mark.parametrize(
    ("status", "warning"),
    [
        ("CAPPED", QuotaWarning.CAPPED),
        ("FIRST_WARNING", QuotaWarning.NEAR),
        ("SECOND_WARNING", QuotaWarning.NEAR),
        ("NONE", QuotaWarning.NONE),
    ],
)
def test_a_quota_tells_how_far_it_is(status: str, warning: QuotaWarning) -> None:
    told = quota(
        used_quota="45", total_quota=50, cycle_end_timestamp="1764240000", capping_status=status
    )
    assert overhearing.read(RECV, told) == QuotaTold(45, 50, warning, 1764240000.0, AT)


@pytest.mark.parametrize(
    "message",
    [
        "",
        lock(),
        lock(is_active="false"),
        quota(used_quota="45"),
        quota(used_quota=None, total_quota=1, cycle_end_timestamp=1),
        line(LOCK, []),
        line(LOCK, {"another": {}}),
        line("AnotherNotification", {"xwa2_notify_account_reachout_timelock": {"is_active": True}}),
        lock(is_active=True).replace("mex", "w:gp2"),
        lock(is_active=True).replace("{", "[", 1),
        '<message from="12025550100@s.whatsapp.net"><enc/></message>',
    ],
)
def test_what_is_in_another_form_tells_nothing(message: str) -> None:
    assert overhearing.read(RECV, message) is None


def test_only_what_is_received_counts() -> None:
    assert overhearing.read("Client/Send", lock(is_active=False)) is None


@given(st.text(), st.text())
def test_no_line_whatever_breaks_it(name: str, message: str) -> None:
    assert overhearing.read(name, message) is None
    assert overhearing.read(RECV, lock(is_active=True) + message) is not None


@given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), st.lists))
def test_no_value_whatever_breaks_it(value: object) -> None:
    for message in (
        lock(is_active=True, time_enforcement_ends=value),
        quota(used_quota=value, total_quota=value, cycle_end_timestamp=value),
        line(LOCK, {"xwa2_notify_account_reachout_timelock": value}),
    ):
        overhearing.read(RECV, message)
