"""Sets aside the devices of a run that end their hosts; the run goes on with the others."""

from collections import defaultdict

from waheal.engine.fleet import Fleet
from waheal.engine.hosts import Died, Host
from waheal.engine.roster import Roster
from waheal.engine.trials import Trials
from waheal.events import Event
from waheal.model import DeviceId, Quarantine
from waheal.wire import Connect


class Suspects:
    """A run's trials, host by host: while one is under way, nothing is sent there."""

    def __init__(self, fleet: Fleet, roster: Roster) -> None:
        self._fleet = fleet
        self._roster = roster
        self._trials: defaultdict[int, Trials] = defaultdict(Trials)  # by a host's number
        self._waiting: set[int] = set()  # hosts whose other devices stand still

    @property
    def under_way(self) -> bool:
        """Whether devices stand still for those that are tried."""
        return bool(self._waiting)

    def connecting(self, host: Host, device: DeviceId) -> None:
        """Note that a device is about to be connected."""
        self._trials[host.number].connecting(device)

    def settled(self, host: Host, device: DeviceId, now: float) -> None:
        """Note that a device's connect is over, and its host lives."""
        if self._trials[host.number].settled(device):
            self._try(host.number, now)

    def found(self, death: Died, now: float) -> list[Event] | None:
        """Set the device aside that a death has shown to end its host; None: it shows none."""
        device = self._trials[death.host.number].died(death)
        if device is None:
            return None
        member = self._roster.get(device)
        if member is None:
            return []
        return self._roster.quarantine(member, Quarantine.CRASHES, None, now)

    def replaced(self, host: Host, now: float) -> None:
        """Try who is suspected in the host that has the dead one's place."""
        self._try(host.number, now)

    def _try(self, number: int, now: float) -> None:
        """Connect the first, and let nobody else of this host do anything; release them at last."""
        suspects = self._trials[number].suspects
        while suspects:
            member = self._roster.get(suspects[0])
            if member is not None and member.usable:
                self._waiting.add(number)
                self._roster.hold_host(number, now, held=True)
                self._fleet.host(number).send(Connect(member.device, member.jid))
                return
            del suspects[0]
        if number in self._waiting:
            self._waiting.discard(number)
            self._roster.hold_host(number, now, held=False)
