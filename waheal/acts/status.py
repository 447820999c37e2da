"""Tells where campaigns stand, beside a run too; changes nothing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote

from waheal.acts.devices import described
from waheal.acts.standstills import stop_of
from waheal.acts.wishes import Pacing
from waheal.acts.workspace import Workspace, find_campaign
from waheal.events import Running
from waheal.model import ErrandKind
from waheal.policy.pacing import MINUTE
from waheal.reckoning.polling import PollCount
from waheal.records import (
    Campaign,
    CampaignKind,
    Device,
    Tally,
)
from waheal.store.enrolment import Loading
from waheal.store.ledger import Ledger
from waheal.store.lock import Holder, HomeLock
from waheal.waits import GOES_ON, Standstill


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one campaign stands: each recipient in one state.

    `stop` is why its last run ended, or waits, before it was done; `running` tells of the run that
    is under way. `errands`: how the recalls and amends of its messages stand. `poll`: what those
    who were asked one chose.
    """

    campaign: Campaign
    tally: Tally
    stop: Standstill | None = None
    running: Running | None = None
    errands: Mapping[ErrandKind, Tally] = field(default_factory=dict)
    poll: PollCount = field(default_factory=PollCount)


@dataclass(frozen=True, slots=True)
class HomeStatus:
    """Where a home's campaigns stand, who holds it (None: nobody), and its devices."""

    campaigns: tuple[Standing, ...]
    holder: Holder | None
    devices: tuple[Device, ...]


def status(workspace: Workspace, campaign: str) -> Standing:
    """Tell where a campaign stands, by its name or its file.

    >>> waheal.status(home, "demo").tally[waheal.State.PENDING]
    0

    Raises:
        UsageError: there is none of that name.
    """
    home = workspace.home()
    with workspace.ledger(home, readonly=True) as ledger:
        return _standing(ledger, find_campaign(ledger, campaign), HomeLock.holder(home))


def home_status(
    workspace: Workspace, campaign: str | None = None, *, pace: Pacing | None = None
) -> HomeStatus:
    """Tell where all campaigns stand, or one of them; tests to one's own number are left out.

    `pace`: what the operator lets devices begin, which is told of each.
    """
    home = workspace.home()
    with workspace.ledger(home, readonly=True) as ledger:
        found = (
            [each for each in ledger.campaigns.all() if each.kind == CampaignKind.CAMPAIGN]
            if campaign is None
            else [find_campaign(ledger, campaign)]
        )
        holder = HomeLock.holder(home)
        return HomeStatus(
            campaigns=tuple(_standing(ledger, each, holder) for each in found),
            holder=holder,
            devices=tuple(described(home, ledger, (pace or Pacing()).chats(), time.time())),
        )


def _standing(ledger: Ledger, campaign: Campaign, holder: Holder | None) -> Standing:
    tally = ledger.campaigns.tally(campaign.id)
    stop = stop_of(ledger, campaign) if tally.to_send else None
    running = None
    if holder is not None and holder.alive and holder.campaign == campaign.name:
        now = time.time()
        lately = ledger.history.lately(campaign.id, max(now - MINUTE, holder.since))
        span = min(MINUTE, max(1.0, now - holder.since))
        ends = now + tally.to_send * span / lately if lately and tally.to_send else None
        running = Running(holder.pid, holder.since, lately, ends)
    if stop is not None and stop.is_wait and running is None:
        stop = None  # that run was killed
    if (loading := ledger.enrolment.loading(campaign.id, campaign.name)) is not None:
        stop = _half_loaded(campaign, loading)
    errands = errand_tallies(ledger, campaign)
    poll = PollCount()
    for asked, chosen, people in ledger.votes.counts(campaign.id):
        poll.take(asked.options, chosen, people)
    return Standing(campaign, tally, stop, running, errands, poll)


def _half_loaded(campaign: Campaign, loading: Loading) -> Standstill:
    """Word that a campaign has a part of its file."""
    far = f"{loading.rows:,} of {loading.total:,} rows"
    if loading.under_way:
        return Standstill(f"its file is being enrolled, {far} so far", GOES_ON)
    again = f"`waheal send {quote(campaign.path)}` enrols all of it"
    return Standstill(f"enrolling its file was cut off after {far}", again)


def errand_tallies(ledger: Ledger, campaign: Campaign) -> dict[ErrandKind, Tally]:
    """Count how the recalls and amends of a campaign's messages stand."""
    found = ledger.errands.of(campaign.id)
    return {kind: ledger.campaigns.tally(each.id) for kind, each in found.items()}
