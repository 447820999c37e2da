"""Coordinators without hosts: turns of claims, endings and receipts, one or several on a ledger."""

import time
from collections.abc import Iterator, Sequence

from tests.kit.ledgers import jid_of
from waheal.model import DeviceId, ReceiptKind, State
from waheal.records import Campaign, Claim, Confirmation, Origin, Settlement, Want
from waheal.store.ledger import Ledger

GROUP = 64
"""What comes together in a turn with 32 senders."""

_ORIGIN = Origin("boot", "host.log", "identity", None)
_EMPTY_LOOKS = 0.01  # seconds between looks at what others have in hand


def turns(
    ledger: Ledger,
    campaign: Campaign,
    device: DeviceId,
    group: int = GROUP,
    looked: list[int] | None = None,
) -> Iterator[list[Claim]]:
    """Do what a run's turns do until nobody is pending; give what each turn has claimed.

    A turn hears the receipts of what ended in the one before and the answers of what was claimed
    in it, and claims the next. `looked` gets how many each has found to claim.
    """
    ended: Sequence[Claim] = ()
    under_way: list[Claim] = []
    while True:
        claims = turn(ledger, campaign, device, ended, under_way, group, looked)
        if not claims and not under_way:
            if not ledger.campaigns.anything_pending(campaign.id):
                return
            time.sleep(_EMPTY_LOOKS)  # others have the last ones in hand
        ended, under_way = under_way, claims
        yield claims


def turn(
    ledger: Ledger,
    campaign: Campaign,
    device: DeviceId,
    ended: Sequence[Claim],
    under_way: Sequence[Claim],
    group: int = GROUP,
    looked: list[int] | None = None,
) -> list[Claim]:
    """Do one turn: receipts of what `ended`, endings of what is `under_way`, claims."""
    now = time.time()
    with ledger.turn():
        ledger.outcomes.receipts(
            [Confirmation(device, _id(each), ReceiptKind.DELIVERED) for each in ended], now
        )
        ledger.outcomes.settle_all(
            [Settlement(each.delivery, each.attempt, State.SENT, _id(each)) for each in under_way],
            now,
        )
        return claimed(ledger, campaign, device, group, looked)


def claimed(
    ledger: Ledger,
    campaign: Campaign,
    device: DeviceId,
    group: int = GROUP,
    looked: list[int] | None = None,
) -> list[Claim]:
    """Claim what is due, within a turn."""
    now = time.time()
    due = ledger.work.due(campaign.id, None, now, group)
    wants = [
        Want(each.delivery, device, jid_of(device), f"{10**14 + each.delivery}@lid", _ORIGIN)
        for each in due
    ]
    if looked is not None:
        looked.append(len(wants))
    claims, _ = ledger.work.claim(campaign, wants, now=now)
    return claims


def _id(claim: Claim) -> str:
    return f"M{claim.delivery}.{claim.attempt}"
