"""Tells which devices there are, and lets them be used or not; starts nothing."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from waheal.acts.orders import Pacing
from waheal.acts.selection import Selection, fits, in_order, needs_someone
from waheal.acts.workspace import Workspace
from waheal.errors import UsageError
from waheal.model import DeviceId, DeviceState
from waheal.policy.pacing import Limits
from waheal.records import Device
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions


@dataclass(frozen=True, slots=True)
class DeviceList:
    """Devices by label. `limit`: a day's messages; `next_at`: when each may send again (Unix s)."""

    devices: tuple[Device, ...]
    limit: int | None
    next_at: dict[DeviceId, float]


def list_devices(
    workspace: Workspace,
    *,
    state: str | None = None,
    match: str | None = None,
    needs_me: bool = False,
    sort: str = "label",
    pace: Pacing | None = None,
) -> DeviceList:
    """List the devices of a state, and whose label is like `match`; all by default.

    `needs_me`: only those that nobody but the operator can make able again. `sort` as
    `selection.in_order` says.

    >>> [device.label for device in waheal.list_devices(home, match="shop").devices]
    ['shop']

    Raises:
        UsageError: there is no such state, or no such order.
    """
    limits = (pace or Pacing()).limits()
    if state is not None and state not in set(DeviceState):
        raise UsageError(
            f"{state!r} is no state of a device", hint=f"one of {', '.join(DeviceState)}"
        )
    now = time.time()
    with workspace.ledger(readonly=True) as ledger:
        bare = _bare(workspace)
        found = [
            replace(device, bare=device.jid in bare)
            for device in ledger.devices.all(now)
            if (state is None or device.state == state)
            and (match is None or fits(device, match))
            and (not needs_me or needs_someone(device))
        ]
        return DeviceList(tuple(in_order(found, sort)), limits.per_day, _nexts(ledger, limits, now))


def choose(workspace: Workspace, selection: Selection) -> list[DeviceId]:
    """Give the labels of the devices that are meant.

    Raises:
        UsageError: one of them is not there, or none is meant.
    """
    with workspace.ledger(readonly=True) as ledger:
        return _chosen(ledger, selection)


def pause(workspace: Workspace, labels: Sequence[str] | Selection) -> list[DeviceId]:
    """Send nothing more through these devices; also reaches a run that is under way.

    Raises:
        UsageError: one of them is not there, or none is meant; none is paused.
    """
    with workspace.ledger() as ledger:
        chosen = _chosen(ledger, labels)
        for label in chosen:
            ledger.devices.pause(label)
    return chosen


def resume(workspace: Workspace, labels: Sequence[str] | Selection) -> list[DeviceId]:
    """Use these devices again, also for new chats, before their quarantine or hold is over.

    Raises:
        UsageError: one of them is not there, or none is meant; none is resumed.
    """
    with workspace.ledger() as ledger:
        chosen = _chosen(ledger, labels)
        for label in chosen:
            ledger.devices.resume(label)
            ledger.devices.release(label)
            ledger.chats.allow(label)
    return chosen


def _bare(workspace: Workspace) -> frozenset[str]:
    """Tell the logins whose first messages carry no token."""
    with closing(Sessions(workspace.home().sessions_path)) as sessions:
        return sessions.bare()


def _chosen(ledger: Ledger, labels: Sequence[str] | Selection) -> list[DeviceId]:
    selection = labels if isinstance(labels, Selection) else Selection(labels)
    return [device.label for device in selection.choose(ledger)]


def _nexts(ledger: Ledger, limits: Limits, now: float) -> dict[DeviceId, float]:
    if not limits.device_rates:
        return {}
    since = limits.history_since(now)
    left = ledger.history.leaving_times(since, now)
    return {label: limits.pace(times, since).allowed_at(now) for label, times in left.items()}
