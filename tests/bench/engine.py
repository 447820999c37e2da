"""What a run itself costs: a coordinator whose hosts answer at once."""

import random
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from tests.bench.figures import Baseline, Figure, at_least, at_most, ratio_at_most
from tests.bench.ledger import claims_alone, plain_writes
from tests.bench.prompt import apart, meet, within
from tests.kit.numbers import unassigned
from tests.kit.session_db import SessionDb
from waheal.acts.run_log import RunLog
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.engine.surroundings import Starter, Surroundings
from waheal.events import Claimed, Settled
from waheal.model import Content, DeviceId, Phone, Planned, State
from waheal.policy.optout import Words
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock

_MESSAGES = 4000
_DEVICES = 50
_ROUNDS = 3
_SIZES = ((10, 1000), (3000, 1000), (10, 1_000_000), (3000, 1_000_000))  # devices, recipients
_SAMPLE = 1000


def engine(place: Path, scale: float) -> Iterator[Figure]:
    """Messages/s and processor a message of the coordinator alone, and how that grows."""
    count = max(200, round(_MESSAGES * scale))
    rounds = [_round(place / str(number), count) for number in range(_ROUNDS if scale >= 1 else 1)]
    ours, theirs, alone, plain = zip(*rounds, strict=True)
    ledger = Baseline("the ledger alone", count / median(alone))
    rate = median(count / each[0] for each in ours)
    yield Figure("hosts that answer at once", rate, "messages/s", ledger, at_least(2000))
    yield Figure("the ledger alone", ledger.value, "messages/s",
                 Baseline("four plain writes a message", count / median(plain)))  # fmt: skip
    inside = Baseline("hosts within the process", _each(ours, count))
    yield Figure("processor a message, hosts within", inside.value, "ms", None, at_most(0.5))
    yield Figure("processor a message, hosts as processes", _each(theirs, count), "ms", inside,
                 at_most(1.2))  # fmt: skip
    yield from _sizes(place, scale)


def _each(found: tuple[tuple[float, float], ...], count: int) -> float:
    return median(1000 * used / count for _, used in found)


def _round(
    place: Path, count: int
) -> tuple[tuple[float, float], tuple[float, float], float, float]:
    within_it = _timed(place / "within", within, _DEVICES, count)
    as_processes = _timed(place / "apart", apart, _DEVICES, count)
    with Ledger.open(Home.open(place / "ledger", create=True)) as opened:
        alone = claims_alone(opened, count)
    return within_it, as_processes, alone, plain_writes(place / "plain.db", count)


def _sizes(place: Path, scale: float) -> Iterator[Figure]:
    sample = max(100, round(_SAMPLE * scale))
    least: Baseline | None = None
    for devices, recipients in _SIZES:
        many, all_of_them = max(4, round(devices * scale)), max(sample, round(recipients * scale))
        name = f"{devices:,} devices, {recipients:,} recipients"
        used = _timed(place / name, apart, many, all_of_them, sample)[1]
        figure = 1000 * used / sample
        yield Figure(f"processor a message, {name}", figure, "ms", least,
                     ratio_at_most(1.2) if least else None)  # fmt: skip
        least = least or Baseline(name, figure)


def _timed(
    root: Path, start: Starter, devices: int, recipients: int, sample: int | None = None
) -> tuple[float, float]:
    """Run, or only the first of it; seconds from the first claim, and of processor."""
    wanted = sample or recipients
    home = Home.open(root, create=True)
    with (
        HomeLock.acquire(home, what="bench") as lock,
        Ledger.open(home) as ledger,
        closing(SessionDb(home.sessions_path)) as sessions,
        RunLog(home.logs, clock=time.time) as log,
    ):
        phones = enrolled(ledger, recipients)
        jids = add_devices(ledger, sessions, devices)
        if start is within:
            meet(sessions.conn, [(jid, phone) for jid in jids for phone in phones])
        sessions.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        run = Run(
            home, lock, ledger, RunSettings("c", drain_window=0.0, limit=sample),
            words=Words(), zone=ZoneInfo("UTC"), random=random.Random(0),  # noqa: S311 - jitter
            surroundings=Surroundings(start=start),
        )  # fmt: skip
        began = used = 0.0
        found, left = (0.0, 0.0), wanted
        for event in run.events():
            log.write(event)
            if isinstance(event, Claimed) and not began:
                began, used = time.monotonic(), time.process_time()
            elif isinstance(event, Settled) and event.state is State.SENT:
                left -= 1
                if not left:
                    found = time.monotonic() - began, time.process_time() - used
        assert not left, f"{left} of {wanted} were not sent"
    return found


def enrolled(ledger: Ledger, count: int) -> list[Phone]:
    campaign = ledger.campaigns.open("c", "/c.csv", time.time())
    text = Content("hello, this is a text")
    rows = (Planned(row, phone, text) for row, phone in enumerate(unassigned(), start=2))
    ledger.enrolment.enroll(campaign.id, islice(rows, count), now=time.time(), digest=None)
    return list(islice(unassigned(), count))


def add_devices(ledger: Ledger, sessions: SessionDb, count: int) -> list[str]:
    jids = [f"1{2 * 10**9 + number}:1@s.whatsapp.net" for number in range(count)]
    with ledger.transaction():
        sessions.conn.execute("BEGIN")
        for number, jid in enumerate(jids):
            ledger.devices.add(DeviceId(f"d{number}"), jid, None, time.time())
            sessions.device(jid, lid=None, key=str(number).encode().ljust(32))
        sessions.conn.execute("COMMIT")
    return jids
