"""Messages of the session database that no attempt here accounts for: an earlier ledger's.

When a ledger was lost or restored, the session database still holds the witness of each message
that left. It is kept here, so that a claim which would make the same message again is in doubt.
"""

from collections.abc import Iterable

from waheal.records import OwnMessage
from waheal.store.part import Part

_MARK = "foreign"


class Foreign(Part):
    """The witnesses of another ledger."""

    def mark(self) -> int:
        """Tell up to which row of the session database witnesses were read."""
        rows = self._db.all("SELECT value FROM marks WHERE key = ?", (_MARK,))
        return int(rows[0][0] or 0) if rows else 0

    def remember(self, messages: Iterable[OwnMessage], mark: int) -> int:
        """Keep those that no attempt of this ledger made, and the new mark; returns how many."""
        with self._db.transaction():
            before = self._count()
            self._db.many(
                "INSERT OR IGNORE INTO foreign_witnesses (key, jid, message_id)"
                " SELECT :key, :jid, :message_id"
                " WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE witness = :key)",
                (
                    {"key": each.witness, "jid": each.jid, "message_id": each.message_id}
                    for each in messages
                ),
            )
            self._db.run(
                "INSERT INTO marks (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_MARK, mark),
            )
            return self._count() - before

    def _count(self) -> int:
        ((count,),) = self._db.all("SELECT COUNT(*) FROM foreign_witnesses")
        return int(count or 0)
