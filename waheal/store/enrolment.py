"""Enrolling a campaign file's rows; knows nothing of how the file is read.

A million rows: each chunk goes through a temporary table and is merged by set statements, so
that Python touches a row once. `seen` holds the ids of the rows that the file still has.
"""

from collections.abc import Iterable
from itertools import islice

from waheal.model import Planned
from waheal.store.database import Connection, Value
from waheal.store.part import Part
from waheal.store.records import Enrolled, Reason, pack_media

_ROWS = 10_000  # a chunk: some MB, whatever the file's size

_SETUP = (
    "DROP TABLE IF EXISTS temp.planned",
    "DROP TABLE IF EXISTS temp.seen",
    """CREATE TEMP TABLE planned (row INTEGER, phone TEXT PRIMARY KEY, text TEXT, media TEXT,
        pinned TEXT, not_before REAL, expires REAL, consent INTEGER) WITHOUT ROWID""",
    "CREATE TEMP TABLE seen (id INTEGER PRIMARY KEY)",
)

_FILL = "INSERT OR IGNORE INTO temp.planned VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

_SUPPRESSED = """
   (EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = deliveries.phone)
    OR EXISTS (SELECT 1 FROM suppressions s
                WHERE s.lid = deliveries.lid AND deliveries.lid IS NOT NULL))
"""

_STICKY = """(SELECT c.device FROM contacts c JOIN devices v ON v.label = c.device
               WHERE c.phone = p.phone AND v.removed IS NULL)"""

_ADD = f"""
INSERT INTO deliveries (campaign_id, phone, row, text, media, lane, pinned, state, due,
                        not_before, expires, reason, updated)
SELECT :campaign, p.phone, p.row, p.text, p.media, COALESCE(p.pinned, {_STICKY}),
       p.pinned IS NOT NULL,
       CASE WHEN NOT p.consent OR s.phone IS NOT NULL THEN 'suppressed' ELSE 'pending' END,
       COALESCE(p.not_before, 0), p.not_before, p.expires,
       CASE WHEN NOT p.consent THEN :no_consent
            WHEN s.phone IS NOT NULL THEN :opted_out END,
       :now
  FROM temp.planned p LEFT JOIN suppressions s ON s.phone = p.phone
 WHERE NOT EXISTS (SELECT 1 FROM deliveries d
                    WHERE d.phone = p.phone AND d.campaign_id = :campaign)
 ORDER BY p.row
"""  # noqa: S608 - the parts are constants

_NEW_ASIDE = """
SELECT COUNT(*) FROM temp.planned p
 WHERE (NOT p.consent OR EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = p.phone))
   AND NOT EXISTS (SELECT 1 FROM deliveries d
                    WHERE d.phone = p.phone AND d.campaign_id = :campaign)
"""

_ALL = "SELECT COUNT(*) FROM deliveries WHERE campaign_id = :campaign"

_FROM = """
  FROM temp.planned p
 WHERE deliveries.phone = p.phone AND deliveries.campaign_id = :campaign
   AND deliveries.id NOT IN (SELECT id FROM temp.seen)
"""

_CONTENT = f"""
       text = p.text, media = p.media, not_before = p.not_before, expires = p.expires,
       lane = CASE WHEN p.pinned IS NOT NULL THEN p.pinned
                   WHEN deliveries.pinned = 1 THEN {_STICKY} ELSE deliveries.lane END,
       pinned = p.pinned IS NOT NULL
"""

_DIFFERS = """
   (deliveries.text IS NOT p.text OR deliveries.media IS NOT p.media
    OR deliveries.not_before IS NOT p.not_before OR deliveries.expires IS NOT p.expires
    OR (CASE WHEN deliveries.pinned = 1 THEN deliveries.lane END) IS NOT p.pinned)
"""

_CHANGE = f"""
UPDATE deliveries SET {_CONTENT},
       due = CASE WHEN deliveries.not_before IS p.not_before THEN deliveries.due
                  ELSE MAX(COALESCE(p.not_before, 0),
                           CASE WHEN deliveries.attempt > 0 THEN deliveries.due ELSE 0 END)
             END
{_FROM} AND deliveries.state = 'pending' AND {_DIFFERS}
"""  # noqa: S608 - the parts are constants

# Back: an expired one that the file names again, or whose time was moved; a suppressed one whose
# consent cell says yes now. (An opt-out taken back is readmitted by the campaign.)
_BACK = f"""
UPDATE deliveries SET {_CONTENT}, state = 'pending', reason = NULL, updated = :now,
       due = COALESCE(p.not_before, 0)
{_FROM} AND p.consent AND NOT {_SUPPRESSED}
   AND ((deliveries.state = 'expired' AND (p.expires IS NULL OR p.expires > :now))
        OR (deliveries.state = 'suppressed' AND deliveries.reason = :no_consent))
"""  # noqa: S608 - the parts are constants

