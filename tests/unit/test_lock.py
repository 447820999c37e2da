import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kit.ledgers import open_home
from waheal.errors import HomeBusyError
from waheal.model import ExitCode
from waheal.store.home import Home
from waheal.store.lock import HomeLock

# Takes the lock, starts a child that inherits it, tells the child's pid, and waits.
_RUN = """
import subprocess, sys
from pathlib import Path
from waheal.store.home import Home
from waheal.store.lock import HomeLock
lock = HomeLock.acquire(Home.open(Path(sys.argv[1]), create=False), what="waheal send x.csv")
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"],
                         pass_fds=[lock.fileno()], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
sys.stdin.readline()
if sys.argv[2] == "release":
    lock.release()
    print("released", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def a_run(home: Home, then: str = "wait") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds the lock, and its child's pid; both are gone afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", _RUN, str(home.root), then],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        watch = os.pidfd_open(child)
        try:
            yield process, watch
        finally:
            end(watch)
            os.close(watch)
            process.kill()


def end(watch: int) -> None:
    """SIGKILL a process that may be gone already."""
    try:
        signal.pidfd_send_signal(watch, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_a_second_run_is_told_at_once_who_holds_the_home(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home) as (process, _), pytest.raises(HomeBusyError) as caught:
        HomeLock.acquire(home, what="waheal send", wait=600)
    assert caught.value.exit_code is ExitCode.HOME_BUSY
    assert f"waheal send x.csv (pid {process.pid})" in caught.value.message
    assert "waheal stop" in str(caught.value.hint)


def test_the_holder_can_be_asked_for_by_others(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert HomeLock.holder(home) is None
    with a_run(home) as (process, _):
        holder = HomeLock.holder(home)
        assert holder is not None
        assert (holder.pid, holder.what, holder.alive) == (process.pid, "waheal send x.csv", True)


def test_a_killed_runs_child_keeps_the_next_run_out(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home) as (process, _):
        process.kill()
        process.wait()
        with pytest.raises(HomeBusyError, match="left behind"):
            HomeLock.acquire(home, what="waheal send", wait=0.2)
        holder = HomeLock.holder(home)
        assert holder is not None
        assert not holder.alive


def test_the_next_run_begins_when_the_killed_runs_child_is_gone(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home) as (process, watch):
        process.kill()
        process.wait()
        end(watch)
        with HomeLock.acquire(home, what="waheal send", wait=60):
            holder = HomeLock.holder(home)
    assert holder is not None
    assert holder.pid == os.getpid()


def test_a_killed_run_without_children_holds_nothing_up(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home) as (process, watch):
        end(watch)
        process.kill()
        process.wait()
        HomeLock.acquire(home, what="waheal send", wait=60).release()


def test_a_release_does_not_free_the_lock_under_the_children(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home, "release") as (process, _):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "released\n"
        with pytest.raises(HomeBusyError, match="an ended run"):
            HomeLock.acquire(home, what="waheal send", wait=0.1)


def test_a_released_lock_is_free_and_names_nobody(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with HomeLock.acquire(home, what="waheal sync") as lock:
        assert os.get_inheritable(lock.fileno())
    lock.release()
    assert HomeLock.holder(home) is None
    with pytest.raises(ValueError, match="released"):
        lock.fileno()
    HomeLock.acquire(home, what="waheal sync").release()
    assert home.lock_path.stat().st_mode & 0o777 == 0o600


def test_no_file_that_is_deleted_frees_it(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home):
        for file in home.root.iterdir():
            file.unlink()
        with pytest.raises(HomeBusyError):
            HomeLock.acquire(home, what="waheal send", wait=0.1)


def test_a_reused_pid_is_not_taken_for_the_holder(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home) as (process, _):
        process.kill()
        process.wait()
        note = home.lock_path.read_text().replace(f'"pid": {process.pid}', f'"pid": {os.getpid()}')
        home.lock_path.write_text(note)
        holder = HomeLock.holder(home)
    assert holder is not None
    assert not holder.alive


def test_a_folder_that_is_replaced_before_it_is_locked_is_not_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_home(tmp_path)
    old, lock = tmp_path / "old", fcntl.flock

    def too_late(descriptor: int, how: int) -> None:
        if not old.exists():
            home.root.rename(old)
            home.root.mkdir(mode=0o700)
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", too_late)
    with HomeLock.acquire(home, what="waheal send", wait=60) as held:
        assert os.path.samestat(os.fstat(held.fileno()), home.root.stat())


def test_a_holder_that_nobody_has_reaped_yet_is_dead(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with a_run(home) as (process, _):
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(HomeBusyError, match="left behind"):
            HomeLock.acquire(home, what="waheal send", wait=0.1)
