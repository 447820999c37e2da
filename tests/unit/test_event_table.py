"""The event table, row by row: the library's events, and what they mean for its client."""

import pytest

from waheal.host import event_table
from waheal.host.client import (
    Banned,
    Connected,
    ConnectionEvent,
    Disconnected,
    Ended,
    KeepAliveRestored,
    KeepAliveTimeout,
    LoggedOut,
    LoginFault,
    ReceiptCame,
    ReceiptType,
    Refused,
    Replaced,
)
from waheal.host.life import Change, Death, Down, Life, LifeState, Up
from waheal.model import Quarantine, ReceiptKind


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (Connected(), Up()),
        (KeepAliveRestored(), Up()),
        (Disconnected(), Down("connection lost")),
        (KeepAliveTimeout(1), None),
        (KeepAliveTimeout(2), Down("pings unanswered")),
    ],
)
def test_what_a_client_outlives(event: ConnectionEvent, change: Change | None) -> None:
    assert event_table.life_change(event) == change


@pytest.mark.parametrize(
    ("event", "quarantine", "hold", "gone"),
    [
        (LoggedOut(LoginFault.LOGGED_OUT), Quarantine.LOGGED_OUT, None, True),
        (LoggedOut(LoginFault.LOCKED), Quarantine.LOGGED_OUT, None, True),
        (LoggedOut(LoginFault.ACCOUNT_BANNED), Quarantine.LOGGED_OUT, None, True),
        (Replaced(), None, None, False),
        (Banned("blocked by users", 90.0), Quarantine.BANNED, 90.0, False),
        (Banned("unknown", None), Quarantine.BANNED, event_table.UNKNOWN_BAN_HOLD, False),
        (Refused(LoginFault.OUTDATED, ""), Quarantine.OUTDATED, None, False),
        (Refused(LoginFault.GENERIC, "x"), Quarantine.REFUSED, event_table.REFUSED_HOLD, False),
        (
            Refused(LoginFault.BAD_USER_AGENT, ""),
            Quarantine.REFUSED,
            event_table.REFUSED_HOLD,
            False,
        ),
        (Ended(""), None, None, False),
        (Ended("couldn't dial whatsapp web websocket"), None, None, False),
        (Ended("invalid use of deleted device"), Quarantine.LOGGED_OUT, None, True),
        (
            Ended("proto: required field neonize.TemporaryBan.Code not set"),
            Quarantine.BANNED,
            event_table.UNKNOWN_BAN_HOLD,
            False,
        ),
        (
            Ended("proto: required field neonize.ConnectFailure.Reason not set"),
            Quarantine.REFUSED,
            event_table.REFUSED_HOLD,
            False,
        ),
        (
            Ended("proto:\u00a0required field neonize.LoggedOut.Reason not set"),
            Quarantine.LOGGED_OUT,
            None,
            True,
        ),
        (Ended("proto: required field neonize.Receipt.Type not set"), None, None, False),
        # Words that only hold another's: what the server, or a lower layer, had to say.
        (Ended("failed to dial: invalid use of deleted device"), None, None, False),
        (Ended("read from TemporaryBan.example: LoggedOut.Reason"), None, None, False),
        (
            Ended("x: proto: required field neonize.TemporaryBan.Code not set"),
            None,
            None,
            False,
        ),
        (Ended("lookup ConnectFailure: no such host"), None, None, False),
    ],
)
def test_deaths(
    event: LoggedOut | Replaced | Banned | Refused | Ended,
    quarantine: Quarantine | None,
    hold: float | None,
    gone: bool,
) -> None:
    death = event_table.life_change(event)
    assert isinstance(death, Death)
    assert (death.quarantine, death.hold, death.session_gone) == (quarantine, hold, gone)
    assert death.reason


def test_death_is_final_whatever_event_is_still_on_its_way() -> None:
    life = Life()
    for event in (Connected(), Replaced(), Connected(), Disconnected(), Ended("")):
        life.apply(event_table.life_change(event))
    assert life.state is LifeState.DEAD
    assert life.cause == "replaced by another client"


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        (ReceiptType.DELIVERED, ReceiptKind.DELIVERED),
        (ReceiptType.INACTIVE, ReceiptKind.DELIVERED),
        (ReceiptType.READ, ReceiptKind.READ),
        (ReceiptType.PLAYED, ReceiptKind.READ),
        (ReceiptType.RETRY, ReceiptKind.RETRY),
        (ReceiptType.SENDER, None),
        (ReceiptType.READ_SELF, None),
        (ReceiptType.PEER_MSG, None),
        (ReceiptType.SERVER_ERROR, None),
        (ReceiptType.HISTORY_SYNC, None),
    ],
)
def test_what_a_receipt_proves(type_: ReceiptType, kind: ReceiptKind | None) -> None:
    assert event_table.receipt_kind(ReceiptCame(("id",), type_, from_me=False)) is kind
    assert event_table.receipt_kind(ReceiptCame(("id",), type_, from_me=True)) is None
