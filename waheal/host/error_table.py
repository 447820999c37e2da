"""The error table: what the library's strings mean for the message they came for; pure.

Sources: whatsmeow's `send.go` (`SendMessage` and what it calls before the stanza is written),
`request.go` and `errors.go`, and the faults that were made against the sandbox: host/README.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from waheal.model import NotSent, Outcome, Quarantine, Rejected, Unknown

REACH_OUT_HOLD = 6 * 3600.0
"""Seconds that a device rests after 463: new chats are closed to it for hours, not minutes."""

RATE_LIMITED_HOLD = 600.0
"""Seconds that a device rests after 429."""


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """What became of a call. `doubtful`: look at the connection before the next one."""

    outcome: Outcome
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """Strings that match `pattern` mean what `judge` makes of the match."""

    pattern: re.Pattern[str]
    judge: Callable[[re.Match[str]], CallVerdict]


def _not_sent(reason: str, *, counts: bool = False) -> Callable[[re.Match[str]], CallVerdict]:
    return lambda _match: CallVerdict(NotSent(reason, counts=counts))


def _rejected(reason: str) -> Callable[[re.Match[str]], CallVerdict]:
    return lambda _match: CallVerdict(Rejected(reason))


def _lookup_failed(match: re.Match[str]) -> CallVerdict:
    """Judge a question that failed before the send: nothing left, whatever the cause."""
    answer = _LOOKUP_ANSWER.search(match.string)
    if answer is None:  # neither refused nor timed out: it was not asked to the end
        return CallVerdict(NotSent("the connection was lost during a lookup"), doubtful=True)
    if answer.group("status") == "429":
        return CallVerdict(_limited("lookups are rate limited (429)"))
    return CallVerdict(NotSent(f"the {match.group('what')} could not be looked up", counts=True))


_LOOKUP_ANSWER = re.compile(r"info query (timed out|returned status (?P<status>\d+))")
"""whatsmeow's errors.go: ErrIQTimedOut and IQError."""


def _limited(reason: str) -> NotSent:
    return NotSent(reason, counts=True, hold=RATE_LIMITED_HOLD, quarantine=Quarantine.RATE_LIMITED)


def _server_error(match: re.Match[str]) -> CallVerdict:
    """Judge the ack's own error number: the server's verdict on this very stanza."""
    code = int(match.group("code"))
    match code:
        case 463:
            return CallVerdict(
                NotSent(
                    "the device may not write to new contacts for now (463)",
                    counts=True,
                    hold=REACH_OUT_HOLD,
                    quarantine=Quarantine.REACH_OUT,
                )
            )
        case 429:
            return CallVerdict(_limited("the device is rate limited (429)"))
        case 479:
            return CallVerdict(NotSent("the server found the message malformed (479)", counts=True))
        case _ if 400 <= code < 500:  # noqa: PLR2004 - the class of refusals
            # Refused is refused: an ack with such an error means that the server did not route
            # the stanza. Trying again would ask the same question of the same server.
            return CallVerdict(Rejected(f"the server refused the message (error {code})"))
        case _:
            # A server that stumbled (5xx) may have stumbled after routing it.
            return CallVerdict(Unknown(f"the server stumbled over the message (error {code})"))


_ANSWERED = re.compile(r"server returned error \d+$")


def is_answer(error: str) -> bool:
    """Whether a failed send's string is the server's own answer to the stanza."""
    return _ANSWERED.match(error) is not None


SECOND_COPY = CallVerdict(
    Unknown("the server refused it a second time; the first may have arrived")
)
"""The verdict on an answer that came after a reconnect in mid-send.

The library has written the same stanza twice then (whatsmeow's `retryFrame`), and the answer is to
the second copy: nobody knows what became of the first.
"""


_RULES = (
    # Before the stanza is built: whatsmeow's SendMessage returns these without writing anything.
    _Rule(re.compile(r"no LID found for "), _rejected("not on WhatsApp")),
    _Rule(re.compile(r"failed to get (?P<what>user info) "), _lookup_failed),
    _Rule(re.compile(r"failed to get (?P<what>device list)"), _lookup_failed),
    _Rule(
        re.compile(r"(failed to get LID for PN|failed to (prefetch|save cached) sessions)\b"),
        _not_sent("the session database could not be read or written"),
    ),
    _Rule(
        re.compile(r"failed to fetch LID mappings"),
        _not_sent("the session database could not be read or written"),
    ),
    _Rule(re.compile(r"failed to marshal message"), _rejected("the message can't be encoded")),
    _Rule(
        re.compile(r"message recipient must be a user JID"),
        _rejected("the recipient is no user"),
    ),
    _Rule(
        re.compile(r"the store doesn't contain a device JID|invalid use of deleted device"),
        lambda _match: CallVerdict(
            NotSent("the device is logged out", quarantine=Quarantine.LOGGED_OUT)
        ),
    ),
    _Rule(
        re.compile(r"client is nil"),
        lambda _match: CallVerdict(NotSent("the client was stopped before"), doubtful=True),
    ),
    # The stanza could not be written at all. Only with this prefix: the bare words also come
    # from the retry after a drop (`retryFrame`), and by then the first copy had been written.
    _Rule(
        re.compile(
            r"failed to send message node: (websocket not connected|frame socket is closed)$"
        ),
        lambda _match: CallVerdict(NotSent("the device was not connected"), doubtful=True),
    ),
    _Rule(
        re.compile(r"failed to send message node: frame too large"),
        _rejected("the message is too large"),
    ),
    # After it: the server's answer, or none.
    _Rule(re.compile(r"server returned error (?P<code>\d+)$"), _server_error),
    _Rule(
        re.compile(r"timed out waiting for message send response$"),
        lambda _match: CallVerdict(Unknown("the server did not confirm it in time")),
    ),
    _Rule(
        re.compile(r".*websocket|(failed to send message node: )?(failed to write|frame socket)"),
        lambda _match: CallVerdict(
            Unknown("the connection was lost before the server confirmed it"), doubtful=True
        ),
    ),
)


def judge_send(error: str) -> CallVerdict:
    """Judge a failed send by its string; one that nobody has seen is Unknown."""
    for rule in _RULES:
        if match := rule.pattern.match(error):
            return rule.judge(match)
    return CallVerdict(Unknown(f"the library said: {error}"))


def judge_upload(error: str) -> CallVerdict:
    """Judge a failed upload by its string: whatever it was, no message was sent."""
    if "websocket" in error or "client is nil" in error:
        return CallVerdict(NotSent("the connection was lost during the upload"), doubtful=True)
    if "429" in error:
        return CallVerdict(_limited("uploads are rate limited (429)"))
    return CallVerdict(NotSent("the attachment could not be uploaded", counts=True))
