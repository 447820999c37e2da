"""PostgreSQL: a schema of a database that a ledger lies in; knows no table's meaning.

Loaded only where a ledger's place is a URL: psycopg comes with the extra `cluster`.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import cast

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from waheal.errors import FencedOffError, HomeUnusableError
from waheal.store.database import Connection, Parameters, Query, Row, Value
from waheal.store.postgres_sql import as_one, spelt

_PATIENCE_S = 10  # for the server to answer, and for one's turn to write
_PORTION = 1000  # rows that are fetched at once

# Whoever is alone keeps all others from writing. Turns of several machines go beside each other,
# for this lock does not stand in its own way; between them locks on rows decide.
_ALONE = "BEGIN; LOCK TABLE meta IN SHARE ROW EXCLUSIVE MODE"
_TURN = "BEGIN; LOCK TABLE meta IN ROW EXCLUSIVE MODE"
# Whoever takes the machine's part waits for the end of a transaction that has passed the fence.
_FENCE = "; SELECT 1 FROM machines WHERE id = {machine} AND epoch = {epoch} FOR SHARE"
_COMMIT = "NOTIFY waheal; COMMIT"
_MAKE = "SELECT pg_advisory_xact_lock(hashtext('waheal'), hashtext(current_schema()))"

# The statements are made for SQLite's planner: loops in their order, and an index for each question
# (README.md). So the plans are the same here, also while a table is too small, or too new to the
# planner, for it to think so: a plan is kept for longer than a table stays small.
_SETTINGS = f"""
SET lock_timeout = '{_PATIENCE_S}s';
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET jit = off
"""

_SIZE = """
SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0) FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
"""


class PostgresConnection(Connection):
    """A connection to a ledger in the first schema of the connection's search path."""

    def __init__(self, url: str, *, readonly: bool) -> None:
        super().__init__(masked(url), PostgresEngine(self))
        self.url = url
        self.heard = 0  # of others' commits; guarded by the lock
        with _translated(self.name):
            self.conn = _connect(url)
            self.conn.add_notify_handler(self._hear)
            self.conn.execute("LISTEN waheal")
            if readonly:
                self.conn.execute("SET default_transaction_read_only = on")

    def _hear(self, notice: psycopg.Notify) -> None:
        if notice.pid != self.conn.info.backend_pid:
            self.heard += 1

    def close(self) -> None:
        """Close it; a second time does nothing."""
        with self.lock:
            self.conn.close()

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run a statement and return its rows."""
        with self.lock, _translated(self.name):
            return cast("list[Row]", self.conn.execute(spelt(sql), parameters).fetchall())

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement and return how many rows it changed; alone, it is a transaction."""
        with self.transaction(), _translated(self.name):
            return int(self.conn.execute(spelt(sql), parameters).rowcount)

    def many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run a statement for each set of parameters; here all of them as one."""
        if rows := list(parameters):
            with self.transaction(), _translated(self.name):
                self.conn.execute(*as_one(sql, rows))

    def each(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """Run a query in a transaction and give its rows, some of which are fetched at once."""
        with _translated(self.name):
            yield from _some_at_once(self.conn, sql, parameters)

    def begin(self, *, turn: bool) -> None:
        """Begin a transaction, as a writer; with the fence, that is one way to the server."""
        sql = _TURN if turn else _ALONE
        if self.fence is not None:
            sql += _FENCE.format(machine=self.fence.machine, epoch=self.fence.epoch)
        try:
            with _translated(self.name):
                self._see_fence(self.conn.execute(sql))
        except BaseException:
            self.end(whole=False)
            raise

    def _see_fence(self, begun: "psycopg.Cursor[tuple[object, ...]]") -> None:
        while begun.nextset():  # the last answer is the fence's
            pass
        if self.fence is not None and begun.fetchone() is None:
            raise FencedOffError(self.name)

    def end(self, *, whole: bool) -> None:
        """Commit it and tell the others, or take it back."""
        spoilt = self.conn.info.transaction_status is TransactionStatus.INERROR
        try:
            if whole and not spoilt:
                with _translated(self.name):
                    self.conn.execute(_COMMIT)
        finally:
            if self.conn.info.transaction_status is not TransactionStatus.IDLE:
                with suppress(psycopg.Error):  # where the connection is gone it is over as well
                    self.conn.execute("ROLLBACK")
        if whole and spoilt:
            raise HomeUnusableError(
                f"{self.name} took a transaction back, for somebody went on after an error",
                hint="run it again; nothing is lost",
            )

    def make(self, statements: Sequence[str], version: int) -> None:
        """Make the tables of this version, unless another process is faster."""
        with _translated(self.name), self.conn.transaction():
            self.conn.execute(_MAKE)
            if self.engine.schema_version() == 0:
                for statement in statements:
                    self.conn.execute(statement)
                self.conn.execute(
                    "INSERT INTO meta (key, value) VALUES ('schema', %s)", (str(version),)
                )


class PostgresEngine:
    """What PostgreSQL does in its own way."""

    keeps_order = False

    def __init__(self, connection: PostgresConnection) -> None:
        self._db = connection

    def writes_by_others(self) -> int:
        """Give a number that is another one after any other process has written.

        Each commit notifies; what came meanwhile is heard with any answer of the server's.
        """
        return self._db.heard

    def schema_version(self) -> int:
        """Read the version of the tables; 0 where there are none."""
        if self._db.all("SELECT 1 WHERE to_regclass('meta') IS NULL"):
            return 0
        rows = self._db.all("SELECT value FROM meta WHERE key = 'schema'")
        return int(rows[0][0]) if rows else 0

    @contextmanager
    def merging(self) -> Iterator[None]:
        """Let the planner know what a merge has made of the table."""
        yield
        with _translated(self._db.name):
            self._db.conn.execute("ANALYZE deliveries")

    def fill(self, table: str, rows: Iterable[Sequence[Value]]) -> None:
        """Add many rows to a table, the values in the order of its columns."""
        with (
            _translated(self._db.name),
            self._db.conn.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def erasing(self) -> Iterator[None]:
        """Leave what is deleted to the next vacuum."""
        yield

    @contextmanager
    def snapshot(self) -> Iterator[Query]:
        """Read through a connection of its own, all of one moment."""
        with _translated(self._db.name), _connect(self._db.url) as conn:
            conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield lambda sql, parameters: _some_at_once(conn, sql, parameters)

    def damage(self) -> list[str]:
        """List nothing: `pg_amcheck` looks for damage, and is the server's own affair."""
        return []

    def journal_mode(self) -> str:
        """Tell `synchronous_commit`, which holds for the connection."""
        ((mode,),) = self._db.all("SHOW synchronous_commit")
        return str(mode)

    def size(self) -> int:
        """Tell how many bytes the ledger's tables and indexes take."""
        ((size,),) = self._db.all(_SIZE)
        return int(size)


