"""Many devices on one sandbox, runs of the real engine, and faults at random beside them."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.kill.scene import MARK, Process, marked
from tests.kit.rig import Rig, rig
from waheal.acts.attaching import provision
from waheal.engine.collect import probe
from waheal.events import DeviceHealed, Event, HostRestarted, Settled
from waheal.model import DeviceId
from waheal.sandbox.control import Control, ControlError
from waheal.wire import HostSettings


@contextmanager
def fleet(root: Path, devices: int) -> Iterator[Rig]:
    """Set up a rig whose devices are linked in bulk; its hosts carry a mark."""
    with rig(root, devices=0) as made:
        probe(made.home, HostSettings(trust=made.server.trust))
        labels = [DeviceId(f"d{number}") for number in range(devices)]
        provision(made.home, made.ledger, made.control, labels)
        os.environ[MARK] = str(root)
        try:
            yield made
        finally:
            del os.environ[MARK]


def hosts() -> list[Process]:
    """The hosts that live now of this process's fleet."""
    return [process for process in marked(os.environ[MARK]) if process.is_host]


@dataclass
class Figures:
    """What was seen of the hosts, and of the pace, while a run went on."""

    pids: set[int] = field(default_factory=set)
    descriptors: list[int] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)  # KiB
    settled: Counter[str] = field(default_factory=Counter)
    restarts: list[HostRestarted] = field(default_factory=list)
    heals: list[float] = field(default_factory=list)
    longest_pause: float = 0.0  # seconds between two settled ones
    seconds: float = 0.0

    def look(self) -> None:
        """Sample the hosts."""
        for host in hosts():
            self.pids.add(host.pid)
            self.descriptors.append(len(host.files()))
            self.resident.append(host.resident())

    def line(self) -> str:
        heals = sorted(self.heals)
        return (
            f"{dict(self.settled)} in {self.seconds:.1f} s,"
            f" longest pause {self.longest_pause:.2f} s; {len(self.pids)} hosts,"
            f" descriptors {_span(self.descriptors)}, RSS {_span(self.resident)} KiB;"
            f" heals {len(heals)}, p50 {_at(heals, 0.5):.3f} s, p95 {_at(heals, 0.95):.3f} s"
        )


def _span(values: Sequence[int]) -> str:
    return f"{values[0]}..{values[-1]} (at most {max(values)})" if values else "?"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def follow(events: Iterator[Event], figures: Figures | None = None, every: int = 25) -> Figures:
    """Follow a run to its end, sampling its hosts now and then."""
    seen = Figures() if figures is None else figures
    began = time.monotonic()
    last: float | None = None
    for event in events:
        match event:
            case Settled(state=state):
                now = time.monotonic()
                seen.settled[state.value] += 1
                seen.longest_pause = max(seen.longest_pause, 0.0 if last is None else now - last)
                last = now
                if seen.settled.total() % every == 1:
                    seen.look()
            case HostRestarted():
                seen.restarts.append(event)
            case DeviceHealed(seconds=seconds):
                seen.heals.append(seconds)
            case _:
                pass
    seen.seconds += time.monotonic() - began
    return seen


Mischief = Callable[[Control, Random, str], str]
"""Does something to a device that is online; returns what it did."""


@contextmanager
def mischief(
    control: Control, random: Random, every: float, choose: Mischief, most: int | None = None
) -> Iterator[Counter[str]]:
    """Do something every so many seconds, for as long as the block runs; counts what.

    At `most` so often: what a run bears in seconds ends it where the machine takes minutes.
    """
    done: Counter[str] = Counter()
    over = threading.Event()

    def run() -> None:
        while not over.wait(every) and (most is None or done.total() < most):
            online = [device.jid for device in control.devices.linked() if device.online]
            if online:
                try:
                    done[choose(control, random, random.choice(online))] += 1
                except ControlError as error:  # that device has gone meanwhile
                    done[f"refused: {error}"] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()
