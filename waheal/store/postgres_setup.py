"""Makes a ledger in a database, once, for all machines; knows no row of it."""

from waheal.errors import HomeUnusableError
from waheal.store import postgres_schema
from waheal.store.postgres import PostgresConnection

_DURABILITY = """
SELECT current_setting('fsync') = 'off', current_setting('synchronous_commit') = 'off'
"""


def set_up(connection: PostgresConnection) -> bool:
    """Make the tables, or bring them to this version; tells whether there were none.

    Raises: HomeUnusableError where they are newer, or the server does not keep what it commits.
    """
    see_it_keeps_what_it_commits(connection)
    is_new = connection.engine.schema_version() == 0
    postgres_schema.migrate(connection)
    return is_new


def see_it_keeps_what_it_commits(connection: PostgresConnection) -> None:
    """Let only a server pass whose commits outlive its crash: a claim is one, and then it is sent.

    Raises: HomeUnusableError.
    """
    ((fsync, commit),) = connection.all(_DURABILITY)
    for name, is_off in (("fsync", fsync), ("synchronous_commit", commit)):
        if is_off:
            raise HomeUnusableError(
                f"{connection.name} has {name} = off: what it commits may be gone after a crash,"
                " and somebody be written to twice",
                hint=f"set {name} = on, for the server and for this user",
            )
