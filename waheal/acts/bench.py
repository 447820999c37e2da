"""Finds out what this machine will do, by real runs against a sandbox that is gone after."""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from waheal.acts import estimate
from waheal.acts.orders import SendOrder
from waheal.acts.send import send
from waheal.acts.wishes import Machinery, Pacing
from waheal.acts.workspace import open_home
from waheal.errors import OwnFault, UsageError
from waheal.events import Settled
from waheal.model import State
from waheal.sandbox.numbering import fictional_numbers
from waheal.sizing import most_at_once, this_machine

MOST_MESSAGES = 10_000
_SAMPLE = 25  # messages between two looks at the hosts
_PAGE = resource.getpagesize()
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class BenchOrder:
    """One `bench`: how much to send through how many devices, and which campaign to reckon with."""

    messages: int = 300
    paired: int = 20
    machinery: Machinery = field(default_factory=Machinery)
    recipients: int | None = None
    over: int = 1
    pace: Pacing = field(default_factory=Pacing)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Something that takes a while begins."""

    what: str


@dataclass(frozen=True, slots=True)
class Throughput:
    """One run at no limit. `processor` is in seconds a message, of the coordinator and the hosts.

    `host_memory`: bytes of all host processes together, at most.
    """

    what: str
    messages: int
    seconds: float
    coordinator: float
    hosts: float
    host_memory: int

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long a campaign takes at best (seconds), and whether the pace or the machine says so."""

    recipients: int
    devices: int
    seconds: float
    paced: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How many devices may be connected at once on this machine, and what bounds that."""

    devices: int
    bound: str


BenchEvent = Beginning | Throughput | Room | Forecast


def bench(order: BenchOrder) -> Iterator[BenchEvent]:
    """Pair devices with a new sandbox, send to strangers, then to the same again; tell how fast.

    The sandbox takes its share of the machine, which the real WhatsApp would not; the network and
    the real server's own time are not in it.

    Raises:
        UsageError: an option can't be read, or more is asked for than there are numbers.
    """
    if order.messages > MOST_MESSAGES:
        raise UsageError(
            f"--messages can't be more than {MOST_MESSAGES:,}",
            hint="the rate is the same with fewer",
        )
    limits, window, chats = order.pace.limits(), order.pace.hours(), order.pace.chats()
    with tempfile.TemporaryDirectory(prefix="waheal-bench-") as folder:
        yield Beginning(f"pairing {order.paired:,} devices with a sandbox of its own")
        for what in ("first messages", "messages to people who know the device"):
            run = _run(order, Path(folder), what)
            yield run
    if (most := most_at_once(this_machine())) is not None:
        yield Room(*most)
    if order.recipients is None:
        return
    paced = estimate.seconds(order.recipients, order.over, limits, window, chats) or 0.0
    able = order.recipients / run.rate if run.rate else paced
    yield Forecast(order.recipients, order.over, max(paced, able), paced >= able)


def _run(order: BenchOrder, folder: Path, what: str) -> Throughput:
    file = folder / f"{what.replace(' ', '-')}.csv"
    numbers = list(fictional_numbers())[-order.messages :]
    lines = [f'+{number},"{what} {number}"' for number in numbers]
    file.write_text("\n".join(["phone,message", *lines, ""]), encoding="utf-8")
    home = open_home(folder / "home", sandbox=True)
    watched = _Watched()
    asked = SendOrder(file, machinery=order.machinery, sandbox_devices=order.paired)
    for event in send(home, asked):
        if isinstance(event, Settled) and event.state in {State.SENT, State.DELIVERED}:
            watched.note()
    return watched.told(what)


class _Watched:
    """One run: when messages were taken, and what the coordinator and its hosts use meanwhile."""

    def __init__(self) -> None:
        self._sent = 0
        self._first = self._last = 0.0
        self._memory = 0
        self._looks: list[tuple[int, float, dict[int, float]]] = []

    def note(self) -> None:
        self._sent += 1
        self._last = time.monotonic()
        self._first = self._first or self._last
        if self._sent % _SAMPLE == 1:
            found = list(_host_processes())
            self._memory = max(self._memory, sum(memory for _, _, memory in found))
            hosts = {pid: used for pid, used, _ in found}
            self._looks.append((self._sent, _own_processor(), hosts))

    def told(self, what: str) -> Throughput:
        """Sum it up; the processor's share is that between the first and the last look.

        Raises: OwnFault where nothing was taken, which no sandbox that works does.
        """
        if not self._looks:
            raise OwnFault(
                "nothing could be sent in the sandbox", hint="see why with `waheal doctor`"
            )
        (begun, own, hosts), (ended, own_after, hosts_after) = self._looks[0], self._looks[-1]
        each = max(1, ended - begun)
        used = sum(after - hosts.get(pid, 0.0) for pid, after in hosts_after.items())
        return Throughput(
            what,
            self._sent,
            self._last - self._first,
            (own_after - own) / each,
            used / each,
            self._memory,
        )


def _own_processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _host_processes() -> Iterator[tuple[int, float, int]]:
    """Give the id, the seconds of the processor and the bytes of memory of each host of ours."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == os.getpid() and b"waheal.host" in line:
            used = (int(fields[11]) + int(fields[12])) / _TICK
            yield int(folder.name), used, int(fields[21]) * _PAGE
