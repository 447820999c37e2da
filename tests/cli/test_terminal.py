"""What a person at a terminal is asked and shown; a pseudo-terminal stands for them."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.support import PATIENCE, command, environment
from tests.kit.session_db import OUR_JID, SessionDb
from waheal.model import DeviceId, ExitCode
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
        person.until("Send to 3 real recipients through 1 device? [y/N]")
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


def test_ctrl_c_at_the_question_ends_with_130(paired: Path, tmp_path: Path, news: Path) -> None:
    with terminal(paired, tmp_path, "send", news) as person:
        person.until("[y/N]")
        person.process.send_signal(2)
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
