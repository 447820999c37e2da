"""How a pace is kept where nothing fails, by how many devices, and what that takes."""

import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.figures import Baseline, Figure, Target, ratio_at_most
from tests.bench.measure import processor_of, queued_of
from tests.bench.pace import Arrivals, wait, watching
from tests.bench.sending import PATIENCE
from tests.kill.scene import Command, Scene, scene
from tests.kit.numbers import most

_EVERY = 10.0  # seconds between two messages of a device
_KEPT = 1.02  # times that, at most
_MANY, _LONG = 300, 300.0  # devices, and seconds
_WANTED = 3_000  # devices
_LOOK = 60.0  # seconds for which a number of devices is tried
_MOST = 1_300  # devices, to begin with
_CONNECT = 60.0  # seconds for all of them to connect, and to begin
_STEP = 50  # devices: how exactly the most are told


@dataclass(frozen=True, slots=True)
class _Kept:
    """How a pace was kept: seconds between two messages, and of processor in so many seconds.

    `queued`: those of all threads together in which they could have run, and others did.
    """

    typical: float
    slowest: float
    messages: int
    seconds: float
    coordinator: float
    hosts: float
    sandbox: float
    queued: float

    @property
    def holds(self) -> bool:
        return self.typical <= _EVERY * _KEPT

    def ours(self) -> float:
        """Tell the seconds of processor that a message takes, without the sandbox's."""
        return (self.coordinator + self.hosts) / max(1, self.messages)


def steady(place: Path, scale: float) -> Iterator[Figure]:
    """How a pace is kept where nothing fails, and what that takes: 300 devices, one in 10 s."""
    devices, seconds = max(4, round(_MANY * scale)), max(30.0, _LONG * min(1.0, 2 * scale))
    for limit in (("--gap", "10s"), ("--rate", "6/min")):
        kept = _run(place / limit[0], devices, seconds, limit)
        yield from _told(f"{devices} devices, {' '.join(limit)}", kept)


def steadiest(place: Path, scale: float) -> Iterator[Figure]:
    """The most devices that hold one in 10 s to 2 % on this machine, and what limits 3,000."""
    look, step = max(20.0, _LOOK * min(1.0, 2 * scale)), max(2, round(_STEP * scale))
    low, high = 0, round(_MOST * scale)
    while high - low > step:
        tried = (low + high) // 2
        kept = _run(place / str(tried), tried, look)
        yield from _told(f"{tried:,} devices for {look:.0f} s", kept)
        low, high = (tried, high) if kept.holds else (low, tried)
    low = max(2, low)
    longest = most() / low * _EVERY - _CONNECT  # there are no more numbers for fiction
    seconds = min(longest, max(30.0, _LONG * min(1.0, 2 * scale)))
    kept = _run(place / "held", low, seconds)
    yield from _told(f"{low:,} devices for {seconds:.0f} s", kept, ratio_at_most(_KEPT))
    yield from _reckoned(kept)


def _run(
    place: Path, devices: int, seconds: float, limit: Sequence[str] = ("--gap", "10s")
) -> _Kept:
    recipients = int(devices * (seconds + _CONNECT) / _EVERY)
    with scene(place, devices=devices, recipients=recipients) as made:
        return _kept_up(made, seconds, limit)


def _kept_up(made: Scene, seconds: float, limit: Sequence[str]) -> _Kept:
    with watching(made.control) as seen:
        command = made.send("--hosts", "2", *limit)
        began = _begun(command, seen)
        hosts = [host.pid for host in made.hosts()]
        pids = [command.pid, *hosts, made.server.pid]
        before = [processor_of(pid) for pid in pids]
        queued = sum(map(queued_of, pids))
        wait(command, seconds)
        used = [processor_of(pid) - each for pid, each in zip(pids, before, strict=True)]
        queued = sum(map(queued_of, pids)) - queued
        seconds = time.time() - began
        command.kill(signal.SIGTERM)
        command.wait(PATIENCE)
    firsts = [[at for at in each if began <= at <= began + seconds] for each in seen.firsts()]
    means = [(each[-1] - each[0]) / (len(each) - 1) for each in firsts if len(each) > 1]
    return _Kept(
        median(means), max(means), sum(map(len, firsts)), seconds,
        used[0], sum(used[1:-1]), used[-1], queued,
    )  # fmt: skip


def _begun(command: Command, seen: Arrivals) -> float:
    """Wait until all devices have sent, or no further one has for a while; when (Unix seconds)."""
    known = 0
    while known < len(seen.by_device) or not known:
        known = len(seen.by_device)
        wait(command, _EVERY)
    return time.time()


def _told(word: str, kept: _Kept, target: Target | None = None) -> Iterator[Figure]:
    asked = Baseline("asked for", _EVERY)
    yield Figure(f"{word}: between two messages, median", kept.typical, "s", asked, target)
    yield Figure(f"{word}: the slowest device", kept.slowest, "s", asked)
    for what, used in (
        ("coordinator", kept.coordinator),
        ("hosts together", kept.hosts),
        ("sandbox", kept.sandbox),
    ):
        yield Figure(f"{word}: {what}", 100 * used / kept.seconds, "% of a core")
    queued = 1000 * kept.queued / kept.messages
    yield Figure(f"{word}: in line for a processor", queued, "ms a message")


def _reckoned(kept: _Kept) -> Iterator[Figure]:
    """Tell what a message takes, and what so many devices would by that, without the sandbox."""
    for what, used in (
        ("coordinator", kept.coordinator),
        ("hosts", kept.hosts),
        ("sandbox", kept.sandbox),
    ):
        yield Figure(f"a message: {what}", 1000 * used / kept.messages, "ms of processor")
    rate = _WANTED / _EVERY
    share = rate * kept.coordinator / kept.messages
    yield Figure(f"{_WANTED:,} devices, reckoned: coordinator", 100 * share, "% of a core")
    yield Figure(f"{_WANTED:,} devices, reckoned: it and hosts", 100 * rate * kept.ours(),
                 "% of a core")  # fmt: skip
