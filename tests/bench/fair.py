"""waheal's own command against a bare loop over the library, on one server and in one run.

And against one that asks as much of the library as the promises need: a secret with each message,
by which it is found again, and the receipts.
"""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench.devices import made
from tests.bench.figures import Baseline, Figure, ratio_at_least, ratio_at_most
from tests.bench.measure import processor_of, waheal
from tests.kit.numbers import recipients
from tests.kit.rig import Server
from waheal.engine.hosts import environment
from waheal.model import Phone
from waheal.store.sessions import Sessions

_MESSAGES = 600
_DEVICES = 50
_ROUNDS = 3

# Processor and messages/s as ratios of the loop's: first contacts, then repeats.
_TARGETS = {"first contacts": (1.25, 0.95), "repeats": (1.6, 1.0)}

_LOOPS = ("a bare loop", "a loop with secrets and receipts")
_BARE, _KEEPING = range(2)

Cost = Mapping[str, float]


def fair(place: Path, scale: float) -> Iterator[Figure]:
    """First contacts and repeats by `waheal send`, against a loop over neonize that does no more.

    Each in a new process, since the library's list of devices lives in memory; the two take turns.
    """
    count, devices = max(40, round(_MESSAGES * scale)), max(4, round(_DEVICES * scale))
    server = Server(place / "server")
    try:
        scene = _Scene(place, server, devices)
        for number in range(_ROUNDS if scale >= 1 else 1):
            scene.round(count, number)
        for what, targets in _TARGETS.items():
            yield from _figures(what, scene.found[what], targets)
    finally:
        server.stop()


@dataclass
class _Scene:
    """Three homes on one server, and what each round's runs took."""

    place: Path
    server: Server
    devices: int
    found: dict[str, list[tuple[Cost, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        database = made(self.place / "elsewhere", self.server, self.devices)
        waheal("devices", "import", str(database), *self._at)
        self.loops = [made(self.place / name, self.server, self.devices) for name in _LOOPS]

    @property
    def _at(self) -> list[str]:
        return ["--home", str(self.place / "home"), "--trust", str(self.server.trust_file)]

    def round(self, count: int, number: int) -> None:
        """Let each send first contacts, and the same people once more."""
        ours, *others = (recipients(count, (3 * number + n) * count) for n in range(3))
        for what in _TARGETS:
            name = f"{what} {number}"
            sides: list[Callable[[], Cost]] = [
                partial(self._send, name, ours),
                *(partial(self._loop, n, name, phones) for n, phones in enumerate(others)),
            ]
            order = [(number + n) % 3 for n in range(3)]
            costs = {place: self._with_server(sides[place]) for place in order}
            self.found.setdefault(what, []).append(tuple(costs[place] for place in range(3)))

    def _with_server(self, side: Callable[[], Cost]) -> Cost:
        """Tell as well what the server took of the same processors."""
        before = processor_of(self.server.pid)
        cost = side()
        return {**cost, "server": processor_of(self.server.pid) - before}

    def _send(self, name: str, phones: Sequence[Phone]) -> Cost:
        file = self.place / f"{name}.csv"
        with file.open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(("phone", "message"))
            rows.writerows((phone, f"{name} {phone}") for phone in phones)
        ours, theirs = os.pipe()
        words = (str(theirs), str(self.place / "home"), str(self.server.trust_file), str(file), "1")
        self._run("tests.bench.sender", *words, pass_fds=[theirs])
        os.close(theirs)
        with open(ours, "rb") as told:  # noqa: PTH123 - a descriptor
            return _read(told.read())

    def _loop(self, number: int, name: str, phones: Sequence[Phone]) -> Cost:
        """Send through the devices in turn, so that each person is written to by the same again."""
        trust = self.server.trust
        with closing(Sessions(self.loops[number])) as sessions:
            jids = sorted(sessions.devices())
        work = {
            "database": str(self.loops[number]),
            "keeps": number == _KEEPING,
            "trust": {"ca": trust.ca, "noise_root": trust.noise_root, "proxy": trust.proxy,
                      "token": trust.token},
            "devices": {
                jid: [(phone, f"{name} {phone}") for phone in phones[n :: len(jids)]]
                for n, jid in enumerate(jids)
            },
        }  # fmt: skip
        given = json.dumps(work).encode()
        return _read(
            self._run("tests.bench.loop", given=given, env={**environment(trust), "GOGC": "100"})
        )

    def _run(
        self,
        module: str,
        *words: str,
        given: bytes = b"",
        pass_fds: Sequence[int] = (),
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        log = self.place / "children.log"
        with log.open("ab") as errors:
            done = subprocess.run(
                [sys.executable, "-m", module, *words], input=given, stdout=subprocess.PIPE,
                stderr=errors, env=env, pass_fds=pass_fds, check=False,
            )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{module} ended with {done.returncode}:\n{log.read_text()[-2000:]}")
        return done.stdout


def _most(found: Sequence[tuple[Cost, ...]]) -> float:
    return max(cost["sent"] for pair in found for cost in pair)


def _read(told: bytes) -> Cost:
    found: Cost = json.loads(told)
    return found


def _figures(
    what: str, found: Sequence[tuple[Cost, ...]], targets: tuple[float, float]
) -> Iterator[Figure]:
    ours, theirs, keeping = ([costs[place] for costs in found] for place in range(3))
    most, least = targets

    def each(costs: Sequence[Cost], *keys: str) -> float:
        """Tell milliseconds of processor a message."""
        return median(1000 * sum(cost[key] for key in keys) / cost["sent"] for cost in costs)

    def rate(costs: Sequence[Cost]) -> float:
        return median(cost["sent"] / cost["seconds"] for cost in costs)

    loop = Baseline(_LOOPS[_BARE], each(theirs, "processor"))
    yield Figure(
        f"{what}: processor a message", each(ours, "coordinator", "hosts"), "ms", loop,
        ratio_at_most(most),
    )  # fmt: skip
    yield Figure(f"{what}: of that the coordinator", each(ours, "coordinator"), "ms")
    yield Figure(f"{what}: of that the host", each(ours, "hosts"), "ms", loop)
    # Which has the same processors: no rate is above what all three of them come to.
    server = Baseline(_LOOPS[_BARE], each(theirs, "server"))
    yield Figure(f"{what}: beside it the server", each(ours, "server"), "ms", server)
    memory = Baseline(_LOOPS[_BARE], max(cost["peak"] for cost in theirs))
    peak = max(cost["hosts_peak"] for cost in ours)
    yield Figure(f"{what}: memory of the host", peak, "MB", memory)
    yield Figure(
        f"{what}: messages/s", rate(ours), "/s", Baseline(_LOOPS[_BARE], rate(theirs)),
        ratio_at_least(least),
    )  # fmt: skip
    more = Baseline(_LOOPS[_KEEPING], each(keeping, "processor"))
    yield Figure(f"{what}: processor a message", each(ours, "coordinator", "hosts"), "ms", more)
    more = Baseline(_LOOPS[_KEEPING], rate(keeping))
    yield Figure(f"{what}: messages/s", rate(ours), "/s", more)
    # On a machine that is too busy the session database is locked for longer than it is waited for.
    missed = sum(1 - cost["sent"] / _most(found) for cost in ours) / len(ours)
    yield Figure(f"{what}: of them not sent for sure", 100 * missed, "%")
