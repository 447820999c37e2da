"""A run's turns on a ledger in PostgreSQL, as in a file; coordinators beside each other."""

import time
from collections.abc import Iterator
from itertools import islice
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.bench.figures import Baseline, Bound, Figure, Target
from tests.kit.coordinators import GROUP, turns
from tests.kit.ledgers import jid_of, open_shared
from tests.kit.numbers import unassigned
from tests.kit.postgres import Server, durable_server, place
from waheal.model import Content, DeviceId, Planned
from waheal.records import Campaign
from waheal.store.home import Home
from waheal.store.ledger import Ledger

_MESSAGES = 10_000
_MOST = 0.5  # ms of processor a message
_PATIENCE = 600.0  # seconds: one that fails says so by itself, and puts nothing


def beside(folder: Path, scale: float) -> Iterator[Figure]:
    """What a message costs the ledger in PostgreSQL and in a file; two and four coordinators."""
    count = max(GROUP * 10, round(_MESSAGES * scale))
    home = Home.open(folder / "home", create=True)
    with Ledger.open(home) as ledger:
        campaign = _begin(ledger, "file", 0, count)
        used, began = time.process_time(), time.monotonic()
        _work(ledger, campaign, DeviceId("d1"))
        file, took = time.process_time() - used, time.monotonic() - began
    with durable_server() as server:
        at = place(server.url, home.root)
        for coordinators in (1, 2, 4):
            yield from _measured(home, at, server, count, coordinators, file, took)


def _measured(
    home: Home, at: str, server: Server, count: int, coordinators: int, file: float, took: float
) -> Iterator[Figure]:
    name = f"c{coordinators}"
    with open_shared(home, at) as ledger:
        _begin(ledger, name, coordinators * count, count)
    apart = get_context("spawn")
    gate, ends = apart.Barrier(coordinators + 1), apart.Queue()
    workers = [
        apart.Process(target=_coordinate, args=(home.root, at, name, number, gate, ends))
        for number in range(coordinators)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    before, began = server.processor(), time.monotonic()
    clients = sum(ends.get(timeout=_PATIENCE) for _ in workers)
    used, lasted = clients + server.processor() - before, time.monotonic() - began
    gate.wait()
    for worker in workers:
        worker.join()
    each = f"{coordinators} coordinators" if coordinators > 1 else "a coordinator"
    yield Figure(
        f"processor a message, client and server, {each}",
        1000 * used / count,
        "ms",
        Baseline("in a file", 1000 * file / count),
        Target(Bound.AT_MOST, _MOST),
    )
    yield Figure(
        f"messages with their endings and receipts, {GROUP} a turn, {each}",
        count / lasted,
        "messages/s",
        Baseline("in a file", count / took),
    )


def _coordinate(
    root: Path, at: str, name: str, number: int, gate: Barrier, ends: "Queue[float]"
) -> None:
    with open_shared(Home(root), at) as ledger:
        campaign = ledger.campaigns.find(name)
        assert campaign is not None
        gate.wait()
        used = time.process_time()
        _work(ledger, campaign, DeviceId(f"d{number}"))
        ends.put(time.process_time() - used)
        gate.wait()  # the server's part for this connection is read meanwhile


def _begin(ledger: Ledger, name: str, start: int, count: int) -> Campaign:
    """Enrol people whom no device knows: they would wait for that one."""
    campaign = ledger.campaigns.open(name, f"/{name}.csv", time.time())
    everyone = (Planned(row, phone, Content("hello")) for row, phone in enumerate(unassigned(), 2))
    rows = islice(everyone, start, start + count)
    ledger.enrolment.enroll(campaign.id, rows, now=time.time(), digest=None)
    for number in range(4):
        device = DeviceId(f"d{number}")
        ledger.devices.add(device, jid_of(device), None, time.time())
    return campaign


def _work(ledger: Ledger, campaign: Campaign, device: DeviceId) -> None:
    for _ in turns(ledger, campaign, device):
        pass
