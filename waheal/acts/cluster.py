"""Several machines with one ledger: makes it, lets homes join, tells of them; sends nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from waheal.acts.workspace import Workspace
from waheal.cluster.orders import Queues
from waheal.errors import UsageError
from waheal.identity import Lid
from waheal.ledger_url import LedgerUrl
from waheal.model import State
from waheal.order_records import OrderPart, PlacedOrder, RepeatedOrder
from waheal.records import Device, JoinedMachine
from waheal.store.ledger import Ledger
from waheal.store.ledger_place import grant, set_up
from waheal.store.lock import HomeLock
from waheal.store.machines import Retired
from waheal.store.schema import VERSION


@dataclass(frozen=True, slots=True)
class LedgerMade:
    """A ledger that is ready for machines to join. `new`: there was none before.

    `roles`: the users that are ready for every day; `left`: what is to be run for them by who may.
    """

    at: LedgerUrl
    new: bool
    roles: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A home that is a machine now: what it brought along, and how many campaigns it did not."""

    machine: JoinedMachine
    devices: int
    opt_outs: int
    left: int


@dataclass(frozen=True, slots=True)
class MachineShare:
    """A machine, and what it has: devices, messages in flight, and those in doubt."""

    machine: JoinedMachine
    devices: int
    in_flight: int
    in_doubt: int


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """An open order, the machines' parts in it, and how many are still to go."""

    order: PlacedOrder
    parts: tuple[OrderPart, ...]
    to_go: int


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """Who shares the ledger, and what they are at; `mine`: this home's number, 0 for none.

    `schedules`: which orders are placed when.
    """

    at: LedgerUrl
    mine: int
    now: float
    machines: tuple[MachineShare, ...]
    orders: tuple[OrderStanding, ...]
    schedules: tuple[RepeatedOrder, ...]


def initialise(workspace: Workspace) -> LedgerMade:
    """Make the ledger, or bring it to this version.

    Raises:
        UsageError: none is named.
        HomeUnusableError: it can't be made there.
    """
    at = shared(workspace)
    new = set_up(at)
    with workspace.ledger() as ledger:
        schema = ledger.orders.queue_schema
    Queues(at.text, schema, 0, VERSION).make()
    granted = grant(at, schema)
    return LedgerMade(at, new, granted.roles, granted.left)


def join(workspace: Workspace, name: str) -> Joined:
    """Make this home a machine of the shared ledger, with its devices and its opt-outs.

    Its campaigns stay where they are, in the home's own file. Once more, it only gets that name.

    Raises:
        UsageError: another machine has that name, or a device's label, or the home has another key.
        HomeBusyError: a run holds the home.
    """
    shared(workspace)
    home = workspace.home()
    with (
        HomeLock.acquire(home, what="waheal cluster join"),
        workspace.ledger(home) as ledger,
        Ledger.open(home, readonly=True) as own,
    ):
        if ledger.machines.mine:
            return Joined(ledger.machines.join(name), 0, 0, 0)
        found = [each for each in own.devices.all(time.time()) if each.jid is not None]
        _see_it_is_settled(own)
        _see_nobody_has(ledger, found)
        with ledger.transaction():
            if (target := own.bound()) is not None:
                ledger.bind(target)
            machine = ledger.machines.join(name)
            for device in found:
                _bring(ledger, device)
            opt_outs = _bring_opt_outs(ledger, own)
        return Joined(machine, len(found), opt_outs, len(own.campaigns.all()))


def retire(workspace: Workspace, name: str) -> Retired:
    """Give a machine up that is gone for good: its parts in orders end, its doubt may be resolved.

    Raises:
        UsageError: none is called that.
    """
    shared(workspace)
    with workspace.ledger() as ledger, ledger.transaction():
        retired = ledger.machines.retire(name)
        ledger.orders.give_up(retired.machine.id, time.time())
    return retired


def overview(workspace: Workspace) -> ClusterStatus:
    """Tell who shares the ledger, what each has, and which orders are open.

    Raises:
        UsageError: no shared ledger is named.
    """
    at = shared(workspace)
    with workspace.ledger(readonly=True) as ledger:
        devices, under_way = ledger.shares.devices(), ledger.shares.under_way()
        machines = tuple(
            MachineShare(
                each,
                devices.get(each.id, 0),
                under_way.get((each.id, State.SENDING), 0),
                under_way.get((each.id, State.UNCERTAIN), 0),
            )
            for each in ledger.machines.listed()
        )
        orders = tuple(
            OrderStanding(
                each,
                tuple(ledger.parts.of(each.id)),
                ledger.campaigns.tally(each.campaign_id).to_send,
            )
            for each in ledger.orders.all_open()
        )
        return ClusterStatus(
            at, ledger.machines.mine, time.time(), machines, orders, tuple(ledger.schedules.all())
        )


def _see_it_is_settled(own: Ledger) -> None:
    if own.doubts.open(State.SENDING):
        raise UsageError(
            "a run of this home was killed, and what it left is not settled yet",
            hint="settle it first, without a shared ledger: `waheal sync`",
        )


def _see_nobody_has(ledger: Ledger, found: Sequence[Device]) -> None:
    for each in found:
        if ledger.devices.find(each.label, time.time()) is not None:
            raise UsageError(
                f"another machine has a device that is called {each.label!r} as well",
                hint="give this one another label first, without a shared ledger:"
                f" `waheal devices rename {quote(each.label)} NEW`",
            )


def _bring(ledger: Ledger, device: Device) -> None:
    if device.jid is not None:
        ledger.devices.add(device.label, device.jid, device.phone, device.paired or time.time())
    if device.paused:
        ledger.devices.pause(device.label)


def _bring_opt_outs(ledger: Ledger, own: Ledger) -> int:
    count = 0
    for each in own.people.suppressed():
        who = each.phone or (each.lid and Lid(each.lid))
        if who:
            ledger.people.suppress(who, each.since, source=each.source, lid=each.lid)
            count += 1
    return count


def shared(workspace: Workspace) -> LedgerUrl:
    """Tell where the ledger is that machines share.

    Raises:
        UsageError: none is named.
    """
    if workspace.at is None:
        raise UsageError(
            "no ledger is named that machines could share",
            hint="name its database by --ledger, by WAHEAL_LEDGER, or as ledger in waheal.toml:"
            " postgresql://USER@HOST/DATABASE",
        )
    return workspace.at
