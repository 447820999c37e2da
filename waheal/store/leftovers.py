"""What an operator settles by decision: resend, or accept as sent; knows no evidence."""

from waheal.identity import every_spelling
from waheal.model import Phone
from waheal.records import Leftover, Resolution, Resolved
from waheal.store.common_sql import marks
from waheal.store.database import Row, Value
from waheal.store.part import NO_RECALL, Part

_WHICH = {
    Leftover.UNCERTAIN: "d.state = 'uncertain'",
    Leftover.FAILED: "d.state = 'failed'",
    Leftover.UNREADABLE: "d.state = 'sent' AND d.unreadable = 1",
}

# Whoever was forgotten is a husk, of which there is nothing to send.
_SUPPRESSED = f"""
(d.phone LIKE 'forgotten:%' OR (d.{NO_RECALL}
 AND (EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = d.phone)
      OR EXISTS (SELECT 1 FROM suppressions s WHERE s.lid = d.lid AND d.lid IS NOT NULL))))
"""  # noqa: S608 - constants

_RESEND = """
UPDATE deliveries SET state = 'pending', due = COALESCE(not_before, 0), tries = 0, reason = NULL,
                      unreadable = 0, updated = :now
 WHERE id = :delivery
"""

_ACCEPT = """
UPDATE deliveries SET state = 'sent', reason = NULL, unreadable = 0, running = 0, updated = :now
 WHERE id = :delivery
"""

# What the operator decided is no evidence: `counted` and `reached` stay as they are.
_VERDICT = """
UPDATE attempts SET settled = :now, verdict = :verdict
 WHERE delivery_id = :delivery AND settled IS NULL AND outcome = 'uncertain'
   AND attempt = (SELECT attempt FROM deliveries WHERE id = :delivery)
"""


class Leftovers(Part):
    """What waits for the operator's word."""

    def resolve(
        self,
        campaign_id: int,
        *,
        which: Leftover,
        how: Resolution,
        phone: Phone | None = None,
        now: float,
    ) -> Resolved:
        """Settle what is left over, all of it or one number's.

        A resend never reaches whoever opted out or was forgotten, nor anyone whose last call may
        still run: those stay as they are, and are counted. So are those whom another machine has
        in hand, or had when it was heard of last: what became of them it alone can tell, or nobody
        once it is given up. It goes through the file: the next send
        reads that anew, and what it says by now holds.
        """
        changed = suppressed = running = 0
        with self._db.transaction():
            for delivery, opted_out, runs in self._leftovers(campaign_id, which, phone):
                if how is Resolution.RESEND and opted_out:
                    suppressed += 1
                elif runs and (how is Resolution.RESEND or self._db.remote):
                    running += 1
                else:
                    self._decide(delivery, how, now)
                    changed += 1
            if which is Leftover.UNCERTAIN and self._db.remote:
                running += self._in_hand_elsewhere(campaign_id, phone)
            if changed:
                self._db.run("UPDATE campaigns SET settled = ? WHERE id = ?", (now, campaign_id))
            if changed and how is Resolution.RESEND:
                self._db.run(
                    "UPDATE campaigns SET digest = NULL WHERE id = ? AND parent IS NULL",
                    (campaign_id,),
                )
        return Resolved(changed, suppressed, running)

    def _leftovers(self, campaign_id: int, which: Leftover, phone: Phone | None) -> list[Row]:
        where, parameters = _of(campaign_id, phone)
        return self._db.all(
            f"SELECT d.id, {_SUPPRESSED}, d.running FROM deliveries d WHERE {where}"  # noqa: S608 - constants
            f" AND {_WHICH[which]}",
            parameters,
        )

    def _in_hand_elsewhere(self, campaign_id: int, phone: Phone | None) -> int:
        where, parameters = _of(campaign_id, phone)
        ((count,),) = self._db.all(
            "SELECT COUNT(*) FROM deliveries d"  # noqa: S608 - constants
            " JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt"
            f" WHERE {where} AND d.state = 'sending' AND a.machine <> ?",
            [*parameters, self._db.machine],
        )
        return int(count or 0)

    def _decide(self, delivery: Value, how: Resolution, now: float) -> None:
        step = {"delivery": delivery, "now": now}
        verdict = "pending" if how is Resolution.RESEND else "sent"
        self._db.run(_VERDICT, step | {"verdict": verdict})
        self._db.run(_RESEND if how is Resolution.RESEND else _ACCEPT, step)


def _of(campaign_id: int, phone: Phone | None) -> tuple[str, list[Value]]:
    """Say whose deliveries are meant, in SQL with its values."""
    if phone is None:
        return "d.campaign_id = ?", [campaign_id]
    names = every_spelling(phone)
    return f"d.campaign_id = ? AND d.phone IN ({marks(names)})", [campaign_id, *names]
