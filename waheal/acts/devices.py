"""Tells which devices there are, and lets them be used or not; starts nothing."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from waheal.acts.selection import Selection, fits, in_order, needs_someone
from waheal.acts.wishes import Pacing
from waheal.acts.workspace import Workspace
from waheal.errors import UsageError
from waheal.model import DeviceId, DeviceState
from waheal.policy.chat_limits import ChatBudget, allow, pace_of
from waheal.policy.pacing import DAY, Limits
from waheal.records import ELSEWHERE, Device
from waheal.store.home import Home
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
        found = [
            device
            for device in described(workspace.home(), ledger, (pace or Pacing()).chats(), now)
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
        UsageError: one of them is not there, none is meant, or one has no login; none is resumed.
    """
    with workspace.ledger() as ledger:
        chosen = _chosen(ledger, labels)
        for device in ledger.devices.all(time.time(), everywhere=True):
            if device.label in chosen and device.jid is None:
                raise UsageError(f"{device.label} has no login: {device.reason}", hint=ELSEWHERE)
        for label in chosen:
            ledger.devices.pause(label, paused=False)
            ledger.devices.release(label)
            ledger.chats.keep(label, allow(ledger.chats.limits(label), time.time()))
    return chosen


def described(home: Home, ledger: Ledger, budget: ChatBudget, now: float) -> Iterator[Device]:
    """Give each device with all that is known of it, also outside of the ledger."""
    with closing(Sessions(home.sessions_path)) as sessions:
        bare = sessions.bare()
    begun = ledger.chats.begun_times(now - DAY) if budget != ChatBudget() else {}
    for device in ledger.devices.all(now, everywhere=True):
        each = replace(device, bare=device.jid in bare)
        limited = budget != ChatBudget() and device.jid is not None
        yield _budgeted(each, ledger, budget, begun, now) if limited else each


def _budgeted(
    device: Device,
    ledger: Ledger,
    budget: ChatBudget,
    begun: Mapping[DeviceId, Sequence[float]],
    now: float,
) -> Device:
    births = (device.paired, ledger.chats.first_begun(device.label))
    pace = pace_of(budget, births, begun.get(device.label, ()), now - DAY)
    opens = pace.allowed_at(now)
    return replace(device, budget=pace.budget(now), budget_from=opens if opens > now else None)


def _chosen(ledger: Ledger, labels: Sequence[str] | Selection) -> list[DeviceId]:
    selection = labels if isinstance(labels, Selection) else Selection(labels)
    return [device.label for device in selection.choose(ledger)]


def _nexts(ledger: Ledger, limits: Limits, now: float) -> dict[DeviceId, float]:
    if not limits.device_rates:
        return {}
    since = limits.history_since(now)
    left = ledger.history.leaving_times(since, now)
    return {label: limits.pace(times, since).allowed_at(now) for label, times in left.items()}
