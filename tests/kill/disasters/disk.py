"""A full disk at each write: a real ENOSPC, by small file systems that are filled in mid-send."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.kill.disasters.disaster import RECEIPT, ROW, SEAL, Disaster
from tests.kill.disasters.mounts import Disk, back_from, lie_on, mount, unmount
from tests.kill.disasters.ordeal import SLOW, Ordeal
from tests.kill.scene import MARK
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode
from waheal.store.claim_journal import WIDTH

_DISK = 16 << 20
_TIGHT = 64 << 10
_PAGE = 4096
_ENDS = (ExitCode.OK, ExitCode.LEFT_OVER, ExitCode.HOME_UNUSABLE)


def _home_on_a_disk(ordeal: Ordeal, *, inodes: int = 0) -> Disk:
    """Move the home onto a small disk that lies under the home's own name."""
    root = ordeal.scene.home.root
    kept = root.with_name("kept")
    shutil.copytree(root, kept)
    disk = Disk(ordeal, root, _DISK, inodes=inodes)
    shutil.copytree(kept, root, dirs_exist_ok=True)
    ordeal.excused_checks |= {"disk", "filesystem"}
    return disk


def home_full(leave: int) -> Callable[[Ordeal], None]:
    def befall(ordeal: Ordeal) -> None:
        disk = _home_on_a_disk(ordeal)
        run = ordeal.midst()
        disk.fill(leave)
        ordeal.ends(run, *_ENDS)
        if run.process.returncode == ExitCode.HOME_UNUSABLE:
            assert "space" in run.told, run.told
        again = ordeal.send()
        ordeal.ends(again, *_ENDS)
        disk.empty()

    return befall


def home_full_and_killed(ordeal: Ordeal) -> None:
    disk = _home_on_a_disk(ordeal)
    run = ordeal.midst()
    disk.fill()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    disk.empty()


def no_inodes(ordeal: Ordeal) -> None:
    """Room for bytes, none for another file."""
    disk = _home_on_a_disk(ordeal, inodes=200)
    run = ordeal.midst()
    for number in range(200):
        try:
            (disk.place / f".inode{number}").touch()
        except OSError:
            break
    (ordeal.scene.hosts()[0]).kill()  # its successor wants a log and a seal
    ordeal.ends(run, *_ENDS)
    ordeal.ends(ordeal.send(), *_ENDS)
    for path in disk.place.glob(".inode*"):
        path.unlink()


def file_full(name: str) -> Callable[[Ordeal], None]:
    """One file lies on a disk of its own, which is filled in mid-send."""

    def befall(ordeal: Ordeal) -> None:
        file = ordeal.scene.home.root / name
        disk = Disk(ordeal, ordeal.scene.home.root.with_name("disk"), _DISK)
        lie_on(ordeal, disk, file)
        run = ordeal.midst()
        disk.fill()
        ordeal.ends(run, *_ENDS)
        ordeal.ends(ordeal.send(), *_ENDS)
        disk.empty()
        back_from(disk, file)

    return befall


def sessions_wal_full(ordeal: Ordeal) -> None:
    """Nothing leaves while the library can't write; the run goes on once there is room again."""
    wal = ordeal.scene.home.root / "sessions.db-wal"
    disk = Disk(ordeal, ordeal.scene.home.root.with_name("disk"), _DISK)
    lie_on(ordeal, disk, wal)
    run = ordeal.midst()
    disk.fill()
    ordeal.goes_on(run, 9)
    disk.empty()
    ordeal.ends(run, ExitCode.OK, ExitCode.LEFT_OVER)
    back_from(disk, wal)


def journal_full(ordeal: Ordeal) -> None:
    """The journal is opened anew for each append: its disk is full from one moment on."""
    journal = ordeal.scene.home.journal_path
    disk = Disk(ordeal, ordeal.scene.home.root.with_name("disk"), _DISK)
    room = _PAGE - 12 * WIDTH  # the first claims still have some in the file's last page
    journal.write_bytes(ordeal.random.randbytes(room))
    journal.chmod(0o600)
    lie_on(ordeal, disk, journal)
    ordeal.control.faults.order(SLOW)
    disk.fill()
    run = ordeal.send("--senders", "1")
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    disk.empty()
    back_from(disk, journal)


def lock_full(ordeal: Ordeal) -> None:
    lock = ordeal.scene.home.lock_path
    run = ordeal.midst()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    disk = Disk(ordeal, ordeal.scene.home.root.with_name("disk"), _DISK)
    lie_on(ordeal, disk, lock)
    lock.write_bytes(b"")
    disk.fill()
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    disk.empty()
    back_from(disk, lock)


def key_full(ordeal: Ordeal) -> None:
    """The key is lost, and there is no room for a new one."""
    run = ordeal.midst()
    run.kill(signal.SIGTERM)
    ordeal.ends(run, ExitCode.INTERRUPTED)
    disk = _home_on_a_disk(ordeal)
    key = ordeal.scene.home.key_path
    kept = key.read_bytes()
    key.unlink()
    disk.fill()
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    assert not key.exists(), "half a key"
    disk.empty()
    key.write_bytes(kept)
    key.chmod(0o600)


def _logs_on_a_disk(ordeal: Ordeal) -> Disk:
    logs = ordeal.scene.home.logs
    kept = logs.with_name("kept")
    shutil.copytree(logs, kept)
    disk = Disk(ordeal, logs, _DISK)
    shutil.copytree(kept, logs, dirs_exist_ok=True)
    shutil.rmtree(kept)
    return disk


def logs_full(ordeal: Ordeal) -> None:
    """The run's log and the host's can't grow: that stops no run."""
    disk = _logs_on_a_disk(ordeal)
    run = ordeal.midst()
    disk.fill()
    ordeal.ends(run, ExitCode.OK)
    disk.empty()


