"""The lookup of a session, by a process of its own."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from waheal.host.lookup import answer
from waheal.host.session_lookup import LookupFailedError, SessionLookup

JID = "15555550100:3@s.whatsapp.net"


def store(path: Path, *jids: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS whatsmeow_device (jid TEXT PRIMARY KEY)")
        database.executemany("INSERT INTO whatsmeow_device VALUES (?)", [(jid,) for jid in jids])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "odd name?#%.db"


@pytest.fixture
def lookup(path: Path) -> Iterator[SessionLookup]:
    lookup = SessionLookup(path)
    yield lookup
    lookup.close()


def test_a_stored_session_is_found_and_another_is_not(path: Path, lookup: SessionLookup) -> None:
    store(path, JID)
    assert lookup.is_stored(JID)
    assert not lookup.is_stored("15555550101:3@s.whatsapp.net")


def test_the_salt_is_asked_for_by_itself(path: Path, lookup: SessionLookup) -> None:
    store(path, JID)
    assert not lookup.has_salt(JID)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE whatsmeow_nct_salt (our_jid TEXT PRIMARY KEY, salt BLOB)")
        database.execute("INSERT INTO whatsmeow_nct_salt VALUES (?, x'00')", (JID,))
    assert lookup.has_salt(JID)
    assert not lookup.has_salt("15555550101:3@s.whatsapp.net")


def test_what_still_stands_in_the_wal_is_found(path: Path, lookup: SessionLookup) -> None:
    store(path)
    with closing(sqlite3.connect(path)) as writer:
        assert not lookup.is_stored(JID)
        with writer:
            writer.execute("INSERT INTO whatsmeow_device VALUES (?)", (JID,))
        assert lookup.is_stored(JID)
        with writer:
            writer.execute("DELETE FROM whatsmeow_device")
        assert not lookup.is_stored(JID)


def test_a_missing_file_or_table_holds_no_session(path: Path, lookup: SessionLookup) -> None:
    assert not lookup.is_stored(JID)
    assert not path.exists()
    sqlite3.connect(path).close()
    path.touch()
    assert not lookup.is_stored(JID)


def test_a_file_that_is_no_database_is_trouble(path: Path, lookup: SessionLookup) -> None:
    path.write_bytes(b"no database at all, though long enough to look like one" * 40)
    assert answer(path, f"login {JID}").startswith("trouble ")
    with pytest.raises(LookupFailedError):
        lookup.is_stored(JID)


def test_a_process_that_died_is_started_again(path: Path, lookup: SessionLookup) -> None:
    store(path, JID)
    lookup.start()
    assert lookup._process is not None
    os.kill(lookup._process.pid, 9)
    lookup._process.wait()
    assert lookup.is_stored(JID)


def test_it_ends_with_its_host(path: Path) -> None:
    lookup = SessionLookup(path)
    lookup.start()
    process = lookup._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0
    lookup.close()
