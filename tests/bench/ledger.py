"""The ledger by itself: claims, what is due, counts; against the same writes in plain SQLite."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from tests.bench.figures import Baseline, Figure
from tests.bench.measure import seconds, share
from tests.kit.numbers import unassigned
from waheal.model import Content, DeviceId, Phone, Planned, State
from waheal.records import Campaign, Claim, Origin, Want
from waheal.store.home import Home
from waheal.store.ledger import Ledger

_ROWS = 1_000_000
_CLAIMS = 20_000
_GROUP = 64  # what comes together in a turn with 32 senders
_LANES = 3000
_LOOKS = 50
_WALKS = 3


def ledger(place: Path, scale: float) -> Iterator[Figure]:
    """Claims and endings a second; `due` and `tally` over a million rows and 3,000 lanes."""
    claims = max(640, round(_CLAIMS * scale))
    home = Home.open(place / "home", create=True)
    with Ledger.open(home) as opened:
        yield _claims(place, opened, claims)
    large = Home.open(place / "large", create=True)
    with Ledger.open(large) as opened:
        yield from _looks(opened, max(1000, round(_ROWS * scale)))


def _claims(place: Path, opened: Ledger, count: int) -> Figure:
    ours = count / claims_alone(opened, count)
    theirs = count / plain_writes(place / "plain.db", count)
    return Figure(
        f"claims and endings, {_GROUP} a commit",
        ours,
        "messages/s",
        Baseline("four plain writes a message", theirs),
    )


def claims_alone(opened: Ledger, count: int) -> float:
    """Claim and end so many, without a run; the seconds that it takes."""
    rows = (
        Planned(row, phone, Content("hello")) for row, phone in enumerate(unassigned(), start=2)
    )
    campaign = opened.campaigns.open("claims", "/claims.csv", time.time())
    opened.enrolment.enroll(campaign.id, islice(rows, count), now=time.time(), digest=None)
    _add_devices(opened, 50)
    return seconds(lambda: _work(opened, campaign))


def plain_writes(path: Path, count: int) -> float:
    """Write as much for so many as a ledger must, without its care; the seconds that it takes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        return seconds(lambda: _plain_work(plain, count))


def _work(opened: Ledger, campaign: Campaign) -> None:
    """Do what a run's turns do: end the last group and claim the next in one transaction."""
    under_way: Sequence[Claim] = ()
    while True:
        now = time.time()
        with opened.transaction():
            for claim in under_way:
                opened.outcomes.settle(
                    claim.delivery,
                    claim.attempt,
                    State.SENT,
                    now=now,
                    message_id=f"{claim.delivery}",
                )
            due = opened.work.due(campaign.id, None, now, _GROUP)
            wants = [_want(each.delivery) for each in due]
            under_way, _ = opened.work.claim(campaign, wants, now=now)
        if not under_way:
            return


def _want(delivery: int) -> Want:
    device = DeviceId(f"d{delivery % 50}")
    lid = f"{10**14 + delivery}@lid"
    return Want(
        delivery,
        device,
        f"{device}:1@s.whatsapp.net",
        lid,
        Origin("boot", "host.log", "identity", None),
    )


def _plain_work(plain: sqlite3.Connection, count: int) -> None:
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute("CREATE TABLE d (id INTEGER PRIMARY KEY, phone TEXT, text TEXT, state TEXT)")
    plain.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, d INTEGER, at REAL, told TEXT)")
    plain.execute("BEGIN")
    plain.executemany(
        "INSERT INTO d VALUES (?, ?, 'hello', 'pending')", ((n, f"+{n}") for n in range(count))
    )
    plain.execute("COMMIT")
    for start in range(0, count, _GROUP):
        plain.execute("BEGIN IMMEDIATE")
        for number in range(start, min(count, start + _GROUP)):
            plain.execute("UPDATE d SET state = 'sending' WHERE id = ?", (number,))
            plain.execute("INSERT INTO a VALUES (?, ?, 1.0, NULL)", (number, number))
            plain.execute("UPDATE d SET state = 'sent' WHERE id = ?", (number - _GROUP,))
            plain.execute("UPDATE a SET told = 'sent' WHERE id = ?", (number - _GROUP,))
        plain.execute("COMMIT")


def _add_devices(opened: Ledger, count: int) -> list[DeviceId]:
    labels = [DeviceId(f"d{number}") for number in range(count)]
    with opened.transaction():
        for label in labels:
            opened.devices.add(label, f"{label}:1@s.whatsapp.net", None, time.time())
    return labels


def _looks(opened: Ledger, count: int) -> Iterator[Figure]:
    """Enrol: half of the rows are anyone's, the others are dealt out to the lanes."""
    labels = _add_devices(opened, _LANES)
    campaign = opened.campaigns.open("large", "/large.csv", time.time())

    text = Content("hello, this is a text")

    def planned() -> Iterator[Planned]:
        for number, phone in enumerate(islice(unassigned(), count)):
            pinned = labels[number // 2 % _LANES] if number % 2 else None
            yield Planned(number + 2, Phone(phone), text, pinned=pinned)

    took = seconds(
        lambda: opened.enrolment.enroll(campaign.id, planned(), now=time.time(), digest=None)
    )
    just_made = seconds(lambda: sum(1 for _ in planned()))
    made = Baseline("making the rows", count / just_made)
    yield Figure(f"enrol {count:,} rows by itself", count / took, "rows/s", made)
    work = opened.work
    yield _look("due, anyone's, 256", lambda: work.due(campaign.id, None, time.time(), 256))
    wanted = iter(labels * 2)
    yield _look("due, one lane, 2", lambda: work.due(campaign.id, next(wanted), time.time(), 2))
    yield _look("next due", lambda: work.next_due(campaign.id, time.time()))
    yield _walk(f"lanes, {_LANES:,}", lambda: work.lanes(campaign.id))
    yield _walk(f"tally, {count:,} rows", lambda: opened.campaigns.tally(campaign.id))


def _walk(name: str, look: Callable[[], object]) -> Figure:
    """Time what reads a row or an index entry for each recipient; the fewest seconds of three."""
    used = time.process_time()
    took = [seconds(look) for _ in range(_WALKS)]
    processor = (time.process_time() - used) / _WALKS
    return Figure(name, min(took), processor=processor)


def _look(name: str, look: Callable[[], object]) -> Figure:
    times = [seconds(look) for _ in range(_LOOKS)]
    return Figure(f"{name}, p95", 1000 * share(times, 0.95), "ms")
