"""What the world wants done outside itself; only the shell knows how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from waheal.sandbox.codec import Node

SessionId = int


@dataclass(frozen=True, slots=True)
class Tell:
    """Send the session a stanza."""

    session: SessionId
    node: Node


@dataclass(frozen=True, slots=True)
class Close:
    """End the session's connection, after what was told to it; `abrupt` leaves out the goodbyes."""

    session: SessionId
    abrupt: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """Let nothing pass either way on the session's connection, or let it pass again."""

    session: SessionId
    muted: bool


@dataclass(frozen=True, slots=True)
class MuteNewcomers:
    """Leave new connections unanswered, or answer them again."""

    muted: bool


@dataclass(frozen=True, slots=True)
class GoAway:
    """Close the listener and every connection, and be back on the same port after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Later:
    """Call back into the world after `seconds`."""

    seconds: float
    call: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something worth a watcher's line."""

    event: str
    fields: Mapping[str, str | int | float | None]


Effect = Tell | Close | Mute | MuteNewcomers | GoAway | Later | Happened
