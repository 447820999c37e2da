"""What each version changed in the ledger's tables; only such a step knows what rows mean."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from waheal.errors import HomeUnusableError
from waheal.identity import every_spelling, same_person
from waheal.model import ChatHold, Phone
from waheal.records import BY_REPLY
from waheal.store.database import Connection
from waheal.store.first_tables import first
from waheal.store.sqlite import SqliteConnection, translated

if TYPE_CHECKING:
    from sqlite_utils import Database


def _second(db: "Database") -> None:
    """Let an opt-out stand under every spelling of its number; `spelt` is the one that was given.

    Of a person who was on the list under both, the first and the stronger word count. And whoever
    was forgotten is not sent to again, which version 1 could do.
    """
    db.conn.execute("ALTER TABLE suppressions ADD COLUMN spelt TEXT")
    _spell_out(db, "+5", "+6")
    db.conn.execute(
        "UPDATE deliveries SET state = 'suppressed', reason = 'forgotten'"
        " WHERE phone >= 'forgotten:' AND phone < 'forgotten;' AND state = 'pending'"
    )


def _spell_out(db: "Database", first: str, end: str) -> None:
    """Write the opt-outs of numbers from the `first` on, before the `end`, in every spelling."""
    given = db.conn.execute(
        "SELECT phone, lid, since, source FROM suppressions"
        " WHERE phone >= ? AND phone < ? AND spelt IS NULL ORDER BY since, phone",
        (first, end),
    ).fetchall()
    people: dict[Phone, list[tuple[Phone, str | None, float, str]]] = {}
    for row in given:
        people.setdefault(same_person(row[0]), []).append(tuple(row))
    for rows in people.values():
        phone, _, since, _ = rows[0]
        lid = next((row[1] for row in rows if row[1] is not None), None)
        source = next((row[3] for row in rows if row[3] != BY_REPLY), BY_REPLY)
        db.conn.executemany(
            "INSERT OR REPLACE INTO suppressions (phone, lid, since, source, spelt)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                (each, lid, since, source, None if each == phone else phone)
                for each in every_spelling(phone)
            ),
        )


def _third(db: "Database") -> None:
    """Tell new chats from those that exist, and a device that begins none from one that rests."""
    attempts, devices = db.table("attempts"), db.table("devices")
    attempts.add_column("new_chat", int, not_null_default=0)
    attempts.add_column("refused", int, not_null_default=0)
    devices.add_column("chats_from", float)
    devices.add_column("chats_why", str)
    devices.add_column("chat_holds", int, not_null_default=0)
    devices.add_column("quota_used", int)
    devices.add_column("quota_total", int)
    devices.add_column("quota_until", float)
    db.conn.execute("CREATE INDEX attempts_chats ON attempts (device, id) WHERE new_chat = 1")
    db.conn.execute(
        "UPDATE devices SET chats_from = until, chats_why = ?, chat_holds = 1,"
        " quarantine = NULL, until = NULL WHERE quarantine = 'reach-out limit'",
        (ChatHold.REFUSED.value,),
    )


def _fourth(db: "Database") -> None:
    """Let a recipient have a time zone that the number does not tell."""
    db.conn.execute("ALTER TABLE deliveries ADD COLUMN zone TEXT")


def _fifth(db: "Database") -> None:
    """Keep what WhatsApp lets an account begin by account, and a lock apart from a quota.

    A number's devices share it, and it outlives each of them.
    """
    db.create_table(
        "accounts",
        {
            "name": str,
            "chats_from": float,
            "chats_why": str,
            "guessed": float,
            "chat_holds": int,
            "lock_told": float,
            "quota_used": int,
            "quota_total": int,
            "quota_until": float,
            "capped": int,
            "quota_told": float,
        },
        pk="name",
        not_null={"chat_holds", "capped"},
        defaults={"chat_holds": 0, "capped": 0},
    )
    kept = "chats_from", "chats_why", "chat_holds", "quota_used", "quota_total", "quota_until"
    # SQLite takes the other columns from the row of the MAX.
    db.conn.execute(
        f"INSERT INTO accounts (name, {', '.join(kept)})"  # noqa: S608 - constants
        f" SELECT {ACCOUNT}, MAX(chats_from), {', '.join(kept[1:])} FROM devices GROUP BY 1"
    )
    db.conn.execute(
        "UPDATE accounts SET capped = 1, quota_until = chats_from, chats_from = NULL,"
        " chats_why = NULL WHERE chats_why = ?",
        (ChatHold.CAPPED.value,),
    )
    # Nobody kept whether a lock's end was told or guessed: what WhatsApp tells is to replace it.
    db.conn.execute("UPDATE accounts SET guessed = 0 WHERE chats_from IS NOT NULL")
    for column in kept:
        db.conn.execute(f"ALTER TABLE devices DROP COLUMN {column}")


ACCOUNT = "COALESCE(phone, label)"
"""The name of a device's account, in SQL: its number, where that is known."""


