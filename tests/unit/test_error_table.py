"""The error table, row by row: the library's strings, and what they mean for a message."""

import pytest

from waheal.host import error_table
from waheal.model import NotSent, Outcome, Quarantine, Rejected, Unknown

PN = "15555550100@s.whatsapp.net"

USER = f"failed to get user info for {PN} to fill LID cache"
DEVICES = "failed to get device list"
USYNC = "failed to send usync query"

NOTHING_LEFT = {
    f"{USER}: {USYNC}: info query timed out": (True, False),
    f"{USER}: {USYNC}: websocket not connected": (False, True),
    f"{USER}: client is nil": (False, True),
    f"{DEVICES}: {USYNC}: info query returned status 500: internal-server-error": (True, False),
    f"{DEVICES}: {USYNC}: info query returned status 500: ": (True, False),
    f"{DEVICES}: {USYNC}: info query returned unknown error: <error/>": (True, False),
    f"{DEVICES}: {USYNC}: info query returned unknown error: <error>\n</error>\n": (True, False),
    f"{DEVICES}: {USYNC}: info query returned unexpected response: <iq/>": (True, False),
    f"{DEVICES}: {USYNC}: frame socket is closed": (False, True),
    f"{DEVICES}: {USYNC}: failed to write msg: broken pipe": (False, True),
    f"{DEVICES}: {USYNC}: websocket disconnected before info query returned response": (
        False,
        True,
    ),
    f"{DEVICES}: {USYNC}: websocket disconnected before info query (retry) returned response": (
        False,
        True,
    ),
    f"{DEVICES}: missing <list> element in response to usync query": (False, True),
    f"{DEVICES}: something that nobody has seen": (False, True),
    "failed to save cached sessions: database is locked": (False, False),
    "failed to prefetch sessions: database is locked": (False, False),
    "failed to fetch LID mappings: database is locked": (False, False),
    f"failed to get LID for PN {PN}: database is locked": (False, False),
    "failed to send message node: websocket not connected": (False, True),
    "failed to send message node: frame socket is closed": (False, True),
    "client is nil": (False, True),
    f"no LID found for {PN} from server": (True, False),  # an answer without one is no no
    "server returned error 479": (True, False),
}
"""Each with whether it uses up one of the recipient's tries, and puts the connection in doubt."""

MAYBE_SENT = {
    "websocket disconnected before message send (retry) returned response": True,
    "websocket disconnected before message send returned response": True,
    "timed out waiting for message send response": False,
    "failed to send message node: failed to write msg: failed to write frame: broken pipe": True,
    "websocket not connected": True,  # bare, it comes from the retry: the first copy was written
    "frame socket is closed": True,  # likewise
    "frame too large (got 17 bytes, max 16 bytes)": True,  # likewise
    "failed to write msg: failed to write frame: failed to flush: broken pipe": True,
    "server returned error 500": False,
    "server returned error 399": False,
    "server returned error 4630": True,
    "server returned error 463 ": True,
    "server returned error 463\n": True,
    "server returned error -463": True,
    "server returned error \u0664\u0666\u0663": True,
    "server returned error 999999999999999999999999999999999999": True,
    "something that nobody has seen": True,
    "failed to get something else: info query returned status 429: rate-overlimit": True,
    "": True,
}
"""Each with whether it puts the connection in doubt."""

REFUSED_FOR_GOOD = {
    "server returned error 400": "the server refused the message (error 400)",
    "server returned error 406": "the server refused the message (error 406)",
    "server returned error 499": "the server refused the message (error 499)",
    "failed to send message node: frame too large (got 17 bytes, max 16 bytes)": (
        "the message is too large"
    ),
    "failed to send message node: failed to marshal node: x": "the message can't be encoded",
    "failed to marshal message: string field contains invalid UTF-8": (
        "the message can't be encoded"
    ),
    "failed to marshal message (for own devices): x": "the message can't be encoded",
    "message recipient must be a user JID with no device part": "the recipient is no user",
}


@pytest.mark.parametrize(("error", "expected"), NOTHING_LEFT.items())
def test_these_mean_that_nothing_left(error: str, expected: tuple[bool, bool]) -> None:
    verdict = error_table.judge_send(error)
    assert isinstance(verdict.outcome, NotSent)
    assert (verdict.outcome.counts, verdict.doubtful) == expected
    assert (verdict.outcome.quarantine, verdict.outcome.hold) == (None, None)


