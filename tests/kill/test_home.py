"""A home that fails under a run: a clear word, exit 12, and nothing lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.kill.scene import Scene, scene
from waheal.model import DeviceId, ExitCode, Phone, State
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.real

# So that a run is under way for as long as a test needs, which then clears it.
_SLOW = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0)
_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]

# The home moves onto a small disk, and back onto a large one where the campaign is finished.
_FULL = """
set -u
mount -t tmpfs -o size=$SIZE,mode=700 none "$DISK"
cp -a "$WAHEAL_HOME/." "$DISK"
WAHEAL_HOME="$DISK" "$@" >"$OUT/first.out" 2>"$OUT/first.err"
echo $? >"$OUT/first.code"
mount -o remount,size=64m "$DISK"
WAHEAL_HOME="$DISK" "$@" >"$OUT/second.out" 2>"$OUT/second.err"
echo $? >"$OUT/second.code"
rm -rf "$WAHEAL_HOME"; cp -a "$DISK" "$WAHEAL_HOME"
"""

_READONLY = """
set -u
mount --bind "$WAHEAL_HOME" "$WAHEAL_HOME"
mount -o remount,ro,bind "$WAHEAL_HOME"
"$@" >"$OUT/first.out" 2>"$OUT/first.err"
echo $? >"$OUT/first.code"
"""


def _in_namespace(made: Scene, script: str, out: Path, size: int = 0) -> None:
    """Run a script that calls `waheal send` as "$@", with mounts of its own."""
    if subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system gives no mount namespaces")
    disk = out / "disk"
    disk.mkdir()
    trust = ["--trust", str(made.server.trust_file)]
    send = [sys.executable, "-m", "waheal.cli", "send", str(made.campaign), *trust]
    environment = {
        **os.environ,
        "WAHEAL_HOME": str(made.home.root),
        "DISK": str(disk),
        "OUT": str(out),
        "SIZE": str(size),
    }
    subprocess.run(
        [*_NAMESPACE, "sh", "-c", script, "sh", *send], env=environment, timeout=600, check=True
    )


def _size(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*"))


def _nothing_is_lost(made: Scene) -> None:
    tally = made.tally()
    shown = made.received()
    assert max(shown.values()) == 1
    assert (tally[State.PENDING], tally[State.SENDING], tally[State.FAILED]) == (0, 0, 0)
    assert len(shown) + tally[State.UNCERTAIN] >= tally.total


@pytest.mark.parametrize("free", [40_000, 250_000, 500_000, 700_000])
def test_a_full_disk(tmp_path: Path, free: int) -> None:
    with scene(tmp_path, recipients=80) as made:
        # A first run: the files have the size that they keep.
        assert made.send("--limit", "10").wait() == ExitCode.LEFT_OVER
        size = _size(made.home.root) + free
        _in_namespace(made, _FULL, tmp_path, size)
        told = (tmp_path / "first.err").read_text()
        assert int((tmp_path / "first.code").read_text()) == ExitCode.HOME_UNUSABLE, told
        assert "hint:" in told
        assert "space" in told
        second = int((tmp_path / "second.code").read_text())
        assert second in (ExitCode.OK, ExitCode.LEFT_OVER), (tmp_path / "second.err").read_text()
        _nothing_is_lost(made)


def test_a_read_only_home(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "10").wait() == ExitCode.LEFT_OVER
        _in_namespace(made, _READONLY, tmp_path)
        told = (tmp_path / "first.err").read_text()
        assert int((tmp_path / "first.code").read_text()) == ExitCode.HOME_UNUSABLE, told
        assert "hint:" in told
        assert made.send().wait() == ExitCode.OK
        made.assert_each_got_it_once()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a ledger as another program would, from a process that never loads the library."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_ledger_that_another_program_locks_under_a_run(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(_SLOW)
        run = made.send()
        assert run.wait_count("settled", 3)
        with _locked(made.home.ledger_path):
            last = run.finish()  # SQLite waits for 10 s
        assert run.process.returncode == ExitCode.HOME_UNUSABLE
        assert last["exit_code"] == ExitCode.HOME_UNUSABLE
        assert "is locked by another program" in run.told
        made.control.faults.clear()
        assert made.send().wait() in (ExitCode.OK, ExitCode.LEFT_OVER)
        _nothing_is_lost(made)


def test_a_damaged_ledger(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "10").wait() == ExitCode.LEFT_OVER
        ledger = made.home.ledger_path
        whole = tmp_path / "backup.db"
        shutil.copy(ledger, whole)  # nobody has it open: its WAL was folded in
        with ledger.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(ledger.stat().st_size - 4096))
        run = made.send()
        assert run.wait() == ExitCode.HOME_UNUSABLE, run.told
        assert "is damaged" in run.told
        assert "backup" in run.told
        shutil.copy(whole, ledger)
        assert made.send().wait() == ExitCode.OK
        made.assert_each_got_it_once()


def test_a_lost_ledger_sends_nobody_a_second_message(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "12").wait() == ExitCode.LEFT_OVER
        _lose_the_ledger(made)
        run = made.send()
        last = run.finish()
        assert last["exit_code"] == ExitCode.LEFT_OVER, run.told
        assert (last["uncertain"], last["pending"]) == (12, 0)
        made.assert_each_got_it_once()


def test_nor_those_who_had_got_theirs_at_a_second_attempt(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "3").wait() == ExitCode.LEFT_OVER
        made.control.faults.order(_SLOW)
        run = made.send()
        assert run.wait_count("settled", 3)
        for host in made.hosts():
            host.kill()  # what had not left is tried again, as a second attempt
        made.control.faults.clear()
        assert run.wait() in (ExitCode.OK, ExitCode.LEFT_OVER)
        second = [line for line in run.named("settled") if line["attempt"] == 2]
        assert second
        had = set(made.received())
        _lose_the_ledger(made)
        assert made.send().wait() == ExitCode.LEFT_OVER
        shown = made.received()
        assert {Phone(str(line["phone"])) for line in second} <= had
        assert max(shown.values()) == 1
        assert set(shown) == set(made.recipients)


def test_a_restored_ledger_sends_nobody_a_second_message(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "8").wait() == ExitCode.LEFT_OVER
        old = tmp_path / "backup.db"
        shutil.copy(made.home.ledger_path, old)
        assert made.send("--limit", "12").wait() == ExitCode.LEFT_OVER
        shutil.copy(old, made.home.ledger_path)
        last = made.send().finish()
        assert (last["uncertain"], last["pending"]) == (12, 0)
        made.assert_each_got_it_once()


def _lose_the_ledger(made: Scene) -> None:
    """Delete it, and tell the new one of the devices; key and session database stay."""
    with made.ledger() as before:
        devices = before.devices.all(0.0)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{made.home.ledger_path}{suffix}").unlink(missing_ok=True)
    with Ledger.open(made.home) as ledger:
        ledger.bind(made.server.trust.noise_root)
        for device in devices:
            assert device.jid is not None
            assert device.phone is not None
            ledger.devices.add(DeviceId(device.label), device.jid, device.phone, 0.0)


def test_commands_beside_a_run_never_replace_its_devices(tmp_path: Path) -> None:
    with scene(tmp_path, recipients=60) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=2.0))
        run = made.send()
        assert run.wait_count("settled", 3)
        trust = ["--trust", str(made.server.trust_file)]
        beside = [
            made.send(),
            made.sync(1.0),
            made.command("doctor", "--connect", *trust),
            made.command("doctor", "--fix", *trust),
            made.command("resolve", made.campaign.stem, "--resend"),
        ]
        codes = [each.wait() for each in beside]
        refused = [each for each in beside if str(run.pid) in each.told + "".join(each.output)]
        assert len(refused) == len(beside), [(each.told, each.output) for each in beside]
        assert set(codes) == {ExitCode.HOME_BUSY}
        made.control.faults.clear()
        assert run.wait() == ExitCode.OK
        assert {device.logins for device in made.control.devices.linked()} == {1}
        assert not run.named("device_healed")
        made.assert_each_got_it_once()


def test_a_sync_that_was_killed_keeps_the_next_run_waiting_for_its_host(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "10").wait() == ExitCode.LEFT_OVER
        sync = made.sync(60.0)
        made.control.devices.wait_connected(made.control.devices.linked()[0].jid, logins=2)
        killer = threading.Timer(0.0, sync.kill)
        killer.start()
        sync.wait()
        killer.join()
        assert made.send().wait() == ExitCode.OK
        made.assert_each_got_it_once()
