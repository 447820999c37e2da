"""What the ledger's parts share: the connection, and what each may do to a campaign's rows."""

from collections.abc import Iterable, Sequence

from waheal.errors import UsageError
from waheal.model import TRANSITIONS, State
from waheal.records import Dropped, Reason
from waheal.store.common_sql import FREE, free
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

    def _set_aside(
        self, where: str, parameters: Sequence[Value], state: State, reason: Reason, now: float
    ) -> list[Dropped]:
        """Give up the deliveries that `where` finds, for a reason of the ledger's own.

        Whom another machine is about to claim is left to that claim, which asks the same.
        """
        with self._db.transaction():
            rows = self._db.all(
                f"SELECT id, phone, attempt, campaign_id FROM deliveries d WHERE {where} {FREE}",  # noqa: S608 - constants and marks
                parameters,
            )
            self._db.many(
                "UPDATE deliveries SET state = ?, reason = ?, updated = ? WHERE id = ?",
                ((state.value, reason.value, now, row[0]) for row in rows),
            )
            note_settled(self._db, {row[3] for row in rows}, now)
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


_SETTLED = f"UPDATE campaigns SET settled = ? WHERE id = ? {free('campaigns')}"  # noqa: S608 - constants


def note_settled(db: Connection, campaigns: Iterable[int], now: float) -> None:
    """Note when campaigns last got nearer to their end.

    Every turn of every machine does: where another one is about to, its moment will do.
    """
    db.many(_SETTLED, [(now, campaign) for campaign in campaigns])


def may(before: State, after: State) -> bool:
    """Tell whether the table of states (`model.TRANSITIONS`) allows this step."""
    return after in TRANSITIONS[before]
