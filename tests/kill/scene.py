"""A sandbox, a home with devices linked in bulk, and the command line as processes to be killed.

Every process that a scene starts carries the scene's mark in its environment, and so do all that
those start: whoever lives on is found in /proc, whatever has become of its parents.
"""

import csv
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.kit.kinds import SAMPLES
from tests.kit.numbers import recipients as numbers
from tests.kit.rig import PATIENCE, Server
from waheal.acts.attaching import provision
from waheal.engine.collect import probe
from waheal.model import OPUS, DeviceId, MessageKind, Phone
from waheal.records import Tally
from waheal.sandbox.control import Control
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.wire import HostSettings

MARK = "WAHEAL_TEST_SCENE"
_POLL = 0.02

Line = dict[str, object]


def until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for a condition that nobody tells of; returns how long it took."""
    began = time.monotonic()
    while not holds():
        took = time.monotonic() - began
        assert took < seconds, f"{what}: not within {seconds} s"
        time.sleep(_POLL)
    return time.monotonic() - began


@dataclass(frozen=True)
class Process:
    """A process as /proc shows it."""

    pid: int
    command: tuple[str, ...]

    @property
    def is_host(self) -> bool:
        return "waheal.host" in self.command

    @property
    def is_coordinator(self) -> bool:
        return "waheal.cli" in self.command

    def files(self) -> dict[int, str]:
        """Its descriptors, and what each of them is."""
        found: dict[int, str] = {}
        with suppress(OSError):
            for entry in Path(f"/proc/{self.pid}/fd").iterdir():
                with suppress(OSError):
                    found[int(entry.name)] = str(entry.readlink())
        return found

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def threads(self) -> int:
        with suppress(OSError):
            return sum(1 for _ in Path(f"/proc/{self.pid}/task").iterdir())
        return 0

    def resident(self) -> int:
        """Its memory, in KiB."""
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0


class Command:
    """One `waheal … --json` as a process of its own, its lines read as they come.

    `apart`: in a session of its own, as a machine that loses its power. Whoever stops one of its
    hosts wants none: the kernel lets those go on whom the session's end leaves without a parent.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: dict[str, str],
        program: str = "waheal.cli",
        *,
        apart: bool = False,
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=apart,
        )
        self.lines: list[Line] = []
        self._counts = Counter[object]()  # of the lines, by event
        self.output: list[str] = []
        self.talk: list[str] = []
        self._news = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_talk, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.output.append(text)
            line: object = {}
            with suppress(ValueError):  # a killed process may leave half a line
                line = json.loads(text)
            if isinstance(line, dict):
                with self._news:
                    self.lines.append(line)
                    self._counts[line.get("event")] += 1
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _read_talk(self) -> None:
        assert self.process.stderr is not None
        for text in self.process.stderr:
            self.talk.append(text)

    def document(self) -> Line:
        """What a command that prints one JSON document has printed; read it after `wait`."""
        told: object = json.loads("".join(self.output))
        assert isinstance(told, dict)
        return told

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def told(self) -> str:
        return "".join(self.talk)

    def named(self, event: str) -> list[Line]:
        with self._news:
            return [line for line in self.lines if line.get("event") == event]

    def wait_count(self, event: str, count: int, timeout: float = PATIENCE) -> bool:
        """Wait until it has told of so many events; False when it ended before."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                seen = self._counts[event]
                if seen >= count:
                    return True
                if not self._readers[0].is_alive():  # not its end: lines of it may still be unread
                    return False
                left = deadline - time.monotonic()
                assert left > 0, f"{seen} of {count} {event} in {timeout} s: {self.told}"
                self._news.wait(min(left, 0.2))

    def wait(self, timeout: float = 180.0) -> int:
        """Wait for its end, and for the last of what it said; its exit code."""
        code = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(PATIENCE)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def finish(self, timeout: float = 180.0) -> Line:
        """Wait for its end; its last line."""
        code = self.wait(timeout)
        assert self.lines, f"exit {code}, no line: {self.told}"
        return self.lines[-1]

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)


@dataclass(frozen=True)
class Scene:
    """One home, its campaign and its processes."""

    server: Server
    home: Home
    mark: str
    campaign: Path
    recipients: tuple[Phone, ...]
    kind: MessageKind = MessageKind.TEXT

    @property
    def control(self) -> Control:
        return self.server.control

    def text(self, phone: Phone) -> str:
        """What this scene writes to a phone: of other scenes' messages it tells these apart."""
        return f"{self.mark} to {phone}"

    def command(self, *words: str, json: bool = True) -> Command:
        """Start a command on this home."""
        named = [*words, "--home", str(self.home.root), *(["--json"] if json else [])]
        return Command(named, {**os.environ, MARK: self.mark})

    def program(self, program: str, *words: str) -> Command:
        """Start any program of Python's for this home."""
        return Command(words, {**os.environ, MARK: self.mark}, program)

    def send(self, *words: str, json: bool = True) -> Command:
        """Start `waheal send` with the scene's campaign."""
        trust = ["--trust", str(self.server.trust_file)]
        return self.command("send", str(self.campaign), *trust, *words, json=json)

    def sync(self, seconds: float) -> Command:
        """Start `waheal sync`."""
        trust = ["--trust", str(self.server.trust_file)]
        return self.command("sync", "--for", f"{seconds}s", *trust)

    def processes(self) -> list[Process]:
        """Everything that lives of what this scene ever started."""
        return list(marked(self.mark))

    def hosts(self) -> list[Process]:
        return [process for process in self.processes() if process.is_host]

    def wait_alone(self, seconds: float) -> float:
        """Wait until none of its processes lives; returns how long that took."""
        return until(lambda: not self.processes(), seconds, f"{self.processes()} live")

    def assert_each_got_it_once(self) -> None:
        shown = self.received()
        assert shown == dict.fromkeys(self.recipients, 1)

    def ledger(self) -> Ledger:
        """Open the ledger beside whatever runs."""
        return Ledger.open(self.home, readonly=True)

    def tally(self) -> Tally:
        """Count the campaign's states, beside whatever runs."""
        with self.ledger() as ledger:
            campaign = ledger.campaigns.find(self.campaign.stem)
            return Tally() if campaign is None else ledger.campaigns.tally(campaign.id)

    def received(self) -> dict[Phone, int]:
        """How often each phone was shown this scene's text; stanzas that came again count."""
        shown: dict[Phone, int] = {}
        for message in self.control.phones.received():
            phone = Phone(message.phone)
            if self.kind is MessageKind.VOICE:  # it has no words: one scene a server
                mine = message.media_mime == OPUS
            else:
                mine = self.text(phone) in {message.text, *_named(message.particulars)}
            if mine:
                shown[phone] = shown.get(phone, 0) + message.delivered
        return shown


