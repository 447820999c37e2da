"""Where a ledger lies, and how it is opened and brought to this version; knows no part of it."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from waheal.errors import LedgerLostError, UsageError
from waheal.ledger_url import LedgerUrl, read_ledger_url
from waheal.store import schema
from waheal.store.database import Connection
from waheal.store.sqlite import MEMORY, SqliteConnection, close_modes

if TYPE_CHECKING:
    from waheal.store.postgres import PostgresConnection
    from waheal.store.postgres_setup import Grants


def opened(at: str | Path | LedgerUrl, *, readonly: bool, make: bool) -> Connection:
    """Open the database that a ledger lies in: a file of SQLite's, or a `postgresql://` URL.

    `readonly`: writes nothing but the migrations; where no file is, an empty ledger is opened.
    `make`: on a server, make the tables where there are none.
    Raises: HomeUnusableError, or UsageError where it is no place for a ledger.
    """
    if isinstance(at, str) and "://" in at:
        at = read_ledger_url(at)
    if isinstance(at, LedgerUrl):
        return _server(at, readonly=readonly, make=make)
    return _file(Path(at).absolute(), readonly=readonly)


def set_up(at: LedgerUrl) -> bool:
    """Make a ledger in a database, or bring it to this version; tells whether there was none.

    Raises: HomeUnusableError, or UsageError where the way to it is open to others.
    """
    with closing(_connected(at, readonly=False)) as connection:
        from waheal.store import postgres_setup  # noqa: PLC0415 - of an extra

        return postgres_setup.set_up(connection)


def grant(at: LedgerUrl, queues: str) -> "Grants":
    """Make the users of every day ready; `queues`: the schema of the machines' queues.

    Raises: HomeUnusableError.
    """
    with closing(_connected(at, readonly=False)) as connection:
        from waheal.store import postgres_setup  # noqa: PLC0415 - of an extra

        return postgres_setup.grants(connection, queues)


def leads_elsewhere(at: LedgerUrl) -> bool:
    """Tell whether the way to a ledger leads off this machine."""
    from waheal.store import postgres_way  # noqa: PLC0415 - of an extra

    return postgres_way.leads_elsewhere(at)


def _server(at: LedgerUrl, *, readonly: bool, make: bool) -> Connection:
    connection = _connected(at, readonly=readonly)
    try:
        from waheal.store import postgres_schema  # noqa: PLC0415 - of an extra

        if not make:
            postgres_schema.see_it_is_there(connection)
        postgres_schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(at: LedgerUrl, *, readonly: bool) -> "PostgresConnection":
    try:
        from waheal.store.postgres import PostgresConnection  # noqa: PLC0415 - of an extra
        from waheal.store.postgres_way import address, see_it_is_private  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise UsageError(
            f"a ledger in PostgreSQL needs what is not installed: {error.name}",
            hint="install it with `pip install 'waheal[cluster]'`",
        ) from error
    see_it_is_private(at)
    try:
        return PostgresConnection(at.text, readonly=readonly)
    except LedgerLostError as error:
        host, port = address(at.text)
        words = " ".join(str(error.__cause__).split())
        raise LedgerLostError(
            f"the ledger's server at {host}, port {port}, can't be reached; nothing was sent"
            f" ({words})",
            hint=f"{error.hint}; then run it again",
        ) from error


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
