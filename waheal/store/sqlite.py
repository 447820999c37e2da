"""SQLite: the file that a ledger lies in by default, and what only SQLite does; knows no table.

Also how the session database is opened, which is a SQLite file wherever the ledger lies.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from waheal.errors import HomeUnusableError
from waheal.store.common_sql import marks
from waheal.store.database import ALL_NEWS, Ask, Connection, News, Parameters, Query, Row, Value

if TYPE_CHECKING:
    from sqlite_utils import Database

MEMORY = Path(":memory:")
"""In place of a ledger that isn't there, for whoever only looks."""

CACHE_KIB = 65_536
"""The connection's page cache: the hot part of a million rows."""

_MERGE_CACHE_KIB = 163_840  # the random-order indexes of a million rows, else pages go out twice
_BUSY_MS = 10_000
_WAL_KEPT = 64 << 20  # bytes of the WAL that stay on disk after a large enrolment
_PRIMARY = 0xFF  # an extended result code's primary part


class SqliteConnection(Connection):
    """A connection to a ledger's file."""

    remote = False

    def __init__(self, path: Path, *, readonly: bool) -> None:
        super().__init__(str(path), SqliteEngine(self), NoHolds())
        self.path = path
        with translated(path):
            self.conn = connect(path, readonly=readonly)
        try:
            with translated(path):
                _configure(self.conn, readonly=readonly)
        except BaseException:
            self.conn.close()
            raise

    @property
    def tables(self) -> "Database":
        """The same as a migration wants it."""
        from sqlite_utils import Database  # noqa: PLC0415 - large, and seldom wanted

        return Database(self.conn, execute_plugins=False)

    def close(self) -> None:
        """Close it; a second time does nothing."""
        with self.lock, translated(self.path):
            self.conn.close()

    def hurry(self, seconds: float) -> None:
        """Do nothing: there is no way to a file that may be lost."""

    def relink(self) -> bool:
        """Do nothing, likewise."""
        return False

    # These four and the transaction are entered a dozen times a message: no generator is made.

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run a statement and return its rows."""
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

    def many(
        self,
        sql: str,
        parameters: Iterable[Parameters],
        *,
        last: bool = False,  # noqa: ARG002 - nobody else writes meanwhile
    ) -> None:
        """Run a statement for each set of parameters; here one after the other."""
        if parameters == []:  # most of a turn's lists are empty
            return
        with self.lock:
            try:
                self.conn.executemany(sql, parameters)
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error

    def ask(self, *asks: Ask) -> list[list[Row]]:
        """Run queries, and return the rows of each."""
        with self.lock:
            return [self._rows(*each) for each in asks]

    def _rows(
        self, sql: str, values: Parameters, given: Sequence[Sequence[Value]] | None
    ) -> list[Row]:
        if given is None:
            return self.all(sql, values)
        if not given:
            return []
        told = [*chain.from_iterable(given), *values]
        return self.all(_with_rows(sql, len(given), len(given[0])), told)

    def begin(self, *, turn: bool) -> None:  # noqa: ARG002 - one writes at a time, whatever it is
        """Begin a transaction, as a writer: one that becomes it later can't wait for its turn.

        The fence is the home's lock, under which one machine is alone.
        """
        self.run("BEGIN IMMEDIATE")

    def end(self, *, whole: bool) -> None:
        """Commit it, or take it back."""
        try:
            if whole:
                self.run("COMMIT")
        finally:
            if self.conn.in_transaction:  # given up, or it could not be committed
                self.run("ROLLBACK")


class NoHolds:
    """Nothing: a file is its home's alone, whose lock is enough."""

    def take(self, machine: int) -> bool:
        """Hold it already."""
        return bool(machine)

    def is_taken(self, machine: int) -> bool:
        """Know of no other."""
        return not machine

    def release(self) -> None:
        """Leave that to the home's lock."""

    def is_queue_held(self, name: str) -> bool:  # noqa: ARG002 - its transaction is all or nothing
        """Say no: what is under way nobody sees."""
        return False

    def incarnation(self) -> str:
        """Tell nothing: what its home has sent a file's own home knows."""
        return ""

    def clock(self) -> float:
        """Tell this machine's time."""
        return time.time()


class SqliteEngine:
    """What SQLite does in its own way."""

    keeps_order = True
    in_portions = keeps_tallies = keeps_dead = False

    def __init__(self, connection: SqliteConnection) -> None:
        self._db = connection

    def writes_by_others(self) -> int:
        """Give a number that is another one after any other process has written."""
        ((version,),) = self._db.all("PRAGMA data_version")
        return int(version or 0)

    def news(self) -> frozenset[News]:
        """Say nothing in particular: a file tells that it was written, and not what."""
        return ALL_NEWS

    def schema_version(self) -> int:
        """Read the version of the tables; 0 for a new file."""
        ((found,),) = self._db.all("PRAGMA user_version")
        return int(found or 0)

    def hold_names(self, names: Ask) -> None:
        """Do nothing: whoever writes is alone."""

    def queue(self, name: str, *, rehearsal: bool = False) -> AbstractContextManager[None]:  # noqa: ARG002 - one writes at a time
        """Hold a transaction."""
        return self._db.transaction()

    @contextmanager
    def merging(self) -> Iterator[None]:
        """Lend a large merge the memory that it needs."""
        self._db.run(f"PRAGMA cache_size = -{_MERGE_CACHE_KIB}")
        try:
            yield
        finally:
            self._db.run(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._db.run("PRAGMA shrink_memory")

    def fill(self, table: str, rows: Iterable[Sequence[Value]]) -> None:
        """Add many rows to a table, the values in the order of its columns."""
        columns = self._db.all(f"PRAGMA table_info({table})")
        self._db.many(f"INSERT INTO {table} VALUES ({marks(columns)})", rows)  # noqa: S608 - a table's name

    @contextmanager
    def erasing(self) -> Iterator[None]:
        """Take what is deleted in the block out of the file's free space and of the WAL too.

        Out of the WAL where no reader holds it.
        """
        self._db.run("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            self._db.run("PRAGMA secure_delete = OFF")
        if not self._db.conn.in_transaction:
            self._db.all("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def snapshot(self) -> Iterator[Query]:
        """Read through a connection of its own, so that a run beside it isn't held up."""
        path = self._db.path
        if path == MEMORY:
            yield lambda _sql, _parameters: iter(())
            return
        with translated(path), closing(connect(path, readonly=True)) as conn:
            conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            conn.row_factory = None  # plain tuples: a million are read in half the time
            yield conn.execute

    def damage(self) -> list[str]:
        """List what is damaged; empty where all is well. Reads the whole file."""
        checks = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")
        found = [row for check in checks for row in self._db.all(check)]
        return [" ".join(map(str, row)) for row in found if row[0] != "ok"]

    def journal_mode(self) -> str:
        """Tell the journal mode: `wal`, unless something changed it."""
        ((mode,),) = self._db.all("PRAGMA journal_mode")
        return str(mode)

    def size(self) -> int:
        """Tell the file's size in bytes, its WAL included."""
        files = (self._db.path, self._db.path.with_name(self._db.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())


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


@cache
def _with_rows(sql: str, rows: int, columns: int) -> str:
    row = f"({marks(range(columns))})"
    return sql.replace("{given}", f"VALUES {', '.join([row] * rows)}")


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
