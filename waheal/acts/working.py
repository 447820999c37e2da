"""A machine's worker: takes the orders for it, one after the other, until asked to end.

Theory of operation. The queue's own thread hands an order over, and waits; the caller's thread does
it, and says when it is through. Where this worker is to end before that, the order is left as it
is, and comes again at its next start. Where the ledger is away, it is waited for: no other one
will do.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from math import inf
from queue import Empty, SimpleQueue
from random import Random
from threading import Event as Flag
from typing import TypeVar

from waheal.acts.attaching import attached
from waheal.acts.cluster import shared
from waheal.acts.partaking import BEAT, WORKER, OrderRun, end_part
from waheal.acts.placing import hand_on
from waheal.acts.scheduling import Ticked, Ticking
from waheal.acts.workspace import Workspace
from waheal.cluster.orders import LeftUndone, Queues
from waheal.engine.past import settle_killed_runs
from waheal.errors import HomeUnusableError, LedgerLostError, WahealError
from waheal.events import Event
from waheal.model import ExitCode
from waheal.order_records import PlacedOrder
from waheal.policy.reconnect import Reconnect
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.schema import VERSION


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """The worker listens for orders, as this machine."""

    machine: str


@dataclass(frozen=True, slots=True)
class OrderBegun:
    """An order's part is begun here; its run's events follow."""

    order: PlacedOrder


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """This machine is through with its part; `left`: it goes on with the worker's next start.

    `awaits`: it goes on once a device has arrived that is on its way here.
    """

    order: PlacedOrder
    exit_code: ExitCode
    left: bool
    awaits: bool = False


@dataclass(frozen=True, slots=True)
class LedgerAwaited:
    """The ledger is not reached, and is tried again in so many seconds."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LedgerBack:
    """The ledger is reached again."""


Reached = TypeVar("Reached")

WorkerEvent = WorkerReady | OrderBegun | Event | OrderEnded | LedgerAwaited | LedgerBack | Ticked
"""What a worker tells."""


class _Job:
    """An order that a queue has handed over, on its way to the worker's own thread."""

    def __init__(self, order: int) -> None:
        self.order = order
        self._through = Flag()
        self._left = False

    def wait(self) -> None:
        """Wait until it is done.

        Raises: LeftUndone.
        """
        self._through.wait()
        if self._left:
            raise LeftUndone

    def done(self) -> None:
        """Tell the queue that it is."""
        self._through.set()

    def leave(self) -> None:
        """Leave it for the next start."""
        self._left = True
        self._through.set()


