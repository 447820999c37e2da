"""A large campaign in PostgreSQL: its enrolment, its counts, its coordinators beside each other.

`python -m tests.bench.size --rows 10000000 --coordinators 20 --leave 1000000` measures at a size of
one's own; the catalogue's `size` at one that takes minutes.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.bench.figures import Baseline, Bound, Figure, Target
from tests.bench.results import as_json, machine
from tests.kit.coordinators import GROUP, claimed, turns
from tests.kit.ledgers import open_shared, server_of
from tests.kit.postgres import durable_server, place
from waheal.acts.status import home_status
from waheal.acts.workspace import open_home
from waheal.model import Content, DeviceId, Phone, Planned
from waheal.records import Campaign
from waheal.store.enrolment import PORTION
from waheal.store.home import Home
from waheal.store.ledger import Ledger

_ROWS = 1_000_000
_COORDINATORS = 20
_LEAVE = 0.1  # of the rows
_LOST = 0.01  # of the claims that were wanted
_DUE_MS = 5.0
_STATUS_S = 1.0
_LOOKS = 100
_BETWEEN = 0.2  # seconds between two who must be alone
_PATIENCE = 3600.0  # seconds: one that fails says so by itself, and puts nothing

# Nobody's numbers in no order: a prime step through all of them.
_NUMBERS, _STEP = 10**8, 61_803_399
_TEXT = "Hello, your order 12345678 is on its way, and it will be with you on Monday."

_BY_ROWS = "SELECT state, COUNT(*) FROM deliveries WHERE campaign_id = ? GROUP BY state"


@dataclass(frozen=True, slots=True)
class Did:
    """What a coordinator wanted, and got."""

    wanted: int
    claimed: int


def size(folder: Path, scale: float) -> Iterator[Figure]:
    """A large campaign in PostgreSQL: enrolling it, twenty coordinators on it, counting it."""
    rows = max(GROUP * _COORDINATORS * 4, round(_ROWS * scale))
    yield from measured(folder, rows, _COORDINATORS, round(rows * _LEAVE))


def measured(folder: Path, rows: int, coordinators: int, leave: int) -> Iterator[Figure]:
    """Measure with so many rows and coordinators, until so many messages have left."""
    home = Home.open(folder / "home", create=True)
    with durable_server() as server:
        at = place(server.url, home.root)
        with open_shared(home, at) as ledger:
            yield from enrolled(home, at, ledger, rows)
            yield from worked(home, at, coordinators, leave)
            campaign = ledger.campaigns.find("c")
            assert campaign is not None
            yield from _counted(home, at, ledger, campaign)
            yield from _due(home, at, ledger, campaign, coordinators)


def planned(rows: int) -> Iterator[Planned]:
    """Make so many rows, each of another number."""
    for number in range(rows):
        phone = Phone(f"+49151{number * _STEP % _NUMBERS:08}")
        yield Planned(number + 2, phone, Content(_TEXT))


def enrolled(home: Home, at: str, ledger: Ledger, rows: int) -> Iterator[Figure]:
    made = time.monotonic()
    for _ in planned(rows):
        pass
    made = time.monotonic() - made
    with _alone_now_and_then(home, at) as waits:
        began = time.monotonic()
        with (
            ledger.enrolling("c"),
            ledger.enrolment.merging(
                lambda: ledger.campaigns.open("c", "/c.csv", time.time()).id, time.time()
            ) as merge,
        ):
            file = planned(rows)
            while portion := list(islice(file, PORTION)):
                merge.add(portion)
            merge.finish(None, whole=True)
        took = time.monotonic() - began
        beside = waits.copy()
    yield Figure(
        f"enrol {rows:,} rows", rows / took, "rows/s", Baseline("making the rows", rows / made)
    )
    waits.clear()
    _be_alone(ledger, _LOOKS, waits)
    yield Figure(
        "who must be alone (an opt-out) waits beside it, p95",
        1000 * _share(beside, 0.95),
        "ms",
        Baseline("without it", 1000 * _share(waits, 0.95)),
    )


def _be_alone(ledger: Ledger, times: int, waits: list[float]) -> None:
    for _ in range(times):
        began = time.monotonic()
        with ledger.transaction():
            pass
        waits.append(time.monotonic() - began)


@contextmanager
def _alone_now_and_then(home: Home, at: str) -> Iterator[list[float]]:
    """Take the ledger alone now and then, and note how long that took."""
    waits: list[float] = []
    over = threading.Event()

    def look() -> None:
        with open_shared(home, at) as own:
            while not over.wait(_BETWEEN):
                _be_alone(own, 1, waits)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def worked(home: Home, at: str, coordinators: int, leave: int) -> Iterator[Figure]:
    with open_shared(home, at) as ledger:
        for number in range(coordinators):
            device = DeviceId(f"d{number}")
            ledger.devices.add(device, f"4915{number:08}:1@s.whatsapp.net", None, time.time())
    apart = get_context("spawn")
    gate, ends = apart.Barrier(coordinators + 1), apart.Queue()
    share = -(-leave // coordinators)
    workers = [
        apart.Process(target=_coordinate, args=(home.root, at, number, share, gate, ends))
        for number in range(coordinators)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    began = time.monotonic()
    did: Sequence[Did] = [ends.get(timeout=_PATIENCE) for _ in workers]
    took = time.monotonic() - began
    for worker in workers:
        worker.join()
    wanted, got = sum(each.wanted for each in did), sum(each.claimed for each in did)
    yield Figure(
        f"messages with their endings and receipts, {coordinators} coordinators", got / took, "/s"
    )
    yield Figure(
        "claims lost to another coordinator",
        100 * (wanted - got) / wanted,
        "%",
        target=Target(Bound.AT_MOST, 100 * _LOST),
    )


def _coordinate(
    root: Path, at: str, number: int, most: int, gate: Barrier, ends: "Queue[Did]"
) -> None:
    with open_shared(Home(root), at) as ledger:
        campaign = ledger.campaigns.find("c")
        assert campaign is not None
        gate.wait()
        wanted = got = 0
        looked: list[int] = []
        for claims in turns(ledger, campaign, DeviceId(f"d{number}"), looked=looked):
            wanted, got = sum(looked), got + len(claims)
            if got >= most:
                break
        ends.put(Did(wanted, got))


def _counted(home: Home, at: str, ledger: Ledger, campaign: Campaign) -> Iterator[Figure]:
    db = server_of(ledger)
    kept = _fastest(lambda: ledger.campaigns.tally(campaign.id))
    plain = _fastest(lambda: db.all(_BY_ROWS, (campaign.id,)))
    tally = ledger.campaigns.tally(campaign.id).counts
    assert {state.value: count for state, count in tally.items()} == {
        str(state): count for state, count in db.all(_BY_ROWS, (campaign.id,))
    }
    yield Figure("a campaign's counts", 1000 * kept, "ms", Baseline("its rows", 1000 * plain))
    workspace = open_home(home.root, ledger=at)
    yield Figure(
        "what `status` reads", _fastest(lambda: home_status(workspace)), "s",
        target=Target(Bound.AT_MOST, _STATUS_S),
    )  # fmt: skip


def _due(
    home: Home, at: str, ledger: Ledger, campaign: Campaign, coordinators: int
) -> Iterator[Figure]:
    """Look for work while each other coordinator keeps what it has claimed, all in mid-turn."""
    with ExitStack() as others:
        alone = _looks(ledger, campaign)
        for number in range(coordinators - 1):
            others.enter_context(held(home, at, campaign, DeviceId(f"d{number}")))
        beside = _looks(ledger, campaign)
    what = f"`due` of {GROUP} beside {coordinators - 1} who keep {GROUP} each, p95"
    for number, which in enumerate(("the server's processor", "until it is answered")):
        times, bare = ([each[number] for each in looks] for looks in (beside, alone))
        yield Figure(
            f"{what}, {which}",
            1000 * _share(times, 0.95),
            "ms",
            Baseline("alone", 1000 * _share(bare, 0.95)),
            Target(Bound.AT_MOST, _DUE_MS),
        )


def _looks(ledger: Ledger, campaign: Campaign) -> list[tuple[float, float]]:
    """Look for work in turns that come to nothing; gives processor and time (s) of each look."""
    took = []
    db = server_of(ledger)
    for _ in range(_LOOKS):
        with suppress(_TakenBackError), ledger.turn():
            db.send()  # the beginning is the turn's, whatever it looks for
            used, began = _processor(db.conn.info.backend_pid), time.perf_counter()
            found = ledger.work.due(campaign.id, None, time.time(), GROUP)
            lasted = time.perf_counter() - began
            took.append((_processor(db.conn.info.backend_pid) - used, lasted))
            assert len(found) == GROUP
            raise _TakenBackError
    return took


def _processor(pid: int) -> float:
    """Tell the seconds of processor that a process has used, by the clock that Linux has of it."""
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def held(home: Home, at: str, campaign: Campaign, device: DeviceId) -> Iterator[None]:
    """Be in mid-turn with what was claimed, on a connection of its own; then take it back."""
    with open_shared(home, at) as own, suppress(_TakenBackError), own.turn():
        claimed(own, campaign, device)
        server_of(own).send()
        yield
        raise _TakenBackError


class _TakenBackError(Exception):
    """Nothing of a turn is to stay."""


def _fastest(what: Callable[[], object]) -> float:
    """Tell the shortest of several: whatever else the machine does makes it longer."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        what()
        took.append(time.perf_counter() - began)
    return min(took)


def _share(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.size", description=__doc__)
    parser.add_argument("--rows", type=int, default=_ROWS)
    parser.add_argument("--coordinators", type=int, default=_COORDINATORS)
    parser.add_argument("--leave", type=int, help="messages that leave; a tenth of the rows")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    read = parser.parse_args()
    before, found = machine(), list[Figure]()
    leave = round(read.rows * _LEAVE) if read.leave is None else read.leave
    with tempfile.TemporaryDirectory(prefix="waheal-bench-") as folder:
        for figure in measured(Path(folder), read.rows, read.coordinators, leave):
            found.append(figure)
            sys.stdout.write(f"    {figure}\n")
            sys.stdout.flush()
    if read.json:
        read.json.write_text(as_json(before, {"size": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
