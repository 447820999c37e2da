"""The ledger: one object over one SQLite file; knows nothing of hosts, pacing or screens."""

from contextlib import AbstractContextManager, ExitStack, closing
from types import TracebackType
from typing import Self

from waheal.errors import UsageError
from waheal.store import schema
from waheal.store.campaigns import Campaigns
from waheal.store.database import MEMORY, Connection, close_modes
from waheal.store.devices import Devices
from waheal.store.doubts import Doubts
from waheal.store.enrolment import Enrolment
from waheal.store.export import Export
from waheal.store.foreign import Foreign
from waheal.store.home import Home
from waheal.store.limits import Limits
from waheal.store.receipts import Receipts
from waheal.store.resolving import Resolving
from waheal.store.suppressions import Suppressions
from waheal.store.work import Work

WHATSAPP = "whatsapp"
"""What a home is bound to that is not a sandbox's."""

_TARGET = "target"


class Ledger(
    Campaigns,
    Enrolment,
    Work,
    Receipts,
    Doubts,
    Resolving,
    Limits,
    Devices,
    Suppressions,
    Export,
    Foreign,
):
    """Who is to get what, and what became of it: `deliveries` (now) and `attempts` (ever).

    Both move in one transaction. Safe to use from several threads: each call holds the ledger's
    lock for one transaction.
    """

    def __init__(self, connection: Connection, home: Home) -> None:
        super().__init__(connection, home)
        self._seen_version = self._data_version()

    @classmethod
    def open(cls, home: Home, *, readonly: bool = False) -> "Ledger":
        """Open the home's ledger, bringing it to this version.

        `readonly`: writes nothing but the migrations; a home without a ledger has an empty one.
        Raises: HomeUnusableError where it is newer, corrupt, locked, read-only, or the disk is
        full.
        """
        path = home.ledger_path
        if readonly and not path.exists():
            # Nothing is written for a mere look at a home that was never used.
            return cls._opened(Connection(MEMORY, readonly=False), home)
        if readonly:
            with ExitStack() as unless_current:
                look = unless_current.enter_context(closing(Connection(path, readonly=True)))
                if schema.check(look) == schema.VERSION:
                    unless_current.pop_all()
                    return cls._opened(look, home)
        close_modes(path)
        connection = Connection(path, readonly=False)
        return cls._opened(connection, home)

    @classmethod
    def _opened(cls, connection: Connection, home: Home) -> "Ledger":
        try:
            schema.migrate(connection)
            if connection.path != MEMORY:
                close_modes(connection.path)
            return cls(connection, home)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the file; the last one to do so folds the WAL into it."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Group calls in one commit, under the ledger's lock; inner ones join the outer.

        An exception rolls all of them back. No other I/O may happen inside.
        """
        return self._db.transaction()

    def changed(self) -> bool:
        """Tell whether another process has written since the last call."""
        with self._db.lock:
            before, self._seen_version = self._seen_version, self._data_version()
            return before != self._seen_version

    def _data_version(self) -> int:
        ((version,),) = self._db.all("PRAGMA data_version")
        return int(version or 0)

    def bind(self, target: str) -> None:
        """Bind the home to what it is first used with: "whatsapp", or a sandbox's noise root.

        Raises: UsageError (2) where it belongs to another.
        """
        with self._db.transaction():
            bound = self.bound()
            if bound is None:
                self._db.db.table("meta").insert({"key": _TARGET, "value": target})
            elif bound != target:
                raise UsageError(
                    f"the home {self._home.root} belongs to {_named(bound)},"
                    f" and can't be used with {_named(target)}",
                    hint="name another one with --home DIR",
                )

    def bound(self) -> str | None:
        """Tell what the home belongs to; None before its first use."""
        rows = self._db.all("SELECT value FROM meta WHERE key = ?", (_TARGET,))
        return str(rows[0][0]) if rows else None

    # For doctor.

    @property
    def schema_version(self) -> int:
        """The version that the file's schema is of."""
        return schema.version(self._db)

    def integrity(self) -> list[str]:
        """List what SQLite finds damaged; empty where all is well. Reads the whole file."""
        found = self._db.all("PRAGMA integrity_check") + self._db.all("PRAGMA foreign_key_check")
        return [" ".join(map(str, row)) for row in found if row[0] != "ok"]

    def journal_mode(self) -> str:
        """Tell the journal mode: `wal`, unless something changed it."""
        ((mode,),) = self._db.all("PRAGMA journal_mode")
        return str(mode)

    def size(self) -> int:
        """Tell the ledger's size in bytes, its WAL included."""
        files = (self._db.path, self._db.path.with_name(self._db.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())


def _named(target: str) -> str:
    return "WhatsApp" if target == WHATSAPP else f"the sandbox {target[:12]}…"