def _named(particulars: str | None) -> Iterator[str]:
    """Give the name of a place or a contact."""
    if particulars is not None:
        shown = json.loads(particulars)
        yield from (shown[name] for name in ("name", "displayName") if name in shown)


def set_up(
    root: Path,
    server: Server,
    *,
    devices: int,
    recipients: int,
    kind: MessageKind = MessageKind.TEXT,
) -> Scene:
    """Make a home with devices, and a campaign file."""
    root.mkdir(parents=True, exist_ok=True)
    home = Home.open(root / "home", create=True)
    probe(home, HostSettings(trust=server.trust))
    with Ledger.open(home) as ledger:
        ledger.bind(server.trust.noise_root)
        labels = [DeviceId(f"d{number}") for number in range(devices)]
        provision(home, ledger, server.control, labels)
    scene = Scene(
        server, home, secrets.token_hex(4), root / "campaign.csv", tuple(numbers(recipients)), kind
    )
    with scene.campaign.open("w", newline="") as file:
        rows = csv.writer(file)
        columns = _COLUMNS[kind]
        rows.writerow(["phone", *(["kind"] if kind is not MessageKind.TEXT else []), *columns])
        for phone in scene.recipients:
            words = {"": scene.text(phone)}
            said = [] if kind is MessageKind.TEXT else [kind.value]
            rows.writerow([phone, *said, *(words.get(cell, cell) for cell in columns.values())])
    for name in ("ticket.png", "hello.ogg"):
        shutil.copy(SAMPLES / name, root)
    return scene


_COLUMNS: dict[MessageKind, dict[str, str]] = {
    MessageKind.TEXT: {"message": ""},
    MessageKind.MEDIA: {"media": "ticket.png", "caption": ""},
    MessageKind.VOICE: {"media": "hello.ogg"},
    MessageKind.POLL: {"message": "", "option_1": "Yes", "option_2": "No"},
    MessageKind.LOCATION: {"latitude": "1.5", "longitude": "2.5", "place": ""},
    MessageKind.CARD: {"card_name": "", "card_phone": "+15035550185"},
}
"""What each kind's rows hold; an empty cell stands for the scene's own words."""


@contextmanager
def scene(root: Path, *, devices: int = 3, recipients: int = 30) -> Iterator[Scene]:
    """Set up a scene on a server of its own; afterwards nothing of either lives."""
    server = Server(root / "server")
    try:
        made = set_up(root, server, devices=devices, recipients=recipients)
        try:
            yield made
        finally:
            clear(made)
    finally:
        server.stop()


def clear(made: Scene) -> None:
    """End what still lives, so that a test that failed leaves nothing behind."""
    for process in made.processes():
        process.kill()
    made.wait_alone(PATIENCE)


def marked(mark: str) -> Iterator[Process]:
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            if wanted not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            yield Process(int(folder.name), tuple(words))
