"""What a device's coming up or going down means to the ledger, whoever connected it."""

from collections.abc import Callable

from waheal.chat_records import ChatLimits
from waheal.engine.ports import DeviceBook, DeviceHealth
from waheal.events import DeviceQuarantined, Note
from waheal.model import DeviceId, Quarantine
from waheal.policy.chat_limits import lock_before

# A ban and a limit outlast logins. A login is what makes two clients of one session replace each
# other, so it is no sign that the other one is gone. And a session that is lost does not log in:
# what is told then was on its way before.
_DISPROVED = frozenset(
    {Quarantine.UNREACHABLE, Quarantine.REFUSED, Quarantine.OUTDATED, Quarantine.CRASHES}
)

# What WhatsApp may do to an account after it has locked it.
_HARDER = frozenset({Quarantine.BANNED, Quarantine.LOGGED_OUT})


class Presence:
    """Writes which devices are up and which are out; call it inside a transaction."""

    def __init__(self, devices: DeviceHealth, limits: Callable[[DeviceId], ChatLimits]) -> None:
        self._devices = devices
        self._limits = limits

    def up(self, device: DeviceId, now: float) -> Note | None:
        """Note that a device logged in; tells of a quarantine that this has ended."""
        self._devices.note_seen(device, now)
        if self._devices.quarantined(device, now) not in _DISPROVED:
            return None
        self._devices.release(device)
        return Note(f"{device}: it logged in, its quarantine is over")

    def down(
        self, device: DeviceId, reason: Quarantine, until: float | None, now: float
    ) -> DeviceQuarantined:
        """Use a device no more until then (Unix s), or until the operator acts (None)."""
        self._devices.quarantine(device, reason, until, now)
        lock = lock_before(self._limits(device), now) if reason in _HARDER else None
        return DeviceQuarantined(device, reason, until, lock)


def try_the_version(devices: DeviceBook, now: float) -> None:
    """Release the devices that an earlier run's library was too old for.

    This one may be another. Where it is not, the first device to log in tells. Call it inside a
    transaction.
    """
    for device in devices.all(now):
        if device.reason == Quarantine.OUTDATED:
            devices.release(device.label)
