"""Whether WhatsApp can be reached at all: when to try again, and when to give up; no clock.

A device that does not connect says little, but several in a row, with no sign of the server from
any in between, say that it is not them. Then few are tried at a time, further and further apart,
and none is blamed.
"""

from collections.abc import Iterable

from waheal.model import DeviceId, Quarantine

FEW = 3
"""Devices in a row that do not connect before it is no longer put down to them; fewer where a run
has fewer. As many are tried at a time from then on."""

TRIES = (2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds from one try to the next; the last holds from then on."""

ANSWERS = frozenset(
    {
        Quarantine.LOGGED_OUT,
        Quarantine.BANNED,
        Quarantine.REFUSED,
        Quarantine.OUTDATED,
        Quarantine.REPLACED,
        Quarantine.RATE_LIMITED,
    }
)
"""What only a server that is reached can say of a device."""


class Outage:
    """Learns of a run's connects. `patience`: seconds that it may last before a run gives up.

    `last_sign` (Unix s): when the server was last heard of, or the run began.
    """

    def __init__(self, patience: float, now: float) -> None:
        self._patience = patience
        self.last_sign = now
        self._failed: set[DeviceId] = set()
        self._first = 0.0  # Unix s, of the first that failed in a row
        self._tries = 0
        self.since: float | None = None  # Unix s; None while there is none
        self.next_try = 0.0

    def reached(self, now: float) -> None:
        """Note a sign of the server's: a login, an answer, a receipt."""
        self.last_sign = now
        self._failed.clear()
        self.since = None

    def failed(self, device: DeviceId, now: float, taking_part: Iterable[DeviceId]) -> None:
        """Note that a device did not connect, and nobody said why."""
        if not self._failed:
            self._first = now
        self._failed.add(device)
        others = set(taking_part) - self._failed
        if self.since is None and (len(self._failed) >= FEW or not others):
            self.since, self._tries = self._first, 0
            self.tried(now)

    def tried(self, now: float) -> None:
        """Note that some are being tried: the next ones wait."""
        self.next_try = now + TRIES[min(self._tries, len(TRIES) - 1)]
        self._tries += 1

    def room(self, now: float, room: int) -> int:
        """Tell how many messages may be tried now, where there is room for so many."""
        if self.since is None:
            return room
        return min(room, FEW) if now >= self.next_try else 0

    @property
    def gives_up(self) -> float:
        """When it is waited no longer (Unix s)."""
        return self._first + self._patience
