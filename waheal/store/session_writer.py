"""The few writes to neonize's session database: take over, provision, mend.

`session_moves.py` has those for a device that goes to another machine.

Only under the home's lock, while no host process lives: nothing here looks for one.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from waheal.errors import HomeUnusableError, UsageError
from waheal.store.provisioned import Provisioned
from waheal.store.sessions import OWNED, STAMP_TABLE, orphans, schema_version
from waheal.store.source_sessions import SourceSessions, open_source
from waheal.store.sqlite import CACHE_KIB, close_modes, connect, translated

_OLDEST = 8  # whatsmeow's schema says of itself: "compatible with v8+"


def import_sessions(source: Path, target: Path) -> list[str]:
    """Take over every login of another program's database that `target` doesn't have.

    Any program on whatsmeow will do; its own tables are left alone. The source is only read, also
    while another program uses it. It may be hostile: rows of known tables are copied, and nothing
    that its schema says is run. The target's tables must stand: a host process makes them. Returns
    the JIDs of all of the source's logins.
    Raises: UsageError where the source is no such database, or too old or new; HomeUnusableError
    where the target can't be written, or has no tables.
    """
    with open_source(source) as theirs:
        logins = [each.jid for each in theirs.logins()]
        with writable(target) as conn:
            see_tables(conn, target)
            see_version(theirs, schema_version(conn) or 0)
            # Each row comes along with its device; asking for it a million times is no use.
            conn.execute("PRAGMA foreign_keys = OFF")
            conn.execute("BEGIN IMMEDIATE")
            here = {row[0] for row in conn.execute("SELECT jid FROM whatsmeow_device")}
            copy_rows(theirs, conn, frozenset(logins) - here)
            conn.execute("COMMIT")
    return logins


def provision(target: Path, rows: Iterable[Provisioned]) -> int:
    """Write logins in bulk, in one transaction; returns how many.

    The schema must stand: a host process makes it. Raises: HomeUnusableError.
    """
    count = 0
    with writable(target) as conn:
        see_tables(conn, target)
        conn.execute("BEGIN IMMEDIATE")
        for row in rows:
            _insert(conn, row)
            count += 1
        conn.execute("COMMIT")
    return count


def stamp(target: Path) -> str:
    """Mark the file as used by a new run, before its hosts live; returns the run's stamp.

    A copy from before the run that is put in its place lacks the stamp, so what is absent from
    it proves nothing about the run's messages. A file that isn't there gets none.
    """
    made = secrets.token_hex(16)
    if not target.exists():
        return made
    with writable(target) as conn:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(f"CREATE TABLE IF NOT EXISTS {STAMP_TABLE} (stamp TEXT NOT NULL)")
        conn.execute(f"DELETE FROM {STAMP_TABLE}")  # noqa: S608 - a constant
        conn.execute(f"INSERT INTO {STAMP_TABLE} VALUES (?)", (made,))  # noqa: S608 - likewise
        conn.execute("COMMIT")
    return made


def remove_orphans(target: Path) -> int:
    """Delete the rows whose device isn't there; returns how many."""
    if not target.exists():
        return 0
    with writable(target) as conn:
        conn.execute("BEGIN IMMEDIATE")
        found = orphans(conn)
        for table, column in reversed(OWNED.items()):
            if table in found:
                conn.execute(
                    f"DELETE FROM {table}"  # noqa: S608 - constants
                    f" WHERE {column} NOT IN (SELECT jid FROM whatsmeow_device)"
                )
        conn.execute("COMMIT")
    return sum(found.values())


def use_wal(target: Path) -> bool:
    """Put the database into WAL mode; False where it was already, or isn't there."""
    if not target.exists():
        return False
    with translated(target), closing(connect(target, readonly=False)) as conn:
        before = conn.execute("PRAGMA journal_mode").fetchone()[0]
        conn.execute("PRAGMA journal_mode = WAL")
    return bool(before != "wal")


@contextmanager
def writable(target: Path) -> Iterator[sqlite3.Connection]:
    """Open for writing; what isn't committed by the end is rolled back by closing.

    Raises: HomeUnusableError.
    """
    with translated(target), closing(connect(target, readonly=False)) as conn:
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        yield conn
        close_modes(target)


