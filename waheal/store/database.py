"""The ledger's one connection: transactions, and SQLite's errors in the operator's words."""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from waheal.errors import HomeUnusableError

Value = str | int | float | bytes | None
Parameters = Sequence[Value] | Mapping[str, Value]

MEMORY = Path(":memory:")
"""In place of a ledger that isn't there, for whoever only looks."""

CACHE_KIB = 65_536
"""The connection's page cache: the hot part of a million rows."""

_BUSY_MS = 10_000
_WAL_KEPT = 64 << 20  # bytes of the WAL that stay on disk after a large enrolment
_PRIMARY = 0xFF  # an extended result code's primary part


class Connection:
    """A connection to the ledger, shared by the process's threads.

    `lock` guards the connection for one statement, or for one transaction. The only I/O under it
    is the database's own.
    """

    def __init__(self, path: Path, *, readonly: bool) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._transaction = _Transaction(self)
        with translated(path):
            self.conn = connect(path, readonly=readonly)
        try:
            with translated(path):
                _configure(self.conn, readonly=readonly)
                self.db = Database(self.conn, execute_plugins=False)
        except BaseException:
            self.conn.close()
            raise

    def close(self) -> None:
        """Close it; a second time does nothing."""
        with self.lock, translated(self.path):
            self.conn.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Hold one write transaction; an inner one joins the outer.

        An exception rolls everything back, up to the outermost.
        """
        return self._transaction

    # These three and the transaction are entered a dozen times a message: no generator is made.

    def all(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Run a query and return its rows."""
        with self.lock:
            try:
                return self.conn.execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with self.lock:
            try:
                return self.conn.execute(sql, parameters).rowcount
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error

    def many(self, sql: str, parameters: Iterable[Parameters]) -> int:
        """Run a statement once for each set of parameters."""
        with self.lock:
            try:
                return self.conn.executemany(sql, parameters).rowcount
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error


class _Transaction(AbstractContextManager[None]):
    """A connection's write transaction; blocks within it join it."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._depth = 0  # guarded by the connection's lock

    def __enter__(self) -> None:
        self._db.lock.acquire()
        try:
            if self._depth == 0:
                # Immediate: a deferred one that becomes a writer later can't wait for its turn.
                self._db.run("BEGIN IMMEDIATE")
            self._depth += 1
        except BaseException:
            self._db.lock.release()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        try:
            if self._depth == 0:
                self._end(whole=error is None)
        finally:
            self._db.lock.release()
        if isinstance(error, sqlite3.Error):
            raise unusable(self._db.path, error) from error

    def _end(self, *, whole: bool) -> None:
        try:
            if whole:
                self._db.run("COMMIT")
        finally:
            if self._db.conn.in_transaction:  # given up, or it could not be committed
                self._db.run("ROLLBACK")


def connect(path: Path, *, readonly: bool, untouched: bool = False) -> sqlite3.Connection:
    """Open a SQLite file; in autocommit, so that transactions are begun on purpose.

    `untouched`: nobody writes to it, so that it is read without its locks and without its WAL.
    """
    mode = ("ro" if readonly else "rwc") + ("&immutable=1" if untouched else "")
    conn = sqlite3.connect(
        "file::memory:" if path == MEMORY else f"{path.as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_MS / 1000,
        cached_statements=256,
    )
    conn.row_factory = sqlite3.Row
    return conn


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into HomeUnusableError, with a hint that fits."""
    try:
        yield
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: sqlite3.Error) -> HomeUnusableError:
    """Word an error of SQLite for the operator."""
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            what = "is locked by another program"
            hint = "close what has it open, such as a database browser or a backup, and try again"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            what = "is damaged"
            hint = "restore the home from a backup, all of its files together"
        case sqlite3.SQLITE_FULL:
            what = "can't grow: the disk is full"
            hint = "free some space and run it again; nothing is lost"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            what = "is read-only"
            hint = "make the home writable for you, or name another one with --home DIR"
        case sqlite3.SQLITE_CANTOPEN:
            what = "can't be opened"
            hint = "check that the home is there, writable, and yours"
        case sqlite3.SQLITE_IOERR:
            what = "can't be read or written"
            hint = "the disk may be full or failing; free space, look at the system's log"
        case _:
            what = "can't be used"
            hint = "`waheal doctor` checks it"
    return HomeUnusableError(f"{path} {what} ({error})", hint=hint)


def close_modes(path: Path) -> None:
    """Set 0600 on a database and on its `-wal` and `-shm`, where they are there.

    By path only: opening and closing the file here would drop this process's locks on it.
    """
    for suffix in ("", "-wal", "-shm"):
        file = f"{path}{suffix}"
        try:
            os.chmod(file, 0o600, follow_symlinks=True)  # noqa: PTH101 - the suffixed path is text
        except FileNotFoundError:
            continue  # gone with its last reader
        except OSError as error:
            raise HomeUnusableError(
                f"{file} can't be closed to others: {error.strerror}",
                hint="mend its owner; `waheal doctor` tells more",
            ) from error


def _configure(conn: sqlite3.Connection, *, readonly: bool) -> None:
    conn.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    conn.execute("PRAGMA mmap_size = 0")
    if readonly:
        return
    # A claim must outlive a power loss, or its message could be sent twice.
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT}")
