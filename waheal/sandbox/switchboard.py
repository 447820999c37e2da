"""Who is connected, what is to be told to them, and what they sent, counted; knows no stanza."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.effects import Close, Effect, Happened, Later, Mute, Tell
from waheal.sandbox.greeting import Registration
from waheal.sandbox.registry import Companion


@dataclass(slots=True, eq=False)
class ChatSession:
    """One client's connection, from its greeting to its end."""

    session_id: int
    companion: Companion | None = None
    registration: Registration | None = None
    active: bool = False  # the device has asked for what waits
    muted: bool = False


@dataclass(slots=True)
class Switchboard:
    """Sessions, and the effects that the shell has not fetched yet."""

    sessions: dict[int, ChatSession] = field(default_factory=dict)
    online: dict[Jid, ChatSession] = field(default_factory=dict)
    totals: Counter[str] = field(default_factory=Counter)
    by_device: dict[str, Counter[str]] = field(default_factory=dict)
    _effects: list[Effect] = field(default_factory=list)
    _made: int = 0

    def effects(self) -> list[Effect]:
        """Tell what is to be done, each effect once, in order."""
        effects, self._effects = self._effects, []
        return effects

    def open(self) -> ChatSession:
        """Open a session that nobody is known on yet."""
        self._made += 1
        session = ChatSession(self._made)
        self.sessions[session.session_id] = session
        self.count("connect")
        return session

    def seat(self, session: ChatSession, companion: Companion) -> ChatSession | None:
        """Let the session be the device's, and tell which one was."""
        before = self.online.get(companion.jid)
        session.companion = companion
        self.online[companion.jid] = session
        return before

    def leave(self, session: ChatSession) -> bool:
        """Forget the session; whether it was still known."""
        if self.sessions.pop(session.session_id, None) is None:
            return False
        companion = session.companion
        if companion is not None and self.online.get(companion.jid) is session:
            del self.online[companion.jid]
            self.happened("disconnected", {"device": str(companion.jid)})
        return True

    def tell(self, session: ChatSession, node: Node) -> None:
        """Send a stanza, unless the session is over."""
        if session.session_id in self.sessions:
            self._effects.append(Tell(session.session_id, node))

    def close(self, session: ChatSession, *, abrupt: bool = False) -> None:
        """End the session."""
        if self.leave(session):
            self._effects.append(Close(session.session_id, abrupt))

    def mute(self, session: ChatSession, *, muted: bool) -> None:
        """Let nothing pass on the session, or let it pass again."""
        if session.muted is not muted and session.session_id in self.sessions:
            session.muted = muted
            self._effects.append(Mute(session.session_id, muted))

    def do(self, effect: Effect) -> None:
        """Ask the shell for something else."""
        self._effects.append(effect)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back after a while."""
        self._effects.append(Later(seconds, call))

    def happened(self, event: str, fields: Mapping[str, str | int | float | None]) -> None:
        """Tell the watchers."""
        self._effects.append(Happened(event, fields))

    def count(self, kind: str, companion: Companion | None = None) -> None:
        """Count a stanza or another thing that a client did."""
        self.totals[kind] += 1
        if companion is not None:
            self.count_device(kind, companion)

    def count_device(self, kind: str, companion: Companion) -> None:
        """Count what the total counts already."""
        self.by_device.setdefault(str(companion.jid), Counter())[kind] += 1
