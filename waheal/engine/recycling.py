"""When a host is exchanged for a fresh one: each client that it lets go of leaks.

What is open leaks nothing, so no host is exchanged for its devices' first connects. And nobody's
message is cut off for it: far past the limit its devices stand still until the last call is over.
What hangs for ever is the watchdog's, and `Flights.hung`.
"""

from collections.abc import Callable, Iterable

from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flight
from waheal.engine.hosts import Host
from waheal.engine.roster import Roster

_PATIENCE = 2.0  # seconds that its devices stand still for a call that doesn't end
_AGAIN = 30.0  # seconds until the next try after that
_HARD = 1.3  # so far past the limit, its devices stand still until every call has ended
_GRACE = 30.0  # seconds for a host to end by itself


class Recycling:
    """Empties a host, ends it, and lets its devices go on in the next one."""

    def __init__(
        self, fleet: Fleet, roster: Roster, refreshes: int, monotonic: Callable[[], float]
    ) -> None:
        self._fleet = fleet
        self._roster = roster
        self._refreshes = refreshes
        self._monotonic = monotonic
        self._worn: dict[Host, int] = {}
        self._emptying: dict[Host, float] = {}
        self._ending: dict[Host, float] = {}
        self._not_before: dict[int, float] = {}

    @property
    def under_way(self) -> bool:
        """Whether devices stand still for a host that is being exchanged."""
        return bool(self._emptying or self._ending)

    def heard(self, host: Host, leaked: int) -> None:
        """Take a host's word of how many clients it has let go of."""
        if leaked >= self._refreshes:
            self._worn[host] = leaked

    def look(self, flights: Iterable[Flight], now: float) -> None:
        """Do what is due; `now` in Unix seconds, for the roster."""
        if not self._worn:
            return
        busy = {flight.host for flight in flights}
        for host, leaked in list(self._worn.items()):
            if not self._fleet.living(host):
                del self._worn[host]
            elif host not in self._ending:
                self._step(host, leaked, now, busy=host in busy)
            elif self._monotonic() - self._ending[host] > _GRACE:
                host.kill()

    def finished(self, host: Host) -> bool:
        """Whether the host that died was asked to."""
        self._worn.pop(host, None)
        self._emptying.pop(host, None)
        return self._ending.pop(host, None) is not None

    def release(self, host: Host, now: float) -> None:
        """Let the devices of a host that was replaced go on."""
        self._roster.hold_host(host.number, now, held=False)

    def _step(self, host: Host, leaked: int, now: float, *, busy: bool) -> None:
        clock = self._monotonic()
        since = self._emptying.get(host)
        if since is None:
            if clock < self._not_before.get(host.number, 0.0):
                return
            since = self._emptying[host] = clock
            self._fleet.prepare(host.number)
            self._roster.hold_host(host.number, now, held=True)
        if not busy:
            self._ending[host] = clock
            self._fleet.retire(host.number)
        elif clock - since > _PATIENCE and leaked <= self._refreshes * _HARD:
            self._give_up(host, now)

    def _give_up(self, host: Host, now: float) -> None:
        """Go on with the old host for a while: a call takes long."""
        del self._emptying[host]
        self._not_before[host.number] = self._monotonic() + _AGAIN
        self._roster.hold_host(host.number, now, held=False)
