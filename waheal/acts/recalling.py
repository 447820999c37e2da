"""Takes back what a campaign sent, or gives it another text; knows no screen."""

import hashlib
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote

from waheal.acts import parsing
from waheal.acts.attaching import attached
from waheal.acts.enrolling import FileRows
from waheal.acts.numbers import read_phone
from waheal.acts.orders import Reading
from waheal.acts.run_log import RunLog
from waheal.acts.standstills import note_stop
from waheal.acts.stop import stop
from waheal.acts.whereabouts import note_place
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords
from waheal.acts.workspace import Workspace, find_campaign, key_is_lost, known_labels
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.reading import unfit
from waheal.campaign.templates import TEXT_LIMIT, is_plain
from waheal.engine.past import settle_killed_runs
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.errand_terms import LIMITS, ErrandQuestion, ErrandsImpossible, RunAskedToEnd
from waheal.errors import HomeBusyError, UsageError
from waheal.events import (
    Event,
    KeyLost,
    Preparing,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, ErrandKind, ExitCode, State
from waheal.records import Campaign, CampaignKind
from waheal.store.errands import REACHED, Texts, Which
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.wire import HostSettings

_POLL = 0.1  # seconds between looks whether the run that was asked to has ended


@dataclass(frozen=True, slots=True)
class ErrandOrder:
    """One `recall` or `amend`: of which campaign, which of its messages, and how.

    `devices` and `states` are lists such as `a,shop-*` and `sent,delivered`; what is None leaves
    all in. An amend's text is the `reading`'s message or template; where that has variables, the
    campaign's file is read with the rest of it.
    """

    campaign: str
    kind: ErrandKind = ErrandKind.RECALL
    phone: str | None = None
    region: str | None = None
    devices: str | None = None
    states: str | None = None
    reading: Reading = field(default_factory=Reading)
    skip_bad_rows: bool = False
    pace: Pacing = field(default_factory=Pacing)
    bounds: Bounds = field(default_factory=Bounds)
    machinery: Machinery = field(default_factory=Machinery)
    replies: ReplyWords = field(default_factory=ReplyWords)
    show_numbers: bool = False
    keep_replies: bool = False

    def settings(self) -> RunSettings:
        """Give what the engine is to do; under which name, the ledger says."""
        self.machinery.read()
        longest = self.bounds.max_runtime
        return RunSettings(
            campaign=self.campaign,
            limits=self.pace.limits(),
            keep_replies=self.keep_replies,
            max_runtime=parsing.duration(longest, "--max-runtime") if longest else None,
            max_tries=self.bounds.max_tries,
            max_wait=parsing.duration(self.bounds.max_wait, "--max-wait"),
            ledger_wait=parsing.duration(self.bounds.ledger_wait, "--ledger-wait"),
        )


def recall(workspace: Workspace, order: ErrandOrder | str) -> "Recalling":
    """Take back for everyone what a campaign sent: iterate it for its events.

    Safe to interrupt and to run again: nothing that was taken back is taken back twice. `order`
    may be the campaign's name alone; its `kind` says whether it is amended instead. A run of that
    campaign is asked to end first, and waited for.

    >>> list(waheal.recall(home, "demo"))[-1].tally[waheal.State.FAILED]
    0

    Raises:
        UsageError: an option can't be read; while it is iterated, what a command ends with:
        UsageError, HomeBusyError, HomeUnusableError, OwnFault.
    """
    return Recalling(workspace, order if isinstance(order, ErrandOrder) else ErrandOrder(order))


class Recalling:
    """One recall or amend, from the ledger to the run's end.

    Nothing happens before it is iterated. `exit_code` is what the command line ends with, once the
    last event was told.
    """

    def __init__(self, workspace: Workspace, order: ErrandOrder) -> None:
        self._workspace = workspace
        self._order = order
        self._kind = order.kind
        self._limit = LIMITS[order.kind]
        self._settings = order.settings()
        self._words = order.replies.words()
        self._phone = None if order.phone is None else read_phone(order.phone, order.region)
        self._states = _states(order.states)
        self._wording = _wording(order) if order.kind is ErrandKind.AMEND else ""
        self._run: Run | None = None
        self.exit_code = ExitCode.OK

    def __iter__(self) -> Iterator[Preparing | Event]:
        """Do it, telling what happens."""
        home = self._workspace.home()
        question = self._question(home)
        if self._workspace.real:
            yield question
            if question.declined:
                self.exit_code = ExitCode.LEFT_OVER
                return
        lock = yield from self._locked(home, question.campaign)
        with lock, self._workspace.ledger(home) as ledger:
            past = self._settled(home, ledger)
            if key_is_lost(home, ledger):
                yield KeyLost()
            with attached(self._workspace, home, ledger) as target:
                errand = yield from self._enrolled(ledger)
                yield from self._done(home, lock, ledger, target.host, errand, past)

    def drain(self, reason: str = "interrupted") -> None:
        """Claim nothing more; let what is in flight finish. Safe in a signal handler."""
        if self._run is not None:
            self._run.drain(reason)

    def abandon(self) -> None:
        """End at once, and leave what is in flight in doubt. Safe in a signal handler."""
        if self._run is not None:
            self._run.abandon()

    # What is meant, and whether it may be.

    def _question(self, home: Home) -> ErrandQuestion:
        with self._workspace.ledger(home, readonly=True) as ledger:
            parent = self._parent(ledger)
            which = self._which(ledger, parent)
            count = ledger.errands.look(parent, self._kind, which, self._limit, time.time())
        holder = HomeLock.holder(home)
        running = holder is not None and holder.alive and holder.campaign == parent.name
        return ErrandQuestion(
            self._kind, parent.name, count, holder.pid if holder is not None and running else None
        )

    def _parent(self, ledger: Ledger) -> Campaign:
        found = find_campaign(ledger, self._order.campaign)
        if found.kind not in {CampaignKind.CAMPAIGN, CampaignKind.TEST}:
            raise UsageError(
                f"{found.name} has sent no messages of its own",
                hint="name the campaign that it is about",
            )
        return found

    def _which(self, ledger: Ledger, parent: Campaign) -> Which:
        chosen = parsing.labels(self._order.devices)
        if chosen is None:
            return Which(self._phone, None, self._states)
        senders = ledger.errands.senders(parent.id)
        if unknown := chosen.unmatched(senders):
            raise UsageError(
                f"no device called {unknown[0]!r} has sent anything of {parent.name}",
                hint=f"`waheal report {quote(parent.name)}` tells which have",
            )
        devices = frozenset(DeviceId(each) for each in senders if each in chosen)
        return Which(self._phone, devices, self._states)

    def _locked(self, home: Home, campaign: str) -> Generator[Preparing, None, HomeLock]:
        """Take the home's lock, once a run of that very campaign has ended as it was asked to."""
        asked: int | None = None
        while True:
            try:
                return HomeLock.acquire(home, what=f"waheal {self._kind} {campaign}")
            except HomeBusyError:
                holder = HomeLock.holder(home)
                gone = holder is None and asked is not None
                if not gone and (holder is None or holder.campaign != campaign):
                    raise
            if holder is not None and holder.pid != asked:
                asked = holder.pid
                yield RunAskedToEnd(campaign, asked)
                stop(self._workspace)
            time.sleep(_POLL)

    def _settled(self, home: Home, ledger: Ledger) -> list[Settled]:
        """Settle what a killed run left; told is what was this one's."""
        known = ledger.errands.of(self._parent(ledger).id).get(self._kind)
        found = settle_killed_runs(home, ledger, ledger.now(), known.id if known else None)
        return [replace(each, before=each.state) for each in found]  # the tally has them already

    def _enrolled(self, ledger: Ledger) -> Generator[Preparing, None, Campaign]:
        now = time.time()
        parent = self._parent(ledger)
        texts = self._texts(ledger, parent)
        with ledger.transaction():
            digest = hashlib.sha256(self._wording.encode()).hexdigest() if self._wording else None
            errand = ledger.errands.open(parent, self._kind, digest, now)
            which = self._which(ledger, parent)
            counts = ledger.errands.enrol(parent, errand, which, self._limit, now, texts=texts)
            if not counts:
                raise UsageError(
                    f"nothing that {parent.name} sent is meant",
                    hint=f"see what it sent: `waheal export {quote(parent.name)}`",
                )
        if impossible := tuple((why, many) for why, many in counts.items() if why):
            yield ErrandsImpossible(self._kind, impossible)
        return errand

    def _texts(self, ledger: Ledger, parent: Campaign) -> Texts:
        """Give what the messages are to say: the same for all, or one a row of the file."""
        reading = replace(self._order.reading, no_message_column=True, media=None)
        if is_plain(self._wording) and reading.opt_out_footer is None:
            return self._wording
        path = Path(parent.path)
        if not path.is_file():
            raise UsageError(
                f"the text has variables, and the file of {parent.name} is gone: {path}",
                hint="put it back, or give a text without variables",
            )
        known = known_labels(ledger)
        file = open_campaign_file(path, reading.options(known, self._workspace.private))
        rows = FileRows(file, self._order.skip_bad_rows)
        return [(row.phone, row.content.text) for row in rows]

    # The run.

    def _done(
        self,
        home: Home,
        lock: HomeLock,
        ledger: Ledger,
        host: HostSettings,
        errand: Campaign,
        past: list[Settled],
    ) -> Iterator[Event]:
        note_place(home, ledger)
        devices, machinery = len(ledger.devices.all(time.time())), self._order.machinery
        settings = replace(
            self._settings,
            campaign=errand.name,
            host=machinery.settings(host, devices),
            hosts=machinery.sizes(devices).hosts,
        )
        self._run = run = Run(
            home, lock, ledger, settings, words=self._words, zone=parsing.machine_zone()
        )
        with (
            RunLog(home.logs, clock=time.time, show_numbers=self._order.show_numbers) as log,
            closing(run.events()) as events,
        ):
            for event in self._told(ledger, errand, events, past):
                log.write(event)
                note_stop(ledger, errand, event)
                if isinstance(event, RunFinished):
                    self.exit_code = event.exit_code
                yield event

    def _told(
        self, ledger: Ledger, errand: Campaign, events: Iterator[Event], past: list[Settled]
    ) -> Iterator[Event]:
        """Tell of the run, and as it starts what was settled before, and what can't be done."""
        for event in events:
            if not isinstance(event, RunStarted):
                yield event
                continue
            name = self._parent(ledger).name
            yield replace(event, campaign=name, errand=self._kind, under=errand.name)
            yield from past
            for phone, device, state, why in ledger.errands.impossible(errand.id):
                yield Settled(phone, device, state, 1, None, why, before=state)


def _states(text: str | None) -> frozenset[State] | None:
    """Read which states of recipients are meant, such as `sent,uncertain`."""
    if text is None:
        return None
    words = [word.strip().lower() for word in text.split(",")]
    known = {state.value: state for state in REACHED}
    if unknown := [word for word in words if word not in known]:
        raise UsageError(
            f"--state: {unknown[0]!r} is no state in which something has left",
            hint=f"one or more of {', '.join(sorted(known))}",
        )
    return frozenset(known[word] for word in words)


def _wording(order: ErrandOrder) -> str:
    """Give the text, or its template, that amended messages are to have."""
    choices = order.reading.options(None, Path())
    text = choices.template_text if choices.message is None else choices.message
    if text is None or not text.strip():
        raise UsageError(
            "there is no text to amend the messages to", hint="give one: --message or --template"
        )
    if is_plain(text) and (found := unfit(text)):
        raise UsageError(f"the text holds {found}", hint="take it out")
    if is_plain(text) and len(text) > TEXT_LIMIT:
        raise UsageError(f"the text is longer than {TEXT_LIMIT:,} characters", hint="shorten it")
    return text