@pytest.mark.parametrize(("error", "doubtful"), MAYBE_SENT.items())
def test_these_leave_it_open_whether_it_left(error: str, doubtful: bool) -> None:
    verdict = error_table.judge_send(error)
    assert isinstance(verdict.outcome, Unknown)
    assert not verdict.outcome.running
    assert verdict.doubtful is doubtful


@pytest.mark.parametrize(("error", "reason"), REFUSED_FOR_GOOD.items())
def test_these_are_refused_for_good(error: str, reason: str) -> None:
    assert error_table.judge_send(error).outcome == Rejected(reason)


@pytest.mark.parametrize(
    ("error", "quarantine", "hold"),
    [
        ("server returned error 429", Quarantine.RATE_LIMITED, error_table.RATE_LIMITED_HOLD),
        (
            f"{USER}: {USYNC}: info query returned status 429: rate-overlimit",
            Quarantine.RATE_LIMITED,
            error_table.RATE_LIMITED_HOLD,
        ),
        (
            f"{DEVICES}: {USYNC}: info query returned status 429: ",
            Quarantine.RATE_LIMITED,
            error_table.RATE_LIMITED_HOLD,
        ),
    ],
)
def test_limits_stop_the_device_and_count(error: str, quarantine: Quarantine, hold: float) -> None:
    outcome = error_table.judge_send(error).outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine, outcome.hold) == (True, quarantine, hold)


def test_a_chat_that_can_not_be_begun_rests_no_device() -> None:
    outcome = error_table.judge_send("server returned error 463").outcome
    assert outcome == NotSent(
        "no chat with them could be begun (463)", counts=True, refused_chat=True
    )


@pytest.mark.parametrize(
    "error",
    [
        "the store doesn't contain a device JID",
        "invalid use of deleted device",
        "failed to prefetch sessions: invalid use of deleted device",
        f"failed to get LID for PN {PN}: invalid use of deleted device",
    ],
)
def test_a_deleted_session_is_logged_out(error: str) -> None:
    outcome = error_table.judge_send(error).outcome
    assert outcome == NotSent("the device is logged out", quarantine=Quarantine.LOGGED_OUT)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        ("server returned error 463", True),
        ("server returned error 500", True),
        ("server returned error 463: x", False),
        ("x: server returned error 463", False),
        ("timed out waiting for message send response", False),
    ],
)
def test_only_the_acks_own_error_is_an_answer(error: str, answer: bool) -> None:
    assert error_table.is_answer(error) is answer


MEDIA = "failed to refresh media connections"
MEDIA_QUERY = f"{MEDIA}: failed to query media connections"
RESET = "read tcp 127.0.0.1:42950->127.0.0.1:7001: connection reset by peer"


@pytest.mark.parametrize(
    ("error", "counts", "doubtful", "quarantine"),
    [
        ("upload failed with status code 503", True, False, None),
        ("upload failed with status code 429", True, False, Quarantine.RATE_LIMITED),
        ("upload failed with status code 4290", True, False, None),
        ("upload failed with status code 503 (request id 1429)", False, False, None),
        (f'failed to execute request: Post "https://x/429": {RESET}', True, False, None),
        ("failed to parse upload response: websocket", True, False, None),
        ("failed to encrypt file: x", True, False, None),
        (f"{MEDIA_QUERY}: websocket not connected", False, True, None),
        (f"{MEDIA}: client is nil", False, True, None),
        ("client is nil", False, True, None),
        (f"{MEDIA_QUERY}: info query timed out", True, False, None),
        (f"{MEDIA_QUERY}: info query returned status 503: 429", True, False, None),
        (f"{MEDIA_QUERY}: unexpected child tag", True, False, None),
        (f"{MEDIA}: failed to parse media connections: [429]", False, True, None),
        (
            f"{MEDIA_QUERY}: info query returned status 429: rate-overlimit",
            True,
            False,
            Quarantine.RATE_LIMITED,
        ),
        (f"{MEDIA}: something that nobody has seen: 429", False, True, None),
        ("something that nobody has seen on a websocket: 429", False, False, None),
        ("", False, False, None),
    ],
)
def test_a_failed_upload_sent_nothing(
    error: str, counts: bool, doubtful: bool, quarantine: Quarantine | None
) -> None:
    verdict = error_table.judge_upload(error)
    outcome: Outcome = verdict.outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.counts, outcome.quarantine) == (counts, quarantine)
    assert verdict.doubtful is doubtful
    assert outcome.hold == (error_table.RATE_LIMITED_HOLD if quarantine else None)
