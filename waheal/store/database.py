"""What the ledger asks of the database that it lies in; knows no table, and no database.

A statement is written once, for every database: in SQL that they all take (`common_sql.py`), with
`?` or `:name` where a value goes. What each does in its own way stands in its `Engine`.
"""

import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import ClassVar, NamedTuple, Protocol

Value = str | int | float | bytes | None
Parameters = Sequence[Value] | Mapping[str, Value]

Row = sqlite3.Row
"""A row of an answer: values in the order of the statement. From others than SQLite, a tuple."""

Query = Callable[[str, Parameters], Iterator[Row]]
"""Runs a query and gives its rows, one at a time."""


class News(StrEnum):
    """What others have changed in the ledger, as far as a run is to heed it at once."""

    OPT_OUTS = "opt-outs"
    DEVICES = "devices"
    STOPS = "stops"
    REST = "rest"  # whatever else: who is pending, and for whom


ALL_NEWS = frozenset(News)
"""What may have changed where nobody says what did."""


class Ask(NamedTuple):
    """A query with its values; `given`: the rows that stand for `{given}` in it, as a table.

    The marks of `given` come before those of the values. Of no rows given the answer is empty.
    """

    sql: str
    values: Parameters = ()
    given: Sequence[Sequence[Value]] | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """Whose run writes: a machine, and how often its home's part in the ledger was taken."""

    machine: int
    epoch: int


class Connection(ABC):
    """A connection to the ledger's database, shared by the process's threads.

    `lock` guards the connection for one statement, or for one transaction. The only I/O under it
    is the database's own. Whatever goes wrong is a HomeUnusableError, in the operator's words.
    """

    remote: ClassVar[bool]
    """Whether there is a way to it that may be lost: then with a LedgerLostError."""

    def __init__(self, name: str, engine: "Engine", holds: "Holds") -> None:
        self.name = name
        """Where the ledger lies, as an operator reads it."""
        self.engine = engine
        self.holds = holds
        self.machine = 1
        """Which of those that share the ledger this home is; 0: none, and nothing is its own."""
        self.ahead = 0.0
        """By how many seconds the ledger's clock is ahead of this machine's."""
        self.lock = threading.RLock()
        self.fence: Fence | None = None
        """With it no transaction writes once another run has taken the machine's part."""
        self.telling: set[News] = set()
        """What the transaction changes of what others heed at once; guarded by the lock."""
        self.depth = 0
        """Of the transaction's blocks; guarded by the lock."""
        self._alone = _Transaction(self, turn=False)
        self._turn = _Transaction(self, turn=True)

    def tell(self, news: News) -> None:
        """Let others know, with the commit, that this was changed; within a transaction."""
        self.telling.add(news)

    def now(self) -> float:
        """Tell the time (Unix s) by the ledger's clock, as it was compared last."""
        return time.time() + self.ahead

    def transaction(self, *, turn: bool = False) -> AbstractContextManager[None]:
        """Hold one write transaction; an inner one joins the outer, whatever it is.

        What it reads holds until its end: it is alone, and the first to write waits for its turn.
        Several machines' turns (`turn`) go beside each other instead, where the database lets
        them. Then what a turn reads holds only where it has locked the rows.

        An exception rolls everything back, up to the outermost.
        """
        return self._turn if turn else self._alone

    @abstractmethod
    def close(self) -> None:
        """Close it; a second time does nothing."""

    @abstractmethod
    def hurry(self, seconds: float) -> None:
        """Take the way to the database for lost where it does not answer in so many seconds."""

    @abstractmethod
    def relink(self) -> bool:
        """Connect anew after a LedgerLostError; tells whether what was under way is committed.

        It is by then, or never will be. What others wrote meanwhile counts as told.

        Raises: LedgerLostError: it can't be reached yet.
        """

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run a statement and return its rows."""
        return self.ask(Ask(sql, parameters))[0]

    @abstractmethod
    def ask(self, *asks: Ask) -> list[list[Row]]:
        """Run queries one after the other, and return the rows of each.

        To a server that is one way, along with what `many` was given before.
        """

    @abstractmethod
    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement and return how many rows it changed."""

    @abstractmethod
    def many(self, sql: str, parameters: Iterable[Parameters], *, last: bool = False) -> None:
        """Run a statement for each set of parameters, no two of which are about the same row.

        They have no order: all may be run as one. It may be done as late as with the next
        statement that is waited for, or the commit: an error comes then.

        `last`: each is about the row that its first value names, which other machines' turns write
        as well, and may come twice. In a turn they are written as the last thing before the commit,
        in the order of these values: so no two turns wait for each other, and nobody for long.
        """

    @abstractmethod
    def begin(self, *, turn: bool) -> None:
        """Begin a write transaction; for `transaction`.

        Raises: FencedOffError where the fence's machine has another epoch by now.
        """

    @abstractmethod
    def end(self, *, whole: bool) -> None:
        """Commit it, or take it back where it is not `whole`; for `transaction`."""


