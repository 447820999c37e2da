"""Short texts that outlive a run, each under a name; knows nothing of what they mean."""

from waheal.store.part import Part


class Notes(Part):
    """Texts by name; they stand beside what the home is bound to."""

    def get(self, key: str) -> str | None:
        """Read a text; None where none is kept."""
        rows = self._db.all("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set(self, key: str, text: str | None) -> None:
        """Keep a text; None: keep none."""
        with self._db.transaction():
            self._db.run("DELETE FROM meta WHERE key = ?", (key,))
            if text is not None:
                self._db.run("INSERT INTO meta (key, value) VALUES (?, ?)", (key, text))
