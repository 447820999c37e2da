"""Requests to end a process, and one that does nothing about them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.support import PATIENCE, environment
from waheal.model import ExitCode

HEEDS = """
import time
from waheal.cli import signals
try:
    with signals.interruptible():
        print("ready", flush=True)
        time.sleep(600)
except KeyboardInterrupt:
    print("heard", flush=True)
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
        [sys.executable, "-c", program], env=environment(home), stdout=subprocess.PIPE, text=True
    )
    try:
        assert line(process) == "ready"
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


def test_a_request_is_an_interrupt_that_can_be_heeded(tmp_path: Path) -> None:
    with started(tmp_path, HEEDS) as process:
        process.send_signal(signal.SIGTERM)
        assert line(process) == "heard"
        assert process.wait(PATIENCE) == 0


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
