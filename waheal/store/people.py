"""Who is not written to, known by number and by LID; and how a person is forgotten."""

from collections.abc import Iterator, Sequence

from waheal.errors import UsageError
from waheal.model import Phone, State
from waheal.records import Dropped, Reason, Suppression
from waheal.store import sqlite
from waheal.store.part import CHUNK, Part, marks

_PAGE = 1_000

_HUSK = """
UPDATE deliveries SET phone = 'forgotten:' || id, text = '', media = NULL, lid = NULL,
                      listed = 0,
                      reason = CASE WHEN state = 'pending' THEN :reason
                                    WHEN state = 'suppressed' THEN :reason END,
                      state = CASE WHEN state = 'pending' THEN 'suppressed' ELSE state END
 WHERE phone = :phone
"""

# Two halves, each with an index of its own.
_THEIRS = """
state = 'pending' AND (phone IN ({0})
 OR (campaign_id IN (SELECT id FROM campaigns) AND lid IS NOT NULL
     AND lid IN (SELECT lid FROM suppressions WHERE phone IN ({0}))))
"""

_LISTED = """
state = 'pending' AND campaign_id = ?
 AND (phone IN (SELECT phone FROM suppressions)
      OR (lid IS NOT NULL AND lid IN (SELECT lid FROM suppressions WHERE lid IS NOT NULL)))
"""


class People(Part):
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
                " ON CONFLICT (phone) DO UPDATE SET lid = COALESCE(excluded.lid, suppressions.lid)",
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

    def suppressed(self) -> Iterator[Suppression]:
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

    def suppress_pending(self, phones: Sequence[Phone], now: float) -> list[Dropped]:
        """Suppress the pending deliveries to these people, in every campaign.

        They are known by their number, and by the LID that their suppression names.
        """
        dropped: list[Dropped] = []
        with self._db.transaction():
            for start in range(0, len(phones), CHUNK):
                some = phones[start : start + CHUNK]
                theirs = _THEIRS.format(marks(some))
                dropped += self._set_aside(
                    theirs, (*some, *some), State.SUPPRESSED, Reason.OPTED_OUT, now
                )
        return dropped

    def suppress_listed(self, campaign_id: int, now: float) -> list[Dropped]:
        """Suppress whoever is pending in this campaign though they opted out meanwhile."""
        return self._set_aside(_LISTED, (campaign_id,), State.SUPPRESSED, Reason.OPTED_OUT, now)

    def forget(self, phone: Phone, now: float) -> None:
        """Erase what is kept about a person, save that they are not to be written to.

        Counts and device limits stay true: the deliveries stay as husks without number, text or
        id. Without an opt-out one is made, else the next run of a file that still names the
        number would write to it once more.
        Raises: UsageError where a message to them is under way or in doubt.
        """
        with sqlite.erasing(self._db):
            self._forget(phone, now)

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
