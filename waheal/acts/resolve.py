"""Takes the operator's word on what is left over; knows nothing of evidence."""

import time
from dataclasses import dataclass

from waheal.acts.holding import held
from waheal.acts.workspace import Workspace, find_campaign
from waheal.model import Phone
from waheal.records import Leftover, Resolution, Resolved, Tally


@dataclass(frozen=True, slots=True)
class Resolving:
    """What a resolve did, and where the campaign stands now."""

    campaign: str
    kind: str
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
    with held(workspace, f"waheal resolve {campaign}") as at:
        ledger = at.ledger
        found = find_campaign(ledger, campaign)
        now = time.time()
        done = ledger.leftovers.resolve(found.id, which=which, how=how, phone=phone, now=now)
        return Resolving(found.name, found.kind, done, ledger.campaigns.tally(found.id))
