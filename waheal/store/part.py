"""What the ledger's parts share: the connection and the home; no tables of its own."""

from collections.abc import Sequence

from waheal.model import TRANSITIONS, State
from waheal.store.database import Connection
from waheal.store.home import Home

CHUNK = 400
"""How many values one statement is given at most: old SQLite versions take 999."""


class Part:
    """A part of the ledger: some methods over the one connection."""

    def __init__(self, connection: Connection, home: Home) -> None:
        self._db = connection
        self._home = home

    def _settled(self, delivery: int, now: float) -> None:
        """Note when the delivery's campaign last got nearer to its end."""
        self._db.conn.execute(
            "UPDATE campaigns SET settled = ?"
            " WHERE id = (SELECT campaign_id FROM deliveries WHERE id = ?)",
            (now, delivery),
        )


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are values."""
    return ", ".join("?" * len(values))


def may(before: State, after: State) -> bool:
    """Tell whether the house's table of states allows this step."""
    return after in TRANSITIONS[before]
