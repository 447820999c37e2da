"""Migrations of a ledger in PostgreSQL end where a new one begins."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit import postgres
from waheal.errors import HomeUnusableError
from waheal.store import schema

if TYPE_CHECKING:
    from waheal.store.postgres import PostgresConnection

pytestmark = pytest.mark.cluster

FIRST = 9
"""The first version that there were ledgers of in PostgreSQL."""

_TABLES = """
SELECT table_name, ordinal_position, column_name, data_type, collation_name, is_nullable,
       regexp_replace(column_default, '''|::\\w+', '', 'g')
  FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2
"""
_INDEXES = """
SELECT indexname, replace(indexdef, current_schema(), '') FROM pg_indexes
 WHERE schemaname = current_schema() ORDER BY 1
"""


Opened = Callable[[str], "PostgresConnection"]


@pytest.fixture
def opened(tmp_path: Path, postgres_url: str) -> Iterator[Opened]:
    """Open an empty schema by a name; with "look", only to read in it."""
    from waheal.store.postgres import PostgresConnection  # noqa: PLC0415 - of an extra

    with ExitStack() as stack:

        def one(name: str) -> PostgresConnection:
            at = postgres.place(postgres_url, tmp_path / name)
            connection = PostgresConnection(at, readonly=name == "look")
            return stack.enter_context(closing(connection))

        yield one


def migrate(connection: "PostgresConnection") -> None:
    from waheal.store import postgres_schema  # noqa: PLC0415 - of an extra

    postgres_schema.migrate(connection)


def make(connection: "PostgresConnection", version: int) -> None:
    from waheal.store import postgres_schema  # noqa: PLC0415 - of an extra
    from waheal.store.postgres import make as bring  # noqa: PLC0415 - of an extra

    bring(connection, lambda found: postgres_schema.steps(found, version), version)


@pytest.mark.parametrize("version", range(FIRST, schema.VERSION))
def test_an_older_ledger_becomes_what_a_new_one_is(opened: Opened, version: int) -> None:
    old, new = opened("old"), opened("new")
    make(old, version)
    assert old.engine.schema_version() == version
    old.run("INSERT INTO devices (label) VALUES ('shop')")
    migrate(new)
    migrate(old)
    assert old.engine.schema_version() == new.engine.schema_version() == schema.VERSION
    assert old.all(_TABLES) == new.all(_TABLES)
    assert old.all(_INDEXES) == new.all(_INDEXES)
    assert old.all("SELECT label, machine FROM devices") == [("shop", 1)]


def test_a_newer_ledger_is_refused(opened: Opened) -> None:
    new = opened("new")
    migrate(new)
    from waheal.store.postgres import make as bring  # noqa: PLC0415 - of an extra

    bring(new, lambda _: (), schema.VERSION + 1)
    with pytest.raises(HomeUnusableError, match="newer waheal"):
        migrate(new)


def test_whoever_only_looks_migrates_too(opened: Opened) -> None:
    looking = opened("look")
    migrate(looking)
    with pytest.raises(HomeUnusableError, match="is read-only"):
        looking.run("INSERT INTO devices (label) VALUES ('shop')")
