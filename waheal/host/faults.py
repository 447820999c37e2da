"""The error table: what the library's strings and events mean; pure, and the only place that says.

Sources: whatsmeow's `send.go` (`SendMessage` and what it calls before the stanza is written),
`request.go`, `connectionevents.go`, and neonize.md's table of faults seen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from waheal.host.client import (
    Banned,
    Connected,
    ConnectionEvent,
    Disconnected,
    Ended,
    Heard,
    LoggedOut,
    LoginFault,
    ReceiptCame,
    ReceiptType,
    Refused,
    Replaced,
    Silent,
)
from waheal.host.life import Death, Life
from waheal.model import NotSent, Outcome, Quarantine, ReceiptKind, Rejected, Unknown

REACH_OUT_HOLD = 6 * 3600.0
"""Seconds that a device rests after 463: new chats are closed to it for hours, not minutes."""

RATE_LIMITED_HOLD = 600.0
"""Seconds that a device rests after 429."""

REFUSED_HOLD = 3600.0
"""Seconds until a refused login (400, 409, unknown) may be tried again."""

UNKNOWN_BAN_HOLD = 24 * 3600.0
"""Seconds for a temporary ban whose end the library could not hand through."""

_LOST_PINGS = 2  # one unanswered ping may be a busy machine


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a call. `doubtful`: look at the connection before the next one."""

    outcome: Outcome
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """Strings that match `pattern` mean what `judge` makes of the match."""

    pattern: re.Pattern[str]
    judge: Callable[[re.Match[str]], Judged]


def _not_sent(reason: str, *, counts: bool = False) -> Callable[[re.Match[str]], Judged]:
    return lambda _match: Judged(NotSent(reason, counts=counts))


def _rejected(reason: str) -> Callable[[re.Match[str]], Judged]:
    return lambda _match: Judged(Rejected(reason))


def _lookup_failed(match: re.Match[str]) -> Judged:
    """Judge a question that failed before the send: nothing left, whatever the cause."""
    answer = _LOOKUP_ANSWER.search(match.string)
    if answer is None:  # neither refused nor timed out: it was not asked to the end
        return Judged(NotSent("the connection was lost during a lookup"), doubtful=True)
    if answer.group("status") == "429":
        return Judged(_limited("lookups are rate limited (429)"))
    return Judged(NotSent(f"the {match.group('what')} could not be looked up", counts=True))


_LOOKUP_ANSWER = re.compile(r"info query (timed out|returned status (?P<status>\d+))")
"""whatsmeow's errors.go: ErrIQTimedOut and IQError."""


def _limited(reason: str) -> NotSent:
    return NotSent(reason, counts=True, hold=RATE_LIMITED_HOLD, quarantine=Quarantine.RATE_LIMITED)


def _server_error(match: re.Match[str]) -> Judged:
    """Judge the ack's own error number: the server's verdict on this very stanza."""
    code = int(match.group("code"))
    match code:
        case 463:
            return Judged(
                NotSent(
                    "the device may not write to new contacts for now (463)",
                    counts=True,
                    hold=REACH_OUT_HOLD,
                    quarantine=Quarantine.REACH_OUT,
                )
            )
        case 429:
            return Judged(_limited("the device is rate limited (429)"))
        case 479:
            return Judged(NotSent("the server found the message malformed (479)", counts=True))
        case _ if 400 <= code < 500:  # noqa: PLR2004 - the class of refusals
            # Refused is refused: an ack with such an error means that the server did not route
            # the stanza. Trying again would ask the same question of the same server.
            return Judged(Rejected(f"the server refused the message (error {code})"))
        case _:
            # A server that stumbled (5xx) may have stumbled after routing it.
            return Judged(Unknown(f"the server stumbled over the message (error {code})"))


_ANSWERED = re.compile(r"server returned error \d+$")

_SECOND_COPY = Judged(Unknown("the server refused it a second time; the first may have arrived"))


def is_answer(error: str) -> bool:
    """Whether a failed send's string is the server's own answer to the stanza."""
    return _ANSWERED.match(error) is not None


