"""Finds the device whose connect ends its host, and sets it aside; sends nothing.

Some logins make the library abort, and with it everything in that process. Which device it was,
nobody tells: as a host dies, many may be connecting. So the next host gets nothing to send at
first: it connects those one by one, and the one under trial as it dies too is the one. Only a death
of the library's own counts, since a process that was killed proves nothing of a device.
"""

from waheal.engine.fleet import Fleet
from waheal.engine.hosts import Died, Host
from waheal.engine.roster import Roster
from waheal.events import Event
from waheal.model import DeviceId, Quarantine
from waheal.wire import Connect


class Suspects:
    """The devices that are connecting in each host, and those under trial in a dead one's next."""

    def __init__(self, fleet: Fleet, roster: Roster) -> None:
        self._fleet = fleet
        self._roster = roster
        self._connecting: dict[Host, set[DeviceId]] = {}
        self._trials: dict[
            int, list[DeviceId]
        ] = {}  # by a host's number, the one under trial first

    @property
    def under_way(self) -> bool:
        """Whether devices stand still for those that are tried."""
        return bool(self._trials)

    def connecting(self, host: Host, device: DeviceId) -> None:
        """Note that a device is about to be connected."""
        self._connecting.setdefault(host, set()).add(device)

    def settled(self, host: Host, device: DeviceId, now: float) -> None:
        """Note that a device's connect is over, and its host lives; the next one is tried."""
        self._connecting.get(host, set()).discard(device)
        trials = self._trials.get(host.number, [])
        if device in trials[:1]:
            self._try(host.number, trials[1:], now)

    def found(self, death: Died, now: float) -> list[Event] | None:
        """Set the device aside that a death has shown to end the library; None: it shows none."""
        trials = self._trials.get(death.host.number)
        if not death.crashed or not trials:
            return None
        member = self._roster.get(trials[0])
        if member is None:
            return []
        return self._roster.quarantine(member, Quarantine.CRASHES, None, now)

    def replaced(self, death: Died, now: float) -> None:
        """Try those who were connecting in the dead host, in the one that has its place now."""
        number = death.host.number
        connecting = self._connecting.pop(death.host, set())
        trials = self._trials.get(number, [])
        if death.crashed and not trials:
            trials = sorted(connecting)
        elif death.crashed:
            trials = trials[1:]
        self._try(number, trials, now)

    def _try(self, number: int, trials: list[DeviceId], now: float) -> None:
        """Connect the first, and let nobody else of this host do anything; release them at last."""
        before = self._trials.pop(number, [])
        members = [member for each in trials if (member := self._roster.get(each)) is not None]
        usable = [member for member in members if member.usable]
        if usable:
            self._trials[number] = [member.device for member in usable]
            self._roster.hold_host(number, now, held=True)
            self._fleet.host(number).send(Connect(usable[0].device, usable[0].jid))
        elif before:
            self._roster.hold_host(number, now, held=False)
