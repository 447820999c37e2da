"""Requests to end a process, and one that does nothing about them."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.support import PATIENCE, environment
from waheal.model import ExitCode

HEEDS = """
import os, time
from waheal.cli import signals
with signals.interruptible():
    try:
        os.write(1, b"ready\\n")
        time.sleep(600)
    finally:
        os.write(1, b"leaving\\n")
        os.read(0, 1)
        os.write(1, b"left\\n")
"""
BLOCKS = """
import os, signal, sys
from waheal.cli import signals
with signals.interruptible():
    # Another thread takes it: the main thread's call is not interrupted by the request itself.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    os.write(1, b"ready\\n")
    sys.stdin.readline()
"""
DEAF = """
import os, time
from waheal.cli import signals
signals.LONGEST = {longest}
def say(text):
    os.write(1, f"{{text}}\\n".encode())
with signals.interruptible(), signals.draining(say, lambda: say("again")):
    say("ready")
    while True:
        time.sleep(600)
"""


@contextmanager
def started(home: Path, program: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    deaf = threading.Timer(PATIENCE, process.kill)
    deaf.start()
    try:
        assert line(process) == "ready"
        yield process
    finally:
        deaf.cancel()
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


def test_a_request_interrupts_and_the_next_one_does_not_interrupt_the_tidying(
    tmp_path: Path,
) -> None:
    with started(tmp_path, HEEDS) as process:
        process.send_signal(signal.SIGTERM)
        assert line(process) == "leaving"
        process.send_signal(signal.SIGINT)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert line(process) == "left"


def test_one_that_did_not_interrupt_the_call_that_waits_is_heard_all_the_same(
    tmp_path: Path,
) -> None:
    with started(tmp_path, BLOCKS) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGINT  # as an interrupt that nobody caught


def test_the_first_one_ends_nothing_by_force_and_the_second_does(tmp_path: Path) -> None:
    with started(tmp_path, DEAF.format(longest=0.1)) as process:
        process.send_signal(signal.SIGINT)
        assert line(process) == "Ctrl-C"
        assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        assert line(process) == "again"
        assert process.wait(PATIENCE) == ExitCode.INTERRUPTED


def test_the_third_one_ends_it_at_once(tmp_path: Path) -> None:
    with started(tmp_path, DEAF.format(longest=600.0)) as process:
        process.send_signal(signal.SIGTERM)
        assert line(process) == "SIGTERM"
        process.send_signal(signal.SIGTERM)
        assert line(process) == "again"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == ExitCode.INTERRUPTED


def test_a_hang_up_is_not_heeded_under_nohup(tmp_path: Path) -> None:
    ignored = f"import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n{HEEDS}"
    with started(tmp_path, ignored) as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert line(process) == "leaving"
