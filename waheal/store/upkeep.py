"""The ledger as a file, for whoever looks after it; knows nothing of what it holds."""

from waheal.store import sqlite
from waheal.store.part import Part


class Upkeep(Part):
    """Version, damage, journal and size."""

    @property
    def schema_version(self) -> int:
        """The version that the file's tables are of."""
        return sqlite.schema_version(self._db)

    def damage(self) -> list[str]:
        """List what is found damaged; empty where all is well. Reads the whole file."""
        return sqlite.damage(self._db)

    def journal_mode(self) -> str:
        """Tell the journal mode: `wal`, unless something changed it."""
        return sqlite.journal_mode(self._db)

    def size(self) -> int:
        """Tell the ledger's size in bytes, its WAL included."""
        files = (self._db.path, self._db.path.with_name(self._db.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
