"""Who is not written to, known by number and by LID; and how a person is forgotten."""

from collections.abc import Iterator

from waheal.errors import UsageError
from waheal.model import Phone
from waheal.store.part import Part
from waheal.store.records import Reason, Suppression

_PAGE = 1_000

_HUSK = """
UPDATE deliveries SET phone = 'forgotten:' || id, text = '', media = NULL, lid = NULL,
                      listed = 0,
                      reason = CASE WHEN state = 'pending' THEN :reason
                                    WHEN state = 'suppressed' THEN :reason END,
                      state = CASE WHEN state = 'pending' THEN 'suppressed' ELSE state END
 WHERE phone = :phone
"""


class Suppressions(Part):
    """The opt-outs of a home, over all campaigns and devices."""

    def suppress(self, phone: Phone, now: float, *, source: str, lid: str | None = None) -> bool:
        """Write to this person no more; an earlier opt-out keeps its time and source.

        Returns whether the number was not on the list yet.
        """
        with self._db.transaction():
            known = self._db.all("SELECT 1 FROM suppressions WHERE phone = ?", (phone,))
            self._db.run(
                "INSERT INTO suppressions (phone, lid, since, source)"
                " VALUES (?, COALESCE(?, (SELECT lid FROM contacts WHERE phone = ?)), ?, ?)"
                " ON CONFLICT (phone) DO UPDATE SET lid = COALESCE(excluded.lid, lid)",
                (phone, lid, phone, now, source),
            )
        return not known

    def unsuppress(self, phone: Phone, *, source: str | None = None) -> bool:
        """Take an opt-out back; with `source`, only one that came from there.

        Returns whether there was one.
        """
        removed = self._db.run(
            "DELETE FROM suppressions WHERE phone = ? AND (? IS NULL OR source = ?)",
            (phone, source, source),
        )
        return removed > 0

    def suppressions(self) -> Iterator[Suppression]:
        """List the opt-outs by number, some at a time."""
        last = ""
        while rows := self._db.all(
            "SELECT phone, lid, since, source FROM suppressions WHERE phone > ?"
            " ORDER BY phone LIMIT ?",
            (last, _PAGE),
        ):
            for row in rows:
                yield Suppression(*row)
            last = str(rows[-1][0])

    def is_suppressed(self, phone: Phone) -> bool:
        """Tell whether this number opted out; a claim also looks for the LID behind it."""
        return bool(self._db.all("SELECT 1 FROM suppressions WHERE phone = ?", (phone,)))

    def forget(self, phone: Phone, now: float) -> None:
        """Erase what is kept about a person, save that they are not to be written to.

        Counts and device limits stay true: the deliveries stay as husks without number, text or
        id. Without an opt-out one is made, else the next run of a file that still names the
        number would write to it once more.
        Raises: UsageError where a message to them is under way or in doubt.
        """
        # Also out of the pages' free space, and out of the WAL where no reader holds it.
        self._db.run("PRAGMA secure_delete = ON")
        try:
            self._forget(phone, now)
        finally:
            self._db.run("PRAGMA secure_delete = OFF")
        if not self._db.conn.in_transaction:
            self._db.all("PRAGMA wal_checkpoint(TRUNCATE)")

    def _forget(self, phone: Phone, now: float) -> None:
        with self._db.transaction():
            if self._db.all(
                "SELECT 1 FROM deliveries WHERE phone = ? AND state IN ('sending', 'uncertain')",
                (phone,),
            ):
                raise UsageError(
                    f"a message to {phone} is under way or in doubt",
                    hint="forget them after `waheal resolve` has settled it",
                )
            self.suppress(phone, now, source=Reason.FORGOTTEN.value)
            self._db.run(
                "UPDATE attempts SET lid = NULL, witness = NULL, message_id = NULL"
                " WHERE delivery_id IN (SELECT id FROM deliveries WHERE phone = ?)",
                (phone,),
            )
            self._db.run(_HUSK, {"phone": phone, "reason": Reason.FORGOTTEN.value})
            self._db.run("DELETE FROM contacts WHERE phone = ?", (phone,))
