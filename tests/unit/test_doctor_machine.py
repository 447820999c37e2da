import resource
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from waheal.doctor import machine
from waheal.doctor.situation import Probe, Situation
from waheal.findings import Status

NOW = 1_795_000_000.0


def situation(
    root: Path, *, now: float = NOW, probe: Callable[[], Probe] = lambda: Probe("0.5.2", None)
) -> Situation:
    return Situation(root=root, now=now, probe=probe, check_config=lambda: None)


def test_this_python_and_this_library_are_fine(tmp_path: Path) -> None:
    looks = (machine.python, machine.neonize, machine.library, machine.libmagic)
    assert [look(situation(tmp_path)).status for look in looks] == [Status.OK] * 4


def test_another_neonize_is_named_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "version", lambda _: "0.6.0")
    found = machine.neonize(situation(tmp_path))
    assert found.status is Status.FAIL
    assert "0.6.0" in found.detail
    assert found.hint == "run `pip install neonize==0.5.2`"


def test_an_old_client_is_told_with_its_age_and_what_nobody_knows(tmp_path: Path) -> None:
    released = datetime(2026, 9, 21, tzinfo=UTC).timestamp()
    young = machine.client_age(situation(tmp_path, now=released + 59.9 * 86_400))
    assert (young.status, "2.3000.1047769893" in young.detail) == (Status.OK, True)
    told = machine.client_age(situation(tmp_path, now=released + 60.1 * 86_400))
    old = machine.client_age(situation(tmp_path, now=released + 77.1 * 86_400))
    assert (told.status, old.status) == (Status.OK, Status.WARN)
    assert "60 days old" in told.detail
    assert "is not known here" in told.detail
    assert "pip install --upgrade waheal" in (old.hint or "")


def test_a_library_that_does_not_start_is_a_failure_with_its_last_words(tmp_path: Path) -> None:
    found = machine.library(situation(tmp_path, probe=lambda: Probe(None, "exit 1")))
    assert (found.status, "exit 1" in found.detail) == (Status.FAIL, True)


def test_without_ffmpeg_a_machine_is_healthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = machine.ffmpeg(situation(tmp_path))
    assert (found.status, "without a thumbnail" in found.detail) == (Status.OK, True)
    tool = tmp_path / "ffmpeg"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o700)
    assert machine.ffmpeg(situation(tmp_path)).status is Status.OK


@pytest.mark.parametrize(
    ("hard", "devices", "status"),
    [
        (1_024, 3_000, Status.FAIL),
        (1_024, 20, Status.OK),
        (8_192, 3_000, Status.WARN),  # by turns
        (16_000, 3_000, Status.OK),
        (-1, 3_000, Status.OK),
    ],
)
def test_the_limit_of_open_files_is_held_against_the_devices(
    monkeypatch: pytest.MonkeyPatch, hard: int, devices: int, status: Status
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (hard, hard))
    assert machine.descriptors(devices).status is status


@pytest.mark.parametrize(
    ("soft", "status"), [(500, Status.FAIL), (1_500, Status.WARN), (50_000, Status.OK)]
)
def test_the_limit_of_threads_is_held_against_the_devices(
    monkeypatch: pytest.MonkeyPatch, soft: int, status: Status
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))
    assert machine.threads(3_000).status is status


@pytest.mark.parametrize(
    ("free", "status"), [(1 << 20, Status.FAIL), (1 << 28, Status.WARN), (1 << 40, Status.OK)]
)
def test_little_room_is_told_before_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: Status
) -> None:
    usage = SimpleNamespace(total=free, used=0, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    found = machine.disk(situation(tmp_path / "not" / "there"))
    assert found.status is status


def test_a_clock_before_this_release_is_wrong(tmp_path: Path) -> None:
    assert machine.clock(situation(tmp_path, now=0.0)).status is Status.FAIL
    assert machine.clock(situation(tmp_path)).status is Status.OK


def test_a_zone_that_does_not_exist_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Nowhere/Atlantis")
    found = machine.time_zone(situation(tmp_path))
    assert (found.status, found.hint) == (
        Status.WARN,
        "set TZ to one such as Europe/Berlin",
    )
    monkeypatch.setenv("TZ", "Europe/Berlin")
    assert machine.time_zone(situation(tmp_path)).status is Status.OK


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("nfs4", Status.FAIL),
        ("fuse.sshfs", Status.FAIL),
        ("fuse.glusterfs", Status.FAIL),
        ("fuseblk", Status.OK),
        ("ext4", Status.OK),
    ],
)
def test_a_network_file_system_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, status: Status
) -> None:
    home, mounts = tmp_path / "a home", tmp_path / "mountinfo"
    home.mkdir()
    told = str(home.resolve()).replace(" ", "\\040")
    mounts.write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        f"40 22 0:40 / {told} rw,nosuid shared:7 master:2 - {kind} server:/homes rw\n"
    )
    monkeypatch.setattr(machine, "_MOUNTS", mounts)
    found = machine.file_system(situation(home / "not" / "there"))
    assert (found.status, kind in found.detail) == (status, True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv", "ext4"),
        ("/srv/homes/ann", "nfs4"),
        ("/srv/homes-of-old", "ext4"),
        ("/srv/back\\slash", "xfs"),
        ("/mnt/disk/home", "btrfs"),
    ],
)
def test_the_file_system_of_a_path_is_its_innermost_and_latest_mount(path: str, kind: str) -> None:
    mounts = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv/homes rw,relatime - nfs4 server:/homes rw,vers=4.2
41 22 8:3 / /srv/back\\134slash rw - xfs /dev/sda3 rw
42 22 0:41 / /mnt/disk rw shared:3 - autofs systemd-1 rw,fd=29
43 42 8:2 / /mnt/disk rw shared:4 master:1 - btrfs /dev/sda2 rw
"""
    assert machine._file_system_of(Path(path), mounts) == kind
