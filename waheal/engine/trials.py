"""Finds the device whose connect ends its host; knows no ledger and starts nothing.

Some logins make the library abort, and with it everything in that process. Which device it was,
nobody tells: as a host dies, many may be connecting. So the next host gets nothing else to do at
first: it connects those one by one, and the one under trial as it dies too is the one. Only a death
of the library's own counts, since a process that was killed proves nothing of a device.
"""

from waheal.engine.hosts import Died
from waheal.model import DeviceId


class Trials:
    """The devices that are connecting in a host, and those that are tried in a dead one's next."""

    def __init__(self) -> None:
        self._connecting: set[DeviceId] = set()
        self.suspects: list[DeviceId] = []
        """Who is still to be tried; the first is under trial."""

    def connecting(self, device: DeviceId) -> None:
        """Note that a device is about to be connected."""
        self._connecting.add(device)

    def settled(self, device: DeviceId) -> bool:
        """Note that a device's connect is over; tells whether that ends its trial."""
        self._connecting.discard(device)
        tried = self.suspects[:1] == [device]
        if tried:
            del self.suspects[0]
        return tried

    def died(self, death: Died) -> DeviceId | None:
        """Take in the host's death; tells the device that it shows to be the one."""
        connecting, self._connecting = self._connecting, set()
        if not death.crashed:
            return None
        if self.suspects:
            return self.suspects.pop(0)
        self.suspects = sorted(connecting)
        return None
