"""A device's session on its way to another machine; knows no ledger, which says whose it is.

Theory of operation. Before a device is given away its rows are written to a file, with a note of
the move's token, and the same note is made beside them. So the file is told from those of earlier
moves; and where the rows are still there once the ledger says that the device is another machine's,
the note says that a file has them, so that they may go. Rows without one are never taken out.

As `session_writer.py` it looks for no host: what is taken out no process may have in its hands.
What is taken in none has yet, so that it may come beside a run, as a pairing does.
"""

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

from waheal.store.session_writer import copy_rows, see_tables, see_version, tables, writable
from waheal.store.sessions import OWNED, schema_version
from waheal.store.source_sessions import SourceSessions, open_source
from waheal.store.sqlite import MEMORY, connect, translated

_NOTES = "waheal_moves"
_MAKE = f"CREATE TABLE IF NOT EXISTS {_NOTES} (jid TEXT PRIMARY KEY, token INTEGER NOT NULL)"
_NOTE = f"INSERT OR REPLACE INTO {_NOTES} VALUES (?, ?)"  # noqa: S608 - a constant

_MADE = """
SELECT sql FROM sqlite_master WHERE name LIKE 'whatsmeow%' AND sql IS NOT NULL ORDER BY type DESC
"""


def pack(database: Path, jid: str, token: int) -> bytes:
    """Note that a session moves, and give it as a database of its own, of the same layout.

    It stays where it is. Raises: HomeUnusableError.
    """
    with writable(database) as conn:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(_MAKE)
        conn.execute(_NOTE, (jid, token))
        conn.execute("COMMIT")
    with translated(database), closing(connect(database, readonly=True)) as conn:
        return _packed(SourceSessions(database, conn), conn, jid, token)


def _packed(source: SourceSessions, conn: sqlite3.Connection, jid: str, token: int) -> bytes:
    with closing(connect(Path(MEMORY), readonly=False)) as made:
        for (statement,) in conn.execute(_MADE).fetchall():
            made.execute(statement)
        made.execute("BEGIN")
        columns = sorted(source.columns("whatsmeow_version"))
        made.executemany(
            f"INSERT INTO whatsmeow_version ({', '.join(columns)})"  # noqa: S608 - the library's names
            f" VALUES ({', '.join('?' * len(columns))})",
            source.rows("whatsmeow_version", columns),
        )
        copy_rows(source, made, frozenset({jid}))
        made.execute(_MAKE)
        made.execute(_NOTE, (jid, token))
        made.execute("COMMIT")
        return made.serialize()


def packed_in(file: Path) -> tuple[str, int] | None:
    """Tell of which session a file is, and by which move's token; None: it is no move's.

    The file may be hostile. Raises: UsageError where it is no database of the library's.
    """
    with open_source(file) as source:
        notes = list(islice(source.rows(_NOTES, ["jid", "token"]), 2))
        if len(notes) != 1:
            return None
        ((jid, token),) = notes
        logins = [each.jid for each in source.logins()]
    return (str(jid), token) if isinstance(token, int) and logins == [jid] else None


def unpack(file: Path, database: Path, jid: str) -> None:
    """Take a session in; what is left of it here from earlier is older, and goes.

    The file may be hostile. Raises: UsageError, HomeUnusableError, as `import_sessions` does.
    """
    with open_source(file) as source, writable(database) as conn:
        see_tables(conn, database)
        see_version(source, schema_version(conn) or 0)
        conn.execute("BEGIN IMMEDIATE")
        _delete(conn, jid)
        copy_rows(source, conn, frozenset({jid}))
        conn.execute("COMMIT")


def noted(database: Path, jid: str) -> int | None:
    """Tell the token that a session's rows were noted with; None: there are none, or no note.

    Raises: HomeUnusableError.
    """
    if not database.exists():
        return None
    with translated(database), closing(connect(database, readonly=True)) as conn:
        if not {_NOTES, "whatsmeow_device"} <= tables(conn):
            return None
        found = conn.execute(
            f"SELECT token FROM {_NOTES} JOIN whatsmeow_device USING (jid) WHERE jid = ?",  # noqa: S608 - a constant
            (jid,),
        ).fetchone()
        return None if found is None else int(found[0])


def take_out(database: Path, jid: str) -> None:
    """Take a session out: a file has it, and the ledger says that it is another machine's.

    Raises: HomeUnusableError.
    """
    with writable(database) as conn:
        conn.execute("BEGIN IMMEDIATE")
        _delete(conn, jid)
        conn.execute("COMMIT")


def _delete(conn: sqlite3.Connection, jid: str) -> None:
    there = tables(conn)
    for table, column in reversed([("whatsmeow_device", "jid"), *OWNED.items(), (_NOTES, "jid")]):
        if table in there:
            conn.execute(f"DELETE FROM {table} WHERE {column} = ?", (jid,))  # noqa: S608 - constants
