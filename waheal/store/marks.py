"""Small numbers that outlive a run, each under a name; knows nothing of what they mean."""

from waheal.store.part import Part


class Marks(Part):
    """Numbers by name."""

    def own(self, key: str) -> str:
        """Name a number that each machine has for itself; the first one's is called as it is."""
        return key if self._db.machine == 1 else f"{key} {self._db.machine}"

    def kept(self, key: str) -> bool:
        """Tell whether a number is kept."""
        return bool(self._db.all("SELECT 1 FROM marks WHERE key = ?", (key,)))

    def get(self, key: str) -> int:
        """Read a number; 0 where none is kept."""
        rows = self._db.all("SELECT value FROM marks WHERE key = ?", (key,))
        return int(rows[0][0] or 0) if rows else 0

    def set(self, key: str, value: int) -> None:
        """Keep a number."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO marks (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )
