import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.session_db import OUR_JID, SessionDb, count
from waheal.errors import HomeUnusableError, UsageError
from waheal.store.session_writer import (
    import_sessions,
    provision,
    remove_orphans,
    use_wal,
)
from waheal.store.sessions import Sessions

OTHER = "12025550191:1@s.whatsapp.net"


@dataclass(frozen=True)
class Key:
    key_id: int
    key: str = "0b" * 32


@dataclass(frozen=True)
class Made:
    jid: str = OTHER
    lid: str = "88:1@lid"
    registration_id: int = 5
    noise_key: str = "01" * 32
    identity_key: str = "02" * 32
    signed_pre_key: str = "03" * 32
    signed_pre_key_id: int = 1
    signed_pre_key_sig: str = "04" * 64
    adv_key: str = "05" * 32
    adv_details: str = "06"
    adv_account_sig: str = "07" * 64
    adv_account_sig_key: str = "08" * 32
    adv_device_sig: str = "09" * 64
    platform: str = "sandbox"
    identity_id: str = "88_1:0"
    identity: str = "0a" * 32
    lid_user: str = "88"
    pn_user: str = "12025550191"
    salt: str = "0c" * 32
    pre_keys: tuple[Key, ...] = (Key(1), Key(2))


def database(path: Path, *jids: str, version: int = 15, compat: int | None = 8) -> Path:
    with closing(SessionDb(path, version)) as made:
        made.conn.execute("UPDATE whatsmeow_version SET compat = ?", (compat,))
        for jid in jids:
            made.device(jid)
            made.pre_key(1, jid)
            made.session("77_1:0", jid)
            made.token(jid)
        made.map("77", "12025550100")
    return path


def devices(path: Path) -> set[str]:
    with closing(Sessions(path)) as sessions:
        return set(sessions.devices())


def test_logins_and_their_rows_are_taken_over(tmp_path: Path) -> None:
    source = database(tmp_path / "old.db", OUR_JID, OTHER)
    target = database(tmp_path / "sessions.db")
    taken = import_sessions(source, target)
    assert set(taken) == {OUR_JID, OTHER} == devices(target)
    for table in ("pre_keys", "sessions", "privacy_tokens"):
        assert count(target, f"whatsmeow_{table}") == 2
    with closing(Sessions(target)) as sessions:
        assert sessions.check().schema == 15
        assert sessions.check().journal_mode == "wal"
        assert sessions.phone_of("77@lid") == "+12025550100"
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_target_without_tables_is_refused(tmp_path: Path) -> None:
    source = database(tmp_path / "old.db", OUR_JID)
    with pytest.raises(HomeUnusableError, match="no tables yet"):
        import_sessions(source, tmp_path / "sessions.db")


def test_a_login_that_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    source = database(tmp_path / "old.db", OUR_JID, OTHER)
    target = database(tmp_path / "sessions.db", OUR_JID)
    with closing(sqlite3.connect(target)) as conn, conn:
        conn.execute("DELETE FROM whatsmeow_sessions")
    assert set(import_sessions(source, target)) == {OUR_JID, OTHER}
    with closing(sqlite3.connect(target)) as conn:
        rows = conn.execute("SELECT our_jid FROM whatsmeow_sessions").fetchall()
    assert rows == [(OTHER,)]


def test_the_source_is_not_disturbed_even_while_it_is_used(tmp_path: Path) -> None:
    with closing(SessionDb(tmp_path / "old.db")) as source:
        source.device()
        source.conn.execute("BEGIN IMMEDIATE")
        source.device(OTHER)
        taken = import_sessions(tmp_path / "old.db", database(tmp_path / "sessions.db"))
        source.conn.execute("COMMIT")
        assert taken == [OUR_JID]
    assert devices(tmp_path / "old.db") == {OUR_JID, OTHER}


def test_columns_that_the_source_lacks_take_their_defaults(tmp_path: Path) -> None:
    source = database(tmp_path / "old.db", OUR_JID, version=9)
    target = database(tmp_path / "sessions.db")
    with closing(sqlite3.connect(target)) as conn, conn:
        conn.execute("ALTER TABLE whatsmeow_device ADD COLUMN nonce TEXT NOT NULL DEFAULT 'new'")
    import_sessions(source, target)
    with closing(sqlite3.connect(target)) as conn:
        assert conn.execute("SELECT nonce FROM whatsmeow_device").fetchall() == [("new",)]


@pytest.mark.parametrize(("version", "compat"), [(8, None), (9, 8), (15, 8), (16, 8), (23, 15)])
def test_whatever_the_homes_library_reads_is_taken_over(
    tmp_path: Path, version: int, compat: int | None
) -> None:
    source = database(tmp_path / "old.db", OUR_JID, version=version, compat=compat)
    target = database(tmp_path / "sessions.db")
    assert import_sessions(source, target) == [OUR_JID]


