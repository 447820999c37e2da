"""Who lives how long: no orphan outlives a killed coordinator, and no run begins beside one."""

import ctypes
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kill.scene import Process, scene, until
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
# So that a run is under way for as long as a test needs, which then clears it.
_SLOW = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0)


def _sockets(process: Process) -> set[str]:
    return {what for what in process.files().values() if what.startswith("socket:")}


def _pipes(process: Process) -> set[str]:
    return {what for fd, what in process.files().items() if what.startswith("pipe:") and fd > 2}


def _lookups(processes: list[Process]) -> list[Process]:
    return [each for each in processes if "waheal.host.lookup" in each.command]


@contextmanager
def _adopting() -> Iterator[None]:
    """Inherit the children of a killed coordinator, as a session's first process would.

    Else the kernel finds the stopped host in an orphaned group, and continues it.
    """
    libc = ctypes.CDLL(None)
    assert libc.prctl(_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        libc.prctl(_SUBREAPER, 0, 0, 0, 0)


def test_no_process_outlives_a_killed_coordinator(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(_SLOW)
        run = made.send("--hosts", "2")
        assert run.wait_count("settled", 3)
        assert len(made.hosts()) == 2
        run.kill()
        made.wait_alone(PATIENCE)
        run.wait()


def test_not_even_the_embedded_sandbox_outlives_it(tmp_path: Path) -> None:
    with scene(tmp_path, devices=0) as made:
        run = made.command("send", str(made.campaign), "--sandbox", "--sandbox-devices", "2")
        assert run.wait_count("settled", 3)
        assert any("waheal.sandbox" in each.command for each in made.processes())
        run.kill()
        made.wait_alone(PATIENCE)
        run.wait()


def test_no_run_begins_while_a_host_of_a_killed_one_lives(tmp_path: Path) -> None:
    with _adopting(), scene(tmp_path) as made:
        made.control.faults.order(_SLOW)
        run = made.send()
        assert run.wait_count("settled", 3)
        (host,) = made.hosts()
        host.kill(signal.SIGSTOP)  # it can't notice that its pipe has ended
        run.kill()
        run.wait()
        began = time.monotonic()
        late = made.send()
        assert late.wait() == ExitCode.HOME_BUSY, late.told
        assert time.monotonic() - began >= 5.0
        assert "dead" in late.told
        assert not late.lines
        made.control.faults.clear()
        waiting = made.send()
        until(
            lambda: len([p for p in made.processes() if p.is_coordinator]) == 1, PATIENCE, "it runs"
        )
        host.kill(signal.SIGCONT)
        os.waitpid(host.pid, 0)
        assert waiting.wait() in (ExitCode.OK, ExitCode.LEFT_OVER), waiting.told
        assert made.tally()[State.PENDING] == 0
        assert max(made.received().values()) == 1


def test_a_living_run_is_named_at_once(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(_SLOW)
        run = made.send()
        assert run.wait_count("settled", 1)
        second = made.send()
        assert second.wait() == ExitCode.HOME_BUSY
        made.control.faults.clear()
        assert f"pid {run.pid}" in second.told
        assert run.wait() == ExitCode.OK


def test_a_host_ignores_what_the_terminal_says(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(_SLOW)
        run = made.send()
        assert run.wait_count("settled", 3)
        (host,) = made.hosts()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            host.kill(number)
        made.control.faults.clear()
        assert run.wait() == ExitCode.OK
        assert not run.named("host_restarted")
        made.assert_each_got_it_once()


def test_every_host_has_a_pipe_of_its_own_and_the_lock(tmp_path: Path) -> None:
    with scene(tmp_path, devices=6) as made:
        made.control.faults.order(_SLOW)
        run = made.send("--hosts", "3")
        until(lambda: len(_lookups(made.processes())) == 3, PATIENCE, "each host has its look-up")
        assert run.wait_count("settled", 3)
        processes = made.processes()
        hosts = [each for each in processes if each.is_host]
        lookups = _lookups(processes)
        (coordinator,) = (each for each in processes if each.is_coordinator)
        assert len(hosts) == len(lookups) == 3
        held = Counter(socket for each in processes for socket in _sockets(each))
        assert set(held.values()) == {1}, "a socket is in two processes' hands"
        pipes = Counter(pipe for each in processes for pipe in _pipes(each))
        assert set(pipes.values()) <= {1}, "a pipe between two is in a third one's hands"
        assert not [socket for each in lookups for socket in _sockets(each)]
        lock = str(made.home.root)
        holders = {each.pid for each in processes if lock in each.files().values()}
        assert holders == {each.pid for each in (coordinator, *hosts, *lookups)}
        made.control.faults.clear()
        assert run.wait() == ExitCode.OK


def test_hosts_that_die_over_and_over_stop_the_run(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        over = threading.Event()

        def hunt() -> None:
            while not over.wait(0.05):
                for host in made.hosts():
                    host.kill()

        made.control.faults.order(_SLOW)
        hunter = threading.Thread(target=hunt)
        run = made.send()
        assert run.wait_count("run_started", 1)
        hunter.start()
        try:
            last = run.finish()
        finally:
            over.set()
            hunter.join()
        assert run.process.returncode == last["exit_code"] == ExitCode.OWN_FAULT
        assert "died 5 times" in run.told
        assert "hint:" in run.told
        made.wait_alone(PATIENCE)
        made.control.faults.clear()
        assert made.send().wait() in (ExitCode.OK, ExitCode.LEFT_OVER)
        tally = made.tally()
        assert tally[State.PENDING] == 0
        shown = made.received()
        assert max(shown.values()) == 1
        assert len(shown) + tally[State.UNCERTAIN] >= tally.total
