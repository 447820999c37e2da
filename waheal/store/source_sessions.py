"""Somebody's session database, to be taken over from: read, never written, and maybe hostile.

Theory of operation. SQLite obeys the schema of a file that it opens: views, triggers, virtual
tables and generated columns run what they say, when they are read. So the schema is looked at
first: the library's own names, and waheal's, must be tables and indexes, which is all that they
make. What another program keeps beside them, whatever it is, is never read. What is read is
bounded, and judged by its form before anybody believes it.
"""

import re
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from waheal.errors import UsageError
from waheal.store.database import Value
from waheal.store.sessions import Session, fingerprint, phone_of
from waheal.store.sqlite import connect

Row = tuple[Value, ...]

_LARGEST = 16 << 20  # bytes of a cell: the library's are far smaller
_KEY_BYTES = 32
_HEAD = 20  # bytes: a database's first page tells there how it is written
_WAL = 2
_JID = re.compile(r"[1-9][0-9]{4,19}:[0-9]{1,5}@s\.whatsapp\.net", re.ASCII)
_LID = re.compile(r"([0-9]{1,20}(:[0-9]{1,5})?@lid)?", re.ASCII)
_USER = re.compile(r"[0-9]{1,20}", re.ASCII)
_MADE = ("CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ")


class SourceSessions:
    """The database as it stood at one moment.

    Each method raises UsageError where the file, or what it holds, is none of the library's.
    """

    def __init__(self, path: Path, conn: sqlite3.Connection) -> None:
        self.path = path
        self._conn = conn

    def version(self) -> tuple[int, int]:
        """Tell the version of the library's schema, and down to which it may be read.

        The latter stands in `compat`, which old ones lack.
        """
        found = next(self.rows("whatsmeow_version", ["version"]), (None,))[0]
        if not isinstance(found, int):
            raise UsageError(
                f"{self.path} doesn't say which library wrote it",
                hint="open it once with neonize 0.5.2, which brings it up to date, then import it",
            )
        compat = next(self.rows("whatsmeow_version", ["compat"]), (None,))[0]
        return found, compat if isinstance(compat, int) else found

    def logins(self) -> list[Session]:
        """List the stored logins."""
        rows = self.rows("whatsmeow_device", ["jid", "lid", "identity_key"])
        found = [self._login(*row) for row in rows]
        if not found:
            raise UsageError(
                f"{self.path} holds no login",
                hint="name the database that neonize was given as its name",
            )
        return found

    def lids(self) -> list[Row]:
        """List (LID, number) of the contacts that it knows, as far as they are some."""
        found = self.rows("whatsmeow_lid_map", ["lid", "pn"])
        return [row for row in found if all(map(_is_user, row))]

    def columns(self, table: str) -> frozenset[str]:
        """Name the columns of a table; none where there is no such table."""
        with _told(self.path):
            # Unlike `table_info`, it tells those too whose values are made when they are read.
            found = self._conn.execute(f"PRAGMA table_xinfo({table})").fetchall()
        if any(row["hidden"] for row in found):
            raise _no_database(self.path, f"{table} has a column that is made when it is read")
        return frozenset(row["name"] for row in found)

    def rows(
        self, table: str, columns: Sequence[str], only: Sequence[str] | None = None
    ) -> Iterator[Row]:
        """Give these columns of a table's rows, of which there are none if it lacks a column.

        `only`: a column of ours, and the value that it is to have.
        """
        if not self.columns(table).issuperset(columns):
            return
        which, *value = only or ("",)
        where = f" WHERE {which} = ?" if which else ""
        with _told(self.path):
            for row in self._conn.execute(
                f"SELECT {', '.join(columns)} FROM {table}{where}",  # noqa: S608 - names of ours
                value,
            ):
                yield tuple(row)

    def _login(self, jid: Value, lid: Value, key: Value) -> Session:
        if not (isinstance(jid, str) and _JID.fullmatch(jid)):
            raise _no_database(self.path, f"a login of it is none: {jid!r:.80}")
        if not (isinstance(key, bytes) and len(key) == _KEY_BYTES):
            raise _no_database(self.path, f"the identity of {jid} is none")
        if not (lid is None or (isinstance(lid, str) and _LID.fullmatch(lid))):
            raise _no_database(self.path, f"the LID of {jid} is none: {lid!r:.80}")
        return Session(jid, lid or None, phone_of(jid), fingerprint(key))


@contextmanager
def open_source(path: Path) -> Iterator[SourceSessions]:
    """Open a database for as long as the block runs, also while another program uses it.

    Raises:
        UsageError: it is no SQLite database, or one of the library's tables is something else.
    """
    with _told(path), closing(connect(path, readonly=True, untouched=_is_at_rest(path))) as conn:
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
        for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            conn.execute(f"PRAGMA {setting}")
        conn.execute("BEGIN")
        _see_it_runs_nothing(path, conn)
        yield SourceSessions(path, conn)


def _is_at_rest(path: Path) -> bool:
    """Tell whether it is in WAL mode, and nobody has it open.

    SQLite would leave files beside such a one; and it takes whatever stands there for its own, even
    a link, or a pipe that it would wait for.
    Raises: UsageError where that is no file.
    """
    beside = [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
    there = [each for each in beside if _stands(each)]
    if odd := [each for each in there if not stat.S_ISREG(each.lstat().st_mode)]:
        raise UsageError(
            f"{odd[0]} is not a file", hint=f"it belongs to {path.name}: see what it is"
        )
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return _WAL in head[-2:] and not set(beside[::2]).intersection(there)


def _stands(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _see_it_runs_nothing(path: Path, conn: sqlite3.Connection) -> None:
    names = (
        "SELECT name, sql FROM sqlite_master"
        " WHERE (name LIKE 'whatsmeow%' OR name LIKE 'waheal%') AND sql IS NOT NULL"
    )
    for name, made in conn.execute(names):
        if not str(made).startswith(_MADE):
            raise _no_database(path, f"{name} is no table")


def _is_user(value: Value) -> bool:
    return isinstance(value, str) and _USER.fullmatch(value) is not None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # it quotes what is no text
        told = error.strerror if isinstance(error, OSError) else error
        raise _no_database(path, str(told)) from error


def _no_database(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} can't be read as neonize's database: {why}",
        hint="check its owner and mode, and that it is the file that neonize was given as its name",
    )
