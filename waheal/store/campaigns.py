"""Campaigns in the ledger: known by name, bound to a file; knows nothing of files' contents."""

from collections import Counter

from waheal.errors import UsageError
from waheal.identity import SEVERAL, spellings
from waheal.model import Phone, State
from waheal.records import Campaign, CampaignKind, Reason, Tally
from waheal.store.common_sql import BY_RECIPIENT, same
from waheal.store.database import News, Value
from waheal.store.part import Part

# Finished is derived: kept apart, it could disagree with the deliveries.
_CAMPAIGN = """
SELECT c.id, c.name, c.path, c.digest, c.created, c.last_run,
       CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.campaign_id = c.id
                            AND d.state IN ('pending', 'sending', 'uncertain'))
            THEN NULL ELSE c.settled END,
       c.kind
  FROM campaigns c
"""

# An opt-out that was taken back lets the recipient in again, if the file still names them.
_READMIT = """
UPDATE deliveries SET state = 'pending', reason = NULL, updated = :now,
                      due = COALESCE(not_before, 0)
 WHERE campaign_id = :campaign AND state = 'suppressed' AND reason = :reason AND listed = 1
   AND NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = deliveries.phone)
   AND NOT EXISTS (SELECT 1 FROM suppressions s
                    WHERE s.lid = deliveries.lid AND deliveries.lid IS NOT NULL)
"""

# Other spellings of who is pending: few, in most countries none.
_NAMESAKES = (
    "DROP TABLE IF EXISTS namesakes",
    "CREATE TEMP TABLE namesakes (id INTEGER, other TEXT)",
)

_PENDING = f"""
SELECT id, phone FROM deliveries {BY_RECIPIENT}
 WHERE campaign_id = ? AND state = 'pending' AND phone >= ? AND phone < ?
"""  # noqa: S608 - the parts are constants

_HAD_THE_SAME = f"""
 n.campaign_id = :campaign AND n.state = 'pending'
   AND o.campaign_id <> n.campaign_id AND o.text = n.text
   AND ({same("o.body", "n.body")} OR (o.text <> '' AND o.body IS NOT NULL AND n.body IS NOT NULL))
   AND o.updated >= :since
   AND o.state IN ('sending', 'sent', 'delivered', 'read', 'uncertain')
   AND k.id = o.campaign_id AND k.kind = 'campaign'
"""

# By the campaign that was begun last, of those that sent them the same.
_SENT_BEFORE = f"""
SELECT c.name, COUNT(*)
  FROM (SELECT MAX(other) AS other
          FROM (SELECT n.id, o.campaign_id AS other
                  FROM deliveries n CROSS JOIN deliveries o {BY_RECIPIENT}
                 CROSS JOIN campaigns k
                 WHERE o.phone = n.phone AND {_HAD_THE_SAME}
                UNION ALL
                SELECT n.id, o.campaign_id
                  FROM namesakes s CROSS JOIN deliveries n
                 CROSS JOIN deliveries o {BY_RECIPIENT} CROSS JOIN campaigns k
                 WHERE n.id = s.id AND o.phone = s.other AND {_HAD_THE_SAME}) had
         GROUP BY id) latest JOIN campaigns c ON c.id = other
 GROUP BY c.name
"""  # noqa: S608 - the parts are constants

_COUNTED = "SELECT state, COUNT(*) FROM deliveries WHERE campaign_id = ? GROUP BY state"
# What each statement has moved; what one has come by another may have left.
_KEPT = "SELECT state, count FROM tallies WHERE campaign_id = ?"

# Seconds: WhatsApp itself keeps things for offline devices about so long.
_EARLY_KEPT = 14 * 86_400.0


