"""Machines that share a ledger, for tests: homes with devices of one sandbox, and their workers."""

import os
import shutil
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.support import PATIENCE, ROOT, Done, command, control, environment
from tests.kit.power import cut_power
from waheal.acts.attaching import Attached, attached, pair_missing
from waheal.acts.workspace import Workspace, open_home
from waheal.model import DeviceId, Phone
from waheal.sandbox.control import Control


@dataclass
class Worker:
    """A machine's worker: a session of its own, whose lines are read as they come."""

    home: Path
    place: Path
    env: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            command(("worker",)), cwd=self.place, env=environment(self.home, self.env),
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self.lines.append("")  # it has ended
            self._news.notify_all()

    def wait_for(self, *words: str) -> None:
        """Wait for a line that has all of these words, behind the one that was waited for last."""

        def place() -> int:
            found = (all(word in line for word in words) for line in self.lines)
            return next((number for number, it in enumerate(found) if it), -1)

        with self._news:
            came = self._news.wait_for(lambda: place() >= 0 or self.lines[-1:] == [""], PATIENCE)
            assert came, f"nothing told {words}: {self.lines}"
            assert place() >= 0, f"it ended before it told {words}: {self.lines}"
            del self.lines[: place() + 1]

    def close(self) -> None:
        """End it if need be, and let go of what it told."""
        if self.process.poll() is None:
            self.kill()
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def kill(self) -> None:
        """End it with all its hosts, as a machine's power cut does."""
        cut_power(self.process.pid)
        self.process.wait()

    def end(self) -> int:
        """Ask it to end, and wait for that."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@dataclass
class Machines:
    """Homes that have joined one ledger, by their names."""

    folder: Path
    url: str
    trust: Path | None
    devices: int = 2
    workers: list[Worker] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """What every command is told by its environment."""
        trust = {} if self.trust is None else {"WAHEAL_TRUST": str(self.trust)}
        return {"WAHEAL_LEDGER": self.url, **trust}

    def home(self, name: str) -> Path:
        """Name a machine's home."""
        return self.folder / name

    def begin(self, name: str, *words: object) -> subprocess.Popen[str]:
        """Begin a command on a machine; what it tells goes nowhere."""
        return subprocess.Popen(
            command(words), cwd=self.folder, env=environment(self.home(name), self.env),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, name: str, *words: object, env: Mapping[str, str] | None = None) -> Done:
        """Run a command on a machine, and wait for its end."""
        told = environment(self.home(name), {**self.env, **(env or {})})
        done = subprocess.run(
            command(words), cwd=self.folder, env=told,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def join(self, name: str) -> None:
        """Let a home join, and pair its devices."""
        joined = sorted(self.folder.glob("*/home.key"))
        if joined:
            self.home(name).mkdir(mode=0o700)
            shutil.copy2(joined[0], self.home(name))
        done = self.run(name, "cluster", "join", "--name", name)
        assert done.code == 0, done.err
        workspace = self.workspace(name)
        home = workspace.home()
        with workspace.ledger(home) as ledger, attached(workspace, home, ledger) as target:
            phones = Attached(target.trust, control(self._served()))
            labels = [DeviceId(f"{name}-{number}") for number in range(1, self.devices + 1)]
            pair_missing(home, ledger, phones, labels)

    def _served(self) -> Path:
        assert self.trust is not None
        return self.trust

    def workspace(self, name: str) -> Workspace:
        """Give a machine's home and its ledger as acts take them."""
        return open_home(self.home(name), trust=self.trust, ledger=self.url)

    def worker(self, name: str, *, ahead: float = 0.0) -> Worker:
        """Start a machine's worker, and wait until it listens.

        `ahead`: by how many seconds its clock is off, for all that is Python's.
        """
        off = {"PYTHONPATH": _off_by(self.folder / f"clock of {name}", ahead)} if ahead else {}
        worker = Worker(self.home(name), self.folder, {**self.env, **off})
        self.workers.append(worker)
        worker.wait_for(f"{name} waits for orders")
        return worker

    @property
    def sandbox(self) -> Control:
        """Give the phones of the WhatsApp that all of them share."""
        return control(self._served())

    def arrived(self, recipients: int) -> list[int]:
        """Count what each recipient's phone has received, the first phone first."""
        shown = Counter[str]()
        for message in self.sandbox.phones.received():
            shown[message.phone] += message.delivered
        return [shown[phone] for phone in phones_of(recipients)]


def _off_by(folder: Path, seconds: float) -> str:
    """Make a place for modules, the first of which sets the clock of each process."""
    folder.mkdir()
    lines = ["import time", "own = time.time", f"time.time = lambda: own() + {seconds}"]
    (folder / "sitecustomize.py").write_text("\n".join(lines))
    return os.pathsep.join([str(folder), str(ROOT)])


def phones_of(count: int) -> list[Phone]:
    """Number so many recipients."""
    return [Phone(f"+1202555{number:04}") for number in range(100, 100 + count)]


def campaign(folder: Path, name: str, count: int) -> Path:
    """Write a campaign of so many."""
    path = folder / f"{name}.csv"
    path.write_text(
        "\n".join(["phone,message", *(f"{each},hi {name}" for each in phones_of(count))])
    )
    return path
