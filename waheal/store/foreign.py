"""Messages that no attempt here accounts for: an earlier ledger's.

When a ledger was lost or restored, the session database still holds the witness of each message
that left, and the claim journal that of each that was claimed. They are kept here, so that a claim
which would make the same message again is in doubt.
"""

from collections.abc import Iterable

from waheal.records import OwnMessage
from waheal.store.part import Part


class Foreign(Part):
    """The witnesses of another ledger."""

    def remember(self, messages: Iterable[OwnMessage]) -> int:
        """Keep those that no attempt of this ledger made; returns how many were new."""
        with self._db.transaction():
            before = self._count()
            self._db.many(
                "INSERT INTO foreign_witnesses (key, jid, message_id)"
                " SELECT :key, :jid, :message_id"
                " WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE witness = :key)"
                " ON CONFLICT (key) DO UPDATE"
                " SET jid = excluded.jid, message_id = excluded.message_id"
                " WHERE foreign_witnesses.message_id = ''",
                (
                    {"key": each.witness, "jid": each.jid, "message_id": each.message_id}
                    for each in _once_each(messages)
                ),
            )
            return self._count() - before

    def _count(self) -> int:
        ((count,),) = self._db.all("SELECT COUNT(*) FROM foreign_witnesses")
        return int(count or 0)


def _once_each(messages: Iterable[OwnMessage]) -> Iterable[OwnMessage]:
    """Take of several with one witness the first that tells its id."""
    found: dict[bytes, OwnMessage] = {}
    for each in messages:
        if each.witness not in found or not found[each.witness].message_id:
            found[each.witness] = each
    return found.values()
