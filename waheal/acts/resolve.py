"""Takes the operator's word on what is left over; knows nothing of evidence."""

import time
from dataclasses import dataclass

from waheal.acts.workspace import Workspace, find_campaign
from waheal.engine.past import settle_killed_runs
from waheal.model import Phone
from waheal.records import Leftover, Resolution, Resolved, Tally
from waheal.store.lock import HomeLock


@dataclass(frozen=True, slots=True)
class Resolving:
    """What a resolve did, and where the campaign stands now."""

    campaign: str
    done: Resolved
    tally: Tally


def resolve(
    workspace: Workspace,
    campaign: str,
    how: Resolution,
    *,
    which: Leftover = Leftover.UNCERTAIN,
    phone: Phone | None = None,
) -> Resolving:
    """Settle what is left over: send to them once more at the next run, or take them as sent.

    All of it, or one recipient's. What a killed run left open is settled first, by evidence.

    >>> waheal.resolve(home, "demo", waheal.Resolution.RESEND).done
    Resolved(changed=0, suppressed_kept=0, running_kept=0)

    Raises:
        UsageError: there is no such campaign.
        HomeBusyError: a run holds the home.
    """
    home = workspace.home()
    with (
        HomeLock.acquire(home, what=f"waheal resolve {campaign}"),
        workspace.ledger(home) as ledger,
    ):
        settle_killed_runs(home, ledger, time.time())
        found = find_campaign(ledger, campaign)
        now = time.time()
        done = ledger.leftovers.resolve(found.id, which=which, how=how, phone=phone, now=now)
        return Resolving(found.name, done, ledger.campaigns.tally(found.id))
