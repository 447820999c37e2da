"""The error table: what the library's strings mean for the message they came for; pure.

Each string is matched as a whole: the library's own words from end to end, with holes only where
it fills in a JID, a number, or what a lower layer said. So nothing is taken for a limit that only
holds a "429" in a port or an id. A failed send that nobody has seen is Unknown. What fails before
the send did not leave: where nobody has seen why, it counts against no recipient.

Sources: whatsmeow's `send.go` (`SendMessage` and what it calls before the stanza is written),
`user.go`, `upload.go`, `mediaconn.go`, `request.go`, `errors.go` and its `socket` package, and the
faults that were made against the sandbox: host/README.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from waheal.model import NotSent, Outcome, Quarantine, Rejected, Unknown

RATE_LIMITED_HOLD = 600.0
"""Seconds that a device rests after 429."""


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """What became of a call. `doubtful`: look at the connection before the next one."""

    outcome: Outcome
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """Strings that are `pattern` from end to end mean what `judge` makes of the match."""

    pattern: re.Pattern[str]
    judge: Callable[[re.Match[str]], CallVerdict]


def _rule(pattern: str, verdict: CallVerdict) -> _Rule:
    return _judged(pattern, lambda _match: verdict)


def _judged(pattern: str, judge: Callable[[re.Match[str]], CallVerdict]) -> _Rule:
    return _Rule(re.compile(pattern, re.ASCII | re.DOTALL), judge)


def _find(rules: tuple[_Rule, ...], error: str) -> CallVerdict | None:
    for rule in rules:
        if match := rule.pattern.fullmatch(error):
            return rule.judge(match)
    return None


def _not_sent(reason: str, *, counts: bool = False, doubtful: bool = False) -> CallVerdict:
    return CallVerdict(NotSent(reason, counts=counts), doubtful)


def _rejected(reason: str) -> CallVerdict:
    return CallVerdict(Rejected(reason))


def _limited(reason: str) -> CallVerdict:
    return CallVerdict(
        NotSent(reason, counts=True, hold=RATE_LIMITED_HOLD, quarantine=Quarantine.RATE_LIMITED)
    )


_UNCONNECTED = "websocket not connected|frame socket is closed"
_UNWRITTEN = "failed to write .+"  # the websocket's own words, from any depth


# What is asked of the server first, for a device list or for a place to upload to. The names in
# front prove that it was that question which failed, so whatever follows, nothing has left.

_ANSWERED_OTHERWISE = (
    r"info query timed out|unknown info query error|unexpected child tag"
    r"|info query returned (status -?\d+|unknown error|unexpected response): .*"
)
_ASKED_IN_VAIN = (
    rf"{_UNCONNECTED}|{_UNWRITTEN}|client is nil"
    r"|websocket disconnected before info query( \(retry\))? returned response"
)


def _asked(front: str, query: str, failed: str, *, lost: str, limited: str) -> tuple[_Rule, ...]:
    asked = f"{front}: {query}: "
    return (
        _rule(rf"{asked}info query returned status 429: .*", _limited(limited)),
        _rule(rf"{asked}({_ANSWERED_OTHERWISE})", _not_sent(failed, counts=True)),
        _rule(rf"{asked}({_ASKED_IN_VAIN})", _not_sent(lost, doubtful=True)),
        _rule(rf"{front}: .*", _not_sent(failed, doubtful=True)),
    )


def _looked_up(front: str, what: str) -> tuple[_Rule, ...]:
    return _asked(
        front,
        "failed to send usync query",
        f"the {what} could not be looked up",
        lost="the connection was lost during a lookup",
        limited="lookups are rate limited (429)",
    )


_NO_DATABASE = _not_sent("the session database could not be read or written")
_LOGGED_OUT = CallVerdict(NotSent("the device is logged out", quarantine=Quarantine.LOGGED_OUT))
_DELETED = "invalid use of deleted device"

_REFUSED_QUERY = re.compile(r"(?as).+: info query returned status -?\d+: .*")


def is_refusal(error: str) -> bool:
    """Whether a look-up failed since the server answered that it would not tell."""
    return _REFUSED_QUERY.fullmatch(error) is not None


NO_LID = _not_sent("WhatsApp told no LID for them", counts=True)
"""The verdict on a send for want of a LID; whether they are on WhatsApp it does not say."""

_BEFORE_THE_STANZA = (
    _rule(r"no LID found for \S+ from server", NO_LID),
    *_looked_up(r"failed to get user info for \S+ to fill LID cache", "user info"),
    *_looked_up("failed to get device list", "device list"),
    _rule(
        r"(failed to (get LID for PN \S+|fetch LID mappings|prefetch sessions|save cached sessions)"
        rf": )?{_DELETED}|the store doesn't contain a device JID",
        _LOGGED_OUT,
    ),
    _rule(
        r"failed to (get LID for PN \S+|fetch LID mappings|prefetch sessions|save cached sessions)"
        r": .*",
        _NO_DATABASE,
    ),
    _rule(
        r"failed to marshal message( \(for own devices\))?: .*"
        r"|failed to send message node: failed to marshal node: .*",
        _rejected("the message can't be encoded"),
    ),
    _rule(
        r"message recipient must be a user JID with no device part",
        _rejected("the recipient is no user"),
    ),
    _rule(r"client is nil", _not_sent("the client was stopped before", doubtful=True)),
    # The stanza could not be written at all. Only with this prefix: the bare words also come
    # from the retry after a drop (`retryFrame`), and by then the first copy had been written.
    _rule(
        rf"failed to send message node: ({_UNCONNECTED})",
        _not_sent("the device was not connected", doubtful=True),
    ),
    _rule(
        r"failed to send message node: frame too large \(got \d+ bytes, max \d+ bytes\)",
        _rejected("the message is too large"),
    ),
)


# After it: the server's answer, or none.

_ANSWER = re.compile(r"server returned error (?P<code>\d{3})", re.ASCII)


def is_answer(error: str) -> bool:
    """Whether a failed send's string is the server's own answer to the stanza."""
    return _ANSWER.fullmatch(error) is not None


SECOND_COPY = CallVerdict(
    Unknown("the server refused it a second time; the first may have arrived")
)
"""The verdict on an answer that came after a reconnect in mid-send.

