"""Whether a client lives: a small state machine that its events move; knows no library.

::

    starting ──up──► up ◄──up── down, doubted    down: the library reconnects by itself
        │            │ └─down, doubt─► │         doubted: an error said so, no event did
        └────────────┴──die────────────┴──► dead    final: heal by building a new client
"""

from dataclasses import dataclass
from enum import StrEnum
from threading import Condition
from typing import assert_never

from waheal.model import Quarantine


class LifeState(StrEnum):
    """Where one client stands."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"
    DOUBTED = "doubted"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Death:
    """Why a client is dead.

    `quarantine`: a new client would not help either, for `hold` seconds or (None) until the
    operator does something. `session_gone`: the library has deleted the session.
    """

    reason: str
    quarantine: Quarantine | None = None
    hold: float | None = None
    session_gone: bool = False


@dataclass(frozen=True, slots=True)
class Up:
    """A client is connected and logged in."""


@dataclass(frozen=True, slots=True)
class Down:
    """A client is lost, and the library reconnects by itself."""

    cause: str


Change = Up | Down | Death
"""What befalls a client."""


class Life:
    """One client's state, safe to move and to wait on from any thread."""

    def __init__(self) -> None:
        # Guards the fields below; never held across I/O.
        self._changed = Condition()
        self._losses = 0
        self._state = LifeState.STARTING
        self._cause = ""
        self._death: Death | None = None

    @property
    def state(self) -> LifeState:
        """Where it stands now."""
        return self._state

    @property
    def cause(self) -> str:
        """Why it is down or dead."""
        return self._cause

    @property
    def death(self) -> Death | None:
        """Why it is dead; None while it isn't."""
        return self._death

    @property
    def losses(self) -> int:
        """How often it was lost so far."""
        return self._losses

    def apply(self, change: Change | None) -> bool:
        """Move it; True where it died of this.

        Death is final, with its first reason: what comes later was only on its way.
        """
        with self._changed:
            if isinstance(change, Down):
                self._losses += 1  # a dead one's too: a failed send asks for it
            if change is None or self._death is not None:
                return False
            match change:
                case Up():
                    self._state, self._cause = LifeState.UP, ""
                case Down(cause=cause):
                    self._state, self._cause = LifeState.DOWN, cause
                case Death(reason=reason):
                    self._state, self._cause, self._death = LifeState.DEAD, reason, change
                case _:
                    assert_never(change)
            self._changed.notify_all()
            return self._death is not None

    def doubt(self, cause: str) -> None:
        """Note that a call failed as if it were lost, though no event says so (any more)."""
        with self._changed:
            if self._state is LifeState.UP:  # where an event was quicker, it knows better
                self._state, self._cause = LifeState.DOUBTED, cause

    def wait_up(self, timeout: float) -> bool:
        """Wait until it is up (True) or dead, at most `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._state in (LifeState.UP, LifeState.DEAD), timeout)
            return self._state is LifeState.UP

    def wait_lost(self, before: int, timeout: float) -> bool:
        """Whether it was lost after `losses` was `before`; waits `timeout` s for a late event."""
        with self._changed:
            return self._changed.wait_for(lambda: self._losses > before, timeout)
