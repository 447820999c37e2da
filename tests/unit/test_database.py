import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from waheal.errors import HomeUnusableError
from waheal.store.sqlite import SqliteConnection, translated


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[SqliteConnection]:
    with closing(SqliteConnection(tmp_path / "a.db", readonly=False)) as opened:
        opened.run("CREATE TABLE words (word TEXT)")
        yield opened


def words(connection: SqliteConnection) -> list[str]:
    return [str(each[0]) for each in connection.all("SELECT word FROM words ORDER BY rowid")]


def test_a_commit_waits_for_the_disk(connection: SqliteConnection) -> None:
    assert connection.all("PRAGMA journal_mode")[0][0] == "wal"
    assert connection.all("PRAGMA synchronous")[0][0] == 2  # FULL
    assert connection.all("PRAGMA foreign_keys")[0][0] == 1


def test_an_inner_transaction_joins_the_outer(connection: SqliteConnection) -> None:
    with connection.transaction():
        with connection.transaction():
            connection.run("INSERT INTO words VALUES ('inner')")
        assert connection.conn.in_transaction
    assert words(connection) == ["inner"]


def test_an_exception_rolls_back_all_that_joined(connection: SqliteConnection) -> None:
    def both() -> None:
        with connection.transaction():
            with connection.transaction():
                connection.run("INSERT INTO words VALUES ('lost')")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        both()
    assert words(connection) == []
    with connection.transaction():  # and the next one begins anew
        connection.run("INSERT INTO words VALUES ('kept')")
    assert words(connection) == ["kept"]


def test_a_transaction_has_its_turn_from_its_beginning(connection: SqliteConnection) -> None:
    with (
        closing(sqlite3.connect(connection.path, timeout=0, isolation_level=None)) as other,
        connection.transaction(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_threads_take_turns(connection: SqliteConnection) -> None:
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        for _ in range(20):
            with connection.transaction():
                connection.run("INSERT INTO words VALUES (?)", (f"{number} a",))
                connection.run("INSERT INTO words VALUES (?)", (f"{number} b",))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pairs = words(connection)
    assert len(pairs) == 320
    assert all(a.split()[0] == b.split()[0] for a, b in zip(pairs[::2], pairs[1::2], strict=True))


@pytest.mark.parametrize(
    ("code", "says", "hint"),
    [
        (sqlite3.SQLITE_BUSY, "is locked", "close what has it open"),
        (sqlite3.SQLITE_LOCKED, "is locked", "close what has it open"),
        (sqlite3.SQLITE_CORRUPT, "is damaged", "backup"),
        (sqlite3.SQLITE_NOTADB, "is damaged", "backup"),
        (sqlite3.SQLITE_FULL, "disk is full", "free some space"),
        (sqlite3.SQLITE_READONLY, "is read-only", "writable"),
        (sqlite3.SQLITE_CANTOPEN, "can't be opened", "there, writable, and yours"),
        (sqlite3.SQLITE_IOERR | 3 << 8, "can't be read or written", "disk"),
        (sqlite3.SQLITE_ERROR, "can't be used", "doctor"),
    ],
)
def test_every_error_says_what_happened_and_what_to_do(code: int, says: str, hint: str) -> None:
    error = sqlite3.OperationalError("sqlite's own words")
    error.sqlite_errorcode = code
    with pytest.raises(HomeUnusableError, match=says) as caught, translated(Path("/x/a.db")):
        raise error
    assert "sqlite's own words" in caught.value.message
    assert hint in str(caught.value.hint)


def test_a_full_disk_loses_nothing_that_was_committed(connection: SqliteConnection) -> None:
    connection.run("INSERT INTO words VALUES ('kept')")
    (pages,) = connection.all("PRAGMA page_count")[0]
    connection.run(f"PRAGMA max_page_count = {pages}")
    large = [("x" * 1000,)] * 100
    with pytest.raises(HomeUnusableError, match="disk is full"), connection.transaction():
        connection.many("INSERT INTO words VALUES (?)", large)
    assert words(connection) == ["kept"]
