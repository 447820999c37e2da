"""Which device writes to a recipient; knows nothing of claims or connections."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from waheal.model import DeviceId


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that takes part: messages of today, messages under way, and if it may send now."""

    device: DeviceId
    sent_today: int = 0
    in_flight: int = 0
    ready: bool = True


class Bond(StrEnum):
    """What ties a recipient to a device."""

    PINNED = "pinned"  # by the campaign's `device` cell
    CONTACT = "contact"  # it wrote to them before
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Way:
    """The device that a recipient is for, or None for anyone; what ties it; if others may do."""

    device: DeviceId | None
    bond: Bond
    may_change: bool


def way(pinned: DeviceId | None, contact: DeviceId | None, *, sticky: bool, failover: bool) -> Way:
    """Say whose a recipient is: a pin is never broken, a contact only if `failover` allows."""
    if pinned is not None:
        return Way(pinned, Bond.PINNED, may_change=False)
    if sticky and contact is not None:
        return Way(contact, Bond.CONTACT, may_change=failover)
    return Way(None, Bond.NONE, may_change=True)


def least_loaded(candidates: Iterable[Candidate]) -> DeviceId | None:
    """Choose the ready device with the fewest messages of today and under way; the first of equals.

    None where none is ready.
    """
    ready = (each for each in candidates if each.ready)
    best = min(ready, key=lambda each: each.sent_today + each.in_flight, default=None)
    return None if best is None else best.device


def choose(
    recipient: Way, candidates: Iterable[Candidate], gone: frozenset[DeviceId]
) -> DeviceId | None:
    """Choose the device for a recipient, or None: wait.

    `gone` are the devices that can't be used any more, in contrast to those that rest: only their
    recipients may go elsewhere.
    """
    if recipient.device is None or (recipient.may_change and recipient.device in gone):
        return least_loaded(candidates)
    return least_loaded(each for each in candidates if each.device == recipient.device)
