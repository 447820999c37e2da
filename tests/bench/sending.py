"""Timed runs of the engine, and hosts without a ledger, on a rig of many devices."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.kit.rig import Rig
from tests.kit.sends import make_send
from waheal.engine.hosts import Died, Heard, Host, HostInbox, spawn
from waheal.engine.settings import RunSettings
from waheal.events import DeviceHealed, DeviceHealing, Event, Settled
from waheal.model import Content, DeviceId, Phone, Planned, State, Trust
from waheal.wire import Command, Connect, Finish, HostSettings, Ready, Report, Setup

PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Linked:
    """A device and its session."""

    label: DeviceId
    jid: str


def linked(made: Rig) -> list[Linked]:
    """List the devices."""
    return [Linked(each.label, each.jid or "") for each in made.ledger.devices.all(made.clock())]


@dataclass(frozen=True, slots=True)
class Timed:
    """A run of the engine: seconds from its first connect to its last settlement."""

    sent: int
    seconds: float
    events: tuple[Event, ...]

    @property
    def rate(self) -> float:
        return self.sent / self.seconds if self.seconds else 0.0

    @property
    def healed(self) -> list[float]:
        return [event.seconds for event in self.events if isinstance(event, DeviceHealed)]


def enroll(made: Rig, name: str, phones: Sequence[Phone]) -> None:
    """Enrol a campaign with a text for each."""
    made.enroll_rows([Planned(row, phone, Content(f"{name} {phone}")) for row, phone in
                      enumerate(phones, start=2)], name)  # fmt: skip


def send(made: Rig, name: str, hosts: int = 1) -> Timed:
    """Run an enrolled campaign through the whole engine."""
    host = HostSettings(made.server.trust)
    settings = RunSettings(name, host=host, hosts=hosts, drain_window=0.0)
    first = last = 0.0
    sent = 0
    events: list[Event] = []
    for event in made.run(settings).events():
        events.append(event)
        if isinstance(event, DeviceHealing) and not first:  # its hosts are up
            first = time.monotonic()
        elif isinstance(event, Settled) and event.state in {State.SENT, State.DELIVERED}:
            sent += 1
            last = time.monotonic()
    return Timed(sent, last - first, tuple(events))


class Bare:
    """One host process, driven over its pipe: the library and the cache without a ledger."""

    def __init__(self, made: Rig, *, number: int = 0, max_open: int = 1000) -> None:
        self._inbox = HostInbox()
        self.host: Host = spawn(
            number,
            setup(made, made.server.trust, max_open),
            logs=made.home.logs,
            lock_fd=None,
            inbox=self._inbox,
        )
        self._sent = 0
        self._waiting: list[Report] = []
        self.wait(Ready)

    def tell(self, command: Command) -> None:
        self.host.send(command)

    def send(self, device: Linked, phone: Phone, text: str) -> None:
        """Send a text without waiting for its answer."""
        self._sent += 1
        witness = (id(self) % 2**64).to_bytes(8) + self._sent.to_bytes(24)
        content = Content(text)
        self.tell(
            make_send(self._sent, device.label, device.jid, phone, content=content, witness=witness)
        )

    def connect(self, devices: Iterable[Linked]) -> None:
        for device in devices:
            self.tell(Connect(device.label, device.jid))

    def wait(self, *kinds: type[Report], patience: float = PATIENCE) -> Report:
        """Take the next report of one of these kinds, leaving out the others."""
        until = time.monotonic() + patience
        while True:
            while self._waiting:
                report = self._waiting.pop(0)
                if isinstance(report, kinds):
                    return report
            assert time.monotonic() < until, f"nothing came; see {self.host.log}"
            for message in self._inbox.gather(0.5):
                match message:
                    case Heard(_, report):
                        self._waiting.append(report)
                    case Died(_, cause):
                        raise AssertionError(f"the host {cause}; see {self.host.log}")
                    case _:
                        continue

    def close(self) -> None:
        self.tell(Finish())
        if not self.host.wait(10.0):
            self.host.kill()
            self.host.wait(10.0)


@contextmanager
def bare(made: Rig, *, number: int = 0, max_open: int = 1000) -> Iterator[Bare]:
    """Start a host, and end it with the block."""
    host = Bare(made, number=number, max_open=max_open)
    try:
        yield host
    finally:
        host.close()


def setup(made: Rig, trust: Trust, max_open: int) -> Setup:
    """Make what a run would start its host with."""
    return Setup(str(made.home.sessions_path), settings=HostSettings(trust, max_open=max_open))
