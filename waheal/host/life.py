"""Whether a client lives: a small state machine that its events move; knows no library.

::

    starting ──up──► up ◄──up── down, doubted    down: the library reconnects by itself
        │            │ └─down, doubt─► │         doubted: an error said so, no event did
        └────────────┴──die────────────┴──► dead    final: heal by building a new client
"""

from dataclasses import dataclass
from enum import StrEnum
from threading import Condition

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

    def up(self) -> None:
        """Note that it is connected and logged in."""
        self._move(LifeState.UP, "")

    def down(self, cause: str) -> None:
        """Note that it is lost, and that the library reconnects by itself."""
        with self._changed:
            self._losses += 1
        self._move(LifeState.DOWN, cause)

    def doubt(self, cause: str) -> None:
        """Note that a call failed as if it were lost, though no event says so (any more)."""
        with self._changed:
            if self._state is LifeState.UP:  # where an event was quicker, it knows better
                self._state, self._cause = LifeState.DOUBTED, cause

    def die(self, death: Death) -> bool:
        """Note that it won't come back; False when it was dead already: the first reason stays."""
        with self._changed:
            if self._death is not None:
                return False
            self._state, self._cause, self._death = LifeState.DEAD, death.reason, death
            self._changed.notify_all()
            return True

    def wait_up(self, timeout: float) -> bool:
        """Wait until it is up (True) or dead, at most `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._state in (LifeState.UP, LifeState.DEAD), timeout)
            return self._state is LifeState.UP

    def wait_lost(self, before: int, timeout: float) -> bool:
        """Whether it was lost after `losses` was `before`; waits `timeout` s for a late event."""
        with self._changed:
            return self._changed.wait_for(lambda: self._losses > before, timeout)

    def _move(self, state: LifeState, cause: str) -> None:
        with self._changed:
            if self._state is LifeState.DEAD:
                return  # an event that was on its way; death is final
            self._state, self._cause = state, cause
            self._changed.notify_all()
