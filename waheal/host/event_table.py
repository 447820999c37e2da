"""The event table: what the library's events mean for its client, and for a message; pure.

Sources: whatsmeow's `connectionevents.go`, `keepalive.go` and `receipt.go`, and the faults that
were made against the sandbox: host/README.md.
"""

import re
from typing import assert_never

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
from waheal.host.life import Change, Death, Down, Up
from waheal.model import Quarantine, ReceiptKind

REFUSED_HOLD = 3600.0
"""Seconds until a refused login (400, 409, unknown) may be tried again."""

UNKNOWN_BAN_HOLD = 24 * 3600.0
"""Seconds for a temporary ban whose end the library could not hand through."""

_LOST_PINGS = 2  # one unanswered ping may be a busy machine

# The protobuf library puts either space into its errors, lest anyone rely on their words.
_UNENCODED = re.compile(r"proto:[ \u00a0]required field neonize\.(?P<event>\w+)\.\w+ not set")

_UNENCODED_DEATHS = {
    "LoggedOut": Death("logged out", Quarantine.LOGGED_OUT, session_gone=True),
    "TemporaryBan": Death("temporarily banned (unknown code)", Quarantine.BANNED, UNKNOWN_BAN_HOLD),
    "ConnectFailure": Death("login refused (unknown code)", Quarantine.REFUSED, REFUSED_HOLD),
}

_LOGGED_OUT = {
    LoginFault.LOGGED_OUT: "logged out",
    LoginFault.LOCKED: "the account is locked, or its phone is gone (403)",
    LoginFault.ACCOUNT_BANNED: "the account is banned (406)",
}


def life_change(event: ConnectionEvent) -> Change | None:
    """Tell how a client's life changes by the event; None where it goes on as it was."""
    match event:
        case Connected() | KeepAliveRestored():
            return Up()
        case Disconnected():
            return Down("connection lost")
        case KeepAliveTimeout(pings=pings):
            return Down("pings unanswered") if pings >= _LOST_PINGS else None
        case _:
            return _death(event)


def _death(event: LoggedOut | Replaced | Banned | Refused | Ended) -> Death:
    match event:
        case Replaced():
            # Not yet a quarantine: the cache counts how often, and heals the first ones.
            return Death("replaced by another client")
        case LoggedOut(fault=fault):
            reason = _LOGGED_OUT.get(fault, "logged out")
            return Death(reason, Quarantine.LOGGED_OUT, session_gone=True)
        case Banned(code=code, seconds=seconds):
            hold = UNKNOWN_BAN_HOLD if seconds is None else seconds
            return Death(f"temporarily banned ({code})", Quarantine.BANNED, hold)
        case Refused():
            return _refused(event)
        case Ended(error=error):
            return _ended(error)
        case _:
            assert_never(event)


def _refused(event: Refused) -> Death:
    if event.fault is LoginFault.OUTDATED:
        return Death("WhatsApp no longer accepts this version (405)", Quarantine.OUTDATED)
    words = f"{event.fault.value}{': ' if event.message else ''}{event.message}"
    return Death(f"login refused ({words})", Quarantine.REFUSED, REFUSED_HOLD)


def _ended(error: str) -> Death:
    """Judge a loop that is over: asked to, could not connect, or choked on an event.

    An event with a code that neonize has no word for ends its loop with a protobuf error that
    names the event's type; that name is all that is left of it.
    """
    if not error:
        return Death("stopped")
    if error == "invalid use of deleted device":  # whatsmeow's: a connect after a logout
        return _UNENCODED_DEATHS["LoggedOut"]
    unencoded = _UNENCODED.fullmatch(error)
    known = None if unencoded is None else _UNENCODED_DEATHS.get(unencoded.group("event"))
    return known or Death(f"connection ended: {error}")


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
