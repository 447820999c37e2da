"""Output that nobody takes, or no longer: pipes, a terminal that is stopped, one that goes."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.kill.disasters.disaster import Disaster
from tests.kill.disasters.ordeal import RECIPIENTS, SLOW, Ordeal
from tests.kill.scene import MARK, until
from tests.kit.streams import fill, small_pipe
from waheal.model import ExitCode

_MIDST = 4  # messages received before something happens
_SOON = 90.0  # seconds for a run whose output is not taken, on a busy machine
_CTRL_S = b"\x13"


def _begin(
    ordeal: Ordeal, stdout: int, stderr: int, *words: str, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Begin a send on streams of the disaster's own, and wait until it is well under way."""
    made = ordeal.scene
    ordeal.control.faults.order(SLOW)
    named = [str(made.campaign), "--home", str(made.home.root), "--yes", *words]
    trust = ["--trust", str(made.server.trust_file)]
    session = [] if stdin == subprocess.DEVNULL else ["setsid", "--ctty"]
    process = subprocess.Popen(
        [*session, sys.executable, "-m", "waheal.cli", "send", *named, *trust],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, MARK: made.mark},
    )
    ordeal.control.phones.wait_received(_MIDST)
    return process


def _ends(process: subprocess.Popen[bytes], *codes: ExitCode) -> None:
    code = process.wait(_SOON)
    assert code in codes, f"exit {code}, not {[int(each) for each in codes]}"


def reader_gone(ordeal: Ordeal) -> None:
    """As `waheal send … --json | head -3`."""
    with small_pipe() as (source, stdout):
        run = _begin(ordeal, stdout.fileno(), subprocess.DEVNULL, "--json")
        source.close()
        _ends(run, ExitCode.OK, ExitCode.INTERRUPTED)
        with suppress(BrokenPipeError):
            stdout.close()


def reader_stalls(ordeal: Ordeal) -> None:
    with small_pipe() as (_source, stdout):
        fill(stdout)
        _ends(_begin(ordeal, stdout.fileno(), subprocess.DEVNULL, "--json"), ExitCode.OK)
    assert ordeal.done() == RECIPIENTS


def talk_stalls(ordeal: Ordeal) -> None:
    with small_pipe() as (_source, stderr):
        fill(stderr)
        _ends(_begin(ordeal, subprocess.DEVNULL, stderr.fileno()), ExitCode.OK)
    assert ordeal.done() == RECIPIENTS


def stdout_full(ordeal: Ordeal) -> None:
    with Path("/dev/full").open("wb") as stdout:
        run = _begin(ordeal, stdout.fileno(), subprocess.DEVNULL, "--json")
        _ends(run, ExitCode.OK, ExitCode.HOME_UNUSABLE)


@contextmanager
def _terminal() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    try:
        yield master, slave
    finally:
        for descriptor in (master, slave):
            with suppress(OSError):  # the disaster closed it
                os.close(descriptor)


def terminal_stopped(ordeal: Ordeal) -> None:
    """Ctrl-S in mid-run, and nobody ever goes on."""
    with _terminal() as (master, slave):
        run = _begin(ordeal, slave, slave, stdin=slave)
        os.write(master, _CTRL_S)
        _ends(run, ExitCode.OK)
    assert ordeal.done() == RECIPIENTS


def terminal_gone(ordeal: Ordeal) -> None:
    """The window is closed: the kernel sends SIGHUP, and each write fails from then on."""
    with _terminal() as (master, slave):
        run = _begin(ordeal, slave, slave, stdin=slave)
        os.close(slave)
        os.close(master)
        _ends(run, ExitCode.INTERRUPTED)
    until(lambda: not ordeal.scene.processes(), _SOON, "all have ended")


OUTPUT = (
    Disaster("reader-gone", reader_gone),
    Disaster("reader-stalls", reader_stalls),
    Disaster("talk-stalls", talk_stalls),
    Disaster("stdout-full", stdout_full),
    Disaster("terminal-stopped", terminal_stopped),
    Disaster("terminal-gone", terminal_gone),
)