The library has written the same stanza twice then (whatsmeow's `retryFrame`), and the answer is to
the second copy: nobody knows what became of the first.
"""


def _server_error(match: re.Match[str]) -> CallVerdict:
    """Judge the ack's own error number: the server's verdict on this very stanza."""
    code = int(match.group("code"))
    match code:
        case 463:
            return CallVerdict(
                NotSent("no chat with them could be begun (463)", counts=True, refused_chat=True)
            )
        case 429:
            return _limited("the device is rate limited (429)")
        case 479:
            return _not_sent("the server found the message malformed (479)", counts=True)
        case _ if 400 <= code < 500:  # noqa: PLR2004 - the class of refusals
            # Refused is refused: an ack with such an error means that the server did not route
            # the stanza. Trying again would ask the same question of the same server.
            return _rejected(f"the server refused the message (error {code})")
        case _:
            # A server that stumbled (5xx) may have stumbled after routing it.
            return CallVerdict(Unknown(f"the server stumbled over the message (error {code})"))


_AFTER_THE_STANZA = (
    _Rule(_ANSWER, _server_error),
    _rule(
        r"timed out waiting for message send response",
        CallVerdict(Unknown("the server did not confirm it in time")),
    ),
    _rule(
        rf"{_UNCONNECTED}|(failed to send message node: )?{_UNWRITTEN}"
        r"|websocket disconnected before message send( \(retry\))? returned response",
        CallVerdict(
            Unknown("the connection was lost before the server confirmed it"), doubtful=True
        ),
    ),
)

# The server took it, and nobody can read it: `NeonizeClient.send` says so, in these words.

_FOR_NOBODY = "encrypted for no device of the recipient"

_WITHOUT_CIPHERTEXT = (
    _rule(rf"{_FOR_NOBODY}: .*failed to (save|store|load|check if) .*", _NO_DATABASE),
    _rule(rf"{_FOR_NOBODY}: .*", _not_sent("it could not be encrypted for them", counts=True)),
)

_SENDS = (*_BEFORE_THE_STANZA, *_AFTER_THE_STANZA, *_WITHOUT_CIPHERTEXT)


def judge_send(error: str) -> CallVerdict:
    """Judge a failed send by its string; one that nobody has seen is Unknown."""
    unseen = CallVerdict(Unknown(f"the library said: {error}"), doubtful=True)
    return _find(_SENDS, error) or unseen


_NO_UPLOAD = "the attachment could not be uploaded"
_LOST_UPLOAD = "the connection was lost during the upload"
_LIMITED_UPLOAD = "uploads are rate limited (429)"

_UPLOADS = (
    *_asked(
        "failed to refresh media connections",
        "failed to query media connections",
        _NO_UPLOAD,
        lost=_LOST_UPLOAD,
        limited=_LIMITED_UPLOAD,
    ),
    _rule(r"client is nil", _not_sent(_LOST_UPLOAD, doubtful=True)),
    _rule(r"upload failed with status code 429", _limited(_LIMITED_UPLOAD)),
    _rule(
        r"upload failed with status code \d+"
        r"|failed to (encrypt file|prepare request|execute request|parse upload response): .*",
        _not_sent(_NO_UPLOAD, counts=True),
    ),
)


def judge_upload(error: str) -> CallVerdict:
    """Judge a failed upload by its string: whatever it was, no message was sent."""
    return _find(_UPLOADS, error) or _not_sent(_NO_UPLOAD)
