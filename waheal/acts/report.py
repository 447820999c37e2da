"""Tells what became of a campaign, recipient by recipient or summed up; words nothing."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from waheal.acts import parsing
from waheal.acts.comparable import Column
from waheal.acts.manner import manner_of
from waheal.acts.orders import Reading
from waheal.acts.status import errand_tallies
from waheal.acts.workspace import Workspace, find_campaign
from waheal.model import ErrandKind, State
from waheal.reckoning.summing import Results, sum_up
from waheal.records import Campaign, Device, Recipient, Tally


@dataclass(frozen=True, slots=True)
class CampaignAccount:
    """A campaign's recipients, as a stream to be read once, and how its devices stand now.

    `errands`: how the recalls and amends of its messages stand.
    """

    campaign: Campaign
    recipients: Iterator[Recipient]
    devices: tuple[Device, ...]
    errands: Mapping[ErrandKind, Tally]


@contextmanager
def report(workspace: Workspace, campaign: str) -> Iterator[CampaignAccount]:
    """Open a campaign's account, beside a run too; it holds still while it is read.

    Raises:
        UsageError: there is no such campaign.
    """
    with workspace.ledger(readonly=True) as ledger:
        found = find_campaign(ledger, campaign)
        devices = tuple(ledger.devices.all(time.time(), everywhere=True))
        rows, errands = ledger.recipients.rows(found.id), errand_tallies(ledger, found)
        yield CampaignAccount(found, rows, devices, errands)


def results(
    workspace: Workspace, campaign: str, *, by: str | None = None, reading: Reading | None = None
) -> Results:
    """Sum a campaign up, beside a run too: its funnel, its course, its devices, why some failed.

    `by`: a column of the campaign's file, whose values are compared; the file is read again, as
    `reading` says, since the ledger keeps no columns.

    >>> waheal.results(home, "demo").step("sent")
    120

    Raises:
        UsageError: there is no such campaign; its file or its column can't be used.
    """
    with workspace.ledger(readonly=True) as ledger:
        found = find_campaign(ledger, campaign)
        column = None
        if by is not None:
            column = Column(found, by, reading or Reading(), workspace.private)
        now = time.time()
        summed = sum_up(
            found.name,
            ledger.recipients.rows(found.id),
            now=now,
            zone=parsing.machine_zone(),
            column=None if column is None else column.name,
            value_of=None if column is None else column.value_of,
        )
        return replace(
            summed.with_devices(ledger.devices.all(now, everywhere=True)),
            message=ledger.recipients.message(found.id),
            manner=manner_of(ledger, found),
            errands=errand_tallies(ledger, found),
        )


def export(
    workspace: Workspace, campaign: str, states: Collection[State] | None = None
) -> Iterator[Recipient]:
    """Give a campaign's recipients in file order, each with its state, device, times and text.

    `states`: only those who stand in one of these. A stream: a million of them fit in any memory.

    >>> sum(recipient.state is waheal.State.FAILED for recipient in waheal.export(home, "demo"))
    0

    Raises:
        UsageError: there is no such campaign.
    """
    with workspace.ledger(readonly=True) as ledger:
        yield from ledger.recipients.rows(find_campaign(ledger, campaign).id, states)
