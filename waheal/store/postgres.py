"""PostgreSQL: a schema of a database that a ledger lies in; knows no table's meaning.

Loaded only where a ledger's place is a URL: psycopg comes with the extra `cluster`.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TypeAlias, cast
from uuid import uuid4

import psycopg
from psycopg.pq import TransactionStatus

from waheal.errors import FencedOffError, HomeUnusableError, LedgerLostError
from waheal.ledger_url import without_password
from waheal.store.database import ALL_NEWS, Ask, Connection, News, Parameters, Query, Row, Value
from waheal.store.postgres_holds import PostgresHolds
from waheal.store.postgres_link import (
    LOCKED_S,
    Watched,
    connect,
    end_others,
    hurried,
    translated,
)
from waheal.store.postgres_sql import among, as_one, spelt

Statement = tuple[str, Sequence[object] | Mapping[str, object]]
Answer: TypeAlias = "psycopg.Cursor[tuple[object, ...]]"

_PORTION = 1000  # rows that are fetched at once

# Whoever is alone keeps all others from writing. Turns of several machines go beside each other,
# for this lock does not stand in its own way; between them locks on rows decide.
_ALONE = "LOCK TABLE meta IN SHARE ROW EXCLUSIVE MODE"
_TURN = "LOCK TABLE meta IN ROW EXCLUSIVE MODE"
_NOBODYS = "SELECT 1"  # what is never committed keeps nobody from writing
# By its number the server tells later whether it was committed, where the answer was lost.
_NUMBER = "SELECT pg_current_xact_id()::text"
# Of a server that has crashed since, it may be one that nobody has had yet, or another's.
_COMMITTED = """
SELECT CASE WHEN %(number)s::xid8 < pg_snapshot_xmax(pg_current_snapshot())
            THEN pg_xact_status(%(number)s::xid8) = 'committed' ELSE false END
"""
# Whoever takes the machine's part waits for the end of a transaction that has passed the fence.
_FENCE = "SELECT 1 FROM machines WHERE id = %s AND epoch = %s FOR SHARE"
_TELL = "NOTIFY waheal, '{}'"

# Their order is the same for all, so that no two turns wait for each other.
_HOLD_NAMES = """
SELECT pg_advisory_xact_lock(key)
  FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM ({}) AS names (name)
         WHERE name IS NOT NULL ORDER BY key) AS keys
