"""The tables of the ledger's first version; `schema.py` has what each later one changed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_INDEXES = (
    "CREATE UNIQUE INDEX campaigns_name ON campaigns (name)",
    # One recipient once a campaign; by phone first, since opt-outs ask over all campaigns.
    "CREATE UNIQUE INDEX deliveries_recipient ON deliveries (phone, campaign_id)",
    "CREATE INDEX deliveries_state ON deliveries (campaign_id, state)",
    # What a lane sends next; `pinned` rides along so that lanes are counted from the index alone.
    """CREATE INDEX deliveries_work ON deliveries (campaign_id, lane, due, row, pinned)
        WHERE state = 'pending'""",
    """CREATE INDEX deliveries_later ON deliveries (campaign_id, due)
        WHERE state = 'pending' AND due > 0""",
    """CREATE INDEX deliveries_expiry ON deliveries (campaign_id, expires)
        WHERE state = 'pending' AND expires IS NOT NULL""",
    "CREATE INDEX deliveries_person ON deliveries (campaign_id, lid) WHERE lid IS NOT NULL",
    "CREATE INDEX deliveries_unreadable ON deliveries (campaign_id) WHERE unreadable = 1",
    "CREATE UNIQUE INDEX attempts_number ON attempts (delivery_id, attempt)",
    "CREATE INDEX attempts_message ON attempts (message_id, device) WHERE message_id IS NOT NULL",
    "CREATE INDEX attempts_witness ON attempts (witness) WHERE witness IS NOT NULL",
    "CREATE INDEX attempts_claimed ON attempts (claimed, device) WHERE counted = 1",
    "CREATE INDEX attempts_accepted ON attempts (jid, id) WHERE accepted = 1",
    "CREATE INDEX devices_session ON devices (jid)",
    "CREATE INDEX suppressions_lid ON suppressions (lid) WHERE lid IS NOT NULL",
)


def first(db: "Database") -> None:
    """Create what version 1 has."""
    db.create_table("meta", {"key": str, "value": str}, pk="key", not_null={"value"})
    db.create_table("marks", {"key": str, "value": int}, pk="key", not_null={"value"})
    _campaign_tables(db)
    _attempt_table(db)
    _people_tables(db)
    _evidence_tables(db)
    for statement in _INDEXES:
        db.conn.execute(statement)


def _campaign_tables(db: "Database") -> None:
    """Create what a campaign is made of now."""
    db.create_table(
        "campaigns",
        {
            "id": int,
            "name": str,
            "path": str,
            "digest": str,
            "kind": str,
            "created": float,
            "last_run": float,
            "settled": float,
        },
        pk="id",
        not_null={"name", "path", "kind", "created"},
    )
    db.create_table(
        "deliveries",
        {
            "id": int,
            "campaign_id": int,
            "phone": str,
            "row": int,
            "text": str,
            "media": str,
            "lane": str,
            "pinned": int,
            "state": str,
            "due": float,
            "not_before": float,
            "expires": float,
            "attempt": int,
            "tries": int,
            "running": int,
            "unreadable": int,
            "listed": int,
            "lid": str,
            "reason": str,
            "updated": float,
        },
        pk="id",
        not_null={
            "campaign_id",
            "phone",
            "row",
            "text",
            "pinned",
            "state",
            "due",
            "attempt",
            "tries",
            "running",
            "unreadable",
            "listed",
            "updated",
        },
        defaults={
            "pinned": 0,
            "due": 0,
            "attempt": 0,
            "tries": 0,
            "running": 0,
            "unreadable": 0,
            "listed": 1,
        },
        foreign_keys=[("campaign_id", "campaigns", "id")],
    )


def _attempt_table(db: "Database") -> None:
    """Create the history, which is only ever appended to."""
    db.create_table(
        "attempts",
        {
            "id": int,
            "delivery_id": int,
            "attempt": int,
            "device": str,
            "jid": str,
            "lid": str,
            "identity": str,
            "witness": bytes,
            "boot_id": str,
            "host_log": str,
            "stamp": str,
            "claimed": float,
            "message_id": str,
            # Filled once, when the attempt ends; `verdict` when an uncertain one is settled.
            "ended": float,
            "outcome": str,
            "reason": str,
            "settled": float,
            "verdict": str,
            "delivered": float,
            "read": float,
            # What limits and evidence ask: it counts against the device's limits; it may
            # have reached the recipient; the server surely took it.
            "counted": int,
            "reached": int,
            "accepted": int,
        },
        pk="id",
        not_null={
            "delivery_id",
            "attempt",
            "device",
            "jid",
            "boot_id",
            "host_log",
            "claimed",
            "counted",
            "reached",
            "accepted",
        },
        defaults={"counted": 1, "reached": 1, "accepted": 0},
        foreign_keys=[("delivery_id", "deliveries", "id")],
    )


def _people_tables(db: "Database") -> None:
    """Create who sends and who receives."""
    db.create_table(
        "devices",
        {
            "label": str,
            "jid": str,
            "phone": str,
            "paired": float,
            "last_success": float,
            "paused": int,
            "quarantine": str,
            "until": float,
            "removed": float,
        },
        pk="label",
        not_null={"paused"},
        defaults={"paused": 0},
    )
    db.create_table(
        "contacts",
        {"phone": str, "lid": str, "device": str, "updated": float},
        pk="phone",
        not_null={"device", "updated"},
    )
    db.create_table(
        "suppressions",
        {"phone": str, "lid": str, "since": float, "source": str},
        pk="phone",
        not_null={"since", "source"},
    )


def _evidence_tables(db: "Database") -> None:
    """Create what came before it could be told whose it is."""
    # Receipts of messages whose id isn't known yet: a receipt may overtake the answer.
    db.create_table(
        "early_receipts",
        {"device": str, "message_id": str, "kind": str, "at": float},
        pk=("message_id", "device", "kind"),
        not_null={"at"},
    )
    # Witnesses that an earlier ledger of this home must have made.
    db.create_table(
        "foreign_witnesses",
        {"key": bytes, "jid": str, "message_id": str},
        pk="key",
        not_null={"jid", "message_id"},
    )
