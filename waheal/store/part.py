"""What the ledger's parts share: the connection, and what each may do to a campaign's rows."""

from collections.abc import Sequence

from waheal.errors import UsageError
from waheal.model import TRANSITIONS, State
from waheal.records import Dropped, Reason
from waheal.store.database import Connection, Value

NAMELESS = "SELECT 1 FROM suppressions WHERE phone >= '0' AND phone < ':' LIMIT 1"
"""Whether somebody opted out of whom only the LID is known: it stands in the number's place.

LIDs begin with a digit, numbers with a plus.
"""

NO_RECALL = "campaign_id NOT IN (SELECT id FROM campaigns WHERE kind = 'recall')"
"""That a delivery takes no message back: what an opt-out stands in the way of, in SQL."""

CHUNK = 400
"""How many values one statement is given at most: old SQLite versions take 999."""


class Part:
    """A part of the ledger: some methods over the one connection. No part calls another."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def _touch(self, delivery: int, now: float) -> None:
        touch(self._db, delivery, now)

    def _set_aside(
        self, where: str, parameters: Sequence[Value], state: State, reason: Reason, now: float
    ) -> list[Dropped]:
        """Give up the deliveries that `where` finds, for a reason of the ledger's own."""
        with self._db.transaction():
            rows = self._db.all(
                f"SELECT id, phone, attempt, campaign_id FROM deliveries WHERE {where}",  # noqa: S608 - constants and marks
                parameters,
            )
            self._db.many(
                "UPDATE deliveries SET state = ?, reason = ?, updated = ? WHERE id = ?",
                ((state.value, reason.value, now, row[0]) for row in rows),
            )
            self._db.many(
                "UPDATE campaigns SET settled = ? WHERE id = ?",
                ((now, campaign) for campaign in {row[3] for row in rows}),
            )
        return [
            Dropped(delivery, phone, attempt, state, reason.value, campaign)
            for delivery, phone, attempt, campaign in rows
        ]


def not_joined(ledger: str) -> UsageError:
    """Word that a home is no machine of a ledger that others share."""
    return UsageError(
        f"this home is no machine of {ledger}",
        hint="let it join first: `waheal cluster join --name NAME`",
    )


def touch(db: Connection, delivery: int, now: float) -> None:
    """Note when the delivery's campaign last got nearer to its end."""
    db.run(
        "UPDATE campaigns SET settled = ?"
        " WHERE id = (SELECT campaign_id FROM deliveries WHERE id = ?)",
        (now, delivery),
    )


def may(before: State, after: State) -> bool:
    """Tell whether the table of states (`model.TRANSITIONS`) allows this step."""
    return after in TRANSITIONS[before]
