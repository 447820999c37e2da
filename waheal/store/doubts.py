"""Attempts in doubt, with all that evidence is judged by; judges nothing."""

import sqlite3

from waheal.model import DeviceId, State
from waheal.store.database import Value
from waheal.store.part import Part, marks
from waheal.store.records import Doubt

_DOUBT = """
SELECT d.id, a.attempt, d.campaign_id, c.name, d.phone, a.device, a.jid, a.lid, a.identity,
       a.witness, a.boot_id, a.host_log, a.claimed, a.message_id, d.running, d.state,
       l.witness, k.phone, l.lid, a.stamp
  FROM deliveries d
  JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
  JOIN campaigns c ON c.id = d.campaign_id
  LEFT JOIN attempts l ON l.id = (SELECT MAX(o.id) FROM attempts o
                                   WHERE o.jid = a.jid AND o.accepted = 1 AND o.id <> a.id
                                     AND o.witness IS NOT NULL)
  LEFT JOIN deliveries k ON k.id = l.delivery_id
"""

_OPEN = (State.SENDING, State.UNCERTAIN)


class Doubts(Part):
    """What was claimed and isn't settled."""

    def in_doubt(
        self,
        *states: State,
        campaign_id: int | None = None,
        device: DeviceId | None = None,
        host_log: str | None = None,
    ) -> list[Doubt]:
        """List the attempts of deliveries in these states (sending and uncertain by default)."""
        wanted: list[Value] = [state.value for state in states or _OPEN]
        where = f"d.state IN ({marks(wanted)})"
        if campaign_id is None:
            # Names the index's first column: without it a million rows are read.
            where += " AND d.campaign_id IN (SELECT id FROM campaigns)"
        for column, value in (
            ("d.campaign_id", campaign_id),
            ("a.device", device),
            ("a.host_log", host_log),
        ):
            if value is not None:
                where += f" AND {column} = ?"
                wanted.append(value)
        return [
            _doubt(row) for row in self._db.all(f"{_DOUBT} WHERE {where} ORDER BY a.id", wanted)
        ]

    def doubt(self, delivery: int, attempt: int) -> Doubt | None:
        """Find one attempt, if it is the current one and still unsettled."""
        rows = self._db.all(
            f"{_DOUBT} WHERE d.id = ? AND d.attempt = ? AND d.state IN ('sending', 'uncertain')",
            (delivery, attempt),
        )
        return _doubt(rows[0]) if rows else None


def _doubt(row: sqlite3.Row) -> Doubt:
    values = list(row)
    values[14:16] = bool(row[14]), State(row[15])
    return Doubt(*values)