class Working:
    """A worker; nothing happens before it is iterated. `drain` ends it, `abandon` at once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._at = shared(workspace)
        self._jobs = SimpleQueue[_Job | None]()
        self._taken: list[_Job] = []  # all that were handed over
        self._ended = Flag()
        self._part: OrderRun | None = None
        self._away: Reconnect | None = None  # since when the ledger is not reached
        self._outgrown: HomeUnusableError | None = None  # by a newer waheal
        self._chance = Random()  # noqa: S311 - spreads tries, guards nothing
        self.exit_code = ExitCode.OK

    def drain(self, reason: str = "the worker was asked to end") -> None:
        """Take no more; let what is in flight finish. Safe in a signal handler."""
        self._ended.set()
        if self._part is not None:
            self._part.drain(reason)
        self._jobs.put(None)

    def abandon(self) -> None:
        """End at once, and leave what is in flight in doubt. Safe in a signal handler."""
        if self._part is not None:
            self._part.abandon()

    def __iter__(self) -> Iterator[WorkerEvent]:
        """Work until asked to end, telling what happens.

        Raises: HomeBusyError, HomeUnusableError, UsageError where it can't begin; HomeUnusableError
            once a newer waheal has changed the ledger, and what was in flight is through.
        """
        home = self._workspace.home()
        with HomeLock.acquire(home, what=WORKER) as lock, ExitStack() as stack:
            ledger = yield from self._opened(home)
            if ledger is None:
                return
            stack.enter_context(ledger)
            ledger.machines.take_epoch()
            settle_killed_runs(home, ledger, ledger.now())
            queues = Queues(
                self._at.text, ledger.orders.queue_schema, ledger.machines.mine, VERSION
            )
            stack.callback(queues.close)
            stack.callback(self._leave)
            queues.listen(self._take)
            ledger.machines.beat()
            yield WorkerReady(ledger.machines.name or "")
            ticking = stack.enter_context(Ticking(self._workspace, self._outgrow))
            while not self._ended.is_set():
                for event in self._work(home, lock, ledger):
                    yield event
                    yield from ticking.told()
                yield from ticking.told()
            if self._outgrown is not None:
                raise self._outgrown

    def _outgrow(self, error: HomeUnusableError) -> None:
        self._outgrown = error
        self.drain(error.message)

    # On the queue's thread.

    def _take(self, order: int) -> None:
        job = _Job(order)
        self._taken.append(job)
        self._jobs.put(job)
        if self._ended.is_set():
            job.leave()
        job.wait()

    # On the worker's own.

    def _opened(self, home: Home) -> Generator[WorkerEvent, None, Ledger | None]:
        try:
            return self._workspace.ledger(home)
        except LedgerLostError as error:
            return (
                yield from self._reached(
                    error, LedgerLostError, lambda: self._workspace.ledger(home)
                )
            )

    def _reached(
        self, lost: HomeUnusableError, passes: type[HomeUnusableError], again: Callable[[], Reached]
    ) -> Generator[WorkerEvent, None, Reached | None]:
        """Do it again until it is reached, in waits that grow; None: asked to end before.

        What comes and goes at once is one absence. Each wait that is told is twice the one before.
        """
        now = time.monotonic()
        self._away = self._away or Reconnect.begun(now, inf)
        told = 0.0
        while True:
            self._away = self._away.failed(now, self._chance.random())
            wait = self._away.next_try - now
            if wait >= 2 * told:
                told = wait
                yield LedgerAwaited(lost.message, wait)
            if self._ended.wait(wait):
                return None
            now = time.monotonic()
            try:
                return again()
            except passes as error:
                lost = error

    def _work(self, home: Home, lock: HomeLock, ledger: Ledger) -> Iterator[WorkerEvent]:
        try:
            job = self._jobs.get(timeout=BEAT)
        except Empty:
            job = None
        try:
            if job is None:
                self._look_after(ledger)
                self._away = None
                return
            yield from self._do(home, lock, ledger, job)
            self._away = None
        except HomeUnusableError as error:
            yield from self._relinked(home, ledger, error)
            if job is not None:
                self._jobs.put(job)

    def _look_after(self, ledger: Ledger) -> None:
        """Tell that this machine lives, and put into its queue what is missing there."""
        if self._ended.is_set():
            return
        ledger.machines.beat()
        mine = ledger.machines.mine
        for order in ledger.parts.missing(mine):
            with ledger.transaction():
                ledger.orders.give(order, [mine])
                hand_on(ledger, order, mine)

    def _do(self, home: Home, lock: HomeLock, ledger: Ledger, job: _Job) -> Iterator[WorkerEvent]:
        placed = ledger.orders.get(job.order)
        mine = ledger.machines.mine
        parts = [] if placed is None else ledger.parts.of(placed.id)
        if placed is None or any(each.machine == mine and each.ended for each in parts):
            job.done()  # it was done before the queue heard of it
            return
        yield OrderBegun(placed)
        ledger.parts.begin(placed.id, mine, ledger.now())
        past = settle_killed_runs(home, ledger, ledger.now(), placed.campaign_id)
        with attached(self._workspace, home, ledger) as target:
            self._part = part = OrderRun(home, lock, ledger, placed, target)
            if self._ended.is_set():
                part.drain("the worker was asked to end")
            try:
                yield from part.events(past)
            except HomeUnusableError:
                raise  # it may pass: the ledger is away, or locked, or a disk is full
            except WahealError as error:
                part.exit_code, part.reason = error.exit_code, error.message
            finally:
                self._part = None
        stopped = ledger.orders.stopped([placed.id])
        left = self._ended.is_set() and not stopped and part.exit_code is ExitCode.INTERRUPTED
        over = True
        if not left:
            over = end_part(
                ledger, placed, part.exit_code, stopped.get(placed.id, part.reason),
                may_wait=not stopped,
            )  # fmt: skip
            job.done()
        yield OrderEnded(placed, part.exit_code, left, awaits=not over)

    def _relinked(
        self, home: Home, ledger: Ledger, error: HomeUnusableError
    ) -> Iterator[WorkerEvent]:
        """Wait for the ledger, and take this machine anew."""

        def again() -> LedgerBack:
            ledger.relink()
            ledger.machines.take_epoch()
            settle_killed_runs(home, ledger, ledger.now())
            return LedgerBack()

        if (back := (yield from self._reached(error, HomeUnusableError, again))) is not None:
            yield back

    def _leave(self) -> None:
        self._ended.set()
        for job in self._taken:
            job.leave()
