"""Sends a campaign, or goes on where the last run stopped; knows no screen."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from shlex import quote

from waheal.acts import estimate, parsing
from waheal.acts.asking import read
from waheal.acts.attaching import Attached, attached, pair_missing
from waheal.acts.enrolling import FileRows, enroll
from waheal.acts.manner import note_manner
from waheal.acts.metrics import Metrics
from waheal.acts.on_end import OnEnd, broken_promise, words_of_command
from waheal.acts.orders import SendOrder
from waheal.acts.partaking import WORKER, OrderRun, end_part
from waheal.acts.placing import hand_on, machines, place
from waheal.acts.run_log import RunLog
from waheal.acts.standstills import not_while_lost, note_stop
from waheal.acts.watching import Watching, code_of_tally, why_left
from waheal.acts.whereabouts import moved, note_place
from waheal.acts.workspace import Workspace, key_is_lost, known_labels, missing, see_they_are_known
from waheal.campaign.campaign_file import open_campaign_file
from waheal.documents import Fields, ending_fields
from waheal.engine.past import settle_killed_runs
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.errors import HomeBusyError, UsageError, WahealError
from waheal.events import (
    Afterwards,
    DryRun,
    EndsAt,
    EndUntold,
    Event,
    KeyLost,
    NothingToDo,
    OnEndBegins,
    OnEndFailed,
    Ordered,
    Preparing,
    Question,
    RunFinished,
    RunStarted,
    SandboxPairing,
    Settled,
    StartsAt,
)
from waheal.findings import Preview
from waheal.model import DeviceState, ExitCode, Phone, Planned, State
from waheal.order_records import PlacedOrder
from waheal.records import Campaign, CampaignKind, Device
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.wire import HostSettings

_PREVIEWED = 3

SendEvent = Preparing | Event | Afterwards
"""What a send tells: how it gets ready, then its run, and what is done of its end."""


class _RolledBack(Exception):  # noqa: N818 - the way a dry run ends, no error
    """A dry run's transaction is over."""


def send(workspace: Workspace, order: SendOrder | str | Path) -> "Sending":
    """Send a campaign, or go on where the last run stopped: iterate it for its events.

    Safe to interrupt and to run again: nobody already sent to is sent to twice. `order` may be
    the file alone. `Sending.drain`, from another thread or a signal handler, ends it gently.

    >>> from pathlib import Path
    >>> order = waheal.SendOrder(
    ...     Path("campaigns/template.csv"),
    ...     reading=waheal.Reading(template=Path("campaigns/template.txt")),
    ...     pace=waheal.Pacing(rate=["600/min"]),
    ... )
    >>> sending = waheal.send(home, order)
    >>> events = list(sending)
    >>> sending.exit_code.name, events[-1].tally.total
    ('OK', 3)

    Raises:
        UsageError: an option can't be read; while it is iterated, what a command ends with:
        UsageError, HomeBusyError, HomeUnusableError, OwnFault.
    """
    return Sending(workspace, order if isinstance(order, SendOrder) else SendOrder(Path(order)))