class Campaigns(Part):
    """The campaigns of a home."""

    def find(self, name: str) -> Campaign | None:
        """Find a campaign by its name."""
        rows = self._db.all(f"{_CAMPAIGN} WHERE c.name = ?", (name,))
        return Campaign(*rows[0]) if rows else None

    def all(self) -> list[Campaign]:
        """List all campaigns, oldest first."""
        return [Campaign(*row) for row in self._db.all(f"{_CAMPAIGN} ORDER BY c.id")]

    def open(
        self,
        name: str,
        path: str,
        now: float,
        *,
        same: bool = False,
        kind: CampaignKind = CampaignKind.CAMPAIGN,
    ) -> Campaign:
        """Start or go on with a campaign, and note the run.

        Whoever opted in again since the last run, and is still in the file, becomes pending.
        Raises: UsageError where the name belongs to another file and `same` isn't set, or to what
        is no such campaign.
        """
        with self._db.transaction():
            known = self.find(name)
            if known is None:
                self._db.run(
                    "INSERT INTO campaigns (name, path, kind, created, last_run)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (name, path, kind.value, now, now),
                )
            else:
                self.see_it_is_its_file(known, path, same=same, kind=kind)
                self._db.run(
                    "UPDATE campaigns SET path = ?, last_run = ? WHERE id = ?",
                    (path, now, known.id),
                )
                self.readmit(known.id, now)
            self._db.run("DELETE FROM early_receipts WHERE at < ?", (now - _EARLY_KEPT,))
            opened = self.find(name)
        assert opened is not None  # noqa: S101 - it was written in this transaction
        return opened

    def see_it_is_its_file(
        self,
        known: Campaign,
        path: str,
        *,
        same: bool,
        kind: CampaignKind = CampaignKind.CAMPAIGN,
    ) -> None:
        """Let a campaign go on with its own file only, or with any where that is `same`.

        Raises: UsageError.
        """
        if known.kind != kind.value:
            raise _other_kind(known)
        if known.path != path and not same:
            raise _other_file(known, path)

    def readmit(self, campaign_id: int, now: float) -> int:
        """Make those pending again whose opt-out was taken back; returns how many.

        What the file says of them by now holds: it was not kept up while they were suppressed.
        """
        parameters: dict[str, Value] = {
            "campaign": campaign_id,
            "now": now,
            "reason": Reason.OPTED_OUT.value,
        }
        readmitted = self._db.run(_READMIT, parameters)
        if readmitted:
            self._db.run("UPDATE campaigns SET digest = NULL WHERE id = ?", (campaign_id,))
        return readmitted

    def sent_before(self, campaign_id: int, since: float) -> dict[str, int]:
        """Count the pending who had the same message since then, by the campaign it was in.

        Whatever the spelling of their numbers was.
        """
        if len(self._db.all("SELECT 1 FROM campaigns WHERE kind = 'campaign' LIMIT 2")) == 1:
            return {}
        for statement in _NAMESAKES:
            self._db.run(statement)
        for front in SEVERAL:
            pending = self._db.all(_PENDING, (campaign_id, front, f"{front}:"))  # behind the 9
            self._db.many(
                "INSERT INTO namesakes VALUES (?, ?)",
                ((row[0], other) for row in pending for other in spellings(Phone(row[1]))),
            )
        found = self._db.all(_SENT_BEFORE, {"campaign": campaign_id, "since": since})
        return {str(name): int(count or 0) for name, count in found}

    def anything_pending(self, campaign_id: int) -> bool:
        """Tell whether somebody is still to be sent to; cheap, whatever the campaign's size."""
        return bool(
            self._db.all(
                "SELECT 1 FROM deliveries WHERE campaign_id = ? AND state = 'pending' LIMIT 1",
                (campaign_id,),
            )
        )

    def ask_to_stop(self, campaign_id: int) -> None:
        """Ask every run of a campaign to claim nothing more and to end, wherever it is."""
        with self._db.transaction():
            self._db.tell(News.STOPS)
            self._db.run(
                "INSERT INTO marks (key, value) VALUES (?, 1)"
                " ON CONFLICT (key) DO UPDATE SET value = marks.value + 1",
                (f"stop {campaign_id}",),
            )

    def stops(self, campaign_id: int) -> int:
        """Tell how often that was asked; whoever began later than the last time is not meant."""
        rows = self._db.all("SELECT value FROM marks WHERE key = ?", (f"stop {campaign_id}",))
        return int(rows[0][0] or 0) if rows else 0

    def tally(self, campaign_id: int) -> Tally:
        """Count the campaign's recipients by state, and who could not be reached, or replied."""
        with self._db.lock:
            kept = self._db.engine.keeps_tallies
            counts = self._db.all(_KEPT if kept else _COUNTED, (campaign_id,))
            ((unreadable,),) = self._db.all(
                "SELECT COUNT(*) FROM deliveries WHERE campaign_id = ? AND unreadable = 1",
                (campaign_id,),
            )
            ((replied,),) = self._db.all(
                "SELECT COUNT(DISTINCT delivery_id) FROM replies WHERE campaign_id = ?",
                (campaign_id,),
            )
        states = Counter[State]()
        for state, count in counts:
            states[State(state)] += int(count)
        states = +states  # a state that everybody has left is none
        return Tally(states, unreadable, replied)


def _other_kind(known: Campaign) -> UsageError:
    return UsageError(
        f"{known.name} is a {known.kind}, no campaign of that name",
        hint="give this one another name with --name",
    )


def _other_file(known: Campaign, path: str) -> UsageError:
    return UsageError(
        f"campaign {known.name} was started from {known.path}, not from {path}",
        hint="give this one a name of its own with --name, or go on with that one with --same",
    )
