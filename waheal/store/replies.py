"""Who replied, to which delivery, and when; decides nothing of it.

Each message counts once, by its id, whoever heard it. What can't be told yet is kept aside,
bounded: from a LID whose number nobody knows, or while a message to its writer is under way.
"""

from collections.abc import Sequence

from waheal.correspondents import Reply, SentBack, Unclaimed, Written
from waheal.identity import every_spelling
from waheal.model import DeviceId, Phone, ReplyKind
from waheal.records import CampaignKind
from waheal.store.common_sql import marks
from waheal.store.part import Part

MOST_EACH = 100
"""Replies that are kept of one recipient of a campaign; nobody fills the disk by writing on."""

MOST_UNCLAIMED = 10_000
"""Messages that are kept aside, the latest."""

UNCLAIMED_DAYS = 14
"""How long they are."""

PAGE = 5_000

# What surely never left is no message, nor what was refused for good, nor an errand.
_WRITTEN = """
SELECT a.id, d.campaign_id, d.id, d.phone, a.jid, a.message_id,
       d.state = 'sending' AND a.attempt = d.attempt
  FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.reached = 1 AND COALESCE(a.verdict, a.outcome, '') <> 'failed' AND d.target = 0 AND {}
"""

# Each half of a person's deliveries has an index of its own.
_THEIRS = """
a.delivery_id IN (
  SELECT id FROM deliveries WHERE phone IN ({}) UNION
  SELECT id FROM deliveries
   WHERE campaign_id IN (SELECT id FROM campaigns) AND lid IS NOT NULL AND lid = ?)
"""

_ADD = """
INSERT INTO replies (campaign_id, delivery_id, device, kind, at, message_id, text)
SELECT :campaign, :delivery, :device, :kind, :at, :message, :text
 WHERE (SELECT COUNT(*) FROM replies
         WHERE campaign_id = :campaign AND delivery_id = :delivery) < :most
    ON CONFLICT DO NOTHING
"""

_ROWS = """
SELECT r.id, r.at, d.phone, r.device, c.name, r.kind, r.text
  FROM replies r JOIN deliveries d ON d.id = r.delivery_id JOIN campaigns c ON c.id = r.campaign_id
 WHERE r.id > ? AND {} ORDER BY r.id LIMIT ?
"""


class KeptReplies(Part):
    """The replies of a home's recipients."""

    def account(self, device: DeviceId) -> str:
        """Tell the number behind a device, as its session has it; empty where it has none."""
        rows = self._db.all("SELECT jid FROM devices WHERE label = ?", (device,))
        return _account(str(rows[0][0] or "")) if rows else ""

    def written(
        self, phone: Phone | None, lid: str | None, quotes: str | None = None
    ) -> list[Written]:
        """List what reached a person, or may have; or the message that is quoted, of a stranger."""
        names = () if phone is None else every_spelling(phone)
        found = self._written(_THEIRS.format(marks(names)), (*names, lid))
        if found or quotes is None or phone is not None:
            return found
        return self._written("a.message_id = ?", (quotes,))

    def _written(self, which: str, parameters: Sequence[str | None]) -> list[Written]:
        return [
            Written(number, campaign, delivery, phone, _account(jid), message_id, bool(under_way))
            for number, campaign, delivery, phone, jid, message_id, under_way in self._db.all(
                _WRITTEN.format(which), parameters
            )
        ]

    def add(self, to: Written, sent: SentBack) -> bool:
        """Keep a reply; False where it is known, or the recipient has sent enough of them."""
        added = self._db.run(
            _ADD,
            {
                "campaign": to.campaign_id,
                "delivery": to.delivery,
                "device": sent.device,
                "kind": sent.kind.value,
                "at": sent.at,
                "message": sent.message_id,
                "text": sent.text,
                "most": MOST_EACH,
            },
        )
        return added > 0

    # What can't be told yet.

    def keep_aside(self, person: str, sent: SentBack, now: float) -> None:
        """Keep what came from a LID, or a number, after all attempts so far."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO unclaimed_replies"
                " (person, device, kind, at, message_id, quotes, text, since, last)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, COALESCE((SELECT MAX(id) FROM attempts), 0))"
                " ON CONFLICT DO NOTHING",
                (
                    person, sent.device, sent.kind.value, sent.at, sent.message_id,
                    sent.quotes, sent.text, now,
                ),
            )  # fmt: skip
            self._db.run(
                "DELETE FROM unclaimed_replies WHERE since < ? OR id <="
                " (SELECT MAX(id) FROM unclaimed_replies) - ?",
                (now - UNCLAIMED_DAYS * 86_400.0, MOST_UNCLAIMED),
            )

    def kept_aside(self) -> frozenset[str]:
        """Tell of which LIDs and numbers something is kept aside."""
        return frozenset(
            str(row[0]) for row in self._db.all("SELECT DISTINCT person FROM unclaimed_replies")
        )

    def unclaimed(self, person: str) -> list[Unclaimed]:
        """List what is kept aside of this LID or number, as it came."""
        rows = self._db.all(
            "SELECT id, last, device, kind, at, message_id, quotes, text"
            " FROM unclaimed_replies WHERE person = ? ORDER BY id",
            (person,),
        )
        return [
            Unclaimed(
                number,
                person,
                last,
                SentBack(DeviceId(device), ReplyKind(kind), at, message_id, quotes, text),
            )
            for number, last, device, kind, at, message_id, quotes, text in rows
        ]

    def claimed(self, unclaimed: Unclaimed) -> None:
        """Keep it aside no more."""
        self._db.run("DELETE FROM unclaimed_replies WHERE id = ?", (unclaimed.id,))

    # For the operator.

    def page(self, campaign_id: int | None, after: int, *, new: bool = False) -> list[Reply]:
        """List the next replies in the order in which they came: to one campaign, or to all.

        `after`: the id of the last one so far. `new`: those that nobody has looked at. Those to
        tests are told only where the test is named.
        """
        which = f"c.kind = '{CampaignKind.CAMPAIGN.value}'" if campaign_id is None else "c.id = ?"
        if new:
            which += " AND r.looked = 0"
        named = () if campaign_id is None else (campaign_id,)
        rows = self._db.all(_ROWS.format(which), (after, *named, PAGE))
        return [
            Reply(number, at, phone, device, campaign, ReplyKind(kind), text)
            for number, at, phone, device, campaign, kind, text in rows
        ]

    def looked_at(self, replies: Sequence[Reply]) -> None:
        """Note that the operator has seen these."""
        self._db.many(
            "UPDATE replies SET looked = 1 WHERE id = ?", ((each.id,) for each in replies)
        )

    def waiting(self) -> int:
        """Count what waits for its writer's number."""
        # LIDs begin with a digit, numbers with a plus.
        ((count,),) = self._db.all("SELECT COUNT(*) FROM unclaimed_replies WHERE person >= '0'")
        return int(count or 0)

    def forget_texts(self, campaign_id: int | None) -> int:
        """Erase the texts, of one campaign or of all that came; returns how many."""
        with self._db.engine.erasing(), self._db.transaction():
            if campaign_id is not None:
                return self._db.run(
                    "UPDATE replies SET text = NULL WHERE campaign_id = ? AND text IS NOT NULL",
                    (campaign_id,),
                )
            waiting = "UPDATE unclaimed_replies SET text = NULL WHERE text IS NOT NULL"
            return self._db.run(waiting) + self._db.run(
                "UPDATE replies SET text = NULL WHERE text IS NOT NULL"
            )


def _account(jid: str) -> str:
    return jid.partition("@")[0].partition(":")[0]
