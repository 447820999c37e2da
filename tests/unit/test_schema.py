from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from waheal.errors import HomeUnusableError
from waheal.model import ExitCode
from waheal.store import schema, sqlite
from waheal.store.database import Connection


def test_a_new_ledger_is_brought_to_this_version_once(tmp_path: Path) -> None:
    with closing(Connection(tmp_path / "a.db", readonly=False)) as connection:
        assert sqlite.schema_version(connection) == 0
        schema.migrate(connection)
        assert sqlite.schema_version(connection) == schema.VERSION
        schema.migrate(connection)


def test_a_newer_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    with closing(Connection(tmp_path / "a.db", readonly=False)) as connection:
        connection.run(f"PRAGMA user_version = {schema.VERSION + 1}")
        with pytest.raises(HomeUnusableError, match="newer waheal") as caught:
            schema.migrate(connection)
        assert caught.value.exit_code is ExitCode.HOME_UNUSABLE
        assert "update waheal" in str(caught.value.hint)
        assert connection.all("SELECT * FROM sqlite_master") == []


def test_the_next_step_keeps_what_the_version_before_has_written(tmp_path: Path) -> None:
    def next_one(db: Database) -> None:
        db.conn.execute("ALTER TABLE marks ADD COLUMN since FLOAT")

    with closing(Connection(tmp_path / "a.db", readonly=False)) as connection:
        schema.migrate(connection)
        connection.run("INSERT INTO marks (key, value) VALUES ('foreign', 7)")
        schema.migrate(connection, (*schema.MIGRATIONS, next_one))
        assert sqlite.schema_version(connection) == schema.VERSION + 1
        (kept,) = connection.all("SELECT key, value, since FROM marks")
        assert tuple(kept) == ("foreign", 7, None)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("half way")

    with closing(Connection(tmp_path / "a.db", readonly=False)) as connection:
        with pytest.raises(RuntimeError, match="half way"):
            schema.migrate(connection, (*schema.MIGRATIONS, broken))
        assert sqlite.schema_version(connection) == 0
        assert connection.all("SELECT * FROM sqlite_master") == []