def judge_second_copy() -> Judged:
    """Judge an answer that came after a reconnect in mid-send.

    The library has written the same stanza twice then (whatsmeow's `retryFrame`), and the answer
    is to the second copy: nobody knows what became of the first.
    """
    return _SECOND_COPY


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
        lambda _match: Judged(
            NotSent("the device is logged out", quarantine=Quarantine.LOGGED_OUT)
        ),
    ),
    _Rule(
        re.compile(r"client is nil"),
        lambda _match: Judged(NotSent("the client was stopped before"), doubtful=True),
    ),
    # The stanza could not be written at all. Only with this prefix: the bare words also come
    # from the retry after a drop (`retryFrame`), and by then the first copy had been written.
    _Rule(
        re.compile(
            r"failed to send message node: (websocket not connected|frame socket is closed)$"
        ),
        lambda _match: Judged(NotSent("the device was not connected"), doubtful=True),
    ),
    _Rule(
        re.compile(r"failed to send message node: frame too large"),
        _rejected("the message is too large"),
    ),
    # After it: the server's answer, or none.
    _Rule(re.compile(r"server returned error (?P<code>\d+)$"), _server_error),
    _Rule(
        re.compile(r"timed out waiting for message send response$"),
        lambda _match: Judged(Unknown("the server did not confirm it in time")),
    ),
    _Rule(
        re.compile(r".*websocket|(failed to send message node: )?(failed to write|frame socket)"),
        lambda _match: Judged(
            Unknown("the connection was lost before the server confirmed it"), doubtful=True
        ),
    ),
)


def judge_send(error: str) -> Judged:
    """Judge a failed send by its string; one that nobody has seen is Unknown."""
    for rule in _RULES:
        if match := rule.pattern.match(error):
            return rule.judge(match)
    return Judged(Unknown(f"the library said: {error}"))


def judge_upload(error: str) -> Judged:
    """Judge a failed upload by its string: whatever it was, no message was sent."""
    if "websocket" in error or "client is nil" in error:
        return Judged(NotSent("the connection was lost during the upload"), doubtful=True)
    if "429" in error:
        return Judged(_limited("uploads are rate limited (429)"))
    return Judged(NotSent("the attachment could not be uploaded", counts=True))


# Events.

_LOGGED_OUT = {
    LoginFault.LOGGED_OUT: "logged out",
    LoginFault.LOCKED: "the account is locked, or its phone is gone (403)",
    LoginFault.ACCOUNT_BANNED: "the account is banned (406)",
}


def apply(event: ConnectionEvent, life: Life) -> None:
    """Move a client's life as the event says."""
    match event:
        case Connected() | Heard():
            life.up()
        case Disconnected():
            life.down("connection lost")
        case Silent(pings=pings):
            if pings >= _LOST_PINGS:
                life.down("pings unanswered")
        case LoggedOut() | Replaced() | Banned() | Refused() | Ended():
            life.die(death(event))
        case _:
            assert_never(event)


def death(event: LoggedOut | Replaced | Banned | Refused | Ended) -> Death:
    """Say why a client is dead after this event."""
    match event:
        case LoggedOut(fault=fault):
            reason = _LOGGED_OUT.get(fault, "logged out")
            return Death(reason, Quarantine.LOGGED_OUT, session_gone=True)
        case Replaced():
            # Not yet a quarantine: the cache counts how often, and heals the first ones.
            return Death("replaced by another client")
        case Banned(code=code, seconds=seconds):
            hold = UNKNOWN_BAN_HOLD if seconds is None else seconds
            return Death(f"temporarily banned ({code})", Quarantine.BANNED, hold)
        case Refused(fault=LoginFault.OUTDATED):
            return Death("WhatsApp no longer accepts this version (405)", Quarantine.OUTDATED)
        case Refused(fault=fault, message=message):
            words = f"login refused ({fault.value}{': ' if message else ''}{message})"
            return Death(words, Quarantine.REFUSED, REFUSED_HOLD)
        case Ended(error=error):
            return _ended(error)
        case _:
            assert_never(event)


def _ended(error: str) -> Death:
    """Judge a loop that is over: asked to, could not connect, or choked on an event.

    An event with a code that neonize has no word for ends its loop with a protobuf error that
    names the event's type; that name is all that is left of it.
    """
    if not error:
        return Death("stopped")
    if "invalid use of deleted device" in error or "LoggedOut.Reason" in error:
        return Death("logged out", Quarantine.LOGGED_OUT, session_gone=True)
    if "TemporaryBan" in error:
        return Death("temporarily banned (unknown code)", Quarantine.BANNED, UNKNOWN_BAN_HOLD)
    if "ConnectFailure" in error:
        return Death("login refused (unknown code)", Quarantine.REFUSED, REFUSED_HOLD)
    return Death(f"connection ended: {error}")


def receipt_kind(receipt: ReceiptCame) -> ReceiptKind | None:
    """Tell what a receipt proves about its messages; None where it settles nothing."""
    if receipt.from_me:
        return None
    match receipt.type:
        case ReceiptType.DELIVERED | ReceiptType.INACTIVE:
            return ReceiptKind.DELIVERED
        case ReceiptType.READ | ReceiptType.PLAYED:
            return ReceiptKind.READ
        case ReceiptType.RETRY:
            return ReceiptKind.RETRY
        case (
            ReceiptType.SENDER
            | ReceiptType.READ_SELF
            | ReceiptType.SERVER_ERROR
            | ReceiptType.PEER_MSG
            | ReceiptType.HISTORY_SYNC
        ):
            return None
        case _:
            assert_never(receipt.type)
