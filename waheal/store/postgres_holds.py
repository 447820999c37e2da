"""Who has which machine of a ledger in PostgreSQL: locks that go with the connection."""

from typing import TYPE_CHECKING

import psycopg

from waheal.store.postgres_link import LOCKED_S

if TYPE_CHECKING:
    from waheal.store.postgres import PostgresConnection

HANDOVER_S = 5.0
"""How long a machine is waited for whose holder may have ended just now."""

# A number for each machine of each ledger in the database.
_TAKE = "SELECT pg_advisory_lock(('machines'::regclass::oid::bigint << 32) + %s::bigint)"

_IS_TAKEN = """
SELECT 1 FROM pg_locks
 WHERE locktype = 'advisory' AND objsubid = 1 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND classid = 'machines'::regclass::oid AND objid::bigint = ?
"""

# It would only be held for as long as this takes.
_IS_FREE = "SELECT pg_try_advisory_xact_lock_shared(hashtextextended(?, 0))::int"

_INCARNATION = """
SELECT system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
       || ' ' || 'meta'::regclass::oid
  FROM pg_control_system()
"""


class PostgresHolds:
    """The machines that a connection holds, and what is the same for all of them."""

    def __init__(self, connection: "PostgresConnection") -> None:
        self._db = connection

    def take(self, machine: int) -> bool:
        """Hold a machine as long as the connection lives; False where another one does.

        Whoever had it and has just ended is waited for: the server notices a little later.
        """
        with self._db.lock, self._db.translated():
            self._db.conn.execute(f"SET lock_timeout = '{HANDOVER_S}s'")
            try:
                self._db.conn.execute(_TAKE, (machine,))
            except psycopg.errors.LockNotAvailable:
                return False
            finally:
                self._db.conn.execute(f"SET lock_timeout = '{LOCKED_S}s'")
        return True

    def is_taken(self, machine: int) -> bool:
        """Tell whether any process holds a machine."""
        return bool(self._db.all(_IS_TAKEN, (machine,)))

    def release(self) -> None:
        """Hold none any more."""
        self._db.all("SELECT pg_advisory_unlock_all()")

    def is_queue_held(self, name: str) -> bool:
        """Tell whether any process holds a queue's lock."""
        ((free,),) = self._db.all(_IS_FREE, (name,))
        return not free

    def incarnation(self) -> str:
        """Name the server's timeline, and the table that each restored dump makes anew."""
        ((name,),) = self._db.all(_INCARNATION)
        return str(name)

    def clock(self) -> float:
        """Tell the server's time."""
        ((now,),) = self._db.all("SELECT EXTRACT(epoch FROM clock_timestamp())::float8")
        return float(now)
