"""How the server stands that a shared ledger lies on, for doctor; knows no row of the ledger."""

import time
from dataclasses import dataclass

from waheal.store.part import Part

_TLS = "SELECT COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)::int"
_SETTINGS = "SELECT name, setting FROM pg_settings WHERE name = ANY(string_to_array(?, ','))"
_STANDBYS = """
SELECT COALESCE(NULLIF(application_name, ''), client_addr::text, '?'),
       (sync_state IN ('sync', 'quorum'))::int
  FROM pg_stat_replication
"""
_CONNECTIONS = """
SELECT COUNT(*), current_setting('max_connections')::int
       - current_setting('superuser_reserved_connections')::int FROM pg_stat_activity
 WHERE backend_type = 'client backend'
"""
_OLDEST = """
SELECT COALESCE(MAX(EXTRACT(epoch FROM now() - xact_start)), 0)::double precision
  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_DEAD = """
SELECT relname, n_dead_tup, n_live_tup FROM pg_stat_user_tables
 WHERE schemaname = current_schema() ORDER BY n_dead_tup DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the server: seconds there and back, and whether TLS hides what goes there."""

    seconds: float
    tls: bool


class ServerState(Part):
    """What a server tells of itself."""

    def way(self) -> Way:
        """Measure the way there, the quickest of three."""
        took = list[float]()
        for _ in range(3):
            began = time.perf_counter()
            self._db.all("SELECT 1")
            took.append(time.perf_counter() - began)
        ((tls,),) = self._db.all(_TLS)
        return Way(min(took), bool(tls))

    def settings(self, *names: str) -> dict[str, str]:
        """Read some of its settings, as they hold for this user."""
        return {
            str(name): str(value) for name, value in self._db.all(_SETTINGS, (",".join(names),))
        }

    def standbys(self) -> dict[str, bool]:
        """Name the servers that follow it, and tell of each whether commits wait for it."""
        return {str(name): bool(sync) for name, sync in self._db.all(_STANDBYS)}

    def connections(self) -> tuple[int, int]:
        """Count its connections, and those that it lets users have."""
        ((used, most),) = self._db.all(_CONNECTIONS)
        return int(used), int(most)

    def oldest_transaction(self) -> float:
        """Tell for how long another transaction of this database has been open (s)."""
        ((seconds,),) = self._db.all(_OLDEST)
        return float(seconds)

    def dead_rows(self) -> tuple[str, int, int]:
        """Name the table with the most dead rows, with how many these are, and how many live."""
        rows = self._db.all(_DEAD)
        if not rows:
            return "", 0, 0
        ((table, dead, live),) = rows
        return str(table), int(dead), int(live)

    def ahead(self) -> float:
        """Tell by how much its clock is ahead of this machine's (s); known to half the way."""
        began = time.time()
        ((told,),) = self._db.all("SELECT EXTRACT(epoch FROM clock_timestamp())::double precision")
        return float(told) - (began + time.time()) / 2
