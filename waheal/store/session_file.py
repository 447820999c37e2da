"""Reads neonize's session database a moment at a time, beside whoever writes it; knows no table.

Read with `mode=ro`, never `immutable` and never as a copy: those lose the WAL.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from waheal.store.database import Value
from waheal.store.sqlite import connect, translated


class Look:
    """A read transaction under way, with the tables that there are in it."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self._tables: frozenset[str] | None = None

    def has(self, table: str) -> bool:
        """Tell whether there is such a table."""
        if self._tables is None:
            found = self.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            self._tables = frozenset(name for (name,) in found)
        return table in self._tables


class SessionFile:
    """The file, read a moment at a time; where it is missing it is empty.

    Safe to use from several threads. Raises: HomeUnusableError where it can't be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Guards the connection, for one question or for one block of `at_once`; only its own I/O
        # under it.
        self._lock = threading.RLock()
        self._conn: sqlite3.Connection | None = None
        self._held = False
        self._look: Look | None = None  # the moment that a block goes by, from its first question
        self._file: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        with self._lock:
            self._drop()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Answer the questions of a block from one moment: that of the first of them.

        What was committed before the block is seen. The look is cheaper than one for each question.
        """
        with self._lock, translated(self.path):
            self._held = True
            try:
                yield
            finally:
                self._held = False
                self._end()

    def _ask(self, table: str, sql: str, parameters: Sequence[Value] = ()) -> list[sqlite3.Row]:
        with self._snapshot(table) as look:
            return [] if look is None else look.conn.execute(sql, parameters).fetchall()

    @contextmanager
    def _snapshot(self, *tables: str) -> Iterator[Look | None]:
        """Hold one read transaction; None where the file or one of the tables is missing."""
        with self._lock, translated(self.path):
            look = self._look or self._begin()
            try:
                yield look if look is not None and all(map(look.has, tables)) else None
            finally:
                if not self._held:
                    self._end()

    def _begin(self) -> Look | None:
        if (conn := self._open()) is not None:
            conn.execute("BEGIN")
            self._look = Look(conn)
        return self._look

    def _end(self) -> None:
        look, self._look = self._look, None
        if look is not None:
            look.conn.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection | None:
        """Open the file, anew when another stands in its place (a restore)."""
        try:
            info = self.path.stat()
        except FileNotFoundError:
            self._drop()
            return None
        file = (info.st_dev, info.st_ino)
        if self._conn is None or file != self._file:
            self._drop()
            self._conn = connect(self.path, readonly=True)
            self._file = file
        return self._conn

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.close()
        self._conn = None
