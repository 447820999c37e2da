"""Finds a claim whose message an earlier ledger of this home has made, and puts it in doubt."""

from waheal.identity import every_spelling
from waheal.model import Phone, State
from waheal.records import Campaign, Claim, Dropped, Reason
from waheal.store.common_sql import marks
from waheal.store.database import Connection
from waheal.store.part import note_settled
from waheal.store.witness import witness

_LOOKED_UP = 64
"""Attempts at one recipient that an earlier ledger may have made."""


ANY_PRECEDENTS = "SELECT 1 FROM foreign_witnesses LIMIT 1"
"""Whether an earlier ledger has left any."""


def witness_of(key: bytes, campaign: Campaign, phone: Phone, attempt: int, target: str) -> bytes:
    """Make an attempt's witness; one of several errands to a person has its own, by its target."""
    subject = f"{campaign.name}\0{target}" if target else campaign.name
    return witness(key, subject, phone, attempt)


def made_before(
    db: Connection, key: bytes, campaign: Campaign, claim: Claim, now: float
) -> Dropped | None:
    """Put a claim in doubt whose message an earlier ledger of this home has made already.

    At whichever attempt: the earlier ones may have left no trace. This ledger goes on from
    that attempt's number, so that a resend makes a witness of its own.
    """
    target = "" if claim.content.errand is None else claim.content.errand.message_id
    made = {
        witness_of(key, campaign, phone, each, target): each
        for phone in every_spelling(claim.phone)
        for each in range(claim.attempt, claim.attempt + _LOOKED_UP)
    }
    secrets = list(made)
    found = db.all(
        "SELECT f.key, f.jid, f.message_id, v.label, v.machine FROM foreign_witnesses f"  # noqa: S608 - question marks
        f" LEFT JOIN devices v ON v.jid = f.jid WHERE f.key IN ({marks(secrets)})",
        secrets,
    )
    if not found:
        return None
    found.sort(key=lambda row: made[row[0]])
    secret, attempt, reason = found[-1][0], made[found[-1][0]], Reason.SENT_BEFORE.value
    # It was that device's message: its receipts come there. Of a claim nothing more is known.
    known = [tuple(row)[1:] for row in found if row[2]]
    jid, message_id, label, machine = known[-1] if known else (claim.jid, None, None, None)
    db.run(
        "UPDATE attempts SET attempt = ?, witness = ?, jid = ?, device = ?, machine = ?,"
        " message_id = ?, ended = ?, outcome = 'uncertain', reason = ?"
        " WHERE delivery_id = ? AND attempt = ?",
        (
            attempt, secret, jid, label or claim.device, machine or db.machine, message_id, now,
            reason, claim.delivery, claim.attempt,
        ),
    )  # fmt: skip
    db.run(
        "UPDATE deliveries SET state = 'uncertain', attempt = ?, reason = ? WHERE id = ?",
        (attempt, reason, claim.delivery),
    )
    note_settled(db, [campaign.id], now)
    return Dropped(
        claim.delivery, claim.phone, attempt, State.UNCERTAIN, reason, campaign.id, message_id
    )
