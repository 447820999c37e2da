"""Where a ledger lies, and how it is opened and brought to this version; knows no part of it."""

import re
from contextlib import ExitStack, closing
from pathlib import Path

from waheal.errors import UsageError
from waheal.store import schema
from waheal.store.database import Connection
from waheal.store.sqlite import MEMORY, SqliteConnection, close_modes

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def opened(at: str | Path, *, readonly: bool) -> Connection:
    """Open the database that a ledger lies in: a file of SQLite's, or a `postgresql://` URL.

    `readonly`: writes nothing but the migrations; where no file is, an empty ledger is opened.
    Raises: HomeUnusableError, or UsageError where it is no place for a ledger.
    """
    if isinstance(at, str) and (scheme := _URL.match(at)):
        if scheme[1].lower() in {"postgresql", "postgres"}:
            return _server(at, readonly=readonly)
        raise UsageError(
            f"a ledger can't be kept in {scheme[0]}…",
            hint="name the path of a file, or a postgresql:// URL",
        )
    return _file(Path(at).absolute(), readonly=readonly)


def _server(url: str, *, readonly: bool) -> Connection:
    try:
        from waheal.store.postgres import PostgresConnection  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise UsageError(
            f"a ledger in PostgreSQL needs what is not installed: {error.name}",
            hint="install it with `pip install 'waheal[cluster]'`",
        ) from error
    from waheal.store import postgres_schema  # noqa: PLC0415 - likewise

    connection = PostgresConnection(url, readonly=readonly)
    try:
        postgres_schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _file(path: Path, *, readonly: bool) -> SqliteConnection:
    if readonly and not path.exists():
        # Nothing is written for a mere look at a home that was never used.
        return _migrated(SqliteConnection(MEMORY, readonly=False))
    if readonly:
        with ExitStack() as unless_current:
            look = unless_current.enter_context(closing(SqliteConnection(path, readonly=True)))
            if schema.check(look) == schema.VERSION:
                unless_current.pop_all()
                return look
    close_modes(path)
    return _migrated(SqliteConnection(path, readonly=False))


def _migrated(connection: SqliteConnection) -> SqliteConnection:
    try:
        schema.migrate(connection)
        if connection.path != MEMORY:
            close_modes(connection.path)
    except BaseException:
        connection.close()
        raise
    return connection
