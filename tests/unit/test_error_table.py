"""The error table, row by row: the library's strings, and what they mean for a message."""

import pytest

from waheal.host import error_table
from waheal.model import NotSent, Outcome, Quarantine, Rejected, Unknown

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
    outcome = error_table.judge_send(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine) == (counts, None)


@pytest.mark.parametrize("error", MAYBE_SENT)
def test_these_leave_it_open_whether_it_left(error: str) -> None:
    assert isinstance(error_table.judge_send(error).outcome, Unknown)


@pytest.mark.parametrize(("error", "reason"), REFUSED_FOR_GOOD.items())
def test_these_are_refused_for_good(error: str, reason: str) -> None:
    assert error_table.judge_send(error).outcome == Rejected(reason)


@pytest.mark.parametrize(
    ("error", "quarantine", "hold"),
    [
        ("server returned error 463", Quarantine.REACH_OUT, error_table.REACH_OUT_HOLD),
        ("server returned error 429", Quarantine.RATE_LIMITED, error_table.RATE_LIMITED_HOLD),
        (
            f"failed to get user info for {PN} to fill LID cache: info query returned status 429",
            Quarantine.RATE_LIMITED,
            error_table.RATE_LIMITED_HOLD,
        ),
    ],
)
def test_limits_stop_the_device_and_count(error: str, quarantine: Quarantine, hold: float) -> None:
    outcome = error_table.judge_send(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine, outcome.hold) == (True, quarantine, hold)


def test_a_deleted_session_is_logged_out() -> None:
    outcome = error_table.judge_send("the store doesn't contain a device JID").outcome
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
    assert error_table.judge_send(error).doubtful is doubtful


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
    outcome: Outcome = error_table.judge_upload(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine) == (counts, quarantine)
