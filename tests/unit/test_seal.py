"""A seal is whole until somebody writes the session database, whatever times the file then has."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.session_db import SessionDb
from waheal.seal import is_whole, seal, seal_path
from waheal.store.sessions import Sessions


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A session database as a killed host leaves it: its last rows in the WAL."""
    path = tmp_path / "sessions.db"
    with closing(SessionDb(path)) as made:
        made.device()
        yield path


@pytest.fixture
def logs(tmp_path: Path, database: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    seal(database, seal_path(folder / "host-1.log"))
    return folder


def test_it_is_whole_while_nobody_writes(database: Path, logs: Path) -> None:
    assert is_whole(database, logs)
    with closing(Sessions(database)) as sessions:
        assert sessions.check().devices == 1
    assert is_whole(database, logs)


def test_a_write_breaks_it(database: Path, logs: Path) -> None:
    with closing(sqlite3.connect(database)) as other:
        other.execute("DELETE FROM whatsmeow_device")
        other.commit()
        assert not is_whole(database, logs)


@pytest.mark.parametrize("copy", [shutil.copy, shutil.copy2])
def test_an_older_copy_breaks_it_with_its_times_or_without(
    database: Path, logs: Path, tmp_path: Path, copy: Callable[[Path, Path], Path]
) -> None:
    older = tmp_path / "older.db"
    shutil.copy2(database, older)
    os.utime(older, ns=(1, 1))
    copy(older, database)
    assert not is_whole(database, logs)


def test_an_empty_wal_says_nothing(tmp_path: Path) -> None:
    database = tmp_path / "sessions.db"
    database.write_bytes(b"x")
    seal(database, seal_path(tmp_path / "host-1.log"))
    Path(f"{database}-wal").touch()
    assert is_whole(database, tmp_path)


def test_without_a_seal_nothing_is_proved(database: Path, tmp_path: Path) -> None:
    assert not is_whole(database, tmp_path)


def lookup(database: Path, target: Path, *, meanwhile: bytes | None = None) -> None:
    """Let a look-up process live as long as its host does, and outlive it."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "waheal.host.lookup", str(database), str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"login 1@s.whatsapp.net\n")
    process.stdin.flush()
    assert process.stdout.readline()
    if meanwhile is not None:
        (new := database.with_name("new.db")).write_bytes(meanwhile)
        new.replace(database)
    process.communicate()


def test_it_is_set_by_who_outlives_the_host(database: Path, tmp_path: Path) -> None:
    target = seal_path(tmp_path / "host-2.log")
    lookup(database, target)
    assert target.exists()
    assert is_whole(database, tmp_path)


def test_none_is_set_on_a_file_that_was_exchanged_under_the_host(
    database: Path, tmp_path: Path
) -> None:
    target = seal_path(tmp_path / "host-2.log")
    lookup(database, target, meanwhile=database.read_bytes())
    assert not target.exists()


def test_a_full_disk_leaves_none(database: Path) -> None:
    lookup(database, Path("/dev/full"))
