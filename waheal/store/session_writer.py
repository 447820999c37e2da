"""The few writes to neonize's session database: take over, provision, mend.

Only under the home's lock, while no host process lives: nothing here looks for one.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from waheal.errors import HomeUnusableError, UsageError
from waheal.store.database import CACHE_KIB, close_modes, connect, translated
from waheal.store.provisioned import Provisioned
from waheal.store.sessions import (
    OWNED,
    STAMP_TABLE,
    Session,
    Sessions,
    orphans,
    schema_version,
)

_OLDEST = 8  # whatsmeow's schema says of itself: "compatible with v8+"


def import_sessions(source: Path, target: Path) -> list[Session]:
    """Take over every login of another program's database that `target` doesn't have.

    Any program on whatsmeow will do; its own tables are left alone. The source is only read
    (`mode=ro`), also while another program uses it. It may be hostile: rows of known tables are
    copied, and nothing that its schema says is run. The target's tables must stand: a host process
    makes them. Returns the logins taken over.
    Raises: UsageError where the source is no such database, or too old or new; HomeUnusableError
    where the target can't be written, or has no tables.
    """
    there = _logins(source)
    with _writable(target) as conn:
        _see_tables(conn, target)
        conn.execute("PRAGMA trusted_schema = OFF")
        # Each row comes along with its device; asking for it a million times is no use.
        conn.execute("PRAGMA foreign_keys = OFF")
        try:
            # Attached before the transaction: SQLite attaches nothing within one.
            conn.execute("ATTACH ? AS source", (f"{source.absolute().as_uri()}?mode=ro",))
        except sqlite3.Error as error:
            raise _unreadable(source, error) from error
        if "whatsmeow_version" not in _tables(conn, "source"):
            raise UsageError(
                f"{source} doesn't say which library wrote it",
                hint="open it once with neonize 0.5.2, which brings it up to date, then import it",
            )
        conn.execute("BEGIN IMMEDIATE")
        _check_versions(conn, source)
        here = {row[0] for row in conn.execute("SELECT jid FROM main.whatsmeow_device")}
        taken = [session for jid, session in there.items() if jid not in here]
        _copy(conn, [session.jid for session in taken])
        conn.execute("COMMIT")
    return taken


def provision(target: Path, rows: Iterable[Provisioned]) -> int:
    """Write logins in bulk, in one transaction; returns how many.

    The schema must stand: a host process makes it. Raises: HomeUnusableError.
    """
    count = 0
    with _writable(target) as conn:
        _see_tables(conn, target)
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
    with _writable(target) as conn:
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
    with _writable(target) as conn:
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


def _logins(source: Path) -> dict[str, Session]:
    if not source.exists():
        raise UsageError(f"{source} isn't there", hint="name neonize's database file")
    sessions = Sessions(source)
    try:
        found = sessions.devices()
    except HomeUnusableError as error:
        raise UsageError(
            f"{source} can't be read as neonize's database: {error.message}", hint=error.hint
        ) from error
    finally:
        sessions.close()
    if not found:
        raise UsageError(
            f"{source} holds no login", hint="name the database that neonize was given as its name"
        )
    return found


@contextmanager
def _writable(target: Path) -> Iterator[sqlite3.Connection]:
    """Open for writing; what isn't committed by the end is rolled back by closing."""
    with translated(target), closing(connect(target, readonly=False)) as conn:
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        yield conn
        close_modes(target)


def _see_tables(conn: sqlite3.Connection, target: Path) -> None:
    if "whatsmeow_device" not in _tables(conn, "main"):
        raise HomeUnusableError(
            f"{target} has no tables yet",
            hint="let neonize make them: pair a device, or start a host once",
        )


def _tables(conn: sqlite3.Connection, schema: str) -> set[str]:
    """List the library's tables; one that only runs code when it is read is none."""
    return {
        row[0]
        for row in conn.execute(
            f"SELECT name FROM {schema}.sqlite_master"  # noqa: S608 - one of two words
            " WHERE type = 'table' AND name LIKE 'whatsmeow%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
    }


def _check_versions(conn: sqlite3.Connection, source: Path) -> None:
    """See that this home's library reads what theirs wrote, by the rule of whatsmeow's upgrades.

    A newer schema says down to which version it may be read (`compat`, missing in old ones).
    """
    ours = schema_version(conn) or 0
    columns = {row[1] for row in conn.execute("PRAGMA source.table_info(whatsmeow_version)")}
    compat = "compat" if "compat" in columns else "NULL"
    row = conn.execute(
        f"SELECT version, COALESCE({compat}, version) FROM source.whatsmeow_version LIMIT 1"  # noqa: S608 - one of two words
    ).fetchone()
    theirs, readable_from = (int(row[0]), int(row[1])) if row else (0, 0)
    if theirs > ours and readable_from > ours:
        raise UsageError(
            f"{source} was written by a newer library (schema {theirs}; this home's is {ours})",
            hint="import it with the waheal that knows that library",
        )
    if theirs < _OLDEST:
        raise UsageError(
            f"{source} was written by an old library (schema {theirs})",
            hint="open it once with neonize 0.5.2, which brings it up to date, then import it",
        )


def _copy(conn: sqlite3.Connection, jids: Sequence[str]) -> None:
    conn.execute("CREATE TEMP TABLE taken (jid TEXT PRIMARY KEY)")
    conn.executemany("INSERT INTO temp.taken VALUES (?)", [(jid,) for jid in jids])
    theirs = _tables(conn, "source")
    ours = _tables(conn, "main")
    for table, column in {"whatsmeow_device": "jid", **OWNED}.items():
        if table in theirs and table in ours:
            columns = ", ".join(_common(conn, table))
            conn.execute(
                f"INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns}"  # noqa: S608 - names of columns
                f" FROM source.{table} WHERE {column} IN (SELECT jid FROM temp.taken)"
            )
    if "whatsmeow_lid_map" in theirs:
        # What this home has learned itself is newer than a copy.
        conn.execute(
            "INSERT OR IGNORE INTO main.whatsmeow_lid_map (lid, pn)"
            " SELECT lid, pn FROM source.whatsmeow_lid_map"
        )


def _common(conn: sqlite3.Connection, table: str) -> list[str]:
    """List the columns that both have; what only ours has takes its default."""
    theirs = {row[1] for row in conn.execute(f"PRAGMA source.table_info({table})")}
    return [row[1] for row in conn.execute(f"PRAGMA main.table_info({table})") if row[1] in theirs]


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


def _unreadable(source: Path, error: sqlite3.Error) -> UsageError:
    return UsageError(
        f"{source} can't be read: {error}",
        hint="check its owner and mode, and that it is neonize's database",
    )