def _sixth(db: "Database") -> None:
    """Let the opt-outs of Benin and Côte d'Ivoire hold for their numbers' old form, too."""
    _spell_out(db, "+225", "+226")
    _spell_out(db, "+229", "+23")


def _seventh(db: "Database") -> None:
    """Keep who replied, and what can't be told yet."""
    heard = {
        "device": str,
        "kind": str,
        "at": float,
        "message_id": str,
        "text": str,
    }
    db.create_table(
        "replies",
        {"id": int, "campaign_id": int, "delivery_id": int, **heard, "looked": int},
        pk="id",
        not_null={"campaign_id", "delivery_id", "device", "kind", "at", "looked"},
        defaults={"looked": 0},
        foreign_keys=[("campaign_id", "campaigns", "id"), ("delivery_id", "deliveries", "id")],
    )
    db.create_table(
        "unclaimed_replies",
        {"id": int, "person": str, **heard, "quotes": str, "since": float, "last": int},
        pk="id",
        not_null={"person", "device", "kind", "at", "since", "last"},
    )
    for statement in (
        "CREATE INDEX replies_delivery ON replies (campaign_id, delivery_id)",
        "CREATE UNIQUE INDEX replies_message ON replies (message_id)",
        "CREATE INDEX replies_new ON replies (id) WHERE looked = 0",
        "CREATE UNIQUE INDEX unclaimed_replies_message ON unclaimed_replies (message_id)",
        "CREATE INDEX unclaimed_replies_person ON unclaimed_replies (person)",
    ):
        db.conn.execute(statement)


def _eighth(db: "Database") -> None:
    """Let a message be more than a text or an attachment, and keep votes in polls."""
    db.conn.execute("ALTER TABLE deliveries RENAME COLUMN media TO body")
    db.conn.execute("ALTER TABLE deliveries ADD COLUMN vote TEXT")
    db.conn.execute("ALTER TABLE deliveries ADD COLUMN voted REAL")
    # Votes in a poll whose id isn't known yet.
    columns = {
        "id": int, "poll": str, "creator": str, "voters": str, "payload": bytes, "iv": bytes,
        "at": float, "since": float,
    }  # fmt: skip
    db.create_table("ballots", columns, pk="id", not_null=set(columns) - {"id"})
    db.conn.execute("CREATE INDEX ballots_poll ON ballots (poll)")


def _ninth(db: "Database") -> None:
    """Let a campaign be about another's messages, each of its deliveries about one attempt's."""
    db.conn.execute("ALTER TABLE campaigns ADD COLUMN parent INTEGER REFERENCES campaigns (id)")
    db.conn.execute("ALTER TABLE deliveries ADD COLUMN target INTEGER NOT NULL DEFAULT 0")
    db.conn.execute("DROP INDEX deliveries_recipient")
    for statement in (
        # Of a resent message there are two to be taken back.
        "CREATE UNIQUE INDEX deliveries_recipient ON deliveries (phone, campaign_id, target)",
        "CREATE INDEX campaigns_parent ON campaigns (parent) WHERE parent IS NOT NULL",
    ):
        db.conn.execute(statement)


