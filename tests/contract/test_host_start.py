"""A host process before it serves: what it refuses to load, and with what it refuses to start."""

import fcntl
import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.host_process import PATIENCE, Home
from tests.kit.neonize_copy import copy_neonize
from waheal.host import library_file
from waheal.model import DeviceId, ExitCode, Phone
from waheal.store.sessions import Sessions
from waheal.wire import Connect, HostSettings, Offline, Pair, Ready, Role, Setup

pytestmark = pytest.mark.real


def test_it_refuses_to_run_with_more_than_one_go_processor(home: Home) -> None:
    host = home.host(Setup(str(home.sessions)), {"GOMAXPROCS": "2"})
    assert host.process.wait(PATIENCE) == 2
    assert "GOMAXPROCS=1" in host.log.read_text()


def test_its_timers_may_be_late(home: Home) -> None:
    host = home.host(Setup(str(home.sessions), settings=HostSettings(home.sandbox.trust)))
    host.first(Ready)
    slack = Path(f"/proc/{host.process.pid}/timerslack_ns").read_text()
    assert int(slack) == 400_000  # nanoseconds


def test_it_refuses_a_proxy_that_is_not_on_this_machine(home: Home) -> None:
    trust = home.sandbox.trust
    away = type(trust)("http://192.0.2.1:80", trust.ca, trust.noise_root)
    host = home.host(Setup(str(home.sessions), settings=HostSettings(away)))
    assert host.process.wait(PATIENCE) == 2
    assert "not on a loopback address" in host.log.read_text()


def test_it_loads_no_library_but_the_released_one(home: Home, tmp_path: Path) -> None:
    known = library_file.require_known()
    changed = copy_neonize(tmp_path, known.name)
    changed.write_bytes(known.read_bytes()[:-1] + b"\x01")
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    host = home.host(Setup(str(home.sessions), Role.PROBE), {"PYTHONPATH": path})
    assert host.process.wait(PATIENCE) == 2
    log = host.log.read_text()
    assert f"{known.name} is not the library of neonize" in log
    assert "hint: run `pip install" in log


def test_it_fetches_no_library(home: Home, tmp_path: Path) -> None:
    known = library_file.require_known()
    copy_neonize(tmp_path, known.name).symlink_to(known)
    # neonize asks this for the platform, and looks for another file than the one that was checked.
    uname = tmp_path / "uname"
    uname.write_text("#!/bin/sh\necho android\n")
    uname.chmod(0o700)
    environment = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
    }
    host = home.host(Setup(str(home.sessions), Role.PROBE), environment)
    assert host.process.wait(PATIENCE) == 2
    assert "wants to download its library" in host.log.read_text()
    assert [each.name for each in (tmp_path / "neonize").glob("*.so")] == [known.name]


def test_a_probe_makes_the_session_database_and_ends(home: Home) -> None:
    host = home.host(Setup(str(home.sessions), Role.PROBE))
    assert host.first(Ready).library == "0.5.2"
    assert host.process.wait(PATIENCE) == 0
    assert home.sessions.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("role", list(Role))
def test_the_tables_are_made_by_one_process_at_a_time(home: Home, role: Role) -> None:
    lock = home.sessions.with_suffix(".lock")
    with lock.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        host = home.host(Setup(str(home.sessions), role, HostSettings(home.sandbox.trust)))
        _wait_for_one_that_waits(lock, host.process.pid)
        assert not home.sessions.exists()
    host.first(Ready)
    with closing(Sessions(home.sessions)) as sessions:
        assert sessions.check(thorough=False).schema is not None


def _wait_for_one_that_waits(lock: Path, pid: int) -> None:
    inode, deadline = str(lock.stat().st_ino), time.monotonic() + PATIENCE
    while not any(
        "->" in words and str(pid) in words and words[-3].endswith(f":{inode}")
        for words in map(str.split, Path("/proc/locks").read_text().splitlines())
    ):
        assert time.monotonic() < deadline, Path("/proc/locks").read_text()
        time.sleep(0.02)  # the kernel tells nobody that somebody waits


def test_a_database_that_cant_be_made_is_told_by_who_needs_it(home: Home) -> None:
    home.sessions.write_bytes(b"no database, but as long as a header would be" * 20)
    host = home.sender()
    host.tell(Connect(DeviceId("a"), "15555550100:3@s.whatsapp.net"))
    assert "not a database" in repr(host.first(Offline))
    probe = home.host(Setup(str(home.sessions), Role.PROBE))
    assert probe.process.wait(PATIENCE) == ExitCode.OWN_FAULT


def test_a_fault_of_its_own_is_told_without_what_it_was_about(home: Home) -> None:
    host = home.host(Setup(str(home.sessions)))
    host.first(Ready)
    host.tell(Pair(DeviceId("a private label"), Phone("+15555550142")))  # not what it serves
    assert host.process.wait(PATIENCE) == 70
    log = host.log.read_text()
    assert log.endswith("TypeError\n")
    assert "__main__.py" in log
    assert "private" not in log
    assert "15555550142" not in log
