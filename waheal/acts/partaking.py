"""A machine's part in an order: one run, whose bounds hold for the order as a whole."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from threading import Event as Flag
from threading import Thread

from waheal.acts import parsing
from waheal.acts.asking import read
from waheal.acts.attaching import Attached
from waheal.acts.placing import order_of
from waheal.acts.run_log import RunLog
from waheal.acts.standstills import note_stop
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.errors import LedgerLostError
from waheal.events import Event, RunFinished, RunStarted, Settled
from waheal.model import ExitCode, State
from waheal.order_records import PlacedOrder
from waheal.policy.optout import Words
from waheal.records import Campaign
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock

BEAT = 10.0
"""Seconds between two signs of life."""

WORKER = "waheal worker"
"""What holds a home whose orders are done by its worker."""

_LOOK = 1.0  # seconds between two looks whether an order is to end


class OrderBounds:
    """What all machines of an order did so far, and this one's share in it."""

    def __init__(self, ledger: Ledger, order: int) -> None:
        self._ledger = ledger
        self._order = order

    def claimed(self) -> int:
        """Count the claims of all, and keep others from claiming until the transaction's end."""
        return self._ledger.parts.hold(self._order)[0]

    def ended(self) -> tuple[int, int]:
        """Count those whom all settled for good, and those of them who failed."""
        _, settled, failed = self._ledger.parts.counts(self._order)
        return settled, failed

    def note(self, *, claimed: int = 0, settled: int = 0, failed: int = 0) -> None:
        """Add to what this machine did."""
        mine = self._ledger.machines.mine
        self._ledger.parts.note(self._order, mine, claimed, settled, failed)


class OrderRun:
    """One machine's part in an order, from its beginning to its end.

    `exit_code` and `reason` say how it ended, once its last event was told.
    """

    def __init__(
        self, home: Home, lock: HomeLock, ledger: Ledger, placed: PlacedOrder, target: Attached
    ) -> None:
        self._home = home
        self._lock = lock
        self._ledger = ledger
        self._placed = placed
        self._target = target
        self._run: Run | None = None
        self._asked: str | None = None
        self.exit_code = ExitCode.OK
        self.reason: str | None = None

    def drain(self, reason: str) -> None:
        """Claim nothing more; let what is in flight finish."""
        self._asked = self._asked or reason
        if self._run is not None:
            self._run.drain(reason)

    def abandon(self) -> None:
        """End at once, and leave what is in flight in doubt."""
        if self._run is not None:
            self._run.abandon()

    def events(self, past: Sequence[Settled] = ()) -> Iterator[Event]:
        """Send what is left of the campaign, telling what happens."""
        settings, words = self._settings()
        name = self._ledger.machines.name
        campaign = self._ledger.campaigns.find(self._placed.campaign)
        if campaign is None:
            raise LookupError(self._placed.campaign)  # orders keep their campaigns
        self._run = run = Run(
            self._home, self._lock, self._ledger, settings, words=words, zone=parsing.machine_zone()
        )
        if self._asked is not None:
            run.drain(self._asked)
        log = RunLog(
            self._home.logs, clock=time.time, show_numbers=order_of(self._placed).show_numbers
        )
        with (
            log,
            closing(run.events()) as events,
            _Pulse(self._ledger, self._placed.id, self.drain),
        ):
            for event in events:
                log.write(event)
                self._note(campaign, event)
                if isinstance(event, RunStarted):
                    yield replace(event, machine=name)
                    yield from past
                elif isinstance(event, Settled):
                    yield replace(event, machine=name)
                else:
                    yield event

    def _settings(self) -> tuple[RunSettings, Words]:
        order = order_of(self._placed)
        settings, words, _, _ = read(order)
        chosen = settings.devices
        own = self._ledger.shares.labels(self._ledger.machines.mine)
        devices = [each for each in own if chosen is None or each in chosen]
        machinery = order.machinery
        settings = replace(
            settings,
            host=machinery.settings(self._target.host, len(devices)),
            hosts=machinery.sizes(len(devices)).hosts,
            max_runtime=None,  # `until` has it, for the order as a whole
            shared=OrderBounds(self._ledger, self._placed.id),
        )
        return settings, words

    def _note(self, campaign: Campaign, event: Event) -> None:
        note_stop(self._ledger, campaign, event)
        if isinstance(event, RunFinished):
            self.exit_code = event.exit_code
            self.reason = None if event.stop is None else event.stop.reason


class _Pulse:
    """Tells the others that this machine lives, and hears whether an order is to end."""

    def __init__(self, ledger: Ledger, order: int, drain: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._order = order
        self._drain = drain
        self._over = Flag()
        self._thread = Thread(target=self._go, name="pulse", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _go(self) -> None:
        beaten = 0.0
        while not self._over.wait(_LOOK):
            with suppress(LedgerLostError):  # the run finds that out as well, and what to do
                if time.monotonic() - beaten >= BEAT:
                    self._ledger.machines.beat()
                    beaten = time.monotonic()
                if why := self._ledger.orders.stopped([self._order]).get(self._order):
                    self._drain(why)
                    return


def end_part(
    ledger: Ledger,
    placed: PlacedOrder,
    code: ExitCode,
    reason: str | None,
    *,
    may_wait: bool = False,
) -> bool:
    """Note how this machine's part ended; where nobody is left, others need not begin theirs.

    False: it has not, since it may wait for a device that is on its way here, or has come by now.
    """
    tally, mine = ledger.campaigns.tally(placed.campaign_id), ledger.machines.mine
    all_done = not tally.to_send and not tally[State.SENDING]
    with ledger.transaction():  # else one might be given or come in between
        if may_wait and not all_done and ledger.parts.may_do_more(placed.id, mine):
            return False
        ledger.parts.end(placed.id, mine, ledger.now(), code=code, reason=reason, all_done=all_done)
        return True