def _tenth(db: "Database") -> None:
    """Let several machines share a ledger: what stands in this one is the first machine's."""
    columns = {
        "id": int, "home": str, "name": str, "host": str, "epoch": int, "version": int,
        "seen": float, "retired": float,
    }  # fmt: skip
    db.create_table(
        "machines", columns, pk="id", not_null={"home", "name", "epoch"}, defaults={"epoch": 0}
    )
    for table in ("devices", "attempts"):
        db.table(table).add_column("machine", int, not_null_default=1)
    for statement in (
        "CREATE UNIQUE INDEX machines_home ON machines (home)",
        "CREATE UNIQUE INDEX machines_name ON machines (name) WHERE retired IS NULL",
    ):
        db.conn.execute(statement)


def _eleventh(db: "Database") -> None:
    """Let an order to send be placed with several machines."""
    db.create_table(
        "orders",
        {"id": int, "campaign_id": int, "wanted": str, "placed": float, "ends": float,
         "stopped": str, "done": float},
        pk="id",
        not_null={"campaign_id", "wanted", "placed"},
        foreign_keys=[("campaign_id", "campaigns", "id")],
    )  # fmt: skip
    counts = ("claimed", "settled", "failed")
    db.create_table(
        "order_parts",
        {"order_id": int, "machine": int, "began": float, "ended": float, "code": int,
         "reason": str, **dict.fromkeys(counts, int)},
        pk=("order_id", "machine"),
        not_null=set(counts),
        defaults=dict.fromkeys(counts, 0),
        foreign_keys=[("order_id", "orders", "id")],
    )  # fmt: skip
    # One order of a campaign at a time.
    db.conn.execute("CREATE UNIQUE INDEX orders_open ON orders (campaign_id) WHERE done IS NULL")


def _twelfth(db: "Database") -> None:
    """Let a device go from one machine to another, with its session in a file meanwhile."""
    db.table("devices").add_column("moving", int)


def _thirteenth(db: "Database") -> None:
    """Find whoever was asked a poll; else all of a campaign is read to find that nobody was."""
    db.conn.execute(
        """CREATE INDEX deliveries_polls ON deliveries (campaign_id) WHERE body LIKE '{"poll"%'"""
    )


def _fourteenth(db: "Database") -> None:
    """Let an order to send be placed again and again, at times."""
    db.create_table(
        "schedules",
        {"campaign": str, "cron": str, "zone": str, "wanted": str, "since": float, "tick": float,
         "machine": int, "ended": float, "code": int, "told": str},
        pk="campaign",
        not_null={"cron", "zone", "wanted", "since"},
    )  # fmt: skip


Migration = Callable[["Database"], None]

MIGRATIONS: tuple[Migration, ...] = (
    first, _second, _third, _fourth, _fifth, _sixth, _seventh, _eighth, _ninth,
    _tenth, _eleventh, _twelfth, _thirteenth, _fourteenth,
)  # fmt: skip
"""Each brings a ledger from the version of its index to the next; only ever appended to."""

VERSION = len(MIGRATIONS)
"""What this waheal writes."""


def migrate(connection: SqliteConnection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the ledger to this version, all steps in one transaction.

    Without the last of the `steps`, a test makes the ledger that the version before has left.

    Raises: HomeUnusableError where the ledger is of a newer one.
    """
    if check(connection) >= len(steps):
        return
    with translated(connection.path), connection.transaction():
        # Asked again inside: another process may have been faster.
        for step in steps[check(connection) :]:
            step(connection.tables)
        connection.run(f"PRAGMA user_version = {len(steps)}")


def check(connection: Connection) -> int:
    """Return the schema version.

    Raises: HomeUnusableError where it is newer than this waheal's.
    """
    found = connection.engine.schema_version()
    if found > VERSION:
        raise HomeUnusableError(
            f"{connection.name} was written by a newer waheal "
            f"(schema {found}; this one knows {VERSION})",
            hint="update waheal"
            + ("" if connection.remote else ", or name another home with --home DIR"),
        )
    return found
