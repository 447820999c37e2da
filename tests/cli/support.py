"""Runs waheal as an operator does: a process of its own, in an environment of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from waheal.acts.status import status
from waheal.acts.workspace import open_home
from waheal.errors import WahealError
from waheal.model import ExitCode, State
from waheal.sandbox.control import Control

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds: the machine may be busy


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """The JSON document that stdout is."""
        told: object = json.loads(self.out)
        assert isinstance(told, dict)
        return told

    @property
    def events(self) -> list[dict[str, object]]:
        """The JSON objects that stdout's lines are."""
        return [json.loads(line) for line in self.out.splitlines()]


Waheal = Callable[..., Done]


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """As bare as cron's, so that nothing of the developer's own leaks in."""
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return {**kept, "HOME": str(home), "WAHEAL_HOME": str(home), "TZ": "UTC", **(more or {})}


def command(words: Sequence[object]) -> list[str]:
    """The command line that runs this waheal."""
    return [sys.executable, "-m", "waheal.cli", *map(str, words)]


def pending(home: Path, campaign: Path) -> int:
    """How many of a rehearsal's recipients are still to go; 0 before it has begun."""
    try:
        return status(open_home(home, sandbox=True), campaign.stem).tally[State.PENDING]
    except WahealError:
        return 0


class Running:
    """A command under way; its lines are read as they come."""

    def __init__(self, home: Path, place: Path, *words: object) -> None:
        self.process = subprocess.Popen(
            command(words),
            cwd=place,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.told = list[dict[str, object]]()
        # A command that says nothing must not hold the tests up for ever. It may outlive others
        # that are each waited for so long.
        self._watchdog = threading.Timer(5 * PATIENCE, self.process.kill)
        self._watchdog.start()

    def line(self) -> dict[str, object]:
        """Wait for the next JSON line."""
        assert self.process.stdout is not None
        if not (line := self.process.stdout.readline()):
            raise AssertionError(f"it has ended: {self.end()}; it told {self.told}")
        self.told.append(json.loads(line))
        return self.told[-1]

    def until(self, event: str) -> dict[str, object]:
        """Wait for the next line of that event."""
        while (told := self.line())["event"] != event:
            pass
        return told

    def end(self, number: signal.Signals | None = None) -> Done:
        """Wait for its end, which a signal may ask for."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate()
        self._watchdog.cancel()
        return Done(self.process.returncode, out, err)


@contextmanager
def running(home: Path, place: Path, *words: object) -> Iterator[Running]:
    """Run a command beside the test; it is ended with the block."""
    found = Running(home, place, *words)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.end(signal.SIGKILL)


@contextmanager
def served(tmp_path: Path) -> Iterator[Path]:
    """Serve a local WhatsApp apart; gives the trust file."""
    trust = tmp_path / "t.json"
    words = ("sandbox", "serve", "--trust-file", trust, "--json")
    with running(tmp_path / "server", tmp_path, *words) as server:
        assert server.until("serving")["trust_file"] == str(trust)
        yield trust
        assert server.end(signal.SIGINT).code == ExitCode.OK


def control(trust: Path) -> Control:
    """Give the phones of a server that is served apart."""
    told = json.loads(trust.read_text())
    return Control(told["proxy"], told["token"])
