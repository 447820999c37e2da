"""A sandbox process, a home with devices in it, and runs of the real engine with real hosts.

The coordinator never loads the library, so a run can live in the test's own process; hosts and
the sandbox are processes of their own, as in the product.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from waheal.engine.pairing import pair
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.engine.surroundings import Surroundings
from waheal.errors import WahealError
from waheal.events import Event, RunFinished
from waheal.model import Content, DeviceId, Phone, Planned, State, Trust
from waheal.policy.optout import Words
from waheal.records import Tally
from waheal.sandbox.control import Control
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.wire import HostSettings, Paired, PairFailed, QrCode

PATIENCE = 60.0
CAMPAIGN = "campaign"


class Server:
    """The sandbox as a process; it can be killed and started again on its port."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "waheal.sandbox", "--state", str(self.state)]
        self._process = subprocess.Popen(
            [*command, "--port", str(self._port)], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self._port = ready["port"]
        self.trust_file = Path(ready["trust_file"])
        self.trust = Trust(**json.loads(self.trust_file.read_text()))

    @property
    def control(self) -> Control:
        return Control(self.trust.proxy, self.trust.token)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.send_signal(number)
        self._process.stdout.close()
        self._process.wait(PATIENCE)


@dataclass
class Clock:
    """The time of day as a test wants it: real, plus what it was moved by."""

    moved: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.moved


class Running:
    """A run in a thread of its own; its events can be waited for."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.events: list[Event] = []
        self.error: WahealError | None = None
        self._news = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        try:
            for event in self.run.events():
                with self._news:
                    self.events.append(event)
                    self._news.notify_all()
        except WahealError as error:
            self.error = error
        finally:
            with self._news:
                self._over = True
                self._news.notify_all()

    def wait_for(self, wanted: Callable[[Event], bool], timeout: float = PATIENCE) -> Event:
        """Wait for an event; fails when the run ends without it."""
        seen = 0
        with self._news:
            deadline = time.monotonic() + timeout
            while True:
                for event in self.events[seen:]:
                    if wanted(event):
                        return event
                seen = len(self.events)
                assert not self._over, f"the run ended without it: {self.events[-5:]}"
                left = deadline - time.monotonic()
                assert left > 0, f"it did not come in {timeout} s: {self.events[-5:]}"
                self._news.wait(left)

    def finish(self, timeout: float = 240.0) -> RunFinished:
        self._thread.join(timeout)
        assert not self._thread.is_alive(), f"the run does not end: {self.events[-5:]}"
        last = self.events[-1]
        assert isinstance(last, RunFinished), last
        return last


def greeting(phone: Phone) -> Content:
    return Content(f"to {phone}")


@dataclass
class Rig:
    """Everything a fault test needs; `devices` are labelled d0, d1, …"""

    server: Server
    home: Home
    ledger: Ledger
    lock: HomeLock
    clock: Clock = field(default_factory=Clock)

    @property
    def control(self) -> Control:
        return self.server.control

    def pair(self, count: int) -> list[DeviceId]:
        """Pair so many more devices, as a phone would."""
        have = len(self.ledger.devices.all(self.clock()))
        labels = [DeviceId(f"d{number}") for number in range(have, have + count)]
        for report in pair(self.home, labels, settings=HostSettings(self.server.trust)):
            match report:
                case QrCode(code):
                    self.control.phones.scan(code)
                case Paired(device, jid, _, _):
                    phone = Phone(f"+{jid.partition('@')[0].partition(':')[0]}")
                    self.ledger.devices.add(device, jid, phone, self.clock())
                case PairFailed(device, reason, _):
                    raise AssertionError(f"{device}: {reason}")
                case _:
                    continue
        return labels

    def jid(self, label: str) -> str:
        """The session of a device, as the sandbox's orders name it."""
        device = self.ledger.devices.find(DeviceId(label), self.clock())
        assert device is not None
        assert device.jid is not None
        return device.jid

    def enroll(
        self,
        count: int,
        name: str = CAMPAIGN,
        pinned: str | None = None,
        say: Callable[[Phone], Content] = greeting,
    ) -> list[Phone]:
        """Enrol so many recipients, each with a text of its own, or what `say` makes for them."""
        recipients = phones(count)
        self.enroll_rows(
            [
                Planned(row, phone, say(phone), pinned=DeviceId(pinned) if pinned else None)
                for row, phone in enumerate(recipients, start=2)
            ],
            name,
        )
        return recipients

    def enroll_rows(self, rows: Sequence[Planned], name: str = CAMPAIGN) -> None:
        now = self.clock()
        campaign = self.ledger.campaigns.open(name, f"/{name}.csv", now)
        self.ledger.enrolment.enroll(campaign.id, rows, now=now, digest=None)

    def settings(self, name: str = CAMPAIGN, host: HostSettings | None = None) -> RunSettings:
        return RunSettings(name, host=replace(host or HostSettings(), trust=self.server.trust))

    def start(self, settings: RunSettings | None = None) -> Running:
        return Running(self.run(settings))

    def run(self, settings: RunSettings | None = None) -> Run:
        return Run(
            self.home,
            self.lock,
            self.ledger,
            settings or self.settings(),
            words=Words(),
            zone=ZoneInfo("UTC"),
            surroundings=Surroundings(now=self.clock),
        )

    def send(self, settings: RunSettings | None = None) -> list[Event]:
        """Run to the end."""
        return list(self.run(settings).events())

    def send_events(self, settings: RunSettings | None = None) -> Iterator[Event]:
        """Run to the end, event by event."""
        return self.run(settings).events()

    def tally(self, name: str = CAMPAIGN) -> Tally:
        campaign = self.ledger.campaigns.find(name)
        assert campaign is not None
        return self.ledger.campaigns.tally(campaign.id)

    def states(self, name: str = CAMPAIGN) -> dict[Phone, State]:
        campaign = self.ledger.campaigns.find(name)
        assert campaign is not None
        return {row.phone: row.state for row in self.ledger.recipients.rows(campaign.id)}

    def texts(self) -> dict[Phone, list[str]]:
        """What each phone could read, a text as often as it was shown."""
        shown: dict[Phone, list[str]] = {}
        for message in self.control.phones.received():
            texts = shown.setdefault(Phone(message.phone), [])
            texts += [message.text or ""] * message.delivered
        return shown


def phones(count: int) -> list[Phone]:
    """Fictional numbers, all different: +1 NPA 555-0100 to 0199."""
    return [Phone(f"+1{202 + n // 100}555{100 + n % 100:04d}") for n in range(count)]


@contextmanager
def rig(root: Path, devices: int) -> Iterator[Rig]:
    """Set up a sandbox and a home with so many paired devices; end all of it afterwards."""
    server = Server(root / "server")
    try:
        home = Home.open(root / "home", create=True)
        with HomeLock.acquire(home, what="test") as lock, Ledger.open(home) as ledger:
            ledger.bind(server.trust.noise_root)
            made = Rig(server, home, ledger, lock)
            made.pair(devices)
            yield made
    finally:
        server.stop()
