"""Makes a ledger in a database, once, for all machines; knows no row of it."""

from dataclasses import dataclass

from waheal.errors import HomeUnusableError
from waheal.store import postgres_schema
from waheal.store.postgres import PostgresConnection

_DURABILITY = """
SELECT current_setting('fsync') = 'off', current_setting('synchronous_commit') = 'off'
"""


ROLES = ("waheal", "waheal_read")
"""Who sends, and who only looks; the tables belong to who made them."""

_WHO = """
SELECT (rolsuper OR rolcreaterole)::int, quote_ident(current_database()),
       quote_ident(current_schema()) FROM pg_roles WHERE rolname = current_user
"""

_GRANTS = (
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO waheal",
    "GRANT CONNECT ON DATABASE {database} TO waheal_read",
    "GRANT USAGE ON SCHEMA {schema} TO waheal, waheal_read",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO waheal",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO waheal",
    "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO waheal_read",
    "GRANT USAGE ON SCHEMA {queues} TO waheal",
    "GRANT ALL ON ALL TABLES IN SCHEMA {queues} TO waheal",
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA {queues} TO waheal",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {queues} TO waheal",
)


@dataclass(frozen=True, slots=True)
class Grants:
    """Which users were made ready, and else the statements that are left for who may run them."""

    roles: tuple[str, ...]
    left: tuple[str, ...]


def set_up(connection: PostgresConnection) -> bool:
    """Make the tables, or bring them to this version; tells whether there were none.

    Raises: HomeUnusableError where they are newer, or the server does not keep what it commits.
    """
    see_it_keeps_what_it_commits(connection)
    is_new = connection.engine.schema_version() == 0
    postgres_schema.migrate(connection)
    return is_new


def grants(connection: PostgresConnection, queues: str) -> Grants:
    """Make the users of every day, and grant them what they need; or write the statements for it.

    `queues`: the schema of the machines' queues. Who may not make users, or grant, is told what is
    to be run by who may.
    """
    ((may, database, schema),) = connection.all(_WHO)
    missing = [] if may else [role for role in ROLES if not _is_there(connection, role)]
    make = [f"CREATE ROLE {role} LOGIN" for role in ROLES if not _is_there(connection, role)]
    told = [each.format(database=database, schema=schema, queues=queues) for each in _GRANTS]
    if missing:
        return Grants((), (*make, *told))
    with connection.transaction():
        for statement in (*make, *told):
            connection.run(statement)
    return Grants(ROLES, ())


def _is_there(connection: PostgresConnection, role: str) -> bool:
    return bool(connection.all("SELECT 1 FROM pg_roles WHERE rolname = ?", (role,)))


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
