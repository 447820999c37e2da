"""Thousands of devices that send one message each in one run, against a bare loop over them."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from tests.bench.figures import Baseline, Figure, at_most, ratio_at_most
from tests.bench.measure import processor_of
from tests.bench.sending import Linked, enroll, linked
from tests.kill.scene import Process
from tests.kit.numbers import recipients
from tests.kit.rig import Rig
from tests.soak.fleet import fleet, hosts
from waheal.acts.wishes import Machinery
from waheal.engine.hosts import environment
from waheal.engine.settings import RunSettings
from waheal.events import Claimed, DeviceHealing, HostRestarted, Settled
from waheal.model import Phone, State
from waheal.wire import HostSettings

_DEVICES = 3000
_THREADS = 16  # of the bare loop: as many as are best for the library
_LOOK = 0.5  # seconds


def crowd(place: Path, scale: float) -> Iterator[Figure]:
    """3,000 devices send one message each in one run: time, logins, locks, witnesses, memory."""
    count = max(20, round(_DEVICES * scale))
    with fleet(place, count) as made:
        devices = linked(made)
        phones = recipients(2 * count)
        connects, sends = bare_loop(made, devices, phones[:count])
        yield Figure(f"bare loop: {count:,} connects", connects["seconds"], "s", None, None,
                     connects["processor"])  # fmt: skip
        yield Figure(f"bare loop: {count:,} sends", sends["seconds"], "s", None, None,
                     sends["processor"])  # fmt: skip
        before = made.control.stats().total
        seen = _run(made, phones[count:])
        yield from _told(seen, connects, sends)
        after = made.control.stats().total
        logins = after["login"] - before.get("login", 0)
        yield Figure("logins", logins, "", None, at_most(count))
        yield from _logged(made)


def bare_loop(
    made: Rig, devices: Sequence[Linked], phones: Sequence[Phone]
) -> tuple[dict[str, float], dict[str, float]]:
    """Connect these devices in a loop over the library, and send one text through each.

    What either took: `seconds` of wall, and of `processor`.
    """
    words = [sys.executable, "-m", "tests.bench.bare_crowd", str(made.home.sessions_path)]
    with subprocess.Popen(
        [*words, str(made.server.trust_file), str(_THREADS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(made.server.trust),
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pairs = [[each.jid, phone] for each, phone in zip(devices, phones, strict=True)]
        process.stdin.write(json.dumps(pairs) + "\n")
        process.stdin.flush()
        connects = json.loads(process.stdout.readline())
        sends = json.loads(process.stdout.readline())
        process.kill()  # its sockets end with it, as a host's do
    assert not connects.pop("failed"), connects
    assert not sends.pop("failed"), sends
    return connects, sends


@dataclass
class _Seen:
    """What a run looked like from outside."""

    claims: int = 0
    states: Counter[State] = field(default_factory=Counter)
    restarts: int = 0
    seconds: float = 0.0
    coordinator: float = 0.0  # seconds of processor
    hosts: dict[int, float] = field(default_factory=dict)  # likewise, by process
    memory: float = 0.0  # MB, of all hosts together, at the most
    own: float = 0.0  # MB, of this process, which is the coordinator
    descriptors: int = 0
    threads: int = 0

    def look(self) -> None:
        found = hosts()
        for each in found:
            self.hosts[each.pid] = processor_of(each.pid)
            self.descriptors = max(self.descriptors, len(each.files()))
            self.threads = max(self.threads, each.threads())
        self.memory = max(self.memory, sum(each.resident() for each in found) / 1024)
        self.own = max(self.own, Process(os.getpid(), ()).resident() / 1024)


def _run(made: Rig, phones: Sequence[Phone]) -> _Seen:
    """Run it, sized as the command sizes itself; timed from the first connect to the last end."""
    machinery = Machinery()
    settings = replace(
        RunSettings("crowd", drain_window=0.0),
        host=machinery.settings(HostSettings(made.server.trust), len(phones)),
        hosts=machinery.sizes(len(phones)).hosts,
    )
    enroll(made, "crowd", phones)
    seen, over, first = _Seen(), Flag(), 0.0
    used = time.process_time()

    def watch() -> None:
        while not over.wait(_LOOK):
            seen.look()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        for event in made.run(settings).events():
            match event:
                case DeviceHealing() if not first:
                    first = time.monotonic()
                case Claimed():
                    seen.claims += 1
                case Settled(state=state):
                    seen.states[state] += 1
                    seen.seconds = time.monotonic() - first
                    if seen.states.total() == len(phones):
                        seen.look()
                case HostRestarted():
                    seen.restarts += 1
                case _:
                    pass
    finally:
        over.set()
        watcher.join()
    seen.coordinator = time.process_time() - used
    return seen


def _told(seen: _Seen, connects: dict[str, float], sends: dict[str, float]) -> Iterator[Figure]:
    sent = seen.states[State.SENT] + seen.states[State.DELIVERED]
    bare = Baseline("bare connects and sends", connects["seconds"] + sends["seconds"])
    spent = Baseline("bare", connects["processor"] + sends["processor"])
    yield Figure(f"{sent:,} sent in one run", seen.seconds, "s", bare, ratio_at_most(1.3))
    yield Figure("processor of the hosts", sum(seen.hosts.values()), "s", spent)
    yield Figure("processor of the coordinator", seen.coordinator, "s", spent)
    yield Figure("not sent at once", seen.states.total() - sent, "", None, at_most(0))
    yield Figure("claims that were tried again", seen.claims - sent, "", None, at_most(0))
    yield Figure("hosts exchanged", seen.restarts, "", None, at_most(0))
    yield Figure("memory of the hosts together", seen.memory, "MB", None, at_most(1900))
    yield Figure("memory of the coordinator", seen.own, "MB", None, at_most(100))
    yield Figure("descriptors of a host", seen.descriptors, "")
    yield Figure("threads of a host", seen.threads, "")


def _logged(made: Rig) -> Iterator[Figure]:
    lines = "".join(each.read_text(errors="replace") for each in made.home.logs.glob("host-*.log"))
    for what, words in (
        ("locked databases", "database is locked"),
        ("witnesses lost", "Failed to store message secret"),
    ):
        yield Figure(what, lines.count(words), "", None, at_most(0))
