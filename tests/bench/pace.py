"""Whether limits hold at the server, while logins, acks, connections, hosts and runs fail."""

import signal
import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.bench.figures import Baseline, Figure, at_most
from tests.bench.sending import PATIENCE
from tests.kill.scene import Command, Scene, scene
from tests.soak.fleet import mischief
from waheal.sandbox.control import Action, Control, ControlError, FaultKind, FaultOrder

_SECONDS = 150.0
_DEVICES = 24
_RESTARTS = 5
_EVERY = 0.5  # seconds between faults
_LOGIN = 7.0  # seconds that each takes
_GAP = 4.0
_RATE = 20
_TOTAL = 120
_MINUTE, _QUARTER = 60.0, 15.0


@dataclass
class Arrivals:
    """When each message's first and last stanza came in, by device (Unix seconds, the server's)."""

    by_device: dict[str, dict[str, tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def note(self, device: str, message: str, at: float) -> None:
        first, _ = self.by_device[device].get(message, (at, at))
        self.by_device[device][message] = (first, at)

    def gaps(self) -> list[float]:
        """Tell the seconds from each message's last stanza to its device's next message."""
        found = list[float]()
        for messages in self.by_device.values():
            ordered = sorted(messages.values())
            found += [later[0] - earlier[1] for earlier, later in pairwise(ordered)]
        return found

    def firsts(self) -> list[list[float]]:
        """List when each device's messages came in first, in order."""
        return [sorted(first for first, _ in each.values()) for each in self.by_device.values()]

    def together(self) -> list[float]:
        """List that of all devices."""
        return sorted(at for each in self.firsts() for at in each)


def most(moments: Sequence[float], seconds: float) -> int:
    """Count those of the fullest span of so many seconds."""
    ends = (bisect_right(moments, at + seconds - 1e-6) for at in moments)
    return max((end - start for start, end in enumerate(ends)), default=0)


@contextmanager
def watching(control: Control) -> Iterator[Arrivals]:
    """Note what comes in, while the block runs; the server must not end before it."""
    seen, last = Arrivals(), threading.Event()

    def watch() -> None:
        with suppress(ControlError, OSError):
            for row in control.watch():
                if row["event"] == "arrived":
                    seen.note(str(row["device"]), str(row["message_id"]), float(str(row["at"])))
                if last.is_set():
                    return

    threading.Thread(target=watch, daemon=True).start()
    yield seen
    last.set()


def pace(place: Path, scale: float) -> Iterator[Figure]:
    """Gaps and rates at the server: pairs too close, the fullest minute; five restarts, faults."""
    seconds = max(20.0, _SECONDS * scale)
    devices = max(4, round(_DEVICES * min(1.0, 4 * scale)))
    seen = _run(place / "gap", seconds, devices, "--gap", f"{_GAP:.0f}s")
    gaps = seen.gaps()
    close = sum(gap < _GAP for gap in gaps)
    word = f"--gap {_GAP:.0f}s"
    yield Figure(f"{word}: of {len(gaps):,} pairs, closer than that", close, "", None, at_most(0))
    yield Figure(f"{word}: the closest", min(gaps, default=0.0))
    yield from _kept(word, seen, devices / _GAP, seconds)
    seen = _run(place / "rate", seconds, devices, "--rate", f"{_RATE}/min")
    word = f"--rate {_RATE}/min"
    fullest = max(most(each, _MINUTE) for each in seen.firsts())
    yield Figure(f"{word}: a device's fullest minute", fullest, "", None, at_most(_RATE))
    fullest = max(most(each, _QUARTER) for each in seen.firsts())
    yield Figure(f"{word}: its fullest 15 s", fullest, "", None, at_most(8))
    yield from _kept(word, seen, devices * _RATE / _MINUTE, seconds)
    seen = _run(place / "total", seconds, devices, "--rate-total", f"{_TOTAL}/min")
    word = f"--rate-total {_TOTAL}/min"
    fullest = most(seen.together(), _MINUTE)
    yield Figure(f"{word}: the fullest minute", fullest, "", None, at_most(_TOTAL))
    yield Figure(f"{word}: its fullest 15 s", most(seen.together(), _QUARTER), "")
    yield from _kept(word, seen, _TOTAL / _MINUTE, seconds)


def _kept(word: str, seen: Arrivals, rate: float, seconds: float) -> Iterator[Figure]:
    allowed = Baseline("what the limit allows", rate * seconds)
    yield Figure(f"{word}: sent", len(seen.together()), "messages", allowed)


def _run(place: Path, seconds: float, devices: int, *limit: str) -> Arrivals:
    """Send under a limit for so long, with faults and five restarts; what came in, and when."""
    recipients = 100 + round(devices * seconds)
    random = Random(place.name)  # noqa: S311 - to be repeated
    with scene(place, devices=devices, recipients=recipients) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_LOGIN, count=None, seconds=_LOGIN))
        with watching(made.control) as seen, mischief(made.control, random, _EVERY, _break):
            for turn in range(_RESTARTS + 1):
                command = made.send("--hosts", "2", *limit)
                wait(command, seconds / (_RESTARTS + 1))
                _end(made, command, turn)
        return seen


def wait(command: Command, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and command.process.poll() is None:
        time.sleep(0.05)


def _end(made: Scene, command: Command, turn: int) -> None:
    """Kill the run or ask it to end, in turns; in between a host."""
    if turn % 3 == 1:
        for host in made.hosts()[:1]:
            host.kill()
    command.kill(signal.SIGTERM if turn % 2 else signal.SIGKILL)
    command.wait(PATIENCE)


def _break(control: Control, random: Random, device: str) -> str:
    match random.randrange(4):
        case 0:
            control.devices.act(device, Action.DROP)
            return "drop"
        case 1:
            order = FaultOrder(FaultKind.SLOW_ACK, device=device, seconds=6 * random.random())
        case 2:
            order = FaultOrder(FaultKind.DROP_BEFORE, device=device)
        case _:
            order = FaultOrder(FaultKind.DROP_AFTER, device=device)
    control.faults.order(order)
    return order.kind.value