"""
_QUEUE = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
_LEAVE = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
_MAKE = "SELECT pg_advisory_xact_lock(hashtext('waheal'), hashtext(current_schema()))"

# By a row that a snapshot sees: `to_regclass` may answer from before another process made it.
_IS_MADE = """
SELECT 1 FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = 'meta'
"""

_VERSION = """
INSERT INTO meta (key, value) VALUES ('schema', %s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""

_SIZE = """
SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0) FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
"""


class PostgresConnection(Connection):
    """A connection to a ledger in the first schema of the connection's search path."""

    remote = True

    def __init__(self, url: str, *, readonly: bool) -> None:
        super().__init__(without_password(url), PostgresEngine(self), PostgresHolds(self))
        self.url = url
        self.heard = 0  # of others' commits; guarded by the lock
        self.heard_of: set[News] = set()  # in them; likewise
        self._readonly = readonly
        self._known_as = f"waheal {uuid4().hex[:12]}"  # to the server
        self.is_turn = False  # the transaction; guarded by the lock
        self._under_way: str | None = None  # the transaction's number; guarded by the lock
        self._patience: float | None = None  # seconds for an answer; None: the link's own
        # What is yet to be sent, with the next question; guarded by the lock.
        self._opening: list[Statement] = []
        self.waiting: list[Statement] = []
        self._rehearses = False  # in what is taken back; likewise
        self.grown = False  # by a merge, and the planner does not know
        self._last: dict[str, list[Sequence[Value]]] = {}
        self.is_turn = False
        self.conn = self._connected()

    def _connected(self, *, again: bool = False) -> Watched:
        with translated(self.name):
            conn = connect(self.url, self._known_as, again=again)
        with translated(self.name, conn):
            # A notice may come with any answer, also before this connection is the one in use.
            own = conn.info.backend_pid
            conn.add_notify_handler(lambda notice: self._hear(notice, own))
            conn.execute("LISTEN waheal")
            if self._readonly:
                conn.execute("SET default_transaction_read_only = on")
            conn.patience = Watched.patience
            if self._patience is not None:
                hurried(conn, self._patience)
        return conn

    def hurry(self, seconds: float) -> None:
        """Take the link for lost where one statement is not answered in so many seconds."""
        with self.lock:
            self._patience = seconds
            with self.translated():
                hurried(self.conn, seconds)

    def relink(self) -> bool:
        """Connect anew; tells whether what the connection before had begun is committed.

        What others told meanwhile was missed, so it counts as heard.

        Raises: LedgerLostError: not yet.
        """
        with self.lock:
            self.conn.close()
            self.conn = self._connected(again=True)
            with self.translated():
                if not end_others(self.conn, self._known_as):
                    self.conn.close()
                    raise LedgerLostError(
                        f"{self.name} still holds the connection that was lost",
                        hint="see what the server waits for, in its log",
                    )
                whole = self._was_committed()
            self.heard += 1
            self.heard_of |= ALL_NEWS
            return whole

    def _was_committed(self) -> bool:
        number, self._under_way = self._under_way, None
        if number is None:
            return False
        return bool(self.conn.execute(_COMMITTED, {"number": number}).fetchone() == (True,))

    def translated(self) -> AbstractContextManager[None]:
        """Word what goes wrong in the block for the operator."""
        return translated(self.name, self.conn)

    def _hear(self, notice: psycopg.Notify, own: int) -> None:
        if notice.pid != own:
            self.heard += 1
            self.heard_of |= _news(notice.payload)

    def close(self) -> None:
        """Close it; a second time does nothing."""
        with self.lock:
            self.conn.close()

    def ask(self, *asks: Ask) -> list[list[Row]]:
        """Run queries, and return the rows of each; all of them in one way to the server."""
        with self.lock:
            asked = [_asked(each) for each in asks if each.given is None or each.given]
            answers = iter(self.send(*asked))
            return [
                cast("list[Row]", next(answers).fetchall())
                if each.given is None or each.given
                else []
                for each in asks
            ]

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement and return how many rows it changed; alone, it is a transaction."""
        with self.transaction():
            (answer,) = self.send((spelt(sql), parameters))
            return int(answer.rowcount)

    def many(self, sql: str, parameters: Iterable[Parameters], *, last: bool = False) -> None:
        """Run a statement for each set of parameters; all of them as one, with what comes next."""
        if rows := list(parameters):
            with self.transaction():
                if last and self.is_turn:
                    self._last.setdefault(sql, []).extend(cast("list[Sequence[Value]]", rows))
                else:
                    self.waiting.append(as_one(sql, rows))

    def _take_last(self) -> None:
        for sql, rows in sorted(self._last.items()):
            left = sorted(rows, key=lambda row: str(row[0]))
            while left:  # a row that comes twice is written twice, in the order of its coming
                once = {row[0]: row for row in reversed(left)}
                left = [row for row in left if once[row[0]] is not row]
                self.waiting.append(as_one(sql, [*reversed(once.values())]))
        self._last = {}

    def begin(self, *, turn: bool) -> None:
        """Begin a transaction, as a writer; a turn along with its first question."""
        self.is_turn = turn
        lock = _NOBODYS if self._rehearses else _TURN if turn else _ALONE
        self._opening = [("BEGIN", ()), (lock, ()), (_NUMBER, ())]
        if self.fence is not None:
            self._opening.append((_FENCE, (self.fence.machine, self.fence.epoch)))
        if not turn:
            try:
                self.send()
            except BaseException:
                self.end(whole=False)
                raise

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Hold a transaction that is to come to nothing: rows that it writes are left out by turns.

        Nobody else waits for it, however long it takes.
        """
        self._rehearses = True
        try:
            with self.transaction(turn=True):
                yield
        finally:
            self._rehearses = False

    def send(self, *statements: Statement) -> list[Answer]:
        """Send what waits and these, in one way to the server; give the answers to these."""
        opening, self._opening = self._opening, []
        waiting, self.waiting = self.waiting, []
        together = [*opening, *waiting, *statements]
        if not together:
            return []
        pipeline = self.conn.pipeline() if len(together) > 1 else nullcontext()
        with self.translated(), pipeline:
            # What has no values is mostly not worth to be prepared, and as short.
            answers = [
                self.conn.execute(sql, values, prepare=None if values else False)
                for sql, values in together
            ]
        if opening:
            self._see_opening(answers[2 : len(opening)])
        return answers[len(opening) + len(waiting) :]

    def _see_opening(self, answers: Sequence[Answer]) -> None:
        number, *passed = [each.fetchone() for each in answers]
        self._under_way = str((number or [""])[0])
        if None in passed:
            raise FencedOffError(self.name)

    def end(self, *, whole: bool) -> None:
        """Commit it and tell the others, or take it back."""
        spoilt = self.conn.info.transaction_status is TransactionStatus.INERROR
        try:
            if whole and not spoilt:
                self._take_last()
                if self._opening:
                    self.send()  # the fence and the number are heard before the commit
                self.send(*self._told(), ("COMMIT", ()))
            if not self.conn.closed:  # else nobody knows, until `relink`
                self._under_way = None
        finally:
            self._opening, self.waiting, self._last = [], [], {}
            grown, self.grown = self.grown, False
            if self.conn.info.transaction_status is not TransactionStatus.IDLE:
                with suppress(psycopg.Error):  # where the connection is gone it is over as well
                    self.conn.execute("ROLLBACK")
        if grown and whole and not spoilt:
            self.grown = True
            self.tell_planner()
        if whole and spoilt:
            raise HomeUnusableError(
                f"{self.name} took a transaction back, for somebody went on after an error",
                hint="run it again; nothing is lost",
            )

    def tell_planner(self) -> None:
        """Let the planner know what has grown; the server does it by itself, only later."""
        self.grown = False
        with suppress(psycopg.Error):
            self.conn.execute("SELECT looked_over()")

    def _told(self) -> list[Statement]:
        """Make what tells the others what is changed. Of a turn that is no news to them, mostly.

        Commits that notify go one after another, whoever makes them.
        """
        news = self.telling if self.is_turn else ALL_NEWS
        return [(_TELL.format(" ".join(sorted(news))), ())] if news else []


class PostgresEngine:
    """What PostgreSQL does in its own way."""

    keeps_order = False
    in_portions = keeps_tallies = keeps_dead = True

    def __init__(self, connection: PostgresConnection) -> None:
        self._db = connection

    def writes_by_others(self) -> int:
        """Give a number that is another one after any other process has written.

        Each commit notifies, but for turns that change nothing that others heed at once. What came
        meanwhile is heard with any answer of the server's.
        """
        return self._db.heard

    def news(self) -> frozenset[News]:
        """Hand out what others have changed since the last time."""
        with self._db.lock:
            news, self._db.heard_of = frozenset(self._db.heard_of), set()
            return news

    def schema_version(self) -> int:
        """Read the version of the tables; 0 where there are none."""
        if not self._db.all(_IS_MADE):
            return 0
        rows = self._db.all("SELECT value FROM meta WHERE key = 'schema'")
        return int(rows[0][0]) if rows else 0

    def hold_names(self, names: Ask) -> None:
        """Hold names, in the order that all turns hold them in; whoever is alone needs none."""
        if self._db.is_turn and names.given != []:
            sql, values = _asked(names)
            self._db.waiting.append((_HOLD_NAMES.format(sql), values))

    @contextmanager
    def queue(self, name: str, *, rehearsal: bool = False) -> Iterator[None]:
        """Hold a lock of the session's; others of this name wait for it, as long as it takes.

        So long this connection waits for any lock.
        """
        with unhurried(self._db):
            self._db.send(("SET lock_timeout = 0", ()))
            self._db.send((_QUEUE, (name,)))
            self._db.tell_planner()  # of what was cut off it knows nothing, and meets all with all
            try:
                with self._db.rehearsal() if rehearsal else nullcontext():
                    yield
            finally:
                if not self._db.conn.closed:  # else the server lets go of it
                    with suppress(HomeUnusableError):
                        self._db.send((_LEAVE, (name,)))
                        self._db.send((f"SET lock_timeout = '{LOCKED_S}s'", ()))

    @contextmanager
    def merging(self) -> Iterator[None]:
        """Let the planner know what a merge has made of the table, once it is committed.

        Within the transaction another merge's end would wait for it.
        """
        with unhurried(self._db):
            yield
            self._db.grown = True
            if not self._db.depth:
                self._db.tell_planner()

    def fill(self, table: str, rows: Iterable[Sequence[Value]]) -> None:
        """Add many rows to a table, the values in the order of its columns."""
        self._db.send()
        with (
            self._db.translated(),
            self._db.conn.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def erasing(self) -> Iterator[None]:
        """Leave what is deleted to the next vacuum."""
        with unhurried(self._db):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[Query]:
        """Read through a connection of its own, all of one moment."""
        with translated(self._db.name), connect(self._db.url, "waheal, reading") as conn:
            conn.patience = None
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


def _news(payload: str) -> frozenset[News]:
    """Read what was told; from another version's words nobody knows what they leave out."""
    words = payload.split()
    known = frozenset(each for each in News if each in words)
    return known if len(known) == len(words) > 0 else ALL_NEWS


def make(
    connection: PostgresConnection, steps: Callable[[int], Sequence[str]], version: int
) -> None:
    """Bring the tables to this version, unless another process is faster.

    `steps`: what makes them out of those of a version; of 0, out of nothing.
    """
    with unhurried(connection), connection.translated(), connection.conn.transaction():
        connection.conn.execute("SET TRANSACTION READ WRITE")  # also for whoever only looks
        connection.conn.execute(_MAKE)
        if (found := connection.engine.schema_version()) < version:
            for statement in steps(found):
                connection.conn.execute(statement)
            connection.conn.execute(_VERSION, (str(version),))


@contextmanager
def unhurried(connection: PostgresConnection) -> Iterator[None]:
    """Let statements in the block take their time."""
    conn = connection.conn
    before, conn.patience = conn.patience, None
    try:
        yield
    finally:
        conn.patience = before


def _asked(ask: Ask) -> Statement:
    if ask.given is None:
        return spelt(ask.sql), ask.values
    return among(ask.sql, ask.given, cast("Sequence[Value]", ask.values))


def _some_at_once(conn: Watched, sql: str, parameters: Parameters) -> Generator[Row, None, None]:
    with conn.cursor(name="some") as cursor:
        cursor.itersize = _PORTION
        yield from cast("Iterator[Row]", cursor.execute(spelt(sql), parameters))