def test_another_programs_own_tables_and_columns_are_left_alone(tmp_path: Path) -> None:
    source, target = database(tmp_path / "theirs.db", OUR_JID), database(tmp_path / "sessions.db")
    with closing(sqlite3.connect(source)) as conn, conn:
        conn.execute("CREATE TABLE messages (text TEXT)")
        conn.execute("CREATE TABLE whatsmeow_histories (jid TEXT)")
        conn.execute("ALTER TABLE whatsmeow_device ADD COLUMN webhook TEXT")
        conn.execute("ALTER TABLE whatsmeow_version DROP COLUMN compat")
        conn.execute("CREATE VIRTUAL TABLE found USING fts5(text)")
        conn.execute("CREATE VIEW latest AS SELECT * FROM messages")
        conn.execute(
            "CREATE TRIGGER indexed AFTER INSERT ON whatsmeow_device"
            " BEGIN DELETE FROM whatsmeow_device; END"
        )
    assert import_sessions(source, target) == [OUR_JID]
    with closing(sqlite3.connect(target)) as conn:
        tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
        columns = {row[1] for row in conn.execute("PRAGMA table_info(whatsmeow_device)")}
    assert not {"messages", "whatsmeow_histories", "found", "latest", "indexed"} & tables
    assert "webhook" not in columns


@pytest.mark.parametrize(
    ("version", "compat", "says"),
    [(16, 16, "newer library"), (16, None, "newer library"), (7, 6, "old library")],
)
def test_another_librarys_database_is_refused_and_nothing_is_taken(
    tmp_path: Path, version: int, compat: int | None, says: str
) -> None:
    source = database(tmp_path / "old.db", OUR_JID, version=version, compat=compat)
    target = database(tmp_path / "sessions.db")
    with pytest.raises(UsageError, match=says):
        import_sessions(source, target)
    assert devices(target) == set()


def test_what_is_no_session_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, by far" * 99)
    with pytest.raises(UsageError, match="can't be read"):
        import_sessions(tmp_path / "text.db", tmp_path / "sessions.db")
    with pytest.raises(UsageError, match="No such file"):
        import_sessions(tmp_path / "none.db", tmp_path / "sessions.db")
    database(tmp_path / "empty.db")
    with pytest.raises(UsageError, match="holds no login"):
        import_sessions(tmp_path / "empty.db", tmp_path / "sessions.db")
    assert not (tmp_path / "sessions.db").exists()


def test_ready_made_logins_are_written_in_bulk(tmp_path: Path) -> None:
    target = database(tmp_path / "sessions.db", OUR_JID)
    assert provision(target, [Made()]) == 1
    with closing(sqlite3.connect(target)) as conn:
        (keys,) = conn.execute(
            "SELECT noise_key, identity_key FROM whatsmeow_device WHERE jid = ?", (OTHER,)
        ).fetchall()
        uploaded = conn.execute(
            "SELECT COUNT(*) FROM whatsmeow_pre_keys WHERE jid = ? AND uploaded", (OTHER,)
        ).fetchone()
    assert keys == (b"\1" * 32, b"\2" * 32)
    assert uploaded == (2,)
    with closing(Sessions(target)) as sessions:
        assert sessions.phone_of("88@lid") == "+12025550191"


def test_nothing_is_provisioned_without_the_librarys_tables(tmp_path: Path) -> None:
    with pytest.raises(HomeUnusableError, match="no tables"):
        provision(tmp_path / "sessions.db", [Made()])


def test_orphans_are_removed_once(tmp_path: Path) -> None:
    target = database(tmp_path / "sessions.db", OUR_JID)
    with closing(sqlite3.connect(target)) as conn, conn:
        conn.execute("INSERT INTO whatsmeow_sessions VALUES (?, '1:0', x'00')", (OTHER,))
        conn.execute("INSERT INTO whatsmeow_pre_keys VALUES (?, 1, x'00', 1)", (OTHER,))
    assert remove_orphans(target) == 2
    assert remove_orphans(target) == 0
    assert count(target, "whatsmeow_sessions") == 1
    assert remove_orphans(tmp_path / "none.db") == 0


def test_the_journal_mode_is_mended_once(tmp_path: Path) -> None:
    target = database(tmp_path / "sessions.db", OUR_JID)
    with closing(sqlite3.connect(target)) as conn:
        conn.execute("PRAGMA journal_mode = DELETE")
    assert use_wal(target)
    assert not use_wal(target)
    assert not use_wal(tmp_path / "none.db")
