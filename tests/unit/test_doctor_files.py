import os
import subprocess
from pathlib import Path

import pytest

from waheal.doctor import files
from waheal.doctor.situation import Probe, Situation
from waheal.errors import UsageError
from waheal.findings import Result, Status
from waheal.store.home import Home
from waheal.store.lock import HomeLock


def situation(root: Path, fault: UsageError | None = None) -> Situation:
    def check_config() -> None:
        if fault is not None:
            raise fault

    return Situation(
        root=root, now=0.0, probe=lambda: Probe("0.5.2", None), check_config=check_config
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home", create=True)


def follow(result: Result) -> None:
    """Do what the hint says, literally."""
    command = (result.hint or "").split("`")[1]
    subprocess.run(["/bin/sh", "-c", command], check=True)


def test_a_home_that_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    nowhere = situation(tmp_path / "none")
    looks = (files.owner, files.modes, files.sessions_private, files.lock)
    assert {look(nowhere).status for look in looks} == {Status.OK}


def test_a_home_that_is_a_file_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    assert files.owner(situation(tmp_path / "home")).status is Status.FAIL


def test_another_users_home_is_a_failure(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.owner(situation(home.root)).status is Status.OK
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert files.owner(situation(home.root)).status is Status.FAIL


def test_open_modes_are_found_and_the_hint_closes_them(home: Home) -> None:
    (home.root / "waheal.toml").touch(0o644)
    (home.root / "waheal.toml").chmod(0o644)
    found = files.modes(situation(home.root))
    assert (found.status, "waheal.toml (644)" in found.detail) == (Status.FAIL, True)
    follow(found)
    assert files.modes(situation(home.root)).status is Status.OK


def test_mending_modes_twice_changes_nothing_the_second_time(home: Home) -> None:
    home.logs.chmod(0o755)
    assert files.mend_modes(situation(home.root)) is not None
    assert files.mend_modes(situation(home.root)) is None
    assert files.modes(situation(home.root)).status is Status.OK


def test_a_world_readable_session_database_is_a_failure(home: Home) -> None:
    home.sessions_path.touch()
    home.sessions_path.chmod(0o644)
    found = files.sessions_private(situation(home.root))
    assert found.status is Status.FAIL
    follow(found)
    assert files.sessions_private(situation(home.root)).status is Status.OK
    home.sessions_path.chmod(0o644)
    assert files.mend_sessions_private(situation(home.root)) == "closed sessions.db to other users"
    assert files.mend_sessions_private(situation(home.root)) is None


def test_a_wrong_setting_is_a_failure_with_its_own_hint(home: Home) -> None:
    wrong = situation(home.root, UsageError("sets 'rat'", hint="meant 'rate'?"))
    assert files.settings(wrong) == Result(Status.FAIL, "sets 'rat'", "meant 'rate'?")
    assert files.settings(situation(home.root)).status is Status.OK


def test_the_locks_holder_is_named(home: Home) -> None:
    with HomeLock.acquire(home, what="waheal send news"):
        found = files.lock(situation(home.root))
        assert (found.status, "waheal send news" in found.detail) == (Status.OK, True)
    assert files.lock(situation(home.root)).detail == "nobody holds the home"
