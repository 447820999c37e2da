import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.session_db import OUR_JID, SessionDb
from waheal.errors import UsageError
from waheal.store.source_sessions import open_source

Value = str | int | float | bytes | None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "theirs.db"
    with closing(SessionDb(made)) as database:
        database.device()
        database.map("9991", "12025550191")
    return made


def spoil(path: Path, sql: str, *values: Value) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute(sql, values)


def read(path: Path) -> None:
    with open_source(path) as source:
        source.version()
        source.logins()
        source.lids()


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as told:
        read(path)
    assert told.value.hint
    return told.value.message


def test_the_librarys_own_is_read(path: Path) -> None:
    with open_source(path) as source:
        assert source.version() == (15, 8)
        assert [each.jid for each in source.logins()] == [OUR_JID]
        assert source.lids() == [("9991", "12025550191")]
        assert list(source.rows("whatsmeow_unheard_of", ["jid"])) == []
        assert list(source.rows("whatsmeow_device", ["unheard_of"])) == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW whatsmeow_contacts AS SELECT * FROM whatsmeow_nowhere",
        "CREATE VIRTUAL TABLE whatsmeow_contacts USING fts4(our_jid)",
        "UPDATE sqlite_master SET sql = replace(sql, 'CREATE TABLE', 'create/**/table')",
    ],
)
def test_a_schema_that_would_run_something_is_refused(path: Path, sql: str) -> None:
    spoil(path, sql)
    assert "is no table" in refused(path)


@pytest.mark.parametrize("kind", ["VIRTUAL", "STORED"])
def test_a_column_that_is_made_when_it_is_read_is_refused(path: Path, kind: str) -> None:
    spoil(path, "DROP TABLE whatsmeow_device")
    made = f"lid TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) {kind}"
    spoil(path, f"CREATE TABLE whatsmeow_device (jid TEXT, identity_key BLOB, {made})")
    assert "made when it is read" in refused(path)


@pytest.mark.parametrize(
    "jid",
    [
        None, 7, b"12025550190:7@s.whatsapp.net", "", "@", "12025550190@s.whatsapp.net",
        f"{OUR_JID}\x1b[2J", f"{OUR_JID}\n", "../x:1@s.whatsapp.net", "12025550190:7@evil",
        "٣٣٣٣٣٣٣:1@s.whatsapp.net", "9" * 400 + ":1@s.whatsapp.net",
    ],
)  # fmt: skip
def test_a_login_has_the_jid_of_a_device(path: Path, jid: Value) -> None:
    spoil(path, "UPDATE whatsmeow_device SET jid = ?", jid)
    assert "a login of it is none" in refused(path)


@pytest.mark.parametrize("key", [None, 7, "k" * 32, b"k" * 31])
def test_a_login_has_an_identity(path: Path, key: Value) -> None:
    spoil(path, "UPDATE whatsmeow_device SET identity_key = ?", key)
    assert "identity" in refused(path)


@pytest.mark.parametrize("lid", [7, b"9990:7@lid", "9990@evil", "\x1b[2J@lid"])
def test_a_login_has_a_lid_or_none(path: Path, lid: Value) -> None:
    spoil(path, "UPDATE whatsmeow_device SET lid = ?", lid)
    assert "is none" in refused(path)


def test_a_cell_is_read_up_to_a_bound(path: Path) -> None:
    spoil(path, "UPDATE whatsmeow_device SET lid = zeroblob(17000000)")
    assert "too big" in refused(path)


@pytest.mark.parametrize("version", [None, "abc", b"\xff", 1.5])
def test_a_version_is_a_number(path: Path, version: Value) -> None:
    spoil(path, "UPDATE whatsmeow_version SET version = ?", version)
    assert "doesn't say which library wrote it" in refused(path)


def test_a_contact_that_is_none_is_left_out(path: Path) -> None:
    spoil(path, "INSERT INTO whatsmeow_lid_map VALUES ('9\x1b', '1'), ('8', x'ff'), ('7', '-1')")
    with open_source(path) as source:
        assert source.lids() == [("9991", "12025550191")]


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize(
    "plant", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("made-by-sqlite")]
)
def test_what_lies_beside_it_is_a_file(
    path: Path, suffix: str, plant: Callable[[Path], None]
) -> None:
    beside = path.with_name(path.name + suffix)
    plant(beside)
    assert f"{beside} is not a file" in refused(path)
    assert not path.with_name("made-by-sqlite").exists()


def test_nothing_is_left_beside_it(path: Path) -> None:
    with open_source(path) as source:
        source.logins()
    assert [each.name for each in path.parent.iterdir()] == [path.name]