def see_tables(conn: sqlite3.Connection, target: Path) -> None:
    """See that the library has made its tables. Raises: HomeUnusableError."""
    if "whatsmeow_device" not in tables(conn):
        raise HomeUnusableError(
            f"{target} has no tables yet",
            hint="pair a device, which makes them: `waheal devices pair LABEL`",
        )


def tables(conn: sqlite3.Connection) -> set[str]:
    """Name the tables that there are."""
    found = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in found}


def see_version(theirs: SourceSessions, ours: int) -> None:
    """See that this home's library reads what theirs wrote, by the rule of whatsmeow's upgrades.

    Raises: UsageError.
    """
    version, readable_from = theirs.version()
    if version > ours and readable_from > ours:
        raise UsageError(
            f"{theirs.path} was written by a newer library (schema {version}; this home's is"
            f" {ours})",
            hint="import it with the waheal that knows that library",
        )
    if version < _OLDEST:
        raise UsageError(
            f"{theirs.path} was written by an old library (schema {version})",
            hint="open it once with neonize 0.5.2, which brings it up to date, then import it",
        )


def copy_rows(theirs: SourceSessions, conn: sqlite3.Connection, jids: frozenset[str]) -> None:
    """Copy all that belongs to these logins, and the LIDs that are not known yet.

    Raises: UsageError where a row does not fit.
    """
    ours = tables(conn)
    try:
        for table, owner in {"whatsmeow_device": "jid", **OWNED}.items():
            if table in ours:
                _copy_table(theirs, conn, table, owner, jids)
        # What this home has learned itself is newer than a copy.
        conn.executemany(
            "INSERT OR IGNORE INTO whatsmeow_lid_map (lid, pn) VALUES (?, ?)", theirs.lids()
        )
    except sqlite3.IntegrityError as error:
        raise UsageError(
            f"{theirs.path} has a row that the library would not write: {error}",
            hint="open it once with neonize 0.5.2, and see that its devices work",
        ) from error


def _copy_table(
    theirs: SourceSessions, conn: sqlite3.Connection, table: str, owner: str, jids: frozenset[str]
) -> None:
    """Copy these devices' rows; what only our table has takes its default."""
    known = theirs.columns(table)
    columns = [row[1] for row in conn.execute(f"PRAGMA table_info({table})") if row[1] in known]
    if owner not in columns:
        return
    at = columns.index(owner)
    one = (owner, *jids) if len(jids) == 1 else None
    conn.executemany(
        f"INSERT OR REPLACE INTO {table} ({', '.join(columns)})"  # noqa: S608 - names of ours
        f" VALUES ({', '.join('?' * len(columns))})",
        (row for row in theirs.rows(table, columns, one) if row[at] in jids),
    )


def _insert(conn: sqlite3.Connection, row: Provisioned) -> None:
    raw = bytes.fromhex
    conn.execute(
        "INSERT INTO whatsmeow_device (jid, lid, registration_id, noise_key, identity_key,"
        " signed_pre_key, signed_pre_key_id, signed_pre_key_sig, adv_key, adv_details,"
        " adv_account_sig, adv_account_sig_key, adv_device_sig, platform)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.jid, row.lid, row.registration_id, raw(row.noise_key), raw(row.identity_key),
            raw(row.signed_pre_key), row.signed_pre_key_id, raw(row.signed_pre_key_sig),
            raw(row.adv_key), raw(row.adv_details), raw(row.adv_account_sig),
            raw(row.adv_account_sig_key), raw(row.adv_device_sig), row.platform,
        ),
    )  # fmt: skip
    # Marked as uploaded: fewer than five, and the client makes and uploads more at its login.
    conn.executemany(
        "INSERT INTO whatsmeow_pre_keys (jid, key_id, key, uploaded) VALUES (?, ?, ?, 1)",
        [(row.jid, each.key_id, raw(each.key)) for each in row.pre_keys],
    )
    conn.execute(
        "INSERT INTO whatsmeow_identity_keys (our_jid, their_id, identity) VALUES (?, ?, ?)",
        (row.jid, row.identity_id, raw(row.identity)),
    )
    conn.execute(
        "INSERT OR REPLACE INTO whatsmeow_lid_map (lid, pn) VALUES (?, ?)",
        (row.lid_user, row.pn_user),
    )
    conn.execute(
        "INSERT INTO whatsmeow_nct_salt (our_jid, salt) VALUES (?, ?)", (row.jid, raw(row.salt))
    )
