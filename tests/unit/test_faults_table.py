"""The error table, row by row: neonize.md's strings and events, and what they mean."""

import pytest

from waheal.host import faults
from waheal.host.client import (
    Banned,
    Connected,
    Disconnected,
    Ended,
    LoggedOut,
    LoginFault,
    ReceiptCame,
    ReceiptType,
    Refused,
    Replaced,
)
from waheal.host.life import Life, LifeState
from waheal.model import NotSent, Outcome, Quarantine, ReceiptKind, Rejected, Unknown

PN = "15555550100@s.whatsapp.net"

NOTHING_LEFT = {
    f"failed to get user info for {PN} to fill LID cache: info query timed out": True,
    f"failed to get user info for {PN} to fill LID cache: websocket not connected": False,
    "failed to get device list: failed to send usync query: info query returned status 500": True,
    "failed to get device list: failed to send usync query: frame socket is closed": False,
    "failed to save cached sessions: database is locked": False,
    "failed to prefetch sessions: database is locked": False,
    "failed to fetch LID mappings: database is locked": False,
    f"failed to get LID for PN {PN}: database is locked": False,
    "failed to send message node: websocket not connected": False,
    "failed to send message node: frame socket is closed": False,
    "client is nil": False,
    "server returned error 479": True,
}
"""Each with whether it uses up one of the recipient's tries."""

MAYBE_SENT = (
    "websocket disconnected before message send (retry) returned response",
    "websocket disconnected before message send returned response",
    "timed out waiting for message send response",
    "failed to send message node: failed to write frame: broken pipe",
    "websocket not connected",  # bare, it comes from the retry: the first copy was written
    "frame socket is closed",  # likewise
    "failed to write msg: failed to write frame: failed to flush: broken pipe",
    "server returned error 500",
    "something that nobody has seen",
    "",
)

REFUSED_FOR_GOOD = {
    f"no LID found for {PN} from server": "not on WhatsApp",
    "server returned error 406": "the server refused the message (error 406)",
    "failed to send message node: frame too large (got 17 bytes, max 16 bytes)": (
        "the message is too large"
    ),
}


@pytest.mark.parametrize(("error", "counts"), NOTHING_LEFT.items())
def test_these_mean_that_nothing_left(error: str, counts: bool) -> None:
    outcome = faults.judge_send(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine) == (counts, None)


@pytest.mark.parametrize("error", MAYBE_SENT)
def test_these_leave_it_open_whether_it_left(error: str) -> None:
    assert isinstance(faults.judge_send(error).outcome, Unknown)


@pytest.mark.parametrize(("error", "reason"), REFUSED_FOR_GOOD.items())
def test_these_are_refused_for_good(error: str, reason: str) -> None:
    assert faults.judge_send(error).outcome == Rejected(reason)


@pytest.mark.parametrize(
    ("error", "quarantine", "hold"),
    [
        ("server returned error 463", Quarantine.REACH_OUT, faults.REACH_OUT_HOLD),
        ("server returned error 429", Quarantine.RATE_LIMITED, faults.RATE_LIMITED_HOLD),
        (
            f"failed to get user info for {PN} to fill LID cache: info query returned status 429",
            Quarantine.RATE_LIMITED,
            faults.RATE_LIMITED_HOLD,
        ),
    ],
)
def test_limits_stop_the_device_and_count(error: str, quarantine: Quarantine, hold: float) -> None:
    outcome = faults.judge_send(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine, outcome.hold) == (True, quarantine, hold)


def test_a_deleted_session_is_logged_out() -> None:
    outcome = faults.judge_send("the store doesn't contain a device JID").outcome
    assert outcome == NotSent("the device is logged out", quarantine=Quarantine.LOGGED_OUT)


@pytest.mark.parametrize(
    ("error", "doubtful"),
    [
        ("websocket disconnected before message send returned response", True),
        ("failed to send message node: websocket not connected", True),
        ("timed out waiting for message send response", False),
        ("server returned error 479", False),
    ],
)
def test_only_a_lost_connection_is_looked_at_again(error: str, doubtful: bool) -> None:
    assert faults.judge_send(error).doubtful is doubtful


@pytest.mark.parametrize(
    ("error", "counts", "quarantine"),
    [
        ("upload failed with status code 503", True, None),
        ("failed to refresh media connections: websocket not connected", False, None),
        ("upload failed with status code 429", True, Quarantine.RATE_LIMITED),
    ],
)
def test_a_failed_upload_sent_nothing(
    error: str, counts: bool, quarantine: Quarantine | None
) -> None:
    outcome: Outcome = faults.judge_upload(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine) == (counts, quarantine)


@pytest.mark.parametrize(
    ("event", "quarantine", "hold", "gone"),
    [
        (LoggedOut(LoginFault.LOGGED_OUT), Quarantine.LOGGED_OUT, None, True),
        (LoggedOut(LoginFault.LOCKED), Quarantine.LOGGED_OUT, None, True),
        (LoggedOut(LoginFault.ACCOUNT_BANNED), Quarantine.LOGGED_OUT, None, True),
        (Replaced(), None, None, False),
        (Banned("blocked by users", 90.0), Quarantine.BANNED, 90.0, False),
        (Banned("unknown", None), Quarantine.BANNED, faults.UNKNOWN_BAN_HOLD, False),
        (Refused(LoginFault.OUTDATED, ""), Quarantine.OUTDATED, None, False),
        (Refused(LoginFault.GENERIC, "x"), Quarantine.REFUSED, faults.REFUSED_HOLD, False),
        (Refused(LoginFault.BAD_USER_AGENT, ""), Quarantine.REFUSED, faults.REFUSED_HOLD, False),
        (Ended(""), None, None, False),
        (Ended("couldn't dial whatsapp web websocket"), None, None, False),
        (Ended("invalid use of deleted device"), Quarantine.LOGGED_OUT, None, True),
        (
            Ended("proto: required field neonize.TemporaryBan.Code not set"),
            Quarantine.BANNED,
            faults.UNKNOWN_BAN_HOLD,
            False,
        ),
        (
            Ended("proto: required field neonize.ConnectFailure.Reason not set"),
            Quarantine.REFUSED,
            faults.REFUSED_HOLD,
            False,
        ),
        (Ended("proto: required field neonize.Receipt.Type not set"), None, None, False),
    ],
)
def test_deaths(
    event: LoggedOut | Replaced | Banned | Refused | Ended,
    quarantine: Quarantine | None,
    hold: float | None,
    gone: bool,
) -> None:
    death = faults.death(event)
    assert (death.quarantine, death.hold, death.session_gone) == (quarantine, hold, gone)
    assert death.reason


def test_death_is_final_whatever_event_is_still_on_its_way() -> None:
    life = Life()
    for event in (Connected(), Replaced(), Connected(), Disconnected(), Ended("")):
        faults.apply(event, life)
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
    assert faults.receipt_kind(ReceiptCame(("id",), type_, from_me=False)) is kind
    assert faults.receipt_kind(ReceiptCame(("id",), type_, from_me=True)) is None
