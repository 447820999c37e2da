"""Tells who replied, beside a run too, and erases what they wrote; asks no device."""

import time
from collections.abc import Iterator, Sequence

from waheal.acts.workspace import Workspace, find_campaign
from waheal.correspondents import Reply
from waheal.store.ledger import Ledger

_LOOKS_EVERY = 0.5  # seconds


def replies(
    workspace: Workspace, campaign: str | None = None, *, new: bool = False, follow: bool = False
) -> Iterator[Sequence[Reply]]:
    """Give the replies to a campaign, or to all, in the order in which they came: some at a time.

    A stream: a million of them fit in any memory. `new`: only those that nobody has taken so; what
    is given counts as taken once the next is asked for. `follow`: go on for ever with those that
    come, as a run or a sync writes them; nothing, now and then, where none does.

    >>> [reply.phone for page in waheal.replies(home, "demo") for reply in page]
    []

    Raises:
        UsageError: there is no such campaign.
    """
    with workspace.ledger(readonly=not (new or follow)) as ledger:
        which = _which(ledger, campaign)
        last = 0
        while (page := ledger.replies.page(which, last, new=new)) or follow:
            if page:
                last = page[-1].id
            else:
                time.sleep(_LOOKS_EVERY)
            yield page
            if new:
                ledger.replies.looked_at(page)


def waiting(workspace: Workspace) -> int:
    """Count the messages of people whose number WhatsApp has not told."""
    with workspace.ledger(readonly=True) as ledger:
        return ledger.replies.waiting()


def forget_texts(workspace: Workspace, campaign: str | None = None) -> int:
    """Erase what was written to a campaign, or to all; returns how many texts.

    That somebody replied, when, and to which device is kept. Backups are out of its reach.

    Raises:
        UsageError: there is no such campaign.
    """
    with workspace.ledger() as ledger:
        return ledger.replies.forget_texts(_which(ledger, campaign))


def _which(ledger: Ledger, campaign: str | None) -> int | None:
    return None if campaign is None else find_campaign(ledger, campaign).id
