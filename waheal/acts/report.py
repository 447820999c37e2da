"""Tells what became of a campaign, recipient by recipient; words nothing."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from waheal.acts.status import errand_tallies
from waheal.acts.workspace import Workspace, find_campaign
from waheal.model import ErrandKind
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
        devices = tuple(ledger.devices.all(time.time()))
        rows, errands = ledger.recipients.rows(found.id), errand_tallies(ledger, found)
        yield CampaignAccount(found, rows, devices, errands)


def export(workspace: Workspace, campaign: str) -> Iterator[Recipient]:
    """Give a campaign's recipients in file order, each with its state, device, times and text.

    A stream: a million of them fit in any memory.

    >>> sum(recipient.state is waheal.State.FAILED for recipient in waheal.export(home, "demo"))
    0

    Raises:
        UsageError: there is no such campaign.
    """
    with workspace.ledger(readonly=True) as ledger:
        yield from ledger.recipients.rows(find_campaign(ledger, campaign).id)
