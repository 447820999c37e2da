"""How soon a run withholds from its hosts whom another process has opted out, at load."""

import heapq
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.bench.engine import add_devices, enrolled
from tests.bench.figures import Baseline, Figure, at_most
from tests.bench.prompt import PromptHost, answer, meet, new_log
from tests.kit import postgres
from tests.kit.session_db import SessionDb
from waheal.engine.hosts import HostInbox
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.engine.surroundings import Surroundings
from waheal.model import NotSent, Phone
from waheal.policy.optout import Words
from waheal.records import BY_REPLY
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.wire import Answer, Command, HostSettings, Revoke, Send, Setup

_DEVICES = 150
_CALL = 5.0  # seconds: each message lies in a host's hands for so long at most
_OPT_OUTS = 200
_EACH = 0.1  # seconds between them
_MESSAGES_EACH = 12  # that leave meanwhile, at least: the run is not to end before


def words(place: Path, scale: float) -> Iterator[Figure]:
    """Seconds from an opt-out's commit, by another process, to its message being withheld."""
    wanted = max(10, round(_OPT_OUTS * scale))
    alone = _latencies(place / "file", None, wanted)
    file = Baseline("the ledger in a file", at_part(alone, 0.95))
    with _server() as url:
        shared = _latencies(place / "server", url, wanted)
    yield Figure("from commit to withheld, median", at_part(shared, 0.5), "s",
                 Baseline("the ledger in a file", at_part(alone, 0.5)))  # fmt: skip
    yield Figure("from commit to withheld, p95", at_part(shared, 0.95), "s", file, at_most(1.0))


def at_part(found: list[float], part: float) -> float:
    return sorted(found)[min(len(found) - 1, int(part * len(found)))]


@contextmanager
def _server() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="waheal-pg-") as folder,
        postgres.database(Path(folder)) as url,
    ):
        yield url


@dataclass
class _Hands:
    """What hosts have in their hands, and when each was withheld."""

    lock: threading.Lock = field(default_factory=threading.Lock)  # guards all of it
    waiting: dict[Phone, tuple["_SlowHost", Send]] = field(default_factory=dict)
    withheld: dict[Phone, float] = field(default_factory=dict)
    due: list[tuple[float, int, Phone]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - no secret

    def take(self, host: "_SlowHost", send: Send) -> None:
        with self.lock:
            self.waiting[send.phone] = host, send
            took = _CALL * self.chance.uniform(0.4, 1.0)
            heapq.heappush(self.due, (time.monotonic() + took, next(self.order), send.phone))

    def withhold(self, revoke: Revoke) -> None:
        now = time.monotonic()
        with self.lock:
            for phone in revoke.phones:
                if (found := self.waiting.pop(phone, None)) is not None:
                    self.withheld[phone] = now
                    found[0].says(found[1], NotSent("revoked"))

    def answer_those_due(self) -> None:
        with self.lock:
            while self.due and self.due[0][0] <= time.monotonic():
                if (found := self.waiting.pop(heapq.heappop(self.due)[2], None)) is not None:
                    found[0].says(found[1])

    def latest(self) -> Phone | None:
        """Give whose message has come last: it lies there for longest."""
        with self.lock:
            return next(reversed(self.waiting), None)


class _SlowHost(PromptHost):
    def __init__(self, number: int, log: Path, inbox: HostInbox, hands: _Hands) -> None:
        super().__init__(number, log, inbox)
        self._hands = hands

    def send(self, command: Command) -> None:
        match command:
            case Send():
                self._hands.take(self, command)
            case Revoke():
                self._hands.withhold(command)
            case _:
                super().send(command)

    def says(self, send: Send, unsent: NotSent | None = None) -> None:
        told = answer(send)
        if unsent is not None:
            told = Answer(send.delivery, send.attempt, send.device, unsent)
        self._inbox.put_reports(self, [told])


def _hear_a_stop(ledger: Ledger, phone: Phone) -> None:
    """Write what a run writes of it."""
    with ledger.turn():
        ledger.people.suppress(phone, time.time(), source=BY_REPLY)
        ledger.people.suppress_pending([phone], time.time())


def _opt_out(
    ledger: Ledger,
    hands: _Hands,
    committed: dict[Phone, float],
    wanted: int,
    stop: threading.Event,
) -> None:
    """Opt so many out, one now and then; note when each was committed."""
    while len(committed) < wanted and not stop.wait(_EACH):
        phone = hands.latest()
        if phone is not None and phone not in committed:
            _hear_a_stop(ledger, phone)
            committed[phone] = time.monotonic()


def _latencies(root: Path, at: str | None, wanted: int) -> list[float]:
    """Run, opt so many out from elsewhere, and tell for each how long it took."""
    hands, stop = _Hands(), threading.Event()

    def start(
        number: int,
        setup: Setup,
        *,
        logs: Path,
        lock_fd: int | None,  # noqa: ARG001 - the real one's shape
        inbox: HostInbox,
    ) -> _SlowHost:
        return _SlowHost(number, new_log(logs, number, setup), inbox, hands)

    def answering() -> None:
        while not stop.wait(0.01):
            hands.answer_those_due()

    home = Home.open(root, create=True)
    with (
        HomeLock.acquire(home, what="bench") as lock,
        Ledger.open(home, at=at) as ledger,
        Ledger.open(home, at=at) as other,
        closing(SessionDb(home.sessions_path)) as sessions,
    ):
        if at is not None:
            ledger.machines.join("bench")
        phones = enrolled(ledger, wanted * _MESSAGES_EACH)
        jids = add_devices(ledger, sessions, _DEVICES)
        meet(sessions.conn, [(jid, phone) for jid in jids for phone in phones])
        run = Run(
            home, lock, ledger, RunSettings("c", host=HostSettings(senders=128), drain_window=0.0),
            words=Words(),
            zone=ZoneInfo("UTC"), random=random.Random(0),  # noqa: S311 - jitter
            surroundings=Surroundings(start=start),
        )  # fmt: skip
        committed: dict[Phone, float] = {}

        def opt_out() -> None:
            try:
                _opt_out(other, hands, committed, wanted, stop)
            finally:
                stop.wait(2 * _CALL)  # for the last of them
                run.drain()

        threads = [threading.Thread(target=each) for each in (answering, opt_out)]
        for thread in threads:
            thread.start()
        try:
            for _ in run.events():
                pass
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    missed = committed.keys() - hands.withheld.keys()
    assert len(missed) <= len(committed) // 20, f"{len(missed)} of {len(committed)} had left"
    return [hands.withheld[phone] - committed[phone] for phone in committed.keys() - missed]