_ROW = f"""
UPDATE deliveries SET row = p.row, listed = 1
{_FROM} AND (deliveries.row IS NOT p.row OR deliveries.listed = 0)
"""  # noqa: S608 - the parts are constants

_SUPPRESS = f"""
UPDATE deliveries SET state = 'suppressed', updated = :now,
       reason = CASE WHEN NOT p.consent THEN :no_consent ELSE :opted_out END
{_FROM} AND deliveries.state = 'pending'
   AND (NOT p.consent OR {_SUPPRESSED})
"""  # noqa: S608 - the parts are constants

# Its consent was taken back too: taking back the opt-out must not let it in.
_REFUSE = f"""
UPDATE deliveries SET reason = :no_consent
{_FROM} AND deliveries.state = 'suppressed' AND deliveries.reason = :opted_out AND NOT p.consent
"""  # noqa: S608 - the parts are constants

_SEE = """
INSERT OR IGNORE INTO temp.seen
SELECT d.id FROM temp.planned p JOIN deliveries d
    ON d.phone = p.phone AND d.campaign_id = :campaign
"""

_GONE = """
UPDATE deliveries SET state = 'expired', reason = :not_in_file, updated = :now, listed = 0
 WHERE campaign_id = :campaign AND state = 'pending' AND id NOT IN (SELECT id FROM temp.seen)
"""

_UNLIST = """
UPDATE deliveries SET listed = 0
 WHERE campaign_id = :campaign AND listed = 1 AND id NOT IN (SELECT id FROM temp.seen)
"""


class Enrolment(Part):
    """How a file's rows become deliveries."""

    def enroll(
        self, campaign_id: int, planned: Iterable[Planned], *, now: float, digest: str | None
    ) -> Enrolled:
        """Bring the campaign in line with its file, in one transaction and bounded memory.

        Text, media, device and times change only where the delivery is still pending; pending
        ones that the file doesn't name any more expire. An exception out of `planned` rolls
        everything back. `digest` is remembered as the campaign's.
        """
        merge = _Merge(self._db, campaign_id, now)
        with self._db.transaction():
            for statement in _SETUP:
                self._db.run(statement)
            rows = iter(planned)
            while chunk := [_values(row) for row in islice(rows, _ROWS)]:
                merge.chunk(chunk)
            done = merge.finish()
            self._db.run("UPDATE campaigns SET digest = ? WHERE id = ?", (digest, campaign_id))
        return done


class _Merge:
    """One enrolment under way; its counters."""

    def __init__(self, connection: Connection, campaign: int, now: float) -> None:
        self._db = connection
        self._parameters: dict[str, Value] = {
            "campaign": campaign,
            "now": now,
            "no_consent": Reason.NO_CONSENT.value,
            "opted_out": Reason.OPTED_OUT.value,
            "not_in_file": Reason.NOT_IN_FILE.value,
        }
        self._fresh = not connection.all(
            "SELECT 1 FROM deliveries WHERE campaign_id = ? LIMIT 1", (campaign,)
        )
        self._added = self._changed = self._back = self._met = 0
        self._suppressed = 0  # old ones
        self._aside = 0  # new ones

    def chunk(self, rows: list[tuple[Value, ...]]) -> None:
        """Merge some rows; of several rows of one number the first counts."""
        self._db.run("DELETE FROM temp.planned")
        self._db.many(_FILL, rows)
        if not self._fresh:
            self._run(_REFUSE)
            self._suppressed += self._run(_SUPPRESS)
            self._back += self._run(_BACK)
            self._changed += self._run(_CHANGE)
            self._run(_ROW)
        self._aside += self._count(_NEW_ASIDE)
        self._added += self._run(_ADD)
        self._met += self._run(_SEE)

    def finish(self) -> Enrolled:
        """Expire what is gone, and count up."""
        gone = 0
        if self._met < self._count(_ALL):
            gone = self._run(_GONE)
            self._run(_UNLIST)
        touched = self._added + self._changed + self._back + self._suppressed
        return Enrolled(
            added=self._added,
            changed=self._changed,
            gone=gone,
            back=self._back,
            suppressed=self._suppressed + self._aside,
            kept=self._met - touched,
        )

    def _run(self, sql: str) -> int:
        return self._db.run(sql, self._parameters)

    def _count(self, sql: str) -> int:
        ((count,),) = self._db.all(sql, self._parameters)
        return int(count or 0)


def _values(row: Planned) -> tuple[Value, ...]:
    return (
        row.row,
        row.phone,
        row.text,
        pack_media(row.media),
        row.pinned,
        row.not_before,
        row.expires,
        row.consent,
    )
