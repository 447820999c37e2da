"""Attempts in doubt, with all that evidence is judged by; judges nothing."""

from waheal.model import State
from waheal.records import Doubt, Origin
from waheal.store.common_sql import marks
from waheal.store.database import Row
from waheal.store.part import Part

_DOUBT = """
SELECT d.id, a.attempt, d.campaign_id, c.name, d.phone, a.device, a.jid, a.lid, a.witness,
       a.claimed, a.message_id, d.running, d.state, l.witness,
       a.boot_id, a.host_log, a.identity, a.stamp
  FROM deliveries d
  JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
  JOIN campaigns c ON c.id = d.campaign_id
  LEFT JOIN attempts l ON l.id = (SELECT MAX(o.id) FROM attempts o
                                   WHERE o.jid = a.jid AND o.accepted = 1 AND o.id <> a.id
                                     AND o.witness IS NOT NULL)
"""

_OPEN = (State.SENDING, State.UNCERTAIN)


class Doubts(Part):
    """What this machine claimed and isn't settled: only it has the evidence."""

    def open(self, *states: State) -> list[Doubt]:
        """List the attempts of deliveries in these states (sending and uncertain by default)."""
        wanted = [state.value for state in states or _OPEN]
        # Names the index's first column too: without it a million rows are read.
        rows = self._db.all(
            f"{_DOUBT} WHERE d.state IN ({marks(wanted)})"  # noqa: S608 - question marks
            " AND d.campaign_id IN (SELECT id FROM campaigns) AND a.machine = ? ORDER BY a.id",
            [*wanted, self._db.machine],
        )
        return [_doubt(row) for row in rows]

    def find(self, delivery: int, attempt: int) -> Doubt | None:
        """Find one attempt, if it is the current one and still unsettled."""
        rows = self._db.all(
            f"{_DOUBT} WHERE d.id = ? AND d.attempt = ? AND d.state IN ('sending', 'uncertain')",
            (delivery, attempt),
        )
        return _doubt(rows[0]) if rows else None


def _doubt(row: Row) -> Doubt:
    (
        delivery, attempt, campaign, name, phone, device, jid, lid, witness, claimed, message_id,
        running, state, last_witness, *origin,
    ) = row  # fmt: skip
    return Doubt(
        delivery, attempt, campaign, name, phone, device, jid, lid, witness, claimed, message_id,
        bool(running), State(state), last_witness, Origin(*origin),
    )  # fmt: skip