class Sending:
    """One `send`, from the file to the run's end.

    Nothing happens before it is iterated. Whoever stops listening ends it as a kill would: what
    is in flight is settled at the next run. `exit_code` is what the command line ends with, once
    the last event was told.
    """

    def __init__(self, workspace: Workspace, order: SendOrder) -> None:
        self._workspace = workspace
        self._order = order
        self._settings, self._words, self._test_to, self._metrics = read(order)
        self._file = parsing.spelled(order.file, "the file")
        self._on_end = (
            None if order.on_end is None else OnEnd(words_of_command(order.on_end), workspace)
        )
        self._summary: Fields | None = None  # of a run that has ended, for that command
        self._idle = False  # there was nothing to do, so that nobody need be told of its end
        self._run: Run | OrderRun | Watching | None = None
        self._watching: Watching | None = None  # of an order that several machines have
        self._started = 0.0
        self.exit_code = ExitCode.OK

    def __iter__(self) -> Iterator[SendEvent]:
        """Do it, telling what happens.

        The command of `--on-end` comes last: it finds the ledger settled and the home free.
        """
        failure: Exception | None = None
        try:
            yield from self._held()
        except Exception as error:  # noqa: BLE001 - raised again, once the end was told
            failure = error
        if self._on_end is not None and self._summary is not None:
            yield OnEndBegins()
            if (problem := self._on_end.run(self._summary)) is not None:
                yield OnEndFailed(problem)
        if failure is not None:
            raise failure

    def _held(self) -> Iterator[Preparing | Event]:
        """Do all that needs the home."""
        home = self._workspace.home()
        self._see_the_file()
        if self._workspace.at is not None and not self._test_to and not self._order.dry_run:
            yield from self._shared(home)
            return
        what = f"waheal send {self._settings.campaign}"
        sent = None if self._test_to or self._order.dry_run else self._settings.campaign
        with (
            HomeLock.acquire(home, what=what, campaign=sent) as lock,
            self._workspace.ledger(home) as ledger,
        ):
            past = self._settled(home, ledger)
            if (untold := broken_promise(ledger)) is not None:
                yield EndUntold(untold)
            if key_is_lost(home, ledger):
                yield KeyLost()
            if (elsewhere := moved(home, ledger)) is not None:
                yield elsewhere
            if (start := self._settings.start) is not None:
                yield StartsAt(start, gone=start <= ledger.now())
            if self._settings.until is not None:
                yield EndsAt(self._settings.until)
            if self._order.dry_run:
                yield from self._rehearsed(ledger)
                return
            with attached(self._workspace, home, ledger) as target:
                yield from self._paired(home, ledger, target)
                settings = yield from self._prepared(ledger, target.host)
                if settings is not None:
                    yield from self._sent(home, lock, ledger, settings, past)

    def _shared(self, home: Home) -> Iterator[Preparing | Event]:
        """Place an order with all machines that share the ledger; do this one's where it is idle.

        Where a worker holds the home, that does its part; else nobody here would.
        """
        with ExitStack() as stack:
            ledger = stack.enter_context(self._workspace.ledger(home))
            lock = None if self._order.detach else self._own_part(stack, home, ledger)
            past = [] if lock is None else self._settled(home, ledger)
            if (start := self._settings.start) is not None:
                yield StartsAt(start, gone=start <= ledger.now())
            if self._workspace.trust is not None:
                ledger.bind(self._workspace.trust.noise_root)
            settings = yield from self._prepared(ledger, HostSettings())
            if settings is None:
                return
            if self._idle:
                yield from self._as_it_stands(ledger)
                return
            placed = self._placed(ledger, but=ledger.machines.mine if lock else 0)
            yield Ordered(placed.campaign, tuple(each.name for each in machines(ledger)))
            if self._order.detach:
                return
            wait = self._settings.ledger_wait
            self._watching = watching = Watching(ledger, placed, patience=wait)
            if lock is not None:
                yield from self._did_own(home, lock, ledger, placed, past)
            self._run = watching
            try:
                yield from watching.events(begun=lock is not None)
            except WahealError as error:
                self.exit_code = error.exit_code
                raise
            self.exit_code = watching.exit_code

    def _as_it_stands(self, ledger: Ledger) -> Iterator[Event]:
        """Tell of a campaign that nobody is left of as of a run that had nothing to do."""
        campaign = ledger.campaigns.find(self._settings.campaign)
        if campaign is not None:
            tally = ledger.campaigns.tally(campaign.id)
            self.exit_code = code_of_tally(tally)
            yield RunStarted(campaign.name, tally.total, 0, len(self._devices(ledger)), tally)
            yield RunFinished(tally, 0.0, self.exit_code, why_left(tally))

    def _own_part(self, stack: ExitStack, home: Home, ledger: Ledger) -> HomeLock | None:
        """Hold the home, and take its machine; None where a worker does, or it is no machine."""
        if not ledger.machines.mine:
            return None
        what = f"waheal send {self._settings.campaign}"
        try:
            lock = HomeLock.acquire(home, what=what, campaign=self._settings.campaign)
        except HomeBusyError:
            holder = HomeLock.holder(home)
            if holder is not None and holder.what == WORKER:
                return None
            raise
        stack.enter_context(lock)
        ledger.machines.take_epoch()
        return lock

    def _placed(self, ledger: Ledger, *, but: int) -> PlacedOrder:
        """Place the order, and put it into the queues of all machines but this one."""
        campaign = ledger.campaigns.find(self._settings.campaign)
        if campaign is None:
            raise LookupError(self._settings.campaign)  # it was enrolled just now
        with ledger.transaction():
            placed = place(ledger, campaign, self._order, ledger.now())
            note_manner(ledger, campaign, self._order.pace)
            for each in machines(ledger):
                if each.id != but:
                    hand_on(ledger, placed.id, each.id)
            if but:
                ledger.parts.begin(placed.id, but, ledger.now())
        return placed

    def _did_own(
        self,
        home: Home,
        lock: HomeLock,
        ledger: Ledger,
        placed: PlacedOrder,
        past: Sequence[Settled],
    ) -> Iterator[Event]:
        """Do this machine's part; its end is not the campaign's, and is not told."""
        note_place(home, ledger)
        with attached(self._workspace, home, ledger) as target:
            self._run = part = OrderRun(home, lock, ledger, placed, target)
            finished: RunFinished | None = None
            try:
                for event in part.events(past):
                    if isinstance(event, RunFinished):
                        finished = event
                    else:
                        yield event
            except WahealError:
                self.exit_code = part.exit_code
                if finished is not None:
                    yield finished
                with suppress(WahealError):  # what it failed for may stand in the way of this, too
                    end_part(ledger, placed, part.exit_code, part.reason)
                raise

            def ended() -> None:
                end_part(ledger, placed, part.exit_code, part.reason)

            if self._watching is not None:  # it was made before
                yield from self._watching.lasting(ended)
        if part.exit_code is ExitCode.INTERRUPTED and self._watching is not None:
            self._watching.drain("interrupted")

    def _see_the_file(self) -> None:
        try:
            if self._file.is_dir():
                raise UsageError(
                    f"{self._file} is a folder", hint="name a CSV or .xlsx file, such as one in it"
                )
            if self._file.exists():
                return  # what it is instead of a list, reading it tells
        except OSError as error:
            raise UsageError(
                f"the file {self._file} can't be read: {error.strerror}",
                hint="see that the path is right",
            ) from error
        raise UsageError(f"there is no file {self._file}", hint="name a CSV or .xlsx file")

    def drain(self, reason: str = "interrupted") -> None:
        """Claim nothing more; let what is in flight finish. Safe in a signal handler."""
        if self._run is not None:
            self._run.drain(reason)
        self._hurry()

    def abandon(self) -> None:
        """End at once, and leave what is in flight in doubt. Safe in a signal handler."""
        if self._run is not None:
            self._run.abandon()
        if self._on_end is not None:
            self._on_end.hurry()

    def _hurry(self) -> None:
        """Wait no longer for the command of an end that has come."""
        if self._on_end is not None and self._summary is not None:
            self._on_end.hurry()

    def _settled(self, home: Home, ledger: Ledger) -> list[Settled]:
        """Settle what a killed run left: its evidence is whole yet, and the file not read.

        So what never left goes through the file once more, and leaves as that says by now.
        """
        known = None if self._test_to else ledger.campaigns.find(self._settings.campaign)
        found = settle_killed_runs(home, ledger, ledger.now(), known.id if known else None)
        return [replace(each, before=each.state) for each in found]  # the tally has them already

    def _paired(self, home: Home, ledger: Ledger, target: Attached) -> Iterator[Preparing]:
        """See to it that the embedded sandbox has devices."""
        if not self._workspace.sandbox:
            return
        if labels := missing(ledger.devices.all(ledger.now()), self._order.sandbox_devices):
            yield SandboxPairing(len(labels))
            pair_missing(home, ledger, target, labels)

    def _prepared(
        self, ledger: Ledger, host: HostSettings
    ) -> Generator[Preparing, None, RunSettings | None]:
        """Bring the ledger up to the file, and ask; None where nothing is to be sent."""
        devices, machinery = len(self._devices(ledger)), self._order.machinery
        settings = replace(
            self._settings,
            host=machinery.settings(host, devices),
            hosts=machinery.sizes(devices).hosts,
        )
        rows = self._rows(ledger)
        if self._test_to is None:
            campaign = yield from self._enrolled(ledger, rows)
        else:
            campaign = self._tested(ledger, rows, self._test_to)
            settings = replace(settings, campaign=campaign.name, window=None)
        pending = ledger.campaigns.tally(campaign.id)[State.PENDING]
        if self._workspace.real and pending:
            question = self._question(ledger, campaign, pending)
            yield question
            if question.declined:
                self.exit_code = ExitCode.LEFT_OVER
                return None
        return settings

    def _rows(self, ledger: Ledger) -> FileRows:
        known = known_labels(ledger)
        see_they_are_known(self._order.route.labels(), known)
        private, reading = self._workspace.private, self._order.reading
        choices = reading.options(known, private)
        if (address := reading.to_fetch(private)) is not None:
            from waheal.acts.fetching import fetch_preview  # noqa: PLC0415 - seldom asked for

            fetch_preview(address, private)
        file = open_campaign_file(self._file, choices)
        return FileRows(file, self._order.skip_bad_rows, self._order.pace.expiry())

    def _enrolled(self, ledger: Ledger, rows: FileRows) -> Generator[Preparing, None, Campaign]:
        # A file that does not check leaves no campaign behind.
        with ledger.enrolling(self._settings.campaign):
            campaign = yield from self._merged(ledger, rows)
        tally = ledger.campaigns.tally(campaign.id)
        if not tally.to_send and campaign.last_run is not None:
            since = campaign.finished or campaign.last_run
            self._idle = True
            yield NothingToDo(campaign.name, since, tally[State.UNCERTAIN])
        return campaign

    def _merged(self, ledger: Ledger, rows: FileRows) -> Generator[Preparing, None, Campaign]:
        return enroll(ledger, self._settings.campaign, rows, same=self._order.same)

    def _tested(self, ledger: Ledger, rows: FileRows, number: Phone) -> Campaign:
        """Enrol the first recipient's message, for this number, as a campaign of its own."""
        first = next(rows.first(), None)
        if first is None:
            raise UsageError(
                "no row of the file can be sent",
                hint=f"see why with `waheal check {quote(str(self._file))}`",
            )
        now = ledger.now()
        moment = datetime.fromtimestamp(now).astimezone()
        name = f"{self._settings.campaign} (test {moment:%Y-%m-%d %H:%M}, {now % 60:.3f})"
        campaign = ledger.campaigns.open(name, str(self._file), now, kind=CampaignKind.TEST)
        test = Planned(row=first.row, phone=number, content=first.content)
        ledger.enrolment.enroll(campaign.id, [test], now=now, digest=None)
        return campaign

    def _question(self, ledger: Ledger, campaign: Campaign, pending: int) -> Question:
        devices = self._devices(ledger)
        out = tuple(each for each in devices if each.state is not DeviceState.READY)
        took = self._at_best(pending, len(devices) - len(out))
        first = _previews(ledger, campaign, 1)
        return Question(pending, len(devices), out, took, first[0] if first else None)

    def _at_best(self, recipients: int, devices: int) -> float | None:
        """Tell what the set pace and hours take; None where there is none, or no device."""
        asked = self._settings
        took = estimate.seconds(recipients, devices, asked.limits, asked.window, asked.new_chats)
        return took or None

    def _devices(self, ledger: Ledger) -> list[Device]:
        chosen = self._settings.devices
        found = ledger.devices.all(ledger.now())
        return [each for each in found if chosen is None or each.label in chosen]

    def _sent(
        self,
        home: Home,
        lock: HomeLock,
        ledger: Ledger,
        settings: RunSettings,
        past: Sequence[Settled],
    ) -> Iterator[Event]:
        note_place(home, ledger)
        zone = parsing.machine_zone()
        campaign = ledger.campaigns.find(settings.campaign)
        if campaign is not None:
            note_manner(ledger, campaign, self._order.pace)
        metrics = (
            Metrics(self._metrics, ledger, campaign.id, campaign.name)
            if self._metrics is not None and campaign is not None
            else None
        )
        self._run = run = Run(home, lock, ledger, settings, words=self._words, zone=zone)
        with (
            RunLog(home.logs, clock=time.time, show_numbers=self._order.show_numbers) as log,
            closing(run.events()) as events,
        ):
            for event in _told(events, past):
                log.write(event)
                if isinstance(event, RunFinished):
                    self.exit_code = event.exit_code
                if campaign is not None:
                    note_stop(ledger, campaign, event)
                    self._note_end(ledger, campaign, event)
                if metrics is not None:
                    yield from _measured(metrics, event)
                if isinstance(event, RunStarted):
                    took = self._at_best(event.pending, event.devices - len(event.out))
                    yield replace(event, at_best=took)
                else:
                    yield event

    def _note_end(self, ledger: Ledger, campaign: Campaign, event: Event) -> None:
        """Keep what `--on-end` is to tell, and that it is yet to be told."""
        if self._on_end is None or self._idle:
            return
        match event:
            case RunStarted():
                self._on_end.promise(ledger, campaign.name)
                self._started = ledger.now()
            case RunFinished():
                self._summary = ending_fields(
                    campaign,
                    event,
                    started=self._started,
                    ended=ledger.now(),
                    home=str(self._workspace.private),
                )
                with suppress(WahealError):  # a ledger that failed is what the run ended for
                    self._on_end.fulfil(ledger)
            case _:
                pass

    def _rehearsed(self, ledger: Ledger) -> Iterator[Preparing]:
        """Enrol, look, and take it back."""
        rows = self._rows(ledger)
        with suppress(_RolledBack), ledger.enrolling(self._settings.campaign, rehearsal=True):
            campaign = yield from self._merged(ledger, rows)
            tally = ledger.campaigns.tally(campaign.id)
            first = _previews(ledger, campaign, _PREVIEWED)
            yield DryRun(campaign.name, tally, len(self._devices(ledger)), first)
            raise _RolledBack


def _previews(ledger: Ledger, campaign: Campaign, most: int) -> tuple[Preview, ...]:
    due = ledger.work.due(campaign.id, None, ledger.now(), most)
    return tuple(Preview(each.row, each.phone, each.content) for each in due)


def _measured(metrics: Metrics, event: Event) -> Iterator[Event]:
    trouble: Event | None = None
    with not_while_lost(event):
        trouble = metrics.note(event)
    if trouble is not None:
        yield trouble


def _told(events: Iterable[Event], past: Sequence[Settled]) -> Iterator[Event]:
    """Tell of what was settled before the run once it has begun."""
    for event in events:
        yield event
        if isinstance(event, RunStarted):
            yield from past
