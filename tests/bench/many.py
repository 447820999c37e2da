"""What devices cost that are open and that nobody sends through."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.measure import processor_of
from tests.bench.sending import Bare, bare, linked
from tests.kill.scene import Process
from tests.soak.fleet import fleet
from waheal.wire import Offline, Online

_COUNTS = (1000, 3000)
_WATCHED = 20.0  # seconds


def many(place: Path, scale: float) -> Iterator[Figure]:
    """1,000 and 3,000 devices open at once in one host: memory, descriptors, threads, idle CPU."""
    counts = [max(20, round(count * scale)) for count in _COUNTS]
    with fleet(place, max(counts)) as made:
        devices = linked(made)
        for count in counts:
            with bare(made, max_open=max(counts)) as host:
                before = Process(host.host.pid, ()).resident() / 1024
                began = time.monotonic()
                host.connect(devices[:count])
                offline = [
                    report
                    for report in (host.wait(Online, Offline) for _ in range(count))
                    if isinstance(report, Offline)
                ]
                assert not offline, offline[:3]
                yield Figure(f"{count:,} devices online", time.monotonic() - began)
                yield from _cost(host, count, before, _WATCHED * min(1.0, max(scale, 0.1)))


def _cost(host: Bare, count: int, before: float, watched: float) -> Iterator[Figure]:
    process = Process(host.host.pid, ())
    used = processor_of(process.pid)
    time.sleep(watched)
    idle = (processor_of(process.pid) - used) / watched
    resident = process.resident() / 1024
    yield Figure(f"{count:,} open: memory of the host", resident, "MB")
    yield Figure(f"{count:,} open: memory a device", 1024 * (resident - before) / count, "kB")
    yield Figure(f"{count:,} open: descriptors", len(process.files()), "")
    yield Figure(f"{count:,} open: threads", process.threads(), "")
    yield Figure(f"{count:,} open: of a core while idle", 100 * idle, "%")