def logs_full_at_first(ordeal: Ordeal) -> None:
    """No room for a host's log and its seal, from the beginning."""
    run = ordeal.midst()
    run.kill(signal.SIGTERM)
    ordeal.ends(run, ExitCode.INTERRUPTED)
    disk = _logs_on_a_disk(ordeal)
    disk.fill()
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    disk.empty()


def seal_full(ordeal: Ordeal) -> None:
    """A killed run whose last seal has no room: what was in flight stays in doubt."""
    disk = _logs_on_a_disk(ordeal)
    run = ordeal.midst()
    disk.fill()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    disk.empty()


def successor_full(ordeal: Ordeal) -> None:
    """A host is killed, and for its successor's log there is no room."""
    disk = _logs_on_a_disk(ordeal)
    run = ordeal.midst()
    disk.fill()
    ordeal.strike(ordeal.scene.hosts(), signal.SIGKILL)
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    disk.empty()


def report_full(ordeal: Ordeal) -> None:
    """A page and an export are asked for beside the run, where no room is for them."""
    disk = Disk(ordeal, ordeal.scene.home.root.with_name("disk"), _TIGHT)
    run = ordeal.midst()
    disk.fill()
    name, page, table = ordeal.scene.campaign.stem, disk.place / "page", disk.place / "table"
    for words in (("report", name, "--html", str(page)), ("export", name, "--output", str(table))):
        told = ordeal.ends(ordeal.command(*words, json=False), ExitCode.USAGE, hint=True)
        assert "No space left" in told.told, told.told
    assert not page.exists()
    assert not table.exists()
    ordeal.ends(run, ExitCode.OK)


_FAULT = """
import sys
from waheal.acts import send
def fail(*_):
    raise KeyError("a fault of its own")
send.Sending._rows = fail
from waheal.cli.__main__ import main
sys.argv = ["waheal", *sys.argv[1:]]
sys.exit(main())
"""


def crash_report_full(ordeal: Ordeal) -> None:
    """A fault of waheal's own, and no room for its report."""
    run = ordeal.midst()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    made = ordeal.scene
    made.sync(0.5).wait()  # takes what the hosts had kept beside their logs: room for a report
    disk = _logs_on_a_disk(ordeal)
    disk.fill()
    words = ["send", str(made.campaign), "--home", str(made.home.root)]
    words += ["--trust", str(made.server.trust_file)]
    told = subprocess.run(
        [sys.executable, "-c", _FAULT, *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, MARK: made.mark},
    )
    assert told.returncode == ExitCode.OWN_FAULT, told.stderr
    assert "its report could not be written" in told.stderr, told.stderr
    assert "Traceback" not in told.stderr, told.stderr
    disk.empty()


def size_limit(module: str) -> Callable[[Ordeal], None]:
    """No file of a process may grow any more (`ulimit -f`): EFBIG in place of ENOSPC."""

    def befall(ordeal: Ordeal) -> None:
        run = ordeal.midst("--max-wait", "5s")  # a host that can't write is asked again for long
        largest = max(path.stat().st_size for path in ordeal.scene.home.root.glob("*.db*"))
        for process in ordeal.processes(module):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest, largest))
        ordeal.ends(run, *_ENDS)

    return befall


def home_read_only(ordeal: Ordeal) -> None:
    """Whatever is opened from now on is read-only; what is open stays."""
    run = ordeal.midst("--senders", "1")
    root = str(ordeal.scene.home.root)
    mount("--bind", root, root)
    mount("-o", "remount,ro,bind", root)
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    unmount(Path(root))


def logs_read_only(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    logs = str(ordeal.scene.home.logs)
    mount("--bind", logs, logs)
    mount("-o", "remount,ro,bind", logs)
    ordeal.strike(ordeal.scene.hosts(), signal.SIGKILL)
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    unmount(Path(logs))


DISK = (
    Disaster("disk-full", home_full(0), (RECEIPT, ROW)),
    Disaster("disk-full-a-page-left", home_full(4096), (RECEIPT, ROW)),
    Disaster("disk-full-some-left", home_full(_TIGHT), (RECEIPT, ROW)),
    Disaster("disk-full-and-killed", home_full_and_killed, (RECEIPT, SEAL)),
    Disaster("no-inodes", no_inodes, (RECEIPT, ROW)),
    Disaster("ledger-full", file_full("waheal.db"), (RECEIPT,)),
    Disaster("ledger-wal-full", file_full("waheal.db-wal"), (RECEIPT,)),
    Disaster("sessions-full", file_full("sessions.db"), (RECEIPT, ROW)),
    Disaster("sessions-wal-full", sessions_wal_full, (RECEIPT, ROW)),
    Disaster("journal-full", journal_full, (RECEIPT,)),
    Disaster("lock-full", lock_full, (RECEIPT,)),
    Disaster("key-full", key_full),
    Disaster("logs-full", logs_full, (RECEIPT,)),
    Disaster("logs-full-at-first", logs_full_at_first),
    Disaster("seal-full", seal_full, (RECEIPT, SEAL)),
    Disaster("successor-full", successor_full, (RECEIPT,)),
    Disaster("report-full", report_full),
    Disaster("crash-report-full", crash_report_full, (RECEIPT,)),
    Disaster("coordinator-size-limit", size_limit("waheal.cli"), (RECEIPT,)),
    Disaster("host-size-limit", size_limit("waheal.host"), (RECEIPT, ROW)),
    Disaster("home-read-only", home_read_only, (RECEIPT, SEAL)),
    Disaster("logs-read-only", logs_read_only, (RECEIPT,)),
)
