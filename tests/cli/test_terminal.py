"""What a person at a terminal is asked and shown; a pseudo-terminal stands for them."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, command, environment, pending
from tests.kill.scene import until
from tests.kit.ledgers import ANNA, ORIGIN, row, send, start
from tests.kit.session_db import OUR_JID, SessionDb
from waheal.model import DeviceId, ExitCode
from waheal.records import Want
from waheal.store.home import Home
from waheal.store.ledger import Ledger


class Terminal:
    """A command at a terminal of 80 columns."""

    def __init__(self, home: Path, place: Path, *words: object) -> None:
        self.fd, theirs = pty.openpty()
        extra = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"}
        self.process = subprocess.Popen(
            command(words),
            cwd=place,
            env=environment(home, extra),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - one system call, and no thread holds a lock
        )
        os.close(theirs)
        self.shown = ""

    def until(self, text: str) -> None:
        """Read on until the text is shown."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if not self._read(end - time.monotonic()):
                break
        assert text in self.shown, self.shown

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.fd, f"{text}\r".encode())

    def hold(self) -> None:
        """Press Ctrl-S: the terminal takes nothing more."""
        os.write(self.fd, b"\x13")

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self.fd)
        self.fd = os.open(os.devnull, os.O_RDONLY)

    def end(self) -> int:
        """Read to the end; gives the exit code."""
        while self._read(PATIENCE):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, seconds: float) -> bool:
        readable, _, _ = select.select([self.fd], [], [], max(0.0, seconds))
        try:
            data = os.read(self.fd, 65536) if readable else b""
        except OSError:  # EIO: nobody has the other side open any more
            data = b""
        self.shown += data.decode(errors="replace")
        return bool(data)


def _take_terminal() -> None:
    """Make standard input the session's terminal: who closes it hangs up on the session."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(home: Path, place: Path, *words: object) -> Iterator[Terminal]:
    """Run a command at a terminal; it is ended with the block."""
    found = Terminal(home, place, *words)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
        os.close(found.fd)


@pytest.fixture
def paired(home: Path) -> Path:
    """Make a home for the real WhatsApp, with a device that rests: nothing could leave."""
    place = Home.open(home, create=True)
    with closing(SessionDb(place.sessions_path)) as sessions:
        sessions.device()
    with Ledger.open(place) as ledger:
        ledger.devices.add(DeviceId("shop"), OUR_JID, None, time.time())
        ledger.devices.pause(DeviceId("shop"))
    return home


def test_it_asks_before_it_sends_to_real_people(paired: Path, tmp_path: Path, news: Path) -> None:
    with terminal(paired, tmp_path, "send", news) as person:
        person.until("Send to 3 real recipients? [y/N]")
        person.type("n")
        assert person.end() == ExitCode.LEFT_OVER
        assert "nothing was sent" in person.shown


def test_a_yes_goes_on_and_so_does_the_option(paired: Path, tmp_path: Path, news: Path) -> None:
    with terminal(paired, tmp_path, "send", news) as person:
        person.until("[y/N]")
        person.type("y")
        assert person.end() == ExitCode.NO_DEVICE
    with terminal(paired, tmp_path, "send", news, "--yes") as person:
        assert person.end() == ExitCode.NO_DEVICE
        assert "[y/N]" not in person.shown


@pytest.mark.parametrize(
    ("words", "question"),
    [
        (("recall", "c"), "Take back 1 message? [y/N]"),
        (("amend", "c", "--message", "new"), "Amend 1 message? [y/N]"),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
def test_it_asks_before_it_takes_back_or_amends(
    paired: Path, tmp_path: Path, words: tuple[str, ...], question: str
) -> None:
    with Ledger.open(Home.open(paired, create=False)) as ledger:
        now = time.time()
        campaign = start(ledger, row(2, ANNA), now=now)
        wish = Want(1, DeviceId("shop"), OUR_JID, None, ORIGIN)
        (claim,), _ = ledger.work.claim(campaign, [wish], now=now)
        send(ledger, claim)
    with terminal(paired, tmp_path, *words) as person:
        person.until(question)
        person.type("n")
        assert person.end() == ExitCode.LEFT_OVER
        assert "nothing was done" in person.shown
    with terminal(paired, tmp_path, *words, "--yes") as person:
        assert person.end() == ExitCode.NO_DEVICE
        assert "[y/N]" not in person.shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_end_at_the_question_ends_with_130(
    paired: Path, tmp_path: Path, news: Path, number: signal.Signals
) -> None:
    with terminal(paired, tmp_path, "send", news) as person:
        person.until("[y/N]")
        person.process.send_signal(number)
        assert person.end() == ExitCode.INTERRUPTED
        assert "Traceback" not in person.shown


@pytest.mark.real
def test_a_pairing_draws_its_code_and_tells_its_text(home: Path, tmp_path: Path) -> None:
    with terminal(home, tmp_path, "devices", "pair", "shop", "--sandbox") as person:
        person.until("https://wa.me/settings/linked_devices#")
        person.until("▀")
        person.until("Linked devices")
        person.process.send_signal(2)
        assert person.end() == ExitCode.INTERRUPTED


SLOWLY = ("--sandbox", "--sandbox-devices", 1, "--rate-total", "20/min", "--burst")


@pytest.mark.real
def test_a_held_terminal_holds_up_no_run(home: Path, tmp_path: Path, many: Path) -> None:
    with terminal(home, tmp_path, "send", many, "--sandbox", "--sandbox-devices", 1) as person:
        person.until("Each message heals")
        person.hold()
        assert person.process.wait(PATIENCE) == ExitCode.OK
    assert pending(home, many) == 0


@pytest.mark.real
def test_a_terminal_that_closes_lets_the_run_drain(home: Path, tmp_path: Path, many: Path) -> None:
    with terminal(home, tmp_path, "send", many, *SLOWLY) as person:
        person.until("Each message heals")
        until(lambda: 0 < pending(home, many) < 40, PATIENCE, "some are sent")
        person.hang_up()
        assert person.process.wait(PATIENCE) == ExitCode.INTERRUPTED
    assert not list(home.rglob("crash-*"))
    assert pending(home, many) > 0


def test_data_for_a_terminal_that_was_closed_is_no_fault(home: Path, tmp_path: Path) -> None:
    """Under nohup, and by a program that outlives its terminal."""
    script = 'trap "" HUP; read -r word; "$@"; echo $? > code'
    ran = command(("suppress", "list"))
    main, theirs = pty.openpty()
    shell = subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", *ran],
        cwd=tmp_path,
        env=environment(home, None),
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.close(main)
    shell.communicate(b"go\n", PATIENCE)
    assert (tmp_path / "code").read_text().strip() == str(int(ExitCode.INTERRUPTED))
    assert not list(home.rglob("crash-*"))