def masked(url: str) -> str:
    """Name a database as an operator may read it: without its password."""
    try:
        told = conninfo_to_dict(url)
    except psycopg.Error:
        return "the ledger's database"
    user, host, port, name = (told.get(key) for key in ("user", "host", "port", "dbname"))
    place = f"{host or 'localhost'}{f':{port}' if port else ''}"
    return f"postgresql://{f'{user}@' if user else ''}{place}/{name or user or ''}"


def unusable(name: str, error: psycopg.Error) -> HomeUnusableError:
    """Word an error of PostgreSQL's, or of the way to it, for the operator."""
    state = error.sqlstate or ("08000" if isinstance(error, psycopg.OperationalError) else "")
    match state[:2], state:
        case ("08" | "57", _):
            what = "can't be reached"
            hint = "see that the server runs and lets this user in (passwords: ~/.pgpass)"
        case (_, "42501" | "25006"):
            what = "is read-only for this user"
            hint = "grant the rights, or name the primary server"
        case (_, "55P03" | "40P01"):
            what = "is locked by another program"
            hint = "let that one finish, and try again"
        case (_, "53100"):
            what = "can't grow: the server's disk is full"
            hint = "free some space and run it again; nothing is lost"
        case ("XX", _):
            what = "is damaged"
            hint = "restore it from a backup"
        case _:
            what = "can't be used"
            hint = "look at the server's log"
    words = " ".join(str(error).split())
    return HomeUnusableError(f"{name} {what} ({words})", hint=hint)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise unusable(name, error) from error


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    conn = psycopg.connect(url, autocommit=True, connect_timeout=_PATIENCE_S)
    # All numbers alike, whatever their size: one prepared statement serves them.
    for kind in (int, bool):  # truths stand as numbers
        conn.adapters.register_dumper(kind, Int8Dumper)
    conn.execute(_SETTINGS)
    return conn


def _some_at_once(
    conn: "psycopg.Connection[tuple[object, ...]]", sql: str, parameters: Parameters
) -> Generator[Row, None, None]:
    with conn.cursor(name="some") as cursor:
        cursor.itersize = _PORTION
        yield from cast("Iterator[Row]", cursor.execute(spelt(sql), parameters))
