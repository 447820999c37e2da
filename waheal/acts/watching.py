"""Watches an order until all machines are through with it; does no part of it."""

import time
from collections.abc import Callable, Iterable, Iterator
from random import random
from threading import Event as Flag

from waheal.acts.onlooking import Onlooker
from waheal.acts.placing import machines
from waheal.errors import LedgerLostError
from waheal.events import Event, Note, Paused, Resumed, RunFinished, RunStarted
from waheal.model import EXIT_PRECEDENCE, ExitCode, State
from waheal.order_records import OrderPart, PlacedOrder
from waheal.policy.reconnect import Reconnect
from waheal.records import JoinedMachine, Tally
from waheal.store.ledger import Ledger
from waheal.waits import GOES_ON, Standstill

AWAY = 60.0
"""Seconds without a sign of life, from which on a machine is not waited for."""

_LOOK = 1.0
_TOLD = 5.0  # seconds between two lines


class Watching:
    """An order as it is seen from here: events until nobody works on it any more.

    The exit code is the campaign's: how everybody stands, whoever wrote to them. A ledger that is
    lost meanwhile is waited for, `patience` seconds: the machines do so, too.
    """

    def __init__(
        self,
        ledger: Ledger,
        placed: PlacedOrder,
        *,
        patience: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._placed = placed
        self._patience = patience
        self._clock = clock
        self._onlooker = Onlooker(ledger, placed.campaign_id, placed.placed)
        self._asked: str | None = None
        self._over = False
        self._left = Flag()
        self.exit_code = ExitCode.OK

    def drain(self, reason: str) -> None:
        """Ask every machine to end its part. Safe in a signal handler: done at the next look."""
        self._asked = self._asked or reason
        self._left.set()

    def abandon(self) -> None:
        """Look no longer: the machines end their parts all the same."""
        self._over = True
        self._left.set()

    def events(self, *, begun: bool) -> Iterator[Event]:
        """Watch; `begun`: a run of this machine's own was told of already."""
        started = self._clock()
        tally = self._tally()
        if not begun:
            known = self._ledger.devices.all(started, everywhere=True)
            devices = sum(each.jid is not None for each in known)
            yield RunStarted(self._placed.campaign, tally.total, tally.to_send, devices, tally)
        told_already = self._ledger.machines.mine if begun else 0
        yield from self.lasting(lambda: self._looked(started, told_already))

    def lasting(self, step: Callable[[], Iterable[Event] | None]) -> Iterator[Event]:
        """Do a step that may be done again, and again where the ledger was lost and is back.

        Raises: LedgerLostError: it does not come back, or is not waited for.
        """
        while True:
            try:
                yield from step() or ()
            except LedgerLostError as lost:
                yield from self._back(lost)
            else:
                return

    def _back(self, lost: LedgerLostError) -> Iterator[Event]:
        trying = Reconnect.begun(time.monotonic(), self._patience)
        yield Paused(f"{lost.message}; the machines wait for it, and so does this", None, GOES_ON)
        while True:
            try:
                self._ledger.relink()
            except LedgerLostError as error:
                lost = error
            else:
                break
            trying = trying.failed(time.monotonic(), random())  # noqa: S311 - jitter, no secret
            if self._left.wait(max(0.0, trying.next_try - time.monotonic())):
                self._left.clear()
                trying = trying.asked_to_end(time.monotonic())
            if self._over or trying.over(time.monotonic()):
                raise lost
        yield Resumed("the ledger is back")

    def _looked(self, started: float, told_already: int) -> Iterator[Event]:
        """Look until it is over, and tell how it ended."""
        told, at = "", 0.0
        while not self._over and (waited_for := self._at_work()):
            if self._asked is not None:
                self._ledger.orders.stop(self._placed.id, self._asked, self._clock())
            tally = self._tally()
            line = f"{tally.to_send:,} to go; at work: {', '.join(waited_for)}"
            if line != told and self._clock() - at >= _TOLD:
                told, at = line, self._clock()
                yield Note(line)
            yield from self._onlooker.look(but=told_already)
            self._left.wait(_LOOK)
            self._left.clear()
        yield from self._onlooker.look(but=told_already)
        tally = self._tally()
        self.exit_code = self._code(tally)
        yield RunFinished(
            tally.at_rest(), self._clock() - started, self.exit_code, self._stop(tally)
        )

    def _tally(self) -> Tally:
        return self._ledger.campaigns.tally(self._placed.campaign_id)

    def _at_work(self) -> list[str]:
        """Name those who are, or will be: a machine that is away is not waited for."""
        now = self._clock()
        known = {each.id: each for each in machines(self._ledger)}
        parts = self._ledger.parts.of(self._placed.id)
        open_parts = [known[each.machine] for each in parts if _open(each, known)]
        tally = self._tally()
        alive = [each for each in open_parts if each.seen is not None and now - each.seen < AWAY]
        nobody_left = not tally.to_send and not tally[State.SENDING]
        return [] if nobody_left and not self._begun(parts) else [each.name for each in alive]

    def _begun(self, parts: list[OrderPart]) -> bool:
        return any(each.began is not None and each.ended is None for each in parts)

    def _code(self, tally: Tally) -> ExitCode:
        if not tally.left:
            return code_of_tally(tally)
        parts = self._ledger.parts.of(self._placed.id)
        codes = {ExitCode(each.code) for each in parts if each.code}
        codes |= {ExitCode.LEFT_OVER} | ({ExitCode.INTERRUPTED} if self._asked else set())
        return next(each for each in EXIT_PRECEDENCE if each in codes)

    def _stop(self, tally: Tally) -> Standstill | None:
        if not tally.left:
            return None
        if not tally.to_send:
            return why_left(tally)
        parts = self._ledger.parts.of(self._placed.id)
        names = {each.id: each.name for each in self._ledger.machines.listed()}
        told = [
            f"{names.get(each.machine, each.machine)}: {each.reason or 'away'}"
            for each in parts
            if each.reason is not None or each.ended is None
        ]
        return Standstill("; ".join(told) or "no machine works on it")


def code_of_tally(tally: Tally) -> ExitCode:
    """Tell how a campaign ended by how everybody stands."""
    if tally.left:
        return ExitCode.LEFT_OVER
    return ExitCode.SOME_FAILED if tally[State.FAILED] else ExitCode.OK


def why_left(tally: Tally) -> Standstill | None:
    """Tell why somebody is left where nobody is pending; None where all are settled."""
    return Standstill("nobody knows yet whether every message has left") if tally.left else None


def _open(part: OrderPart, known: dict[int, JoinedMachine]) -> bool:
    return part.ended is None and part.machine in known
