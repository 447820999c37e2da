"""The stanzas that end a client: what the server does next, and how the device comes back."""

from dataclasses import dataclass
from enum import Enum, auto, unique

from tests.conformance.said import WHATSMEOW, ZAPO

_STREAM = WHATSMEOW("connectionevents.go")
_WEB = ZAPO("packages/fake-server/src/protocol/stream/stream-error.ts")
_RECEIPTS = WHATSMEOW("types/presence.go")


@unique
class Then(Enum):
    """What the server does once it has said it."""

    WAITS = auto()
    CLOSES = auto()
    REFUSES_THE_NEXT_LOGIN = auto()  # after it has closed


@unique
class End(Enum):
    """What becomes of the device."""

    COMES_BACK = auto()  # by itself
    HEALED = auto()  # by the next message
    LOGGED_OUT = auto()


@dataclass(frozen=True, slots=True)
class Ending:
    """One of them, in the notation of `notation.py`, and where it is known from."""

    name: str
    source: str
    stanza: str
    then: Then
    end: End


def _error(attributes: str, content: str = "") -> str:
    return f"<stream:error{attributes}>{content}</stream:error>"


def _receipt(kind: str) -> str:
    return f'<receipt from="<jid lid>" id="<id 20>" t="<number 10>" type="{kind}"/>'


_REMOVED = '<conflict type="device_removed"/>'

ENDINGS = (
    Ending(
        "device-removed",
        _STREAM,
        _error(' code="401"', _REMOVED),
        Then.WAITS,
        End.LOGGED_OUT,
    ),
    Ending(
        "device-removed-and-closed",
        _STREAM,
        _error(' code="401"', _REMOVED),
        Then.CLOSES,
        End.LOGGED_OUT,
    ),
    Ending(
        "device-removed-without-a-code",
        _WEB,
        _error("", _REMOVED),
        Then.REFUSES_THE_NEXT_LOGIN,
        End.LOGGED_OUT,
    ),
    Ending(
        "device-removed-without-a-conflict",
        _STREAM,
        _error(' code="401"'),
        Then.REFUSES_THE_NEXT_LOGIN,
        End.LOGGED_OUT,
    ),
    Ending(
        "forced-logout",
        _WEB,
        _error(' code="516"'),
        Then.REFUSES_THE_NEXT_LOGIN,
        End.LOGGED_OUT,
    ),
    Ending("forced-login", _WEB, _error(' code="515"'), Then.WAITS, End.COMES_BACK),
    Ending("unavailable", _STREAM, _error(' code="503"'), Then.CLOSES, End.COMES_BACK),
    Ending("server-error", _WEB, _error(' code="500"'), Then.CLOSES, End.COMES_BACK),
    Ending("ack-missing", _WEB, _error("", '<ack id="<id 20>"/>'), Then.CLOSES, End.COMES_BACK),
    Ending("malformed", _WEB, _error("", "<xml-not-well-formed/>"), Then.CLOSES, End.COMES_BACK),
    Ending("stream-end", WHATSMEOW("client.go"), "<xmlstreamend/>", Then.CLOSES, End.COMES_BACK),
    Ending(
        "replaced",
        _STREAM,
        _error("", '<conflict type="replaced"/>'),
        Then.CLOSES,
        End.HEALED,
    ),
    Ending("receipt-of-a-view", _RECEIPTS, _receipt("view"), Then.WAITS, End.HEALED),
    Ending(
        "receipt-of-a-server-error", _RECEIPTS, _receipt("server-error"), Then.WAITS, End.HEALED
    ),
    Ending("receipt-that-nobody-knows", _RECEIPTS, _receipt("sparkle"), Then.WAITS, End.HEALED),
)
