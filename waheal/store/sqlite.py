"""What only SQLite can do, behind names that another engine can answer; knows no table's meaning.

Nothing else of the ledger says PRAGMA once its file is open (database.py), or tells the planner
which index to take. What another engine would do instead stands with each.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from waheal.store.database import CACHE_KIB, Connection

BY_RECIPIENT = "INDEXED BY deliveries_recipient"
"""Looks deliveries up by number, whatever the planner thinks; elsewhere the planner may decide."""

_MERGE_CACHE_KIB = 163_840  # the random-order indexes of a million rows, else pages go out twice


def writes_by_others(connection: Connection) -> int:
    """Give a number that is another one after any other process has written.

    Elsewhere: a counter that notifications raise.
    """
    ((version,),) = connection.all("PRAGMA data_version")
    return int(version or 0)


def schema_version(connection: Connection) -> int:
    """Read the version of the tables; 0 for a new file. Elsewhere: a row of `meta`."""
    ((found,),) = connection.all("PRAGMA user_version")
    return int(found or 0)


def set_schema_version(connection: Connection, version: int) -> None:
    """Note the version of the tables, within the transaction that brought them there."""
    connection.run(f"PRAGMA user_version = {version}")


@contextmanager
def merging(connection: Connection) -> Iterator[None]:
    """Lend a large merge the memory that it needs; elsewhere the server's own affair."""
    connection.run(f"PRAGMA cache_size = -{_MERGE_CACHE_KIB}")
    try:
        yield
    finally:
        connection.run(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.run("PRAGMA shrink_memory")


@contextmanager
def erasing(connection: Connection) -> Iterator[None]:
    """Take what is deleted in the block out of the file's free space and of the WAL too.

    Out of the WAL where no reader holds it. Elsewhere it stays until the next vacuum.
    """
    connection.run("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.run("PRAGMA secure_delete = OFF")
    if not connection.conn.in_transaction:
        connection.all("PRAGMA wal_checkpoint(TRUNCATE)")


def damage(connection: Connection) -> list[str]:
    """List what is damaged; empty where all is well. Reads the whole file."""
    found = connection.all("PRAGMA integrity_check") + connection.all("PRAGMA foreign_key_check")
    return [" ".join(map(str, row)) for row in found if row[0] != "ok"]


def journal_mode(connection: Connection) -> str:
    """Tell the journal mode: `wal`, unless something changed it."""
    ((mode,),) = connection.all("PRAGMA journal_mode")
    return str(mode)
