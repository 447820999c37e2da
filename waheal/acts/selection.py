"""Which devices a command means, and in which order they are listed; one place for every verb."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from waheal.acts import parsing
from waheal.acts.workspace import find_device, find_here
from waheal.errors import UsageError
from waheal.model import DeviceState, natural
from waheal.records import Device
from waheal.store.ledger import Ledger

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Selection:
    """Devices by label, by a pattern, or all of them: one of the three.

    `match`: a pattern such as `shop-*`, or a text that the label holds.
    """

    labels: Sequence[str] = ()
    match: str | None = None
    everyone: bool = False

    def choose(self, ledger: Ledger, *, here: bool = False) -> list[Device]:
        """Give the devices that are meant, in their natural order; at least one.

        `here`: of those of machines that share the ledger only this home's.

        Raises:
            UsageError: one is not there, or not here, none is meant, or two of the three are given.
        """
        if sum((bool(self.labels), self.match is not None, self.everyone)) != 1:
            raise UsageError(
                "it is not said which devices", hint="name them, or give --match 'shop-*' or --all"
            )
        now = time.time()
        if self.labels:
            find = find_here if here else find_device
            return [find(ledger, parsing.label(each), now) for each in self.labels]
        pattern = self.match
        known = ledger.devices.all(now) if here else ledger.devices.all(now, everywhere=True)
        found = [each for each in known if pattern is None or fits(each, pattern)]
        if not found:
            raise UsageError(
                "there is no device" + ("" if pattern is None else f" like {pattern!r}"),
                hint="`waheal devices list` shows them",
            )
        return sorted(found, key=lambda each: natural(each.label))


def fits(device: Device, pattern: str) -> bool:
    """Whether the label is like a pattern such as `shop-*`, or holds a text without any."""
    if _GLOB.isdisjoint(pattern):
        return pattern in device.label
    return fnmatchcase(device.label, pattern)


def needs_someone(device: Device) -> bool:
    """Whether only the operator can make the device able again: it does not end by itself."""
    return device.state is DeviceState.QUARANTINED and device.until is None


def _need(device: Device) -> tuple[object, ...]:
    rank = {DeviceState.QUARANTINED: 0, DeviceState.PAUSED: 2, DeviceState.READY: 3}
    resting = device.state is DeviceState.QUARANTINED and device.until is not None
    return rank[device.state] + resting, device.last_success or 0.0, natural(device.label)


_ORDERS: dict[str, Callable[[Device], tuple[object, ...]]] = {
    "need": _need,
    "label": lambda device: natural(device.label),
    "state": lambda device: (device.state.value, natural(device.label)),
    "sent": lambda device: (-device.sent_today, natural(device.label)),
    "last": lambda device: (-(device.last_success or 0.0), natural(device.label)),
}


def in_order(devices: Iterable[Device], by: str) -> list[Device]:
    """Sort devices: by `need` (who waits for the operator comes first), `label`, `state`, `sent`
    (today, most first) or `last` (success, latest first).

    Raises:
        UsageError: there is no such order.
    """  # noqa: D205 - one thought
    if by not in _ORDERS:
        raise UsageError(f"--sort can't be {by!r}", hint=f"one of {', '.join(_ORDERS)}")
    return sorted(devices, key=_ORDERS[by])
