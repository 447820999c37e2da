"""Several homes with one ledger in PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.kit import postgres
from tests.kit.ledgers import open_shared, server_of
from waheal.store.home import Home
from waheal.store.ledger import Ledger


class Cluster:
    """Homes in a folder, and the one ledger that they share."""

    def __init__(self, folder: Path, url: str, opened: ExitStack) -> None:
        self.folder = folder
        self.url = url
        self.at = postgres.place(url, folder)
        self._opened = opened

    def home(self, name: str) -> Home:
        """Make a machine's home, with the key of the first."""
        home = Home.open(self.folder / name, create=True)
        first = self.folder / "first.key"
        if first.exists():
            shutil.copy(first, home.key_path)
        else:
            home.key()
            shutil.copy(home.key_path, first)
        return home

    def join(self, name: str) -> Ledger:
        """Open the ledger as the machine of that name."""
        return self.open(self.home(name), name)

    @contextmanager
    def once(self, home: Home, name: str | None = None) -> Iterator[Ledger]:
        """Open it for a while, as `open` does."""
        with Ledger.open(home, at=self.at) as ledger:
            if name is not None and not ledger.machines.mine:
                ledger.machines.join(name)
            yield ledger

    def open(self, home: Home, name: str | None = None) -> Ledger:
        """Open it from a home, which joins under the name, if one is given."""
        ledger = Ledger.open(home, at=self.at) if name is None else open_shared(home, self.at, name)
        return self._opened.enter_context(ledger)


def silence(ledger: Ledger) -> None:
    """Let a machine be cut off, long ago."""
    db = server_of(ledger)
    db.all("SELECT pg_advisory_unlock_all()")
    db.conn.execute("UPDATE machines SET seen = 0 WHERE id = %s", (ledger.machines.mine,))
