"""The ledger as a file, for whoever looks after it; knows nothing of what it holds."""

from waheal.store.part import Part
from waheal.store.schema import check


class Upkeep(Part):
    """Version, damage, journal and size."""

    @property
    def schema_version(self) -> int:
        """The version that the file's tables are of."""
        return self._db.engine.schema_version()

    def see_it_is_known(self) -> None:
        """See that no newer waheal has changed the tables since they were opened.

        Raises: HomeUnusableError.
        """
        check(self._db)

    def damage(self) -> list[str]:
        """List what is found damaged; empty where all is well. Reads the whole file."""
        return self._db.engine.damage()

    def journal_mode(self) -> str:
        """Tell the journal mode: `wal`, unless something changed it."""
        return self._db.engine.journal_mode()

    def size(self) -> int:
        """Tell the ledger's size in bytes, its WAL included."""
        return self._db.engine.size()