class _Transaction(AbstractContextManager[None]):
    """A connection's write transaction; blocks within it join it.

    It is entered a dozen times a message: no generator is made.
    """

    def __init__(self, connection: Connection, *, turn: bool) -> None:
        self._db = connection
        self._is_turn = turn

    def __enter__(self) -> None:
        self._db.lock.acquire()
        try:
            if self._db.depth == 0:
                self._db.begin(turn=self._is_turn)
            self._db.depth += 1
        except BaseException:
            self._db.lock.release()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.depth -= 1
        try:
            if self._db.depth == 0:
                self._db.end(whole=error is None)
        finally:
            if self._db.depth == 0:
                self._db.telling.clear()
            self._db.lock.release()


class Holds(Protocol):
    """What machines that share a ledger have in common, and which process has which of them."""

    def take(self, machine: int) -> bool:
        """Hold a machine for as long as the connection lives; False where another one does."""

    def is_taken(self, machine: int) -> bool:
        """Tell whether any process holds a machine."""

    def release(self) -> None:
        """Hold none any more."""

    def is_queue_held(self, name: str) -> bool:
        """Tell whether anybody is at what others of this name queue for (`Engine.queue`)."""

    def incarnation(self) -> str:
        """Tell this database from an earlier one that was put in its place, or took it."""

    def clock(self) -> float:
        """Tell the time (Unix s) by one clock for all who share it."""


class Engine(Protocol):
    """What each database does in its own way."""

    keeps_order: bool
    """Whether a join gives its rows in the order of its first subquery."""

    in_portions: bool
    """Whether a large enrolment is to be many transactions, for it would be in others' way."""

    keeps_tallies: bool
    """Whether counts by state are kept, in `tallies`; else rows are counted."""

    keeps_dead: bool
    """Whether what has left stays in an index's way until somebody tidies up."""

    def writes_by_others(self) -> int:
        """Give a number that is another one after any other process has written."""

    def news(self) -> frozenset[News]:
        """Hand out what others have changed since the last time, as far as it is known."""

    def schema_version(self) -> int:
        """Read the version of the tables; 0 where there are none."""

    def hold_names(self, names: Ask) -> None:
        """Let no other turn hold a name of these until this one is over; the query gives them.

        A turn asks afterwards for what they stand for, and holds them in one order.
        """

    def queue(self, name: str, *, rehearsal: bool = False) -> AbstractContextManager[None]:
        """Hold what others of this name wait for, however long; where one writes, a transaction.

        Else the block has as many transactions as it begins. A `rehearsal` is one, which its end
        takes back by an exception: nobody waits for it who need not.
        """

    def merging(self) -> AbstractContextManager[None]:
        """Lend a large merge the memory that it needs."""

    def fill(self, table: str, rows: Iterable[Sequence[Value]]) -> None:
        """Add many rows to a table, the values in the order of its columns."""

    def erasing(self) -> AbstractContextManager[None]:
        """Take what is deleted in the block out of the free space too, as far as it can be."""

    def snapshot(self) -> AbstractContextManager[Query]:
        """Read apart from the ledger's own connection, each query as of its first row."""

    def damage(self) -> list[str]:
        """List what is found damaged; empty where all is well. Reads everything."""

    def journal_mode(self) -> str:
        """Tell how commits outlive a power loss, in the database's own word."""

    def size(self) -> int:
        """Tell how many bytes the ledger takes."""
